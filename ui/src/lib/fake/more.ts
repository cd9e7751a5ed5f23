// Exceptions, effects, history, automations and plans of the fake desk.
import type {
	Action,
	AutomationView,
	Cause,
	EditableField,
	EffectState,
	EffectView,
	ExceptionView,
	GoingLive,
	ParcelView,
	Plan,
	PlannedView,
	QueueRow,
	StockRow,
	TimelineEntry,
	Tone,
} from '$lib/api/types';
import { labelsCard } from './labels';
import { stockCard, stockPlan } from './stock';
import { CAUSES, dice, FRIDAY, HOUR, HUB, MIN } from './world';

type Meta = { icon: string; tone: Tone; help: string; summary: string };
const SUMMARIES: Record<string, string> = {
	sign_in_needed: 'The refresh token ended at 11:40. Three records wait; nothing is lost.',
	unknown_sku: 'HG-LAMP-S (4), HG-LAMP-L (1). One mapping mends every order that has it.',
	address_missing: 'Street number missing (2), postcode does not match the city (1).',
	cancelled_after_label: 'Labels bought 13:58 and 14:01. Void within 30 days to get € 11.80 back.',
	outcome_unknown: 'Asked Shopify twice; it shows neither yes nor no yet. Next look in 40 s.',
	fulfillment_refused: '“Fulfillment order is on hold”. Released in Shopify, this retries itself.',
};
const TITLES: Record<string, string> = {
	sign_in_needed: 'Salesforce refuses the sign-in',
	unknown_sku: 'ShipStation does not know the SKU',
	address_missing: 'The address cannot be shipped to',
};

export function makeExceptions(orders: QueueRow[]): ExceptionView[] {
	let id = 0;
	const list: ExceptionView[] = [];
	const add = (
		cause: Cause,
		n: number,
		oldest: number,
		sentence: (row: QueueRow, i: number) => string,
		actions: Action[],
		editable: (row: QueueRow) => EditableField[] = () => [],
		more: Partial<ExceptionView> = {},
	) => {
		for (let i = 0; i < n; i++) {
			const told = orders.find(
				(row) => row.waits_on.code === `cause:${cause}` && !list.some((e) => e.order?.id === row.id),
			);
			const order = told ?? orders[20 + list.length] ?? orders[0];
			if (!order) return;
			list.push({
				id: ++id,
				cause,
				title: TITLES[cause] ?? CAUSES[cause]?.title ?? cause,
				help: CAUSES[cause]?.help ?? '',
				icon: CAUSES[cause]?.icon ?? 'warning',
				tone: CAUSES[cause]?.tone ?? 'warning',
				assignee: cause === 'unknown_sku' && i < 2 ? 'Ben' : '',
				sentence: sentence(order, i),
				said: null,
				order,
				counted: null,
				connection: cause === 'sign_in_needed' ? 'salesforce' : null,
				effect: null,
				opened_at_ms: FRIDAY - oldest + i * 3 * MIN,
				last_seen_at_ms: FRIDAY - 20_000,
				count: i === 0 ? 4 : 1,
				snoozed_until_ms: null,
				resolved_at_ms: null,
				resolved_by: null,
				actions,
				channel_title: 'Shopify',
				hub_title: actions.includes('open_hub') ? 'ShipStation' : null,
				page: null,
				editable: editable(order),
				all: [id],
				orders: [],
				...more,
			});
		}
	};
	const field = (name: string, label: string, value: string, problem: string | null = null): EditableField => ({
		name,
		label,
		value,
		problem,
	});
	add(
		'sign_in_needed',
		3,
		2 * HOUR + 32 * MIN,
		(row) => `${row.number} waits for the sign-in.`,
		['sign_in'],
		undefined,
		{ said: 'invalid_grant: expired access/refresh token' },
	);
	add(
		'unknown_sku',
		5,
		51 * MIN,
		(_, i) =>
			`HG-LAMP-${i === 4 ? 'L' : 'S'} was sent without a product id; suggested match: HG LAMP ${i === 4 ? 'L' : 'S'} by barcode`,
		['edit_and_retry', 'retry', 'open_channel'],
		() => [field('line.3.sku', 'SKU of “Lamp, small”', 'HG-LAMP-S', 'ShipStation does not know it')],
	);
	add(
		'address_missing',
		3,
		3 * HOUR + 4 * MIN,
		() => 'The street has no house number. A carrier would return the parcel.',
		['edit_and_retry', 'open_channel'],
		(row) => [
			field('ship_to.name', 'Recipient', row.customer),
			field('ship_to.line1', 'Street and number', 'Via Garibaldi', 'No house number'),
			field('ship_to.postcode', 'Postcode', '10122'),
			field('ship_to.city', 'Town', row.city),
			field('ship_to.country', 'Country (two letters)', row.country),
		],
	);
	add('cancelled_after_label', 2, 14 * MIN, () => 'The buyer cancelled at 14:02; the label was bought at 13:58.', [
		'void_label',
		'ship_anyway',
	]);
	add(
		'outcome_unknown',
		1,
		2 * MIN,
		() => 'The fulfillment was sent at 14:10 and the answer was lost. Shopify shows neither yes nor no yet.',
		['look_now'],
	);
	add(
		'fulfillment_refused',
		3,
		26 * MIN,
		() => 'Shopify refused the tracking number.',
		['retry', 'open_channel', 'skip'],
		undefined,
		{ said: 'Fulfillment order is on hold' },
	);
	add('address_missing', 3, 5 * HOUR, () => 'The postcode does not match the town.', ['edit_and_retry'], undefined, {
		snoozed_until_ms: FRIDAY + 18 * HOUR,
	});
	add('fulfillment_refused', 12, 8 * HOUR, () => 'Shopify was busy; the next try worked.', [], undefined, {
		resolved_at_ms: FRIDAY - 3 * HOUR,
		resolved_by: 'itself',
	});
	return list;
}
makeExceptions.meta = Object.fromEntries(
	Object.entries(CAUSES).map(([cause, each]): [string, Meta] => [cause, { ...each, summary: SUMMARIES[cause] ?? '' }]),
) as Record<string, Meta>;

