// The queue's rows, read page by page by key. The list knows how many match and holds the
// pages around what is shown; the places to go on (`after`) of all pages seen are kept, so a
// page that was let go can be read again. Jumping far walks the keys in between without
// keeping their rows.
//
// Left out: reading from the end backwards. A walk over 100,000 orders takes 200 questions.
import { asTrouble, desk } from '$lib/api/desk';
import type { QueueAsk, QueuePage, QueueRow, Tone, Trouble } from '$lib/api/types';

export const PAGE = 200;
const WALK = 500;
/** Pages of rows kept in memory. */
const KEEP = 24;
/** A refresh this deep reads only what is on screen. */
const DEEP = 10;

export type Question = Pick<QueueAsk, 'view' | 'text' | 'sort' | 'descending'>;

/** What a screen of rows asks of whatever holds them: one list, or several under headings. */
export interface Rows {
	readonly total: number;
	readonly atLeast: boolean;
	readonly first: boolean;
	readonly version: number;
	readonly hints: readonly string[];
	readonly trouble: Trouble | null;
	/** New rows that were read and not put into the list yet, and rows that left it. */
	readonly held: { fresh: number; left: number } | null;
	row(index: number): QueueRow | undefined;
	/** The heading at this place, if one stands there. */
	heading(index: number): Heading | null;
	indexOf(id: number): number;
	order(): number[];
	ensure(low: number, high: number): void;
	/** The row is still shown and no longer belongs here. */
	left(id: number): boolean;
	refresh(low: number, high: number, hold?: boolean): Promise<void>;
	apply(): void;
}

export interface Heading {
	key: string;
	label: string;
	tone: Tone;
	count: number;
	open: boolean;
}

interface Page {
	/** Index of its first row. */
	start: number;
	after: string | null;
	size: number;
	rows: QueueRow[] | null;
	used: number;
}

export class QueueList implements Rows {
	total = $state(0);
	/** There are more than `total`; the list grows as it is read on. */
	atLeast = $state(false);
	hints = $state.raw<readonly string[]>([]);
	asOf = $state<number | null>(null);
	trouble = $state.raw<Trouble | null>(null);
	/** Nothing has been read yet for this question. */
	first = $state(true);
	/** Counts up whenever rows changed; whoever shows rows reads it. */
	version = $state(0);

	/** Rows that came or went while somebody works here: told, not shoved in. */
	held = $state.raw<{ fresh: number; left: number } | null>(null);

	#staged: { pages: Page[]; next: string | null; answer: QueuePage } | null = null;
	#gone = new Set<number>();
	#question: Question;
	#pages: Page[] = [];
	#next: string | null = null;
	#complete = false;
	#round = 0;
	#want: [number, number] | null = null;
	#reading = false;
	#use = 0;

	constructor(question: Question) {
		this.#question = question;
	}

	get question(): Question {
		return this.#question;
	}

	/** Another question: begins anew, keeps the old rows until the first answer is here. */
	async ask(question: Question): Promise<void> {
		this.#question = question;
		this.#round++;
		this.#reading = false;
		this.first = true;
		this.#drop();
		await this.#reload(1, false);
	}

	row(index: number): QueueRow | undefined {
		const page = this.#pageOf(index);
		return page?.rows?.[index - page.start];
	}

	/** Rows held now, with their place in the list. */
	indexOf(id: number): number {
		for (const page of this.#pages) {
			const at = page.rows?.findIndex((row) => row.id === id) ?? -1;
			if (at >= 0) return page.start + at;
		}
		return -1;
	}

	/** Ids of rows held, in order. */
	order(): number[] {
		return this.#pages.flatMap((page) => page.rows?.map((row) => row.id) ?? []);
	}

