// Things people do each day: read everything now and stop it, try a change again, look at what
// waits too long, choose a service, send, release and settle one order, set what is kept.
import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { Action, ExceptionView, WaitsOn } from '$lib/api/types';
import type { FakeDesk } from '$lib/fake/fake';
import { openAt, row } from './desk';

describe('Sync now', () => {
	it('says what it reads and how far it is, and “Stop” stops it', async () => {
		const { desk, user } = await openAt('queue');
		await row('#10482');
		const stopped: string[] = [];
		const cancel = desk.cancel_job;
		desk.cancel_job = (job) => {
			stopped.push(job);
			return cancel(job);
		};
		await user.click(screen.getByTestId('sync-now'));
		const job = await screen.findByTestId('job');
		expect(job).toHaveTextContent('Reading orders of Harbour Goods');
		expect(within(job).getByRole('progressbar')).toHaveAttribute('max', '5');
		expect(screen.queryByTestId('sync-now')).toBeNull();
		await user.click(within(job).getByRole('button', { name: 'Stop' }));
		await waitFor(() => expect(screen.queryByTestId('job')).toBeNull());
		expect(stopped).toEqual([expect.stringMatching(/^sync-/)]);
		expect(screen.getByTestId('sync-now')).toBeVisible();
		await waitFor(() => expect(screen.getByTestId('announcer')).toHaveTextContent('Stopped.'));
		// It stays stopped: the next step would have come by now.
		await new Promise((done) => setTimeout(done, 900));
		expect(screen.queryByTestId('job')).toBeNull();
	});

	it('a job that cannot be stopped any more says so and goes on', async () => {
		const { desk, user } = await openAt('queue');
		await row('#10482');
		desk.cancel_job = () => Promise.reject({ code: 'gone', sentence: 'It has ended already.', field: null });
		await user.click(screen.getByTestId('sync-now'));
		await user.click(within(await screen.findByTestId('job')).getByText('Stop'));
		expect(await screen.findByTestId('toast')).toHaveTextContent('It has ended already.');
		expect(screen.getByTestId('job')).toBeVisible();
	});
});

