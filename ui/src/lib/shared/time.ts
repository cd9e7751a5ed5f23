// Time as people say it. Pure: now and zone come in, words go out. The exact instant is
// always a second call away (`exact`), for the title of whatever shows the words.
// Clock times are 24 h everywhere; names of days and months follow the language of the screens.
import { LOCALES, t, tIn, words, type Language } from './words.svelte';

const MIN = 60_000;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;

/** IANA zone; undefined is this computer's. */
export type Zone = string | undefined;

interface Parts {
	year: number;
	month: number;
	day: number;
	hour: number;
	minute: number;
	second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();
function format(key: string, options: Intl.DateTimeFormatOptions, zone: Zone, tongue: Language): Intl.DateTimeFormat {
	const name = `${key}|${zone ?? ''}|${tongue}`;
	let found = formats.get(name);
	if (!found) {
		found = new Intl.DateTimeFormat(LOCALES[tongue], { ...options, timeZone: zone });
		formats.set(name, found);
	}
	return found;
}

// A list asks for the same instants again and again (now, for every row), and taking one
// apart is dear. Few are kept, so that a window that is open for weeks does not grow.
const taken = new Map<string, Parts>();
function parts(ms: number, zone: Zone): Parts {
	const name = `${ms}|${zone ?? ''}`;
	let found = taken.get(name);
	if (!found) {
		if (taken.size >= 500) taken.clear();
		found = takeApart(ms, zone);
		taken.set(name, found);
	}
	return found;
}

function takeApart(ms: number, zone: Zone): Parts {
	const all = format(
		'parts',
		{
			year: 'numeric',
			month: 'numeric',
			day: 'numeric',
			hour: 'numeric',
			minute: 'numeric',
			second: 'numeric',
			hourCycle: 'h23',
		},
		zone,
		// Only its numbers are read.
		'en',
	).formatToParts(ms);
	const read = (type: string) => Number(all.find((part) => part.type === type)?.value ?? 0);
	return {
		year: read('year'),
		month: read('month'),
		day: read('day'),
		hour: read('hour'),
		minute: read('minute'),
		second: read('second'),
	};
}

/** Calendar days from now to then in the zone: 0 today, 1 tomorrow, −1 yesterday. */
export function daysBetween(now: number, then: number, zone?: Zone): number {
	const a = parts(now, zone);
	const b = parts(then, zone);
	return Math.round((Date.UTC(b.year, b.month - 1, b.day) - Date.UTC(a.year, a.month - 1, a.day)) / DAY);
}

const two = (n: number) => String(n).padStart(2, '0');

/** "14:02" */
export function clock(ms: number, zone?: Zone): string {
	const p = parts(ms, zone);
	return `${two(p.hour)}:${two(p.minute)}`;
}

/** "14:02:40" */
export function clockSeconds(ms: number, zone?: Zone): string {
	const p = parts(ms, zone);
	return `${two(p.hour)}:${two(p.minute)}:${two(p.second)}`;
}

/** "Fri" */
export function weekday(ms: number, zone?: Zone, tongue = words.language): string {
	return format('weekday', { weekday: 'short' }, zone, tongue).format(ms);
}

/** "Friday" */
export function weekdayLong(ms: number, zone?: Zone): string {
	return format('weekdayLong', { weekday: 'long' }, zone, words.language).format(ms);
}

function dated(ms: number, year: 'numeric' | undefined, zone: Zone, tongue: Language): string {
	const options: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short', ...(year ? { year } : {}) };
	if (tongue !== 'en') return format(`day|${year}`, options, zone, tongue).format(ms);
	const p = parts(ms, zone);
	const month = format('month', { month: 'short' }, zone, tongue).format(ms);
	return year ? `${p.day} ${month} ${p.year}` : `${p.day} ${month}`;
}

/** "20 Nov", with the year when it is not this one. */
export function day(ms: number, now: number, zone?: Zone, tongue = words.language): string {
	const thisYear = parts(now, zone).year === parts(ms, zone).year;
	return dated(ms, thisYear ? undefined : 'numeric', zone, tongue);
}

/** "14:02" today, "Thu 14:02" within a week, "12 Nov 14:02" before and after. */
export function moment(ms: number, now: number, zone?: Zone, tongue = words.language): string {
	const days = daysBetween(now, ms, zone);
	if (days === 0) return clock(ms, zone);
	if (days === 1) return tIn(tongue, 'time-tomorrow', { clock: clock(ms, zone) });
	if (Math.abs(days) < 7) return `${weekday(ms, zone, tongue)} ${clock(ms, zone)}`;
	return `${day(ms, now, zone, tongue)} ${clock(ms, zone)}`;
}

/** "20 Nov 2026, 14:02": in tables that are read long after. */
export function dayAndClock(ms: number, zone?: Zone): string {
	return `${dated(ms, 'numeric', zone, words.language)}, ${clock(ms, zone)}`;
}

/** "Friday 20 November 2026, 15:00:00 (Europe/Berlin; 14:00:00 UTC)": for titles. */
export function exact(ms: number, zone?: Zone): string {
	// Engines disagree on the comma after the weekday, so the date is put together here.
	const tongue = words.language;
	const long: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'long', year: 'numeric' };
	const date =
		tongue === 'en'
			? `${weekdayLong(ms, zone)} ${format('date', long, zone, tongue).format(ms)}`
			: format('dateAndWeekday', { weekday: 'long', ...long }, zone, tongue).format(ms);
	const name = zone ?? format('name', {}, zone, tongue).resolvedOptions().timeZone;
	const utc = name === 'UTC' ? '' : `; ${clockSeconds(ms, 'UTC')} UTC`;
	return `${date}, ${clockSeconds(ms, zone)} (${name}${utc})`;
}

