// What to call the two sides of an order. The store's title comes with the order; the hub's
// is in the link to it, on a parcel, or on the change that sent the order. Before the order reached a hub it is just "the hub".
import type { OrderDetail } from '$lib/api/types';

export function hubName(detail: OrderDetail): string {
	// "Open in ShipStation (#1011)"
	const link = detail.links.find((each) => each.label.startsWith('Open in ') && !each.label.includes(detail.platform));
	if (link) return link.label.slice('Open in '.length).replace(/ \(.*\)$/, '');
	const effect = detail.effects.find((each) => each.kind === 'put_hub_order');
	return detail.parcels[0]?.hub ?? effect?.account ?? 'the hub';
}
