//! Why an order or an effect is not where it should be: one table.
//!
//! A cause exists only if a screen or an automation treats it differently.
//! Causes are grouped by who can fix them. Sentences about a particular order
//! are made where it happens ([`crate::Refusal`]); titles, help and buttons are here.

use serde::{Deserialize, Serialize};
use specta::Type;

/// Who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Fixer {
    /// The merchant, in Quayside or in the store.
    Merchant,
    /// The warehouse.
    Warehouse,
    /// The buyer.
    Buyer,
    /// The platform; we wait and look again.
    Platform,
    /// Nobody needs to: it passes.
    Time,
}

/// How loud it is. Screens map this to colour *and* icon *and* word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Tone {
    Neutral,
    Info,
    Success,
    Warning,
    Danger,
    Hold,
}

/// A button an entry offers. Only verbs the `api` room can perform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Try the same effect again.
    Retry,
    /// Give the effect up.
    Skip,
    /// Mend the payload, then try again.
    EditAndRetry,
    /// Look the outcome up at the platform now.
    LookNow,
    /// Enter new credentials.
    SignIn,
    /// Cancel the order in the channel.
    CancelInChannel,
    /// Void the label at the hub.
    VoidLabel,
    /// Ship although it was cancelled or differs.
    ShipAnyway,
    /// Let the hub ship again.
    Release,
    /// Open the order at the channel.
    OpenChannel,
    /// Open the order at the hub.
    OpenHub,
    /// Mark as settled by hand.
    Resolve,
    /// Give the SKU a name the hub knows, for all orders, and try them again.
    MapSku,
    /// Take the hub's own copy of the order for ours.
    Link,
    /// Copy the order as a person types it in.
    CopyOrder,
    /// Say who writes a store's orders to its hub: the desk, or the hub by a link of its own.
    WhoWrites,
    /// Give money back.
    Refund,
    /// Let the changes go that wait for a click.
    Approve,
    /// Connect an account.
    Connect,
    /// Say how far an automation goes.
    SwitchOn,
    /// Open the carrier's page of the parcel.
    OpenTracking,
    /// Say which customer of an account is meant.
    ChooseCustomer,
}

