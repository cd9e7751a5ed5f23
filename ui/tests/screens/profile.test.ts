// Accounts that are worked by a profile: made, looked at, kept; orders from a file and by hand.
import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import type { FakeDesk } from '$lib/fake/fake';
import { openAt } from './desk';

const COLLECTION = JSON.stringify({
	info: { name: 'Harbour API' },
	item: [
		{ name: 'List', request: { method: 'GET', url: '{{baseUrl}}/v1/orders' } },
		{ name: 'Make', request: { method: 'POST', url: '{{baseUrl}}/v1/orders' } },
		{ name: 'Categories', request: { method: 'GET', url: '{{baseUrl}}/v1/categories' } },
	],
});
const SAMPLE = JSON.stringify({ data: [{ id: 'o-7', state: 'open', lines: [{ sku: 'A' }], buyer: 'Anna' }] });

async function paste(user: Awaited<ReturnType<typeof openAt>>['user'], field: HTMLElement, text: string) {
	await user.click(field);
	await user.paste(text);
}

/** The form of a platform that is worked by a profile, host and key filled in. */
async function form() {
	const opened = await openAt('connections?sheet=add&platform=orderez');
	const { user } = opened;
	const found = within(await screen.findByTestId('form-orderez'));
	await user.click(found.getByRole('tab', { name: 'Profile of my own' }));
	await user.type(found.getByTestId('field-host'), 'api.harbour.example');
	await user.type(found.getByTestId('field-api_key'), 'oz_test_key');
	return { ...opened, form: found };
}

/** An account that is connected, by a profile that comes with the program. */
async function connected(desk: FakeDesk) {
	await desk.connect({
		platform: 'orderez',
		way: 'assumed-contract',
		name: 'Harbour Desk',
		fields: { host: 'api.harbour.example', api_key: 'oz' },
	});
}

it('makes a profile from a collection, says where things are, and connects by it', async () => {
	const { desk, user, form: fields } = await form();
	// Without a profile there is nothing to test.
	expect(fields.getByTestId('profile-summary')).toHaveTextContent('No profile yet.');
	expect(fields.getByTestId('test-connection')).toHaveAttribute('aria-disabled', 'true');
	await user.click(fields.getByTestId('profile-open'));
	const bench = await screen.findByTestId('profile');
	expect(screen.queryByTestId('profile-keep')).toBeNull();

	await user.click(within(bench).getByTestId('start-import'));
	const dialog = within(await screen.findByTestId('import-dialog'));
	await paste(user, dialog.getByTestId('import-text'), 'no collection');
	await user.click(dialog.getByTestId('import-read'));
	expect(await dialog.findByText(/neither a Postman collection/)).toBeVisible();
	await user.clear(dialog.getByTestId('import-text'));
	await paste(user, dialog.getByTestId('import-text'), COLLECTION);
	await user.click(dialog.getByTestId('import-read'));
	expect(await dialog.findByTestId('import-found')).toHaveTextContent('2 requests recognised');
	expect(dialog.getByTestId('import-found')).toHaveTextContent('1 request not recognised');
	await user.click(dialog.getByTestId('import-take'));
	await waitFor(() => expect(screen.getByTestId('profile-state')).toHaveTextContent('harbour-api can be used'));

	// A sample shows what is found, and what is required and is not.
	await paste(user, screen.getByTestId('profile-sample'), SAMPLE);
	await waitFor(() =>
		expect(screen.getByTestId('preview-sentence')).toHaveTextContent('Without a value: status, lines.'),
	);
	expect(screen.getByTestId('field-row-remote_id')).toHaveTextContent('o-7');
	expect(screen.getByTestId('expression-status')).toHaveAttribute('aria-invalid', 'true');
	expect(screen.getByTestId('field-row-status')).toHaveTextContent('required');
	expect(screen.getByTestId('profile-state')).toHaveTextContent('2 required fields have no value');
	for (const [field, expression] of [
		['status', 'state'],
		['lines', 'lines'],
	]) {
		await user.clear(screen.getByTestId(`expression-${field}`));
		await user.type(screen.getByTestId(`expression-${field}`), `${expression}{Tab}`);
	}
	await waitFor(() => expect(screen.getByTestId('preview-sentence')).toHaveTextContent('The record is read as shown.'));
	expect(screen.getByTestId('field-row-status')).toHaveTextContent('open');

	// The exact request of a real order, and nothing is sent.
	await user.click(screen.getByRole('tab', { name: 'What is sent' }));
	await user.click(await screen.findByTestId('operation-createOrder'));
	await user.clear(screen.getByTestId('request-body'));
	await paste(user, screen.getByTestId('request-body'), '{"number": "=number"');
	await user.tab();
	expect(await screen.findByText(/This is not JSON/)).toBeVisible();
	await paste(user, screen.getByTestId('request-body'), '}');
	await user.tab();
	const newest = desk.orders[0];
	await waitFor(() => expect(screen.getByTestId('dry-request')).toHaveTextContent(`"number": "${newest?.number}"`));
	expect(screen.getByTestId('dry-request')).toHaveTextContent('POST https://{host}/v1/orders');
	expect(screen.getByTestId('dry-request')).toHaveTextContent('Bearer •••');
	await user.click(screen.getByTestId('operation-listFulfillments'));
	expect(await within(screen.getByTestId('dry-run')).findByText(/knows no path for listFulfillments/)).toBeVisible();

	// What that switches on is said, with what happens instead.
	await user.click(screen.getByRole('tab', { name: /Abilities/ }));
	expect(screen.getByTestId('ability-orders.write')).toHaveTextContent('Instead:');
	await user.click(screen.getByTestId('switch-orders.write'));
	await waitFor(() => expect(screen.getByTestId('ability-orders.write')).not.toHaveTextContent('Instead:'));

	await user.click(screen.getByTestId('profile-keep'));
	const back = within(await screen.findByTestId('form-orderez'));
	// What was typed before is still there.
	expect(back.getByTestId('field-host')).toHaveValue('api.harbour.example');
	await waitFor(() => expect(back.getByTestId('profile-summary')).toHaveTextContent('harbour-api'));
	await user.click(back.getByTestId('test-connection'));
	await user.clear(await back.findByTestId('field-name'));
	await user.type(back.getByTestId('field-name'), 'Harbour Desk');
	await user.click(back.getByTestId('connect'));
	await screen.findByTestId('connection-harbour-desk');
	const made = (await desk.connections()).find((each) => each.id === 'harbour-desk');
	expect(made?.way).toBe('own');
	expect(JSON.parse(made?.fields['profile'] ?? '{}')).toMatchObject({
		entities: { order: { read: { status: 'state' } } },
		capabilities: { 'orders.write': true },
	});
});

