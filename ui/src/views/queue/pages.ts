// What is known of a list that the desk gives page by page: pages of rows, each with its place and
// the key that reads it again, and between them what nobody came to yet. Pure bookkeeping: which
// row stands where, what to ask next, and what an answer means.
//
// Neighbours hang together by key: a page begins where the one above it ends (`next` of the one is
// `after` of the other), so nothing is shown twice or lost while rows come and go. A far place is
// counted from the nearest place known, or from the end with the sort turned round; from then on
// it is held by the key that came with it. Such a count is a guess as soon as rows come or go. The
// guess is found out where two stretches meet, where the list ends, and where one order would
// stand twice: there the newest answer is right, and what disagrees is forgotten. It is read again
// when somebody comes there, as any place is one question away.
import type { QueuePage, QueueRow } from '$lib/api/types';

/** Rows of a page, and the most the desk gives at once. */
export const PAGE = 200;
const MOST = 500;
/** Rows kept in memory. */
const KEEP = 24 * PAGE;

export interface Page {
	/** Place of its first row, as far as is known. */
	at: number;
	/** Reads it again; null: from the front. */
	after: string | null;
	rows: QueueRow[];
	/** Where to go on below it; null: the list ends here, undefined: it was read from the end, which does not tell. */
	next: string | null | undefined;
	/** Only without `next`: the key of the row below it. */
	foot: string | null;
	/** Something changed since it was read: shown, and read again when somebody comes there. */
	old?: boolean;
}

/** One question. */
export interface Step {
	/** Onwards below a known place, upwards from a page, or from the end of the list. */
	way: 'down' | 'up' | 'end';
	after: string | null;
	skip: number;
	limit: number;
	/** Where its first row will stand. */
	at: number;
	/** The page it goes on from, if it does. */
	from: Page | null;
	/** Counted, not the neighbour of something known. */
	far: boolean;
}

type Answer = Pick<QueuePage, 'rows' | 'total' | 'total_at_least' | 'next' | 'start'>;

const end = (page: Page) => page.at + page.rows.length;
/** Rows of it that a reading upwards from its end comes by: behind `next`, the last is not among them. */
const ownRows = (page: Page) => page.rows.length - (page.next ? 1 : 0);
const between = (low: number, high: number, wanted: number) => Math.max(low, Math.min(high, wanted));

export class Pages {
	/** Rows of the whole list; with `atLeast` there are more, and it grows as it is read on. */
	total = 0;
	atLeast = false;
	/** In the order of the list; no two overlap, and those that touch hang together by key. */
	#pages: Page[] = [];
	/** Only then places can be counted from the end. */
	#exact = true;
	/** Rows that are there for sure, and the place behind which there is none. */
	#counted = 0;
	#cap = Infinity;

