import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useDesk } from '$lib/api/desk';
import type { QueueAsk, QueueRow } from '$lib/api/types';
import { FakeDesk } from '$lib/fake/fake';
import { standStill } from '$lib/fake/still';
import { GroupedList } from './grouped.svelte';
import { PAGE, QueueList } from './list.svelte';

const QUESTION = { view: 'all', text: '', sort: 'placed', descending: false };

/** A desk that counts and can be slowed down per question. */
class Counting extends FakeDesk {
	asked: QueueAsk[] = [];
	gate: Promise<void> | null = null;
	fail = false;
	constructor(orders: number) {
		super({ orders });
		const answer = this.queue;
		this.queue = async (ask) => {
			this.asked.push(ask);
			if (this.fail) throw { code: 'storage', sentence: 'The disk is full.', field: null };
			const page = await answer(ask);
			if (this.gate) await this.gate;
			return page;
		};
	}
}

let desk: Counting;
let list: QueueList;
async function open(orders: number) {
	desk = new Counting(orders);
	useDesk(desk);
	list = new QueueList(QUESTION);
	await list.ask(QUESTION);
}
/** The same over a desk whose orders stand still; gives what it is asked. */
async function openStill(orders: number): Promise<QueueAsk[]> {
	desk = new Counting(orders);
	const { asked } = standStill(desk);
	useDesk(desk);
	list = new QueueList(QUESTION);
	await list.ask(QUESTION);
	return asked;
}
beforeEach(() => open(1000));

const ids = (low: number, high: number) => Array.from({ length: high - low + 1 }, (_, i) => list.row(low + i)?.id);

it('reads one page first and more when they come near', async () => {
	expect([list.total, list.first, desk.asked.length]).toEqual([1000, false, 1]);
	expect(list.row(PAGE - 1)).toBeDefined();
	expect(list.row(PAGE)).toBeUndefined();
	list.ensure(PAGE - 5, PAGE + 5);
	await list.settle();
	expect(desk.asked.length).toBe(2);
	expect(new Set(ids(0, 2 * PAGE - 1)).size).toBe(2 * PAGE);
});

it('comes back to pages whose rows it let go', async () => {
	await openStill(20_000);
	const top = ids(0, 9);
	// Half-way down page by page, as somebody who scrolls.
	for (let low = 0; low < 8_000; low += 150) {
		list.ensure(low, low + 30);
		await list.settle();
	}
	expect(list.row(0)).toBeUndefined();
	list.ensure(0, 9);
	await list.settle();
	expect(ids(0, 9)).toEqual(top);
	expect(list.indexOf(top[3] as number)).toBe(3);
});

