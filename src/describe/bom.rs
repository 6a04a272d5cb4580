//! The CycloneDX ML-BOM of a release (`docs/format.md`, "ML-BOM").

use std::collections::BTreeMap;

use crate::cyclonedx::component::{Contents, Supplier};
use crate::cyclonedx::{
    Bom, Component, ComponentType, Composition, Data, Dependency, ExternalReference, Hash, MODEL_REF, Metadata,
    ModelCard, ModelParameters, Pedigree,
};
use crate::describe::{IMPORTED, obtained};
use crate::digest::ArtifactDigest;
use crate::facts::{CodeFacts, DatasetFacts, Facts, Size};
use crate::file_list::Entry;
use crate::intoto::predicate::seal::SealedModel;
use crate::limits;
use crate::reference::Reference;
use crate::release::{BaseSpec, LicenseExpression};

/// The `bom-ref` of the release, the root of the document.
const RELEASE_REF: &str = "release";

/// Describes the release: model, data, code, base models, and how they hang together.
pub fn bom(facts: &Facts<'_>, sealed: &SealedModel) -> serde_json::Result<Bom> {
    let mut components = vec![model(facts, sealed)];
    components.extend(facts.spec.model.base.iter().map(|spec| base(spec, true)));
    components.push(code(&facts.code));
    components.extend(facts.datasets.iter().map(dataset));
    let metadata = Metadata::new(facts.at, tool(), release(facts));
    Bom::new(metadata, components, dependencies(facts), compositions(facts))
}

fn tool() -> Component {
    Component {
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        ..Component::new(ComponentType::Application, env!("CARGO_PKG_NAME"))
    }
}

fn release(facts: &Facts<'_>) -> Component {
    Component { bom_ref: Some(RELEASE_REF.to_owned()), ..named(facts, ComponentType::Application) }
}

/// A component with the name, version, licence and supplier of the release.
fn named(facts: &Facts<'_>, kind: ComponentType) -> Component {
    let spec = facts.spec;
    Component {
        version: Some(spec.release.version.to_string()),
        supplier: spec.supplier.clone().map(|name| Supplier { name }),
        licenses: spec.license.iter().map(LicenseExpression::to_cyclonedx).collect(),
        ..Component::new(kind, spec.release.name.as_str())
    }
}

fn model(facts: &Facts<'_>, sealed: &SealedModel) -> Component {
    let spec = &facts.spec.model;
    let reference =
        |facts: &DatasetFacts| BTreeMap::from([("ref", Reference::Dataset(facts.spec.name.clone()).to_string())]);
    let datasets = facts.datasets.iter().map(reference).collect();
    let component = Component {
        bom_ref: Some(MODEL_REF.to_owned()),
        hashes: vec![Hash::sha256(match sealed {
            SealedModel::File { sha256 } => *sha256,
            SealedModel::Tree { oms_root, .. } => *oms_root,
        })],
        pedigree: (!spec.base.is_empty())
            .then(|| Pedigree { ancestors: spec.base.iter().map(|spec| base(spec, false)).collect() }),
        components: if lists_files(facts) { facts.model.entries().iter().map(file).collect() } else { Vec::new() },
        model_card: Some(ModelCard { model_parameters: ModelParameters { task: spec.task.clone(), datasets } }),
        ..named(facts, ComponentType::MachineLearningModel)
    };
    let component = sized(component.with_digest(sealed.digest()), Size::from(facts.model));
    match sealed {
        SealedModel::Tree { oms_root, .. } => component.with_property("assaymark:omsRoot", oms_root.to_string()),
        SealedModel::File { .. } => component,
    }
}

/// The files of a folder are listed up to a limit; above it the digests of the folder stand for them.
fn lists_files(facts: &Facts<'_>) -> bool {
    matches!(facts.model.digest(), ArtifactDigest::Tree(_)) && facts.model.entries().len() <= limits::LISTED_FILES
}

fn file(entry: &Entry) -> Component {
    Component {
        bom_ref: Some(format!("{MODEL_REF}/{}", entry.path)),
        hashes: vec![Hash::sha256(entry.digest)],
        ..Component::new(ComponentType::File, entry.path.as_str())
    }
}