	/** Makes sure rows from `low` to `high` are here, or on their way. */
	ensure(low: number, high: number): void {
		this.#want = [low, high];
		if (!this.#reading && !this.first) void this.#fill();
	}

	/** Waits until what `ensure` asked for is here. */
	async settle(): Promise<void> {
		while (this.#reading) await new Promise((done) => setTimeout(done, 5));
	}

	/**
	 * Reads again what is shown. Near the top everything down to `high` is read anew, so that
	 * rows which came or went in between are right; deep down only the pages on screen.
	 *
	 * With `hold` nothing moves: rows say what is true now, and what came or went waits for `apply`.
	 */
	async refresh(low: number, high: number, hold = false): Promise<void> {
		const pages = this.#pages.filter((page) => page.start <= high);
		if (pages.length <= DEEP) return this.#reload(Math.max(1, pages.length), hold);
		const round = ++this.#round;
		try {
			for (const page of this.#pages) {
				if (page.start > high || page.start + page.size <= low) continue;
				const answer = await this.#read(page.after, page.size);
				if (round !== this.#round) return;
				page.rows = answer.rows;
				this.#answered(answer);
			}
		} catch (thrown) {
			if (round === this.#round) this.trouble = asTrouble(thrown);
		}
		this.#reading = false;
	}

	heading(): null {
		return null;
	}
	left(id: number): boolean {
		return this.#gone.has(id);
	}

	/** Puts in what was held back. */
	apply(): void {
		const staged = this.#staged;
		this.#drop();
		if (!staged) return;
		this.#pages = staged.pages;
		this.#next = staged.next;
		this.#complete = staged.next === null;
		this.#answered(staged.answer);
		if (this.#want) this.ensure(...this.#want);
	}
	#drop(): void {
		this.#staged = null;
		this.#gone.clear();
		this.held = null;
	}

	/** Rows keep their places and say what is true now; true if nothing came, went or moved. */
	#hold(pages: Page[], next: string | null, answer: QueuePage): boolean {
		const now = pages.flatMap((page) => page.rows ?? []);
		const shown = this.#pages.filter((page) => page.start < now.length).flatMap((page) => page.rows ?? []);
		const byId = new Map(now.map((row) => [row.id, row]));
		const known = new Set(shown.map((row) => row.id));
		const same = shown.length === now.length && shown.every((row, i) => row.id === now[i]?.id);
		if (same) return true;
		const fresh = now.filter((row) => !known.has(row.id)).length;
		// Rows at the very end may have been pushed out of what was read, not out of the list.
		const sure = next === null ? shown.length : shown.length - fresh;
		this.#gone = new Set(shown.filter((row, i) => i < sure && !byId.has(row.id)).map((row) => row.id));
		for (const page of this.#pages) page.rows = page.rows?.map((row) => byId.get(row.id) ?? row) ?? null;
		this.#staged = { pages, next, answer };
		this.held = { fresh, left: this.#gone.size };
		this.asOf = answer.as_of_ms;
		this.trouble = null;
		this.version++;
		return false;
	}

	async #reload(count: number, hold: boolean): Promise<void> {
		const round = ++this.#round;
		this.#reading = true;
		try {
			const pages: Page[] = [];
			let after: string | null = null;
			let start = 0;
			let answer: QueuePage | null = null;
			do {
				answer = await this.#read(after, PAGE);
				if (round !== this.#round) return;
				pages.push({ start, after, size: answer.rows.length, rows: answer.rows, used: ++this.#use });
				start += answer.rows.length;
				after = answer.next;
			} while (pages.length < count && after !== null);
			if (hold && !this.first && !this.#hold(pages, after, answer)) {
				this.#reading = false;
				return;
			}
			this.#drop();
			this.#pages = pages;
			this.#next = after;
			this.#complete = after === null;
			this.first = false;
			this.#answered(answer);
		} catch (thrown) {
			if (round !== this.#round) return;
			this.trouble = asTrouble(thrown);
			this.first = false;
			this.version++;
		}
		this.#reading = false;
		if (this.#want) this.ensure(...this.#want);
	}

	/** Reads until what is wanted is here; what is wanted may change meanwhile. */
	async #fill(): Promise<void> {
		const round = this.#round;
		this.#reading = true;
		try {
			while (round === this.#round && this.#want) {
				const [low, high] = this.#want;
				const gone = this.#pages.find((page) => !page.rows && page.start <= high && page.start + page.size > low);
				const end = this.#end();
				if (gone) {
					const answer = await this.#read(gone.after, gone.size);
					if (round !== this.#round) return;
					gone.rows = answer.rows;
					gone.used = ++this.#use;
					this.#answered(answer);
				} else if (!this.#complete && high >= end) {
					// Far away: longer strides.
					const stride = low - end > PAGE * 2 ? WALK : PAGE;
					const after = this.#next;
					const answer = await this.#read(after, stride);
					if (round !== this.#round) return;
					this.#pages.push({ start: end, after, size: answer.rows.length, rows: answer.rows, used: ++this.#use });
					this.#next = answer.next;
					this.#complete = answer.next === null || answer.rows.length === 0;
					this.#answered(answer);
				} else break;
				this.#letGo();
			}
		} catch (thrown) {
			if (round === this.#round) this.trouble = asTrouble(thrown);
		}
		if (round === this.#round) this.#reading = false;
	}

	#read(after: string | null, limit: number): Promise<QueuePage> {
		return desk().queue({ ...this.#question, after, limit });
	}

	#answered(answer: QueuePage): void {
		// Counting stops somewhere; what was read proves that there are more.
		this.atLeast = answer.total_at_least && !this.#complete;
		this.total = answer.total_at_least
			? Math.max(answer.total, this.#end() + (this.#complete ? 0 : PAGE))
			: answer.total;
		this.hints = answer.hints;
		this.asOf = answer.as_of_ms;
		this.trouble = null;
		this.version++;
	}

	#end(): number {
		const last = this.#pages.at(-1);
		return last ? last.start + last.size : 0;
	}

	#pageOf(index: number): Page | undefined {
		let low = 0;
		let high = this.#pages.length - 1;
		while (low <= high) {
			const middle = (low + high) >> 1;
			const page = this.#pages[middle];
			if (!page) return undefined;
			if (index < page.start) high = middle - 1;
			else if (index >= page.start + page.size) low = middle + 1;
			else return page;
		}
		return undefined;
	}

	#letGo(): void {
		const held = this.#pages.filter((page) => page.rows);
		if (held.length <= KEEP) return;
		const [low, high] = this.#want ?? [0, 0];
		const away = (page: Page) => Math.max(low - (page.start + page.size), page.start - high, 0);
		held.sort((a, b) => away(b) - away(a));
		for (const page of held.slice(0, held.length - KEEP)) page.rows = null;
	}
}