describe('a hundred thousand orders', () => {
	const ALL = 100_000;
	/** In the order of the list. */
	let whole: number[];
	let large: FakeDesk;
	let asked: QueueAsk[];
	const sorted = (rows: readonly QueueRow[]) =>
		rows.toSorted((a, b) => a.placed_at_ms - b.placed_at_ms || a.id - b.id).map((row) => row.id);
	beforeAll(() => {
		large = new FakeDesk({ orders: ALL });
		({ asked } = standStill(large));
		whole = sorted(large.orders);
	});
	beforeEach(async () => {
		useDesk(large);
		list = new QueueList(QUESTION);
		await list.ask(QUESTION);
		asked.length = 0;
	});

	it('the end is one question away, and its neighbours one each', async () => {
		list.ensure(ALL - 30, ALL - 1);
		await list.settle();
		expect(ids(ALL - 30, ALL - 1)).toEqual(whole.slice(-30));
		expect(asked).toHaveLength(1);
		expect(asked[0]).toMatchObject({ descending: true, after: null });
		list.ensure(ALL - 220, ALL - 190);
		await list.settle();
		expect(ids(ALL - 220, ALL - 190)).toEqual(whole.slice(-220, -189));
		expect(asked).toHaveLength(2);
		expect(list.indexOf(whole[ALL - 3] as number)).toBe(ALL - 3);
		// What was read from both sides stands in the list's order, with a hole between.
		expect(list.order()).toEqual([...whole.slice(0, PAGE), ...whole.slice(-2 * PAGE)]);
	});

	it('three quarters down is one question, counted from the end', async () => {
		list.ensure(75_000, 75_030);
		await list.settle();
		expect(ids(75_000, 75_030)).toEqual(whole.slice(75_000, 75_031));
		expect(asked).toHaveLength(1);
		expect(asked[0]).toMatchObject({ descending: true, after: null });
	});

	it('the middle is one question, and so is each neighbour on both sides, by key', async () => {
		const places = [50_000, 50_180, 50_400, 49_850, 49_600];
		for (const [i, low] of places.entries()) {
			list.ensure(low, low + 30);
			await list.settle();
			expect(ids(low, low + 30)).toEqual(whole.slice(low, low + 31));
			expect(asked).toHaveLength(i + 1);
		}
		// Only the first was counted; a neighbour passes over no more than the rows of the page beside it.
		expect(asked[0]?.skip).toBeGreaterThan(49_000);
		for (const each of asked.slice(1)) {
			expect(each.skip).toBeLessThan(500);
			expect(each.after).not.toBeNull();
		}
		asked.length = 0;
		await list.refresh(50_180, 50_210);
		expect(asked.map((each) => each.skip)).toEqual(asked.map(() => 0));
		expect(ids(50_180, 50_210)).toEqual(whole.slice(50_180, 50_211));
	});

	it('a dragged scroll bar asks nothing before it rests, and then one question, each time', async () => {
		for (const rest of [50_000, 20_000, 80_000, 50_000]) {
			asked.length = 0;
			const known = list.row(rest) !== undefined;
			for (let low = rest - 15_000; low <= rest; low += 1_000) {
				list.ensure(low, low + 30);
				await new Promise((done) => setTimeout(done, 2));
			}
			expect(asked).toEqual([]);
			await list.settle();
			expect(asked).toHaveLength(known ? 0 : 1);
			expect(ids(rest, rest + 30)).toEqual(whole.slice(rest, rest + 31));
		}
	});

	it('stores, countries and stages can be sorted by, and many equal ones do not disturb a far place', async () => {
		const stages = ['unpaid', 'to_send', 'sending', 'packing', 'held', 'partly_shipped', 'telling', 'shipped'];
		for (const sort of ['store', 'country', 'stage'])
			for (const descending of [false, true]) {
				const question = { ...QUESTION, sort, descending };
				await list.ask(question);
				const wanted = large.sorted({ ...question, after: null, skip: 0, limit: 0 }).rows;
				asked.length = 0;
				for (const [i, low] of [30_000, 29_850, 30_180, 70_000, 69_850, 70_180].entries()) {
					list.ensure(low, low + 30);
					await list.settle();
					expect(ids(low, low + 30)).toEqual(wanted.slice(low, low + 31).map((row) => row.id));
					expect(asked).toHaveLength(i + 1);
				}
				if (sort !== 'stage') continue;
				const met = [...new Set(wanted.map((row) => row.stage))].filter((stage) => stages.includes(stage));
				expect(descending ? met.toReversed() : met).toEqual(stages.filter((stage) => met.includes(stage as never)));
				expect(met.length).toBeGreaterThan(3);
			}
	});

	it('a newer place takes over from one that was not asked for yet', async () => {
		list.ensure(45_000, 45_030);
		await new Promise((done) => setTimeout(done, 20));
		list.ensure(ALL - 30, ALL - 1);
		await list.settle();
		expect(asked).toHaveLength(1);
		expect(list.row(45_000)).toBeUndefined();
		expect(ids(ALL - 30, ALL - 1)).toEqual(whole.slice(-30));
	});

	it('stretches meet, and nothing is asked once all is known', async () => {
		const asked = await openStill(2_000);
		const visit = async (places: number[]) => {
			for (const low of places) {
				list.ensure(low, Math.min(1_999, low + 29));
				await list.settle();
			}
		};
		const everywhere = Array.from({ length: 67 }, (_, i) => i * 30);
		await visit([1_970, 1_500, 300, 900, ...everywhere]);
		expect(ids(0, 1_999)).toEqual(sorted(desk.orders));
		// No row was read twice, but for those that show that two pages hang together: one from the
		// end, two from below.
		expect(asked.reduce((sum, each) => sum + each.limit, 0)).toBe(2_003);
		asked.length = 0;
		await visit(everywhere);
		expect(asked).toEqual([]);
	});

	it('a change while the end is shown reads the end again and nothing else', async () => {
		list.ensure(ALL - 30, ALL - 1);
		await list.settle();
		asked.length = 0;
		await list.refresh(ALL - 30, ALL - 1);
		await list.settle();
		// By the key above it, so that what is added behind it does not move it.
		expect(asked.map((each) => [each.descending, each.skip, each.limit])).toEqual([[false, 0, PAGE]]);
		expect(asked[0]?.after).not.toBeNull();
		expect(ids(ALL - 30, ALL - 1)).toEqual(whole.slice(-30));
	});

	it('a change on the way does not keep a far place from coming', async () => {
		list.ensure(10_000, 10_030);
		await new Promise((done) => setTimeout(done, 20));
		await list.refresh(10_000, 10_030);
		await list.settle();
		expect(ids(10_000, 10_030)).toEqual(whole.slice(10_000, 10_031));
		expect(asked.length).toBeLessThanOrEqual(2);
	});

	it('an order that leaves moves the rows counted from the end', async () => {
		list.ensure(ALL - 30, ALL - 1);
		await list.settle();
		const answer = large.queue;
		// The first order of all is gone: everybody stands one place further up.
		large.queue = async (ask) => ({ ...(await answer(ask)), total: ALL - 1 });
		await list.refresh(ALL - 30, ALL - 1);
		large.queue = answer;
		expect([list.total, list.row(ALL - 2)?.id]).toEqual([ALL - 1, whole.at(-1)]);
		expect(list.indexOf(whole.at(-2) as number)).toBe(ALL - 3);
	});
});

