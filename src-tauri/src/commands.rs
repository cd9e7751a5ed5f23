//! The door to the page: one line per command, each the api's function of the
//! same name. Nothing is decided here. Functions that read the store run on a
//! thread for waiting, so that no screen waits for another.

use crate::chosen::FileWish;
use crate::shell::Shell;
use quayside_api::activity::HistoryPage;
use quayside_api::aliases::{AliasesView, ImportView, Mapped, UnknownSkus};
use quayside_api::buyer_messages::{MessagePreview, MessagesView};
use quayside_api::cause::CauseView;
use quayside_api::checklist::Step;
use quayside_api::console::Console;
use quayside_api::desk::Desk;
use quayside_api::filter_values::FilterValue;
use quayside_api::groups::QueueHeadings;
use quayside_api::labels::{LabelBatch, LabelPick, LabelQuotes, LabelsSaved};
use quayside_api::mapping_sets::MappingImport;
use quayside_api::mappings::{MappingTest, MappingView};
use quayside_api::notified::NotificationView;
use quayside_api::profiles::{self, CsvImported, HandedText, TriedRequest};
use quayside_api::reports::deliver::alerts::{TeamAlerts, TeamAlertsView};
use quayside_api::reports::deliver::{Delivery, ReportWay, ReportWaysDraft, ReportWaysView};
use quayside_api::reports::plan::{ReportPlan, ReportPlanView};
use quayside_api::reports::schedule::{ReportSchedule, ReportScheduleView};
use quayside_api::reports::{Report, ReportAsk, ReportForm, ReportKind, ReportOffer};
use quayside_api::returns::{GoodsAsk, GoodsNoted, ReplaceAsk, ReturnAnswerAsk, ReturnView, ReturnsAsk, ReturnsPage};
use quayside_api::rules::{RulesTest, RulesView, TraceView};
use quayside_api::stock::{StockAdjust, StockAdjusted, StockAsk, StockPage};
use quayside_api::trouble::Answer;
use quayside_api::view::{
    Act, ActOutcome, ActivityAsk, AutomationView, BundleSaved, ChoiceOffer, ConnectionActivity, ConnectionDraft,
    ConnectionView, Counts, CustomerExported, CustomerForgotten, CustomerFound, DeskState, Diagnosis, EffectView,
    EvidenceSaved, ExceptionsAsk, ExceptionsPage, Fallen, GoingLive, Home, Mend, OrderDetail, Plan, QueueAsk,
    QueuePage, RefundQuoteView, Refundable, Settings, ShipmentsPage, SplitView, SyncScope, Targets, TestResult,
    Trouble, UnfulfilledGroup, Verb,
};
use quayside_api::who_is_it::{CustomerPick, CustomerPicked, CustomerReviews};
use quayside_connectors::profiles::{CsvMapping, CsvPreview, ImportedProfile, Preview, ProfileReport, ShippedProfile};
use quayside_flows::buyer_messages::{BuyerMessages, Happening, MessageText};
use quayside_flows::field_mapping::FieldMapping;
use quayside_flows::rules::RuleBook;
use quayside_flows::why::Explanation;
use quayside_model::{
    Cause, ConnectionId, Declaration, Described, EffectId, ExceptionId, LabelForm, Mode, OrderId, ParcelSize, SkuAlias,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tauri::{AppHandle, State};
use tauri_plugin_opener::OpenerExt as _;

/// The shell, as commands are handed it.
type At<'a> = State<'a, Shell>;

/// Runs `ask` where waiting is allowed.
async fn on<T: Send + 'static>(shell: &Shell, ask: impl FnOnce(&Desk) -> Answer<T> + Send + 'static) -> Answer<T> {
    let (desk, gate) = (shell.desk().clone(), shell.gate().clone());
    tauri::async_runtime::spawn_blocking(move || {
        let _inside = gate.enter();
        ask(&desk)
    })
    .await
    .unwrap_or_else(|error| {
        Err(Trouble::internal(format!(
            "Something broke while this was done ({error}). Nothing was half done; try again."
        )))
    })
}

