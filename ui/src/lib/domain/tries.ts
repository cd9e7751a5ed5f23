// The tries of one change as text, for whoever asks a platform's support about it.
import type { EffectTries, EffectView, TryView } from '$lib/api/types';

/** What the platform is known by: status, its name for the request, how long it took. */
export function traceOf(one: TryView): string {
	const parts = [
		one.status === null ? null : `HTTP ${one.status}`,
		one.request_id === null ? null : `request ${one.request_id}`,
		`${(one.took_ms / 1000).toFixed(1)} s`,
	];
	return parts.filter((part) => part !== null).join(' · ');
}

/** What is known beyond the platform's answer; nothing where nothing was answered, or nobody looks any more. `at` says a moment in words. */
export function sightOf(
	effect: Pick<EffectView, 'sight' | 'seen_at_ms' | 'account'>,
	at: (ms: number) => string,
): string | null {
	switch (effect.sight) {
		case 'not_yet':
			return 'Answered, not yet seen there';
		case 'seen':
			return effect.seen_at_ms === null ? 'Seen there' : `Seen there: ${at(effect.seen_at_ms)}`;
		case 'missing':
			return `Answered as done, but ${effect.account} does not have it`;
		default:
			return null;
	}
}

export function triesText(effect: EffectView, of: EffectTries): string {
	const lines = [effect.sentence, `At ${effect.account}, key ${effect.key}`];
	if (of.left_out > 0) lines.push(`${of.left_out} earlier tries are not shown`);
	for (const one of of.tries) {
		const why = one.sentence === null ? '' : `. ${one.sentence}`;
		lines.push(`${one.n}. ${new Date(one.at_ms).toISOString()} ${one.words}${why}`);
		if (one.said !== null) lines.push(`   it said: ${one.said}`);
		lines.push(`   ${traceOf(one)}`);
	}
	return lines.join('\n');
}
