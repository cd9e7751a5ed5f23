//! BigCommerce's fifteen order statuses: what each says about money, shipping and us.
//!
//! Always by number: merchants relabel statuses ("Shipped" may read "On its way"),
//! but can neither add nor remove one. One table, read in both directions.

use quayside_model::Payment;

/// What a status means for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// Number.
    pub id: i64,
    /// BigCommerce's own name.
    pub name: &'static str,
    /// What it means for shipping.
    pub stage: Stage,
    /// What it says about the money where the payment itself says nothing.
    pub money: Money,
}

/// What a status means for shipping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// An unfinished or failed checkout: no order at all.
    NoOrder,
    /// Open: goes by its money.
    Open,
    /// Open, and kept back by the store, in these words.
    Held(&'static str),
    /// The buyer fetches it.
    Pickup,
    /// The merchant says that everything has left.
    Gone,
    /// Called off.
    Cancelled(&'static str),
    /// All money given back.
    Refunded,
}

/// What a status says about the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Money {
    /// It is there.
    Paid,
    /// It is not.
    Unpaid,
    /// A part went back.
    PartlyBack,
    /// All went back.
    Back,
}

/// All of them.
#[rustfmt::skip] // a table
pub const STATUSES: &[Status] = &[
    Status { id: 0, name: "Incomplete", stage: Stage::NoOrder, money: Money::Unpaid },
    Status { id: 1, name: "Pending", stage: Stage::Open, money: Money::Unpaid },
    Status { id: 2, name: "Shipped", stage: Stage::Gone, money: Money::Paid },
    Status { id: 3, name: "Partially Shipped", stage: Stage::Open, money: Money::Paid },
    Status { id: 4, name: "Refunded", stage: Stage::Refunded, money: Money::Back },
    Status { id: 5, name: "Cancelled", stage: Stage::Cancelled("cancelled"), money: Money::Unpaid },
    Status { id: 6, name: "Declined", stage: Stage::Cancelled("declined"), money: Money::Unpaid },
    Status { id: 7, name: "Awaiting Payment", stage: Stage::Open, money: Money::Unpaid },
    Status { id: 8, name: "Awaiting Pickup", stage: Stage::Pickup, money: Money::Paid },
    Status { id: 9, name: "Awaiting Shipment", stage: Stage::Open, money: Money::Paid },
    Status { id: 10, name: "Completed", stage: Stage::Gone, money: Money::Paid },
    Status { id: 11, name: "Awaiting Fulfillment", stage: Stage::Open, money: Money::Paid },
    Status { id: 12, name: "Manual Verification Required", stage: Stage::Held("manual verification required"), money: Money::Unpaid },
    Status { id: 13, name: "Disputed", stage: Stage::Held("disputed"), money: Money::Paid },
    Status { id: 14, name: "Partially Refunded", stage: Stage::Open, money: Money::PartlyBack },
];

/// Shipped.
pub const SHIPPED: i64 = 2;
/// Partially shipped.
pub const PARTLY_SHIPPED: i64 = 3;
/// Refunded.
pub const REFUNDED: i64 = 4;
/// Cancelled.
pub const CANCELLED: i64 = 5;
/// Awaiting shipment.
pub const AWAITING_SHIPMENT: i64 = 9;
/// Awaiting fulfillment.
pub const AWAITING_FULFILLMENT: i64 = 11;
/// Manual verification required: how a store holds an order.
pub const HELD: i64 = 12;
/// Partially refunded.
pub const PARTLY_REFUNDED: i64 = 14;

/// Statuses a sweep lists: everything that may still have to leave, and what may just have left.
pub const SWEPT: &[i64] = &[11, 9, 3, 12, 13, 8, 7, 1, 14, SHIPPED];

/// A status by its number; a number added later counts as open and held, so that nothing of it is shipped unseen.
pub fn status(id: i64) -> Status {
    STATUSES.iter().copied().find(|status| status.id == id).unwrap_or(Status {
        id,
        name: "unknown",
        stage: Stage::Held("a status new to Quayside"),
        money: Money::Unpaid,
    })
}

/// How far payment is, by the payment's own word and the order's status.
///
/// The merchant's status has the last word where the two disagree: an order that
/// waits for payment is not paid, and one put to "Awaiting Fulfillment" by hand
/// (a bank transfer came in) is.
pub fn payment(word: &str, id: i64) -> Payment {
    let status = status(id);
    match (status.money, word) {
        (Money::Back, _) | (_, "refunded") => Payment::Refunded,
        (Money::PartlyBack, _) | (_, "partially refunded") => Payment::PartiallyRefunded,
        (_, "void" | "void pending") => Payment::Voided,
        (_, "authorized" | "capture pending") => Payment::Authorized,
        (Money::Paid, "" | "pending" | "paid" | "captured") => Payment::Paid,
        // Kept back for a look; the payment itself may be there.
        (Money::Unpaid, "paid" | "captured") if matches!(status.stage, Stage::Held(_)) => Payment::Paid,
        (Money::Unpaid, "" | "pending" | "paid" | "captured") | (_, "declined" | "held for review") => Payment::Pending,
        (_, other) => Payment::Unknown(other.to_owned()),
    }
}

