//! Numbers as people write them: "12.5", "12,5", "1,234.50", "1 234,50".

/// What a text says as a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Read {
    /// It is this one.
    Number(f64),
    /// "1,000" is a thousand to some and one to others: with the mark as decimal point, and without it.
    Either(f64, f64),
    /// None.
    None,
}

/// Reads a number. A mark before exactly three last digits can be a decimal point or stand between thousands.
pub(crate) fn read(text: &str) -> Read {
    let text: String = text.trim().chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'' | '’')).collect();
    if text.chars().any(|c| !c.is_ascii_digit() && !matches!(c, '+' | '-' | '.' | ',')) {
        return Read::None;
    }
    let marks: Vec<(usize, char)> = text.char_indices().filter(|(_, c)| matches!(c, '.' | ',')).collect();
    let Some(&(last, mark)) = marks.last() else { return number(&text) };
    let same = marks.iter().filter(|(_, c)| *c == mark).count();
    let head: String = text[..last].chars().filter(char::is_ascii_digit).collect();
    let tail = &text[last + 1..];
    if marks.len() > 1 {
        let ends: Vec<usize> = marks.iter().map(|(at, _)| *at).skip(1).chain([text.len()]).collect();
        let grouped = |n: usize| marks.iter().zip(&ends).take(n).all(|((from, _), to)| to - from == 4);
        return match same {
            // "1,234,567": between thousands only.
            n if n == marks.len() && grouped(n) => number(&without_marks(&text)),
            // "1,234.50": the last one is the point.
            1 if marks[..marks.len() - 1].iter().all(|(_, c)| *c == marks[0].1) && grouped(marks.len() - 1) => {
                number(&format!("{}.{tail}", without_marks(&text[..last])))
            }
            _ => Read::None,
        };
    }
    let point = number(&format!("{}.{tail}", &text[..last]));
    let may_be_thousands = tail.len() == 3 && (1..=3).contains(&head.len()) && !head.starts_with('0');
    match (point, number(&without_marks(&text))) {
        (Read::Number(point), Read::Number(thousands)) if may_be_thousands => Read::Either(point, thousands),
        (point, _) => point,
    }
}

/// In a text of a store: programs write points, so a comma before three digits stands between thousands.
pub(crate) fn of_a_store(text: &str) -> Option<f64> {
    match read(text) {
        Read::Number(number) => Some(number),
        Read::Either(point, thousands) => Some(if text.contains(',') { thousands } else { point }),
        Read::None => None,
    }
}

fn without_marks(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '.' | ',')).collect()
}

fn number(text: &str) -> Read {
    text.parse().ok().filter(|n: &f64| n.is_finite()).map_or(Read::None, Read::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, wanted) in [
            ("1000", Read::Number(1000.0)),
            (" 12.5 ", Read::Number(12.5)),
            ("12,5", Read::Number(12.5)),
            ("-3", Read::Number(-3.0)),
            ("0,125", Read::Number(0.125)),
            ("0.125", Read::Number(0.125)),
            ("1234.567", Read::Number(1234.567)),
            ("1,234.50", Read::Number(1234.5)),
            ("1.234,50", Read::Number(1234.5)),
            ("1 234,50", Read::Number(1234.5)),
            ("1'234.50", Read::Number(1234.5)),
            ("1,234,567", Read::Number(1_234_567.0)),
            ("1,234,567.8", Read::Number(1_234_567.8)),
            (".5", Read::Number(0.5)),
            ("1,000", Read::Either(1.0, 1000.0)),
            ("1.000", Read::Either(1.0, 1000.0)),
            ("-20,000", Read::Either(-20.0, -20_000.0)),
            ("1,23,456", Read::None),
            ("1.2.3", Read::None),
            ("1,234.5.6", Read::None),
            ("12a", Read::None),
            ("1e9", Read::None),
            ("inf", Read::None),
            ("", Read::None),
            (",", Read::None),
            ("--1", Read::None),
        ] {
            assert_eq!(read(text), wanted, "{text:?}");
        }
        for (text, wanted) in
            [("1,200", Some(1200.0)), ("1.200", Some(1.2)), ("12,5", Some(12.5)), ("a lot", None), ("", None)]
        {
            assert_eq!(of_a_store(text), wanted, "{text:?}");
        }
    }
}
