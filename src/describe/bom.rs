//! The CycloneDX ML-BOM of a release (`docs/format.md`, "ML-BOM"): its parts, and how they hang together.

use crate::cyclonedx::component::{Author, Supplier};
use crate::cyclonedx::{
    Bom, Component, ComponentType, Composition, Dependency, ExternalReference, MODEL_REF, Metadata, Parts, SpecVersion,
};
use crate::describe::{aibom, base, code, datasets, formulation, model, packages};
use crate::facts::{Facts, Size};
use crate::intoto::predicate::seal::SealedModel;
use crate::obtained::Obtained;
use crate::reference::Reference;
use crate::release::LicenseExpression;

/// The `bom-ref` of the release, the root of the document.
const RELEASE_REF: &str = "release";

/// Describes the release: model, data, code, base models, and how they hang together.
pub fn bom(facts: &Facts<'_>, sealed: &SealedModel, version: SpecVersion) -> serde_json::Result<Bom> {
    let mut components = vec![model::component(facts, sealed)];
    components.extend(facts.spec.model.base.iter().map(base::component));
    components.push(code::component(facts));
    components.extend(facts.datasets.iter().map(datasets::component));
    components.extend(packages::components(&facts.code.environment));
    let authors = facts.spec.identity.authors.iter().map(|name| Author { name: name.clone() });
    let properties = facts.spec.aibom.as_ref().map(|spec| aibom::of_metadata(facts, spec)).unwrap_or_default();
    let metadata = Metadata::new(facts.at, tool(), release(facts, sealed)).with(authors.collect(), properties);
    let parts = Parts {
        components,
        dependencies: dependencies(facts),
        compositions: compositions(facts),
        formulation: formulation::formulation(facts),
    };
    Bom::new(version, metadata, parts)
}

fn tool() -> Component {
    Component {
        bom_ref: Some(env!("CARGO_PKG_NAME").to_owned()),
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        ..Component::new(ComponentType::Application, env!("CARGO_PKG_NAME"))
    }
}

/// The release. What its package URL names is the model, so that one comes with the digest of the other.
fn release(facts: &Facts<'_>, sealed: &SealedModel) -> Component {
    let identity = &facts.spec.identity;
    let hash = identity.purl.as_ref().map(|_| model::hash(sealed));
    let component = Component {
        bom_ref: Some(RELEASE_REF.to_owned()),
        purl: identity.purl.clone(),
        external_references: located("security-contact", identity.security_contact.clone()),
        ..named(facts, ComponentType::Application)
    };
    let component = component.obtained(Obtained::Declared);
    match hash {
        Some(hash) => Component { hashes: vec![hash], ..component }.field_obtained("hashes", Obtained::Measured),
        None => component,
    }
}

/// A component with the name, version, licence and supplier of the release.
pub(super) fn named(facts: &Facts<'_>, kind: ComponentType) -> Component {
    let spec = facts.spec;
    Component {
        version: Some(spec.release.version.to_string()),
        supplier: spec.supplier.clone().map(|name| Supplier { name }),
        licenses: spec.license.iter().map(LicenseExpression::to_cyclonedx).collect(),
        ..Component::new(kind, spec.release.name.as_str())
    }
}

/// Says how many files and bytes something has.
pub(super) fn sized(component: Component, size: Size) -> Component {
    component
        .with_property("assaymark:files", size.files.to_string())
        .with_property("assaymark:bytes", size.bytes.to_string())
}

/// Points to where something is, if that is known.
pub(super) fn located(kind: &'static str, url: Option<String>) -> Vec<ExternalReference> {
    url.map(|url| ExternalReference::new(kind, url)).into_iter().collect()
}

/// Names what stands behind the model: base models, code, data.
fn behind(facts: &Facts<'_>) -> Vec<String> {
    let bases = facts.spec.model.base.iter().map(|spec| Reference::Base(spec.name.clone()));
    let datasets = facts.datasets.iter().map(|facts| Reference::Dataset(facts.spec.name.clone()));
    bases.chain([Reference::Code]).chain(datasets).map(|reference| reference.to_string()).collect()
}

/// Every component has an entry, or what it depends on would count as unknown.
fn dependencies(facts: &Facts<'_>) -> Vec<Dependency> {
    let parts = behind(facts);
    let leaf = |component: String| Dependency { component, depends_on: Vec::new() };
    let mut dependencies = vec![
        Dependency { component: RELEASE_REF.to_owned(), depends_on: vec![MODEL_REF.to_owned()] },
        Dependency { component: MODEL_REF.to_owned(), depends_on: parts.clone() },
    ];
    let packages = packages::references(&facts.code.environment);
    dependencies.extend(parts.into_iter().map(|component| {
        let depends_on = if component == Reference::Code.to_string() { packages.clone() } else { Vec::new() };
        Dependency { component, depends_on }
    }));
    dependencies.extend(packages.iter().cloned().map(leaf));
    dependencies
}

/// The list of files is complete or left out; what the code itself depends on is known from lock files.
fn compositions(facts: &Facts<'_>) -> Vec<Composition> {
    let files = if model::lists_files(facts) { "complete" } else { "incomplete" };
    let aggregate = packages::aggregate(&facts.code.environment);
    vec![
        Composition { aggregate: files, assemblies: vec![MODEL_REF.to_owned()], dependencies: Vec::new() },
        Composition { aggregate, assemblies: Vec::new(), dependencies: vec![Reference::Code.to_string()] },
    ]
}
