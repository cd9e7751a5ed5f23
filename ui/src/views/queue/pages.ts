// Pages of a list that is read by key: a run from its front and a run from its end, and between
// them what nobody asked for yet. Bookkeeping only: which row stands where, which page to read
// next, and which rows to let go. The places to go on (`after`) of all pages stay, so that a page
// whose rows were let go can be read again.
import type { QueueRow } from '$lib/api/types';

/** Rows of a page near what is known, and of one on the way to a far place (the most the desk gives). */
export const PAGE = 200;
const STRIDE = 500;
/** A place further away than this is a walk, rows. */
const NEAR = 2 * PAGE;
/** Pages of rows kept in memory. */
const KEEP = 24;

export type Side = 'front' | 'back';

export interface Page {
	side: Side;
	/** Rows before it, counted from its own side. */
	at: number;
	after: string | null;
	size: number;
	/** In the order of the list, whichever side they were read from; null: let go. */
	rows: QueueRow[] | null;
}

/** What is known of the list's length. */
export interface Length {
	total: number;
	/** Only then places can be counted from the end. */
	exact: boolean;
}

/** The page to read next. */
export interface Step {
	side: Side;
	/** It was here before and its rows were let go. */
	again: Page | null;
	after: string | null;
	limit: number;
	/** The place is so far away that there is a walk ahead. */
	far: boolean;
}

/** Neighbouring pages from one side on. */
class Run {
	pages: Page[] = [];
	next: string | null = null;

	get end(): number {
		const last = this.pages.at(-1);
		return last ? last.at + last.size : 0;
	}
	/** The desk has nothing behind its last page. */
	get done(): boolean {
		return this.pages.length > 0 && this.next === null;
	}
	find(at: number): Page | undefined {
		let low = 0;
		let high = this.pages.length - 1;
		while (low <= high) {
			const middle = (low + high) >> 1;
			const page = this.pages[middle];
			if (!page) return undefined;
			if (at < page.at) high = middle - 1;
			else if (at >= page.at + page.size) low = middle + 1;
			else return page;
		}
		return undefined;
	}
}

export class Pages {
	readonly front = new Run();
	back = new Run();

	/** All that there is was read at least once. */
	complete({ total, exact }: Length): boolean {
		return this.front.done || (exact && this.front.pages.length > 0 && this.front.end + this.back.end >= total);
	}

	/** Adds what was read behind the last page of a side. */
	add(side: Side, after: string | null, answered: QueueRow[], next: string | null): void {
		const run = this[side];
		const rows = side === 'front' ? answered : [...answered].reverse();
		run.pages.push({ side, at: run.end, after, size: rows.length, rows });
		run.next = rows.length === 0 ? null : next;
	}
	/** Puts rows back that were let go, or newer ones in their place. */
	fill(page: Page, answered: QueueRow[]): void {
		page.rows = page.side === 'front' ? answered : [...answered].reverse();
	}
	/** The end is no longer known. */
	dropBack(): void {
		this.back = new Run();
	}

	row(index: number, total: number): QueueRow | undefined {
		const page = this.front.find(index);
		if (page) return page.rows?.[index - page.at];
		const fromEnd = total - 1 - index;
		const behind = this.back.find(fromEnd);
		return behind?.rows?.[behind.rows.length - 1 - (fromEnd - behind.at)];
	}
	/** Index of its first row. */
	start(page: Page, total: number): number {
		return page.side === 'front' ? page.at : total - page.at - page.size;
	}
	/** In the order of the list. */
	all(): Page[] {
		return [...this.front.pages, ...[...this.back.pages].reverse()];
	}
	on(low: number, high: number, total: number): Page[] {
		return this.all().filter((page) => {
			const start = this.start(page, total);
			return start <= high && start + page.size > low;
		});
	}

	/**
	 * What to read so that rows from `low` to `high` are here; null: they are, or there are none.
	 * With `reversible` a place nearer to the end is read from there.
	 */
	plan(low: number, high: number, { total, exact }: Length, reversible: boolean): Step | null {
		const again = this.on(low, high, total).find((page) => !page.rows);
		if (again) return { side: again.side, again, after: again.after, limit: again.size, far: false };
		if (this.complete({ total, exact })) return null;
		const { front, back } = this;
		const from = Math.max(low, front.end);
		const to = exact ? Math.min(high, total - 1 - back.end) : high;
		if (from > to) return null;
		const gap = exact ? total - front.end - back.end : Infinity;
		const step = (side: Side, away: number): Step => ({
			side,
			again: null,
			after: this[side].next,
			limit: Math.min(gap, away > NEAR ? STRIDE : PAGE),
			far: away > NEAR,
		});
		const [down, up] = [from - front.end, total - 1 - back.end - to];
		return exact && reversible && !back.done && up < down ? step('back', up) : step('front', down);
	}

	/** Lets rows go that are far from `low` to `high`. */
	letGo(low: number, high: number, total: number): void {
		const away = (page: Page) => {
			const start = this.start(page, total);
			return Math.max(low - (start + page.size), start - high, 0);
		};
		const held = this.all().filter((page) => page.rows);
		held.sort((a, b) => away(b) - away(a));
		for (const page of held.slice(0, Math.max(0, held.length - KEEP))) page.rows = null;
	}
}
