//! What stands in the search box, understood: words and tokens. Pure.
//!
//! ```text
//! anna is:late store:"Harbour Outlet" -country:DE age:>2d value:>=100
//! ```
//!
//! Words search everything an order can be found by; tokens narrow; `-` turns a
//! part around. Whatever is not understood is told in a sentence and never
//! silently dropped: an unknown token is searched as a word, a known token with
//! a value that makes no sense is left out.

use quayside_model::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use quayside_model::{Cause, Stage};

/// A search text, understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// All of them must hold.
    pub parts: Vec<Part>,
    /// What was not understood, in sentences.
    pub hints: Vec<String>,
}

/// One condition, maybe turned around.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// `-` stood in front: it must not hold.
    pub not: bool,
    /// The condition.
    pub term: Term,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// Found anywhere in the order.
    Words(String),
    /// `is:`
    Is(Is),
    /// `store:` part of a connection's name, or its id.
    Store(String),
    /// `hub:` the same for the account it is sent to.
    Hub(String),
    /// `sku:` parts of a line's SKU in a row, the last one maybe only begun.
    Sku(String),
    /// `tag:` exactly this tag, whatever the case.
    Tag(String),
    /// `country:` two letters.
    Country(String),
    /// `age:` time since it was bought.
    Age(Test),
    /// `value:` in thousandths of the currency's unit.
    Value {
        /// The comparison, in thousandths of a unit (a euro, a yen).
        test: Test,
        /// Only in this currency, if one was named (`value:>100EUR`).
        currency: Option<String>,
    },
    /// `cause:` an open exception of this cause.
    Cause(Cause),
    /// `waits:` the stable word of what it waits on.
    Waits(String),
    /// `service:` part of the service asked for.
    Service(String),
    /// `warehouse:` where it is packed or is to be: exactly this id or name, whatever the case.
    Warehouse(String),
    /// `carrier:` who moves a parcel of it, named the same way.
    Carrier(String),
    /// `stage:`
    Stage(Stage),
}

/// What `is:` knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is the word itself
pub enum Is {
    Open,
    Closed,
    Late,
    AtRisk,
    Today,
    Held,
    Unpaid,
    Paid,
    Asked,
    Shipped,
    Cancelled,
    Test,
    Stuck,
    Unfulfilled,
    /// Tagged `vip` in its store.
    Vip,
}

impl Is {
    const ALL: [(&'static str, Self); 15] = [
        ("open", Self::Open),
        ("closed", Self::Closed),
        ("late", Self::Late),
        ("at_risk", Self::AtRisk),
        ("today", Self::Today),
        ("held", Self::Held),
        ("unpaid", Self::Unpaid),
        ("paid", Self::Paid),
        ("asked", Self::Asked),
        ("shipped", Self::Shipped),
        ("cancelled", Self::Cancelled),
        ("test", Self::Test),
        ("stuck", Self::Stuck),
        ("unfulfilled", Self::Unfulfilled),
        ("vip", Self::Vip),
    ];
}

/// A comparison with a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Test {
    /// How.
    pub op: Op,
    /// With what.
    pub value: i64,
}

/// How to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Op {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

impl Test {
    /// It holds for `value`.
    pub fn holds(self, value: i64) -> bool {
        match self.op {
            Op::Less => value < self.value,
            Op::AtMost => value <= self.value,
            Op::Equal => value == self.value,
            Op::AtLeast => value >= self.value,
            Op::More => value > self.value,
        }
    }
}

const KEYS: &str =
    "is:, store:, hub:, sku:, tag:, country:, age:, value:, cause:, waits:, service:, warehouse:, carrier: and stage:";

/// Understands a search text.
pub fn read(text: &str) -> Query {
    let mut query = Query::default();
    for piece in pieces(text) {
        let (not, term) = match &piece.key {
            Some(key) => match token(key, &piece.value) {
                Ok(Some(term)) => (piece.not, term),
                Ok(None) => {
                    query.hints.push(format!(
                        "\"{key}:\" is not a filter here, so it was searched as a word. There are {KEYS}."
                    ));
                    (piece.not, Term::Words(format!("{key}:{}", piece.value)))
                }
                Err(hint) => {
                    query.hints.push(hint);
                    continue;
                }
            },
            None if piece.value.is_empty() => continue,
            None => (piece.not, Term::Words(piece.value)),
        };
        query.parts.push(Part { not, term });
    }
    query
}

