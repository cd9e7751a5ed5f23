//! Rows of reports into records.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;

#[test]
fn products_are_read_in_either_language() {
    for text in [
        "item-name\tseller-sku\tprice\tasin1\tstatus\topen-date\nMug\tMUG\t18.50\tB0MUG\tActive\t2026-01-05 10:11:12 MEZ",
        "Status\tHändler-SKU\tASIN 1\tArtikelbezeichnung\tPreis\tErstellungsdatum\nActive\tMUG\tB0MUG\tMug\t18,50\t2026-01-05",
    ] {
        let table = Table::read(text);
        let Record::Product(product) = product(&table.rows(0, 1).next().unwrap(), "A1PA6795UKMFR9").unwrap() else {
            panic!()
        };
        assert_eq!((product.sku.as_str(), product.name.as_str()), ("MUG", "Mug"));
        assert_eq!(
            (product.listing_code.as_deref(), product.price_minor, product.active),
            (Some("B0MUG"), Some(1_850), true)
        );
        assert_eq!(product.updated_at_ms, 1_767_571_200_000);
        assert_eq!(product.remote_id, "A1PA6795UKMFR9/MUG");
    }
}

/// Units in Amazon's own warehouses have no number there and are no stock of the merchant's; what is not on offer has none.
#[test]
fn quantities_are_read_in_either_language() {
    let english = "seller-sku\tquantity\tfulfillment-channel\tstatus";
    let german = "Händler-SKU\tMenge\tVersender\tStatus";
    let bare = "seller-sku\tquantity";
    for (head, cells, expected) in [
        (english, "MUG\t12\tDEFAULT\tActive", Ok(Some(12))),
        (german, "MUG\t12\tDEFAULT\tActive", Ok(Some(12))),
        (english, "MUG\t0\tdefault\tInactive", Ok(Some(0))),
        (english, "MUG\t\tAMAZON_EU\tActive", Ok(None)),
        (english, "MUG\t5\tAMAZON_NA\tActive", Ok(None)),
        (english, "MUG\t\tDEFAULT\tIncomplete", Ok(None)),
        (english, "MUG\t\tDEFAULT\tActive", Err("quantity: not a whole number")),
        (english, "MUG\ta few\tDEFAULT\tActive", Err("quantity: not a whole number")),
        (english, "\t5\tDEFAULT\tActive", Err("seller-sku: missing")),
        (english, "MUG\t7\tMOON\tActive", Err("fulfillment-channel: neither Amazon's nor the merchant's")),
        // A report that does not tell whose they are.
        (bare, "MUG\t7", Ok(Some(7))),
        (bare, "MUG\t", Ok(None)),
    ] {
        let table = Table::read(&format!("{head}\n{cells}"));
        let row = table.rows(0, 1).next().unwrap();
        let read = stock(&row, "A1PA6795UKMFR9", table.has(CHANNEL)).map(|record| match record {
            Some(Record::Stock(stock)) => {
                assert_eq!((stock.remote_id.as_str(), stock.location_name.as_str()), ("A1PA6795UKMFR9/MUG", "DE"));
                Some(stock.available)
            }
            Some(other) => panic!("{other:?}"),
            None => None,
        });
        assert_eq!(read, expected.map_err(str::to_owned), "{cells}");
    }
}

#[test]
fn a_bad_row_is_told_and_stops_no_other() {
    let table = Table::read(
        "Order ID\tReturn request date\tReturn quantity\tReturn request status\n1\t05-Jan-2026\t2\tSomething New\n1\tsoon\t2\t\n1\t05-Jan-2026\ttwo\t\n\t05-Jan-2026\t2\t",
    );
    let read: Vec<_> = table.rows(0, 9).map(|row| returned(&row)).collect();
    let Ok(Record::Return(back)) = &read[0] else { panic!("{read:?}") };
    assert_eq!(back.status, ReturnStatus::Unknown("something new".into()));
    let why: Vec<_> = read[1..].iter().map(|row| row.as_ref().unwrap_err().as_str()).collect();
    assert_eq!(why, ["Return request date: not a day", "Return quantity: not a whole number", "Order ID: missing"]);
}

#[test]
fn what_the_report_says_of_the_money() {
    let head =
        "Order ID\tReturn request date\tReturn quantity\tMerchant SKU\tCurrency code\tRefunded Amount\tResolution";
    let money = |minor: i64| Some(Money::new(minor, Currency::new("EUR")));
    for (cells, refunded, wants) in [
        ("EUR\t18.50\tStandardRefund", money(1_850), "standard refund"),
        ("EUR\t18,50\tREPLACEMENT", money(1_850), "replacement"),
        ("EUR\t0.00\tREFUND_AT_FIRST_SCAN", money(0), "refund at first scan"),
        ("EUR\t\t", None, ""),
        // An amount of nobody's currency says nothing.
        ("\t18.50\tStandardRefund", None, "standard refund"),
    ] {
        let table = Table::read(&format!("{head}\n1\t05-Jan-2026\t2\tMUG\t{cells}"));
        let Ok(Record::Return(back)) = returned(&table.rows(0, 1).next().unwrap()) else { panic!("{cells}") };
        assert_eq!((back.refunded, back.resolution.as_str()), (refunded, wants), "{cells}");
    }
}
