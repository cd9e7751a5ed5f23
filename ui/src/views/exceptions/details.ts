// One exception as text, for a ticket or a message to the platform's support.
import type { ExceptionView } from '$lib/api/types';
import { exact } from '$lib/shared/time';

export function detailsOf(entry: ExceptionView): string {
	const facts: [string, string | null | undefined][] = [
		['Cause', `${entry.title} (${entry.cause})`],
		['What happened', entry.sentence],
		['What to do', entry.help],
		['The platform said', entry.said],
		['Order', entry.order ? `${entry.order.number} of ${entry.order.store}` : null],
		['Account', entry.connection],
		['Looked after by', entry.assignee],
		['Change', entry.effect === null ? null : `effect ${entry.effect}`],
		['First seen', exact(entry.opened_at_ms)],
		['Last seen', `${exact(entry.last_seen_at_ms)}, ${entry.count} times`],
	];
	return facts.flatMap(([name, value]) => (value ? [`${name}: ${value}`] : [])).join('\n');
}
