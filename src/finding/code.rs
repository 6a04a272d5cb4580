//! The closed list of codes.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::closed_list::closed_list;

closed_list! {
    /// What kind of fault a finding reports. The text of a code never changes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[non_exhaustive]
    pub enum Code {        // The bundle as a file.
        /// Nothing in the bundle is signed by an attester whom the trust file names.
        NoEvidence = "no-evidence",
        /// The bundle is larger, longer or deeper than we read.
        LimitExceeded = "limit-exceeded",
        // One line of it.
        /// A line is not a Sigstore bundle with a DSSE envelope.
        MalformedLine = "malformed-line",
        /// A line is a Sigstore bundle of a form that this version can't check.
        UnsupportedLine = "unsupported-line",
        /// A line has no signature.
        Unsigned = "unsigned",
        /// A line is signed, but by no key that is trusted.
        UntrustedSigner = "untrusted-signer",
        /// A line names a trusted key, but the signature does not fit the content.
        BadSignature = "bad-signature",
        /// The key was no longer valid at the time that counts.
        KeyExpired = "key-expired",
        /// The key was not yet valid at the time that counts.
        KeyNotYetValid = "key-not-yet-valid",
        /// A certificate of the signer's chain had expired at the time that counts.
        CertificateExpired = "certificate-expired",
        /// A certificate of the signer's chain was not yet valid at the time that counts.
        CertificateNotYetValid = "certificate-not-yet-valid",
        /// A certificate of the signer's chain was revoked, or whether it was can't be told.
        CertificateRevoked = "certificate-revoked",
        /// The certificate or a timestamp was not valid when the line was signed, or nothing proves when that was.
        WrongTime = "wrong-time",
        /// A transparency log does not vouch for the signature or its certificate.
        WrongLog = "wrong-log",
        /// The signed payload is not a statement that we can read.
        MalformedStatement = "malformed-statement",
        /// The signer does not have the role that such a line needs.
        WrongRole = "wrong-role",
        /// The statement is about another model.
        SubjectMismatch = "subject-mismatch",
        /// The model signature leaves out more than the four git names.
        OmsIgnoredPaths = "oms-ignored-paths",
        /// A signed time lies in the future.
        TimeInFuture = "time-in-future",
        // The set.
        /// No seal closes the set.
        Unsealed = "unsealed",
        /// The newest seal does not name this line.
        UnsealedLine = "unsealed-line",
        /// An approval, waiver or promotion does not judge what is sealed now.
        JudgementOutdated = "judgement-outdated",
        /// A seal is missing from the chain, or does not continue it.
        SealBroken = "seal-broken",
        /// Two seals claim the same place in the chain.
        SealForked = "seal-forked",
        /// The newest seal names a line that is absent.
        MemberMissing = "member-missing",
        /// A later seal leaves out a member of an earlier one.
        MemberDropped = "member-dropped",
        /// The newest seal is older than demanded.
        Rollback = "rollback",
        /// A newer version of the policy was applied before, or another text of this version.
        PolicyRollback = "policy-rollback",
        /// The bundle is of another release than demanded.
        ReleaseMismatch = "release-mismatch",
        /// The release, its data, a base model or a key was withdrawn.
        Withdrawn = "withdrawn",
        /// The list of withdrawals is not whole.
        WithdrawalsBroken = "withdrawals-broken",
        /// The list of withdrawals is too old.
        WithdrawalsStale = "withdrawals-stale",
        // The files.
        /// A file holds other bytes than were signed.
        FileChanged = "file-changed",
        /// A signed file is absent.
        FileMissing = "file-missing",
        /// A file is there that nobody signed.
        FileExtra = "file-extra",
        /// A signed file lies under another name.
        FileRenamed = "file-renamed",
        /// A file changed while it was read.
        FileUnstable = "file-unstable",
        /// The model as a whole is not the signed one.
        ModelMismatch = "model-mismatch",
        /// A file's digest is offered for a folder, or the reverse.
        DigestKind = "digest-kind",
        /// A link stands in a tree.
        LinkInTree = "link-in-tree",
        /// A FIFO, socket or device stands in a tree.
        SpecialFile = "special-file",
        /// A name in a tree can't be handled safely.
        UnsafePath = "unsafe-path",
        /// Two names are equal where case or normal form is ignored.
        NameCollision = "name-collision",
        /// A tree has no file.
        TreeEmpty = "tree-empty",
        /// A model holds a git repository.
        GitDirectory = "git-directory",
        /// A file of the model is not what its format demands.
        WeightsMalformed = "weights-malformed",
        /// The shards of a model are not those that its index names.
        ShardMismatch = "shard-mismatch",
        /// What is declared of a model contradicts what its files say.
        DeclaredContradicted = "declared-contradicts-measured",
        /// A dataset as a whole is not the recorded one.
        DatasetMismatch = "dataset-mismatch",
        /// The release has no dataset of that name.
        DatasetUnknown = "dataset-unknown",
        /// The code is not the recorded one.
        CodeMismatch = "code-mismatch",
        // How the evidence hangs together, and what the policy demands.
        /// The BOM is not a valid CycloneDX document.
        BomInvalid = "bom-invalid",
        /// The BOM and the model signature disagree.
        BomMismatch = "bom-mismatch",
        /// BOM and provenance disagree on data, code or model.
        LineageMismatch = "lineage-mismatch",
        /// Evidence that the policy demands is absent.
        EvidenceMissing = "evidence-missing",
        /// A dataset is named without a digest.
        DatasetWithoutDigest = "dataset-without-digest",
        /// The code that trained the model is not recorded.
        CodeNotRecorded = "code-not-recorded",
        /// A scan or test of the model failed.
        TestFailed = "test-failed",
        // Waivers.
        /// A waiver has expired.
        WaiverExpired = "waiver-expired",
        /// A waiver is of something that can't be waived.
        WaiverVoid = "waiver-void",
        // What the policy file demands.
        /// Something that must be hashed again was not.
        NotHashed = "not-hashed",
        /// Evidence is by fewer attesters than demanded.
        TooFewAttesters = "too-few-attesters",
        /// Evidence is by the very attester whom it must not be by, or nobody is known whom it must not be by.
        DutiesNotSeparated = "duties-not-separated",
        /// Evidence is older than the policy allows.
        EvidenceStale = "evidence-stale",
        /// Nothing proves when a line was signed, or that it was logged.
        ProofMissing = "proof-missing",
        /// No promoter let the release into the stage.
        NotPromoted = "not-promoted",
        /// A model file has a format that is not allowed.
        ModelFormat = "model-format",
        /// The BOM says less than demanded.
        BomIncomplete = "bom-incomplete",
        /// A licence asks for what the release does not give.
        LicenseConflict = "license-conflict",
        /// A licence is denied, or is not among those that are allowed.
        LicenseDenied = "license-denied",
        /// A licence is absent or unknown.
        LicenseUnknown = "license-unknown",
        /// A dataset is denied, or is not among those that are allowed.
        DatasetDenied = "dataset-denied",
        /// Testing data are among the training data, or can't be told apart from them.
        TestDataInTraining = "test-data-in-training",
        /// A file or a row stands in data to learn from and in data to judge by.
        TrainTestOverlap = "train-test-overlap",
        /// The rows of a dataset can't be compared, and that was asked for.
        RowsNotCompared = "rows-not-compared",
        /// A file of a dataset is not what its name says.
        DatasetUnread = "dataset-unread",
        /// The training code is not pinned, not clean, or not from where it must be.
        CodeOrigin = "code-origin",
        /// The training did not run on a builder that is allowed.
        BuilderNotAllowed = "builder-not-allowed",
        /// A parameter of the training is absent, or has another value than demanded.
        ParameterMismatch = "parameter-mismatch",
        /// An evaluation does not state a metric that is demanded.
        MetricMissing = "metric-missing",
        /// A metric is outside its bounds.
        MetricOutOfBounds = "metric-out-of-bounds",
        /// A package is denied, too new or kept by too few people.
        PackageDenied = "package-denied",
        /// What the policy asks of a package is not known.
        PackageUnknown = "package-unknown",
        /// A scan did not look at every file of the model.
        ScanIncomplete = "scan-incomplete",
        /// A vulnerability is more severe than allowed.
        Vulnerable = "vulnerable",
        /// A condition of the policy denies.
        ConditionDenied = "condition-denied",
        /// A condition of the policy gave no answer.
        ConditionFailed = "condition-failed",
    }
}

