// The queue under a hand: what keys and bulk acts are about, and what moves meanwhile.
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { QueueRow } from '$lib/api/types';
import type { FakeDesk } from '$lib/fake/fake';
import { ACT_MAX } from '$views/queue/matching.svelte';
import { openAt, row } from './desk';

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));
const find = (desk: FakeDesk, number: string) => desk.orders.find((each) => each.number === number) as QueueRow;
/** Changes reach a screen gathered. */
const GATHERED_MS = 600;

describe('keys act on the order that is open', () => {
	const ways = {
		'from the palette': async (user: Awaited<ReturnType<typeof openAt>>['user']) => {
			await user.keyboard('{Control>}k{/Control}');
			await user.type(await screen.findByTestId('palette-text'), '#10477');
			await waitFor(() => expect(screen.getByTestId('palette')).toHaveTextContent('#10477 ·'));
			await user.keyboard('{Enter}');
		},
		'from a notification': async (_: unknown, desk: FakeDesk) => {
			location.hash = `#/queue?order=${find(desk, '#10477').id}`;
			await sleep(0);
		},
		'though another list is shown': async (_: unknown, desk: FakeDesk) => {
			location.hash = `#/queue?q=%2310482&order=${find(desk, '#10477').id}`;
			await sleep(0);
		},
	} as const;
	it.each(
		(Object.keys(ways) as (keyof typeof ways)[]).flatMap((way) =>
			(['e', 'r'] as const).map((key) => [way, key] as const),
		),
	)('opened %s, key %s', async (way, key) => {
		const { desk, user } = await openAt('queue');
		await row('#10482');
		await user.keyboard('j');
		await ways[way](user, desk);
		await waitFor(() => expect(screen.getByTestId('drawer')).toHaveTextContent('#10477'));
		await waitFor(() => expect(screen.getByTestId('drawer')).toHaveFocus());
		await user.keyboard(key);
		await waitFor(() => expect(desk.acted).toHaveLength(1));
		expect(desk.acted[0]?.targets).toEqual({ of: 'orders', which: [find(desk, '#10477').id] });
	});

	it('also with others ticked, and on those when the hand is among them', async () => {
		const { desk, user } = await openAt('queue');
		await row('#10482');
		await user.keyboard('jx');
		location.hash = `#/queue?order=${find(desk, '#10477').id}`;
		await waitFor(() => expect(screen.getByTestId('drawer')).toHaveTextContent('#10477'));
		await waitFor(() => expect(screen.getByTestId('drawer')).toHaveFocus());
		await user.keyboard('h');
		expect(await screen.findByTestId('hold-dialog')).toHaveTextContent('Hold #10477');
		await user.keyboard('{Escape}');
		await waitFor(() => expect(screen.queryByTestId('hold-dialog')).toBeNull());
		await waitFor(() => expect(screen.getByTestId('drawer')).toHaveFocus());
		// A dialog that closes gives the focus back once more a moment later; a hand is slower than that.
		await sleep(100);
		screen.getByTestId('tick-#10482').focus();
		await user.keyboard('h');
		expect(await screen.findByTestId('hold-dialog')).toHaveTextContent('Hold 1 order');
	});
});

describe('all that match, where counting stops early', () => {
	/** `n` orders match, the desk counts to 500. */
	const opened = async (n: number | null) => {
		const { user } = await openAt('queue?q=lamp', { orders: 900 }, (made) => {
			const whole = made.queue;
			made.sorted = (ask) => ({ rows: [...made.orders].sort((a, b) => a.id - b.id), hints: [], ask }) as never;
			made.queue = async (ask) => {
				// Single places are asked for to count.
				const page = ask.limit === 1 && n === null ? await whole({ ...ask, skip: ask.skip % 800 }) : await whole(ask);
				return { ...page, total: 500, total_at_least: true };
			};
		});
		await waitFor(() => expect(screen.getByTestId('filter-chips')).toHaveTextContent('more than 500 matches'));
		await user.click(screen.getByTestId('tick-all'));
		expect(screen.getByTestId('select-matching')).toHaveTextContent(/^Select all that match$/);
		await user.click(screen.getByTestId('select-matching'));
		return user;
	};

	it('the irreversible question says how many', async () => {
		const user = await opened(900);
		await waitFor(() => expect(screen.getByTestId('bulk-bar')).toHaveTextContent('900 selected'));
		await user.click(screen.getByTestId('bulk-more'));
		await user.click(await screen.findByTestId('act-cancel'));
		const dialog = await screen.findByTestId('cancel-dialog');
		expect(dialog).toHaveTextContent('Cancel 900 orders?');
		expect(dialog).toHaveTextContent('900 orders are cancelled in their stores');
	});

	it('more than one act takes: said before a button is pressed', async () => {
		const user = await opened(null);
		const bar = screen.getByTestId('bulk-bar');
		await waitFor(() =>
			expect(within(bar).getByTestId('bulk-barred')).toHaveTextContent(
				`More than ${ACT_MAX.toLocaleString('en-GB')} orders match`,
			),
		);
		expect(bar).not.toHaveTextContent('500');
		await user.click(screen.getByTestId('act-hold'));
		await user.keyboard('h');
		expect(screen.queryByTestId('hold-dialog')).toBeNull();
	});
});

