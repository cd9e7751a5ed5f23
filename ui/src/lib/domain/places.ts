// The places of the desk: one table for rail, palette and keys.
import type { Counts } from '$lib/api/types';
import { t } from '$lib/shared/words.svelte';

export interface PlaceDecl {
	name: string;
	label: string;
	icon: string;
	key: string;
	setup?: boolean;
	count?: (counts: Counts) => number;
	/** The count is bad news when above zero. */
	bad?: boolean;
}

type More = Pick<PlaceDecl, 'setup' | 'count' | 'bad'>;
const place = (name: string, id: string, icon: string, key: string, more: More = {}): PlaceDecl => ({
	name,
	// Asked for when it is shown, in the language of then.
	get label() {
		return t(id);
	},
	icon,
	key,
	...more,
});

export const PLACES: readonly PlaceDecl[] = [
	place('home', 'place-home', 'home', 'g h'),
	place('queue', 'place-queue', 'list', 'g q', { count: (counts) => counts.queue }),
	place('unfulfilled', 'place-unfulfilled', 'box', 'g u', { count: (counts) => counts.unfulfilled }),
	place('exceptions', 'place-exceptions', 'warning', 'g e', { count: (counts) => counts.exceptions, bad: true }),
	place('shipments', 'place-shipments', 'truck', 'g s'),
	place('returns', 'place-returns', 'undo', 'g b', { count: (counts) => counts.returns }),
	place('stock', 'place-stock', 'tag', 'g k'),
	place('reports', 'place-reports', 'chart', 'g r'),
	place('activity', 'place-activity', 'activity', 'g a', { count: (counts) => counts.asked }),
	place('automations', 'place-automations', 'bolt', 'g t', { setup: true }),
	place('connections', 'place-connections', 'plug', 'g c', { setup: true }),
	place('settings', 'place-settings', 'gear', 'g ,', { setup: true }),
];
