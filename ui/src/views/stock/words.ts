// What the stock screen says of a SKU, in words.
import type { ShelfSays, SideSays, SideState } from '$lib/api/types';

/** How a count's state looks: never by colour alone. */
export const LOOK: Record<
	SideState,
	{ tone: 'neutral' | 'info' | 'success' | 'warning' | 'danger'; icon: string; text: string }
> = {
	agrees: { tone: 'success', icon: 'check', text: 'Agrees' },
	changing: { tone: 'info', icon: 'arrow', text: 'Changes' },
	differs: { tone: 'warning', icon: 'split', text: 'Differs' },
	reading: { tone: 'info', icon: 'sync', text: 'Is read' },
	not_written: { tone: 'neutral', icon: 'pause', text: 'Not written' },
	refused: { tone: 'danger', icon: 'warning', text: 'Refused' },
};

/** "3 a day", "2 a week": as people say it. */
export function pace(says: ShelfSays): string {
	const hundredths = says.per_day_hundredths;
	if (hundredths === null) return '–';
	if (hundredths <= 0) return 'nothing lately';
	if (hundredths >= 100) return `${Math.round(hundredths / 100)} a day`;
	const week = Math.round((hundredths * 7) / 100);
	return week >= 1 ? `${week} a week` : 'less than one a week';
}

/** How long it lasts at that pace. */
export function lasts(says: ShelfSays): string {
	const tenths = says.days_left_tenths;
	if (tenths === null) return '';
	const days = Math.floor(tenths / 10);
	return days < 1
		? 'At this pace it lasts less than a day.'
		: `At this pace it lasts ${days} ${days === 1 ? 'day' : 'days'}.`;
}

/** Who made the number what it is. */
export const whoChanged = (side: SideSays, account: string): string =>
	side.by_us ? 'Quayside' : `there, at ${account}`;

/** Several goods sold as one: its count follows from theirs, and they are what a person adjusts. */
export const isBundle = (side: SideSays): boolean => (side.parts?.length ?? 0) > 0;

/** A count that a person can add to or take from. */
export interface Adjustable {
	/** As names are compared. */
	sku: string;
	/** As its accounts write it. */
	name: string;
	connection: string;
	/** The account, for people. */
	account: string;
	remote_id: string;
	place: string;
	/** Units it showed when somebody looked. */
	shown: number;
}

/** "+2", "-1", "3": units to add or to take away; nothing else, and not none. */
export function units(typed: string): number | null {
	const text = typed.trim().replace('−', '-').replace(/\s+/g, '');
	if (!/^[+-]?\d{1,6}$/.test(text)) return null;
	const by = Number(text);
	return by === 0 ? null : by;
}
