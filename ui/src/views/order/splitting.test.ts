import { expect, test } from 'vitest';
import type { PartView, SplitLine } from '$lib/api/types';
import { asTheyStand, isSame, problem, put, rest, wanted, type Further } from './splitting';

const mug: SplitLine = { line_id: '1', sku: 'MUG', name: 'Mug', detail: '', units: 2 };
const poster: SplitLine = { line_id: '2', sku: '', name: 'Poster', detail: '', units: 1 };
const lines = [mug, poster];
const part = (n: number, units: Record<string, number>): PartView => ({
	n,
	number: '',
	state: '',
	why: '',
	packed: false,
	warehouse: '',
	account: '',
	tracking: [],
	hub_order_id: null,
	units,
});

test('the first part has what no other takes', () => {
	expect(rest(mug, [{ '1': 1 }, { '2': 1 }])).toBe(1);
	expect(asTheyStand([])).toEqual([{}]);
	expect(asTheyStand([part(1, { '1': 1 }), part(2, { '1': 1, '2': 1 })])).toEqual([{ '1': 1, '2': 1 }]);
});

test.each<[string, number, number]>([
	['a number', 1, 1],
	['more than there are', 9, 2],
	['less than nothing', -3, 0],
	['half of one', 0.4, 0],
	['no number', Number.NaN, 0],
])('%s is put as units of the line', (_, typed, units) => {
	expect(put([{}, { '2': 1 }], 0, mug, typed)).toEqual([{ '1': units }, { '2': 1 }]);
});

test.each<[string, Further, string | null]>([
	['nothing chosen', [{}], 'Choose what goes into the second part.'],
	['only zeros', [{ '1': 0 }], 'Choose what goes into the second part.'],
	['one of two', [{ '1': 1 }], null],
	['an empty part beside a full one', [{ '1': 1 }, {}], null],
	['too many', [{ '1': 2 }, { '1': 1 }], 'The parts have more of MUG than the order wants (2).'],
	['too many of what has no SKU', [{ '2': 1 }, { '2': 1 }], 'The parts have more of Poster than the order wants (1).'],
	['everything', [{ '1': 2, '2': 1 }], 'Nothing would be left in the first part. Leave something there.'],
])('%s', (_, further, says) => expect(problem(lines, further)).toBe(says));

test('what is sent has no zeros, and the same split is no change', () => {
	expect(wanted([{ '1': 1, '2': 0 }, {}])).toEqual([{ '1': 1 }]);
	expect(isSame([{ '1': 1, '2': 1 }], [{ '2': 1, '1': 1 }, {}])).toBe(true);
	expect(isSame([{ '1': 1 }], [{ '1': 2 }])).toBe(false);
});
