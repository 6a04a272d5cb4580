//! CISA, "2026 Minimum Elements for a Software Bill of Materials (SBOM)", July 2026, the successor of the NTIA's list.
//!
//! The signature of the author does not count: ours is detached, so that the document can't hold it.

use crate::completeness::element::{Element, elements};

pub(super) const ELEMENTS: &[Element] = elements! {
    "metadata" {
        "SBOM author", Document, Counted, "metadata.authors, or metadata.manufacturer, supplier",
            ["metadata/authors", "metadata/manufacturer/name", "metadata/supplier/name"];
        "SBOM author signature", Document, Told, "a detached signature, or signature", ["signature"];
        "SBOM version", Document, Counted, "version", ["version"];
        "data format name", Document, Counted, "bomFormat", ["bomFormat"];
        "data format version", Document, Counted, "specVersion", ["specVersion"];
        "tool name", Document, Counted, "metadata.tools.components[].name",
            ["metadata/tools/components/*/name", "metadata/tools/services/*/name", "metadata/tools/*/name"];
        "tool version", Document, Counted, "metadata.tools.components[].version",
            ["metadata/tools/components/*/version", "metadata/tools/services/*/version", "metadata/tools/*/version"];
        "timestamp", Document, Counted, "metadata.timestamp", ["metadata/timestamp"];
        "generation context", Document, Counted, "metadata.lifecycles[].phase",
            ["metadata/lifecycles/*/phase", "metadata/lifecycles/*/name"];
        "coverage", Document, Counted, "compositions[].aggregate", ["compositions/*/aggregate"];
    }
    "components" {
        "component producer", Components, Counted, "components[].manufacturer, or its supplier, authors, publisher",
            ["manufacturer/name", "supplier/name", "authors", "publisher", "author"];
        "component name", Components, Counted, "components[].name", ["name"];
        "component version", Components, Counted, "components[].version", ["version"];
        "component identifiers", Components, Counted, "components[].purl, or cpe, swhid, omniborId, swid",
            ["purl", "cpe", "swhid", "omniborId", "swid"];
        "component hash", Components, Counted, "components[].hashes[].content", ["hashes/*/content"];
        "component hash algorithm", Components, Counted, "components[].hashes[].alg", ["hashes/*/alg"];
        "component licence", Components, Counted, "components[].licenses", ["licenses"];
        "dependency relationship", Document, Counted, "dependencies[]", ["dependencies/*/ref"];
    }
};
