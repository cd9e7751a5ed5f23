//! The table of SKU aliases as CSV, in and out.
//!
//! One row per hub SKU; rows with the same store and name are the parts of one bundle.
//! Spreadsheets run text that begins like a formula: such text leaves with an apostrophe
//! in front and loses it on the way in, so that a table survives the round trip. Commas,
//! semicolons and tabs are told apart by the header: spreadsheets of half the world
//! write semicolons.

use crate::sku_aliases::check;
use quayside_model::alias::fold;
use quayside_model::{AliasBy, AliasPart, ConnectionId, SkuAlias};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// The columns, in the order they are written.
pub const COLUMNS: [&str; 5] = ["store", "by", "store_sku", "hub_sku", "quantity"];
/// More rows than any catalogue; a wrong file.
const ROWS_MAX: usize = 200_000;
/// Problems that are listed one by one.
const PROBLEMS_MAX: usize = 50;

/// What a file says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Imported {
    /// Entries that can stand.
    pub aliases: Vec<SkuAlias>,
    /// Rows that cannot, with their line and why.
    pub problems: Vec<String>,
    /// Problems beyond those listed.
    pub more_problems: i64,
}

/// Text a spreadsheet would run. The wide forms are run by spreadsheets set to East Asian languages.
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// A cell no spreadsheet runs.
pub fn safe(text: &str) -> String {
    // An apostrophe of its own before a formula is doubled, so that reading takes exactly one.
    let quoted = text.strip_prefix('\'').is_some_and(|rest| is_formula(rest.trim_start_matches('\'')));
    if is_formula(text) || quoted { format!("'{text}") } else { text.to_owned() }
}

/// The text that [`safe`] was given.
pub fn unsafe_again(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula(rest.trim_start_matches('\'')) => rest,
        _ => cell,
    }
}

