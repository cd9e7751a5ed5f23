//! What can be typed. Every command and every option, with its help; nothing else.
//!
//! No option takes a secret: secrets come on standard input or from named
//! environment variables, because arguments are seen by every process.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// The fulfillment desk in a terminal: the same desk as the window, and the headless agent.
#[derive(Debug, Clone, Parser)]
#[command(name = "quayside-cli", version, about, max_term_width = 110, propagate_version = true)]
pub struct Cli {
    /// Keep all state in this folder (database, logs, its own keychain entries) instead of the usual one.
    #[arg(long, global = true, value_name = "DIR", env = "QUAYSIDE_PROFILE")]
    pub profile: Option<PathBuf>,
    /// Print exactly one JSON document on standard output, errors included.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// The stand-in merchant: try everything without an account.
    #[command(subcommand)]
    Sandbox(SandboxCommand),
    /// Connect an account, after testing that it works.
    Connect(ConnectArgs),
    /// List the connected accounts and how they are.
    Connections,
    /// Show the choices made about a connection, or make some: who writes a store's orders, its cut-off, and so on.
    ConnectionSettings {
        /// Name or id of the connection.
        connection: String,
        /// What to change, `hub_imports=false`; an empty value goes back to the default. Without any they are shown.
        #[arg(value_name = "KEY=VALUE")]
        changes: Vec<String>,
        /// Ask the account what such a choice can name (its fields, its objects), with what does not fit and why.
        #[arg(long, value_name = "KEY")]
        offers: Option<String>,
    },
    /// Remove an account: forgets its credentials; orders and history stay.
    Disconnect {
        /// Name or id of the connection.
        connection: String,
    },
    /// Let automations act. Without it they only watch.
    GoLive(GoLiveArgs),
    /// Show exactly what the automations would send now, order by order. Sends nothing.
    Plan {
        /// Only this automation (orders_to_hub, rules, sku_aliases, field_mapping, cancellations, sides_agree, tracking_to_channel …).
        #[arg(long)]
        automation: Option<String>,
        /// Every change, not only the first 500.
        #[arg(long)]
        all: bool,
    },
    /// Read the accounts and send what is due.
    Sync(SyncArgs),
    /// List orders.
    Orders(OrdersArgs),
    /// Show one order, whole: both sides, parcels, what it waits on, what happened.
    Order {
        /// Its number (#1001), or its row as `id:17`.
        order: String,
        /// With what the platforms answered at each try of a change, as they said it.
        #[arg(long)]
        answers: bool,
        /// Write the order's evidence for a dispute into this file instead: what happened, what was sent and tried, the
        /// platforms' names of the requests, the tracking and the head of the trail. As JSON if its name ends so, else a page.
        #[arg(long, value_name = "FILE", conflicts_with = "answers")]
        evidence: Option<PathBuf>,
        /// With the buyer's name and address in it.
        #[arg(long, requires = "evidence")]
        addresses: bool,
    },
    /// What is kept of one buyer: write it all down, or forget it.
    #[command(subcommand)]
    Customer(CustomerCommand),
    /// Write down what the desk knew and decided lately, for a bug report: one file, with stand-ins for every name, address and
    /// mail in it.
    Record {
        /// Into this file.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        /// Of orders to which something happened within so long: `90m`, `24h`, `7d`.
        #[arg(long = "for", default_value = "24h", value_name = "DURATION")]
        last: String,
        /// Instead, read every account once, change nothing, and write down what went over the wire: requests and answers.
        /// With the changes that are sent: `sync --record FILE`.
        #[arg(long)]
        wire: bool,
    },
    /// Decide again what such a file holds: decisions, changes, exceptions, and where they are not what was decided then; or
    /// read again what went over the wire. Exit code 1 where it is not the same.
    Replay {
        /// The file.
        file: PathBuf,
    },
    /// Say why an order is not shipped: the reason, the record that shows it, who can mend it.
    Explain {
        /// Its number (#1001), or its row as `id:17`.
        order: String,
    },
    /// Split an order into several hub orders, or say how it is split.
    ///
    /// Each --part is what lies in one further part, SKU=UNITS with commas; the rest stays in the first.
    Split(SplitArgs),
    /// The table of SKU aliases.
    #[command(subcommand)]
    Aliases(AliasesCommand),
    /// Rules that decide how orders ship, as JSON.
    #[command(subcommand)]
    Rules(TableCommand),
    /// Field mappings, as JSON.
    #[command(subcommand)]
    Mappings(MappingsCommand),
    /// What buyers are told by mail when something happens to their order.
    #[command(subcommand)]
    Messages(MessagesCommand),
    /// Make a report: unfulfilled, performance, shipping_cost or reconciliation.
    Report(ReportArgs),
    /// Reports that make themselves: show the plan, or set it.
    ReportPlan {
        /// Write them into this folder every day.
        #[arg(long)]
        folder: Option<PathBuf>,
        /// At this time of the day, `06:00`, in the desk's time zone.
        #[arg(long)]
        at: Option<String>,
        /// Which; all without it.
        #[arg(long = "report")]
        reports: Vec<String>,
        /// As which files: page, csv, parquet.
        #[arg(long = "form")]
        forms: Vec<String>,
        /// Stop making them.
        #[arg(long, conflicts_with_all = ["folder", "at", "reports", "forms"])]
        off: bool,
    },
    /// Reports on schedules of their own: list them, set one up, change or remove one.
    ReportSchedule(ReportScheduleArgs),
    /// Send reports now by a way that is set up in the window under Reports, Deliver.
    ReportSend {
        /// mail, slack or webhook.
        way: String,
        /// Which; without it all that make themselves.
        report: Option<String>,
        /// About which day, `2026-11-01`; yesterday without it.
        #[arg(long, default_value = "", requires = "report")]
        day: String,
    },
    /// List the counts of stock: what holds, what orders hold of it, and what every account shows, by SKU.
    ///
    /// With --adjust a count gets units, or loses some: what came back, broke or was found.
    Stock(StockArgs),
    /// What buyers send back: list it, say that goods are here, give the money back or send the same again.
    Returns(ReturnsArgs),
    /// What carriers offer, buying labels, return labels, and their files.
    #[command(subcommand)]
    Labels(LabelsCommand),
    /// List what needs a person.
    Exceptions {
        /// needs_me, waiting, unknown, snoozed or resolved.
        #[arg(long, default_value = "needs_me")]
        view: String,
        /// Only this cause: its entries, the first 1,000 of them.
        #[arg(long)]
        cause: Option<String>,
    },
    /// Try refused changes again.
    Retry {
        /// Exceptions by number; effects as `effect:34`; orders as `#1001`.
        #[arg(value_name = "ID", required_unless_present_any = ["cause", "all"], conflicts_with_all = ["cause", "all"])]
        ids: Vec<String>,
        /// All open exceptions of this cause.
        #[arg(long, conflicts_with = "all")]
        cause: Option<String>,
        /// Everything that can be retried.
        #[arg(long)]
        all: bool,
    },
    /// Let changes go that wait for a click (mode Ask).
    Approve {
        /// Effects by number; orders as `#1001`.
        #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
        ids: Vec<String>,
        /// Everything that waits for a click.
        #[arg(long)]
        all: bool,
    },
    /// Give changes up.
    Skip {
        /// Effects by number; exceptions as `exception:12`; orders as `#1001`.
        #[arg(value_name = "ID", required = true)]
        ids: Vec<String>,
        /// Why, for the timeline.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Say that a hub order is this order: nothing of ours is sent beside it. Or that another store's order is the same
    /// sale: one of the two is sent.
    Link {
        /// The order (`#1001`).
        order: String,
        /// The hub order by its id or number; left out: every copy that looks like the order.
        #[arg(long, default_value = "")]
        hub_order: String,
        /// Another store's order by its number or id. Without `--anyway` it is only said what comes of it.
        #[arg(long, conflicts_with = "hub_order")]
        sale: Option<String>,
        /// Although both differ.
        #[arg(long)]
        anyway: bool,
    },
    /// Say that a hub order is not this order, or that another store's order is another sale.
    Unlink {
        /// The order (`#1001`).
        order: String,
        /// The hub order by its id or number; left out: the only one there is.
        #[arg(long, default_value = "")]
        hub_order: String,
        /// Another store's order by its number or id. Without `--anyway` it is only said what comes of it.
        #[arg(long, conflicts_with = "hub_order")]
        sale: Option<String>,
        /// Although both may be sent then.
        #[arg(long, requires = "sale")]
        anyway: bool,
    },
    /// Give money of an order back in its store: exactly so much, or nothing. `--quote` only says what it would come to.
    Refund(RefundArgs),
    /// Files that describe an account's API: look one through, make one, try one.
    #[command(subcommand)]
    Profile(ProfileCommand),
    /// Look at keychain, database, accounts, clock and disk, and say what is wrong.
    Doctor(DoctorArgs),
    /// Simulate merchants' days with faults under virtual time, and count what was lost, doubled or wrong.
    Simulate(SimulateArgs),
    /// Write the whole desk into one file, encrypted with a pass phrase. Credentials are not in it.
    Backup {
        /// The file to write.
        file: PathBuf,
        /// Where the pass phrase comes from: `-` (standard input) or `env:NAME`.
        #[arg(long, value_name = "-|env:NAME", default_value = "-")]
        pass_phrase_from: String,
    },
    /// Put a backup in place of this profile's database; the old one is kept beside it.
    Restore {
        /// The backup.
        file: PathBuf,
        /// Where the pass phrase comes from: `-` (standard input) or `env:NAME`.
        #[arg(long, value_name = "-|env:NAME", default_value = "-")]
        pass_phrase_from: String,
    },
}

/// One buyer, over all accounts.
#[derive(Debug, Clone, Subcommand)]
pub enum CustomerCommand {
    /// List the orders of a buyer, and what cannot be reached from here. Changes nothing.
    Find {
        /// The whole e-mail address, telephone number or name.
        who: String,
    },
    /// Take a buyer's data out of their orders: closed ones at once, open ones as soon as they are closed. There is no way back.
    Forget {
        /// The whole e-mail address, telephone number or name.
        who: String,
        /// Only this order (`#1001`): namesakes are other people. May be repeated; without any, all that were found.
        #[arg(long = "order", value_name = "ORDER")]
        orders: Vec<String>,
        /// Write the receipt into this file: as JSON if its name ends so, else a page. It names nobody.
        #[arg(long, value_name = "FILE")]
        receipt: Option<PathBuf>,
        /// Do it: what is taken out does not come back.
        #[arg(long)]
        yes: bool,
    },
    /// List buyers whom an account could not tell from its customers, both sides beside each other, and what was said; or say
    /// who one of them is. What waited for it is tried again; a link that was written cannot be undone from here.
    Review {
        /// Our id of the buyer this is said of, as the list shows it.
        #[arg(requires = "what")]
        customer: Option<String>,
        /// The account's id of the customer it is.
        #[arg(long, value_name = "ID", group = "what", requires = "customer")]
        to: Option<String>,
        /// It is none of them: a new one is made.
        #[arg(long, group = "what", requires = "customer")]
        new: bool,
        /// Take back what was said: later orders are matched anew.
        #[arg(long, group = "what", requires = "customer")]
        unlink: bool,
        /// For all later orders of this buyer, too.
        #[arg(long, requires = "to")]
        always: bool,
        /// The account, where the buyer waits at several.
        #[arg(long, value_name = "ACCOUNT", requires = "customer")]
        at: Option<String>,
    },
    /// Write everything that is kept of a buyer: JSON, and a page beside it.
    Export {
        /// The whole e-mail address, telephone number or name.
        who: String,
        /// The file; the page lies beside it and ends in .html.
        file: PathBuf,
        /// Only this order (`#1001`): namesakes are other people. May be repeated; without any, all that were found.
        #[arg(long = "order", value_name = "ORDER")]
        orders: Vec<String>,
    },
}

/// The table of SKU aliases.
#[derive(Debug, Clone, Subcommand)]
pub enum AliasesCommand {
    /// List it.
    List {
        /// Only entries with this text on either side.
        #[arg(long, default_value = "")]
        search: String,
    },
    /// Read a CSV file (store, by, store_sku, hub_sku, quantity). Without --write it only says what it would do.
    Import {
        /// The file.
        file: PathBuf,
        /// Put its entries into the table.
        #[arg(long)]
        write: bool,
    },
    /// Write the table as CSV.
    Export {
        /// The file.
        file: PathBuf,
    },
}

/// A table that travels as JSON.
#[derive(Debug, Clone, Subcommand)]
pub enum TableCommand {
    /// Print it as it is kept.
    Show,
    /// Keep what the file says.
    Put {
        /// JSON, as `show` prints it.
        file: PathBuf,
    },
    /// Say what the file would make of recent orders. Changes nothing.
    Test {
        /// JSON, as `show` prints it.
        file: PathBuf,
        /// Only this order.
        #[arg(long)]
        order: Option<String>,
        /// So many of the newest orders.
        #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=500))]
        last: u32,
    },
}

/// Field mappings, and the sets that travel from desk to desk.
#[derive(Debug, Clone, Subcommand)]
pub enum MappingsCommand {
    /// All of them as one document.
    #[command(flatten)]
    Table(TableCommand),
    /// Write a set into a file for another desk: its mappings and the lookup tables they use, without accounts.
    Export {
        /// The set, by its name; without it the mappings that stand in no set.
        #[arg(long)]
        set: Option<String>,
        /// The file.
        file: PathBuf,
    },
    /// Say what taking such a file in would change; with --write, do it. A new set is kept switched off.
    Import {
        /// The file, as `export` wrote it.
        file: PathBuf,
        /// Keep it.
        #[arg(long)]
        write: bool,
    },
}

/// What buyers are told.
#[derive(Debug, Clone, Subcommand)]
pub enum MessagesCommand {
    /// Print the texts as JSON: by what happens, whether it is told, subject and text.
    Show,
    /// Keep what the file says. What is not in it gets the text it came with.
    Put {
        /// JSON, as `show` prints it.
        file: PathBuf,
    },
    /// Show what would be said on an order. Sends nothing.
    Preview {
        /// What happens: late, back_ordered, delayed, lost, undeliverable or returned. All without it.
        happening: Option<String>,
        /// On this order (#1001, or its row as `id:17`) instead of the newest.
        #[arg(long)]
        order: Option<String>,
        /// By the texts of this file instead of those that are kept.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

/// The sandbox.
#[derive(Debug, Clone, Subcommand)]
pub enum SandboxCommand {
    /// Serve the stand-ins on this computer until ended.
    Serve(ServeArgs),
}

/// How the sandbox is.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// Same seed, same merchant.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Stores, 1 to 8.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=8))]
    pub stores: u32,
    /// How many times faster than the clock on the wall the merchant lives.
    #[arg(long, default_value_t = 1.0)]
    pub speed: f64,
    /// What goes wrong: `none`, `demo`, `all`, or a chance per call like 0.02 (then everything may).
    #[arg(long, default_value = "demo")]
    pub faults: String,
    /// Orders that were placed before the start; some of them have left already.
    #[arg(long, conflicts_with = "quiet")]
    pub history: Option<u32>,
    /// Nobody lives there: empty accounts for tests that steer the sandbox themselves.
    #[arg(long)]
    pub quiet: bool,
    /// Platforms besides Shopify and ShipStation that are served: `all`, some (names with commas), or `none`.
    #[arg(long, value_name = "all|none|NAME,…")]
    pub platforms: Option<String>,
    /// Write addresses and credentials of the stand-ins to this file as JSON, once they listen.
    #[arg(long, value_name = "F")]
    pub port_file: Option<PathBuf>,
}

fn every_platform() -> String {
    let names: Vec<&str> = quayside_connectors::registry().iter().map(|one| one.declaration.platform).collect();
    format!("The platform: {}", names.join(", "))
}

/// An account to connect.
#[derive(Debug, Clone, Args)]
pub struct ConnectArgs {
    /// The platform.
    #[arg(help = every_platform())]
    pub platform: String,
    /// The name to give it; without one the account's own.
    #[arg(long, default_value = "")]
    pub name: String,
    /// For stand-ins on this computer only: where one listens, like http://127.0.0.1:8080.
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// Way to sign in; without one it follows from the credentials that were given.
    #[arg(long, default_value = "")]
    pub way: String,
    /// A plain field of the form, `shop=harbour-goods.myshopify.com`. Never a secret.
    #[arg(long, value_name = "K=V")]
    pub field: Vec<String>,
    /// Where the secrets come from: `-` or `env:NAME` hold a JSON object of field → value; `field=env:NAME` holds one value.
    #[arg(long, value_name = "-|env:NAME", value_delimiter = ',')]
    pub secrets_from: Vec<String>,
    /// Only test; keep nothing.
    #[arg(long)]
    pub test: bool,
    /// Replace the credentials of this connection (name or id) instead of making a new one.
    #[arg(long, value_name = "CONNECTION", conflicts_with = "test")]
    pub rotate: Option<String>,
}

/// How far, and from which order on.
#[derive(Debug, Clone, Args)]
pub struct GoLiveArgs {
    /// Only this automation; without it all of them, but for `stock` while it is off.
    #[arg(long)]
    pub automation: Option<String>,
    /// How far it may go.
    #[arg(long, value_enum, default_value_t = ModeArg::Auto)]
    pub mode: ModeArg,
    /// First order it applies to: `now`, `all`, or a moment like 2026-11-20 or 2026-11-20T09:00:00+01:00.
    /// Without it: everything that `plan` shows.
    #[arg(long, value_name = "ISO|now|all")]
    pub from: Option<String>,
}

/// Modes as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ModeArg {
    /// Does nothing.
    Off,
    /// Shows what it would do.
    Watch,
    /// Waits for a click per change.
    Ask,
    /// Acts.
    Auto,
}

/// Labels of the shipping account.
#[derive(Debug, Clone, Subcommand)]
pub enum LabelsCommand {
    /// Ask what carriers offer for an order now. Changes nothing.
    Quote {
        /// The order's number (#1001), or its row as `id:17`.
        order: String,
        /// What it weighs and measures, where that is known better than at the hub.
        #[command(flatten)]
        size: LabelSizeArgs,
    },
    /// Buy the label of an order: an offer, or as the settings say.
    Buy {
        /// The order's number (#1001), or its row as `id:17`.
        order: String,
        /// The carrier's account, as `quote` shows it.
        #[arg(long, default_value = "", value_name = "ID", requires = "service")]
        carrier: String,
        /// The service, as `quote` shows it.
        #[arg(long, default_value = "", value_name = "CODE", requires = "most")]
        service: String,
        /// The most it may cost (`8.40`).
        #[arg(long, default_value = "", value_name = "AMOUNT")]
        most: String,
        /// What it weighs and measures, where that is known better than at the hub.
        #[command(flatten)]
        size: LabelSizeArgs,
        /// Do it: it costs money at once.
        #[arg(long)]
        yes: bool,
    },
    /// Buy the labels of many orders as the settings say; without --yes only say for which.
    Batch {
        /// The orders' numbers, or their rows as `id:17`.
        #[arg(required = true, value_name = "ORDER")]
        orders: Vec<String>,
        /// Do it: it costs money at once.
        #[arg(long)]
        yes: bool,
    },
    /// Make a label with which the order's newest parcel comes back.
    Return {
        /// The order's number (#1001), or its row as `id:17`.
        order: String,
        /// Do it: its carrier may charge it at once.
        #[arg(long)]
        yes: bool,
    },
    /// Write the labels of orders into a folder, a file each.
    Save {
        /// The orders' numbers, or their rows as `id:17`.
        #[arg(required = true, value_name = "ORDER")]
        orders: Vec<String>,
        /// The folder; it has to be there.
        #[arg(long, value_name = "FOLDER")]
        folder: PathBuf,
        /// `pdf`, `zpl` or `png`.
        #[arg(long, default_value = "pdf")]
        form: String,
    },
}

/// What a parcel weighs and measures.
#[derive(Debug, Clone, Args)]
pub struct LabelSizeArgs {
    /// Weight with its packing, grams.
    #[arg(long, value_name = "GRAMS")]
    pub weight_g: Option<i64>,
    /// Longest side, millimetres.
    #[arg(long, value_name = "MM")]
    pub length_mm: Option<i64>,
    /// Second side, millimetres.
    #[arg(long, value_name = "MM")]
    pub width_mm: Option<i64>,
    /// Third side, millimetres.
    #[arg(long, value_name = "MM")]
    pub height_mm: Option<i64>,
}

/// Returns as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReturnsArg {
    /// Those that wait for somebody.
    Open,
    /// Of them those of which goods are here.
    Here,
    /// All that is known.
    All,
}

