//! The nouns of the trade: what an order, a parcel, an effect and a verdict are.
//!
//! No I/O, no platform names, no clock of its own. Everything above this room
//! speaks these words (glossary in `docs/ARCHITECTURE.md`); a connector's job is
//! to turn its platform's words into these and back.
//!
//! Units stand in names: `weight_g` grams, `total_minor` the currency's smallest
//! coin, `created_at_ms` milliseconds since 1970 UTC.

pub mod address;
pub mod alias;
pub mod cause;
pub mod connection;
pub mod customer;
pub mod described;
pub mod effect;
pub mod goods;
pub mod hub;
pub mod hub_field;
pub mod ids;
pub mod memo;
pub mod money;
pub mod number;
pub mod order;
pub mod rates;
pub mod record;
pub mod refusal;
pub mod settings;
pub mod shelf;
pub mod story;
pub mod time;
pub mod track;
pub mod verdict;

pub use address::Address;
pub use alias::{AliasBy, AliasPart, SkuAlias};
pub use cause::{Action, Cause, Fixer, Tone};
pub use connection::{
    Account, ApiInUse, ApiVersion, CheckState, Choice, Choosing, ConnectionConfig, CredentialField, Declaration,
    FACT_CUSTOMERS, FACT_IDENTITIES, FACT_OWN_LINKS, FACT_PRODUCTS, FieldShape, Lifetime, OwnLink, Preflight,
    PreflightCheck, Price, ProductKeeping, RefundWay, Role, SettingDecl, SettingKind, StreamDecl, Take, Way,
};
pub use customer::{
    CustomerDoubt, CustomerLike, MEANT_FACT, MatchKey, Meant, ORDER_FACT, WRITTEN_FACT, Written, is_sign,
};
pub use described::{Described, DescribedEntry, DescribedList, DescribedSlot, Unfit};
pub use effect::{
    BuyerMessage, CUSTOMER_FACT, DEAL_FACT, EffectState, Expected, ExpectedBy, FulfillmentDraft, HubLineDraft,
    HubOrderDraft, HubRefundDraft, HubRefundLineDraft, Intent, IntentKind, Mode, QuietHours, RecordDraft, RecordNoun,
    RefundAsk, RefundDraft, RefundLineDraft, RefundQuote, ShipChoice, StockDraft, Tracking,
};
pub use goods::{
    CUSTOMER_ENTRY, DeclineReason, GoodsCondition, GoodsHere, GoodsLine, PRODUCT_SUBJECT, Product, ProductDraft,
    ProductFacts, QuoteSeen, QuoteWish, RESTOCK_ENTRY, Replacement, Return, ReturnLine, ReturnStatus, Stock,
    same_weight,
};
pub use hub::{FurtherPackage, HubLine, HubOrder, HubStatus, Parcel, ParcelLine, ParcelOrigin};
pub use hub_field::{FieldKept, HubField};
pub use ids::{ConnectionId, EffectId, ExceptionId, OrderId};
pub use money::{Currency, Money, MoneyError};
pub use number::fold_number;
pub use order::{
    CANCEL_WISH, CANCEL_WISH_TAG, Customer, Delivery, Fulfillment, FulfillmentLine, FulfillmentOrder,
    FulfillmentOrderLine, Hold, LABELS_FROM, Order, OrderLine, Payment, ShippingChoice, SoldOn,
};
pub use rates::{LabelAsk, LabelDraft, LabelForm, LabelQuote, LabelQuotes, LabelWish, ParcelSize};
pub use record::{AccountFinding, AccountFindings, Incoming, Page, Record, RecordKind, Tracked, Unreadable};
pub use refusal::Refusal;
pub use secrecy::{ExposeSecret, SecretString};
pub use shelf::{
    Count, Held, OrderUnits, PartSays, PastWrite, PlannedWrite, ShelfDecision, ShelfFacts, ShelfSays, ShelfWarning,
    SideSays, SideState, TruthSays,
};
pub use story::{
    Choices, Decision, Finding, PastEffect, PersonHold, PlannedEffect, RuleTrace, Seen, Stage, Story, ToShelve, Twin,
    TwinSide, WaitsOn, named_order,
};
pub use story::{NO_NEWS_NOW, SentOver};
pub use time::Clock;
pub use track::{Track, TrackState};
pub use verdict::{Confirmation, Receipt, Verdict};
