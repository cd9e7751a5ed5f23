//! A hub's carrier code into the name Shopify recognises.
//!
//! A recognised name, spelled exactly so, makes Shopify follow the parcel by
//! itself; any other text makes it guess. The link is sent whenever the hub gave one
//! or its carrier's page is known; none is made up, and none leads to somebody
//! else's page, so an unknown carrier is only less convenient, never wrong.

use quayside_model::Tracking;
use serde_json::{Value, json};
use url::Url;

/// Carrier codes, first match wins; a trailing `*` stands for any rest.
const CODES: &[(&str, &str)] = &[
    ("stamps_com", "USPS"),
    ("usps*", "USPS"),
    ("endicia", "USPS"),
    ("ups_mail_innovations", "UPS"),
    ("ups*", "UPS"),
    ("fedex*", "FedEx"),
    ("dhl_express*", "DHL Express"),
    ("dhl_global_mail", "DHL eCommerce"),
    ("dhl_ecommerce*", "DHL eCommerce"),
    ("ontrac", "OnTrac"),
    ("lasership", "Lasership"),
    ("asendia*", "Asendia USA"),
    ("apc", "APC"),
    ("newgistics", "Pitney Bowes"),
    ("pitney_bowes*", "Pitney Bowes"),
    ("canada_post*", "Canada Post"),
    ("purolator*", "Purolator"),
    ("royal_mail*", "Royal Mail"),
    ("hermes_uk", "Evri"),
    ("hermes", "Evri"),
    ("evri", "Evri"),
    ("dpd_local", "DPD Local"),
    ("dpd", "DPD UK"),
    ("dpd_uk", "DPD UK"),
    ("yodel*", "Yodel"),
    ("parcelforce*", "Parcelforce"),
    ("australia_post*", "Australia Post"),
    ("sendle*", "Sendle"),
    ("startrack*", "StarTrack"),
    ("amazon_shipping_uk", "Amazon Logistics UK"),
    ("amazon*", "Amazon"),
    ("gls*", "GLS"),
    ("tforce*", "TForce Final Mile"),
];