/// What is done about a return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReturnsDo {
    /// Lists returns, the one that changed last first.
    List,
    /// Goods of it are here: its refund is prepared.
    Receive,
    /// Approves the refund that was prepared.
    Refund,
    /// Sends the same goods again instead of the money.
    Replace,
    /// Agrees to it, where the buyer asked.
    Approve,
    /// Declines it, where the buyer asked.
    Decline,
}

/// Goods on their way back.
#[derive(Debug, Clone, Args)]
pub struct ReturnsArgs {
    /// What to do.
    #[arg(value_enum, default_value_t = ReturnsDo::List)]
    pub what: ReturnsDo,
    /// Of which order: its number (#1001), or its row as `id:17`.
    #[arg(default_value = "")]
    pub order: String,
    /// Which return of the order, where there are several.
    #[arg(long = "return", default_value = "", value_name = "NAME")]
    pub name: String,
    /// Receive: a line and its units (`MUG=1`); without any, all that is still to come. May be repeated.
    #[arg(long = "line", value_name = "SKU=UNITS")]
    pub lines: Vec<String>,
    /// Receive: `as_new`, `opened` or `damaged`.
    #[arg(long, default_value = "as_new")]
    pub condition: String,
    /// Receive: they go back on the shelf.
    #[arg(long)]
    pub restock: bool,
    /// Refund, replace, approve, decline: do it. Money that was given back does not come back, and an answer stands.
    #[arg(long)]
    pub yes: bool,
    /// Decline: `final_sale`, `period_ended` or `other`.
    #[arg(long, default_value = "other")]
    pub reason: String,
    /// Decline: words for the buyer.
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub note: String,
    /// Approve, decline: the store tells the buyer nothing.
    #[arg(long)]
    pub quiet: bool,
    /// List: which.
    #[arg(long, value_enum, default_value_t = ReturnsArg::Open)]
    pub only: ReturnsArg,
    /// List: only those with this text in order, return, buyer, goods or tracking number.
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub search: String,
    /// List: where the page before ended, as it said.
    #[arg(long, default_value = "", value_name = "PLACE")]
    pub after: String,
}

