import { screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, expect, it } from 'vitest';
import type { UserEvent } from '@testing-library/user-event';
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
