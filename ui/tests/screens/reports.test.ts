// Reports: what is counted, over which days, the orders behind it, to a file, and by themselves.
import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import { openAt } from './desk';

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
	await waitFor(() => expect(saved).toHaveLength(2));
	expect(saved[0]?.slice(1)).toEqual(['csv', 'stores', '/home/ben/unfulfilled stores.csv']);
	expect(saved[1]?.slice(1)).toEqual(['page', '', '/home/ben/unfulfilled.html']);

	const first = screen.getByTestId('table-orders').querySelector<HTMLElement>('[data-order]');
	await user.click(first as HTMLElement);
	expect(await screen.findByTestId('drawer')).toHaveTextContent(first?.textContent ?? '–');
});

it('is about the days that were chosen, and says what is wrong with them', async () => {
	const { desk, user } = await openAt('reports?kind=performance');
	const asked: unknown[] = [];
	const report = desk.report;
	desk.report = (ask) => {
		asked.push(ask);
		return report(ask);
	};
	await user.click(await screen.findByTestId('span-7'));
	await waitFor(() =>
		expect(asked.at(-1)).toEqual({ kind: 'performance', from_day: '2026-11-14', to_day: '2026-11-20' }),
	);
	await user.click(screen.getByTestId('span-month'));
	await waitFor(() =>
		expect(asked.at(-1)).toEqual({ kind: 'performance', from_day: '2026-10-01', to_day: '2026-10-31' }),
	);
	desk.report = () =>
		Promise.reject({ code: 'input', sentence: 'A report is about 750 days at most. Begin later.', field: 'from_day' });
	await user.click(screen.getByTestId('span-90'));
	expect(await screen.findByText('A report is about 750 days at most. Begin later.')).toBeVisible();
});

it('makes them by itself every day once a folder is chosen', async () => {
	const { desk, user } = await openAt('reports');
	await user.click(await screen.findByTestId('every-day'));
	const dialog = await screen.findByTestId('every-day-dialog');
	await user.click(within(dialog).getByTestId('confirm'));
	expect(await within(dialog).findByText('Choose the folder the reports are written to.')).toBeVisible();
	await user.type(within(dialog).getByLabelText('Folder'), '/home/ben/reports');
	await user.click(await within(dialog).findByTestId('plan-performance'));
	await user.click(within(dialog).getByTestId('confirm'));
	await waitFor(() => expect(screen.queryByTestId('every-day-dialog')).toBeNull());
	const { plan } = await desk.report_plan();
	expect(plan).toMatchObject({ on: true, folder: '/home/ben/reports', minute: 360 });
	expect(plan.kinds).toEqual(['unfulfilled', 'shipping_cost']);
});