it('tells what is wrong with a file, and does not let it be kept', async () => {
	const { user, form: fields } = await form();
	await user.click(fields.getByTestId('profile-open'));
	await user.click(await screen.findByTestId('start-supplier'));
	await waitFor(() => expect(screen.getByTestId('profile-keep')).not.toHaveAttribute('aria-disabled'));
	await user.click(screen.getByRole('tab', { name: 'What is sent' }));
	await user.click(await screen.findByTestId('operation-listOrders'));
	await user.type(screen.getByTestId('request-path'), 'orders{Tab}');
	expect(await screen.findByTestId('profile-faults')).toHaveTextContent('"orders" is not a path.');
	expect(screen.getByTestId('profile-keep')).toHaveAttribute('aria-disabled', 'true');
	await user.click(screen.getByRole('tab', { name: 'The file' }));
	await user.clear(screen.getByTestId('profile-text'));
	await paste(user, screen.getByTestId('profile-text'), '{');
	expect(await screen.findByText(/The file is not readable/)).toBeVisible();
});

it('asks for paging and limits in fields, and says what is wrong where it is', async () => {
	const { user, form: fields } = await form();
	await user.click(fields.getByTestId('profile-open'));
	await user.click(await screen.findByTestId('start-assumed-contract'));
	await user.click(await screen.findByRole('tab', { name: 'Lists, limits, words' }));
	const rows = () => screen.getByLabelText('Rows a page');
	expect(rows()).toHaveValue('250');

	// No number: said while it is typed, and the file stays as it is.
	await user.clear(rows());
	await user.type(rows(), 'many');
	expect(screen.getByRole('alert')).toHaveTextContent('“many” is not a whole number. Nothing was changed.');
	expect(rows()).toHaveAttribute('aria-invalid', 'true');
	await user.tab();
	await waitFor(() => expect(screen.getByTestId('profile-state')).toHaveTextContent('assumed-contract can be used'));

	// A number that cannot be: said at the field by who checks the whole file, and the profile is not kept.
	await user.clear(rows());
	await user.type(rows(), '5000{Tab}');
	await waitFor(() => expect(screen.getByRole('alert')).toHaveTextContent('5000 is not between 1 and 1000.'));
	expect(screen.getByTestId('profile-keep')).toHaveAttribute('aria-disabled', 'true');
	await user.clear(rows());
	await user.type(rows(), '100{Tab}');
	await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());

	// Another style asks for other fields.
	await user.selectOptions(screen.getByLabelText('How lists go on'), 'page');
	await waitFor(() => expect(screen.getByLabelText('Parameter for the page')).toHaveAttribute('aria-invalid', 'true'));
	expect(screen.queryByLabelText('Parameter for the cursor')).toBeNull();
	await user.type(screen.getByLabelText('Parameter for the page'), 'page_no{Tab}');
	await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
	await user.clear(screen.getByLabelText('Calls a minute'));
	await user.type(screen.getByLabelText('Calls a minute'), '60{Tab}');
	await user.click(screen.getByRole('tab', { name: 'The file' }));
	await waitFor(() =>
		expect(JSON.parse(screen.getByTestId<HTMLTextAreaElement>('profile-text').value)).toMatchObject({
			paging: { style: 'page', page_param: 'page_no', limit: 100 },
			limits: { requests_per_minute: 60 },
		}),
	);
});

