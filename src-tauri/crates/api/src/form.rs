//! A filled-in connection form: cleaned, checked, split into what may be stored and what may not. Pure.

use crate::view::{ConnectionDraft, TestResult, Trouble};
use quayside_connectors::connector::{FieldProblem, Platform, Secrets};
use quayside_connectors::door::is_loopback;
use quayside_model::{CheckState, ConnectionId, FieldShape, Preflight, SecretString, Way};
use std::collections::{BTreeMap, BTreeSet};

/// A form that may be tried.
pub struct Form {
    /// The platform.
    pub platform: &'static Platform,
    /// The way of signing in.
    pub way: &'static Way,
    /// Plain fields, cleaned.
    pub fields: BTreeMap<String, String>,
    /// Secret fields, cleaned.
    pub secrets: Secrets,
    /// Loopback address of a stand-in.
    pub base_url: Option<String>,
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Form")
            .field("platform", &self.platform.declaration.platform)
            .field("way", &self.way.id)
            .field("fields", &self.fields.keys().collect::<Vec<_>>())
            .field("secrets", &self.secrets.len())
            .finish_non_exhaustive()
    }
}

/// Fields under the names the form gives them. Where a field is given under both, the form's own name wins.
pub fn renamed(given: BTreeMap<String, String>, aliases: &[(&'static str, &'static str)]) -> BTreeMap<String, String> {
    let (other, mut own): (BTreeMap<_, _>, BTreeMap<_, _>) =
        given.into_iter().partition(|(name, _)| aliases.iter().any(|(alias, _)| alias == name));
    for (alias, name) in aliases {
        if let Some(value) = other.get(*alias) {
            own.entry((*name).to_owned()).or_insert_with(|| value.clone());
        }
    }
    own
}

/// Reads a form, or says per field what is wrong with it.
pub fn read(draft: &ConnectionDraft) -> Result<Form, Vec<FieldProblem>> {
    let one = |field: &str, sentence: String| vec![FieldProblem { field: field.to_owned(), sentence }];
    let platform = quayside_connectors::platform(&draft.platform).ok_or_else(|| {
        let known: Vec<&str> =
            quayside_connectors::registry().iter().map(|platform| platform.declaration.platform).collect();
        one(
            "platform",
            format!("Quayside does not know a platform \"{}\". There are: {}.", draft.platform, known.join(", ")),
        )
    })?;
    let declaration = platform.declaration;
    let mut given = renamed(draft.fields.clone(), platform.aliases);
    let base_url = draft.base_url.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    if base_url.is_some() {
        // What a stand-in hands out may hold more than the platform needs.
        given.retain(|name, _| declaration.ways.iter().any(|way| way.fields.iter().any(|field| field.name == name)));
    }
    let way = way_for(&draft.way, declaration.ways, &given).ok_or_else(|| {
        let known: Vec<&str> = declaration.ways.iter().map(|way| way.id).collect();
        one(
            "way",
            format!(
                "{} knows no way to sign in called \"{}\". There are: {}.",
                declaration.title,
                draft.way,
                known.join(", ")
            ),
        )
    })?;
    let mut problems = Vec::new();
    for name in given.keys().filter(|name| !way.fields.iter().any(|field| field.name == name.as_str())) {
        let known: Vec<&str> = way.fields.iter().map(|field| field.name).collect();
        problems.push(FieldProblem {
            field: name.clone(),
            sentence: format!(
                "\"{name}\" is not a field of {} ({}). There are: {}.",
                declaration.title,
                way.title,
                known.join(", ")
            ),
        });
    }
    if let Some(problem) = base_url.as_deref().and_then(base_url_problem) {
        problems.push(FieldProblem { field: "base_url".into(), sentence: problem });
    }
    let mut typed = given;
    if base_url.is_some() {
        // A stand-in is reached at its own address: the platform's host is then only a name, and may be left out.
        for field in way.fields.iter().filter(|field| field.shape == FieldShape::Host && !field.optional) {
            let value = typed.entry(field.name.to_owned()).or_default();
            if value.trim().is_empty() {
                field.placeholder.clone_into(value);
            }
        }
    }
    match (platform.check_fields)(way.id, &typed, base_url.is_some()) {
        Ok(cleaned) if problems.is_empty() => {
            let (secret, plain): (BTreeMap<String, String>, BTreeMap<String, String>) = cleaned
                .into_iter()
                .partition(|(name, _)| way.fields.iter().any(|field| field.secret && field.name == name));
            let secrets = secret
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| (name, SecretString::from(value)));
            let fields = plain.into_iter().filter(|(_, value)| !value.is_empty());
            Ok(Form { platform, way, fields: fields.collect(), secrets: secrets.collect(), base_url })
        }
        Ok(_) => Err(problems),
        Err(more) => {
            problems.extend(more);
            Err(problems)
        }
    }
}

