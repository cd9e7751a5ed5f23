import { screen, waitFor, within } from '@testing-library/svelte';
import type { UserEvent } from '@testing-library/user-event';
import { expect, it } from 'vitest';
import type { FakeDesk } from '$lib/fake/fake';
import { openAt } from './desk';

let desk: FakeDesk;
let user: UserEvent;

/** The drawer of an order that waits at the hub. */
async function opened(prepare?: (desk: FakeDesk) => void) {
	// The hub has every fourth or so of the fake orders; one of them is found before the window opens.
	({ desk, user } = await openAt('queue?order=1', {}, prepare));
	const row = desk.orders.find((each) => each.stage === 'packing');
	if (!row) throw new Error('No fake order waits for packing.');
	location.hash = `#/queue?order=${row.id}`;
	await screen.findByRole('region', { name: `Order ${row.number}` });
	return row;
}
async function dialog(prepare?: (desk: FakeDesk) => void) {
	const row = await opened(prepare);
	await user.click(await screen.findByTestId('act-buy_label'));
	await screen.findByTestId('label-dialog');
	return row;
}
const table = () => screen.findByTestId('quotes');
const radios = () => screen.getAllByRole('radio').map((each) => (each as HTMLInputElement).checked);
const testLabels = (on: FakeDesk) => {
	const card = on.automationList.find((each) => each.id === 'labels');
	for (const field of card?.settings ?? []) if (field.name === 'test') field.value = true;
};

it('shows what each carrier asks: price, day, whether in time by word, and the policy’s choice with its reason', async () => {
	await dialog();
	const rows = within(await table())
		.getAllByRole('row')
		.map((row) => row.textContent?.replace(/\s+/g, ' ').trim());
	expect(rows).toHaveLength(6);
	expect(rows[1]).toMatch(/DHL policy’s choice ?Paket ?package 5\.40 USD ?Mon 23 Nov ?in time/);
	expect(rows[3]).toMatch(/GLS ?Economy ?package 8\.90 USD ?Fri 27 Nov ?too late/);
	expect(rows[4]).toMatch(/PostNord ?Letter ?package 9\.20 USD ?not said ?not known/);
	expect(screen.getByTestId('policy')).toHaveTextContent('Policy: The cheapest that arrives by Mon 23 Nov.');
	expect(screen.getByTestId('label-dialog')).toHaveTextContent('23.60 of 100.00 USD of today');
	expect(screen.getByRole('radio', { name: 'DHL Paket, 5.40 USD, in time, policy’s choice' })).toBeChecked();
	expect(screen.getByTestId('confirm')).toHaveTextContent('Buy for 5.40 USD…');
	expect(screen.queryByTestId('test-label')).toBeNull();
});

it('arrow keys choose, Enter asks, Enter buys: exactly that quote and nothing dearer', async () => {
	const row = await dialog();
	await table();
	await waitFor(() => expect(document.activeElement).toBe(screen.getAllByRole('radio')[0]));
	await user.keyboard('{ArrowDown}');
	await waitFor(() => expect(radios()).toEqual([false, true, false, false, false]));
	await user.keyboard('{Enter}');
	expect(await screen.findByTestId('purchase-question')).toHaveTextContent('8.40 USD');
	expect(desk.acted).toEqual([]);
	await waitFor(() => expect(document.activeElement).toBe(screen.getByTestId('buy')));
	await user.keyboard('{Enter}');
	await waitFor(() => expect(desk.acted).toHaveLength(1));
	expect(desk.acted[0]).toMatchObject({
		verb: 'buy_label',
		targets: { of: 'orders', which: [row.id] },
	});
	// Nobody typed a size: it is bought with what the hub knows by then.
	expect(desk.acted[0]?.fields).toEqual({
		carrier: 'se-ups',
		service: 'ups_standard',
		package: 'package',
		most: '8.40',
		currency: 'USD',
	});
	expect(await screen.findByTestId('tracking')).toHaveTextContent('00340434161094700');
	expect(screen.getByTestId('purchase')).toHaveTextContent('Label bought');
});

