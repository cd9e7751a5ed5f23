// What a setting can name, as the account describes itself: what fits, what does not and why, what is not there any
// more. Pure.
import type { Described, DescribedSlot, Tone } from '$lib/api/types';

/** One thing that can be chosen, or not. */
export interface Offer {
	value: string;
	label: string;
	/** What it is, in a few words: its type, and marks. */
	about: string;
	/** Why it cannot be chosen here. */
	why: string | null;
}

/** A list on screen is looked through, not read: more than this is what searching is for. */
export const SHOWN_MAX = 200;

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/** The places of a setting; none where the account says nothing of it. */
export function slotsOf(described: Described | null, setting: string): DescribedSlot[] {
	return described?.slots.filter((slot) => slot.setting === setting) ?? [];
}

/** What can be chosen at a place: what fits first, in the account's order. */
export function offersOf(described: Described, slot: DescribedSlot): Offer[] {
	const why = new Map(slot.unfit.flatMap((unfit) => unfit.values.map((value) => [value, unfit.why] as const)));
	const list = described.lists.find((each) => each.name === slot.list);
	const offers = (list?.entries ?? []).map((entry): Offer => {
		const marks = [
			entry.kind,
			entry.required ? 'required' : '',
			entry.read_only ? 'read-only' : '',
			entry.custom ? 'own' : '',
		];
		return {
			value: entry.value,
			label: entry.label,
			about: marks.filter(Boolean).join(' · '),
			why: why.get(entry.value) ?? null,
		};
	});
	return [...offers.filter((each) => each.why === null), ...offers.filter((each) => each.why !== null)];
}

/** Those in which every word of what is typed stands. */
export function matching(offers: readonly Offer[], typed: string): Offer[] {
	const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
	return offers.filter((offer) => {
		const all = `${offer.label} ${offer.value} ${offer.about}`.toLowerCase();
		return words.every((word) => all.includes(word));
	});
}

/** How what is chosen stands: what it is called, or what is wrong with it. */
export function standing(offers: readonly Offer[], value: string): { tone: Tone; words: string } | null {
	if (value.trim() === '') return null;
	const found = offers.find((offer) => same(offer.value, value.trim()));
	if (!found) {
		return {
			tone: 'danger',
			words: `The account shows no ${value.trim()}: it was deleted, or is hidden from the user Quayside signs in as.`,
		};
	}
	if (found.why !== null) return { tone: 'danger', words: `${found.label}: ${found.why}` };
	return { tone: 'neutral', words: found.about === '' ? found.label : `${found.label} · ${found.about}` };
}

/** `part=NAME; part=NAME`, as the desk reads it: commas and line breaks welcome. */
export function readRows(text: string): [part: string, name: string][] {
	const rows = text
		.split(/[;,\n]/)
		.map((row) => row.trim())
		.filter(Boolean);
	return rows.map((row) => {
		const at = row.indexOf('=');
		return at < 0 ? [row, ''] : [row.slice(0, at).trim(), row.slice(at + 1).trim()];
	});
}

/** The name given for a part; the last one counts, as at the desk. */
export function nameOf(text: string, part: string): string {
	return readRows(text).findLast(([known]) => same(known, part))?.[1] ?? '';
}

/** The same text with another name for one part; what nobody knows stays as it was typed. */
export function withName(text: string, part: string, name: string): string {
	const rows = readRows(text);
	const at = rows.findIndex(([known]) => same(known, part));
	const others = rows.filter(([known]) => !same(known, part));
	if (name !== '') others.splice(at < 0 ? others.length : at, 0, [part, name]);
	return others.map(([known, given]) => (given === '' ? known : `${known}=${given}`)).join('; ');
}
