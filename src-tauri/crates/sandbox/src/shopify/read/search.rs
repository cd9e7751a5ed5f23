//! The search syntax of `query:` arguments.
//!
//! Terms stand side by side for *and*; `OR`, `NOT` and `-` work, so do brackets
//! and the comparators `: :< :> :<= :>=`. The trap that bites everybody is kept:
//! a date-time that is not in quotes loses its time, and the whole day comes back.
//! A filter nobody knows is ignored, and mentioned in the answer's warnings.

use chrono::{DateTime, NaiveDate};

/// A parsed search.
#[derive(Debug, Clone, PartialEq)]
pub enum Query {
    /// Everything.
    All,
    /// One term.
    Term(Term),
    /// All of them.
    And(Vec<Query>),
    /// Any of them.
    Or(Vec<Query>),
    /// Not it.
    Not(Box<Query>),
}

/// `field:>='value'`.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// The field; empty for free text.
    pub field: String,
    /// The comparator.
    pub op: Op,
    /// The value, unquoted.
    pub value: String,
    /// It stood in quotes.
    pub quoted: bool,
}

/// A comparator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Op {
    Is,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Op {
    fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Is => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
            Self::More => ordering.is_gt(),
            Self::AtLeast => ordering.is_ge(),
        }
    }
}

impl Query {
    /// Reads a search. Nothing is an error: what makes no sense is free text.
    pub fn parse(text: &str) -> Self {
        let tokens = tokens(text);
        let mut at = 0;
        either(&tokens, &mut at)
    }

    /// Judges a record; `term` judges one term and gives `None` for a field it does not know.
    pub fn matches(&self, term: &impl Fn(&Term) -> Option<bool>) -> bool {
        self.judge(term).unwrap_or(true)
    }

    fn judge(&self, term: &impl Fn(&Term) -> Option<bool>) -> Option<bool> {
        match self {
            Self::All => None,
            Self::Term(one) => term(one),
            Self::Not(inner) => inner.judge(term).map(|holds| !holds),
            Self::And(all) => {
                let judged: Vec<bool> = all.iter().filter_map(|one| one.judge(term)).collect();
                (!judged.is_empty()).then(|| judged.iter().all(|holds| *holds))
            }
            Self::Or(any) => {
                let judged: Vec<bool> = any.iter().filter_map(|one| one.judge(term)).collect();
                (!judged.is_empty()).then(|| judged.iter().any(|holds| *holds))
            }
        }
    }

    /// All terms, wherever they stand.
    pub fn terms(&self) -> Vec<&Term> {
        match self {
            Self::All => Vec::new(),
            Self::Term(term) => vec![term],
            Self::Not(inner) => inner.terms(),
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::terms).collect(),
        }
    }

    /// No record older than this can match, by a term that must hold, ms UTC.
    pub fn not_before(&self, field: &str) -> Option<i64> {
        match self {
            Self::Term(term) if term.field == field => match (term.op, term.moment()?) {
                (Op::Is | Op::More | Op::AtLeast, Moment::Exact(ms) | Moment::Day(ms)) => Some(ms),
                _ => None,
            },
            Self::And(parts) => parts.iter().filter_map(|part| part.not_before(field)).max(),
            _ => None,
        }
    }
}

/// A moment as a search understands it.
enum Moment {
    /// To the second, ms UTC.
    Exact(i64),
    /// A whole day, its beginning in ms UTC.
    Day(i64),
}

impl Term {
    fn moment(&self) -> Option<Moment> {
        if self.quoted {
            if let Ok(moment) = DateTime::parse_from_rfc3339(&self.value) {
                return Some(Moment::Exact(moment.timestamp_millis().div_euclid(1000) * 1000));
            }
            if let Ok(moment) = chrono::NaiveDateTime::parse_from_str(&self.value, "%Y-%m-%dT%H:%M:%S") {
                return Some(Moment::Exact(moment.and_utc().timestamp_millis()));
            }
        }
        // The time part is dropped.
        let day = self.value.get(..10)?;
        let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?;
        Some(Moment::Day(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis()))
    }

    /// A moment of the record against the value.
    pub fn time(&self, at_ms: i64) -> bool {
        const DAY_MS: i64 = 86_400_000;
        match self.moment() {
            None => false,
            Some(Moment::Exact(ms)) => self.op.holds((at_ms.div_euclid(1000) * 1000).cmp(&ms)),
            Some(Moment::Day(ms)) => match self.op {
                Op::Is => (ms..ms + DAY_MS).contains(&at_ms),
                Op::Less => at_ms < ms,
                Op::AtMost => at_ms < ms + DAY_MS,
                Op::More | Op::AtLeast => at_ms >= ms,
            },
        }
    }

    /// A number of the record against the value.
    pub fn number(&self, have: i64) -> bool {
        let digits = self.value.rsplit('/').next().unwrap_or_default();
        digits.parse::<i64>().is_ok_and(|wanted| self.op.holds(have.cmp(&wanted)))
    }

    /// A word of the record against the value: whole, whatever the case; `*` at the end matches the rest.
    pub fn word(&self, have: &str) -> bool {
        let (have, wanted) = (have.to_lowercase(), self.value.to_lowercase());
        wanted.strip_suffix('*').map_or(have == wanted, |start| have.starts_with(start))
    }

    /// A list of alternatives in the value (`open,closed`) against a word of the record.
    pub fn one_of(&self, have: &str) -> bool {
        self.value.split(',').any(|wanted| wanted.trim().eq_ignore_ascii_case(have))
    }

