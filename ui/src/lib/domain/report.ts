// Reports in words: a cell as people read it, the times that can be chosen, a table for the clipboard.
import type { Cell, Table } from '$lib/api/types';
import { count, money } from '$lib/shared/money';
import { exact } from '$lib/shared/time';

/** A cell as text. Moments in the report's zone. */
export function cellText(cell: Cell, zone: string): string {
	switch (cell.is) {
		case 'empty':
			return '–';
		case 'text':
			return cell.text;
		case 'count':
			return count(cell.count);
		case 'money':
			return money(cell.minor, cell.currency, cell.exponent);
		case 'hours': {
			const hours = cell.hours ?? 0;
			return hours >= 48 ? `${(hours / 24).toFixed(1)} days` : `${hours.toFixed(1)} h`;
		}
		case 'share':
			return `${((cell.share ?? 0) * 100).toFixed(1)} %`;
		case 'moment':
			return exact(cell.at_ms, zone);
		case 'order':
			return cell.number;
	}
}

/** A table as text with tabs, for pasting into a spreadsheet. Text that would be run there gets an apostrophe. */
export function asTabs(table: Table, zone: string): string {
	const safe = (text: string) => (/^[=+\-@\t\r＝＋－＠]/.test(text) ? `'${text}` : text).replace(/[\t\r\n]+/g, ' ');
	const rows = table.rows.map((row) =>
		row.map((cell) => {
			const text = cellText(cell, zone);
			return cell.is === 'text' || cell.is === 'order' ? safe(text) : text;
		}),
	);
	return [table.columns.map((column) => column.label), ...rows].map((row) => row.join('\t')).join('\n');
}

/** A time to report on. */
export interface Span {
	value: string;
	label: string;
}

export const SPANS: readonly Span[] = [
	{ value: '7', label: '7 days' },
	{ value: '30', label: '30 days' },
	{ value: '90', label: '90 days' },
	{ value: 'month', label: 'Last month' },
	{ value: 'own', label: 'Other days' },
];

const iso = (day: Date) => day.toISOString().slice(0, 10);

/** First and last day of a span. `today` is the desk's day, `2026-11-20`. */
export function daysOf(span: string, today: string): { from_day: string; to_day: string } {
	const at = new Date(`${today}T00:00:00Z`);
	if (span === 'month') {
		const first = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - 1, 1));
		const last = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 0));
		return { from_day: iso(first), to_day: iso(last) };
	}
	const days = Number(span);
	const from = new Date(at);
	from.setUTCDate(from.getUTCDate() - (days - 1));
	return { from_day: iso(from), to_day: today };
}
