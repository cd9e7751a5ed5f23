import { expect, it } from 'vitest';
import { arrangement, columnsFor, reveal, visible } from './window';

it('draws what is seen and a little around it, never outside the list', () => {
	expect(visible(0, 400, 40, 1000, 8)).toEqual({ first: 0, end: 18 });
	expect(visible(4000, 400, 40, 1000, 8)).toEqual({ first: 92, end: 118 });
	expect(visible(39_600, 400, 40, 1000, 8)).toEqual({ first: 982, end: 1000 });
	expect(visible(0, 400, 40, 0)).toEqual({ first: 0, end: 0 });
	expect(visible(5000, 400, 40, 3)).toEqual({ first: 3, end: 3 });
});

it('scrolls as little as possible to show a row', () => {
	expect(reveal(3, 0, 400, 40)).toBe(0);
	expect(reveal(10, 0, 400, 40)).toBe(40);
	expect(reveal(2, 400, 400, 40)).toBe(80);
});

const shows = (...chosen: string[]) =>
	arrangement([]).map((each) => ({ ...each, shown: each.shown || chosen.includes(each.id) }));
const ids = (width: number, chosen = arrangement([])) => columnsFor(width, chosen).map((column) => column.id);

it('drops columns by importance; the sentence, the number and the tick always stay', () => {
	expect(ids(1300)).toEqual(['tick', 'number', 'store', 'customer', 'to', 'units', 'value', 'ship_by', 'waits']);
	expect(ids(1100)).not.toContain('units');
	expect(ids(1100)).toContain('store');
	expect(ids(826)).toEqual(['tick', 'number', 'customer', 'ship_by', 'waits']);
	expect(ids(300)).toEqual(['tick', 'number', 'waits']);
	expect(ids(1600, shows('age', 'tags'))).toContain('age');
	expect(ids(1240, shows('tags'))).not.toContain('tags');
});

it('follows what a person chose: order, width, pins, and never hides the number', () => {
	const own = shows('tags')
		.map((each) => (each.id === 'tags' ? { ...each, pinned: true } : each))
		.map((each) => (each.id === 'to' ? { ...each, width_px: 300 } : each))
		.map((each) => (each.id === 'number' ? { ...each, shown: false } : each))
		.reverse();
	const wide = columnsFor(1700, own);
	expect(wide.map((column) => column.id)).toEqual([
		'tick',
		'ship_by',
		'tags',
		'value',
		'units',
		'to',
		'customer',
		'store',
		'number',
		'waits',
	]);
	expect(wide.find((column) => column.id === 'to')).toMatchObject({ width: 300, track: '300px' });
	expect(ids(700, own)).toEqual(['tick', 'tags', 'number', 'waits']);
});

it('gives columns a newer program brought their own place among those that were arranged', () => {
	const old = [
		{ id: 'value', shown: true, width_px: 90, pinned: false },
		{ id: 'gone', shown: true, width_px: 0, pinned: false },
		{ id: 'number', shown: true, width_px: 0, pinned: false },
	];
	const found = arrangement(old).map((each) => each.id);
	expect(found.indexOf('value')).toBeLessThan(found.indexOf('number'));
	expect(found.indexOf('age')).toBe(found.indexOf('number') + 1);
	expect(found).not.toContain('gone');
	expect(new Set(found).size).toBe(found.length);
	expect(found).toContain('ship_by');
});
