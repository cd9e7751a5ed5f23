//! Rules to begin with. Each is an example of its kind; codes of services differ between
//! accounts, so those a person must fill in are marked.

use super::{Op, Rule, RuleAction, SplitBy, Test};
use serde::Serialize;
use specta::Type;

/// A rule somebody may take over.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub struct ReadyMade {
    /// What it is for.
    pub about: String,
    /// What has to be filled in before it works; empty if nothing.
    pub fill_in: String,
    /// The rule, off.
    pub rule: Rule,
}

fn is(field: &str, op: Op, value: &str) -> Test {
    Test::Is { field: field.into(), op, value: value.into() }
}
fn all(tests: Vec<Test>) -> Test {
    Test::All { tests }
}
fn any(tests: Vec<Test>) -> Test {
    Test::Any { tests }
}
fn tag(text: &str) -> RuleAction {
    RuleAction::Tag { text: text.into() }
}
fn alert(text: &str) -> RuleAction {
    RuleAction::Alert { text: text.into() }
}

/// All of them.
pub fn ready_made() -> Vec<ReadyMade> {
    let rule = |id: &str, name: &str, when: Test, then: Vec<RuleAction>| Rule {
        id: id.into(),
        name: name.into(),
        on: false,
        when,
        then,
    };
    let made =
        |about: &str, fill_in: &str, rule: Rule| ReadyMade { about: about.into(), fill_in: fill_in.into(), rule };
    vec![
        made(
            "Orders that must not wait: marketplace express and next-day services to the front, with an alert.",
            "",
            rule(
                "expedited",
                "Prime and expedited first",
                any(vec![
                    is("tags", Op::OneOf, "prime, seller fulfilled prime, expedited"),
                    is("service", Op::Contains, "prime"),
                    is("service", Op::Contains, "express"),
                    is("service", Op::Contains, "expedited"),
                    is("service", Op::Contains, "next day"),
                    is("service", Op::Contains, "overnight"),
                    is("service", Op::Contains, "same day"),
                    is("service_code", Op::OneOf, "expedited, nextday, sameday, priority"),
                ]),
                vec![
                    RuleAction::Priority,
                    tag("Priority"),
                    alert("{{ service or 'A fast service' }} was promised; it must leave first."),
                ],
            ),
        ),
        made(
            "Customers or orders tagged VIP get express, and you hear of it.",
            "",
            rule(
                "vip",
                "VIP goes express",
                any(vec![
                    is("tags", Op::Contains, "vip"),
                    is("attribute:customer_tags", Op::Contains, "vip"),
                    is("attribute:customer_group", Op::Contains, "vip"),
                ]),
                vec![
                    RuleAction::Priority,
                    RuleAction::RequestedService { text: "Express".into() },
                    tag("VIP"),
                    alert("An order of a VIP came in."),
                ],
            ),
        ),
        made(
            "Subscription orders carry a tag, so that the warehouse can pack them together.",
            "",
            rule(
                "subscription",
                "Subscriptions are marked",
                any(vec![
                    is("tags", Op::Contains, "subscription"),
                    is("attribute_names", Op::Contains, "subscription"),
                ]),
                vec![tag("Subscription")],
            ),
        ),
        made(
            "Fragile goods: a note for the packer and a signature on delivery.",
            "",
            rule(
                "fragile",
                "Fragile is packed with care",
                any(vec![
                    is("tags", Op::Contains, "fragile"),
                    is("products", Op::Contains, "glass"),
                    is("attribute:Fragile", Op::Present, ""),
                ]),
                vec![
                    RuleAction::Note { text: "Fragile: pack with care.".into() },
                    tag("Fragile"),
                    RuleAction::Confirmation { text: "signature".into() },
                ],
            ),
        ),
        made(
            "A default service by weight: heavy parcels go another way.",
            "The service's code at your shipping account.",
            rule(
                "heavy",
                "Heavier than 20 kg",
                is("weight_g", Op::MoreThan, "20000"),
                vec![RuleAction::Service { text: "FILL-IN-heavy-service".into() }, tag("Heavy")],
            ),
        ),
        made(
            "A default service by destination.",
            "Your country, and the service's code at your shipping account.",
            rule(
                "abroad",
                "Abroad goes by the international service",
                Test::Not { test: Box::new(is("country", Op::OneOf, "US")) },
                vec![RuleAction::Service { text: "FILL-IN-international-service".into() }],
            ),
        ),
        made(
            "A region ships from the warehouse that is nearest to it.",
            "The countries or states, and the warehouse's id at your shipping account.",
            rule(
                "nearest",
                "The west ships from the west",
                all(vec![is("country", Op::Is, "US"), is("region", Op::OneOf, "CA, OR, WA, NV, AZ, UT, ID")]),
                vec![RuleAction::Warehouse { text: "FILL-IN-warehouse-id".into() }],
            ),
        ),
        made(
            "Orders of a high value wait for your eyes.",
            "",
            rule(
                "valuable",
                "Above 1,000: look first",
                is("value", Op::MoreThan, "1000"),
                vec![
                    RuleAction::Hold {
                        text: "worth {{ value|number(2) }} {{ currency }}; have a look before it leaves".into(),
                    },
                    RuleAction::Confirmation { text: "signature".into() },
                ],
            ),
        ),
        made(
            "Presents: no invoice in the parcel.",
            "",
            rule(
                "gift",
                "Presents leave without prices",
                is("is_gift", Op::Is, "yes"),
                vec![RuleAction::Note { text: "A present: leave the invoice out.".into() }, tag("Gift")],
            ),
        ),
        made(
            "Post office boxes cannot take parcels of every carrier.",
            "",
            rule(
                "po_box",
                "Post office boxes",
                any(vec![
                    is("street", Op::StartsWith, "po box"),
                    is("street", Op::StartsWith, "p.o. box"),
                    is("street", Op::StartsWith, "postfach"),
                ]),
                vec![tag("PO box"), RuleAction::Note { text: "Post office box: the postal carrier only.".into() }],
            ),
        ),
        made(
            "What is in stock leaves now, what is back-ordered follows: two hub orders.",
            "",
            rule(
                "back_ordered",
                "Ready now, the rest later",
                is("back_ordered", Op::Present, ""),
                vec![RuleAction::Split { by: SplitBy::Stock, table: String::new(), hubs: String::new() }],
            ),
        ),
    ]
}
