// Stock: what is counted where, what differs, why nothing is written, by mouse and by keyboard.
import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import { openAt } from './desk';

it('lists SKUs, and says of one where it is counted, who changed it, and why nothing is written', async () => {
	const { user } = await openAt('stock');
	const mat = await screen.findByTestId('sku-mat-rop');
	expect(mat).toHaveTextContent('MAT-ROP');
	expect(within(mat).getByText('Differs')).toBeVisible();
	expect(screen.getByTestId('sku-lamp-deck')).toHaveTextContent('Runs out in 3 days');
	expect(screen.getByTestId('sku-tea-100')).toHaveTextContent('Looked at in a moment.');
	expect(screen.queryByTestId('off')).toBeNull();

	await user.click(within(mat).getByRole('button'));
	const detail = screen.getByTestId('detail-mat-rop');
	expect(detail).toHaveTextContent('Harbour Depot, Main holds: 12');
	const cells = within(detail)
		.getAllByRole('cell')
		.map((cell) => cell.textContent.trim());
	// Shows, should, last agreed.
	expect(cells.slice(1, 4)).toEqual(['12', '9', '14']);
	expect(cells[4]).toContain('there, at Harbour Outlet');
	expect(detail).toHaveTextContent('It should be 9');

	await user.click(within(screen.getByTestId('sku-mug-blue')).getByRole('button'));
	expect(screen.getByTestId('detail-mug-blue')).toHaveTextContent(
		'Nothing is written. Several listings of Harbour Depot',
	);
	await user.click(within(screen.getByTestId('sku-bag-sail')).getByRole('button'));
	expect(screen.getByTestId('detail-bag-sail')).toHaveTextContent('Quayside');
});

it('adjusts a count by so many units, says before what comes of it, and takes it back', async () => {
	const { user } = await openAt('stock');
	await user.click(within(await screen.findByTestId('sku-mat-rop')).getByRole('button'));
	await user.click(screen.getByTestId('adjust-truth'));
	const dialog = await screen.findByTestId('adjust-dialog');
	expect(dialog).toHaveTextContent('Harbour Depot, Main shows 12.');
	expect(within(dialog).getByTestId('confirm')).toHaveAttribute('aria-disabled', 'true');
	await user.type(within(dialog).getByTestId('field-by'), '-13');
	await waitFor(() => expect(dialog).toHaveTextContent('so 13 cannot be taken away'));
	expect(within(dialog).getByTestId('confirm')).toHaveAttribute('aria-disabled', 'true');
	await user.clear(within(dialog).getByTestId('field-by'));
	await user.type(within(dialog).getByTestId('field-by'), '+2');
	expect(await within(dialog).findByTestId('comes')).toHaveTextContent('12 becomes 14.');
	await user.type(within(dialog).getByTestId('field-reason'), 'came back');
	await user.click(within(dialog).getByTestId('confirm'));
	await waitFor(() => expect(screen.queryByTestId('adjust-dialog')).toBeNull());
	const detail = screen.getByTestId('detail-mat-rop');
	await waitFor(() => expect(detail).toHaveTextContent('Harbour Depot, Main holds: 14'));
	await user.click(await screen.findByTestId('toast-undo'));
	await waitFor(() => expect(detail).toHaveTextContent('Harbour Depot, Main holds: 12'));
});

it('says once, above, why nothing at all is written, and shows what the accounts have', async () => {
	await openAt('stock', {}, (desk) => {
		const whole = desk.stock.bind(desk);
		desk.stock = async (ask) => {
			const page = await whole(ask);
			for (const row of page.rows)
				if (row.says) row.says = { ...row.says, truth: null, why: 'No account’s count holds: choose one.' };
			return page;
		};
	});
	expect(await screen.findByTestId('common-why')).toHaveTextContent(
		'Nothing is written. No account’s count holds: choose one.',
	);
	expect(screen.getByTestId('sku-mat-rop')).toHaveTextContent(/MAT-ROP\s*12/);
});

it('says while it is off that counts are only shown, and leads to its card, whose plan is about counts', async () => {
	const { desk, user } = await openAt('stock', {}, (desk) => {
		for (const each of desk.automationList) if (each.id === 'stock') each.mode = 'off';
	});
	expect(await screen.findByTestId('off')).toHaveTextContent('nothing is written');
	const mat = await screen.findByTestId('sku-mat-rop');
	expect(mat).toHaveTextContent(/12\s*–\s*–\s*–/);
	await user.click(within(mat).getByRole('button'));
	expect(screen.getByTestId('detail-mat-rop')).toHaveTextContent(
		'"Stock" is off, so what orders hold is not added up.',
	);
	await user.click(screen.getByTestId('to-automation'));
	await user.click(await screen.findByTestId('plan-stock'));
	const plan = await screen.findByTestId('plan-dialog');
	await waitFor(() => expect(plan).toHaveTextContent('Set MAT-ROP at Harbour Outlet (Main) from 12 to 9'));
	// Of counts, and of no order.
	expect(plan).toHaveTextContent('1 change. Harbour Outlet: 1 change in 1 call.');
	expect(desk.automationList.find((each) => each.id === 'stock')?.mode).toBe('off');
});