/// Names Shopify recognises, exact spelling (documentation of `FulfillmentTrackingInfo.company`, 2026-07).
/// "Royal Mail" is not among them for every country, but is what its shops use.
const RECOGNISED: &[&str] = &[
    "4PX",
    "AGS",
    "Amazon",
    "Amazon Logistics UK",
    "An Post",
    "Anjun Logistics",
    "APC",
    "Asendia USA",
    "Australia Post",
    "Bonshaw",
    "BPost",
    "BPost International",
    "Canada Post",
    "Canpar",
    "CDL Last Mile",
    "China Post",
    "Chronopost",
    "Chukou1",
    "Colissimo",
    "Comingle",
    "Coordinadora",
    "Correios",
    "Correos",
    "CTT",
    "CTT Express",
    "Cyprus Post",
    "Delnext",
    "Deutsche Post",
    "DHL eCommerce",
    "DHL eCommerce Asia",
    "DHL Express",
    "DPD",
    "DPD Local",
    "DPD UK",
    "DTD Express",
    "DX",
    "Eagle",
    "Estes",
    "Evri",
    "FedEx",
    "First Global Logistics",
    "First Line",
    "FSC",
    "Fulfilla",
    "GLS",
    "Guangdong Weisuyi Information Technology (WSE)",
    "Heppner Internationale Spedition GmbH & Co.",
    "Iceland Post",
    "IDEX",
    "Israel Post",
    "Japan Post (EN)",
    "Japan Post (JA)",
    "La Poste Colissimo",
    "La Poste Burkina Faso",
    "Lasership",
    "Latvia Post",
    "Lietuvos Paštas",
    "Logisters",
    "Lone Star Overnight",
    "M3 Logistics",
    "Meteor Space",
    "Mondial Relay",
    "New Zealand Post",
    "NinjaVan",
    "North Russia Supply Chain (Shenzhen) Co.",
    "OnTrac",
    "Packeta",
    "Pago Logistics",
    "Ping An Da Tengfei Express",
    "Pitney Bowes",
    "Portal PostNord",
    "Poste Italiane",
    "PostNL",
    "PostNord DK",
    "PostNord NO",
    "PostNord SE",
    "Purolator",
    "Qxpress",
    "Qyun Express",
    "Royal Mail",
    "Royal Shipments",
    "Sagawa (EN)",
    "Sagawa (JA)",
    "Sendle",
    "SF Express",
    "SFC Fulfillment",
    "ShipBob",
    "SHREE NANDAN COURIER",
    "Singapore Post",
    "Southwest Air Cargo",
    "StarTrack",
    "Step Forward Freight",
    "Swiss Post",
    "TForce Final Mile",
    "Tinghao",
    "TNT",
    "Toll IPEC",
    "United Delivery Service",
    "UPS",
    "USPS",
    "Venipak",
    "We Post",
    "Whistl",
    "Wizmo",
    "WMYC",
    "Xpedigo",
    "XPO Logistics",
    "Yamato (EN)",
    "Yamato (JA)",
    "YiFan Express",
    "YunExpress",
    "Aramex Australia",
    "TNT Australia",
    "Hunter Express",
    "Couriers Please",
    "Bonds",
    "Allied Express",
    "Direct Couriers",
    "Northline",
    "GO Logistics",
    "Österreichische Post",
    "Speedy",
    "Intelcom",
    "BoxKnight",
    "Loomis",
    "WanbExpress",
    "Zásilkovna",
    "Deutsche Post (DE)",
    "Deutsche Post (EN)",
    "DHL",
    "Swiship",
    "Hermes",
    "SEUR",
    "Colis Privé",
    "Parcelforce",
    "Yodel",
    "DHL Parcel",
    "Tuffnells",
    "ACS Courier",
    "Fastway",
    "DPD Ireland",
    "DTDC",
    "India Post",
    "Delhivery",
    "Gati KWE",
    "Professional Couriers",
    "XpressBees",
    "Ecom Express",
    "Ekart",
    "Shadowfax",
    "Bluedart",
    "BRT",
    "GLS Italy",
    "エコ配",
    "西濃運輸",
    "西濃スーパーエキスプレス",
    "福山通運",
    "日本通運",
    "名鉄運輸",
    "第一貨物",
    "Bring",
    "Inpost",
    "PTT",
    "Yurtiçi Kargo",
    "Aras Kargo",
    "Sürat Kargo",
    "Alliance Air Freight",
    "Pilot Freight",
    "LSO",
    "Old Dominion",
    "Pandion",
    "R+L Carriers",
    "Skynet",
];

/// The company to send: by code, else by the display name if Shopify knows it, else the display name as it is.
pub fn company(tracking: &Tracking) -> Option<String> {
    let code = tracking.carrier_code.trim().to_ascii_lowercase();
    let by_code = CODES.iter().find(|(pattern, _)| match pattern.strip_suffix('*') {
        Some(start) => code.starts_with(start),
        None => code == *pattern,
    });
    if let Some((_, company)) = by_code {
        return Some((*company).to_owned());
    }
    let name = tracking.carrier_name.trim();
    let recognised = RECOGNISED.iter().find(|known| known.eq_ignore_ascii_case(name));
    recognised.map(|known| (*known).to_owned()).or_else(|| (!name.is_empty()).then(|| name.to_owned()))
}

/// `FulfillmentTrackingInput`: one number with its link, or several with theirs. Links belong to numbers by position, and a
/// list of links has no gaps: numbers with a link go first, so that one without loses nobody else's.
pub fn tracking_input(tracking: &Tracking) -> Option<Value> {
    let company = company(tracking);
    let pairs: Vec<(&str, Option<&str>)> = tracking
        .numbers
        .iter()
        .enumerate()
        .map(|(i, number)| (number.trim(), tracking.urls.get(i).map(|url| url.trim()).filter(|url| is_link(url))))
        .filter(|(number, _)| !number.is_empty())
        .collect();
    let links: Vec<&str> = pairs.iter().filter_map(|(_, url)| *url).collect();
    let mut input = json!({});
    if let Some(company) = company {
        input["company"] = json!(company);
    }
    match pairs.as_slice() {
        [] => {
            let link = tracking.urls.iter().map(|url| url.trim()).find(|url| is_link(url))?;
            input["url"] = json!(link);
        }
        [(number, link)] => {
            input["number"] = json!(number);
            if let Some(link) = link {
                input["url"] = json!(link);
            }
        }
        many => {
            let (with, without): (Vec<_>, Vec<_>) = many.iter().partition(|(_, link)| link.is_some());
            input["numbers"] = with.iter().chain(&without).map(|(number, _)| json!(number)).collect();
            if !links.is_empty() {
                input["urls"] = json!(links);
            }
        }
    }
    Some(input)
}

