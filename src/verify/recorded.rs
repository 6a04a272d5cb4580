//! What the provenance of a release recorded of data and code.

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::ArtifactDigest;
use crate::evidence::VerifiedStatement;
use crate::intoto::Predicate;
use crate::intoto::predicate::Seal;
use crate::name::Name;
use crate::reference::Reference;
use crate::verify::differences::Recorder;

/// What was recorded of a part of a release.
pub(super) enum Part {
    /// Its digest.
    Digest(ArtifactDigest),
    /// The release has no such part.
    Unknown,
    /// Its name alone: the policy denies.
    WithoutDigest,
}

/// The digests of data and code, and who recorded them.
pub(super) struct Recorded<'s> {
    digests: BTreeMap<Reference, Option<ArtifactDigest>>,
    commit: Option<&'s str>,
    pub(super) by: Recorder,
}

impl<'s> Recorded<'s> {
    /// Reads the provenance that the seal names.
    pub(super) fn new(statements: &[&'s VerifiedStatement<'_>], seal: &Seal) -> Self {
        let sealed = |statement: &&&VerifiedStatement<'_>| {
            seal.members.iter().any(|member| member.payload == statement.origin().payload()) && statement.has_role()
        };
        let mut digests = BTreeMap::new();
        let mut commit = None;
        for statement in statements.iter().filter(sealed) {
            let Predicate::Provenance(provenance) = statement.predicate() else { continue };
            for (reference, dependency) in provenance.references() {
                if reference == Reference::Code {
                    commit = dependency.digest.get("gitCommit").map(String::as_str);
                }
                digests.insert(reference, dependency.artifact_digest());
            }
        }
        Self { digests, commit, by: Recorder::of(statements, seal) }
    }

    /// Returns what was recorded of a part.
    pub(super) fn part(&self, reference: &Reference) -> Part {
        match self.digests.get(reference) {
            None => Part::Unknown,
            Some(None) => Part::WithoutDigest,
            Some(Some(digest)) => Part::Digest(*digest),
        }
    }

    /// Returns everything that was recorded.
    pub(super) fn parts(&self) -> BTreeSet<Reference> {
        self.digests.keys().cloned().collect()
    }

    /// Returns the commit of the code.
    pub(super) fn commit(&self) -> Option<&str> {
        self.commit
    }

    /// Returns the names of the datasets.
    pub(super) fn datasets(&self) -> impl Iterator<Item = &Name> {
        self.digests.keys().filter_map(|reference| match reference {
            Reference::Dataset(name) => Some(name),
            Reference::Base(_) | Reference::Code => None,
        })
    }
}