/**
 * A length of time: "40 s", "51 min", "2 h 32 min", "1 day 3 h", "12 days". Never negative.
 * `days` names the message of whole days: after "in" and "since" some languages have another form.
 */
function lengthOf(ms: number, whole: 'time-days' | 'time-days-after'): string {
	const length = Math.max(0, ms);
	if (length < MIN) return t('time-seconds', { n: Math.floor(length / 1000) });
	if (length < HOUR) return t('time-minutes', { n: Math.floor(length / MIN) });
	if (length < DAY) {
		const hours = Math.floor(length / HOUR);
		const minutes = Math.floor((length % HOUR) / MIN);
		return minutes === 0 ? t('time-hours', { n: hours }) : t('time-hours-minutes', { hours, minutes: two(minutes) });
	}
	const days = Math.floor(length / DAY);
	const hours = Math.floor((length % DAY) / HOUR);
	const word = t(whole, { n: days });
	return hours === 0 || days >= 3 ? word : t('time-days-hours', { days: word, hours });
}

export const duration = (ms: number): string => lengthOf(ms, 'time-days');
const durationAfter = (ms: number): string => lengthOf(ms, 'time-days-after');

/** The shortest age, for the rail: "12 s", "4 m", "3 h", "2 d". */
export function age(ms: number): string {
	const length = Math.max(0, ms);
	if (length < MIN) return t('time-age-seconds', { n: Math.floor(length / 1000) });
	if (length < HOUR) return t('time-age-minutes', { n: Math.floor(length / MIN) });
	if (length < DAY) return t('time-age-hours', { n: Math.floor(length / HOUR) });
	return t('time-age-days', { n: Math.floor(length / DAY) });
}

/** "12 s ago", "1 min ago", "2 h ago", "3 days ago". */
export function ago(ms: number, now: number): string {
	const length = Math.max(0, now - ms);
	if (length < 2000) return t('time-just-now');
	// Of hours and days only the whole ones.
	const said = length < HOUR ? length : length - (length % (length < DAY ? HOUR : DAY));
	return t('time-ago', { length: durationAfter(said) });
}

/** "in 40 s", "in 3 min", "now". */
export function until(ms: number, now: number): string {
	const length = ms - now;
	if (length <= 500) return t('time-now');
	return t('time-in', { length: durationAfter(length) });
}

/** "since 51 min". */
export function since(ms: number, now: number): string {
	return now - ms < 2000 ? t('time-since-a-moment') : t('time-since', { length: durationAfter(now - ms) });
}

export type Urgency = 'late' | 'urgent' | 'soon' | 'calm';
export interface Deadline {
	words: string;
	urgency: Urgency;
}

/**
 * A ship-by as a clock. Late: by how much. Within two hours, or the person's own
 * "at risk" time: how much is left. Later today: whole hours. Then the day.
 */
export function deadline(shipBy: number, now: number, atRiskMin: number, zone?: Zone): Deadline {
	const left = shipBy - now;
	if (left < 0) {
		// Minutes stop mattering after some hours.
		const late = -left >= 10 * HOUR && -left < DAY ? Math.floor(-left / HOUR) * HOUR : -left;
		return { words: t('time-late-by', { length: duration(late) }), urgency: 'late' };
	}
	const soon = atRiskMin * MIN;
	const today = daysBetween(now, shipBy, zone) === 0;
	if (left < 2 * HOUR) {
		const said = left < MIN ? t('time-under-a-minute-left') : t('time-left', { length: duration(left) });
		return { words: said, urgency: left <= Math.min(soon, 90 * MIN) ? 'urgent' : 'soon' };
	}
	if (left <= soon || (today && left < 12 * HOUR)) {
		return { words: t('time-left', { length: t('time-hours', { n: Math.floor(left / HOUR) }) }), urgency: 'soon' };
	}
	if (today) return { words: t('time-today', { clock: clock(shipBy, zone) }), urgency: 'calm' };
	return { words: moment(shipBy, now, zone), urgency: 'calm' };
}

/** Puts the clock time of `since_ms` where a sentence from the desk says `{since}`; the desk speaks English so far. */
export function fillSince(sentence: string, since_ms: number, now: number, zone?: Zone): string {
	return sentence.replaceAll('{since}', moment(since_ms, now, zone, 'en'));
}

/** Minutes after midnight as "14:05", and back. */
export function minutesToClock(minutes: number): string {
	return `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
}
export function clockToMinutes(text: string): number | null {
	const match = /^(\d{1,2}):(\d{2})$/.exec(text.trim());
	if (!match) return null;
	const hours = Number(match[1]);
	const minutes = Number(match[2]);
	return hours < 24 && minutes < 60 ? hours * 60 + minutes : null;
}

/** Local value of an `<input type="datetime-local">` for an instant, and back. */
export function toLocalInput(ms: number): string {
	const p = parts(ms, undefined);
	return `${p.year}-${two(p.month)}-${two(p.day)}T${two(p.hour)}:${two(p.minute)}`;
}
export function fromLocalInput(text: string): number | null {
	// Where the engine has no picker this is a plain text field: "2026-11-21 09:00".
	const ms = new Date(text.trim().replace(' ', 'T')).getTime();
	return Number.isNaN(ms) ? null : ms;
}

/** The instant at `hour` o'clock, `days` calendar days from now, on this computer's clock. */
export function atHour(now: number, days: number, hour: number): number {
	const date = new Date(now);
	date.setDate(date.getDate() + days);
	date.setHours(hour, 0, 0, 0);
	return date.getTime();
}

/** Next working Monday at `hour`. */
export function nextMonday(now: number, hour: number): number {
	const weekdayNow = new Date(now).getDay();
	return atHour(now, ((8 - weekdayNow) % 7 || 7) as number, hour);
}
