//! What a document says of datasets, against their files: digests, what they hold, and what they have in common.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use crate::cyclonedx::Fault as Told;
use crate::describe::stated::{DISJOINT_PROPERTY, HEADER_PROPERTY, ROLE_PROPERTY};
use crate::facts::{self, Compared, Comparison, DatasetRead, DatasetReader, RowBudget};
use crate::finding::Tree;
use crate::inventory::{self, Inventory, Options, Progress, Visitor};
use crate::name::Name;
use crate::release::{DatasetSource, DatasetSpec};
use crate::validate::against::{AgainstError, Bytes};
use crate::validate::component::Placed;
use crate::validate::facts::is_ours;
use crate::validate::{Check, Examination, Level};

/// A dataset that was read again.
struct Held {
    spec: DatasetSpec,
    inventory: Inventory,
    read: DatasetRead,
}

impl Examination<'_> {
    /// Compares the datasets that are at hand.
    pub(super) fn datasets(
        &mut self,
        all: &[Placed<'_>],
        bytes: &Bytes<'_>,
        progress: &dyn Progress,
    ) -> Result<(), AgainstError> {
        let rows = bytes.rows || claims_rows(all);
        let budget = RowBudget::default();
        let mut held = Vec::new();
        for (name, path) in &bytes.datasets {
            let spec = described(all, name, path);
            let reader = DatasetReader::new(Some(&budget).filter(|_| rows && spec.role.is_some()));
            let reader = reader.with_header(spec.header);
            let visitor = Some(&reader as &dyn Visitor);
            let options = Options { progress, visitor, ..Options::new(Tree::Dataset((*name).clone())) };
            let taken = inventory::take(path, &options)?;
            let Some(inventory) = self.taken(taken) else { continue };
            let read = reader.finish();
            self.whole(&format!("dataset `{name}`"), all.iter().filter(is(name)), inventory.digest());
            self.dataset_facts(all, is(name), &read.contents, &inventory);
            held.push(Held { spec, inventory, read });
        }
        if is_ours(all) {
            self.disjoint(all, &held, rows);
        }
        Ok(())
    }

    /// Compares with which others each dataset is said to have nothing in common.
    fn disjoint(&mut self, all: &[Placed<'_>], held: &[Held], rows: bool) {
        let compared: Vec<Compared<'_>> = held
            .iter()
            .map(|one| Compared {
                spec: &one.spec,
                digest: one.inventory.digest(),
                inventory: Some(&one.inventory),
                read: Some(&one.read),
            })
            .collect();
        let (findings, disjoint) = facts::compare(&compared, rows);
        for finding in findings.iter() {
            self.object(Check::FactDiffers, Level::Error, Told::new("", finding.summary.raw()));
        }
        let at_hand: BTreeSet<&str> = held.iter().map(|one| one.spec.name.as_str()).collect();
        for one in held {
            let found = disjoint.get(&one.spec.name).into_iter().flatten();
            let found: Vec<(&str, String)> = found.map(|(other, by)| (other.as_str(), by.with(other))).collect();
            for component in all.iter().filter(is(&one.spec.name)) {
                self.disjoint_of(component, &found, &at_hand);
            }
        }
    }

    /// Compares what one component says of others with what was found: their names, and what is to be said of each.
    fn disjoint_of(&mut self, component: &Placed<'_>, found: &[(&str, String)], at_hand: &BTreeSet<&str>) {
        let said: Vec<_> = component.properties(DISJOINT_PROPERTY).collect();
        for (place, value) in &said {
            let other = named(value);
            let found = found.iter().find(|(name, _)| *name == other).map(|(_, value)| value.as_str());
            if !at_hand.contains(other) {
                let message =
                    format!("whether it has nothing in common with `{other}` is not known without that dataset");
                self.object(Check::NotCompared, Level::Note, Told::new(place.clone(), message));
            } else if found != Some(value) {
                let found = found.map(Value::from);
                self.other_fact(format!("{place}/value"), Some(&Value::from(*value)), found.as_ref());
            }
        }
        for (_, value) in found.iter().filter(|(name, _)| !said.iter().any(|(_, value)| named(value) == *name)) {
            let property = json!({"name": DISJOINT_PROPERTY, "value": value});
            self.other_fact(component.pointer.clone(), None, Some(&property));
        }
    }
}

/// Returns the dataset that a statement is about.
fn named(value: &str) -> &str {
    value.rsplit_once(" by ").map_or(value, |(other, _)| other)
}

/// Knows the components that a dataset has.
fn is(name: &Name) -> impl Fn(&&Placed<'_>) -> bool {
    move |one| one.text("bom-ref") == Some(&format!("dataset:{name}")) || one.is("data") && one.name() == name.as_str()
}

/// Says whether a document has rows compared.
pub(super) fn claims_rows(all: &[Placed<'_>]) -> bool {
    let by = format!(" by {}", Comparison::Rows.as_str());
    all.iter().flat_map(|one| one.properties(DISJOINT_PROPERTY)).any(|(_, value)| value.ends_with(&by))
}

/// Returns what is no matter of the bytes alone: whether there is a header, and what a dataset was used for.
fn described(all: &[Placed<'_>], name: &Name, path: &Path) -> DatasetSpec {
    let said = |property| all.iter().filter(is(name)).find_map(|one| one.properties(property).next());
    let role = said(ROLE_PROPERTY).and_then(|(_, word)| serde_json::from_value(Value::from(word)).ok());
    let header = said(HEADER_PROPERTY).and_then(|(_, value)| value.parse().ok());
    DatasetSpec { role, header, ..DatasetSpec::new(name.clone(), DatasetSource::Path(path.to_owned())) }
}
