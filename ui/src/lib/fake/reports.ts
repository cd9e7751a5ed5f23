// Reports of the fake desk: counted from its own orders, so that figures and rows agree.
import type {
	Cell,
	DeliveryKey,
	DeliveryView,
	Holds,
	QueueRow,
	Report,
	ReportAsk,
	ReportOffer,
	ReportPair,
	ReportPlan,
	ReportPlanView,
	ReportSchedule,
	ReportScheduleView,
	ReportWay,
	ReportWays,
	ReportWaysDraft,
	Table,
	TeamKind,
} from '$lib/api/types';

function pair(here: string, here_name: string, there: string, there_name: string): ReportPair {
	return { here, here_name, there, there_name };
}

export const OFFERS: ReportOffer[] = [
	{
		kind: 'unfulfilled',
		title: 'Unfulfilled',
		about: 'Paid orders that wait longer than you want, by what they wait on.',
		timed: false,
		pairs: [],
	},
	{
		kind: 'performance',
		title: 'Performance',
		about: 'What was sold and shipped, how fast and how punctual, by week, store, warehouse and carrier.',
		timed: true,
		pairs: [],
	},
	{
		kind: 'shipping_cost',
		title: 'Shipping cost',
		about: 'What carriage cost, by carrier, store and country, and label by label for the accountant.',
		timed: true,
		pairs: [],
	},
	{
		kind: 'reconciliation',
		title: 'Reconciliation',
		about: 'Where two accounts differ about the same sales: missing, twice, status, units, totals; and how many agree.',
		timed: true,
		pairs: [pair('goods', 'Harbour Goods', 'ship', 'ShipStation'), pair('eu', 'Harbour EU', 'ship', 'ShipStation')],
	},
];

const ZONE = 'Europe/Berlin';
const text = (words: string): Cell => ({ is: 'text', text: words });
const count = (n: number): Cell => ({ is: 'count', count: n });
const money = (minor: number): Cell => ({ is: 'money', minor, currency: 'EUR', exponent: 2 });
const order = (row: QueueRow): Cell => ({ is: 'order', id: row.id, number: row.number });

function by(rows: QueueRow[], name: (row: QueueRow) => string): [string, QueueRow[]][] {
	const groups = new Map<string, QueueRow[]>();
	for (const row of rows) groups.set(name(row), [...(groups.get(name(row)) ?? []), row]);
	return [...groups].sort((a, b) => b[1].length - a[1].length);
}
const table = (code: string, title: string, columns: [string, Holds][], rows: Cell[][], words = ''): Table => ({
	code,
	title,
	words,
	columns: columns.map(([label, holds]) => ({ label, holds })),
	rows,
});

/** The days of an ask, as the desk would count them in its own zone. */
function daysOf(ask: ReportAsk, now: number): { from_day: string; to_day: string } {
	const iso = (ms: number) => new Date(ms).toISOString().slice(0, 10);
	const today = new Date(`${new Intl.DateTimeFormat('en-CA', { timeZone: ZONE }).format(now)}T00:00:00Z`);
	const day = (year: number, month: number, date: number) => iso(Date.UTC(year, month, date));
	const [year, month, date] = [today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate()];
	if (ask.span === 'month') return { from_day: day(year, month - 1, 1), to_day: day(year, month, 0) };
	const back = ask.span === 'own' ? 30 : Number(ask.span);
	const days = { from_day: day(year, month, date - back + 1), to_day: day(year, month, date) };
	if (ask.span !== 'own') return days;
	return { from_day: ask.from_day || days.from_day, to_day: ask.to_day || days.to_day };
}

