// Any place of a list that lives: rows come and go between the questions, counting may stop early,
// and whatever was read when, no order is shown twice and none stays hidden.
import { describe, expect, it } from 'vitest';
import type { QueuePage, QueueRow } from '$lib/api/types';
import { Pages, type Step } from './pages';

/** Orders by the key they are sorted by, which may change; `ids` in the order of the list. */
class Model {
	rows: { id: number; key: number }[];
	asked: Step[] = [];
	#next = 1e6;
	constructor(
		count: number,
		readonly counts = Infinity,
	) {
		this.rows = Array.from({ length: count }, (_, i) => ({ id: i, key: i * 1_000 }));
	}
	get ids(): number[] {
		return this.rows.map((row) => row.id);
	}
	leave(at: number, count: number): void {
		this.rows.splice(at, count);
	}
	/** New ones between the row at this place and the next. */
	come(at: number, count: number): void {
		const [low, high] = [this.rows[at]?.key ?? 0, this.rows[at + 1]?.key ?? 1e9];
		const fresh = Array.from({ length: count }, (_, i) => low + ((high - low) * (i + 1)) / (count + 2));
		this.rows.splice(at + 1, 0, ...fresh.map((key) => ({ id: this.#next++, key })));
	}
	/** The order there is sorted elsewhere now. */
	move(from: number, to: number): void {
		const [row] = this.rows.splice(from, 1);
		if (!row) return;
		const at = Math.min(to, this.rows.length - 1);
		const [low, high] = [this.rows[at]?.key ?? 0, this.rows[at + 1]?.key ?? 1e9];
		this.rows.splice(at + 1, 0, { ...row, key: (low + high) / 2 });
	}
	answer({ way, after, skip, limit }: Pick<Step, 'way' | 'after' | 'skip' | 'limit'>): QueuePage {
		const turn = way === 'down' ? 1 : -1;
		const all = turn < 0 ? this.rows.toReversed() : this.rows;
		const first = after === null ? 0 : all.findIndex(({ key }) => turn * key > turn * Number(after));
		const from = first < 0 ? all.length : Math.min(all.length, first + skip);
		const rows = all.slice(from, from + Math.min(limit, 500));
		const more = from + rows.length < all.length;
		return {
			rows: rows.map(({ id }) => ({ id }) as QueueRow),
			total: Math.min(this.rows.length, this.counts),
			total_at_least: this.rows.length > this.counts,
			next: more && rows.length > 0 ? String(rows.at(-1)?.key) : null,
			start: skip > 0 && from > 0 ? String(all[from - 1]?.key) : after,
			hints: [],
			as_of_ms: 0,
		};
	}
}

/** Asks until the place is here; how many questions that took. */
function visit(pages: Pages, model: Model, low: number, high: number, reversible = true): number {
	for (let asked = 0; ; asked++) {
		const step = pages.plan(low, high, reversible);
		if (!step) return asked;
		if (asked > 40) throw new Error(`no end at ${low}: ${JSON.stringify(step)}`);
		model.asked.push(step);
		pages.take(step, model.answer(step));
		pages.letGo(low, high);
	}
}
function refresh(pages: Pages, model: Model, low: number, high: number): void {
	const renewed: { page: ReturnType<Pages['on']>[number]; after: string | null; answer: QueuePage }[] = [];
	for (const page of pages.on(low, high)) {
		const above = renewed.at(-1);
		const hangs = above && above.page.at + above.page.rows.length === page.at;
		const after = hangs ? above.answer.next : page.after;
		if (hangs && after === null) break;
		renewed.push({ page, after, answer: model.answer({ way: 'down', after, skip: 0, limit: page.rows.length }) });
	}
	pages.renew(renewed);
}
const opened = (model: Model) => {
	const pages = new Pages();
	const step = pages.below([]) as Step;
	pages.take(step, model.answer(step));
	return pages;
};
const shown = (pages: Pages, low: number, high: number) =>
	Array.from({ length: high - low + 1 }, (_, i) => pages.row(low + i)?.id);

it('every place is one question, whatever is known, and is what stands there', () => {
	for (const reversible of [true, false])
		for (const counts of [Infinity, 5_000]) {
			const model = new Model(20_000, counts);
			const pages = opened(model);
			for (const low of [9_000, 9_150, 8_850, 4_000, 15_000, 15_190, 14_810, 3_650, 300, 19_900, 19_500, 12_345]) {
				if (low > pages.total - 30) continue;
				expect(visit(pages, model, low, low + 29, reversible), `${low} ${reversible} ${counts}`).toBeLessThanOrEqual(1);
				expect(shown(pages, low, low + 29)).toEqual(model.ids.slice(low, low + 30));
			}
			if (!reversible || counts < Infinity) expect(model.asked.every((step) => step.way !== 'end')).toBe(true);
		}
});

it('no way is longer than half of the list', () => {
	const model = new Model(20_000);
	const pages = opened(model);
	for (const low of [10_500, 19_000, 15_000, 5_000]) visit(pages, model, low, low + 29);
	expect(model.asked.map((step) => step.way)).toEqual(['end', 'end', 'down', 'down']);
	expect(Math.max(...model.asked.map((step) => step.skip))).toBeLessThanOrEqual(10_000);
});

it('above and below a far place the keys of its rows lead on, also when the list changed far above', () => {
	for (const low of [9_000, 11_000]) {
		const model = new Model(20_000);
		const pages = opened(model);
		visit(pages, model, low, low + 29);
		const before = shown(pages, low, low + 29);
		model.leave(50, 7);
		for (let away = 30; away <= 1_500; away += 30) {
			visit(pages, model, low - away, low - away + 29);
			visit(pages, model, low + away, low + away + 29);
		}
		// Seven are gone, and still nothing moved under the hand.
		expect(shown(pages, low, low + 29)).toEqual(before);
		const held = pages
			.all()
			.map((row) => row.id)
			.filter((id) => id > 1_000);
		const from = model.ids.indexOf(held[0] as number);
		expect(held).toEqual(model.ids.slice(from, from + held.length));
		expect(held.length).toBeGreaterThan(3_000);
	}
});

it('a row that left the page below is noticed on the way up', () => {
	const model = new Model(20_000);
	const pages = opened(model);
	visit(pages, model, 9_000, 9_029);
	const [page] = pages.on(9_000, 9_029);
	// One of its own rows is gone: passing over as many as it has would miss the one above it.
	model.leave((page?.at ?? 0) + 150, 1);
	const above = (page?.at ?? 0) - 40;
	visit(pages, model, above, above + 60);
	const ids = shown(pages, above, above + 60);
	expect(ids).toEqual(model.ids.slice(above, above + 61));
});

it('stretches that meet and disagree are read again from above, at the places that are right now', () => {
	for (const came of [-30, -1, 1, 30, 450]) {
		const model = new Model(4_000);
		const pages = opened(model);
		visit(pages, model, 1_000, 1_029);
		if (came > 0) model.come(300, came);
		else model.leave(300, -came);
		for (let low = 0; low < model.rows.length; low += 25) visit(pages, model, low, Math.min(low + 24, pages.total - 1));
		expect(pages.total).toBe(model.rows.length);
		expect(pages.all().map((row) => row.id)).toEqual(model.ids);
	}
});

it('the bottom is reached although rows went, or came, far above it', () => {
	for (const change of [-300, -10, 10, 300]) {
		const model = new Model(6_000);
		const pages = opened(model);
		visit(pages, model, 4_500, 4_529);
		if (change < 0) model.leave(1_000, -change);
		else model.come(1_000, change);
		for (let low = 4_500; low < pages.total; low += 25) visit(pages, model, low, low + 24);
		expect(pages.total).toBe(model.rows.length);
		expect(shown(pages, pages.total - 20, pages.total - 1)).toEqual(model.ids.slice(-20));
	}
});

describe('when counting stops early', () => {
	it('the bottom of what was counted is read there, and there is more', () => {
		const model = new Model(9_000, 5_000);
		const pages = opened(model);
		expect([pages.total, pages.atLeast]).toEqual([5_000, true]);
		expect(visit(pages, model, 4_970, 4_999)).toBe(1);
		expect(shown(pages, 4_970, 4_999)).toEqual(model.ids.slice(4_970, 5_000));
		expect([pages.total > 5_000, pages.atLeast]).toEqual([true, true]);
		// On and on to the bottom, until it is the end.
		for (let i = 0; i < 40 && pages.atLeast; i++) {
			expect(visit(pages, model, pages.total - 30, pages.total - 1)).toBe(1);
		}
		expect([pages.total, pages.atLeast]).toEqual([9_000, false]);
		expect(shown(pages, 8_990, 8_999)).toEqual(model.ids.slice(-10));
	});

	it('an answer from behind the end makes the list as long as it is', () => {
		for (const left of [4_900, 4_700, 300, 0]) {
			const model = new Model(6_000, 5_000);
			const pages = opened(model);
			model.leave(left, Infinity);
			visit(pages, model, 4_970, 4_999);
			visit(pages, model, Math.max(0, pages.total - 30), pages.total - 1);
			expect([pages.total, pages.atLeast]).toEqual([left, false]);
			expect(shown(pages, Math.max(0, left - 30), left - 1)).toEqual(model.ids.slice(-30));
		}
	});

	it('also where the desk goes on to count too many', () => {
		const model = new Model(4_800, 5_000);
		const answer = model.answer.bind(model);
		model.answer = (step) => ({ ...answer(step), total: 5_000, total_at_least: true });
		const pages = opened(model);
		for (let i = 0; i < 4; i++) visit(pages, model, Math.max(0, pages.total - 30), pages.total - 1);
		expect([pages.total, pages.atLeast]).toEqual([4_800, false]);
		expect(shown(pages, 4_790, 4_799)).toEqual(model.ids.slice(-10));
	});
});

describe('whatever happens in whatever order', () => {
	const dice = (seed: number) => () => {
		seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
		return seed / 2 ** 32;
	};
	it('nothing is shown twice, and when the list stands still what is shown is true', () => {
		for (let seed = 1; seed <= 40; seed++) {
			const roll = dice(seed);
			const pick = (below: number) => Math.floor(roll() * below);
			const model = new Model(1_500 + pick(6_000), seed % 3 === 0 ? 1_000 : Infinity);
			const reversible = seed % 4 !== 0;
			const pages = opened(model);
			let low = 0;
			for (let turn = 0; turn < 80; turn++) {
				const what = roll();
				if (what < 0.35) low = pick(pages.total);
				else if (what < 0.75) low = Math.max(0, low + pick(500) - 250);
				else {
					if (what < 0.82) model.leave(pick(model.rows.length), pick(40));
					else if (what < 0.9) model.come(pick(model.rows.length), pick(40));
					else for (let i = pick(20); i > 0; i--) model.move(pick(model.rows.length), pick(model.rows.length));
					// The desk tells, mostly at once.
					if (roll() < 0.7) refresh(pages, model, low, low + 29);
				}
				visit(pages, model, low, low + 29, reversible);
				const ids = pages.all().map((row) => row.id);
				expect(new Set(ids).size, `seed ${seed}, turn ${turn}`).toBe(ids.length);
				const top = Math.min(low + 29, pages.total - 1);
				const start = Math.max(0, Math.min(low, pages.total - 30));
				expect(
					shown(pages, start, top).every((id) => id !== undefined),
					`seed ${seed}, turn ${turn}`,
				).toBe(true);
			}
			// A last change is told, and somebody looks through all of it, upwards or downwards.
			pages.renew([]);
			const places = Array.from({ length: 400 }, (_, i) => i * 25);
			for (const at of seed % 2 === 0 ? places : places.toReversed()) visit(pages, model, at, at + 29, reversible);
			if (model.counts === Infinity) expect(pages.total, `seed ${seed}`).toBe(model.rows.length);
			// Downwards all is counted from the front.
			for (let at = 0; at < pages.total; at += 25) {
				visit(pages, model, at, at + 29, reversible);
				expect(shown(pages, at, Math.min(at + 29, pages.total - 1)), `seed ${seed}, at ${at}`).toEqual(
					model.ids.slice(at, at + 30),
				);
			}
			expect([pages.total, pages.atLeast], `seed ${seed}`).toEqual([model.rows.length, false]);
		}
	});
});
