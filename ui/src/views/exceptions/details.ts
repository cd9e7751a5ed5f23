// One exception as text, for a ticket or a message to the platform's support.
import type { ExceptionView } from '$lib/api/types';
import { exact } from '$lib/shared/time';

/** `typed`: what somebody has to enter elsewhere, line by line. */
export function detailsOf(entry: ExceptionView, typed: string | null = null): string {
	const facts: [string, string | null | undefined][] = [
		['Cause', `${entry.title} (${entry.cause})`],
		['What happened', entry.sentence],
		['What to do', entry.help],
		['The platform said', entry.said],
		['Order', entry.order ? `${entry.order.number} of ${entry.order.store}` : null],
		['SKU', entry.counted],
		['Account', entry.connection],
		['Looked after by', entry.assignee],
		['Change', entry.effect === null ? null : `effect ${entry.effect}`],
		['First seen', exact(entry.opened_at_ms)],
		['Last seen', `${exact(entry.last_seen_at_ms)}, ${entry.count} times`],
	];
	const text = facts.flatMap(([name, value]) => (value ? [`${name}: ${value}`] : [])).join('\n');
	return typed ? `${text}\n\n${typed}` : text;
}