/** The first order is missing at the hub, the second differs; the rest agrees. */
function differences(rows: QueueRow[]): Table {
	const [missing, status] = rows;
	const listed: Cell[][] = [];
	if (missing)
		listed.push([
			order(missing),
			text('missing there'),
			text('not there'),
			text(`ShipStation does not have ${missing.number}. Waits to be sent.`),
			{ is: 'act', id: missing.id, number: missing.number, verb: 'sync', label: 'Look again' },
		]);
	if (status)
		listed.push([
			order(status),
			text('status'),
			text('cancelled'),
			text(`${status.number} is cancelled at ShipStation, and the store still waits for its parcel.`),
			{ is: 'link', label: 'Store', url: 'https://admin.shopify.com/store/harbour' },
		]);
	return table(
		'differences',
		'Differences',
		[
			['Order', 'order'],
			['Differs', 'text'],
			['That has', 'text'],
			['What it means', 'text'],
			['To do', 'text'],
		],
		listed,
		'The most costly first.',
	);
}

/** Two weeks, in turn. */
const weekOf = (at: number) => (at % 3 === 0 ? 'from 2026-11-09' : 'from 2026-11-16');

function weeks(rows: QueueRow[]): Table {
	const names = ['from 2026-11-09', 'from 2026-11-16'];
	const bought = (week: string) => rows.filter((_, at) => weekOf(at) === week).length;
	return table(
		'weeks',
		'By week',
		[
			['Week', 'text'],
			['Bought', 'count'],
			['Shipped', 'count'],
			['Slowest tenth', 'hours'],
		],
		names.map((week) => [text(week), count(bought(week)), count(bought(week) - 1), { is: 'hours', hours: 40 }]),
	);
}

export function makeReport(ask: ReportAsk, rows: QueueRow[], now: number): Report {
	const sum = rows.reduce((all, row) => all + row.total_minor, 0);
	const timed = ask.kind !== 'unfulfilled';
	const days = timed ? daysOf(ask, now) : { from_day: '', to_day: '' };
	const listed = rows.map((row): Cell[] => [
		order(row),
		text(row.store),
		{ is: 'moment', at_ms: row.placed_at_ms },
		money(row.total_minor),
		text(row.waits_on.sentence),
	]);
	return {
		kind: ask.kind,
		title: OFFERS.find((offer) => offer.kind === ask.kind)?.title ?? '',
		words: timed ? `${days.from_day} to ${days.to_day}.` : 'Paid orders, as they stand now.',
		...days,
		zone: ZONE,
		made_at_ms: now,
		cut: false,
		here: ask.here,
		there: ask.there,
		figures: [
			{
				...{ label: 'Orders', value: count(rows.length), note: '', tone: 'neutral' },
				behind: { table: 'orders', filled: ['Order'], empty: [] },
			},
			{ label: 'Worth', value: money(sum), note: '', tone: 'neutral', behind: null },
			{
				...{ label: 'On time', value: { is: 'share', share: 0.964 }, note: '27 of 28 that had a day', tone: 'warning' },
				behind: null,
			},
		],
		tables: [
			...(ask.kind === 'reconciliation' ? [differences(rows)] : []),
			...(ask.kind === 'performance' ? [weeks(rows)] : []),
			table(
				'stores',
				'By store',
				[
					['Store', 'text'],
					['Orders', 'count'],
					['Worth', 'money'],
				],
				by(rows, (row) => row.store).map(([name, of]) => [
					text(name),
					count(of.length),
					money(of.reduce((all, row) => all + row.total_minor, 0)),
				]),
			),
			table(
				'orders',
				'Orders',
				[
					['Order', 'order'],
					['Store', 'text'],
					['Bought', 'moment'],
					['Total', 'money'],
					['Why', 'text'],
					...(ask.kind === 'performance' ? [['Week bought', 'text'] as [string, Holds]] : []),
				],
				ask.kind === 'performance' ? listed.map((row, at) => [...row, text(weekOf(at))]) : listed,
			),
			table('late', 'Left late', [['Order', 'order']], []),
		],
	};
}

