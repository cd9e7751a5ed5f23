//! One order, and what follows from its parts.

use super::{Address, Fo, FoStatus, Fulfillment, Line, Metafield, Refund, Return, ReturnStatus, ShippingLine, digits};

/// One order.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// Its id.
    pub id: u64,
    /// `1001`.
    pub number: i64,
    /// `#1001`.
    pub name: String,
    /// When it was stored, ms UTC.
    pub created_ms: i64,
    /// When it last changed, ms UTC, whole seconds.
    pub updated_ms: i64,
    /// When it was archived, ms UTC.
    pub closed_ms: Option<i64>,
    /// When and why it was cancelled.
    pub cancelled: Option<Cancelled>,
    /// Made with a test payment.
    pub test: bool,
    /// Lines were changed after the sale.
    pub edited: bool,
    /// Tags.
    pub tags: Vec<String>,
    /// The buyer's note.
    pub note: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Purchase order number.
    pub po_number: Option<String>,
    /// `web`, `pos`, or digits of an app.
    pub source_name: String,
    /// Where it was sold over the counter.
    pub retail_location: Option<u64>,
    /// Free attributes of the cart.
    pub attributes: Vec<(String, String)>,
    /// The shop's currency.
    pub currency: String,
    /// The buyer's currency and how many of it one of the shop's is worth.
    pub presentment: Option<(String, f64)>,
    /// Prices contain tax.
    pub taxes_included: bool,
    /// Who was paid (`shopify_payments`).
    pub gateway: String,
    /// Discount code.
    pub discount_code: Option<String>,
    /// The customer, unless a guest.
    pub customer: Option<u64>,
    /// Where it goes.
    pub ship_to: Option<Address>,
    /// Who pays.
    pub bill_to: Option<Address>,
    /// The shipping.
    pub shipping: Vec<ShippingLine>,
    /// The lines.
    pub lines: Vec<Line>,
    /// Pieces of work.
    pub fos: Vec<Fo>,
    /// What was reported as shipped.
    pub fulfillments: Vec<Fulfillment>,
    /// Money moved.
    pub transactions: Vec<Transaction>,
    /// Money given back.
    pub refunds: Vec<Refund>,
    /// Goods coming back.
    pub returns: Vec<Return>,
    /// Free fields.
    pub metafields: Vec<Metafield>,
    /// Recommendation and level of the risk check.
    pub risk: (String, String),
    /// The reservation ran out.
    pub authorization_expired: bool,
    /// How the buyer gets it, before it is routed.
    pub delivery: super::Delivery,
    /// Ship before, if the shop promised a day, ms UTC.
    pub fulfill_by_ms: Option<i64>,
    /// Ship from there, whatever the stock says.
    pub from_location: Option<u64>,
    /// Total at the moment of the sale, minor units.
    pub placed_total_minor: i64,
}

/// When and why an order was cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancelled {
    /// When, ms UTC.
    pub at_ms: i64,
    /// The platform's word (`CUSTOMER`).
    pub reason: String,
    /// Note for the team.
    pub staff_note: Option<String>,
}

/// Money moved or reserved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// Its id.
    pub id: u64,
    /// What kind.
    pub kind: TransactionKind,
    /// Minor units of the shop's currency.
    pub minor: i64,
    /// When, ms UTC.
    pub at_ms: i64,
    /// The one it refers to.
    pub parent: Option<u64>,
}

/// See [`Transaction`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum TransactionKind {
    Authorization,
    Capture,
    Sale,
    Refund,
    Void,
}

impl TransactionKind {
    /// The platform's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Authorization => "AUTHORIZATION",
            Self::Capture => "CAPTURE",
            Self::Sale => "SALE",
            Self::Refund => "REFUND",
            Self::Void => "VOID",
        }
    }
}

/// All amounts of an order, minor units of the shop's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderTotals {
    /// Goods after discounts.
    pub subtotal: i64,
    /// Discounts.
    pub discounts: i64,
    /// Shipping.
    pub shipping: i64,
    /// Tax.
    pub tax: i64,
    /// Everything.
    pub total: i64,
}