/// A piece of the text between spaces.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    not: bool,
    key: Option<String>,
    value: String,
}

/// Splits at spaces outside quotes. A quote that is never closed ends with the text.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut letters = text.chars().peekable();
    loop {
        while letters.next_if(|c| c.is_whitespace()).is_some() {}
        if letters.peek().is_none() {
            return pieces;
        }
        let not = letters.next_if_eq(&'-').is_some();
        let (mut key, mut value, mut quoted) = (None, String::new(), false);
        while let Some(letter) = letters.next_if(|c| !c.is_whitespace()) {
            match letter {
                '"' | '“' | '”' | '„' => {
                    quoted = true;
                    value.extend(std::iter::from_fn(|| letters.next_if(|c| !is_double_quote(*c))));
                    letters.next();
                }
                ':' if key.is_none() && !quoted && is_key(&value) => {
                    key = Some(std::mem::take(&mut value).to_lowercase());
                }
                _ => value.push(letter),
            }
        }
        // A dash alone, or before nothing, is somebody still typing.
        if key.is_some() || !value.is_empty() {
            pieces.push(Piece { not, key, value: value.trim().to_owned() });
        }
    }
}

fn is_double_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„')
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic() || c == '_')
}

/// `Ok(None)`: no such filter. `Err`: the filter exists, the value makes no sense.
fn token(key: &str, value: &str) -> Result<Option<Term>, String> {
    let word = value.trim().to_lowercase().replace(['-', ' '], "_");
    let known = [
        "is",
        "store",
        "hub",
        "sku",
        "tag",
        "country",
        "age",
        "value",
        "cause",
        "waits",
        "service",
        "warehouse",
        "carrier",
        "stage",
    ];
    if !known.contains(&key) {
        return Ok(None);
    }
    if value.is_empty() {
        return Err(format!("\"{key}:\" has nothing behind it, so it was left out. {}", example(key)));
    }
    let refuse = |what: String| Err(format!("{what}, so it was left out. {}", example(key)));
    let term = match key {
        "is" => match Is::ALL.iter().find(|(name, _)| *name == word) {
            Some((_, is)) => Term::Is(*is),
            None => return refuse(format!("\"is:{value}\" is not a state")),
        },
        "store" => Term::Store(value.to_owned()),
        "hub" => Term::Hub(value.to_owned()),
        "sku" => Term::Sku(value.to_owned()),
        "tag" => Term::Tag(value.to_owned()),
        "country" => {
            if value.len() != 2 || !value.bytes().all(|b| b.is_ascii_alphabetic()) {
                return refuse(format!("\"{value}\" is not a country code of two letters"));
            }
            Term::Country(value.to_uppercase())
        }
        "age" => match age(value) {
            Some(test) => Term::Age(test),
            None => return refuse(format!("\"{value}\" is not a length of time")),
        },
        "value" => match amount(value) {
            Some((test, currency)) => Term::Value { test, currency },
            None => return refuse(format!("\"{value}\" is not an amount")),
        },
        "cause" => match Cause::from_code(&word) {
            Some(cause) => Term::Cause(cause),
            None => return refuse(format!("\"{value}\" is not a cause")),
        },
        "waits" => Term::Waits(value.trim().to_lowercase()),
        "service" => Term::Service(value.to_owned()),
        "warehouse" => Term::Warehouse(value.to_owned()),
        "carrier" => Term::Carrier(value.to_owned()),
        _ => match Stage::from_code(&word) {
            Some(stage) => Term::Stage(stage),
            None => return refuse(format!("\"{value}\" is not a stage")),
        },
    };
    Ok(Some(term))
}