/// The same for the few things the shell itself does.
async fn with_shell(app: AppHandle, ask: impl FnOnce(&Shell, &AppHandle) -> Answer<()> + Send + 'static) -> Answer<()> {
    tauri::async_runtime::spawn_blocking(move || ask(&Shell::of(&app), &app)).await.unwrap_or_else(|error| {
        Err(Trouble::internal(format!("Something broke while this was done ({error}). Try again.")))
    })
}

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $kind:ty),*) -> $gives:ty => |$desk:ident| $does:expr;)*) => {
        $(
            $(#[$doc])*
            #[tauri::command]
            #[specta::specta]
            pub async fn $name(shell: At<'_>, $($arg: $kind),*) -> Answer<$gives> {
                on(&shell, move |$desk| $does).await
            }
        )*
    };
}

commands! {
    /// The rail's numbers.
    counts() -> Counts => |d| d.counts();
    /// "Are we fine?"
    home() -> Home => |d| d.home();
    /// A page of the queue.
    queue(ask: QueueAsk) -> QueuePage => |d| d.queue(ask);
    /// The queue's headings: by `store`, `stage`, `waits`, `country` or `due`.
    queue_groups(ask: QueueAsk, by: String) -> QueueHeadings => |d| d.queue_groups(ask, by);
    /// Values that what was typed behind a key of the filter could go on to, the most frequent of open orders first.
    filter_values(key: String, typed: String) -> Vec<FilterValue> => |d| d.filter_values(&key, &typed);
    /// One order, whole.
    order(id: OrderId) -> OrderDetail => |d| d.order(id);
    /// One order as a person types it in where orders are not taken from outside.
    order_text(id: OrderId) -> String => |d| d.order_text(id);
    /// What one entry of the exceptions wants a person to enter somewhere by hand.
    entry_text(id: ExceptionId) -> String => |d| d.entry_text(id);
    /// What a platform answered, as it came.
    raw_answer(connection: ConnectionId, kind: String, remote_id: String) -> String => |d| d.raw_answer(&connection, &kind, &remote_id);
    /// What a platform answered at one try of a change, exchange by exchange.
    try_answer(effect: EffectId, n: u32) -> String => |d| d.try_answer(effect, n);
    /// Paid orders that wait too long, by what they wait on.
    unfulfilled() -> Vec<UnfulfilledGroup> => |d| d.unfulfilled();
    /// The reports there are.
    reports() -> Vec<ReportOffer> => |d| d.reports();
    /// Makes a report, with as much of its tables as a screen shows.
    report(ask: ReportAsk) -> Report => |d| d.report_shown(&ask);
    /// A table of a report for the clipboard, whole.
    report_text(ask: ReportAsk, form: ReportForm, table: String) -> String => |d| d.report_text(&ask, form, &table);
    /// What makes itself every day.
    report_plan() -> ReportPlanView => |d| d.report_plan();
    /// Reports on a schedule of their own, and how they go.
    report_schedules() -> Vec<ReportScheduleView> => |d| d.report_schedules();
    /// Takes a schedule away; what it made and sent stays where it is.
    forget_report_schedule(id: String) -> Vec<ReportScheduleView> => |d| d.forget_report_schedule(&id);
    /// The ways reports are delivered by, and how it goes.
    report_ways() -> ReportWaysView => |d| d.report_ways();
    /// What the team is told by mail and into Slack, and how it goes.
    team_alerts() -> TeamAlertsView => |d| d.team_alerts();
    /// Sets what the team is told.
    put_team_alerts(alerts: TeamAlerts) -> TeamAlertsView => |d| d.put_team_alerts(alerts);
    /// What needs a person.
    exceptions(ask: ExceptionsAsk) -> ExceptionsPage => |d| d.exceptions(ask);
    /// What a cause means, why it happens, how it is mended.
    cause(cause: Cause) -> CauseView => |d| d.cause(cause);
    /// Keeps a cause quiet, or lets it be heard again.
    mute_cause(cause: Cause, muted: bool, until_ms: Option<i64>) -> () => |d| d.mute_cause(cause, muted, until_ms);
    /// What was said on the desktop, what was held back, and why.
    notifications(before: Option<i64>, limit: u32) -> Vec<NotificationView> => |d| d.notifications(before, limit);
    /// Puts right what the check-up offered to.
    mend(mend: Mend) -> () => |d| d.mend(&mend);
    /// What fell over since somebody last said that they know of it.
    fallen() -> Option<Fallen> => |d| d.fallen();
    /// They know.
    fallen_known() -> () => |d| d.fallen_known();
    /// The first steps, and which of them are done.
    checklist() -> Vec<Step> => |d| d.checklist();
    /// Views, columns and what else a person arranged.
    console() -> Console => |d| d.console();
    /// Keeps an arrangement, whole.
    put_console(console: Console) -> Console => |d| d.put_console(console);
    /// Parcels.
    shipments(text: String, before: Option<String>, limit: u32) -> ShipmentsPage => |d| d.shipments(text, before.as_deref(), limit);
    /// Counts of units, SKU by SKU.
    stock(ask: StockAsk) -> StockPage => |d| d.stock(&ask);
    /// Adds units to a count, or takes some away; or says what would come of it.
    adjust_stock(ask: StockAdjust) -> StockAdjusted => |d| d.adjust_stock(&ask);
    /// What buyers send back.
    returns(ask: ReturnsAsk) -> ReturnsPage => |d| d.returns(&ask);
    /// The returns of one order.
    returns_of(id: OrderId) -> Vec<ReturnView> => |d| d.returns_of(id);
    /// Somebody holds goods of a return.
    receive_goods(ask: GoodsAsk) -> GoodsNoted => |d| d.receive_goods(&ask);
    /// Agrees to a return that the buyer asked for, or declines it.
    answer_return(ask: ReturnAnswerAsk) -> GoodsNoted => |d| d.answer_return(&ask);
    /// Sends the same goods again instead of the money.
    replace_goods(ask: ReplaceAsk) -> GoodsNoted => |d| d.replace_goods(&ask);
    /// Does something to orders, exceptions or effects.
    act(act: Act) -> ActOutcome => |d| d.act(act);
    /// What can be chosen beside a cancellation or a refund, and what happens where it cannot.
    choices(verb: Verb, targets: Targets) -> Vec<ChoiceOffer> => |d| d.choices(verb, targets);
    /// What buying labels for these orders would do, as far as the desk knows; asks no platform.
    label_batch(ids: Vec<OrderId>) -> LabelBatch => |d| d.label_batch(&ids);
    /// What of an order can be given back.
    refundable(id: OrderId) -> Refundable => |d| d.refundable(id);
    /// Takes something back.
    undo(token: String) -> ActOutcome => |d| d.undo(&token);
    /// Live state of every connection.
    activity() -> Vec<ConnectionActivity> => |d| d.activity();
    /// Effects.
    effects(ask: ActivityAsk) -> Vec<EffectView> => |d| d.effects(ask);
    /// What happened.
    history(ask: ActivityAsk) -> HistoryPage => |d| d.history(ask);
    /// Reads again now; gives the job's name.
    sync_now(scope: SyncScope) -> String => |d| d.sync_now(scope);
    /// Stops a job.
    cancel_job(job: String) -> () => |d| d.cancel_job(&job);
    /// All accounts.
    connections() -> Vec<ConnectionView> => |d| d.connections();
    /// Gives an account another name.
    rename_connection(id: ConnectionId, name: String) -> ConnectionView => |d| d.rename_connection(&id, &name);
    /// Stops or resumes an account.
    pause_connection(id: ConnectionId, paused: bool) -> ConnectionView => |d| d.pause_connection(&id, paused);
    /// Keeps an account's settings.
    put_connection_settings(id: ConnectionId, settings: BTreeMap<String, Value>) -> ConnectionView => |d| d.put_connection_settings(&id, &settings);
    /// How often a stream is read.
    put_stream_interval(id: ConnectionId, stream: String, interval_s: u32) -> ConnectionView => |d| d.put_stream_interval(&id, &stream, interval_s);
    /// All automations.
    automations() -> Vec<AutomationView> => |d| d.automations();
    /// Keeps an automation's mode and settings.
    put_automation(id: String, mode: Mode, settings: BTreeMap<String, Value>) -> AutomationView => |d| d.put_automation(&id, mode, &settings);
    /// Lets an automation act, from an order on.
    go_live(id: String, mode: Mode, from_ms: Option<i64>) -> AutomationView => |d| d.go_live(&id, mode, from_ms);
    /// What automations would do now.
    plan(automation: Option<String>, going_live: Option<GoingLive>, skip: i64) -> Plan => |d| d.plan(automation.as_deref(), going_live, skip);
    /// The table of SKU aliases, searched.
    sku_aliases(text: String) -> AliasesView => |d| d.sku_aliases(&text);
    /// Writes an entry of it and lets every open order with that SKU go on.
    put_sku_alias(alias: SkuAlias, replaces: Option<SkuAlias>) -> Mapped => |d| d.put_sku_alias(alias, replaces);
    /// Takes an entry out.
    remove_sku_alias(alias: SkuAlias) -> Mapped => |d| d.remove_sku_alias(alias);
    /// SKUs nobody knows yet, and what may be meant.
    unknown_skus() -> UnknownSkus => |d| d.unknown_skus();
    /// Profiles of accounts' APIs that come with the program.
    profile_shipped(platform: String) -> Vec<ShippedProfile> => |_d| profiles::shipped(&platform);
    /// Looks a profile through: what is wrong, what it switches on, what it says.
    profile_check(platform: String, profile: String) -> ProfileReport => |_d| profiles::check(&platform, &profile);
    /// A profile with one thing changed.
    profile_edit(platform: String, profile: String, place: Vec<String>, value: Value) -> String => |_d| profiles::edit(&platform, &profile, &place, &value);
    /// A sample answer read through a profile.
    profile_preview(platform: String, profile: String, entity: String, sample: String) -> Preview => |_d| profiles::preview(&platform, &profile, &entity, &sample);
    /// The exact request a profile makes of an order; sends nothing.
    profile_dry_run(platform: String, profile: String, operation: String, order: Option<OrderId>, hub: Option<ConnectionId>, fields: BTreeMap<String, String>) -> TriedRequest => |d| d.try_profile(&platform, &profile, &operation, order, hub, &fields);
    /// What is to be entered by hand as one text (whole orders, or changes of orders that are there); how many orders, and the text.
    by_hand_text(cause: Cause) -> (i64, String) => |d| d.by_hand_text(cause);
    /// The field mappings.
    field_mapping() -> MappingView => |d| d.field_mapping();
    /// Keeps them.
    put_field_mapping(mapping: FieldMapping) -> MappingView => |d| d.put_field_mapping(mapping);
    /// What mappings would make of recent orders, or of one.
    test_field_mapping(mapping: FieldMapping, order: Option<OrderId>) -> MappingTest => |d| d.test_field_mapping(mapping, order);
    /// How many open orders change where these mappings take the place of those that are kept, order by order.
    mapping_plan(mapping: FieldMapping, skip: i64) -> Plan => |d| d.mapping_plan(mapping, skip);
    /// A set of mappings as a text for another desk; without an id the mappings that stand in no set.
    mapping_set_text(set: Option<String>) -> String => |d| d.mapping_set_text(set.as_deref());
    /// What buyers are told.
    buyer_messages() -> MessagesView => |d| d.buyer_messages();
    /// Keeps it.
    put_buyer_messages(messages: BuyerMessages) -> MessagesView => |d| d.put_buyer_messages(messages);
    /// What a message would say on an order, or on the newest one. Sends nothing.
    preview_buyer_message(happening: Happening, text: MessageText, order: Option<OrderId>) -> MessagePreview => |d| d.preview_buyer_message(happening, &text, order);
    /// The rules.
    rules() -> RulesView => |d| d.rules();
    /// Keeps them.
    put_rules(book: RuleBook) -> RulesView => |d| d.put_rules(book);
    /// What rules would make of one order, or of the last so many.
    test_rules(book: RuleBook, order: Option<OrderId>, last: u32) -> RulesTest => |d| d.test_rules(book, order, last);
    /// What rules made of an order.
    rule_trace(order: OrderId) -> Vec<TraceView> => |d| d.rule_trace(order);
    /// How many open orders change where these rules take the place of those that are kept, order by order.
    rules_plan(book: RuleBook, skip: i64) -> Plan => |d| d.rules_plan(book, skip);
    /// How an order is split, and why that cannot be changed now.
    split(order: OrderId) -> SplitView => |d| d.split(order);
    /// Splits an order: units of every further part by the store's line; none puts it together again.
    put_split(order: OrderId, further: Vec<BTreeMap<String, i64>>) -> SplitView => |d| d.put_split(order, further);
    /// Why an order is not shipped.
    explain(order: OrderId) -> Explanation => |d| d.explain(order);
    /// What would be sent if these fields of an exception were saved. Changes nothing.
    edit_preview(exception: ExceptionId, fields: BTreeMap<String, String>) -> Plan => |d| d.edit_preview(exception, &fields);
    /// Every order of a buyer, by a whole e-mail address, telephone number or name. Changes nothing.
    find_customer(who: String) -> CustomerFound => |d| d.find_customer(&who);
    /// Customers whom an account could not tell apart, side by side, and what people said.
    customer_reviews() -> CustomerReviews => |d| d.customer_reviews();
    /// Says who a buyer is at an account: one of its customers, this once or always, or a new one.
    choose_customer(pick: CustomerPick) -> CustomerPicked => |d| d.choose_customer(pick);
    /// Takes back what was said of a buyer.
    unlink_customer(connection: ConnectionId, customer: String) -> CustomerPicked => |d| d.unlink_customer(connection, &customer);
    /// The program's settings.
    settings() -> Settings => |d| d.settings();
    /// Sets a damaged database aside and begins anew.
    open_fresh() -> () => |d| d.open_fresh();
}

