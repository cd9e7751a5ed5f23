//! The XML that goes out and the reports that come back.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;

#[test]
fn a_cancellation_names_every_item_with_its_reason() {
    let orders = [
        Cancellation { order_id: "028-1".into(), item_ids: vec!["05".into(), "06".into()], reason: reason("customer") },
        Cancellation { order_id: "028-2".into(), item_ids: vec!["07".into()], reason: reason("inventory") },
    ];
    let xml = cancellations("A&B", &orders);
    for text in [
        "<MerchantIdentifier>A&amp;B</MerchantIdentifier>",
        "<MessageType>OrderAcknowledgement</MessageType><Message><MessageID>1</MessageID>",
        "<AmazonOrderID>028-1</AmazonOrderID><StatusCode>Failure</StatusCode><Item><AmazonOrderItemCode>05</AmazonOrderItemCode><CancelReason>BuyerCanceled</CancelReason></Item><Item>",
        "<MessageID>2</MessageID>",
        "<CancelReason>NoInventory</CancelReason>",
    ] {
        assert!(xml.contains(text), "{text} is not in {xml}");
    }
}

#[test]
fn reports_are_read_message_by_message() {
    let report = read_report(
        "<?xml version=\"1.0\"?><AmazonEnvelope xmlns:xsi=\"x\"><Message><MessageID>1</MessageID><ProcessingReport>\
         <ProcessingSummary><MessagesProcessed>3</MessagesProcessed><MessagesSuccessful>1</MessagesSuccessful></ProcessingSummary>\
         <Result><MessageID>2</MessageID><ResultCode>Error</ResultCode><ResultMessageCode>18028</ResultMessageCode><ResultDescription>No &lt;such&gt; order &amp; no item</ResultDescription></Result>\
         <Result><MessageID>3</MessageID><ResultCode>Warning</ResultCode><ResultDescription><![CDATA[Take care]]></ResultDescription></Result>\
         </ProcessingReport></Message></AmazonEnvelope>",
    )
    .unwrap();
    assert_eq!((report.processed, report.successful), (Some(3), Some(1)));
    assert_eq!(report.error_of(1), None);
    let row = report.error_of(2).unwrap();
    assert_eq!((row.problem.as_str(), row.description.as_str()), ("18028", "No < such > order & no item"));
    assert_eq!(report.error_of(3), None, "a warning is no refusal");
    assert_eq!(report.rows[1].description, "Take care");
}

#[test]
fn an_error_of_the_whole_feed_is_every_messages() {
    let report = read_report(
        "<ProcessingReport><Result><MessageID>0</MessageID><ResultCode>Error</ResultCode><ResultDescription>Wrong seller</ResultDescription></Result></ProcessingReport>",
    );
    assert_eq!(report.unwrap().error_of(7).unwrap().description, "Wrong seller");
}

#[test]
fn what_is_no_report_is_none() {
    for text in
        ["", "plain", "<html></html>", "{}", "<ProcessingReport><Result>", "<A><ProcessingReport></ProcessingReport>"]
    {
        assert_eq!(read_report(text), None, "{text}");
    }
}
