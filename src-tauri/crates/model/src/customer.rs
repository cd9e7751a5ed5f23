//! Whom the customer of an order is taken for, in an account that keeps customers.
//!
//! Our own id is the strongest sign, then an e-mail. A telephone number, or a name with a postcode, is shared by families
//! and offices: nobody is linked by it until a person said so. What that person said stands in the record's own facts
//! ([`MEANT_FACT`]), so that a change says by itself whom it means.

use crate::{RecordDraft, Refusal};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// By what a customer of an account may be known, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum MatchKey {
    /// Our id of the customer stands on it.
    Reference,
    /// The same e-mail.
    Email,
    /// The same telephone number.
    Phone,
    /// The number of the order stands on it.
    OrderNumber,
    /// The same name and postcode.
    NamePostcode,
}

impl MatchKey {
    /// All of them, in the order in which they count.
    pub const ALL: [Self; 5] = [Self::Reference, Self::Email, Self::Phone, Self::OrderNumber, Self::NamePostcode];

    /// In words, without an article.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Reference => "our id",
            Self::Email => "e-mail",
            Self::Phone => "telephone number",
            Self::OrderNumber => "order number",
            Self::NamePostcode => "name and postcode",
        }
    }

    /// Several people may share it: alone it links nobody.
    #[must_use]
    pub fn is_weak(self) -> bool {
        matches!(self, Self::Phone | Self::NamePostcode)
    }
}

/// A customer of an account that could be meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CustomerLike {
    /// The account's id of it.
    pub remote_id: String,
    /// The strongest sign that it is meant.
    pub by: MatchKey,
    /// What stands there, by the words of [`crate::RecordNoun::facts`]; what the account did not tell is left out.
    pub facts: Vec<(String, String)>,
    /// Its page there, where the account has one.
    pub url: Option<String>,
}

/// Several customers could be meant, or one only by a weak sign: nothing was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerDoubt {
    /// What a person reads.
    pub refusal: Refusal,
    /// Our id of the customer.
    pub customer: String,
    /// Who could be meant, the likeliest first.
    pub candidates: Vec<CustomerLike>,
}

/// What a person said of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Meant {
    /// The one with this id at the account.
    This(String),
    /// None that is there: a new one is made.
    New,
}

/// Fact of a customer: whom a person said is meant.
pub const MEANT_FACT: &str = "meant";
/// Fact of a customer: the number of the order, to be known by. It is never written.
pub const ORDER_FACT: &str = "order_number";
/// Fact of a customer: what the desk last put into fields there, as the account's connector told it ([`Written`]), so that
/// what people changed since is told from what is still the desk's own. It is never written, and never stored with a change.
pub const WRITTEN_FACT: &str = "written";
/// How the account's own id is told from the word for a new one.
const THIS: &str = "is:";
const NEW: &str = "new";

impl Meant {
    /// As a fact of a record.
    #[must_use]
    pub fn fact(&self) -> (String, String) {
        let word = match self {
            Self::This(id) => format!("{THIS}{id}"),
            Self::New => NEW.to_owned(),
        };
        (MEANT_FACT.to_owned(), serde_json::Value::String(word).to_string())
    }
}

impl RecordDraft {
    /// Whom a person said is meant; `None`: nobody said.
    #[must_use]
    pub fn meant(&self) -> Option<Meant> {
        let word = self.fact(MEANT_FACT)?;
        match word.strip_prefix(THIS) {
            Some(id) if !id.is_empty() => Some(Meant::This(id.to_owned())),
            _ if word == NEW => Some(Meant::New),
            _ => None,
        }
    }
}

/// A fact by which a customer is only found, or told from people's own work: it is never written, and by itself no reason
/// to write anything.
#[must_use]
pub fn is_sign(fact: &str) -> bool {
    matches!(fact, MEANT_FACT | ORDER_FACT | WRITTEN_FACT)
}

/// What the desk put into the fields of a customer: by field, a word that tells the value from any other. It is not
/// readable, but guessable by who has the encrypted file and the customer's id. `None` in a change: the desk never wrote this customer, or does not know any more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Our id of the customer.
    pub customer: String,
    /// Field of the account → word of the value.
    pub fields: BTreeMap<String, String>,
}

impl Written {
    /// As a fact of a record.
    #[must_use]
    pub fn fact(&self) -> (String, String) {
        let words: serde_json::Map<String, serde_json::Value> =
            self.fields.iter().map(|(field, word)| (field.clone(), serde_json::Value::from(word.clone()))).collect();
        (WRITTEN_FACT.to_owned(), serde_json::Value::Object(words).to_string())
    }
}

impl RecordDraft {
    /// What the desk last put into fields of this customer; `None`: nobody knows.
    #[must_use]
    pub fn written(&self) -> Option<Written> {
        let fields = serde_json::from_str(&self.fact(WRITTEN_FACT)?).ok()?;
        Some(Written { customer: self.external_id.clone(), fields })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RecordNoun;

    fn draft(facts: Vec<(String, String)>) -> RecordDraft {
        RecordDraft {
            noun: RecordNoun::Customer,
            object: String::new(),
            external_id_field: String::new(),
            external_id: "customer-1".into(),
            fields: facts,
        }
    }

    #[test]
    fn what_was_meant_is_read_back() {
        for meant in [Meant::New, Meant::This("003A".into()), Meant::This("new".into()), Meant::This("is:x".into())] {
            assert_eq!(draft(vec![meant.fact()]).meant(), Some(meant));
        }
        for odd in ["\"is:\"", "\"old\"", "null", "7"] {
            assert_eq!(draft(vec![(MEANT_FACT.into(), odd.into())]).meant(), None, "{odd}");
        }
        assert_eq!(draft(vec![]).meant(), None);
    }

    #[test]
    fn only_what_is_one_persons_own_links() {
        let weak: Vec<MatchKey> = MatchKey::ALL.into_iter().filter(|key| key.is_weak()).collect();
        assert_eq!(weak, [MatchKey::Phone, MatchKey::NamePostcode]);
        assert!(MatchKey::ALL.is_sorted());
    }
}
