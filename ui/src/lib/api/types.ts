// The shapes that cross the door, as the desk sends them (crate `quayside-api`, view.rs).
// Written by hand until generated bindings stand beside this file; every screen imports
// shapes from here, so that the swap is this one file.
// Fields the screens never read inside an intent are left open (`Intent`).

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type OrderId = number;
export type EffectId = number;
export type ExceptionId = number;
export type ConnectionId = string;

export type Tone = 'neutral' | 'info' | 'success' | 'warning' | 'danger' | 'hold';
export type Role = 'channel' | 'hub' | 'records' | 'messages';
export type Mode = 'off' | 'watch' | 'ask' | 'auto';
export type CheckState = 'works' | 'limited' | 'missing';
export type EffectState = 'asked' | 'pending' | 'running' | 'unknown' | 'done' | 'refused' | 'skipped';
export type FieldShape = 'token' | 'host' | 'day' | 'text';
export type Action =
	| 'retry'
	| 'skip'
	| 'edit_and_retry'
	| 'look_now'
	| 'sign_in'
	| 'cancel_in_channel'
	| 'void_label'
	| 'ship_anyway'
	| 'release'
	| 'open_channel'
	| 'open_hub'
	| 'resolve';
export type Stage =
	| 'unpaid'
	| 'to_send'
	| 'sending'
	| 'packing'
	| 'held'
	| 'partly_shipped'
	| 'telling'
	| 'shipped'
	| 'cancelled'
	| 'nothing_to_ship'
	| 'ignored';
export type Cause =
	| 'sign_in_needed'
	| 'scope_missing'
	| 'account_blocked'
	| 'not_the_platform'
	| 'keychain_closed'
	| 'clock_wrong'
	| 'offline'
	| 'rate_limited'
	| 'platform_trouble'
	| 'address_missing'
	| 'address_refused'
	| 'unknown_sku'
	| 'service_refused'
	| 'content_refused'
	| 'unreadable'
	| 'hub_locked'
	| 'edited_too_late'
	| 'cancelled_after_label'
	| 'cancelled_at_hub'
	| 'sides_differ'
	| 'parcel_does_not_fit'
	| 'fulfillment_refused'
	| 'held_in_channel'
	| 'hub_notify_failed'
	| 'label_voided'
	| 'outcome_unknown'
	| 'not_understood'
	| 'late'
	| 'at_risk';
export type IntentKind =
	| 'put_hub_order'
	| 'cancel_hub_order'
	| 'hold_hub_order'
	| 'release_hub_order'
	| 'void_label'
	| 'fulfill'
	| 'replace_tracking'
	| 'cancel_fulfillment'
	| 'cancel_channel_order';
export type Verb =
	| 'sync'
	| 'push'
	| 'hold'
	| 'release'
	| 'cancel'
	| 'retry'
	| 'skip'
	| 'approve'
	| 'void_label'
	| 'ship_anyway'
	| 'look_now'
	| 'resolve'
	| 'snooze'
	| 'edit';

export type TroubleCode =
	'input' | 'gone' | 'keychain' | 'storage' | 'held_elsewhere' | 'platform' | 'opening' | 'internal';
export interface Trouble {
	code: TroubleCode;
	sentence: string;
	field: string | null;
}
export type WayOut = 'try_again' | 'restore' | 'start_fresh';
export type DeskState =
	| { state: 'opening' }
	| { state: 'ready'; sandbox: boolean; first_run: boolean; version: string; profile: string }
	| { state: 'broken'; trouble: Trouble; ways_out: WayOut[] };

export interface AccountLine {
	id: ConnectionId;
	name: string;
	tone: Tone;
	last_ok_at_ms: number | null;
	word: string | null;
}
/** Currency and minor units. */
export type Amount = [currency: string, minor: number];
export interface Counts {
	queue: number;
	unfulfilled: number;
	exceptions: number;
	asked: number;
	unknown: number;
	today: number;
	left_today: number;
	at_risk: number;
	late: number;
	held: number;
	unpaid: number;
	open_value: Amount[];
	accounts: AccountLine[];
	tightest_budget: string | null;
	as_of_ms: number;
}

export interface QueueAsk {
	view: string;
	text: string;
	sort: string;
	descending: boolean;
	after: string | null;
	limit: number;
}
export interface WaitsOn {
	code: string;
	sentence: string;
	icon: string;
	tone: Tone;
	since_ms: number;
	action: Action | null;
}
export interface QueueRow {
	id: OrderId;
	number: string;
	connection: ConnectionId;
	store: string;
	placed_at_ms: number;
	customer: string;
	city: string;
	country: string;
	lines: number;
	units: number;
	total_minor: number;
	currency: string;
	currency_exponent: number;
	service: string;
	stage: Stage;
	ship_by_ms: number | null;
	tags: string[];
	hub_state: string;
	waits_on: WaitsOn;
	test: boolean;
}
export interface QueuePage {
	rows: QueueRow[];
	total: number;
	next: string | null;
	hints: string[];
	as_of_ms: number;
}

