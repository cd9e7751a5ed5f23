// What stands behind a number of a report: the rows it counts, in a table of the same report. A figure says which; a row
// that adds up leads to the rows of another table with the same words in the columns both have. And the numbers of weeks as bars.
import type { Cell, Report, Table } from '$lib/api/types';
import type { Bar } from '$lib/shared/Bars.svelte';

/** Some rows of a table, and what they are behind. */
export interface Drill {
	title: string;
	table: Table;
	rows: Cell[][];
}

const lists = (table: Table) => table.columns.some((column) => column.holds === 'order');
const words = (cell: Cell | undefined) => (cell?.is === 'text' ? cell.text : '');

/** The columns of a table that a label means: itself, else those that begin with it ("Week bought"), else its parts. */
function meant(table: Table, label: string): { at: number[]; together: boolean } {
	const places = (fits: (name: string) => boolean) =>
		table.columns.flatMap((column, at) => (fits(column.label) ? [at] : []));
	const exact = places((name) => name === label);
	if (exact.length > 0) return { at: exact, together: false };
	const longer = places((name) => name.startsWith(`${label} `));
	if (longer.length > 0) return { at: longer, together: false };
	const parts = label.toLowerCase().split(' and ');
	const at = parts.flatMap((part) => places((name) => name.toLowerCase() === part));
	return { at: parts.length > 1 && at.length === parts.length ? at : [], together: true };
}

/** The table with what the rows of another add up; none for one whose rows are orders themselves. */
function detailOf(report: Report, table: Table): Table | undefined {
	const first = table.columns[0];
	if (lists(table) || first?.holds !== 'text') return undefined;
	return report.tables.filter((one) => lists(one) && meant(one, first.label).at.length > 0).at(-1);
}

/** Whether a row that adds up leads somewhere. */
export function leads(report: Report, table: Table, row: Cell[]): boolean {
	return words(row[0]) !== '' && detailOf(report, table) !== undefined;
}

/** The rows behind a row that adds up; `null` where it adds up nothing that is listed, or is an order itself. */
export function behindRow(report: Report, table: Table, row: Cell[]): Drill | null {
	const detail = detailOf(report, table);
	if (detail === undefined || words(row[0]) === '') return null;
	const shared = table.columns.flatMap((column, place) => {
		const { at, together } = column.holds === 'text' ? meant(detail, column.label) : { at: [], together: false };
		return at.length > 0 ? [{ at, together, wanted: words(row[place]) }] : [];
	});
	const fits = (one: Cell[]) =>
		shared.every(({ at, together, wanted }) =>
			together
				? at.map((place) => words(one[place])).join(', ') === wanted
				: at.some((place) => words(one[place]) === wanted),
		);
	return { title: shared.map(({ wanted }) => wanted).join(', '), table: detail, rows: detail.rows.filter(fits) };
}

/** The rows a figure counts. */
export function behindFigure(report: Report, label: string): Drill | null {
	const behind = report.figures.find((figure) => figure.label === label)?.behind ?? null;
	const table = report.tables.find((one) => one.code === behind?.table);
	if (behind === null || table === undefined) return null;
	const isEmpty = (row: Cell[], name: string) => {
		const at = table.columns.findIndex((column) => column.label === name);
		return (row[at]?.is ?? 'empty') === 'empty';
	};
	const fits = (row: Cell[]) =>
		behind.filled.every((name) => !isEmpty(row, name)) && behind.empty.every((name) => isEmpty(row, name));
	return { title: label, table, rows: table.rows.filter(fits) };
}

/** How an address names a row: by its words. */
export function rowAddress(table: Table, row: Cell[]): string {
	return `${table.code}:${row.map(words).filter(Boolean).join('|')}`;
}

/** What an address names: `figure:Shipped`, `stores:Harbour Goods`; `null` where that is not there (any more). */
export function behindAddress(report: Report, address: string): Drill | null {
	const [code = '', ...rest] = address.split(':');
	if (code === 'figure') return behindFigure(report, rest.join(':'));
	const table = report.tables.find((one) => one.code === code);
	const row = table?.rows.find((one) => rowAddress(table, one) === address);
	return table && row ? behindRow(report, table, row) : null;
}

/** A chart of a report. */
export interface Chart {
	title: string;
	bars: Bar[];
	/** Lengths of time instead of numbers of things. */
	hours: boolean;
}

const amount = (cell: Cell | undefined) =>
	cell?.is === 'count' ? cell.count : cell?.is === 'hours' ? (cell.hours ?? 0) : 0;

/** The weeks of a report as bars, each leading to the orders of its week; nothing of a single week. */
export function charts(report: Report, href: (address: string) => string): Chart[] {
	const found: Chart[] = [];
	const weeks = report.tables.find((table) => table.code === 'weeks');
	const series: [label: string, title: string, says: string][] = [
		['Bought', 'Bought per week', 'bought'],
		['Shipped', 'Shipped per week', 'shipped'],
		['Slowest tenth', 'Slowest tenth, by the week they left', 'and longer took one in ten'],
	];
	for (const [label, title, says] of series) {
		const at = weeks?.columns.findIndex((column) => column.label === label) ?? -1;
		if (weeks === undefined || at < 0 || weeks.rows.length < 2) continue;
		const bars = weeks.rows.map((row): Bar => ({
			key: words(row[0]),
			label: words(row[0]),
			parts: [{ n: amount(row[at]), tone: 'accent', words: says }],
			href: href(rowAddress(weeks, row)),
		}));
		found.push({ title, bars, hours: weeks.columns[at]?.holds === 'hours' });
	}
	const broke = report.tables.find((table) => table.code === 'exceptions_where');
	const at = broke?.columns.findIndex((column) => column.label === 'Week') ?? -1;
	const counts = new Map<string, number>();
	for (const row of broke?.rows ?? [])
		counts.set(words(row[at]), (counts.get(words(row[at])) ?? 0) + amount(row.at(-1)));
	if (counts.size > 1) {
		const bars = [...counts].sort().map(([week, n]): Bar => ({
			key: week,
			label: week,
			parts: [{ n, tone: 'warning', words: 'new' }],
		}));
		found.push({ title: 'New exceptions per week', bars, hours: false });
	}
	return found;
}
