//! The permissions we ask for, and what stops without each.

use quayside_model::{CheckState, IntentKind, PreflightCheck};

/// One permission.
pub struct Scope {
    /// Shopify's handle.
    pub handle: &'static str,
    /// What it is for, as the title of a check.
    pub title: &'static str,
    /// What stops without it.
    pub disables: &'static [&'static str],
    /// What is lost, and where to grant it.
    pub without: &'static str,
}

/// All of them, the one that everything needs first.
pub const SCOPES: &[Scope] = &[
    Scope {
        handle: "read_orders",
        title: "Read orders",
        disables: &["everything"],
        without: "Without it no order can be read.",
    },
    Scope {
        handle: "read_merchant_managed_fulfillment_orders",
        title: "See what is left to ship",
        disables: &["reporting parcels", "seeing holds"],
        without: "Without it Shopify shows no work to ship, and no error either.",
    },
    Scope {
        handle: "write_merchant_managed_fulfillment_orders",
        title: "Report parcels",
        disables: &["reporting parcels", "correcting tracking"],
        without: "Without it tracking never reaches the buyer.",
    },
    Scope {
        handle: "read_third_party_fulfillment_orders",
        title: "See what other services ship",
        disables: &["telling lines of other services apart"],
        without: "Lines that another app ships look as if they had no work at all.",
    },
    Scope {
        handle: "write_orders",
        title: "Change orders",
        disables: &["cancelling orders in the store", "giving money back", "writing facts onto the store's orders"],
        without: "Without it orders have to be cancelled and paid back in Shopify by hand, and nothing is written onto them.",
    },
    Scope {
        handle: "read_all_orders",
        title: "Orders older than 60 days",
        disables: &["orders older than 60 days"],
        without: "Older orders look as if they did not exist.",
    },
    Scope {
        handle: "read_customers",
        title: "Customer names",
        disables: &["customer names"],
        without: "Orders come without the buyer's account.",
    },
    Scope {
        handle: "read_products",
        title: "Product details",
        disables: &["barcodes", "some weights", "reading products"],
        without: "Barcodes and some weights are missing, and no product is read: none is made or changed at the shipping account.",
    },
    Scope {
        handle: "read_locations",
        title: "Locations",
        disables: &["telling other services' locations apart", "reading stock"],
        without: "Lines at another app's location cannot be told apart, and no stock is read.",
    },
    Scope {
        handle: "read_inventory",
        title: "Read stock",
        disables: &["reading stock"],
        without: "Without it the store's counts are not shown, and no other count follows them.",
    },
    Scope {
        handle: "write_inventory",
        title: "Set stock",
        disables: &["setting stock"],
        without: "Without it the store's counts follow no other count.",
    },
    Scope {
        handle: "read_returns",
        title: "Read returns",
        disables: &["hearing of returns"],
        without: "Without it nobody here learns that a buyer sends goods back.",
    },
    Scope {
        handle: "write_returns",
        title: "Answer return requests",
        disables: &["agreeing to returns and declining them"],
        without: "Without it return requests are answered in Shopify.",
    },
];

/// Without these only a detail is lost.
const DETAILS: &[&str] = &["read_third_party_fulfillment_orders", "read_returns", "write_returns"];

/// `handle` is granted, itself or through its `write_` sister.
pub fn grants(granted: &[String], handle: &str) -> bool {
    let sister = handle.strip_prefix("read_").map(|rest| format!("write_{rest}"));
    granted.iter().any(|scope| scope == handle || sister.as_ref() == Some(scope))
}

/// What an app with these permissions reads.
pub fn streams(granted: &[String]) -> Vec<String> {
    let may = |name: &&str| {
        let needs: &[&str] = match *name {
            super::stock::STOCK => &["read_inventory", "read_locations"],
            super::returns::RETURNS => &["read_returns"],
            super::products::PRODUCTS => &["read_products"],
            _ => &[],
        };
        needs.iter().all(|scope| grants(granted, scope))
    };
    super::DECLARATION.streams.iter().map(|stream| stream.name).filter(may).map(str::to_owned).collect()
}

