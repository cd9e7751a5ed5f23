// Reports of the fake desk: counted from its own orders, so that figures and rows agree.
import type { Cell, QueueRow, Report, ReportAsk, ReportOffer, ReportPlan, ReportPlanView, Table } from '$lib/api/types';

export const OFFERS: ReportOffer[] = [
	{
		kind: 'unfulfilled',
		title: 'Unfulfilled',
		about: 'Paid orders that wait longer than you want, by what they wait on.',
		timed: false,
	},
	{
		kind: 'performance',
		title: 'Performance',
		about: 'What was sold and shipped, how fast and how punctual, by week, store, warehouse and carrier.',
		timed: true,
	},
	{
		kind: 'shipping_cost',
		title: 'Shipping cost',
		about: 'What carriage cost, by carrier, store and country, and label by label for the accountant.',
		timed: true,
	},
];

const text = (words: string): Cell => ({ is: 'text', text: words });
const count = (n: number): Cell => ({ is: 'count', count: n });
const money = (minor: number): Cell => ({ is: 'money', minor, currency: 'EUR', exponent: 2 });
const order = (row: QueueRow): Cell => ({ is: 'order', id: row.id, number: row.number });

function by(rows: QueueRow[], name: (row: QueueRow) => string): [string, QueueRow[]][] {
	const groups = new Map<string, QueueRow[]>();
	for (const row of rows) groups.set(name(row), [...(groups.get(name(row)) ?? []), row]);
	return [...groups].sort((a, b) => b[1].length - a[1].length);
}
const table = (code: string, title: string, columns: [string, boolean][], rows: Cell[][], words = ''): Table => ({
	code,
	title,
	words,
	columns: columns.map(([label, number]) => ({ label, number })),
	rows,
});

export function makeReport(ask: ReportAsk, rows: QueueRow[], now: number): Report {
	const sum = rows.reduce((all, row) => all + row.total_minor, 0);
	const timed = ask.kind !== 'unfulfilled';
	const listed = rows.map((row): Cell[] => [
		order(row),
		text(row.store),
		{ is: 'moment', at_ms: row.placed_at_ms },
		money(row.total_minor),
		text(row.waits_on.sentence),
	]);
	return {
		kind: ask.kind,
		title: OFFERS.find((offer) => offer.kind === ask.kind)?.title ?? '',
		words: timed ? `${ask.from_day} to ${ask.to_day}.` : 'Paid orders, as they stand now.',
		from_day: timed ? ask.from_day : '',
		to_day: timed ? ask.to_day : '',
		zone: 'Europe/Berlin',
		made_at_ms: now,
		figures: [
			{ label: 'Orders', value: count(rows.length), note: '', tone: 'neutral' },
			{ label: 'Worth', value: money(sum), note: '', tone: 'neutral' },
			{ label: 'On time', value: { is: 'share', share: 0.964 }, note: '27 of 28 that had a day', tone: 'warning' },
		],
		tables: [
			table(
				'stores',
				'By store',
				[
					['Store', false],
					['Orders', true],
					['Worth', true],
				],
				by(rows, (row) => row.store).map(([name, of]) => [
					text(name),
					count(of.length),
					money(of.reduce((all, row) => all + row.total_minor, 0)),
				]),
			),
			table(
				'orders',
				'Orders',
				[
					['Order', false],
					['Store', false],
					['Bought', false],
					['Total', true],
					['Why', false],
				],
				listed,
			),
			table('late', 'Left late', [['Order', false]], []),
		],
	};
}

export const PLAN: ReportPlan = {
	on: false,
	folder: '',
	minute: 360,
	kinds: OFFERS.map((offer) => offer.kind),
	since_ms: 0,
};

export function viewOf(plan: ReportPlan, now: number): ReportPlanView {
	return { plan, next_ms: plan.on ? now + 3_600_000 : null, last_ms: null, last_folder: null, trouble: null };
}
