// What is live: accounts, the outbox, the history, what was notified, and what waits too long.
import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import { openAt } from './desk';

it('shows each account’s budget, next reading, depth and time to drain, and pauses it', async () => {
	const { desk, user } = await openAt('activity');
	const card = await screen.findByTestId('activity-shipstation');
	expect(card).toHaveTextContent(/31 of 40/);
	expect(card).toHaveTextContent(/waiting, about \d+ s to send/);
	// Where the rate is not known nothing is said of time.
	const busy = desk.activityList.find((each) => each.drain_s === null);
	if (busy) busy.waiting = 7;
	desk.emit({ topics: ['effects'], orders: [] });
	const unknown = screen.getByTestId(`activity-${busy?.id}`);
	await waitFor(() => expect(unknown).toHaveTextContent('7 changes waiting.'));
	await user.click(within(card).getByTestId('pause-shipstation'));
	await waitFor(() => expect(desk.activityList.find((each) => each.id === 'shipstation')?.paused).toBe(true));
});

it('the outbox is filtered by state and account, and its changes are approved or given up', async () => {
	const { desk, user } = await openAt('activity?tab=asked');
	const approve = (await screen.findAllByTestId('act-approve'))[0] as HTMLElement;
	const id = Number(approve.closest<HTMLElement>('li')?.dataset['testid']?.replace('effect-', ''));
	const asked = desk.effectList.find((each) => each.id === id && each.state === 'asked');
	await user.click(approve);
	await waitFor(() =>
		expect(desk.acted[0]).toMatchObject({ verb: 'approve', targets: { of: 'effects', which: [asked?.id] } }),
	);
	desk.go('activity?tab=outbox');
	await user.selectOptions(await screen.findByTestId('filter-state'), 'refused');
	await waitFor(() => {
		const shown = within(screen.getByTestId('outbox')).getAllByTestId(/^effect-/);
		expect(shown).toHaveLength(desk.effectList.filter((each) => each.state === 'refused').length);
	});
	await user.click(screen.getAllByTestId('act-skip')[0] as HTMLElement);
	await user.click(await screen.findByTestId('confirm'));
	await waitFor(() => expect(desk.acted.at(-1)?.verb).toBe('skip'));
});

it('a change while older rows are shown neither hides them nor the way to more', async () => {
	const { desk, user } = await openAt('activity?tab=outbox');
	const one = desk.effectList[0];
	if (!one) throw new Error('no effect');
	desk.effectList = Array.from({ length: 900 }, (_, i) => ({ ...one, id: 900 - i, state: 'refused' as const }));
	desk.emit({ topics: ['effects'], orders: [] });
	const count = () => screen.getByTestId('outbox').children.length;
	await waitFor(() => expect(count()).toBe(100));
	for (let n = 2; n <= 6; n++) {
		await user.click(screen.getByTestId('older'));
		await waitFor(() => expect(count()).toBe(n * 100), { timeout: 10_000 });
	}
	const effects = desk.effects;
	let asked = 0;
	desk.effects = (ask) => {
		asked++;
		return effects(ask);
	};
	desk.emit({ topics: ['effects'], orders: [] });
	await waitFor(() => expect(asked).toBe(2));
	await waitFor(() => expect(count()).toBe(600));
	expect(screen.getByTestId('older')).toBeVisible();
}, 30_000);

it('a search of the history says how far back it looked and goes on', async () => {
	const { desk, user } = await openAt('activity?tab=history');
	await screen.findByTestId('older');
	const whole = desk.history;
	// A stretch without a match: the desk says where it stopped.
	desk.history = async (ask) => {
		if (ask.text === '') return whole(ask);
		if (ask.before === null) return { rows: [], next: 500, back_to_ms: desk.now() - 86_400_000 };
		return { ...(await whole({ ...ask, text: '', before: null, limit: 3 })), next: null };
	};
	await user.type(screen.getByTestId('search'), 'lighthouse');
	expect(await screen.findByTestId('back-to')).toHaveTextContent(/Nothing contains “lighthouse” since .*\./);
	expect(screen.queryByText('Nothing happened')).toBeNull();
	await user.click(screen.getByText('Search further back'));
	await waitFor(() => expect(screen.queryByTestId('older')).toBeNull());
	expect(screen.queryByTestId('back-to')).toBeNull();
});

it('a notification that nobody took is listed as not shown', async () => {
	const { desk } = await openAt('activity?tab=notified');
	await screen.findByTestId('notifications');
	const some = await desk.notifications(null, 1);
	const failed = { ...some[0], outcome: 'failed', why: 'The desktop did not take it: no service.' };
	desk.notifications = () => Promise.resolve([failed] as typeof some);
	desk.emit({ topics: ['events'], orders: [] });
	const list = await screen.findByTestId('notifications');
	await waitFor(() => expect(list).toHaveTextContent('Not shown'));
	expect(list).toHaveTextContent('no service');
});

it('what waits too long is grouped by cause, and the queue shows the very same orders', async () => {
	const { desk, user } = await openAt('unfulfilled');
	const groups = await desk.unfulfilled();
	const group = groups.find((each) => each.code.startsWith('cause:')) ?? groups[0];
	if (!group) throw new Error('nothing waits');
	const shown = await screen.findByTestId(`unfulfilled-${group.code}`);
	expect(shown).toHaveTextContent(group.title);
	expect(within(shown).getByText(String(group.count), { selector: 'b' })).toBeVisible();
	expect(within(shown).getAllByRole('listitem')).toHaveLength(group.rows.length);
	await user.click(within(shown).getByTestId(`in-queue-${group.code}`));
	await screen.findByTestId('screen-queue');
	const asked = await desk.queue({
		view: 'open',
		text: `is:unfulfilled waits:${group.code}`,
		sort: '',
		descending: false,
		after: null,
		skip: 0,
		limit: 500,
	});
	expect(asked.total).toBe(group.count);
	expect(decodeURIComponent(location.hash.replaceAll('+', ' '))).toContain(`is:unfulfilled waits:${group.code}`);
});