it('where counting stops early the end is not guessed: it is read from the front', async () => {
	const answer = desk.queue;
	desk.queue = async (ask) => ({ ...(await answer(ask)), total: 900, total_at_least: true });
	await list.ask(QUESTION);
	desk.asked = [];
	list.ensure(870, 899);
	await list.settle();
	expect(desk.asked.some((each) => each.descending)).toBe(false);
	expect(list.row(899)).toBeDefined();
});

it('without a named sort the desk chooses the order, so it is not turned round', async () => {
	const question = { ...QUESTION, sort: '' };
	list = new QueueList(question);
	await list.ask(question);
	for (const low of [970, 500, 330]) {
		desk.asked = [];
		list.ensure(low, low + 29);
		await list.settle();
		expect(desk.asked.map((each) => each.descending)).toEqual([false]);
		expect(ids(low, low + 29)).toEqual(
			desk
				.sorted({ ...question, after: null, skip: 0, limit: 0 })
				.rows.slice(low, low + 30)
				.map((row) => row.id),
		);
	}
});

describe('orders come and go between two readings', () => {
	const COUNT = 5_000;
	const now = () => desk.sorted({ ...QUESTION, after: null, skip: 0, limit: 0 }).rows.map((row) => row.id);
	const come = (place: number, count: number) => {
		const id = now()[place];
		const before = desk.orders.find((row) => row.id === id) as QueueRow;
		// Placed at the same moment, and with higher numbers: right behind it.
		for (let i = 0; i < count; i++) desk.orders.push({ ...before, id: 90_000 + desk.orders.length });
	};
	const visit = async (low: number) => {
		list.ensure(low, Math.min(low + 29, list.total - 1));
		await list.settle();
	};
	const heldOnce = () => {
		const held = list.order();
		expect(new Set(held).size).toBe(held.length);
	};
	beforeEach(() => open(COUNT));

	it('what is refreshed deep down stays where it is, whatever came above it', async () => {
		await visit(2_500);
		const before = ids(2_500, 2_529);
		come(1_000, 25);
		await list.refresh(2_500, 2_529);
		expect([list.total, ids(2_500, 2_529)]).toEqual([COUNT + 25, before]);
		// Neighbours go on from it, upwards and downwards.
		await visit(2_350);
		await visit(2_600);
		heldOnce();
		const all = now();
		const from = all.indexOf(before[0] as number);
		expect(ids(2_350, 2_629)).toEqual(all.slice(from - 150, from + 130));
	});

	it('stretches that meet afterwards disagree, and all orders are there once', async () => {
		for (const low of [2_500, 1_200, 600]) await visit(low);
		come(900, 7);
		come(400, 12);
		for (let low = 0; low < list.total; low += 30) {
			await visit(low);
			heldOnce();
		}
		const all = now();
		expect(list.total).toBe(all.length);
		for (const low of [380, 600, 890, 1_200, 2_480, 4_980]) {
			await visit(low);
			expect(ids(low, low + 29)).toEqual(all.slice(low, low + 30));
		}
	});

	it('the list ends where it ends, also for somebody who stands behind that', async () => {
		await visit(4_960);
		desk.orders = desk.orders.slice(0, 700);
		list.ensure(3_000, 3_029);
		await list.settle();
		expect(list.total).toBe(700);
		await list.refresh(3_000, 3_029);
		await list.settle();
		expect(list.total).toBe(700);
		await visit(670);
		expect(ids(670, 699)).toEqual(now().slice(-30));
	});

	it('what was read before a change is read again when it is come to', async () => {
		await visit(2_500);
		await visit(4_000);
		const gone = list.row(2_510)?.id;
		desk.orders = desk.orders.filter((row) => row.id !== gone);
		await list.refresh(4_000, 4_029);
		await visit(2_500);
		expect(list.indexOf(gone as number)).toBe(-1);
		expect(ids(2_500, 2_529)).toEqual(now().slice(2_500, 2_530));
	});
});

