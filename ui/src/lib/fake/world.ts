// The fake desk's world: a small merchant on one Friday afternoon, made from a seed. Used by
// tests and by a plain browser; the program's window never contains it.
import type { Cause, ConnectionActivity, QueueRow, Stage, Tone, WaitsOn } from '$lib/api/types';

const MIN = 60_000;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;

/** Friday 20 November 2026, 14:12:40 on this computer's clock: where the fake day stands still. */
export const FRIDAY = new Date(2026, 10, 20, 14, 12, 40).getTime();

/** Small, fast and the same everywhere (mulberry32). */
export function dice(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}

const at = (hours: number, minutes: number, days = 0) => {
	const date = new Date(FRIDAY);
	date.setDate(date.getDate() + days);
	date.setHours(hours, minutes, 0, 0);
	return date.getTime();
};

export interface Account {
	id: string;
	name: string;
	platform: string;
	title: string;
}
export const STORES: Account[] = [
	{ id: 'harbour-goods', name: 'Harbour Goods', platform: 'shopify', title: 'Shopify' },
	{ id: 'harbour-outlet', name: 'Harbour Outlet', platform: 'shopify', title: 'Shopify' },
	{ id: 'amazon-de', name: 'Amazon DE', platform: 'amazon', title: 'Amazon' },
	{ id: 'bigcommerce', name: 'BigCommerce', platform: 'bigcommerce', title: 'BigCommerce' },
	{ id: 'salesforce', name: 'Salesforce', platform: 'salesforce', title: 'Salesforce' },
];
export const HUB: Account = { id: 'shipstation', name: 'ShipStation', platform: 'shipstation', title: 'ShipStation' };

function waits(
	code: string,
	sentence: string,
	icon: string,
	tone: Tone,
	since_ms: number,
	action: WaitsOn['action'] = null,
): WaitsOn {
	return { code, sentence, icon, tone, since_ms, action };
}
const packing = (since: number) =>
	waits('packing', 'In ShipStation since {since}, waits for packing', 'clock', 'neutral', since);

type Told = [
	number: string,
	store: number,
	customer: string,
	city: string,
	country: string,
	units: number,
	service: string,
	minor: number,
	shipBy: number | null,
	stage: Stage,
	waits: WaitsOn,
];