it('adds words, changes them and takes them out, by the keyboard too', async () => {
	const { user, form: fields } = await form();
	await user.click(fields.getByTestId('profile-open'));
	await user.click(await screen.findByTestId('start-assumed-contract'));
	await user.click(await screen.findByRole('tab', { name: 'Lists, limits, words' }));
	const states = within(await screen.findByTestId('words-enums.order_status'));

	await user.click(states.getByTestId('add-word'));
	expect(states.getByRole('alert')).toHaveTextContent('Both are needed');
	await user.type(states.getByTestId('add-from'), 'pending');
	await user.selectOptions(states.getByTestId('add-to'), 'done');
	await user.click(states.getByTestId('add-word'));
	expect(states.getByRole('alert')).toHaveTextContent('“pending” is in the table already.');
	await user.clear(states.getByTestId('add-from'));
	await user.type(states.getByTestId('add-from'), 'sent out{Enter}');
	expect(await states.findByTestId('meaning-sent out')).toHaveValue('done');
	// Ready for the next one.
	expect(states.getByTestId('add-from')).toHaveFocus();
	expect(states.getByTestId('add-from')).toHaveValue('');

	await user.selectOptions(states.getByLabelText('What pending means'), 'on_hold');
	await waitFor(() => expect(states.getByLabelText('What pending means')).toHaveValue('on_hold'));
	const completed = within(states.getByTestId('word-completed')).getByLabelText('Their word');
	await user.clear(completed);
	await user.type(completed, 'finished{Tab}');
	expect(await states.findByTestId('meaning-finished')).toHaveValue('done');
	states.getByTestId('out-*').focus();
	await user.keyboard('{Enter}');
	await waitFor(() => expect(states.queryByTestId('word-*')).toBeNull());
	await waitFor(() => expect(states.getByTestId('add-from')).toHaveFocus());

	// A table for writing goes the other way: our word is chosen, theirs is typed.
	const reasons = within(screen.getByTestId('words-enums.reason.write'));
	await user.selectOptions(reasons.getByTestId('add-from'), 'staff');
	await user.type(reasons.getByTestId('add-to'), 'INTERNAL{Enter}');
	expect(await reasons.findByTestId('meaning-staff')).toHaveValue('INTERNAL');
	await user.click(screen.getByRole('tab', { name: 'The file' }));
	expect(JSON.parse(screen.getByTestId<HTMLTextAreaElement>('profile-text').value)).toMatchObject({
		enums: {
			order_status: { pending: 'on_hold', finished: 'done', 'sent out': 'done' },
			'reason.write': { buyer: 'BUYER', staff: 'INTERNAL' },
		},
	});
});

it('asks the account for a sample', async () => {
	const { user, form: fields } = await form();
	await user.click(fields.getByTestId('profile-open'));
	await user.click(await screen.findByTestId('start-assumed-contract'));
	await waitFor(() => expect(screen.getByTestId('sample-fetch')).not.toHaveAttribute('aria-disabled'));
	await user.click(screen.getByTestId('sample-fetch'));
	await waitFor(() => expect(screen.getByTestId('field-row-number')).toHaveTextContent('A-1001'));
	expect(screen.getByText('buyer')).toBeVisible();
});