/// SKUs as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StockArg {
    /// All that some account counts.
    All,
    /// Those of which a count is not what it should be.
    Differs,
    /// Those that run low, or out.
    Warned,
}

/// Which counts, or what one is adjusted by.
#[derive(Debug, Clone, Args)]
pub struct StockArgs {
    /// Only SKUs with this text in them.
    #[arg(long, default_value = "", value_name = "SKU")]
    pub search: String,
    /// Which.
    #[arg(long, value_enum, default_value_t = StockArg::All)]
    pub only: StockArg,
    /// Where the page before ended, as it said.
    #[arg(long, default_value = "", value_name = "SKU")]
    pub after: String,
    /// Adjust a count of this SKU. Without --yes it is only said what would come of it.
    #[arg(long, value_name = "SKU", requires_all = ["at", "by"])]
    pub adjust: Option<String>,
    /// The account whose count it is (name or id).
    #[arg(long, value_name = "CONNECTION", requires = "adjust")]
    pub at: Option<String>,
    /// Its place, where the account counts at several.
    #[arg(long, default_value = "", requires = "adjust")]
    pub place: String,
    /// Units to add, or (negative) to take away.
    #[arg(long, value_name = "UNITS", allow_negative_numbers = true, requires = "adjust")]
    pub by: Option<i64>,
    /// Why, for the history.
    #[arg(long, default_value = "", requires = "adjust")]
    pub reason: String,
    /// Do it.
    #[arg(long, requires = "adjust")]
    pub yes: bool,
}

