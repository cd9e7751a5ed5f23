// What can be chosen beside a cancellation or a refund. What no store honours is not shown as a
// choice; what happens instead is said.
import type { Choice, ChoiceOffer } from '$lib/api/types';

export const LABELS: Record<Choice, string> = {
	refund: 'Give the money back',
	restock: 'Put the units back on the shelf',
	notify: 'Tell the buyer',
};

export type Chosen = Record<Choice, boolean>;

/** Nothing is chosen that was not shown. */
export function sent(offers: readonly ChoiceOffer[], chosen: Chosen): Chosen {
	const shown = (choice: Choice) => offers.some((offer) => offer.choice === choice && offer.honoured);
	return {
		refund: chosen.refund && shown('refund'),
		restock: chosen.restock && shown('restock'),
		notify: chosen.notify && shown('notify'),
	};
}