	/** Orders that are there for sure; with `atLeast` there are more than that. */
	get sure(): number {
		const last = this.#pages.at(-1);
		return this.atLeast ? Math.max(this.#counted, last ? end(last) : 0) : this.total;
	}

	row(index: number): QueueRow | undefined {
		const page = this.#pages.findLast((each) => each.at <= index);
		return page?.rows[index - page.at];
	}
	indexOf(id: number): number {
		for (const page of this.#pages) {
			const at = page.rows.findIndex((row) => row.id === id);
			if (at >= 0) return page.at + at;
		}
		return -1;
	}
	/** Rows held, in the order of the list. */
	all(): QueueRow[] {
		return this.#pages.flatMap((page) => page.rows);
	}
	on(low: number, high: number): Page[] {
		return this.#pages.filter((page) => page.at <= high && end(page) > low);
	}
	/** The pages from the first row on. */
	front(): Page[] {
		return this.#pages[0]?.at === 0 ? this.#stretch(this.#pages[0]) : [];
	}

	/** What reads on below pages that were read downwards; null: the list ends there. */
	below(pages: Page[]): Step | null {
		const from = pages.at(-1) ?? null;
		if (from?.next === null) return null;
		const place = { after: from?.next ?? null, at: from ? end(from) : 0 };
		return { way: 'down', ...place, skip: 0, limit: PAGE, from, far: false };
	}

	/**
	 * What to ask so that rows from `low` to `high` are here; null: they are, or there are none.
	 * Only with `reversible` it may be asked with the sort turned round.
	 */
	plan(low: number, high: number, reversible: boolean): Step | null {
		const last = Math.min(high, this.total - 1);
		// The list may have become shorter than where somebody stands: they will be at its end.
		let first = Math.max(0, Math.min(low, this.total - 1 - (high - low)));
		for (const page of this.on(first, last)) if (page.at <= first) first = end(page);
		if (first > last) return this.#again(low, last);
		const above = this.#pages.findLast((page) => page.at <= first) ?? null;
		if (above?.next === null) return null;
		const below = this.#pages.find((page) => page.at > first);
		const [ceiling, floor] = [above ? end(above) : 0, below?.at ?? Infinity];
		const to = Math.min(last + 1, floor);
		// Read from the end, it does not know how to go on below: it is read again, and longer.
		const again = above !== null && above.next === undefined;
		const known = again
			? { after: above.after, at: above.at }
			: { after: above?.next ?? null, at: above ? end(above) : 0 };
		const from = again ? null : above;
		if (first - ceiling <= PAGE) {
			const wanted = again ? MOST : between(PAGE, MOST, to - known.at);
			const limit = Math.min(wanted, floor - known.at);
			return { way: 'down', ...known, skip: 0, limit, from, far: false };
		}
		// Two rows more: the one that shows that both hang together, and the one whose key is above.
		if (below && reversible && floor - first <= MOST - 2) return this.#above(below, Math.max(PAGE, floor - first));
		let count = between(PAGE, MOST, to - first);
		let at = to - first >= PAGE ? first : Math.floor((first + to - count) / 2);
		// Where it is not known how many there are, some of the rows read should be there for sure.
		const reach = this.#pages.reduce((most, page) => Math.max(most, end(page)), this.#counted);
		at = Math.min(at, floor - count, this.#exact ? this.total - count : reach - PAGE / 2);
		at = Math.max(at, ceiling);
		count = Math.min(Math.max(count, to - at), MOST, floor - at);
		const behind = this.total - (at + count);
		if (reversible && this.#exact && behind >= 0 && behind < at - known.at)
			return { way: 'end', after: null, skip: behind, limit: Math.min(count + 1, MOST), at, from: null, far: true };
		return { way: 'down', after: known.after, skip: at - known.at, limit: count, at, from, far: true };
	}

	#again(low: number, high: number): Step | null {
		const old = this.on(low, high).find((page) => page.old);
		if (!old) return null;
		const { after, at } = old;
		const from = this.#pages.find((page) => end(page) === at) ?? null;
		return { way: 'down', after, skip: 0, limit: old.rows.length, at, from, far: false };
	}

	/** Upwards from a page: the sort turned round, beginning with its own first row. */
	#above(page: Page, count: number): Step {
		const after = page.next === undefined ? page.foot : page.next;
		const own = ownRows(page);
		const seen = Math.min(1, own);
		const at = page.at - count;
		return { way: 'up', after, skip: own - seen, limit: count + seen + 1, at, from: page, far: false };
	}

	/** Puts in what was answered. */
	take(step: Step, answer: Answer): void {
		this.#count(answer);
		const page = this.#read(step, answer);
		if (page && page.rows.length > 0) this.#put([page]);
		this.#settle(page ? [page] : []);
		// It could not be where it was counted to, so the place it was counted from is wrong as well.
		if (page && step.from && step.far && !this.#pages.includes(page)) this.#forget(this.#stretch(step.from));
	}

	/** Something changed, and these pages were read again, each behind the one before; all others are old. */
	renew(renewed: readonly { page: Page; after: string | null; answer: Answer }[]): void {
		for (const page of this.#pages) page.old = true;
		const last = renewed.at(-1)?.answer;
		if (!last) return;
		this.#count(last);
		const fresh: Page[] = [];
		for (const { page, after, answer } of renewed) {
			this.#pages = this.#pages.filter((each) => each !== page);
			const above = fresh.at(-1);
			const hangs = above !== undefined && above.next === after;
			const at = hangs ? end(above) : page.at;
			if (answer.rows.length > 0) fresh.push({ at, after, rows: answer.rows, next: answer.next, foot: null });
			else if (!hangs) this.#endAt(page.at);
		}
		this.#put(fresh);
		this.#settle(fresh);
	}

	/** Lets rows go that are far from `low` to `high`. */
	letGo(low: number, high: number): void {
		const away = (page: Page) => Math.max(low - end(page), page.at - high, 0);
		let room = KEEP;
		const near = [...this.#pages].sort((a, b) => away(a) - away(b));
		const kept = new Set(near.filter((page) => (room -= page.rows.length) >= 0 || away(page) === 0));
		this.#pages = this.#pages.filter((page) => kept.has(page));
	}

	/** The page that an answer is; null: it only told that there is none. */
	#read(step: Step, answer: Answer): Page | null {
		const { from } = step;
		if (step.way === 'down') {
			const after = step.skip === 0 ? step.after : answer.start;
			if (answer.rows.length > 0) return { at: step.at, after, rows: answer.rows, next: answer.next, foot: null };
			if (step.skip === 0 && from) from.next = null;
			// There should be rows by the desk's own count: the place it was counted from is not where it was.
			else if (from && this.#exact && step.at < this.#counted) this.#forget(this.#stretch(from));
			this.#endAt(step.at);
			return null;
		}
		const rows = answer.rows.toReversed();
		if (step.way === 'up' && from) {
			if (ownRows(from) > 0 && rows.pop()?.id !== from.rows[0]?.id) {
				// Rows came or went within it: no place to count from.
				this.#forget([from]);
				return null;
			}
		}
		// Going down, the key above a page is the one of the row before it: that row only lends it.
		if (answer.next !== null) rows.shift();
		const page = { after: answer.next, rows, foot: null };
		if (step.way === 'up' && from) {
			// At the front sooner than was thought: all that was counted is wrong.
			if (answer.next === null) this.#pages = [];
			return { ...page, at: answer.next === null ? 0 : from.at - rows.length, next: from.after };
		}
		const at = answer.total_at_least ? step.at : answer.total - step.skip - rows.length;
		return { ...page, at: Math.max(0, at), next: step.skip === 0 ? null : undefined, foot: answer.start };
	}

	#count(answer: Answer): void {
		this.#exact = !answer.total_at_least;
		if (this.#exact) this.#cap = Infinity;
		this.#counted = Math.min(answer.total, this.#cap);
	}
	/** There was no row at this place, so there is none behind it. */
	#endAt(at: number): void {
		this.#forget(this.#pages.filter((page) => end(page) > at));
		// An exact number says itself where the list ends.
		if (this.#exact) return;
		this.#cap = Math.min(this.#cap, at);
		this.#counted = Math.min(this.#counted, at);
	}
	#forget(pages: readonly Page[]): void {
		this.#pages = this.#pages.filter((page) => !pages.includes(page));
	}
	/** The pages that hang together with this one. */
	#stretch(page: Page): Page[] {
		let low = this.#pages.indexOf(page);
		let high = low;
		const touch = (i: number) => {
			const [above, below] = [this.#pages[i], this.#pages[i + 1]];
			return above !== undefined && below !== undefined && end(above) === below.at;
		};
		while (touch(low - 1)) low--;
		while (touch(high)) high++;
		return this.#pages.slice(low, high + 1);
	}

	/** Newest pages: what does not agree with them is forgotten. */
	#put(fresh: readonly Page[]): void {
		const ids = new Set<number>();
		// Also among themselves: a row may move while one is read behind the other.
		const twice = new Set(
			fresh.filter((page) => {
				const known = page.rows.some((row) => ids.has(row.id));
				for (const row of page.rows) ids.add(row.id);
				return known;
			}),
		);
		const mine = fresh.filter((page) => !twice.has(page));
		const others = this.#pages.filter((other) => !fresh.includes(other));
		const agrees = (other: Page) =>
			!other.rows.some((row) => ids.has(row.id)) && mine.every((page) => this.#fits(page, other));
		this.#pages = [...others.filter(agrees), ...mine].sort((a, b) => a.at - b.at);
		const reach = Math.max(0, ...mine.map(end));
		if (reach > this.#cap) this.#cap = Infinity;
	}
	#fits(page: Page, other: Page): boolean {
		const [above, below] = page.at < other.at ? [page, other] : [other, page];
		if (end(above) > below.at || above.next === null) return false;
		return end(above) < below.at || above.next === below.after;
	}

	/** Holds the pages against the length of the list. */
	#settle(fresh: readonly Page[]): void {
		const last = this.#pages.at(-1);
		const reach = last ? end(last) : 0;
		if (!this.#exact) {
			const ended = last?.next === null || reach === this.#cap;
			this.atLeast = !ended;
			this.total = ended ? reach : Math.min(this.#cap, Math.max(this.#counted, reach + PAGE));
			return;
		}
		this.atLeast = false;
		this.total = this.#counted;
		if (!last || (last.next === null ? reach === this.total : reach < this.total)) return;
		const stretch = this.#stretch(last);
		const [first = last] = stretch;
		if (first.after === null) {
			// Read on from the front: its rows are what there is, though some are of another time.
			if (last.next === null) this.total = reach;
			for (const page of stretch) page.old = !fresh.includes(page);
			return;
		}
		const away = this.total - reach;
		if (last.next === null && first.at + away > 0) {
			// What ends the list stands at its end, wherever it was counted to.
			for (const page of stretch) page.at += away;
			this.#put(stretch);
		} else {
			// Beyond the end with more behind it: nobody knows where this stands.
			this.#forget(stretch);
			this.#settle(fresh);
		}
	}
}
