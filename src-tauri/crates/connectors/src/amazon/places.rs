//! Regions and marketplaces: hosts, currencies, addresses of the seller's screens.
//!
//! A seller's account belongs to one region; a token of one region opens nothing
//! in another. Ids and hosts are the ones Amazon publishes for the
//! Selling Partner API (marketplace ids, SP-API endpoints; August 2026).

/// A region: one host, one sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// Stable word, stored with the connection.
    pub code: &'static str,
    /// For people.
    pub title: &'static str,
    /// Where its API answers.
    pub origin: &'static str,
}

/// All of them.
pub const REGIONS: &[Region] = &[
    Region { code: "na", title: "North America", origin: "https://sellingpartnerapi-na.amazon.com" },
    Region { code: "eu", title: "Europe", origin: "https://sellingpartnerapi-eu.amazon.com" },
    Region { code: "fe", title: "Far East", origin: "https://sellingpartnerapi-fe.amazon.com" },
];

/// Login with Amazon, the same for all regions.
pub const SIGN_IN_ORIGIN: &str = "https://api.amazon.com";

/// Hosts that may be spoken to. The last ones keep uploaded and produced files: Amazon hands out signed links to
/// them, and names no fixed list; these are the ones its regions are known to use.
pub const HOSTS: &[&str] = &[
    "sellingpartnerapi-na.amazon.com",
    "sellingpartnerapi-eu.amazon.com",
    "sellingpartnerapi-fe.amazon.com",
    "api.amazon.com",
    ".s3.amazonaws.com",
    ".s3-external-1.amazonaws.com",
    ".s3.us-east-1.amazonaws.com",
    ".s3-eu-west-1.amazonaws.com",
    ".s3.eu-west-1.amazonaws.com",
    ".s3-us-west-2.amazonaws.com",
    ".s3.us-west-2.amazonaws.com",
    ".cloudfront.net",
];

/// One country's shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marketplace {
    /// Amazon's id.
    pub id: &'static str,
    /// ISO country; the United Kingdom is `GB` here, some tables of Amazon say `UK`.
    pub country: &'static str,
    /// Code of the region.
    pub region: &'static str,
    /// Domain of the shop, without `www.`.
    pub domain: &'static str,
    /// ISO currency in which it sells.
    pub currency: &'static str,
    /// Shown prices contain tax.
    pub taxes_included: bool,
}

const fn place(
    id: &'static str,
    country: &'static str,
    region: &'static str,
    domain: &'static str,
    currency: &'static str,
    taxes_included: bool,
) -> Marketplace {
    Marketplace { id, country, region, domain, currency, taxes_included }
}

/// All of them.
pub const MARKETPLACES: &[Marketplace] = &[
    place("A2EUQ1WTGCTBG2", "CA", "na", "amazon.ca", "CAD", false),
    place("ATVPDKIKX0DER", "US", "na", "amazon.com", "USD", false),
    place("A1AM78C64UM0Y8", "MX", "na", "amazon.com.mx", "MXN", true),
    place("A2Q3Y263D00KWC", "BR", "na", "amazon.com.br", "BRL", true),
    place("A28R8C7NBKEWEA", "IE", "eu", "amazon.ie", "EUR", true),
    place("A1RKKUPIHCS9HS", "ES", "eu", "amazon.es", "EUR", true),
    place("A1F83G8C2ARO7P", "GB", "eu", "amazon.co.uk", "GBP", true),
    place("A13V1IB3VIYZZH", "FR", "eu", "amazon.fr", "EUR", true),
    place("AMEN7PMS3EDWL", "BE", "eu", "amazon.com.be", "EUR", true),
    place("A1805IZSGTT6HS", "NL", "eu", "amazon.nl", "EUR", true),
    place("A1PA6795UKMFR9", "DE", "eu", "amazon.de", "EUR", true),
    place("APJ6JRA9NG5V4", "IT", "eu", "amazon.it", "EUR", true),
    place("A2NODRKZP88ZB9", "SE", "eu", "amazon.se", "SEK", true),
    place("AE08WJ6YKNBMC", "ZA", "eu", "amazon.co.za", "ZAR", true),
    place("A1C3SOZRARQ6R3", "PL", "eu", "amazon.pl", "PLN", true),
    place("ARBP9OOSHTCHU", "EG", "eu", "amazon.eg", "EGP", true),
    place("A33AVAJ2PDY3EV", "TR", "eu", "amazon.com.tr", "TRY", true),
    place("A17E79C6D8DWNP", "SA", "eu", "amazon.sa", "SAR", true),
    place("A2VIGQ35RCS4UG", "AE", "eu", "amazon.ae", "AED", true),
    place("A21TJRUUN4KGV", "IN", "eu", "amazon.in", "INR", true),
    place("A19VAU5U5O7RUS", "SG", "fe", "amazon.sg", "SGD", true),
    place("A39IBJ37TRP1C6", "AU", "fe", "amazon.com.au", "AUD", true),
    place("A1VC38T7YXB528", "JP", "fe", "amazon.co.jp", "JPY", true),
];

