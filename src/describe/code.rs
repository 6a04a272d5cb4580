//! The training code as a component.

use crate::cyclonedx::{Component, ComponentType};
use crate::describe::bom::{located, sized};
use crate::digest::ArtifactDigest;
use crate::facts::CodeFacts;
use crate::obtained::Obtained;
use crate::reference::Reference;

/// Describes the training code.
pub(super) fn component(facts: &CodeFacts) -> Component {
    let git = facts.git.as_ref();
    let component = Component {
        bom_ref: Some(Reference::Code.to_string()),
        version: git.and_then(|git| git.commit.clone()),
        external_references: located("vcs", git.and_then(|git| git.remote.clone())),
        ..Component::new(ComponentType::Application, "training code")
    };
    let component =
        sized(component.with_digest(ArtifactDigest::Tree(facts.digest)), facts.size).obtained(Obtained::Measured);
    match git {
        Some(git) => component.with_property("assaymark:dirty", git.dirty.to_string()),
        None => component,
    }
}