it('the bought label is copied, printed, saved where a person chose, and voided', async () => {
	const row = await dialog();
	await table();
	await user.click(screen.getByTestId('confirm'));
	await user.click(await screen.findByTestId('buy'));
	const dialogs = within(await screen.findByTestId('label-dialog'));
	await dialogs.findByTestId('tracking');
	await user.click(dialogs.getByRole('button', { name: 'Copy tracking number' }));
	expect(await navigator.clipboard.readText()).toBe('00340434161094700');
	await user.click(dialogs.getByTestId('print-label'));
	expect(await screen.findByTestId('labels-written')).toHaveTextContent('1 label opened: print from there.');
	await user.click(screen.getByTestId('form-zpl'));
	await user.click(dialogs.getByTestId('save-label'));
	await waitFor(() => expect(screen.getByTestId('labels-written')).toHaveTextContent('00340434161094700.zpl'));
	expect(desk.labels.saved).toEqual([
		{ picks: [{ order: row.id, parcel: 'label:700' }], form: 'pdf', folder: null },
		{ picks: [{ order: row.id, parcel: 'label:700' }], form: 'zpl', folder: '/home/ben/' },
	]);
	await user.click(dialogs.getByTestId('void-label'));
	const asked = await screen.findByTestId('confirm-dialog');
	expect(asked).toHaveTextContent('the carrier gives the postage back');
	await user.click(within(asked).getByTestId('confirm'));
	await waitFor(() => expect(desk.acted.map((each) => each.verb)).toEqual(['buy_label', 'void_label']));
	expect(desk.labels.parcels.get(row.id)?.[0]?.state).toBe('voided');
});

it('follows a purchase that takes its time, and says what a lost answer means', async () => {
	const row = await dialog((made) => (made.labels.held = true));
	await table();
	await user.click(screen.getByTestId('confirm'));
	await user.click(await screen.findByTestId('buy'));
	await waitFor(() => expect(screen.getByTestId('purchase')).toHaveAttribute('data-state', 'running'));
	const effect = desk.effectList.find((each) => each.order_id === row.id && each.kind === 'buy_label');
	if (effect) effect.state = 'unknown';
	desk.emit({ topics: ['effects'], orders: [row.id] });
	await waitFor(() => expect(screen.getByTestId('purchase')).toHaveTextContent('before anything is bought again'));
	desk.settleLabels();
	expect(await screen.findByTestId('tracking')).toBeInTheDocument();
});

it('a refusal stands where it was bought, with the way back to the quotes', async () => {
	await dialog(
		(made) => (made.labels.refusal = 'ShipStation said: “Insufficient balance”. Fund the account, then retry.'),
	);
	await table();
	await user.click(screen.getByTestId('confirm'));
	await user.click(await screen.findByTestId('buy'));
	await waitFor(() => expect(screen.getByTestId('purchase')).toHaveTextContent('Insufficient balance'));
	await user.click(screen.getByTestId('choose-again'));
	await table();
	expect(screen.getByTestId('confirm')).toHaveTextContent('Buy for 5.40 USD…');
});

it('another weight is asked with before it is bought with; nonsense is said at its field', async () => {
	await dialog();
	await table();
	const weight = screen.getByTestId('field-weight');
	await user.clear(weight);
	await user.type(weight, '2100');
	expect(screen.getByTestId('confirm')).toHaveTextContent('Ask with this size');
	await user.keyboard('{Enter}');
	await waitFor(() => expect(desk.labels.asked.at(-1)?.size?.weight_g).toBe(2100));
	await waitFor(() => expect(screen.getByTestId('confirm')).toHaveTextContent('Buy for 9.90 USD…'));
	await user.clear(screen.getByTestId('field-length'));
	expect(screen.getByRole('alert')).toHaveTextContent('The length is missing');
	expect(screen.getByTestId('confirm')).toHaveAttribute('aria-disabled', 'true');
});

it('what goes beyond today’s limit is marked and cannot be bought', async () => {
	await dialog((made) => (made.labels.spent_minor = 9300));
	const rows = within(await table()).getAllByRole('row');
	expect(rows[2]).toHaveTextContent('over today’s limit');
	expect(rows[1]).not.toHaveTextContent('over today’s limit');
	await user.click(screen.getAllByRole('radio')[1] as HTMLElement);
	expect(screen.getByTestId('confirm')).toHaveAttribute('aria-disabled', 'true');
	expect(screen.getByTestId('confirm')).toHaveAttribute('title', expect.stringContaining('7.00 USD that are left'));
});

it('where the policy buys nothing it says why, and a person may still choose', async () => {
	await dialog((made) => (made.labels.noChoice = true));
	await table();
	expect(radios()).toEqual([false, false, false, false, false]);
	expect(screen.getByTestId('policy')).toHaveTextContent('which is what the settings allow');
	expect(screen.getByTestId('confirm')).toHaveAttribute('aria-disabled', 'true');
	await user.click(screen.getAllByRole('radio')[1] as HTMLElement);
	expect(screen.getByTestId('confirm')).toHaveTextContent('Buy for 8.40 USD…');
});

it('carriers that do not answer are said in a sentence, and asked again', async () => {
	await dialog(
		(made) => (made.labels.trouble = 'ShipStation did not answer within 45 s. Nothing was bought. Ask again.'),
	);
	expect(await screen.findByText(/did not answer within 45 s/)).toBeInTheDocument();
	desk.labels.trouble = null;
	await user.click(screen.getByTestId('quotes-again'));
	await table();
});