/// The same for those that read or write a file. The page says which; one that nobody chose is refused.
macro_rules! file_commands {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $kind:ty),*) -> $gives:ty => $wish:ident $path:ident |$desk:ident, $file:ident| $does:expr;)*) => {
        $(
            $(#[$doc])*
            #[tauri::command]
            #[specta::specta]
            pub async fn $name(shell: At<'_>, $($arg: $kind),*) -> Answer<$gives> {
                let chosen = Arc::clone(shell.chosen());
                on(&shell, move |$desk| chosen.lend(FileWish::$wish, &$path, |$file| $does)).await
            }
        )*
    };
}

file_commands! {
    /// Writes a report to a file a person chose: a table of it as CSV or Parquet, or all of it as a page.
    save_report(ask: ReportAsk, form: ReportForm, table: String, path: String) -> () => Save path |d, file| d.save_report(&ask, form, &table, file);
    /// Reads a CSV of aliases; with `write` into the table.
    import_sku_aliases(path: String, write: bool) -> ImportView => Open path |d, file| d.import_sku_aliases(file, write);
    /// Writes the table as CSV; how many entries.
    export_sku_aliases(path: String) -> i64 => Save path |d, file| d.export_sku_aliases(file);
    /// Writes a set of mappings for another desk; how many mappings.
    export_mapping_set(set: Option<String>, path: String) -> i64 => Save path |d, file| d.export_mapping_set(set.as_deref(), file);
    /// Takes a buyer's data out of these of their orders, for good; the receipt is written to a file.
    forget_customer(who: String, orders: Vec<OrderId>, path: String) -> CustomerForgotten => Save path |d, file| d.forget_customer(&who, &orders, Some(file));
    /// Writes everything that is kept of a buyer in these of their orders: for programs, and as a page beside it.
    export_customer(who: String, orders: Vec<OrderId>, path: String) -> CustomerExported => Save path |d, file| d.export_customer(&who, &orders, file);
    /// Writes the evidence of an order for a dispute.
    save_evidence(id: OrderId, with_addresses: bool, path: String) -> EvidenceSaved => Save path |d, file| d.save_evidence(id, with_addresses, file);
    /// Writes what is to be entered by hand as CSV; how many orders.
    export_by_hand(cause: Cause, path: String, with_addresses: bool) -> i64 => Save path |d, file| d.export_by_hand(cause, file, with_addresses);
    /// Writes a backup that a pass phrase opens.
    backup(path: String, pass_phrase: String) -> () => Save path |d, file| d.backup(file, &pass_phrase);
    /// Puts a backup in place of the database; gives where the one before was kept.
    restore(path: String, pass_phrase: String) -> Option<PathBuf> => Open path |d, file| d.restore(file, &pass_phrase);
}