/// What an app with these permissions performs.
pub fn performs(granted: &[String]) -> Vec<IntentKind> {
    let may = |kind: &IntentKind| match kind {
        IntentKind::SetStock => grants(granted, "write_inventory"),
        IntentKind::Refund | IntentKind::AnnotateOrder => grants(granted, "write_orders"),
        IntentKind::AnswerReturn => grants(granted, "write_returns"),
        _ => true,
    };
    super::DECLARATION.performs.iter().copied().filter(may).collect()
}

/// One check per permission.
pub fn checks(granted: &[String]) -> Vec<PreflightCheck> {
    SCOPES
        .iter()
        .map(|scope| {
            let has = grants(granted, scope.handle);
            let state = match (has, DETAILS.contains(&scope.handle)) {
                (true, _) => CheckState::Works,
                (false, false) => CheckState::Missing,
                (false, true) => CheckState::Limited,
            };
            let detail = if has {
                format!("Permission {} is granted.", scope.handle)
            } else {
                format!("Permission {} is missing. {} Add it to the app's version in the Dev Dashboard, release it, and install it again.", scope.handle, scope.without)
            };
            PreflightCheck {
                title: scope.title.into(),
                state,
                detail,
                disables: if has { vec![] } else { scope.disables.iter().map(|what| (*what).to_owned()).collect() },
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_names_every_permission() {
        let steps = super::super::DECLARATION.ways[0].steps.join(" ");
        for scope in SCOPES {
            assert!(steps.contains(scope.handle), "{} is not named in the steps", scope.handle);
        }
    }

    #[test]
    fn writing_includes_reading() {
        let granted = vec!["write_orders".to_owned()];
        assert!(grants(&granted, "read_orders") && grants(&granted, "write_orders"));
        assert!(!grants(&granted, "read_products"));
        let granted = vec!["read_orders".to_owned()];
        assert!(!grants(&granted, "write_orders"));
    }

    #[test]
    fn what_is_missing_says_what_it_stops() {
        let checks = checks(&["read_orders".to_owned()]);
        let cancel = checks
            .iter()
            .find(|check| check.title == "Change orders")
            .map(|check| (check.state, check.disables.join(", ")));
        let lost = "cancelling orders in the store, giving money back, writing facts onto the store's orders";
        assert_eq!(cancel, Some((CheckState::Missing, lost.to_owned())));
        let none = super::checks(&[]);
        assert_eq!(none.first().map(|check| check.state), Some(CheckState::Missing));
        assert!(none.iter().all(|check| check.state != CheckState::Works && !check.disables.is_empty()), "{none:?}");
        for detail in ["See what other services ship", "Read returns"] {
            let found = none.iter().find(|check| check.title == detail);
            assert_eq!(found.map(|check| check.state), Some(CheckState::Limited), "{detail}");
        }
    }

    #[test]
    fn what_is_read_and_performed_follows_from_the_permissions() {
        let may = |scopes: &[&str]| {
            let granted: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
            let (reads, does) = (streams(&granted), performs(&granted));
            (
                reads.iter().any(|name| name == super::super::returns::RETURNS),
                does.contains(&IntentKind::Refund),
                does.contains(&IntentKind::AnnotateOrder),
                does.contains(&IntentKind::AnswerReturn),
                does.contains(&IntentKind::Fulfill),
            )
        };
        assert_eq!(may(&["read_orders"]), (false, false, false, false, true));
        assert_eq!(may(&["write_orders"]), (false, true, true, false, true));
        assert_eq!(may(&["read_orders", "read_returns"]), (true, false, false, false, true));
        assert_eq!(may(&["write_returns"]), (true, false, false, true, true));
    }
}
