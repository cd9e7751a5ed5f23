//! An order that one channel carries and another sold: whose it is, told without naming anybody here.
//!
//! Channels say where an order came from in a word of their own (`amazon`, `Amazon US`).
//! The registry knows which of its platforms that is, and with it the rule on buyers'
//! data that goes with the sale wherever the order is copied to.

use crate::registry;
use quayside_model::{Role, SoldOn};

/// Where an order was sold. `sources` are the channel's words for it, the most telling first; `numbers` what may be the
/// order's number there. `None` if nothing says that it was sold elsewhere.
pub(crate) fn sold_on(sources: &[String], numbers: &[String]) -> Option<SoldOn> {
    let filled = |text: &&String| !matches!(text.trim(), "" | "0" | "null");
    let number = numbers.iter().find(filled).map(|text| text.trim().to_owned()).unwrap_or_default();
    let known = sources.iter().filter(filled).find_map(|source| {
        let folded: String = source.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let of = |platform: &&crate::Platform| {
            platform.declaration.roles.contains(&Role::Channel) && folded.starts_with(platform.declaration.platform)
        };
        registry().iter().find(of).map(|platform| (source, platform.declaration))
    });
    let days = known.and_then(|(_, declaration)| declaration.personal_data_days);
    // A word alone is no copy of anything: it takes a number, or a rule that follows the sale.
    if number.is_empty() && days.is_none() {
        return None;
    }
    let source = known.map(|(source, _)| source).or_else(|| sources.iter().find(filled));
    Some(SoldOn {
        source: source.map(|text| text.trim().to_owned()).unwrap_or_default(),
        number,
        platform: known.map(|(_, declaration)| declaration.platform.to_owned()),
        personal_data_days: days,
    })
}

#[cfg(test)]
mod tests {
    use super::sold_on;

    #[test]
    fn the_registry_knows_whose_sale_it_was() {
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        for (sources, numbers, expected) in [
            (
                &["Amazon US", "external"][..],
                &["113-1-1"][..],
                Some(("Amazon US", "113-1-1", Some("amazon"), Some(30))),
            ),
            (&["", "amazon"], &["", "0"], Some(("amazon", "", Some("amazon"), Some(30)))),
            (&["ebay"], &["0", "17-1"], Some(("ebay", "17-1", None, None))),
            (&["our-erp"], &[" 4711 "], Some(("our-erp", "4711", None, None))),
            (&["www"], &["null"], None),
            (&[], &[], None),
        ] {
            let found = sold_on(&texts(sources), &texts(numbers));
            let told = found
                .as_ref()
                .map(|on| (on.source.as_str(), on.number.as_str(), on.platform.as_deref(), on.personal_data_days));
            assert_eq!(told, expected, "{sources:?} {numbers:?}");
        }
    }
}