/// How long to sync.
#[derive(Debug, Clone, Args)]
pub struct SyncArgs {
    /// Read every account once and send what is due (the default).
    #[arg(long, group = "how")]
    pub once: bool,
    /// Go on until nothing is due any more: all read, all sent, all lost answers looked up.
    #[arg(long, group = "how")]
    pub until_idle: bool,
    /// Work until ended, like the window does.
    #[arg(long, group = "how")]
    pub follow: bool,
    /// Only this account (name or id).
    #[arg(long, conflicts_with = "order")]
    pub connection: Option<String>,
    /// Only this order.
    #[arg(long)]
    pub order: Option<String>,
    /// Give up waiting after so many seconds (exit code 10); 0 waits for ever.
    #[arg(long, default_value_t = 0, value_name = "SECONDS")]
    pub timeout: u64,
    /// Write down what goes over the wire meanwhile, changes and their answers too: for a bug report, with stand-ins for names,
    /// addresses and keys. `replay FILE` does the same again without a network.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
}

/// What to simulate.
#[derive(Debug, Clone, Args)]
pub struct SimulateArgs {
    /// Seeds: one (`7`) or a range with both ends (`1..50`). One seed is one run.
    #[arg(long, default_value = "1..10")]
    pub seeds: String,
    /// Days the shoppers buy.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=365))]
    pub days: u32,
    /// Orders over those days.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub orders: u32,
    /// What goes wrong: `all` on the wire and deaths, `worst` (every kind there is, several times as slow), `none`, or
    /// some kinds with commas (`slow,death,store_error`; a wrong word lists them).
    #[arg(long, default_value = "all", value_name = "all|worst|none|KIND,…")]
    pub faults: String,
    /// Share of orders that people treat wrongly or unusually, 0 to 1.
    #[arg(long, default_value_t = 0.15)]
    pub trouble: f64,
    /// Platforms besides Shopify and ShipStation that take part: `all`, or some, with commas (names with commas), or `none`.
    #[arg(long, value_name = "all|none|NAME,…")]
    pub platforms: Option<String>,
    /// What is played beside orders and parcels: `seed` (what each seed plays in the tests, where all platforms take part),
    /// `all`, `none`, or some, with commas (`returns,stock`; a wrong word lists them).
    #[arg(long, default_value = "seed", value_name = "seed|all|none|PLAY,…")]
    pub plays: String,
    /// Seconds between two reads of a list; each seed has its own otherwise, ten minutes to an hour.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(60..=86_400))]
    pub poll: Option<u32>,
    /// Look for the smallest choice of kinds, platforms, orders and days with which the first failing seed still fails.
    #[arg(long)]
    pub shrink: bool,
}

