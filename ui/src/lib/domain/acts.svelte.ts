// Doing things: what asks first, what can be taken back, and what became of it. Screens call
// `acts`, the dialogs show what it holds, the outcome is a toast. Nothing here decides
// whether an act is allowed: the desk does, and says why not.
import { asTrouble, desk } from '$lib/api/desk';
import type {
	Act,
	Action,
	ActOutcome,
	Cause,
	ExceptionView,
	OrderDetail,
	QueueRow,
	Targets,
	Trouble,
	Verb,
} from '$lib/api/types';
import { copy } from '$lib/shared/copy';
import { count as number, plural } from '$lib/shared/money';
import { route } from '$lib/shared/route.svelte';
import { toasts } from '$lib/shared/toasts.svelte';
import { app } from './app.svelte';
import { isToldWhole, told } from './told';

export type Asking =
	| { kind: 'hold'; targets: Targets; what: string }
	| { kind: 'cancel'; targets: Targets; what: string; warning: string | null }
	| { kind: 'refund'; id: number; number: string; warning: string | null }
	| {
			kind: 'confirm';
			verb: Verb;
			targets: Targets;
			title: string;
			words: string;
			warning: string | null;
			button: string;
			/** Ask for a reason too. */
			reason: boolean;
	  }
	| { kind: 'edit'; entries: ExceptionView[] }
	| { kind: 'results'; outcome: ActOutcome }
	| { kind: 'assign'; targets: Targets; what: string }
	| { kind: 'mute'; cause: Cause; title: string }
	/** `labels`: the labels there are; else what another one would cost. */
	| { kind: 'label'; id: number; number: string; labels: boolean }
	| { kind: 'labels'; targets: Targets; what: string }
	| { kind: 'tie'; id: number; number: string }
	/** Another store's order: the same sale, or another one after all. `other` names it; empty: to be typed. */
	| { kind: 'sale'; verb: 'link' | 'unlink'; id: number; number: string; other: string; otherNumber: string }
	| { kind: 'snooze'; targets: Targets; what: string };

/** A group of exceptions as it is listed now. Its buttons act on these entries and on no others. */
export interface Listed {
	cause: Cause;
	count: number;
	view: string;
	text: string;
}

/** So many entries of a cause the desk lists; beyond them only the whole cause can be reached. */
export const LISTED = 1000;

/** How many entries the buttons of a group take hold of. */
export function reached(group: Listed): number {
	return isWhole(group) ? group.count : Math.min(group.count, LISTED);
}

function entriesWords(group: Listed): string {
	const n = reached(group);
	return n < group.count ? `the first ${number(n)} of ${number(group.count)} entries` : plural(n, 'entry', 'entries');
}

/** An entry in a question; one that stands for several says for how many more. */
function entryWords(entry: ExceptionView): string {
	const name = entry.order?.number ?? entry.counted ?? entry.title;
	const more = entry.all.length - 1;
	return more > 0 ? `${name} and ${number(more)} more` : name;
}

/** So many at once are worth a list of their own. */
const MANY = 10;

class Acts {
	asking = $state.raw<Asking | null>(null);
	#last = -Infinity;

	/** Ms since a person did something here. */
	sinceLast(): number {
		return performance.now() - this.#last;
	}

	close(): void {
		this.asking = null;
	}

	/** Does it, says what became of it, offers the way back. A form hears of trouble itself, to show it where it belongs. */
	async perform(
		verb: Verb,
		targets: Targets,
		more: Partial<Act> = {},
		refuse: (trouble: Trouble) => void = (trouble) => app.trouble(trouble),
	): Promise<ActOutcome | null> {
		try {
			const outcome = await desk().act({
				verb,
				targets,
				reason: '',
				until_ms: null,
				fields: {},
				refund: false,
				restock: false,
				notify: false,
				...more,
			});
			this.#tell(outcome);
			this.#last = performance.now();
			return outcome;
		} catch (thrown) {
			refuse(asTrouble(thrown));
			return null;
		}
	}

