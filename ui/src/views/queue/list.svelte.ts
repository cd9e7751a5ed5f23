// The queue's rows, read page by page by key. The list knows how many match and holds the pages
// around what is shown. A place nearer to the end is read from there, with the sort turned round.
// A far place in between is walked to; the walk waits until the place stands still, and a newer
// place takes over at once.
//
// Left out: a page by its number, which the desk does not have. The middle of 100,000 orders is
// 100 questions away.
import { asTrouble, desk } from '$lib/api/desk';
import type { QueueAsk, QueuePage, QueueRow, Tone, Trouble } from '$lib/api/types';
import { PAGE, Pages, type Side } from './pages';

export { PAGE };
/** A refresh this deep reads only what is on screen. */
const DEEP = 10;
/** A far place must stand still this long before it is walked to: a dragged scroll bar passes many, ms. */
const STILL_MS = 120;

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

	#staged: { pages: Pages; answer: QueuePage } | null = null;
	#gone = new Set<number>();
	#question: Question;
	#pages = new Pages();
	#exact = true;
	#round = 0;
	#want: [number, number] | null = null;
	/** When that was wanted first, of the monotonic clock, ms. */
	#wanted = 0;
	#reading = false;

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
		return this.#pages.row(index, this.total);
	}

	/** Rows held now, with their place in the list. */
	indexOf(id: number): number {
		for (const page of this.#pages.all()) {
			const at = page.rows?.findIndex((row) => row.id === id) ?? -1;
			if (at >= 0) return this.#pages.start(page, this.total) + at;
		}
		return -1;
	}

	/** Ids of rows held, in order. */
	order(): number[] {
		return [...new Set(this.#pages.all().flatMap((page) => page.rows?.map((row) => row.id) ?? []))];
	}

	/** Makes sure rows from `low` to `high` are here, or on their way. */
	ensure(low: number, high: number): void {
		if (this.#want?.[0] !== low || this.#want[1] !== high) this.#wanted = performance.now();
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
		const above = this.#pages.front.pages.filter((page) => page.at <= high).length;
		const shown = this.#pages.on(low, high, this.total);
		const beyond = high - this.#pages.front.end > 2 * PAGE || shown.some((page) => page.side === 'back');
		if (above <= DEEP && !beyond) return this.#reload(Math.max(1, above), hold);
		const round = ++this.#round;
		try {
			for (const page of shown) {
				const answer = await this.#read(page.side, page.after, page.size);
				if (round !== this.#round) return;
				this.#pages.fill(page, answer.rows);
				this.#answered(answer);
			}
		} catch (thrown) {
			if (round === this.#round) this.trouble = asTrouble(thrown);
		}
		this.#reading = false;
		// A walk that was on its way goes on.
		if (this.#want) this.ensure(...this.#want);
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
		this.#answered(staged.answer);
		if (this.#want) this.ensure(...this.#want);
	}
	#drop(): void {
		this.#staged = null;
		this.#gone.clear();
		this.held = null;
	}

	/** Rows keep their places and say what is true now; true if nothing came, went or moved. */
	#hold(pages: Pages, answer: QueuePage): boolean {
		const now = pages.front.pages.flatMap((page) => page.rows ?? []);
		const mine = this.#pages.front.pages;
		const shown = mine.filter((page) => page.at < now.length).flatMap((page) => page.rows ?? []);
		const byId = new Map(now.map((row) => [row.id, row]));
		const known = new Set(shown.map((row) => row.id));
		const same = shown.length === now.length && shown.every((row, i) => row.id === now[i]?.id);
		if (same) return true;
		const fresh = now.filter((row) => !known.has(row.id)).length;
		// Rows at the very end may have been pushed out of what was read, not out of the list.
		const sure = pages.front.done ? shown.length : shown.length - fresh;
		this.#gone = new Set(shown.filter((row, i) => i < sure && !byId.has(row.id)).map((row) => row.id));
		for (const page of mine) page.rows = page.rows?.map((row) => byId.get(row.id) ?? row) ?? null;
		this.#staged = { pages, answer };
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
			const pages = new Pages();
			const { front } = pages;
			let answer: QueuePage;
			do {
				const after = front.next;
				answer = await this.#read('front', after, PAGE);
				if (round !== this.#round) return;
				pages.add('front', after, answer.rows, answer.next);
			} while (front.pages.length < count && !front.done);
			if (hold && !this.first && !this.#hold(pages, answer)) {
				this.#reading = false;
				return;
			}
			this.#drop();
			this.#pages = pages;
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
				const length = { total: this.total, exact: this.#exact };
				const step = this.#pages.plan(...this.#want, length, this.#question.sort !== '');
				if (!step) break;
				const moving_ms = STILL_MS - (performance.now() - this.#wanted);
				if (step.far && moving_ms > 0) {
					await new Promise((done) => setTimeout(done, moving_ms));
					continue;
				}
				const answer = await this.#read(step.side, step.after, step.limit);
				if (round !== this.#round) return;
				if (step.again) this.#pages.fill(step.again, answer.rows);
				else this.#pages.add(step.side, step.after, answer.rows, answer.next);
				this.#answered(answer);
				this.#pages.letGo(...this.#want, this.total);
			}
		} catch (thrown) {
			if (round === this.#round) this.trouble = asTrouble(thrown);
		}
		if (round === this.#round) this.#reading = false;
	}

	/** From the back the same question is asked with its sort turned round, ties included. */
	#read(side: Side, after: string | null, limit: number): Promise<QueuePage> {
		const { descending } = this.#question;
		return desk().queue({ ...this.#question, descending: descending !== (side === 'back'), after, limit });
	}

	#answered(answer: QueuePage): void {
		this.#exact = !answer.total_at_least;
		if (!this.#exact) this.#pages.dropBack();
		// Counting stops somewhere; what was read proves that there are more.
		const complete = this.#pages.complete({ total: answer.total, exact: this.#exact });
		this.atLeast = answer.total_at_least && !complete;
		const read = this.#pages.front.end + (complete ? 0 : PAGE);
		this.total = answer.total_at_least ? Math.max(answer.total, read) : answer.total;
		this.hints = answer.hints;
		this.asOf = answer.as_of_ms;
		this.trouble = null;
		this.version++;
	}
}
