// A desk in memory with the same functions as the real one: seeded, quick, honest enough that
// screens can be built and tested against it. It answers the pictures' Friday, 14:12:40.
//
// `?first` in the address opens it empty, `?broken` opens it damaged, `?orders=N` sets its size.
import type { Desk, DeskEvents } from '$lib/api/door';
import type {
	Act,
	ActOutcome,
	AutomationView,
	BuyerMessages,
	Cause,
	Changed,
	ChoiceOffer,
	ConnectionActivity,
	ConnectionDraft,
	ConnectionView,
	Console,
	CustomerPick,
	Counts,
	CsvMapping,
	DeliveryView,
	Described,
	DeskState,
	Diagnosis,
	EffectView,
	ExceptionGroup,
	ExceptionView,
	Fallen,
	FieldMapping,
	FileWish,
	GoingLive,
	GoodsAsk,
	HandedText,
	Happening,
	Json,
	LabelForm,
	LabelPick,
	Mend,
	MessageText,
	Mute,
	OrderDetail,
	ParcelSize,
	Plan,
	Progress,
	QueueAsk,
	QueueRow,
	Refundable,
	RefundQuoteView,
	ReplaceAsk,
	ReportAsk,
	ReturnAnswerAsk,
	ReturnsAsk,
	ReturnView,
	StockAdjust,
	StockAsk,
	ReportForm,
	ReportKind,
	ReportPlan,
	ReportSchedule,
	ReportWay,
	ReportWaysDraft,
	ReportWaysView,
	RuleBook,
	Settings,
	SplitView,
	SkuAlias,
	Targets,
	TeamAlerts,
	TeamAlertsView,
	TeamAlertView,
	TestResult,
	TimelineEntry,
	Trouble,
	Verb,
} from '$lib/api/types';
import { FakeProfiles } from './profiles';
import { FakeMessages } from './messages';
import { FakeTables } from './tables';
import { readParts } from '$lib/domain/filter';
import { daysBetween } from '$lib/shared/time';
import { headings, makeCause, makeNotifications, makeSteps, makeTrend } from './console';
import { DECLARATIONS } from './declarations';
import { describedFor, NOTHING_DESCRIBED } from './described';
import { makeDetail } from './detail';
import { FakeSplits } from './splits';
import { makeExplanation, makeTrace } from './explained';
import { FakeLabels } from './labels';
import { makeAutomations, makeEffects, makeExceptions, makeHistory, makeParcels, makePlan } from './more';
import { pageOf, sorted } from './paging';
import { choicesOf, makeQuote, makeRefundable, REFUNDS } from './refunds';
import { delivered, hole, makeReport, OFFERS, PLAN, scheduleView, tabs, TEAM_KINDS, viewOf, WAYS } from './reports';
import { answered, makeReturns, paid, received, replaced, returnsPage } from './returns';
import { adjusted, makeStock, stockPage, unsaid } from './stock';
import { WhoIsItDesk } from './who-is-it';
import { CAUSES, DAY, FRIDAY, HUB, makeActivity, makeOrders, MIN, STORES } from './world';

export const SETTINGS: Settings = {
	theme: 'system',
	density: 'comfortable',
	zoom: 100,
	close_to_tray: true,
	start_at_login: false,
	notifications: true,
	notify_exceptions: true,
	notify_at_risk: true,
	notify_connections: true,
	quiet_from_min: 1200,
	quiet_to_min: 420,
	digest: false,
	digest_at_min: 480,
	at_risk_min: 180,
	unfulfilled_after_days: 1,
	cut_off_min: 840,
	time_zone: '',
	business_days: [true, true, true, true, true, false, false],
	holidays: [],
	promise_days: 1,
	keep_raw_days: 180,
	keep_history_days: 400,
};

export interface FakeOptions {
	orders?: number;
	seed?: number;
	firstRun?: boolean;
	broken?: boolean;
	/** Time stands still unless this is true. */
	moving?: boolean;
	/** Just connected: nothing has been switched on yet. */
	fresh?: boolean;
	/** A part of it fell over while it last ran. */
	fell?: Fallen;
	/** Each answer takes this long, ms. */
	slow?: number;
}

function no(code: Trouble['code'], sentence: string, field: string | null = null): Trouble {
	return { code, sentence, field };
}

/** Where a row is packed, and who moves it: two of each, so that there is a choice. */
const placeOf = (row: QueueRow) => (row.id % 3 === 0 ? 'Leipzig' : 'Quay 3');
const carrierOf = (row: QueueRow) => (row.id % 2 === 0 ? 'DHL' : 'UPS');

const OPEN = new Set(['unpaid', 'to_send', 'sending', 'packing', 'held', 'partly_shipped', 'telling']);

/** What the desk says of a correction, typed or saved. */
function checkFields(fields: Record<string, string>): void {
	const street = fields['ship_to.line1'];
	if (street !== undefined && !/\d/.test(street))
		throw no('input', 'There is still no house number in the street.', 'ship_to.line1');
	const country = fields['ship_to.country'];
	if (country !== undefined && !/^[a-z]{2}$/i.test(country.trim()))
		throw no('input', `"${country}" is not a country code of two letters. Examples: DE, GB, US.`, 'ship_to.country');
}

export class FakeDesk implements Desk {
	orders: QueueRow[];
	exceptionList: ExceptionView[];
	effectList: EffectView[];
	historyList: TimelineEntry[];
	activityList: ConnectionActivity[];
	automationList: AutomationView[];
	saved: Settings = structuredClone(SETTINGS);
	arranged: Console = { views: [], columns: [], last_view: '', plan_seen_at_ms: null, steps_hidden: false };
	muted = new Map<Cause, Mute>();
	/** A database that cannot be written. */
	storageTrouble: string | null = null;
	state: DeskState;
	/** Every act asked for, for tests. */
	acted: Act[] = [];
	linksOpened: string[] = [];
	/** Credentials as they were sent, for tests. */
	rotated: { id: string; way: string; fields: Record<string, string> }[] = [];
	#events = new Set<DeskEvents>();
	#undo = new Map<string, () => void>();
	#started = Date.now();
	#jobs = new Map<string, ReturnType<typeof setInterval>>();
	#options: FakeOptions;
	#added: ConnectionView[] = [];
	#removed = new Set<string>();
	#names = new Map<string, string>();
	#settings = new Map<string, Record<string, Json>>();

	constructor(options: FakeOptions = {}) {
		this.#options = options;
		this.fell = options.fell ?? null;
		const empty = options.firstRun || options.broken;
		this.orders = empty ? [] : makeOrders(options.seed ?? 7, options.orders ?? 412);
		this.returnList = makeReturns(this.orders, this.now());
		this.exceptionList = empty ? [] : makeExceptions(this.orders);
		this.effectList = empty ? [] : makeEffects(this.orders);
		this.historyList = empty ? [] : makeHistory(this.orders);
		this.activityList = empty ? [] : makeActivity();
		this.automationList = makeAutomations();
		// Counts are left alone until somebody asks for it.
		if (options.fresh) for (const each of this.automationList) each.mode = each.id === 'stock' ? 'off' : 'watch';
		this.state = options.broken
			? {
					state: 'broken',
					trouble: no(
						'storage',
						'The file with your orders is damaged and cannot be read (desk.db, page 41 does not match its checksum). Your stores and shipping accounts are not affected. Restore your last backup, or start fresh: Quayside then reads everything again from the platforms and keeps the damaged file beside the new one.',
					),
					ways_out: ['try_again', 'restore', 'start_fresh'],
				}
			: {
					state: 'ready',
					sandbox: false,
					first_run: options.firstRun ?? false,
					version: '0.1.0',
					profile: '/home/ben/.local/share/quayside',
				};
	}

	now(): number {
		return this.#options.moving ? FRIDAY + (Date.now() - this.#started) : FRIDAY;
	}

	async #answer<T>(value: T): Promise<T> {
		if (this.#options.slow) await new Promise((done) => setTimeout(done, this.#options.slow));
		return structuredClone(value);
	}

