import { beforeEach, expect, it } from 'vitest';
import { Selection } from './selection.svelte';

let selection: Selection;
const order = [10, 11, 12, 13, 14];
const ticked = () => [...selection.ids].sort();
beforeEach(() => (selection = new Selection()));

it('ticks and unticks', () => {
	selection.toggle(11);
	selection.toggle(13);
	expect(ticked()).toEqual([11, 13]);
	selection.toggle(11);
	expect(ticked()).toEqual([13]);
});

it('takes a range from the last row touched, in both directions, and keeps the rest', () => {
	selection.toggle(14);
	selection.toggle(12);
	selection.rangeTo(10, order);
	expect(ticked()).toEqual([10, 11, 12, 14]);
	selection.rangeTo(13, order);
	expect(ticked()).toEqual([10, 11, 12, 13, 14]);
});

it('a range without a start is one row', () => {
	expect(selection.rangeTo(12, order)).toBeNull();
	expect(ticked()).toEqual([12]);
});

it.each([
	['rows between are not here', 10, 'gap', (from: number, to: number) => !(from === 10 && to === 14)],
	['the row it began at is not here', 99, 'gone', () => true],
] as const)('a range is not taken in part: %s', (_, anchor, why, isWhole) => {
	selection.toggle(anchor);
	expect(selection.rangeTo(14, order, isWhole)).toBe(why);
	expect(ticked()).toEqual([anchor]);
	// One begins anew at a row that is here.
	selection.toggle(12);
	expect(selection.rangeTo(13, order, isWhole)).toBeNull();
	expect(ticked()).toEqual([12, 13, anchor].sort());
});

it('ticks all, then unticks all', () => {
	selection.toggle(10);
	selection.toggleAll(order);
	expect(ticked()).toEqual(order);
	selection.toggleAll(order);
	expect(ticked()).toEqual([]);
});

it('"all that match" is its own step and ends when a row is touched', () => {
	selection.toggleAll(order);
	expect(selection.has(77)).toBe(false);
	selection.takeMatching();
	expect(selection.has(77)).toBe(true);
	selection.toggle(10);
	expect(selection.has(77)).toBe(false);
	expect(ticked()).toEqual([11, 12, 13, 14]);
	selection.clear();
	expect(selection.active).toBe(false);
});
