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

	/** From the last row touched to this one, in the order on screen; all become ticked. */
	rangeTo(id: number, order: readonly number[]): void {
		const to = order.indexOf(id);
		const from = this.#anchor === null ? to : order.indexOf(this.#anchor);
		if (to < 0) return;
		if (from < 0) return this.toggle(id);
		const [low, high] = from < to ? [from, to] : [to, from];
		this.#put(new Set([...this.ids, ...order.slice(low, high + 1)]));
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
