//! The document as a whole.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::cyclonedx::citation::{self, Citation};
use crate::cyclonedx::component::Author;
use crate::cyclonedx::formulation::Formula;
use crate::cyclonedx::{Component, Property, SpecVersion};
use crate::intoto::OWN_URI;

/// A bill of materials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bom {
    #[serde(rename = "$schema")]
    schema: &'static str,
    #[serde(rename = "bomFormat")]
    format: &'static str,
    spec_version: SpecVersion,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial_number: Option<String>,
    version: u32,
    metadata: Metadata,
    #[serde(flatten)]
    parts: Parts,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    citations: Vec<Citation>,
}

/// What the document lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Parts {
    /// The components, the model first.
    pub components: Vec<Component>,
    /// How they hang together.
    pub dependencies: Vec<Dependency>,
    /// How much of them is listed.
    pub compositions: Vec<Composition>,
    /// How they came about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub formulation: Vec<Formula>,
}

/// When, how and of what the document was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Metadata {
    timestamp: String,
    lifecycles: [Lifecycle; 1],
    tools: Tools,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Author>,
    component: Component,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Lifecycle {
    phase: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Tools {
    components: Vec<Component>,
}

/// What a component depends on; every component has one, so that none is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Dependency {
    /// The component.
    #[serde(rename = "ref")]
    pub component: String,
    /// What it depends on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
}

/// How much of something the document lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Composition {
    /// How complete it is.
    pub aggregate: &'static str,
    /// Whose parts are meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assemblies: Vec<String>,
    /// Whose dependencies are meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<String>,
}

impl Metadata {
    /// Describes a document about `component`, made by `tool` at `time` after the training.
    pub fn new(time: DateTime<Utc>, tool: Component, component: Component) -> Self {
        Self {
            timestamp: time.to_rfc3339_opts(SecondsFormat::Secs, true),
            lifecycles: [Lifecycle { phase: "post-build" }],
            tools: Tools { components: vec![tool] },
            authors: Vec::new(),
            component,
            properties: Vec::new(),
        }
    }

    /// Says who made the document, and what has no field of its own.
    #[must_use]
    pub fn with(self, authors: Vec<Author>, properties: Vec<Property>) -> Self {
        Self { authors, properties, ..self }
    }

    /// Returns the `bom-ref` of the tool that made the document.
    fn tool(&self) -> &str {
        self.tools.components.first().and_then(|tool| tool.bom_ref.as_deref()).unwrap_or_default()
    }
}

impl Bom {
    /// Makes a document and gives it a serial number that follows from its content.
    ///
    /// The number is a version 5 UUID over the document without it, so that the same content has the same
    /// number and other content another one.
    pub fn new(version: SpecVersion, metadata: Metadata, parts: Parts) -> serde_json::Result<Self> {
        let mut bom = Self {
            schema: version.schema(),
            format: "CycloneDX",
            spec_version: version,
            serial_number: None,
            version: 1,
            metadata,
            parts,
            citations: Vec::new(),
        };
        if version >= SpecVersion::V1_7 {
            let tool = bom.metadata.tool().to_owned();
            bom.citations = citation::citations(&serde_json::to_value(&bom)?, &bom.metadata.timestamp, &tool);
        }
        let namespace = Uuid::new_v5(&Uuid::NAMESPACE_URL, OWN_URI.as_bytes());
        let serial = Uuid::new_v5(&namespace, &serde_json::to_vec(&bom)?);
        bom.serial_number = Some(serial.urn().to_string());
        Ok(bom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cyclonedx::ComponentType;

    fn bom(name: &str) -> serde_json::Value {
        let tool = Component::new(ComponentType::Application, "tool");
        let metadata = Metadata::new(DateTime::UNIX_EPOCH, tool, Component::new(ComponentType::Application, name));
        serde_json::to_value(Bom::new(SpecVersion::V1_6, metadata, Parts::default()).unwrap()).unwrap()
    }

    #[test]
    fn the_serial_number_follows_from_the_content() {
        assert_eq!(bom("a")["serialNumber"], bom("a")["serialNumber"]);
        assert_ne!(bom("a")["serialNumber"], bom("b")["serialNumber"]);
        assert!(bom("a")["serialNumber"].as_str().unwrap().starts_with("urn:uuid:"));
    }

    #[test]
    fn the_time_has_a_zone() {
        assert_eq!(bom("a")["metadata"]["timestamp"], "1970-01-01T00:00:00Z");
    }
}
