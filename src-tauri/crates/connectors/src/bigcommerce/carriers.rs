//! A hub's carrier code into the word BigCommerce builds the buyer's link from.
//!
//! `tracking_carrier` takes the words of a fixed list; `shipping_provider` has a
//! short list of its own and must be *sent empty* with the other, because leaving
//! it out used to store "custom" and give no link. Royal Mail is in the second
//! list only. A carrier in neither keeps its own link, which the store shows as it
//! is, so an unknown carrier is only less convenient, never wrong.

use quayside_model::Tracking;
use serde_json::{Map, Value, json};
use url::Url;

/// Longest tracking number, characters.
pub const NUMBER_MAX: usize = 50;
/// Longest link, characters.
const LINK_MAX: usize = 500;
/// What stands before the numbers a shipment has no field for.
const FURTHER: &str = "Further packages: ";

/// Carrier codes, first match wins; a trailing `*` stands for any rest.
const CODES: &[(&str, Carrier)] = &[
    ("stamps_com", Carrier::Slug("usps")),
    ("usps*", Carrier::Slug("usps")),
    ("endicia", Carrier::Slug("usps")),
    ("ups_mail_innovations", Carrier::Slug("ups-mi")),
    ("ups*", Carrier::Slug("ups")),
    ("fedex*", Carrier::Slug("fedex")),
    ("dhl_express*", Carrier::Slug("dhl")),
    ("dhl_global_mail", Carrier::Slug("dhl-global-mail")),
    ("dhl_ecommerce*", Carrier::Slug("dhl-global-mail")),
    ("ontrac", Carrier::Slug("ontrac")),
    ("lasership", Carrier::Slug("lasership")),
    ("asendia*", Carrier::Slug("asendia-usa")),
    ("apc", Carrier::Slug("apc")),
    ("newgistics", Carrier::Slug("newgistics")),
    ("globalpost", Carrier::Slug("goglobalpost")),
    ("osm*", Carrier::Slug("osm-worldwide")),
    ("firstmile", Carrier::Slug("firstmile")),
    ("seko*", Carrier::Slug("sekologistics")),
    ("landmark*", Carrier::Slug("landmark-global")),
    ("spee_dee", Carrier::Slug("speedee")),
    ("canada_post*", Carrier::Slug("canada-post")),
    ("purolator*", Carrier::Slug("purolator")),
    ("royal_mail*", Carrier::Provider("royalmail")),
    ("australia_post*", Carrier::Slug("australia-post")),
    ("sendle*", Carrier::Slug("sendle")),
    ("hermes_uk", Carrier::Slug("myhermes-uk")),
    ("hermes", Carrier::Slug("myhermes-uk")),
    ("evri", Carrier::Slug("myhermes-uk")),
    ("amazon*", Carrier::Slug("amazon")),
];

/// Where BigCommerce keeps a carrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carrier {
    /// `tracking_carrier`.
    Slug(&'static str),
    /// `shipping_provider`.
    Provider(&'static str),
}

fn carrier(tracking: &Tracking) -> Option<Carrier> {
    let code = tracking.carrier_code.trim().to_ascii_lowercase();
    CODES
        .iter()
        .find(|(pattern, _)| match pattern.strip_suffix('*') {
            Some(start) => code.starts_with(start),
            None => code == *pattern,
        })
        .map(|(_, carrier)| *carrier)
}

/// The tracking fields of a shipment.
pub fn tracking_fields(tracking: &Tracking) -> Map<String, Value> {
    let numbers: Vec<&str> = tracking.numbers.iter().map(|n| n.trim()).filter(|n| !n.is_empty()).collect();
    let (provider, slug) = match carrier(tracking) {
        Some(Carrier::Slug(slug)) => ("", slug),
        Some(Carrier::Provider(provider)) => (provider, ""),
        None => ("", ""),
    };
    let mut fields = Map::new();
    fields.insert("tracking_number".into(), json!(numbers.first().copied().unwrap_or_default()));
    fields.insert("shipping_provider".into(), json!(provider));
    fields.insert("tracking_carrier".into(), json!(slug));
    // A link of our own stands before the one the store would make; only where it can make none.
    let link = tracking.urls.iter().map(|url| url.trim()).find(|url| is_link(url));
    if let Some(link) = link.filter(|_| provider.is_empty() && slug.is_empty()) {
        fields.insert("tracking_link".into(), json!(link));
    }
    if numbers.len() > 1 {
        fields.insert("comments".into(), json!(format!("{FURTHER}{}", numbers[1..].join(", "))));
    }
    fields
}

/// How the carrier is called once it is stored, for comparison.
pub fn stored_carrier(tracking: &Tracking) -> Option<&'static str> {
    match carrier(tracking)? {
        Carrier::Slug(word) | Carrier::Provider(word) => Some(word),
    }
}

/// All tracking numbers of a stored shipment: its own, and those we put beside it.
pub fn numbers_of(tracking_number: &str, comments: &str) -> Vec<String> {
    let further = comments.split_once(FURTHER).map_or("", |(_, rest)| rest.lines().next().unwrap_or_default());
    std::iter::once(tracking_number)
        .chain(further.split(','))
        .map(|number| number.trim().to_owned())
        .filter(|number| !number.is_empty())
        .collect()
}

fn is_link(text: &str) -> bool {
    text.chars().count() <= LINK_MAX
        && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracking(code: &str, numbers: &[&str], urls: &[&str]) -> Tracking {
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Tracking { carrier_code: code.into(), carrier_name: String::new(), numbers: own(numbers), urls: own(urls) }
    }

    #[test]
    fn codes_become_the_stores_words() {
        for (code, provider, slug) in [
            ("stamps_com", "", "usps"),
            ("UPS_walleted", "", "ups"),
            ("ups_mail_innovations", "", "ups-mi"),
            ("dhl_express_worldwide", "", "dhl"),
            ("royal_mail", "royalmail", ""),
            ("canada_post_walleted", "", "canada-post"),
            ("rocket", "", ""),
        ] {
            let fields = tracking_fields(&tracking(code, &["X1"], &[]));
            assert_eq!(
                (&fields["shipping_provider"], &fields["tracking_carrier"]),
                (&json!(provider), &json!(slug)),
                "{code}"
            );
        }
    }

    #[test]
    fn no_code_is_shadowed() {
        for (i, (pattern, _)) in CODES.iter().enumerate() {
            let sample = pattern.trim_end_matches('*');
            let first = CODES
                .iter()
                .position(|(p, _)| p.strip_suffix('*').map_or(sample == *p, |start| sample.starts_with(start)));
            assert_eq!(first, Some(i), "{pattern} is never reached");
        }
    }

    #[test]
    fn a_link_is_sent_only_where_the_store_makes_none() {
        let url = "https://t.example/a";
        assert_eq!(tracking_fields(&tracking("rocket", &["A"], &[url])).get("tracking_link"), Some(&json!(url)));
        assert_eq!(tracking_fields(&tracking("ups", &["A"], &[url])).get("tracking_link"), None);
        assert_eq!(tracking_fields(&tracking("rocket", &["A"], &["no link"])).get("tracking_link"), None);
    }

    #[test]
    fn further_numbers_come_back() {
        let fields = tracking_fields(&tracking("ups", &["A", "B", " C "], &[]));
        let comments = fields["comments"].as_str().unwrap_or_default();
        assert_eq!(numbers_of("A", comments), ["A", "B", "C"]);
        assert_eq!(numbers_of("A", "left at the door"), ["A"]);
        assert!(numbers_of("", "").is_empty());
    }
}
