import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import { openAt } from './desk';

it('takes a ready-made rule over, tries it on real orders, and keeps it only when told', async () => {
	const { desk, user } = await openAt('automations?tab=rules');
	await user.click(await screen.findByTestId('ready-vip'));
	expect(screen.getByTestId('rules')).toHaveTextContent('Changed and not kept yet.');
	expect(screen.getByTestId('test-field')).toHaveDisplayValue('Tags');
	await user.click(screen.getByTestId('rules-test'));
	expect(await screen.findByTestId('rules-result')).toHaveTextContent(
		'Of the last 500 orders, rules would act on 3. Testing changed nothing.',
	);
	expect((await desk.rules()).book.rules ?? []).toEqual([]);
	await user.click(screen.getByTestId('rules-save'));
	// What it changes is shown before it is kept.
	const confirm = await screen.findByTestId('confirm');
	expect((await desk.rules()).book.rules ?? []).toEqual([]);
	await user.click(confirm);
	await waitFor(async () => expect((await desk.rules()).book.rules?.[0]?.name).toBe('VIP goes express'));
	expect(screen.getByTestId('rules')).not.toHaveTextContent('Changed and not kept yet.');
});

it('a rule that has to be filled in first comes switched off', async () => {
	const { user } = await openAt('automations?tab=rules');
	await user.click(await screen.findByTestId('ready-heavy'));
	expect(screen.getByTestId('rule-on')).not.toBeChecked();
	expect(screen.getByTestId('action-text')).toHaveValue('FILL-IN-heavy-service');
});

it('what was not kept waits while another place is looked at, and can be undone', async () => {
	const { user } = await openAt('automations?tab=rules');
	await user.click(await screen.findByTestId('ready-vip'));
	await user.click(screen.getByTestId('tab-aliases'));
	await screen.findByTestId('aliases');
	await user.click(screen.getByTestId('tab-rules'));
	await waitFor(() => expect(screen.getByTestId('rules')).toHaveTextContent('1. VIP goes express'));
	await user.click(screen.getByTestId('rules-undo'));
	await waitFor(() => expect(screen.queryByTestId('rule')).toBeNull());
});

it('a rule taken out comes back with one click', async () => {
	const { user } = await openAt('automations?tab=rules');
	await user.click(await screen.findByTestId('ready-vip'));
	await user.click(screen.getByRole('button', { name: 'Take out VIP goes express' }));
	expect(screen.queryByTestId('rule')).toBeNull();
	await user.click(await screen.findByTestId('toast-undo'));
	expect(screen.getByTestId('rule')).toHaveTextContent('VIP goes express');
});

it('an editor says what mode it is in, and switching it on shows the plan first', async () => {
	const { desk, user } = await openAt('automations?tab=rules');
	const owner = await screen.findByTestId('owner');
	expect(owner).toHaveTextContent('Rules: Watch. What is kept here changes no order yet');
	await user.click(within(owner).getByTestId('mode-rules-auto'));
	const dialog = await screen.findByTestId('plan-dialog');
	await within(dialog).findByTestId('plan');
	await user.click(within(dialog).getByTestId('confirm'));
	await waitFor(() => expect(desk.automationList.find((each) => each.id === 'rules')?.mode).toBe('auto'));
});

it('lists each unknown SKU once, with what may be meant, and maps it', async () => {
	const { desk, user } = await openAt('automations?tab=aliases');
	const row = await screen.findByTestId('alias-suggestion');
	expect(screen.queryByTestId('alias-unknown')).toBeNull();
	expect(row).toHaveTextContent('Both carry the barcode 4006381333931.');
	// What the store's own list says of it stands beside the SKU.
	expect(row).toHaveTextContent('listed as “Harbour lamp, small, for the quay” · listing B0LAMP0001');
	await user.click(within(row).getByTestId('alias-map'));
	const dialog = within(await screen.findByTestId('alias-dialog'));
	// The store's side is known; what is asked for has the focus.
	await waitFor(() => expect(dialog.getByTestId('field-sku')).toHaveFocus());
	await user.type(dialog.getByTestId('field-sku'), 'HG-LAMP-S');
	await user.click(dialog.getByTestId('confirm'));
	await waitFor(async () => expect((await desk.sku_aliases('HG-LAMP-S-EU')).rows[0]?.parts[0]?.sku).toBe('HG-LAMP-S'));
	expect(await screen.findByTestId('toast')).toHaveTextContent('looked at again');
});