/// What to set after a shipment, if anything: all has left, or a part.
///
/// Only statuses that say "still to be shipped" are moved. What a person or the
/// platform decided (completed, disputed, refunded, cancelled, waiting for money)
/// stays.
pub fn after_shipment(now: i64, everything_left: bool) -> Option<i64> {
    let wanted = if everything_left { SHIPPED } else { PARTLY_SHIPPED };
    let movable = match now {
        AWAITING_FULFILLMENT | AWAITING_SHIPMENT => true,
        PARTLY_SHIPPED => everything_left,
        _ => false,
    };
    (movable && now != wanted).then_some(wanted)
}

/// What to set after a shipment was taken back, if anything.
pub fn after_taking_back(now: i64, something_left: bool) -> Option<i64> {
    let wanted = if something_left { PARTLY_SHIPPED } else { AWAITING_FULFILLMENT };
    (matches!(now, SHIPPED | PARTLY_SHIPPED) && now != wanted).then_some(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_one_row_in_its_place() {
        for (i, status) in STATUSES.iter().enumerate() {
            assert_eq!(status.id, i as i64, "{}", status.name);
        }
        assert_eq!(status(77).stage, Stage::Held("a status new to Quayside"));
    }

    #[test]
    fn money_by_word_and_status() {
        for (word, id, expected) in [
            ("captured", 11, Payment::Paid),
            ("paid", 11, Payment::Paid),
            ("", 11, Payment::Paid),
            ("pending", 11, Payment::Paid),
            ("", 9, Payment::Paid),
            ("", 7, Payment::Pending),
            ("paid", 7, Payment::Pending),
            ("authorized", 7, Payment::Authorized),
            ("authorized", 11, Payment::Authorized),
            ("capture pending", 11, Payment::Authorized),
            ("paid", 12, Payment::Paid),
            ("", 12, Payment::Pending),
            ("", 1, Payment::Pending),
            ("declined", 11, Payment::Pending),
            ("held for review", 11, Payment::Pending),
            ("void", 5, Payment::Voided),
            ("void pending", 11, Payment::Voided),
            ("captured", 14, Payment::PartiallyRefunded),
            ("partially refunded", 2, Payment::PartiallyRefunded),
            ("captured", 4, Payment::Refunded),
            ("refunded", 5, Payment::Refunded),
            ("bartered", 11, Payment::Unknown("bartered".into())),
        ] {
            assert_eq!(payment(word, id), expected, "{word:?} in status {id}");
        }
    }

    /// Words the platform documents, in every status there is, and in one there is not.
    #[test]
    fn every_known_word_means_something_in_every_status() {
        for word in [
            "",
            "pending",
            "paid",
            "captured",
            "authorized",
            "capture pending",
            "void",
            "void pending",
            "refunded",
            "partially refunded",
            "declined",
            "held for review",
        ] {
            for id in (0..15).chain([77, -1, i64::MAX]) {
                assert!(!matches!(payment(word, id), Payment::Unknown(_)), "{word:?} in status {id}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn a_new_word_survives_unless_the_status_says_that_the_money_went_back(word in "[a-z]{13,20}", id in 0_i64..15) {
            let expected = match status(id).money {
                Money::Back => Payment::Refunded,
                Money::PartlyBack => Payment::PartiallyRefunded,
                Money::Paid | Money::Unpaid => Payment::Unknown(word.clone()),
            };
            proptest::prop_assert_eq!(payment(&word, id), expected);
        }
    }

    /// All statuses, both ways.
    #[test]
    fn only_what_still_has_to_leave_is_moved() {
        for status in STATUSES {
            let all = match status.id {
                3 | 9 | 11 => Some(2),
                _ => None,
            };
            let some = match status.id {
                9 | 11 => Some(3),
                _ => None,
            };
            assert_eq!(after_shipment(status.id, true), all, "{}", status.name);
            assert_eq!(after_shipment(status.id, false), some, "{}", status.name);
            let none_left = matches!(status.id, 2 | 3).then_some(11);
            let some_left = (status.id == 2).then_some(3);
            assert_eq!(after_taking_back(status.id, false), none_left, "{}", status.name);
            assert_eq!(after_taking_back(status.id, true), some_left, "{}", status.name);
        }
    }
}
