//! The closed list of what is checked.

use crate::closed_list::closed_list;

closed_list! {
    /// What a validation objects to. Each has a row in `docs/bom.md`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Check {
        /// It is no strict JSON object within the limits.
        Malformed = "malformed",
        /// There is no schema of its version of CycloneDX.
        UnknownVersion = "unknown-version",
        /// It does not fit the official schema.
        Schema = "schema",
        /// Its references, its graph or its digests are not sound.
        Semantics = "semantics",
        /// A model or dataset does not say what it is, or something points nowhere.
        Undescribed = "undescribed",
        /// An element of the profile is missing.
        Incomplete = "incomplete",
        /// The score of the profile is too low.
        LowScore = "low-score",
        /// The bytes have another digest than the document says.
        DigestDiffers = "digest-differs",
        /// A value of the document is not what its files give when they are read again.
        FactDiffers = "fact-differs",
        /// A file is there that the document does not list.
        FileExtra = "file-extra",
        /// A file that the document lists is not there, or has another name.
        FileMissing = "file-missing",
        /// A licence asks for what the release does not give.
        LicenceConflict = "licence-conflict",
        /// A licence on the way to the release is absent or unknown.
        LicenceUnknown = "licence-unknown",
        /// A file of the document, or the model, has no digest that could be compared.
        NotCompared = "not-compared",
        /// The document names nothing that could be compared with the bytes.
        NothingCompared = "nothing-compared",
        /// No package of the document could be looked for among known vulnerabilities.
        NothingLookedUp = "nothing-looked-up",
        /// A package of the document can't be looked for among known vulnerabilities.
        PackageUnmatched = "package-unmatched",
        /// A package has a known vulnerability.
        Vulnerable = "vulnerable",
        /// Nobody can say whether a package has a known vulnerability.
        VulnerabilityUnknown = "vulnerability-unknown",
        /// What the document is held against has links, special files or unsafe names, or changed meanwhile.
        Unreadable = "unreadable",
    }
}
