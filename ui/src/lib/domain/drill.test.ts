import { describe, expect, it } from 'vitest';
import type { Cell, Holds, Report, Table } from '$lib/api/types';
import { behindAddress, behindFigure, behindRow, charts, leads, rowAddress } from './drill';

const text = (words: string): Cell => ({ is: 'text', text: words });
const count = (n: number): Cell => ({ is: 'count', count: n });
const order = (id: number): Cell => ({ is: 'order', id, number: `#${id}` });
const empty: Cell = { is: 'empty' };
const table = (code: string, columns: [string, Holds][], rows: Cell[][]): Table => ({
	...{ code, title: code, words: '', rows },
	columns: columns.map(([label, holds]) => ({ label, holds })),
});

const weeks = table(
	'weeks',
	[
		['Week', 'text'],
		['Shipped', 'count'],
	],
	[
		[text('w1'), count(1)],
		[text('w2'), count(2)],
	],
);
const carriers = table('carriers', [['Carrier and service', 'text']], [[text('UPS, Ground')]]);
const causes = table(
	'exceptions_where',
	[
		['Cause', 'text'],
		['Store', 'text'],
		['Week', 'text'],
		['New', 'count'],
	],
	[
		[text('Late'), text('Goods'), text('w1'), count(1)],
		[text('Late'), text('EU'), text('w2'), count(3)],
	],
);
const begun = table(
	'begun',
	[
		['Order', 'order'],
		['Cause', 'text'],
		['Store', 'text'],
		['Week', 'text'],
	],
	[
		[order(1), text('Late'), text('Goods'), text('w1')],
		[order(2), text('Late'), text('EU'), text('w2')],
	],
);
const orders = table(
	'orders',
	[
		['Order', 'order'],
		['Store', 'text'],
		['Store says', 'text'],
		['Carrier', 'text'],
		['Service', 'text'],
		['Week bought', 'text'],
		['Week left', 'text'],
		['Late by', 'hours'],
	],
	[
		[order(1), text('Goods'), text('EU'), text('UPS'), text('Ground'), text('w1'), text('w2'), empty],
		[order(2), text('EU'), text('paid'), text('UPS'), text('Air'), text('w2'), empty, { is: 'hours', hours: 3 }],
	],
);
const stores = table('stores', [['Store', 'text']], [[text('EU')], [text('')]]);
const report = {
	tables: [weeks, stores, carriers, causes, begun, orders],
	figures: [
		{ label: 'Late', behind: { table: 'orders', filled: ['Late by'], empty: [] } },
		{ label: 'Left in time', behind: { table: 'orders', filled: ['Week left'], empty: ['Late by'] } },
		{ label: 'Parcels', behind: null },
	],
} as unknown as Report;
const ids = (found: ReturnType<typeof behindRow>) =>
	found?.rows.map((row) => (row[0]?.is === 'order' ? row[0].id : 0)) ?? null;

describe('what stands behind a number', () => {
	it('is the rows with the same words in the columns both tables have', () => {
		for (const [of, at, expected] of [
			// Bought in it, or left in it.
			[weeks, 0, [1]],
			[weeks, 1, [1, 2]],
			// Its own column, and not one that only begins so.
			[stores, 0, [2]],
			// Two columns of the one are one of the other.
			[carriers, 0, [1]],
			// In the table that knows causes.
			[causes, 1, [2]],
		] as const)
			expect(ids(behindRow(report, of, of.rows[at] ?? [])), `${of.code} ${at}`).toEqual(expected);
		// A row without a name, and an order, lead nowhere.
		expect(leads(report, stores, stores.rows[1] ?? [])).toBe(false);
		expect(leads(report, orders, orders.rows[0] ?? [])).toBe(false);
	});

	it('is what a figure says', () => {
		expect(ids(behindFigure(report, 'Late'))).toEqual([2]);
		expect(ids(behindFigure(report, 'Left in time'))).toEqual([1]);
		expect(behindFigure(report, 'Parcels')).toBeNull();
	});

	it('has an address that finds it again, and none when it is gone', () => {
		expect(ids(behindAddress(report, 'figure:Late'))).toEqual([2]);
		expect(rowAddress(causes, causes.rows[1] ?? [])).toBe('exceptions_where:Late|EU|w2');
		expect(ids(behindAddress(report, 'exceptions_where:Late|EU|w2'))).toEqual([2]);
		for (const gone of ['', 'figure:', 'stores:Nobody', 'nothing:EU']) expect(behindAddress(report, gone)).toBeNull();
	});
});

it('draws weeks, each bar with its way, and new exceptions', () => {
	const found = charts(report, (address) => `#${address}`);
	expect(found.map((chart) => chart.title)).toEqual(['Shipped per week', 'New exceptions per week']);
	expect(found[0]?.bars.map((bar) => [bar.href, bar.parts[0]?.n])).toEqual([
		['#weeks:w1', 1],
		['#weeks:w2', 2],
	]);
	expect(found[1]?.bars.map((bar) => bar.parts[0]?.n)).toEqual([1, 3]);
	expect(charts({ ...report, tables: [] }, String)).toEqual([]);
});
