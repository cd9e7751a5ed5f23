import { screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, expect, it } from 'vitest';
import type { UserEvent } from '@testing-library/user-event';
import { acts } from '$lib/domain/acts.svelte';
import type { FakeDesk } from '$lib/fake/fake';
import { openAt } from './desk';

let desk: FakeDesk;
let user: UserEvent;
beforeEach(async () => {
	({ desk, user } = await openAt('queue?order=1'));
	await screen.findByTestId('waits-box');
});
const drawer = () => within(screen.getByTestId('drawer'));

it('says what the order waits on, since when, by when, and with one primary button', () => {
	const box = screen.getByTestId('waits-box');
	expect(box).toHaveTextContent('ShipStation does not know the SKU');
	expect(box).toHaveTextContent(/Since 51 min · seen 4 times · must leave by 15:00/);
	expect(
		drawer()
			.getAllByRole('button')
			.filter((button) => button.classList.contains('primary')),
	).toHaveLength(1);
});

it('says which record says so and who can mend it, once', () => {
	const because = screen.getAllByTestId('because');
	expect(because).toHaveLength(1);
	expect(because[0]).toHaveTextContent(
		'What says so Change at ShipStation: send the order: “no product with this SKU”, 13:21',
	);
	expect(because[0]).toHaveTextContent('Who can mend it You. Map it once for all orders.');
	expect(drawer().getAllByText('ShipStation does not know the SKU')).toHaveLength(1);
});

it('an account that stops the order and is an exception of it has one box', async () => {
	({ desk, user } = await openAt('queue?order=7'));
	await screen.findByTestId('waits-box');
	expect(screen.getAllByTestId('waits-box')).toHaveLength(1);
	expect(screen.queryByTestId('waits-besides')).toBeNull();
	expect(screen.getByTestId('because')).toHaveTextContent('Connection Salesforce: “Sign-in needed”');
});

it('shows which rules looked, which acted, and why the others did not', async () => {
	await user.click(drawer().getByTestId('tab-rules'));
	expect(screen.getByTestId('drawer')).toHaveTextContent('1 rule acted, of 2 that looked; so since 13:21.');
	expect(screen.getByTestId('trace-fired')).toHaveTextContent('Prime and expedited first acted');
	expect(screen.getByTestId('trace-passed')).toHaveTextContent('wanted: is more than 20000');
});

it('compares both sides line by line', () => {
	const lines = within(drawer().getByRole('table', { name: 'Lines on both sides' }))
		.getAllByRole('row')
		.map((line) => [...line.children].map((cell) => cell.textContent?.trim()));
	expect(lines[0]).toEqual(['SKU', 'Ordered', 'In ShipStation', 'Shipped', 'Told Shopify']);
	expect(lines[1]).toEqual(['HG-MUG-B', '2', '2', '0', '0']);
	expect(lines[3]).toEqual(['HG-LAMP-S', '1', 'not there', '0', '0']);
});

it('says where the order stands at the store and at the hub, and marks what differs', async () => {
	const cells = () =>
		within(screen.getByTestId('standing'))
			.getAllByRole('row')
			.map((line) => [...line.children].map((cell) => cell.textContent?.replace(/\s+/g, ' ').trim()));
	expect(cells()[0]).toEqual(['', 'Shopify', 'ShipStation']);
	expect(cells()[1]).toEqual(['Stands', 'paid, nothing shipped', 'ready to pack']);
	expect(screen.getByTestId('standing')).not.toHaveTextContent('differs');
	const before = desk.order;
	desk.order = async (id) => {
		const detail = await before(id);
		const [store, hub] = detail.sides;
		if (!store || !hub) return detail;
		const there = { state: 'on hold', held_until_ms: desk.now() + 3_600_000, ship_to: ['Ingrid', 'Dock 7'] };
		return { ...detail, sides: [store, { ...hub, ...there, differs: ['ship_to'] }] };
	};
	desk.emit({ topics: ['orders'], orders: [1] });
	await waitFor(() => expect(cells()[1]?.[2]).toMatch(/^on hold until \d\d:\d\d$/));
	expect(cells()[3]?.[2]).toMatch(/^differs: ?Ingrid, Dock 7$/);
	expect(cells()[3]?.[1]).toMatch(/^differs: ?.*Strandgaten 14/);
	expect(cells()[4]?.[2]).toBe('–');
});

