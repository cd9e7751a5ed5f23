//! Which offer is taken: a table.
#![allow(missing_docs, clippy::unwrap_used)]

use quayside_model::rates::pick;
use quayside_model::{Currency, LabelDraft, LabelQuote, LabelWish, ParcelSize};

/// Carrier, service, price, days on the road (0: its carrier does not say).
fn quote((carrier, service, total_minor, days): (&str, &str, i64, i64)) -> LabelQuote {
    LabelQuote {
        carrier_id: format!("se-{carrier}"),
        carrier_code: carrier.to_lowercase(),
        carrier: carrier.into(),
        service: service.into(),
        service_name: service.into(),
        package: "package".into(),
        shipping_minor: total_minor - 40,
        extras_minor: 40,
        currency: Currency::new("EUR"),
        days: (days > 0).then_some(days),
        arrives: (days > 0).then(|| format!("2026-11-{:02}", 20 + days)),
        notes: vec![],
    }
}

fn offers() -> Vec<LabelQuote> {
    [
        ("GLS", "business", 529, 3),
        ("DPD", "classic", 545, 2),
        ("DPD", "express", 1_690, 1),
        ("UPS", "standard", 500, 0),
        ("UPS", "saver", 3_890, 1),
    ]
    .into_iter()
    .map(quote)
    .collect()
}

fn draft(wish: LabelWish, most_minor: Option<i64>) -> LabelDraft {
    LabelDraft {
        hub_order_id: "1".into(),
        hub_order_key: "k".into(),
        wish,
        size: ParcelSize::default(),
        currency: Currency::new("EUR"),
        most_minor,
        test: false,
        day_left_minor: None,
    }
}

#[test]
fn the_offer_that_is_taken() {
    let by = |day: &str| LabelWish::ArriveBy { day: Some(day.into()) };
    let preferred = |carrier: &str, percent| LabelWish::Preferred { carrier: carrier.into(), dearer_percent: percent };
    let chosen = |carrier: &str, service: &str| LabelWish::Chosen {
        carrier_id: format!("se-{carrier}"),
        service: service.into(),
        package: "package".into(),
    };
    for (wish, most_minor, expected) in [
        (LabelWish::Cheapest, None, Ok("standard")),
        (LabelWish::ArriveBy { day: None }, None, Ok("standard")),
        // Who does not say when it arrives may be late.
        (by("2026-11-24"), None, Ok("business")),
        (by("2026-11-22"), None, Ok("classic")),
        (by("2026-11-21"), None, Ok("express")),
        (
            by("2026-11-20"),
            None,
            Err("nothing arrives by 2026-11-20: DPD express is there on 2026-11-21, for 16.90 EUR"),
        ),
        (by("2026-11-21"), Some(1_000), Err("DPD express costs 16.90 EUR, and 10.00 EUR is the most")),
        (LabelWish::Fastest, Some(2_000), Ok("express")),
        (LabelWish::Fastest, Some(600), Ok("classic")),
        (LabelWish::Fastest, Some(499), Err("UPS standard costs 5.00 EUR")),
        (LabelWish::Fastest, None, Err("no price is set")),
        (preferred("dpd", 10), None, Ok("classic")),
        (preferred("D.P.D.", 9), None, Ok("classic")),
        (preferred("dpd", 8), None, Ok("standard")),
        (preferred("se-GLS", 50), None, Ok("business")),
        (preferred("Royal Mail", 50), None, Ok("standard")),
        (chosen("DPD", "express"), Some(1_690), Ok("express")),
        (chosen("DPD", "express"), Some(1_689), Err("16.90 EUR, and 16.89 EUR is the most")),
        (chosen("DPD", "gone"), Some(9_999), Err("not offered any more")),
    ] {
        let (offers, draft) = (offers(), draft(wish.clone(), most_minor));
        let got = pick(&offers, &draft).map(|(quote, _)| quote.service.as_str());
        match expected {
            Ok(service) => assert_eq!(got, Ok(service), "{wish:?} {most_minor:?}"),
            Err(says) => assert!(got.as_ref().is_err_and(|why| why.contains(says)), "{wish:?}: {got:?}"),
        }
    }
}

