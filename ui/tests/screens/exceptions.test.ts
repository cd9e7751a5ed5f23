import { screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, expect, it } from 'vitest';
import type { UserEvent } from '@testing-library/user-event';
import { reached } from '$lib/domain/acts.svelte';
import type { FakeDesk } from '$lib/fake/fake';
import { openAt } from './desk';

let desk: FakeDesk;
let user: UserEvent;
beforeEach(async () => {
	({ desk, user } = await openAt('exceptions'));
	await screen.findByTestId('exception-unknown_sku');
});

it('groups by cause, with count, age and value, and says what was checked', () => {
	const group = screen.getByTestId('exception-unknown_sku');
	expect(group).toHaveTextContent('ShipStation does not know the SKU');
	expect(group).toHaveTextContent(/5 orders\s*oldest 51 min/);
	expect(screen.getByTestId('exceptions')).toHaveTextContent('Both sides of the other 395 open orders were compared');
});

it('unfolds with the keyboard and opens an order from it', async () => {
	const head = screen.getByTestId('group-unknown_sku');
	expect(head).toHaveAttribute('aria-expanded', 'false');
	head.focus();
	await user.keyboard('{Enter}');
	expect(head).toHaveAttribute('aria-expanded', 'true');
	await user.click(screen.getByTestId('entry-#10482'));
	await screen.findByTestId('drawer');
	await waitFor(() => expect(screen.getByTestId('drawer')).toHaveTextContent('1 of 5'));
});

it('a link to a cause opens that group', async () => {
	desk.go('exceptions?cause=fulfillment_refused');
	await waitFor(() => expect(screen.getByTestId('group-fulfillment_refused')).toHaveAttribute('aria-expanded', 'true'));
});

it('retries all of a cause, and everything', async () => {
	await user.click(screen.getByTestId('act-retry-fulfillment_refused'));
	await waitFor(() =>
		expect(desk.acted[0]).toMatchObject({ verb: 'retry', targets: { of: 'cause', which: 'fulfillment_refused' } }),
	);
	await user.click(await screen.findByTestId('retry-all'));
	await waitFor(() => expect(desk.acted[1]).toMatchObject({ verb: 'retry', targets: { of: 'everything' } }));
});

it('maps one SKU for every order that has it', async () => {
	await user.click(screen.getByTestId('act-edit_and_retry-unknown_sku'));
	const dialog = within(await screen.findByTestId('edit-dialog'));
	const field = dialog.getByTestId('field-line.3.sku');
	await user.clear(field);
	await user.type(field, 'HG LAMP S');
	expect(dialog.getByTestId('field-everywhere')).toBeChecked();
	await user.click(dialog.getByTestId('confirm'));
	await waitFor(() => expect(desk.acted.filter((act) => act.verb === 'edit')).toHaveLength(5));
});

it('snoozes one entry until tomorrow', async () => {
	await user.click(screen.getByTestId('group-unknown_sku'));
	await user.click(screen.getByTestId('entry-more-#10482'));
	await user.click(await screen.findByTestId('act-snooze'));
	await user.click(await screen.findByTestId('confirm'));
	await waitFor(() => expect(desk.acted[0]?.verb).toBe('snooze'));
	const until = new Date(desk.acted[0]?.until_ms ?? 0);
	expect([until.getDate() - new Date(desk.now()).getDate(), until.getHours()]).toEqual([1, 9]);
});

/** Another tab: what only the first one listed is gone by then. */
async function goTo(view: string) {
	desk.go(`exceptions?view=${view}`);
	await waitFor(() => expect(screen.queryByTestId('exception-cancelled_after_label')).toBeNull());
}

