//! SOQL, the part of it that clients of records and orders use: a parser and an evaluator.
//!
//! What is not here is refused as Salesforce refuses what it cannot read
//! (`MALFORMED_QUERY`), never passed over: semi-joins, aggregates but `COUNT()`, TYPEOF,
//! GROUP BY, date literals, FOR UPDATE.

use std::fmt;

/// A question.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// What is asked for.
    pub select: Vec<Item>,
    /// Object, or relationship in a child question.
    pub from: String,
    /// Condition.
    pub filter: Option<Expr>,
    /// (field, ascending).
    pub order: Vec<(String, bool)>,
    /// LIMIT.
    pub limit: Option<usize>,
    /// OFFSET.
    pub offset: usize,
}

/// One entry of SELECT.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A path of names.
    Field(Vec<String>),
    /// Child rows.
    Children(Box<Query>),
    /// `COUNT()`.
    Count,
}

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// All.
    And(Vec<Expr>),
    /// Any.
    Or(Vec<Expr>),
    /// Not.
    Not(Box<Expr>),
    /// A comparison.
    Test(Vec<String>, Op, Vec<Literal>),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Like,
    In,
    NotIn,
}

/// A value in a condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// In quotes.
    Text(String),
    /// A number.
    Number(f64),
    /// true, false.
    Bool(bool),
    /// A moment, ms UTC.
    Moment(i64),
    /// A day.
    Day(String),
    /// null.
    Null,
}

/// Why a question cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(pub String);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(String),
}

fn tokens(text: &str) -> Result<Vec<Token>, Malformed> {
    let chars: Vec<char> = text.chars().collect();
    let (mut i, mut out) = (0, Vec::new());
    let at = |i: usize| chars.get(i).copied();
    while let Some(c) = at(i) {
        if c.is_whitespace() {
            i += 1;
        } else if c == '\'' {
            let mut word = String::new();
            i += 1;
            loop {
                match at(i) {
                    None => return Err(Malformed("unterminated string literal".into())),
                    Some('\'') => break,
                    Some('\\') => {
                        i += 1;
                        word.push(match at(i) {
                            Some('n') => '\n',
                            Some('r') => '\r',
                            Some('t') => '\t',
                            Some('b') => '\u{8}',
                            Some('f') => '\u{c}',
                            Some(c @ ('\\' | '\'' | '"' | '%' | '_')) => c,
                            other => return Err(Malformed(format!("invalid escape \\{}", other.unwrap_or(' ')))),
                        });
                    }
                    Some(c) => word.push(c),
                }
                i += 1;
            }
            i += 1;
            out.push(Token::Text(word));
        } else if c.is_ascii_alphanumeric() || c == '_' || (c == '-' && at(i + 1).is_some_and(|c| c.is_ascii_digit())) {
            let from = i;
            i += 1;
            let dated = c.is_ascii_digit();
            while at(i).is_some_and(|c| {
                c.is_ascii_alphanumeric() || matches!(c, '_' | '.') || (dated && matches!(c, '-' | ':' | '+'))
            }) {
                i += 1;
            }
            out.push(Token::Word(chars.get(from..i).unwrap_or_default().iter().collect()));
        } else {
            let two: String = chars.get(i..i + 2).unwrap_or_default().iter().collect();
            let sign = if matches!(two.as_str(), "<=" | ">=" | "!=" | "<>") { two } else { c.to_string() };
            if !matches!(sign.as_str(), "<=" | ">=" | "!=" | "<>" | "<" | ">" | "=" | "(" | ")" | ",") {
                return Err(Malformed(format!("unexpected token: '{c}'")));
            }
            i += sign.chars().count();
            out.push(Token::Sign(sign));
        }
    }
    Ok(out)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

/// Reads a question.
pub fn parse(text: &str) -> Result<Query, Malformed> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0 };
    let query = parser.query(true)?;
    match parser.tokens.get(parser.at) {
        None => Ok(query),
        Some(token) => Err(Malformed(format!("unexpected token: {token:?}"))),
    }
}