/// What else to do about it.
#[derive(Debug, Clone, Default, Args)]
pub struct DoctorArgs {
    /// Put right what is wrong and needs no choice: a folder open to others, reports of crashes that are left over.
    #[arg(long)]
    pub mend: bool,
    /// Write what helps somebody to help into this file: no credentials, no buyers, no orders.
    #[arg(long, value_name = "FILE")]
    pub bundle: Option<PathBuf>,
    /// Compare every row with the trail, not only the last ones.
    #[arg(long)]
    pub trail: bool,
    /// A head of the trail that was kept elsewhere (`1234-…`): say whether the trail still holds it.
    #[arg(long, value_name = "HEAD")]
    pub head: Option<String>,
}

/// What to report, and where to.
#[derive(Debug, Clone, Args)]
pub struct ReportArgs {
    /// unfulfilled, performance, shipping_cost or reconciliation.
    pub report: String,
    /// A time with a name: 7, 30 or 90 (days, today included) or month (the one before this).
    #[arg(long, conflicts_with_all = ["from", "to"])]
    pub span: Option<String>,
    /// First day, `2026-11-01`; thirty days ago without it.
    #[arg(long, default_value = "")]
    pub from: String,
    /// Last day, included; today without it.
    #[arg(long, default_value = "")]
    pub to: String,
    /// Of a reconciliation: one of the two accounts, by name or id; all that can be compared without it.
    #[arg(long, default_value = "")]
    pub account: String,
    /// The other one.
    #[arg(long, default_value = "")]
    pub with: String,
    /// Write one of its tables here, for a spreadsheet.
    #[arg(long)]
    pub csv: Option<PathBuf>,
    /// The same in columns with types, for a warehouse of data.
    #[arg(long)]
    pub parquet: Option<PathBuf>,
    /// Which table `--csv` and `--parquet` write; the one with the single orders or labels without it.
    #[arg(long, default_value = "")]
    pub table: String,
    /// Write all of it here, as a page to print.
    #[arg(long)]
    pub page: Option<PathBuf>,
}