fn is_link(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracking(code: &str, name: &str, numbers: &[&str], urls: &[&str]) -> Tracking {
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Tracking { carrier_code: code.into(), carrier_name: name.into(), numbers: own(numbers), urls: own(urls) }
    }

    #[test]
    fn codes_become_names_shopify_knows() {
        for (code, name, expected) in [
            ("stamps_com", "Stamps.com", Some("USPS")),
            ("UPS_walleted", "UPS", Some("UPS")),
            ("fedex", "", Some("FedEx")),
            ("dhl_express_worldwide", "", Some("DHL Express")),
            ("hermes", "Hermes", Some("Evri")),
            ("amazon_shipping_uk", "", Some("Amazon Logistics UK")),
            ("amazon_shipping_us", "", Some("Amazon")),
            ("colissimo", "colissimo", Some("Colissimo")),
            ("brt", "Brt", Some("BRT")),
            ("rocket", "Rocket Parcel", Some("Rocket Parcel")),
            ("rocket", "", None),
        ] {
            assert_eq!(company(&tracking(code, name, &[], &[])).as_deref(), expected, "{code} {name}");
        }
    }

    #[test]
    fn every_code_leads_to_a_name_and_none_is_shadowed() {
        for (i, (pattern, _)) in CODES.iter().enumerate() {
            let sample = pattern.trim_end_matches('*');
            let first = CODES
                .iter()
                .position(|(p, _)| p.strip_suffix('*').map_or(sample == *p, |start| sample.starts_with(start)));
            assert_eq!(first, Some(i), "{pattern} is never reached");
        }
        for (_, company) in CODES.iter().filter(|(_, company)| *company != "Royal Mail") {
            assert!(RECOGNISED.contains(company), "{company} is not a name Shopify documents");
        }
    }

    #[test]
    fn numbers_and_links_are_never_mixed() {
        let a = "https://t.example/a";
        let b = "https://t.example/b";
        for (numbers, urls, expected) in [
            (&["A"][..], &[a][..], Some(json!({ "company": "UPS", "number": "A", "url": a }))),
            (&["A"], &[], Some(json!({ "company": "UPS", "number": "A" }))),
            (&["A"], &["not a link"], Some(json!({ "company": "UPS", "number": "A" }))),
            (&["A", "B"], &[a, b], Some(json!({ "company": "UPS", "numbers": ["A", "B"], "urls": [a, b] }))),
            // One without a link: the others keep theirs, and stay in step with their numbers.
            (&["A", "B"], &[a], Some(json!({ "company": "UPS", "numbers": ["A", "B"], "urls": [a] }))),
            (&["A", "B"], &["", b], Some(json!({ "company": "UPS", "numbers": ["B", "A"], "urls": [b] }))),
            (
                &["A", "C", "B"],
                &[a, "not a link", b],
                Some(json!({ "company": "UPS", "numbers": ["A", "B", "C"], "urls": [a, b] })),
            ),
            (&["A", "B"], &[], Some(json!({ "company": "UPS", "numbers": ["A", "B"] }))),
            (
                &["A", " ", "B"],
                &[a, "https://t.example/x", b],
                Some(json!({ "company": "UPS", "numbers": ["A", "B"], "urls": [a, b] })),
            ),
            (&[], &[a], Some(json!({ "company": "UPS", "url": a }))),
            (&[], &[], None),
        ] {
            assert_eq!(tracking_input(&tracking("ups", "", numbers, urls)), expected);
        }
    }
}
