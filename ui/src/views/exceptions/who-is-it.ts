// What is said of a buyer whom an account could not tell apart, in words. Pure.
import type { CustomerCandidate, CustomerToTell, TheirFact } from '$lib/api/types';

/** A word on a buyer, before it is said. */
export interface Choice {
	buyer: CustomerToTell;
	/** Null: none of them. */
	candidate: CustomerCandidate | null;
	always: boolean;
}

/** What the number keys mean: the candidates in their order. */
export function choices(buyer: CustomerToTell): Choice[] {
	return buyer.candidates.map((candidate) => ({ buyer, candidate, always: false }));
}

/** How a fact of theirs stands to ours: colour never speaks alone. */
export function signOf(theirs: TheirFact): { kind: 'same' | 'differs' | 'unknown'; mark: string; words: string } {
	if (theirs.same === null) return { kind: 'unknown', mark: '', words: '' };
	return theirs.same
		? { kind: 'same', mark: '= ', words: 'the same: ' }
		: { kind: 'differs', mark: '≠ ', words: 'differs: ' };
}

/** What a dialog asks: what is done, and that it stays. */
export function asked({ buyer, candidate, always }: Choice): { title: string; words: string; button: string } {
	const who = buyer.name || 'this buyer';
	if (candidate === null) {
		return {
			title: `Make a new customer of ${who}?`,
			words: `A customer is made in ${buyer.account}, and later orders of ${who} are found by our id on it. This cannot be undone from here: delete the customer there.`,
			button: 'Make a new one',
		};
	}
	const whom = candidate.name || candidate.remote_id;
	const stays = `Our id is written onto ${whom} in ${buyer.account}, with what is missing there; what people wrote stays this time. Later orders may bring address and telephone up to date, as for every customer with our id. This cannot be undone from here: take our id off there.`;
	return always
		? {
				title: `Always take ${who} for ${whom}?`,
				words: `${stays} All later orders of ${who} go to ${whom}, whatever else changes there, until you take it back on this page.`,
				button: 'Always link',
			}
		: { title: `Is ${who} ${whom}?`, words: stays, button: 'Link this one' };
}