it('under a search a group’s buttons act on what is listed and on nothing else', async () => {
	await user.type(screen.getByTestId('search'), '10482');
	await waitFor(() => expect(screen.getByTestId('exception-unknown_sku')).toHaveTextContent(/1\s*order/));
	const found = desk.exceptionList.find((each) => each.order?.number === '#10482');
	const only = { of: 'exceptions', which: [found?.id] };
	// By button, by menu, by key, and by the button for everything.
	await user.click(screen.getByTestId('more-unknown_sku'));
	await user.click(await screen.findByTestId('assign-all'));
	await user.type(await screen.findByTestId('field-to'), 'Ben');
	await user.click(screen.getByTestId('confirm'));
	await waitFor(() => expect(desk.acted.at(-1)).toMatchObject({ verb: 'assign', targets: only }));
	screen.getByTestId('group-unknown_sku').focus();
	await user.keyboard('s');
	await user.click(await screen.findByTestId('until-hour'));
	await user.click(screen.getByTestId('confirm'));
	await waitFor(() => expect(desk.acted.at(-1)).toMatchObject({ verb: 'snooze', targets: only }));
	expect(desk.exceptionList.filter((each) => each.cause === 'unknown_sku' && each.snoozed_until_ms)).toHaveLength(1);
});

it('under a search everything means what was found', async () => {
	await user.type(screen.getByTestId('search'), 'refused the tracking');
	const button = await screen.findByText(/Retry what was found/);
	const found = desk.exceptionList.filter((each) => each.cause === 'fulfillment_refused' && !each.resolved_at_ms);
	await user.click(button);
	await waitFor(() =>
		expect(desk.acted.at(-1)).toMatchObject({
			verb: 'retry',
			targets: { of: 'exceptions', which: found.map((each) => each.id) },
		}),
	);
});

it('among what is put away only that is touched, mended or brought back', async () => {
	await goTo('snoozed');
	const group = await screen.findByTestId('exception-address_missing');
	const away = desk.exceptionList.filter((each) => each.snoozed_until_ms !== null).map((each) => each.id);
	expect(away).toHaveLength(3);
	await user.click(within(group).getByTestId('more-address_missing'));
	await user.click(await screen.findByTestId('resolve-all'));
	await waitFor(() =>
		expect(desk.acted.at(-1)).toMatchObject({ verb: 'resolve', targets: { of: 'exceptions', which: away } }),
	);
	const open = desk.exceptionList.filter((each) => each.cause === 'address_missing' && each.resolved_at_ms === null);
	expect(open).toHaveLength(3);
});

it('a snoozed entry can be woken at once, alone or with all of its cause', async () => {
	await goTo('snoozed');
	await user.click(await screen.findByTestId('group-address_missing'));
	const buttons = await screen.findAllByText('Wake now');
	await user.click(buttons[0] as HTMLElement);
	await waitFor(() => expect(desk.acted.at(-1)).toMatchObject({ verb: 'wake', targets: { of: 'exceptions' } }));
	await waitFor(() => expect(screen.getByTestId('exception-address_missing')).toHaveTextContent(/2\s*orders/));
	await user.click(screen.getByTestId('more-address_missing'));
	await user.click(await screen.findByTestId('wake-all'));
	await waitFor(() => expect(screen.queryByTestId('exception-address_missing')).toBeNull());
	expect(desk.exceptionList.some((each) => each.snoozed_until_ms !== null)).toBe(false);
});

it('says how many it lists and reaches where a cause has more than that', async () => {
	const before = desk.exceptions;
	desk.exceptions = async (ask) => {
		const page = await before(ask);
		return { ...page, groups: page.groups.map((group) => ({ ...group, count: 1500 })) };
	};
	await goTo('snoozed');
	await user.click(await screen.findByTestId('group-address_missing'));
	await user.click(await screen.findByTestId('show-all-address_missing'));
	expect(await screen.findByTestId('rest-address_missing')).toHaveTextContent(
		'of 1,500; the others come up as these end',
	);
	expect(screen.queryByTestId('show-all-address_missing')).toBeNull();
	await user.click(screen.getByTestId('more-address_missing'));
	expect(await screen.findByTestId('wake-all')).toHaveTextContent('Wake the first 1,000 now');
});

it.each([
	['needs_me', '', 1500, 1500],
	['needs_me', 'lamp', 1500, 1000],
	['snoozed', '', 1500, 1000],
	['snoozed', '', 3, 3],
])('the buttons of a group under %s, searched for “%s”, of %i entries reach %i', (view, text, count, n) => {
	expect(reached({ cause: 'unknown_sku', count, view, text })).toBe(n);
});