/// A report on a schedule of its own. Without a report and an id the schedules are listed.
#[derive(Debug, Clone, Args)]
pub struct ReportScheduleArgs {
    /// unfulfilled, performance, shipping_cost or reconciliation.
    pub report: Option<String>,
    /// The schedule that is changed, by its id in the list; without it a new one.
    #[arg(long)]
    pub id: Option<String>,
    /// day, week or month.
    #[arg(long)]
    pub every: Option<String>,
    /// A day of the week (monday) or of the month (1 to 31, or last).
    #[arg(long)]
    pub on: Option<String>,
    /// At this time of the day, `06:00`, in its zone.
    #[arg(long)]
    pub at: Option<String>,
    /// The zone of its time and its days, `Europe/Berlin`; the desk's without it.
    #[arg(long)]
    pub zone: Option<String>,
    /// yesterday, seven_days, last_week, last_month or month_to_date.
    #[arg(long)]
    pub about: Option<String>,
    /// Write it into this folder.
    #[arg(long)]
    pub folder: Option<PathBuf>,
    /// Send it by this way, set up in the window: mail, slack, webhook.
    #[arg(long = "by")]
    pub ways: Vec<String>,
    /// As which files: page, csv, parquet.
    #[arg(long = "form")]
    pub forms: Vec<String>,
    /// Keep it, and make it no more until it is set anew.
    #[arg(long, requires = "id")]
    pub off: bool,
    /// Take it away.
    #[arg(long, requires = "id", conflicts_with = "off")]
    pub remove: bool,
}

