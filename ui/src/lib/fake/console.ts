// What the fake desk explains and remembers beside the work: causes, headings, notifications,
// the first steps, trends.
import type {
	CauseView,
	Cause,
	ExceptionView,
	Mute,
	NotificationView,
	QueueHeading,
	QueueRow,
	Step,
	TrendDay,
} from '$lib/api/types';
import { STAGES } from '$lib/domain/status';
import { daysBetween } from '$lib/shared/time';
import { CAUSES, DAY, dice, FRIDAY, HOUR, MIN } from './world';

const day = (back: number) => {
	const date = new Date(FRIDAY - back * DAY);
	return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;
};

export function makeTrend(): TrendDay[] {
	const roll = dice(11);
	return Array.from({ length: 30 }, (_, i) => {
		const date = new Date(FRIDAY - (29 - i) * DAY);
		const weekend = [0, 6].includes(date.getDay());
		const usual = weekend ? 40 + ((i * 7) % 30) : 150 + i * 5 + ((i * 37) % 90);
		const shipped = i === 29 ? 247 : usual;
		const opened = Math.round(4 + roll() * (weekend ? 6 : 26) + (i === 21 ? 48 : 0));
		return {
			day: day(29 - i),
			shipped,
			late: Math.round(shipped * (0.01 + roll() * 0.03)),
			median_hours: weekend ? 17 + roll() * 6 : 5 + roll() * 3.4,
			opened,
			mended: Math.round(opened * (0.5 + roll() * 0.3)),
			settled: Math.round(opened * 0.2),
		};
	});
}

const WHY: Record<string, [why: string[], mend: string[]]> = {
	unknown_sku: [
		[
			'The product is new and nobody has made it at the hub yet.',
			'The SKU was renamed in the store.',
			'The line was typed in by hand and has no SKU.',
		],
		[
			'Press “Map SKU” and enter the one the warehouse knows; it is shown exactly what would be sent.',
			'Or make the product at the hub, then retry all of this cause.',
		],
	],
};

export function makeCause(cause: Cause, entries: ExceptionView[], muted: Mute | null): CauseView {
	const meta = CAUSES[cause];
	const [why, mend] = WHY[cause] ?? [
		['The platform changed its mind about this order.', 'Somebody changed the order by hand on the other side.'],
		['Look at both sides in the order; differences are marked.', 'Retry when it is mended, or mark it settled.'],
	];
	const roll = dice(cause.length);
	const days = Array.from({ length: 30 }, (_, i) => {
		const opened = i === 29 ? entries.length : Math.floor(roll() * roll() * 9);
		return { day: day(29 - i), opened, over: i === 29 ? 1 : Math.max(0, opened - (i % 3 === 0 ? 1 : 0)) };
	});
	return {
		cause,
		title: meta?.title ?? cause,
		icon: meta?.icon ?? 'warning',
		tone: meta?.tone ?? 'warning',
		means: meta?.help ?? '',
		why,
		mend,
		who: cause === 'outcome_unknown' ? 'The platform; Quayside waits and looks again' : 'You, here or in the store',
		needs_person: cause !== 'outcome_unknown',
		muted,
		days,
		by_itself: 41,
		by_person: 17,
		median_min: 38,
	};
}

export function makeNotifications(): NotificationView[] {
	const one = (
		id: number,
		ago: number,
		topic: string,
		title: string,
		body: string,
		place: string,
		count: number,
		outcome: string,
		why: string,
	): NotificationView => ({ id, at_ms: FRIDAY - ago, topic, title, body, place, count, outcome, why });
	return [
		one(
			7,
			40_000,
			'at_risk',
			'Order #10482 must leave soon',
			'Its ship-by is near and no parcel has left.',
			'queue?view=at_risk',
			1,
			'shown',
			'The promise to the buyer is near; “When orders are soon late” is on in the settings.',
		),
		one(
			6,
			51 * MIN,
			'exceptions',
			'5 orders need you',
			'5 × A SKU is missing or unknown',
			'exceptions?cause=unknown_sku',
			5,
			'shown',
			'Somebody has to decide; “When something needs me” is on in the settings. One notification for 5.',
		),
		one(
			5,
			2.5 * HOUR,
			'connections',
			'Salesforce: A platform wants a new sign-in',
			'Everything that waits for it goes on once this is mended.',
			'connections?id=salesforce',
			1,
			'shown',
			'An account cannot go on without a person; “When an account needs a sign-in” is on in the settings.',
		),
		one(
			4,
			7.2 * HOUR,
			'late',
			'6 orders are late',
			'Past the time they should have left.',
			'queue?view=late',
			6,
			'shown',
			'The promise to the buyer passed; “When orders are soon late” is on in the settings. One notification for 6.',
		),
		one(
			3,
			13 * HOUR,
			'late',
			'4 orders are late',
			'Past the time they should have left.',
			'queue?view=late',
			4,
			'held_back',
			'Quiet hours until 07:00; one summary follows then.',
		),
	];
}

