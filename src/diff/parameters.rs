//! How the model was trained: parameters, and which run of which builder it was.

use serde_json::Value;

use crate::diff::{Side, Values};

/// Reads the provenance.
pub(super) fn values(side: &Side) -> Values {
    let mut values = Values::default();
    let Some(provenance) = side.inspection.provenance() else { return values };
    let definition = &provenance.build_definition;
    values.add("build type", &definition.build_type);
    for (name, value) in &definition.external_parameters {
        match (name.as_str(), value) {
            // The seal tells it.
            ("release", _) => {}
            ("parameters", Value::Object(parameters)) => {
                for (name, value) in parameters {
                    values.add_json(name, value, &|_| false);
                }
            }
            _ => values.add_json(name, value, &|_| false),
        }
    }
    let run = &provenance.run_details;
    values.add("builder", &run.builder.id);
    for (part, version) in &run.builder.version {
        values.add(format!("builder {part}"), version);
    }
    values.add_some("run", run.metadata.invocation_id.as_deref());
    values.add_some("started", run.metadata.started_on.map(|time| time.to_rfc3339()));
    values.add_some("finished", run.metadata.finished_on.map(|time| time.to_rfc3339()));
    values
}
