// What the fake desk's org says it has: enough of it for every way a choice can stand.
import type { Described, DescribedEntry, DescribedSlot, Json, SettingDecl, Unfit } from '$lib/api/types';

export const NOTHING_DESCRIBED: Described = { as_of_ms: 0, lists: [], slots: [] };

const field = (value: string, label: string, kind: string, marks: Partial<DescribedEntry> = {}): DescribedEntry => ({
	value,
	label,
	kind,
	required: false,
	read_only: false,
	custom: value.endsWith('__c'),
	...marks,
});
const OPPORTUNITY: DescribedEntry[] = [
	field('Account_Score__c', 'Account score', 'Text, 20 characters', { read_only: true }),
	field('Carrier__c', 'Carrier', 'Text, 80 characters'),
	field('CloseDate', 'Close date', 'Day', { required: true }),
	field('Name', 'Name', 'Text, 120 characters', { required: true }),
	field('Paid__c', 'Paid', 'Checkbox'),
	field('Ship_City__c', 'Ship to city', 'Text, 80 characters'),
	field('Ship_Street__c', 'Ship to street', 'Long text, 255 characters'),
	field('Shipped_On__c', 'Shipped on', 'Day'),
	field('Tracking_Number__c', 'Tracking number', 'Text, 255 characters'),
];
const SHIPMENT: DescribedEntry[] = [
	field('Contents__c', 'Contents', 'Long text, 32000 characters'),
	field('Opportunity__c', 'Deal', 'Lookup to Opportunity', { required: true }),
	field('Quayside_Id__c', 'Quayside id', 'Text, 80 characters'),
];
const OBJECTS: DescribedEntry[] = [
	field('Shipment__c', 'Shipment', ''),
	field('Vault__c', 'Vault', '', { read_only: true }),
	field('Task', 'Task', ''),
];

const texts: Unfit[] = [
	{ why: 'Holds checkbox; a text is needed.', values: ['Paid__c'] },
	{ why: 'Holds day; a text is needed.', values: ['CloseDate', 'Shipped_On__c'] },
];
const written: Unfit[] = [...texts, { why: 'Is read-only for the integration user.', values: ['Account_Score__c'] }];
const days: Unfit[] = [
	{
		why: 'Holds text; a day is needed.',
		values: [
			'Account_Score__c',
			'Carrier__c',
			'Name',
			'Paid__c',
			'Ship_City__c',
			'Ship_Street__c',
			'Tracking_Number__c',
		],
	},
];
const locked: Unfit[] = [{ why: 'The integration user cannot make records of it.', values: ['Vault__c'] }];

const slot = (setting: string, label: string, list: string, unfit: Unfit[], more: Partial<DescribedSlot> = {}) => ({
	setting,
	part: '',
	label,
	list,
	needed: false,
	leads: false,
	unfit,
	...more,
});
const parts: DescribedSlot[] = [
	slot(
		'parcel_fields',
		'the opportunity',
		'Shipment__c',
		[{ why: 'Is no lookup to the opportunity.', values: ['Contents__c', 'Quayside_Id__c'] }],
		{ part: 'opportunity', needed: true },
	),
	slot(
		'parcel_fields',
		'what is in the parcel',
		'Shipment__c',
		[{ why: 'Holds lookup to opportunity; a long text is needed.', values: ['Opportunity__c'] }],
		{ part: 'contents', needed: true },
	),
];

export const DESCRIBED: Described = {
	as_of_ms: 0,
	lists: [
		{ name: 'Opportunity', title: 'Opportunity', entries: OPPORTUNITY },
		{ name: 'Shipment__c', title: 'Shipment', entries: SHIPMENT },
		{ name: 'objects', title: 'Objects', entries: OBJECTS },
	],
	slots: [
		slot('tracking_field', 'the tracking numbers', 'Opportunity', written),
		slot('shipped_date_field', 'the day it left', 'Opportunity', days),
		slot('address_fields', 'Street', 'Opportunity', texts, { part: 'street' }),
		slot('address_fields', 'City', 'Opportunity', texts, { part: 'city' }),
		slot('parcel_object', 'what parcels become', 'objects', locked, { leads: true }),
	],
};

/** Another object for parcels has other fields. */
export function describedFor(settings: Record<string, Json>): Described {
	const own = settings['parcel_object'] === 'Shipment__c';
	return own ? { ...DESCRIBED, slots: [...DESCRIBED.slots, ...parts] } : DESCRIBED;
}

const named = (name: string, label: string, help: string, fallback = ''): SettingDecl => ({
	name,
	label,
	help,
	kind: { type: 'described' },
	default: fallback,
});
export const NAMED_SETTINGS: SettingDecl[] = [
	named('tracking_field', 'Tracking numbers', 'Field of the opportunity that gets them.'),
	named('shipped_date_field', 'Shipped on', 'Day field of the opportunity that gets the day of the last parcel.'),
	named('address_fields', 'Address on the opportunity', 'street=Ship_Street__c; city=Ship_City__c'),
	named('parcel_object', 'Parcels become', 'The object that gets a record per parcel.', 'Task'),
	named('parcel_fields', 'Fields of the parcel', 'opportunity=Opportunity__c; contents=Contents__c'),
];
