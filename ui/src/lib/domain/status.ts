// The one table of states: tone, icon and words travel together. Screens never choose a
// colour, they ask here. Sentences about one order come finished from the desk.
import type { Action, CheckState, EffectState, Fixer, Mode, Stage, Tone, Verb } from '$lib/api/types';
import { deadline, type Urgency, type Zone } from '$lib/shared/time';

export interface Look {
	tone: Tone;
	icon: string;
	words: string;
}

/** How far an order is. */
export const STAGES: Record<Stage, Look> = {
	unpaid: { tone: 'neutral', icon: 'card', words: 'Unpaid' },
	to_send: { tone: 'neutral', icon: 'arrow', words: 'To send' },
	sending: { tone: 'info', icon: 'sync', words: 'Sending' },
	packing: { tone: 'neutral', icon: 'clock', words: 'Packing' },
	held: { tone: 'hold', icon: 'pause', words: 'On hold' },
	partly_shipped: { tone: 'info', icon: 'split', words: 'Partly shipped' },
	telling: { tone: 'info', icon: 'arrow', words: 'Telling the store' },
	shipped: { tone: 'success', icon: 'check', words: 'Shipped' },
	cancelled: { tone: 'neutral', icon: 'close', words: 'Cancelled' },
	nothing_to_ship: { tone: 'neutral', icon: 'minus', words: 'Nothing to ship' },
	ignored: { tone: 'neutral', icon: 'minus', words: 'Left alone' },
};

/** Who can mend what an order waits on. */
export const FIXERS: Record<Fixer, string> = {
	merchant: 'You',
	warehouse: 'The warehouse',
	buyer: 'The buyer',
	platform: 'The platform',
	time: 'Nobody needs to',
};

/** Where an effect stands. */
export const EFFECTS: Record<EffectState, Look> = {
	asked: { tone: 'warning', icon: 'hand', words: 'Waits for you' },
	pending: { tone: 'neutral', icon: 'clock', words: 'Waits its turn' },
	running: { tone: 'info', icon: 'sync', words: 'Sent, no answer yet' },
	unknown: { tone: 'info', icon: 'sync', words: 'Answer lost' },
	done: { tone: 'success', icon: 'check', words: 'Done' },
	refused: { tone: 'warning', icon: 'warning', words: 'Refused' },
	skipped: { tone: 'neutral', icon: 'minus', words: 'Given up' },
};

/** How a check went. */
export const CHECKS: Record<CheckState, Look> = {
	works: { tone: 'success', icon: 'check', words: 'Works' },
	limited: { tone: 'warning', icon: 'warning', words: 'Works with a limit' },
	missing: { tone: 'danger', icon: 'close', words: 'Does not work' },
};

/** How far an automation may go. */
export const MODES: Record<Mode, { words: string; means: string }> = {
	off: { words: 'Off', means: 'Does nothing and plans nothing.' },
	watch: { words: 'Watch', means: 'Shows what it would do. Nothing is sent.' },
	ask: { words: 'Ask', means: 'Prepares each change and waits for your click.' },
	auto: { words: 'Auto', means: 'Sends by itself; what it cannot do becomes an exception.' },
};

/** An account's state, for the dot in the rail. */
export const ACCOUNTS: Record<Tone, Look> = {
	success: { tone: 'success', icon: 'check', words: 'fresh' },
	info: { tone: 'info', icon: 'sync', words: 'reading' },
	warning: { tone: 'warning', icon: 'warning', words: 'slow or failing' },
	danger: { tone: 'danger', icon: 'key', words: 'needs you' },
	hold: { tone: 'hold', icon: 'pause', words: 'paused' },
	neutral: { tone: 'neutral', icon: 'pause', words: 'paused' },
};

const URGENCIES: Record<Urgency, { tone: Tone; icon?: string }> = {
	late: { tone: 'danger', icon: 'clock' },
	urgent: { tone: 'danger', icon: 'clock' },
	soon: { tone: 'warning' },
	calm: { tone: 'neutral' },
};

