//! A buyer as somebody at the desk looks for one: by an e-mail address, a telephone number or a name, in all accounts.
//!
//! Records are gone through one by one instead of asking the search index: it holds no telephone numbers, and who asks for
//! all that is known of a person gets all of it.

use crate::error::{StoreError, Tried};
use crate::store::Reader;
use crate::table::record::record_from;
use crate::words;
use quayside_model::{Address, ConnectionId, Order, OrderId, Record, RecordKind};

/// Digits from which on a number is somebody's.
const DIGITS_MIN: usize = 7;
/// Digits that tell two numbers apart: country and trunk prefixes are written or not.
const DIGITS_TELLING: usize = 9;
/// Letters from which on a name is one.
const LETTERS_MIN: usize = 3;

/// Whom to look for. What is in it is folded: small letters, digits only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Buyer {
    /// Who has this address.
    Email(String),
    /// Who has this number, with whatever prefix.
    Phone(String),
    /// Who is called exactly so. Several people may be.
    Name(String),
}

/// Where a buyer was met.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Met {
    /// In an order, or in what a hub has of it.
    Order(OrderId),
    /// In a hub order that belongs to no order here.
    Stray(ConnectionId, String),
}

pub(crate) fn fold_email(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    (text.contains('@') && text.len() > 2).then_some(text)
}

pub(crate) fn fold_phone(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    (digits.len() >= DIGITS_MIN).then(|| digits[digits.len().saturating_sub(DIGITS_TELLING)..].to_owned())
}

fn fold_name(text: &str) -> String {
    text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

impl Buyer {
    /// What was typed: with an `@` an address, of digits a number, else a name. `None`: too little to go by.
    pub fn parse(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        if typed.contains('@') {
            return fold_email(typed).map(Self::Email);
        }
        if typed.chars().all(|c| c.is_ascii_digit() || " +-()/.".contains(c)) {
            return fold_phone(typed).map(Self::Phone);
        }
        let letters = typed.chars().filter(|c| c.is_alphanumeric()).count();
        (letters >= LETTERS_MIN).then(|| Self::Name(fold_name(typed)))
    }

    /// Stable word: `email`, `phone` or `name`.
    pub fn by(&self) -> &'static str {
        match self {
            Self::Email(_) => "email",
            Self::Phone(_) => "phone",
            Self::Name(_) => "name",
        }
    }

    /// It is this buyer's order.
    pub fn bought(&self, order: &Order) -> bool {
        let mut addresses = [&order.ship_to, &order.bill_to].into_iter().flatten();
        let customer = order.customer.as_ref();
        match self {
            Self::Email(email) => {
                customer.and_then(|customer| fold_email(&customer.email)).is_some_and(|theirs| theirs == *email)
            }
            Self::Phone(_) => {
                customer.is_some_and(|customer| self.is_called(&customer.phone))
                    || addresses.any(|address| self.lives_at(address))
            }
            Self::Name(name) => {
                customer.is_some_and(|customer| fold_name(&customer.name) == *name)
                    || addresses.any(|address| self.lives_at(address))
            }
        }
    }

    fn is_called(&self, phone: &str) -> bool {
        matches!(self, Self::Phone(digits) if fold_phone(phone).is_some_and(|theirs| theirs == *digits))
    }

    fn lives_at(&self, address: &Address) -> bool {
        match self {
            Self::Email(_) => false,
            Self::Phone(_) => self.is_called(&address.phone),
            Self::Name(name) => fold_name(&address.name) == *name,
        }
    }
}

impl Reader<'_> {
    /// The orders a buyer is met in, one piece of the records: `after` is the `next` of the piece before (0 to begin). Orders
    /// whose personal data was taken out are nobody's.
    pub fn meet(&self, buyer: &Buyer, after: i64, limit: usize) -> Result<(Vec<Met>, Option<i64>), StoreError> {
        const TRIED: &str = "look for a buyer";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT id, connection_id, kind, remote_id, body FROM record NOT INDEXED
                 WHERE id > ?1 AND (kind = 'order' OR kind = 'hub_order') ORDER BY id LIMIT ?2",
            )
            .tried(TRIED)?;
        let mut rows = statement.query([after, limit as i64]).tried(TRIED)?;
        let (mut met, mut read, mut last) = (Vec::new(), 0, after);
        while let Some(row) = rows.next().tried(TRIED)? {
            read += 1;
            last = row.get(0).tried(TRIED)?;
            let kind = words::record_kind(&row.get::<_, String>(2).tried(TRIED)?)?;
            let body = row.get_ref(4).and_then(|body| Ok(body.as_blob()?)).tried(TRIED)?;
            let theirs = match record_from(self.pack, kind, body)? {
                Record::Order(order) => buyer.bought(&order),
                Record::HubOrder(order) => order.ship_to.iter().any(|address| buyer.lives_at(address)),
                Record::Parcel(_) | Record::Stock(_) | Record::Product(_) | Record::Return(_) | Record::Track(_) => {
                    false
                }
            };
            if !theirs {
                continue;
            }
            let connection = ConnectionId(row.get(1).tried(TRIED)?);
            let remote_id: String = row.get(3).tried(TRIED)?;
            let orders = self.orders_linked_to(&connection, kind, &remote_id)?;
            if orders.is_empty() && kind == RecordKind::HubOrder {
                met.push(Met::Stray(connection, remote_id));
            }
            met.extend(orders.into_iter().map(Met::Order));
        }
        Ok((met, (read == limit).then_some(last)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_says_what_it_is() {
        for (typed, buyer) in [
            (" Jane.Roe@Example.com ", Some(Buyer::Email("jane.roe@example.com".into()))),
            ("+49 (0)40 123-4567", Some(Buyer::Phone("401234567".into()))),
            ("040 1234567", Some(Buyer::Phone("401234567".into()))),
            ("Jane  ROE", Some(Buyer::Name("jane roe".into()))),
            ("東京 花子", Some(Buyer::Name("東京 花子".into()))),
            ("12", None),
            ("@", None),
            ("Jo", None),
            ("", None),
        ] {
            assert_eq!(Buyer::parse(typed), buyer, "{typed}");
        }
    }

    #[test]
    fn a_number_is_one_number_however_it_is_written() {
        let theirs = ["+4940 1234567", "0049-40-1234567", "040/1234567", "(040) 123 45 67"];
        let folded: Vec<_> = theirs.iter().map(|text| fold_phone(text)).collect();
        assert!(folded.iter().all(|one| *one == Some("401234567".into())), "{folded:?}");
        assert_ne!(fold_phone("040 1234568"), fold_phone("040 1234567"));
        assert_eq!(fold_phone("112"), None);
    }
}
