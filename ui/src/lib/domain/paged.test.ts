import { expect, it } from 'vitest';
import { Paged, pageOf } from './paged.svelte';

/** A desk that holds `n` rows, newest first, and gives at most 500 of them at once. */
function table(n: number) {
	const asked: number[] = [];
	const rows = Array.from({ length: n }, (_, i) => ({ id: n - i, words: 'old' }));
	const ask = (before: number | null, limit: number) => {
		asked.push(limit);
		const found = rows.filter((row) => before === null || row.id < before).slice(0, Math.min(limit, 500));
		return Promise.resolve(pageOf(found, limit));
	};
	return { rows, ask, asked };
}

it('a change keeps everything that was read, and the way to more', async () => {
	const { rows, ask, asked } = table(1_000);
	const list = new Paged(ask);
	await list.restart();
	for (let n = 0; n < 5; n++) await list.further();
	expect([list.rows.length, list.more]).toEqual([600, true]);
	rows.unshift({ id: 1_001, words: 'new' });
	rows[550] = { id: rows[550]?.id ?? 0, words: 'changed' };
	asked.length = 0;
	await list.refresh();
	expect(asked).toEqual([500, 100]);
	// The new one on top, and what was pushed out at the end is still there.
	expect([list.rows.length, list.more, list.rows[0]?.words]).toEqual([601, true, 'new']);
	expect(list.rows[550]?.words).toBe('changed');
	expect(new Set(list.rows.map((row) => row.id)).size).toBe(601);
	for (let n = 0; n < 5; n++) await list.further();
	expect([list.rows.length, list.more]).toEqual([1_001, false]);
	await list.refresh();
	expect([list.rows.length, list.more]).toEqual([1_001, false]);
});

it('where rows never change one page is read again and the rest stays', async () => {
	const { rows, ask, asked } = table(400);
	const list = new Paged(ask, 1);
	await list.restart();
	await list.further();
	await list.further();
	rows.unshift({ id: 401, words: 'new' });
	asked.length = 0;
	await list.refresh();
	expect(asked).toEqual([300]);
	expect([list.rows.length, list.rows[0]?.id, list.more]).toEqual([301, 401, true]);
	await list.further();
	expect(list.rows.map((row) => row.id)).toEqual(rows.map((row) => row.id));
});

it('a search that found nothing yet can go on, and is not read from the start again by a change', async () => {
	const asked: (number | null)[] = [];
	const list = new Paged((before) => {
		asked.push(before);
		const next = before === null ? 900 : before - 100;
		return Promise.resolve({ rows: [], next: next > 700 ? next : null, back_to_ms: next });
	}, 1);
	await list.restart();
	expect([list.rows.length, list.more, list.backTo]).toEqual([0, true, 900]);
	await list.further();
	expect([list.more, list.backTo]).toEqual([true, 800]);
	await list.refresh();
	expect([list.more, list.backTo]).toEqual([true, 800]);
	await list.further();
	expect([list.more, asked]).toEqual([false, [null, 900, null, 800]]);
});

it('changes faster than answers: each answer is shown, and the way onwards is not lost', async () => {
	const { rows, ask } = table(400);
	const list = new Paged(async (before, limit) => {
		const page = await ask(before, limit);
		await new Promise((done) => setTimeout(done, 20));
		return page;
	});
	await list.restart();
	rows.unshift({ id: 401, words: 'new' });
	const further = list.further();
	for (let i = 0; i < 200 && (list.rows[0]?.id !== 401 || list.rows.length < 201); i++) {
		void list.refresh();
		await new Promise((done) => setTimeout(done, 2));
	}
	await further;
	expect([list.rows[0]?.id, list.rows.length >= 201]).toEqual([401, true]);
});
