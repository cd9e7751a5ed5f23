//! The XML of Amazon's order feeds, and of the reports that come back: pure.
//!
//! A feed is one envelope with numbered messages; its report names the messages
//! that went wrong. `DONE` only means that the report exists. Element order
//! matters to Amazon. The shape of the report is the one client libraries read
//! (Amazon publishes no sample), so what is missing in it counts as unknown.

use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::Event;

/// `Content-Type` of an XML feed, from announcing the file to putting it.
pub const XML: &str = "text/xml; charset=UTF-8";
/// Cancels orders, or tells the seller's own number of them.
pub const ACKNOWLEDGE: &str = "POST_ORDER_ACKNOWLEDGEMENT_DATA";
/// Gives money back.
pub const ADJUST: &str = "POST_PAYMENT_ADJUSTMENT_DATA";

/// Cancels a whole order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancellation {
    /// The order.
    pub order_id: String,
    /// All its items.
    pub item_ids: Vec<String>,
    /// Amazon's word for the reason.
    pub reason: &'static str,
}

/// Amazon's word for a reason of ours. A buyer's own wish does not count against the seller, if it is named.
pub fn reason(word: &str) -> &'static str {
    match word {
        "customer" => "BuyerCanceled",
        "inventory" => "NoInventory",
        "fraud" => "RiskAssessmentInformationNotValid",
        "address" => "ShippingAddressUndeliverable",
        "price" => "PricingError",
        _ => "GeneralAdjustment",
    }
}

/// A feed that cancels these orders; their messages count from 1 in this order.
pub fn cancellations(seller_id: &str, orders: &[Cancellation]) -> String {
    let messages = orders.iter().enumerate().map(|(i, order)| {
        let items: Vec<String> = order
            .item_ids
            .iter()
            .map(|id| {
                format!(
                    "<Item><AmazonOrderItemCode>{}</AmazonOrderItemCode><CancelReason>{}</CancelReason></Item>",
                    escape(id),
                    order.reason
                )
            })
            .collect();
        let items = items.concat();
        message(
            i,
            &format!(
                "<OrderAcknowledgement><AmazonOrderID>{}</AmazonOrderID><StatusCode>Failure</StatusCode>{items}</OrderAcknowledgement>",
                escape(&order.order_id)
            ),
        )
    });
    envelope(seller_id, "OrderAcknowledgement", &messages.collect::<Vec<String>>().concat())
}

/// Tells Amazon the seller's own number of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The order.
    pub order_id: String,
    /// The seller's number.
    pub own_number: String,
    /// All its items.
    pub item_ids: Vec<String>,
}

/// A feed that acknowledges these orders.
pub fn acknowledgements(seller_id: &str, orders: &[Acknowledgement]) -> String {
    let messages = orders.iter().enumerate().map(|(i, order)| {
        let items: Vec<String> = order
            .item_ids
            .iter()
            .map(|id| format!("<Item><AmazonOrderItemCode>{}</AmazonOrderItemCode></Item>", escape(id)))
            .collect();
        let items = items.concat();
        message(
            i,
            &format!(
                "<OrderAcknowledgement><AmazonOrderID>{}</AmazonOrderID><MerchantOrderID>{}</MerchantOrderID><StatusCode>Success</StatusCode>{items}</OrderAcknowledgement>",
                escape(&order.order_id),
                escape(&order.own_number)
            ),
        )
    });
    envelope(seller_id, "OrderAcknowledgement", &messages.collect::<Vec<String>>().concat())
}

/// Money for one item of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    /// The item.
    pub item_id: String,
    /// Amazon's word for the reason.
    pub reason: &'static str,
    /// (Amazon's word for the kind, decimal amount). Totals for all units, never per unit; positive pays the buyer.
    pub components: Vec<(&'static str, String)>,
}

/// A refund of one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// The order.
    pub order_id: String,
    /// ISO currency.
    pub currency: String,
    /// The items.
    pub items: Vec<Adjustment>,
}

/// A feed that gives this money back.
pub fn refunds(seller_id: &str, orders: &[Refund]) -> String {
    let messages = orders.iter().enumerate().map(|(i, order)| {
        let items: Vec<String> = order.items.iter().map(|item| adjusted_item(item, &order.currency)).collect();
        let items = items.concat();
        message(
            i,
            &format!(
                "<OrderAdjustment><AmazonOrderID>{}</AmazonOrderID><ActionType>Refund</ActionType>{items}</OrderAdjustment>",
                escape(&order.order_id)
            ),
        )
    });
    envelope(seller_id, "OrderAdjustment", &messages.collect::<Vec<String>>().concat())
}

