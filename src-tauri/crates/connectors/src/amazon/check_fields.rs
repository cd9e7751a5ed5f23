//! A filled-in form, looked at before anything is sent: the usual mix-ups, each with a sentence.

use super::places::region_named;
use super::{DECLARATION, PRIVATE_APP};
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
        return Err(vec![problem(
            "way",
            format!("There is no way to sign in called \"{way}\". Choose {PRIVATE_APP}."),
        )]);
    };
    let mut cleaned = clean(way, fields);
    let mut problems = missing(way, &cleaned);
    let [region, seller, id, secret, token, made_on] =
        ["region", "seller_id", "client_id", "client_secret", "refresh_token", "secret_made_on"]
            .map(|name| cleaned.get(name).cloned().unwrap_or_default());
    match region_named(&region) {
        Some(region) => {
            cleaned.insert("region".into(), region.code.into());
        }
        None if !region.is_empty() => problems.push(problem(
            "region",
            format!(
                "\"{region}\" is no region of Amazon. Write NA, EU or FE, or the country you sell in (DE, UK, US, JP)."
            ),
        )),
        None => {}
    }
    if !stand_in {
        problems.extend(seller_problem(&seller));
        problems.extend(id_problem(&id));
    }
    if secret.starts_with("Atzr|") {
        problems.push(problem("client_secret", "This is the refresh token (it begins with Atzr|).".into()));
    } else if is_client_id(&secret) {
        problems.push(problem(
            "client_secret",
            "This is the client identifier again. The secret is beside it, behind \"View\".".into(),
        ));
    }
    if token.starts_with("Atza|") {
        problems.push(problem(
            "refresh_token",
            "This is an access token (Atza|), which ends after an hour. Use the refresh token that \"Authorize app\" shows; it begins with Atzr|.".into(),
        ));
    } else if !stand_in && !token.is_empty() && !token.starts_with("Atzr|") {
        problems.push(problem(
            "refresh_token",
            "This is not a refresh token: it begins with Atzr|. Seller Central shows it once, after \"Authorize app\"."
                .into(),
        ));
    }
    if !made_on.is_empty() && super::secret_clock::day_ms(&made_on).is_none() {
        problems.push(problem("secret_made_on", format!("\"{made_on}\" is not a day. Write it as 2026-11-20.")));
    }
    if problems.is_empty() { Ok(cleaned) } else { Err(problems) }
}

fn seller_problem(seller: &str) -> Option<FieldProblem> {
    if seller.is_empty() {
        return None;
    }
    if super::places::marketplace(seller).is_some() {
        return Some(problem("seller_id", "This is the id of a marketplace. The merchant token is your own: in Seller Central under Settings, Account Info, Merchant Token.".into()));
    }
    let valid = (10..=21).contains(&seller.len())
        && seller.starts_with('A')
        && seller.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    (!valid).then(|| {
        problem(
            "seller_id",
            "This is not a merchant token: it begins with A and has only capital letters and digits, like A2EXAMPLE1234. In Seller Central: Settings, Account Info, Merchant Token.".into(),
        )
    })
}

fn id_problem(id: &str) -> Option<FieldProblem> {
    if id.is_empty() || is_client_id(id) {
        return None;
    }
    let sentence = if id.starts_with("amzn1.sp.solution.") {
        "This is the app's id. The client identifier is behind \"View\" in the column LWA credentials; it begins with amzn1.application-oa2-client."
    } else if id.starts_with("amzn1.oa2-cs.") {
        "This is the client secret. The client identifier begins with amzn1.application-oa2-client."
    } else {
        "This is not a client identifier: it begins with amzn1.application-oa2-client."
    };
    Some(problem("client_id", sentence.into()))
}

fn is_client_id(text: &str) -> bool {
    text.starts_with("amzn1.application-oa2-client.")
}

fn problem(field: &str, sentence: String) -> FieldProblem {
    FieldProblem { field: field.into(), sentence }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ID: &str = "amzn1.application-oa2-client.0123456789abcdef";
    const SECRET: &str = "amzn1.oa2-cs.v1.fedcba9876543210fedcba98";
    const TOKEN: &str = "Atzr|IwEBIexample";

    fn check(changes: &[(&str, &str)]) -> Result<BTreeMap<String, String>, Vec<FieldProblem>> {
        let good = [
            ("region", "EU"),
            ("seller_id", "A2EXAMPLE1234"),
            ("client_id", ID),
            ("client_secret", SECRET),
            ("refresh_token", TOKEN),
            ("secret_made_on", "2026-10-01"),
        ];
        let fields = good.iter().chain(changes).map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        check_fields(PRIVATE_APP, &fields.collect(), false)
    }

    #[test]
    fn a_region_is_whatever_names_it() {
        for (pasted, code) in [("Germany's amazon.de", None), ("amazon.de", Some("eu")), ("us", Some("na"))] {
            assert_eq!(check(&[("region", pasted)]).ok().map(|fields| fields["region"].clone()).as_deref(), code);
        }
    }

    #[test]
    fn mix_ups_are_named() {
        for (field, pasted, word) in [
            ("region", "the moon", "no region"),
            ("seller_id", "A1PA6795UKMFR9", "marketplace"),
            ("seller_id", "Harbour Goods", "merchant token"),
            ("seller_id", "", "is empty"),
            ("client_id", "amzn1.sp.solution.1234", "LWA credentials"),
            ("client_id", SECRET, "client secret"),
            ("client_id", "abc", "begins with"),
            ("client_secret", TOKEN, "refresh token"),
            ("client_secret", ID, "client identifier again"),
            ("refresh_token", "Atza|abc", "ends after an hour"),
            ("refresh_token", SECRET, "begins with Atzr"),
            ("secret_made_on", "some day", "is not a day"),
        ] {
            let problems = check(&[(field, pasted)]).unwrap_err();
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert_eq!(problems[0].field, field);
            assert!(problems[0].sentence.contains(word), "{problems:?}");
            assert!(!problems[0].sentence.contains("fedcba98"), "a sentence repeats a secret");
        }
    }

    #[test]
    fn pasted_keys_are_mended() {
        let cleaned = check(&[("client_id", &format!("  {ID}\n")), ("refresh_token", "\"Atzr|Iw EBI\nexample\"")]);
        assert_eq!(cleaned.unwrap()["refresh_token"], TOKEN);
        assert!(check(&[("secret_made_on", "")]).is_ok(), "the day may be unknown");
    }
}