it('“Edit…” of a group works on what its tab lists', async () => {
	await desk.mute_cause('unknown_sku', true, null);
	await goTo('muted');
	await user.click(await screen.findByTestId('act-edit_and_retry-unknown_sku'));
	expect(await screen.findByTestId('edit-dialog')).toHaveTextContent('1 of 5');
	await user.click(screen.getByText('Close'));
	// Where nothing can be mended it says so instead of nothing.
	await goTo('snoozed');
	await user.click(await screen.findByTestId('act-edit_and_retry-address_missing'));
	expect(await screen.findByText(/nothing left to mend/)).toBeVisible();
});

it('copies the details with what to do, says when it was seen, and names where its pages are', async () => {
	await user.click(screen.getByTestId('group-unknown_sku'));
	const entry = within(screen.getByTestId('entry-4'));
	expect(entry.getByTestId('seen')).toHaveTextContent(/first seen .*, 4 times/);
	await user.click(entry.getByTestId('entry-more-#10482'));
	expect(await screen.findByTestId('act-open_channel')).toHaveTextContent('Open in Shopify');
	await user.click(screen.getByTestId('copy-details'));
	await waitFor(async () => {
		const text = await navigator.clipboard.readText();
		expect(text).toContain('Cause: ');
		expect(text).toContain('What to do: The warehouse cannot pick a line without a SKU it knows.');
		expect(text).toContain('First seen: ');
	});
	await waitFor(() => expect(document.body.style.pointerEvents).not.toBe('none'));
	await user.click(entry.getByTestId('entry-more-#10482'));
	await user.click(await screen.findByTestId('act-open_channel'));
	await waitFor(() => expect(desk.linksOpened[0]).toMatch(/^https:/));
});

it('gives a change up with a reason', async () => {
	await user.click(screen.getByTestId('group-fulfillment_refused'));
	const entry = desk.exceptionList.find((each) => each.cause === 'fulfillment_refused' && !each.resolved_at_ms);
	await user.click(screen.getByTestId(`entry-more-${entry?.order?.number}`));
	await user.click(await screen.findByTestId('act-skip'));
	const dialog = within(await screen.findByTestId('confirm-dialog'));
	await user.type(dialog.getByTestId('field-reason'), 'told by telephone');
	await user.click(dialog.getByTestId('confirm'));
	await waitFor(() =>
		expect(desk.acted.at(-1)).toMatchObject({
			verb: 'skip',
			reason: 'told by telephone',
			targets: { of: 'exceptions', which: [entry?.id] },
		}),
	);
});

it('says for how many an entry stands before they are given up', async () => {
	({ desk, user } = await openAt('exceptions?cause=fulfillment_refused', {}, (desk) => {
		const entry = desk.exceptionList.find((each) => each.cause === 'fulfillment_refused' && !each.resolved_at_ms);
		if (!entry) throw new Error('the fake desk has no refused fulfillment');
		entry.all = [entry.id, 9_101, 9_102, 9_103];
	}));
	const entry = desk.exceptionList.find((each) => each.cause === 'fulfillment_refused' && !each.resolved_at_ms);
	const number = entry?.order?.number ?? '';
	await user.click(await screen.findByTestId(`entry-more-${number}`));
	await user.click(await screen.findByTestId('act-skip'));
	expect(await screen.findByTestId('confirm-dialog')).toHaveTextContent(`${number} and 3 more?`);
});

it('asks before a label is voided', async () => {
	await user.click(screen.getByTestId('act-void_label-cancelled_after_label'));
	expect(await screen.findByTestId('confirm-dialog')).toHaveTextContent(
		'If the parcel has left already, do not void it.',
	);
	expect(desk.acted).toEqual([]);
});

it('a new sign-in leads to the account', async () => {
	await user.click(screen.getByTestId('act-sign_in-sign_in_needed'));
	await screen.findByTestId('screen-connections');
	expect(location.hash).toBe('#/connections?id=salesforce&sheet=rotate');
});

it('when an entry is settled the next one has the focus', async () => {
	await user.click(screen.getByTestId('group-unknown_sku'));
	screen.getByTestId('entry-#10482').focus();
	await user.click(screen.getByTestId('entry-more-#10482'));
	await user.click(await screen.findByTestId('act-resolve'));
	await waitFor(() => expect(screen.queryByTestId('entry-#10482')).toBeNull());
	await waitFor(() => expect(screen.getByTestId('exceptions').contains(document.activeElement)).toBe(true));
});

