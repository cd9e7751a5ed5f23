// What a desk can be asked: one function per command, the same words as the terminal uses.
// `tauri.ts` asks the real one; `$lib/fake` answers in memory for tests and a plain browser.
import type {
	Act,
	ActivityAsk,
	ActOutcome,
	AliasesView,
	AutomationView,
	BundleSaved,
	BuyerMessages,
	Cause,
	CauseView,
	ChoiceOffer,
	Changed,
	ConnectionActivity,
	ConnectionDraft,
	ConnectionView,
	Console,
	Counts,
	CsvImported,
	CsvMapping,
	CsvPreview,
	CustomerExported,
	CustomerForgotten,
	CustomerFound,
	CustomerPick,
	CustomerPicked,
	CustomerReviews,
	Declaration,
	Described,
	Delivery,
	DeskState,
	Diagnosis,
	Fallen,
	EffectView,
	EvidenceSaved,
	ExceptionsAsk,
	ExceptionsPage,
	Explanation,
	FieldMapping,
	FileWish,
	FilterValue,
	GoingLive,
	GoodsAsk,
	GoodsNoted,
	HandedText,
	Happening,
	HistoryPage,
	Home,
	ImportedProfile,
	ImportView,
	Json,
	LabelBatch,
	LabelForm,
	LabelPick,
	LabelQuotes,
	LabelsSaved,
	Mapped,
	MappingImport,
	MappingTest,
	MappingView,
	Mend,
	MessagePreview,
	MessagesView,
	MessageText,
	Mode,
	NotificationView,
	OrderDetail,
	ParcelSize,
	Plan,
	Preview,
	ProfileReport,
	Progress,
	QueueAsk,
	QueueHeadings,
	QueuePage,
	Refundable,
	RefundQuoteView,
	Report,
	ReportAsk,
	ReportForm,
	ReportKind,
	ReportOffer,
	ReportPlan,
	ReportPlanView,
	ReportSchedule,
	ReportScheduleView,
	ReportWay,
	ReportWaysDraft,
	ReportWaysView,
	ReplaceAsk,
	ReturnAnswerAsk,
	ReturnsAsk,
	ReturnsPage,
	ReturnView,
	RuleBook,
	RulesTest,
	RulesView,
	Settings,
	ShipmentsPage,
	StockAdjust,
	StockAdjusted,
	StockAsk,
	StockPage,
	ShippedProfile,
	SkuAlias,
	SplitView,
	Step,
	SyncScope,
	Targets,
	TeamAlerts,
	TeamAlertsView,
	TestResult,
	TraceView,
	TriedRequest,
	UnfulfilledGroup,
	UnknownSkus,
	Verb,
} from './types';