/// The way whose fields were given: the one named, else the first that knows all of them and misses
/// none it needs, so that a terminal need not name it.
pub fn way_for<'a>(named: &str, ways: &'a [Way], given: &BTreeMap<String, String>) -> Option<&'a Way> {
    if !named.is_empty() {
        return ways.iter().find(|way| way.id == named);
    }
    let knows = |way: &&Way| given.keys().all(|name| way.fields.iter().any(|field| field.name == name));
    let complete = |way: &&Way| {
        way.fields
            .iter()
            .all(|field| field.optional || given.get(field.name).is_some_and(|value| !value.trim().is_empty()))
    };
    let known = |way: &&Way| way.fields.iter().filter(|field| given.contains_key(field.name)).count();
    // The first of those that know most of what was given.
    let nearest = || ways.iter().rev().max_by_key(known);
    ways.iter().find(|way| knows(way) && complete(way)).or_else(|| ways.iter().find(knows)).or_else(nearest)
}

/// The door refuses the same when it opens; saying it at the field comes first.
fn base_url_problem(text: &str) -> Option<String> {
    let what = match url::Url::parse(text) {
        Err(_) => "is not an address",
        Ok(url) if !matches!(url.scheme(), "http" | "https") => "is neither http nor https",
        Ok(url) if !is_loopback(&url) => "is not on this computer",
        Ok(_) => return None,
    };
    Some(format!(
        "{text} {what}. Another address than the platform's own is allowed for this computer only, like http://127.0.0.1:8080. \
         Leave it empty for a real account."
    ))
}

/// The first problem as trouble with its field.
pub fn trouble(problems: &[FieldProblem]) -> Trouble {
    match problems {
        [] => Trouble::input("The form is not complete."),
        [only] => Trouble::field(&only.field, &only.sentence),
        [first, ..] => Trouble::field(
            &first.field,
            problems.iter().map(|problem| problem.sentence.as_str()).collect::<Vec<_>>().join(" "),
        ),
    }
}

/// The checklist of a form that was not even tried.
pub fn not_tried(problems: Vec<FieldProblem>) -> TestResult {
    TestResult {
        ok: false,
        account_name: None,
        checks: Vec::new(),
        state: CheckState::Missing,
        problems: problems.into_iter().map(|problem| (problem.field, problem.sentence)).collect(),
    }
}

/// The checklist of one that was.
pub fn tried(preflight: &Preflight) -> TestResult {
    let worst = |state: CheckState| preflight.checks.iter().any(|check| check.state == state);
    let state = if !preflight.can_connect() || worst(CheckState::Missing) {
        CheckState::Missing
    } else if worst(CheckState::Limited) {
        CheckState::Limited
    } else {
        CheckState::Works
    };
    TestResult {
        ok: preflight.can_connect(),
        account_name: preflight.account.as_ref().map(|account| account.name.clone()),
        checks: preflight.checks.clone(),
        state,
        problems: Vec::new(),
    }
}