it('shows the profile of an account that is connected, and tests another before it keeps it', async () => {
	const { desk, user } = await openAt('connections');
	await connected(desk);
	await user.click(await screen.findByTestId('open-harbour-desk'));
	const card = within(await screen.findByTestId('profile-card'));
	await waitFor(() => expect(card.getByTestId('profile-summary')).toHaveTextContent('assumed-contract'));
	await user.click(card.getByTestId('profile-open'));
	await user.click(await screen.findByRole('tab', { name: /Abilities/ }));
	expect(screen.getByTestId('profile-keep')).toHaveAttribute('aria-disabled', 'true');
	await user.click(await screen.findByTestId('switch-fulfillments.read'));
	await waitFor(() => expect(screen.getByTestId('profile-keep')).not.toHaveAttribute('aria-disabled'));
	await user.click(screen.getByTestId('profile-keep'));
	await waitFor(() => expect(desk.rotated).toHaveLength(1));
	// By the way in which a person brings a profile; host and key stay as they are.
	expect(desk.rotated[0]).toMatchObject({ id: 'harbour-desk', way: 'own' });
	expect(Object.keys(desk.rotated[0]?.fields ?? {})).toEqual(['profile']);
	await waitFor(() => expect(screen.queryByTestId('profile')).toBeNull());
});

it('reads orders from a file by columns; the same file twice changes nothing', async () => {
	const { desk, user } = await openAt('connections');
	await connected(desk);
	await user.click(await screen.findByTestId('open-harbour-desk'));
	await user.click(await screen.findByTestId('csv-open'));
	await paste(user, await screen.findByTestId('csv-text'), 'Ref,SKU,Quantity,,Ref\nSO-1,A,2\nSO-1,B,1\n,C,1\nSO-2,A,1');
	await user.click(screen.getByTestId('csv-read'));
	// What is required and was not recognised bars the way.
	expect(await screen.findByTestId('csv-row-number')).toHaveTextContent('nothing works without it');
	expect(screen.getByTestId('csv-import')).toHaveAttribute('aria-disabled', 'true');
	await user.selectOptions(screen.getByTestId('csv-column-number'), 'Ref');
	expect(screen.getByTestId('csv-row-number')).toHaveTextContent('SO-1 · SO-2');
	await user.click(screen.getByTestId('csv-import'));
	expect(await screen.findByTestId('csv-done')).toHaveTextContent('2 orders read, 2 new or changed.');
	expect(screen.getByTestId('csv-done')).toHaveTextContent('row 4: no order number');
	await user.click(screen.getByTestId('csv-import'));
	await waitFor(() => expect(screen.getByTestId('csv-done')).toHaveTextContent('2 orders read, 0 new or changed.'));
	expect(desk.profiles.known.get('harbour-desk')?.size).toBe(2);
});

it('gives orders to be entered by hand away as a text and as a file, with recipients only if asked for', async () => {
	const { desk, user } = await openAt('exceptions');
	const other = desk.exceptionList.find((each) => each.cause !== 'enter_by_hand' && each.order !== null);
	const entries = desk.exceptionList.filter((each) => each.cause === other?.cause);
	for (const each of entries) each.cause = 'enter_by_hand';
	location.hash = '#/exceptions?page=enter_by_hand';
	await user.click(await screen.findByTestId('by-hand-copy'));
	expect(await screen.findByText(/copied, line by line|could not be copied/)).toBeVisible();
	await user.click(screen.getByTestId('by-hand-export'));
	let dialog = within(await screen.findByTestId('by-hand-dialog'));
	expect(dialog.getByTestId('by-hand-addresses')).not.toBeChecked();
	await user.click(dialog.getByTestId('confirm'));
	await waitFor(() => expect(desk.byHand).toEqual([{ path: '/home/ben/orders-by-hand.csv', with_addresses: false }]));
	await user.click(screen.getByTestId('by-hand-export'));
	dialog = within(await screen.findByTestId('by-hand-dialog'));
	await user.click(dialog.getByTestId('by-hand-addresses'));
	await user.click(dialog.getByTestId('confirm'));
	await waitFor(() => expect(desk.byHand[1]?.with_addresses).toBe(true));
	// Nowhere else: other causes have nothing to type in.
	location.hash = '#/exceptions?page=late';
	await waitFor(() => expect(screen.queryByTestId('by-hand-copy')).toBeNull());
});
