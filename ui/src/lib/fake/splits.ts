// Orders of the fake desk that somebody splits: kept in memory, and shown as waiting for packing.
import type { BothSidesLine, PartView, SplitView } from '$lib/api/types';

type Parts = Record<string, number>[];

export class FakeSplits {
	#further = new Map<number, Parts>();

	put(id: number, further: Parts) {
		if (further.length === 0) this.#further.delete(id);
		else this.#further.set(id, structuredClone(further));
	}

	parts(id: number, number: string, lines: readonly BothSidesLine[]): PartView[] {
		const further = this.#further.get(id);
		if (!further) return [];
		const rest = Object.fromEntries(
			lines
				.map((line) => [line.line_id, line.ordered - further.reduce((n, part) => n + (part[line.line_id] ?? 0), 0)])
				.filter(([, units]) => Number(units) > 0),
		) as Record<string, number>;
		return [rest, ...further].map((units, at) => ({
			n: at + 1,
			number: at === 0 ? number : `${number}-${at + 1}`,
			state: 'waits for packing',
			why: '',
			packed: false,
			warehouse: '',
			account: '',
			tracking: [],
			hub_order_id: String(881_204 + at),
			units,
		}));
	}

	view(id: number, number: string, lines: readonly BothSidesLine[], left: boolean): SplitView {
		const parts = this.parts(id, number, lines);
		return {
			order: id,
			number,
			lines: lines
				.filter((line) => !line.no_shipping)
				.map(({ line_id, sku, name, detail, ordered }) => ({ line_id, sku, name, detail, units: ordered })),
			parts,
			by_person: parts.length > 0,
			cannot: left
				? 'A label was bought for it already, and what is packed is not taken apart from here. Void the label first, or leave it as it is.'
				: null,
		};
	}
}