describe('Activity', () => {
	it('reads one account again, and a paused one not before it is resumed', async () => {
		const { desk, user } = await openAt('activity');
		const scopes: unknown[] = [];
		desk.sync_now = ((scope: unknown) => {
			scopes.push(scope);
			return Promise.resolve('job');
		}) as typeof desk.sync_now;
		const card = () => within(screen.getByTestId('activity-amazon-de'));
		await screen.findByTestId('activity-amazon-de');
		await user.click(card().getByRole('button', { name: 'Sync' }));
		await waitFor(() => expect(scopes).toEqual([{ what: 'connection', which: 'amazon-de' }]));
		await user.click(screen.getByTestId('pause-amazon-de'));
		await waitFor(() => expect(screen.getByTestId('pause-amazon-de')).toHaveTextContent('Resume'));
		expect(card().getByRole('button', { name: 'Sync' })).toHaveAttribute('title', 'Paused. Resume it first.');
		await user.click(card().getByRole('button', { name: 'Sync' }));
		expect(scopes).toHaveLength(1);
		await user.click(screen.getByTestId('pause-amazon-de'));
		await waitFor(() => expect(screen.getByTestId('pause-amazon-de')).toHaveTextContent('Pause'));
	});

	it('says what each reading is, when it was last, when it is next, and what is wrong with it', async () => {
		await openAt('activity');
		const card = await screen.findByTestId('activity-bigcommerce');
		expect(card).toHaveTextContent('No answer within 30 s, 3 times in a row.');
		expect(card).toHaveTextContent('14 min ago');
		expect(within(card).getByRole('columnheader', { name: 'Next' })).toBeVisible();
	});

	it('the outbox shows one account’s changes, tries one again, and looks after a lost answer', async () => {
		const { desk, user } = await openAt('activity?tab=outbox');
		await screen.findByTestId('outbox');
		const open = ['asked', 'pending', 'running', 'unknown', 'refused'];
		const shown = () => screen.queryAllByTestId(/^effect-/).length;
		const account = desk.effectList.find((each) => each.state === 'refused')?.connection ?? '';
		await waitFor(() => expect(screen.getByTestId('filter-account')).toContainHTML(`value="${account}"`));
		await user.selectOptions(screen.getByTestId('filter-account'), account);
		const mine = desk.effectList.filter((each) => each.connection === account && open.includes(each.state));
		await waitFor(() => expect(shown()).toBe(mine.length));
		expect(mine.length).toBeLessThan(desk.effectList.filter((each) => open.includes(each.state)).length);

		const refused = mine.find((each) => each.state === 'refused');
		const line = within(screen.getByTestId(`effect-${refused?.id}`));
		if (refused?.problem) expect(line.getByText(new RegExp(refused.problem.slice(0, 12)))).toBeVisible();
		await user.click(line.getByTestId('act-retry'));
		await waitFor(() =>
			expect(desk.acted.at(-1)).toMatchObject({ verb: 'retry', targets: { of: 'effects', which: [refused?.id] } }),
		);

		await user.selectOptions(screen.getByTestId('filter-account'), '');
		await user.selectOptions(screen.getByTestId('filter-state'), 'unknown');
		const lost = desk.effectList.find((each) => each.state === 'unknown');
		await user.click(await within(await screen.findByTestId(`effect-${lost?.id}`)).findByTestId('act-look_now'));
		await waitFor(() =>
			expect(desk.acted.at(-1)).toMatchObject({ verb: 'look_now', targets: { of: 'effects', which: [lost?.id] } }),
		);
	});

	it('approving all that wait asks first, and opens the order from a line', async () => {
		const { desk, user } = await openAt('activity?tab=asked');
		const asked = desk.effectList.filter((each) => each.state === 'asked').map((each) => each.id);
		await user.click(await screen.findByTestId('approve-all'));
		const dialog = await screen.findByTestId('confirm-dialog');
		expect(dialog).toHaveTextContent(`Approve ${asked.length} changes?`);
		expect(dialog).toHaveTextContent('Sent changes cannot be called back.');
		expect(desk.acted).toEqual([]);
		await user.click(within(dialog).getByTestId('confirm'));
		await waitFor(() => expect(desk.acted[0]).toMatchObject({ verb: 'approve', targets: { of: 'effects' } }));
		expect(new Set((desk.acted[0]?.targets as { which: number[] }).which)).toEqual(new Set(asked));
		expect(await screen.findByText('Nothing waits for your click')).toBeVisible();

		desk.go('activity?tab=outbox');
		const line = (await screen.findAllByRole('button', { name: /^Open / }))[0] as HTMLElement;
		await user.click(line);
		await waitFor(() => expect(screen.getByTestId('drawer')).toHaveTextContent(line.textContent ?? 'none'));
	});
});

