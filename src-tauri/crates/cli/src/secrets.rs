//! Secrets on their way in: standard input or a named environment variable, never an argument.
//!
//! What was read is wiped when it is dropped. Sentences name sources and fields, never values.

use crate::output::Failure;
use quayside_model::Way;
use std::collections::BTreeMap;
use std::io::Read;
use zeroize::Zeroizing;

/// Longest thing that is read, bytes: credentials are short; a file piped in by mistake is not.
const MAX_BYTES: u64 = 64 * 1024;

/// Where texts come from; a test brings its own.
pub struct Sources<'a> {
    /// Standard input.
    pub stdin: &'a mut dyn Read,
    /// The environment.
    pub env: &'a dyn Fn(&str) -> Option<String>,
}

impl Sources<'_> {
    /// One text from `-` or `env:NAME`, without the line break at its end.
    pub fn text(&mut self, source: &str, option: &str) -> Result<Zeroizing<String>, Failure> {
        if source == "-" {
            let mut text = Zeroizing::new(String::new());
            let read = self.stdin.take(MAX_BYTES + 1).read_to_string(&mut text);
            read.map_err(|error| Failure::input(format!("Standard input could not be read ({error}).")))?;
            if text.len() as u64 > MAX_BYTES {
                return Err(Failure::input(
                    "Standard input holds more than 64 kB; credentials are shorter. Check what is piped in.",
                ));
            }
            let text = Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned());
            if text.is_empty() {
                return Err(Failure::input(format!("Nothing came on standard input, but {option} says it is there.")));
            }
            return Ok(text);
        }
        if let Some(name) = source.strip_prefix("env:") {
            return match (self.env)(name) {
                Some(text) if !text.is_empty() => Ok(Zeroizing::new(text)),
                _ => Err(Failure::input(format!(
                    "The environment variable {name} is empty or not set, but {option} names it."
                ))),
            };
        }
        // Whatever it is, it may be the secret itself: it is not repeated.
        Err(Failure::input(format!(
            "{option} takes `-` (standard input) or `env:NAME`. A secret itself is never an argument: other programs on this computer can read arguments. \
             If one was typed just now, consider replacing it."
        )))
    }
}

/// `--secrets-from`, all its parts together: field → value.
pub fn fields(parts: &[String], sources: &mut Sources<'_>) -> Result<BTreeMap<String, String>, Failure> {
    let mut out = BTreeMap::new();
    for part in parts {
        if let Some((field, source)) =
            part.split_once('=').filter(|(_, source)| source.starts_with("env:") || *source == "-")
        {
            let text = sources.text(source, "--secrets-from")?;
            out.insert(field.to_owned(), text.to_string());
            continue;
        }
        let text = sources.text(part, "--secrets-from")?;
        let parsed: serde_json::Value = serde_json::from_str(&text).map_err(|_| not_json(part))?;
        let serde_json::Value::Object(map) = parsed else { return Err(not_json(part)) };
        for (field, value) in map {
            match value {
                serde_json::Value::String(text) => drop(out.insert(field, text)),
                serde_json::Value::Null => {}
                _ => return Err(Failure::input(format!("The field \"{field}\" in {} is not a text.", place(part)))),
            }
        }
    }
    Ok(out)
}

fn place(source: &str) -> String {
    if source == "-" { "standard input".into() } else { source.replacen("env:", "the environment variable ", 1) }
}

fn not_json(source: &str) -> Failure {
    Failure::input(format!(
        "{} does not hold a JSON object of field → value, like {{\"client_id\": \"…\", \"client_secret\": \"…\"}}. \
         For a single value write --secrets-from FIELD=env:NAME.",
        capital(&place(source))
    ))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `--field k=v`, all of them. A secret field is refused: the sentence says how it is given instead.
/// `aliases` are other names of fields: (other, ours).
pub fn plain_fields(
    typed: &[String],
    ways: &[Way],
    aliases: &[(&str, &str)],
) -> Result<BTreeMap<String, String>, Failure> {
    let mut out = BTreeMap::new();
    for text in typed {
        let Some((name, value)) = text.split_once('=') else {
            // Not repeated either: it may be a pasted key.
            return Err(Failure::input("--field takes NAME=VALUE, like --field shop=harbour-goods.myshopify.com."));
        };
        let name = name.trim();
        let ours = aliases.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, ours)| ours);
        if ways.iter().flat_map(|way| way.fields).any(|field| field.name == ours && field.secret) {
            return Err(Failure::input(format!(
                "\"{name}\" is a secret and is never taken as an argument: other programs on this computer can read arguments. \
                 Give it with --secrets-from - (a JSON object on standard input) or --secrets-from {name}=env:NAME. \
                 If the real one was typed just now, consider replacing it."
            )));
        }
        out.insert(name.to_owned(), value.to_owned());
    }
    Ok(out)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
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

    fn read(parts: &[&str], stdin: &str) -> Result<BTreeMap<String, String>, Failure> {
        let parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
        let env = |name: &str| (name == "TOKEN").then(|| "shpat_canary".to_owned());
        fields(&parts, &mut Sources { stdin: &mut stdin.as_bytes(), env: &env })
    }

    #[test]
    fn secrets_come_from_the_two_places_they_may_come_from() {
        assert_eq!(read(&["-"], "{\"a\": \"1\", \"b\": null}\n").unwrap(), BTreeMap::from([("a".into(), "1".into())]));
        assert_eq!(read(&["token=env:TOKEN"], "").unwrap(), BTreeMap::from([("token".into(), "shpat_canary".into())]));
        assert_eq!(read(&["token=-"], "abc\r\n").unwrap(), BTreeMap::from([("token".into(), "abc".into())]));
    }

    #[test]
    fn everything_else_is_refused_without_repeating_it() {
        for (parts, stdin, sentence) in [
            (&["shpat_canary"][..], "", "never an argument"),
            (&["token=shpat_canary"][..], "", "never an argument"),
            (&["-"][..], "shpat_canary", "JSON object"),
            (&["-"][..], "[\"shpat_canary\"]", "JSON object"),
            (&["-"][..], "{\"a\": {\"b\": \"canary\"}}", "is not a text"),
            (&["-"][..], "", "Nothing came on standard input"),
            (&["env:NOWHERE"][..], "", "is empty or not set"),
            (&["env:TOKEN"][..], "", "JSON object"),
        ] {
            let failure = read(parts, stdin).unwrap_err();
            assert!(failure.sentence.contains(sentence), "{parts:?}: {}", failure.sentence);
            assert!(!failure.sentence.contains("canary"), "{parts:?}: {}", failure.sentence);
        }
        assert!(read(&["-"], &"x".repeat(70_000)).unwrap_err().sentence.contains("64 kB"));
    }

    #[test]
    fn a_secret_field_is_not_taken_as_an_argument() {
        let failure = plain_fields(&["token=shpat_canary".into()], WAYS, &[]).unwrap_err();
        assert!(
            failure.sentence.contains("\"token\" is a secret") && !failure.sentence.contains("canary"),
            "{}",
            failure.sentence
        );
        let by_another_name = plain_fields(&["pass=shpat_canary".into()], WAYS, &[("pass", "token")]).unwrap_err();
        assert!(by_another_name.sentence.contains("is a secret"), "{}", by_another_name.sentence);
        assert_eq!(
            plain_fields(&["shop=a=b".into()], WAYS, &[]).unwrap(),
            BTreeMap::from([("shop".into(), "a=b".into())])
        );
        assert!(
            plain_fields(&["shpat_canary".into()], WAYS, &[])
                .is_err_and(|failure| !failure.sentence.contains("canary"))
        );
    }
}
