//! Amounts and moments in the platform's notation.

/// Decimal places of a currency.
pub fn digits(currency: &str) -> u32 {
    match currency {
        "JPY" => 0,
        "KWD" => 3,
        _ => 2,
    }
}

/// Minor units as the platform writes a decimal: no padding, but never without a fraction (`12.5`, `30.0`).
pub fn amount(minor: i64, currency: &str) -> String {
    let places = digits(currency);
    let scale = 10_i64.pow(places);
    let sign = if minor < 0 { "-" } else { "" };
    let (whole, rest) = (minor.abs() / scale, minor.abs() % scale);
    let fraction = if places == 0 { String::new() } else { format!("{rest:0width$}", width = places as usize) };
    let fraction = fraction.trim_end_matches('0');
    format!("{sign}{whole}.{}", if fraction.is_empty() { "0" } else { fraction })
}

/// Minor units of a decimal as a client writes it; more places than the currency has are refused.
pub fn minor(text: &str, currency: &str) -> Option<i64> {
    let places = digits(currency) as usize;
    let (sign, text) = text.trim().strip_prefix('-').map_or((1, text.trim()), |rest| (-1, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let kept = fraction.trim_end_matches('0');
    if kept.len() > places {
        return None;
    }
    let fraction = format!("{kept:0<places$}");
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let fraction: i64 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    Some(sign * (whole * 10_i64.pow(places as u32) + fraction))
}

/// ISO 8601, UTC, to the second.
pub fn timestamp(ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(ms).unwrap_or_default().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The moment a client wrote, ms UTC.
pub fn timestamp_ms(text: &str) -> Option<i64> {
    chrono::DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_like_the_platforms() {
        for (minor_units, currency, text) in [
            (1250, "EUR", "12.5"),
            (3000, "EUR", "30.0"),
            (1, "EUR", "0.01"),
            (-1999, "GBP", "-19.99"),
            (1200, "JPY", "1200.0"),
            (1234, "KWD", "1.234"),
            (0, "USD", "0.0"),
        ] {
            assert_eq!(amount(minor_units, currency), text);
            assert_eq!(minor(text, currency), Some(minor_units), "{text} {currency}");
        }
        assert_eq!(minor("1.005", "EUR"), None);
        assert_eq!(minor("12", "EUR"), Some(1200));
    }
}