impl Parser {
    fn word(&self) -> Option<&str> {
        match self.tokens.get(self.at) {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        }
    }
    fn is(&self, keyword: &str) -> bool {
        self.word().is_some_and(|word| word.eq_ignore_ascii_case(keyword))
    }
    fn eat(&mut self, keyword: &str) -> bool {
        let found = self.is(keyword);
        self.at += usize::from(found);
        found
    }
    fn sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Sign(known)) if known == sign);
        self.at += usize::from(found);
        found
    }
    fn demand(&mut self, keyword: &str) -> Result<(), Malformed> {
        if self.eat(keyword) { Ok(()) } else { Err(self.unexpected(keyword)) }
    }
    fn close(&mut self) -> Result<(), Malformed> {
        if self.sign(")") { Ok(()) } else { Err(self.unexpected(")")) }
    }
    fn unexpected(&self, wanted: &str) -> Malformed {
        Malformed(format!("unexpected token: {:?}, expecting {wanted}", self.tokens.get(self.at)))
    }
    fn name(&mut self) -> Result<Vec<String>, Malformed> {
        let word = self.word().map(str::to_owned).ok_or_else(|| self.unexpected("a name"))?;
        if !word.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Err(self.unexpected("a name"));
        }
        self.at += 1;
        Ok(word.split('.').map(str::to_owned).collect())
    }

    fn query(&mut self, top: bool) -> Result<Query, Malformed> {
        self.demand("SELECT")?;
        let mut select = Vec::new();
        loop {
            if top && self.sign("(") {
                select.push(Item::Children(Box::new(self.query(false)?)));
                self.close()?;
            } else if self.is("COUNT") && matches!(self.tokens.get(self.at + 1), Some(Token::Sign(sign)) if sign == "(")
            {
                self.at += 2;
                self.close()?;
                select.push(Item::Count);
            } else {
                select.push(Item::Field(self.name()?));
            }
            if !self.sign(",") {
                break;
            }
        }
        self.demand("FROM")?;
        let from = self.name()?.join(".");
        let filter = if self.eat("WHERE") { Some(self.any()?) } else { None };
        let mut order = Vec::new();
        if self.eat("ORDER") {
            self.demand("BY")?;
            loop {
                let field = self.name()?.join(".");
                let ascending = !self.eat("DESC");
                self.eat("ASC");
                if self.eat("NULLS") && !self.eat("FIRST") {
                    self.demand("LAST")?;
                }
                order.push((field, ascending));
                if !self.sign(",") {
                    break;
                }
            }
        }
        let limit = if self.eat("LIMIT") { Some(self.count()?) } else { None };
        let offset = if self.eat("OFFSET") { self.count()? } else { 0 };
        Ok(Query { select, from, filter, order, limit, offset })
    }

    fn count(&mut self) -> Result<usize, Malformed> {
        let n = self.word().and_then(|word| word.parse().ok()).ok_or_else(|| self.unexpected("a number"))?;
        self.at += 1;
        Ok(n)
    }

    /// AND and OR may not stand side by side without parentheses.
    fn any(&mut self) -> Result<Expr, Malformed> {
        let first = self.one()?;
        let (is_and, is_or) = (self.is("AND"), self.is("OR"));
        if !is_and && !is_or {
            return Ok(first);
        }
        let keyword = if is_and { "AND" } else { "OR" };
        let mut all = vec![first];
        while self.eat(keyword) {
            all.push(self.one()?);
        }
        if self.is("AND") || self.is("OR") {
            return Err(Malformed("unexpected token: AND and OR need parentheses".into()));
        }
        Ok(if is_and { Expr::And(all) } else { Expr::Or(all) })
    }

    fn one(&mut self) -> Result<Expr, Malformed> {
        if self.eat("NOT") {
            return Ok(Expr::Not(Box::new(self.one()?)));
        }
        if self.sign("(") {
            let inner = self.any()?;
            self.close()?;
            return Ok(inner);
        }
        let field = self.name()?;
        let op = match self.tokens.get(self.at) {
            Some(Token::Sign(sign)) => match sign.as_str() {
                "=" => Op::Eq,
                "!=" | "<>" => Op::Ne,
                "<" => Op::Lt,
                "<=" => Op::Le,
                ">" => Op::Gt,
                ">=" => Op::Ge,
                _ => return Err(self.unexpected("an operator")),
            },
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("LIKE") => Op::Like,
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("IN") => Op::In,
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("NOT") => {
                self.at += 1;
                Op::NotIn
            }
            _ => return Err(self.unexpected("an operator")),
        };
        self.at += 1;
        if !matches!(op, Op::In | Op::NotIn) {
            let literal = self.literal()?;
            return Ok(Expr::Test(field, op, vec![literal]));
        }
        if op == Op::NotIn
            && !matches!(self.tokens.get(self.at - 1), Some(Token::Word(word)) if word.eq_ignore_ascii_case("IN"))
        {
            return Err(self.unexpected("IN"));
        }
        if !self.sign("(") {
            return Err(self.unexpected("("));
        }
        let mut list = vec![self.literal()?];
        while self.sign(",") {
            list.push(self.literal()?);
        }
        self.close()?;
        Ok(Expr::Test(field, op, list))
    }

    fn literal(&mut self) -> Result<Literal, Malformed> {
        let literal = match self.tokens.get(self.at) {
            Some(Token::Text(text)) => Literal::Text(text.clone()),
            Some(Token::Word(word)) => match word.to_ascii_lowercase().as_str() {
                "true" => Literal::Bool(true),
                "false" => Literal::Bool(false),
                "null" => Literal::Null,
                _ => {
                    let moment = chrono::DateTime::parse_from_rfc3339(word).ok();
                    let day = chrono::NaiveDate::parse_from_str(word, "%Y-%m-%d").ok();
                    match (moment, day, word.parse::<f64>()) {
                        (Some(at), ..) => Literal::Moment(at.timestamp_millis()),
                        (_, Some(_), _) => Literal::Day(word.clone()),
                        (_, _, Ok(number)) => Literal::Number(number),
                        _ => return Err(self.unexpected("a value")),
                    }
                }
            },
            _ => return Err(self.unexpected("a value")),
        };
        self.at += 1;
        Ok(literal)
    }
}

