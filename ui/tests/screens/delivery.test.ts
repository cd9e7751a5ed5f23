// Ways reports are delivered by: set up, tried, sent now, and what became of every delivery.
import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import { delivered, WAYS } from '$lib/fake/reports';
import type { FakeDesk } from '$lib/fake/fake';
import { openAt } from './desk';

async function opened(prepare?: (desk: FakeDesk) => void) {
	const { desk, user } = await openAt('reports', {}, prepare);
	await user.click(await screen.findByTestId('deliver'));
	const dialog = within(await screen.findByTestId('deliver-dialog'));
	await dialog.findByTestId('way-mail');
	return { desk, user, dialog };
}

it('sets up mail, with the hole in the form beside its field, and empties the password afterwards', async () => {
	const { desk, user, dialog } = await opened();
	expect(dialog.getByText(/No report makes itself yet/)).toBeVisible();
	const mail = within(dialog.getByTestId('way-mail'));
	await user.click(mail.getByTestId('way-on-mail'));
	await user.click(dialog.getByTestId('confirm'));
	expect(await mail.findByText(/No mail server is set/)).toBeVisible();

	await user.type(mail.getByLabelText('Mail server'), 'smtp.harbour.example');
	await user.selectOptions(mail.getByLabelText('Encryption'), 'tls');
	expect(mail.getByLabelText('Port')).toHaveValue(465);
	await user.type(mail.getByLabelText('Password'), 'canary');
	expect(mail.getByLabelText('Password')).toHaveAttribute('type', 'password');
	await user.type(mail.getByLabelText('To'), 'ann@harbour.example');
	await user.click(dialog.getByTestId('confirm'));
	await waitFor(() => expect(screen.queryByTestId('deliver-dialog')).toBeNull());
	expect((await desk.report_ways()).ways.mail).toMatchObject({ on: true, port: 465, encryption: 'tls' });

	// What is in the keychain stays there: nothing is shown of it.
	await user.click(screen.getByTestId('deliver'));
	const password = await screen.findByTestId('field-mail_password');
	expect(password).toHaveValue('');
	expect(password).toHaveAttribute('placeholder', 'Stays as it is');
	await user.click(screen.getByTestId('forget-mail'));
	await waitFor(async () => expect((await desk.report_ways()).kept).toEqual([]));
	expect(screen.getByTestId('way-on-mail')).not.toBeChecked();
});

it('tries a way as it is filled in and says in a sentence what happened', async () => {
	const tried: unknown[] = [];
	const { desk, user, dialog } = await opened((desk) => {
		desk.test_report_way = (way, draft) => {
			tried.push([way, draft.slack_address]);
			return tried.length === 1
				? Promise.reject({ code: 'platform', sentence: 'Slack no longer takes messages at this address.', field: null })
				: Promise.resolve('Slack took a message.');
		};
	});
	const slack = within(dialog.getByTestId('way-slack'));
	await user.click(slack.getByRole('button', { name: 'Set up Slack' }));
	await user.type(slack.getByTestId('field-slack_address'), 'https://hooks.slack.com/services/x');
	await user.click(slack.getByTestId('test-slack'));
	expect(await slack.findByTestId('said-slack')).toHaveTextContent('Slack no longer takes messages at this address.');
	await user.click(slack.getByTestId('test-slack'));
	await waitFor(() => expect(slack.getByTestId('said-slack')).toHaveTextContent('Slack took a message.'));
	expect(tried[1]).toEqual(['slack', 'https://hooks.slack.com/services/x']);
	expect((await desk.report_ways()).kept).toEqual([]);
});

it('shows what was delivered and why not, and sends again', async () => {
	const ways = { ...WAYS, webhook: { on: true, url: 'https://erp.harbour.example/in' } };
	const why = 'Reports (your webhook): The receiver has trouble (status 500).';
	const asked: unknown[] = [];
	const { user, dialog } = await opened((desk) => {
		const at = desk.now();
		desk.deliveries = [
			delivered({ kind: 'performance', day: '2026-11-19', way: 'webhook' }, at, ways, why),
			delivered({ kind: 'shipping_cost', day: '2026-11-19', way: 'slack' }, at, ways),
			{ ...delivered({ kind: 'unfulfilled', day: '2026-11-19', way: 'slack' }, at, ways), can_send: false },
		];
		const send = desk.send_reports;
		desk.send_reports = (...ask) => {
			asked.push(ask);
			return send(...ask);
		};
	});
	const list = within(dialog.getByTestId('deliveries'));
	const items = list.getAllByRole('listitem');
	expect(items[0]).toHaveTextContent(/Performance\s*2026-11-19\s*Not delivered/);
	expect(items[0]).toHaveTextContent(/Webhook to https:\/\/erp\.harbour\.example\/in, .*, tried again /);
	expect(items[0]).toHaveTextContent(why);
	expect(items[1]).toHaveTextContent(/Delivered\s*Slack to the channel of the Slack webhook/);
	expect(within(items[2] as HTMLElement).queryByRole('button')).toBeNull();
	await user.click(list.getByRole('button', { name: 'Send now: Performance, 2026-11-19, Webhook' }));
	await waitFor(() =>
		expect(list.getAllByRole('listitem')[0]).toHaveTextContent(/Performance\s*2026-11-19\s*Delivered/),
	);
	expect(asked).toEqual([['webhook', 'performance', '2026-11-19']]);
});

it('sends all of yesterday now, by what is on the screen', async () => {
	const { desk, user, dialog } = await opened();
	const webhook = within(dialog.getByTestId('way-webhook'));
	await user.click(webhook.getByTestId('way-on-webhook'));
	await user.type(webhook.getByLabelText('Address'), 'https://erp.harbour.example/in');
	await user.type(webhook.getByLabelText('Signing secret'), 'a long secret of a person');
	await user.click(webhook.getByTestId('send-webhook'));
	expect(await webhook.findByText('4 reports were delivered.')).toBeVisible();
	expect((await desk.report_ways()).ways.webhook.on).toBe(true);
	expect(dialog.getAllByRole('listitem')).toHaveLength(4);
	// A refusal is told at the way, and the list keeps it.
	desk.send_reports = () =>
		Promise.reject({ code: 'held_elsewhere', sentence: 'Another Quayside works with this profile.', field: null });
	await user.click(webhook.getByTestId('send-webhook'));
	expect(await webhook.findByText('Another Quayside works with this profile.')).toBeVisible();
});