it('an order the hub does not have has a column that says so', async () => {
	const unpaid = desk.orders.find((each) => each.stage === 'unpaid');
	await openAt(`queue?order=${unpaid?.id}`);
	const [, stands] = within(await screen.findByTestId('standing')).getAllByRole('row');
	expect([...(stands?.children ?? [])].map((cell) => cell.textContent?.trim())).toEqual([
		'Stands',
		'authorised, nothing shipped',
		'not there',
	]);
});

it('e-mail, telephone and SKU are copied', async () => {
	await user.click(drawer().getByTestId('tab-sides'));
	for (const [name, text] of [
		['Copy e-mail', 'buyer@example.com'],
		['Copy telephone', '+47 555 0142'],
		['Copy SKU HG-TRAY', 'HG-TRAY'],
	] as const) {
		await user.click(drawer().getByRole('button', { name }));
		expect(await navigator.clipboard.readText()).toBe(text);
	}
});

it('shows the story, the differences, links and raw answers on demand', async () => {
	expect(screen.getByTestId('timeline')).toHaveTextContent('Planned: send to ShipStation, Express, EU warehouse');
	await user.click(drawer().getByTestId('tab-sides'));
	expect(screen.getByTestId('drawer')).toHaveTextContent('the store has 1, ShipStation has none');
	await user.click(drawer().getByTestId('tab-links'));
	await user.click(drawer().getByRole('button', { name: 'Open in ShipStation' }));
	expect(desk.linksOpened).toEqual(['https://ship.shipstation.com/orders/1']);
	await user.click(drawer().getByTestId('tab-raw'));
	await user.click(drawer().getByTestId('raw-order'));
	await user.type(await drawer().findByTestId('raw-search'), 'HG-TRAY');
	expect(drawer().getByTestId('raw')).toHaveTextContent('"HG-TRAY"');
	expect(drawer().getByTestId('raw')).not.toHaveTextContent('currencyCode');
});

it('shows each try of a change: when, what came of it, what the platform said, to copy', async () => {
	const refused = desk.effectList.find((each) => each.state === 'refused');
	const { user } = await openAt(`queue?order=${refused?.order_id}`);
	await screen.findByTestId('waits-box');
	await user.click(drawer().getByTestId('tab-raw'));
	const tries = within(await drawer().findByTestId('tries'));
	expect(tries.getByText(refused?.sentence ?? '')).toBeInTheDocument();
	const list = tries.getAllByRole('listitem').map((item) => item.textContent?.replace(/\s+/g, ' ').trim());
	expect(list).toHaveLength(3);
	expect(list[0]).toMatch(/Put off .* was busy and asked to wait.*HTTP 429 · request req-\d+-1 · 0\.4 s Answer$/);
	expect(list[2]).toMatch(/Refused .*said: “Fulfillment order is on hold” HTTP 422 · request req-\d+-3/);
	await user.click(tries.getByRole('button', { name: 'Copy tries of this change' }));
	expect(await navigator.clipboard.readText()).toMatch(/it said: Fulfillment order is on hold\n +HTTP 422 · request/);
});

it('shows what the platform answered at a try when asked, and says so where it is gone', async () => {
	const refused = desk.effectList.find((each) => each.state === 'refused');
	const { desk: here, user } = await openAt(`queue?order=${refused?.order_id}`);
	await screen.findByTestId('waits-box');
	const asked: [number, number][] = [];
	const answer = here.try_answer;
	here.try_answer = (effect, n) => {
		asked.push([effect, n]);
		return answer(effect, n);
	};
	await user.click(drawer().getByTestId('tab-raw'));
	const tries = within(await drawer().findByTestId('tries'));
	expect(asked).toEqual([]);
	const last = tries.getByRole('button', { name: 'Answer to try 3' });
	expect(last).toHaveAttribute('aria-expanded', 'false');
	await user.click(last);
	const shown = await tries.findByTestId('raw');
	expect(shown).toHaveTextContent('"Fulfillment order is on hold"');
	expect(shown).toHaveTextContent('"/orders/fulfillments"');
	expect(asked).toEqual([[refused?.id, 3]]);
	await user.click(last);
	expect(tries.queryByTestId('raw')).toBeNull();
	here.try_answer = () => Promise.reject(new Error('no'));
	await user.click(tries.getByRole('button', { name: 'Answer to try 1' }));
	expect(await tries.findByRole('alert')).toBeInTheDocument();
	expect(tries.queryByTestId('raw')).toBeNull();
});

