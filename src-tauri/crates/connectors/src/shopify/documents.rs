//! What we ask of Shopify, as GraphQL documents.
//!
//! Two things shape them. A query may cost at most 1000 points, and connections
//! are charged by what they *may* return. So orders are listed lightly (id and
//! time), and only changed ones are read whole, as many at once as the account's
//! measured cost allows; whatever exceeds the small inner pages is fetched after
//! (`assemble.rs`). And accounts differ: a line ending in `#? word` is left out
//! once the account has shown that it cannot answer it ([`Part`]).
//!
//! Amounts are read in the shop's own currency only; presentment money is what
//! the buyer saw, not what is shipped. Refunds alone ask for both: money goes back
//! in the currency it was paid in.

use std::collections::BTreeSet;

/// Which of Shopify's APIs this is.
pub const API_NAME: &str = "Admin API";
/// Pinned version of it: stable since 2026-07-01, and each is served for a year at least.
pub const API_VERSION: &str = "2026-07";
/// From this day on Shopify may answer by a later version instead.
pub const API_UNTIL: &str = "2027-07-01";

/// Order lines per order in the detail document.
pub const LINES: usize = 10;
/// Fulfillment orders per order.
pub const FOS: usize = 2;
/// Lines per fulfillment order.
pub const FO_LINES: usize = 10;
/// Fulfillments per order.
pub const SHIPMENTS: usize = 2;
/// Lines per fulfillment.
pub const SHIPMENT_LINES: usize = 10;
/// Tracking entries per fulfillment.
pub const TRACKINGS: usize = 4;
/// Refunds of an order that are looked through for ours.
pub const REFUNDS: usize = 40;
/// Metafields of one call, read or set.
pub const METAFIELDS: usize = 25;

/// A piece of a document that an account may be unable to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Tax per line.
    LineTax,
    /// Weight on the line itself (since 2026-07).
    LineWeight,
    /// The product variant: barcode, weight. Needs `read_products`.
    Variant,
    /// Who bought. Needs `read_customers`.
    Customer,
    /// Fraud advice.
    Risk,
    /// Metafields.
    Metafields,
    /// Whether a location belongs to another app. Needs `read_locations`.
    Location,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::LineTax, Self::LineWeight, Self::Variant, Self::Customer, Self::Risk, Self::Metafields, Self::Location];
    /// Its mark in the texts below.
    fn mark(self) -> &'static str {
        match self {
            Self::LineTax => "tax",
            Self::LineWeight => "weight",
            Self::Variant => "variant",
            Self::Customer => "customer",
            Self::Risk => "risk",
            Self::Metafields => "metafields",
            Self::Location => "location",
        }
    }
    /// The part that selects `field` on `type_name`, if it can be left out.
    pub fn of_field(type_name: &str, field: &str) -> Option<Self> {
        Some(match (type_name, field) {
            ("LineItem", "taxLines") | ("TaxLine", _) => Self::LineTax,
            ("LineItem", "weight") => Self::LineWeight,
            ("LineItem", "variant")
            | ("ProductVariant" | "Product" | "InventoryItem" | "InventoryItemMeasurement", _) => Self::Variant,
            ("Order", "customer") | ("Customer" | "CustomerEmailAddress" | "CustomerPhoneNumber", _) => Self::Customer,
            ("Order", "risk") | ("OrderRiskSummary" | "OrderRiskAssessment", _) => Self::Risk,
            ("Order", "metafields") | ("Metafield", _) => Self::Metafields,
            ("Location" | "FulfillmentOrderAssignedLocation", _) => Self::Location,
            _ => return None,
        })
    }
}

