// Whether anything could be compared between the store and the hub, and how that is said. Pure.
import type { OrderDetail, Stage } from '$lib/api/types';

/** Stages in which the hub has the order: a copy that is not known was not read yet. */
const THERE: readonly Stage[] = ['packing', 'partly_shipped', 'telling'];
/** Stages in which it is in no hub and will not be. */
const NEVER: readonly Stage[] = ['cancelled', 'nothing_to_ship', 'ignored'];

/** The hub's copy was read: its numbers stand beside the store's. */
export function wasRead(detail: OrderDetail): boolean {
	return detail.lines.some((line) => line.at_hub !== null);
}

/** The hub has it, and what it has was not read. */
export function isUnread(detail: OrderDetail): boolean {
	return !wasRead(detail) && THERE.includes(detail.row.stage);
}

/** What was found out, where nothing differs: that all is the same, or why that cannot be said. */
export function compared(detail: OrderDetail): { same: boolean; sentence: string } {
	const hub = detail.hub || 'the hub';
	const not = (sentence: string) => ({ same: false, sentence });
	if (wasRead(detail)) return { same: true, sentence: `Nothing differs between ${detail.platform} and ${hub}.` };
	if (detail.lines.length > 0 && detail.lines.every((line) => line.no_shipping))
		return not(`Nothing of it needs a carrier, so nothing of it is in ${hub}.`);
	const { stage } = detail.row;
	if (THERE.includes(stage)) return not(`What ${hub} has was not read yet, so nothing could be compared.`);
	if (stage === 'sending') return not(`It is on its way to ${hub}; there is nothing to compare yet.`);
	if (stage === 'shipped')
		return not(`${hub.charAt(0).toUpperCase()}${hub.slice(1)} shows no copy of it, so nothing could be compared.`);
	if (NEVER.includes(stage)) return not(`It is not in ${hub}, so there is nothing to compare.`);
	return not(`It is not in ${hub} yet, so there is nothing to compare.`);
}
