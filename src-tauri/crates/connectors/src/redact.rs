//! What may be repeated of a platform's words: no secrets, no e-mail addresses, no long walls of text.
//!
//! Platforms echo what they were sent ("invalid API key shpat_…", "customer jane@…
//! is …"). Whatever ends up in [`quayside_model::Refusal::said`] passes here first.

use quayside_model::{ExposeSecret, SecretString};

/// Longest quotation, in characters: enough for a sentence, not for a page.
pub const SAID_MAX: usize = 300;

/// Shortest secret worth hiding. Anything shorter would blank ordinary words.
const SECRET_MIN: usize = 6;

/// `text` in one line, without any of `secrets`, without e-mail addresses, cut at [`SAID_MAX`] characters.
pub fn quotable(text: &str, secrets: &[SecretString]) -> String {
    let mut text = text.to_owned();
    for secret in secrets {
        let secret = secret.expose_secret();
        if secret.chars().count() >= SECRET_MIN {
            text = text.replace(secret, "•••");
        }
    }
    let words: Vec<&str> =
        text.split_whitespace().map(|word| if looks_like_mail(word) { "•••@•••" } else { word }).collect();
    let line = words.join(" ");
    if line.chars().count() <= SAID_MAX {
        return line;
    }
    let mut cut: String = line.chars().take(SAID_MAX).collect();
    cut.push('…');
    cut
}

fn looks_like_mail(word: &str) -> bool {
    word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !word.starts_with("http"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_addresses_stay_out() {
        let secrets = [SecretString::from("shpat_canary0123"), SecretString::from("abc")];
        for (text, expected) in [
            ("Invalid API key shpat_canary0123.", "Invalid API key •••."),
            ("customer jane@example.org is\n unknown", "customer •••@••• is unknown"),
            ("abc is too short to hide", "abc is too short to hide"),
            ("look at https://x.example/@y.z", "look at https://x.example/@y.z"),
        ] {
            assert_eq!(quotable(text, &secrets), expected);
        }
    }

    #[test]
    fn a_page_becomes_a_sentence() {
        let quoted = quotable(&"é".repeat(1000), &[]);
        assert_eq!(quoted.chars().count(), SAID_MAX + 1);
    }
}