/// Which orders.
#[derive(Debug, Clone, Args)]
pub struct OrdersArgs {
    /// open, today, at_risk, late, held, unpaid, to_send, packing, asked, shipped or all.
    #[arg(long, default_value = "open")]
    pub view: String,
    /// Words and filters, as in the window: `is:late store:"EU" sku:ABC age:>2d`.
    #[arg(long, default_value = "")]
    pub search: String,
    /// ship_by, placed, value, units, number, customer, store, country, stage or waits.
    #[arg(long, default_value = "ship_by")]
    pub sort: String,
    /// Largest first.
    #[arg(long)]
    pub descending: bool,
    /// At most so many, up to 500.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub limit: u32,
    /// Go on after this place (`next` of the page before).
    #[arg(long)]
    pub after: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_options_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_option_takes_a_secret() {
        for command in Cli::command().get_subcommands() {
            for option in command.get_arguments() {
                let name = option.get_id().as_str();
                let takes_secret =
                    ["secret", "password", "token", "key", "pass_phrase"].iter().any(|word| name.contains(word));
                assert!(!takes_secret || name.ends_with("_from"), "{} {name}", command.get_name());
            }
        }
    }
}

/// Files that describe an account's API.
#[derive(Debug, Clone, Subcommand)]
pub enum ProfileCommand {
    /// Print a profile that comes with the program, or list them.
    Show {
        /// Its name.
        name: Option<String>,
        /// The platform.
        #[arg(long, default_value = quayside_api::profiles::usual_platform())]
        platform: String,
    },
    /// Look a profile through: what is wrong, and what it switches on.
    Check {
        /// The file, or the name of a profile that comes with the program.
        #[arg(id = "described_by", value_name = "PROFILE")] // `profile` is the folder of state, everywhere
        profile: String,
        /// The platform.
        #[arg(long, default_value = quayside_api::profiles::usual_platform())]
        platform: String,
    },
    /// Make a profile from a Postman collection (v2.1) or an OpenAPI file, and print it.
    Import {
        /// The collection.
        file: PathBuf,
        /// The platform.
        #[arg(long, default_value = quayside_api::profiles::usual_platform())]
        platform: String,
    },
    /// Read a sample answer through a profile: our fields with their values.
    Preview {
        /// The file, or the name of a profile that comes with the program.
        #[arg(id = "described_by", value_name = "PROFILE")] // `profile` is the folder of state, everywhere
        profile: String,
        /// The sample: an answer's body.
        sample: PathBuf,
        /// What the sample is of.
        #[arg(long, default_value = "order")]
        of: String,
        /// The platform.
        #[arg(long, default_value = quayside_api::profiles::usual_platform())]
        platform: String,
    },
    /// Print the exact request a profile makes of an order. Nothing is sent.
    DryRun {
        /// The file, or the name of a profile that comes with the program.
        #[arg(id = "described_by", value_name = "PROFILE")] // `profile` is the folder of state, everywhere
        profile: String,
        /// The order: its number, or an id of it. Without it the newest, or an example where there is none.
        order: Option<String>,
        /// The operation.
        #[arg(long, default_value = "createOrder")]
        of: String,
        /// The connection it is for, where there is one: its values stand in the address.
        #[arg(long)]
        connection: Option<String>,
        /// The platform.
        #[arg(long, default_value = quayside_api::profiles::usual_platform())]
        platform: String,
    },
    /// Read the orders of an account from its CSV export. Columns that are not named are guessed by their headings.
    Csv {
        /// The export.
        file: PathBuf,
        /// Take them in for this connection; without it the columns are only shown.
        #[arg(long)]
        into: Option<String>,
        /// A column: our field = their heading.
        #[arg(long = "column", value_name = "FIELD=HEADING")]
        columns: Vec<String>,
        /// The platform.
        #[arg(long, default_value = quayside_api::profiles::usual_platform())]
        platform: String,
    },
    /// Orders that somebody has to enter at their hub: what to type.
    ByHand {
        /// Changes of what is there already (orders, counts, products, customers), instead of whole orders.
        #[arg(long)]
        changes: bool,
        /// As CSV, to be imported there.
        #[arg(long)]
        csv: bool,
        /// With names, streets and telephones in the CSV: whoever has the file has them.
        #[arg(long, requires = "csv")]
        with_addresses: bool,
    },
}

