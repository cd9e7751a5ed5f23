//! A filled-in form, looked at before anything is sent: the usual mix-ups, each with a sentence.

use super::{CLIENT_CREDENTIALS, DECLARATION, LEGACY_TOKEN};
use crate::connector::FieldProblem;
use crate::fields::{clean, missing};
use std::collections::BTreeMap;

const SHOP_SUFFIX: &str = ".myshopify.com";
const STAND_IN: &str = "stand-in.myshopify.com";
const ADMIN_PREFIX: &str = "admin.shopify.com/store/";

/// The cleaned fields, or what is wrong with them. A stand-in may hand out credentials of any shape.
pub fn check_fields(
    way: &str,
    fields: &BTreeMap<String, String>,
    stand_in: bool,
) -> Result<BTreeMap<String, String>, Vec<FieldProblem>> {
    let Some(way) = DECLARATION.ways.iter().find(|known| known.id == way) else {
        return Err(vec![problem(
            "way",
            format!("There is no way to sign in called \"{way}\". Choose {CLIENT_CREDENTIALS} or {LEGACY_TOKEN}."),
        )]);
    };
    let mut cleaned = clean(way, fields);
    let mut problems = missing(way, &cleaned);
    let [shop, id, secret, token] = ["shop", "client_id", "client_secret", "access_token"]
        .map(|name| cleaned.get(name).cloned().unwrap_or_default());
    match shop_host(&shop) {
        Ok(host) => {
            cleaned.insert("shop".into(), host);
        }
        // Reached at its own address: the name is only a name.
        Err(_) if stand_in => drop(cleaned.insert("shop".into(), STAND_IN.into())),
        Err(sentence) if !shop.is_empty() => problems.push(problem("shop", sentence)),
        Err(_) => {}
    }
    if id.starts_with("shpss_") {
        problems.push(problem(
            "client_id",
            "This is the client secret (it begins with shpss_). The client ID and the secret are swapped.".into(),
        ));
    } else if is_token(&id) {
        problems.push(problem(
            "client_id",
            "This is an access token. The client ID is on the app's Settings page in the Dev Dashboard.".into(),
        ));
    }
    if is_token(&secret) {
        problems.push(problem("client_secret", "This is an access token (it begins with shp…_). Use \"Access token\" as the way to sign in, or paste the client secret (shpss_…).".into()));
    } else if !secret.is_empty() && secret == id {
        problems.push(problem(
            "client_secret",
            "This is the client ID again. The secret is below it, behind the eye symbol.".into(),
        ));
    }
    if token.starts_with("shpss_") {
        problems.push(problem("access_token", "This is an app's client secret, not an access token. Use \"App from the Dev Dashboard\" as the way to sign in.".into()));
    } else if !stand_in && !token.is_empty() && !is_token(&token) && token.len() < 20 {
        problems.push(problem(
            "access_token",
            "This is too short for an access token. It begins with shpat_ and has 38 characters.".into(),
        ));
    }
    if problems.is_empty() { Ok(cleaned) } else { Err(problems) }
}

/// `NAME.myshopify.com` from whatever was pasted.
fn shop_host(pasted: &str) -> Result<String, String> {
    let name = if let Some(name) = pasted.strip_prefix(ADMIN_PREFIX) {
        name
    } else if let Some(name) = pasted.strip_suffix(SHOP_SUFFIX) {
        name
    } else if pasted.starts_with("admin.shopify.com") {
        return Err("This address of the admin does not name the store. Open the store's admin and copy the whole address, like admin.shopify.com/store/NAME.".into());
    } else if pasted.contains('.') {
        return Err(format!(
            "{pasted} is the address buyers see. Quayside needs the permanent one that ends in .myshopify.com: in Shopify's admin, Settings, Domains."
        ));
    } else {
        pasted
    };
    let valid = !name.is_empty()
        && name.len() <= 63
        && !name.starts_with('-')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if valid {
        Ok(format!("{name}{SHOP_SUFFIX}"))
    } else {
        Err(format!(
            "\"{pasted}\" is not a store's permanent address. It looks like NAME.myshopify.com, with letters, digits and hyphens."
        ))
    }
}