it('j, r, h and e work on the entry or the cause that has the focus', async () => {
	await user.keyboard('jj');
	expect(screen.getByTestId('group-unknown_sku')).toHaveFocus();
	await user.keyboard('{Enter}j');
	expect(screen.getByTestId('entry-#10482')).toHaveFocus();
	await user.keyboard('r');
	await waitFor(() =>
		expect(desk.acted[0]).toMatchObject({ verb: 'retry', targets: { of: 'exceptions', which: [4] } }),
	);
	screen.getByTestId('group-fulfillment_refused').focus();
	await user.keyboard('e');
	await waitFor(() =>
		expect(desk.acted[1]).toMatchObject({ verb: 'resolve', targets: { of: 'cause', which: 'fulfillment_refused' } }),
	);
});

it('a count that was refused stands there under its SKU, leads to it, and is tried again', async () => {
	({ desk, user } = await openAt('exceptions?cause=content_refused', {}, (desk) => {
		const like = desk.exceptionList[0];
		if (!like) throw new Error('the fake desk has no exception');
		desk.exceptionList.push({
			...like,
			id: 9_001,
			all: [9_001],
			cause: 'content_refused',
			title: 'The platform refused the content',
			sentence: 'The store keeps no count of this item.',
			said: 'not_found',
			order: null,
			counted: 'MAT-ROP',
			connection: 'outlet',
			effect: 77,
			actions: ['retry', 'skip'],
		});
	}));
	const entry = await screen.findByTestId('entry-9001');
	expect(entry).toHaveTextContent('MAT-ROP');
	expect(entry).toHaveTextContent('The store keeps no count of this item.');
	await user.click(within(entry).getByTestId('act-retry-MAT-ROP'));
	await waitFor(() =>
		expect(desk.acted[0]).toMatchObject({ verb: 'retry', targets: { of: 'exceptions', which: [9_001] } }),
	);
	await user.click(await screen.findByTestId('entry-MAT-ROP'));
	expect(await screen.findByTestId('sku-mat-rop')).toBeVisible();
	expect(location.hash).toContain('stock?q=MAT-ROP');
});

it('a store that fell silent is opened as a whole, and read again', async () => {
	({ desk, user } = await openAt('exceptions?cause=quiet_channel', {}, (desk) => {
		const like = desk.exceptionList[0];
		if (!like) throw new Error('the fake desk has no exception');
		desk.exceptionList.push({
			...like,
			id: 9_002,
			all: [9_002],
			cause: 'quiet_channel',
			title: 'Fewer orders than usual',
			sentence: 'No order has come from Harbour Goods since 20 Nov, 09:30.',
			said: null,
			order: null,
			counted: null,
			connection: 'harbour-goods',
			effect: null,
			actions: ['open_channel', 'retry', 'resolve'],
			channel_title: 'Shopify',
			page: 'https://admin.example.com/harbour-goods',
		});
	}));
	const entry = await screen.findByTestId('entry-9002');
	const open = within(entry).getByTestId('act-open_channel-9002');
	expect(open).toHaveTextContent('Open in Shopify');
	await user.click(open);
	await waitFor(() => expect(desk.linksOpened).toEqual(['https://admin.example.com/harbour-goods']));
	await user.click(within(entry).getByTestId('entry-more-9002'));
	const again = await screen.findByTestId('act-retry');
	expect(again).toHaveTextContent('Sync now');
	await user.click(again);
	await waitFor(() =>
		expect(desk.acted[0]).toMatchObject({ verb: 'retry', targets: { of: 'exceptions', which: [9_002] } }),
	);
});

/** A dialog that closes gives the focus back to where it came from. */
async function focusIsBack(dialog: string) {
	await waitFor(() => expect(screen.queryByTestId(dialog)).toBeNull());
	await waitFor(() => expect(screen.getByTestId('entry-#10482')).toHaveFocus());
}

