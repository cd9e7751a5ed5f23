import { describe, expect, it } from 'vitest';
import { cellText, isNumber, spanOf } from './report';

describe('a cell', () => {
	it('is written as what it is', () => {
		const text = (cell: Parameters<typeof cellText>[0]) => cellText(cell, 'Europe/Berlin');
		expect(text({ is: 'empty' })).toBe('–');
		expect(text({ is: 'count', count: 12_345 })).toBe('12,345');
		expect(text({ is: 'money', minor: -1230, currency: 'EUR', exponent: 2 })).toBe('−€ 12.30');
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