export function makeEffects(orders: QueueRow[]): EffectView[] {
	const roll = dice(3);
	const states: EffectState[] = [
		'asked',
		'asked',
		'asked',
		'pending',
		'pending',
		'running',
		'unknown',
		'refused',
		'done',
		'done',
		'done',
		'done',
		'done',
		'skipped',
	];
	return Array.from({ length: 120 }, (_, i): EffectView => {
		const row = orders[(20 + i * 3) % orders.length] as QueueRow;
		const state = i < states.length ? (states[i] as EffectState) : 'done';
		const toHub = roll() < 0.5;
		return {
			id: 500 - i,
			order_id: row.id,
			order_number: row.number,
			connection: toHub ? HUB.id : row.connection,
			account: toHub ? HUB.name : row.store,
			kind: toHub ? 'put_hub_order' : 'fulfill',
			sentence: toHub
				? `Send ${row.number} to ShipStation: ${row.lines} lines, ${row.service}`
				: `Tell ${row.store} that ${row.number} left: ${row.units} units, DHL`,
			state,
			attempts: state === 'asked' || state === 'pending' ? 0 : state === 'refused' ? 3 : 1,
			created_at_ms: FRIDAY - i * 4 * MIN - 20_000,
			next_at_ms: state === 'pending' ? FRIDAY + 40_000 : state === 'unknown' ? FRIDAY + 40_000 : null,
			settled_at_ms: state === 'done' || state === 'skipped' ? FRIDAY - i * 4 * MIN : null,
			ship_by_ms: row.ship_by_ms,
			problem:
				state === 'refused'
					? 'Shopify said: “Fulfillment order is on hold”.'
					: state === 'unknown'
						? 'No answer within 30 s.'
						: null,
			key: `q:${row.connection}:${row.id}:${toHub ? 'hub' : 'told'}`,
			remote_id: state === 'done' ? String(881_000 + i) : null,
			sight: state === 'done' ? (i % 9 === 8 ? 'not_yet' : 'seen') : null,
			seen_at_ms: state === 'done' && i % 9 !== 8 ? FRIDAY - i * 4 * MIN + 90_000 : null,
		};
	});
}