/// Asks for a file or a folder with the system's dialog; null if the person gave up. Other commands take no other.
#[tauri::command]
#[specta::specta]
pub async fn pick_file(app: AppHandle, wish: FileWish, suggested: String) -> Answer<Option<String>> {
    tauri::async_runtime::spawn_blocking(move || Shell::of(&app).chosen().ask(&app, wish, &suggested))
        .await
        .map_err(|error| Trouble::internal(format!("The dialog for files could not be shown ({error}). Try again.")))
}

/// A profile from a Postman collection or an OpenAPI file.
#[tauri::command]
#[specta::specta]
pub async fn profile_import(shell: At<'_>, platform: String, from: HandedText) -> Answer<ImportedProfile> {
    let from = shell.chosen().handed(from)?;
    on(&shell, move |_| profiles::import_handed(&platform, from)).await
}

/// The columns of an account's export, and what they are: as the last time, else a guess.
#[tauri::command]
#[specta::specta]
pub async fn csv_preview(shell: At<'_>, id: ConnectionId, from: HandedText) -> Answer<CsvPreview> {
    let from = shell.chosen().handed(from)?;
    on(&shell, move |d| d.csv_preview_handed(&id, from)).await
}

/// Takes the orders of an export in.
#[tauri::command]
#[specta::specta]
pub async fn import_csv(shell: At<'_>, id: ConnectionId, from: HandedText, mapping: CsvMapping) -> Answer<CsvImported> {
    let from = shell.chosen().handed(from)?;
    on(&shell, move |d| d.import_csv_handed(&id, from, &mapping)).await
}

