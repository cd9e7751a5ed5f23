import { expect, it } from 'vitest';
import { columnsFor, reveal, visible } from './window';

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

it('drops columns by importance; the sentence, the number and the tick always stay', () => {
	const ids = (width: number, chosen: string[] = []) => columnsFor(width, new Set(chosen)).map((column) => column.id);
	expect(ids(1300)).toEqual(['tick', 'number', 'store', 'customer', 'to', 'units', 'value', 'ship_by', 'waits']);
	expect(ids(1100)).not.toContain('units');
	expect(ids(1100)).toContain('store');
	expect(ids(812)).toEqual(['tick', 'number', 'customer', 'ship_by', 'waits']);
	expect(ids(300)).toEqual(['tick', 'number', 'waits']);
	expect(ids(1600, ['age', 'tags'])).toContain('age');
	expect(ids(1240, ['tags'])).not.toContain('tags');
});
