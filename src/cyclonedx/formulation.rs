//! How something came about: a run with its times, its inputs and outputs, and the machines that it ran on.

use serde::Serialize;

use crate::cyclonedx::Component;

/// How something came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Formula {
    /// What was used and is no part of the result.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Component>,
    /// The runs.
    pub workflows: Vec<Workflow>,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Workflow {
    /// The name by which the document refers to it.
    #[serde(rename = "bom-ref")]
    pub bom_ref: String,
    /// The name by which others do.
    pub uid: String,
    /// Its name for people.
    pub name: String,
    /// What kind of run it is.
    pub task_types: Vec<&'static str>,
    /// What went in.
    pub inputs: Vec<Input>,
    /// What came out.
    pub outputs: Vec<Output>,
    /// When it started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_start: Option<String>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_end: Option<String>,
}

/// What went into a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Input {
    /// A component.
    Resource(ResourceReference),
    /// Values that were chosen.
    Parameters(Vec<Parameter>),
}

/// What came out of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Output {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The component.
    pub resource: ResourceReference,
}

/// A component of the same document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResourceReference {
    /// Its `bom-ref`.
    #[serde(rename = "ref")]
    pub reference: String,
}

/// A value that was chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}
