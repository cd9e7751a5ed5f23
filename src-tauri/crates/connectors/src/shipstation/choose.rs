//! Which of the two APIs does what: the decision table as one pure function.
//!
//! One account may have V1, V2 or both, and V2's stock add-on or not. Nothing
//! else in this folder asks "which API": it asks [`choose`] for a need.

use std::fmt;

/// What an account has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Abilities {
    /// V1: orders, stores, tags by id.
    pub v1: bool,
    /// V2: labels, tracking, rates.
    pub v2: bool,
    /// V2's inventory endpoints.
    pub v2_inventory: bool,
}

/// Words for [`quayside_model::Account::abilities`].
pub(super) const HAS_V1: &str = "v1";
/// As above.
pub(super) const HAS_V2: &str = "v2";
/// As above.
pub(super) const HAS_V2_INVENTORY: &str = "v2_inventory";

impl Abilities {
    /// From the words the last preflight left; an account never probed has what it holds keys for.
    pub(super) fn of(words: &[String], v1_key: bool, v2_key: bool) -> Self {
        let has = |word: &str| words.iter().any(|known| known == word);
        let probed = has(HAS_V1) || has(HAS_V2) || has(HAS_V2_INVENTORY);
        Self {
            v1: v1_key && (!probed || has(HAS_V1)),
            v2: v2_key && (!probed || has(HAS_V2)),
            v2_inventory: v2_key && has(HAS_V2_INVENTORY),
        }
    }

    /// As words.
    pub(super) fn words(self) -> Vec<String> {
        [(self.v1, HAS_V1), (self.v2, HAS_V2), (self.v2_inventory, HAS_V2_INVENTORY)]
            .into_iter()
            .filter(|(has, _)| *has)
            .map(|(_, word)| word.to_owned())
            .collect()
    }
}

impl fmt::Display for Abilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.words();
        f.write_str(if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }.as_str())
    }
}

/// Something Quayside wants of a hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Need {
    /// Read orders by change.
    ReadOrders,
    /// Read labels, voids and orders marked as shipped.
    ReadParcels,
    /// Create and update orders.
    PutOrder,
    /// Cancel an order.
    CancelOrder,
    /// Hold and release an order.
    HoldOrder,
    /// Void a label.
    VoidLabel,
    /// Ask what labels cost, and buy them.
    BuyLabel,
    /// Make tags that are not there yet.
    MakeTags,
    /// Stock levels.
    ReadStock,
    /// What the warehouse knows by its SKU.
    ReadProducts,
    /// Where parcels are, and whether they arrived.
    ReadTracking,
}

impl Need {
    /// All of them.
    pub(super) const ALL: [Self; 11] = [
        Self::ReadOrders,
        Self::ReadParcels,
        Self::PutOrder,
        Self::CancelOrder,
        Self::HoldOrder,
        Self::VoidLabel,
        Self::BuyLabel,
        Self::MakeTags,
        Self::ReadStock,
        Self::ReadProducts,
        Self::ReadTracking,
    ];

    /// What is missing where nothing serves it, for the checklist.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::ReadOrders => "reading orders",
            Self::ReadParcels => "reading tracking numbers",
            Self::PutOrder => "sending orders",
            Self::CancelOrder => "cancelling orders",
            Self::HoldOrder => "holding orders",
            Self::VoidLabel => "voiding labels",
            Self::BuyLabel => "buying labels",
            Self::MakeTags => "making new tags",
            Self::ReadStock => "stock levels",
            Self::ReadProducts => "reading products",
            Self::ReadTracking => "following parcels",
        }
    }
}

/// Who serves a need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Route {
    /// V1.
    V1,
    /// V2.
    V2,
    /// Nobody; what people are told.
    Nobody(&'static str),
}

