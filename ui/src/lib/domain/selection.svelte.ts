// Which rows are ticked. Ticked rows keep their tick while the list moves; a range goes
// from the last row touched; "all that match" is a second, separate decision.

export class Selection {
	ids = $state.raw<ReadonlySet<number>>(new Set());
	/** All that match the question were chosen, also those not loaded. */
	matching = $state(false);
	#anchor: number | null = null;

	get size(): number {
		return this.ids.size;
	}
	get active(): boolean {
		return this.matching || this.ids.size > 0;
	}
	has(id: number): boolean {
		return this.matching || this.ids.has(id);
	}

	toggle(id: number): void {
		const next = new Set(this.ids);
		if (!next.delete(id)) next.add(id);
		this.#put(next);
		this.#anchor = id;
	}

	/**
	 * From the last row touched to this one, in the order on screen; all become ticked. Refused, and
	 * nothing ticked, where that would take fewer than it seems: `gap` if rows in between are not
	 * here (`isWhole` knows), `gone` if the row it began at is not.
	 */
	rangeTo(
		id: number,
		order: readonly number[],
		isWhole: (from: number, to: number) => boolean = () => true,
	): 'gap' | 'gone' | null {
		const to = order.indexOf(id);
		if (to < 0) return null;
		if (this.#anchor === null) {
			this.#put(new Set([...this.ids, id]));
			this.#anchor = id;
			return null;
		}
		const from = order.indexOf(this.#anchor);
		if (from < 0) return 'gone';
		if (!isWhole(this.#anchor, id)) return 'gap';
		const [low, high] = from < to ? [from, to] : [to, from];
		this.#put(new Set([...this.ids, ...order.slice(low, high + 1)]));
		return null;
	}

	/** Ticks all of these, or unticks them if all are ticked. */
	toggleAll(order: readonly number[]): void {
		const all = order.length > 0 && order.every((id) => this.ids.has(id));
		const next = new Set(this.ids);
		for (const id of order) {
			if (all) next.delete(id);
			else next.add(id);
		}
		this.#put(next);
	}

	/** The second step: everything that matches, on screen or not. */
	takeMatching(): void {
		this.matching = true;
	}

	clear(): void {
		this.ids = new Set();
		this.matching = false;
		this.#anchor = null;
	}

	#put(next: Set<number>): void {
		// Touching a single row ends "all that match": the person is choosing again.
		this.matching = false;
		this.ids = next;
	}
}
