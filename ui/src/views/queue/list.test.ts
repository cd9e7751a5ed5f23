import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useDesk } from '$lib/api/desk';
import type { QueueAsk, QueueRow } from '$lib/api/types';
import { FakeDesk } from '$lib/fake/fake';
import { standStill } from '$lib/fake/still';
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

async function until(so: () => boolean) {
	while (!so()) await new Promise((done) => setTimeout(done, 1));
}

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

	it('three quarters down is a quarter of the pages away, from the end', async () => {
		list.ensure(75_000, 75_030);
		await list.settle();
		expect(ids(75_000, 75_030)).toEqual(whole.slice(75_000, 75_031));
		expect(asked.length).toBeLessThanOrEqual(ALL / 500 / 4 + 1);
		expect(asked.every((each) => each.descending)).toBe(true);
	});

	it('a dragged scroll bar walks nowhere before it rests, and a newer place takes over a walk', async () => {
		for (let low = 0; low <= 50_000; low += 1_000) {
			list.ensure(low, low + 30);
			await new Promise((done) => setTimeout(done, 2));
		}
		expect(asked).toEqual([]);
		list.ensure(6_000, 6_030);
		await list.settle();
		expect(asked.length).toBeLessThanOrEqual(13);
		asked.length = 0;
		list.ensure(45_000, 45_030);
		await until(() => asked.length >= 3);
		list.ensure(ALL - 30, ALL - 1);
		await list.settle();
		// The rest of the way to the middle was not gone.
		expect(asked.length).toBeLessThan(8);
		expect(list.row(45_000)).toBeUndefined();
		expect(ids(ALL - 30, ALL - 1)).toEqual(whole.slice(-30));
	});

	it('both runs meet, and nothing is asked once all is known', async () => {
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
		// No row was read twice.
		expect(asked.reduce((sum, each) => sum + each.limit, 0)).toBe(2_000);
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
		expect(asked.map((each) => [each.descending, each.limit])).toEqual([[true, PAGE]]);
		expect(ids(ALL - 30, ALL - 1)).toEqual(whole.slice(-30));
	});

	it('a change on the way does not stop the walk', async () => {
		list.ensure(10_000, 10_030);
		await until(() => asked.length >= 3);
		await list.refresh(10_000, 10_030);
		await list.settle();
		expect(ids(10_000, 10_030)).toEqual(whole.slice(10_000, 10_031));
		expect(asked.length).toBeLessThan(25);
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
	desk.asked = [];
	list.ensure(970, 999);
	await list.settle();
	expect(desk.asked.some((each) => each.descending)).toBe(false);
	expect(list.row(999)).toBeDefined();
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
});
