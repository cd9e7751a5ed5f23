//! A table as Parquet, for a warehouse of data: the same rows as its CSV, in columns with types.
//!
//! | column holds | what is written |
//! |---|---|
//! | words, orders, things to do, addresses of pages | text |
//! | numbers of things | 64-bit integers |
//! | amounts | `…_minor` (integers of minor units), `…_currency`, and `…_several` with the words where one amount is in several currencies |
//! | lengths of time | `…_hours`, doubles |
//! | parts of a whole | doubles, 0 to 1 |
//! | moments | timestamps, ms UTC |
//!
//! Every column may be empty, and all of them are there on a day without rows. Text stands as it is: nothing here is a
//! formula.

use super::{Cell, Column, Holds, Report, Table};
use crate::trouble::Answer;
use crate::view::Trouble;
use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};
use std::collections::BTreeSet;
use std::sync::Arc;

/// One column of a file: its name, and what it takes of a cell.
struct Field {
    name: String,
    /// Column of the table.
    at: usize,
    takes: Takes,
}

#[derive(Clone, Copy)]
enum Takes {
    Text(fn(&Cell) -> Option<String>),
    Whole(fn(&Cell) -> Option<i64>),
    Moment(fn(&Cell) -> Option<i64>),
    Real(fn(&Cell) -> Option<f64>),
}

/// The whole table.
pub(super) fn write(report: &Report, table: &Table) -> Answer<Vec<u8>> {
    written(report, table).map_err(|error| {
        Trouble::internal(format!(
            "The table \"{}\" could not be written as Parquet ({error}), which is a fault of Quayside. As CSV it can be had.",
            table.title
        ))
    })
}

fn written(report: &Report, table: &Table) -> Result<Vec<u8>, ParquetError> {
    let fields = fields(&table.columns);
    let about = [
        ("quayside.report", report.kind.code().to_owned()),
        ("quayside.table", table.code.clone()),
        ("quayside.from_day", report.from_day.clone()),
        ("quayside.to_day", report.to_day.clone()),
        ("quayside.zone", report.zone.clone()),
        ("quayside.made_at_ms", report.made_at_ms.to_string()),
        ("quayside.cut", report.cut.to_string()),
    ];
    let about = about.into_iter().map(|(key, value)| KeyValue::new(key.to_owned(), value)).collect();
    let properties = WriterProperties::builder()
        .set_created_by(concat!("Quayside ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(about))
        .build();
    let columns = fields.iter().map(column).collect::<Result<Vec<_>, _>>()?;
    let schema = Type::group_type_builder("quayside").with_fields(columns).build()?;
    let mut file = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
    if !table.rows.is_empty() {
        let mut group = file.next_row_group()?;
        for field in &fields {
            let cells = table.rows.iter().map(|row| row.get(field.at));
            match field.takes {
                Takes::Text(take) => {
                    put::<ByteArrayType>(
                        &mut group,
                        cells.map(|cell| cell.and_then(take).map(|text| ByteArray::from(text.into_bytes()))),
                    )?;
                }
                Takes::Whole(take) | Takes::Moment(take) => {
                    put::<Int64Type>(&mut group, cells.map(|cell| cell.and_then(take)))?;
                }
                Takes::Real(take) => put::<DoubleType>(&mut group, cells.map(|cell| cell.and_then(take)))?,
            }
        }
        group.close()?;
    }
    file.into_inner()
}

/// The next column of a group: its values, and for each row whether there is one.
fn put<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    cells: impl Iterator<Item = Option<T::T>>,
) -> Result<(), ParquetError> {
    let (mut values, mut there) = (Vec::new(), Vec::new());
    for cell in cells {
        there.push(i16::from(cell.is_some()));
        values.extend(cell);
    }
    if let Some(mut column) = group.next_column()? {
        column.typed::<T>().write_batch(&values, Some(&there), None)?;
        column.close()?;
    }
    Ok(())
}

fn column(field: &Field) -> Result<TypePtr, ParquetError> {
    let (physical, logical) = match field.takes {
        Takes::Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Takes::Whole(_) => (Physical::INT64, None),
        Takes::Moment(_) => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
        Takes::Real(_) => (Physical::DOUBLE, None),
    };
    let column = Type::primitive_type_builder(&field.name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()?;
    Ok(Arc::new(column))
}

/// What a file has for the columns of a table, under names a query can be written with.
fn fields(columns: &[Column]) -> Vec<Field> {
    let mut taken = BTreeSet::new();
    let mut out = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let base = name(&column.label);
        let mut add = |suffix: &str, takes: Takes| {
            let wanted = format!("{base}{suffix}");
            let mut name = wanted.clone();
            let mut n = 2;
            while !taken.insert(name.clone()) {
                name = format!("{wanted}_{n}");
                n += 1;
            }
            out.push(Field { name, at, takes });
        };
        match column.holds {
            Holds::Text | Holds::Order => add("", Takes::Text(words)),
            Holds::Count => add("", Takes::Whole(count)),
            Holds::Money => {
                add("_minor", Takes::Whole(minor));
                add("_currency", Takes::Text(currency));
                add("_several", Takes::Text(words));
            }
            Holds::Hours => add("_hours", Takes::Real(hours)),
            Holds::Share => add("", Takes::Real(share)),
            Holds::Moment => add("", Takes::Moment(moment)),
        }
    }
    out
}

/// `Ship by` as `ship_by`.
fn name(label: &str) -> String {
    let spaced: String =
        label.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }).collect();
    let name = spaced.split_whitespace().collect::<Vec<_>>().join("_");
    if name.is_empty() { "column".to_owned() } else { name }
}

