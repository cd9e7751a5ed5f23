// One order of the fake desk, whole.
import type {
	EffectTries,
	EffectView,
	ExceptionView,
	OrderDetail,
	QueueRow,
	SideView,
	TimelineEntry,
	TryView,
} from '$lib/api/types';
import { REFUNDS } from './refunds';
import { FRIDAY, HUB, MIN, STORES } from './world';

/** Each try before the last was put off; the last ended as the change did. */
function makeTries(effect: EffectView): EffectTries {
	const end = effect.settled_at_ms ?? effect.created_at_ms + MIN;
	const refused = effect.state === 'refused';
	return {
		effect: effect.id,
		left_out: 0,
		tries: Array.from({ length: effect.attempts }, (_, i): TryView => {
			const last = i + 1 === effect.attempts;
			const lost = last && effect.state === 'unknown';
			return {
				n: i + 1,
				at_ms: end - (effect.attempts - i - 1) * MIN,
				took_ms: lost ? 30_000 : 400,
				looked: false,
				verdict: last ? (lost ? 'unknown' : refused ? 'refused' : 'done') : 'waits',
				words: last ? (lost ? 'Outcome unknown' : refused ? 'Refused' : 'Done') : 'Put off',
				sentence: last ? effect.problem : `${effect.account} was busy and asked to wait. It is tried again by itself.`,
				said: last && refused ? 'Fulfillment order is on hold' : null,
				status: last ? (refused ? 422 : null) : 429,
				request_id: lost ? null : `req-${effect.id}-${i + 1}`,
				has_answer: !lost,
			};
		}),
	};
}

function makeSides(row: QueueRow, platform: string, atHub: boolean, gone: boolean, lamp: boolean): SideView[] {
	const ship_to = [row.customer, lamp ? 'Strandgaten 14' : 'Hafenstraße 12', `${row.city}, ${row.country}`];
	const held = row.waits_on.code === 'held_by_person';
	const paid = row.stage === 'unpaid' ? 'authorised' : 'paid';
	const store: SideView = {
		title: platform,
		account: row.store,
		number: row.number,
		state: row.stage === 'cancelled' ? 'cancelled' : `${paid}, nothing shipped`,
		held_until_ms: null,
		changed_at_ms: row.placed_at_ms + MIN,
		seen_at_ms: FRIDAY - 12_000,
		ship_to,
		service: row.service,
		differs: [],
	};
	if (!atHub) return [store];
	const hub: SideView = {
		...store,
		title: HUB.title,
		account: HUB.name,
		state: gone ? 'shipped' : held ? 'on hold' : 'ready to pack',
		held_until_ms: held ? FRIDAY + 3 * 24 * 60 * MIN : null,
		changed_at_ms: row.waits_on.since_ms,
		service: '',
		differs: gone ? ['state'] : [],
	};
	return [store, hub];
}

