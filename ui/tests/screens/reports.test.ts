// Reports: what is counted, over which days, the orders behind it, to a file, and by themselves.
import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import { openAt } from './desk';

/** With every report that is asked for. */
async function watched(place: string) {
	const asked: unknown[] = [];
	const { desk, user } = await openAt(place, {}, (desk) => {
		const report = desk.report;
		desk.report = (ask) => {
			asked.push(ask);
			return report(ask);
		};
	});
	return { desk, user, asked };
}

it('shows a report, opens an order behind it, and writes tables and the whole page to files', async () => {
	const { desk, user } = await openAt('reports');
	const saved: unknown[][] = [];
	desk.save_report = (...asked: unknown[]) => {
		saved.push(asked);
		return Promise.resolve(null);
	};
	const stores = await screen.findByTestId('table-stores');
	expect(within(stores).getAllByRole('row').length).toBeGreaterThan(1);
	expect(screen.getByTestId('figure-Orders')).toHaveTextContent(String((await desk.counts()).unfulfilled));
	expect(screen.getByTestId('table-late')).toHaveTextContent('Nothing in this time.');
	// A report about now has no days to choose.
	expect(screen.queryByTestId('span-30')).toBeNull();

	await user.click(screen.getByTestId('csv-stores'));
	await user.click(screen.getByTestId('save-page'));
	await user.click(screen.getByTestId('parquet-orders'));
	await waitFor(() => expect(saved).toHaveLength(3));
	expect(saved[0]?.slice(1)).toEqual(['csv', 'stores', '/home/ben/unfulfilled stores.csv']);
	expect(saved[1]?.slice(1)).toEqual(['page', '', '/home/ben/unfulfilled.html']);
	expect(saved[2]?.slice(1)).toEqual(['parquet', 'orders', '/home/ben/unfulfilled orders.parquet']);

	// To be pasted, as the desk writes it: numbers without a sign.
	const pasted: string[] = [];
	Object.defineProperty(navigator, 'clipboard', {
		configurable: true,
		value: { writeText: (text: string) => Promise.resolve(void pasted.push(text)) },
	});
	await user.click(screen.getByTestId('copy-stores'));
	expect(await screen.findByText('By store copied: paste it into a spreadsheet.')).toBeVisible();
	expect(pasted[0]?.split('\n')[0]).toBe('Store\tOrders\tWorth');

	// A moment is short; its title has the second and the zone.
	const moment = screen.getByTestId('table-orders').querySelector('tbody td:nth-child(3) bdi');
	expect(moment?.textContent).toMatch(/^\d+ Nov 2026, \d\d:\d\d$/);
	expect(moment).toHaveAttribute('title', expect.stringMatching(/ 2026, \d\d:\d\d:\d\d \(Europe\/Berlin; .+ UTC\)$/));

	const first = screen.getByTestId('table-orders').querySelector<HTMLElement>('[data-order]');
	await user.click(first as HTMLElement);
	expect(await screen.findByTestId('drawer')).toHaveTextContent(first?.textContent ?? '–');
});

it('asks once on opening, for a time with a name, and leaves the days to the desk', async () => {
	const { asked } = await watched('reports?kind=performance');
	expect(await screen.findByTestId('made-performance')).toHaveTextContent('2026-10-22 to 2026-11-20.');
	await screen.findByTestId('span-30');
	expect(asked).toEqual([{ kind: 'performance', span: '30', from_day: '', to_day: '', here: '', there: '' }]);

	const usual = await watched('reports');
	expect(await screen.findByTestId('made-unfulfilled')).toBeVisible();
	await screen.findByTestId('report-unfulfilled');
	expect(usual.asked).toEqual([{ kind: 'unfulfilled', span: '30', from_day: '', to_day: '', here: '', there: '' }]);
});