impl Code {
    /// Says whether nothing but the rule of a policy gives it, where neither a memory nor a scan is asked for.
    pub fn is_of_rules(self) -> bool {
        self.is_waivable()
            || matches!(
                self,
                Self::ConditionFailed
                    | Self::DutiesNotSeparated
                    | Self::NotHashed
                    | Self::NotPromoted
                    | Self::ProofMissing
                    | Self::Rollback
            )
    }

    /// Says whether a waiver can take its denial away: only what a policy demands on top of a sound set.
    ///
    /// Whatever says that files, signatures, seals or links are not sound can never be waived.
    pub fn is_waivable(self) -> bool {
        matches!(
            self,
            Self::BomIncomplete
                | Self::BuilderNotAllowed
                | Self::CodeNotRecorded
                | Self::CodeOrigin
                | Self::ConditionDenied
                | Self::DatasetDenied
                | Self::DatasetWithoutDigest
                | Self::EvidenceMissing
                | Self::EvidenceStale
                | Self::LicenseConflict
                | Self::LicenseDenied
                | Self::LicenseUnknown
                | Self::MetricMissing
                | Self::MetricOutOfBounds
                | Self::ModelFormat
                | Self::PackageDenied
                | Self::PackageUnknown
                | Self::ParameterMismatch
                | Self::ScanIncomplete
                | Self::TestDataInTraining
                | Self::TestFailed
                | Self::TooFewAttesters
                | Self::Vulnerable
        )
    }
}

/// There is no code of that text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("there is no such code")]
pub struct CodeError;

impl FromStr for Code {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        Self::ALL.iter().find(|code| code.as_str() == text).copied().ok_or(CodeError)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_distinct_kebab_case_words() {
        let texts: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
        for text in texts {
            assert!(text.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{text}");
        }
    }
}