macro_rules! causes {
    ($( $(#[$doc:meta])* $name:ident = $code:literal, $title:literal, $icon:literal, $fixer:ident, $tone:ident, $help:literal, [$($action:ident),*]; )*) => {
        /// See the module.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
        #[serde(rename_all = "snake_case")]
        pub enum Cause { $( $(#[$doc])* $name, )* }

        impl Cause {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Self] = &[ $( Self::$name, )* ];
            /// Stable word for storage and search (`cause:unknown_sku`).
            pub fn code(self) -> &'static str { match self { $( Self::$name => $code, )* } }
            /// Headline of the group.
            pub fn title(self) -> &'static str { match self { $( Self::$name => $title, )* } }
            /// Icon name.
            pub fn icon(self) -> &'static str { match self { $( Self::$name => $icon, )* } }
            /// Who can mend it.
            pub fn fixer(self) -> Fixer { match self { $( Self::$name => Fixer::$fixer, )* } }
            /// How loud it is.
            pub fn tone(self) -> Tone { match self { $( Self::$name => Tone::$tone, )* } }
            /// What it means and how to mend it, for the help line.
            pub fn help(self) -> &'static str { match self { $( Self::$name => $help, )* } }
            /// Buttons, the primary one first.
            pub fn actions(self) -> &'static [Action] { match self { $( Self::$name => &[ $( Action::$action, )* ], )* } }
        }
    };
}

causes! {
    // The connection as a whole.
    /// Credentials refused.
    SignInNeeded = "sign_in_needed", "A platform wants a new sign-in", "key", Merchant, Danger,
        "The platform no longer accepts the stored credentials: they expired, were rotated or were taken back. Enter new ones; everything that waits goes on by itself.", [SignIn];
    /// A permission is not granted.
    ScopeMissing = "scope_missing", "A permission is missing", "key", Merchant, Warning,
        "The account lets Quayside in but not do this. Grant the permission at the platform, then test the connection again.", [SignIn, Retry];
    /// The account is paused, frozen, unpaid or lacks the plan.
    AccountBlocked = "account_blocked", "The platform blocked the account", "key", Merchant, Danger,
        "The platform keeps this account from working (frozen, unpaid, locked or not in the plan). It has to be mended there.", [Retry];
    /// Fields or rules of the account are not what the settings count on.
    FieldsChanged = "fields_changed", "The account's fields changed", "key", Merchant, Warning,
        "A field that Quayside reads or writes there was removed, hidden, locked, or given a new rule. The entry names it and what to do; it goes by itself once it is mended.", [];
    /// What field mappings read of a store's orders is not there any more, or is something else.
    MappingDrift = "mapping_drift", "A field that mappings read has changed", "split", Merchant, Warning,
        "Most orders of the store had this field, and the newest ones do not, or have something else in it. Perhaps the store, an app of it or its platform renamed it. The entry names it, since when, and the mappings that read it; it goes by itself when the field is back or no mapping reads it.", [OpenChannel, Resolve];
    /// A version of the platform's API ends soon, or another one answers in its place.
    VersionEnds = "version_ends", "A version of a platform's API ends", "clock", Merchant, Warning,
        "Platforms serve each version of their API for a time. The one Quayside speaks ends soon, or another one answers in its place already. Update Quayside; the entry goes by itself once the right version answers.", [];
    /// Fewer orders came from a store than usual.
    QuietChannel = "quiet_channel", "Fewer orders than usual", "clock", Merchant, Warning,
        "A store that answers brings fewer orders than it usually does in these hours, or none since its credentials changed. Perhaps nobody buys; perhaps nobody can. It goes by itself when orders come again.", [OpenChannel, Retry, Resolve];
    /// Wrong host, proxy page, retired API version.
    NotThePlatform = "not_the_platform", "The answer did not come from the platform", "plug", Merchant, Warning,
        "Something between here and the platform answers in its place: a proxy, a sign-in page of the network, or a wrong address.", [Retry];
    /// Keychain locked or absent.
    KeychainClosed = "keychain_closed", "The keychain is closed", "key", Merchant, Danger,
        "Credentials live in this computer's keychain, and it does not open. Unlock it; work goes on by itself.", [Retry];
    /// This computer's clock.
    ClockWrong = "clock_wrong", "This computer's clock is wrong", "clock", Merchant, Warning,
        "Deadlines and reading windows depend on the clock. Set the computer's clock to automatic.", [];
    /// Cannot be reached.
    Offline = "offline", "A platform cannot be reached", "plug", Time, Info,
        "No answer from the platform. Quayside keeps trying and catches up by itself; nothing is sent twice.", [Retry];
    /// Too many calls.
    RateLimited = "rate_limited", "A platform asks to slow down", "clock", Time, Info,
        "The platform's limit is used up. Quayside waits exactly as long as the platform asks.", [];
    /// 5xx.
    PlatformTrouble = "platform_trouble", "A platform has trouble", "plug", Platform, Warning,
        "The platform answers with an error of its own. Quayside tries again with growing pauses.", [Retry];

    // The order cannot go out as it is.
    /// Nothing to ship to.
    AddressMissing = "address_missing", "The address is incomplete", "pin", Merchant, Warning,
        "A carrier needs a recipient, a street, a town and a country. Complete the address; the order is then sent.", [EditAndRetry, OpenChannel];
    /// Refused by the hub or a carrier.
    AddressRefused = "address_refused", "The address cannot be shipped to", "pin", Merchant, Warning,
        "The platform does not accept this address. Correct it, then retry.", [EditAndRetry, Retry, OpenChannel];
    /// SKU unknown or missing.
    UnknownSku = "unknown_sku", "A SKU is missing or unknown", "tag", Merchant, Warning,
        "The warehouse cannot pick a line without a SKU it knows. Map it once for all orders, or fill it in for this one.", [EditAndRetry, Retry, MapSku, OpenChannel];
    /// Wrong service or carrier.
    ServiceRefused = "service_refused", "The shipping service was refused", "truck", Merchant, Warning,
        "The platform does not offer this service for this order. Choose another, then retry.", [EditAndRetry, Retry];
    /// No offer fits what was wanted, or the day's limit is reached.
    LabelNotBought = "label_not_bought", "A label was not bought", "truck", Merchant, Warning,
        "No offer fits what you asked for, it costs more than was agreed, or the limit for the day is reached. Nothing was bought and nothing was paid. Choose an offer by hand, raise the limit, or give it up and ship as before.", [Retry, Skip, OpenHub];
    /// The platform did not like some field.
    ContentRefused = "content_refused", "The platform refused the content", "hand", Merchant, Warning,
        "The platform named a field it does not accept. Mend it and retry; nothing was changed.", [EditAndRetry, Retry, Skip];
    /// A template or lookup of a field mapping gave nothing.
    MappingFailed = "mapping_failed", "A field mapping gave nothing", "split", Merchant, Warning,
        "A mapping that you marked as required found no value, or its template could not be worked out for this order. Mend the mapping or the order.", [Retry, OpenChannel, Resolve];
    /// A mapped text is longer than the hub keeps.
    MappingCut = "mapping_cut", "A mapped text is cut at the hub", "split", Merchant, Warning,
        "A field mapping made a text for this order that is longer than the shipping account keeps there. The order goes, and the end of the text is lost. Shorten the mapping, or fill a field with more room, then mark the entry settled.", [Resolve, OpenHub, OpenChannel];
    /// A rule asked for attention.
    RuleAlert = "rule_alert", "A rule asks for your attention", "bolt", Merchant, Info,
        "One of your rules wants you to know of this order. Nothing is wrong with it.", [Resolve, OpenHub, OpenChannel];
    /// Could not read a record.
    Unreadable = "unreadable", "A record could not be read", "hand", Platform, Warning,
        "One record came in a form Quayside does not understand. It was set aside; all others went on. The raw answer is kept.", [Retry, Resolve];
    /// The account takes no orders from outside.
    EnterByHand = "enter_by_hand", "To be entered by hand", "hand", Merchant, Warning,
        "This account takes no orders from outside. Copy the order into it and quote the reference, then settle the entry. All such orders are a text and a CSV file on this cause's page.", [CopyOrder, Resolve, OpenChannel];
    /// The account takes no such change from outside.
    ChangeByHand = "change_by_hand", "To be changed by hand", "hand", Merchant, Warning,
        "The account takes no such change from outside: its profile has no way for it, or says that it cannot. It is about an order that is there already, a count, a product or a customer. Copy what to enter, enter it there, then settle the entry; where the account shows it, the entry goes by itself. All of them are a text and a CSV file on this cause's page.", [CopyOrder, Resolve, OpenHub, OpenChannel];

    /// The hub has it by itself, or another account has the sale.
    SeenTwice = "seen_twice", "One sale, seen twice", "copy", Merchant, Warning,
        "The same sale is there already: the shipping account imports this store with a link of its own, somebody typed the order in, or another of your accounts sold it. Use what is there, and nothing is sent twice; or send ours too if they are two different sales. Under Connections you can say, per store, who sends.", [Link, ShipAnyway, OpenHub];

    /// Nobody said who writes the store's orders to the hub, and the hub may by itself.
    WhoWrites = "who_writes", "Who writes?", "hand", Merchant, Warning,
        "The shipping account has a link of its own to this store. If it imports the orders and Quayside sends them as well, each is there twice. Say once per store who writes; until then its orders wait, and nothing is sent.", [WhoWrites, ShipAnyway];

    // Two sides disagree.
    /// The hub already shipped or cancelled it.
    HubLocked = "hub_locked", "The hub no longer accepts changes", "lock", Merchant, Warning,
        "The order was shipped or cancelled at the hub before the change arrived. The hub keeps what it has.", [OpenHub, Resolve];
    /// Edited in the channel too late.
    EditedTooLate = "edited_too_late", "Changed in the store after shipping", "split", Merchant, Warning,
        "The buyer or the team changed the order after its label was bought. The parcel carries the old content.", [OpenHub, OpenChannel, Resolve];
    /// The hub bought a label for an address that nobody sent there.
    AnotherAddress = "another_address", "Labelled to another address", "pin", Merchant, Danger,
        "The address was changed at the hub, and its label bought, before Quayside looked again. Void the label while the parcel is here, or settle the entry if the change is right.", [VoidLabel, Resolve, OpenHub, OpenChannel];
    /// Cancelled in the channel, label exists.
    CancelledAfterLabel = "cancelled_after_label", "Cancelled in the store after the label was bought", "pause", Merchant, Danger,
        "The label exists. What is still open at the hub is held there. Void the label to get the postage back, and the order is cancelled there; or ship anyway if the parcel has left.", [VoidLabel, ShipAnyway, OpenHub];
    /// Cancelled in the hub only.
    CancelledAtHub = "cancelled_at_hub", "Cancelled at the hub, still open in the store", "hand", Merchant, Warning,
        "Somebody cancelled the order at the hub, or it vanished there. The buyer still waits. Cancel it in the store, or send it again.", [CancelInChannel, Retry, OpenHub];
    /// Contents differ before shipping.
    SidesDiffer = "sides_differ", "Store and hub disagree", "split", Merchant, Warning,
        "Address, quantities or state differ between the store and the hub. The order is held until both agree.", [Retry, ShipAnyway, OpenHub, OpenChannel];
    /// What stores say of one SKU differs, and nobody said whose word holds.
    ProductsDiffer = "products_differ", "Stores say different things of a product", "split", Merchant, Warning,
        "Two stores list one SKU with another name, barcode, weight or price, or the shipping account has it twice. What they do not agree on is not written there. Make the lists agree, say under Automations whose word holds, or leave that fact out there.", [OpenHub, Resolve];
    /// More shipped than ordered, or unknown lines shipped.
    ParcelDoesNotFit = "parcel_does_not_fit", "A parcel does not fit its order", "split", Merchant, Warning,
        "The hub shipped lines or units that the store's order does not have. Decide what the store should be told.", [OpenHub, OpenChannel, Resolve];
    /// Ordered, shipped and reported units of a line do not add up.
    LinesDoNotBalance = "lines_do_not_balance", "The units of an order do not add up", "split", Merchant, Warning,
        "What was ordered, cancelled, shipped and reported does not balance for a line. The sentence shows the sum; nobody would ship the difference by itself.", [OpenHub, OpenChannel, Resolve];
    /// The channel does not let us fulfil.
    FulfillmentRefused = "fulfillment_refused", "The store refuses the tracking", "arrow", Merchant, Warning,
        "The store does not accept this fulfillment: a hold, another location, or it was fulfilled by hand.", [Retry, OpenChannel, Skip];
    /// Channel holds the lines.
    HeldInChannel = "held_in_channel", "Held in the store", "pause", Merchant, Hold,
        "The store put a hold on these lines. Release it there; Quayside notices and goes on.", [OpenChannel];
    /// Hub told the channel and failed.
    HubNotifyFailed = "hub_notify_failed", "The hub could not tell the store", "arrow", Platform, Info,
        "The hub tried to report the parcel to the store itself and failed. Quayside reports it instead.", [];
    /// Voided after we told the channel.
    LabelVoided = "label_voided", "A reported label was voided", "undo", Warehouse, Warning,
        "The store was told of a parcel whose label was voided since. Quayside takes the report back, or corrects it when a new label is bought.", [OpenHub, Resolve];
    /// The marketplace wants the label from somewhere else.
    LabelElsewhere = "label_elsewhere", "A label the store does not want", "truck", Merchant, Warning,
        "The store says where labels of such orders are to be bought, and this one was bought elsewhere. The parcel arrives all the same, and the store counts it against your account.", [VoidLabel, OpenHub, Resolve];

    // After it left.
    /// The carrier holds it, lost it, cannot deliver it or brings it back.
    CarrierTrouble = "carrier_trouble", "A carrier has trouble with a parcel", "truck", Merchant, Warning,
        "The carrier says that it holds a parcel, cannot deliver it, lost it, or brings it back. Its tracking page says more; tell the buyer, and send again or give the money back. The entry goes by itself when the parcel moves on or arrives; one that comes back stays until you settle it.", [OpenTracking, OpenHub, OpenChannel, Resolve];
    /// Goods come back, or did, and nobody gave the money back.
    Returned = "returned", "The buyer sends something back", "undo", Merchant, Warning,
        "The store tells of a return. Give the money back when the goods are there; the entry goes when that is done, or when the store says that it was dealt with there.", [Refund, OpenChannel, Resolve];

    /// A message to a buyer was refused, or nobody knows whether it arrived.
    BuyerNotTold = "buyer_not_told", "A buyer may not have been told", "person", Merchant, Warning,
        "A mail to a buyer could not be written or was refused, or it was handed over and no answer came, so that it may have been sent. It is not sent again by itself. Tell the buyer in another way, or look into the sent mail of that account and try it again from the order; then give it up.", [Skip, OpenChannel];

    /// Several customers of an account could be meant, or one only by a sign that people share.
    WhichCustomer = "which_customer", "A customer could be one of several", "person", Merchant, Warning,
        "The account that keeps customers has somebody who may be this buyer: several with the same e-mail, or one with the same telephone number or name and postcode, which families and offices share. Nothing was written. Say who is meant, or let a new one be made; the order itself does not wait for it.", [ChooseCustomer, Retry, Skip];

    // Effects.
    /// Answer lost.
    OutcomeUnknown = "outcome_unknown", "Outcome unknown: the answer was lost", "sync", Platform, Info,
        "A change was sent and no answer came back. Quayside asks the platform before it sends anything again.", [LookNow];
    /// Not understood.
    NotUnderstood = "not_understood", "An answer nobody understands", "hand", Merchant, Warning,
        "The platform answered a change in a way Quayside does not know. It is not repeated by itself. Look at the order, then retry or resolve.", [LookNow, Retry, Skip, OpenChannel];
    /// Answered as done, and not there.
    Forgotten = "forgotten", "Answered as done, and not there", "sync", Merchant, Warning,
        "A platform answered that a change was done, was asked again later, and does not have it. What a person decided (money given back, a cancellation, a label voided) is not done a second time by itself: look there, then do it again.", [OpenChannel, OpenHub, Resolve];

    // Time.
    /// Past its promise.
    Late = "late", "Late", "clock", Warehouse, Danger,
        "The order should have left by now.", [OpenHub, OpenChannel];
    /// Soon late.
    AtRisk = "at_risk", "At risk", "clock", Warehouse, Warning,
        "The order must leave soon.", [OpenHub];
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl Cause {
    /// From the stable word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|cause| cause.code() == code)
    }
    /// It ends by itself; it is shown as a condition, not as somebody's job.
    pub fn passes_by_itself(self) -> bool {
        matches!(self.fixer(), Fixer::Time | Fixer::Platform) && !matches!(self, Self::Unreadable)
    }
    /// It concerns the whole connection, not one order.
    pub fn is_about_connection(self) -> bool {
        matches!(
            self,
            Self::SignInNeeded
                | Self::ScopeMissing
                | Self::AccountBlocked
                | Self::NotThePlatform
                | Self::KeychainClosed
                | Self::ClockWrong
                | Self::Offline
                | Self::RateLimited
                | Self::PlatformTrouble
        )
    }
}