/// The name a person typed, or a sentence. `taken` are the names of the other connections.
pub fn name(typed: &str, fallback: Option<&str>, taken: &BTreeSet<String>) -> Result<String, Trouble> {
    let name = if typed.trim().is_empty() { fallback.unwrap_or_default() } else { typed };
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Err(Trouble::field("name", "Give the connection a name, so that orders can say where they come from."));
    }
    if name.chars().count() > 60 {
        return Err(Trouble::field(
            "name",
            "The name is longer than 60 characters and would not fit beside an order. Shorten it.",
        ));
    }
    if taken.iter().any(|other| other.to_lowercase() == name.to_lowercase()) {
        return Err(Trouble::field(
            "name",
            format!("Another connection is called \"{name}\" already. Choose a name that tells them apart."),
        ));
    }
    Ok(name)
}

/// A slug of the name that was never used in this profile: `harbour-goods`, `harbour-goods-2`.
pub fn slug(name: &str, used: impl Fn(&ConnectionId) -> bool) -> ConnectionId {
    let mut slug = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        match letter {
            'ä' => slug.push_str("ae"),
            'ö' => slug.push_str("oe"),
            'ü' => slug.push_str("ue"),
            'ß' => slug.push_str("ss"),
            letter if letter.is_ascii_alphanumeric() => slug.push(letter),
            _ if !slug.ends_with('-') && !slug.is_empty() => slug.push('-'),
            _ => {}
        }
        if slug.len() >= 40 {
            break;
        }
    }
    let stem = slug.trim_matches('-');
    let stem = if stem.is_empty() { "account" } else { stem };
    let first = ConnectionId::new(stem);
    if !used(&first) {
        return first;
    }
    (2..u32::MAX).map(|n| ConnectionId::new(format!("{stem}-{n}"))).find(|id| !used(id)).unwrap_or(first)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_short_plain_and_never_used_twice() {
        let used = BTreeSet::from([ConnectionId::new("harbour-goods"), ConnectionId::new("harbour-goods-2")]);
        for (name, expected) in [
            ("Harbour Goods", "harbour-goods-3"),
            ("  Möbel & Söhne GmbH ", "moebel-soehne-gmbh"),
            ("日本の店", "account"),
            ("---", "account"),
            (&"x".repeat(99), &"x".repeat(40)),
        ] {
            assert_eq!(slug(name, |id| used.contains(id)).as_str(), expected, "{name}");
        }
    }

    #[test]
    fn names_tell_connections_apart() {
        let taken = BTreeSet::from(["Harbour Goods".to_owned()]);
        assert_eq!(name("  Harbour   Outlet ", None, &taken).unwrap(), "Harbour Outlet");
        assert_eq!(name("", Some("From the platform"), &taken).unwrap(), "From the platform");
        for (typed, sentence) in
            [("", "Give the connection a name"), ("harbour goods", "already"), (&"x".repeat(61), "Shorten it")]
        {
            let trouble = name(typed, None, &taken).unwrap_err();
            assert_eq!(trouble.field.as_deref(), Some("name"));
            assert!(trouble.sentence.contains(sentence), "{trouble}");
        }
    }

    #[test]
    fn another_address_must_be_on_this_computer() {
        for (text, fine) in [
            ("http://127.0.0.1:8080", true),
            ("http://localhost:8080/shop", true),
            ("http://[::1]:9", true),
            ("https://evil.example", false),
            ("http://127.0.0.1.evil.example", false),
            ("http://10.0.0.2", false),
            ("ftp://127.0.0.1", false),
            ("127.0.0.1:8080", false),
            ("nonsense", false),
        ] {
            assert_eq!(base_url_problem(text).is_none(), fine, "{text}");
        }
    }

    #[test]
    fn a_stand_in_hands_out_what_it_likes() {
        for (platform, fields) in [
            ("shopify", &[("access_token", "test")][..]),
            ("shopify", &[("token", "test"), ("shop", "127.0.0.1:80"), ("note", "extra")]),
            ("shopify", &[("shop_domain", "shop.example"), ("client_id", "a"), ("client_secret", "b")]),
            ("shipstation", &[("api_key", "a"), ("api_secret", "b")]),
            ("shipstation", &[("v2_key", "c")]),
            ("bigcommerce", &[("store_hash", "abc123"), ("access_token", "test")]),
            (
                "amazon",
                &[
                    ("region", "EU"),
                    ("seller_id", "me"),
                    ("client_id", "a"),
                    ("client_secret", "b"),
                    ("refresh_token", "c"),
                ],
            ),
            ("salesforce", &[("client_id", "a"), ("client_secret", "b")]),
        ] {
            let draft = |base_url: Option<&str>| ConnectionDraft {
                platform: platform.into(),
                way: String::new(),
                name: "A".into(),
                fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
                base_url: base_url.map(str::to_owned),
            };
            let read_there = read(&draft(Some("http://127.0.0.1:8080")));
            assert!(read_there.is_ok(), "{platform} {fields:?}: {:?}", read_there.err());
            assert!(read(&draft(None)).is_err(), "{platform} {fields:?} is no account of the platform's own");
        }
    }

    #[test]
    fn other_names_of_fields_are_understood() {
        use quayside_model::ExposeSecret as _;
        let draft = |fields: &[(&str, &str)]| ConnectionDraft {
            platform: "shipstation".into(),
            way: String::new(),
            name: "A".into(),
            fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            base_url: None,
        };
        let form = read(&draft(&[("api_key", "0123456789abcdef"), ("api_secret", "fedcba9876543210")])).unwrap();
        assert_eq!(form.way.id, "v1");
        assert_eq!(form.secrets["key"].expose_secret(), "0123456789abcdef");
        assert_eq!(form.secrets["secret"].expose_secret(), "fedcba9876543210");
        // The form's own name wins.
        let form =
            read(&draft(&[("api_key", "xxxxxxxxxxxx"), ("key", "0123456789abcdef"), ("secret", "fedcba9876543210")]));
        assert_eq!(form.unwrap().secrets["key"].expose_secret(), "0123456789abcdef");
        let problems = read(&draft(&[("password", "x")])).unwrap_err();
        assert!(problems.iter().any(|problem| problem.field == "password"), "{problems:?}");
    }

    #[test]
    fn a_draft_never_shows_what_was_typed() {
        let draft = ConnectionDraft {
            platform: "shopify".into(),
            way: String::new(),
            name: "A".into(),
            fields: BTreeMap::from([("client_secret".to_owned(), "canary".to_owned())]),
            base_url: None,
        };
        assert!(!format!("{draft:?}").contains("canary"));
    }

    #[test]
    fn an_unknown_platform_names_the_known_ones() {
        let draft = ConnectionDraft {
            platform: "etsy".into(),
            way: String::new(),
            name: "A".into(),
            fields: BTreeMap::new(),
            base_url: None,
        };
        let problems = read(&draft).unwrap_err();
        assert_eq!(problems[0].field, "platform");
        assert!(problems[0].sentence.contains("shopify"), "{}", problems[0].sentence);
    }

    #[test]
    fn the_credentials_choose_the_way() {
        use quayside_model::{CredentialField, FieldShape};
        const fn field(name: &'static str, secret: bool) -> CredentialField {
            CredentialField {
                name,
                label: name,
                help: "",
                placeholder: "",
                secret,
                optional: false,
                shape: FieldShape::Token,
            }
        }
        const WAYS: &[Way] = &[
            Way {
                id: "client",
                title: "",
                steps: &[],
                fields: &[field("shop", false), field("client_id", false), field("client_secret", true)],
            },
            Way { id: "token", title: "", steps: &[], fields: &[field("shop", false), field("token", true)] },
        ];
        let given =
            |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), "x".to_owned())).collect::<BTreeMap<_, _>>();
        for (named, names, id) in [
            ("", &["shop", "token"][..], Some("token")),
            ("", &["shop", "client_id", "client_secret"][..], Some("client")),
            ("", &["shop"][..], Some("client")),
            ("", &["nonsense"][..], Some("client")),
            ("token", &["shop"][..], Some("token")),
            ("magic", &["shop"][..], None),
        ] {
            assert_eq!(way_for(named, WAYS, &given(names)).map(|way| way.id), id, "{named} {names:?}");
        }
    }
}