it('arranging columns of an own view keeps ticks and the current row', async () => {
	const { desk, user } = await openAt('queue?q=country%3Ade');
	await screen.findByTestId('filter-chips');
	await user.click(screen.getByTestId('save-view'));
	await user.type(await screen.findByTestId('field-view-name'), 'Mine{Enter}');
	await screen.findByTestId('tab-own-mine');
	await waitFor(() => expect(screen.queryByTestId('field-view-name')).toBeNull());
	await sleep(100);
	await user.keyboard('jjx');
	await screen.findByTestId('bulk-bar');
	const current = () => document.querySelector('[role="row"].current')?.getAttribute('data-id');
	const before = current();
	expect(before).toBeTruthy();
	await user.click(screen.getByTestId('columns'));
	await screen.findByTestId('columns-dialog');
	await user.click(screen.getByTestId('column-tags'));
	await waitFor(() => expect(desk.arranged.columns.some((each) => each.id === 'tags' && each.shown)).toBe(true));
	await sleep(100);
	expect(screen.getByTestId('bulk-bar')).toHaveTextContent('1 selected');
	expect(current()).toBe(before);
});

it('a range over rows that were not read is refused in words, and takes nothing', async () => {
	const { user } = await openAt('queue?view=all', { orders: 5_000 });
	await row('#10482');
	await user.keyboard('jx');
	const body = screen.getByTestId('queue').querySelector<HTMLElement>('.body') as HTMLElement;
	body.scrollTop = 40 * 3_000;
	await fireEvent.scroll(body);
	const far = () =>
		[...document.querySelectorAll<HTMLElement>('[role="row"][data-id]')].filter(
			(each) => Number(each.getAttribute('aria-rowindex')) > 2_900,
		);
	await waitFor(() => expect(far().length).toBeGreaterThan(5), { timeout: 5_000 });
	await user.keyboard('{Shift>}');
	await user.click(within(far().at(-1) as HTMLElement).getByRole('checkbox'));
	await user.keyboard('{/Shift}');
	expect(await screen.findByTestId('toast')).toHaveTextContent('Nothing was selected: rows in between were not read');
	expect(screen.getByTestId('bulk-bar')).toHaveTextContent('1 selected');
});

it('what one did oneself is shown at once, also while rows are ticked', async () => {
	const { desk, user } = await openAt('queue');
	const target = await row('#10477');
	const place = target.getAttribute('aria-rowindex');
	await user.click(within(target).getByTestId('tick-#10477'));
	await user.keyboard('h');
	const dialog = await screen.findByTestId('hold-dialog');
	await user.type(within(dialog).getByTestId('field-reason'), 'call first');
	await user.click(within(dialog).getByTestId('confirm'));
	await waitFor(() => expect(desk.acted).toHaveLength(1));
	await waitFor(async () => expect(await row('#10477')).toHaveTextContent('call first'), { timeout: 2_000 });
	expect(screen.getByTestId('bulk-bar')).not.toHaveTextContent('waiting');
	// Its words change, its place does not.
	expect((await row('#10477')).getAttribute('aria-rowindex')).toBe(place);
});

