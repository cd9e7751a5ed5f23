// What to call the two sides of an order. The store's title comes with the order; the hub's
// is on a parcel, on the change that sent the order, or in the link to it. Before the order reached a hub it is just "the hub".
import type { OrderDetail } from '$lib/api/types';

export function hubName(detail: OrderDetail): string {
	const parcel = detail.parcels[0]?.hub;
	if (parcel) return parcel;
	const effect = detail.effects.find((each) => each.kind === 'put_hub_order');
	if (effect) return effect.account;
	const link = detail.links.find((each) => !each.label.includes(detail.platform));
	return link?.label.replace(/^Open in /, '') ?? 'the hub';
}