/// One document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Document {
    /// Who are we, and what may we do.
    Preflight,
    /// A few recent orders: is personal data visible?
    Probe,
    /// Ids of changed orders.
    OrderList,
    /// Ids of changed fulfillment orders and their orders.
    FulfillmentOrderList,
    /// Whole orders by id.
    Orders,
    /// More lines of one order.
    OrderLines,
    /// More fulfillment orders of one order.
    OrderFulfillmentOrders,
    /// More lines of one fulfillment order.
    FulfillmentOrderLines,
    /// All fulfillments of one order, their ids only.
    OrderShipments,
    /// Fulfillments by id.
    Shipments,
    /// More lines of one fulfillment, and all its tracking.
    ShipmentLines,
    /// What is left to ship of one order, and what was told.
    OrderWork,
    /// Tell that lines left.
    CreateFulfillment,
    /// Replace tracking.
    SetTracking,
    /// Take a fulfillment back.
    CancelFulfillment,
    /// Cancel an order.
    CancelOrder,
    /// What became of a cancellation.
    CancelResult,
    /// Locations.
    Places,
    /// Levels of one location.
    StockLevels,
    /// One level by its id.
    StockLevel,
    /// One item's level at one location.
    StockOfItem,
    /// Items by SKU, with their levels.
    StockBySku,
    /// Set a level.
    SetStock,
    /// Variants, all of them.
    Variants,
    /// What giving money back would come to, and what was given back so far.
    SuggestRefund,
    /// What was given back so far.
    OrderRefunds,
    /// Give money back.
    CreateRefund,
    /// Facts, tags and note of one order.
    OrderMarks,
    /// Set facts.
    SetMetafields,
    /// Add tags.
    AddTags,
    /// Change an order's note.
    SetNote,
    /// Returns of orders by id.
    Returns,
    /// More returns of one order.
    MoreReturns,
    /// More lines of one return.
    ReturnLines,
    /// One return by its id.
    OneReturn,
    /// Agree to a return that was asked for.
    ApproveReturn,
    /// Decline one.
    DeclineReturn,
}

impl Document {
    /// All of them.
    pub const ALL: [Self; 37] = [
        Self::Preflight,
        Self::Probe,
        Self::OrderList,
        Self::FulfillmentOrderList,
        Self::Orders,
        Self::OrderLines,
        Self::OrderFulfillmentOrders,
        Self::FulfillmentOrderLines,
        Self::OrderShipments,
        Self::Shipments,
        Self::ShipmentLines,
        Self::OrderWork,
        Self::CreateFulfillment,
        Self::SetTracking,
        Self::CancelFulfillment,
        Self::CancelOrder,
        Self::CancelResult,
        Self::Places,
        Self::StockLevels,
        Self::StockLevel,
        Self::StockOfItem,
        Self::StockBySku,
        Self::SetStock,
        Self::Variants,
        Self::SuggestRefund,
        Self::OrderRefunds,
        Self::CreateRefund,
        Self::OrderMarks,
        Self::SetMetafields,
        Self::AddTags,
        Self::SetNote,
        Self::Returns,
        Self::MoreReturns,
        Self::ReturnLines,
        Self::OneReturn,
        Self::ApproveReturn,
        Self::DeclineReturn,
    ];

