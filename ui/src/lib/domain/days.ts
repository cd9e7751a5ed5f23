// Days as bars: `2026-11-18` in words, and where a day leads.
import { LOCALES, words } from '$lib/shared/words.svelte';

/** "Wed 18 Nov" */
export function dayLabel(day: string): string {
	// Noon, so that no zone of this computer makes it another day.
	const date = new Date(`${day}T12:00:00`);
	if (Number.isNaN(date.getTime())) return day;
	// Put together here: engines disagree about the comma.
	const locale = LOCALES[words.language];
	const part = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options).format(date);
	if (words.language !== 'en') return part({ weekday: 'short', day: 'numeric', month: 'short' });
	return `${part({ weekday: 'short' })} ${date.getDate()} ${part({ month: 'short' })}`;
}

/** The day of a moment on this computer, `YYYY-MM-DD`. */
export function dayOf(ms: number): string {
	const date = new Date(ms);
	const two = (n: number) => String(n).padStart(2, '0');
	return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Midnight at which a day begins on this computer, ms UTC; null for no day. */
export function dayStart(day: string): number | null {
	if (!/^\d{4}-\d\d-\d\d$/.test(day)) return null;
	const ms = new Date(`${day}T00:00:00`).getTime();
	return Number.isNaN(ms) ? null : ms;
}
