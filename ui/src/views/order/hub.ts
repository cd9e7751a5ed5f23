// What to call the two sides of an order. The store's title comes with the order; the hub's
// is in the link to it, or on a parcel. Before the order reached a hub it is just "the hub".
import type { OrderDetail } from '$lib/api/types';

export function hubName(detail: OrderDetail): string {
	const parcel = detail.parcels[0]?.hub;
	if (parcel) return parcel;
	const link = detail.links.find((each) => !each.label.includes(detail.platform));
	return link?.label.replace(/^Open in /, '') ?? 'the hub';
}