/// A base model: once with a `bom-ref`, as a part of the document, and without as an ancestor of the model.
fn base(spec: &BaseSpec, referable: bool) -> Component {
    let (purl, elsewhere) = match &spec.uri {
        Some(uri) if uri.starts_with("pkg:") => (Some(uri.clone()), None),
        uri => (None, uri.clone()),
    };
    let component = Component {
        bom_ref: referable.then(|| Reference::Base(spec.name.clone()).to_string()),
        purl,
        external_references: located("distribution", elsewhere),
        ..Component::new(ComponentType::MachineLearningModel, spec.name.as_str())
    };
    let component = match spec.digest {
        Some(digest) => component.with_digest(digest),
        None => component,
    };
    match &spec.verified {
        None => component.with_property("assaymark:obtained", obtained(false)),
        Some(base) => component
            .with_property("assaymark:obtained", IMPORTED)
            .with_property("assaymark:release", base.release.clone())
            .with_property("assaymark:bundle", base.bundle.to_string()),
    }
}

fn code(facts: &CodeFacts) -> Component {
    let git = facts.git.as_ref();
    let component = Component {
        bom_ref: Some(Reference::Code.to_string()),
        version: git.and_then(|git| git.commit.clone()),
        external_references: located("vcs", git.and_then(|git| git.remote.clone())),
        ..Component::new(ComponentType::Application, "training code")
    };
    let component = sized(component.with_digest(ArtifactDigest::Tree(facts.digest)), facts.size)
        .with_property("assaymark:obtained", obtained(true));
    match git {
        Some(git) => component.with_property("assaymark:dirty", git.dirty.to_string()),
        None => component,
    }
}

fn dataset(facts: &DatasetFacts) -> Component {
    let spec = &facts.spec;
    let data = Data {
        kind: "dataset",
        name: spec.name.to_string(),
        contents: spec.uri.clone().map(|url| Contents { url }),
        classification: spec.classification.clone(),
    };
    let component = Component {
        bom_ref: Some(Reference::Dataset(spec.name.clone()).to_string()),
        licenses: spec.license.iter().map(LicenseExpression::to_cyclonedx).collect(),
        external_references: located("distribution", spec.uri.clone()),
        data: vec![data],
        ..Component::new(ComponentType::Data, spec.name.as_str())
    };
    let component =
        component.with_digest(facts.digest).with_property("assaymark:obtained", obtained(facts.measured.is_some()));
    let component = match spec.role {
        Some(role) => component.with_property("assaymark:role", role.as_str()),
        None => component,
    };
    match facts.measured {
        Some(size) => sized(component, size),
        None => component,
    }
}

fn sized(component: Component, size: Size) -> Component {
    component
        .with_property("assaymark:files", size.files.to_string())
        .with_property("assaymark:bytes", size.bytes.to_string())
}

fn located(kind: &'static str, url: Option<String>) -> Vec<ExternalReference> {
    url.map(|url| ExternalReference { kind, url }).into_iter().collect()
}

/// Every component has an entry, or what it depends on would count as unknown.
fn dependencies(facts: &Facts<'_>) -> Vec<Dependency> {
    let mut parts: Vec<String> =
        facts.spec.model.base.iter().map(|spec| Reference::Base(spec.name.clone()).to_string()).collect();
    parts.push(Reference::Code.to_string());
    parts.extend(facts.datasets.iter().map(|facts| Reference::Dataset(facts.spec.name.clone()).to_string()));
    let leaf = |component: String| Dependency { component, depends_on: Vec::new() };
    let mut dependencies = vec![
        Dependency { component: RELEASE_REF.to_owned(), depends_on: vec![MODEL_REF.to_owned()] },
        Dependency { component: MODEL_REF.to_owned(), depends_on: parts.clone() },
    ];
    dependencies.extend(parts.into_iter().map(leaf));
    dependencies
}

/// The list of files is complete or left out; what the code itself depends on was not looked at.
fn compositions(facts: &Facts<'_>) -> Vec<Composition> {
    let files = if lists_files(facts) { "complete" } else { "incomplete" };
    vec![
        Composition { aggregate: files, assemblies: vec![MODEL_REF.to_owned()], dependencies: Vec::new() },
        Composition { aggregate: "unknown", assemblies: Vec::new(), dependencies: vec![Reference::Code.to_string()] },
    ]
}