describe('Unfulfilled', () => {
	it('folds, opens an order, walks within what is unfolded, and acts on a line', async () => {
		const { desk, user } = await openAt('unfulfilled');
		const groups = await desk.unfulfilled();
		const [one, other] = groups;
		if (!one || !other) throw new Error('too few groups');
		const section = await screen.findByTestId(`unfulfilled-${one.code}`);
		const head = within(section).getByRole('button', { expanded: true });
		await user.click(head);
		expect(head).toHaveAttribute('aria-expanded', 'false');
		expect(within(section).queryAllByRole('listitem')).toHaveLength(0);

		const unfolded = screen.getByTestId(`unfulfilled-${other.code}`);
		const first = other.rows[0];
		await user.click(within(unfolded).getByText(first?.number ?? ''));
		const drawer = await screen.findByTestId('drawer');
		// The folded ones are not walked through.
		const of = groups.slice(1).reduce((sum, group) => sum + group.rows.length, 0);
		await waitFor(() => expect(drawer).toHaveTextContent(`1 of ${of}`));
		await user.click(screen.getByTestId('drawer-close'));

		const waiting = desk.orders.find((each) => each.id === first?.id);
		if (!waiting) throw new Error('the order is gone');
		waiting.waits_on = { ...waiting.waits_on, sentence: 'On hold, by Ben', action: 'release' };
		desk.emit({ topics: ['orders'], orders: [waiting.id] });
		const line = (await screen.findByText('On hold, by Ben')).closest('li') as HTMLElement;
		await user.click(within(line).getByRole('button', { name: 'Release' }));
		await waitFor(() =>
			expect(desk.acted.at(-1)).toMatchObject({ verb: 'release', targets: { of: 'orders', which: [waiting.id] } }),
		);
	});

	it('says how “too long” was counted, that nothing waits, and that it cannot be read', async () => {
		const { desk, user } = await openAt('unfulfilled');
		const [group] = await desk.unfulfilled();
		expect(await screen.findByText(new RegExp(group?.threshold ?? 'none'))).toBeVisible();
		desk.orders = [];
		desk.emit({ topics: ['orders'], orders: [] });
		expect(await screen.findByText('No paid order waits too long')).toBeVisible();
		await user.click(screen.getByTestId('empty-act'));
		await screen.findByTestId('settings');

		const other = await openAt('home');
		const whole = other.desk.unfulfilled;
		other.desk.unfulfilled = () => Promise.reject({ code: 'storage', sentence: 'The disk is full.', field: null });
		other.desk.go('unfulfilled');
		expect(await screen.findByText('The disk is full.')).toBeVisible();
		other.desk.unfulfilled = whole;
		await other.user.click(screen.getByTestId('empty-act'));
		await screen.findByTestId(`unfulfilled-${group?.code}`);
	});
});

it('“Choose service…” asks for the service alone, and sends what was chosen', async () => {
	const { desk, user } = await openAt('exceptions');
	const base = desk.exceptionList[3] as ExceptionView;
	desk.exceptionList = [
		{
			...base,
			cause: 'service_refused',
			title: 'The service is refused',
			actions: ['edit_and_retry', 'retry'],
			said: 'serviceCode is not valid for this carrier',
			editable: [{ name: 'service', label: 'Shipping service', value: 'overnight', problem: null }],
		},
	];
	desk.emit({ topics: ['exceptions'], orders: [] });
	const button = await screen.findByTestId('act-edit_and_retry-service_refused');
	expect(button).toHaveTextContent('Choose service…');
	await user.click(button);
	const dialog = await screen.findByTestId('edit-dialog');
	expect(dialog).toHaveTextContent(`Choose the service of ${base.order?.number}`);
	expect(dialog).toHaveTextContent('“serviceCode is not valid for this carrier”');
	const inside = within(dialog);
	expect(inside.getByTestId('confirm')).toHaveAttribute('aria-disabled', 'true');
	const field = inside.getByLabelText('Shipping service');
	expect(field).toHaveValue('overnight');
	await user.clear(field);
	await user.type(field, 'ups_ground');
	await user.click(inside.getByTestId('confirm'));
	await waitFor(() =>
		expect(desk.acted).toEqual([
			expect.objectContaining({
				verb: 'edit',
				targets: { of: 'exceptions', which: [base.id] },
				fields: { service: 'ups_ground' },
			}),
		]),
	);
	await waitFor(() => expect(screen.queryByTestId('edit-dialog')).toBeNull());
});

