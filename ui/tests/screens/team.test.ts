// What the team is told by Slack and e-mail: chosen kind by kind, where a way is set up, and what became of it.
import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import type { TeamAlertView } from '$lib/api/types';
import type { FakeDesk } from '$lib/fake/fake';
import { WAYS } from '$lib/fake/reports';
import { openAt } from './desk';

const withSlack = (desk: FakeDesk) => {
	void desk.put_report_ways({
		ways: WAYS,
		mail_password: '',
		slack_address: 'https://hooks.slack.com/services/x',
		webhook_secret: '',
	});
};

async function opened(prepare?: (desk: FakeDesk) => void) {
	const { desk, user } = await openAt('settings', {}, prepare);
	const team = within(await screen.findByTestId('team-alerts'));
	return { desk, user, team };
}

it('tells nobody before a way is set up, and says where that is done', async () => {
	const { user, team } = await opened();
	for (const box of team.getAllByRole('checkbox')) {
		expect(box).toBeDisabled();
		expect(box).not.toBeChecked();
	}
	expect(team.getByTestId('team-not-ready')).toHaveTextContent('Set up Slack or e-mail first');
	await user.click(team.getByTestId('team-set-up'));
	await waitFor(() => expect(location.hash).toContain('reports'));
});

it('is chosen kind by kind and way by way, and nothing else moves', async () => {
	const { desk, user, team } = await opened(withSlack);
	const late = team.getByRole('checkbox', { name: 'Orders that are late: Slack' });
	expect(late).toBeEnabled();
	expect(team.getByRole('checkbox', { name: 'Orders that are late: E-mail' })).toBeDisabled();
	await user.click(late);
	await user.click(team.getByTestId('team-slack-exceptions'));
	await waitFor(async () =>
		expect((await desk.team_alerts()).alerts).toEqual({ mail: [], slack: ['late', 'exceptions'] }),
	);
	await user.click(late);
	await waitFor(async () => expect((await desk.team_alerts()).alerts).toEqual({ mail: [], slack: ['exceptions'] }));
	expect(late).not.toBeChecked();
});

it('goes back to what holds when the desk refuses, and says why', async () => {
	const { user, team } = await opened((desk) => {
		withSlack(desk);
		desk.put_team_alerts = () =>
			Promise.reject({ code: 'keychain', sentence: 'The keychain does not open.', field: null });
	});
	await user.click(team.getByTestId('team-slack-late'));
	expect(await team.findByRole('alert')).toHaveTextContent('The keychain does not open.');
	await waitFor(() => expect(team.getByTestId('team-slack-late')).not.toBeChecked());
});

it('shows what was told, why, and what does not arrive', async () => {
	const told = (id: number, more: Partial<TeamAlertView['alert']>, next_ms: number | null): TeamAlertView => ({
		alert: {
			id,
			way: 'slack',
			topic: 'late',
			title: `${id} orders are late`,
			body: 'Past the time they should have left.',
			since_ms: 0,
			at_ms: 0,
			tries: 1,
			state: 'delivered',
			place: 'the channel of the Slack webhook',
			words: '',
			...more,
		},
		why: '"Orders that are late" is on for Slack in the settings.',
		next_ms,
	});
	const { user, team } = await opened((desk) => {
		withSlack(desk);
		desk.teamTold = [
			told(7, { state: 'waiting', words: 'Slack has trouble and did not take the message.' }, 0),
			told(3, {}, null),
		];
	});
	await user.click(team.getByText('What the team was told'));
	const list = within(team.getByTestId('team-told'));
	const [waits, there] = list.getAllByRole('listitem');
	expect(waits).toHaveTextContent('7 orders are late');
	expect(waits).toHaveTextContent('Not there yet');
	expect(waits).toHaveTextContent('tried again now');
	expect(waits).toHaveTextContent('Slack has trouble');
	expect(there).toHaveTextContent('Delivered');
	expect(there).toHaveTextContent('"Orders that are late" is on for Slack in the settings.');
	expect(there).not.toHaveTextContent('tried again');
});
