import { expect, it } from 'vitest';
import type { LabelSpend, QuoteView } from '$lib/api/types';
import {
	arrivesWords,
	beyond,
	boughtWith,
	left,
	NO_SIZE,
	promiseLook,
	readSize,
	sameSize,
	sum,
	typed,
	type TypedSize,
} from './labels';

const QUOTE: QuoteView = {
	carrier_id: 'se-1',
	carrier: 'UPS',
	service: 'ups_ground',
	service_name: 'Ground',
	package: 'package',
	total_minor: 840,
	total: '8.40 USD',
	amount: '8.40',
	parts: '',
	days: 3,
	arrives: '2026-11-23',
	in_time: true,
	notes: [],
};
const SPEND: LabelSpend = {
	spent_minor: 9200,
	limit_minor: 10_000,
	currency: 'USD',
	currency_exponent: 2,
	sentence: '',
};
const NOTHING = { weight_g: null, length_mm: null, width_mm: null, height_mm: null };

it.each<[Partial<TypedSize>, object]>([
	[{}, { size: NOTHING }],
	[{ weight: '640' }, { size: { ...NOTHING, weight_g: 640 } }],
	[{ weight: ' 640,4 ' }, { size: { ...NOTHING, weight_g: 640 } }],
	[{ weight: '0.2' }, { size: { ...NOTHING, weight_g: 1 } }],
	[
		{ length: '30', width: '20.5', height: '10' },
		{ size: { weight_g: null, length_mm: 300, width_mm: 205, height_mm: 100 } },
	],
	[{ weight: 'heavy' }, { field: 'weight', sentence: '"heavy" is no weight. Type a number above nothing.' }],
	[{ weight: '0' }, { field: 'weight', sentence: '"0" is no weight. Type a number above nothing.' }],
	[{ weight: '-3' }, { field: 'weight', sentence: '"-3" is no weight. Type a number above nothing.' }],
	[{ weight: '1e3' }, { field: 'weight', sentence: '"1e3" is no weight. Type a number above nothing.' }],
	[
		{ length: '30', height: '10' },
		{ field: 'width', sentence: 'The width is missing: give all three sides, or none.' },
	],
])('%j is read as %j', (said, read) => {
	expect(readSize({ ...NO_SIZE, ...said })).toEqual(read);
});

it('what is shown of a size is read as the same size', () => {
	for (const size of [NOTHING, { weight_g: 640, length_mm: 305, width_mm: 200, height_mm: 100 }]) {
		const read = readSize(typed(size));
		expect('size' in read && sameSize(read.size, size)).toBe(true);
	}
	expect(sameSize(NOTHING, { ...NOTHING, weight_g: 1 })).toBe(false);
});

it.each([
	[true, '2026-11-23', 'in time', 'check'],
	[false, '2026-11-23', 'too late', 'close'],
	[null, '2026-11-23', 'not known', 'minus'],
	[null, null, 'nothing promised', 'minus'],
])('in time %s, promised %s: %s', (in_time, promised, words, icon) => {
	expect(promiseLook({ ...QUOTE, in_time }, promised)).toMatchObject({ words, icon });
});

it.each([
	['2026-11-23', 3, 'Mon 23 Nov'],
	[null, 3, 'in 3 days'],
	[null, 1, 'in 1 day'],
	[null, null, 'not said'],
])('arrives %s, %s days: %s', (arrives, days, words) => {
	expect(arrivesWords({ ...QUOTE, arrives, days })).toBe(words);
});

it('says what is left of the day, and what goes beyond it', () => {
	expect(left(SPEND)).toBe(800);
	expect(left({ ...SPEND, spent_minor: 20_000 })).toBe(0);
	expect(left({ ...SPEND, limit_minor: null })).toBeNull();
	expect(beyond(QUOTE, SPEND)).toBe("It costs more than the 8.00 USD that are left of today's limit.");
	expect(beyond({ ...QUOTE, total_minor: 800 }, SPEND)).toBeNull();
	expect(beyond(QUOTE, { ...SPEND, limit_minor: null })).toBeNull();
	// Amounts of two currencies say nothing about each other.
	expect(beyond(QUOTE, { ...SPEND, currency: 'EUR' })).toBeNull();
});

it('buys exactly the quote that was shown, and nothing dearer', () => {
	expect(boughtWith(QUOTE, { ...NOTHING, weight_g: 640 })).toEqual({
		carrier: 'se-1',
		service: 'ups_ground',
		package: 'package',
		most: '8.40',
		currency: 'USD',
		weight_g: '640',
	});
	// What nobody typed is the hub's to know.
	expect(Object.keys(boughtWith(QUOTE, null))).toEqual(['carrier', 'service', 'package', 'most', 'currency']);
});

it('adds up by currency', () => {
	expect(sum([])).toBe('');
	expect(sum([QUOTE, QUOTE])).toBe('16.80 USD');
	expect(sum([QUOTE, { ...QUOTE, total: '8.00 EUR', amount: '8.00', total_minor: 800 }])).toBe('8.40 USD and 8.00 EUR');
	expect(sum([{ ...QUOTE, total: '840 JPY', amount: '840', total_minor: 840 }])).toBe('840 JPY');
});
