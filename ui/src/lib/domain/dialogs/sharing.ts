// Which other entries carry the very value that was just mended. Pure.
import type { ExceptionView } from '$lib/api/types';

export interface Alike {
	id: number;
	number: string;
	fields: { name: string; value: string }[];
}

/** The part of a field's name that does not differ between orders: `line.77.sku` is `line.sku`. */
function kind(name: string): string {
	return name.replace(/\.[^.]+(?=\.[^.]+$)/, '');
}

/** Entries of the same cause with a field of the same kind and the same old value as one that changed. */
export function sharing(
	entry: ExceptionView,
	others: readonly ExceptionView[],
	values: Record<string, string>,
): Alike[] {
	const changed = entry.editable.filter(
		// Addresses are nobody else's: only SKUs and services are worth repeating.
		(field) =>
			values[field.name] !== undefined && values[field.name] !== field.value && !field.name.startsWith('ship_to'),
	);
	return others.flatMap((other) => {
		if (other.cause !== entry.cause) return [];
		const fields = other.editable.flatMap((field) => {
			const same = changed.find((each) => kind(each.name) === kind(field.name) && each.value === field.value);
			return same ? [{ name: field.name, value: values[same.name] ?? '' }] : [];
		});
		return fields.length > 0 ? [{ id: other.id, number: other.order?.number ?? other.title, fields }] : [];
	});
}