fn example(key: &str) -> String {
    match key {
        "is" => format!("Known are {}.", list(Is::ALL.iter().map(|(name, _)| *name))),
        "cause" => "Examples: cause:unknown_sku, cause:address_missing, cause:late.".into(),
        "stage" => format!("Known are {}.", list(Stage::ALL.iter().map(|stage| stage.code()))),
        "age" => "Examples: age:>2d, age:<3h, age:>90m.".into(),
        "value" => "Examples: value:>100, value:<=19.90, value:>100EUR.".into(),
        "country" => "Example: country:DE.".into(),
        "store" => "Example: store:\"Harbour Outlet\".".into(),
        "hub" => "Example: hub:\"Harbour Shipping\".".into(),
        "sku" => "Example: sku:HG-LAMP.".into(),
        "tag" => "Example: tag:vip.".into(),
        "waits" => "Examples: waits:packing, waits:payment.".into(),
        "warehouse" => "Example: warehouse:\"Leipzig North\".".into(),
        "carrier" => "Example: carrier:ups.".into(),
        _ => "Example: service:express.".into(),
    }
}

fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

fn comparison(text: &str, bare: Op) -> (Op, &str) {
    for (sign, op) in [
        (">=", Op::AtLeast),
        ("<=", Op::AtMost),
        ("≥", Op::AtLeast),
        ("≤", Op::AtMost),
        (">", Op::More),
        ("<", Op::Less),
        ("=", Op::Equal),
    ] {
        if let Some(rest) = text.strip_prefix(sign) {
            return (op, rest.trim());
        }
    }
    (bare, text)
}

/// `>2d`, `<3h`, `90m`, `1w`; without a unit days. Without a sign "at least": nobody looks for orders of exactly two days.
fn age(text: &str) -> Option<Test> {
    let (op, rest) = comparison(text.trim(), Op::AtLeast);
    let split = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (number, unit) = rest.split_at(split);
    let unit_ms = match unit.trim().to_lowercase().as_str() {
        "m" | "min" | "minute" | "minutes" => MINUTE_MS,
        "h" | "hour" | "hours" => HOUR_MS,
        "" | "d" | "day" | "days" => DAY_MS,
        "w" | "week" | "weeks" => 7 * DAY_MS,
        _ => return None,
    };
    let thousandths = thousandths(number)?;
    Some(Test { op, value: thousandths.checked_mul(unit_ms)? / 1000 })
}

/// `>100`, `<=19.90`, `>100EUR`, `50 gbp`. Without a sign "exactly".
fn amount(text: &str) -> Option<(Test, Option<String>)> {
    let (op, rest) = comparison(text.trim(), Op::Equal);
    let split = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (number, currency) = rest.split_at(split);
    let currency = currency.trim();
    if !(currency.is_empty() || currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_alphabetic())) {
        return None;
    }
    let test = Test { op, value: thousandths(number.trim())? };
    Some((test, (!currency.is_empty()).then(|| currency.to_uppercase())))
}