export interface BothSidesLine {
	line_id: string;
	sku: string;
	name: string;
	detail: string;
	ordered: number;
	at_hub: number | null;
	shipped: number;
	told: number;
	no_shipping: boolean;
	unit_price_minor: number;
}
export interface ParcelView {
	remote_id: string;
	hub: string;
	order_id: OrderId | null;
	order_number: string;
	carrier: string;
	service: string;
	tracking_number: string;
	tracking_url: string | null;
	shipped_at_ms: number | null;
	voided_at_ms: number | null;
	delivered_at_ms: number | null;
	state: string;
	tone: Tone;
	units: number;
}
export interface ShipmentsPage {
	rows: ParcelView[];
	next: string | null;
}
export interface EditableField {
	name: string;
	label: string;
	value: string;
	problem: string | null;
}
export interface ExceptionView {
	id: ExceptionId;
	cause: Cause;
	title: string;
	sentence: string;
	said: string | null;
	order: QueueRow | null;
	connection: ConnectionId | null;
	effect: EffectId | null;
	opened_at_ms: number;
	last_seen_at_ms: number;
	count: number;
	snoozed_until_ms: number | null;
	resolved_at_ms: number | null;
	resolved_by: string | null;
	actions: Action[];
	editable: EditableField[];
}
export interface ExceptionGroup {
	cause: Cause;
	title: string;
	summary: string;
	help: string;
	icon: string;
	tone: Tone;
	count: number;
	oldest_at_ms: number;
	value: Amount[];
	actions: Action[];
	entries: ExceptionView[];
}
export interface ExceptionsAsk {
	view: string;
	cause: Cause | null;
	text: string;
}
export interface ExceptionsPage {
	groups: ExceptionGroup[];
	counts: Record<string, number>;
	mended_today: number;
	checked: string;
	as_of_ms: number;
}
export interface UnfulfilledGroup {
	code: string;
	title: string;
	icon: string;
	tone: Tone;
	count: number;
	oldest_at_ms: number;
	value: Amount[];
	rows: QueueRow[];
	threshold: string;
}
export interface EffectView {
	id: EffectId;
	order_id: OrderId | null;
	order_number: string;
	connection: ConnectionId;
	account: string;
	kind: IntentKind;
	sentence: string;
	state: EffectState;
	attempts: number;
	created_at_ms: number;
	next_at_ms: number | null;
	settled_at_ms: number | null;
	ship_by_ms: number | null;
	problem: string | null;
	key: string;
	remote_id: string | null;
}
/** What is to be changed, in role words; screens show its sentence and changes, not its inside. */
export type Intent = { kind: IntentKind } & Record<string, unknown>;
export interface PlannedEffect {
	key: string;
	automation: string;
	connection: ConnectionId;
	intent: Intent;
	mode: Mode;
	ship_by_ms: number | null;
	sentence: string;
}
export interface Change {
	field: string;
	before: string;
	after: string;
}
export interface PlannedView {
	effect: PlannedEffect;
	account: string;
	order_id: OrderId;
	order_number: string;
	changes: Change[];
}
export interface Plan {
	items: PlannedView[];
	per_automation: Record<string, number>;
	orders: number;
	cost: string[];
	hash: string;
	as_of_ms: number;
}
export interface TimelineEntry {
	id: number;
	at_ms: number;
	author: string;
	kind: string;
	tone: Tone;
	sentence: string;
	detail: [string, string][];
	order_id: OrderId | null;
	order_number: string | null;
}
export interface Link {
	label: string;
	url: string;
}
export interface RawRef {
	connection: ConnectionId;
	account: string;
	kind: string;
	remote_id: string;
	seen_at_ms: number;
}
export interface Address {
	name: string;
	company: string;
	line1: string;
	line2: string;
	line3: string;
	city: string;
	region: string;
	postcode: string;
	country: string;
	phone: string;
}
export interface Choices {
	hold: { reason: string; until_ms: number | null; since_ms: number } | null;
	push_anyway: boolean;
	ship_anyway: boolean;
	address: Address | null;
	skus: Record<string, string>;
	service: string | null;
	settled: Record<string, number>;
}
export interface ActionOffer {
	verb: Verb;
	label: string;
	disabled_because: string | null;
	warning: string | null;
}
export interface OrderDetail {
	row: QueueRow;
	platform: string;
	payment: string;
	ship_to: string[];
	email: string;
	phone: string;
	note: string;
	gift_message: string;
	attributes: [string, string][];
	lines: BothSidesLine[];
	differences: string[];
	parcels: ParcelView[];
	exceptions: ExceptionView[];
	effects: EffectView[];
	plan: PlannedView[];
	timeline: TimelineEntry[];
	links: Link[];
	raw: RawRef[];
	choices: Choices;
	actions: ActionOffer[];
}