it('offers no answer of a try whose answer was lost', async () => {
	const lost = desk.effectList.find((each) => each.state === 'unknown');
	const { user } = await openAt(`queue?order=${lost?.order_id}`);
	await screen.findAllByTestId('waits-box');
	await user.click(drawer().getByTestId('tab-raw'));
	const tries = await drawer().findByTestId('tries');
	expect(tries).toHaveTextContent('Outcome unknown');
	expect(within(tries).queryByTestId(`answer-${lost?.id}-${lost?.attempts}`)).toBeNull();
});

it('an order nothing was tried for shows the records alone', async () => {
	await user.click(drawer().getByTestId('tab-raw'));
	expect(screen.getByTestId('drawer')).toHaveTextContent('Records as they were read');
	expect(screen.queryByTestId('tries')).toBeNull();
});

it('walks through the list it came from', async () => {
	await user.click(drawer().getByTestId('drawer-next'));
	await waitFor(() => expect(screen.getByTestId('drawer')).toHaveTextContent('2 of 412'));
	await user.keyboard('[[');
	await waitFor(() => expect(screen.getByTestId('drawer')).toHaveTextContent('1 of 412'));
});

it('asks before cancelling, says what it costs, and sends the three choices', async () => {
	await user.click(drawer().getByTestId('act-cancel'));
	const dialog = within(await screen.findByTestId('cancel-dialog'));
	expect(screen.getByTestId('cancel-dialog')).toHaveTextContent('Cancelling cannot be taken back');
	expect(desk.acted).toEqual([]);
	await user.click(dialog.getByTestId('field-notify'));
	await user.click(dialog.getByTestId('confirm'));
	await waitFor(() =>
		expect(desk.acted[0]).toMatchObject({ verb: 'cancel', refund: true, restock: true, notify: false }),
	);
});

it('a choice no store honours is not shown, what happens instead is, and it is not sent', async () => {
	const row = desk.orders.find((each) => each.connection === 'bigcommerce' && each.stage === 'packing');
	({ desk, user } = await openAt(`queue?order=${row?.id}`));
	await user.click(await drawer().findByTestId('act-cancel'));
	const dialog = within(await screen.findByTestId('cancel-dialog'));
	expect(await dialog.findByTestId('field-refund')).toBeChecked();
	expect(dialog.queryByTestId('field-restock')).toBeNull();
	expect(dialog.queryByTestId('field-notify')).toBeNull();
	expect(dialog.getByTestId('instead')).toHaveTextContent('stock settings of the store at BigCommerce');
	await user.click(dialog.getByTestId('confirm'));
	await waitFor(() =>
		expect(desk.acted[0]).toMatchObject({ verb: 'cancel', refund: true, restock: false, notify: false }),
	);
});