it('is about the days that were chosen, and says what is wrong with them', async () => {
	const { desk, user, asked } = await watched('reports?kind=performance');
	await user.click(await screen.findByTestId('span-7'));
	await waitFor(() =>
		expect(asked.at(-1)).toEqual({ kind: 'performance', span: '7', from_day: '', to_day: '', here: '', there: '' }),
	);
	await waitFor(() => expect(screen.getByTestId('made-performance')).toHaveTextContent('2026-11-14 to 2026-11-20.'));
	// Other days begin as those that are shown.
	await user.click(screen.getByTestId('span-own'));
	await waitFor(() =>
		expect(asked.at(-1)).toEqual({
			kind: 'performance',
			span: 'own',
			from_day: '2026-11-14',
			to_day: '2026-11-20',
			here: '',
			there: '',
		}),
	);
	expect(screen.getByTestId('from-day')).toHaveValue('2026-11-14');
	await user.click(screen.getByTestId('span-month'));
	await waitFor(() => expect(screen.getByTestId('made-performance')).toHaveTextContent('2026-10-01 to 2026-10-31.'));
	desk.report = () =>
		Promise.reject({ code: 'input', sentence: 'A report is about 750 days at most. Begin later.', field: 'from_day' });
	await user.click(screen.getByTestId('span-90'));
	expect(await screen.findByText('A report is about 750 days at most. Begin later.')).toBeVisible();
	// What is not there cannot be kept.
	const saved: unknown[] = [];
	desk.save_report = (...ask: unknown[]) => {
		saved.push(ask);
		return Promise.resolve(null);
	};
	const save = screen.getByTestId('save-page');
	expect(save).toHaveAttribute('title', 'The report could not be made.');
	await user.click(save);
	expect(saved).toEqual([]);
});

it('keeps the report that is shown, under its own days, and none while it counts', async () => {
	const { desk, user } = await watched('reports?kind=performance&span=month');
	await screen.findByTestId('made-performance');
	const saved: unknown[][] = [];
	desk.save_report = (...asked: unknown[]) => {
		saved.push(asked);
		return Promise.resolve(null);
	};
	await user.click(screen.getByTestId('csv-stores'));
	await waitFor(() => expect(saved).toHaveLength(1));
	expect(saved[0]).toEqual([
		{ kind: 'performance', span: 'own', from_day: '2026-10-01', to_day: '2026-10-31', here: '', there: '' },
		'csv',
		'stores',
		'/home/ben/2026-10-01 2026-10-31 performance stores.csv',
	]);
	desk.report = () => new Promise(() => {});
	await user.click(screen.getByTestId('span-7'));
	await waitFor(() => expect(screen.getByTestId('save-page')).toHaveAttribute('title', 'It is being counted.'));
	await user.click(screen.getByTestId('save-page'));
	await user.click(screen.getByTestId('csv-stores'));
	expect(saved).toHaveLength(1);
});

it('makes them by itself every day once a folder is chosen', async () => {
	const { desk, user } = await openAt('reports');
	await user.click(await screen.findByTestId('every-day'));
	const dialog = await screen.findByTestId('every-day-dialog');
	await user.click(within(dialog).getByTestId('confirm'));
	expect(await within(dialog).findByText('Choose the folder the reports are written to.')).toBeVisible();
	desk.pick_file = async () => '/home/ben/reports';
	await user.click(within(dialog).getByTestId('choose-folder'));
	expect(within(dialog).getByLabelText('Folder')).toHaveAttribute('readonly');
	await user.click(within(dialog).getByTestId('no-folder'));
	expect(within(dialog).getByLabelText('Folder')).toHaveValue('');
	await user.click(within(dialog).getByTestId('choose-folder'));
	await user.click(await within(dialog).findByTestId('plan-performance'));
	await user.click(within(dialog).getByTestId('form-parquet'));
	await user.click(within(dialog).getByTestId('confirm'));
	await waitFor(() => expect(screen.queryByTestId('every-day-dialog')).toBeNull());
	const { plan } = await desk.report_plan();
	expect(plan).toMatchObject({ on: true, folder: '/home/ben/reports', minute: 360 });
	expect(plan.kinds).toEqual(['unfulfilled', 'shipping_cost', 'reconciliation']);
	expect(plan.forms).toEqual(['csv', 'page', 'parquet']);
});

