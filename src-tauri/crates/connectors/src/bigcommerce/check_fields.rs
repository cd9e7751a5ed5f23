//! A filled-in form, looked at before anything is sent: the usual mix-ups, each with a sentence.

use super::{API_ACCOUNT, DECLARATION};
use crate::connector::FieldProblem;
use crate::fields::{clean, missing};
use std::collections::BTreeMap;

/// The cleaned fields, or what is wrong with them. A stand-in may hand out credentials of any shape.
pub fn check_fields(
    way: &str,
    fields: &BTreeMap<String, String>,
    stand_in: bool,
) -> Result<BTreeMap<String, String>, Vec<FieldProblem>> {
    let Some(way) = DECLARATION.ways.iter().find(|known| known.id == way) else {
        let sentence = format!("There is no way to sign in called \"{way}\". Choose {API_ACCOUNT}.");
        return Err(vec![problem("way", sentence)]);
    };
    let mut cleaned = clean(way, fields);
    let mut problems = missing(way, &cleaned);
    let [pasted, token] = ["store_hash", "access_token"].map(|name| cleaned.get(name).cloned().unwrap_or_default());
    match store_hash(&pasted) {
        Ok(hash) => {
            cleaned.insert("store_hash".into(), hash);
        }
        Err(sentence) if !pasted.is_empty() => problems.push(problem("store_hash", sentence)),
        Err(_) => {}
    }
    if token.contains("://") || token.contains('/') {
        problems.push(problem("access_token", "This is an address, not the access token. The token is shown once, next to the client ID, when the API account is made.".into()));
    } else if !stand_in && !token.is_empty() && token.len() < 20 {
        problems.push(problem(
            "access_token",
            "This is too short for an access token. It has about 31 letters and digits; copy all of it.".into(),
        ));
    }
    if problems.is_empty() { Ok(cleaned) } else { Err(problems) }
}

/// The store hash from whatever was pasted: itself, the API path, the control panel's address.
fn store_hash(pasted: &str) -> Result<String, String> {
    let text = pasted.trim().trim_end_matches('/');
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let hash = if let Some((_, rest)) = text.split_once("stores/") {
        rest.split(['/', '?', '#']).next().unwrap_or_default()
    } else if let Some(rest) = text.strip_prefix("store-") {
        // store-abc123.mybigcommerce.com, or with the number of a storefront: store-abc123-2.mybigcommerce.com
        rest.split(['.', '-', '/']).next().unwrap_or_default()
    } else if text.contains('.') || text.contains('/') {
        return Err(format!(
            "\"{pasted}\" is an address buyers see. Quayside needs the store hash: the letters after \"stores/\" in the API path that is shown when the API account is made."
        ));
    } else {
        text
    };
    let hash = hash.to_ascii_lowercase();
    let valid = (4..=20).contains(&hash.len()) && hash.chars().all(|c| c.is_ascii_alphanumeric());
    if valid {
        Ok(hash)
    } else {
        Err(format!("\"{pasted}\" is not a store hash. It is a short word of letters and digits, like abc123def4."))
    }
}

fn problem(field: &str, sentence: String) -> FieldProblem {
    FieldProblem { field: field.into(), sentence }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const TOKEN: &str = "abcdefghijklmnopqrstuvwxyz01234";

    fn check(hash: &str, token: &str) -> Result<BTreeMap<String, String>, Vec<FieldProblem>> {
        let fields = [("store_hash", hash), ("access_token", token)];
        check_fields(API_ACCOUNT, &fields.into_iter().map(|(n, t)| (n.to_owned(), t.to_owned())).collect(), false)
    }

    #[test]
    fn whatever_names_the_store_becomes_its_hash() {
        for pasted in [
            "abc123",
            " ABC123 ",
            "https://api.bigcommerce.com/stores/abc123/v3/",
            "api.bigcommerce.com/stores/abc123/v2",
            "stores/abc123",
            "https://store-abc123.mybigcommerce.com/manage/orders",
            "store-abc123-2.mybigcommerce.com",
        ] {
            assert_eq!(check(pasted, TOKEN).unwrap()["store_hash"], "abc123", "{pasted}");
        }
    }

    #[test]
    fn mix_ups_are_named() {
        for (hash, token, field, word) in [
            ("", TOKEN, "store_hash", "empty"),
            ("harbour.example", TOKEN, "store_hash", "buyers see"),
            ("https://api.bigcommerce.com/stores/", TOKEN, "store_hash", "buyers see"),
            ("a-b", TOKEN, "store_hash", "not a store hash"),
            ("abc123", "", "access_token", "empty"),
            ("abc123", "short", "access_token", "too short"),
            ("abc123", "https://api.bigcommerce.com/stores/abc123/v3/", "access_token", "address"),
        ] {
            let problems = check(hash, token).unwrap_err();
            let found = problems.iter().find(|problem| problem.field == field).unwrap();
            assert!(found.sentence.contains(word), "{hash} {token}: {}", found.sentence);
        }
        assert_eq!(check_fields("oauth", &BTreeMap::new(), false).unwrap_err()[0].field, "way");
    }
}
