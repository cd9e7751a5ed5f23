import { beforeEach, describe, expect, it } from 'vitest';
import { useDesk } from '$lib/api/desk';
import type { QueueAsk, QueuePage } from '$lib/api/types';
import { FakeDesk } from '$lib/fake/fake';
import { ACT_MAX, countMatching, Matching } from './matching.svelte';

const ASK: QueueAsk = { view: 'open', text: 'lamp', sort: 'value', descending: true, after: null, skip: 0, limit: 0 };

/** A desk where `n` orders match and counting stops at `max`. */
function queueOf(n: number, max: number) {
	const asked: QueueAsk[] = [];
	const queue = (ask: QueueAsk): Promise<QueuePage> => {
		asked.push(ask);
		const rows = Array.from({ length: Math.max(0, Math.min(ask.limit, n - ask.skip)) }) as QueuePage['rows'];
		const [total, total_at_least] = [Math.min(n, max), n > max];
		return Promise.resolve({ rows, total, total_at_least, next: null, start: null, hints: [], as_of_ms: 0 });
	};
	return { queue, asked };
}

describe('all that match are counted to the end', () => {
	it.each([
		[0, 0, 1],
		[500, 500, 1],
		[501, 501, 20],
		[3_211, 3_211, 20],
		[19_999, 19_999, 20],
		[ACT_MAX, ACT_MAX, 20],
		// More than an act takes: no number, and no search for one.
		[ACT_MAX + 1, null, 2],
		[900_000, null, 2],
	])('%i of them', async (n, counted, most) => {
		const { queue, asked } = queueOf(n, 500);
		expect(await countMatching(ASK, queue)).toBe(counted);
		expect(asked.length).toBeLessThanOrEqual(most);
		expect(asked.every((each) => each.limit === 1 && each.view === 'open' && each.text === 'lamp')).toBe(true);
	});

	it('an exact number above what an act takes is too many as well', async () => {
		expect(await countMatching(ASK, queueOf(30_000, 1_000_000).queue)).toBeNull();
	});
});

describe('what is said of the number', () => {
	let desk: FakeDesk;
	let matching: Matching;
	beforeEach(() => {
		desk = new FakeDesk();
		useDesk(desk);
		matching = new Matching();
	});
	const told = () => [matching.n, matching.tooMany];

	it('nothing before it is counted, then the number, and the new one after a change', async () => {
		desk.queue = queueOf(700, 500).queue;
		const counting = matching.count(ASK);
		expect(told()).toEqual([null, false]);
		await counting;
		expect(told()).toEqual([700, false]);
		desk.queue = queueOf(ACT_MAX + 5, 500).queue;
		await matching.count(ASK);
		expect(told()).toEqual([null, true]);
		desk.queue = queueOf(702, 500).queue;
		await matching.count(ASK);
		expect(told()).toEqual([702, false]);
	});

	it('none when it cannot be counted, nor when it is no longer wanted', async () => {
		desk.queue = () => Promise.reject(new Error('no'));
		await matching.count(ASK);
		expect(told()).toEqual([null, false]);
		desk.queue = queueOf(700, 500).queue;
		const counting = matching.count(ASK);
		matching.forget();
		await counting;
		expect(told()).toEqual([null, false]);
	});
});