it('under headings each place is one question as well', async () => {
	await open(30_000);
	const grouped = new GroupedList();
	await grouped.ask({ ...QUESTION, view: 'all' }, 'store');
	const shown = (low: number) => Array.from({ length: 30 }, (_, i) => grouped.row(low + i)?.id);
	const settled = async (low: number) => {
		for (let i = 0; i < 400 && shown(low).includes(undefined); i++) await new Promise((done) => setTimeout(done, 5));
	};
	// The first rows of the first store, which tell how many there are.
	grouped.ensure(0, 29);
	await settled(1);
	const first = grouped.heading(0);
	const count = first?.count ?? 0;
	expect(count).toBeGreaterThan(3_000);
	const group = (await desk.queue_groups({ ...QUESTION, after: null, skip: 0, limit: 0 }, 'store')).groups[0];
	const question = { ...QUESTION, text: group?.token ?? '', after: null, skip: 0, limit: 0 };
	const whole = desk.sorted(question).rows.map((row) => row.id);
	for (const low of [Math.floor(count / 2), Math.floor(count / 4), count - 40]) {
		desk.asked = [];
		grouped.ensure(low, low + 29);
		await settled(low);
		expect(desk.asked).toHaveLength(1);
		expect(shown(low)).toEqual(whole.slice(low - 1, low + 29));
	}
});

it('a refresh near the top reads everything above anew, so rows that came push the others down', async () => {
	list.ensure(0, PAGE + 10);
	await list.settle();
	const before = ids(0, 2);
	const oldest = Math.min(...desk.orders.map((row) => row.placed_at_ms));
	desk.orders.push({ ...(desk.orders[0] as (typeof desk.orders)[number]), id: 99_999, placed_at_ms: oldest - 1 });
	await list.refresh(0, PAGE + 10);
	expect(list.total).toBe(1001);
	expect(ids(0, 3)).toEqual([99_999, ...before]);
	expect(new Set(ids(0, 2 * PAGE - 1)).size).toBe(2 * PAGE);
});

it('deep down a refresh reads only what is on screen', async () => {
	await open(20_000);
	list.ensure(5000, 5020);
	await list.settle();
	desk.asked = [];
	await list.refresh(5000, 5020);
	expect(desk.asked.length).toBeLessThanOrEqual(2);
	expect(ids(5000, 5020).every((id) => id !== undefined)).toBe(true);
});

it('an answer to an old question never lands in a new list', async () => {
	let open!: () => void;
	desk.gate = new Promise((done) => (open = done));
	const old = list.ask({ ...QUESTION, view: 'late' });
	const fresh = list.ask({ ...QUESTION, text: 'country:de' });
	desk.gate = null;
	open();
	await Promise.all([old, fresh]);
	expect(list.order().every((id) => desk.orders.find((row) => row.id === id)?.country === 'DE')).toBe(true);
	expect(list.total).toBe(desk.orders.filter((row) => row.country === 'DE').length);
});

it('keeps its rows when a refresh fails, and says why', async () => {
	desk.fail = true;
	await list.refresh(0, 10);
	expect(list.trouble?.sentence).toBe('The disk is full.');
	expect(list.row(0)).toBeDefined();
	desk.fail = false;
	await list.refresh(0, 10);
	expect(list.trouble).toBeNull();
});