/// Says what taking a set of mappings in would change; with the digest of what was said, does it.
#[tauri::command]
#[specta::specta]
pub async fn import_mapping_set(shell: At<'_>, from: HandedText, agreed: Option<String>) -> Answer<MappingImport> {
    let from = shell.chosen().handed(from)?;
    on(&shell, move |d| d.import_mapping_set(from, agreed.as_deref())).await
}

/// Sets what makes itself every day.
#[tauri::command]
#[specta::specta]
pub async fn put_report_plan(shell: At<'_>, plan: ReportPlan) -> Answer<ReportPlanView> {
    let chosen = Arc::clone(shell.chosen());
    on(&shell, move |d| {
        // The folder that is set was chosen when it was set.
        if !plan.folder.is_empty() && plan.folder != d.report_plan()?.plan.folder {
            chosen.take(FileWish::Folder, &plan.folder)?;
        }
        d.put_report_plan(&plan)
    })
    .await
}

/// Sets a report on a schedule of its own: a new one without an id.
#[tauri::command]
#[specta::specta]
pub async fn put_report_schedule(shell: At<'_>, schedule: ReportSchedule) -> Answer<Vec<ReportScheduleView>> {
    let chosen = Arc::clone(shell.chosen());
    on(&shell, move |d| {
        // A folder that something is written to already was chosen when that was set.
        if !schedule.folder.is_empty() && schedule.folder != d.report_plan()?.plan.folder {
            let known = d.report_schedules()?;
            if !known.iter().any(|one| one.schedule.folder == schedule.folder) {
                chosen.take(FileWish::Folder, &schedule.folder)?;
            }
        }
        d.put_report_schedule(&schedule)
    })
    .await
}