it('quotes what giving back comes to, sends exactly that, and not while another is on its way', async () => {
	const row = desk.orders.find((each) => each.connection === 'bigcommerce' && each.stage === 'packing');
	({ desk, user } = await openAt(`queue?order=${row?.id}`));
	const open = async () => {
		await user.click(await drawer().findByTestId('drawer-more'));
		await user.click(await screen.findByTestId('act-refund'));
		return within(await screen.findByTestId('refund-dialog'));
	};
	let dialog = await open();
	const confirm = () => dialog.getByTestId('confirm');
	await dialog.findByTestId('refund-everything');
	expect(confirm()).toHaveAttribute('aria-disabled', 'true');
	expect(confirm()).toHaveAttribute('title', 'Choose what is given back first.');

	// The store does not answer: said, and asked again.
	desk.quoteTrouble = 'BigCommerce did not answer.';
	await user.click(dialog.getAllByRole('button', { name: /more$/ })[0] as HTMLElement);
	expect(await dialog.findByText('BigCommerce did not answer.')).toBeVisible();
	expect(confirm()).toHaveAttribute('title', 'What it comes to is not known.');
	desk.quoteTrouble = null;
	await user.click(dialog.getByTestId('quote-again'));
	const quote = dialog.getByTestId('quote');
	await waitFor(() => expect(quote).toHaveTextContent(/EUR says BigCommerce, of it € [\d.,]+ tax/));
	expect(dialog.getByTestId('refund-changes')).toHaveTextContent('1 given back');

	await user.click(dialog.getByTestId('refund-everything'));
	await waitFor(() => expect(confirm()).not.toHaveAttribute('aria-disabled'));
	const whole = `${((row?.total_minor ?? 0) / 100).toFixed(2)} EUR`;
	expect(desk.quoted.at(-1)?.fields).toMatchObject({ shipping: 'all' });
	const total = /Give back ([\d.]+) EUR/.exec(confirm().textContent ?? '')?.[1];
	expect(Number(total)).toBeLessThanOrEqual(Number.parseFloat(whole));
	await user.click(confirm());
	await waitFor(() => expect(screen.queryByTestId('refund-dialog')).toBeNull());
	expect(desk.acted.at(-1)).toMatchObject({ verb: 'refund', reason: 'return', fields: { total, shipping: '4.90' } });

	dialog = await open();
	expect(await dialog.findByText(/being given back already/)).toBeVisible();
	await user.keyboard('{Escape}');
	await waitFor(() => expect(screen.queryByTestId('refund-dialog')).toBeNull());
});

it('units beyond what is left are not to be had, and a new choice makes the last quote void', async () => {
	const row = desk.orders.find((each) => each.connection === 'bigcommerce' && each.stage === 'packing');
	({ desk, user } = await openAt(`queue?order=${row?.id}`));
	await user.click(await drawer().findByTestId('drawer-more'));
	await user.click(await screen.findByTestId('act-refund'));
	const dialog = within(await screen.findByTestId('refund-dialog'));
	const field = await dialog.findAllByRole('spinbutton').then((all) => all[0] as HTMLInputElement);
	await user.clear(field);
	await user.type(field, '999');
	await user.tab();
	expect(field.value).toBe(field.max);
	await waitFor(() => expect(dialog.getByTestId('confirm')).toHaveTextContent(/^Give back [\d.]+ EUR$/));
	await user.click(dialog.getByTestId('field-shipping'));
	expect(dialog.getByTestId('confirm')).toHaveTextContent(/^Give back$/);
	expect(dialog.getByTestId('confirm')).toHaveAttribute('aria-disabled', 'true');
	await waitFor(() => expect(dialog.getByTestId('confirm')).toHaveTextContent(/EUR$/));
});

it('an act that cannot be done stays reachable and says why', async () => {
	({ desk, user } = await openAt('queue?order=9'));
	const hold = await waitFor(() => {
		const buttons = screen.getAllByTestId('act-hold');
		return buttons.at(-1) as HTMLElement;
	});
	expect(hold).toHaveAttribute('aria-disabled', 'true');
	expect(hold).toHaveAttribute('title', 'All of it has left already.');
	await user.click(hold);
	expect(screen.queryByTestId('hold-dialog')).toBeNull();
});

it('maps a SKU in all orders that have it, and shows what is still wrong beside its field', async () => {
	await user.click(within(screen.getByTestId('waits-box')).getByTestId('waits-act-edit_and_retry'));
	const dialog = within(await screen.findByTestId('edit-dialog'));
	expect(dialog.getByTestId('confirm')).toHaveAttribute('aria-disabled', 'true');
	const field = dialog.getByTestId('field-line.3.sku');
	await user.clear(field);
	await user.type(field, 'HG LAMP S');
	await user.click(dialog.getByTestId('confirm'));
	await waitFor(() => expect(desk.acted[0]).toMatchObject({ verb: 'edit', fields: { 'line.3.sku': 'HG LAMP S' } }));
	await waitFor(() => expect(screen.queryByTestId('edit-dialog')).toBeNull());
});

