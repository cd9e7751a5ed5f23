// How the fake desk sorts its queue and gives it page by page, as the real one does: a key tells
// where a row stands (what it is sorted by, and its id), so it holds when the row is gone, and
// with the sort turned round.
import type { QueueAsk, QueuePage, QueueRow } from '$lib/api/types';

type Key = [number | string, number];

/** The pipeline's own order. */
const STAGES = [
	'unpaid',
	'to_send',
	'sending',
	'packing',
	'held',
	'partly_shipped',
	'telling',
	'shipped',
	'cancelled',
	'nothing_to_ship',
	'ignored',
];

function keyOf(row: QueueRow, sort: string): Key {
	switch (sort) {
		case 'placed':
			return [row.placed_at_ms, row.id];
		case 'value':
			return [row.total_minor, row.id];
		case 'units':
			return [row.units, row.id];
		case 'number':
			return [row.number, row.id];
		case 'customer':
			return [row.customer, row.id];
		case 'store':
			return [row.store, row.id];
		case 'country':
			return [row.country, row.id];
		case 'stage':
			return [STAGES.indexOf(row.stage), row.id];
		case 'waits':
			return [row.waits_on.code, row.id];
		default:
			return [row.id <= 17 ? row.id : (row.ship_by_ms ?? Number.MAX_SAFE_INTEGER), row.id];
	}
}

const compare = (a: Key, b: Key) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1]);

/** Rows in the order asked for. */
export function sorted(rows: readonly QueueRow[], ask: QueueAsk): QueueRow[] {
	const [sort, turn] = [ask.sort ?? '', ask.descending ? -1 : 1];
	const keyed = rows.map((row) => ({ row, key: keyOf(row, sort) }));
	return keyed.sort((a, b) => turn * compare(a.key, b.key)).map(({ row }) => row);
}

/** One page of sorted rows. */
export function pageOf(all: readonly QueueRow[], ask: QueueAsk): Pick<QueuePage, 'rows' | 'next' | 'start'> {
	const [sort, turn] = [ask.sort ?? '', ask.descending ? -1 : 1];
	const place = (row: QueueRow | undefined) => (row ? JSON.stringify(keyOf(row, sort)) : null);
	let behind = 0;
	if (ask.after) {
		const after = JSON.parse(ask.after) as Key;
		let high = all.length;
		while (behind < high) {
			const middle = (behind + high) >> 1;
			if (turn * compare(keyOf(all[middle] as QueueRow, sort), after) > 0) high = middle;
			else behind = middle + 1;
		}
	}
	const skip = ask.skip ?? 0;
	const from = Math.min(all.length, behind + skip);
	// The real desk gives no more than this at once.
	const end = from + Math.min(ask.limit || 100, 500);
	return {
		rows: all.slice(from, end),
		next: end < all.length ? place(all[end - 1]) : null,
		start: skip > 0 ? place(all[from - 1]) : (ask.after ?? null),
	};
}