/** A table as the desk puts it on the clipboard, as far as the fake needs it. */
export function tabs(report: Report, code: string): string {
	const table = report.tables.find((one) => one.code === code);
	const plain = (cell: Cell) =>
		cell.is === 'text' ? cell.text : cell.is === 'order' ? cell.number : cell.is === 'count' ? String(cell.count) : '';
	const rows = (table?.rows ?? []).map((row) => row.map(plain));
	return [(table?.columns ?? []).map((column) => column.label), ...rows].map((row) => row.join('\t')).join('\n');
}

export const PLAN: ReportPlan = {
	on: false,
	folder: '',
	minute: 360,
	kinds: OFFERS.map((offer) => offer.kind),
	forms: ['csv', 'page'],
	since_ms: 0,
};

export const WAYS: ReportWays = {
	mail: { on: false, server: '', port: 587, encryption: 'start_tls', user: '', from: '', to: '' },
	slack: { on: false },
	webhook: { on: false, url: '' },
};

/** What the team can be told. */
export const TEAM_KINDS: TeamKind[] = [
	{ topic: 'exceptions', label: 'Orders and entries that need somebody' },
	{ topic: 'late', label: 'Orders that are late' },
	{ topic: 'at_risk', label: 'Orders soon late' },
	{ topic: 'connections', label: 'Accounts that need a sign-in or another mend' },
	{ topic: 'stock', label: 'SKUs that run low' },
	{ topic: 'reports', label: 'Reports that could not be made or delivered' },
];

const WAY_NAMES = { mail: 'ann@harbour.example', slack: 'the channel of the Slack webhook', webhook: '' };

/** A delivery of yesterday that went well, or did not. */
export function delivered(key: DeliveryKey, now: number, ways: ReportWays, words = ''): DeliveryView {
	const place = key.way === 'mail' ? ways.mail.to : key.way === 'webhook' ? ways.webhook.url : WAY_NAMES.slack;
	const state = words === '' ? 'delivered' : 'waiting';
	return {
		delivery: { key, state, since_ms: now, at_ms: now, tries: 1, copies: 0, place: place || WAY_NAMES.mail, words },
		title: OFFERS.find((offer) => offer.kind === key.kind)?.title ?? '',
		next_ms: words === '' ? null : now + 3_600_000,
		can_send: true,
	};
}

/** What the desk says of a form with a hole in it. */
export function hole(draft: ReportWaysDraft, kept: readonly ReportWay[]): [string, string] | null {
	const { mail, slack, webhook } = draft.ways;
	if (mail.on && mail.server === '')
		return ['mail_server', 'No mail server is set under Reports, Deliver. Name one, like smtp.example.org.'];
	if (slack.on && draft.slack_address === '' && !kept.includes('slack'))
		return ['slack_address', 'The address of the Slack webhook is missing.'];
	if (webhook.on && !webhook.url.startsWith('https://'))
		return ['webhook_url', 'Reports are sent by https only. Write an address that begins with https://.'];
	return null;
}

export function viewOf(plan: ReportPlan, now: number): ReportPlanView {
	return {
		plan,
		next_ms: plan.on ? now + 3_600_000 : null,
		last_ms: null,
		last_folder: null,
		trouble: null,
		made_up: '',
	};
}

const OFTEN = { day: 'Every day', week: 'Every week', month: 'Every month' };

/** A schedule as the desk shows it; the desk's own words are finer. */
export function scheduleView(schedule: ReportSchedule, now: number): ReportScheduleView {
	const offer = OFFERS.find((one) => one.kind === schedule.kind);
	const window = schedule.window.replaceAll('_', ' ');
	const places = [schedule.folder, ...schedule.ways].filter((place) => place !== '');
	return {
		schedule,
		title: offer?.timed ? `${offer.title}, ${window}` : (offer?.title ?? ''),
		words: `${OFTEN[schedule.cadence.each]}: ${places.join(', ')}`,
		next_ms: schedule.on ? now + 86_400_000 : null,
		last_ms: null,
		made_up: '',
		trouble: null,
	};
}
