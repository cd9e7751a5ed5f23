// The keys of exceptions, the same in the list and on the page of one cause: e settles, r tries
// again, s snoozes, h holds, as in the queue. They act on the entry or the cause that has the focus.
import type { Cause, Verb } from '$lib/api/types';
import { acts, type Listed } from '$lib/domain/acts.svelte';
import type { Command } from '$lib/domain/commands.svelte';
import { bindListKeys } from '$lib/domain/list-keys';
import { inOverlay } from '$lib/shared/keys';

/** What the keys need of the screen. */
export interface ExceptionHands {
	list: () => HTMLElement | null;
	/** The order in the drawer. */
	drawn: () => number | null;
	/** The cause of an element of the list. */
	cause: (here: Element) => Cause | null;
	/** A cause as it is listed now, for its heading. */
	group: (cause: Cause) => Listed | null;
	/** Keeps it quiet, or lets it be heard again. */
	mute: (cause: Cause) => void;
	/** Its page; a page of its own has no other. */
	explain?: (cause: Cause) => void;
}

type On = { entry: number; order: number | null; what: string } | { group: Listed };
const NOWHERE = 'Go to an entry first.';

/** Where the keys act: what has the focus in the list, else the entry of the order that is drawn. */
export function focusedIn(hands: ExceptionHands, last: Element | null): Element | null {
	const list = hands.list();
	const active = document.activeElement;
	if (!list) return null;
	if (active && list.contains(active)) return active;
	// The palette and the sheet of keys have the focus only for as long as they are open.
	if (inOverlay() && last && list.contains(last)) return last;
	const drawn = hands.drawn();
	if (drawn === null) return null;
	const same = (each: Element | null) => each?.getAttribute('data-order') === String(drawn);
	return same(last) && list.contains(last) ? last : list.querySelector(`[data-entry] [data-order="${drawn}"]`);
}

/** An entry is read from its row, which is all that the list shows of it. */
function entryOf(here: Element): On | null {
	const row = here.closest<HTMLElement>('[data-entry]');
	if (!row) return null;
	const order = Number(row.querySelector<HTMLElement>('[data-order]')?.dataset['order'] ?? '') || null;
	return { entry: Number(row.dataset['entry']), order, what: row.dataset['what'] ?? '' };
}

export function exceptionKeys(hands: ExceptionHands, last: () => Element | null): Command[] {
	const here = () => focusedIn(hands, last());
	const on = (): On | null => {
		const at = here();
		if (!at) return null;
		const cause = hands.cause(at);
		const group = cause && hands.group(cause);
		return entryOf(at) ?? (group ? { group } : null);
	};
	const causeHere = () => {
		const at = here();
		return at && hands.cause(at);
	};
	const verb = (name: Verb, key: string, title: string): Command => ({
		id: `e-${name}`,
		title,
		group: 'Order',
		keys: [key],
		because: () => {
			const at = on();
			if (!at) return NOWHERE;
			const orderless = name === 'hold' && 'entry' in at && at.order === null;
			return orderless ? `${at.what} is no order, so there is nothing to hold.` : null;
		},
		act: () => {
			const at = on();
			if (!at) return;
			if ('group' in at) void acts.onGroup(name, at.group);
			else if (name === 'hold' && at.order !== null) acts.hold({ of: 'orders', which: [at.order] }, at.what);
			else acts.ask(name, { of: 'exceptions', which: [at.entry] }, at.what);
		},
	});
	const onCause = (id: string, title: string, key: string, act: (cause: Cause) => void): Command => ({
		id,
		title,
		group: 'Order',
		keys: [key],
		because: () => (causeHere() ? null : NOWHERE),
		act: () => {
			const cause = causeHere();
			if (cause) act(cause);
		},
	});
	return [
		...bindListKeys(hands.list, '[data-stop]'),
		verb('retry', 'r', 'Retry'),
		verb('snooze', 's', 'Snooze…'),
		verb('hold', 'h', 'Hold…'),
		verb('resolve', 'e', 'Mark settled'),
		verb('assign', 'a', 'Give to somebody…'),
		...(hands.explain ? [onCause('e-explain', 'Why it happens and how to mend it', 'w', hands.explain)] : []),
		onCause('e-mute', 'Mute this cause, or hear of it again…', 'm', hands.mute),
	];
}
