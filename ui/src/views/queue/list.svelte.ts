// The queue's rows, read as they are wanted. The list knows how many match and holds the pages
// around what is shown; `pages.ts` knows which question brings a place, near or far: always one. A
// far place is asked for when it stands still, so that a dragged scroll bar does not ask for all
// that it passes, and a newer place takes over at once.
import { asTrouble, desk } from '$lib/api/desk';
import type { QueueAsk, QueuePage, QueueRow, Tone, Trouble } from '$lib/api/types';
import { InTurn } from '$lib/domain/in-turn';
import { type Page, PAGE, Pages, type Step } from './pages';

export { PAGE };
/** A refresh below this many rows reads only what is on screen. */
const DEEP = 10 * PAGE;
/** Questions for one place; one is usual. */
const MANY = 50;
/** A far place must stand still this long before it is asked for, ms. */
const STILL_MS = 120;

export type Question = Pick<QueueAsk, 'view' | 'text' | 'sort' | 'descending'>;

/** What a screen of rows asks of whatever holds them: one list, or several under headings. */
export interface Rows {
	readonly total: number;
	readonly atLeast: boolean;
	/** Orders that are there for sure: headings are none, and a list that grows as it is read has room for more. */
	readonly sure: number;
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

/** How many rows at the end are so. */
const run = (rows: readonly QueueRow[], so: (row: QueueRow) => boolean) =>
	rows.length - 1 - rows.findLastIndex((row) => !so(row));
const rowsOf = (pages: readonly Page[]) => pages.flatMap((page) => page.rows);

export class QueueList implements Rows {
	total = $state(0);
	/** There are more than `total`; the list grows as it is read on. */
	atLeast = $state(false);
	sure = $state(0);
	hints = $state.raw<readonly string[]>([]);
	asOf = $state<number | null>(null);
	trouble = $state.raw<Trouble | null>(null);
	/** Nothing has been read yet for this question. */
	first = $state(true);
	/** Counts up whenever rows changed; whoever shows rows reads it. */
	version = $state(0);

	/** Rows that came or went while somebody works here: told, not shoved in. */
	held = $state.raw<{ fresh: number; left: number } | null>(null);

	/** Puts in what was held back. */
	#staged: (() => void) | null = null;
	/** Ids of what is held back: new ones, and those that are still shown and no longer belong here. */
	came: ReadonlySet<number> = new Set();
	gone: ReadonlySet<number> = new Set();
	#question: Question;
	#pages = new Pages();
	/** Counts questions; an answer to another one is none. */
	#round = 0;
	#turns = new InTurn();
	#filling: Promise<void> = Promise.resolve();
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
	ask(question: Question): Promise<void> {
		this.#question = question;
		// Where somebody stood in the old list says nothing about the new one.
		this.#want = null;
		const round = ++this.#round;
		this.#turns.forget();
		this.#filling = Promise.resolve();
		this.#reading = false;
		this.first = true;
		this.#drop();
		return this.#turns.run(() => this.#reload(round, 1, false));
	}

	row(index: number): QueueRow | undefined {
		return this.#pages.row(index);
	}

	/** Rows held now, with their place in the list. */
	indexOf(id: number): number {
		return this.#pages.indexOf(id);
	}

	/** Ids of rows held, in order. */
	order(): number[] {
		return this.#pages.all().map((row) => row.id);
	}