export function makeDetail(row: QueueRow, exceptions: ExceptionView[], effects: EffectView[]): OrderDetail {
	const store = STORES.find((each) => each.id === row.connection);
	const platform = store?.title ?? 'Shopify';
	const lamp = row.number === '#10482';
	const skus: [string, string, number][] = lamp
		? [
				['HG-MUG-B', 'Mug, blue', 2],
				['HG-TRAY', 'Serving tray, oak', 2],
				['HG-LAMP-S', 'Lamp, small', 1],
			]
		: Array.from({ length: Math.min(row.lines, 6) }, (_, i): [string, string, number] => [
				['HG-MUG-B', 'HG-TRAY', 'HG-BOWL', 'HG-VASE', 'HG-CUP', 'HG-JUG'][i] ?? 'HG-X',
				['Mug, blue', 'Serving tray, oak', 'Bowl, stoneware', 'Vase, tall', 'Cup', 'Jug'][i] ?? 'Item',
				Math.max(1, Math.round(row.units / row.lines)),
			]);
	const atHub = !['unpaid', 'to_send', 'cancelled'].includes(row.stage);
	const gone = ['shipped', 'telling'].includes(row.stage);
	const t0 = row.placed_at_ms;
	let id = 900;
	const say = (
		at_ms: number,
		author: string,
		kind: string,
		tone: TimelineEntry['tone'],
		sentence: string,
		detail: [string, string][] = [],
	): TimelineEntry => ({
		id: id--,
		at_ms,
		author,
		kind,
		tone,
		sentence,
		detail,
		order_id: row.id,
		order_number: row.number,
	});
	const timeline = lamp
		? [
				say(FRIDAY - 40_000, 'Quayside', 'exception', 'warning', 'Desktop alert: 48 min left'),
				say(FRIDAY - 51 * MIN, 'Quayside', 'exception', 'warning', 'Held: line HG-LAMP-S has no product', [
					['Rule', 'Unknown SKU'],
				]),
				say(FRIDAY - 51 * MIN - 9000, 'ShipStation', 'answered', 'success', 'Order created, read back and equal', [
					['orderId', '881204'],
					['Took', '0.4 s'],
					['Key', 'hg:10482:hub'],
				]),
				say(
					FRIDAY - 52 * MIN,
					'Orders to the hub',
					'planned',
					'neutral',
					'Planned: send to ShipStation, Express, EU warehouse',
				),
				say(FRIDAY - 52 * MIN - 20_000, 'Shopify', 'received', 'neutral', 'Paid € 184.20'),
				say(FRIDAY - 53 * MIN, 'Shopify', 'received', 'neutral', 'Placed on the web store', [
					['Seen', '6 s later in Quayside'],
				]),
			]
		: [
				...(gone
					? [say(FRIDAY - 26 * MIN, 'Shopify', 'told', 'warning', 'Refused: “Fulfillment order is on hold”')]
					: []),
				...(atHub
					? [
							say(row.waits_on.since_ms, 'ShipStation', 'answered', 'success', 'Order created, read back and equal', [
								['Took', '0.3 s'],
							]),
						]
					: []),
				say(t0 + MIN, 'Orders to the hub', 'planned', 'neutral', 'Planned: send to ShipStation'),
				say(t0, platform, 'received', 'neutral', 'Placed on the web store'),
			];
	const own = effects.filter((each) => each.order_id === row.id);
	const mine = exceptions.filter((each) => each.order?.id === row.id && each.resolved_at_ms === null);
	const left = gone ? 'All of it has left already.' : null;
	return {
		row,
		platform,
		hub: HUB.title,
		map_url: `https://www.openstreetmap.org/search?query=${encodeURIComponent(`${lamp ? 'Strandgaten 14' : 'Hafenstraße 12'}, ${row.city}, ${row.country}`)}`,
		deliver_by_ms: row.id === 1 ? FRIDAY + 3 * 24 * 60 * 60_000 : null,
		ship_by_from: '',
		payment: row.stage === 'unpaid' ? 'authorised' : 'paid',
		ship_to: [row.customer, lamp ? 'Strandgaten 14' : 'Hafenstraße 12', `${row.city}, ${row.country}`],
		email: 'buyer@example.com',
		phone: '+47 555 0142',
		note: lamp ? 'Please ring twice, the bell is quiet.' : '',
		gift_message: '',
		attributes: lamp ? [['Delivery window', 'after 17:00']] : [],
		sides: makeSides(row, platform, atHub, gone, lamp),
		lines: skus.map(([sku, name, units], i) => ({
			line_id: String(i + 1),
			sku,
			name,
			detail: i === 0 ? 'Blue / 300 ml' : '',
			ordered: units,
			at_hub: !atHub || sku === 'HG-LAMP-S' ? null : units,
			shipped: gone ? units : 0,
			told: 0,
			no_shipping: false,
			unit_price_minor: 2400 + i * 1800,
		})),
		parts: [],
		assignee: '',
		differences: lamp ? ['HG-LAMP-S: the store has 1, ShipStation has none; Quayside holds the line back.'] : [],
		parcels: gone
			? [
					{
						remote_id: 'label:77',
						hub: HUB.name,
						order_id: row.id,
						order_number: row.number,
						carrier: 'DHL',
						service: 'Paket',
						tracking_number: '00340434161094022115',
						tracking_url: 'https://www.dhl.de/track?n=00340434161094022115',
						shipped_at_ms: FRIDAY - 40 * MIN,
						voided_at_ms: null,
						delivered_at_ms: null,
						state: 'the store does not know yet',
						tone: 'warning',
						units: row.units,
					},
				]
			: [],
		exceptions: mine,
		effects: own,
		tries: own.filter((each) => each.attempts > 0).map(makeTries),
		plan: [],
		timeline,
		links: [
			{ label: `Open in ${platform}`, url: `https://admin.shopify.com/store/${row.connection}/orders/${row.id}` },
			...(atHub ? [{ label: 'Open in ShipStation', url: `https://ship.shipstation.com/orders/${row.id}` }] : []),
		],
		raw: [
			{
				connection: row.connection,
				account: row.store,
				kind: 'order',
				remote_id: `gid://${store?.platform ?? 'shop'}/Order/${5000 + row.id}`,
				seen_at_ms: FRIDAY - 12_000,
				has_raw: true,
			},
			...(atHub
				? [
						{
							connection: HUB.id,
							account: HUB.name,
							kind: 'hub_order',
							remote_id: '881204',
							seen_at_ms: FRIDAY - 20_000,
							has_raw: true,
						},
					]
				: []),
		],
		twins: lamp
			? [
					{
						name: 'order/harbour-market/114-7777777-0000001',
						order_id: 1,
						number: '114-7777777-0000001',
						connection: 'harbour-market',
						account: 'Harbour Market',
						remote_id: '114-7777777-0000001',
						said: 'another',
						sentence: 'You said that it is another sale.',
					},
				]
			: [],
		choices: {
			hold:
				row.waits_on.code === 'held_by_person'
					? { reason: 'call first', until_ms: null, since_ms: row.waits_on.since_ms }
					: null,
			push_anyway: false,
			ship_anyway: false,
			address: null,
			skus: {},
			service: null,
			settled: {},
		},
		actions: [
			{ verb: 'sync', label: 'Sync this order now', disabled_because: null, warning: null },
			{
				verb: 'push',
				label: 'Send to ShipStation now',
				disabled_because: left ?? (atHub ? 'It is at ShipStation already.' : null),
				warning: row.stage === 'unpaid' ? 'The money is not yours yet (authorised).' : null,
			},
			row.waits_on.code === 'held_by_person'
				? { verb: 'release', label: 'Release', disabled_because: null, warning: null }
				: { verb: 'hold', label: 'Hold…', disabled_because: left, warning: null },
			...(REFUNDS.has(row.connection) && row.stage !== 'unpaid'
				? [
						{
							verb: 'refund' as const,
							label: 'Give money back…',
							disabled_because: null,
							warning: 'Money that was given back does not come back.',
						},
					]
				: []),
			{
				verb: 'cancel',
				label: 'Cancel order…',
				disabled_because: left,
				warning: 'Cancelling cannot be taken back: the store keeps the order as cancelled.',
			},
			...(mine.length > 0
				? [{ verb: 'resolve' as const, label: 'Mark as resolved', disabled_because: null, warning: null }]
				: []),
		],
	};
}