describe('changes faster than answers', () => {
	const SLOW_MS = 300;
	/** A change every 100 ms until it is seen; whether it was seen while they came. */
	async function storm(desk: FakeDesk, seen: () => boolean): Promise<boolean> {
		const end = performance.now() + 4_000;
		while (performance.now() < end) {
			desk.emit({ topics: ['orders', 'exceptions', 'effects'], orders: [] });
			await sleep(100);
			if (seen()) return true;
		}
		return false;
	}

	it('the first screen shows each answer', async () => {
		const { desk } = await openAt('home', { slow: SLOW_MS });
		const tile = await screen.findByTestId('tile-exceptions', {}, { timeout: 8_000 });
		const before = tile.textContent;
		desk.exceptionList = [];
		expect(await storm(desk, () => screen.getByTestId('tile-exceptions').textContent !== before)).toBe(true);
	});

	it.each(['queue', 'queue?group=store'])('%s shows each answer', async (place) => {
		const { desk } = await openAt(place, { slow: SLOW_MS });
		await screen.findByTestId('row-#10482', {}, { timeout: 8_000 });
		desk.orders.push({ ...(desk.orders[0] as QueueRow), id: 0.5, number: '#99001' });
		expect(await storm(desk, () => screen.queryByTestId('row-#99001') !== null)).toBe(true);
	});

	it('rows further down come as well', async () => {
		const { desk } = await openAt('queue?view=all', { orders: 3_000, slow: SLOW_MS });
		await screen.findByTestId('row-#10482', {}, { timeout: 8_000 });
		const body = screen.getByTestId('queue').querySelector<HTMLElement>('.body') as HTMLElement;
		body.scrollTop = 40 * 1_500;
		await fireEvent.scroll(body);
		await waitFor(() => expect(screen.queryAllByTestId('row-loading').length).toBeGreaterThan(0));
		expect(await storm(desk, () => screen.queryAllByTestId('row-loading').length === 0)).toBe(true);
	});

	it('the shipments show each answer', async () => {
		const { desk } = await openAt('shipments', { slow: SLOW_MS });
		const table = await screen.findByRole('table', {}, { timeout: 8_000 });
		const rows = () => within(table).queryAllByRole('row').length;
		const before = rows();
		const read = desk.shipments;
		desk.shipments = async (...asked) => {
			const page = await read(...asked);
			return { ...page, rows: page.rows.slice(1) };
		};
		expect(await storm(desk, () => rows() === before - 1)).toBe(true);
	});
});

describe('nothing moves under a hand', () => {
	it('under headings: new rows wait, and come when they are asked for', async () => {
		const { desk, user } = await openAt('queue?group=store&sort=customer');
		await waitFor(() => expect(document.querySelectorAll('[data-id]').length).toBeGreaterThan(3));
		await user.keyboard('jj');
		await waitFor(() => expect(document.activeElement).toHaveAttribute('data-id'));
		const shown = () => [...document.querySelectorAll<HTMLElement>('[data-id]')].map((each) => each.dataset['id']);
		const before = shown();
		const beside = desk.orders.find((each) => String(each.id) === before[0]) as QueueRow;
		desk.orders.push({ ...beside, id: 99_001, number: '#99001', customer: 'Aaron Aardvark' });
		desk.emit({ topics: ['orders'], orders: [] });
		expect(await screen.findByTestId('news')).toHaveTextContent('1 new order');
		expect(shown()).toEqual(before);
		await user.click(screen.getByTestId('news'));
		await row('#99001');
		expect(screen.queryByTestId('news')).toBeNull();
	});

	it('under headings: a row says what is true now, and one that left is still there', async () => {
		const { desk, user } = await openAt('queue?group=store&sort=customer');
		await waitFor(() => expect(document.querySelectorAll('[data-id]').length).toBeGreaterThan(3));
		await user.keyboard('jjj');
		await waitFor(() => expect(document.activeElement).toHaveAttribute('data-id'));
		const ids = [...document.querySelectorAll<HTMLElement>('[data-id]')].map((each) => Number(each.dataset['id']));
		const [first, second] = ids.map((id) => desk.orders.find((each) => each.id === id) as QueueRow);
		if (!first || !second) throw new Error('no rows');
		second.city = 'Changedville';
		desk.orders = desk.orders.filter((each) => each !== first);
		desk.emit({ topics: ['orders'], orders: [] });
		expect(await screen.findByTestId('news')).toHaveTextContent('1 order left this list');
		await waitFor(async () => expect(await row(second.number)).toHaveTextContent('Changedville'));
		expect(await row(first.number)).toBeInTheDocument();
		await user.keyboard('.');
		await waitFor(() => expect(screen.queryByTestId(`row-${first.number}`)).toBeNull());
	});

	it('nothing waits where only words changed', async () => {
		const { desk, user } = await openAt('queue?group=store&sort=customer');
		await waitFor(() => expect(document.querySelectorAll('[data-id]').length).toBeGreaterThan(3));
		await user.keyboard('jj');
		const id = Number(document.querySelector<HTMLElement>('[data-id]')?.dataset['id']);
		const changed = desk.orders.find((each) => each.id === id) as QueueRow;
		changed.city = 'Changedville';
		desk.emit({ topics: ['orders'], orders: [] });
		await waitFor(async () => expect(await row(changed.number)).toHaveTextContent('Changedville'));
		await sleep(GATHERED_MS);
		expect(screen.queryByTestId('news')).toBeNull();
	});
});
