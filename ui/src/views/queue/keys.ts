// The queue's keys, as entries of the palette and of the key sheet.
import type { Targets, Verb } from '$lib/api/types';
import { acts } from '$lib/domain/acts.svelte';
import type { Command } from '$lib/domain/commands.svelte';
import { READY } from '$lib/domain/views.svelte';

interface On {
	targets: Targets;
	what: string;
}
/** Why nothing can be done now. */
interface Barred {
	because: string;
}
export type Hand = On | Barred;

/** What the keys need of the screen. */
export interface QueueHands {
	move: (by: number) => void;
	page: () => number;
	total: () => number;
	tick: (range: boolean) => void;
	extend: (by: 1 | -1) => void;
	tickAll: () => void;
	open: (enter: boolean) => void;
	escape: () => void;
	/** The order that is open, the ticked rows, or the current one. */
	on: () => Hand;
	/** There is a row to open. */
	here: () => boolean;
	view: (id: string) => void;
	group: (by: string) => void;
	columns: () => void;
	news: () => void;
	hasNews: () => boolean;
}

const GROUPS = [
	['', 'No groups'],
	['due', 'Group by deadline'],
	['waits', 'Group by what they wait on'],
	['store', 'Group by store'],
	['stage', 'Group by stage'],
	['country', 'Group by country'],
] as const;
export { GROUPS };

export function queueKeys(hands: QueueHands): Command[] {
	const move = (id: string, title: string, keys: string[], by: () => number): Command => ({
		id,
		title,
		group: 'List',
		keys,
		keyOnly: true,
		act: () => hands.move(by()),
	});
	const only = (id: string, title: string, keys: string[], act: () => void): Command => ({
		id,
		title,
		group: 'List',
		keys,
		keyOnly: true,
		act,
	});
	const barred = () => {
		const on = hands.on();
		return 'because' in on ? on.because : null;
	};
	const verb = (id: string, title: string, key: string | null, what: Verb, warning: string | null = null): Command => ({
		id,
		title,
		group: 'Order',
		...(key === null ? {} : { keys: [key] }),
		because: barred,
		act: () => {
			const on = hands.on();
			if (!('because' in on)) acts.ask(what, on.targets, on.what, warning);
		},
	});
	return [
		move('q-down', 'Next order', ['j', 'ArrowDown'], () => 1),
		move('q-up', 'Previous order', ['k', 'ArrowUp'], () => -1),
		move('q-page-down', 'A page down', ['PageDown'], () => hands.page()),
		move('q-page-up', 'A page up', ['PageUp'], () => -hands.page()),
		move('q-home', 'First order', ['Home'], () => -hands.total()),
		move('q-end', 'Last order', ['End'], () => hands.total()),
		only('q-tick', 'Select or unselect', ['x'], () => hands.tick(false)),
		only('q-range', 'Select up to here', ['shift+x'], () => hands.tick(true)),
		only('q-ext-down', 'Extend the selection down', ['shift+j', 'shift+ArrowDown'], () => hands.extend(1)),
		only('q-ext-up', 'Extend the selection up', ['shift+k', 'shift+ArrowUp'], () => hands.extend(-1)),
		{ id: 'q-all', title: 'Select all loaded orders', group: 'List', keys: ['mod+a'], act: hands.tickAll },
		{
			id: 'q-news',
			title: 'Show what came into this list',
			group: 'List',
			keys: ['.'],
			because: () => (hands.hasNews() ? null : 'Nothing new waits.'),
			act: hands.news,
		},
		{
			id: 'q-open',
			title: 'Open the order',
			group: 'Order',
			keys: ['Enter'],
			act: () => hands.open(true),
		},
		{
			id: 'q-peek',
			title: 'Peek: open and stay in the list',
			group: 'Order',
			keys: ['Space'],
			because: () => (hands.here() ? null : 'Select an order first.'),
			act: () => hands.open(false),
		},
		verb('q-retry', 'Retry', 'r', 'retry'),
		verb('q-sync', 'Sync: read it again on both sides', 'y', 'sync'),
		verb('q-hold', 'Hold…', 'h', 'hold'),
		verb('q-done', 'Mark settled', 'e', 'resolve'),
		verb('q-snooze', 'Snooze what is wrong with it…', 's', 'snooze'),
		verb('q-assign', 'Give to somebody…', 'a', 'assign'),
		verb('q-label', 'Buy label…', 'l', 'buy_label'),
		verb('q-release', 'Release', null, 'release'),
		verb('q-approve', 'Approve…', null, 'approve'),
		verb('q-push', 'Send to the hub now…', null, 'push', 'Whatever rules wait for is skipped.'),
		verb('q-cancel', 'Cancel in the store…', null, 'cancel', 'Cancelling cannot be taken back.'),
		only('q-escape', 'Close the order, then clear the selection, then the filter', ['Escape'], hands.escape),
		{ id: 'q-columns', title: 'Arrange the columns…', group: 'View', act: hands.columns },
		...GROUPS.map(([by, title]): Command => ({
			id: `group-${by || 'none'}`,
			title,
			group: 'View',
			act: () => hands.group(by),
		})),
		...READY.map((each): Command => ({
			id: `view-${each.id}`,
			title: `Queue: ${each.label}`,
			group: 'Go to',
			act: () => hands.view(each.id),
		})),
	];
}