it('what would be sent is drawn before it is saved, and why not where the desk would not take it', async () => {
	await user.click(await screen.findByTestId('waits-#10479'));
	const dialog = within(await screen.findByTestId('edit-dialog'));
	expect(dialog.queryByTestId('edit-preview')).toBeNull();
	const street = dialog.getByTestId('field-ship_to.line1');
	await user.type(street, ' Nord');
	expect(await dialog.findByText('Nothing yet: There is still no house number in the street.')).toBeVisible();
	// Nothing was pressed, so no field is blamed for what is still being typed.
	expect(dialog.queryByText('There is still no house number in the street.')).toBeNull();
	await user.type(street, ' 7');
	// What was wrong is so no more.
	await waitFor(() => expect(street).not.toHaveAttribute('aria-invalid', 'true'));
	const preview = within(await dialog.findByTestId('plan'));
	await user.click(preview.getByRole('button'));
	expect(preview.getByText(/Nord 7$/)).toBeVisible();
	expect(desk.acted).toEqual([]);
});

it('a refused correction is told beside its field', async () => {
	await user.click(await screen.findByTestId('waits-#10479'));
	const dialog = within(await screen.findByTestId('edit-dialog'));
	const street = dialog.getByTestId('field-ship_to.line1');
	await user.type(street, ' Nord');
	await user.click(dialog.getByTestId('confirm'));
	expect(await dialog.findByText('There is still no house number in the street.')).toBeInTheDocument();
	expect(street).toHaveAttribute('aria-invalid', 'true');
	// The desk says so of the country too; what was typed stays, and nothing counts as done.
	const country = dialog.getByTestId('field-ship_to.country');
	await user.clear(country);
	await user.type(country, 'Germany');
	await user.type(street, ' 7');
	await user.click(dialog.getByTestId('confirm'));
	expect(await dialog.findByText(/"Germany" is not a country code/)).toBeInTheDocument();
	expect(country).toHaveValue('Germany');
	expect(desk.exceptionList.filter((each) => each.cause === 'address_missing' && each.resolved_at_ms)).toEqual([]);
});

it('a correction that the desk does not take as a whole keeps the form and what was typed', async () => {
	await user.click(within(screen.getByTestId('waits-box')).getByTestId('waits-act-edit_and_retry'));
	const dialog = within(await screen.findByTestId('edit-dialog'));
	const field = dialog.getByTestId('field-line.3.sku');
	await user.clear(field);
	await user.type(field, 'HG LAMP S');
	// Meanwhile the entry mended itself.
	desk.exceptionList = desk.exceptionList.filter((each) => each.cause !== 'unknown_sku');
	await user.click(dialog.getByTestId('confirm'));
	expect(await dialog.findByText('It is not on the list any more.')).toBeVisible();
	expect(field).toHaveValue('HG LAMP S');
	expect(desk.acted).toHaveLength(1);
});

it('a dialog says what the desk refuses and can be used again', async () => {
	await user.click(drawer().getByTestId('act-hold'));
	const dialog = within(await screen.findByTestId('hold-dialog'));
	// A moment that passed is not offered at all; one that passes on the way is told.
	await user.click(dialog.getByTestId('until-exact'));
	const moment = dialog.getByTestId('field-until');
	await user.clear(moment);
	expect(await dialog.findByText('Choose a day and a time.')).toBeVisible();
	await user.type(moment, '2020-01-01T09:00');
	expect(await dialog.findByText('That moment has passed already. Choose a later one.')).toBeVisible();
	expect(dialog.getByTestId('confirm')).toHaveAttribute('aria-disabled', 'true');
	await user.click(dialog.getByTestId('confirm'));
	expect(desk.acted).toEqual([]);
	await user.click(dialog.getByTestId('until-hour'));
	const act = desk.act;
	const refusals = [
		{ code: 'input', field: 'reason', sentence: 'The reason is longer than 500 characters. Shorten it.' },
		{ code: 'input', field: 'until_ms', sentence: 'That moment passed while you looked.' },
	];
	desk.act = () => Promise.reject(refusals.shift());
	await user.click(dialog.getByTestId('confirm'));
	expect(await dialog.findByText(/longer than 500 characters/)).toBeVisible();
	expect(dialog.getByTestId('field-reason')).toHaveAttribute('aria-invalid', 'true');
	await user.click(dialog.getByTestId('confirm'));
	expect(await dialog.findByText('That moment passed while you looked.')).toBeVisible();
	desk.act = act;
	await user.click(dialog.getByTestId('confirm'));
	await waitFor(() => expect(screen.queryByTestId('hold-dialog')).toBeNull());
	expect(desk.acted[0]).toMatchObject({ verb: 'hold' });
});

