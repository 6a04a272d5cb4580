//! What the training code runs in, as components: packages, the image of a container, notebooks.

use chrono::SecondsFormat;

use crate::cyclonedx::component::{LicenseName, Supplier};
use crate::cyclonedx::{Component, ComponentType, Hash, License};
use crate::facts::{EnvironmentFacts, KnownPackage};
use crate::limits;
use crate::lockfile::sbom::PackageLicense;
use crate::notebook::Notebook;
use crate::obtained::Obtained;
use crate::reference::Reference;
use crate::release::{ContainerImage, LicenseExpression};

/// The `bom-ref` of the image.
const IMAGE_REF: &str = "image";

/// Describes packages and image. Beyond a limit packages have no digests.
pub(super) fn components(facts: &EnvironmentFacts) -> Vec<Component> {
    let mut left = limits::PACKAGE_HASHES;
    let mut components: Vec<_> =
        facts.packages.iter().map(|(reference, package)| library(reference, package, &mut left)).collect();
    components.extend(facts.image.as_ref().map(image));
    components
}

/// Returns the names of the components that the code depends on.
pub(super) fn references(facts: &EnvironmentFacts) -> Vec<String> {
    let image = facts.image.as_ref().map(|_| IMAGE_REF.to_owned());
    facts.packages.keys().cloned().chain(image).collect()
}

/// Says how much of the packages is listed.
pub(super) fn aggregate(facts: &EnvironmentFacts) -> &'static str {
    match (facts.read.is_empty(), facts.complete) {
        (true, _) => "unknown",
        (false, true) => "complete",
        (false, false) => "incomplete",
    }
}

fn library(reference: &str, package: &KnownPackage, left: &mut usize) -> Component {
    let hashes = if package.hashes.len() <= *left { package.hashes.iter().collect() } else { Vec::new() };
    *left -= hashes.len();
    let mut component = Component {
        bom_ref: Some(reference.to_owned()),
        supplier: package.producer.clone().map(|name| Supplier { name }),
        licenses: licenses(&package.licenses),
        version: package.version.clone(),
        purl: package.url.clone(),
        hashes: hashes.into_iter().map(|hash| Hash::imported(hash.algorithm, hash.content.clone())).collect(),
        ..Component::new(ComponentType::Library, package.name.as_str())
    }
    .obtained(package.obtained);
    if let Some(time) = package.uploaded {
        component = component.with_property("assaymark:uploaded", time.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    }
    package.sources.iter().fold(component, |component, file| component.with_property("assaymark:source", file.as_str()))
}

/// States licences as other documents do. A text that SPDX does not know is a name, and so is an expression beside others:
/// CycloneDX has one expression, or licences.
fn licenses(stated: &[PackageLicense]) -> Vec<License> {
    let alone = stated.len() == 1;
    let license = |license: &PackageLicense| {
        let known = match license {
            PackageLicense::Expression(text) => {
                text.parse::<LicenseExpression>().ok().map(|known| known.to_cyclonedx())
            }
            PackageLicense::Name(_) => None,
        };
        let fits = known.filter(|known| alone || !matches!(known, License::Expression { .. }));
        let (PackageLicense::Expression(text) | PackageLicense::Name(text)) = license;
        fits.unwrap_or_else(|| License::named(LicenseName::Name(text.clone())))
    };
    stated.iter().map(license).collect()
}

fn image(image: &ContainerImage) -> Component {
    Component {
        bom_ref: Some(IMAGE_REF.to_owned()),
        version: Some(format!("sha256:{}", image.digest)),
        purl: Some(image.url()),
        hashes: vec![Hash::sha256(image.digest)],
        ..Component::new(ComponentType::Container, image.name.as_str())
    }
    .obtained(Obtained::Declared)
}

/// Describes a notebook as a part of the code.
pub(super) fn notebook(path: &str, notebook: &Notebook) -> Component {
    let component =
        Component { bom_ref: Some(format!("{}/{path}", Reference::Code)), ..Component::new(ComponentType::File, path) };
    let component = match &notebook.language {
        Some(language) => component.with_property("assaymark:language", language.as_str()),
        None => component,
    };
    let component = component.with_property("assaymark:code-cells", notebook.code_cells.to_string());
    notebook
        .imports
        .iter()
        .fold(component, |component, name| component.with_property("assaymark:import", name.as_str()))
}
