// The places of the desk: one table for rail, palette and keys.
import type { Counts } from '$lib/api/types';

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

export const PLACES: readonly PlaceDecl[] = [
	{ name: 'home', label: 'Home', icon: 'home', key: 'g h' },
	{ name: 'queue', label: 'Queue', icon: 'list', key: 'g q', count: (counts) => counts.queue },
	{ name: 'unfulfilled', label: 'Unfulfilled', icon: 'box', key: 'g u', count: (counts) => counts.unfulfilled },
	{
		name: 'exceptions',
		label: 'Exceptions',
		icon: 'warning',
		key: 'g e',
		count: (counts) => counts.exceptions,
		bad: true,
	},
	{ name: 'shipments', label: 'Shipments', icon: 'truck', key: 'g s' },
	{ name: 'returns', label: 'Returns', icon: 'undo', key: 'g b', count: (counts) => counts.returns },
	{ name: 'stock', label: 'Stock', icon: 'tag', key: 'g k' },
	{ name: 'reports', label: 'Reports', icon: 'chart', key: 'g r' },
	{ name: 'activity', label: 'Activity', icon: 'activity', key: 'g a', count: (counts) => counts.asked },
	{ name: 'automations', label: 'Automations', icon: 'bolt', key: 'g t', setup: true },
	{ name: 'connections', label: 'Connections', icon: 'plug', key: 'g c', setup: true },
	{ name: 'settings', label: 'Settings', icon: 'gear', key: 'g ,', setup: true },
];