	/** Makes sure rows from `low` to `high` are here, or on their way. */
	ensure(low: number, high: number): void {
		if (this.#want?.[0] !== low || this.#want[1] !== high) this.#wanted = performance.now();
		this.#want = [low, high];
		if (!this.#reading && !this.first) this.#filling = this.#fill();
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
	 *
	 * Changes may come faster than answers: what is on its way comes first, each answer is shown.
	 */
	refresh(low: number, high: number, hold = false): Promise<void> {
		const round = this.#round;
		return this.#turns.run(async () => {
			await this.#filling;
			if (round === this.#round) await this.#refresh(round, low, high, hold);
		});
	}
	async #refresh(round: number, low: number, high: number, hold: boolean): Promise<void> {
		const above = this.#pages.front();
		const front = rowsOf(above).length;
		const shown = this.#pages.on(low, high);
		const beyond = high - front > 2 * PAGE || shown.some((page) => !above.includes(page));
		if (high < DEEP && !beyond) return this.#reload(round, Math.min(front, high + 1), hold);
		this.#reading = true;
		try {
			const renewed: { page: Page; after: string | null; answer: QueuePage }[] = [];
			for (const page of shown) {
				const before = renewed.at(-1);
				const hangs = before !== undefined && before.page.at + before.page.rows.length === page.at;
				const after = hangs ? before.answer.next : page.after;
				if (hangs && after === null) break;
				const answer = await this.#ask({ way: 'down', after, skip: 0, limit: page.rows.length });
				if (round !== this.#round) return;
				renewed.push({ page, after, answer });
			}
			const last = renewed.at(-1);
			const now = renewed.flatMap(({ answer }) => answer.rows);
			const put = () => {
				this.#pages.renew(renewed);
				if (last) this.#answered(last.answer);
			};
			if (!hold || !last || this.#same(shown, now, last.answer.next === null)) {
				this.#drop();
				put();
			} else this.#hold(shown, now, last.answer, last.answer.next === null, put);
		} catch (thrown) {
			if (round === this.#round) this.trouble = asTrouble(thrown);
		}
		if (round !== this.#round) return;
		this.#reading = false;
		// What is wanted may have changed meanwhile.
		if (this.#want) this.ensure(...this.#want);
	}

	heading(): null {
		return null;
	}
	left(id: number): boolean {
		return this.gone.has(id);
	}

	/** Puts in what was held back. */
	apply(): void {
		const staged = this.#staged;
		this.#drop();
		if (!staged) return;
		staged();
		if (this.#want) this.ensure(...this.#want);
	}
	#drop(): void {
		this.#staged = null;
		this.came = this.gone = new Set();
		this.held = null;
	}

	/** Of these pages, the rows that were read again. */
	#reread(mine: readonly Page[], now: readonly QueueRow[], ended: boolean): QueueRow[] {
		return rowsOf(mine).slice(0, ended ? undefined : now.length);
	}
	/** Nothing came, went or moved. */
	#same(mine: readonly Page[], now: readonly QueueRow[], ended: boolean): boolean {
		const shown = this.#reread(mine, now, ended);
		return shown.length === now.length && shown.every((row, i) => row.id === now[i]?.id);
	}
	/** Rows keep their places and say what is true now; `put` waits for `apply`. */
	#hold(mine: readonly Page[], now: readonly QueueRow[], answer: QueuePage, ended: boolean, put: () => void): void {
		const shown = this.#reread(mine, now, ended);
		const byId = new Map(now.map((row) => [row.id, row]));
		const known = new Set(shown.map((row) => row.id));
		const came = now.filter((row) => !known.has(row.id));
		const gone = shown.filter((row) => !byId.has(row.id));
		// Rows at the very end may have been pushed out of what was read, or have moved up into it.
		const pushed = ended
			? 0
			: Math.min(
					came.length,
					run(shown, (row) => !byId.has(row.id)),
				);
		const up = ended
			? 0
			: Math.min(
					gone.length,
					run(now, (row) => !known.has(row.id)),
				);
		this.came = new Set(came.slice(0, came.length - up).map((row) => row.id));
		this.gone = new Set(gone.slice(0, gone.length - pushed).map((row) => row.id));
		for (const page of mine) page.rows = page.rows.map((row) => byId.get(row.id) ?? row);
		this.#staged = put;
		this.held = { fresh: this.came.size, left: this.gone.size };
		this.asOf = answer.as_of_ms;
		this.trouble = null;
		this.version++;
	}

	/** Reads anew from the front, this many rows or more. */
	async #reload(round: number, count: number, hold: boolean): Promise<void> {
		this.#reading = true;
		try {
			const pages = new Pages();
			let answer: QueuePage | undefined;
			for (;;) {
				const front = pages.front();
				const step = pages.below(front);
				if (!step || (answer && rowsOf(front).length >= count)) break;
				answer = await this.#ask(step);
				if (round !== this.#round) return;
				pages.take(step, answer);
				if (answer.rows.length === 0) break;
			}
			if (!answer) return;
			const last = answer;
			const put = () => {
				this.#pages = pages;
				this.first = false;
				this.#answered(last);
			};
			const [mine, now] = [this.#pages.front(), rowsOf(pages.front())];
			const ended = pages.below(pages.front()) === null;
			if (!hold || this.first || this.#same(mine, now, ended)) {
				this.#drop();
				put();
			} else this.#hold(mine, now, answer, ended, put);
		} catch (thrown) {
			if (round !== this.#round) return;
			this.trouble = asTrouble(thrown);
			this.first = false;
			this.version++;
		}
		this.#reading = false;
		if (this.#want) this.ensure(...this.#want);
	}

	/** Asks until what is wanted is here; what is wanted may change meanwhile. */
	async #fill(): Promise<void> {
		const round = this.#round;
		this.#reading = true;
		let [wanted, asked] = [this.#want, 0];
		try {
			while (round === this.#round && this.#want) {
				const step = this.#pages.plan(...this.#want, this.#question.sort !== '');
				if (!step) break;
				const moving_ms = STILL_MS - (performance.now() - this.#wanted);
				if (step.far && moving_ms > 0) {
					await new Promise((done) => setTimeout(done, moving_ms));
					continue;
				}
				asked = wanted === this.#want ? asked + 1 : 1;
				wanted = this.#want;
				// A desk that contradicts itself is not asked for ever.
				if (asked > MANY) break;
				const answer = await this.#ask(step);
				if (round !== this.#round) return;
				this.#pages.take(step, answer);
				this.#pages.letGo(...this.#want);
				this.#answered(answer);
			}
		} catch (thrown) {
			if (round === this.#round) this.trouble = asTrouble(thrown);
		}
		if (round === this.#round) this.#reading = false;
	}

	/** Upwards and from the end the same question is asked with its sort turned round, ties included. */
	#ask({ way, after, skip, limit }: Pick<Step, 'way' | 'after' | 'skip' | 'limit'>): Promise<QueuePage> {
		const { descending } = this.#question;
		return desk().queue({ ...this.#question, descending: descending !== (way !== 'down'), after, skip, limit });
	}

	#answered(answer: QueuePage): void {
		this.total = this.#pages.total;
		this.atLeast = this.#pages.atLeast;
		this.sure = this.#pages.sure;
		this.hints = answer.hints;
		this.asOf = answer.as_of_ms;
		this.trouble = null;
		this.version++;
	}
}
