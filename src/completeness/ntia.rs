//! NTIA, "The Minimum Elements For a Software Bill of Materials (SBOM)", 12 July 2021: the seven data fields.

use crate::completeness::element::{Element, elements};

pub(super) const ELEMENTS: &[Element] = elements! {
    "data fields" {
        "supplier name", Components, Counted, "components[].supplier, or its manufacturer, authors or publisher",
            ["supplier/name", "manufacturer/name", "authors", "publisher", "author"];
        "component name", Components, Counted, "components[].name", ["name"];
        "component version", Components, Counted, "components[].version", ["version"];
        "other unique identifiers", Components, Counted, "components[].purl, or cpe, swhid, omniborId, swid, hashes",
            ["purl", "cpe", "swhid", "omniborId", "swid", "hashes/*/content"];
        "dependency relationship", Document, Counted, "dependencies[]", ["dependencies/*/ref"];
        "author of SBOM data", Document, Counted, "metadata.authors, or metadata.manufacturer, supplier",
            ["metadata/authors", "metadata/manufacturer/name", "metadata/supplier/name", "metadata/manufacture/name"];
        "timestamp", Document, Counted, "metadata.timestamp", ["metadata/timestamp"];
    }
};
