//! Amazon's text reports: columns by name, whatever their order and language.
//!
//! Column names come in the language of the region unless English is asked for, and
//! even then not always; so each column is known by a few names. New columns appear
//! without notice and are ignored.

/// A report taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// Names of the columns, folded.
    columns: Vec<String>,
    /// Cells by row.
    rows: Vec<Vec<String>>,
}

/// One row.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    table: &'a Table,
    cells: &'a [String],
}

impl Table {
    /// From its text: one row a line, cells between tabs.
    pub fn read(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        let cells = |line: &str| -> Vec<String> { line.split('\t').map(|cell| cell.trim().to_owned()).collect() };
        let columns = lines.next().map(|line| line.split('\t').map(fold).collect()).unwrap_or_default();
        Self { columns, rows: lines.map(cells).collect() }
    }

    /// Rows from one on, at most so many.
    pub fn rows(&self, from: usize, most: usize) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().skip(from).take(most).map(|cells| Row { table: self, cells })
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// One of these columns is there.
    pub fn has(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.columns.contains(&fold(name)))
    }

    /// Names of the columns as they came, for sentences.
    pub fn column_names(&self) -> String {
        self.columns.join(", ")
    }
}

impl<'a> Row<'a> {
    /// The cell of the first of these columns that is there; empty if none is.
    pub fn get(&self, names: &[&str]) -> &'a str {
        let at = names.iter().find_map(|name| self.table.columns.iter().position(|column| *column == fold(name)));
        at.and_then(|at| self.cells.get(at)).map_or("", String::as_str)
    }

    /// The whole row, to be kept as it came.
    pub fn text(&self) -> String {
        self.cells.join("\t")
    }
}

/// `Amazon RMA ID`, `amazon-rma-id` and `amazonRmaId` are one name.
fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// `05-Jan-2026` and `2026-01-05…`, start of the day, ms UTC.
pub fn day(text: &str) -> Option<i64> {
    let head = text.split([' ', 'T']).next().unwrap_or_default();
    let day = ["%d-%b-%Y", "%Y-%m-%d", "%d/%m/%Y"]
        .iter()
        .find_map(|format| chrono::NaiveDate::parse_from_str(head, format).ok())?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_wherever_they_are() {
        let table = Table::read("\u{feff}Händler-SKU\tNew column\tASIN 1\r\nMUG-1\t?\tB0\r\n\r\nPLATE\t?\r\n");
        let rows: Vec<_> =
            table.rows(0, 9).map(|row| (row.get(&["seller-sku", "Händler-SKU"]), row.get(&["asin1"]))).collect();
        assert_eq!(rows, [("MUG-1", "B0"), ("PLATE", "")]);
        assert!(table.has(&["seller-sku", "händler-sku"]) && !table.has(&["price"]));
        assert_eq!(table.rows(1, 1).next().unwrap().text(), "PLATE\t?");
    }

    #[test]
    fn days_come_in_more_than_one_form() {
        for (text, ms) in [
            ("05-Jan-2026", Some(1_767_571_200_000)),
            ("2026-01-05 10:11:12 MEZ", Some(1_767_571_200_000)),
            ("soon", None),
        ] {
            assert_eq!(day(text), ms, "{text}");
        }
    }
}
