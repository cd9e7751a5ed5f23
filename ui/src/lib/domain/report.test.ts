import { describe, expect, it } from 'vitest';
import { asTabs, cellText, daysOf } from './report';

describe('a cell', () => {
	it('is written as what it is', () => {
		const text = (cell: Parameters<typeof cellText>[0]) => cellText(cell, 'Europe/Berlin');
		expect(text({ is: 'empty' })).toBe('–');
		expect(text({ is: 'count', count: 12_345 })).toBe('12,345');
		expect(text({ is: 'money', minor: -1230, currency: 'EUR', exponent: 2 })).toBe('−€ 12.30');
		expect(text({ is: 'hours', hours: 5.25 })).toBe('5.3 h');
		expect(text({ is: 'hours', hours: 60 })).toBe('2.5 days');
		expect(text({ is: 'share', share: 0.9666 })).toBe('96.7 %');
	});
});

describe('a table for the clipboard', () => {
	it('has tabs, and nothing a spreadsheet runs', () => {
		const table = {
			code: 'x',
			title: 'X',
			words: '',
			columns: [
				{ label: 'Order', number: false },
				{ label: 'Cost', number: true },
			],
			rows: [
				[
					{ is: 'order' as const, id: 1, number: '=1+1' },
					{ is: 'money' as const, minor: -50, currency: 'EUR', exponent: 2 },
				],
				[{ is: 'text' as const, text: 'a\tb\nc' }, { is: 'empty' as const }],
			],
		};
		expect(asTabs(table, 'UTC')).toBe("Order\tCost\n'=1+1\t−€ 0.50\na b c\t–");
	});
});

describe('a span', () => {
	it.each([
		['7', '2026-11-20', '2026-11-14', '2026-11-20'],
		['30', '2026-03-01', '2026-01-31', '2026-03-01'],
		['month', '2026-01-15', '2025-12-01', '2025-12-31'],
		['month', '2028-03-31', '2028-02-01', '2028-02-29'],
	])('%s before %s is %s to %s', (span, today, from_day, to_day) => {
		expect(daysOf(span, today)).toEqual({ from_day, to_day });
	});
});