/** The rows of the pictures. */
const TOLD: Told[] = [
	[
		'#10482',
		0,
		'Ingrid Sørensen',
		'Bergen',
		'NO',
		5,
		'Express',
		18420,
		FRIDAY + 48 * MIN,
		'held',
		waits(
			'cause:unknown_sku',
			'SKU HG-LAMP-S is unknown to ShipStation',
			'tag',
			'warning',
			at(13, 21),
			'edit_and_retry',
		),
	],
	[
		'305-7719',
		2,
		'Prime order',
		'Köln',
		'DE',
		1,
		'Prime',
		2990,
		FRIDAY + 70 * MIN,
		'packing',
		waits(
			'cause:cancelled_after_label',
			'Buyer asked to cancel, {since}',
			'pause',
			'hold',
			at(14, 2),
			'cancel_in_channel',
		),
	],
	[
		'#10479',
		0,
		'Marco De Luca',
		'Torino',
		'IT',
		2,
		'Standard',
		7600,
		FRIDAY + 3.2 * HOUR,
		'to_send',
		waits('cause:address_missing', 'Street number is missing', 'pin', 'warning', at(11, 8), 'edit_and_retry'),
	],
	[
		'BC-2291',
		3,
		'Keller & Söhne GmbH',
		'Wien',
		'AT',
		60,
		'Freight',
		191200,
		FRIDAY + 5.3 * HOUR,
		'partly_shipped',
		waits('rest', '2 of 3 parcels left; 12 units back-ordered', 'split', 'info', at(10, 2)),
	],
	['#10477', 0, 'أمل الحداد', 'Lyon', 'FR', 2, 'Standard', 5800, at(16, 0, 1), 'packing', packing(at(9, 14))],
	['#2207', 1, 'Tomás Ó Briain', 'Galway', 'IE', 4, 'Standard', 13340, at(16, 0, 1), 'packing', packing(at(9, 15))],
	[
		'SF-0091',
		4,
		'Northwind Traders',
		'Hamburg',
		'DE',
		240,
		'Pallet',
		840000,
		at(12, 0, 3),
		'to_send',
		waits('cause:sign_in_needed', 'Salesforce wants a new sign-in', 'key', 'danger', at(11, 40), 'sign_in'),
	],
	[
		'#10471',
		0,
		'Priya Raman',
		'Utrecht',
		'NL',
		3,
		'VIP Express',
		9150,
		at(16, 0, 1),
		'unpaid',
		waits('payment', 'Payment is only authorised, not captured', 'card', 'neutral', at(9, 2), 'open_channel'),
	],
	[
		'#10468',
		0,
		'Jules Martin',
		'Nantes',
		'FR',
		1,
		'Standard',
		2400,
		at(16, 0),
		'telling',
		waits(
			'cause:fulfillment_refused',
			'Tracking not yet in Shopify; next try in 3 min',
			'arrow',
			'warning',
			at(13, 46),
			'retry',
		),
	],
	[
		'305-7702',
		2,
		'A. Schneider',
		'Leipzig',
		'DE',
		1,
		'Standard',
		1750,
		at(23, 59, 3),
		'packing',
		waits('packing', 'In ShipStation since {since}, label bought', 'clock', 'neutral', at(8, 51)),
	],
	['#10466', 0, 'Zofia Wiśniewska', 'Gdańsk', 'PL', 3, 'Standard', 10200, at(16, 0, 1), 'packing', packing(at(8, 40))],
	[
		'BC-2288',
		3,
		'Alma Lindqvist',
		'Malmö',
		'SE',
		2,
		'Standard',
		6400,
		at(16, 0, 1),
		'held',
		waits('held_by_person', 'On hold until Friday, by Ben: “call first”', 'pause', 'hold', at(8, 33), 'release'),
	],
	['#2204', 1, 'Henrik Dahl', 'Aarhus', 'DK', 6, 'Standard', 21000, at(16, 0, 1), 'packing', packing(at(8, 32))],
	['#10460', 0, 'Lucía Fernández', 'Bilbao', 'ES', 2, 'Standard', 4990, at(16, 0, 1), 'packing', packing(at(8, 20))],
	['#10459', 0, 'Oliver Weiß', 'Graz', 'AT', 9, 'Express', 31275, at(10, 0, 1), 'packing', packing(at(8, 19))],
	['#10455', 0, 'Anna Novák', 'Brno', 'CZ', 1, 'Standard', 1900, at(16, 0, 1), 'packing', packing(at(8, 2))],
	['#10454', 0, 'Émile Caron', 'Liège', 'BE', 4, 'Standard', 8800, at(16, 0, 1), 'packing', packing(at(8, 1))],
];

const PEOPLE = [
	'Mia Jensen',
	'Paul Winter',
	'Nora Lindholm',
	'Jan de Vries',
	'Sofia Rossi',
	'Léa Moreau',
	'Piotr Zieliński',
	'Emma Brandt',
	'Hugo Almeida',
	'Katarína Horváth',
	'Eoin Murphy',
	'Freja Nygaard',
	'李 小龙',
	'Ana Kovač',
	'Matteo Ricci',
	'Clara Baumann',
	'Théo Girard',
	'Ilse Verhoeven',
	'Dániel Szabó',
	'Maja Petrović',
];
const TOWNS: [string, string][] = [
	['Berlin', 'DE'],
	['München', 'DE'],
	['Hamburg', 'DE'],
	['Paris', 'FR'],
	['Lille', 'FR'],
	['Milano', 'IT'],
	['Rotterdam', 'NL'],
	['Antwerpen', 'BE'],
	['Wien', 'AT'],
	['Kraków', 'PL'],
	['Porto', 'PT'],
	['Dublin', 'IE'],
	['Oslo', 'NO'],
	['Zürich', 'CH'],
];
const TAGS = ['vip', 'eu-warehouse', 'gift', 'wholesale'];