describe('from its drawer an order', () => {
	const more = async (user: Awaited<ReturnType<typeof openAt>>['user'], verb: string) => {
		await user.click(await screen.findByTestId('drawer-more'));
		await user.click(await screen.findByTestId(`act-${verb}`));
	};

	it('is sent now, after a warning where there is one', async () => {
		const { desk, user } = await openAt('queue?order=8');
		await screen.findByTestId('waits-box');
		expect(desk.orders[7]?.stage).toBe('unpaid');
		await more(user, 'push');
		const dialog = await screen.findByTestId('confirm-dialog');
		expect(dialog).toHaveTextContent('Send #10471?');
		expect(dialog).toHaveTextContent('The money is not yours yet (authorised).');
		expect(desk.acted).toEqual([]);
		await user.click(within(dialog).getByTestId('confirm'));
		await waitFor(() => expect(desk.acted[0]).toMatchObject({ verb: 'push', targets: { of: 'orders', which: [8] } }));
		await waitFor(() => expect(screen.getByTestId('waits-box')).toHaveTextContent('waits for packing'));
	});

	it('is sent without ceremony where nothing speaks against it', async () => {
		const { desk, user } = await openAt('queue?order=3');
		await screen.findByTestId('waits-box');
		await more(user, 'push');
		await waitFor(() => expect(desk.acted[0]).toMatchObject({ verb: 'push', targets: { of: 'orders', which: [3] } }));
		expect(screen.queryByTestId('confirm-dialog')).toBeNull();
	});

	it('is released, can be held again at once, and is taken back', async () => {
		const { desk, user } = await openAt('queue?order=12');
		const box = await screen.findByTestId('waits-box');
		expect(box).toHaveTextContent('On hold');
		await user.click(within(screen.getByTestId('drawer')).getByTestId('act-release'));
		await waitFor(() =>
			expect(desk.acted[0]).toMatchObject({ verb: 'release', targets: { of: 'orders', which: [12] } }),
		);
		expect(await within(screen.getByTestId('drawer')).findByTestId('act-hold')).toBeVisible();
		await user.click(await screen.findByTestId('toast-undo'));
		await waitFor(() => expect(desk.orders.find((each) => each.id === 12)?.stage).toBe('held'));
		await within(screen.getByTestId('drawer')).findByTestId('act-release');
	});

	it('is marked as resolved, and its exception is gone', async () => {
		const { desk, user } = await openAt('queue?order=1');
		await screen.findByTestId('waits-box');
		await more(user, 'resolve');
		await waitFor(() =>
			expect(desk.acted[0]).toMatchObject({ verb: 'resolve', targets: { of: 'orders', which: [1] } }),
		);
		expect(await screen.findByTestId('toast')).toHaveTextContent('Settled: 1');
	});
});

describe('Settings', () => {
	it('keep both ends of the quiet hours, the history and the cut-off', async () => {
		const { desk, user } = await openAt('settings');
		const set = async (name: string, value: string) => {
			const field = await screen.findByTestId(`field-${name}`);
			await user.clear(field);
			await user.type(field, value);
			await user.tab();
		};
		await set('quiet_to', '06:15');
		await waitFor(() => expect(desk.saved.quiet_to_min).toBe(6 * 60 + 15));
		await set('cut_off', '15:30');
		await waitFor(() => expect(desk.saved.cut_off_min).toBe(15 * 60 + 30));
		await set('keep_history_days', '6');
		expect(screen.getByText('A number from 7 to 3650.')).toBeVisible();
		expect(desk.saved.keep_history_days).toBe(400);
		await set('keep_history_days', '90');
		await waitFor(() => expect(desk.saved.keep_history_days).toBe(90));
		expect(screen.queryByText('A number from 7 to 3650.')).toBeNull();
		// Nothing else moved.
		expect([desk.saved.quiet_from_min, desk.saved.keep_raw_days]).toEqual([1200, 180]);
	});

	it('take no week without a working day and no zone that is none', async () => {
		const { desk, user } = await openAt('settings');
		for (const day of [0, 1, 2, 3]) {
			await user.click(await screen.findByTestId(`field-day-${day}`));
			await waitFor(() => expect(desk.saved.business_days[day]).toBe(false));
		}
		await user.click(screen.getByTestId('field-day-4'));
		await new Promise((done) => setTimeout(done, 50));
		expect(desk.saved.business_days).toEqual([false, false, false, false, true, false, false]);
		const zone = screen.getByTestId('field-time_zone');
		await user.type(zone, 'Europe/Nowhere{Tab}');
		expect(await screen.findByText(/“Europe\/Nowhere” is not a time zone/)).toBeVisible();
		expect(desk.saved.time_zone).toBe('');
		await user.clear(zone);
		await user.type(zone, 'Europe/Lisbon{Tab}');
		await waitFor(() => expect(desk.saved.time_zone).toBe('Europe/Lisbon'));
	});

	it('take holidays as people write them, and nothing that is no day', async () => {
		const { desk, user } = await openAt('settings');
		const field = await screen.findByTestId('field-holidays');
		await user.type(field, '12-25, Christmas{Tab}');
		expect(await screen.findByText(/“Christmas” is not a day/)).toBeVisible();
		expect(desk.saved.holidays).toEqual([]);
		await user.clear(field);
		await user.type(field, '2027-02-29{Tab}');
		expect(await screen.findByText(/“2027-02-29” is not a day/)).toBeVisible();
		await user.clear(field);
		await user.type(field, '12-25, 02-29 2026-12-24{Tab}');
		await waitFor(() => expect(desk.saved.holidays).toEqual(['12-25', '02-29', '2026-12-24']));
		expect(screen.queryByText(/is not a day/)).toBeNull();
	});

	it('an interval that is none of the usual ones is shown as it is', async () => {
		const { desk } = await openAt('connections?id=amazon-de');
		expect(await screen.findByTestId('interval-orders')).toHaveValue('180');
		expect(screen.getByTestId('interval-orders')).toHaveDisplayValue('every 3 min');
		expect(desk.activityList.find((each) => each.id === 'amazon-de')?.streams[0]?.interval_s).toBe(180);
	});
});