it('a dialog takes the focus into its first field and gives it back, also when its button is gone', async () => {
	({ desk, user } = await openAt('queue?order=5'));
	await user.click(await drawer().findByTestId('act-hold'));
	await waitFor(() => expect(screen.getByTestId('field-reason')).toHaveFocus());
	await user.keyboard('{Escape}');
	await waitFor(() => expect(drawer().getByTestId('act-hold')).toHaveFocus());
	await user.click(drawer().getByTestId('act-hold'));
	await user.click(await screen.findByTestId('confirm'));
	await drawer().findByTestId('act-release');
	await waitFor(() => expect(screen.getByTestId('drawer').contains(document.activeElement)).toBe(true));
});

it('ties a hub order by hand, against doubts only by a second click, and unties it', async () => {
	await user.click(drawer().getByRole('tab', { name: /Links/ }));
	await user.click(drawer().getByTestId('tie'));
	const dialog = within(await screen.findByTestId('tie-dialog'));
	expect(dialog.getByTestId('confirm')).toHaveAttribute('aria-disabled', 'true');
	await user.type(dialog.getByLabelText('Hub order'), 'nope');
	await user.click(dialog.getByTestId('confirm'));
	expect(await dialog.findByText(/No hub order "nope" is known/)).toBeVisible();
	await user.clear(dialog.getByLabelText('Hub order'));
	await user.type(dialog.getByLabelText('Hub order'), '77');
	expect(dialog.getByTestId('confirm')).toHaveTextContent('Look and tie');
	await user.click(dialog.getByTestId('confirm'));
	expect(await dialog.findByText(/The numbers differ/)).toBeVisible();
	expect(dialog.queryByText(/Say "anyway"/)).toBeNull();
	await user.click(dialog.getByRole('button', { name: 'Tie anyway' }));
	await waitFor(() => expect(screen.queryByTestId('tie-dialog')).toBeNull());
	expect(desk.acted.at(-1)).toMatchObject({ verb: 'link', fields: { hub_order: '77', anyway: 'yes' } });
});

it('says of a hub order that it is another one', async () => {
	const atHub = desk.orders.find((row) => row.stage === 'packing');
	({ desk, user } = await openAt(`queue?order=${atHub?.id}`));
	await screen.findByTestId('waits-box');
	await user.click(drawer().getByRole('tab', { name: /Links/ }));
	await user.click(drawer().getByTestId('untie-881204'));
	expect(desk.acted.at(-1)).toMatchObject({ verb: 'unlink', fields: { hub_order: '881204' } });
});

it('says of another store’s order what it is, after saying what comes of it', async () => {
	const lamp = desk.orders.find((row) => row.number === '#10482');
	({ desk, user } = await openAt(`queue?order=${lamp?.id}`));
	await screen.findByTestId('waits-box');
	await user.click(drawer().getByRole('tab', { name: /Links/ }));
	const twin = within(drawer().getByTestId('twin-1'));
	expect(twin.getByText('You said that it is another sale.')).toBeVisible();
	await user.click(twin.getByTestId('same-sale'));
	let dialog = within(await screen.findByTestId('sale-dialog'));
	await user.click(dialog.getByTestId('confirm'));
	expect(await dialog.findByText(/is the one to be sent/)).toBeVisible();
	expect(dialog.queryByText(/Say "anyway"/)).toBeNull();
	await user.click(dialog.getByRole('button', { name: 'One sale' }));
	await waitFor(() => expect(screen.queryByTestId('sale-dialog')).toBeNull());
	const name = 'order/harbour-market/114-7777777-0000001';
	expect(desk.acted.at(-1)).toMatchObject({ verb: 'link', fields: { order: name, anyway: 'yes' } });

	await user.click(drawer().getByTestId('tie-sale'));
	dialog = within(await screen.findByTestId('sale-dialog'));
	expect(dialog.getByTestId('confirm')).toHaveAttribute('aria-disabled', 'true');
	await user.type(dialog.getByLabelText('The other order'), 'nope');
	await user.click(dialog.getByTestId('confirm'));
	expect(await dialog.findByText(/No other order "nope" is known/)).toBeVisible();
	await user.click(dialog.getByRole('button', { name: 'Leave it' }));

	await user.click(twin.getByTestId('open-twin'));
	await waitFor(() => expect(location.hash).toContain('order=1'));
});

