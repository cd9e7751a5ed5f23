import { expect, it } from 'vitest';
import type { ChoiceOffer, Refundable } from '$lib/api/types';
import { sent } from './choosing';
import { asked, comingBack, everything, isEverything, isNothing, NOTHING, stepped } from './refunding';

const line = (line_id: string, left: number) => ({
	line_id,
	sku: line_id.toUpperCase(),
	name: '',
	detail: '',
	left,
	returned: 0,
	unit_price_minor: 1850,
});
const ORDER: Refundable = {
	number: '#1',
	platform: 'BigCommerce',
	quoted: true,
	lines: [line('a', 2), line('b', 1)],
	shipping_minor: 490,
	left_minor: 6040,
	currency: 'EUR',
	currency_exponent: 2,
	reasons: [],
	choices: [],
};

it('everything is every unit that is left and the shipping, and is known again', () => {
	const all = everything(ORDER);
	expect(all).toEqual({ units: { a: 2, b: 1 }, shipping: true });
	expect(isEverything(ORDER, all)).toBe(true);
	expect(isEverything(ORDER, { ...all, shipping: false })).toBe(false);
	expect(isEverything(ORDER, { ...all, units: { a: 2 } })).toBe(false);
	expect(isEverything({ ...ORDER, shipping_minor: 0 }, { ...all, shipping: false })).toBe(true);
});

it('begins with what the buyer sent back, and leaves the shipping to a person', () => {
	expect(comingBack(ORDER)).toEqual({ units: {}, shipping: false });
	const lines = [{ ...line('a', 2), returned: 1 }, line('b', 1)];
	expect(comingBack({ ...ORDER, lines })).toEqual({ units: { a: 1 }, shipping: false });
});

it.each([
	[1, 1],
	[-1, 0],
	[9, 2],
	['2', 2],
	['', 0],
	['many', 0],
	[1.9, 1],
	[null, 0],
	[Infinity, 0],
])('%s units of two are %s', (typed, units) => {
	expect(stepped(line('a', 2), typed)).toBe(units);
});

it('asks for what was picked and for nothing else', () => {
	expect(asked(NOTHING)).toEqual({});
	expect(isNothing(NOTHING)).toBe(true);
	expect(isNothing({ units: { a: 0 }, shipping: false })).toBe(true);
	expect(asked({ units: { a: 1, b: 0 }, shipping: false })).toEqual({ 'line.a': '1' });
	expect(asked({ units: {}, shipping: true })).toEqual({ shipping: 'all' });
	expect(isNothing({ units: {}, shipping: true })).toBe(false);
});

it('what was not shown is not chosen', () => {
	const offers: ChoiceOffer[] = [
		{ choice: 'refund', honoured: true, instead: [] },
		{ choice: 'restock', honoured: false, instead: ['As the store is set.'] },
	];
	const all = { refund: true, restock: true, notify: true };
	expect(sent(offers, all)).toEqual({ refund: true, restock: false, notify: false });
	expect(sent(offers, { ...all, refund: false })).toEqual({ refund: false, restock: false, notify: false });
});