/// A region by its stable word.
pub fn region(code: &str) -> Option<&'static Region> {
    REGIONS.iter().find(|region| region.code == code)
}

/// A marketplace by Amazon's id.
pub fn marketplace(id: &str) -> Option<&'static Marketplace> {
    MARKETPLACES.iter().find(|marketplace| marketplace.id == id)
}

/// A marketplace by whatever people call it: its id, country, or domain (`DE`, `UK`, `amazon.de`, `www.amazon.de`).
pub fn marketplace_named(text: &str) -> Option<&'static Marketplace> {
    let text = text.trim();
    let domain = text.to_ascii_lowercase();
    let domain = domain.trim_start_matches("https://").trim_start_matches("www.").trim_end_matches('/');
    let country = if text.eq_ignore_ascii_case("uk") { "GB" } else { text };
    MARKETPLACES
        .iter()
        .find(|m| m.id.eq_ignore_ascii_case(text) || m.country.eq_ignore_ascii_case(country) || m.domain == domain)
}

/// A region by whatever people write: its word, its name, its host, or a marketplace in it.
pub fn region_named(text: &str) -> Option<&'static Region> {
    let word = text.trim().to_ascii_lowercase();
    let by_word = match word.as_str() {
        "na" | "north america" | "us-east-1" => region("na"),
        "eu" | "europe" | "eu-west-1" => region("eu"),
        "fe" | "far east" | "us-west-2" => region("fe"),
        _ => None,
    };
    by_word
        .or_else(|| REGIONS.iter().find(|region| word.contains(region.origin.trim_start_matches("https://"))))
        .or_else(|| marketplace_named(&word).and_then(|marketplace| region(marketplace.region)))
}

/// Page of an order in the seller's own screens.
pub fn order_page(marketplace_id: &str, order_id: &str) -> Option<String> {
    let domain = marketplace(marketplace_id)?.domain;
    Some(format!("https://sellercentral.{domain}/orders-v3/order/{order_id}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_found_by_any_name() {
        for (text, code) in [
            ("EU", "eu"),
            (" Europe ", "eu"),
            ("https://sellingpartnerapi-fe.amazon.com/", "fe"),
            ("us", "na"),
            ("UK", "eu"),
            ("amazon.co.jp", "fe"),
            ("A1PA6795UKMFR9", "eu"),
        ] {
            assert_eq!(region_named(text).unwrap().code, code, "{text}");
        }
        assert_eq!(region_named("the moon"), None);
    }

    #[test]
    fn every_marketplace_belongs_to_a_region_and_none_twice() {
        let mut ids: Vec<_> = MARKETPLACES.iter().map(|m| m.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), MARKETPLACES.len());
        assert!(MARKETPLACES.iter().all(|m| region(m.region).is_some()));
    }
}