describe('when counting stops early', () => {
	it('the list grows as it is read on, and ends where the orders end', async () => {
		const answer = desk.queue;
		desk.queue = async (ask) => ({ ...(await answer(ask)), total: 300, total_at_least: true });
		await list.ask(QUESTION);
		expect([list.total, list.atLeast]).toEqual([2 * PAGE, true]);
		list.ensure(0, 999);
		await list.settle();
		expect([list.total, list.atLeast]).toEqual([1000, false]);
	});

	it('a far place is one question, the bottom learns that there is more, and behind the end it shrinks', async () => {
		await open(9_000);
		const answer = desk.queue;
		desk.queue = async (ask) => {
			const page = await answer(ask);
			return { ...page, total: Math.min(5_000, page.total), total_at_least: page.total > 5_000 };
		};
		await list.ask(QUESTION);
		const now = () => desk.sorted({ ...QUESTION, after: null, skip: 0, limit: 0 }).rows.map((row) => row.id);
		expect([list.total, list.atLeast]).toEqual([5_000, true]);
		for (const low of [2_500, 4_970]) {
			desk.asked = [];
			list.ensure(low, low + 29);
			await list.settle();
			expect(desk.asked.map((each) => each.descending)).toEqual([false]);
			expect(ids(low, low + 29)).toEqual(now().slice(low, low + 30));
		}
		expect([list.total > 5_000, list.atLeast]).toEqual([true, true]);
		desk.orders = desk.orders.slice(0, 3_000);
		list.ensure(list.total - 30, list.total - 1);
		await list.settle();
		expect([list.total, list.atLeast]).toEqual([3_000, false]);
		list.ensure(2_970, 2_999);
		await list.settle();
		expect(ids(2_970, 2_999)).toEqual(now().slice(-30));
	});
});

describe('held still under a hand, deep down as well', () => {
	const LOW = 5_000;
	const shown = () => ids(LOW, LOW + 20);
	const at = (place: number) => desk.orders.find((each) => each.id === list.row(place)?.id) as QueueRow;
	beforeEach(async () => {
		await open(20_000);
		list.ensure(LOW, LOW + 20);
		await list.settle();
	});

	it.each([
		[
			'one that came between them',
			() => desk.orders.push({ ...at(LOW + 5), id: 99_999 }),
			{ fresh: 1, left: 0 },
			(before: (number | undefined)[]) => [...before.slice(0, 6), 99_999, ...before.slice(6, 20)],
		],
		[
			'one that left',
			() => (desk.orders = desk.orders.filter((each) => each !== at(LOW + 5))),
			{ fresh: 0, left: 1 },
			(before: (number | undefined)[]) => [...before.slice(0, 5), ...before.slice(6)],
		],
	] as const)('%s waits until it is asked for', async (_, change, held, after) => {
		const before = shown();
		const words = at(LOW + 9);
		change();
		words.city = 'Changedville';
		await list.refresh(LOW, LOW + 20, true);
		expect([shown(), list.held]).toEqual([before, held]);
		expect(list.row(LOW + 9)?.city).toBe('Changedville');
		expect(list.left(before[5] as number)).toBe(held.left === 1);
		list.apply();
		expect(list.held).toBeNull();
		const now = after(before);
		expect(shown().slice(0, now.length)).toEqual(now);
	});

	it('what came far above says so in the number only', async () => {
		const before = shown();
		desk.orders.push({ ...at(0), id: 99_999 });
		await list.refresh(LOW, LOW + 20, true);
		expect([shown(), list.held, list.total]).toEqual([before, null, 20_001]);
	});
});

describe('changes faster than answers', () => {
	const later = () => new Promise((done) => setTimeout(done, 2));
	/** Answers take this long; a change comes ten times as often. */
	const SLOW_MS = 30;
	function slowly() {
		const answer = desk.queue;
		desk.queue = async (ask) => {
			const page = await answer(ask);
			await new Promise((done) => setTimeout(done, SLOW_MS));
			return page;
		};
	}
	async function storm(low: number, seen: () => boolean) {
		for (let i = 0; i < 300 && !seen(); i++) {
			void list.refresh(low, low + 20);
			await later();
		}
		return seen();
	}

	it('each answer is shown, and one question is out at a time', async () => {
		slowly();
		const changed = desk.orders.find((each) => each.id === list.row(3)?.id) as QueueRow;
		changed.city = 'Changedville';
		desk.asked = [];
		const began = performance.now();
		expect(await storm(0, () => list.row(3)?.city === 'Changedville')).toBe(true);
		expect(desk.asked.length).toBeLessThanOrEqual(1 + (performance.now() - began) / SLOW_MS);
	});

	it('a place that is far away comes', async () => {
		slowly();
		list.ensure(600, 620);
		expect(await storm(600, () => list.row(610) !== undefined)).toBe(true);
	});

	it('another question is asked at once, and nothing of the old one comes into it', async () => {
		slowly();
		void list.refresh(0, 20);
		void list.refresh(0, 20);
		await list.ask({ ...QUESTION, text: 'country:de' });
		await new Promise((done) => setTimeout(done, 3 * SLOW_MS));
		expect(list.total).toBe(desk.orders.filter((each) => each.country === 'DE').length);
	});
});