it('says where the last ones are', async () => {
	const { desk, user } = await openAt('reports');
	const { plan } = await desk.report_plan();
	desk.report_plan = () =>
		Promise.resolve({
			plan: { ...plan, on: true, folder: '/home/ben/new' },
			next_ms: Date.now() + 3_600_000,
			last_ms: Date.now() - 3_600_000,
			last_folder: '/home/ben/reports',
			trouble: null,
			made_up: 'It also made up for the one that was due on 2026-11-19.',
		});
	await user.click(await screen.findByTestId('every-day'));
	expect(await screen.findByTestId('last-written')).toHaveTextContent(/^Last written .+ into \/home\/ben\/reports\.$/);
	expect(screen.getByTestId('every-day-dialog')).toHaveTextContent(
		'It also made up for the one that was due on 2026-11',
	);
});

it('makes one report a month in its own days and by its own ways, and lets it be changed and removed', async () => {
	const { desk, user } = await openAt('reports');
	await user.click(await screen.findByTestId('every-day'));
	await user.click(await screen.findByTestId('add-schedule'));
	const dialog = await screen.findByTestId('schedule-dialog');
	expect(screen.queryByTestId('every-day-dialog')).toBeNull();
	// What is as it stands now is about no days.
	await user.selectOptions(within(dialog).getByTestId('schedule-kind'), 'unfulfilled');
	expect(within(dialog).queryByTestId('schedule-window')).toBeNull();
	await user.selectOptions(within(dialog).getByTestId('schedule-kind'), 'shipping_cost');
	await user.selectOptions(within(dialog).getByTestId('schedule-each'), 'month');
	await user.selectOptions(within(dialog).getByTestId('schedule-day'), 'last day');
	await user.selectOptions(within(dialog).getByTestId('schedule-window'), 'month_to_date');
	await user.click(within(dialog).getByTestId('confirm'));
	expect(await within(dialog).findByText('Choose the folder it is written to, or a way it is sent by.')).toBeVisible();
	desk.pick_file = async () => '/home/ben/month';
	await user.click(within(dialog).getByTestId('schedule-folder'));
	await user.click(within(dialog).getByTestId('confirm'));

	// Back to where it stands.
	const list = await screen.findByTestId('schedules');
	expect(within(list).getByText('Shipping cost, month to date')).toBeVisible();
	const [one] = await desk.report_schedules();
	expect(one?.schedule).toMatchObject({
		on: true,
		kind: 'shipping_cost',
		cadence: { each: 'month', day: 31 },
		window: 'month_to_date',
		folder: '/home/ben/month',
		minute: 360,
		zone: '',
	});
	await user.click(within(list).getByTestId('edit-schedule'));
	const again = await screen.findByTestId('schedule-dialog');
	expect(within(again).getByTestId<HTMLSelectElement>('schedule-day').value).toBe('31');
	await user.selectOptions(within(again).getByTestId('schedule-each'), 'week');
	await user.selectOptions(within(again).getByTestId('schedule-day'), 'Friday');
	await user.clear(within(again).getByTestId('field-schedule_time'));
	await user.type(within(again).getByTestId('field-schedule_time'), '25:00');
	await user.click(within(again).getByTestId('confirm'));
	expect(await within(again).findByText('Write the time like 06:00.')).toBeVisible();
	await user.clear(within(again).getByTestId('field-schedule_time'));
	await user.type(within(again).getByTestId('field-schedule_time'), '17:30');
	await user.click(within(again).getByTestId('confirm'));
	await screen.findByTestId('schedules');
	expect((await desk.report_schedules()).map(({ schedule }) => [schedule.cadence, schedule.minute])).toEqual([
		[{ each: 'week', weekday: 5 }, 1050],
	]);
	await user.click(await screen.findByTestId('remove-schedule'));
	await waitFor(async () => expect(await desk.report_schedules()).toEqual([]));
	await waitFor(() => expect(screen.queryByTestId('edit-schedule')).toBeNull());
});