it('says of a bundle which part limits it, and lets its parts be adjusted instead', async () => {
	const { user } = await openAt('stock', {}, (desk) => {
		const bag = desk.stockRows.find((row) => row.sku === 'bag-sail');
		const side = bag?.says?.sides[0];
		if (!bag?.says || !side) throw new Error('no such row');
		const part = { sku: 'TEA-100', quantity: 2, available: 7, sets: 3, limits: true, why: null };
		const sentence = 'A bundle: TEA-100 (7 to promise, 2 in each) limits it.';
		bag.says = { ...bag.says, truth: null, held: null, available: 3, sides: [{ ...side, sentence, parts: [part] }] };
	});
	await user.click(within(await screen.findByTestId('sku-bag-sail')).getByRole('button'));
	const detail = screen.getByTestId('detail-bag-sail');
	expect(detail).toHaveTextContent('A bundle: TEA-100 (7 to promise, 2 in each) limits it.');
	expect(within(detail).queryByRole('button')).toBeNull();
});

it('keeps what single SKUs have of their own in rows that a spreadsheet can take', async () => {
	const { desk, user } = await openAt('automations');
	await user.click(await screen.findByTestId('settings-stock'));
	const rows = screen.getByTestId('field-per_sku');
	expect(rows.tagName).toBe('TEXTAREA');
	await user.type(rows, 'MUG-BLUE,4{Enter}TEA-100,,Harbour Outlet');
	await user.click(screen.getByTestId('save-stock'));
	const kept = () => desk.automationList.find((each) => each.id === 'stock')?.settings;
	await waitFor(() =>
		expect(kept()?.find((field) => field.name === 'per_sku')?.value).toBe('MUG-BLUE,4\nTEA-100,,Harbour Outlet'),
	);
});

it('is a place with keys of its own, and stands in the palette', async () => {
	const { user } = await openAt('queue');
	await screen.findByTestId('queue');
	await user.keyboard('gk');
	expect(await screen.findByTestId('sku-mat-rop')).toBeVisible();
	await user.keyboard('gq');
	await screen.findByTestId('queue');
	await user.keyboard('{Control>}k{/Control}');
	const palette = await screen.findByTestId('palette');
	await user.type(within(palette).getByRole('combobox'), 'stock');
	await user.keyboard('{Enter}');
	expect(await screen.findByTestId('sku-mat-rop')).toBeVisible();
});

it('is searched and narrowed, and says when nothing matches', async () => {
	const { user } = await openAt('stock');
	await screen.findByTestId('sku-mat-rop');
	await user.click(screen.getByTestId('part-differs'));
	await waitFor(() => expect(screen.queryByTestId('sku-bag-sail')).toBeNull());
	expect(screen.getByTestId('sku-mat-rop')).toBeVisible();
	await user.click(screen.getByTestId('part-all'));
	await user.type(screen.getByTestId('search'), 'lamp');
	await waitFor(() => expect(screen.queryByTestId('sku-mat-rop')).toBeNull());
	expect(await screen.findByTestId('sku-lamp-deck')).toBeVisible();
	await user.type(screen.getByTestId('search'), 'xyz');
	expect(await screen.findByText('No SKU matches')).toBeVisible();
	await user.click(screen.getByTestId('empty-act'));
	expect(await screen.findByTestId('sku-mat-rop')).toBeVisible();
});

it('says what is missing where no account counts', async () => {
	await openAt('stock', {}, (desk) => (desk.stockRows = []));
	expect(await screen.findByText('No account counts stock')).toBeVisible();
});

it('is walked and opened by keyboard, and reads on page by page', async () => {
	const { user, desk } = await openAt('stock', {}, (desk) => {
		desk.stockRows = Array.from({ length: 230 }, (_, n) => ({ sku: `sku-${String(n).padStart(3, '0')}`, says: null }));
	});
	await screen.findByTestId('sku-sku-000');
	await user.keyboard('j');
	expect(within(screen.getByTestId('sku-sku-000')).getByRole('button')).toHaveFocus();
	await user.keyboard('j');
	const second = within(screen.getByTestId('sku-sku-001')).getByRole('button');
	expect(second).toHaveFocus();
	await user.keyboard('{Enter}');
	expect(second).toHaveAttribute('aria-expanded', 'true');
	expect(screen.queryByTestId('sku-sku-100')).toBeNull();
	await user.click(screen.getByTestId('more'));
	expect(await screen.findByTestId('sku-sku-199')).toBeVisible();
	await user.click(screen.getByTestId('more'));
	expect(await screen.findByTestId('sku-sku-229')).toBeVisible();
	expect(screen.queryByTestId('more')).toBeNull();
	expect((await desk.stock({ part: 'all', text: '', after: '' })).all).toBe(230);
});
