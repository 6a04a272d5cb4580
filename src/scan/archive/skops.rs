//! Models that skops wrote: a tree of objects in `schema.json`, arrays beside it. It names classes as pickles do,
//! and is held to the same list.

use serde_json::Value;

use super::Members;
use crate::json;
use crate::limits;
use crate::scan::pickle;
use crate::scan::{Context, Observation, Rating, Reason, Sheet, Stop};
use crate::source;

/// The member that names the objects.
pub(super) const SCHEMA: &str = "schema.json";

/// Kinds of objects that are built of data and of a class. All others call something.
const PLAIN: [&str; 20] = [
    "BunchNode",
    "BytearrayNode",
    "BytesNode",
    "DTypeNode",
    "DefaultDictNode",
    "DictNode",
    "FunctionNode",
    "JsonNode",
    "ListNode",
    "LossNode",
    "MaskedArrayNode",
    "NdArrayNode",
    "ObjectNode",
    "OrderedDictNode",
    "RandomGeneratorNode",
    "RandomStateNode",
    "SetNode",
    "SparseMatrixNode",
    "TupleNode",
    "TypeNode",
];
const OTHERS: [&str; 5] = ["CythonNode", "QuantileForestNode", "SGDNode", "SliceNode", "TreeNode"];

/// Judges every object of the schema.
pub(super) fn scan(
    members: &mut Members<'_>,
    index: usize,
    context: &Context<'_>,
    sheet: &mut Sheet,
) -> Result<(), Stop> {
    let spool = members.unpack(index, context)?;
    let bytes = spool.source()?;
    let size = usize::try_from(bytes.len()).ok().filter(|_| bytes.len() <= limits::KERAS_CONFIGURATION_BYTES);
    let size = size.ok_or_else(|| Stop::Limit("its schema is too large".to_owned()))?;
    let text = source::exactly(bytes.as_ref(), 0, size)?;
    let schema: Value =
        json::parse(&text).map_err(|error| Stop::Malformed(0, format!("its schema is no JSON: {error}")))?;
    let mut open = vec![&schema];
    let mut inner = Sheet::default();
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(fields) => {
                open.extend(fields.values());
                if fields.contains_key("__loader__") {
                    node(value, context, &mut inner);
                }
            }
            _ => {}
        }
    }
    sheet.merge(SCHEMA, inner);
    Ok(())
}

/// Judges one object: how it is made, and of which class.
fn node(node: &Value, context: &Context<'_>, sheet: &mut Sheet) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (loader, module, class) = (text(&node["__loader__"]), text(&node["__module__"]), text(&node["__class__"]));
    if !PLAIN.contains(&loader.as_str()) && !OTHERS.contains(&loader.as_str()) {
        let summary = format!("it makes `{module}.{class}` by `{loader}`, which calls what it names");
        sheet.report(Observation::new(Reason::UnexpectedCall, Rating::Suspicious, summary));
    }
    pickle::judge_name(&module, &class, context.allowance, sheet);
    let state = &node["content"];
    // Before skops 0.16 a function is named below; since then as the class is.
    if loader == "FunctionNode" && !state.is_null() {
        pickle::judge_name(&text(&state["module_path"]), &text(&state["function"]), context.allowance, sheet);
    }
    if loader == "RandomGeneratorNode" && !is_random(state) {
        let summary = "it makes a generator of random numbers by a name that is of none, and calls what it names";
        sheet.report(Observation::new(Reason::UnexpectedCall, Rating::Suspicious, summary));
    }
}

/// Says whether a state names one of the sources of random numbers, which skops takes from `numpy.random` and calls.
fn is_random(state: &Value) -> bool {
    let name = state.pointer("/bit_generator/content/bit_generator/content").and_then(Value::as_str);
    let name = name.and_then(|name| name.strip_prefix('"')?.strip_suffix('"'));
    name.is_some_and(|name| ["MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"].contains(&name))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::scan::Allowance;

    fn seen(text: &str) -> usize {
        let mut sheet = Sheet::default();
        let allowance = Allowance::default();
        node(&serde_json::from_str(text).unwrap(), &Context::new(&allowance, &Cell::new(0)), &mut sheet);
        sheet.observations().len()
    }

    #[test]
    fn functions_are_named_in_both_layouts() {
        let now = |module: &str, name: &str| {
            seen(&format!(r#"{{"__loader__":"FunctionNode","__module__":"{module}","__class__":"{name}"}}"#))
        };
        assert_eq!(now("numpy", "log1p"), 0);
        assert_eq!(now("os", "system"), 1);
        let before = |module: &str, name: &str| {
            seen(&format!(
                r#"{{"__loader__":"FunctionNode","__module__":"numpy","__class__":"log1p","content":{{"module_path":"{module}","function":"{name}"}}}}"#
            ))
        };
        assert_eq!(before("numpy", "log1p"), 0);
        assert_eq!(before("os", "system"), 1);
        assert_eq!(before("", ""), 1);
    }

    #[test]
    fn a_generator_is_made_of_a_source_of_random_numbers() {
        let of = |name: &str| {
            let inner = format!(r#"{{"bit_generator":{{"content":{{"bit_generator":{{"content":"\"{name}\""}}}}}}}}"#);
            seen(&format!(
                r#"{{"__loader__":"RandomGeneratorNode","__module__":"numpy.random._generator","__class__":"Generator","content":{inner}}}"#
            ))
        };
        assert_eq!(of("PCG64"), 0);
        assert_eq!(of("seed"), 1);
        let without =
            r#"{"__loader__":"RandomGeneratorNode","__module__":"numpy.random._generator","__class__":"Generator"}"#;
        assert_eq!(seen(without), 1);
    }
}
