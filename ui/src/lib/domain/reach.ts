// What the palette leads to beside places and commands: single settings, views, causes with open
// entries, accounts. One table for the settings, so that a test can walk through it.
import type { Counts, ExceptionGroup } from '$lib/api/types';
import { count as number } from '$lib/shared/money';
import { route } from '$lib/shared/route.svelte';
import { t } from '$lib/shared/words.svelte';

export interface Reach {
	id: string;
	title: string;
	icon: string;
	act: () => void;
}

/** Label as the settings have it, other words people look for (both in the catalogue), and where the control is (`data-testid`). */
export const SETTINGS: readonly [label: string, words: string, testid: string][] = [
	['set-colours', 'set-colours-found-by', 'field-theme-system'],
	['set-rows', 'set-rows-found-by', 'field-density-comfortable'],
	['set-zoom', 'set-zoom-found-by', 'field-zoom'],
	['set-language', 'set-language-found-by', 'field-language'],
	['set-close-to-tray', 'set-close-to-tray-found-by', 'field-close_to_tray'],
	['set-start-at-login', 'set-start-at-login-found-by', 'field-start_at_login'],
	['set-notifications', 'set-notifications-found-by', 'field-notifications'],
	['set-digest', 'set-digest-found-by', 'field-digest'],
	['set-quiet', 'set-quiet-found-by', 'field-quiet_from'],
	['set-at-risk', 'set-at-risk-found-by', 'field-at_risk_min'],
	['set-unfulfilled', 'set-unfulfilled-found-by', 'field-unfulfilled_after_days'],
	['set-promise', 'set-promise-found-by', 'field-promise_days'],
	['set-cut-off', 'set-cut-off-found-by', 'field-cut_off'],
	['set-zone', 'set-zone-found-by', 'field-time_zone'],
	['set-days', 'set-days-found-by', 'field-day-0'],
	['set-holidays', 'set-holidays-found-by', 'field-holidays'],
	['set-raw', 'set-raw-found-by', 'field-keep_raw_days'],
	['set-history', 'set-history-found-by', 'field-keep_history_days'],
	['set-backup', 'set-backup-found-by', 'backup'],
	['set-restore-one', 'set-restore-one-found-by', 'restore'],
	['set-buyer', 'set-buyer-found-by', 'customer'],
];

/** How long a screen may take to show what was asked for, ms. */
const SHOWS_MS = 3000;

/** Gives the focus to a control once its screen shows it. */
export function reveal(testid: string, until_ms = performance.now() + SHOWS_MS): void {
	const found = document.querySelector<HTMLElement>(`main [data-testid="${testid}"]`);
	// Of a choice of several the chosen one takes the focus.
	const target = found?.closest('fieldset')?.querySelector<HTMLElement>('input:checked') ?? found;
	if (target) {
		target.scrollIntoView({ block: 'center' });
		target.focus();
	} else if (performance.now() < until_ms) requestAnimationFrame(() => reveal(testid, until_ms));
}

export function settingsReach(): Reach[] {
	return SETTINGS.map(([label, , testid]) => ({
		id: `set-${testid}`,
		title: t('palette-setting', { name: t(label) }),
		icon: 'gear',
		act: () => {
			route.go('settings');
			reveal(testid);
		},
	}));
}

/** Words a setting is found by besides its label. */
export function settingWords(id: string): string {
	const found = SETTINGS.find(([, , testid]) => `set-${testid}` === id);
	return found ? t(found[1]) : '';
}

export function accountsReach(counts: Counts | null): Reach[] {
	return (counts?.accounts ?? []).map((account) => ({
		id: `account-${account.id}`,
		title: t('palette-account', { name: account.name }),
		icon: 'plug',
		act: () => route.go('connections', { id: account.id }),
	}));
}

export function viewsReach(views: readonly { id: string; label: string }[]): Reach[] {
	return views.map((view) => ({
		id: `view-${view.id}`,
		title: t('palette-view', { view: view.label }),
		icon: 'arrow',
		act: () => route.go('queue', { view: view.id }),
	}));
}

export function causesReach(groups: readonly ExceptionGroup[]): Reach[] {
	return groups.map((group) => ({
		id: `cause-${group.cause}`,
		title: t('palette-cause', { title: group.title, n: number(group.count) }),
		icon: group.icon,
		act: () => route.go('exceptions', { page: group.cause }),
	}));
}