impl Expr {
    /// Every field it names.
    pub fn fields(&self) -> Vec<&[String]> {
        match self {
            Self::And(all) | Self::Or(all) => all.iter().flat_map(Self::fields).collect(),
            Self::Not(one) => one.fields(),
            Self::Test(field, ..) => vec![field],
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_read() {
        let query = parse(
            "SELECT Id, Account.Name, (SELECT Id FROM Tasks WHERE CallObject LIKE 'quayside:%') FROM Opportunity \
             WHERE (IsWon = true OR LastStageChangeDate >= 2026-11-20T10:00:00Z) AND Name != 'O\\'Neil' \
             ORDER BY SystemModstamp, Id DESC LIMIT 200",
        )
        .unwrap();
        assert_eq!((query.from.as_str(), query.limit, query.select.len()), ("Opportunity", Some(200), 3));
        assert_eq!(query.order, [("SystemModstamp".to_owned(), true), ("Id".to_owned(), false)]);
        let Some(Expr::And(all)) = query.filter else { panic!() };
        assert_eq!(all[1], Expr::Test(vec!["Name".into()], Op::Ne, vec![Literal::Text("O'Neil".into())]));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "SELECT Id FROM X WHERE A = 1 AND B = 2 OR C = 3",
            "SELECT Id FROM X WHERE A = 'open",
            "SELECT Id FROM X WHERE A = 2026-11-20T10:00:00",
            "SELECT Id FROM X; DROP",
            "SELECT FROM X",
            "SELECT Id FROM X WHERE Id IN (SELECT Id FROM Y)",
            "UPDATE X",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