export interface BudgetView {
	name: string;
	unit: string;
	left: number;
	of: number;
	sentence: string;
}
export interface StreamView {
	name: string;
	title: string;
	interval_s: number;
	last_ok_at_ms: number | null;
	next_at_ms: number | null;
	failures: number;
	problem: string | null;
	read_total: number;
}
export interface ConnectionActivity {
	id: ConnectionId;
	name: string;
	platform: string;
	roles: Role[];
	tone: Tone;
	sentence: string;
	paused: boolean;
	budgets: BudgetView[];
	streams: StreamView[];
	waiting: number;
	unknown: number;
	drain_s: number | null;
	orders_in_today: number;
	effects_today: number;
}
export interface ActivityAsk {
	connection: ConnectionId | null;
	states: EffectState[];
	text: string;
	before: number | null;
	limit: number;
}

export type Targets =
	| { of: 'orders'; which: OrderId[] }
	| { of: 'exceptions'; which: ExceptionId[] }
	| { of: 'effects'; which: EffectId[] }
	| { of: 'cause'; which: Cause }
	| { of: 'matching'; which: QueueAsk }
	| { of: 'everything' };
export interface Act {
	verb: Verb;
	targets: Targets;
	reason: string;
	until_ms: number | null;
	fields: Record<string, string>;
	refund: boolean;
	restock: boolean;
	notify: boolean;
}
export interface ActRefused {
	label: string;
	sentence: string;
}
export interface ActOutcome {
	sentence: string;
	done: number;
	refused: ActRefused[];
	undo: string | null;
}
export type SyncScope =
	{ what: 'everything' } | { what: 'connection'; which: ConnectionId } | { what: 'order'; which: OrderId };
export interface Progress {
	job: string;
	sentence: string;
	done: number;
	of: number | null;
	ended: string | null;
}
export interface Changed {
	topics: string[];
	orders: OrderId[];
}

export interface CredentialField {
	name: string;
	label: string;
	help: string;
	placeholder: string;
	secret: boolean;
	optional: boolean;
	shape: FieldShape;
}
export interface Way {
	id: string;
	title: string;
	steps: string[];
	fields: CredentialField[];
}
export interface StreamDecl {
	name: string;
	title: string;
	record: string;
	interval_s: number;
	backfill: boolean;
}
export type SettingKind =
	{ type: 'toggle' } | { type: 'number' } | { type: 'text' } | { type: 'choice'; options: [string, string][] };
export interface SettingDecl {
	name: string;
	label: string;
	help: string;
	kind: SettingKind;
	default: string;
}
export interface Declaration {
	platform: string;
	title: string;
	roles: Role[];
	summary: string;
	ways: Way[];
	streams: StreamDecl[];
	performs: IntentKind[];
	batch_max: [IntentKind, number][];
	settings: SettingDecl[];
}
export interface ConnectionView {
	id: ConnectionId;
	name: string;
	platform: string;
	platform_title: string;
	way: string;
	fields: Record<string, string>;
	account_name: string;
	time_zone: string | null;
	expires_at_ms: number | null;
	abilities: string[];
	base_url: string | null;
	settings: Record<string, Json>;
	activity: ConnectionActivity;
}
export interface ConnectionDraft {
	platform: string;
	way: string;
	name: string;
	fields: Record<string, string>;
	base_url: string | null;
}
export interface PreflightCheck {
	title: string;
	state: CheckState;
	detail: string;
	disables: string[];
}
export interface TestResult {
	ok: boolean;
	account_name: string | null;
	checks: PreflightCheck[];
	state: CheckState;
	problems: [string, string][];
}

export interface SettingField {
	name: string;
	label: string;
	help: string;
	kind: string;
	options: [string, string][];
	value: Json;
}
export interface AutomationView {
	id: string;
	title: string;
	summary: string;
	examples: [string, string][];
	mode: Mode;
	go_live_ms: number | null;
	settings: SettingField[];
	done_today: number;
	asked: number;
	would_do: number;
}
export interface Home {
	headline: string;
	counts: Counts;
	next_deadline_ms: number | null;
	oldest_late_ms: number | null;
	shipped_per_day: [string, number][];
	median_hours_to_ship: number | null;
	on_time_percent: number | null;
	waits: [string, string, Tone, number][];
	causes: number;
	accounts: ConnectionActivity[];
}
export interface Diagnosis {
	title: string;
	state: CheckState;
	detail: string;
}
export interface Settings {
	theme: string;
	density: string;
	zoom: number;
	close_to_tray: boolean;
	start_at_login: boolean;
	notifications: boolean;
	notify_exceptions: boolean;
	notify_at_risk: boolean;
	notify_connections: boolean;
	quiet_from_min: number;
	quiet_to_min: number;
	at_risk_min: number;
	unfulfilled_after_days: number;
	cut_off_min: number;
	time_zone: string;
	business_days: [boolean, boolean, boolean, boolean, boolean, boolean, boolean];
	promise_days: number;
	keep_raw_days: number;
	keep_history_days: number;
}
