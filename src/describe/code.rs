//! The training code as a component.

use crate::cyclonedx::{Component, ComponentType};
use crate::describe::bom::{located, sized};
use crate::describe::packages;
use crate::digest::ArtifactDigest;
use crate::facts::{CodeFacts, GitFacts};
use crate::obtained::Obtained;
use crate::reference::Reference;

/// Describes the training code.
pub(super) fn component(facts: &CodeFacts) -> Component {
    let git = facts.git.as_ref();
    let component = Component {
        bom_ref: Some(Reference::Code.to_string()),
        version: git.and_then(|git| git.commit.clone()),
        external_references: located("vcs", git.and_then(|git| git.remote.clone())),
        components: facts.environment.notebooks.iter().map(|(path, of)| packages::notebook(path, of)).collect(),
        ..Component::new(ComponentType::Application, "training code")
    };
    let component =
        sized(component.with_digest(ArtifactDigest::Tree(facts.digest)), facts.size).obtained(Obtained::Measured);
    let component = facts.environment.read.iter().fold(component, |component, file| {
        let name = if file.is_bom { "assaymark:imported-bom" } else { "assaymark:lock-file" };
        component.with_property(name, format!("{} sha256:{}", file.name, file.digest))
    });
    match git {
        Some(git) => checkout(component, git),
        None => component,
    }
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
    let tags = git.tags.iter().map(|tag| ("assaymark:git-tag", tag));
    let changed = git.changed.iter().map(|path| ("assaymark:changed-file", path));
    tags.chain(changed).fold(component, |component, (name, value)| component.with_property(name, value.as_str()))
}