/// Where the program stands.
#[tauri::command]
#[specta::specta]
#[allow(clippy::needless_pass_by_value)] // commands are handed their arguments
pub fn desk_state(app: AppHandle) -> DeskState {
    Shell::of(&app).state()
}

/// Tries to open once more, after a person mended something.
#[tauri::command]
#[specta::specta]
pub async fn try_again(app: AppHandle) -> Answer<()> {
    with_shell(app, Shell::try_again).await
}

/// Keeps the program's settings; those the window acts on hold at once.
#[tauri::command]
#[specta::specta]
pub async fn put_settings(app: AppHandle, shell: At<'_>, settings: Settings) -> Answer<Settings> {
    let settings = on(&shell, move |d| d.put_settings(settings)).await?;
    shell.heed(&app, &settings);
    Ok(settings)
}

/// Opens the sandbox merchant behind this window.
#[tauri::command]
#[specta::specta]
pub async fn start_sandbox(app: AppHandle) -> Answer<()> {
    with_shell(app, Shell::start_sandbox).await
}

/// Back to the person's own accounts.
#[tauri::command]
#[specta::specta]
pub async fn leave_sandbox(app: AppHandle) -> Answer<()> {
    with_shell(app, Shell::leave_sandbox).await
}

/// Every platform there is a connector for.
#[tauri::command]
#[specta::specta]
pub fn platforms() -> Vec<Declaration> {
    Desk::platforms()
}