fn words(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Text { text } => Some(text.clone()),
        Cell::Order { number, .. } => Some(number.clone()),
        Cell::Act { label, .. } => Some(label.clone()),
        Cell::Link { url, .. } => Some(url.clone()),
        Cell::Sums { amounts } => Some(super::cell::sums_words(amounts)),
        _ => None,
    }
}
fn count(cell: &Cell) -> Option<i64> {
    if let Cell::Count { count } = cell { Some(*count) } else { None }
}
fn minor(cell: &Cell) -> Option<i64> {
    if let Cell::Money { minor, .. } = cell { Some(*minor) } else { None }
}
fn currency(cell: &Cell) -> Option<String> {
    if let Cell::Money { currency, .. } = cell { Some(currency.0.clone()) } else { None }
}
fn hours(cell: &Cell) -> Option<f64> {
    if let Cell::Hours { hours } = cell { Some(*hours) } else { None }
}
fn share(cell: &Cell) -> Option<f64> {
    if let Cell::Share { share } = cell { Some(*share) } else { None }
}
fn moment(cell: &Cell) -> Option<i64> {
    if let Cell::Moment { at_ms } = cell { Some(*at_ms) } else { None }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::{ReportKind, columns};
    use super::*;
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use quayside_model::time::HOUR_MS;
    use quayside_model::{Currency, OrderId};
    use std::collections::BTreeMap;
    use std::io::Write as _;

    fn report() -> Report {
        Report {
            kind: ReportKind::ShippingCost,
            title: "Shipping cost".into(),
            words: String::new(),
            from_day: "2026-11-01".into(),
            to_day: "2026-11-02".into(),
            zone: "Europe/Berlin".into(),
            here: String::new(),
            there: String::new(),
            made_at_ms: 1_794_522_600_000,
            cut: true,
            figures: vec![],
            tables: vec![],
        }
    }

    fn table(rows: Vec<Vec<Cell>>) -> Table {
        Table {
            code: "labels".into(),
            title: "Labels".into(),
            words: String::new(),
            columns: columns(&[
                ("Order", Holds::Order),
                ("Labels", Holds::Count),
                ("Cost", Holds::Money),
                ("Label made", Holds::Moment),
                ("On time", Holds::Share),
                ("Median", Holds::Hours),
                ("on-time", Holds::Text),
            ]),
            rows,
        }
    }

    /// What another program reads: the columns with their types, and each row as text.
    fn read(bytes: &[u8]) -> (Vec<String>, Vec<String>, BTreeMap<String, String>) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let meta = reader.metadata().file_metadata();
        let column = |column: &TypePtr| {
            let logical = column.get_basic_info().logical_type_ref().map(|kind| format!(" {kind:?}"));
            format!("{} {}{}", column.name(), column.get_physical_type(), logical.unwrap_or_default())
        };
        let columns = meta.schema().get_fields().iter().map(column).collect();
        let about = meta.key_value_metadata().unwrap().iter();
        let about = about.map(|one| (one.key.clone(), one.value.clone().unwrap())).collect();
        let rows = reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
        (columns, rows, about)
    }

    #[test]
    fn another_program_reads_types_and_every_value() {
        let (eur, jpy) = (Currency::new("EUR"), Currency::new("JPY"));
        let several = BTreeMap::from([(eur.clone(), 1_230), (jpy, 500)]);
        let rows = vec![
            vec![
                Cell::order(OrderId(1), "=1+1"),
                Cell::count(3),
                Cell::money(-1_230, &eur),
                Cell::Moment { at_ms: 1_794_522_600_123 },
                Cell::share(1, 4),
                Cell::hours(Some(36 * HOUR_MS)),
                Cell::text("Grüße\n\"x\""),
            ],
            vec![
                Cell::text("no order"),
                Cell::Empty,
                Cell::sums(&several),
                Cell::Empty,
                Cell::Empty,
                Cell::Empty,
                Cell::Empty,
            ],
        ];
        let (columns, rows, about) = read(&write(&report(), &table(rows)).unwrap());
        expect_test::expect![[r#"
            order BYTE_ARRAY String
            labels INT64
            cost_minor INT64
            cost_currency BYTE_ARRAY String
            cost_several BYTE_ARRAY String
            label_made INT64 Timestamp(TimestampType { is_adjusted_to_u_t_c: true, unit: MILLIS })
            on_time DOUBLE
            median_hours DOUBLE
            on_time_2 BYTE_ARRAY String"#]]
        .assert_eq(&columns.join("\n"));
        expect_test::expect![[r#"
            {order: "=1+1", labels: 3, cost_minor: -1230, cost_currency: "EUR", cost_several: null, label_made: 2026-11-12 22:30:00.123 +00:00, on_time: 0.25, median_hours: 36.0, on_time_2: "Grüße
            "x""}
            {order: "no order", labels: null, cost_minor: null, cost_currency: null, cost_several: "12.30 EUR, 500 JPY", label_made: null, on_time: null, median_hours: null, on_time_2: null}"#]].assert_eq(&rows.join("\n"));
        assert_eq!((about["quayside.to_day"].as_str(), about["quayside.cut"].as_str()), ("2026-11-02", "true"));
    }

    #[test]
    fn a_day_without_rows_has_the_same_columns() {
        let empty = read(&write(&report(), &table(vec![])).unwrap());
        let full = read(&write(&report(), &table(vec![vec![Cell::Empty; 7]; 3])).unwrap());
        assert_eq!((empty.0, empty.1.len()), (full.0, 0));
        assert_eq!(full.1.len(), 3);
    }
}
