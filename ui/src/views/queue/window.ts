// Which rows to draw, and which columns in which order and width. Rows are equally high and
// columns have one width each, so all of this is arithmetic. Pure.
import type { ColumnChoice } from '$lib/api/types';
import { t } from '$lib/shared/words.svelte';

export interface Slice {
	first: number;
	/** One past the last. */
	end: number;
}

export function visible(scroll: number, height: number, row: number, total: number, over = 8): Slice {
	const first = Math.max(0, Math.floor(scroll / row) - over);
	const end = Math.min(total, Math.ceil((scroll + height) / row) + over);
	return { first: Math.min(first, end), end };
}

/** Where to scroll so that row `index` is seen, moving as little as possible. */
export function reveal(index: number, scroll: number, height: number, row: number): number {
	const top = index * row;
	if (top < scroll) return top;
	if (top + row > scroll + height) return top + row - height;
	return scroll;
}

export interface Column {
	id: string;
	label: string;
	/** Grid track. */
	track: string;
	/** Width it needs before it is worth showing, px. */
	width: number;
	/** Lower goes first when there is no room; 0 always stays. */
	priority: number;
	sort?: string;
	end?: boolean;
	/** Shown only when chosen. */
	optional?: boolean;
	/** Always there, at its place: ticks, and the sentence that takes what is left. */
	fixed?: boolean;
}

const column = (id: string, labelId: string, more: Omit<Column, 'id' | 'label'>): Column => ({
	id,
	// Asked for when it is shown, in the language of then.
	get label() {
		return t(labelId);
	},
	...more,
});

export const COLUMNS: readonly Column[] = [
	{ id: 'tick', label: '', track: '34px', width: 34, priority: 0, fixed: true },
	column('number', 'column-order', { track: '84px', width: 84, priority: 0, sort: 'number' }),
	column('age', 'column-age', { track: '64px', width: 64, priority: 2, sort: 'placed', optional: true }),
	column('store', 'column-channel', { track: '118px', width: 118, priority: 4, sort: 'store' }),
	column('customer', 'column-customer', { track: 'minmax(146px, 1fr)', width: 148, priority: 8, sort: 'customer' }),
	column('to', 'column-to', { track: '104px', width: 104, priority: 5, sort: 'country' }),
	column('lines', 'column-lines', { track: '52px', width: 52, priority: 1, end: true, optional: true }),
	column('units', 'column-units', { track: '104px', width: 104, priority: 3, sort: 'units' }),
	column('value', 'column-value', { track: '100px', width: 100, priority: 6, sort: 'value', end: true }),
	column('stage', 'column-stage', { track: '116px', width: 116, priority: 2, sort: 'stage', optional: true }),
	column('hub', 'column-hub', { track: '120px', width: 120, priority: 2, optional: true }),
	column('tags', 'column-tags', { track: '120px', width: 120, priority: 1, optional: true }),
	column('ship_by', 'column-ship-by', { track: '148px', width: 148, priority: 9, sort: 'ship_by' }),
	column('waits', 'column-waits', { track: 'minmax(0, 3fr)', width: 330, priority: 0, sort: 'waits', fixed: true }),
];

/** Narrowest and widest a person can make a column, px; the desk holds the same. */
export const NARROWEST = 40;
export const WIDEST = 900;

/** Every column a person can arrange, with what they chose; new ones stand where the program has them. */
export function arrangement(chosen: readonly ColumnChoice[]): ColumnChoice[] {
	const own = COLUMNS.filter((column) => !column.fixed);
	const known = chosen.filter((choice) => own.some((column) => column.id === choice.id));
	const list = [...known];
	for (const [i, column] of own.entries()) {
		if (known.some((choice) => choice.id === column.id)) continue;
		const choice = { id: column.id, shown: !column.optional, width_px: 0, pinned: false };
		// After its neighbour, wherever that was put.
		const neighbour = own[i - 1];
		const after = neighbour ? list.findIndex((each) => each.id === neighbour.id) : -1;
		list.splice(after + 1, 0, choice);
	}
	return list;
}

/** The columns that fit, in their order: the least important leave first, pinned ones never. */
export function columnsFor(width: number, chosen: readonly ColumnChoice[]): Column[] {
	const [tick, waits] = [COLUMNS[0] as Column, COLUMNS.at(-1) as Column];
	const arranged = arrangement(chosen)
		.filter((choice) => choice.shown || choice.id === 'number')
		.map((choice): Column => {
			const column = COLUMNS.find((each) => each.id === choice.id) as Column;
			const wide = choice.width_px === 0 ? {} : { width: choice.width_px, track: `${choice.width_px}px` };
			return { ...column, ...wide, ...(choice.pinned ? { priority: 0 } : {}) };
		});
	let kept = [tick, ...arranged, waits];
	const need = () => kept.reduce((sum, column) => sum + column.width, 0) + 16;
	const leaving = kept.filter((column) => column.priority > 0).sort((a, b) => a.priority - b.priority);
	for (const column of leaving) {
		if (need() <= width) break;
		kept = kept.filter((each) => each !== column);
	}
	return kept;
}