it('compares the two accounts that are chosen, and carries on from a row', async () => {
	const { desk, user, asked } = await watched('reports?kind=reconciliation');
	await screen.findByTestId('made-reconciliation');
	expect(asked.at(-1)).toEqual({
		kind: 'reconciliation',
		span: '30',
		from_day: '',
		to_day: '',
		here: '',
		there: '',
	});
	const picker = (name: string) => screen.findByTestId<HTMLSelectElement>(`between-${name}`);
	const names = async (name: string) => [...(await picker(name)).options].map((option) => option.label);
	expect(await names('here')).toEqual(['every store', 'Harbour Goods', 'Harbour EU']);
	expect(await names('there')).toEqual(['every account', 'ShipStation']);
	await user.selectOptions(await picker('there'), 'ship');
	await user.selectOptions(await picker('here'), 'eu');
	await waitFor(() => expect(asked.at(-1)).toMatchObject({ here: 'eu', there: 'ship' }));

	// What is saved is what is shown: these two accounts.
	const saved: unknown[][] = [];
	desk.save_report = (...ask: unknown[]) => {
		saved.push(ask);
		return Promise.resolve(null);
	};
	await user.click(await screen.findByTestId('csv-differences'));
	await waitFor(() => expect(saved[0]?.[0]).toMatchObject({ span: 'own', here: 'eu', there: 'ship' }));

	const acted: unknown[] = [];
	const act = desk.act;
	desk.act = (asked) => {
		acted.push(asked);
		return act(asked);
	};
	const table = screen.getByTestId('table-differences');
	await user.click(within(table).getByRole('button', { name: 'Look again' }));
	await waitFor(() => expect(acted[0]).toMatchObject({ verb: 'sync', targets: { of: 'orders' } }));
	const opened: string[] = [];
	desk.open_link = (url) => {
		opened.push(url);
		return Promise.resolve();
	};
	await user.click(within(table).getByRole('button', { name: 'Store' }));
	await waitFor(() => expect(opened).toEqual(['https://admin.shopify.com/store/harbour']));

	// Another report asks about no accounts, and has no pickers.
	await user.click(screen.getByTestId('report-performance'));
	await waitFor(() => expect(asked.at(-1)).toMatchObject({ kind: 'performance', here: '', there: '' }));
	await waitFor(() => expect(screen.queryByTestId('between-here')).toBeNull());
});

it('leads from every number to the rows it counts, and back, and shows weeks as bars', async () => {
	const { user } = await openAt('reports?kind=performance');
	await screen.findByTestId('made-performance');
	const orders = () => within(screen.getByTestId('table-orders')).getAllByRole('row').length - 1;
	// A store's number leads to its orders and to no others.
	const stores = screen.getByTestId('table-stores');
	const name = within(stores).getAllByRole('button', { name: /Harbour/ })[0] as HTMLElement;
	const store = name.textContent ?? '';
	const count = Number(within(name.closest('tr') as HTMLElement).getAllByRole('button')[1]?.textContent);
	await user.click(name);
	expect(await screen.findByTestId('behind')).toHaveTextContent(`Only what is behind ${store}: ${count} of`);
	expect(orders()).toBe(Math.min(count, 100));
	expect(screen.queryByTestId('table-stores')).toBeNull();
	expect(screen.queryByTestId('csv-orders')).toBeNull();
	await user.click(screen.getByTestId('whole-report'));
	expect(await screen.findByTestId('table-stores')).toBeVisible();

	// A figure does, too; one that counts nothing that is listed is only a number.
	await user.click(screen.getByTestId('behind-Orders'));
	expect(await screen.findByTestId('behind')).toHaveTextContent('Only what is behind Orders:');
	expect(screen.queryByTestId('behind-Worth')).toBeNull();
	await user.click(screen.getByTestId('whole-report'));

	// A week is a bar, and the bar leads to the same place as its row.
	const charts = await screen.findByTestId('charts');
	const bar = within(charts).getAllByRole('link', { name: /^from 2026-11-09: / })[0] as HTMLElement;
	expect(decodeURIComponent(bar.getAttribute('href') ?? '')).toContain('behind=weeks:from+2026-11-09');
	const row = within(screen.getByTestId('table-weeks')).getByRole('button', { name: 'from 2026-11-09' });
	await user.click(row);
	expect(await screen.findByTestId('behind')).toHaveTextContent('Only what is behind from 2026-11-09:');
	// Another report begins whole.
	await user.click(screen.getByTestId('report-shipping_cost'));
	expect(await screen.findByTestId('made-shipping_cost')).toBeVisible();
	expect(screen.queryByTestId('behind')).toBeNull();
});