	#tell(outcome: ActOutcome): void {
		const undo = outcome.undo;
		toasts.show({
			tone: outcome.refused.length > 0 ? 'warning' : 'success',
			sentence: told(outcome),
			...(undo === null ? {} : { undo: () => void this.undo(undo), token: undo }),
			more:
				(outcome.refused.length > 0 && !isToldWhole(outcome)) || outcome.done >= MANY
					? {
							label: outcome.refused.length > 0 ? `See ${outcome.refused.length} refused` : 'See each',
							act: () => (this.asking = { kind: 'results', outcome }),
						}
					: undefined,
		});
	}

	async undo(token: string): Promise<void> {
		toasts.used(token);
		const outcome = await app.attempt(() => desk().undo(token));
		this.#last = performance.now();
		if (outcome) this.#tell(outcome);
	}

	/** Reads one order, one account or everything again. */
	async sync(scope: Parameters<ReturnType<typeof desk>['sync_now']>[0]): Promise<void> {
		await app.attempt(() => desk().sync_now(scope));
	}

	hold(targets: Targets, what: string): void {
		this.asking = { kind: 'hold', targets, what };
	}
	assign(targets: Targets, what: string): void {
		this.asking = { kind: 'assign', targets, what };
	}
	mute(cause: Cause, title: string): void {
		this.asking = { kind: 'mute', cause, title };
	}
	/** Keeps a cause quiet or lets it be heard; the way back is in the toast. */
	async putMute(cause: Cause, muted: boolean, until_ms: number | null, title: string): Promise<boolean> {
		const done = await app.attempt(async () => {
			// The way back leads to what was: a mute that had an end gets that end again.
			const before = (await desk().cause(cause)).muted;
			await desk().mute_cause(cause, muted, until_ms);
			return { before };
		});
		if (done === null) return false;
		const sentence = muted ? `Muted “${title}”` : `“${title}” is heard again`;
		const { before } = done;
		const back = () => {
			const until = before?.until_ms ?? null;
			if (until === null || until > desk().now()) return void this.putMute(cause, before !== null, until, title);
			toasts.show({ tone: 'neutral', sentence: `“${title}” stays as it is: its mute would have ended by now.` });
		};
		toasts.show({ tone: 'success', sentence, undo: back });
		void app.refreshCounts();
		return true;
	}
	snooze(targets: Targets, what: string): void {
		this.asking = { kind: 'snooze', targets, what };
	}
	cancel(targets: Targets, what: string, warning: string | null = null): void {
		this.asking = { kind: 'cancel', targets, what, warning };
	}
	refund(id: number, number: string, warning: string | null = null): void {
		this.asking = { kind: 'refund', id, number, warning };
	}
	/** Labels are bought where their prices are seen first. */
	labels(targets: Targets, what: string): void {
		const id = targets.of === 'orders' && targets.which.length === 1 ? targets.which[0] : undefined;
		if (id === undefined) this.asking = { kind: 'labels', targets, what };
		else this.asking = { kind: 'label', id, number: what, labels: false };
	}
	edit(entries: ExceptionView[]): void {
		this.asking = { kind: 'edit', entries };
	}

	/** A verb on orders or effects; asks first where it cannot be taken back. */
	ask(verb: Verb, targets: Targets, what: string, warning: string | null = null): void {
		switch (verb) {
			case 'hold':
				return this.hold(targets, what);
			case 'snooze':
				return this.snooze(targets, what);
			case 'assign':
				return this.assign(targets, what);
			case 'cancel':
				return this.cancel(targets, what, warning);
			case 'refund': {
				// Money is given back for one order at a time.
				const id = targets.of === 'orders' ? targets.which[0] : undefined;
				if (id !== undefined) this.refund(id, what, warning);
				return;
			}
			case 'buy_label':
				return this.labels(targets, what);
			case 'push':
			case 'approve':
			case 'void_label':
			case 'return_label':
			case 'ship_anyway':
			case 'skip': {
				if ((verb === 'push' || verb === 'approve') && warning === null && !isMany(targets)) break;
				const texts = CONFIRM[verb];
				this.asking = {
					kind: 'confirm',
					verb,
					targets,
					title: `${texts.title} ${what}?`,
					words: texts.words,
					warning,
					button: texts.button,
					reason: verb === 'skip',
				};
				return;
			}
			default:
		}
		void this.perform(verb, targets);
	}

	/** The entries of a group, up to what the desk lists; a screen may show its first ones only. */
	async entriesOf(group: Listed): Promise<ExceptionView[] | null> {
		const { view, cause, text } = group;
		const page = await app.attempt(() => desk().exceptions({ view, cause, text }));
		return page?.groups.flatMap((each) => each.entries) ?? null;
	}

	/** What the buttons of a group are about: the whole cause, or under a search and among what is put away just what is listed. */
	async targetsOf(group: Listed): Promise<Targets | null> {
		if (isWhole(group)) return { of: 'cause', which: group.cause };
		const entries = await this.entriesOf(group);
		return entries && { of: 'exceptions', which: entries.flatMap((entry) => entry.all) };
	}

	/** A verb on a whole group; asks first where that is due. */
	async onGroup(verb: Verb, group: Listed): Promise<void> {
		const targets = await this.targetsOf(group);
		if (targets) this.ask(verb, targets, entriesWords(group));
	}

	/** The button of an exception, or of all entries of its cause. */
	async onException(action: Action, entries: ExceptionView[], group: Listed | null): Promise<void> {
		const first = entries[0];
		if (!first) return;
		const targets = group
			? await this.targetsOf(group)
			: ({ of: 'exceptions', which: entries.flatMap((entry) => entry.all) } as const);
		if (!targets) return;
		const n = group?.count ?? entries.length;
		const what = n === 1 ? entryWords(first) : group ? entriesWords(group) : plural(n, 'entry', 'entries');
		switch (action) {
			case 'retry':
			case 'look_now':
			case 'resolve':
			case 'release':
			case 'link':
				await this.perform(action, targets);
				return;
			case 'approve':
			case 'skip':
			case 'void_label':
			case 'ship_anyway':
				return this.ask(action, targets, what);
			case 'cancel_in_channel':
				return this.cancel(targets, what);
			case 'edit_and_retry': {
				// A group shows its first entries only; editing wants them all.
				const listed = group ? await this.entriesOf(group) : null;
				const all = listed && listed.length > 0 ? listed : entries;
				const mendable = all.filter((entry) => entry.editable.length > 0);
				if (mendable.length > 0) return this.edit(mendable);
				toasts.show({ tone: 'neutral', sentence: `${what} has nothing left to mend.` });
				return;
			}
			case 'connect':
				return route.go('connections', { sheet: 'add' });
			case 'switch_on':
				return route.go('automations');
			case 'map_sku':
				return route.go('automations', { tab: 'aliases' });
			case 'choose_customer':
				return route.go('exceptions', { page: 'which_customer' });
			case 'sign_in':
				return route.go('connections', { id: first.connection ?? '', sheet: 'rotate' });
			case 'who_writes':
				return route.go('connections', { id: first.order?.connection ?? '' });
			case 'refund':
				// Money is given back for one order at a time.
				if (first.order) this.refund(first.order.id, first.order.number);
				return;
			case 'open_channel':
			case 'open_hub':
				if (first.order) await this.openAt(first.order.id, action);
				else if (first.page !== null) await this.openPage(first.page);
				return;
			case 'open_tracking':
				if (first.page !== null) await this.openPage(first.page);
				return;
			case 'copy_order':
				if (first.order) await this.copyOrder(first.order.id, first.order.number);
				else await this.copyText(first.counted ?? first.title, () => desk().entry_text(first.id));
				return;
		}
	}

	/** The one button in a queue row or in the drawer's box. */
	async onOrder(action: Action, row: QueueRow, detail?: OrderDetail): Promise<void> {
		const targets: Targets = { of: 'orders', which: [row.id] };
		switch (action) {
			case 'open_channel':
			case 'open_hub':
				return this.openAt(row.id, action, detail);
			case 'open_tracking': {
				const full = detail ?? (await app.attempt(() => desk().order(row.id)));
				const page = full?.exceptions.find((entry) => entry.actions.includes('open_tracking'))?.page;
				if (page) return this.openPage(page);
				if (full) toasts.show({ tone: 'neutral', sentence: `${row.number} has no page at its carrier.` });
				return;
			}
			case 'copy_order':
				return this.copyOrder(row.id, row.number);
			case 'connect':
				return route.go('connections', { sheet: 'add' });
			case 'switch_on':
				return route.go('automations');
			case 'map_sku':
				return route.go('automations', { tab: 'aliases' });
			case 'choose_customer':
				return route.go('exceptions', { page: 'which_customer' });
			case 'sign_in': {
				// The store may have said no, or the hub: the entry knows which.
				const full = detail ?? (await app.attempt(() => desk().order(row.id)));
				if (!full) return;
				const signs = full.exceptions.filter((entry) => entry.actions.includes('sign_in'));
				const entry = signs.find((each) => row.waits_on.code === `cause:${each.cause}`) ?? signs[0];
				return route.go('connections', { id: entry?.connection ?? row.connection, sheet: 'rotate' });
			}
			case 'who_writes':
				return route.go('connections', { id: row.connection });
			case 'refund':
				return this.refund(row.id, row.number);
			case 'cancel_in_channel':
				return this.cancel(targets, row.number);
			case 'approve':
			case 'void_label':
			case 'ship_anyway':
			case 'skip':
				return this.ask(action, targets, row.number);
			case 'edit_and_retry': {
				const full = detail ?? (await app.attempt(() => desk().order(row.id)));
				const entries = full?.exceptions.filter((entry) => entry.editable.length > 0) ?? [];
				if (entries.length > 0) return this.edit(entries);
				if (full) toasts.show({ tone: 'neutral', sentence: `${row.number} has nothing left to mend.` });
				return;
			}
			case 'retry':
			case 'look_now':
			case 'resolve':
			case 'release':
			case 'link':
				await this.perform(action, targets);
		}
	}

	/** Puts on the clipboard what somebody types in at an account that takes no orders from outside. */
	async copyOrder(id: number, number: string): Promise<void> {
		await this.copyText(number, () => desk().order_text(id));
	}

	/** The same of anything that is asked for; `what`: what it is called. */
	async copyText(what: string, ask: () => Promise<string>): Promise<void> {
		const text = await app.attempt(ask);
		if (text === null) return;
		const done = await copy(text);
		toasts.show({
			tone: done ? 'success' : 'danger',
			sentence: done ? `${what} copied, line by line` : `${what} could not be copied.`,
		});
	}

	/** Ties a hub order to an order; `null` when it is tied, else why not. */
	async tie(id: number, hubOrder: string, anyway: boolean): Promise<string | null> {
		return this.#join('link', id, { hub_order: hubOrder, ...(anyway ? { anyway: 'yes' } : {}) });
	}

	/** Says that another store's order is the same sale, or another one; at first only what comes of it. */
	async sale(verb: 'link' | 'unlink', id: number, other: string, anyway: boolean): Promise<string | null> {
		return this.#join(verb, id, { order: other, ...(anyway ? { anyway: 'yes' } : {}) });
	}

	async #join(verb: 'link' | 'unlink', id: number, fields: Record<string, string>): Promise<string | null> {
		const outcome = await desk().act({
			verb,
			targets: { of: 'orders', which: [id] },
			reason: '',
			until_ms: null,
			fields,
			refund: false,
			restock: false,
			notify: false,
		});
		const refused = outcome.refused[0];
		if (refused) return refused.sentence;
		this.#tell(outcome);
		this.#last = performance.now();
		return null;
	}

	/** Opens an account's own pages. */
	async openPage(url: string): Promise<void> {
		await app.attempt(() => desk().open_link(url));
	}

	/** Opens the order's page at its store or at the hub. */
	async openAt(id: number, where: 'open_channel' | 'open_hub', detail?: OrderDetail): Promise<void> {
		const full = detail ?? (await app.attempt(() => desk().order(id)));
		if (!full) return;
		const atStore = (label: string) => label.includes(full.platform);
		const link = full.links.find((each) => atStore(each.label) === (where === 'open_channel'));
		if (link) await app.attempt(() => desk().open_link(link.url));
		else {
			const place = where === 'open_channel' ? full.platform : 'the hub';
			toasts.show({ tone: 'neutral', sentence: `${full.row.number} has no page at ${place} yet.` });
		}
	}
}