it('a test label is marked loudly and named on the button', async () => {
	await dialog(testLabels);
	await table();
	expect(screen.getByTestId('test-label')).toHaveTextContent('no carrier takes a parcel with it');
	await user.click(screen.getByTestId('confirm'));
	expect(await screen.findByTestId('buy')).toHaveTextContent('Buy test label');
});

it('a return label is asked for from the drawer, and shown with the others', async () => {
	const row = await dialog();
	await table();
	await user.click(screen.getByTestId('confirm'));
	await user.click(await screen.findByTestId('buy'));
	await screen.findByTestId('tracking');
	await user.click(screen.getByTestId('label-done'));
	await user.click(screen.getByTestId('drawer-more'));
	await user.click(await screen.findByTestId('act-return_label'));
	const asked = await screen.findByTestId('confirm-dialog');
	expect(asked).toHaveTextContent(`Buy a return label for ${row.number}?`);
	await user.click(within(asked).getByTestId('confirm'));
	await waitFor(() => expect(desk.acted.at(-1)?.verb).toBe('return_label'));
	await user.click(screen.getByTestId('drawer-more'));
	await user.click(await screen.findByTestId('act-labels'));
	expect(await screen.findByTestId('labels')).toHaveTextContent('comes back');
	expect(screen.getAllByTestId('tracking')).toHaveLength(2);
});

it('an order the hub does not have says so in the menu, and the key says it too', async () => {
	({ desk, user } = await openAt('queue?order=1'));
	const row = desk.orders.find((each) => each.stage === 'unpaid');
	location.hash = `#/queue?order=${row?.id}`;
	await screen.findByRole('region', { name: `Order ${row?.number}` });
	expect(within(screen.getByTestId('drawer')).queryByTestId('act-buy_label')).toBeNull();
	await user.click(screen.getByTestId('drawer-more'));
	expect(await screen.findByTestId('act-buy_label')).toHaveAttribute('title', expect.stringContaining('does not have'));
});

async function batch(which: (desk: FakeDesk) => number[], prepare?: (desk: FakeDesk) => void) {
	({ desk, user } = await openAt('queue', {}, prepare));
	await screen.findByTestId('queue');
	const { acts } = await import('$lib/domain/acts.svelte');
	const ids = which(desk);
	acts.labels({ of: 'orders', which: ids }, `${ids.length} orders`);
	await screen.findByTestId('labels-dialog');
	return ids;
}
const packing = (n: number) => (on: FakeDesk) =>
	on.orders
		.filter((row) => row.stage === 'packing')
		.slice(0, n)
		.map((row) => row.id);

it('the bulk bar lists each order with its price, the sum, and what is left out and why', async () => {
	({ desk, user } = await openAt('queue'));
	const [ready] = desk.orders.filter((row) => row.stage === 'packing');
	const unpaid = desk.orders.find((row) => row.stage === 'unpaid');
	const { acts } = await import('$lib/domain/acts.svelte');
	acts.labels({ of: 'orders', which: [ready?.id ?? 0, unpaid?.id ?? 0] }, '2 orders');
	const list = await screen.findByTestId('batch');
	await waitFor(() => expect(list).toHaveTextContent('5.40 USD'));
	expect(list).toHaveTextContent(ready?.number ?? '');
	expect(screen.getByTestId('batch-sum')).toHaveTextContent('5.40 USD for 1 of 1 label');
	expect(screen.getByTestId('not-ready')).toHaveTextContent(`${unpaid?.number} ShipStation does not have`);
	expect(screen.getByTestId('labels-dialog')).toHaveTextContent('23.60 of 100.00 USD of today');
});

it('many are bought after the question, each with its own result, and printed together', async () => {
	const ids = await batch(packing(3));
	await waitFor(() => expect(screen.getByTestId('batch-sum')).toHaveTextContent('16.20 USD for 3 of 3 labels'));
	await user.click(
		screen.getByRole('checkbox', {
			name: new RegExp(`Buy for ${desk.orders.find((row) => row.id === ids[2])?.number}`),
		}),
	);
	expect(screen.getByTestId('confirm')).toHaveTextContent('Buy 2 labels for 10.80 USD…');
	await user.click(screen.getByTestId('confirm'));
	expect(await screen.findByTestId('batch-question')).toHaveTextContent('Buy 2 labels for 10.80 USD?');
	expect(desk.acted).toEqual([]);
	const read: unknown[] = [];
	desk.sync_now = async (...scope: unknown[]) => {
		read.push(...scope);
		return 'sync-1';
	};
	await user.click(screen.getByTestId('buy'));
	await waitFor(() => expect(screen.getByTestId('batch-state')).toHaveTextContent('2 of 2 labels bought'));
	// What is printed are the labels that were read there.
	await waitFor(() => expect(read).toEqual([{ what: 'connection', which: 'shipstation' }]));
	expect(desk.acted[0]).toMatchObject({
		verb: 'buy_label',
		targets: { of: 'orders', which: ids.slice(0, 2) },
		fields: {},
	});
	expect(screen.getAllByText('Bought')).toHaveLength(2);
	await user.click(screen.getByTestId('print-all'));
	expect(await screen.findByText('2 labels opened: print from there.')).toBeInTheDocument();
	expect(screen.getByTestId('label-done')).toHaveTextContent('Done');
});

