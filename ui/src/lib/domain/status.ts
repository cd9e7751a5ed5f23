// The one table of states: tone, icon and words travel together. Screens never choose a
// colour, they ask here. Sentences about one order come finished from the desk.
import type { Action, CheckState, EffectState, Fixer, Mode, Stage, Tone, Verb } from '$lib/api/types';
import { deadline, type Urgency, type Zone } from '$lib/shared/time';
import { t } from '$lib/shared/words.svelte';

export interface Look {
	tone: Tone;
	icon: string;
	words: string;
}

// Words are asked for when they are shown: another language may be spoken by then.
const look = (tone: Tone, icon: string, id: string): Look => ({
	tone,
	icon,
	get words() {
		return t(id);
	},
});

/** How far an order is. */
export const STAGES: Record<Stage, Look> = {
	unpaid: look('neutral', 'card', 'stage-unpaid'),
	to_send: look('neutral', 'arrow', 'stage-to-send'),
	sending: look('info', 'sync', 'stage-sending'),
	packing: look('neutral', 'clock', 'stage-packing'),
	held: look('hold', 'pause', 'stage-held'),
	partly_shipped: look('info', 'split', 'stage-partly-shipped'),
	telling: look('info', 'arrow', 'stage-telling'),
	shipped: look('success', 'check', 'stage-shipped'),
	cancelled: look('neutral', 'close', 'stage-cancelled'),
	nothing_to_ship: look('neutral', 'minus', 'stage-nothing-to-ship'),
	ignored: look('neutral', 'minus', 'stage-ignored'),
};

/** Who can mend what an order waits on. */
export const FIXERS: Record<Fixer, string> = {
	get merchant() {
		return t('fixer-merchant');
	},
	get warehouse() {
		return t('fixer-warehouse');
	},
	get buyer() {
		return t('fixer-buyer');
	},
	get platform() {
		return t('fixer-platform');
	},
	get time() {
		return t('fixer-time');
	},
};

/** Where an effect stands. */
export const EFFECTS: Record<EffectState, Look> = {
	asked: look('warning', 'hand', 'effect-asked'),
	pending: look('neutral', 'clock', 'effect-pending'),
	running: look('info', 'sync', 'effect-running'),
	unknown: look('info', 'sync', 'effect-unknown'),
	done: look('success', 'check', 'effect-done'),
	refused: look('warning', 'warning', 'effect-refused'),
	skipped: look('neutral', 'minus', 'effect-skipped'),
};

/** How a check went. */
export const CHECKS: Record<CheckState, Look> = {
	works: look('success', 'check', 'check-works'),
	limited: look('warning', 'warning', 'check-limited'),
	missing: look('danger', 'close', 'check-missing'),
};

const mode = (id: string, meansId: string): { words: string; means: string } => ({
	get words() {
		return t(id);
	},
	get means() {
		return t(meansId);
	},
});

/** How far an automation may go. */
export const MODES: Record<Mode, { words: string; means: string }> = {
	off: mode('mode-off', 'mode-off-means'),
	watch: mode('mode-watch', 'mode-watch-means'),
	ask: mode('mode-ask', 'mode-ask-means'),
	auto: mode('mode-auto', 'mode-auto-means'),
};

/** An account's state, for the dot in the rail. */
export const ACCOUNTS: Record<Tone, Look> = {
	success: look('success', 'check', 'account-fresh'),
	info: look('info', 'sync', 'account-reading'),
	warning: look('warning', 'warning', 'account-failing'),
	danger: look('danger', 'key', 'account-needs-you'),
	hold: look('hold', 'pause', 'account-paused'),
	neutral: look('neutral', 'pause', 'account-paused'),
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
	if (over) return { tone: 'success', icon: 'check', words: t('ship-by-shipped') };
	if (row.stage === 'cancelled') return { tone: 'neutral', icon: 'close', words: t('ship-by-cancelled') };
	if (row.ship_by_ms === null) return null;
	const { words, urgency } = deadline(row.ship_by_ms, now, atRiskMin, zone);
	return { ...URGENCIES[urgency], words };
}

const openIn = (place: string | null, nameless: string) =>
	place === null ? t(nameless) : t('action-open-in', { place });

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
			if (cause === 'quiet_channel') return t('sync-now');
			return many ? t('action-retry-many', { n }) : t('action-retry');
		case 'skip':
			return many ? t('action-skip-many', { n }) : t('action-skip');
		case 'edit_and_retry':
			if (cause === 'unknown_sku') return many ? t('action-map-skus') : t('action-map-sku');
			if (cause.startsWith('address')) return many ? t('action-edit-addresses') : t('action-edit-address');
			if (cause === 'service_refused') return many ? t('action-choose-services') : t('action-choose-service');
			return t('action-edit-and-retry');
		case 'look_now':
			return t('action-look-now');
		case 'sign_in':
			return cause === 'scope_missing' ? t('action-grant') : t('action-sign-in');
		case 'cancel_in_channel':
			return many ? t('action-cancel-orders', { n }) : t('action-cancel-order');
		case 'void_label':
			return many ? t('action-void-labels', { n }) : t('action-void-label');
		case 'ship_anyway':
			if (cause === 'seen_twice') return many ? t('action-send-ours-too-many', { n }) : t('action-send-ours-too');
			return many ? t('action-ship-anyway-many', { n }) : t('action-ship-anyway');
		case 'release':
			return many ? t('action-release-many', { n }) : t('action-release');
		case 'open_channel':
			return openIn(pages?.channel_title ?? null, 'action-open-in-store');
		case 'open_hub':
			return openIn(pages?.hub_title ?? null, 'action-open-in-hub');
		case 'open_tracking':
			return t('action-open-tracking');
		case 'copy_order':
			return cause === 'change_by_hand' ? t('action-copy-change') : t('action-copy-order');
		case 'who_writes':
			return t('action-who-writes');
		case 'refund':
			return t('action-refund');
		case 'choose_customer':
			return t('action-who-is-it');
		case 'map_sku':
			return t('action-map-for-all');
		case 'link':
			return many ? t('action-link-many', { n }) : t('action-link');
		case 'resolve':
			return many ? t('action-resolve-many', { n }) : t('action-resolve');
		case 'approve':
			return many ? t('action-approve-many', { n }) : t('action-approve');
		case 'connect':
			return t('action-connect');
		case 'switch_on':
			return t('action-switch-on');
	}
}

const verb = (id: string, undoable: boolean): { words: string; undoable: boolean } => ({
	get words() {
		return t(id);
	},
	undoable,
});

/** What each verb says when it asks, and whether it can be taken back. */
export const VERBS: Record<Verb, { words: string; undoable: boolean }> = {
	sync: verb('verb-sync', true),
	push: verb('verb-push', false),
	hold: verb('verb-hold', true),
	release: verb('verb-release', true),
	cancel: verb('verb-cancel', false),
	retry: verb('verb-retry', false),
	skip: verb('verb-skip', true),
	approve: verb('verb-approve', false),
	void_label: verb('verb-void-label', false),
	buy_label: verb('verb-buy-label', false),
	return_label: verb('verb-return-label', false),
	ship_anyway: verb('verb-ship-anyway', false),
	look_now: verb('verb-look-now', true),
	resolve: verb('verb-resolve', true),
	link: verb('verb-link', false),
	unlink: verb('verb-unlink', false),
	refund: verb('verb-refund', false),
	snooze: verb('verb-snooze', true),
	wake: verb('verb-wake', false),
	assign: verb('verb-assign', true),
	edit: verb('verb-edit', false),
};
