import { screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, expect, it } from 'vitest';
import type { UserEvent } from '@testing-library/user-event';
import type { FakeDesk } from '$lib/fake/fake';
import { openAt } from './desk';

let desk: FakeDesk;
let user: UserEvent;
beforeEach(async () => {
	({ desk, user } = await openAt('exceptions?page=which_customer'));
	await screen.findByTestId('who-is-it');
	await screen.findByTestId('buyer-customer-6f1c');
});

const buyer = (id: string) => within(screen.getByTestId(`buyer-${id}`));

it('shows both sides beside each other, and says what differs without colour', () => {
	const ada = screen.getByTestId('buyer-customer-6f1c');
	expect(ada).toHaveTextContent('Ada Lovelace could be any of 2 customers in Salesforce');
	expect(within(ada).getByRole('row', { name: /^City/ })).toHaveTextContent(/Hamburg\s*≠ differs: Bremen\s*–/);
	expect(within(ada).getByRole('row', { name: /^E-mail/ })).toHaveTextContent('= the same: ADA@mail.example');
	expect(buyer('customer-77aa').getByText(/same name and postcode/)).toBeInTheDocument();
	expect(ada).toHaveTextContent('can be asked by our id, e-mail, telephone number, name and postcode');
});

it('links always after saying what it means, and takes that back', async () => {
	await user.click(buyer('customer-6f1c').getByTestId('always-0035Q00000ADA002'));
	const dialog = await screen.findByTestId('who-dialog');
	expect(dialog).toHaveTextContent('Always take Ada Lovelace for A. King?');
	expect(dialog).toHaveTextContent('cannot be undone from here');
	await user.click(within(dialog).getByTestId('confirm'));
	await waitFor(() => expect(screen.queryByTestId('buyer-customer-6f1c')).toBeNull());
	expect(desk.whoIsIt.picked).toEqual([
		{ connection: 'salesforce', customer: 'customer-6f1c', remote_id: '0035Q00000ADA002', always: true },
	]);
	const said = await screen.findByTestId('who-said');
	expect(said).toHaveTextContent('Ada Lovelace is always A. King (0035Q00000ADA002) in Salesforce');
	await user.click(within(said).getByTestId('unlink-customer-6f1c'));
	await waitFor(() => expect(screen.queryByTestId('who-said')).toBeNull());
});

it('works with keys alone: a number links, n makes a new one', async () => {
	buyer('customer-77aa').getByTestId('link-cus_9').focus();
	await user.keyboard('1');
	expect(await screen.findByTestId('who-dialog')).toHaveTextContent('Is Bea Roe Bea Roe?');
	await user.keyboard('{Escape}');
	await waitFor(() => expect(screen.queryByTestId('who-dialog')).toBeNull());
	buyer('customer-77aa').getByTestId('make-new').focus();
	await user.keyboard('n');
	const dialog = await screen.findByTestId('who-dialog');
	expect(dialog).toHaveTextContent('Make a new customer of Bea Roe?');
	await user.click(within(dialog).getByTestId('confirm'));
	await waitFor(() => expect(desk.whoIsIt.picked[0]).toMatchObject({ remote_id: null, always: false }));
});

it('a refusal stays in the dialog, and nobody left is said', async () => {
	desk.whoIsIt.refuses = 'A change of this buyer is on its way to Salesforce right now.';
	await user.click(buyer('customer-77aa').getByTestId('link-cus_9'));
	const dialog = await screen.findByTestId('who-dialog');
	await user.click(within(dialog).getByTestId('confirm'));
	await waitFor(() => expect(dialog).toHaveTextContent('is on its way to Salesforce'));
	desk.whoIsIt.open = [];
	desk.emit({ topics: ['exceptions'], orders: [] });
	await waitFor(() => expect(screen.getByTestId('who-is-it')).toHaveTextContent('Nobody has to be told apart'));
});