/// Sets the ways reports are delivered by; a secret that is given empty stays as it is.
#[tauri::command]
#[specta::specta]
pub async fn put_report_ways(shell: At<'_>, draft: ReportWaysDraft) -> Answer<ReportWaysView> {
    shell.desk().put_report_ways(draft).await
}

/// Takes the secret of a way out of the keychain, and switches the way off.
#[tauri::command]
#[specta::specta]
pub async fn forget_report_way(shell: At<'_>, way: ReportWay) -> Answer<ReportWaysView> {
    shell.desk().forget_report_way(way).await
}

/// Sends a test by a way as it is filled in; keeps nothing. What happened, as a sentence.
#[tauri::command]
#[specta::specta]
pub async fn test_report_way(shell: At<'_>, way: ReportWay, draft: ReportWaysDraft) -> Answer<String> {
    shell.desk().test_report_way(way, draft).await
}

/// Sends reports by a way now: one about a day, or all of the plan's about yesterday. What came of each.
#[tauri::command]
#[specta::specta]
pub async fn send_reports(
    shell: At<'_>,
    way: ReportWay,
    kind: Option<ReportKind>,
    day: String,
) -> Answer<Vec<Delivery>> {
    shell.desk().send_reports(way, kind, &day).await
}

/// Sends the report of a schedule now, by one of its ways or all of them: of a day it was due, or the last one.
#[tauri::command]
#[specta::specta]
pub async fn send_schedule(shell: At<'_>, id: String, way: Option<ReportWay>, day: String) -> Answer<Vec<Delivery>> {
    shell.desk().send_schedule(&id, way, &day).await
}

/// Tries a filled-in form; keeps nothing.
#[tauri::command]
#[specta::specta]
pub async fn test_connection(shell: At<'_>, draft: ConnectionDraft) -> Answer<TestResult> {
    shell.desk().test_connection(draft).await
}

/// Tries a saved account again.
#[tauri::command]
#[specta::specta]
pub async fn test_saved(shell: At<'_>, id: ConnectionId) -> Answer<TestResult> {
    shell.desk().test_saved(id).await
}

/// Keeps an account that works.
#[tauri::command]
#[specta::specta]
pub async fn connect(shell: At<'_>, draft: ConnectionDraft) -> Answer<ConnectionView> {
    shell.desk().connect(draft).await
}

