// What the palette leads to beside places and commands: single settings, views, causes with open
// entries, accounts. One table for the settings, so that a test can walk through it.
import type { Counts, ExceptionGroup } from '$lib/api/types';
import { count as number } from '$lib/shared/money';
import { route } from '$lib/shared/route.svelte';

export interface Reach {
	id: string;
	title: string;
	icon: string;
	act: () => void;
}

/** Label as the settings have it, other words people look for, and where the control is (`data-testid`). */
export const SETTINGS: readonly [label: string, words: string, testid: string][] = [
	['Colours', 'theme dark light contrast', 'field-theme-system'],
	['Rows', 'density compact comfortable', 'field-density-comfortable'],
	['Zoom', 'size larger smaller', 'field-zoom'],
	['Keep working when the window is closed', 'tray background', 'field-close_to_tray'],
	['Start with the computer', 'login autostart', 'field-start_at_login'],
	['Show desktop notifications', 'alerts', 'field-notifications'],
	['One summary a day', 'digest notifications once', 'field-digest'],
	['Quiet hours', 'night notifications do not disturb', 'field-quiet_from'],
	['At risk', 'warn before late', 'field-at_risk_min'],
	['Unfulfilled', 'after business days', 'field-unfulfilled_after_days'],
	['Promise', 'deadline leave within', 'field-promise_days'],
	['Cut-off', 'deadline', 'field-cut_off'],
	['Zone of the cut-off', 'time zone', 'field-time_zone'],
	['Working days', 'business weekend', 'field-day-0'],
	['Holidays', 'closed', 'field-holidays'],
	['Raw answers', 'keep retention', 'field-keep_raw_days'],
	['History', 'keep retention', 'field-keep_history_days'],
	['Backup', 'back up save copy', 'backup'],
	['Restore a backup', 'back up copy', 'restore'],
	['A buyer’s data', 'privacy forget customer export', 'customer'],
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
		title: `Setting: ${label}`,
		icon: 'gear',
		act: () => {
			route.go('settings');
			reveal(testid);
		},
	}));
}

/** Words a setting is found by besides its label. */
export const settingWords = new Map(SETTINGS.map(([, words, testid]) => [`set-${testid}`, words]));

export function accountsReach(counts: Counts | null): Reach[] {
	return (counts?.accounts ?? []).map((account) => ({
		id: `account-${account.id}`,
		title: `Account: ${account.name}`,
		icon: 'plug',
		act: () => route.go('connections', { id: account.id }),
	}));
}

export function viewsReach(views: readonly { id: string; label: string }[]): Reach[] {
	return views.map((view) => ({
		id: `view-${view.id}`,
		title: `Go to Queue: ${view.label}`,
		icon: 'arrow',
		act: () => route.go('queue', { view: view.id }),
	}));
}

export function causesReach(groups: readonly ExceptionGroup[]): Reach[] {
	return groups.map((group) => ({
		id: `cause-${group.cause}`,
		title: `Cause: ${group.title} (${number(group.count)})`,
		icon: group.icon,
		act: () => route.go('exceptions', { page: group.cause }),
	}));
}