describe('where an order waits', () => {
	const first = (desk: FakeDesk, waits: Partial<WaitsOn>) => {
		desk.orders = desk.orders.map((each, i) =>
			i === 0 ? { ...each, waits_on: { ...each.waits_on, ...waits } } : each,
		);
	};

	it('for a click, the click is there', async () => {
		const { desk, user } = await openAt('queue', {}, (desk) => first(desk, { code: 'approval', action: 'approve' }));
		const button = await screen.findByTestId('waits-#10482');
		expect(button).toHaveTextContent('Approve');
		await user.click(button);
		await waitFor(() =>
			expect(desk.acted[0]).toMatchObject({ verb: 'approve', targets: { of: 'orders', which: [1] } }),
		);
	});

	const leads: [string, WaitsOn['action'], string, string][] = [
		['no_hub', 'connect', 'Connect an account…', '#/connections?sheet=add'],
		['automation_off', 'switch_on', 'Switch it on…', '#/automations'],
	];
	it.each(leads)('%s leads to where it is mended', async (code, action, label, place) => {
		const { user } = await openAt('queue', {}, (desk) => first(desk, { code, action }));
		const button = await screen.findByTestId('waits-#10482');
		expect(button).toHaveTextContent(label);
		await user.click(button);
		await waitFor(() => expect(location.hash).toBe(place));
	});

	const refusers: [string, string | null, string][] = [
		['the hub', 'shipstation', '#/connections?id=shipstation&sheet=rotate'],
		['the store', 'harbour-goods', '#/connections?id=harbour-goods&sheet=rotate'],
		['nobody that is known', null, '#/connections?id=harbour-goods&sheet=rotate'],
	];
	it.each(refusers)('a permission that %s refused is granted there', async (_, connection, place) => {
		const { user } = await openAt('queue', {}, (desk) => {
			first(desk, { code: 'cause:scope_missing', action: 'sign_in' });
			desk.exceptionList = desk.exceptionList.map((entry) =>
				entry.order?.id === 1
					? { ...entry, cause: 'scope_missing', connection, actions: ['sign_in', 'retry'] as Action[] }
					: entry,
			);
		});
		const button = await screen.findByTestId('waits-#10482');
		expect(button).toHaveTextContent('Grant permission…');
		await user.click(button);
		await waitFor(() => expect(location.hash).toBe(place));
	});
});
