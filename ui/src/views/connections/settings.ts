// A platform's declared settings with an account's values, as a form. Pure.
import type { Json, SettingDecl, SettingField } from '$lib/api/types';

/** Declared defaults are text ("true", "10"); a form wants the kind they stand for. */
function read(decl: SettingDecl, value: Json | undefined): Json {
	const known = value === undefined || value === null ? decl.default : value;
	if (typeof known !== 'string') return known;
	switch (decl.kind.type) {
		case 'toggle':
			return known === 'true';
		case 'number': {
			const number = Number.parseInt(known, 10);
			return Number.isNaN(number) ? 0 : number;
		}
		default:
			return known;
	}
}

/** Where a store's orders go: only a question once there are several places. */
export function hubField(hubs: readonly { id: string; name: string }[], value: Json | undefined): SettingField[] {
	if (hubs.length < 2) return [];
	return [
		{
			name: 'hub',
			label: 'Orders of this store go to',
			help: 'Orders that were sent already stay where they are.',
			kind: 'choice',
			options: [
				['', 'the account chosen under Automations'],
				...hubs.map((hub): [string, string] => [hub.id, hub.name]),
			],
			value: typeof value === 'string' ? value : '',
		},
	];
}

/** Who writes: the desk, or the hub by a link of its own to this store. While that is open, no answer counts. */
export function writerField(value: Json | undefined, question: string | null): SettingField {
	const said = question === null && typeof value === 'boolean' ? String(value) : '';
	return {
		name: 'hub_imports',
		label: 'Who writes its orders to the shipping account',
		help:
			question ??
			'If the shipping account imports this store by a link of its own, Quayside sends none of its orders, takes the copies that arrive there, and reports their parcels.',
		kind: 'choice',
		options: [
			['', question === null ? 'Quayside, as long as there is no link to the store' : 'nobody has said; orders wait'],
			['false', 'Quayside'],
			['true', 'the shipping account, by a link of its own'],
		],
		value: said,
	};
}

/** What a store may have of its own about time; empty is as for all stores. */
export function clockFields(values: Record<string, Json>): SettingField[] {
	const text = (name: string) => (typeof values[name] === 'string' ? values[name] : '');
	const field = (name: string, kind: string, label: string, help: string): SettingField => ({
		name,
		label,
		help,
		kind,
		options: [],
		value: text(name),
	});
	return [
		field('unfulfilled_after_days', 'text', 'Unfulfilled after business days', 'Empty: as under Settings.'),
		field('cut_off', 'text', 'Cut-off of this store', 'Like 14:00. Empty: as under Settings.'),
		field('time_zone', 'time_zone', 'Time zone of this store', 'Empty: as under Settings, or the store’s own.'),
		field(
			'holidays',
			'text',
			'Holidays of this store',
			'Like 2026-12-24, and 12-25 for every year. “none”: it has none. Empty: as under Settings.',
		),
		field(
			'promises',
			'text',
			'Promises by service',
			'Business days from the order: Express = 0 / 1; Standard = 2 / 5 (leaves within / is there within; the second may be left out). Others: as under Settings.',
		),
	];
}

/** Who sends what another account sold and this store carries a copy of, and how long a copy waits for its sale. */
export function copyFields(who: Json | undefined, minutes: Json | undefined): SettingField[] {
	return [
		{
			name: 'copies',
			label: 'Orders sold by another account',
			help: 'A marketplace’s orders may arrive here as well. Only one of the two is sent, whichever is on its way first; else the one chosen here.',
			kind: 'choice',
			options: [
				['origin', 'are sent by the account that sold them'],
				['here', 'are sent by this store'],
			],
			value: who === 'here' ? 'here' : 'origin',
		},
		{
			name: 'copies_wait_min',
			label: 'Minutes such an order waits for its account',
			help: 'If that account is connected and has not shown the sale by then, you are asked.',
			kind: 'number',
			options: [],
			value: typeof minutes === 'number' ? minutes : 120,
		},
	];
}

/** When buyers' data goes by itself; `rule`: what its platform asks for, days. */
export function privacyField(rule: number | null, days: Json | undefined): SettingField {
	return {
		name: 'personal_data_days',
		label: 'Days after delivery until buyers’ data is taken out',
		help: rule === null ? 'Empty: never by itself.' : `Its platform asks for ${rule} days; fewer are possible.`,
		kind: 'text',
		options: [],
		value: typeof days === 'number' ? String(days) : '',
	};
}

/** What a store has of its own about its counts; the automation "Stock" sets them. */
export function countFields(values: Record<string, Json>): SettingField[] {
	const { stock_follows: follows, stock_buffer: buffer, stock_place: place } = values;
	return [
		{
			name: 'stock_follows',
			label: 'Its counts follow',
			help: 'The automation “Stock” sets them, as far as it may.',
			kind: 'toggle',
			options: [],
			value: follows !== false,
		},
		{
			name: 'stock_buffer',
			label: 'Units kept off its counts',
			help: 'So many less than the other stores get.',
			kind: 'number',
			options: [],
			value: typeof buffer === 'number' ? buffer : 0,
		},
		{
			name: 'stock_place',
			label: 'The place whose count follows',
			help: 'Only where it counts at several places. Name of its location.',
			kind: 'text',
			options: [],
			value: typeof place === 'string' ? place : '',
		},
	];
}

export function settingFields(decls: readonly SettingDecl[], values: Record<string, Json>): SettingField[] {
	return decls.map((decl) => ({
		name: decl.name,
		label: decl.label,
		help: decl.help,
		kind: decl.kind.type,
		options: decl.kind.type === 'choice' ? decl.kind.options : [],
		value: read(decl, values[decl.name]),
	}));
}
