//! By whose clock a buyer most likely sleeps: that of the country the goods go to, and of its part where one country
//! has several.
//!
//! A guess for the sake of manners and nothing else. Of a country that is not here the store's clock counts.

use chrono_tz::Tz;
use quayside_model::Address;

/// The zone of a place; `None`: nobody knows.
pub(crate) fn zone_of(address: &Address) -> Option<Tz> {
    let country = address.country.trim().to_uppercase();
    let region = address.region.trim().to_uppercase();
    let region = region.rsplit('-').next().unwrap_or_default();
    let by_part = PARTS.iter().find(|(of, parts, _)| *of == country && parts.contains(&region));
    let name = by_part.map(|(.., zone)| *zone).or_else(|| {
        COUNTRIES.iter().find(|(countries, _)| countries.contains(&country.as_str())).map(|(_, zone)| *zone)
    })?;
    name.parse().ok()
}

/// Parts of countries that do not live by the country's usual clock: country, parts by code or name, zone.
#[rustfmt::skip] // a table
const PARTS: &[(&str, &[&str], &str)] = &[
    ("US", &["CA", "CALIFORNIA", "WA", "WASHINGTON", "OR", "OREGON", "NV", "NEVADA"], "America/Los_Angeles"),
    ("US", &["CO", "COLORADO", "UT", "UTAH", "NM", "NEW MEXICO", "WY", "WYOMING", "MT", "MONTANA", "ID", "IDAHO"], "America/Denver"),
    ("US", &["AZ", "ARIZONA"], "America/Phoenix"),
    ("US", &["TX", "TEXAS", "IL", "ILLINOIS", "MN", "MINNESOTA", "WI", "WISCONSIN", "MO", "MISSOURI", "IA", "IOWA", "LA", "LOUISIANA",
             "AL", "ALABAMA", "MS", "MISSISSIPPI", "AR", "ARKANSAS", "OK", "OKLAHOMA", "KS", "KANSAS", "NE", "NEBRASKA",
             "ND", "NORTH DAKOTA", "SD", "SOUTH DAKOTA", "TN", "TENNESSEE"], "America/Chicago"),
    ("US", &["AK", "ALASKA"], "America/Anchorage"),
    ("US", &["HI", "HAWAII"], "Pacific/Honolulu"),
    ("CA", &["BC", "BRITISH COLUMBIA", "YT", "YUKON"], "America/Vancouver"),
    ("CA", &["AB", "ALBERTA", "NT", "NORTHWEST TERRITORIES"], "America/Edmonton"),
    ("CA", &["MB", "MANITOBA"], "America/Winnipeg"),
    ("CA", &["SK", "SASKATCHEWAN"], "America/Regina"),
    ("CA", &["NS", "NOVA SCOTIA", "NB", "NEW BRUNSWICK", "PE", "PRINCE EDWARD ISLAND"], "America/Halifax"),
    ("CA", &["NL", "NEWFOUNDLAND AND LABRADOR"], "America/St_Johns"),
    ("AU", &["WA", "WESTERN AUSTRALIA"], "Australia/Perth"),
    ("AU", &["SA", "SOUTH AUSTRALIA"], "Australia/Adelaide"),
    ("AU", &["NT", "NORTHERN TERRITORY"], "Australia/Darwin"),
    ("AU", &["QLD", "QUEENSLAND"], "Australia/Brisbane"),
    ("BR", &["AM", "AMAZONAS"], "America/Manaus"),
    ("ES", &["GC", "TF", "LAS PALMAS", "SANTA CRUZ DE TENERIFE"], "Atlantic/Canary"),
];

/// The clock most people of a country live by.
#[rustfmt::skip] // a table
const COUNTRIES: &[(&[&str], &str)] = &[
    (&["GB", "GG", "JE", "IM"], "Europe/London"),
    (&["IE"], "Europe/Dublin"),
    (&["PT"], "Europe/Lisbon"),
    (&["IS"], "Atlantic/Reykjavik"),
    (&["DE", "AT", "CH", "LI", "LU", "FR", "MC", "BE", "NL", "DK", "NO", "SE", "IT", "SM", "VA", "ES", "AD", "PL", "CZ", "SK", "HU", "SI", "HR", "RS", "BA", "ME", "MK", "AL", "MT"], "Europe/Berlin"),
    (&["FI"], "Europe/Helsinki"),
    (&["EE", "LV", "LT"], "Europe/Riga"),
    (&["GR", "CY"], "Europe/Athens"),
    (&["RO", "BG", "MD"], "Europe/Bucharest"),
    (&["UA"], "Europe/Kyiv"),
    (&["TR"], "Europe/Istanbul"),
    (&["IL"], "Asia/Jerusalem"),
    (&["AE", "OM"], "Asia/Dubai"),
    (&["SA", "QA", "KW", "BH"], "Asia/Riyadh"),
    (&["IN"], "Asia/Kolkata"),
    (&["CN"], "Asia/Shanghai"),
    (&["HK"], "Asia/Hong_Kong"),
    (&["TW"], "Asia/Taipei"),
    (&["SG", "MY"], "Asia/Singapore"),
    (&["TH", "VN"], "Asia/Bangkok"),
    (&["PH"], "Asia/Manila"),
    (&["JP"], "Asia/Tokyo"),
    (&["KR"], "Asia/Seoul"),
    (&["NZ"], "Pacific/Auckland"),
    (&["AU"], "Australia/Sydney"),
    (&["ZA"], "Africa/Johannesburg"),
    (&["EG"], "Africa/Cairo"),
    (&["MA"], "Africa/Casablanca"),
    (&["NG"], "Africa/Lagos"),
    (&["KE"], "Africa/Nairobi"),
    (&["US"], "America/New_York"),
    (&["CA"], "America/Toronto"),
    (&["MX"], "America/Mexico_City"),
    (&["BR"], "America/Sao_Paulo"),
    (&["AR"], "America/Argentina/Buenos_Aires"),
    (&["CL"], "America/Santiago"),
    (&["CO"], "America/Bogota"),
    (&["PE"], "America/Lima"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_the_clock_people_there_live_by() {
        for (country, region, zone) in [
            ("NO", "", Some(Tz::Europe__Berlin)),
            (" us ", "CA", Some(Tz::America__Los_Angeles)),
            ("US", "us-ca", Some(Tz::America__Los_Angeles)),
            ("US", "Texas", Some(Tz::America__Chicago)),
            ("US", "", Some(Tz::America__New_York)),
            ("AU", "WA", Some(Tz::Australia__Perth)),
            ("US", "WA", Some(Tz::America__Los_Angeles)),
            ("XX", "CA", None),
            ("", "", None),
        ] {
            let address = Address { country: country.into(), region: region.into(), ..Address::default() };
            assert_eq!(zone_of(&address), zone, "{country} {region}");
        }
    }

    #[test]
    fn every_name_is_a_zone_and_no_country_stands_twice() {
        let zones = PARTS.iter().map(|(.., zone)| *zone).chain(COUNTRIES.iter().map(|(_, zone)| *zone));
        for zone in zones {
            assert!(zone.parse::<Tz>().is_ok(), "{zone}");
        }
        let all: Vec<&str> = COUNTRIES.iter().flat_map(|(countries, _)| countries.iter().copied()).collect();
        for (i, country) in all.iter().enumerate() {
            assert!(!all[..i].contains(country), "{country}");
        }
    }
}
