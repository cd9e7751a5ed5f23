//! The store's unit of weight, and the short names of states.
//!
//! Every weight of a store is in the one unit its settings name, in a word meant
//! for people. A word that is not in the table is no weight: a wrong one is worse
//! than none, and the preflight says so.

/// Grams in one of the store's units, by its display word in any case.
///
/// The words are those of the units-of-measurement settings; the store's profile
/// shows the same ones and sometimes longer forms.
pub fn grams_per(word: &str) -> Option<f64> {
    Some(match word.trim().to_ascii_lowercase().as_str() {
        "lbs" | "lb" | "pounds" | "pound" => 453.592_37,
        "ounces" | "ounce" | "oz" => 28.349_523_125,
        "kgs" | "kg" | "kilograms" | "kilogram" => 1000.0,
        "grams" | "gram" | "g" => 1.0,
        "tonnes" | "tonne" | "t" => 1_000_000.0,
        _ => return None,
    })
}

/// The code of a state, where its country writes codes and the platform writes names. Anything else stays as it came.
///
/// Reading only: an address written back with a code breaks the platform's tax service.
pub fn region_code<'a>(country: &str, name: &'a str) -> &'a str {
    let table = match country {
        "US" => US,
        "CA" => CA,
        "AU" => AU,
        _ => return name,
    };
    table.iter().find(|(long, _)| long.eq_ignore_ascii_case(name.trim())).map_or(name, |(_, code)| code)
}

const US: &[(&str, &str)] = &[
    ("Alabama", "AL"),
    ("Alaska", "AK"),
    ("American Samoa", "AS"),
    ("Arizona", "AZ"),
    ("Arkansas", "AR"),
    ("Armed Forces Africa", "AE"),
    ("Armed Forces Americas", "AA"),
    ("Armed Forces Canada", "AE"),
    ("Armed Forces Europe", "AE"),
    ("Armed Forces Middle East", "AE"),
    ("Armed Forces Pacific", "AP"),
    ("California", "CA"),
    ("Colorado", "CO"),
    ("Connecticut", "CT"),
    ("Delaware", "DE"),
    ("District of Columbia", "DC"),
    ("Florida", "FL"),
    ("Georgia", "GA"),
    ("Guam", "GU"),
    ("Hawaii", "HI"),
    ("Idaho", "ID"),
    ("Illinois", "IL"),
    ("Indiana", "IN"),
    ("Iowa", "IA"),
    ("Kansas", "KS"),
    ("Kentucky", "KY"),
    ("Louisiana", "LA"),
    ("Maine", "ME"),
    ("Maryland", "MD"),
    ("Massachusetts", "MA"),
    ("Michigan", "MI"),
    ("Minnesota", "MN"),
    ("Mississippi", "MS"),
    ("Missouri", "MO"),
    ("Montana", "MT"),
    ("Nebraska", "NE"),
    ("Nevada", "NV"),
    ("New Hampshire", "NH"),
    ("New Jersey", "NJ"),
    ("New Mexico", "NM"),
    ("New York", "NY"),
    ("North Carolina", "NC"),
    ("North Dakota", "ND"),
    ("Northern Mariana Islands", "MP"),
    ("Ohio", "OH"),
    ("Oklahoma", "OK"),
    ("Oregon", "OR"),
    ("Pennsylvania", "PA"),
    ("Puerto Rico", "PR"),
    ("Rhode Island", "RI"),
    ("South Carolina", "SC"),
    ("South Dakota", "SD"),
    ("Tennessee", "TN"),
    ("Texas", "TX"),
    ("Utah", "UT"),
    ("Vermont", "VT"),
    ("Virgin Islands", "VI"),
    ("Virginia", "VA"),
    ("Washington", "WA"),
    ("West Virginia", "WV"),
    ("Wisconsin", "WI"),
    ("Wyoming", "WY"),
];

const CA: &[(&str, &str)] = &[
    ("Alberta", "AB"),
    ("British Columbia", "BC"),
    ("Manitoba", "MB"),
    ("New Brunswick", "NB"),
    ("Newfoundland and Labrador", "NL"),
    ("Northwest Territories", "NT"),
    ("Nova Scotia", "NS"),
    ("Nunavut", "NU"),
    ("Ontario", "ON"),
    ("Prince Edward Island", "PE"),
    ("Quebec", "QC"),
    ("Québec", "QC"),
    ("Saskatchewan", "SK"),
    ("Yukon", "YT"),
    ("Yukon Territory", "YT"),
];

const AU: &[(&str, &str)] = &[
    ("Australian Capital Territory", "ACT"),
    ("New South Wales", "NSW"),
    ("Northern Territory", "NT"),
    ("Queensland", "QLD"),
    ("South Australia", "SA"),
    ("Tasmania", "TAS"),
    ("Victoria", "VIC"),
    ("Western Australia", "WA"),
];

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_known_or_none() {
        for (word, grams) in [
            ("Ounces", Some(28.349_523_125)),
            ("LBS", Some(453.592_37)),
            ("KGS", Some(1000.0)),
            (" grams ", Some(1.0)),
            ("Tonnes", Some(1_000_000.0)),
            ("Stones", None),
            ("", None),
        ] {
            assert_eq!(grams_per(word), grams, "{word}");
        }
    }

    proptest::proptest! {
        /// In whichever unit a store weighs: what a person typed comes back from the grams.
        #[test]
        fn a_weight_comes_back_from_its_grams(hundredths in 0_u32..10_000_000, word in "lbs|Ounces|KGS|grams|Tonnes") {
            let per = grams_per(&word).unwrap();
            let grams = f64::from(hundredths) / 100.0 * per;
            proptest::prop_assert!((grams / per * 100.0).round() as u32 == hundredths);
        }
    }

    #[test]
    fn states_get_codes_where_people_write_codes() {
        for (country, name, code) in [
            ("US", "Texas", "TX"),
            ("US", "texas ", "TX"),
            ("US", "TX", "TX"),
            ("CA", "Québec", "QC"),
            ("AU", "New South Wales", "NSW"),
            ("DE", "Bremen", "Bremen"),
            ("US", "Old Mexico", "Old Mexico"),
        ] {
            assert_eq!(region_code(country, name), code, "{country} {name}");
        }
    }
}
