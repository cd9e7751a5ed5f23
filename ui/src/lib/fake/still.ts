// A fake desk whose orders stand still, so that each question is sorted once: for lists of a
// hundred thousand orders that are asked page after page.
import type { QueueAsk, QueueRow } from '$lib/api/types';
import type { FakeDesk } from './fake';
import { pageOf } from './paging';

/** Makes its queue quick; every question is kept in `asked`. */
export function standStill(desk: FakeDesk): { asked: QueueAsk[] } {
	const known = new Map<string, QueueRow[]>();
	const asked: QueueAsk[] = [];
	desk.queue = async (ask) => {
		asked.push(ask);
		const key = JSON.stringify([ask.view, ask.text, ask.sort, ask.descending]);
		const all = known.get(key) ?? desk.sorted(ask).rows;
		known.set(key, all);
		// An answer comes from outside: the page may do something else meanwhile.
		await new Promise((done) => setTimeout(done));
		const page = pageOf(all, ask);
		return { ...page, total: all.length, total_at_least: false, hints: [], as_of_ms: desk.now() };
	};
	return { asked };
}
