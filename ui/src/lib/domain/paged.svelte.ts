// A list that is read page by page, newest first, and kept true while it is on screen: what was
// read stays read when something changes. The desk gives at most 500 rows at once, so a long list
// is refreshed in several steps, and what lies beyond them is kept as it was.
import { asTrouble } from '$lib/api/desk';
import type { Trouble } from '$lib/api/types';
import { InTurn } from './in-turn';

/** Rows of one page, and the most the desk gives at once. */
const PAGE = 100;
const MOST = 500;
/** Pages that a change reads again. */
const AGAIN = 20;

export interface Page<T> {
	rows: T[];
	/** Where the next page begins; null: this was the last. */
	next: number | null;
	/** How far back a search looked, ms UTC. */
	back_to_ms?: number | null;
}

/** A page out of a plain answer: a full one may have more behind it. */
export function pageOf<T extends { id: number }>(rows: T[], limit: number): Page<T> {
	return { rows, next: rows.length >= limit ? (rows.at(-1)?.id ?? null) : null };
}

export class Paged<T extends { id: number }> {
	rows = $state.raw<T[]>([]);
	/** There is more behind the last row. */
	more = $state(false);
	/** Something was answered at least once. */
	read = $state(false);
	trouble = $state.raw<Trouble | null>(null);
	/** How far back was looked, ms UTC. */
	backTo = $state<number | null>(null);
	#ask: (before: number | null, limit: number) => Promise<Page<T>>;
	#again: number;
	#next: number | null = null;
	#begun = false;
	#round = 0;
	#turns = new InTurn();
	/** What is wanted and not asked yet: the way onwards, and what is shown once more. */
	#onwards = false;
	#stale = false;

	/** `again`: pages that a change reads again; one is enough where rows never change. */
	constructor(ask: (before: number | null, limit: number) => Promise<Page<T>>, again = AGAIN) {
		this.#ask = ask;
		this.#again = again;
	}

	/** Another question: what was read belongs to the one before. */
	restart(): Promise<void> {
		this.rows = [];
		this.#next = null;
		this.#begun = false;
		this.#onwards = false;
		this.#round++;
		this.#turns.forget();
		return this.refresh();
	}

	/** Reads again what is shown; one question at a time, so that each answer is seen. */
	refresh(): Promise<void> {
		this.#stale = true;
		return this.#go();
	}

	/** Goes on behind the last row. */
	further(): Promise<void> {
		if (this.#next === null) return this.refresh();
		this.#onwards = true;
		return this.#go();
	}

	#go(): Promise<void> {
		const mine = this.#round;
		return this.#turns.run(async () => {
			const [onwards, stale] = [this.#onwards, this.#stale];
			this.#onwards = this.#stale = false;
			if (onwards) await this.#guarded(mine, () => this.#readOn(mine));
			if (stale && mine === this.#round) await this.#guarded(mine, () => this.#readAgain(mine));
		});
	}

	async #readAgain(mine: number): Promise<void> {
		const wanted = Math.max(PAGE, this.rows.length);
		const rows: T[] = [];
		let page: Page<T> | null = null;
		for (let n = 0; n < this.#again; n++) {
			page = await this.#ask(page?.next ?? null, Math.min(MOST, wanted - rows.length));
			if (mine !== this.#round) return;
			rows.push(...page.rows);
			if (page.next === null || rows.length >= wanted || !this.#begun) break;
		}
		if (page === null) return;
		const from = page.next;
		// It was read further back than now: that part stays.
		const further = this.#begun && from !== null && (this.#next === null || this.#next < from);
		if (further) this.rows = [...rows, ...this.rows.filter((row) => row.id < from)];
		else this.#take(rows, page);
	}

	async #readOn(mine: number): Promise<void> {
		if (this.#next === null) return;
		const page = await this.#ask(this.#next, PAGE);
		if (mine === this.#round) this.#take([...this.rows, ...page.rows], page);
	}

	#take(rows: T[], page: Page<T>): void {
		this.rows = rows;
		this.#next = page.next;
		this.more = page.next !== null;
		this.backTo = page.back_to_ms ?? null;
		this.#begun = true;
	}

	async #guarded(mine: number, work: () => Promise<void>): Promise<void> {
		try {
			await work();
			if (mine === this.#round) this.trouble = null;
		} catch (thrown) {
			if (mine === this.#round) this.trouble = asTrouble(thrown);
		}
		this.read = true;
	}
}
