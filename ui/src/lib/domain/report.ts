// Reports in words: a cell as people read it in the window, the times that can be chosen.
// Files and the clipboard are written by the desk.
import type { Cell, Column, Report, ReportAsk, ReportPair, ReportSpan } from '$lib/api/types';
import { count, money } from '$lib/shared/money';
import { dayAndClock } from '$lib/shared/time';

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
		case 'sums':
			// A line ends between amounts, never within one.
			return cell.amounts
				.map((each) => money(each.minor, each.currency, each.exponent).replaceAll(' ', '\u00a0'))
				.join(', ');
		case 'hours': {
			const hours = cell.hours ?? 0;
			return hours >= 48 ? `${(hours / 24).toFixed(1)} days` : `${hours.toFixed(1)} h`;
		}
		case 'share':
			return `${((cell.share ?? 0) * 100).toFixed(1)} %`;
		case 'moment':
			return dayAndClock(cell.at_ms, zone);
		case 'order':
			return cell.number;
		case 'act':
		case 'link':
			return cell.label;
	}
}

/** Set flush right. */
export function isNumber(column: Column | undefined): boolean {
	return column !== undefined && ['count', 'money', 'hours', 'share'].includes(column.holds);
}

/** A time to report on. Which days it is, the desk says. */
export interface Span {
	value: ReportSpan;
	label: string;
}

export const SPANS: readonly Span[] = [
	{ value: '7', label: '7 days' },
	{ value: '30', label: '30 days' },
	{ value: '90', label: '90 days' },
	{ value: 'month', label: 'Last month' },
	{ value: 'own', label: 'Other days' },
];

export function spanOf(text: string | undefined): ReportSpan {
	return SPANS.find((span) => span.value === text)?.value ?? '30';
}

/** What a report that is on the screen was about: the same days, whatever is chosen by now. */
export function askOf(report: Report): ReportAsk {
	const { kind, from_day, to_day, here, there } = report;
	return { kind, span: 'own', from_day, to_day, here, there };
}

/** An account that can be chosen. */
export interface Choice {
	id: string;
	name: string;
}

/** Accounts that have a partner, each once, in the order of the pairs. */
function once(choices: Choice[]): Choice[] {
	return choices.filter((one, at) => choices.findIndex((other) => other.id === one.id) === at);
}

/** What the first of two pickers offers. */
export function firsts(pairs: readonly ReportPair[]): Choice[] {
	return once(pairs.map((pair) => ({ id: pair.here, name: pair.here_name })));
}

/** What the second offers beside a first one; everything if none is chosen. */
export function seconds(pairs: readonly ReportPair[], here: string): Choice[] {
	const beside = pairs.filter((pair) => here === '' || pair.here === here);
	return once(beside.map((pair) => ({ id: pair.there, name: pair.there_name })));
}
