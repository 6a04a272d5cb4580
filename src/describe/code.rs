//! The training code as a component.

use crate::cyclonedx::component::Supplier;
use crate::cyclonedx::{Component, ComponentType};
use crate::describe::bom::{located, sized};
use crate::describe::packages;
use crate::describe::stated::TAG_PROPERTY;
use crate::digest::ArtifactDigest;
use crate::facts::{Facts, GitFacts};
use crate::obtained::Obtained;
use crate::reference::Reference;
use crate::release::LicenseExpression;

/// Describes the training code.
pub(super) fn component(facts: &Facts<'_>) -> Component {
    let (notice, facts) = (&facts.spec.code_notice, &facts.code);
    let git = facts.git.as_ref();
    let component = Component {
        bom_ref: Some(Reference::Code.to_string()),
        supplier: notice.supplier.clone().map(|name| Supplier { name }),
        licenses: notice.license.iter().map(LicenseExpression::to_cyclonedx).collect(),
        swhid: git.and_then(revision).into_iter().collect(),
        version: git.and_then(|git| git.commit.clone()),
        external_references: located("vcs", git.and_then(|git| git.remote.clone())),
        components: facts.environment.notebooks.iter().map(|(path, of)| packages::notebook(path, of)).collect(),
        ..Component::new(ComponentType::Application, "training code")
    };
    let said = [("supplier", notice.supplier.is_some()), ("licenses", notice.license.is_some())];
    let component =
        sized(component.with_digest(ArtifactDigest::Tree(facts.digest)), facts.size).obtained(Obtained::Measured);
    let said = said.into_iter().filter(|(_, there)| *there);
    let component = said.fold(component, |component, (field, _)| component.field_obtained(field, Obtained::Declared));
    let component = facts.environment.read.iter().fold(component, |component, file| {
        let name = if file.is_bom { "assaymark:imported-bom" } else { "assaymark:lock-file" };
        component.with_property(name, format!("{} sha256:{}", file.name, file.digest))
    });
    match git {
        Some(git) => checkout(component, git),
        None => component,
    }
}

/// Names the commit as the archive of Software Heritage does (SWHID 1.1, "Core identifiers"), if the code is what the commit
/// has: an object of git by its SHA-1.
fn revision(git: &GitFacts) -> Option<String> {
    let commit = git.commit.as_ref().filter(|commit| !git.dirty && commit.len() == 40)?;
    Some(format!("swh:1:rev:{commit}"))
}

/// Says what git knows.
fn checkout(component: Component, git: &GitFacts) -> Component {
    let mut component = component.with_property("assaymark:dirty", git.dirty.to_string());
    if let Some(tree) = &git.tree {
        component = component.with_property("assaymark:git-tree", tree.as_str());
    }
    if git.dirty {
        component = component.with_property("assaymark:changed-files", git.changed_count.to_string());
    }
    let tags = git.tags.iter().map(|tag| (TAG_PROPERTY, tag));
    let changed = git.changed.iter().map(|path| ("assaymark:changed-file", path));
    tags.chain(changed).fold(component, |component, (name, value)| component.with_property(name, value.as_str()))
}