/// Replaces credentials by new ones that work.
#[tauri::command]
#[specta::specta]
pub async fn rotate(
    shell: At<'_>,
    id: ConnectionId,
    way: String,
    fields: BTreeMap<String, String>,
) -> Answer<TestResult> {
    shell.desk().rotate(id, way, fields).await
}

/// Forgets an account and its credentials; gives what could not be taken back at the platform.
#[tauri::command]
#[specta::specta]
pub async fn remove_connection(shell: At<'_>, id: ConnectionId) -> Answer<Option<String>> {
    shell.desk().disconnect(id).await
}

/// What an account answers when its records are listed, to see where things are.
#[tauri::command]
#[specta::specta]
pub async fn profile_sample(
    shell: At<'_>,
    draft: ConnectionDraft,
    of: Option<ConnectionId>,
    entity: String,
) -> Answer<String> {
    shell.desk().profile_sample(draft, of, entity).await
}

/// What settings of an account can name, as it describes itself; `settings` are choices that are not saved yet.
#[tauri::command]
#[specta::specta]
pub async fn describe_account(shell: At<'_>, id: ConnectionId, settings: BTreeMap<String, Value>) -> Answer<Described> {
    shell.desk().describe_account(&id, settings).await
}

/// What giving money back would come to, by the store's word where it gives one. Changes nothing.
#[tauri::command]
#[specta::specta]
pub async fn refund_quote(shell: At<'_>, act: Act) -> Answer<RefundQuoteView> {
    shell.desk().refund_quote(act).await
}

/// What carriers offer for an order now. Changes nothing.
#[tauri::command]
#[specta::specta]
pub async fn label_quotes(shell: At<'_>, id: OrderId, size: Option<ParcelSize>) -> Answer<LabelQuotes> {
    shell.desk().label_quotes(id, size.unwrap_or_default()).await
}

/// Writes labels into a folder that a person chose, a file each.
#[tauri::command]
#[specta::specta]
pub async fn save_labels(shell: At<'_>, picks: Vec<LabelPick>, form: LabelForm, folder: String) -> Answer<LabelsSaved> {
    let folder = shell.chosen().take(FileWish::Folder, &folder)?;
    shell.desk().save_labels(&picks, form, &folder).await
}

/// Opens labels in this computer's viewer, to be printed.
#[tauri::command]
#[specta::specta]
pub async fn open_labels(app: AppHandle, shell: At<'_>, picks: Vec<LabelPick>) -> Answer<LabelsSaved> {
    let mut saved = shell.desk().labels_to_open(&picks).await?;
    for file in &saved.files {
        if let Err(error) = app.opener().open_path(file.as_str(), None::<&str>) {
            saved.problems.push(format!("{file} could not be opened ({error}). Open it from its folder."));
        }
    }
    Ok(saved)
}

/// Looks at everything that can be wrong.
#[tauri::command]
#[specta::specta]
pub async fn doctor(shell: At<'_>) -> Answer<Vec<Diagnosis>> {
    shell.desk().doctor().await
}

/// What helps somebody to help, as one text.
#[tauri::command]
#[specta::specta]
pub async fn bundle(shell: At<'_>) -> Answer<String> {
    shell.desk().bundle().await
}

/// Writes that text to a file.
#[tauri::command]
#[specta::specta]
pub async fn save_bundle(shell: At<'_>, path: String) -> Answer<BundleSaved> {
    let file = shell.chosen().take(FileWish::Save, &path)?;
    let outcome = shell.desk().save_bundle(&file).await;
    if outcome.is_err() {
        shell.chosen().give_back(FileWish::Save, file);
    }
    outcome
}

/// Opens a link in the browser: pages of connected platforms and of carriers, nothing else.
#[tauri::command]
#[specta::specta]
pub async fn open_link(app: AppHandle, shell: At<'_>, url: String) -> Answer<()> {
    let url = on(&shell, move |d| d.open_link(&url)).await?;
    app.opener().open_url(&url, None::<&str>).map_err(|error| {
        Trouble::internal(format!("No browser could be opened ({error}). Copy the address instead: {url}"))
    })
}
