// The queue's keys, as entries of the palette and of the key sheet.
import type { Targets, Verb } from '$lib/api/types';
import { acts } from '$lib/domain/acts.svelte';
import type { Command } from '$lib/domain/commands.svelte';
import { READY } from '$lib/domain/views.svelte';
import { t } from '$lib/shared/words.svelte';

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

/** What the queue is grouped by, and the message that says so. */
const GROUPS = [
	['', 'group-by-none'],
	['due', 'group-by-due'],
	['waits', 'group-by-waits'],
	['store', 'group-by-store'],
	['stage', 'group-by-stage'],
	['country', 'group-by-country'],
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
		move('q-down', t('key-next-order'), ['j', 'ArrowDown'], () => 1),
		move('q-up', t('key-previous-order'), ['k', 'ArrowUp'], () => -1),
		move('q-page-down', t('key-page-down'), ['PageDown'], () => hands.page()),
		move('q-page-up', t('key-page-up'), ['PageUp'], () => -hands.page()),
		move('q-home', t('key-first-order'), ['Home'], () => -hands.total()),
		move('q-end', t('key-last-order'), ['End'], () => hands.total()),
		only('q-tick', t('key-tick'), ['x'], () => hands.tick(false)),
		only('q-range', t('key-range'), ['shift+x'], () => hands.tick(true)),
		only('q-ext-down', t('key-extend-down'), ['shift+j', 'shift+ArrowDown'], () => hands.extend(1)),
		only('q-ext-up', t('key-extend-up'), ['shift+k', 'shift+ArrowUp'], () => hands.extend(-1)),
		{ id: 'q-all', title: t('grid-select-all'), group: 'List', keys: ['mod+a'], act: hands.tickAll },
		{
			id: 'q-news',
			title: t('key-news'),
			group: 'List',
			keys: ['.'],
			because: () => (hands.hasNews() ? null : t('key-news-none')),
			act: hands.news,
		},
		{
			id: 'q-open',
			title: t('key-open'),
			group: 'Order',
			keys: ['Enter'],
			act: () => hands.open(true),
		},
		{
			id: 'q-peek',
			title: t('key-peek'),
			group: 'Order',
			keys: ['Space'],
			because: () => (hands.here() ? null : t('key-select-first')),
			act: () => hands.open(false),
		},
		verb('q-retry', t('verb-retry'), 'r', 'retry'),
		verb('q-sync', t('key-sync'), 'y', 'sync'),
		verb('q-hold', t('key-hold'), 'h', 'hold'),
		verb('q-done', t('verb-resolve'), 'e', 'resolve'),
		verb('q-snooze', t('key-snooze'), 's', 'snooze'),
		verb('q-assign', t('key-assign'), 'a', 'assign'),
		verb('q-label', t('key-label'), 'l', 'buy_label'),
		verb('q-release', t('verb-release'), null, 'release'),
		verb('q-approve', t('key-approve'), null, 'approve'),
		verb('q-push', t('bulk-push'), null, 'push', t('key-push-warning')),
		verb('q-cancel', t('key-cancel'), null, 'cancel', t('key-cancel-warning')),
		only('q-escape', t('key-escape'), ['Escape'], hands.escape),
		{ id: 'q-columns', title: t('key-columns'), group: 'View', act: hands.columns },
		...GROUPS.map(([by, title]): Command => ({
			id: `group-${by || 'none'}`,
			title: t(title),
			group: 'View',
			act: () => hands.group(by),
		})),
		...READY.map((each): Command => ({
			id: `view-${each.id}`,
			title: t('key-view', { view: each.label }),
			group: 'Go to',
			act: () => hands.view(each.id),
		})),
	];
}
