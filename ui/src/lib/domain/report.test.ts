import { describe, expect, it } from 'vitest';
import { cellText, firsts, isNumber, seconds, spanOf } from './report';

describe('a cell', () => {
	it('is written as what it is', () => {
		const text = (cell: Parameters<typeof cellText>[0]) => cellText(cell, 'Europe/Berlin');
		expect(text({ is: 'empty' })).toBe('–');
		expect(text({ is: 'count', count: 12_345 })).toBe('12,345');
		expect(text({ is: 'money', minor: -1230, currency: 'EUR', exponent: 2 })).toBe('−€ 12.30');
		// Several currencies are written as one is: separators and all.
		const sums = [
			{ minor: 1_234_500, currency: 'EUR', exponent: 2 },
			{ minor: 50_000, currency: 'JPY', exponent: 0 },
		];
		expect(text({ is: 'sums', amounts: sums })).toBe('€\u00a012,345.00, ¥\u00a050,000');
		expect(text({ is: 'act', id: 1, number: '#1', verb: 'sync', label: 'Look again' })).toBe('Look again');
		expect(text({ is: 'link', label: 'Store', url: 'https://a.example' })).toBe('Store');
		expect(text({ is: 'hours', hours: 5.25 })).toBe('5.3 h');
		expect(text({ is: 'hours', hours: 60 })).toBe('2.5 days');
		expect(text({ is: 'share', share: 0.9666 })).toBe('96.7 %');
		// By the minute, in the report's zone.
		expect(text({ is: 'moment', at_ms: 1_794_522_600_000 })).toBe('12 Nov 2026, 23:30');
	});
});

describe('a column', () => {
	it.each([
		['money', true],
		['share', true],
		['moment', false],
		['order', false],
	] as const)('of %s is a number: %s', (holds, number) => {
		expect(isNumber({ label: 'X', holds })).toBe(number);
	});
});

describe('a span in an address', () => {
	it.each([
		['month', 'month'],
		['own', 'own'],
		['12', '30'],
		[undefined, '30'],
	])('%s is %s', (text, span) => {
		expect(spanOf(text)).toBe(span);
	});
});

describe('two accounts', () => {
	const pair = (here: string, there: string) => ({ here, here_name: here, there, there_name: there });
	const pairs = [pair('Shop', 'Hub'), pair('Shop', 'Outlet'), pair('Outlet', 'Hub')];
	const ids = (choices: { id: string }[]) => choices.map((one) => one.id);

	it('are offered each once, and only what the first can be compared with', () => {
		expect(ids(firsts(pairs))).toEqual(['Shop', 'Outlet']);
		expect(ids(seconds(pairs, ''))).toEqual(['Hub', 'Outlet']);
		expect(ids(seconds(pairs, 'Outlet'))).toEqual(['Hub']);
		expect(ids(seconds(pairs, 'gone'))).toEqual([]);
	});
});