export function makeSteps(accounts: number, live: boolean): Step[] {
	const step = (id: string, title: string, done: boolean, sentence: string, place: string): Step => ({
		id,
		title,
		done,
		sentence,
		place,
	});
	return [
		step(
			'store',
			'Connect a store',
			accounts > 0,
			'Harbour Goods and Harbour Outlet connected.',
			'connections?sheet=add',
		),
		step('hub', 'Connect the account you ship with', accounts > 1, 'ShipStation connected.', 'connections?sheet=add'),
		step('permissions', 'Grant what is missing', false, 'Salesforce cannot go on as it is.', 'connections'),
		step('read', 'Read the orders', accounts > 1, '84,120 orders read.', 'queue'),
		step(
			'plan',
			'Look at the plan',
			live,
			'Exactly what would be sent, order by order. Nothing has been sent.',
			'automations?sheet=plan',
		),
		step(
			'live',
			'Switch an automation on',
			live,
			live
				? 'At least one automation may act.'
				: 'From an order on that you choose; Ask waits for your click each time.',
			'automations',
		),
		step('first', 'See the first order through', live, '12 changes made, 247 orders left in the last 30 days.', 'home'),
	];
}

/** The headings of rows that match, as the desk would give them. */
export function headings(
	rows: QueueRow[],
	by: string,
	now: number,
	atRisk: (row: QueueRow) => boolean,
): QueueHeading[] {
	const keyOf = (row: QueueRow): string => {
		switch (by) {
			case 'store':
				return row.connection;
			case 'stage':
				return row.stage;
			case 'country':
				return row.country;
			case 'due':
				if (row.ship_by_ms !== null && row.ship_by_ms < now) return 'late';
				if (atRisk(row)) return 'at_risk';
				return row.ship_by_ms !== null && daysBetween(now, row.ship_by_ms) <= 0 ? 'today' : 'later';
			default:
				return row.waits_on.code;
		}
	};
	const DUE: Record<string, [string, QueueHeading['tone'], string]> = {
		late: ['Late', 'danger', 'is:late'],
		at_risk: ['Must leave soon', 'warning', 'is:at_risk'],
		today: ['Later today', 'neutral', 'is:today -is:late -is:at_risk'],
		later: ['After today, or no deadline', 'neutral', '-is:today -is:at_risk'],
	};
	const found = new Map<string, QueueRow[]>();
	for (const row of rows) {
		const key = keyOf(row);
		const list = found.get(key);
		if (list) list.push(row);
		else found.set(key, [row]);
	}
	const all = [...found].map(([key, list]): QueueHeading => {
		const first = list[0] as QueueRow;
		const [label, tone, token] =
			by === 'due'
				? (DUE[key] ?? [key, 'neutral' as const, ''])
				: by === 'store'
					? [first.store, 'neutral' as const, `store:${key}`]
					: by === 'stage'
						? [STAGES[first.stage].words, 'neutral' as const, `stage:${key}`]
						: by === 'country'
							? [key, 'neutral' as const, `country:${key}`]
							: [
									CAUSES[key.replace('cause:', '')]?.title ?? first.waits_on.sentence.replace(' since {since}', ''),
									first.waits_on.tone,
									`waits:${key}`,
								];
		return { key, label, tone, count: list.length, token };
	});
	const order = Object.keys(DUE);
	return by === 'due'
		? all.sort((a, b) => order.indexOf(a.key) - order.indexOf(b.key))
		: all.sort((a, b) => b.count - a.count);
}