/// The decision table.
pub(super) fn choose(need: Need, has: Abilities) -> Route {
    use Route::{Nobody, V1, V2};
    let neither = Nobody("The account has neither of ShipStation's interfaces. Test the connection again.");
    let v1_first = || {
        if has.v1 {
            V1
        } else if has.v2 {
            V2
        } else {
            neither
        }
    };
    let v2_first = || {
        if has.v2 {
            V2
        } else if has.v1 {
            V1
        } else {
            neither
        }
    };
    match need {
        // V1 knows orders best: it has batches, stores, customers and real statuses.
        Need::ReadOrders | Need::PutOrder | Need::HoldOrder | Need::ReadParcels | Need::ReadProducts => v1_first(),
        // V2 does these in one call that changes nothing else.
        Need::CancelOrder | Need::VoidLabel => v2_first(),
        // V1 tags by id and cannot make them; V2 goes by name and can.
        Need::MakeTags | Need::ReadTracking | Need::BuyLabel if has.v2 => V2,
        // V1 hands a label's file out once, with the purchase: an answer that is lost would be paid and could never be
        // printed from here. It has no return labels either.
        Need::BuyLabel if has.v1 => Nobody(
            "V1 hands a label out once, with the purchase, and never again: were that answer lost, the label would be paid and not printable. Buying labels needs a V2 key.",
        ),
        Need::MakeTags if has.v1 => {
            Nobody("V1 cannot make tags: a tag that does not exist yet has to be made in ShipStation first.")
        }
        Need::ReadTracking if has.v1 => {
            Nobody("V1 does not tell where parcels are: deliveries and trouble at the carrier need a V2 key.")
        }
        Need::MakeTags | Need::ReadTracking | Need::BuyLabel => neither,
        Need::ReadStock if has.v2_inventory => V2,
        Need::ReadStock => Nobody("Stock needs V2 with the Inventory API add-on."),
    }
}

/// What this combination cannot do at all, in words.
pub(super) fn limits(has: Abilities) -> Vec<&'static str> {
    Need::ALL.into_iter().filter(|need| matches!(choose(*need, has), Route::Nobody(_))).map(Need::in_words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All eight combinations, each need: 1 = V1, 2 = V2, - = nobody.
    #[test]
    fn the_decision_table() {
        //                              ro rp po co ho vl bl mt rs pr tr
        for (v1, v2, stock, expected) in [
            (false, false, false, "- - - - - - - - - - -"),
            (false, false, true, "- - - - - - - - 2 - -"),
            (false, true, false, "2 2 2 2 2 2 2 2 - 2 2"),
            (false, true, true, "2 2 2 2 2 2 2 2 2 2 2"),
            (true, false, false, "1 1 1 1 1 1 - - - 1 -"),
            (true, false, true, "1 1 1 1 1 1 - - 2 1 -"),
            (true, true, false, "1 1 1 2 1 2 2 2 - 1 2"),
            (true, true, true, "1 1 1 2 1 2 2 2 2 1 2"),
        ] {
            let has = Abilities { v1, v2, v2_inventory: stock };
            let row: Vec<&str> = Need::ALL
                .into_iter()
                .map(|need| match choose(need, has) {
                    Route::V1 => "1",
                    Route::V2 => "2",
                    Route::Nobody(why) => {
                        assert!(why.ends_with('.'), "{need:?} {why}");
                        "-"
                    }
                })
                .collect();
            assert_eq!(row.join(" "), expected, "{has:?}");
        }
    }

    #[test]
    fn limits_are_what_nobody_serves() {
        let v1 = Abilities { v1: true, ..Abilities::default() };
        assert_eq!(limits(v1), ["buying labels", "making new tags", "stock levels", "following parcels"]);
        let all = Abilities { v1: true, v2: true, v2_inventory: true };
        assert!(limits(all).is_empty());
    }

    #[test]
    fn an_account_never_probed_has_what_it_holds_keys_for() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        for (known, v1_key, v2_key, expected) in [
            (vec![], true, false, "v1"),
            (vec![], true, true, "v1, v2"),
            (vec!["v2"], true, true, "v2"),
            (vec!["v1", "v2", "v2_inventory"], true, true, "v1, v2, v2_inventory"),
            // A key that was taken away since is not there, whatever was probed.
            (vec!["v1", "v2"], false, true, "v2"),
            (vec![], false, false, "nothing"),
        ] {
            assert_eq!(Abilities::of(&words(&known), v1_key, v2_key).to_string(), expected, "{known:?}");
        }
    }
}
