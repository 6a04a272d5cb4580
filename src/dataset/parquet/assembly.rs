//! Rows, put together from columns by their levels (Dremel).

use serde_json::{Map, Value};

use crate::dataset::parquet::chunk::Group;
use crate::dataset::parquet::column::{Column, Levels};
use crate::dataset::parquet::meter::Meter;
use crate::dataset::parquet::schema::{Node, Schema, Shape};
use crate::dataset::{RowSink, row};
use crate::source::ReadAt;
use crate::weights::FormatError;

/// What is said of columns that do not fit together.
const APART: &str = "does not have the rows that other columns have";
const LEVELS: &str = "has levels that its schema has not";

/// Shows each row of a row group.
pub(super) fn rows(
    source: &dyn ReadAt,
    schema: &Schema,
    group: &Group,
    meter: &Meter,
    sink: &mut dyn RowSink,
) -> Result<(), FormatError> {
    let leaves = schema.leaves.iter().zip(&group.chunks);
    let mut columns: Vec<_> = leaves.map(|(leaf, chunk)| Column::new(source, meter, leaf, *chunk)).collect();
    for _ in 0..group.rows {
        meter.begin_row();
        for column in &mut columns {
            if column.peek()?.is_none_or(|levels| levels.repetition > 0) {
                return Err(column.mismatched(APART));
            }
        }
        let texts = schema.columns.iter().map(|node| Ok(row::text(&read(node, &mut columns)?)));
        let texts = texts.collect::<Result<Vec<_>, FormatError>>()?;
        sink.take(row::digest(texts.iter().map(String::as_bytes)))?;
    }
    for column in &mut columns {
        if column.peek()?.is_some() {
            return Err(column.mismatched(APART));
        }
    }
    Ok(())
}

/// Reads a part of a row.
fn read(node: &Node, columns: &mut [Column<'_>]) -> Result<Value, FormatError> {
    let levels = first(node, columns)?;
    if levels.definition < node.definition {
        let absent = node.optional && levels.definition + 1 == node.definition;
        pass(node, columns, levels.definition, absent)?;
        return Ok(Value::Null);
    }
    match &node.shape {
        Shape::Leaf => columns.get_mut(node.leaves.start).map_or(Ok(Value::Null), Column::take),
        Shape::Members(members) => {
            let mut object = Map::new();
            for member in members {
                object.insert(member.name.clone(), read(member, columns)?);
            }
            Ok(Value::Object(object))
        }
        Shape::Pair(pair) => {
            let pair = pair.iter().map(|node| read(node, columns));
            pair.collect::<Result<_, _>>().map(Value::Array)
        }
        Shape::Array { definition, .. } if levels.definition < *definition => {
            pass(node, columns, levels.definition, true)?;
            Ok(Value::Array(Vec::new()))
        }
        Shape::Array { repetition, element, .. } => {
            let mut elements = vec![read(element, columns)?];
            while goes_on(node, columns, *repetition)? {
                elements.push(read(element, columns)?);
            }
            Ok(Value::Array(elements))
        }
    }
}

/// Returns the levels of the next value of the first column of a part.
fn first(node: &Node, columns: &mut [Column<'_>]) -> Result<Levels, FormatError> {
    let column = columns.get_mut(node.leaves.start);
    let column = column.ok_or_else(|| FormatError::malformed(0, "the schema has a part without columns"))?;
    column.peek()?.ok_or_else(|| column.mismatched(APART))
}

/// Passes over a part that is not there, of which all columns must say the same.
fn pass(node: &Node, columns: &mut [Column<'_>], definition: u16, possible: bool) -> Result<(), FormatError> {
    for column in columns.get_mut(node.leaves.clone()).unwrap_or_default() {
        if !possible || column.peek()?.is_none_or(|levels| levels.definition != definition) {
            return Err(column.mismatched(LEVELS));
        }
        column.pass()?;
    }
    Ok(())
}

/// Says whether an array has one more element, of which all columns must say the same.
fn goes_on(node: &Node, columns: &mut [Column<'_>], level: u16) -> Result<bool, FormatError> {
    let mut known = None;
    for column in columns.get_mut(node.leaves.clone()).unwrap_or_default() {
        let next = column.peek()?.map_or(0, |levels| levels.repetition);
        if next > level || *known.get_or_insert(next) != next {
            return Err(column.mismatched(APART));
        }
    }
    Ok(known == Some(level))
}