const CONFIRM = {
	push: { title: 'Send', words: 'The order goes to the hub now, whatever the rules wait for.', button: 'Send now' },
	approve: {
		title: 'Approve',
		words: 'What was prepared is sent. Sent changes cannot be called back.',
		button: 'Approve',
	},
	void_label: {
		title: 'Void the label of',
		words:
			'The label stops being valid and the carrier gives the postage back, usually within some weeks. If the parcel has left already, do not void it.',
		button: 'Void label',
	},
	return_label: {
		title: 'Buy a return label for',
		words:
			'The hub buys a label that brings the newest parcel back to you, with the carrier that took it. Most carriers charge it once it is used; it can be voided until then.',
		button: 'Buy return label',
	},
	ship_anyway: {
		title: 'Ship anyway:',
		words: 'The warehouse ships what it has, although the store says otherwise.',
		button: 'Ship anyway',
	},
	skip: {
		title: 'Give up',
		words: 'Quayside will not send this change. The order stays as it is on both sides.',
		button: 'Give up',
	},
} as const;

/** The buttons are about the whole cause, not about what is listed of it. */
function isWhole(group: Listed): boolean {
	return group.text === '' && group.view !== 'snoozed';
}

function isMany(targets: Targets): boolean {
	return !('which' in targets) || !Array.isArray(targets.which) || targets.which.length > 1;
}

export const acts = new Acts();
