//! The table of rules, one file each.

use std::sync::Arc;

use serde::Deserialize;

use crate::configuration::{ConfigurationError, Located};
use crate::licence::Whose;
use crate::policy::reading::{Placed, Reading};
use crate::policy::weight::Weight;
use crate::policy::{Item, Origin};

mod bom;
mod builders;
mod code;
mod code_recorded;
pub(super) mod condition;
mod dataset_digests;
mod datasets;
pub(super) mod files_hashed;
mod license_flow;
mod licenses;
mod metrics;
mod min_sequence;
mod model_formats;
mod packages;
mod parameters;
pub(super) mod promoted;
mod required_evidence;
pub(super) mod requirement;
mod scans;
mod test_data;
mod tests_passed;
mod vulnerabilities;

/// The rules of the baseline.
pub(super) fn baseline() -> Vec<Item> {
    vec![
        Item::baseline(required_evidence::RequiredEvidence),
        Item::baseline(dataset_digests::DatasetDigests),
        Item::baseline(code_recorded::CodeRecorded),
        Item::baseline(tests_passed::TestsPassed),
    ]
}

/// Declares the keys of `[rules]`: the key, the type of its value, and what makes a rule of it.
macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $key:ident: $table:ty => $build:expr,)+) => {
        /// What the evidence must say.
        #[derive(Default, Deserialize)]
        #[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        pub(super) struct RulesTable {
            $($(#[doc = $doc])+ $key: Option<Located<$table>>,)+
            /// The rules that only warn: `{ metrics = "warn" }`.
            severity: Severities,
        }

        /// What the findings of a rule do to the verdict: `deny`, unless it says `warn`.
        #[derive(Default, Deserialize)]
        #[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        struct Severities {
            $($key: Option<Located<Weight>>,)+
        }

        /// The keys, with the separator of Rust.
        const KEYS: &[&str] = &[$(stringify!($key),)+];

        impl RulesTable {
            /// Makes the rules.
            pub(super) fn build(
                self,
                reading: &Reading<'_>,
                origin: &Origin,
                items: &mut Vec<Placed<Item>>,
            ) -> Result<(), ConfigurationError> {
                $(match (self.$key, &self.severity.$key) {
                    (Some(table), severity) => {
                        let offset = table.offset();
                        let rule = $build(table.into_inner())
                            .map_err(|refusal| reading.refuse(offset, &key(stringify!($key)), refusal))?;
                        let severity = severity.as_ref().map(|severity| *severity.get()).unwrap_or_default();
                        let value = Item { rule: Arc::new(rule), severity: severity.into(), origin: origin.clone() };
                        items.push(Placed { offset, value });
                    }
                    (None, Some(severity)) => {
                        return Err(reading.at(severity.offset(), "a severity for a rule that is not there"));
                    }
                    (None, None) => {}
                })+
                Ok(())
            }
        }
    };
}

/// Returns a key as it is written.
fn key(identifier: &str) -> String {
    identifier.replace('_', "-")
}

/// Says whether a name is that of a rule.
pub(super) fn is_key(name: &str) -> bool {
    KEYS.iter().any(|identifier| key(identifier) == name)
}

rules! {
    /// Licences of base models.
    base_licenses: licenses::Table => |table| licenses::build(Whose::Teachers, table),
    /// How complete the BOM must be.
    bom: bom::Table => bom::build,
    /// The systems that may run the training: `builder.id` of the provenance, exactly.
    builders: Vec<String> => builders::build,
    /// Where the training code must come from, and in which state.
    code: code::Table => code::build,
    /// Licences of datasets.
    dataset_licenses: licenses::Table => |table| licenses::build(Whose::Datasets, table),
    /// Datasets, by name or digest.
    datasets: datasets::Table => datasets::build,
    /// Whether the licences of datasets and base models must flow into that of the release.
    license_flow: bool => license_flow::build,
    /// What evaluations must have measured.
    metrics: Vec<metrics::Table> => metrics::build,
    /// The lowest number that the newest seal may have.
    min_sequence: u64 => min_sequence::build,
    /// The formats that model files may have, by their names.
    model_formats: Vec<model_formats::Format> => model_formats::build,
    /// Licences of the model.
    model_licenses: licenses::Table => |table| licenses::build(Whose::Model, table),
    /// Packages of the training code.
    packages: packages::Table => packages::build,
    /// Parameters of the training.
    parameters: Vec<parameters::Table> => parameters::build,
    /// How models must be scanned.
    scans: scans::Table => scans::build,
    /// Whether testing data must be others than training data.
    test_data_disjoint: test_data::Wanted => test_data::build,
    /// How severe known vulnerabilities may be.
    vulnerabilities: vulnerabilities::Table => vulnerabilities::build,
}