it('shows every id, also of records whose raw answer went', async () => {
	const before = desk.order.bind(desk);
	desk.order = async (id: number) => {
		const detail = await before(id);
		return { ...detail, raw: detail.raw.map((ref) => ({ ...ref, has_raw: false })) };
	};
	const atHub = desk.orders.find((row) => row.stage === 'packing');
	location.hash = `#/queue?order=${atHub?.id}`;
	await waitFor(() => expect(drawer().getByText(atHub?.number ?? '')).toBeVisible());
	await user.click(drawer().getByRole('tab', { name: /Links/ }));
	expect(await drawer().findByText('881204')).toBeVisible();
	expect(drawer().getByTestId('untie-881204')).toBeVisible();
	await user.click(drawer().getByRole('tab', { name: /Raw/ }));
	expect(await drawer().findByText('No raw answers are kept for this order any more.')).toBeVisible();
});

it('says by when the parcel has to be with the buyer, where that was promised', async () => {
	expect(drawer().getByTestId('deliver-by')).toHaveTextContent(/^to arrive by Mon/);
	expect(drawer().getByTestId('deliver-by').title).toMatch(/^Promised to the buyer by .*2026/);
	await openAt('queue?order=2');
	await screen.findByTestId('waits-box');
	expect(drawer().queryByTestId('deliver-by')).toBeNull();
});

it('writes the evidence of an order, with an address only if somebody says so', async () => {
	for (const with_addresses of [false, true]) {
		await user.click(await drawer().findByTestId('drawer-more'));
		await user.click(await screen.findByTestId('act-evidence'));
		const dialog = within(await screen.findByTestId('evidence-dialog'));
		if (with_addresses) await user.click(dialog.getByTestId('evidence-addresses'));
		await user.click(dialog.getByTestId('confirm'));
		await waitFor(() => expect(screen.queryByTestId('evidence-dialog')).toBeNull());
		expect(desk.evidence.at(-1)).toMatchObject({ id: 1, with_addresses });
	}
	expect(desk.evidence[0]?.path).toMatch(/\/evidence-\w+\.html$/);
});

it('forgets a buyer only after the plan, the warning and a place for the receipt', async () => {
	const buyer = desk.orders[0]?.customer;
	const theirs = desk.orders.filter((row) => row.customer === buyer);
	await user.click(await drawer().findByTestId('drawer-more'));
	await user.click(await screen.findByTestId('act-customer'));
	const dialog = within(await screen.findByTestId('customer-dialog'));
	// Found by the address of the order; nothing is done yet.
	for (const row of theirs) expect(await dialog.findByTestId(`customer-order-${row.id}`)).toBeChecked();
	expect(dialog.getByText(/Have it removed there/)).toBeVisible();
	await user.click(dialog.getByTestId('customer-forget'));
	expect(dialog.getByText(/This cannot be undone/)).toBeVisible();
	await user.click(dialog.getByTestId('customer-keep'));
	expect(dialog.queryByText(/This cannot be undone/)).toBeNull();
	expect(desk.buyersFiles).toEqual([]);
	// Without an order there is nothing to forget.
	for (const row of theirs) await user.click(dialog.getByTestId(`customer-order-${row.id}`));
	expect(dialog.getByTestId('customer-forget')).toHaveAttribute('aria-disabled', 'true');
	await user.click(dialog.getByTestId(`customer-order-${theirs[0]?.id}`));
	await user.click(dialog.getByTestId('customer-forget'));
	await user.click(dialog.getByTestId('confirm'));
	const receipt = await dialog.findByTestId('customer-receipt');
	expect(receipt).toHaveTextContent(theirs[0]?.number ?? '');
	expect(receipt).toHaveTextContent('Entry 41 of the trail');
	expect(receipt).not.toHaveTextContent(buyer ?? '');
	expect(desk.buyersFiles).toHaveLength(1);
});