/// `split`.
#[derive(Debug, Clone, Args)]
pub struct SplitArgs {
    /// Its number (#1001), or its row as `id:17`.
    pub order: String,
    /// What goes into a further part: `MUG=1,TEA=2`. Lines without a SKU by the store's line id.
    #[arg(long = "part", value_name = "SKU=UNITS,…")]
    pub parts: Vec<String>,
    /// Put the parts together again.
    #[arg(long, conflicts_with = "parts")]
    pub together: bool,
}

/// What `refund` gives back.
#[derive(Debug, Clone, clap::Args)]
pub struct RefundArgs {
    /// The order (`#1001`).
    pub order: String,
    /// All that is given back, in the order's currency (`12.50`).
    #[arg(long, default_value = "", required_unless_present = "quote")]
    pub total: String,
    /// Of it, for the shipping; with --quote also `all`.
    #[arg(long, default_value = "")]
    pub shipping: String,
    /// Units that come back: SKU or line id, and how many (`MUG=1`). May be repeated; without any it is money alone.
    #[arg(long = "line", value_name = "SKU=UNITS")]
    pub lines: Vec<String>,
    /// Why: customer, inventory, fraud, declined, staff, return, other, or words of your own.
    #[arg(long, default_value = "")]
    pub reason: String,
    /// Put the units back on the shelf. Refused where the store does not let that be chosen, with what happens instead.
    #[arg(long)]
    pub restock: bool,
    /// Tell the buyer. Refused where the store does not let that be chosen, with what happens instead.
    #[arg(long)]
    pub notify: bool,
    /// Only say what it would come to, by the store's word where it gives one. Changes nothing.
    #[arg(long, conflicts_with = "yes")]
    pub quote: bool,
    /// Do it: money that was given back does not come back.
    #[arg(long)]
    pub yes: bool,
}
