// One question at a time. Changes may come faster than answers: an answer that only shows when no
// newer question was asked would then never show. So a question that is out is waited for and its
// answer shown, and what was wanted meanwhile is asked once more after it.

export class InTurn {
	#out: Promise<void> | null = null;
	#next: Promise<void> | null = null;
	#work: () => Promise<void> = () => Promise.resolve();

	/** Does it now, or when what is under way is done; of those that wait the last is done, once for all. */
	run(work: () => Promise<void>): Promise<void> {
		if (this.#out === null) return this.#begin(work);
		this.#work = work;
		this.#next ??= this.#behind(this.#out);
		return this.#next;
	}

	/** What is under way and what waits behind it belongs to the past: the next begins at once. */
	forget(): void {
		this.#out = null;
		this.#next = null;
	}

	#begin(work: () => Promise<void>): Promise<void> {
		const mine: Promise<void> = work().finally(() => {
			if (this.#out === mine) this.#out = null;
		});
		this.#out = mine;
		return mine;
	}
	#behind(out: Promise<void>): Promise<void> {
		const go = () => {
			if (this.#next !== mine) return;
			this.#next = null;
			return this.run(this.#work);
		};
		const mine: Promise<void> = out.then(go, go);
		return mine;
	}
}
