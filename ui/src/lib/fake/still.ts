// A fake desk whose orders stand still, so that each question is sorted once: for lists of a
// hundred thousand orders that are asked page after page.
import type { QueueAsk, QueueRow } from '$lib/api/types';
import type { FakeDesk } from './fake';

/** Makes its queue quick ; every question is kept in `asked`. */
export function standStill(desk: FakeDesk): { asked: QueueAsk[] } {
	const whole = desk.queue;
	const known = new Map<string, Promise<QueueRow[]>>();
	const asked: QueueAsk[] = [];
	desk.queue = async (ask) => {
		asked.push(ask);
		const key = JSON.stringify([ask.view, ask.text, ask.sort, ask.descending]);
		let rows = known.get(key);
		if (!rows) {
			rows = whole({ ...ask, after: null, limit: Infinity }).then((page) => page.rows);
			known.set(key, rows);
		}
		const all = await rows;
		// An answer comes from outside: the page may do something else meanwhile.
		await new Promise((done) => setTimeout(done));
		const from = ask.after === null ? 0 : Number(ask.after);
		// The real desk gives no more than this at once.
		const end = from + Math.min(ask.limit || 100, 500);
		return {
			rows: all.slice(from, end),
			total: all.length,
			total_at_least: false,
			next: end < all.length ? String(end) : null,
			hints: [],
			as_of_ms: desk.now(),
		};
	};
	return { asked };
}
