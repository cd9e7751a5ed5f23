// What the exceptions screen derives from its page. Pure.
import type { Action, ExceptionGroup, ExceptionsPage, Targets } from '$lib/api/types';

const again = (page: ExceptionsPage) => page.groups.filter((group) => group.actions.includes('retry'));

/** How many entries "Retry all that can be retried" takes hold of: the desk counts the same groups. Under a search those listed. */
export function retriable(page: ExceptionsPage, searched = false): number {
	return again(page).reduce((sum, group) => sum + (searched ? group.entries.length : group.count), 0);
}

/** Those entries one by one, as a search lists them. */
export function retriableOf(page: ExceptionsPage): Targets {
	return { of: 'exceptions', which: again(page).flatMap((group) => group.entries.flatMap((entry) => entry.all)) };
}

/** Buttons of a group: the primary one and at most one beside it; the rest goes into a menu. */
export function groupButtons(group: ExceptionGroup): { shown: Action[]; more: Action[] } {
	// Opening one order's page makes no sense for several.
	const useful = group.actions.filter((action) => group.count === 1 || !action.startsWith('open_'));
	return { shown: useful.slice(0, 2), more: useful.slice(2) };
}

/** "17 open in 6 causes · 31 mended themselves today". */
export function headline(page: ExceptionsPage): string {
	const open = page.counts['needs_me'] ?? 0;
	const causes = page.groups.length;
	const mended =
		page.mended_today === 0
			? ''
			: ` · ${page.mended_today} mended ${page.mended_today === 1 ? 'itself' : 'themselves'} today`;
	return open === 0
		? `Nothing needs you${mended}`
		: `${open} open in ${causes} ${causes === 1 ? 'cause' : 'causes'}${mended}`;
}

export const VIEWS = [
	{ id: 'needs_me', label: 'Needs me' },
	{ id: 'waiting', label: 'Waiting for a platform' },
	{ id: 'unknown', label: 'Unknown outcome', tone: 'warning' as const },
	{ id: 'snoozed', label: 'Snoozed' },
	{ id: 'muted', label: 'Muted' },
	{ id: 'resolved', label: 'Resolved' },
];
