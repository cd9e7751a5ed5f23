import { beforeEach, describe, expect, it } from 'vitest';
import { useDesk } from '$lib/api/desk';
import type { QueueAsk } from '$lib/api/types';
import { FakeDesk } from '$lib/fake/fake';
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

it('walks to the end by key and comes back to pages it let go', async () => {
	await open(20_000);
	const first = ids(0, 9);
	list.ensure(19_990, 19_999);
	await list.settle();
	expect(ids(19_990, 19_999).every((id) => id !== undefined)).toBe(true);
	// Rows far away were let go; the places to read them again were not.
	expect(list.row(0)).toBeUndefined();
	list.ensure(0, 9);
	await list.settle();
	expect(ids(0, 9)).toEqual(first);
	expect(list.indexOf(first[3] as number)).toBe(3);
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
