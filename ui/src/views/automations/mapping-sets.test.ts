import { expect, it } from 'vitest';
import type { FieldMapping, MappingRow } from '$lib/api/types';
import { addSet, asIfOn, freeName, rowsOf, withoutSet, withRows, withSet } from './mapping-sets';

const row = (id: string): MappingRow => ({
	...{ id, on: true, target: 'tag', template: 'x', required: false, stores: [] },
});
const kept: FieldMapping = {
	rows: [row('own')],
	tables: { zones: { NO: 'Zone 3' } },
	sets: [{ id: 'a', name: 'Wholesale', on: true, stores: ['shop'], rows: [row('a/0'), row('a/1')] }],
};

it('rows are those of the set that is worked on', () => {
	expect(rowsOf(kept, null)).toEqual(kept.rows);
	expect(rowsOf(kept, 'a').map((each) => each.id)).toEqual(['a/0', 'a/1']);
	expect(rowsOf(kept, 'gone')).toEqual([]);
	expect(withRows(kept, 'a', []).sets[0]?.rows).toEqual([]);
	expect(withRows(kept, 'a', []).rows).toEqual(kept.rows);
	expect(withRows(kept, null, []).sets).toEqual(kept.sets);
});

it('a copy has a name and ids of its own and is off', () => {
	const next = addSet(kept, 'wholesale', kept.sets[0] ?? null, 'b');
	expect(next.sets[1]).toEqual({
		...{ id: 'b', name: 'wholesale 2', on: false, stores: ['shop'] },
		rows: [row('b/0'), row('b/1')],
	});
	expect(next.sets[0]).toEqual(kept.sets[0]);
	expect(freeName(next, 'Wholesale')).toBe('Wholesale 3');
	expect(freeName(next, 'Retail')).toBe('Retail');
});

it('taking a set out leaves tables and everything else', () => {
	expect(withoutSet(kept, 'a')).toEqual({ ...kept, sets: [] });
	expect(withoutSet(kept, 'gone')).toEqual(kept);
});

it('a set that is off is tried as if it were on, and stays off', () => {
	const off = withSet(kept, 'a', { on: false });
	expect(asIfOn(off, 'a').sets[0]?.on).toBe(true);
	expect(asIfOn(off, null)).toEqual(off);
	expect(off.sets[0]?.on).toBe(false);
});