export function makeHistory(orders: QueueRow[]): TimelineEntry[] {
	const kinds: [string, Tone, string, (row: QueueRow) => string][] = [
		['answered', 'success', 'ShipStation', (row) => `${row.number} created, read back and equal`],
		['planned', 'neutral', 'Orders to the hub', (row) => `Planned: send ${row.number} to ShipStation`],
		['received', 'neutral', 'Harbour Goods', (row) => `${row.number} placed on the web store`],
		['told', 'success', 'Tracking to the channel', (row) => `Told ${row.store} that ${row.number} left`],
		[
			'exception',
			'warning',
			'Quayside',
			(row) => `${row.number} needs a person: ${row.waits_on.sentence.replace('{since}', '09:14')}`,
		],
		['person', 'neutral', 'you', (row) => `Released ${row.number}`],
		['mended', 'success', 'Quayside', (row) => `${row.number} mended itself: the platform answered again`],
	];
	return Array.from({ length: 180 }, (_, i): TimelineEntry => {
		const row = orders[(i * 5) % orders.length] as QueueRow;
		const [kind, tone, author, sentence] = kinds[i % kinds.length] as (typeof kinds)[number];
		return {
			id: 9000 - i,
			at_ms: FRIDAY - i * 3 * MIN - 9000,
			author,
			kind,
			tone,
			sentence: sentence(row),
			detail:
				kind === 'answered'
					? [
							['Took', '0.4 s'],
							['Request', `req-${4400 + i}`],
						]
					: [],
			order_id: row.id,
			order_number: row.number,
		};
	});
}

export function makeParcels(orders: QueueRow[]): ParcelView[] {
	const states: [string, Tone][] = [
		['told the store', 'success'],
		['told the store', 'success'],
		['the store does not know yet', 'warning'],
		['delivered', 'success'],
		['voided', 'neutral'],
	];
	return Array.from({ length: Math.min(260, orders.length) }, (_, i): ParcelView => {
		const row = orders[orders.length - 1 - i] as QueueRow;
		const [state, tone] = states[i % 11 === 3 ? 2 : i % 23 === 7 ? 4 : i > 40 ? 3 : 0] as [string, Tone];
		const shipped = FRIDAY - i * 9 * MIN - 12 * MIN;
		return {
			remote_id: `label:${9000 - i}`,
			hub: HUB.name,
			order_id: row.id,
			order_number: row.number,
			carrier: ['DHL', 'UPS', 'PostNord', 'GLS'][i % 4] ?? 'DHL',
			service: i % 5 === 0 ? 'Express' : 'Paket',
			tracking_number: `0034043416109402${String(2115 + i)}`,
			tracking_url: `https://www.dhl.de/track?n=${2115 + i}`,
			shipped_at_ms: shipped,
			voided_at_ms: state === 'voided' ? shipped + HOUR : null,
			delivered_at_ms: state === 'delivered' ? shipped + 20 * HOUR : null,
			state,
			tone,
			units: row.units,
		};
	});
}

