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
    if loader == "FunctionNode" {
        let function = &node["content"];
        pickle::judge_name(&text(&function["module_path"]), &text(&function["function"]), context.allowance, sheet);
    }
}