    /// Operation name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Preflight => "Preflight",
            Self::Probe => "Probe",
            Self::OrderList => "OrderList",
            Self::FulfillmentOrderList => "FulfillmentOrderList",
            Self::Orders => "Orders",
            Self::OrderLines => "OrderLines",
            Self::OrderFulfillmentOrders => "OrderFulfillmentOrders",
            Self::FulfillmentOrderLines => "FulfillmentOrderLines",
            Self::OrderShipments => "OrderShipments",
            Self::Shipments => "Shipments",
            Self::ShipmentLines => "ShipmentLines",
            Self::OrderWork => "OrderWork",
            Self::CreateFulfillment => "CreateFulfillment",
            Self::SetTracking => "SetTracking",
            Self::CancelFulfillment => "CancelFulfillment",
            Self::CancelOrder => "CancelOrder",
            Self::CancelResult => "CancelResult",
            Self::Places => "Places",
            Self::StockLevels => "StockLevels",
            Self::StockLevel => "StockLevel",
            Self::StockOfItem => "StockOfItem",
            Self::StockBySku => "StockBySku",
            Self::SetStock => "SetStock",
            Self::Variants => "Variants",
            Self::SuggestRefund => "SuggestRefund",
            Self::OrderRefunds => "OrderRefunds",
            Self::CreateRefund => "CreateRefund",
            Self::OrderMarks => "OrderMarks",
            Self::SetMetafields => "SetMetafields",
            Self::AddTags => "AddTags",
            Self::SetNote => "SetNote",
            Self::Returns => "Returns",
            Self::MoreReturns => "MoreReturns",
            Self::ReturnLines => "ReturnLines",
            Self::OneReturn => "OneReturn",
            Self::ApproveReturn => "ApproveReturn",
            Self::DeclineReturn => "DeclineReturn",
        }
    }

    /// It changes something.
    pub fn is_mutation(self) -> bool {
        matches!(
            self,
            Self::CreateFulfillment
                | Self::SetTracking
                | Self::CancelFulfillment
                | Self::CancelOrder
                | Self::SetStock
                | Self::CreateRefund
                | Self::SetMetafields
                | Self::AddTags
                | Self::SetNote
                | Self::ApproveReturn
                | Self::DeclineReturn
        )
    }

    /// What one unit (one row, one id; the whole document where it has no size) may cost, points, until an answer
    /// tells better. Counted as if connections cost rows times children, the dearest rule anybody reported.
    pub fn guess_per_unit(self) -> f64 {
        match self {
            Self::OrderList | Self::FulfillmentOrderList | Self::Places => 1.5,
            Self::StockLevels | Self::StockLevel | Self::StockOfItem => 6.0,
            Self::StockBySku => 90.0,
            Self::Variants => 7.0,
            Self::Orders => 430.0,
            Self::ShipmentLines => 420.0,
            Self::Preflight => 10.0,
            Self::Probe | Self::CancelResult => 4.0,
            Self::OrderLines => 830.0,
            Self::OrderFulfillmentOrders => 60.0,
            Self::FulfillmentOrderLines => 520.0,
            Self::OrderShipments => 3.0,
            Self::Shipments => 30.0,
            Self::OrderWork | Self::OneReturn => 120.0,
            Self::CreateFulfillment
            | Self::SetTracking
            | Self::CancelFulfillment
            | Self::CancelOrder
            | Self::SetStock
            | Self::SetMetafields
            | Self::AddTags
            | Self::SetNote
            | Self::ApproveReturn
            | Self::DeclineReturn => 12.0,
            Self::SuggestRefund => 210.0,
            Self::OrderRefunds => 165.0,
            Self::CreateRefund => 24.0,
            Self::OrderMarks => 28.0,
            Self::Returns => 360.0,
            Self::MoreReturns => 600.0,
            Self::ReturnLines => 405.0,
        }
    }

    /// The text to send, without the parts the account cannot answer.
    pub fn text(self, without: &BTreeSet<Part>) -> String {
        let mut text = keep(self.body(), without);
        let mut done: Vec<&str> = Vec::new();
        // Fragments may use fragments; one more round than there are fragments always ends.
        while let Some((name, body)) = FRAGMENTS.iter().find(|(name, _)| !done.contains(name) && uses(&text, name)) {
            text.push_str(&keep(body, without));
            done.push(name);
        }
        for (word, value) in [
            ("@LINES", LINES),
            ("@FOS", FOS),
            ("@FO_LINES", FO_LINES),
            ("@SHIPMENTS", SHIPMENTS),
            ("@SHIPMENT_LINES", SHIPMENT_LINES),
            ("@TRACKINGS", TRACKINGS),
            ("@REFUNDS", REFUNDS),
            ("@METAFIELDS", METAFIELDS),
        ]
        .iter()
        .rev()
        {
            text = text.replace(word, &value.to_string());
        }
        text
    }

    fn body(self) -> &'static str {
        match self {
            Self::Preflight => {
                "query Preflight {
  shop { id name myshopifyDomain currencyCode ianaTimezone plan { publicDisplayName shopifyPlus partnerDevelopment } }
  currentAppInstallation { id accessScopes { handle } }
  publicApiVersions { handle supported }
}
"
            }
            Self::Probe => {
                "query Probe($q: String!, $n: Int!) {
  orders(first: $n, sortKey: UPDATED_AT, query: $q) {
    nodes { id name requiresShipping email shippingAddress { name address1 countryCodeV2 } fulfillmentOrders(first: 1) { nodes { id } } }
  }
}
"
            }
            Self::OrderList => {
                "query OrderList($q: String!, $n: Int!, $after: String, $sort: OrderSortKeys!) {
  orders(first: $n, after: $after, sortKey: $sort, query: $q) {
    nodes { id updatedAt displayFulfillmentStatus }
    pageInfo { hasNextPage endCursor }
  }
}
"
            }
            Self::FulfillmentOrderList => {
                "query FulfillmentOrderList($q: String!, $n: Int!, $after: String) {
  fulfillmentOrders(first: $n, after: $after, includeClosed: true, sortKey: UPDATED_AT, query: $q) {
    nodes { id updatedAt orderId }
    pageInfo { hasNextPage endCursor }
  }
}
"
            }
            Self::Orders => {
                "query Orders($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Order { ...OrderWhole } }
}
"
            }
            Self::OrderLines => {
                "query OrderLines($id: ID!, $after: String) {
  order(id: $id) { id updatedAt lineItems(first: 30, after: $after) { nodes { ...Line } pageInfo { hasNextPage endCursor } } }
}
"
            }
            Self::OrderFulfillmentOrders => {
                "query OrderFulfillmentOrders($id: ID!, $after: String) {
  order(id: $id) { id updatedAt fulfillmentOrders(first: @FOS, after: $after) { nodes { ...Work } pageInfo { hasNextPage endCursor } } }
}
"
            }
            Self::FulfillmentOrderLines => {
                "query FulfillmentOrderLines($ids: [ID!]!, $after: String) {
  nodes(ids: $ids) { ... on FulfillmentOrder { id updatedAt lineItems(first: 250, after: $after) { nodes { ...WorkLine } pageInfo { hasNextPage endCursor } } } }
}
"
            }
            Self::OrderShipments => {
                "query OrderShipments($id: ID!, $n: Int!) {
  order(id: $id) { id updatedAt fulfillments(first: $n) { id } }
}
"
            }
            Self::Shipments => {
                "query Shipments($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Fulfillment { ...Shipment } }
}
"
            }
            Self::ShipmentLines => {
                "query ShipmentLines($ids: [ID!]!, $after: String) {
  nodes(ids: $ids) {
    ... on Fulfillment {
      id trackingInfo(first: 100) { company number url }
      fulfillmentLineItems(first: 150, after: $after) { nodes { id quantity lineItem { id } } pageInfo { hasNextPage endCursor } }
    }
  }
}
"
            }
            Self::OrderWork => {
                "query OrderWork($id: ID!) {
  order(id: $id) {
    id name createdAt updatedAt cancelledAt displayFulfillmentStatus
    fulfillmentOrders(first: @FOS) { nodes { ...Work } pageInfo { hasNextPage endCursor } }
    fulfillmentsCount { count }
    fulfillments(first: @SHIPMENTS) { ...Shipment }
  }
}
"
            }
            Self::CreateFulfillment => {
                "mutation CreateFulfillment($f: FulfillmentInput!, $msg: String) {
  fulfillmentCreate(fulfillment: $f, message: $msg) { fulfillment { id status } userErrors { field message } }
}
"
            }
            Self::SetTracking => {
                "mutation SetTracking($id: ID!, $t: FulfillmentTrackingInput!, $notify: Boolean) {
  fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: $t, notifyCustomer: $notify) { fulfillment { id status } userErrors { field message } }
}
"
            }
            Self::CancelFulfillment => {
                "mutation CancelFulfillment($id: ID!) {
  fulfillmentCancel(id: $id) { fulfillment { id status } userErrors { field message } }
}
"
            }
            Self::CancelOrder => {
                "mutation CancelOrder($id: ID!, $reason: OrderCancelReason!, $restock: Boolean!, $refund: OrderCancelRefundMethodInput, $notify: Boolean, $note: String) {
  orderCancel(orderId: $id, reason: $reason, restock: $restock, refundMethod: $refund, notifyCustomer: $notify, staffNote: $note) {
    job { id done } orderCancelUserErrors { code field message }
  }
}
"
            }
            Self::CancelResult => {
                "query CancelResult($job: ID!, $id: ID!) {
  job(id: $job) { id done }
  order(id: $id) { id name cancelledAt cancelReason updatedAt }
}
"
            }
            Self::Places => {
                "query Places($n: Int!, $after: String) {
  locations(first: $n, after: $after) { nodes { id isFulfillmentService } pageInfo { hasNextPage endCursor } }
}
"
            }
            Self::StockLevels => {
                "query StockLevels($place: ID!, $q: String!, $n: Int!, $after: String) {
  location(id: $place) { id inventoryLevels(first: $n, after: $after, query: $q) { nodes { ...Level } pageInfo { hasNextPage endCursor } } }
}
"
            }
            Self::StockLevel => {
                "query StockLevel($id: ID!) {
  inventoryLevel(id: $id) { ...Level }
}
"
            }
            Self::StockOfItem => {
                "query StockOfItem($item: ID!, $place: ID!) {
  inventoryItem(id: $item) { id sku tracked inventoryLevel(locationId: $place) { ...Level } }
}
"
            }
            Self::StockBySku => {
                "query StockBySku($q: String!) {
  inventoryItems(first: 2, query: $q) { nodes { id sku tracked inventoryLevels(first: 10) { nodes { ...Level } } } }
}
"
            }
            Self::SetStock => {
                "mutation SetStock($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) { inventoryAdjustmentGroup { id } userErrors { code field message } }
}
"
            }
            Self::Variants => {
                "query Variants($n: Int!, $after: String) {
  shop { currencyCode }
  productVariants(first: $n, after: $after, sortKey: ID) {
    nodes {
      id title sku barcode price product { id title status hasOnlyDefaultVariant }
      inventoryItem { id measurement { weight { value unit } } }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"
            }
            // The second suggestion tells what each payment still holds, for money that is for no line.
            Self::SuggestRefund => {
                "query SuggestRefund($id: ID!, $lines: [RefundLineItemInput!]!, $all: Boolean!, $ship: Money) {
  order(id: $id) {
    id name currencyCode presentmentCurrencyCode
    refunds(first: @REFUNDS) { ...Given }
    suggestedRefund(refundLineItems: $lines, refundShipping: $all, shippingAmount: $ship) {
      amountSet { ...Both } totalTaxSet { ...Both } shipping { amountSet { ...Both } }
      refundLineItems {
        quantity lineItem { id refundableQuantity unfulfilledQuantity }
        location { id isFulfillmentService } #? location
      }
      suggestedTransactions { ...Pay }
    }
    whole: suggestedRefund(suggestFullRefund: true) { suggestedTransactions { ...Pay } }
    fulfillmentOrders(first: 3) { nodes { assignedLocation { location { id isFulfillmentService } } } } #? location
  }
}
"
            }
            Self::OrderRefunds => {
                "query OrderRefunds($id: ID!) {
  order(id: $id) { id name refunds(first: @REFUNDS) { ...Given } }
}
"
            }
            Self::CreateRefund => {
                "mutation CreateRefund($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) { refund { id transactions(first: 10) { nodes { id status } } } userErrors { field message } }
}
"
            }
            Self::OrderMarks => {
                "query OrderMarks($id: ID!, $keys: [String!]!) {
  order(id: $id) { id name note tags metafields(first: @METAFIELDS, keys: $keys) { nodes { namespace key type value } } }
}
"
            }
            Self::SetMetafields => {
                "mutation SetMetafields($m: [MetafieldsSetInput!]!) {
  metafieldsSet(metafields: $m) { metafields { id } userErrors { code field message } }
}
"
            }
            Self::AddTags => {
                "mutation AddTags($id: ID!, $tags: [String!]!) {
  tagsAdd(id: $id, tags: $tags) { node { id } userErrors { field message } }
}
"
            }
            Self::SetNote => {
                "mutation SetNote($input: OrderInput!) {
  orderUpdate(input: $input) { order { id } userErrors { field message } }
}
"
            }
            Self::Returns => {
                "query Returns($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Order { id returns(first: 3) { nodes { ...Back } pageInfo { hasNextPage endCursor } } } }
}
"
            }
            Self::MoreReturns => {
                "query MoreReturns($id: ID!, $after: String) {
  order(id: $id) { id returns(first: 5, after: $after) { nodes { ...Back } pageInfo { hasNextPage endCursor } } }
}
"
            }
            Self::ReturnLines => {
                "query ReturnLines($id: ID!, $after: String) {
  return(id: $id) { id returnLineItems(first: 100, after: $after) { nodes { ...BackLine } pageInfo { hasNextPage endCursor } } }
}
"
            }
            Self::OneReturn => {
                "query OneReturn($id: ID!) {
  return(id: $id) { ...Back }
}
"
            }
            Self::ApproveReturn => {
                "mutation ApproveReturn($input: ReturnApproveRequestInput!) {
  returnApproveRequest(input: $input) { return { id status } userErrors { code field message } }
}
"
            }
            Self::DeclineReturn => {
                "mutation DeclineReturn($input: ReturnDeclineRequestInput!) {
  returnDeclineRequest(input: $input) { return { id status } userErrors { code field message } }
}
"
            }
        }
    }
}