    /// `true` or `false` against the record.
    pub fn flag(&self, have: bool) -> bool {
        self.value.eq_ignore_ascii_case(if have { "true" } else { "false" })
    }
}

#[derive(Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Or,
    And,
    Not,
    Term(Term),
}

fn tokens(text: &str) -> Vec<Token> {
    let mut chars = text.chars().peekable();
    let mut list = Vec::new();
    while let Some(&c) = chars.peek() {
        match c {
            c if c.is_whitespace() => drop(chars.next()),
            '(' => {
                chars.next();
                list.push(Token::Open);
            }
            ')' => {
                chars.next();
                list.push(Token::Close);
            }
            '-' => {
                chars.next();
                list.push(Token::Not);
            }
            _ => list.push(term(&mut chars)),
        }
    }
    list
}

fn term(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Token {
    let (first, quoted) = word(chars, true);
    if !quoted {
        match first.as_str() {
            "OR" => return Token::Or,
            "AND" => return Token::And,
            "NOT" => return Token::Not,
            _ => {}
        }
    }
    if quoted || chars.next_if_eq(&':').is_none() {
        return Token::Term(Term { field: String::new(), op: Op::Is, value: first, quoted });
    }
    let op = match (chars.next_if(|c| "<>".contains(*c)), chars.next_if_eq(&'=').is_some()) {
        (Some('<'), true) => Op::AtMost,
        (Some('<'), false) => Op::Less,
        (Some(_), true) => Op::AtLeast,
        (Some(_), false) => Op::More,
        (None, _) => Op::Is,
    };
    let (value, quoted) = word(chars, false);
    Token::Term(Term { field: first.to_lowercase(), op, value, quoted })
}

/// Text up to a blank, a bracket or (for field names) a colon; or what stands in quotes.
fn word(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, name: bool) -> (String, bool) {
    let mut text = String::new();
    if let Some(quote) = chars.next_if(|c| "'\"".contains(*c)) {
        while let Some(c) = chars.next() {
            match c {
                '\\' => text.extend(chars.next()),
                c if c == quote => break,
                c => text.push(c),
            }
        }
        return (text, true);
    }
    while let Some(c) = chars.next_if(|c| !c.is_whitespace() && !"()".contains(*c) && (!name || *c != ':')) {
        text.push(c);
    }
    if text.is_empty() {
        // A lone colon or the like: swallow it, so that reading always ends.
        text.extend(chars.next_if(|c| !"()".contains(*c)));
    }
    (text, false)
}

fn either(tokens: &[Token], at: &mut usize) -> Query {
    let mut parts = vec![every(tokens, at)];
    while tokens.get(*at) == Some(&Token::Or) {
        *at += 1;
        parts.push(every(tokens, at));
    }
    if parts.len() == 1 { parts.remove(0) } else { Query::Or(parts) }
}

fn every(tokens: &[Token], at: &mut usize) -> Query {
    let mut parts = Vec::new();
    loop {
        match tokens.get(*at) {
            Some(Token::And) => *at += 1,
            None | Some(Token::Or | Token::Close) => break,
            Some(_) => parts.push(single(tokens, at)),
        }
    }
    match parts.len() {
        0 => Query::All,
        1 => parts.remove(0),
        _ => Query::And(parts),
    }
}

fn single(tokens: &[Token], at: &mut usize) -> Query {
    let token = tokens.get(*at);
    *at += 1;
    match token {
        Some(Token::Not) => {
            if matches!(tokens.get(*at), None | Some(Token::Or | Token::Close)) {
                return Query::All;
            }
            Query::Not(Box::new(single(tokens, at)))
        }
        Some(Token::Open) => {
            let inner = either(tokens, at);
            if tokens.get(*at) == Some(&Token::Close) {
                *at += 1;
            }
            inner
        }
        Some(Token::Term(term)) => Query::Term(term.clone()),
        _ => Query::All,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        DateTime::parse_from_rfc3339(text).map(|moment| moment.timestamp_millis()).unwrap_or_default()
    }

    #[test]
    fn moments_compare_to_the_second_in_quotes_and_to_the_day_without() {
        let record = at("2026-11-20T10:00:00Z");
        for (query, holds) in [
            ("updated_at:>='2026-11-20T10:00:00Z'", true),
            ("updated_at:>'2026-11-20T10:00:00Z'", false),
            ("updated_at:>='2026-11-20T11:00:00+01:00'", true),
            ("updated_at:<'2026-11-20T10:00:01Z'", true),
            ("updated_at:>=2026-11-20T23:00:00Z", true), // the trap
            ("updated_at:2026-11-20", true),
            ("updated_at:<2026-11-20", false),
            ("updated_at:>='2026-11-20T10:00:01Z' OR updated_at:<='2026-11-20T10:00:00Z'", true),
            ("-updated_at:2026-11-20", false),
            ("NOT (updated_at:2026-11-19 OR updated_at:2026-11-21)", true),
            ("nonsense:1", true),
            ("nonsense:1 updated_at:2026-11-19", false),
        ] {
            let parsed = Query::parse(query);
            let found = parsed.matches(&|term| (term.field == "updated_at").then(|| term.time(record)));
            assert_eq!(found, holds, "{query} as {parsed:?}");
        }
    }

    #[test]
    fn any_text_is_read_to_its_end() {
        for text in ["", ":", "a:", "'", "((", "))", "- -", "OR OR", "a:'b\\'c' d", "::::", "\u{1f680}:>=1", "NOT"] {
            let _ = Query::parse(text);
        }
    }
}
