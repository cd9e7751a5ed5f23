// The queue with a hundred thousand orders: far places, and the columns' heads.
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import type { UserEvent } from '@testing-library/user-event';
import type { QueueAsk } from '$lib/api/types';
import { standStill } from '$lib/fake/still';
import { COLUMNS } from '$views/queue/window';
import { openAt, row } from './desk';

const ALL = 100_000;
const ROW = 40;
const body = () => screen.getByTestId('queue').querySelector<HTMLElement>('.body') as HTMLElement;

describe('a hundred thousand orders', () => {
	let user: UserEvent;
	let asked: QueueAsk[];
	beforeEach(async () => {
		const opened = await openAt('queue?view=all', { orders: ALL });
		user = opened.user;
		({ asked } = standStill(opened.desk));
		await row('#10482');
		// The first question of the quick desk sorts everything once, each way.
		await opened.desk.queue({
			view: 'all',
			text: '',
			sort: 'ship_by',
			descending: true,
			after: null,
			skip: 0,
			limit: 1,
		});
		asked.length = 0;
	});

	it('End shows the last order, focused, after one question', async () => {
		await user.keyboard('{End}');
		await waitFor(() => expect(document.activeElement).toHaveAttribute('aria-rowindex', String(ALL + 1)));
		expect(asked.filter((each) => each.limit > 1).length).toBeLessThanOrEqual(3);
		expect(screen.queryByTestId('row-loading')).toBeNull();
		// It is the current order: keys act on it.
		await user.keyboard('x');
		expect(screen.getByTestId('bulk-bar')).toHaveTextContent('1 selected');
		await user.keyboard('k');
		await waitFor(() => expect(document.activeElement).toHaveAttribute('aria-rowindex', String(ALL)));
	});

	it('paints as many rows anywhere, however far it was scrolled', async () => {
		const list = body();
		const rows = () => within(list).getAllByRole('row').length;
		const elements = () => list.querySelectorAll('*').length;
		// What fits on 700 px, and eight more at either side.
		const most = 34;
		expect(rows()).toBeLessThanOrEqual(most);
		const before = elements();
		for (let place = 10; place <= 90; place += 40) {
			list.scrollTop = (place / 100) * ALL * ROW;
			await fireEvent.scroll(list);
			expect(within(list).queryAllByRole('row').length).toBeLessThanOrEqual(most);
			await waitFor(() => expect(screen.queryByTestId('row-loading')).toBeNull(), { timeout: 20_000 });
			expect(rows()).toBe(most);
		}
		// Then row by row: what goes out above makes room for what comes in below.
		for (let step = 1; step <= 25; step++) {
			list.scrollTop += ROW;
			await fireEvent.scroll(list);
			expect(within(list).queryAllByRole('row').length + screen.queryAllByTestId('row-loading').length).toBe(most);
		}
		expect(elements()).toBeLessThan(before * 2);
	});

	it('while the bar is dragged rows on their way are shown, and only the last place is painted', async () => {
		const painted = new Set<number>();
		const watch = new MutationObserver((changes) => {
			for (const { addedNodes } of changes)
				for (const node of addedNodes)
					if (node instanceof HTMLElement && node.role === 'row') painted.add(Number(node.ariaRowIndex) - 2);
		});
		const list = body();
		watch.observe(list, { childList: true, subtree: true });
		for (let quarter = 1; quarter <= 30; quarter++) {
			list.scrollTop = (quarter / 40) * ALL * ROW;
			await fireEvent.scroll(list);
			// Never a blank: as many places as fit, each as high as a row.
			expect(screen.getAllByTestId('row-loading').length).toBeGreaterThan(15);
			expect(screen.getByTestId('queue')).toHaveAttribute('aria-busy', 'true');
		}
		await waitFor(() => expect(screen.queryByTestId('row-loading')).toBeNull(), { timeout: 20_000 });
		watch.disconnect();
		expect(asked).toHaveLength(1);
		// What fits on 700 px, and eight more at either side.
		const wanted = Array.from({ length: 34 }, (_, i) => 75_000 - 8 + i);
		expect([...painted].sort((a, b) => a - b)).toEqual(wanted);
		expect(screen.getByTestId('queue')).toHaveAttribute('aria-busy', 'false');
	});
});

describe('the heads of the columns', () => {
	const heads = () => within(screen.getByTestId('queue')).getAllByRole('columnheader');
	const called = (label: string) => {
		const found = heads().find((each) => each.textContent?.trim() === label);
		if (!found) throw new Error(`no column ${label}`);
		return found;
	};

	it('only those the desk can sort by look and act as if they could', async () => {
		// Every column there is, so that none is forgotten.
		const { desk, user } = await openAt('queue');
		await row('#10482');
		const columns = COLUMNS.filter((column) => !column.fixed);
		desk.arranged.columns = columns.map(({ id }) => ({ id, shown: true, width_px: 60, pinned: true }));
		desk.emit({ topics: ['settings'], orders: [] });
		await waitFor(() => expect(heads()).toHaveLength(COLUMNS.length));
		const before = location.hash;
		for (const column of COLUMNS) {
			const head = column.label === '' ? (heads()[0] as HTMLElement) : called(column.label);
			const button = within(head).queryByRole('button');
			if (column.sort) {
				expect(head).toHaveAttribute('aria-sort', column.sort === 'ship_by' ? 'ascending' : 'none');
				expect(button).toBeVisible();
				continue;
			}
			expect(head).not.toHaveAttribute('aria-sort');
			expect(head).not.toHaveAttribute('tabindex');
			expect(button).toBeNull();
			// A click on one changes nothing.
			if (column.label !== '') await user.click(head);
			expect(location.hash).toBe(before);
		}
	});

	it('are sorted by keyboard, and turned round by the same key', async () => {
		const { user } = await openAt('queue');
		await row('#10482');
		const first = () => within(body()).getAllByRole('row')[0];
		const button = screen.getByTestId('sort-customer');
		button.focus();
		await user.keyboard('{Enter}');
		await waitFor(() => expect(called('Customer')).toHaveAttribute('aria-sort', 'ascending'));
		expect(called('Ship by')).toHaveAttribute('aria-sort', 'none');
		await waitFor(() => expect(first()).toHaveTextContent('A. Schneider'));
		expect(screen.getByTestId('sort-customer')).toHaveFocus();
		await user.keyboard(' ');
		await waitFor(() => expect(called('Customer')).toHaveAttribute('aria-sort', 'descending'));
		await waitFor(() => expect(first()).not.toHaveTextContent('A. Schneider'));
		// Amounts begin with the largest.
		screen.getByTestId('sort-value').focus();
		await user.keyboard('{Enter}');
		await waitFor(() => expect(called('Value')).toHaveAttribute('aria-sort', 'descending'));
	});
});