/** Everything rejects with a `Trouble`. */
export interface Desk {
	/** The wall clock, ms UTC; the fake desk has its own. */
	now(): number;
	desk_state(): Promise<DeskState>;
	open_fresh(): Promise<unknown>;
	try_again(): Promise<unknown>;
	counts(): Promise<Counts>;
	home(): Promise<Home>;
	queue(ask: QueueAsk): Promise<QueuePage>;
	/** Headings by `store`, `stage`, `waits`, `country` or `due`. */
	queue_groups(ask: QueueAsk, by: string): Promise<QueueHeadings>;
	/** Values that what was typed behind a key of the filter could go on to, the most frequent first. */
	filter_values(key: string, typed: string): Promise<FilterValue[]>;
	order(id: number): Promise<OrderDetail>;
	/** One order as a person types it in where orders are not taken from outside. */
	order_text(id: number): Promise<string>;
	entry_text(id: number): Promise<string>;
	raw_answer(connection: string, kind: string, remote_id: string): Promise<string>;
	/** What a platform answered at one try of a change, exchange by exchange. */
	try_answer(effect: number, n: number): Promise<string>;
	unfulfilled(): Promise<UnfulfilledGroup[]>;
	/** The reports there are. */
	reports(): Promise<ReportOffer[]>;
	report(ask: ReportAsk): Promise<Report>;
	/** A table (by its code) to be pasted. */
	report_text(ask: ReportAsk, form: ReportForm, table: string): Promise<string>;
	/** To a file: a table as CSV or Parquet (by its code), or all of it as a page. */
	save_report(ask: ReportAsk, form: ReportForm, table: string, path: string): Promise<unknown>;
	report_plan(): Promise<ReportPlanView>;
	put_report_plan(plan: ReportPlan): Promise<ReportPlanView>;
	report_schedules(): Promise<ReportScheduleView[]>;
	/** A new one without an id. */
	put_report_schedule(schedule: ReportSchedule): Promise<ReportScheduleView[]>;
	forget_report_schedule(id: string): Promise<ReportScheduleView[]>;
	/** The ways reports are delivered by, and what became of every delivery. */
	report_ways(): Promise<ReportWaysView>;
	/** Secrets that are given empty stay as they are in the keychain. */
	put_report_ways(draft: ReportWaysDraft): Promise<ReportWaysView>;
	forget_report_way(way: ReportWay): Promise<ReportWaysView>;
	/** Sends a test as it is filled in; a sentence on what happened. */
	test_report_way(way: ReportWay, draft: ReportWaysDraft): Promise<string>;
	/** One report about a day, or (`null`, '') all that make themselves about yesterday; what came of each. */
	send_reports(way: ReportWay, kind: ReportKind | null, day: string): Promise<Delivery[]>;
	/** The report of a schedule, by one of its ways or (`null`) all, of a day it was due or ('') the last one. */
	send_schedule(id: string, way: ReportWay | null, day: string): Promise<Delivery[]>;
	/** What the team is told besides the desktop, and what became of it. */
	team_alerts(): Promise<TeamAlertsView>;
	put_team_alerts(alerts: TeamAlerts): Promise<TeamAlertsView>;
	exceptions(ask: ExceptionsAsk): Promise<ExceptionsPage>;
	cause(cause: Cause): Promise<CauseView>;
	mute_cause(cause: Cause, muted: boolean, until_ms: number | null): Promise<unknown>;
	notifications(before: number | null, limit: number): Promise<NotificationView[]>;
	checklist(): Promise<Step[]>;
	console(): Promise<Console>;
	put_console(console: Console): Promise<Console>;
	shipments(text: string, before: string | null, limit: number): Promise<ShipmentsPage>;
	/** Counts of units, SKU by SKU. */
	stock(ask: StockAsk): Promise<StockPage>;
	/** Adds units to a count, or takes some away; or says what would come of it. */
	adjust_stock(ask: StockAdjust): Promise<StockAdjusted>;
	/** What buyers send back, the one that changed last first. */
	returns(ask: ReturnsAsk): Promise<ReturnsPage>;
	returns_of(id: number): Promise<ReturnView[]>;
	/** Somebody holds goods of a return; the token takes it back. */
	receive_goods(ask: GoodsAsk): Promise<GoodsNoted>;
	/** A return that the buyer asked for is agreed to, or declined. */
	answer_return(ask: ReturnAnswerAsk): Promise<GoodsNoted>;
	/** The same goods are sent again instead of the money. */
	replace_goods(ask: ReplaceAsk): Promise<GoodsNoted>;
	act(act: Act): Promise<ActOutcome>;
	/** What can be chosen beside a cancellation or a refund, and what happens where it cannot. */
	choices(verb: Verb, targets: Targets): Promise<ChoiceOffer[]>;
	refundable(id: number): Promise<Refundable>;
	/** What giving money back would come to; changes nothing. */
	refund_quote(act: Act): Promise<RefundQuoteView>;
	/** What carriers ask for a label; asks the hub, changes nothing. */
	label_quotes(id: number, size: ParcelSize | null): Promise<LabelQuotes>;
	label_batch(ids: number[]): Promise<LabelBatch>;
	/** Into a folder a person chose; says `Progress` of a job `labels-…`. */
	save_labels(picks: LabelPick[], form: LabelForm, folder: string): Promise<LabelsSaved>;
	/** Opens them in the system's viewer, where they are printed. */
	open_labels(picks: LabelPick[]): Promise<LabelsSaved>;
	undo(token: string): Promise<ActOutcome>;
	activity(): Promise<ConnectionActivity[]>;
	effects(ask: ActivityAsk): Promise<EffectView[]>;
	history(ask: ActivityAsk): Promise<HistoryPage>;
	sync_now(scope: SyncScope): Promise<string>;
	cancel_job(job: string): Promise<unknown>;
	platforms(): Promise<Declaration[]>;
	connections(): Promise<ConnectionView[]>;
	test_connection(draft: ConnectionDraft): Promise<TestResult>;
	test_saved(id: string): Promise<TestResult>;
	connect(draft: ConnectionDraft): Promise<ConnectionView>;
	rotate(id: string, way: string, fields: Record<string, string>): Promise<TestResult>;
	rename_connection(id: string, name: string): Promise<unknown>;
	pause_connection(id: string, paused: boolean): Promise<unknown>;
	/** Gives what could not be taken back at the platform. */
	remove_connection(id: string): Promise<string | null>;
	put_connection_settings(id: string, settings: Record<string, Json>): Promise<unknown>;
	put_stream_interval(id: string, stream: string, interval_s: number): Promise<unknown>;
	/** What its settings can name; `settings` are choices that are not saved yet. */
	describe_account(id: string, settings: Record<string, Json>): Promise<Described>;
	automations(): Promise<AutomationView[]>;
	put_automation(id: string, mode: Mode, settings: Record<string, Json>): Promise<AutomationView>;
	go_live(id: string, mode: Mode, from_ms: number | null): Promise<AutomationView>;
	plan(automation: string | null, going_live: GoingLive | null, skip: number): Promise<Plan>;
	sku_aliases(text: string): Promise<AliasesView>;
	put_sku_alias(alias: SkuAlias, replaces: SkuAlias | null): Promise<Mapped>;
	remove_sku_alias(alias: SkuAlias): Promise<Mapped>;
	import_sku_aliases(path: string, write: boolean): Promise<ImportView>;
	export_sku_aliases(path: string): Promise<number>;
	unknown_skus(): Promise<UnknownSkus>;
	profile_shipped(platform: string): Promise<ShippedProfile[]>;
	profile_check(platform: string, profile: string): Promise<ProfileReport>;
	/** A profile with one thing changed: `['operations', 'listOrders', 'path']`. */
	profile_edit(platform: string, profile: string, place: string[], value: Json): Promise<string>;
	profile_preview(platform: string, profile: string, entity: string, sample: string): Promise<Preview>;
	/** Asks the account; `of` where it is connected and the key is known. */
	profile_sample(draft: ConnectionDraft, of: string | null, entity: string): Promise<string>;
	/** Renders, never sends. */
	profile_dry_run(
		platform: string,
		profile: string,
		operation: string,
		order: number | null,
		hub: string | null,
		fields: Record<string, string>,
	): Promise<TriedRequest>;
	profile_import(platform: string, from: HandedText): Promise<ImportedProfile>;
	csv_preview(id: string, from: HandedText): Promise<CsvPreview>;
	import_csv(id: string, from: HandedText, mapping: CsvMapping): Promise<CsvImported>;
	/** How many, and all of them as one text. */
	by_hand_text(cause: Cause): Promise<[number, string]>;
	export_by_hand(cause: Cause, path: string, with_addresses: boolean): Promise<number>;
	field_mapping(): Promise<MappingView>;
	put_field_mapping(mapping: FieldMapping): Promise<MappingView>;
	test_field_mapping(mapping: FieldMapping, order: number | null): Promise<MappingTest>;
	mapping_plan(mapping: FieldMapping, skip: number): Promise<Plan>;
	mapping_set_text(set: string | null): Promise<string>;
	export_mapping_set(set: string | null, path: string): Promise<number>;
	import_mapping_set(from: HandedText, agreed: string | null): Promise<MappingImport>;
	buyer_messages(): Promise<MessagesView>;
	put_buyer_messages(messages: BuyerMessages): Promise<MessagesView>;
	preview_buyer_message(happening: Happening, text: MessageText, order: number | null): Promise<MessagePreview>;
	rules(): Promise<RulesView>;
	put_rules(book: RuleBook): Promise<RulesView>;
	test_rules(book: RuleBook, order: number | null, last: number): Promise<RulesTest>;
	rule_trace(order: number): Promise<TraceView[]>;
	/** What changes for open orders if these rules were kept. */
	rules_plan(book: RuleBook, skip: number): Promise<Plan>;
	split(order: number): Promise<SplitView>;
	/** Units of every further part by line id; none puts it together again. */
	put_split(order: number, further: Record<string, number>[]): Promise<SplitView>;
	explain(order: number): Promise<Explanation>;
	/** What would be sent if these fields of an exception were saved. */
	edit_preview(exception: number, fields: Record<string, string>): Promise<Plan>;
	settings(): Promise<Settings>;
	put_settings(settings: Settings): Promise<Settings>;
	backup(path: string, pass_phrase: string): Promise<unknown>;
	/** Gives where the database before was kept. */
	restore(path: string, pass_phrase: string): Promise<string | null>;
	doctor(): Promise<Diagnosis[]>;
	mend(mend: Mend): Promise<unknown>;
	/** What helps somebody to help: no credentials, no buyers, no orders. */
	bundle(): Promise<string>;
	save_bundle(path: string): Promise<BundleSaved>;
	/** Every order of a buyer, by a whole e-mail address, telephone number or name. Changes nothing. */
	find_customer(who: string): Promise<CustomerFound>;
	/** Customers an account could not tell apart, and what people said. */
	customer_reviews(): Promise<CustomerReviews>;
	choose_customer(pick: CustomerPick): Promise<CustomerPicked>;
	unlink_customer(connection: string, customer: string): Promise<CustomerPicked>;
	/** There is no way back. The receipt goes to `path`. */
	forget_customer(who: string, orders: number[], path: string): Promise<CustomerForgotten>;
	/** Data for programs to `path`, a page beside it. */
	export_customer(who: string, orders: number[], path: string): Promise<CustomerExported>;
	save_evidence(id: number, with_addresses: boolean, path: string): Promise<EvidenceSaved>;
	fallen(): Promise<Fallen | null>;
	fallen_known(): Promise<unknown>;
	start_sandbox(): Promise<unknown>;
	leave_sandbox(): Promise<unknown>;
	open_link(url: string): Promise<unknown>;
	/** Asks for a file with the system's dialog; null if the person gave up. A path it did not give is refused everywhere. */
	pick_file(wish: FileWish, suggested: string): Promise<string | null>;
	/** Zoom of the whole window, 1 is 100 %. */
	set_zoom(factor: number): Promise<void>;
	/** Subscribes to what the shell says; returns how to stop. */
	listen(events: DeskEvents): () => void;
}

export interface DeskEvents {
	changed?: (changed: Changed) => void;
	progress?: (progress: Progress) => void;
	desk_state?: (state: DeskState) => void;
	/** A place like `exceptions?cause=late`: somebody clicked a notification or the tray. */
	go?: (place: string) => void;
}
