//! JSON Lines: a strict JSON value a line.

mod numbers;

use serde_json::Value;

use crate::dataset::{Columns, Kind, RowSink, Table, lines, row};
use crate::json;
use crate::limits;
use crate::source::ReadAt;
use crate::weights::FormatError;

/// Counts rows and finds the kinds of columns; of a file that is not counted, from its first rows.
pub(super) fn read(
    source: &dyn ReadAt,
    counted: bool,
    mut sink: Option<&mut dyn RowSink>,
) -> Result<Table, FormatError> {
    let (mut columns, mut rows) = (Columns::default(), 0);
    lines::each(source, |offset, line| {
        if line.iter().all(u8::is_ascii_whitespace) {
            return Ok(true);
        }
        let fault = |message: String| FormatError::malformed(offset, message);
        json::check_within(line, limits::DATASET_ROW_NODES).map_err(|error| fault(error.to_string()))?;
        let value: Value = serde_json::from_slice(line).map_err(|_| fault("a row can't be read as JSON".to_owned()))?;
        rows += 1;
        if let Value::Object(members) = &value {
            for (name, member) in members {
                columns.note(name, kind(member))?;
            }
        }
        if let Some(sink) = sink.as_mut() {
            let exact = numbers::are_exact(line);
            let row = if exact { Ok(digest(&value)) } else { numbers::digest(line) };
            sink.take(row.map_err(|_| fault("a row can't be read as JSON".to_owned()))?)?;
        }
        Ok(counted || rows < limits::DATASET_SAMPLED_ROWS)
    })?;
    let rows = (counted || rows < limits::DATASET_SAMPLED_ROWS).then_some(rows);
    Ok(Table { rows, columns: columns.finish() })
}

fn kind(value: &Value) -> Kind {
    match value {
        Value::Null => Kind::Empty,
        Value::Bool(_) => Kind::Boolean,
        Value::Number(number) if number.is_f64() => Kind::Number,
        Value::Number(_) => Kind::Integer,
        Value::String(_) => Kind::Text,
        Value::Array(_) | Value::Object(_) => Kind::Nested,
    }
}

fn digest(value: &Value) -> row::RowDigest {
    let texts: Vec<String> = match value {
        // Members come sorted by name.
        Value::Object(members) => members.values().map(row::text).collect(),
        Value::Array(items) => items.iter().map(row::text).collect(),
        scalar => vec![row::text(scalar)],
    };
    row::digest(texts.iter().map(String::as_bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{DataFormat, RowDigest};

    fn rows(format: DataFormat, text: &str) -> Vec<RowDigest> {
        let mut rows = Vec::new();
        format.read(&text.as_bytes(), Some(&mut rows)).unwrap();
        rows
    }

    #[test]
    fn rows_are_counted_and_columns_named() {
        let text = "{\"b\": 1, \"a\": \"x\"}\n\n{\"b\": 2.5, \"a\": null, \"c\": [1]}\n";
        let table = read(&text.as_bytes(), true, None).unwrap();
        assert_eq!(table.rows, Some(2));
        let mut columns = table.columns;
        columns.sort();
        let column = |name: &str, kind| (name.to_owned(), kind);
        assert_eq!(columns, [column("a", Kind::Text), column("b", Kind::Number), column("c", Kind::Nested)]);
    }

    #[test]
    fn a_row_is_the_same_in_another_format() {
        let json = rows(DataFormat::JsonLines, "{\"text\": \"x, y\", \"label\": 1, \"ok\": true, \"none\": null}\n");
        let csv = rows(DataFormat::Csv, "label,none,ok,text\n1,,true,\"x, y\"\n");
        assert_eq!(json, csv);
        assert_ne!(
            json,
            rows(DataFormat::JsonLines, "{\"text\": \"x, y\", \"label\": 2, \"ok\": true, \"none\": null}")
        );
        assert_eq!(rows(DataFormat::JsonLines, "[1, \"a\"]"), rows(DataFormat::Csv, "1,a\n"));
        let long = "123456789012345678901234567890";
        assert_eq!(rows(DataFormat::JsonLines, &format!("[{long}]")), rows(DataFormat::Csv, &format!("{long}\n")));
    }

    #[test]
    fn other_lines_are_refused() {
        for text in ["{", "{}\nx\n", "{\"a\": 1, \"a\": 2}", "{} {}"] {
            assert!(read(&text.as_bytes(), true, None).is_err(), "{text}");
        }
        let many = format!("[{}1]", "1,".repeat(limits::DATASET_ROW_NODES));
        assert!(read(&many.as_bytes(), true, None).is_err());
    }
}
