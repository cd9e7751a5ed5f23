// What an act ends in, in one sentence for whoever sees no list below it. Pure.
import type { ActOutcome } from '$lib/api/types';
import { count as number } from '$lib/shared/money';

const reasons = (outcome: ActOutcome) => [...new Set(outcome.refused.map((each) => each.sentence))];

/** The sentence of the desk; where nothing was done it stands before a list, so here the reason itself is said. */
export function told(outcome: ActOutcome): string {
	const [first] = outcome.refused;
	if (outcome.done > 0 || first === undefined) return outcome.sentence;
	const all = reasons(outcome);
	if (all.length > 1) return `Nothing was done, for ${number(all.length)} reasons.`;
	if (outcome.refused.length > 1) return `Nothing was done, ${number(outcome.refused.length)} times: ${first.sentence}`;
	return first.sentence.includes(first.label) ? first.sentence : `${first.label}: ${first.sentence}`;
}

/** There is nothing more to see than what was said. */
export function isToldWhole(outcome: ActOutcome): boolean {
	return outcome.done === 0 && outcome.refused.length === 1;
}
