// When credentials end, in words that fit how near it is. Pure.
import type { Tone } from '$lib/api/types';
import { day, daysBetween } from '$lib/shared/time';

export function expiry(at: number | null, now: number): { tone: Tone; words: string } | null {
	if (at === null) return null;
	const days = daysBetween(now, at);
	if (at <= now || days < 0) return { tone: 'danger', words: 'credentials ended' };
	if (days === 0) return { tone: 'danger', words: 'credentials end today' };
	if (days <= 14) return { tone: 'warning', words: `credentials end in ${days} ${days === 1 ? 'day' : 'days'}` };
	return { tone: 'neutral', words: `until ${day(at, now)}` };
}