export function makeAutomations(): AutomationView[] {
	return [
		{
			id: 'orders_to_hub',
			title: 'Orders to the hub',
			summary: 'Paid orders of every store become orders in ShipStation; edits made before shipping follow.',
			examples: [
				['An order is paid in the store', 'It appears in ShipStation with lines, address, service and tags'],
				[
					'The buyer changes the address before the label is bought',
					'ShipStation gets the new address; the change is in the timeline',
				],
				['The order holds only a gift card', 'Nothing is sent'],
			],
			mode: 'auto',
			go_live_ms: FRIDAY - 20 * 24 * HOUR,
			settings: [
				{
					name: 'send_when',
					label: 'Send an order when',
					help: 'Authorised orders can be sent early, but the money may still be refused.',
					kind: 'choice',
					options: [
						['paid', 'it is paid'],
						['authorised', 'payment is authorised'],
					],
					value: 'paid',
				},
				{
					name: 'test_orders',
					label: 'Send test orders too',
					help: 'Useful for a first try; the warehouse would pack them.',
					kind: 'toggle',
					options: [],
					value: false,
				},
				{
					name: 'wait_min',
					label: 'Wait before sending (minutes)',
					help: 'Gives buyers time to change their mind.',
					kind: 'number',
					options: [],
					value: 10,
				},
				{
					name: 'tag_field',
					label: 'Put tags into custom field',
					help: 'Empty: tags stay tags.',
					kind: 'text',
					options: [],
					value: '',
				},
			],
			done_today: 212,
			lately: [],
			asked: 0,
			would_do: 3,
			by_hand: [],
		},
		{
			id: 'tracking_to_channel',
			title: 'Tracking to the channel',
			summary: 'Each parcel that leaves the hub is reported to its store, with lines, carrier and link.',
			examples: [
				['A label is bought for two of three lines', 'The store shows a partial fulfillment with that tracking number'],
				['A reported label is voided', 'The report is taken back'],
			],
			mode: 'ask',
			go_live_ms: FRIDAY - 20 * 24 * HOUR,
			settings: [
				{
					name: 'notify',
					label: 'Tell the buyer',
					help: 'The store sends its shipping e-mail.',
					kind: 'toggle',
					options: [],
					value: true,
				},
				{
					name: 'since',
					label: 'Not before',
					help: 'Reports gathered before this time wait.',
					kind: 'time',
					options: [],
					value: '08:00',
				},
			],
			done_today: 160,
			lately: [],
			asked: 3,
			would_do: 4,
			by_hand: [],
		},
		{
			id: 'cancellations',
			title: 'Cancellations',
			summary: 'What is cancelled in the store stops at the hub; what is cancelled at the hub asks you.',
			examples: [
				['An order is cancelled before its label', 'The hub order is cancelled'],
				['A label exists already', 'The hub order is held and you are asked about the label'],
			],
			mode: 'watch',
			go_live_ms: null,
			settings: [],
			done_today: 0,
			lately: [],
			asked: 0,
			would_do: 2,
			by_hand: [],
		},
		...[
			['sku_aliases', 'SKU aliases', 'Gives lines the SKUs your warehouse picks by.', 'auto'] as const,
			[
				'field_mapping',
				'Field mapping',
				"Fills fields of the hub's order from anything the store's order says.",
				'off',
			] as const,
			['rules', 'Rules', 'Decides by your rules how an order ships.', 'watch'] as const,
			['tell_buyer', 'Buyers are told', 'Writes to the buyer by mail when something happens.', 'ask'] as const,
		].map(([id, title, summary, mode]): AutomationView => ({
			id,
			title,
			summary,
			examples: [],
			mode,
			go_live_ms: null,
			settings: [],
			done_today: 0,
			lately: [],
			asked: 0,
			would_do: 0,
			by_hand: [],
		})),
		stockCard(),
		labelsCard(),
	];
}

/** Changes on a page of the fake plan: few, so that the next page can be tried. */
const PLAN_PAGE = 14;

export function makePlan(
	orders: QueueRow[],
	automation: string | null,
	going_live: GoingLive | null,
	skip: number,
	stock: StockRow[],
): Plan {
	if (automation === 'stock') return stockPlan(stock, going_live, skip);
	const from_ms = going_live?.from_ms ?? null;
	const all = orders.filter((row) => from_ms === null || row.placed_at_ms >= from_ms).slice(0, 3 * PLAN_PAGE);
	const items = all.slice(skip, skip + PLAN_PAGE).map((row, i): PlannedView => {
		const hub = automation === null ? i % 2 === 0 : automation === 'orders_to_hub';
		return {
			effect: {
				key: `plan-${row.id}`,
				automation: automation ?? (hub ? 'orders_to_hub' : 'tracking_to_channel'),
				connection: hub ? HUB.id : row.connection,
				// Screens show the sentence and the changes, never the intent's inside.
				intent: { kind: 'void_label', parcel_id: `plan-${row.id}` },
				mode: 'watch',
				ship_by_ms: row.ship_by_ms,
				sentence: hub
					? `Send ${row.number} to ShipStation: ${row.lines} lines, ${row.service}`
					: `Tell ${row.store} that ${row.number} left: DHL 0034…2115`,
			},
			account: hub ? HUB.name : row.store,
			order_id: row.id,
			order_number: row.number,
			changes: hub
				? [
						{ field: 'Ship to', before: '', after: `${row.customer}, ${row.city}, ${row.country}` },
						{ field: 'Lines', before: '', after: `${row.lines} lines, ${row.units} units` },
						{ field: 'Service', before: i % 3 === 0 ? 'Standard' : '', after: row.service },
					]
				: [
						{ field: 'Fulfilled', before: '0', after: String(row.units) },
						{ field: 'Tracking', before: '', after: 'DHL 00340434161094022115' },
					],
		};
	});
	return {
		items,
		per_automation: { [automation ?? 'orders_to_hub']: all.length },
		who_writes: [],
		orders: orders.length,
		cost: ['Harbour Shipping: 14 changes in 1 call, done in under a minute.', 'Harbour Goods: 14 changes in 14 calls.'],
		hash: 'c0ffee12',
		as_of_ms: FRIDAY,
	};
}