/** The ship-by clock of an order; null when it has none. */
export function shipByLook(
	row: { stage: Stage; ship_by_ms: number | null },
	now: number,
	atRiskMin: number,
	zone?: Zone,
): { tone: Tone; icon?: string; words: string } | null {
	const over = row.stage === 'shipped' || row.stage === 'telling';
	if (over) return { tone: 'success', icon: 'check', words: 'shipped' };
	if (row.stage === 'cancelled') return { tone: 'neutral', icon: 'close', words: 'cancelled' };
	if (row.ship_by_ms === null) return null;
	const { words, urgency } = deadline(row.ship_by_ms, now, atRiskMin, zone);
	return { ...URGENCIES[urgency], words };
}

/** An action on an exception as a button. `code` is the order's or the entry's cause; `pages` say where its pages are. */
export function actionLabel(
	action: Action,
	code = '',
	n = 1,
	pages: { channel_title: string | null; hub_title: string | null } | null = null,
): string {
	const cause = code.replace(/^cause:/, '');
	const many = n > 1;
	switch (action) {
		case 'retry':
			if (cause === 'quiet_channel') return 'Sync now';
			return many ? `Retry ${n}` : 'Retry now';
		case 'skip':
			return many ? `Skip ${n}…` : 'Skip…';
		case 'edit_and_retry':
			if (cause === 'unknown_sku') return many ? 'Map SKUs…' : 'Map SKU…';
			if (cause.startsWith('address')) return many ? 'Edit addresses…' : 'Edit address…';
			if (cause === 'service_refused') return many ? 'Choose services…' : 'Choose service…';
			return 'Edit and retry…';
		case 'look_now':
			return 'Look now';
		case 'sign_in':
			return cause === 'scope_missing' ? 'Grant permission…' : 'Sign in…';
		case 'cancel_in_channel':
			return many ? `Cancel ${n} orders…` : 'Cancel order…';
		case 'void_label':
			return many ? `Void ${n} labels…` : 'Void label…';
		case 'ship_anyway':
			if (cause === 'seen_twice') return many ? `Send ${n} of ours too…` : 'Send ours too…';
			return many ? `Ship ${n} anyway…` : 'Ship anyway…';
		case 'release':
			return many ? `Release ${n}` : 'Release';
		case 'open_channel':
			return `Open in ${pages?.channel_title ?? 'store'}`;
		case 'open_hub':
			return `Open in ${pages?.hub_title ?? 'hub'}`;
		case 'open_tracking':
			return 'Open tracking page';
		case 'copy_order':
			return cause === 'change_by_hand' ? 'Copy the change' : 'Copy the order';
		case 'who_writes':
			return 'Say who writes…';
		case 'refund':
			return 'Give money back…';
		case 'choose_customer':
			return 'Who is it?';
		case 'map_sku':
			return 'Map for all orders…';
		case 'link':
			return many ? `Use the hub’s ${n} copies` : 'Use the hub’s copy';
		case 'resolve':
			return many ? `Mark ${n} settled` : 'Mark settled';
		case 'approve':
			return many ? `Approve ${n}…` : 'Approve';
		case 'connect':
			return 'Connect an account…';
		case 'switch_on':
			return 'Switch it on…';
	}
}

/** What each verb says when it asks, and whether it can be taken back. */
export const VERBS: Record<Verb, { words: string; undoable: boolean }> = {
	sync: { words: 'Sync', undoable: true },
	push: { words: 'Send', undoable: false },
	hold: { words: 'Hold', undoable: true },
	release: { words: 'Release', undoable: true },
	cancel: { words: 'Cancel', undoable: false },
	retry: { words: 'Retry', undoable: false },
	skip: { words: 'Skip', undoable: true },
	approve: { words: 'Approve', undoable: false },
	void_label: { words: 'Void label', undoable: false },
	buy_label: { words: 'Buy label', undoable: false },
	return_label: { words: 'Return label', undoable: false },
	ship_anyway: { words: 'Ship anyway', undoable: false },
	look_now: { words: 'Look now', undoable: true },
	resolve: { words: 'Mark settled', undoable: true },
	link: { words: 'Use the hub’s copy', undoable: false },
	unlink: { words: 'Not this order', undoable: false },
	refund: { words: 'Give money back', undoable: false },
	snooze: { words: 'Snooze', undoable: true },
	wake: { words: 'Wake now', undoable: false },
	assign: { words: 'Give to', undoable: true },
	edit: { words: 'Edit and retry', undoable: false },
};