it.each([
	['r', 'retry'],
	['e', 'resolve'],
])('%s in the drawer over the list acts on the entry of the order that is drawn', async (key, verb) => {
	await user.click(screen.getByTestId('group-unknown_sku'));
	await user.click(screen.getByTestId('entry-#10482'));
	await waitFor(() => expect(screen.getByTestId('drawer')).toHaveFocus());
	await user.keyboard(key);
	await waitFor(() => expect(desk.acted[0]).toMatchObject({ verb, targets: { of: 'exceptions', which: [4] } }));
	expect(desk.acted).toHaveLength(1);
});

it.each([
	['exceptions', 's', 'snooze-dialog'],
	['exceptions', 'h', 'hold-dialog'],
	['exceptions', 'a', 'assign-dialog'],
	['exceptions', 'm', 'mute-dialog'],
	['exceptions?page=unknown_sku', 's', 'snooze-dialog'],
	['exceptions?page=unknown_sku', 'h', 'hold-dialog'],
	['exceptions?page=unknown_sku', 'a', 'assign-dialog'],
	['exceptions?page=unknown_sku', 'm', 'mute-dialog'],
])('in %s the key %s asks by the %s', async (place, key, dialog) => {
	({ desk, user } = await openAt(place));
	if (place === 'exceptions') await user.click(await screen.findByTestId('group-unknown_sku'));
	(await screen.findByTestId('entry-#10482')).focus();
	await user.keyboard(key);
	expect(await screen.findByTestId(dialog)).toBeVisible();
	await user.keyboard('{Escape}');
	await focusIsBack(dialog);
});

it('h holds the order of an entry, as in the queue', async () => {
	await user.click(screen.getByTestId('group-unknown_sku'));
	screen.getByTestId('entry-#10482').focus();
	await user.keyboard('h');
	await user.click(within(await screen.findByTestId('hold-dialog')).getByTestId('confirm'));
	await waitFor(() => expect(desk.acted[0]).toMatchObject({ verb: 'hold', targets: { of: 'orders', which: [1] } }));
	await focusIsBack('hold-dialog');
});

it('the page of a cause answers the keys of the list', async () => {
	({ desk, user } = await openAt('exceptions?page=unknown_sku'));
	(await screen.findByTestId('entry-#10482')).focus();
	await user.keyboard('r');
	await waitFor(() =>
		expect(desk.acted[0]).toMatchObject({ verb: 'retry', targets: { of: 'exceptions', which: [4] } }),
	);
});

it('an entry beyond those a group shows at first is meant alone, not with its whole cause', async () => {
	const before = desk.exceptions;
	desk.exceptions = async (ask) => {
		const page = await before(ask);
		// The list shows three, "Show all" the rest.
		const groups = page.groups.map((group) => ({
			...group,
			entries: ask.cause === null ? group.entries.slice(0, 3) : group.entries,
		}));
		return { ...page, groups };
	};
	desk.emit({ topics: ['exceptions'], orders: [] });
	await user.click(screen.getByTestId('group-unknown_sku'));
	await user.click(await screen.findByTestId('show-all-unknown_sku'));
	const rows = await waitFor(() => {
		const all = screen.getByTestId('exception-unknown_sku').querySelectorAll<HTMLElement>('[data-entry]');
		expect(all).toHaveLength(5);
		return all;
	});
	const last = rows[4];
	last?.querySelector<HTMLElement>('[data-stop]')?.focus();
	await user.keyboard('e');
	await waitFor(() =>
		expect(desk.acted[0]).toMatchObject({
			verb: 'resolve',
			targets: { of: 'exceptions', which: [Number(last?.dataset['entry'])] },
		}),
	);
});

it.each(['r', 's', 'h', 'e', 'a', 'm', 'w'])('%s without an entry says what is missing, once', async (key) => {
	await user.keyboard(key + key);
	expect(await screen.findByTestId('toast')).toHaveTextContent('Go to an entry first.');
	await waitFor(() => expect(screen.getByTestId('announcer')).toHaveTextContent('Go to an entry first.'));
	expect(desk.acted).toEqual([]);
	// The sheet of keys says so beforehand.
	await user.keyboard('?');
	expect(await screen.findByTestId('keys')).toHaveTextContent('Go to an entry first.');
});
