//! Datasets as components.

use std::collections::BTreeSet;

use crate::cyclonedx::component::Supplier;
use crate::cyclonedx::data::{Contents, Governance, Party};
use crate::cyclonedx::{Component, ComponentType, Data, License};
use crate::dataset::Contents as DatasetContents;
use crate::dataset::card::DatasetCard;
use crate::describe::bom::{located, sized};
use crate::describe::stated::{DISJOINT_PROPERTY, HEADER_PROPERTY, ROLE_PROPERTY};
use crate::describe::{given, licence};
use crate::digest::ArtifactDigest;
use crate::facts::DatasetFacts;
use crate::limits;
use crate::obtained::Obtained;
use crate::reference::Reference;
use crate::release::{DatasetNotice, LicenseExpression};

/// Describes a dataset.
pub(super) fn component(facts: &DatasetFacts) -> Component {
    let spec = &facts.spec;
    let card = facts.contents.as_ref().and_then(|contents| contents.card.as_ref());
    let description = spec.notice.description.clone().or_else(|| card?.description.clone());
    let data = Data {
        kind: "dataset",
        name: spec.name.to_string(),
        contents: spec.uri.clone().map(|url| Contents { url }),
        classification: spec.classification.clone(),
        sensitive_data: sensitive(&spec.notice, card),
        description: description.clone(),
        governance: governance(&spec.notice),
    };
    let component = Component {
        bom_ref: Some(Reference::Dataset(spec.name.clone()).to_string()),
        supplier: spec.notice.supplier.clone().map(|name| Supplier { name }),
        version: spec.notice.version.clone(),
        description,
        licenses: licenses(spec.license.as_ref(), card),
        purl: package_url(facts),
        external_references: located("distribution", spec.uri.clone()),
        data: vec![data],
        ..Component::new(ComponentType::Data, spec.name.as_str())
    };
    let component = component.with_digest(facts.digest);
    let component = card.iter().fold(component, |component, card| given::marked(component, &given::of_dataset(card)));
    let component = match spec.role {
        Some(role) => component.with_property(ROLE_PROPERTY, role.as_str()),
        None => component,
    };
    let component = spec.header.iter().fold(component, |component, header| {
        component.with_property(HEADER_PROPERTY, header.to_string()).field_obtained(HEADER_PROPERTY, Obtained::Declared)
    });
    let component = facts.contents.iter().fold(component, filled);
    let component = facts
        .disjoint
        .iter()
        .fold(component, |component, (name, by)| component.with_property(DISJOINT_PROPERTY, by.with(name)));
    match facts.measured {
        Some(size) => with_ways(sized(component.obtained(Obtained::Measured), size)),
        None => component.obtained(Obtained::Declared),
    }
}

/// The licence of the release file, else that of the card.
fn licenses(declared: Option<&LicenseExpression>, card: Option<&DatasetCard>) -> Vec<License> {
    match (declared, card) {
        (Some(declared), _) => vec![declared.to_cyclonedx()],
        (None, Some(card)) => licence::of_words(&card.licenses),
        (None, None) => Vec::new(),
    }
}

/// Names a dataset that has a version. The checksum of a package URL is that of a file; a folder has none.
fn package_url(facts: &DatasetFacts) -> Option<String> {
    let (spec, version) = (&facts.spec, facts.spec.notice.version.as_ref()?);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let version: String = version
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    let checksum = match facts.digest {
        ArtifactDigest::File(digest) => format!("?checksum=sha256:{digest}"),
        ArtifactDigest::Tree(_) => String::new(),
    };
    Some(format!("pkg:generic/{}@{version}{checksum}", spec.name))
}

/// The kinds of sensitive data: those of the release file, where none is a statement too; else what the card says of them.
fn sensitive(notice: &DatasetNotice, card: Option<&DatasetCard>) -> Vec<String> {
    match &notice.sensitive {
        Some(kinds) if kinds.is_empty() => vec!["none".to_owned()],
        Some(kinds) => kinds.clone(),
        None => card.and_then(|card| card.personal_data.clone()).into_iter().collect(),
    }
}

fn governance(notice: &DatasetNotice) -> Option<Governance> {
    let parties =
        |names: &[String]| names.iter().map(|name| Party { organization: Supplier { name: name.clone() } }).collect();
    let governance = Governance {
        custodians: parties(&notice.custodians),
        stewards: parties(&notice.stewards),
        owners: parties(&notice.owners),
    };
    (governance != Governance::default()).then_some(governance)
}

/// Says what is in the files.
pub(super) fn filled(component: Component, contents: &DatasetContents) -> Component {
    let mut component = component;
    for (format, count) in &contents.formats {
        component = component.with_property("assaymark:format", format!("{} {count}", format.as_str()));
    }
    if let Some(rows) = contents.rows {
        component = component.with_property("assaymark:rows", rows.to_string());
    }
    if !contents.columns.is_empty() {
        component = component.with_property("assaymark:columns", contents.columns.len().to_string());
    }
    for (name, kind) in contents.columns.iter().take(limits::LISTED_COLUMNS) {
        component = component.with_property("assaymark:column", format!("{}: {}", shown(name), kind.as_str()));
    }
    if !contents.classes.is_empty() {
        component = component.with_property("assaymark:classes", contents.classes.len().to_string());
    }
    for (name, count) in contents.classes.iter().take(limits::LISTED_CLASSES) {
        component = component.with_property("assaymark:class", format!("{}: {count}", shown(name)));
    }
    contents.card.iter().fold(component, carded)
}

/// Keeps of a name what may stand in a document.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(limits::SHOWN_CHARACTERS).collect()
}

/// Says what the card of the data says.
fn carded(component: Component, card: &DatasetCard) -> Component {
    let words = [
        ("assaymark:card:license", &card.licenses),
        ("assaymark:card:task", &card.tasks),
        ("assaymark:card:size", &card.sizes),
        ("assaymark:card:language", &card.languages),
    ];
    let name = card.pretty_name.iter().map(|name| ("assaymark:card:name", name));
    let stated = name.chain(words.into_iter().flat_map(|(key, words)| words.iter().map(move |word| (key, word))));
    let mut keys = BTreeSet::new();
    let component = stated.fold(component, |component, (key, word)| {
        keys.insert(key);
        component.with_property(key, word.as_str())
    });
    keys.into_iter().fold(component, |component, key| component.field_obtained(key, Obtained::Declared))
}

/// What was hashed is measured; what the user said about it is not.
fn with_ways(component: Component) -> Component {
    let role = component.properties.iter().any(|property| property.name == ROLE_PROPERTY);
    let declared = [
        ("name", true),
        ("data", true),
        ("supplier", component.supplier.is_some()),
        ("version", component.version.is_some()),
        ("description", component.description.is_some()),
        ("purl", component.purl.is_some()),
        ("licenses", !component.licenses.is_empty()),
        ("externalReferences", !component.external_references.is_empty()),
        (ROLE_PROPERTY, role),
    ];
    declared
        .into_iter()
        .filter(|(_, there)| *there)
        .fold(component, |component, (field, _)| component.field_obtained(field, Obtained::Declared))
}