fn adjusted_item(item: &Adjustment, currency: &str) -> String {
    let components: Vec<String> = item
        .components
        .iter()
        .map(|(kind, amount)| {
            format!(
                "<Component><Type>{kind}</Type><Amount currency=\"{}\">{}</Amount></Component>",
                escape(currency),
                escape(amount)
            )
        })
        .collect();
    let components = components.concat();
    // No `Quantity`: it is optional, and beside amounts that are totals it has led to wrong refunds.
    format!(
        "<AdjustedItem><AmazonOrderItemCode>{}</AmazonOrderItemCode><AdjustmentReason>{}</AdjustmentReason><ItemPriceAdjustments>{components}</ItemPriceAdjustments></AdjustedItem>",
        escape(&item.item_id),
        item.reason
    )
}

fn message(index: usize, body: &str) -> String {
    format!("<Message><MessageID>{}</MessageID>{body}</Message>", index + 1)
}

fn envelope(seller_id: &str, kind: &str, messages: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<AmazonEnvelope xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:noNamespaceSchemaLocation=\"amzn-envelope.xsd\"><Header><DocumentVersion>1.01</DocumentVersion><MerchantIdentifier>{}</MerchantIdentifier></Header><MessageType>{kind}</MessageType>{messages}</AmazonEnvelope>",
        escape(seller_id)
    )
}

/// What Amazon says of a feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Messages it looked at, if it says.
    pub processed: Option<u64>,
    /// Messages it applied, if it says.
    pub successful: Option<u64>,
    /// What it says of single messages.
    pub rows: Vec<Row>,
}

/// One line of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Number of the message; 0 speaks of the whole feed.
    pub message: u64,
    /// `Error`, `Warning`, …
    pub code: String,
    /// Amazon's number of the problem.
    pub problem: String,
    /// In words.
    pub description: String,
}

impl Report {
    /// What went wrong with one message, or with the whole feed.
    pub fn error_of(&self, message: u64) -> Option<&Row> {
        let errors = || self.rows.iter().filter(|row| row.code.eq_ignore_ascii_case("error"));
        errors().find(|row| row.message == message).or_else(|| errors().find(|row| row.message == 0))
    }
}

/// Reads a processing report; `None` if it is none.
pub fn read_report(text: &str) -> Option<Report> {
    let mut reader = Reader::from_str(text);
    let mut path: Vec<String> = Vec::new();
    let (mut report, mut row, mut seen) = (Report::default(), Row::default(), false);
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                path.push(start.local_name().as_ref().to_owned());
                seen |= path.last().is_some_and(|name| name == "ProcessingReport");
                if path.last().is_some_and(|name| name == "Result") {
                    row = Row::default();
                }
            }
            Ok(Event::Text(words)) => {
                let words = words.trim().to_owned();
                take(&mut report, &mut row, &path, &words);
            }
            Ok(Event::CData(words)) => {
                let words = words.trim().to_owned();
                take(&mut report, &mut row, &path, &words);
            }
            Ok(Event::GeneralRef(entity)) => {
                // `&amp;` and its like come as pieces of their own.
                let words = quick_xml::escape::unescape(&format!("&{};", &*entity)).ok()?.into_owned();
                take(&mut report, &mut row, &path, &words);
            }
            Ok(Event::End(_)) => {
                if path.pop().is_some_and(|name| name == "Result") {
                    report.rows.push(std::mem::take(&mut row));
                }
            }
            // What ends in the middle is no report: the row about our message may be in the other half.
            Ok(Event::Eof) => return (seen && path.is_empty()).then_some(report),
            Ok(_) => {}
            Err(_) => return None,
        }
    }
}

fn take(report: &mut Report, row: &mut Row, path: &[String], words: &str) {
    let Some(name) = path.last().filter(|_| !words.is_empty()) else { return };
    match name.as_str() {
        "MessagesProcessed" => report.processed = words.parse().ok(),
        "MessagesSuccessful" => report.successful = words.parse().ok(),
        "MessageID" if path.iter().any(|name| name == "Result") => row.message = words.parse().unwrap_or(0),
        "ResultCode" => words.clone_into(&mut row.code),
        "ResultMessageCode" => words.clone_into(&mut row.problem),
        "ResultDescription" => {
            if !row.description.is_empty() {
                row.description.push(' ');
            }
            row.description.push_str(words);
        }
        _ => {}
    }
}

#[cfg(test)]
#[path = "tests/envelope.rs"]
mod tests;
