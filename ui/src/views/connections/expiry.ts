// When credentials end, in words; how near that is, the desk decides. Pure.
import type { Expiry, Tone } from '$lib/api/types';
import { day } from '$lib/shared/time';

export function expiry(end: Expiry | null, now: number): { tone: Tone; words: string } | null {
	if (end === null) return null;
	const words = () => {
		switch (end.nearness) {
			case 'over':
				return 'credentials ended';
			case 'fine':
				return `until ${day(end.at_ms, now)}`;
			default:
				if (end.days === 0) return 'credentials end within a day';
				return `credentials end in ${end.days} ${end.days === 1 ? 'day' : 'days'}`;
		}
	};
	return { tone: end.tone, words: words() };
}