#[test]
fn other_money_is_not_compared() {
    let dollars: Vec<LabelQuote> =
        offers().into_iter().map(|quote| LabelQuote { currency: Currency::new("USD"), ..quote }).collect();
    let why = pick(&dollars, &draft(LabelWish::Cheapest, None)).unwrap_err();
    assert!(why.starts_with("its offers are in USD, and what it may cost is said in EUR: nobody knows"), "{why}");
    let why = pick(&[], &draft(LabelWish::Cheapest, None)).unwrap_err();
    assert_eq!(why, "no carrier offers anything for it");
}

/// A highest price in the settings is in what the account pays its carriers in, whatever the order was paid in.
#[test]
fn what_nobody_said_the_money_of_is_in_the_money_of_the_offers() {
    for (offered, most_minor, day_left_minor, expected) in [
        ("USD", Some(500), Some(10_000), Ok((Some(500), Some(10_000)))),
        ("USD", Some(499), None, Err("UPS standard costs 5.00 USD, and 4.99 USD is the most")),
        // 500 yen, and at most 499 of whatever they are.
        ("JPY", Some(49_900), None, Err("UPS standard costs 500 JPY, and 499 JPY is the most")),
        ("JPY", Some(50_099), Some(100), Ok((Some(500), Some(1)))),
        ("KWD", Some(50), None, Ok((Some(500), None))),
        ("USD", None, None, Ok((None, None))),
    ] {
        let priced = |quote: LabelQuote| LabelQuote { currency: Currency::new(offered), ..quote };
        let offers: Vec<LabelQuote> = offers().into_iter().map(priced).collect();
        let unsaid =
            LabelDraft { currency: Currency::new(""), day_left_minor, ..draft(LabelWish::Cheapest, most_minor) };
        let got = pick(&offers, &unsaid);
        match expected {
            Ok(amounts) => {
                assert_eq!(got.unwrap().0.service, "standard", "{offered} {most_minor:?}");
                let said = unsaid.in_money_of(&offers).unwrap();
                assert_eq!((said.most_minor, said.day_left_minor), amounts, "{offered} {most_minor:?}");
            }
            Err(says) => assert!(got.as_ref().is_err_and(|why| why.starts_with(says)), "{offered}: {got:?}"),
        }
    }
    // Offers in several moneys are not compared with each other either.
    let mut mixed = offers();
    mixed[3].currency = Currency::new("JPY");
    let unsaid = LabelDraft { currency: Currency::new(""), ..draft(LabelWish::Cheapest, None) };
    let why = pick(&mixed, &unsaid).unwrap_err();
    assert!(why.starts_with("its offers are in EUR and in JPY, and nobody knows"), "{why}");
}

#[test]
fn the_same_offers_give_the_same_answer_in_any_order() {
    let draft = draft(LabelWish::Fastest, Some(5_000));
    let mut turned = offers();
    turned.reverse();
    assert_eq!(pick(&offers(), &draft).unwrap().0.service, pick(&turned, &draft).unwrap().0.service);
}

#[test]
fn sizes_are_said_as_people_write_them() {
    let size = |weight_g, sides: Option<(i64, i64, i64)>| ParcelSize {
        weight_g,
        length_mm: sides.map(|it| it.0),
        width_mm: sides.map(|it| it.1),
        height_mm: sides.map(|it| it.2),
    };
    for (size, words) in [
        (size(Some(640), Some((300, 205, 100))), "640 g, 30 × 20.5 × 10 cm"),
        (size(Some(640), None), "640 g"),
        (size(None, Some((10, 10, 10))), "1 × 1 × 1 cm"),
        (ParcelSize::default(), ""),
    ] {
        assert_eq!(size.words(), words);
    }
}