it('an alias taken out comes back with one click, and a search without a match says so', async () => {
	const { desk, user } = await openAt('automations?tab=aliases');
	await user.click(await screen.findByRole('button', { name: 'Take out GIFT-SET' }));
	await waitFor(async () => expect((await desk.sku_aliases('GIFT-SET')).rows).toEqual([]));
	await user.click(await screen.findByTestId('toast-undo'));
	await waitFor(async () => expect((await desk.sku_aliases('GIFT-SET')).rows[0]?.parts).toHaveLength(2));
	await user.type(screen.getByRole('textbox', { name: 'Search aliases' }), 'zzz');
	expect(await screen.findByTestId('alias-none')).toHaveTextContent('No alias has “zzz” on either side.');
});

it('puts a name into the mapping that was worked on last', async () => {
	const { user } = await openAt('automations?tab=mapping');
	await user.click(await screen.findByTestId('mapping-add'));
	await user.type(screen.getByTestId('mapping-template'), 'PO ');
	await user.click(screen.getByText('What a template may name'));
	await user.click(screen.getByRole('button', { name: /attributes\["PO number"\]/ }));
	expect(screen.getByTestId('mapping-template')).toHaveValue('PO {{ attributes["PO number"] }}');
});

it('a set is added, filled, copied and kept, and its stores are chosen', async () => {
	const { desk, user } = await openAt('automations?tab=mapping');
	await user.click(await screen.findByTestId('mapping-set-add'));
	await user.clear(screen.getByTestId('mapping-set-name'));
	await user.type(screen.getByTestId('mapping-set-name'), 'Wholesale');
	await user.click(screen.getByTestId('mapping-set-store'));
	await user.click(screen.getByTestId('mapping-add'));
	await user.selectOptions(screen.getByTestId('mapping-target'), 'carrier');
	expect(screen.getByTestId('mapping-row')).toHaveTextContent('Yard has no place for');
	await user.click(screen.getByTestId('mapping-set-copy'));
	expect(screen.getByTestId('mapping-set')).toHaveDisplayValue('Copy of Wholesale (off)');
	expect(screen.getAllByTestId('mapping-row')).toHaveLength(1);
	await user.click(screen.getByTestId('mapping-set-remove'));
	expect(screen.queryByTestId('mapping-row')).toBeNull();
	await user.click(screen.getByTestId('mapping-save'));
	// What it changes is shown before it is kept.
	const plan = await screen.findByTestId('mapping-plan');
	expect(await within(plan).findByText(/No open order changes/)).toBeInTheDocument();
	expect((await desk.field_mapping()).mapping.sets).toEqual([]);
	await user.click(within(plan).getByTestId('confirm'));
	await waitFor(async () => expect((await desk.field_mapping()).mapping.sets).toHaveLength(1));
	const kept = (await desk.field_mapping()).mapping.sets?.[0];
	expect(kept).toMatchObject({ name: 'Wholesale', on: false, stores: ['harbour-goods'] });
	expect(kept?.rows).toMatchObject([{ target: 'carrier' }]);
});

it('a set from another desk shows what it changes before it is kept', async () => {
	const { desk, user } = await openAt('automations?tab=mapping');
	await user.click(await screen.findByTestId('mapping-import'));
	await user.click(screen.getByTestId('mapping-import-text'));
	await user.paste('not a set');
	await user.click(screen.getByTestId('mapping-import-look'));
	expect(await screen.findByText(/This is no set of mappings/)).toBeInTheDocument();
	await user.clear(screen.getByTestId('mapping-import-text'));
	await user.click(screen.getByTestId('mapping-import-text'));
	const row = { id: 'a', on: true, target: 'tag', template: 'bulk', required: false, stores: [] };
	await user.paste(JSON.stringify({ quayside_mapping_set: 1, name: 'Wholesale', rows: [row] }));
	await user.click(screen.getByTestId('mapping-import-look'));
	expect(await screen.findByTestId('mapping-import-plan')).toHaveTextContent('New: tag from bulk.');
	expect((await desk.field_mapping()).mapping.sets).toEqual([]);
	await user.click(screen.getByTestId('mapping-import-keep'));
	await waitFor(() => expect(screen.getByTestId('mapping-set')).toHaveDisplayValue('Wholesale (off)'));
	expect(screen.getByTestId('mapping-template')).toHaveValue('bulk');
	await user.click(screen.getByTestId('mapping-export'));
	const text = await screen.findByTestId('mapping-export-text');
	expect((text as HTMLTextAreaElement).value).toContain('"name": "Wholesale"');
});