export function makeOrders(seed: number, n: number): QueueRow[] {
	const roll = dice(seed);
	const pick = <T>(from: readonly T[]): T => from[Math.floor(roll() * from.length)] as T;
	const rows: QueueRow[] = [];
	const push = (told: Told, tags: string[]) => {
		const [number, store, customer, city, country, units, service, total_minor, ship_by_ms, stage, waits_on] = told;
		const account = STORES[store] as Account;
		rows.push({
			id: rows.length + 1,
			number,
			connection: account.id,
			store: account.name,
			placed_at_ms: Math.min(waits_on.since_ms, FRIDAY) - Math.floor(2 * MIN + roll() * 40 * MIN),
			customer,
			city,
			country,
			lines: Math.max(1, Math.min(units, Math.ceil(units / 2))),
			units,
			total_minor,
			currency: 'EUR',
			currency_exponent: 2,
			service,
			stage,
			ship_by_ms,
			tags,
			badges: tags.filter((tag) => tag === 'Prime'),
			hub_state: ['packing', 'held', 'partly_shipped'].includes(stage) ? 'awaiting shipment' : '',
			waits_on,
			test: false,
		});
	};
	TOLD.forEach((told, index) => push(told, index % 4 === 0 ? ['eu-warehouse'] : index === 7 ? ['vip'] : []));
	for (let i = rows.length; i < n; i++) {
		const store = roll() < 0.62 ? 0 : roll() < 0.6 ? 1 : roll() < 0.7 ? 2 : 3;
		const [city, country] = pick(TOWNS);
		const chance = roll();
		const since = FRIDAY - Math.floor(roll() * 30 * HOUR) - 7 * HOUR;
		let stage: Stage = 'packing';
		let why = packing(since);
		let shipBy: number | null = at(16, 0, 1 + Math.floor(roll() * 3));
		if (chance < 0.015) {
			shipBy = FRIDAY - Math.floor(roll() * 27 * HOUR) - 4 * MIN;
		} else if (chance < 0.06) {
			shipBy = FRIDAY + Math.floor(roll() * 170 * MIN) + 91 * MIN;
		} else if (chance < 0.08) {
			stage = 'held';
			why = waits('held_by_person', 'On hold, by you: “check the size”', 'pause', 'hold', since, 'release');
		} else if (chance < 0.11) {
			stage = 'unpaid';
			shipBy = null;
			why = waits('payment', 'Payment is only authorised, not captured', 'card', 'neutral', since, 'open_channel');
		} else if (chance < 0.16) {
			stage = 'to_send';
			why = waits(
				'approval',
				'Ready to send to ShipStation; waits for your click',
				'hand',
				'warning',
				since,
				'approve',
			);
		} else if (chance < 0.2) {
			stage = 'partly_shipped';
			why = waits('rest', '1 of 2 parcels left; 3 units back-ordered', 'split', 'info', since);
		} else if (roll() < 0.4) shipBy = at(23, 59);
		const prefix = store === 2 ? '305-' : store === 3 ? 'BC-' : '#';
		const base = store === 0 ? 10450 : store === 1 ? 2200 : store === 2 ? 7700 : 2280;
		push(
			[
				`${prefix}${base - i}`,
				store,
				pick(PEOPLE),
				city,
				country,
				1 + Math.floor(roll() * 8),
				roll() < 0.85 ? 'Standard' : 'Express',
				900 + Math.floor(roll() * 18_000),
				shipBy,
				stage,
				why,
			],
			roll() < 0.25 ? [pick(TAGS)] : [],
		);
	}
	return rows;
}

export const CAUSES: Record<string, { title: string; icon: string; tone: Tone; help: string }> = {
	sign_in_needed: {
		title: 'A platform wants a new sign-in',
		icon: 'key',
		tone: 'danger',
		help: 'The platform no longer accepts the stored credentials: they expired, were rotated or were taken back. Enter new ones; everything that waits goes on by itself.',
	},
	unknown_sku: {
		title: 'A SKU is missing or unknown',
		icon: 'tag',
		tone: 'warning',
		help: 'The warehouse cannot pick a line without a SKU it knows. Fill the SKU in, or send the line as it is.',
	},
	address_missing: {
		title: 'The address is incomplete',
		icon: 'pin',
		tone: 'warning',
		help: 'A carrier needs a recipient, a street, a town and a country. Complete the address; the order is then sent.',
	},
	cancelled_after_label: {
		title: 'Cancelled in the store after the label was bought',
		icon: 'pause',
		tone: 'danger',
		help: 'The label exists. Void it to get the postage back, or ship anyway if the parcel has left.',
	},
	outcome_unknown: {
		title: 'Outcome unknown: the answer was lost',
		icon: 'sync',
		tone: 'info',
		help: 'A change was sent and no answer came back. Quayside asks the platform before it sends anything again.',
	},
	fulfillment_refused: {
		title: 'The store refuses the tracking',
		icon: 'arrow',
		tone: 'warning',
		help: 'The store does not accept this fulfillment: a hold, another location, or it was fulfilled by hand.',
	},
};
export type FakeCause = Extract<Cause, keyof typeof CAUSES>;

