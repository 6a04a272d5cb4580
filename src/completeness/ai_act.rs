//! Regulation (EU) 2024/1689 (AI Act), Annexes IV and XI: of what they ask for, what a bill of materials can hold.
//!
//! Being complete here is no conformity: most of the technical documentation is prose that stands elsewhere.

use crate::completeness::element::{Element, elements};

pub(super) const ELEMENTS: &[Element] = elements! {
    "Annex IV 1" {
        "intended purpose", Models, Counted, "components[].modelCard.considerations.useCases",
            ["modelCard/considerations/useCases"];
        "provider", Document, Counted, "metadata.component.supplier, or its manufacturer, or metadata.manufacturer",
            ["metadata/component/supplier/name", "metadata/component/manufacturer/name", "metadata/manufacturer/name",
             "metadata/supplier/name"];
        "version of the system", Document, Counted, "metadata.component.version", ["metadata/component/version"];
        "versions of software", Components, Counted, "components[].version", ["version"];
        "hardware", Document, Told, "components[] or formulation[].components[] of type device",
            ["components/type=device", "formulation/*/components/type=device"];
    }
    "Annex IV 2" {
        "development steps and pre-trained systems", Document, Counted,
            "components[].pedigree.ancestors, or formulation", ["components/*/pedigree/ancestors", "formulation/*/workflows"];
        "architecture", Models, Counted, "components[].modelCard.modelParameters.modelArchitecture",
            ["modelCard/modelParameters/modelArchitecture", "modelCard/modelParameters/architectureFamily"];
        "provenance of training data", Datasets, Counted, "components[].supplier, data[].governance, or a reference",
            ["supplier/name", "data/*/governance", "externalReferences/*/url", "data/*/contents/url"];
        "scope of training data", Datasets, Counted, "components[].data[].description", ["data/*/description", "description"];
        "integrity of training data", Datasets, Counted, "components[].hashes", ["hashes/*/content"];
        "data of the model", Models, Counted, "components[].modelCard.modelParameters.datasets",
            ["modelCard/modelParameters/datasets"];
        "metrics of validation and testing", Models, Counted,
            "components[].modelCard.quantitativeAnalysis.performanceMetrics",
            ["modelCard/quantitativeAnalysis/performanceMetrics/*/value"];
        "reports of tests", Models, Told, "components[].externalReferences of type attestation, evidence or quality-metrics",
            ["externalReferences/type=attestation", "externalReferences/type=evidence",
             "externalReferences/type=quality-metrics"];
        "cybersecurity measures", Document, Told, "declarations", ["declarations"];
    }
    "Annex IV 3" {
        "capabilities and limitations", Models, Counted, "components[].modelCard.considerations.technicalLimitations",
            ["modelCard/considerations/technicalLimitations"];
        "foreseeable risks", Models, Counted,
            "components[].modelCard.considerations.ethicalConsiderations, or fairnessAssessments",
            ["modelCard/considerations/ethicalConsiderations", "modelCard/considerations/fairnessAssessments"];
    }
    "Annex XI 1" {
        "tasks", Models, Counted, "components[].modelCard.modelParameters.task", ["modelCard/modelParameters/task"];
        "acceptable use policy", Models, Told, "components[].externalReferences, or considerations.useCases",
            ["externalReferences/type=license", "modelCard/considerations/useCases"];
        "release date and distribution", Models, Told, "components[].externalReferences of type distribution",
            ["externalReferences/type=distribution", "releaseNotes/timestamp"];
        "number of parameters", Models, Told, "a property of components[].modelCard, or of the component",
            ["modelCard/properties", "properties"];
        "modality and format of inputs and outputs", Models, Counted,
            "components[].modelCard.modelParameters.inputs and outputs",
            ["modelCard/modelParameters/inputs", "modelCard/modelParameters/outputs"];
        "licence", Models, Counted, "components[].licenses", ["licenses"];
    }
    "Annex XI 2" {
        "design and training method", Models, Counted, "components[].modelCard.modelParameters.approach",
            ["modelCard/modelParameters/approach/type"];
        "data of the training, testing and validation", Datasets, Counted, "components[].data[]", ["data/*/type"];
        "energy consumption", Models, Told, "components[].modelCard.considerations.environmentalConsiderations",
            ["modelCard/considerations/environmentalConsiderations/energyConsumptions"];
    }
};