/// The table as a file. `names` are the stores' names.
pub fn export(rows: &[SkuAlias], names: &BTreeMap<ConnectionId, String>) -> String {
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // Writing to memory does not fail.
    let _ = out.write_record(COLUMNS);
    for row in rows {
        let store = row.store.as_ref().map_or("", |id| names.get(id).map_or(id.as_str(), String::as_str));
        for part in &row.parts {
            let quantity = part.quantity.to_string();
            let cells = [store, row.by.code(), &row.theirs, &part.sku, &quantity];
            let _ = out.write_record(cells.map(safe));
        }
    }
    String::from_utf8(out.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// Reads a file. Nothing is written; what cannot stand is told with its line.
pub fn import(text: &str, names: &BTreeMap<ConnectionId, String>) -> Result<Imported, String> {
    let text = text.trim_start_matches('\u{feff}');
    let header = text.lines().next().unwrap_or_default();
    let mut separators = [b',', b';', b'\t'];
    separators.sort_by_key(|sep| std::cmp::Reverse(header.bytes().filter(|b| b == sep).count()));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separators[0])
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let columns = reader.headers().map_err(|error| format!("The file cannot be read as CSV: {error}."))?.clone();
    let place = |words: &[&str]| {
        columns.iter().position(|cell| {
            let cell = fold(cell).replace([' ', '-'], "_");
            words.contains(&cell.as_str())
        })
    };
    let (store_at, by_at) = (place(&["store", "channel"]), place(&["by", "kind"]));
    let theirs_at = place(&["store_sku", "channel_sku", "their_sku", "sku", "from"]);
    let hub_at = place(&["hub_sku", "our_sku", "to"]);
    let quantity_at = place(&["quantity", "qty", "units"]);
    let (Some(theirs_at), Some(hub_at)) = (theirs_at, hub_at) else {
        return Err(format!(
            "The first row must name the columns. Needed are store_sku and hub_sku; the full set is {}. It reads: {}",
            COLUMNS.join(", "),
            header.chars().take(120).collect::<String>()
        ));
    };
    let mut found: BTreeMap<(Option<ConnectionId>, AliasBy, String), (u64, SkuAlias)> = BTreeMap::new();
    let mut out = Imported::default();
    let complain = |out: &mut Imported, line: u64, why: String| {
        if out.problems.len() < PROBLEMS_MAX {
            out.problems.push(format!("Line {line}: {why}"));
        } else {
            out.more_problems += 1;
        }
    };
    for (i, row) in reader.records().enumerate() {
        if i >= ROWS_MAX {
            return Err(format!(
                "The file has more than {ROWS_MAX} rows. Split it, or check that it is the right one."
            ));
        }
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                complain(&mut out, i as u64 + 2, format!("not readable as CSV ({error})."));
                continue;
            }
        };
        let line = row.position().map_or(i as u64 + 2, csv::Position::line);
        let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).map_or("", unsafe_again).trim();
        if row.iter().all(str::is_empty) {
            continue;
        }
        let store = match cell(store_at) {
            "" | "*" => None,
            typed => {
                let id = names.iter().find(|(id, name)| fold(name) == fold(typed) || id.as_str() == typed);
                let Some((id, _)) = id else {
                    complain(&mut out, line, format!("there is no store \"{typed}\". Empty means every store."));
                    continue;
                };
                Some(id.clone())
            }
        };
        let by = match fold(cell(by_at)).as_str() {
            "" => AliasBy::Sku,
            word => {
                let Some(by) = AliasBy::from_code(word) else {
                    complain(&mut out, line, format!("\"{word}\" in \"by\"; there are sku and variant."));
                    continue;
                };
                by
            }
        };
        let quantity = match cell(quantity_at) {
            "" => 1,
            typed => {
                let Ok(quantity) = typed.parse() else {
                    complain(&mut out, line, format!("\"{typed}\" is not a whole number of units."));
                    continue;
                };
                quantity
            }
        };
        let theirs = cell(Some(theirs_at)).to_owned();
        let part = AliasPart { sku: cell(Some(hub_at)).to_owned(), quantity };
        let entry = found.entry((store.clone(), by, fold(&theirs)));
        entry.or_insert_with(|| (line, SkuAlias { store, by, theirs, parts: Vec::new() })).1.parts.push(part);
    }
    let all: Vec<SkuAlias> = found.values().map(|(_, alias)| alias.clone()).collect();
    for (line, alias) in found.into_values() {
        match check(&alias, &all) {
            Ok(()) => out.aliases.push(alias),
            Err(why) => complain(&mut out, line, why),
        }
    }
    Ok(out)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names() -> BTreeMap<ConnectionId, String> {
        BTreeMap::from([(ConnectionId::new("eu"), "Harbour Goods EU".to_owned())])
    }

    #[test]
    fn a_spreadsheets_file_is_read() {
        let file = "\u{feff}Store;SKU;Hub SKU;Qty\r\nharbour goods eu;SET;TEA;2\r\n;;;\r\nHarbour Goods EU;set;MUG;\r\n;OLD;NEW;1\r\n";
        let read = import(file, &names()).unwrap();
        assert_eq!(read.problems, Vec::<String>::new());
        let shown: Vec<String> = read
            .aliases
            .iter()
            .map(|a| {
                let parts: Vec<String> = a.parts.iter().map(|p| format!("{}×{}", p.quantity, p.sku)).collect();
                format!(
                    "{}: {} = {}",
                    a.store.as_ref().map_or("all", ConnectionId::as_str),
                    a.theirs,
                    parts.join(" + ")
                )
            })
            .collect();
        assert_eq!(shown, ["all: OLD = 1×NEW", "eu: SET = 2×TEA + 1×MUG"]);
    }

    #[test]
    fn bad_rows_are_told_with_their_line_and_the_others_stand() {
        let file = "store,by,store_sku,hub_sku,quantity\nNowhere,,A,B,1\n,colour,A,B,1\n,,A,B,two\n,,,B,1\n,,X,Y,1\n,,L,M,1\n,,M,L,1\n";
        let read = import(file, &names()).unwrap();
        assert_eq!(read.aliases.len(), 1);
        assert_eq!(read.problems.len(), 6, "{:?}", read.problems);
        for (says, line) in
            [("no store \"Nowhere\"", 2), ("\"colour\"", 3), ("\"two\"", 4), ("is empty", 5), ("L → M → L", 7)]
        {
            let found = read
                .problems
                .iter()
                .find(|p| p.contains(says))
                .unwrap_or_else(|| panic!("{says}: {:?}", read.problems));
            assert!(found.starts_with(&format!("Line {line}:")), "{found}");
        }
        assert!(import("a,b\n1,2\n", &names()).unwrap_err().contains("store_sku and hub_sku"));
        assert!(import("", &names()).is_err());
    }

    #[test]
    fn no_cell_runs_in_a_spreadsheet() {
        let row = |theirs: &str| SkuAlias {
            store: None,
            by: AliasBy::Sku,
            theirs: theirs.into(),
            parts: vec![AliasPart { sku: "@SUM(A1)".into(), quantity: 1 }],
        };
        let rows = [row("=HYPERLINK(\"http://x\")"), row("-10"), row("'=1"), row("+49"), row("plain")];
        let file = export(&rows, &names());
        for line in file.lines().skip(1) {
            for cell in line.split(',') {
                assert!(!cell.trim_start_matches('"').starts_with(['=', '+', '-', '@']), "{line}");
            }
        }
        let mut read = import(&file, &names()).unwrap().aliases;
        read.sort();
        let mut rows = rows.to_vec();
        rows.sort();
        assert_eq!(read, rows);
    }

    proptest! {
        #[test]
        fn every_cell_survives_the_round_trip(text in "['=+@A-]{0,6}[ -~]{0,12}") {
            let cell = safe(&text);
            prop_assert_eq!(unsafe_again(&cell), text.as_str());
            prop_assert!(!is_formula(&safe(&text)));
        }
    }
}