/// A decimal number in thousandths; a comma counts as a point when it stands before one to three last digits.
fn thousandths(text: &str) -> Option<i64> {
    let text = text.replace(',', ".");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && part.is_empty()) || !digits(whole) || !digits(part) || part.len() > 3 {
        return None;
    }
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let part: i64 = format!("{part:0<3}").parse().ok()?;
    whole.checked_mul(1000)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(term: Term) -> Part {
        Part { not: false, term }
    }
    fn not(term: Term) -> Part {
        Part { not: true, term }
    }
    fn words(text: &str) -> Term {
        Term::Words(text.into())
    }

    #[test]
    fn words_and_tokens_are_told_apart() {
        for (text, parts) in [
            ("", vec![]),
            ("   ", vec![]),
            ("anna", vec![has(words("anna"))]),
            ("anna  larsen", vec![has(words("anna")), has(words("larsen"))]),
            ("\"anna larsen\"", vec![has(words("anna larsen"))]),
            ("-anna", vec![not(words("anna"))]),
            ("- anna", vec![has(words("anna"))]),
            ("#1001", vec![has(words("#1001"))]),
            ("is:late", vec![has(Term::Is(Is::Late))]),
            ("IS:At-Risk", vec![has(Term::Is(Is::AtRisk))]),
            ("-is:held", vec![not(Term::Is(Is::Held))]),
            (
                "store:\"Harbour Outlet\" tag:vip",
                vec![has(Term::Store("Harbour Outlet".into())), has(Term::Tag("vip".into()))],
            ),
            ("hub:\"Harbour Shipping\"", vec![has(Term::Hub("Harbour Shipping".into()))]),
            ("is:VIP", vec![has(Term::Is(Is::Vip))]),
            ("store:“Harbour Outlet”", vec![has(Term::Store("Harbour Outlet".into()))]),
            ("store:\"never closed", vec![has(Term::Store("never closed".into()))]),
            ("sku:HG-LAMP-S", vec![has(Term::Sku("HG-LAMP-S".into()))]),
            ("country:de", vec![has(Term::Country("DE".into()))]),
            ("cause:unknown_sku", vec![has(Term::Cause(Cause::UnknownSku))]),
            ("cause:unknown-sku", vec![has(Term::Cause(Cause::UnknownSku))]),
            ("waits:cause:unknown_sku", vec![has(Term::Waits("cause:unknown_sku".into()))]),
            ("stage:partly_shipped", vec![has(Term::Stage(Stage::PartlyShipped))]),
            ("warehouse:\"Leipzig North\"", vec![has(Term::Warehouse("Leipzig North".into()))]),
            ("-warehouse:se-123", vec![not(Term::Warehouse("se-123".into()))]),
            ("Carrier:UPS", vec![has(Term::Carrier("UPS".into()))]),
            ("service:\"Express 24 h\"", vec![has(Term::Service("Express 24 h".into()))]),
            ("age:>2d", vec![has(Term::Age(Test { op: Op::More, value: 2 * DAY_MS }))]),
            ("age:<3h", vec![has(Term::Age(Test { op: Op::Less, value: 3 * HOUR_MS }))]),
            ("age:1.5h", vec![has(Term::Age(Test { op: Op::AtLeast, value: 90 * MINUTE_MS }))]),
            ("age:>=1w", vec![has(Term::Age(Test { op: Op::AtLeast, value: 7 * DAY_MS }))]),
            ("value:>100", vec![has(Term::Value { test: Test { op: Op::More, value: 100_000 }, currency: None })]),
            ("value:<=19,90", vec![has(Term::Value { test: Test { op: Op::AtMost, value: 19_900 }, currency: None })]),
            (
                "value:>100eur",
                vec![has(Term::Value { test: Test { op: Op::More, value: 100_000 }, currency: Some("EUR".into()) })],
            ),
        ] {
            let query = read(text);
            assert_eq!(query.parts, parts, "{text}");
            assert_eq!(query.hints, Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_told() {
        for (text, parts, hint) in [
            ("color:red", 1, "\"color:\" is not a filter here"),
            ("is:lost", 0, "\"is:lost\" is not a state"),
            ("age:soon", 0, "\"soon\" is not a length of time"),
            ("age:>99999999999999999999d", 0, "is not a length of time"),
            ("value:lots", 0, "\"lots\" is not an amount"),
            ("value:1.2345", 0, "\"1.2345\" is not an amount"),
            ("country:Germany", 0, "two letters"),
            ("cause:bad_luck", 0, "is not a cause"),
            ("stage:nowhere", 0, "is not a stage"),
            ("tag:", 0, "\"tag:\" has nothing behind it"),
            ("warehouse:", 0, "Example: warehouse:\"Leipzig North\"."),
            ("carrier:\"\"", 0, "\"carrier:\" has nothing behind it"),
        ] {
            let query = read(text);
            assert_eq!(query.parts.len(), parts, "{text}");
            assert!(query.hints.len() == 1 && query.hints[0].contains(hint), "{text}: {:?}", query.hints);
        }
    }

    #[test]
    fn an_unknown_token_is_still_searched() {
        assert_eq!(read("color:red").parts, vec![has(words("color:red"))]);
        // Not tokens at all: a time, a link, something quoted.
        assert_eq!(read("12:30").hints.len(), 0);
        assert_eq!(read("\"is:late\"").parts, vec![has(words("is:late"))]);
    }

    #[test]
    fn comparisons_hold_where_they_should() {
        for (op, below, same, above) in [
            (Op::Less, true, false, false),
            (Op::AtMost, true, true, false),
            (Op::Equal, false, true, false),
            (Op::AtLeast, false, true, true),
            (Op::More, false, false, true),
        ] {
            let test = Test { op, value: 10 };
            assert_eq!((test.holds(9), test.holds(10), test.holds(11)), (below, same, above), "{op:?}");
        }
    }
}