impl Order {
    /// `gid://shopify/Order/…`.
    pub fn gid(&self) -> String {
        super::gid("Order", self.id)
    }

    /// `#1001`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Per line: its gid, the units that were ever to ship, the units reported as shipped.
    pub fn line_balance(&self) -> impl Iterator<Item = (String, i64, i64)> {
        self.lines.iter().map(|line| (super::gid("LineItem", line.id), line.quantity - line.removed, line.fulfilled))
    }

    /// A line.
    pub fn line(&self, id: u64) -> Option<&Line> {
        self.lines.iter().find(|line| line.id == id)
    }

    /// A line, to change it.
    pub fn line_mut(&mut self, id: u64) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| line.id == id)
    }

    /// A fulfillment order.
    pub fn fo(&self, id: u64) -> Option<&Fo> {
        self.fos.iter().find(|fo| fo.id == id)
    }

    /// A fulfillment order, to change it.
    pub fn fo_mut(&mut self, id: u64) -> Option<&mut Fo> {
        self.fos.iter_mut().find(|fo| fo.id == id)
    }

    /// A fulfillment, to change it.
    pub fn fulfillment_mut(&mut self, id: u64) -> Option<&mut Fulfillment> {
        self.fulfillments.iter_mut().find(|fulfillment| fulfillment.id == id)
    }

    /// A fulfillment line and its fulfillment.
    pub fn fulfillment_line(&self, id: u64) -> Option<(&Fulfillment, &super::FulfillmentLine)> {
        self.fulfillments
            .iter()
            .find_map(|fulfillment| fulfillment.lines.iter().find(|line| line.id == id).map(|line| (fulfillment, line)))
    }

    /// Amounts over `units` of each line.
    fn totals_over(&self, units: impl Fn(&Line) -> i64) -> OrderTotals {
        let subtotal: i64 = self.lines.iter().map(|line| line.share_minor(units(line))).sum();
        let full: i64 = self.lines.iter().map(|line| line.price_minor * units(line)).sum();
        let shipping: i64 = self.shipping.iter().filter(|line| !line.removed).map(|line| line.price_minor).sum();
        let tax: i64 = self.lines.iter().map(|line| self.tax_minor(line.share_minor(units(line)), line.tax_rate)).sum();
        let total = subtotal + shipping + if self.taxes_included { 0 } else { tax };
        OrderTotals { subtotal, discounts: full - subtotal, shipping, tax, total }
    }

    /// Tax on an amount, minor units, rounded half up.
    pub fn tax_minor(&self, minor: i64, rate: f64) -> i64 {
        let share = if self.taxes_included { rate / (1.0 + rate) } else { rate };
        (minor as f64 * share).round() as i64
    }

    /// Amounts as ordered.
    pub fn totals(&self) -> OrderTotals {
        self.totals_over(|line| line.quantity)
    }

    /// Amounts after edits and refunds.
    pub fn current_totals(&self) -> OrderTotals {
        let mut totals = self.totals_over(Line::current);
        let shipping_refunded: i64 = self.refunds.iter().map(|refund| refund.shipping_minor).sum();
        totals.shipping -= shipping_refunded;
        totals.total -= shipping_refunded;
        totals
    }

    fn sum(&self, kinds: &[TransactionKind]) -> i64 {
        self.transactions
            .iter()
            .filter(|transaction| kinds.contains(&transaction.kind))
            .map(|transaction| transaction.minor)
            .sum()
    }

    /// Money taken, minor units.
    pub fn received_minor(&self) -> i64 {
        self.sum(&[TransactionKind::Sale, TransactionKind::Capture])
    }

    /// Money given back, minor units.
    pub fn refunded_minor(&self) -> i64 {
        self.sum(&[TransactionKind::Refund])
    }

    /// Money reserved and neither taken nor let go, minor units.
    pub fn capturable_minor(&self) -> i64 {
        let open = self.sum(&[TransactionKind::Authorization])
            - self.sum(&[TransactionKind::Capture])
            - self.sum(&[TransactionKind::Void]);
        if self.authorization_expired { 0 } else { open.max(0) }
    }

    /// Of one payment, what can still be given back, minor units.
    pub fn refundable_of(&self, transaction: &Transaction) -> i64 {
        if !matches!(transaction.kind, TransactionKind::Sale | TransactionKind::Capture) {
            return 0;
        }
        let back =
            self.transactions.iter().filter(|t| t.kind == TransactionKind::Refund && t.parent == Some(transaction.id));
        transaction.minor - back.map(|t| t.minor).sum::<i64>()
    }

    /// The platform's word for how far payment is.
    pub fn financial_status(&self) -> &'static str {
        let (received, refunded) = (self.received_minor(), self.refunded_minor());
        let voided = self.transactions.iter().any(|transaction| transaction.kind == TransactionKind::Void);
        if received > 0 {
            return if refunded >= received {
                "REFUNDED"
            } else if refunded > 0 {
                "PARTIALLY_REFUNDED"
            } else if received < self.current_totals().total {
                "PARTIALLY_PAID"
            } else {
                "PAID"
            };
        }
        if self.authorization_expired {
            "EXPIRED"
        } else if self.capturable_minor() > 0 {
            "AUTHORIZED"
        } else if voided || (self.cancelled.is_some() && self.placed_total_minor > 0) {
            "VOIDED"
        } else if self.placed_total_minor == 0 {
            "PAID"
        } else {
            "PENDING"
        }
    }

    /// The platform's word for how far shipping is. For display only.
    pub fn fulfillment_status(&self, now_ms: i64) -> &'static str {
        let fulfilled: i64 = self.lines.iter().map(|line| line.fulfilled).sum();
        let open: i64 = self.lines.iter().map(Line::unfulfilled).sum();
        if open == 0 && fulfilled > 0 {
            return "FULFILLED";
        }
        if fulfilled > 0 {
            return "PARTIALLY_FULFILLED";
        }
        let live: Vec<FoStatus> = self.fos.iter().filter(|fo| !fo.is_final()).map(|fo| fo.status(now_ms)).collect();
        if !live.is_empty() && live.iter().all(|status| *status == FoStatus::OnHold) {
            return "ON_HOLD";
        }
        if !live.is_empty() && live.iter().all(|status| *status == FoStatus::Scheduled) {
            return "SCHEDULED";
        }
        if live.contains(&FoStatus::InProgress) { "IN_PROGRESS" } else { "UNFULFILLED" }
    }

    /// The platform's word for returns.
    pub fn return_status(&self) -> &'static str {
        let has = |status| self.returns.iter().any(|one| one.status == status);
        if has(ReturnStatus::Requested) {
            "RETURN_REQUESTED"
        } else if has(ReturnStatus::Open) {
            "IN_PROGRESS"
        } else if has(ReturnStatus::Closed) {
            "RETURNED"
        } else {
            "NO_RETURN"
        }
    }

    /// Minor units of the buyer's currency.
    pub fn presented(&self, minor: i64) -> (i64, &str) {
        match &self.presentment {
            None => (minor, &self.currency),
            Some((currency, rate)) => {
                let scale = 10_f64.powi(digits(currency) as i32 - digits(&self.currency) as i32);
                ((minor as f64 * rate * scale).round() as i64, currency)
            }
        }
    }

    /// Minor units of the shop's currency, from the buyer's.
    pub fn from_presented(&self, minor: i64) -> i64 {
        match &self.presentment {
            None => minor,
            Some((currency, rate)) => {
                let scale = 10_f64.powi(digits(&self.currency) as i32 - digits(currency) as i32);
                (minor as f64 / rate * scale).round() as i64
            }
        }
    }

    /// Some line needs a carrier.
    pub fn requires_shipping(&self) -> bool {
        self.lines.iter().any(|line| line.requires_shipping)
    }
}