/// Named pieces, appended where they are used.
const FRAGMENTS: &[(&str, &str)] = &[
    (
        "OrderWhole",
        "fragment OrderWhole on Order {
  id legacyResourceId name createdAt processedAt updatedAt closedAt cancelledAt cancelReason test
  displayFinancialStatus displayFulfillmentStatus requiresShipping tags note email phone sourceName sourceIdentifier retailLocation { id }
  customAttributes { key value } currencyCode taxesIncluded
  subtotalPriceSet { ...Amt } totalDiscountsSet { ...Amt } totalShippingPriceSet { ...Amt } totalTaxSet { ...Amt } totalPriceSet { ...Amt } currentTotalPriceSet { ...Amt } totalRefundedSet { ...Amt }
  risk { recommendation } #? risk
  customer { id displayName tags defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber } } #? customer
  shippingAddress { ...Addr }
  billingAddress { ...Addr }
  shippingLines(first: 3) { nodes { title code isRemoved } }
  metafields(first: 10) { nodes { namespace key value } } #? metafields
  lineItems(first: @LINES) { nodes { ...Line } pageInfo { hasNextPage endCursor } }
  fulfillmentOrders(first: @FOS) { nodes { ...Work } pageInfo { hasNextPage endCursor } }
  fulfillmentsCount { count }
  fulfillments(first: @SHIPMENTS) { ...Shipment }
}
",
    ),
    ("Amt", "fragment Amt on MoneyBag { shopMoney { amount currencyCode } }\n"),
    (
        "Addr",
        "fragment Addr on MailingAddress { name firstName lastName company address1 address2 city province provinceCode zip countryCodeV2 phone }\n",
    ),
    (
        "Line",
        "fragment Line on LineItem {
  id name title variantTitle sku quantity currentQuantity unfulfilledQuantity requiresShipping isGiftCard
  weight { value unit } #? weight
  customAttributes { key value } originalUnitPriceSet { ...Amt } discountedUnitPriceAfterAllDiscountsSet { ...Amt }
  taxLines(first: 5) { priceSet { ...Amt } } #? tax
  variant { id barcode product { productType } inventoryItem { measurement { weight { value unit } } } } #? variant
}
",
    ),
    (
        "Work",
        "fragment Work on FulfillmentOrder {
  id status requestStatus updatedAt fulfillAt fulfillBy
  supportedActions { action }
  deliveryMethod { methodType }
  fulfillmentHolds { id displayReason reason reasonNotes heldByRequestingApp }
  assignedLocation { name }
  assignedLocation { location { id isFulfillmentService } } #? location
  lineItems(first: @FO_LINES) { nodes { ...WorkLine } pageInfo { hasNextPage endCursor } }
}
",
    ),
    (
        "Both",
        "fragment Both on MoneyBag { shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }\n",
    ),
    ("Given", "fragment Given on Refund { id note transactions(first: 3) { nodes { id status } } }\n"),
    (
        "Pay",
        "fragment Pay on SuggestedOrderTransaction {
  gateway amountSet { ...Both } maximumRefundableSet { ...Both } parentTransaction { id gateway manualPaymentGateway }
}
",
    ),
    (
        "Back",
        "fragment Back on Return {
  id name status createdAt closedAt requestApprovedAt order { id }
  returnLineItems(first: 10) { nodes { ...BackLine } pageInfo { hasNextPage endCursor } }
  reverseFulfillmentOrders(first: 2) { nodes { lineItems(first: 10) { nodes { totalQuantity fulfillmentLineItem { id } dispositions { type quantity createdAt } } } } }
  refunds(first: 5) { nodes { totalRefundedSet { shopMoney { amount currencyCode } } } }
}
",
    ),
    (
        "BackLine",
        "fragment BackLine on ReturnLineItemType {
  id quantity returnReasonNote returnReasonDefinition { name }
  ... on ReturnLineItem { fulfillmentLineItem { id lineItem { id sku } } }
}
",
    ),
    ("WorkLine", "fragment WorkLine on FulfillmentOrderLineItem { id totalQuantity remainingQuantity lineItem { id } }\n"),
    (
        "Level",
        "fragment Level on InventoryLevel {
  id isActive updatedAt quantities(names: [\"available\", \"on_hand\"]) { name quantity }
  item { id sku tracked } location { id name isFulfillmentService }
}
",
    ),
    (
        "Shipment",
        "fragment Shipment on Fulfillment {
  id name status displayStatus createdAt updatedAt deliveredAt
  trackingInfo(first: @TRACKINGS) { company number url }
  fulfillmentLineItems(first: @SHIPMENT_LINES) { nodes { id quantity lineItem { id } } pageInfo { hasNextPage endCursor } }
}
",
    ),
];

/// `text` without the lines of the parts left out, and without marks.
fn keep(text: &str, without: &BTreeSet<Part>) -> String {
    let mut kept = String::with_capacity(text.len());
    for line in text.lines() {
        let (line, mark) = line.split_once("#?").map_or((line, ""), |(line, mark)| (line, mark.trim()));
        if !without.iter().any(|part| part.mark() == mark) {
            kept.push_str(line.trim_end());
            kept.push('\n');
        }
    }
    kept
}

fn uses(text: &str, fragment: &str) -> bool {
    text.match_indices("...").any(|(at, _)| {
        let rest = &text[at + 3..];
        rest.strip_prefix(fragment).is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    })
}
