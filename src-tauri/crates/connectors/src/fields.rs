//! Paste-tolerant reading of form fields: what people paste is not what they mean.
//!
//! Cleaning never guesses beyond the field's declared shape; what it cannot
//! clean stays as it is, and the connector's own checks say what is wrong.

use crate::connector::FieldProblem;
use quayside_model::{FieldShape, Way};
use std::collections::BTreeMap;

/// Every declared field of `way`, cleaned by its shape. Fields the way does not know are dropped; absent ones are empty.
pub fn clean(way: &Way, fields: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    way.fields
        .iter()
        .map(|field| {
            let text = fields.get(field.name).map_or("", String::as_str);
            (field.name.to_owned(), clean_one(field.shape, text))
        })
        .collect()
}

/// Fields that must not be empty and are.
pub fn missing(way: &Way, cleaned: &BTreeMap<String, String>) -> Vec<FieldProblem> {
    way.fields
        .iter()
        .filter(|field| !field.optional && cleaned.get(field.name).is_none_or(String::is_empty))
        .map(|field| FieldProblem { field: field.name.to_owned(), sentence: format!("{} is empty.", field.label) })
        .collect()
}

/// One pasted text, by the shape of its field.
pub fn clean_one(shape: FieldShape, text: &str) -> String {
    match shape {
        FieldShape::Token | FieldShape::Browser => token(text),
        FieldShape::Host => host(text),
        FieldShape::Day | FieldShape::MadeOn => day(text),
        FieldShape::Text | FieldShape::Profile => trim(text).to_owned(),
    }
}

/// Characters without width or meaning that copying from web pages and chats adds.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}')
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | '“' | '”' | '„' | '‘' | '’' | '«' | '»')
}

fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c))
}

/// A key: no white space inside, no quotes around, no `Bearer ` or `Header: ` in front.
fn token(text: &str) -> String {
    let mut text = trim(text).trim_matches(|c: char| is_quote(c) || c.is_whitespace());
    // "X-Shopify-Access-Token: abc": a whole header line was copied. A key holds no ": ".
    if let Some((_, value)) = text.split_once(": ") {
        text = value;
    }
    for prefix in ["bearer ", "basic ", "token "] {
        if text.len() > prefix.len()
            && text.is_char_boundary(prefix.len())
            && text[..prefix.len()].eq_ignore_ascii_case(prefix)
        {
            text = &text[prefix.len()..];
        }
    }
    text.chars()
        .filter(|c| !c.is_whitespace() && !is_invisible(*c) && !c.is_control())
        .collect::<String>()
        .trim_matches(is_quote)
        .to_owned()
}

/// A host: a pasted URL is reduced to its host; its path is kept behind a
/// slash only where the host alone would lose what was meant (`admin.example.com/store/NAME`).
fn host(text: &str) -> String {
    let text: String =
        trim(text).trim_matches(is_quote).chars().filter(|c| !c.is_whitespace() && !is_invisible(*c)).collect();
    let text = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
    let text = text.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = text.split_once('/').unwrap_or((text, ""));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host.trim_end_matches('.').to_lowercase();
    match path.split('/').collect::<Vec<_>>().as_slice() {
        ["store", name, ..] if !name.is_empty() => format!("{host}/store/{}", name.to_lowercase()),
        _ => host,
    }
}

/// A day as `YYYY-MM-DD`, also from `31.12.2026`, `12/31/2026` and `2026/12/31`; anything else stays as typed.
fn day(text: &str) -> String {
    let text = trim(text);
    // Day and month cannot be told apart in 03/04/2026; slashes mean the month comes first, dots the day.
    let parsed = ["%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%m/%d/%Y", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y"]
        .iter()
        .find_map(|format| chrono::NaiveDate::parse_from_str(text, format).ok());
    parsed.map_or_else(|| text.to_owned(), |day| day.format("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_text_is_reduced_to_what_was_meant() {
        for (shape, pasted, meant) in [
            (FieldShape::Token, "  shpat_abc \n", "shpat_abc"),
            (FieldShape::Token, "\"shpat_abc\"", "shpat_abc"),
            (FieldShape::Token, "“shpat_abc”", "shpat_abc"),
            (FieldShape::Token, "Bearer shpat_abc", "shpat_abc"),
            (FieldShape::Token, "X-Shopify-Access-Token: shpat_abc", "shpat_abc"),
            (FieldShape::Token, "shpat\u{200b}_abc\u{feff}", "shpat_abc"),
            (FieldShape::Token, "shpat_\r\nabc", "shpat_abc"),
            (FieldShape::Token, "sh pat_ abc", "shpat_abc"),
            (FieldShape::Token, "", ""),
            (FieldShape::Host, "https://Harbour.MyShopify.com/admin?x=1", "harbour.myshopify.com"),
            (FieldShape::Host, "harbour.myshopify.com/", "harbour.myshopify.com"),
            (FieldShape::Host, "http://user:pw@harbour.myshopify.com", "harbour.myshopify.com"),
            (FieldShape::Host, "https://admin.shopify.com/store/Harbour/orders", "admin.shopify.com/store/harbour"),
            (FieldShape::Host, " harbour ", "harbour"),
            (FieldShape::Day, "31.12.2026", "2026-12-31"),
            (FieldShape::Day, "12/31/2026", "2026-12-31"),
            (FieldShape::Day, "Dec 31, 2026", "2026-12-31"),
            (FieldShape::Day, "soon", "soon"),
            (FieldShape::Text, "\u{feff} Harbour Goods ", "Harbour Goods"),
        ] {
            assert_eq!(clean_one(shape, pasted), meant, "{pasted:?}");
        }
    }
}
