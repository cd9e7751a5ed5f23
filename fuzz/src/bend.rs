//! Bends an answer a little: one place of it is not what the documentation says.
//! Whatever is decided comes from the bytes, so that an input that broke something breaks it again.

use serde_json::{Value, json};

/// Decisions, made of bytes; zeros when they are used up.
pub struct Dice<'a>(std::slice::Iter<'a, u8>);

impl<'a> Dice<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Self(data.iter())
    }
    pub fn byte(&mut self) -> u8 {
        self.0.next().copied().unwrap_or(0)
    }
    pub fn below(&mut self, n: usize) -> usize {
        let two = usize::from(self.byte()) << 8 | usize::from(self.byte());
        if n == 0 { 0 } else { two % n }
    }
    pub fn rest(&mut self) -> &'a [u8] {
        let rest = self.0.as_slice();
        self.0 = [].iter();
        rest
    }
}

/// Texts that are not what they look like.
const TEXTS: [&str; 30] = [
    "",
    " ",
    "0",
    "-1",
    "-0.00",
    "1e309",
    "NaN",
    "99999999999999999999.99",
    "9223372036854775808",
    "-9223372036854775808",
    "0.0000000000000000000000000001",
    "12,50",
    "2026-13-45T99:99:99Z",
    "0000-00-00T00:00:00",
    "9999-12-31T23:59:59.9999999Z",
    "-262144-01-01T00:00:00Z",
    "2026-03-29T02:30:00",
    "2026-10-25T02:30:00+14:00",
    "Fri, 31 Feb 2026 25:61:61 GMT",
    "null",
    "true",
    "[]",
    "{\"a\":",
    "gid://shopify/Order/",
    "gid://shopify/Order/99999999999999999999999",
    "https://[::1",
    "é\u{202e}\u{0}🦆\u{feff}",
    "𐀀ﬃẞİı",
    "%zz%00%f0%28%8c%28",
    "';DROP--\"\\",
];

fn odd(dice: &mut Dice<'_>, secret: &str) -> Value {
    match dice.below(16) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(i64::MAX),
        4 => json!(i64::MIN),
        5 => json!(u64::MAX),
        6 => json!(1.797e308),
        7 => json!(-0.0),
        8 => json!(0.1 + 0.2),
        9 => json!([]),
        10 => json!({}),
        11 => json!([[null], {}]),
        12 => json!("x".repeat(100 + dice.below(70_000))),
        13 => json!(format!("your key {secret} is not welcome")),
        _ => json!(TEXTS[dice.below(TEXTS.len())]),
    }
}

/// Goes down into a value, as far as the dice say.
fn place<'v>(value: &'v mut Value, dice: &mut Dice<'_>) -> &'v mut Value {
    let mut here = value;
    loop {
        let children = match here {
            Value::Array(items) => items.len(),
            Value::Object(fields) => fields.len(),
            _ => 0,
        };
        // Rarely near the root: there everything is refused alike.
        if children == 0 || dice.below(12) == 0 {
            return here;
        }
        let at = dice.below(children);
        here = match here {
            Value::Array(items) => &mut items[at],
            Value::Object(fields) => fields.values_mut().nth(at).expect("there are so many"),
            _ => unreachable!("it has children"),
        };
    }
}

/// A value with one to four places bent.
pub fn json(value: &mut Value, dice: &mut Dice<'_>, secret: &str) {
    for _ in 0..=dice.below(4) {
        let here = place(value, dice);
        match (dice.below(8), &mut *here) {
            (0, Value::Object(fields)) if !fields.is_empty() => {
                let gone = fields.keys().nth(dice.below(fields.len())).cloned().unwrap_or_default();
                fields.remove(&gone);
            }
            (0 | 1, Value::Array(items)) if !items.is_empty() => {
                let twice = items[dice.below(items.len())].clone();
                items.push(twice);
            }
            (2, Value::Array(items)) if !items.is_empty() => {
                let gone = dice.below(items.len());
                items.remove(gone);
            }
            (3, Value::String(text)) => {
                let at = text.char_indices().map(|(at, _)| at).nth(dice.below(text.len().max(1))).unwrap_or(0);
                text.insert_str(at, TEXTS[dice.below(TEXTS.len())]);
            }
            (4, Value::String(text)) => {
                let keep = text.chars().count() / 2;
                *text = text.chars().take(keep).collect();
            }
            (5, Value::Number(_)) => *here = Value::String(here.to_string()),
            (5, Value::String(text)) => *here = text.parse::<i64>().map_or(json!([text]), |number| json!(number)),
            (6, _) => *here = json!([here.take()]),
            _ => *here = odd(dice, secret),
        }
    }
}

/// Headers that connectors read.
const HEADERS: [&str; 18] = [
    "retry-after",
    "x-retry-after",
    "date",
    "link",
    "location",
    "content-type",
    "x-request-id",
    "x-amzn-requestid",
    "x-amzn-ratelimit-limit",
    "x-rate-limit-limit",
    "x-rate-limit-remaining",
    "x-rate-limit-reset",
    "x-rate-limit-requests-left",
    "x-rate-limit-requests-quota",
    "x-rate-limit-time-reset-ms",
    "x-rate-limit-time-window-ms",
    "ratelimit-remaining",
    "sforce-limit-info",
];

/// What may stand in them.
const HEADER_TEXTS: [&str; 20] = [
    "",
    "0",
    "-1",
    "1.5",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "1e308",
    "1e-320",
    "inf",
    "NaN",
    "soon",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "Fri, 31 Feb 2026 25:61:61 GMT",
    "api-usage=99999999999999999999/1",
    "api-usage=-1/99999999999999999999999999999999999999999999",
    "<https://[::1>; rel=\"next\"",
    "<http://127.0.0.1:40001/x>; rel=next",
    "text/html",
];

/// Some headers that say something odd, or a secret.
pub fn headers(headers: &mut http::HeaderMap, dice: &mut Dice<'_>, secret: &str) {
    for _ in 0..dice.below(4) {
        let name = HEADERS[dice.below(HEADERS.len())];
        let text = if dice.below(6) == 0 { secret } else { HEADER_TEXTS[dice.below(HEADER_TEXTS.len())] };
        if let Ok(value) = http::HeaderValue::from_str(text) {
            headers.insert(name, value);
        }
    }
}

/// Bytes with one to four places bent.
pub fn bytes(body: &mut Vec<u8>, dice: &mut Dice<'_>, secret: &str) {
    for _ in 0..=dice.below(4) {
        let at = dice.below(body.len() + 1);
        match dice.below(6) {
            0 => body.truncate(at),
            1 => body.extend_from_within(..at),
            2 => drop(body.splice(at..at, TEXTS[dice.below(TEXTS.len())].bytes())),
            3 => drop(body.splice(at..at, secret.bytes())),
            4 if at < body.len() => drop(body.drain(at..(at + dice.below(40)).min(body.len()).max(at))),
            _ if at < body.len() => body[at] = dice.byte(),
            _ => body.push(dice.byte()),
        }
    }
}
