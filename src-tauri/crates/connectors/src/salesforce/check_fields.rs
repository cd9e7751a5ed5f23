//! A filled-in form, looked at before anything is sent: the usual mix-ups, each with a sentence.

use super::oauth::{PRODUCTION, SANDBOX};
use super::{BROWSER, CLIENT_CREDENTIALS, DECLARATION};
use crate::connector::FieldProblem;
use crate::fields::{clean, missing};
use std::collections::BTreeMap;

const MY_DOMAIN: &str = ".my.salesforce.com";

/// The cleaned fields, or what is wrong with them. A stand-in may hand out credentials of any shape.
pub fn check_fields(
    way: &str,
    fields: &BTreeMap<String, String>,
    stand_in: bool,
) -> Result<BTreeMap<String, String>, Vec<FieldProblem>> {
    let Some(way) = DECLARATION.ways.iter().find(|known| known.id == way) else {
        return Err(vec![problem(
            "way",
            format!("There is no way to sign in called \"{way}\". Choose {BROWSER} or {CLIENT_CREDENTIALS}."),
        )]);
    };
    let mut cleaned = clean(way, fields);
    if way.id == BROWSER && cleaned.get("login_host").is_none_or(String::is_empty) {
        cleaned.insert("login_host".into(), PRODUCTION.into());
    }
    let mut problems = missing(way, &cleaned);
    let [host, id, secret] =
        ["login_host", "client_id", "client_secret"].map(|name| cleaned.get(name).cloned().unwrap_or_default());
    match login_host(&host, way.id == CLIENT_CREDENTIALS) {
        Ok(host) => drop(cleaned.insert("login_host".into(), host)),
        Err(sentence) if !host.is_empty() => problems.push(problem("login_host", sentence)),
        Err(_) => {}
    }
    if id.contains('@') {
        problems.push(problem(
            "client_id",
            "This is a user name. The consumer key is on the app's settings page; it begins with 3MVG.".into(),
        ));
    } else if !id.is_empty() && !secret.is_empty() && secret.starts_with("3MVG") && !id.starts_with("3MVG") {
        problems.push(problem(
            "client_id",
            "This is the consumer secret. The key (it begins with 3MVG) and the secret are swapped.".into(),
        ));
    } else if !stand_in && !id.is_empty() && id.len() < 20 {
        problems.push(problem(
            "client_id",
            "This is too short for a consumer key. It begins with 3MVG and has about 85 characters.".into(),
        ));
    }
    if !secret.is_empty() && secret == id {
        problems.push(problem("client_secret", "This is the consumer key again. The secret is below it.".into()));
    }
    if problems.is_empty() { Ok(cleaned) } else { Err(problems) }
}

/// The host people of this org sign in at, from whatever was pasted.
fn login_host(pasted: &str, own_only: bool) -> Result<String, String> {
    let host = pasted.split('/').next().unwrap_or_default();
    if matches!(host, PRODUCTION | SANDBOX) {
        return if own_only {
            Err(format!(
                "Client credentials work at the org's own address only. In Salesforce: Setup, My Domain; it ends in {MY_DOMAIN}."
            ))
        } else {
            Ok(host.to_owned())
        };
    }
    if let Some(name) = host.strip_suffix(".lightning.force.com") {
        return Ok(format!("{}{MY_DOMAIN}", as_my_domain(name)));
    }
    if let Some(name) = host.strip_suffix(".my.salesforce-setup.com") {
        return Ok(format!("{name}{MY_DOMAIN}"));
    }
    let name = host.strip_suffix(MY_DOMAIN).or((!host.contains('.')).then_some(host));
    let labels = name.map(|name| name.split('.').collect::<Vec<_>>()).unwrap_or_default();
    let fine = |label: &&str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    match labels.as_slice() {
        [_] | [_, "sandbox" | "develop" | "scratch" | "trailblaze" | "demo" | "free"] if labels.iter().all(fine) => {
            Ok(format!("{}{MY_DOMAIN}", labels.join(".")))
        }
        _ => Err(format!(
            "\"{pasted}\" is not an address of Salesforce. Use {PRODUCTION}, {SANDBOX}, or the org's own address: NAME{MY_DOMAIN}, for a sandbox NAME--SANDBOX.sandbox{MY_DOMAIN}."
        )),
    }
}

/// The name of an org's pages is the name of its API, but for the marks of sandboxes.
fn as_my_domain(name: &str) -> String {
    match name.split_once("--") {
        Some(_) if !name.ends_with(".sandbox") => format!("{name}.sandbox"),
        _ => name.to_owned(),
    }
}

fn problem(field: &str, sentence: String) -> FieldProblem {
    FieldProblem { field: field.into(), sentence }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const KEY: &str = "3MVG9lKcPoNINVBIPJjdw1J9LLM82HnFVVX19KY1uA5mu0QqEWhqKpoW3svG3XHrXDiCQjK1mdgAvhCscA9GE";

    fn check(way: &str, fields: &[(&str, &str)]) -> Result<BTreeMap<String, String>, Vec<FieldProblem>> {
        check_fields(way, &fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(), false)
    }

    #[test]
    fn whatever_names_the_org_becomes_where_it_signs_in() {
        for (pasted, host) in [
            ("", "login.salesforce.com"),
            ("https://test.salesforce.com/", "test.salesforce.com"),
            ("https://Harbour.my.salesforce.com/home", "harbour.my.salesforce.com"),
            ("harbour--qa.sandbox.my.salesforce.com", "harbour--qa.sandbox.my.salesforce.com"),
            ("https://harbour.lightning.force.com/lightning/page/home", "harbour.my.salesforce.com"),
            ("harbour--qa.sandbox.lightning.force.com", "harbour--qa.sandbox.my.salesforce.com"),
            ("harbour.my.salesforce-setup.com", "harbour.my.salesforce.com"),
            ("harbour-dev-ed.develop.my.salesforce.com", "harbour-dev-ed.develop.my.salesforce.com"),
            ("harbour", "harbour.my.salesforce.com"),
        ] {
            let cleaned =
                check(BROWSER, &[("login_host", pasted), ("client_id", KEY), ("refresh_token", "5Aep861")]).unwrap();
            assert_eq!(cleaned["login_host"], host, "{pasted}");
        }
    }

    #[test]
    fn mix_ups_are_named() {
        for (way, host, id, secret, field, word) in [
            (CLIENT_CREDENTIALS, "login.salesforce.com", KEY, "s3cret-s3cret", "login_host", "own address"),
            (
                CLIENT_CREDENTIALS,
                "harbour.example.com",
                KEY,
                "s3cret-s3cret",
                "login_host",
                "not an address of Salesforce",
            ),
            (CLIENT_CREDENTIALS, "harbour", "ada@harbour.example", "s3cret-s3cret", "client_id", "user name"),
            (CLIENT_CREDENTIALS, "harbour", "A1B2C3", KEY, "client_id", "swapped"),
            (CLIENT_CREDENTIALS, "harbour", "A1B2C3", "s3cret", "client_id", "too short"),
            (CLIENT_CREDENTIALS, "harbour", KEY, KEY, "client_secret", "key again"),
            (CLIENT_CREDENTIALS, "", KEY, "s3cret", "login_host", "is empty"),
            ("password", "harbour", KEY, "s3cret", "way", "no way to sign in"),
        ] {
            let problems =
                check(way, &[("login_host", host), ("client_id", id), ("client_secret", secret)]).unwrap_err();
            let found = problems.iter().find(|problem| problem.field == field);
            assert!(found.is_some_and(|problem| problem.sentence.contains(word)), "{field} {word}: {problems:?}");
        }
    }
}