it('writes down what is kept of a buyer, and says so where nobody is found', async () => {
	await user.click(await drawer().findByTestId('drawer-more'));
	await user.click(await screen.findByTestId('act-customer'));
	const dialog = within(await screen.findByTestId('customer-dialog'));
	const who = dialog.getByTestId('field-who');
	await dialog.findByTestId('customer-export');
	await user.click(dialog.getByTestId('customer-export'));
	await waitFor(() => expect(desk.buyersFiles.at(-1)).toMatch(/buyer-[\d-]+\.json$/));
	await user.clear(who);
	await user.type(who, 'Nobody Atall');
	// What was found was somebody else's.
	expect(dialog.getByTestId('customer-forget')).toHaveAttribute('title', 'Look for the buyer first.');
	await user.click(dialog.getByTestId('customer-look'));
	expect(await dialog.findByText(/Nothing is kept of this buyer\./)).toBeVisible();
});

it('nothing is called equal that was never read on the other side', async () => {
	const shown = async (at_hub: (n: number) => number | null) => {
		({ desk, user } = await openAt('queue?order=2', {}, (fake) => {
			const asked = fake.order;
			fake.order = async (id) => {
				const detail = await asked(id);
				const lines = detail.lines.map((line) => ({ ...line, at_hub: at_hub(line.ordered), no_shipping: false }));
				return { ...detail, lines, differences: [], row: { ...detail.row, stage: 'packing' } };
			};
		}));
		await screen.findByTestId('waits-box');
		await user.click(drawer().getByTestId('tab-sides'));
		return drawer().findByTestId('compared');
	};
	expect(await shown(() => null)).toHaveTextContent('What ShipStation has was not read yet');
	expect(drawer().getAllByText('not read yet').length).toBeGreaterThan(0);
	expect(drawer().queryByText(/Nothing differs/)).toBeNull();
	expect(await shown((n) => n)).toHaveTextContent(/Nothing differs between \S+ and ShipStation\./);
});

it('the field that has to be mended has the focus, and what is saved is said before', async () => {
	await user.click(await screen.findByTestId('waits-#10479'));
	const dialog = within(await screen.findByTestId('edit-dialog'));
	const street = dialog.getByTestId('field-ship_to.line1') as HTMLInputElement;
	await waitFor(() => expect(street).toHaveFocus());
	expect(dialog.queryByTestId('edit-changes')).toBeNull();
	const was = street.value;
	await user.type(street, ' 7');
	expect(dialog.getByTestId('edit-changes')).toHaveTextContent(`was “${was}”, becomes “${was} 7”`);
	expect(dialog.getByTestId('edit-changes').querySelectorAll('li')).toHaveLength(1);
	// Typed back again nothing is left to say.
	await user.clear(street);
	await user.type(street, was);
	expect(dialog.queryByTestId('edit-changes')).toBeNull();
});

it('what was refused without anything done is said with its reason', async () => {
	// It has left already, so it cannot be held.
	await acts.perform('hold', { of: 'orders', which: [9] });
	const row = desk.orders.find((each) => each.id === 9);
	const toast = await screen.findByTestId('toast');
	expect(toast).toHaveTextContent(`${row?.number}: It has left already.`);
	expect(toast).not.toHaveTextContent('below');
	await waitFor(() => expect(screen.getByTestId('announcer')).toHaveTextContent('It has left already.'));
});

it('the story has a clock on every day', async () => {
	const times = [...screen.getByTestId('timeline').querySelectorAll('time')];
	expect(times.length).toBeGreaterThan(0);
	for (const time of times) expect(time).toHaveTextContent(/^\d\d:\d\d/);
	const older = await openAt('queue?order=1', {}, (fake) => {
		const asked = fake.order;
		fake.order = async (id) => {
			const detail = await asked(id);
			return { ...detail, timeline: detail.timeline.map((each) => ({ ...each, at_ms: each.at_ms - 3 * 86_400_000 })) };
		};
	});
	desk = older.desk;
	const first = (await screen.findByTestId('timeline')).querySelector('time');
	expect(first).toHaveTextContent(/^\d\d:\d\d \d+ \w+$/);
});
