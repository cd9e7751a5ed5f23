import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import { openAt } from './desk';

const PLACE = 'connections?id=salesforce';

it('a field is chosen from what the account has, and what does not fit says why', async () => {
	const { desk, user } = await openAt(PLACE);
	const field = await screen.findByRole('combobox', { name: 'Tracking numbers' });
	await user.click(field);
	expect(await screen.findByTestId('offer-tracking_field-Shipped_On__c')).toHaveAttribute('aria-disabled', 'true');
	expect(screen.getByTestId('offer-tracking_field-Shipped_On__c')).toHaveTextContent('a text is needed');
	// What does not fit cannot be taken.
	await user.click(screen.getByTestId('offer-tracking_field-Shipped_On__c'));
	expect(screen.getByTestId('save-settings')).toHaveAttribute('aria-disabled', 'true');

	await user.type(field, 'number');
	await waitFor(() => expect(screen.queryByTestId('offer-tracking_field-Carrier__c')).toBeNull());
	await user.keyboard('{ArrowDown}{Enter}');
	expect(field).toHaveValue('Tracking_Number__c');
	expect(screen.getByTestId('stands-tracking_field')).toHaveTextContent('Tracking number · Text, 255 characters');
	await user.click(screen.getByTestId('save-settings'));
	await waitFor(async () => {
		const saved = (await desk.connections()).find((each) => each.id === 'salesforce');
		expect(saved?.settings).toEqual({ tracking_field: 'Tracking_Number__c' });
	});
	// News of the account asks it nothing again: its calls are counted.
	desk.emit({ topics: ['connections'], orders: [] });
	await waitFor(() => expect(screen.getByTestId('save-settings')).toHaveAttribute('aria-disabled', 'true'));
	expect(desk.describedWith).toEqual([{}]);
});

it('a choice that vanished or became read-only is shown as such, and kept', async () => {
	await openAt(PLACE, {}, (desk) => {
		void desk.put_connection_settings('salesforce', {
			tracking_field: 'Old__c',
			address_fields: 'street=Ship_Street__c; own=X__c; city=Paid__c',
		});
	});
	expect(await screen.findByTestId('stands-tracking_field')).toHaveTextContent('shows no Old__c');
	expect(screen.getByTestId('field-tracking_field')).toHaveAttribute('aria-invalid', 'true');
	const parts = within(screen.getByTestId('parts-address_fields'));
	expect(parts.getByTestId('field-address_fields-street')).toHaveValue('Ship_Street__c');
	expect(parts.getByTestId('stands-address_fields-city')).toHaveTextContent('Holds checkbox; a text is needed.');
});

it('a part is written beside the others', async () => {
	const { desk, user } = await openAt(PLACE);
	await user.click(await screen.findByTestId('field-address_fields-city'));
	await user.click(await screen.findByTestId('offer-address_fields-city-Ship_City__c'));
	// Typed, as somebody does who knows it by heart.
	await user.type(screen.getByTestId('field-address_fields-street'), 'Ship_Street__c{Tab}');
	await user.click(screen.getByTestId('save-settings'));
	await waitFor(async () => {
		const saved = (await desk.connections()).find((each) => each.id === 'salesforce');
		expect(saved?.settings['address_fields']).toBe('city=Ship_City__c; street=Ship_Street__c');
	});
});

it('another object has other fields, before anything is saved', async () => {
	const { desk, user } = await openAt(PLACE);
	const object = await screen.findByRole('combobox', { name: 'Parcels become' });
	expect(screen.queryByTestId('parts-parcel_fields')).toBeNull();
	await user.click(object);
	await user.click(await screen.findByTestId('offer-parcel_object-Shipment__c'));
	const parts = within(await screen.findByTestId('parts-parcel_fields'));
	expect(parts.getByTestId('stands-parcel_fields-opportunity')).toHaveTextContent('Without it no parcel');
	expect(desk.describedWith).toEqual([{}, { parcel_object: 'Shipment__c' }]);
});

it('names are typed while the account does not answer', async () => {
	const { desk, user } = await openAt(PLACE, {}, (desk) => (desk.silent = 'Salesforce does not answer.'));
	expect(await screen.findByTestId('undescribed')).toHaveTextContent('Salesforce does not answer.');
	const field = screen.getByTestId('field-tracking_field');
	expect(field).not.toHaveAttribute('role', 'combobox');
	await user.type(field, 'Tracking_Number__c');
	desk.silent = null;
	await user.click(screen.getByText('Ask again'));
	// What was typed stays, and is looked at.
	expect(await screen.findByTestId('stands-tracking_field')).toHaveTextContent('Tracking number');
	expect(screen.getByTestId('field-tracking_field')).toHaveValue('Tracking_Number__c');
});