	/** Tells listeners that something changed, as the engine would. */
	emit(changed: Changed): void {
		for (const each of this.#events) each.changed?.(changed);
	}
	/** A job says how far it is, for tests. */
	tell(progress: Progress): void {
		this.#progress(progress);
	}
	#progress(progress: Progress): void {
		for (const each of this.#events) each.progress?.(progress);
	}
	go(place: string): void {
		for (const each of this.#events) each.go?.(place);
	}
	#become(state: DeskState): void {
		this.state = state;
		for (const each of this.#events) each.desk_state?.(state);
	}

	desk_state = () => this.#answer(this.state);
	open_fresh = async () => this.#become(new FakeDesk({ firstRun: true }).state);
	try_again = async () => this.#become(this.state);

	#shown(row: QueueRow, view: string): boolean {
		const open = OPEN.has(row.stage);
		const left = row.ship_by_ms === null ? Infinity : row.ship_by_ms - this.now();
		switch (view) {
			case 'today':
				return open && row.ship_by_ms !== null && daysBetween(this.now(), row.ship_by_ms) <= 0;
			case 'at_risk':
				return open && left >= 0 && left < this.saved.at_risk_min * MIN * 1.6;
			case 'late':
				return open && left < 0;
			case 'held':
				return row.stage === 'held';
			case 'unpaid':
				return row.stage === 'unpaid';
			case 'to_send':
			case 'packing':
			case 'shipped':
				return row.stage === view;
			case 'asked':
				return row.waits_on.code === 'approval';
			case 'all':
				return true;
			default:
				return open;
		}
	}

	#match(ask: Pick<QueueAsk, 'view' | 'text'>): { rows: QueueRow[]; hints: string[] } {
		const hints: string[] = [];
		let rows = this.orders.filter((row) => this.#shown(row, ask.view));
		for (const part of readParts(ask.text)) {
			const value = part.value.toLowerCase();
			const test = (row: QueueRow): boolean => {
				switch (part.key) {
					case 'is':
						if (value === 'vip') return row.tags.some((tag) => tag.toLowerCase() === 'vip');
						if (value === 'unfulfilled') return this.#waitsTooLong(row);
						return value === 'stuck'
							? row.waits_on.code.startsWith('cause:')
							: this.#shown(row, value) && (value !== 'test' || row.test);
					case 'store':
						return row.connection === value || row.store.toLowerCase().includes(value);
					case 'hub':
						return HUB.id === value || HUB.name.toLowerCase().includes(value);
					case 'country':
						return row.country.toLowerCase() === value;
					case 'tag':
						return row.tags.some((tag) => tag.toLowerCase() === value);
					case 'cause':
						return row.waits_on.code === `cause:${value}`;
					case 'waits':
						return row.waits_on.code === value;
					case 'stage':
						return row.stage === value;
					case 'service':
						return row.service.toLowerCase().includes(value);
					case 'warehouse':
						return placeOf(row).toLowerCase() === value;
					case 'carrier':
						return carrierOf(row).toLowerCase() === value;
					case 'sku':
						return row.waits_on.sentence.toLowerCase().includes(value);
					case 'value':
						return value.startsWith('<')
							? row.total_minor < Number(value.slice(1)) * 100
							: row.total_minor > Number(value.replace(/^>=?/, '')) * 100;
					case 'age':
						return value.startsWith('>') && this.now() - row.placed_at_ms > Number.parseInt(value.slice(1)) * DAY;
					default:
						return `${row.number} ${row.customer} ${row.city} ${row.store} ${row.waits_on.sentence} ${row.tags.join(' ')}`
							.toLowerCase()
							.includes(part.key === null ? value : `${part.key}:${value}`);
				}
			};
			const known = [
				'is',
				'store',
				'hub',
				'country',
				'tag',
				'cause',
				'waits',
				'stage',
				'service',
				'warehouse',
				'carrier',
				'sku',
				'value',
				'age',
				null,
			];
			if (!known.includes(part.key)) {
				hints.push(`"${part.key}:" is not a filter here, so it was searched as a word.`);
			}
			rows = rows.filter((row) => test(row) !== part.not);
		}
		return { rows, hints };
	}

	/** Everything that matches, in the order asked for. */
	sorted(ask: QueueAsk): { rows: QueueRow[]; hints: string[] } {
		const { rows, hints } = this.#match(ask);
		return { rows: sorted(rows, ask), hints };
	}
	queue = async (ask: QueueAsk) => {
		const { rows, hints } = this.sorted(ask);
		const page = pageOf(rows, ask);
		return this.#answer({ ...page, total: rows.length, total_at_least: false, hints, as_of_ms: this.now() });
	};

	queue_groups = (ask: QueueAsk, by: string) => {
		const { rows } = this.#match(ask);
		const groups = headings(rows, by, this.now(), (row) => this.#shown(row, 'at_risk'));
		return this.#answer({ groups, at_least: false });
	};
	filter_values = (key: string, typed: string) => {
		const of: Record<string, (row: QueueRow) => string[]> = {
			tag: (row) => row.tags,
			country: (row) => [row.country],
			service: (row) => [row.service],
			warehouse: (row) => [placeOf(row)],
			carrier: (row) => [carrierOf(row)],
		};
		const found = new Map<string, number>();
		for (const row of this.orders.filter((row) => OPEN.has(row.stage))) {
			for (const value of of[key]?.(row) ?? []) {
				if (value !== '' && value.toLowerCase().includes(typed.toLowerCase()))
					found.set(value, (found.get(value) ?? 0) + 1);
			}
		}
		const most = [...found].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).slice(0, 8);
		return this.#answer(most.map(([value, orders]) => ({ value, orders, at_least: false })));
	};
	cause = (cause: Cause) => {
		const open = this.exceptionList.filter((each) => each.cause === cause && each.resolved_at_ms === null);
		return this.#answer(makeCause(cause, open, this.muted.get(cause) ?? null));
	};
	mute_cause = async (cause: Cause, muted: boolean, until_ms: number | null) => {
		if (muted) this.muted.set(cause, { since_ms: this.now(), until_ms });
		else this.muted.delete(cause);
		this.emit({ topics: ['settings', 'exceptions', 'events'], orders: [] });
	};
	notifications = (before: number | null, limit: number) =>
		this.#answer(
			(this.orders.length === 0 ? [] : makeNotifications())
				.filter((each) => before === null || each.id < before)
				.slice(0, limit || 100),
		);
	checklist = () =>
		this.#answer(
			makeSteps(
				this.activityList.length,
				this.automationList.some((each) => each.mode === 'auto'),
			),
		);
	console = () => this.#answer(this.arranged);
	put_console = async (wanted: Console) => {
		this.arranged = structuredClone(wanted);
		return this.#answer(this.arranged);
	};

	#counts(): Counts {
		const many = (view: string) => this.orders.filter((row) => this.#shown(row, view)).length;
		const open = this.orders.filter((row) => OPEN.has(row.stage));
		const needs = this.exceptionList.filter(
			(each) => each.resolved_at_ms === null && each.snoozed_until_ms === null && !this.muted.has(each.cause),
		);
		const waiting = needs.filter((each) => each.cause === 'outcome_unknown').length;
		return {
			queue: open.length,
			unfulfilled: open.filter((row) => this.#waitsTooLong(row)).length,
			exceptions: needs.length,
			returns: returnsPage(this.returnList, { part: 'open', text: '', after: '' }).rows.length,
			asked: this.effectList.filter((each) => each.state === 'asked').length,
			unknown: waiting,
			today: open.length === 0 ? 0 : 384,
			left_today: open.length === 0 ? 0 : 247,
			at_risk: many('at_risk'),
			late: many('late'),
			at_least: [],
			held: many('held'),
			unpaid: many('unpaid'),
			open_value: open.length === 0 ? [] : [['EUR', open.reduce((sum, row) => sum + row.total_minor, 0)]],
			accounts: this.activityList.map((each) => ({
				id: each.id,
				name: each.name,
				tone: each.paused ? 'neutral' : each.tone,
				last_ok_at_ms: each.streams[0]?.last_ok_at_ms ?? null,
				word: each.paused ? 'paused' : each.tone === 'danger' ? 'sign in' : each.tone === 'warning' ? 'slow' : null,
			})),
			trouble: this.storageTrouble,
			tightest_budget: open.length === 0 ? null : 'ShipStation budget 31 of 40 per minute',
			as_of_ms: this.now(),
		};
	}
	counts = () => this.#answer(this.#counts());

	home = () => {
		const counts = this.#counts();
		const done = 'activity?tab=outbox&state=done';
		const needs = this.exceptionList.filter(
			(each) => each.resolved_at_ms === null && each.snoozed_until_ms === null && !this.muted.has(each.cause),
		);
		const by_cause = [...new Set(needs.map((each) => each.cause))].map((cause) => {
			const mine = needs.filter((each) => each.cause === cause);
			const worth = mine.reduce((sum, each) => sum + (each.order?.total_minor ?? 0), 0);
			return {
				cause,
				title: mine[0]?.title ?? cause,
				icon: CAUSES[cause]?.icon ?? 'warning',
				tone: CAUSES[cause]?.tone ?? ('warning' as const),
				count: mine.length,
				oldest_at_ms: Math.min(...mine.map((each) => each.opened_at_ms)),
				value: [['EUR', worth]] as [string, number][],
			};
		});
		return this.#answer({
			headline: counts.at_risk > 0 ? `${counts.at_risk} orders are at risk.` : 'Nothing is at risk.',
			counts,
			next_deadline_ms: FRIDAY + 48 * MIN,
			oldest_late_ms: FRIDAY - 27 * 60 * MIN,
			trend: makeTrend(),
			median_hours_to_ship: 6.67,
			on_time_percent: 97.8,
			waits: [
				['packing', 'Waiting for packing', 'neutral', 291],
				['rest', 'Back-ordered', 'info', 38],
				['payment', 'Unpaid or authorised', 'neutral', counts.unpaid],
				['held_by_person', 'On hold', 'hold', counts.held],
				['cause:unknown_sku', 'Unknown SKU', 'warning', 5],
				['cause:address_missing', 'Address', 'warning', 3],
				['cause:sign_in_needed', 'Sign-in needed', 'danger', 3],
			] as [string, string, 'neutral', number][],
			causes: by_cause.length,
			by_cause,
			did_today: [
				{ icon: 'arrow', words: 'sent to the hub or brought up to date there', count: 307, place: done },
				{ icon: 'truck', words: 'reported to their store with tracking', count: 247, place: done },
				{ icon: 'check', words: 'exceptions mended without you', count: 31, place: 'exceptions?view=resolved' },
				{ icon: 'undo', words: 'tracking numbers corrected or taken back', count: 4, place: done },
				{ icon: 'close', words: 'cancelled before they left', count: 3, place: done },
			],
			accounts: this.activityList,
		});
	};

	order = async (id: number): Promise<OrderDetail> => {
		const row = this.orders.find((each) => each.id === id);
		if (!row) throw no('gone', 'This order is not here any more.');
		const detail = makeDetail(row, this.exceptionList, this.effectList);
		const parts = this.splits.parts(id, row.number, detail.lines);
		return this.#answer(this.labels.into({ ...detail, parts }));
	};
	/** Orders somebody split. */
	splits = new FakeSplits();
	split = async (id: number): Promise<SplitView> => {
		const { row, lines, parcels } = await this.order(id);
		return this.#answer(this.splits.view(id, row.number, lines, parcels.length > 0));
	};
	put_split = async (id: number, further: Record<string, number>[]): Promise<SplitView> => {
		const { cannot } = await this.split(id);
		if (cannot !== null) throw no('input', cannot);
		this.splits.put(id, further);
		this.emit({ topics: ['orders'], orders: [id] });
		return this.split(id);
	};
	order_text = async (id: number) => {
		const row = this.orders.find((each) => each.id === id);
		if (!row) throw no('gone', 'There is nothing to copy: the order is not here any more.');
		return `Reference: hg:${row.number.slice(1)}\nOrder: ${row.number}\nShip to: ${row.customer}\n1 × HG-MUG-B Harbour mug`;
	};
	entry_text = async (id: number) => {
		const entry = this.exceptionList.find((each) => each.id === id && each.resolved_at_ms === null);
		if (!entry) throw no('gone', 'There is nothing to enter for this any more: it has mended itself, or was settled.');
		return entry.order
			? this.order_text(entry.order.id)
			: `Set the count\nSKU: ${entry.counted ?? ''}\nCount at Main: 9 → 6`;
	};
	try_answer = async (effect: number, n: number) => {
		const tried = this.effectList.find((each) => each.id === effect);
		if (!tried || n > tried.attempts) throw no('gone', 'No answer is kept for this try.');
		const refused = n === tried.attempts && tried.state === 'refused';
		const body = refused
			? { errors: [{ code: 'on_hold', message: 'Fulfillment order is on hold' }] }
			: { errors: [{ code: 'throttled', message: 'Too many requests' }] };
		const exchange = {
			at_ms: tried.created_at_ms,
			took_ms: 400,
			method: 'POST',
			host: 'api.example.com',
			path: '/orders/fulfillments',
			status: refused ? 422 : 429,
			request_id: `req-${effect}-${n}`,
			body,
		};
		return JSON.stringify({ exchanges: [exchange] }, null, 2);
	};
	raw_answer = async (_connection: string, kind: string, remote_id: string) =>
		JSON.stringify(
			{
				id: remote_id,
				kind,
				name: '#10482',
				createdAt: '2026-11-20T12:19:04Z',
				displayFinancialStatus: 'PAID',
				totalPriceSet: { shopMoney: { amount: '184.20', currencyCode: 'EUR' } },
				shippingAddress: { name: 'Ingrid Sørensen', city: 'Bergen', countryCodeV2: 'NO', zip: '5003' },
				lineItems: {
					nodes: ['HG-MUG-B', 'HG-TRAY', 'HG-LAMP-S'].map((sku, i) => ({ sku, quantity: i === 2 ? 1 : 2 })),
				},
				tags: [],
				test: false,
				note: null,
			},
			null,
			2,
		);

	#waitsTooLong = (row: QueueRow) => OPEN.has(row.stage) && this.now() - row.placed_at_ms > 1.3 * DAY;
	#reportPlan = PLAN;
	reports = () => this.#answer(OFFERS);
	report = (ask: ReportAsk) => {
		const rows = ask.kind === 'unfulfilled' ? this.orders.filter((row) => this.#waitsTooLong(row)) : this.orders;
		return this.#answer(makeReport(ask, rows, this.now()));
	};
	report_text = async (ask: ReportAsk, _form: ReportForm, table: string) => tabs(await this.report(ask), table);
	save_report = () => this.#answer(null);
	report_plan = () => this.#answer(viewOf(this.#reportPlan, this.now()));
	put_report_plan = (plan: ReportPlan) => {
		const ways = Object.values(this.#reportWays).some((way) => way.on);
		if (plan.on && plan.folder === '' && !ways)
			return Promise.reject(no('input', 'Choose the folder the reports are written to.', 'folder'));
		this.#reportPlan = plan;
		return this.report_plan();
	};
	#schedules: ReportSchedule[] = [];
	report_schedules = () => this.#answer(this.#schedules.map((one) => scheduleView(one, this.now())));
	put_report_schedule = (schedule: ReportSchedule) => {
		if (schedule.on && schedule.folder === '' && schedule.ways.length === 0)
			return Promise.reject(no('input', 'Choose the folder it is written to, or a way it is sent by.', 'folder'));
		const lacks = schedule.on && schedule.ways.find((way) => !this.#keptWays.includes(way));
		if (lacks) return Promise.reject(no('input', `Set up ${lacks} under Reports, Deliver.`, 'ways'));
		const id = schedule.id || `s${this.#schedules.length + 1}`;
		const others = this.#schedules.filter((one) => one.id !== id);
		this.#schedules = [...others, { ...schedule, id }];
		return this.report_schedules();
	};
	forget_report_schedule = (id: string) => {
		this.#schedules = this.#schedules.filter((one) => one.id !== id);
		return this.report_schedules();
	};
	#reportWays = WAYS;
	#keptWays: ReportWay[] = [];
	/** Newest first. */
	deliveries: DeliveryView[] = [];
	report_ways = (): Promise<ReportWaysView> =>
		this.#answer({
			ways: this.#reportWays,
			kept: this.#keptWays,
			planned: this.#reportPlan.on,
			deliveries: this.deliveries,
		});
	put_report_ways = (draft: ReportWaysDraft) => {
		const wrong = hole(draft, this.#keptWays);
		if (wrong) return Promise.reject(no('input', wrong[1], wrong[0]));
		this.#reportWays = draft.ways;
		const typed = { mail: draft.mail_password, slack: draft.slack_address, webhook: draft.webhook_secret };
		const ways: ReportWay[] = ['mail', 'slack', 'webhook'];
		this.#keptWays = ways.filter((way) => typed[way] !== '' || this.#keptWays.includes(way));
		return this.report_ways();
	};
	forget_report_way = (way: ReportWay) => {
		this.#keptWays = this.#keptWays.filter((kept) => kept !== way);
		this.#reportWays = { ...this.#reportWays, [way]: { ...this.#reportWays[way], on: false } };
		return this.report_ways();
	};
	#team: TeamAlerts = { mail: [], slack: [] };
	/** Newest first. */
	teamTold: TeamAlertView[] = [];
	team_alerts = (): Promise<TeamAlertsView> =>
		this.#answer({
			alerts: this.#team,
			kinds: TEAM_KINDS,
			ready: (['mail', 'slack'] as const)
				.filter((way) => this.#keptWays.includes(way))
				.map((way) => ({ way, place: way === 'mail' ? this.#reportWays.mail.to : 'the channel of the Slack webhook' })),
			told: this.teamTold,
		});
	put_team_alerts = (alerts: TeamAlerts) => {
		if (alerts.slack.length > 0 && !this.#keptWays.includes('slack'))
			return Promise.reject(no('input', 'The address of the Slack webhook is missing.', 'slack_address'));
		this.#team = alerts;
		return this.team_alerts();
	};
	test_report_way = (way: ReportWay, draft: ReportWaysDraft) => {
		const wrong = hole({ ...draft, ways: { ...draft.ways, [way]: { ...draft.ways[way], on: true } } }, this.#keptWays);
		if (wrong) return Promise.reject(no('input', wrong[1], wrong[0]));
		return this.#answer(way === 'slack' ? 'Slack took a message.' : 'It took a test.');
	};
	send_reports = (way: ReportWay, kind: ReportKind | null, day: string) => {
		const kinds = kind ? [kind] : this.#reportPlan.kinds;
		const yesterday = new Date(this.now() - 86_400_000).toISOString().slice(0, 10);
		const sent = kinds.map((one) => delivered({ kind: one, day: day || yesterday, way }, this.now(), this.#reportWays));
		const names = sent.map((one) => JSON.stringify(one.delivery.key));
		this.deliveries = [...sent, ...this.deliveries.filter((one) => !names.includes(JSON.stringify(one.delivery.key)))];
		return this.#answer(sent.map((one) => one.delivery));
	};
	send_schedule = (id: string, way: ReportWay | null, day: string) => {
		const one = this.#schedules.find((each) => each.id === id);
		if (!one) return Promise.reject(no('gone', 'This schedule is not there any more.'));
		const due = day || new Date(this.now()).toISOString().slice(0, 10);
		const sent = (way ? [way] : one.ways).map((by) =>
			delivered({ kind: one.kind, day: due, way: by, schedule: id }, this.now(), this.#reportWays),
		);
		this.deliveries = [...sent, ...this.deliveries];
		return this.#answer(sent.map((each) => each.delivery));
	};

	unfulfilled = () => {
		const old = this.orders.filter((row) => this.#waitsTooLong(row));
		const titles: Record<string, [string, string, QueueRow['waits_on']['tone']]> = {
			packing: ['Waits for packing', 'clock', 'neutral'],
			rest: ['The rest is still to ship', 'split', 'info'],
			approval: ['Waits for your click', 'hand', 'warning'],
			payment: ['Waits for payment', 'card', 'neutral'],
			held_by_person: ['On hold by you', 'pause', 'hold'],
		};
		const codes = [...new Set(old.map((row) => row.waits_on.code))];
		return this.#answer(
			codes
				.map((code) => {
					const rows = old.filter((row) => row.waits_on.code === code).sort((a, b) => a.placed_at_ms - b.placed_at_ms);
					const [title, icon, tone] = titles[code] ?? [rows[0]?.waits_on.sentence ?? code, 'warning', 'warning'];
					return {
						code,
						title,
						icon,
						tone,
						count: rows.length,
						oldest_at_ms: rows[0]?.placed_at_ms ?? this.now(),
						value: [['EUR', rows.reduce((sum, row) => sum + row.total_minor, 0)]] as [string, number][],
						rows: rows.slice(0, 200),
						threshold: 'older than 1 business day, cut-off 14:00 Europe/Berlin',
					};
				})
				.sort((a, b) => b.count - a.count),
		);
	};

	exceptions = (ask: { view: string; cause: string | null; text: string }) => {
		const view = ask.view || 'needs_me';
		const inView = (each: ExceptionView, name: string) => {
			if (name === 'resolved') return each.resolved_at_ms !== null;
			const quiet = this.muted.has(each.cause);
			if (name === 'muted') return quiet && each.resolved_at_ms === null && each.snoozed_until_ms === null;
			if (quiet && name === 'needs_me') return false;
			if (each.resolved_at_ms !== null) return false;
			if (name === 'snoozed') return each.snoozed_until_ms !== null;
			if (each.snoozed_until_ms !== null) return false;
			if (name === 'unknown') return each.cause === 'outcome_unknown';
			if (name === 'waiting') return each.cause === 'fulfillment_refused';
			return true;
		};
		const words = ask.text.toLowerCase();
		const kept = this.exceptionList.filter(
			(each) =>
				inView(each, view) &&
				(ask.cause === null || each.cause === ask.cause) &&
				`${each.order?.number ?? ''} ${each.order?.customer ?? ''} ${each.sentence} ${each.assignee}`
					.toLowerCase()
					.includes(words),
		);
		const groups = [...new Set(kept.map((each) => each.cause))].map((cause): ExceptionGroup => {
			const entries = kept.filter((each) => each.cause === cause);
			const meta = makeExceptions.meta[cause];
			return {
				cause,
				title: entries[0]?.title ?? cause,
				summary: meta?.summary ?? '',
				help: meta?.help ?? '',
				icon: meta?.icon ?? 'warning',
				tone: meta?.tone ?? 'warning',
				count: entries.length,
				oldest_at_ms: Math.min(...entries.map((each) => each.opened_at_ms)),
				value: [['EUR', entries.reduce((sum, each) => sum + (each.order?.total_minor ?? 0), 0)]],
				muted: this.muted.get(cause) ?? null,
				actions: entries[0]?.actions ?? [],
				entries: ask.cause ? entries : entries.slice(0, 20),
			};
		});
		const counts = Object.fromEntries(
			['needs_me', 'waiting', 'unknown', 'snoozed', 'muted', 'resolved'].map((name) => [
				name,
				this.exceptionList.filter((each) => inView(each, name)).length,
			]),
		);
		return this.#answer({
			groups,
			counts,
			mended_today: this.orders.length === 0 ? 0 : 31,
			assignees: [...new Set(this.exceptionList.map((each) => each.assignee))].filter((name) => name !== ''),
			checked:
				'Both sides of the other 395 open orders were compared at 14:12. BigCommerce answers slowly; 14 orders there were last seen at 13:58.',
			as_of_ms: this.now(),
		});
	};

	shipments = (text: string, before: string | null, limit: number) => {
		const all = makeParcels(this.orders).filter((each) =>
			`${each.order_number} ${each.tracking_number} ${each.carrier}`.toLowerCase().includes(text.toLowerCase()),
		);
		const from = before === null ? 0 : Number(before);
		const end = from + (limit || 100);
		return this.#answer({ rows: all.slice(from, end), next: end < all.length ? String(end) : null });
	};

	/** The fake desk's counts, for tests to change. */
	stockRows = makeStock();
	stock = (ask: StockAsk) => {
		const mode = this.automationList.find((each) => each.id === 'stock')?.mode ?? 'off';
		return this.#answer(stockPage(mode === 'off' ? this.stockRows.map(unsaid) : this.stockRows, ask, mode));
	};
	adjust_stock = async (ask: StockAdjust) => {
		const before = this.stockRows;
		const { rows, said } = adjusted(before, ask);
		if (typeof said === 'string') throw no('input', said);
		if (ask.preview) return this.#answer({ ...said, undo: null });
		this.stockRows = rows;
		const undo = `adjust-${before.length}-${ask.sku}`;
		const told = () => queueMicrotask(() => this.emit({ topics: ['stock'], orders: [] }));
		this.#undo.set(undo, () => {
			this.stockRows = before;
			told();
		});
		told();
		return this.#answer({ ...said, undo });
	};
	/** What buyers send back at the fake desk, for tests to change. */
	returnList: ReturnView[] = [];
	returns = (ask: ReturnsAsk) => this.#answer(returnsPage(this.returnList, ask));
	returns_of = (id: number) => this.#answer(this.returnList.filter((each) => each.order_id === id));
	#returned(orders: number[]): void {
		queueMicrotask(() => this.emit({ topics: ['orders', 'effects', 'exceptions'], orders }));
	}
	receive_goods = async (ask: GoodsAsk) => {
		const before = this.returnList;
		const done = received(before, ask, this.now());
		if (typeof done === 'string') throw no('input', done);
		this.returnList = done.all;
		if (done.said.undo !== null) {
			this.#undo.set(done.said.undo, () => {
				this.returnList = before;
			});
		}
		this.#returned([ask.order]);
		return this.#answer(done.said);
	};
	answer_return = async (ask: ReturnAnswerAsk) => {
		const done = answered(this.returnList, ask);
		if (typeof done === 'string') throw no('input', done);
		this.returnList = done.all;
		this.#returned([ask.order]);
		return this.#answer(done.said);
	};
	replace_goods = async (ask: ReplaceAsk) => {
		const done = replaced(this.returnList, ask);
		if (typeof done === 'string') throw no('input', done);
		this.returnList = done.all;
		this.#returned([ask.order]);
		return this.#answer(done.said);
	};
	choices = async (verb: Verb, targets: Targets): Promise<ChoiceOffer[]> => {
		const ids = new Set(this.#targets({ targets }).orders);
		return choicesOf(verb, [...new Set(this.orders.filter((row) => ids.has(row.id)).map((row) => row.connection))]);
	};
	refundable = async (id: number): Promise<Refundable> => {
		const row = this.orders.find((each) => each.id === id);
		if (!row) throw no('gone', 'There is no such order. Refresh the list.');
		const why = this.#notRefundable(row);
		if (why !== null) throw no('input', why);
		return makeRefundable(row, makeDetail(row, [], []));
	};
	/** What the next quotes end in, for tests. */
	quoteTrouble: string | null = null;
	/** Every quote asked for, for tests. */
	quoted: Act[] = [];
	refund_quote = async (act: Act): Promise<RefundQuoteView> => {
		this.quoted.push(structuredClone(act));
		if (this.quoteTrouble !== null) throw no('platform', this.quoteTrouble);
		const [id] = this.#targets(act).orders;
		return makeQuote(await this.refundable(id ?? 0), act);
	};
	labels = new FakeLabels();
	#testLabels(): boolean {
		const card = this.automationList.find((each) => each.id === 'labels');
		return card?.settings.some((field) => field.name === 'test' && field.value === true) ?? false;
	}
	label_quotes = async (id: number, size: ParcelSize | null) => {
		const row = this.orders.find((each) => each.id === id);
		if (!row) throw no('gone', 'There is no such order. Refresh the list.');
		if (this.labels.trouble !== null) throw no('platform', this.labels.trouble);
		const why = this.labels.because(row);
		if (why !== null) throw no('input', why);
		return this.#answer(this.labels.quotes(row, size, this.#testLabels()));
	};
	label_batch = (ids: number[]) =>
		this.#answer(
			this.labels.batch(
				this.orders.filter((row) => ids.includes(row.id)),
				this.#testLabels(),
			),
		);
	save_labels = (picks: LabelPick[], form: LabelForm, folder: string) =>
		this.#answer(this.labels.save(picks, form, folder));
	open_labels = (picks: LabelPick[]) => this.#answer(this.labels.save(picks, 'pdf', null));
	/** The hub answers what was held back, for tests. */
	settleLabels = () => {
		this.labels.settle(this.now());
		this.emit({ topics: ['orders', 'effects'], orders: [] });
	};
	/** Orders of which money is on its way back. */
	#givingBack = new Set<number>();
	#notRefundable(row: QueueRow): string | null {
		const title = STORES.find((each) => each.id === row.connection)?.title ?? 'The store';
		if (!REFUNDS.has(row.connection)) return `${title} takes no refunds from outside. Give the money back there.`;
		if (row.stage === 'unpaid') return 'No money was taken for it, so none can be given back.';
		return this.#givingBack.has(row.id) ? 'Money of it is being given back already. Wait until that is done.' : null;
	}
	act = async (act: Act): Promise<ActOutcome> => {
		this.acted.push(structuredClone(act));
		if (act.verb === 'edit') checkFields(act.fields);
		if ((act.verb === 'snooze' || act.verb === 'hold') && act.until_ms !== null && act.until_ms <= this.now()) {
			throw no('input', 'That moment has passed already. Choose a later one.', 'until_ms');
		}
		const ids = this.#targets(act);
		const refused: ActOutcome['refused'] = [];
		const before = structuredClone({ orders: this.orders, exceptions: this.exceptionList, effects: this.effectList });
		let done = 0;
		const took: string[] = [];
		for (const id of ids.orders) {
			const row = this.orders.find((each) => each.id === id);
			if (!row) continue;
			if (row.stage === 'telling' && ['hold', 'cancel', 'push'].includes(act.verb)) {
				refused.push({ label: row.number, sentence: 'It has left already.' });
				continue;
			}
			if ((act.verb === 'link' || act.verb === 'unlink') && act.fields['order'] !== undefined) {
				if (act.fields['anyway'] !== 'yes') {
					const sentence =
						act.fields['order'] === 'nope'
							? 'No other order "nope" is known. Name it by its number or its id; if its store has it, read that store again.'
							: `${row.number} at ${row.store} is the one to be sent and is told of its parcels. Say "anyway" to do it.`;
					refused.push({ label: row.number, sentence });
					continue;
				}
			}
			if (act.verb === 'link' && act.fields['hub_order'] !== undefined) {
				const named = act.fields['hub_order'];
				const sentence = /^\d+$/.test(named)
					? act.fields['anyway'] === 'yes' || named === row.number.slice(1)
						? null
						: `${named} at ShipStation does not look like ${row.number}. The numbers differ: ${row.number} and ${named}. Say "anyway" if it is all the same.`
					: `No hub order "${named}" is known. Read the shipping account again; if it is there, name it by its id.`;
				if (sentence !== null) {
					refused.push({ label: row.number, sentence });
					continue;
				}
			}
			if (act.verb === 'refund') {
				const sentence = this.#notRefundable(row);
				if (sentence !== null) {
					refused.push({ label: row.number, sentence });
					continue;
				}
				this.#givingBack.add(row.id);
			}
			if (act.verb === 'buy_label' || act.verb === 'return_label') {
				const next = Math.max(0, ...this.effectList.map((each) => each.id)) + 1;
				const planned = this.labels.plan(act, row, next, this.now());
				if (typeof planned === 'string') {
					refused.push({ label: row.number, sentence: planned });
					continue;
				}
				this.effectList = [planned, ...this.effectList];
			} else if (act.verb === 'void_label') this.labels.void(row.id, this.now());
			done++;
			took.push(row.number);
			if (act.verb === 'hold') {
				row.stage = 'held';
				row.waits_on = {
					code: 'held_by_person',
					sentence: `On hold, by you: “${act.reason || 'no reason given'}”`,
					icon: 'pause',
					tone: 'hold',
					since_ms: this.now(),
					action: 'release',
				};
			} else if (['release', 'push', 'ship_anyway'].includes(act.verb)) {
				row.stage = 'packing';
				row.waits_on = {
					code: 'packing',
					sentence: 'In ShipStation since {since}, waits for packing',
					icon: 'clock',
					tone: 'neutral',
					since_ms: this.now(),
					action: null,
				};
			} else if (act.verb === 'cancel') row.stage = 'cancelled';
		}
		for (const id of ids.exceptions) {
			const entry = this.exceptionList.find((each) => each.id === id);
			if (!entry) {
				refused.push({ label: `exception ${id}`, sentence: 'It is not on the list any more.' });
				continue;
			}
			done++;
			took.push(entry.order?.number ?? `exception ${id}`);
			if (act.verb === 'assign') {
				entry.assignee = act.fields['to'] ?? '';
				continue;
			}
			if (act.verb === 'wake') {
				entry.snoozed_until_ms = null;
				continue;
			}
			if (act.verb === 'snooze') entry.snoozed_until_ms = act.until_ms ?? this.now() + 60 * MIN;
			else entry.resolved_at_ms = this.now();
			entry.resolved_by = 'person';
		}
		if (act.verb === 'approve') this.returnList = paid(this.returnList, ids.effects);
		for (const id of ids.effects) {
			const effect = this.effectList.find((each) => each.id === id);
			if (!effect) continue;
			done++;
			took.push(effect.order_number);
			effect.state = act.verb === 'skip' ? 'skipped' : 'pending';
		}
		if (!this.labels.held) this.labels.settle(this.now());
		const of = ids.orders.length + ids.exceptions.length + ids.effects.length;
		if (of > 50) {
			const job = `act-${this.acted.length}`;
			const doing = `Working on ${of} rows`;
			this.#progress({ job, sentence: doing, done: 0, of, ended: null });
			this.#progress({ job, sentence: doing, done: of, of, ended: 'done' });
		}
		const undoable = ['hold', 'release', 'snooze', 'resolve', 'skip', 'assign'].includes(act.verb) && done > 0;
		let undo: string | null = null;
		if (undoable) {
			undo = `undo-${this.acted.length}`;
			this.#undo.set(undo, () => {
				this.orders = before.orders;
				this.exceptionList = before.exceptions;
				this.effectList = before.effects;
			});
		}
		queueMicrotask(() => this.emit({ topics: ['orders', 'exceptions', 'effects'], orders: ids.orders.slice(0, 500) }));
		const words: Record<string, string> = {
			hold: 'Held',
			release: 'Released',
			retry: 'Trying again',
			snooze: 'Snoozed',
			wake: 'Back in the list',
			resolve: 'Settled',
			edit: 'Saved; trying again',
			skip: 'Given up',
			cancel: 'Cancelling',
			approve: 'Approved',
			push: 'Sending',
			sync: 'Reading',
			look_now: 'Looking at',
			void_label: 'Voiding the label of',
			buy_label: 'Buying labels',
			return_label: 'Buying a return label',
			ship_anyway: 'Shipping',
			assign: 'Given',
		};
		const rest = refused.length > 0 ? `; ${refused.length} refused` : '';
		return this.#answer({
			sentence:
				done === 0 && refused.length > 0
					? 'Nothing was done; the reason stands below.'
					: `${words[act.verb]}: ${done}${rest}`,
			done,
			took: took.slice(0, 1000),
			refused,
			undo,
		});
	};
	#targets(act: Pick<Act, 'targets'>): { orders: number[]; exceptions: number[]; effects: number[] } {
		const none = { orders: [], exceptions: [], effects: [] };
		// A cause means what is open: what is put away stays so.
		const open = this.exceptionList.filter((each) => each.resolved_at_ms === null && each.snoozed_until_ms === null);
		switch (act.targets.of) {
			case 'orders':
				return { ...none, orders: act.targets.which };
			case 'matching':
				return { ...none, orders: this.#match({ view: '', text: '', ...act.targets.which }).rows.map((row) => row.id) };
			case 'exceptions':
				return { ...none, exceptions: act.targets.which };
			case 'cause': {
				const cause = act.targets.which;
				return { ...none, exceptions: open.filter((each) => each.cause === cause).map((each) => each.id) };
			}
			case 'effects':
				return { ...none, effects: act.targets.which };
			case 'everything': {
				const listed = open.filter((each) => each.actions.includes('retry') && !this.muted.has(each.cause));
				return { ...none, exceptions: listed.map((each) => each.id) };
			}
		}
	}
	undo = async (token: string): Promise<ActOutcome> => {
		const back = this.#undo.get(token);
		if (!back) throw no('gone', 'Too late to take this back.');
		this.#undo.delete(token);
		back();
		queueMicrotask(() => this.emit({ topics: ['orders', 'exceptions', 'effects'], orders: [] }));
		return { sentence: 'Taken back', done: 1, took: [], refused: [], undo: null };
	};

	activity = () => this.#answer(this.activityList);
	effects = (ask: {
		connection: string | null;
		states: string[];
		text: string;
		before: number | null;
		limit: number;
	}) =>
		this.#answer(
			this.effectList
				.filter(
					(each) =>
						(ask.connection === null || each.connection === ask.connection) &&
						(ask.states.length === 0 || ask.states.includes(each.state)) &&
						(ask.before === null || each.id < ask.before) &&
						`${each.order_number} ${each.sentence}`.toLowerCase().includes(ask.text.toLowerCase()),
				)
				.slice(0, Math.min(ask.limit || 100, 500)),
		);
	history = (ask: { connection: string | null; text: string; before: number | null; limit: number }) => {
		const found = this.historyList.filter(
			(each) =>
				(ask.before === null || each.id < ask.before) &&
				`${each.order_number ?? ''} ${each.sentence} ${each.author}`.toLowerCase().includes(ask.text.toLowerCase()),
		);
		const rows = found.slice(0, Math.min(ask.limit || 100, 500));
		const last = rows.at(-1) ?? null;
		const next = found.length > rows.length && last ? last.id : null;
		return this.#answer({ rows, next, back_to_ms: last?.at_ms ?? null });
	};

	sync_now = async () => {
		const job = `sync-${Date.now()}`;
		let done = 0;
		const names = ['Harbour Goods', 'Harbour Outlet', 'Amazon DE', 'BigCommerce', 'ShipStation'];
		const step = () => {
			done++;
			const ended = done >= names.length ? 'done' : null;
			const sentence = ended ? 'Everything was read again.' : `Reading orders of ${names[done] ?? ''}`;
			if (ended) clearInterval(this.#jobs.get(job));
			this.#progress({ job, sentence, done, of: names.length, ended });
		};
		this.#progress({ job, sentence: 'Reading orders of Harbour Goods', done: 0, of: names.length, ended: null });
		this.#jobs.set(job, setInterval(step, 700));
		return job;
	};
	cancel_job = async (job: string) => {
		clearInterval(this.#jobs.get(job));
		this.#progress({ job, sentence: 'Stopped.', done: 0, of: null, ended: 'cancelled' });
	};

	platforms = () => this.#answer(DECLARATIONS);
	#connections(): ConnectionView[] {
		const known = this.activityList
			.filter((each) => !this.#added.some((added) => added.id === each.id))
			.map((activity): ConnectionView => {
				const account = [...STORES, HUB].find((each) => each.id === activity.id);
				return {
					id: activity.id,
					name: activity.name,
					platform: account?.platform ?? 'shopify',
					platform_title: activity.platform,
					way: account?.platform === 'shipstation' ? 'v1' : 'client_credentials',
					fields: account?.platform === 'shopify' ? { shop: `${activity.id}.myshopify.com` } : {},
					account_name: `${activity.name} GmbH`,
					time_zone: 'Europe/Berlin',
					expiry:
						activity.id === 'shipstation'
							? { at_ms: FRIDAY + 12 * DAY, days: 12, nearness: 'soon', tone: 'warning' }
							: null,
					lasting: activity.id === 'shipstation' ? '' : 'do not end by themselves',
					abilities: account?.platform === 'shipstation' ? ['v1', 'v2'] : ['read_orders', 'write_fulfillments'],
					base_url: null,
					settings: this.#settings.get(activity.id) ?? {},
					who_writes: null,
					activity,
				};
			});
		return [...known, ...this.#added].map((each) => ({ ...each, name: this.#names.get(each.id) ?? each.name }));
	}
	connections = () => this.#answer(this.#connections());
	#test(fields: Record<string, string>, name: string, base_url: string | null = null): TestResult {
		const refused = (field: string, sentence: string): TestResult => ({
			ok: false,
			account_name: null,
			state: 'missing',
			problems: [[field, sentence]],
			checks: [],
		});
		if (base_url !== null && !/^https?:\/\/(127\.|localhost)/.test(base_url)) {
			return refused('base_url', `${base_url} is not on this computer. Leave it empty for a real account.`);
		}
		// Refusals that belong to no field: the whole account is another one, or is there already.
		if (Object.values(fields).some((value) => value.includes('elsewhere'))) {
			return refused('', 'These credentials open another account (Elsewhere). Nothing was changed.');
		}
		const bad = Object.entries(fields).find(([, value]) => value.includes('wrong'));
		if (bad) {
			return {
				ok: false,
				account_name: null,
				state: 'missing',
				problems: [[bad[0], 'The platform does not accept this. Copy it again, without spaces around it.']],
				checks: [
					{
						title: 'Sign in',
						state: 'missing',
						detail: 'The platform answered “Invalid API key or access token”.',
						disables: ['everything'],
					},
				],
			};
		}
		return {
			ok: true,
			account_name: name || 'Harbour Goods',
			state: 'limited',
			problems: [],
			checks: [
				{
					title: 'Sign in',
					state: 'works',
					detail: 'Signed in as Harbour Goods (harbour-goods.myshopify.com), zone Europe/Berlin.',
					disables: [],
				},
				{ title: 'Read orders', state: 'works', detail: 'The newest order is #10482.', disables: [] },
				{
					title: 'Report parcels',
					state: 'works',
					detail: 'Scope write_merchant_managed_fulfillment_orders is granted.',
					disables: [],
				},
				{
					title: 'Read all orders',
					state: 'limited',
					detail: 'Scope read_all_orders is missing: orders older than 60 days stay unseen.',
					disables: ['Orders older than 60 days'],
				},
			],
		};
	}
	test_connection = (draft: { fields: Record<string, string>; name: string; base_url: string | null }) =>
		this.#answer(this.#test(draft.fields, draft.name, draft.base_url));
	test_saved = (id: string) => this.#answer(this.#test({}, id));
	connect = async (draft: { platform: string; way: string; name: string; fields: Record<string, string> }) => {
		const platform = DECLARATIONS.find((each) => each.platform === draft.platform);
		const id = draft.name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
		if (this.#connections().some((each) => each.id === id)) {
			throw no('input', `There is already an account called ${draft.name}. Choose another name.`, 'name');
		}
		const template = makeActivity()[0] as ConnectionActivity;
		const activity: ConnectionActivity = {
			...template,
			id,
			name: draft.name,
			platform: platform?.title ?? draft.platform,
			roles: platform?.roles ?? [],
			sentence: 'Reads its orders for the first time.',
			waiting: 0,
			unknown: 0,
			drain_s: null,
			orders_in_today: 0,
			effects_today: 0,
		};
		this.activityList = [...this.activityList, activity];
		const secret = new Set(
			platform?.ways
				.flatMap((way) => way.fields)
				.filter((f) => f.secret)
				.map((f) => f.name),
		);
		const view: ConnectionView = {
			id,
			name: draft.name,
			platform: draft.platform,
			platform_title: activity.platform,
			way: draft.way,
			fields: Object.fromEntries(Object.entries(draft.fields).filter(([name]) => !secret.has(name))),
			account_name: draft.name,
			time_zone: 'Europe/Berlin',
			expiry: null,
			lasting: 'do not end by themselves',
			abilities: [],
			base_url: null,
			settings: {},
			who_writes: null,
			activity,
		};
		this.#added.push(view);
		if (this.state.state === 'ready' && this.state.first_run) this.#become({ ...this.state, first_run: false });
		this.emit({ topics: ['connections'], orders: [] });
		return this.#answer(view);
	};
	rotate = (id: string, way: string, fields: Record<string, string>) => {
		const result = this.#test(fields, '');
		this.rotated.push({ id, way, fields });
		if (result.ok) this.emit({ topics: ['connections'], orders: [] });
		return this.#answer(result);
	};
	rename_connection = async (id: string, name: string) => {
		this.#names.set(id, name);
		const activity = this.activityList.find((each) => each.id === id);
		if (activity) activity.name = name;
		this.emit({ topics: ['connections'], orders: [] });
	};
	pause_connection = async (id: string, paused: boolean) => {
		const activity = this.activityList.find((each) => each.id === id);
		if (activity) {
			activity.paused = paused;
			activity.sentence = paused ? 'Paused by you. Nothing is read or sent.' : 'Reads its orders; everything is fresh.';
			activity.tone = paused ? 'neutral' : 'success';
		}
		this.emit({ topics: ['connections'], orders: [] });
	};
	remove_connection = async (id: string) => {
		this.#removed.add(id);
		this.activityList = this.activityList.filter((each) => each.id !== id);
		this.#added = this.#added.filter((each) => each.id !== id);
		this.emit({ topics: ['connections', 'orders'], orders: [] });
		return null;
	};
	put_connection_settings = async (id: string, settings: Record<string, Json>): Promise<unknown> => {
		this.#settings.set(id, { ...this.#settings.get(id), ...structuredClone(settings) });
		this.emit({ topics: ['connections'], orders: [] });
		return this.#connections().find((each) => each.id === id);
	};
	/** Not reached just now, in a sentence. */
	silent: string | null = null;
	/** What was asked with, for tests. */
	describedWith: Record<string, Json>[] = [];
	describe_account = async (id: string, settings: Record<string, Json>): Promise<Described> => {
		this.describedWith.push(settings);
		if (this.silent !== null) throw no('platform', this.silent);
		const account = this.#connections().find((each) => each.id === id);
		return this.#answer(account?.platform === 'salesforce' ? describedFor(settings) : NOTHING_DESCRIBED);
	};
	put_stream_interval = async (id: string, stream: string, interval_s: number) => {
		const found = this.activityList.find((each) => each.id === id)?.streams.find((each) => each.name === stream);
		if (found) found.interval_s = interval_s;
		this.emit({ topics: ['streams'], orders: [] });
	};

	automations = () => this.#answer(this.automationList);
	put_automation = async (id: string, mode: AutomationView['mode'], settings: Record<string, unknown>) => {
		const found = this.automationList.find((each) => each.id === id);
		if (!found) throw no('gone', 'There is no such automation.');
		found.mode = mode;
		for (const field of found.settings) {
			if (field.name in settings) field.value = settings[field.name] as never;
		}
		this.emit({ topics: ['settings'], orders: [] });
		return this.#answer(found);
	};
	go_live = async (id: string, mode: AutomationView['mode'], from_ms: number | null) => {
		const found = this.automationList.find((each) => each.id === id);
		if (!found) throw no('gone', 'There is no such automation.');
		found.mode = mode;
		found.go_live_ms = from_ms;
		if (mode === 'auto' && !['labels', 'return_refunds'].includes(id)) found.asked = 0;
		this.emit({ topics: ['settings'], orders: [] });
		return this.#answer(found);
	};
	profiles = new FakeProfiles();
	/** Files of orders to be entered by hand, for tests. */
	byHand: { path: string; with_addresses: boolean }[] = [];
	profile_shipped = async () => this.profiles.shipped();
	profile_check = async (_platform: string, profile: string) => this.profiles.check(profile);
	profile_edit = async (_platform: string, profile: string, place: string[], value: Json) =>
		this.profiles.edit(profile, place, value);
	profile_preview = async (_platform: string, profile: string, entity: string, sample: string) =>
		this.profiles.preview(profile, entity, sample);
	profile_sample = async (draft: ConnectionDraft, _of: string | null, entity: string) =>
		this.profiles.sample(entity, draft.fields);
	profile_dry_run = async (_platform: string, profile: string, operation: string, order: number | null) =>
		this.profiles.dryRun(profile, operation, this.orders.find((row) => order === null || row.id === order) ?? null);
	profile_import = async (_platform: string, from: HandedText) => this.profiles.import(from);
	csv_preview = async (id: string, from: HandedText) => this.profiles.csvPreview(from, id);
	import_csv = async (id: string, from: HandedText, mapping: CsvMapping) => this.profiles.importCsv(id, from, mapping);
	by_hand_text = async (cause: Cause): Promise<[number, string]> => {
		const rows = this.exceptionList.filter((each) => each.cause === cause && each.resolved_at_ms === null);
		const texts = await Promise.all(rows.map((each) => this.entry_text(each.id)));
		return [texts.length, texts.join('\n\n')];
	};
	export_by_hand = async (cause: Cause, path: string, with_addresses: boolean) => {
		this.byHand.push({ path, with_addresses });
		return (await this.by_hand_text(cause))[0];
	};
	#tables = new FakeTables();
	#tabled<T>(value: T): Promise<T> {
		this.emit({ topics: ['settings'], orders: [] });
		return this.#answer(value);
	}
	sku_aliases = (text: string) => this.#answer(this.#tables.view(text));
	put_sku_alias = (alias: SkuAlias, replaces: SkuAlias | null) => this.#tabled(this.#tables.put(alias, replaces));
	remove_sku_alias = (alias: SkuAlias) => this.#tabled(this.#tables.remove(alias));
	import_sku_aliases = (_path: string, write: boolean) => this.#answer(this.#tables.import(write));
	export_sku_aliases = () => this.#answer(this.#tables.aliases.length);
	unknown_skus = () => this.#answer(this.#tables.unknown());
	/** What buyers are told. */
	told = new FakeMessages();
	buyer_messages = () => this.#answer(this.told.view());
	put_buyer_messages = async (messages: BuyerMessages) => {
		const trouble = this.told.trouble(messages);
		if (trouble) throw no('input', trouble);
		return this.#answer(this.told.put(messages));
	};
	preview_buyer_message = (_happening: Happening, text: MessageText) => this.#answer(this.told.preview(text));
	field_mapping = () => this.#answer(this.#tables.mappingView());
	put_field_mapping = (mapping: FieldMapping) => {
		this.#tables.mapping = structuredClone(mapping);
		return this.#tabled(this.#tables.mappingView());
	};
	test_field_mapping = (mapping: FieldMapping) => this.#answer(this.#tables.mappingTest(mapping));
	mapping_plan = (mapping: FieldMapping, skip: number) =>
		this.#answer(this.#tables.mappingPlan(mapping, skip, this.now()));
	mapping_set_text = (set: string | null) => this.#answer(this.#tables.mappingText(set));
	export_mapping_set = (set: string | null) =>
		this.#answer(JSON.parse(this.#tables.mappingText(set)).rows.length as number);
	import_mapping_set = async (from: HandedText, agreed: string | null) => {
		const taken = this.#tables.importMapping(from.text, agreed);
		if (!taken) throw no('input', 'This is no set of mappings. Take the text or the file that Export wrote, whole.');
		return taken.kept ? this.#tabled(taken) : this.#answer(taken);
	};
	rules = () => this.#answer(this.#tables.rulesView());
	put_rules = (book: RuleBook) => {
		this.#tables.book = structuredClone(book);
		return this.#tabled(this.#tables.rulesView());
	};
	test_rules = (book: RuleBook, order: number | null, last: number) =>
		this.#answer(this.#tables.rulesTest(book, order === null ? last : 1));
	rules_plan = (book: RuleBook, skip: number) => this.#answer(this.#tables.rulesPlan(book, skip, this.now()));
	rule_trace = (id: number) => this.#answer(makeTrace(this.orders.find((each) => each.id === id)));
	explain = (id: number) => {
		const row = this.orders.find((each) => each.id === id);
		if (!row) return Promise.reject(no('gone', 'There is no such order. Refresh the list.'));
		const open = this.exceptionList.filter((each) => each.order?.id === id && each.resolved_at_ms === null);
		return this.#answer(makeExplanation(row, open));
	};
	edit_preview = async (exception: number, fields: Record<string, string>): Promise<Plan> => {
		const row = this.exceptionList.find((each) => each.id === exception)?.order;
		if (!row) throw no('gone', 'It is not on the list any more.');
		checkFields(fields);
		const plan = makePlan([row], 'orders_to_hub', null, 0, this.stockRows);
		for (const item of plan.items)
			item.changes = Object.entries(fields).map(([field, after]) => ({ field, before: '', after }));
		return this.#answer({ ...plan, cost: [] });
	};
	plan = (automation: string | null, going_live: GoingLive | null, skip: number): Promise<Plan> =>
		this.#answer(makePlan(this.orders, automation, going_live, skip, this.stockRows));

	settings = () => this.#answer(this.saved);
	put_settings = async (settings: Settings) => {
		this.saved = structuredClone(settings);
		this.emit({ topics: ['settings'], orders: [] });
		return this.#answer(this.saved);
	};
	backup = async (path: string, pass_phrase: string) => {
		if (pass_phrase.length < 8) throw no('input', 'A pass phrase needs at least 8 characters.', 'pass_phrase');
		this.#progress({ job: 'backup', sentence: `Backed up to ${path}.`, done: 1, of: 1, ended: 'done' });
	};
	restore = async (path: string, pass_phrase: string) => {
		if (pass_phrase === 'wrong') throw no('input', `${path} does not open with this pass phrase.`, 'pass_phrase');
		return null;
	};
	/** What the check-up found, until it is mended. */
	#ailing: Diagnosis[] = [
		{
			title: 'Profile',
			state: 'limited',
			detail: '/home/mara/.local/share/quayside can be opened by other users of this computer.',
			mend: { what: 'close_folder' },
		},
		{
			title: 'Older copies',
			state: 'works',
			detail:
				'2 files of the database from before an update, a restore or a repair, 84 MB, kept for 30 days and then deleted.',
			mend: { what: 'forget_copies' },
		},
	];
	/** What fell over while it last ran. */
	fell: Fallen | null = null;
	bundles: string[] = [];
	doctor = () =>
		this.#answer([
			{ title: 'Keychain', state: 'works' as const, detail: 'Opens; 6 entries of Quayside.', mend: null },
			...this.#ailing,
			{ title: 'Database', state: 'works' as const, detail: 'Whole; encrypted; 212 MB.', mend: null },
			{
				title: 'Clock',
				state: 'works' as const,
				detail: 'Agrees with the platforms to within two minutes, as far as they say.',
				mend: null,
			},
			{
				title: 'Account Salesforce',
				state: 'missing' as const,
				detail: 'The refresh token ended at 11:40. Sign in again under Connections.',
				mend: null,
			},
		]);
	mend = async (mend: Mend) => {
		this.#ailing = this.#ailing.filter((line) => line.mend?.what !== mend.what);
	};
	bundle = () =>
		this.#answer(
			[
				'Quayside 0.1.0 on linux x86_64, database schema 14, 2026-11-20T13:05:00Z',
				'No credentials, no buyers, no orders and no names of accounts are in this text. Read it before you send it.',
				'',
				'== Check-up',
				'fine     Keychain: Opens; 6 entries of Quayside.',
				...Array.from(
					{ length: 60 },
					(_, n) =>
						`{"at":"2026-11-20T13:${String(n).padStart(2, '0')}:00.000Z","level":"info","room":"quayside_engine","said":"a page was read"}`,
				),
			].join('\n'),
		);
	/** What was written about buyers, and who was forgotten. */
	buyersFiles: string[] = [];
	/** Buyers an account could not tell apart, and what was said of them. */
	whoIsIt = new WhoIsItDesk();
	customer_reviews = () => this.#answer(this.whoIsIt.reviews());
	choose_customer = async (pick: CustomerPick) => {
		const done = this.whoIsIt.choose(pick, this.now());
		this.emit({ topics: ['exceptions', 'settings'], orders: [] });
		return done;
	};
	unlink_customer = async (connection: string, customer: string) => {
		const done = this.whoIsIt.unlink(connection, customer);
		this.emit({ topics: ['settings'], orders: [] });
		return done;
	};
	find_customer = async (who: string) => {
		const asked = who.trim().toLowerCase();
		if (asked.length < 3)
			throw no('input', 'Give the buyer’s whole e-mail address, telephone number (7 digits or more) or name.', 'who');
		// Every order shows the one address; it is the first buyer’s.
		const name = asked.includes('@') ? this.orders[0]?.customer.toLowerCase() : asked;
		const rows = this.orders.filter((row) => row.customer.toLowerCase() === name);
		return {
			by: asked.includes('@') ? 'email' : 'name',
			orders: rows.map((row) => ({
				id: row.id,
				number: row.number,
				store: row.store,
				placed_at_ms: row.placed_at_ms,
				name: row.customer,
				email: '',
				place: `${row.city} ${row.country}`,
				open: row.stage !== 'shipped' && row.stage !== 'cancelled',
				asked: false,
			})),
			strays: 0,
			not_reached: ['Harbour Goods: what Shopify itself keeps of its orders and customers. Have it removed there.'],
		};
	};
	forget_customer = async (who: string, orders: number[], path: string) => {
		const found = await this.find_customer(who);
		const theirs = found.orders.filter((order) => orders.includes(order.id));
		this.buyersFiles.push(path);
		for (const row of this.orders) if (orders.includes(row.id)) row.customer = '';
		this.emit({ topics: ['orders'], orders });
		return {
			at_ms: this.now(),
			by: found.by,
			blanked: theirs.filter((order) => !order.open).map((order) => order.number),
			waiting: theirs.filter((order) => order.open).map((order) => order.number),
			strays: 0,
			not_reached: found.not_reached,
			trail_entry: 41,
			trail_head: `41-${'ab'.repeat(32)}`,
			receipt: path,
		};
	};
	export_customer = async (who: string, orders: number[], path: string) => {
		const found = await this.find_customer(who);
		this.buyersFiles.push(path);
		return {
			data: path,
			page: path.replace(/json$/, 'html'),
			orders: found.orders.filter((order) => orders.includes(order.id)).map((order) => order.number),
			strays: 0,
			not_in_here: found.not_reached,
			trail_head: `41-${'ab'.repeat(32)}`,
		};
	};
	/** Evidence that was written: of which order, with whose address. */
	evidence: { id: number; with_addresses: boolean; path: string }[] = [];
	save_evidence = async (id: number, with_addresses: boolean, path: string) => {
		this.evidence.push({ id, with_addresses, path });
		return { path, moments: 7, changes: 2, trail_head: `41-${'ab'.repeat(32)}` };
	};
	save_bundle = async (path: string) => {
		if (!path.startsWith('/')) throw no('input', `${path} could not be written: no such folder.`, 'path');
		this.bundles.push(path);
		return { path, lines: 65 };
	};
	fallen = () => this.#answer(this.fell);
	fallen_known = async () => {
		this.fell = null;
	};
	start_sandbox = async () => {
		const full = new FakeDesk();
		Object.assign(this, {
			orders: full.orders,
			exceptionList: full.exceptionList,
			effectList: full.effectList,
			historyList: full.historyList,
			activityList: full.activityList,
		});
		this.#become({ state: 'ready', sandbox: true, first_run: false, version: '0.1.0', profile: 'sandbox' });
	};
	leave_sandbox = async () => {
		Object.assign(this, { orders: [], exceptionList: [], effectList: [], historyList: [], activityList: [] });
		this.#become({
			state: 'ready',
			sandbox: false,
			first_run: true,
			version: '0.1.0',
			profile: '/home/ben/.local/share/quayside',
		});
	};
	open_link = async (url: string) => {
		this.linksOpened.push(url);
	};
	pick_file = async (_wish: FileWish, suggested: string) => `/home/ben/${suggested}`;
	set_zoom = async () => {};
	listen = (events: DeskEvents) => {
		this.#events.add(events);
		return () => this.#events.delete(events);
	};
}

/** The desk of a plain browser; the address says how big and in which state. */
export function fakeDesk(): FakeDesk {
	const query = new URLSearchParams(`${location.search.slice(1)}&${location.hash.split('?')[1] ?? ''}`);
	const desk = new FakeDesk({
		firstRun: query.has('first'),
		broken: query.has('broken'),
		orders: query.has('orders') ? Number(query.get('orders')) : undefined,
		moving: query.has('moving'),
		fresh: query.has('fresh'),
		slow: query.has('slow') ? Number(query.get('slow')) : undefined,
	});
	const theme = query.get('theme');
	if (theme) desk.saved.theme = theme;
	const density = query.get('density');
	if (density) desk.saved.density = density;
	Object.assign(window, { __fake: desk });
	return desk;
}
