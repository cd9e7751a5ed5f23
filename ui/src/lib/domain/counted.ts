// Numbers that are not counted to the end say so.
import type { Counts } from '$lib/api/types';
import { count } from '$lib/shared/money';

/** Whether there are more than the number says. */
export const isMore = (counts: Counts, what: 'today' | 'at_risk' | 'late') => counts.at_least.includes(what);

/** "1,234", or "10,000+" where there are more. */
export function counted(counts: Counts, what: 'today' | 'at_risk' | 'late'): string {
	return `${count(counts[what])}${isMore(counts, what) ? '+' : ''}`;
}
