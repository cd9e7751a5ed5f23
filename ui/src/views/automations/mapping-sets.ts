// Sets of mappings in an editor that was not kept yet: added, copied, taken out, filled. Nothing here asks the desk.
import type { FieldMapping, MappingRow, MappingSet } from '$lib/api/types';

/** The rows that are worked on: of a set, or of the desk's own list. */
export function rowsOf(mapping: FieldMapping, set: string | null): MappingRow[] {
	return set === null ? mapping.rows : (mapping.sets.find((each) => each.id === set)?.rows ?? []);
}

/** The same mapping with other rows there. */
export function withRows(mapping: FieldMapping, set: string | null, rows: MappingRow[]): FieldMapping {
	return set === null ? { ...mapping, rows } : withSet(mapping, set, { rows });
}

/** The same mapping with something else about a set. */
export function withSet(mapping: FieldMapping, set: string, change: Partial<MappingSet>): FieldMapping {
	return { ...mapping, sets: mapping.sets.map((each) => (each.id === set ? { ...each, ...change } : each)) };
}

/** "Wholesale", "Wholesale 2", …: one that no set has, whatever the case. */
export function freeName(mapping: FieldMapping, wish: string): string {
	const taken = new Set(mapping.sets.map((each) => each.name.trim().toLowerCase()));
	let name = wish;
	for (let n = 2; taken.has(name.toLowerCase()); n += 1) name = `${wish} ${n}`;
	return name;
}

/** A set more, switched off: what it gives is looked at first. Rows get ids of their own. */
export function addSet(mapping: FieldMapping, name: string, of: MappingSet | null, id: string): FieldMapping {
	const rows = (of?.rows ?? []).map((row, n) => ({ ...row, id: `${id}/${n}` }));
	const set: MappingSet = { id, name: freeName(mapping, name), on: false, stores: of?.stores ?? [], rows };
	return { ...mapping, sets: [...mapping.sets, set] };
}

/** Without a set and its rows; lookup tables stay, others look there, too. */
export function withoutSet(mapping: FieldMapping, set: string): FieldMapping {
	return { ...mapping, sets: mapping.sets.filter((each) => each.id !== set) };
}

/** What is tried: the set that is worked on as if it were on. */
export function asIfOn(mapping: FieldMapping, set: string | null): FieldMapping {
	return set === null ? mapping : withSet(mapping, set, { on: true });
}
