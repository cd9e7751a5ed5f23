import { screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { acts } from '$lib/domain/acts.svelte';
import type { FakeDesk } from '$lib/fake/fake';
import type { UserEvent } from '@testing-library/user-event';
import { openAt, row } from './desk';

let desk: FakeDesk;
let user: UserEvent;

describe('the queue', () => {
	beforeEach(async () => {
		({ desk, user } = await openAt('queue'));
		await row('#10482');
	});

	it('is a grid that tells how many rows there are, with one tab stop', async () => {
		const grid = screen.getByTestId('queue');
		expect(grid).toHaveAttribute('aria-rowcount', '413');
		await user.keyboard('j');
		const stops = within(grid)
			.getAllByRole('row')
			.filter((each) => each.tabIndex === 0);
		expect(stops).toHaveLength(1);
		expect(stops[0]).toHaveAttribute('aria-rowindex', '2');
	});

	it('says deadline, cause and the one button in words', async () => {
		const cells = await row('#10482');
		expect(cells).toHaveTextContent('48 min left');
		expect(cells).toHaveTextContent('SKU HG-LAMP-S is unknown to ShipStation');
		expect(within(cells).getByRole('button')).toHaveTextContent('Map SKU…');
		expect(await row('#10477')).toHaveTextContent('In ShipStation since 09:14, waits for packing');
	});

	it('says of a number that was not counted to the end that there are more', async () => {
		await openAt('queue', {}, (made) => {
			const whole = made.counts.bind(made);
			made.counts = async () => ({ ...(await whole()), late: 10_000, today: 5_000, at_least: ['late', 'today'] });
		});
		await waitFor(() => expect(screen.getByTestId('tab-late')).toHaveTextContent('Late10,000+'));
		expect(screen.getByTestId('tab-at_risk')).not.toHaveTextContent('+');
		expect(screen.getByText(/Left today/)).toHaveTextContent('of 5,000+');
	});

	it('shows what the platform promised beside the deadline, and no tag of somebody’s own', async () => {
		await openAt('queue', {}, (made) => {
			const [first, second] = made.orders;
			if (!first || !second) throw new Error('the fake desk has no orders');
			Object.assign(first, { tags: ['vip', 'Prime'], badges: ['Prime'] });
			Object.assign(second, { tags: ['Prime-time'], badges: [] });
		});
		const badge = within(await row('#10482')).getByTestId('badge');
		expect(badge).toHaveTextContent(/^Prime$/);
		expect(badge.closest('[role="gridcell"]')).toHaveTextContent('48 min left');
		expect(within(await row('305-7719')).queryByTestId('badge')).toBeNull();
	});

	it('moves with j and k, selects with x, extends with shift and holds what is selected', async () => {
		await user.keyboard('jjx');
		expect(await row('305-7719')).toHaveAttribute('aria-selected', 'true');
		await user.keyboard('{Shift>}j{/Shift}');
		expect(screen.getByTestId('bulk-bar')).toHaveTextContent('2 selected');
		await user.keyboard('h');
		const dialog = await screen.findByTestId('hold-dialog');
		expect(dialog).toHaveTextContent('Hold 2 orders');
		await user.type(within(dialog).getByTestId('field-reason'), 'call first');
		await user.click(within(dialog).getByTestId('confirm'));
		await waitFor(() => expect(desk.acted).toHaveLength(1));
		expect(desk.acted[0]).toMatchObject({
			verb: 'hold',
			reason: 'call first',
			targets: { of: 'orders', which: [2, 3] },
		});
		expect(await screen.findByTestId('toast')).toHaveTextContent('Held: 2');
	});

	it('takes the last act back with z', async () => {
		await user.keyboard('jh');
		await user.click(await screen.findByTestId('confirm'));
		await screen.findByTestId('toast-undo');
		const held = () => desk.orders.find((each) => each.number === '#10482')?.waits_on.code;
		expect(held()).toBe('held_by_person');
		await waitFor(() => expect(screen.queryByTestId('hold-dialog')).toBeNull());
		await user.keyboard('z');
		await waitFor(() => expect(held()).toBe('cause:unknown_sku'));
	});

	it('"all that match" is a second step and acts on the question, not on rows', async () => {
		await user.click(screen.getByTestId('tick-all'));
		expect(screen.getByTestId('bulk-bar')).toHaveTextContent('200 selected');
		await user.click(screen.getByTestId('select-matching'));
		expect(screen.getByTestId('bulk-bar')).toHaveTextContent('412 selected');
		await user.click(screen.getByTestId('act-release'));
		await waitFor(() =>
			expect(desk.acted[0]?.targets).toMatchObject({ of: 'matching', which: { view: 'open', text: '' } }),
		);
	});

	it('stands still while rows are ticked, and catches up when they are not', async () => {
		// Nobody did anything here lately: what the test before did is no act of this person.
		const lately = vi.spyOn(acts, 'sinceLast').mockReturnValue(Infinity);
		await user.keyboard('jx');
		const first = desk.orders[0] as (typeof desk.orders)[number];
		first.customer = 'Changed Name';
		desk.emit({ topics: ['orders'], orders: [1] });
		await waitFor(() => expect(screen.getByTestId('bulk-bar')).toHaveTextContent('1 change waiting'));
		expect(await row('#10482')).toHaveTextContent('Ingrid Sørensen');
		await user.click(screen.getByTestId('clear-selection'));
		await waitFor(async () => expect(await row('#10482')).toHaveTextContent('Changed Name'));
		lately.mockRestore();
	});

	it('announces new orders and keeps the current row', async () => {
		await user.keyboard('jj');
		desk.orders.push({ ...(desk.orders[20] as (typeof desk.orders)[number]), id: 5000, number: '#99999' });
		desk.emit({ topics: ['orders'], orders: [5000] });
		await waitFor(() => expect(screen.getByTestId('announcer')).toHaveTextContent('1 new in this list'));
		expect((await row('305-7719')).tabIndex).toBe(0);
	});

	it('filters by what is typed, shows the parts, and clears them', async () => {
		await user.keyboard('/');
		const box = screen.getByTestId('search');
		expect(box).toHaveFocus();
		await user.keyboard('is:lat');
		expect(await screen.findByRole('option', { name: /is:late/ })).toBeInTheDocument();
		await user.keyboard('{ArrowDown}{Enter}');
		expect(box).toHaveValue('is:late ');
		const chips = await screen.findByTestId('filter-chips');
		await waitFor(() => expect(chips).toHaveTextContent(/late\s*8 matches/));
		await user.click(within(chips).getByRole('button', { name: 'Remove filter: late' }));
		await waitFor(() => expect(screen.queryByTestId('filter-chips')).toBeNull());
		expect(box).toHaveValue('');
	});

	it('says in words that nothing matches, and offers a way out', async () => {
		await user.type(screen.getByTestId('search'), 'nobody -country:de');
		await waitFor(() =>
			expect(screen.getByTestId('empty')).toHaveTextContent('No order in “Open” is “nobody”, not to DE.'),
		);
		await user.click(await screen.findByTestId('empty-act'));
		await row('#10482');
	});

	it('saves a view, counts it, and keeps it over a restart', async () => {
		await user.type(screen.getByTestId('search'), 'tag:vip');
		await screen.findByTestId('filter-chips');
		await user.click(screen.getByTestId('save-view'));
		await user.type(await screen.findByTestId('field-view-name'), 'VIP{Enter}');
		const tab = await screen.findByTestId('tab-own-vip');
		expect(tab).toHaveAttribute('aria-selected', 'true');
		// The desk keeps it: another profile has views of its own.
		expect(desk.arranged.views).toEqual([
			{ id: 'own-vip', label: 'VIP', view: 'open', text: 'tag:vip', sort: '', descending: false, group: '' },
		]);
		expect(desk.arranged.last_view).toBe('own-vip');
	});

	it('opens the order with Enter, peeks with Space, and gives the focus back', async () => {
		await user.keyboard('j{Enter}');
		const drawer = await screen.findByTestId('drawer');
		await waitFor(() => expect(drawer).toHaveFocus());
		await user.keyboard('{Escape}');
		await waitFor(() => expect(screen.queryByTestId('drawer')).toBeNull());
		await waitFor(async () => expect(await row('#10482')).toHaveFocus());
		await user.keyboard(' ');
		await screen.findByTestId('drawer');
		expect(await row('#10482')).toHaveFocus();
		await user.keyboard('j');
		await waitFor(() => expect(screen.getByTestId('drawer')).toHaveTextContent('305-7719'));
	});

	it('goes places with g, and shows the keys with ?', async () => {
		await user.keyboard('?');
		expect(await screen.findByTestId('keys')).toHaveTextContent('Extend the selection down');
		await user.keyboard('{Escape}');
		await waitFor(() => expect(screen.queryByTestId('keys')).toBeNull());
		await user.keyboard('ge');
		await screen.findByTestId('screen-exceptions');
	});

	it('finds orders and places in the palette', async () => {
		await user.keyboard('{Control>}k{/Control}');
		const box = await screen.findByTestId('palette-text');
		await user.type(box, 'novák');
		await user.click(await screen.findByRole('option', { name: /#10455 · Anna Novák/ }));
		await waitFor(() => expect(screen.getByTestId('drawer')).toHaveTextContent('Anna Novák'));
	});
});

it('says all clear with what was checked, when, and what was not checkable', async () => {
	({ desk, user } = await openAt('queue?view=late'));
	desk.orders = desk.orders.filter((each) => each.ship_by_ms === null || each.ship_by_ms > desk.now());
	desk.emit({ topics: ['orders'], orders: [] });
	await waitFor(() => expect(screen.getByTestId('empty')).toHaveTextContent('Nothing is late'));
	expect(screen.getByTestId('empty')).toHaveTextContent('Not checkable right now: BigCommerce, Salesforce.');
});

it('offers views of important buyers and of each store, and completes a shipping account', async () => {
	const { user } = await openAt('queue');
	await user.click(await screen.findByTestId('offered-views'));
	await user.click(await screen.findByTestId('offered-store:"Harbour Outlet"'));
	await waitFor(() => expect(screen.getByTestId('filter-chips')).toHaveTextContent('in Harbour Outlet'));
	const box = screen.getByTestId('search');
	await user.clear(box);
	await user.type(box, 'hub:sh');
	expect(await screen.findByText('hub:ShipStation')).toBeVisible();
});