fn is_token(text: &str) -> bool {
    ["shpat_", "shpca_", "shpua_", "shppa_"].iter().any(|prefix| text.starts_with(prefix))
}

fn problem(field: &str, sentence: String) -> FieldProblem {
    FieldProblem { field: field.into(), sentence }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn check(way: &str, fields: &[(&str, &str)]) -> Result<BTreeMap<String, String>, Vec<FieldProblem>> {
        check_fields(way, &fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(), false)
    }

    const SECRET: &str = "shpss_0123456789abcdef0123456789abcdef";
    const TOKEN: &str = "shpat_0123456789abcdef0123456789abcdef";

    #[test]
    fn whatever_names_the_store_becomes_its_permanent_address() {
        for pasted in [
            "harbour.myshopify.com",
            "https://harbour.myshopify.com/admin",
            "http://harbour.myshopify.com",
            " HARBOUR.myshopify.com/ ",
            "harbour",
            "https://admin.shopify.com/store/harbour/orders?x=1",
            "admin.shopify.com/store/harbour",
        ] {
            let cleaned = check(LEGACY_TOKEN, &[("shop", pasted), ("access_token", TOKEN)]).unwrap();
            assert_eq!(cleaned["shop"], "harbour.myshopify.com", "{pasted}");
        }
    }

    #[test]
    fn mix_ups_are_named() {
        for (way, fields, field, word) in [
            (LEGACY_TOKEN, &[("shop", "shop.harbour.example"), ("access_token", TOKEN)][..], "shop", "Domains"),
            (
                LEGACY_TOKEN,
                &[("shop", "https://admin.shopify.com/"), ("access_token", TOKEN)],
                "shop",
                "does not name the store",
            ),
            (LEGACY_TOKEN, &[("shop", "har_bour"), ("access_token", TOKEN)], "shop", "NAME.myshopify.com"),
            (LEGACY_TOKEN, &[("shop", ""), ("access_token", TOKEN)], "shop", "is empty"),
            (LEGACY_TOKEN, &[("shop", "harbour"), ("access_token", SECRET)], "access_token", "client secret"),
            (LEGACY_TOKEN, &[("shop", "harbour"), ("access_token", "abc")], "access_token", "too short"),
            (
                CLIENT_CREDENTIALS,
                &[("shop", "harbour"), ("client_id", SECRET), ("client_secret", "0123")],
                "client_id",
                "swapped",
            ),
            (
                CLIENT_CREDENTIALS,
                &[("shop", "harbour"), ("client_id", "0123"), ("client_secret", TOKEN)],
                "client_secret",
                "access token",
            ),
            (
                CLIENT_CREDENTIALS,
                &[("shop", "harbour"), ("client_id", "0123"), ("client_secret", "0123")],
                "client_secret",
                "client ID again",
            ),
            (CLIENT_CREDENTIALS, &[("shop", "harbour"), ("client_id", "0123")], "client_secret", "is empty"),
            ("magic", &[], "way", "no way"),
        ] {
            let problems = check(way, fields).unwrap_err();
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert_eq!(problems[0].field, field, "{problems:?}");
            assert!(problems[0].sentence.contains(word), "{problems:?}");
            assert!(!problems[0].sentence.contains("0123456789abcdef"), "a sentence repeats a secret");
        }
    }

    #[test]
    fn keys_with_spaces_are_mended() {
        let cleaned = check(
            CLIENT_CREDENTIALS,
            &[("shop", "harbour"), ("client_id", " 01 23 "), ("client_secret", "\"shpss_01\n23\"")],
        )
        .unwrap();
        assert_eq!((cleaned["client_id"].as_str(), cleaned["client_secret"].as_str()), ("0123", "shpss_0123"));
    }
}