it('what the hub refuses stands beside its order', async () => {
	await batch(packing(2), (made) => (made.labels.refusal = 'ShipStation said: “Insufficient balance”.'));
	await waitFor(() => expect(screen.getByTestId('batch-sum')).toHaveTextContent('10.80 USD'));
	await user.click(screen.getByTestId('confirm'));
	await user.click(await screen.findByTestId('buy'));
	const results = await screen.findByTestId('batch-results');
	await waitFor(() =>
		expect(within(results).getAllByText('ShipStation said: “Insufficient balance”.')).toHaveLength(2),
	);
	expect(screen.queryByTestId('print-all')).toBeNull();
});

it('says what goes beyond today’s limit before it is bought', async () => {
	await batch(packing(3), (made) => (made.labels.spent_minor = 9000));
	await waitFor(() => expect(screen.getByTestId('batch-sum')).toHaveTextContent('16.20 USD'));
	expect(screen.getByTestId('labels-dialog')).toHaveTextContent('more than the 10.00 USD that are left');
});

it('prices beyond the first 25 are asked when a person says so, and asking stops', async () => {
	await batch(packing(30));
	await waitFor(() => expect(screen.getByTestId('batch-sum')).toHaveTextContent('for 25 of 30 labels'));
	expect(desk.labels.asked).toHaveLength(25);
	await user.click(screen.getByTestId('more-prices'));
	await waitFor(() => expect(screen.getByTestId('batch-sum')).toHaveTextContent('for 30 of 30 labels'));
});

it('orders the policy buys nothing for are not ticked, and say why', async () => {
	const [id] = await batch(packing(2), (made) => (made.labels.noChoice = true));
	await waitFor(() => expect(screen.getByTestId(`batch-${id}`)).toHaveTextContent('which is what the settings allow'));
	await waitFor(() => expect(screen.getByTestId('confirm')).toHaveAttribute('aria-disabled', 'true'));
	expect(
		screen.getAllByRole('checkbox', { name: /^Buy for/ }).every((each) => !(each as HTMLInputElement).checked),
	).toBe(true);
});

it('none that can have a label is a state of its own', async () => {
	await batch((on) =>
		on.orders
			.filter((row) => row.stage === 'unpaid')
			.slice(0, 2)
			.map((row) => row.id),
	);
	expect(await screen.findByText('None of them can have a label now.')).toBeInTheDocument();
	expect(screen.getByTestId('not-ready')).toHaveAttribute('open');
});

it('a whole view is too many at once, and says so', async () => {
	({ desk, user } = await openAt('queue', { orders: 900 }));
	const { acts } = await import('$lib/domain/acts.svelte');
	acts.labels({ of: 'matching', which: { view: 'all', text: '' } }, 'all orders');
	expect(await screen.findByText(/at most 500 at once/)).toBeInTheDocument();
});

it('ticked rows have the button, and the key opens the same dialog', async () => {
	({ desk, user } = await openAt('queue'));
	await screen.findByTestId('queue');
	await user.keyboard('jxjx');
	await user.click(await screen.findByTestId('act-buy_label'));
	expect(await screen.findByTestId('labels-dialog')).toHaveTextContent('Buy labels for 2 orders');
	await user.keyboard('{Escape}');
	await waitFor(() => expect(screen.queryByTestId('labels-dialog')).toBeNull());
	await user.keyboard('l');
	expect(await screen.findByTestId('labels-dialog')).toBeInTheDocument();
});

it('the card of the automation has its settings, and keeps them', async () => {
	({ desk, user } = await openAt('automations'));
	await user.click(await screen.findByTestId('settings-labels'));
	const card = within(screen.getByTestId('automation-labels'));
	await user.selectOptions(card.getByTestId('field-policy'), 'cheapest');
	await user.clear(card.getByTestId('field-spend_day'));
	await user.click(card.getByTestId('field-test'));
	await user.click(card.getByTestId('save-labels'));
	const kept = () => desk.automationList.find((each) => each.id === 'labels')?.settings.map((each) => each.value);
	await waitFor(() => expect(kept()).toEqual(['cheapest', '', '', 10, '', true]));
});
