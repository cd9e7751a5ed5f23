// Time as people say it. Pure: now and zone come in, words go out. The exact instant is
// always a second call away (`exact`), for the title of whatever shows the words.
// Clock times are 24 h; English weekday and month names, because the sentences are English.

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
function format(key: string, options: Intl.DateTimeFormatOptions, zone: Zone): Intl.DateTimeFormat {
	const name = `${key}|${zone ?? ''}`;
	let found = formats.get(name);
	if (!found) {
		found = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone });
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
export function weekday(ms: number, zone?: Zone): string {
	return format('weekday', { weekday: 'short' }, zone).format(ms);
}

/** "Friday" */
export function weekdayLong(ms: number, zone?: Zone): string {
	return format('weekdayLong', { weekday: 'long' }, zone).format(ms);
}

/** "20 Nov", with the year when it is not this one. */
export function day(ms: number, now: number, zone?: Zone): string {
	const p = parts(ms, zone);
	const month = format('month', { month: 'short' }, zone).format(ms);
	return parts(now, zone).year === p.year ? `${p.day} ${month}` : `${p.day} ${month} ${p.year}`;
}

/** "14:02" today, "Thu 14:02" within a week, "12 Nov 14:02" before and after. */
export function moment(ms: number, now: number, zone?: Zone): string {
	const days = daysBetween(now, ms, zone);
	if (days === 0) return clock(ms, zone);
	if (days === 1) return `tomorrow ${clock(ms, zone)}`;
	if (Math.abs(days) < 7) return `${weekday(ms, zone)} ${clock(ms, zone)}`;
	return `${day(ms, now, zone)} ${clock(ms, zone)}`;
}

/** "20 Nov 2026, 14:02": in tables that are read long after. */
export function dayAndClock(ms: number, zone?: Zone): string {
	const p = parts(ms, zone);
	return `${p.day} ${format('month', { month: 'short' }, zone).format(ms)} ${p.year}, ${two(p.hour)}:${two(p.minute)}`;
}

/** "Friday 20 November 2026, 15:00:00 (Europe/Berlin; 14:00:00 UTC)": for titles. */
export function exact(ms: number, zone?: Zone): string {
	// Engines disagree on the comma after the weekday, so the date is put together here.
	const date = `${weekdayLong(ms, zone)} ${format('date', { day: 'numeric', month: 'long', year: 'numeric' }, zone).format(ms)}`;
	const name = zone ?? format('name', {}, zone).resolvedOptions().timeZone;
	const utc = name === 'UTC' ? '' : `; ${clockSeconds(ms, 'UTC')} UTC`;
	return `${date}, ${clockSeconds(ms, zone)} (${name}${utc})`;
}

/** A length of time: "40 s", "51 min", "2 h 32 min", "1 day 3 h", "12 days". Never negative. */
export function duration(ms: number): string {
	const length = Math.max(0, ms);
	if (length < MIN) return `${Math.floor(length / 1000)} s`;
	if (length < HOUR) return `${Math.floor(length / MIN)} min`;
	if (length < DAY) {
		const hours = Math.floor(length / HOUR);
		const minutes = Math.floor((length % HOUR) / MIN);
		return minutes === 0 ? `${hours} h` : `${hours} h ${two(minutes)} min`;
	}
	const days = Math.floor(length / DAY);
	const hours = Math.floor((length % DAY) / HOUR);
	const word = days === 1 ? '1 day' : `${days} days`;
	return hours === 0 || days >= 3 ? word : `${word} ${hours} h`;
}

/** The shortest age, for the rail: "12 s", "4 m", "3 h", "2 d". */
export function age(ms: number): string {
	const length = Math.max(0, ms);
	if (length < MIN) return `${Math.floor(length / 1000)} s`;
	if (length < HOUR) return `${Math.floor(length / MIN)} m`;
	if (length < DAY) return `${Math.floor(length / HOUR)} h`;
	return `${Math.floor(length / DAY)} d`;
}

/** "12 s ago", "1 min ago", "2 h ago", "3 days ago". */
export function ago(ms: number, now: number): string {
	const length = Math.max(0, now - ms);
	if (length < 2000) return 'just now';
	if (length >= HOUR && length < DAY) return `${Math.floor(length / HOUR)} h ago`;
	if (length >= DAY) {
		const days = Math.floor(length / DAY);
		return days === 1 ? '1 day ago' : `${days} days ago`;
	}
	return `${duration(length)} ago`;
}

/** "in 40 s", "in 3 min", "now". */
export function until(ms: number, now: number): string {
	const length = ms - now;
	if (length <= 500) return 'now';
	return `in ${duration(length)}`;
}

/** "since 51 min". */
export function since(ms: number, now: number): string {
	return now - ms < 2000 ? 'since a moment' : `since ${duration(now - ms)}`;
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
		return { words: `late by ${duration(late)}`, urgency: 'late' };
	}
	const soon = atRiskMin * MIN;
	const today = daysBetween(now, shipBy, zone) === 0;
	if (left < 2 * HOUR) {
		const words = left < MIN ? 'under 1 min left' : `${duration(left)} left`;
		return { words, urgency: left <= Math.min(soon, 90 * MIN) ? 'urgent' : 'soon' };
	}
	if (left <= soon || (today && left < 12 * HOUR)) {
		return { words: `${Math.floor(left / HOUR)} h left`, urgency: 'soon' };
	}
	if (today) return { words: `today ${clock(shipBy, zone)}`, urgency: 'calm' };
	return { words: moment(shipBy, now, zone), urgency: 'calm' };
}

/** Puts the clock time of `since_ms` where a sentence from the desk says `{since}`. */
export function fillSince(sentence: string, since_ms: number, now: number, zone?: Zone): string {
	return sentence.replaceAll('{since}', moment(since_ms, now, zone));
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
