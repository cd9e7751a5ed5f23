//! Tables for a terminal: aligned by what the eye sees, never wider than asked for.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    /// Headline.
    pub title: &'a str,
    /// Numbers stand right.
    pub right: bool,
    /// Longest text, in cells; longer ones are cut with an ellipsis.
    pub max: usize,
}

/// A column of text.
pub const fn text(title: &str, max: usize) -> Column<'_> {
    Column { title, right: false, max }
}

/// A column of numbers.
pub const fn number(title: &str) -> Column<'_> {
    Column { title, right: true, max: 24 }
}

/// The table; empty text when there are no rows.
pub fn table(columns: &[Column<'_>], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().zip(columns).map(|(cell, column)| cut(&plain(cell), column.max)).collect())
        .collect();
    let widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            cells
                .iter()
                .filter_map(|row| row.get(at))
                .map(|cell| cell.width())
                .chain([column.title.width()])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut out = String::new();
    let titles: Vec<String> = columns.iter().map(|column| column.title.to_owned()).collect();
    for row in std::iter::once(&titles).chain(&cells) {
        let mut line = String::new();
        for ((cell, column), width) in row.iter().zip(columns).zip(&widths) {
            let pad = " ".repeat(width.saturating_sub(cell.width()));
            let (before, after) = if column.right { (pad.as_str(), "") } else { ("", pad.as_str()) };
            line.push_str(before);
            line.push_str(cell);
            line.push_str(after);
            line.push_str("  ");
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// No line breaks, and none of the control characters with which a buyer's name could paint the terminal.
pub fn plain(text: &str) -> String {
    let cleaned: String = text.chars().map(|c| if c.is_control() || is_direction(c) { ' ' } else { c }).collect();
    cleaned.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A whole text for a terminal: lines stay, whatever would paint, hide or turn them goes. Values in it passed [`plain`]
/// before, so that none begins a line of its own; this holds for those that did not, too.
pub fn unpainted(text: &str) -> String {
    text.replace(|c: char| (c.is_control() && c != '\n') || is_direction(c), " ")
}

fn is_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

fn cut(text: &str, max: usize) -> String {
    if text.width() <= max {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut width = 0;
    for letter in text.chars() {
        width += letter.width().unwrap_or(0);
        if width >= max {
            break;
        }
        out.push(letter);
    }
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn columns_align_whatever_the_letters() {
        let rows = [["#1001", "Änne 日本", "9"], ["#2", "A very long name indeed", "1200"]]
            .map(|row| row.map(str::to_owned).to_vec());
        expect![[r"
            Order  Customer    Units
            #1001  Änne 日本       9
            #2     A very lo…   1200
        "]]
        .assert_eq(&table(&[text("Order", 10), text("Customer", 10), number("Units")], &rows));
        assert_eq!(table(&[text("Order", 10)], &[]), "");
    }

    #[test]
    fn a_name_cannot_paint_the_terminal() {
        assert_eq!(plain("Eve\u{1b}[31m\r\n\u{202e}x"), "Eve [31m x");
    }
}
