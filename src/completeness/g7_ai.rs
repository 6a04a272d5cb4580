//! G7 Cybersecurity Working Group, "SBOM for AI – Minimum Elements", 12 May 2026: seven clusters with fifty elements.
//!
//! What CycloneDX has no field for (a signature of the author inside the document, flows of data, security controls and
//! where a model can be attacked) is told and does not count, unless a document has found a place for it.

use crate::completeness::element::{Element, elements};

pub(super) const ELEMENTS: &[Element] = elements! {
    "metadata" {
        "SBOM author", Document, Counted, "metadata.authors, or metadata.manufacturer, supplier",
            ["metadata/authors", "metadata/manufacturer/name", "metadata/supplier/name"];
        "SBOM version", Document, Counted, "version", ["version"];
        "data format name", Document, Counted, "bomFormat", ["bomFormat"];
        "data format version", Document, Counted, "specVersion", ["specVersion"];
        "SBOM author signature", Document, Told, "a detached signature, or signature", ["signature"];
        "tool name", Document, Counted, "metadata.tools.components[].name",
            ["metadata/tools/components/*/name", "metadata/tools/*/name"];
        "tool version", Document, Counted, "metadata.tools.components[].version",
            ["metadata/tools/components/*/version", "metadata/tools/*/version"];
        "generation context", Document, Counted, "metadata.lifecycles[].phase",
            ["metadata/lifecycles/*/phase", "metadata/lifecycles/*/name"];
        "timestamp", Document, Counted, "metadata.timestamp", ["metadata/timestamp"];
        "dependency relationship", Document, Counted, "dependencies[]", ["dependencies/*/ref"];
    }
    "system" {
        "system name", Document, Counted, "metadata.component.name", ["metadata/component/name"];
        "system version", Document, Counted, "metadata.component.version", ["metadata/component/version"];
        "system producer", Document, Counted, "metadata.component.supplier, or its manufacturer",
            ["metadata/component/supplier/name", "metadata/component/manufacturer/name"];
        "system components", Document, Counted, "components[]", ["components/*/name"];
        "system timestamp", Document, Told, "formulation[].workflows[].timeEnd, or a property",
            ["formulation/*/workflows/*/timeEnd", "metadata/component/releaseNotes/timestamp",
             "metadata/component/properties/name=timestamp"];
        "system data flow", Document, Told, "services[].data", ["services/*/data"];
        "system data usage", Document, Told, "services[].data, or a property", ["services/*/data"];
        "system input and output", Document, Counted, "components[].modelCard.modelParameters.inputs and outputs",
            ["components/*/modelCard/modelParameters/inputs"];
        "application area", Document, Counted, "components[].modelCard.considerations.useCases",
            ["components/*/modelCard/considerations/useCases"];
    }
    "models" {
        "model name", Models, Counted, "components[].name", ["name"];
        "model version", Models, Counted, "components[].version", ["version"];
        "model producer", Models, Counted, "components[].manufacturer, or its supplier, authors",
            ["manufacturer/name", "supplier/name", "authors", "publisher"];
        "model description", Models, Counted, "components[].description", ["description"];
        "model identifier", Models, Counted, "components[].purl, or swhid", ["purl", "swhid", "cpe", "omniborId"];
        "model timestamp", Document, Told, "components[].releaseNotes.timestamp, or formulation[].workflows[].timeEnd",
            ["components/*/releaseNotes/timestamp", "formulation/*/workflows/*/timeEnd"];
        "model hash value", Models, Counted, "components[].hashes[].content", ["hashes/*/content"];
        "model hash algorithm", Models, Counted, "components[].hashes[].alg", ["hashes/*/alg"];
        "model properties", Models, Counted, "components[].modelCard.modelParameters.modelArchitecture, or properties",
            ["modelCard/modelParameters/modelArchitecture", "modelCard/modelParameters/architectureFamily",
             "modelCard/properties"];
        "training properties", Models, Counted, "components[].modelCard.modelParameters.approach, or its datasets",
            ["modelCard/modelParameters/approach/type", "modelCard/modelParameters/datasets", "modelCard/properties"];
        "model input and output", Models, Counted, "components[].modelCard.modelParameters.inputs and outputs",
            ["modelCard/modelParameters/inputs", "modelCard/modelParameters/outputs"];
        "model licence", Models, Counted, "components[].licenses", ["licenses"];
        "model external references", Models, Counted, "components[].externalReferences", ["externalReferences/*/url"];
    }
    "datasets" {
        "dataset name", Datasets, Counted, "components[].name", ["name"];
        "dataset description", Datasets, Counted, "components[].data[].description, or description",
            ["data/*/description", "description"];
        "dataset content", Datasets, Counted, "components[].data[].contents", ["data/*/contents"];
        "dataset identifier", Datasets, Counted, "components[].purl, or an external reference",
            ["purl", "swhid", "externalReferences/*/url", "data/*/contents/url"];
        "dataset hash", Datasets, Counted, "components[].hashes", ["hashes/*/content"];
        "dataset provenance", Datasets, Counted, "components[].supplier, pedigree, or data[].governance",
            ["supplier/name", "manufacturer/name", "pedigree", "data/*/governance", "externalReferences/*/url"];
        "dataset statistical properties", Datasets, Told, "components[].data[].graphics, or data[].contents.properties",
            ["data/*/graphics", "data/*/contents/properties", "properties"];
        "dataset sensitivity", Datasets, Counted, "components[].data[].classification, or sensitiveData",
            ["data/*/classification", "data/*/sensitiveData"];
        "dataset dependency relationship", Document, Counted, "components[].modelCard.modelParameters.datasets[].ref",
            ["components/*/modelCard/modelParameters/datasets/*/ref"];
        "dataset licence", Datasets, Counted, "components[].licenses", ["licenses"];
    }
    "infrastructure" {
        "infrastructure software", Document, Counted, "components[] of type framework, library, container or platform",
            ["components/type=framework", "components/type=library", "components/type=container",
             "components/type=platform", "components/type=operating-system"];
        "infrastructure hardware", Document, Told, "components[] or formulation[].components[] of type device",
            ["components/type=device", "formulation/*/components/type=device"];
    }
    "security" {
        "security controls", Document, Told, "declarations", ["declarations"];
        "security compliance", Document, Told, "declarations, definitions.standards", ["definitions/standards", "declarations"];
        "security policy", Document, Told, "components[].externalReferences of type security-contact or rfc-9116",
            ["components/*/externalReferences/type=security-contact", "components/*/externalReferences/type=rfc-9116",
             "metadata/component/externalReferences/type=security-contact"];
        "vulnerability referencing", Document, Told, "vulnerabilities, or a reference of type exploitability-statement",
            ["vulnerabilities", "components/*/externalReferences/type=exploitability-statement",
             "components/*/externalReferences/type=vulnerability-assertion"];
    }
    "key performance indicators" {
        "security metrics", Document, Told, "components[].modelCard.quantitativeAnalysis.performanceMetrics",
            ["components/*/modelCard/quantitativeAnalysis/performanceMetrics"];
        "operational indicators", Document, Counted, "components[].modelCard.quantitativeAnalysis.performanceMetrics",
            ["components/*/modelCard/quantitativeAnalysis/performanceMetrics",
             "components/*/modelCard/considerations/environmentalConsiderations"];
    }
};
