import { afterEach, beforeEach, expect, it } from 'vitest';
import { app } from './app.svelte';
import { forgetLive, lastKnown, Live } from './live.svelte';

/** Questions that are out, answered by hand. */
let out: ((value: number) => void)[];
let stop: () => void;
let live: Live<number>;
let hear: (topics: string[]) => void;
const on = app.on;
beforeEach(() => {
	forgetLive();
	out = [];
	app.on = (_, heard) => {
		hear = (topics) => heard({ topics, orders: [] });
		return () => {};
	};
	live = new Live('one', () => new Promise((answer) => out.push(answer)), ['orders']);
	stop = live.start();
});
afterEach(() => {
	stop();
	app.on = on;
});
const answer = async (value: number) => {
	out.shift()?.(value);
	await new Promise((done) => setTimeout(done));
};

it('shows each answer, also when changes come faster', async () => {
	for (let n = 1; n <= 3; n++) {
		hear(['orders']);
		hear(['orders']);
		expect(out).toHaveLength(1);
		await answer(n);
		expect(live.value).toBe(n);
	}
	expect(lastKnown('one')).toBe(3);
	// Once more for what changed while the last was out, and no more.
	await answer(4);
	expect([live.value, out.length]).toEqual([4, 0]);
});

it('an answer of another desk, or for nobody, is not shown', async () => {
	hear(['all']);
	expect(out).toHaveLength(2);
	await answer(1);
	expect([live.value, lastKnown('one')]).toEqual([null, null]);
	await answer(2);
	expect(live.value).toBe(2);
	hear(['orders']);
	stop();
	await answer(3);
	expect([live.value, out.length]).toEqual([2, 0]);
});

it('what is asked for by hand while one is out is answered with a newer one', async () => {
	let done = false;
	void live.refresh().then(() => (done = true));
	await answer(1);
	expect(done).toBe(false);
	await answer(2);
	expect([done, live.value]).toEqual([true, 2]);
});