const bucket = (name: string, unit: string, left: number, of: number, sentence: string) => ({
	name: name.toLowerCase().replaceAll(' ', '_'),
	title: name,
	unit,
	left,
	of,
	sentence,
});
const stream = (
	name: string,
	title: string,
	interval_s: number,
	lastAgo: number,
	read_total: number,
	problem: string | null = null,
) => ({
	name,
	title,
	interval_s,
	last_ok_at_ms: FRIDAY - lastAgo * 1000,
	next_at_ms: problem ? FRIDAY + 4 * MIN : FRIDAY + (interval_s - lastAgo) * 1000,
	failures: problem ? 3 : 0,
	problem,
	read_total,
});

export function makeActivity(): ConnectionActivity[] {
	const one = (account: Account, more: Partial<ConnectionActivity>): ConnectionActivity => ({
		id: account.id,
		name: account.name,
		platform: account.title,
		roles: account === HUB ? ['hub'] : ['channel'],
		tone: 'success',
		sentence: 'Reads its orders; everything is fresh.',
		paused: false,
		budgets: [],
		streams: [],
		waiting: 0,
		unknown: 0,
		drain_s: null,
		orders_in_today: 0,
		effects_today: 0,
		...more,
	});
	const [goods, outlet, amazon, bc, sf] = STORES as [Account, Account, Account, Account, Account];
	return [
		one(goods, {
			sentence: 'Sends tracking to the store: 3 of 7 reported.',
			budgets: [bucket('Admin API', 'points', 1840, 2000, '1,840 of 2,000 points')],
			streams: [stream('orders', 'Orders', 30, 12, 48_210), stream('locations', 'Locations', 3600, 900, 4)],
			waiting: 4,
			unknown: 1,
			drain_s: 12,
			orders_in_today: 212,
			effects_today: 160,
		}),
		one(outlet, {
			budgets: [bucket('Admin API', 'points', 990, 1000, '990 of 1,000 points')],
			streams: [stream('orders', 'Orders', 60, 40, 9_120)],
			orders_in_today: 31,
			effects_today: 22,
		}),
		one(amazon, {
			budgets: [bucket('Order search', 'searches', 18, 20, '18 of 20 searches')],
			streams: [stream('orders', 'Orders', 180, 61, 22_481)],
			orders_in_today: 61,
			effects_today: 48,
		}),
		one(bc, {
			tone: 'warning',
			sentence: 'Answers slowly: the last call took 9 s. Quayside waits longer between reads.',
			budgets: [bucket('Store', 'calls', 88, 150, '88 of 150 calls in 30 s')],
			streams: [stream('orders', 'Orders', 60, 14 * 60, 3_308, 'No answer within 30 s, 3 times in a row.')],
			orders_in_today: 34,
			effects_today: 22,
		}),
		one(HUB, {
			sentence: 'Sends orders to the hub in batches of 100.',
			budgets: [
				bucket('API V1', 'calls', 31, 40, '31 of 40 calls a minute'),
				bucket('API V2', 'calls', 184, 200, '184 of 200 calls a minute'),
			],
			streams: [stream('orders', 'Orders', 30, 20, 51_930), stream('shipments', 'Shipments', 30, 20, 49_804)],
			waiting: 12,
			drain_s: 45,
			orders_in_today: 307,
			effects_today: 247,
		}),
		one(sf, {
			tone: 'danger',
			sentence: 'Does nothing until you sign in again: the refresh token ended at 11:40.',
			streams: [stream('opportunities', 'Opportunities', 120, 2 * 3600 + 1500, 611, 'The refresh token is expired.')],
		}),
	];
}

export { DAY, HOUR, MIN };
