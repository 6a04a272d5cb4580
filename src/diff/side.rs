//! One of the two bundles: its lines, and which of them count.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::bundle::UnverifiedBundle;
use crate::diff::{DiffError, Head, LineHead};
use crate::digest::Digest;
use crate::evidence;
use crate::inspect::{Claim, Inspection, Line};
use crate::text::Text;
use crate::trust::{Attester, TrustRoot};

/// Whether a line is compared, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counting {
    /// It is compared as it came: nobody checked who signed it.
    Unverified,
    /// It is compared: this attester signed it with this key, in a role from which it counts.
    SignedBy {
        /// The attester.
        attester: Text,
        /// The id of the key.
        key_id: String,
    },
    /// It is not compared, for this reason.
    Refused(Text),
}

/// A release bundle with the lines that are compared.
#[derive(Debug)]
pub struct Side {
    path: PathBuf,
    lines: Vec<LineHead>,
    pub(super) inspection: Inspection,
    trust: Option<Text>,
    notes: Vec<Text>,
}

impl Side {
    /// Reads a bundle. Under a trust root, only what its attesters signed is compared, as of a point in time.
    pub fn read(path: &Path, trust: Option<(&TrustRoot, DateTime<Utc>)>) -> Result<Self, DiffError> {
        let (bundle, findings) = UnverifiedBundle::read(path)?;
        if findings.deny() {
            return Err(DiffError::Limit { path: path.to_owned(), findings });
        }
        let verified = trust.map(|(trust, at)| Verified::of(bundle.clone(), trust, at));
        let mut inspection = Inspection::of(bundle);
        if inspection.is_unreadable() {
            return Err(DiffError::Unreadable { path: path.to_owned() });
        }
        let counting: Vec<Counting> = match &verified {
            None => inspection.lines.iter().map(|_| Counting::Unverified).collect(),
            Some(verified) => inspection.lines.iter().map(|line| verified.counting(line)).collect(),
        };
        let lines: Vec<LineHead> = inspection.lines.iter().zip(counting).map(head).collect();
        let counts = |line: &Line| {
            let found = lines.iter().find(|head| head.number == line.number);
            found.is_some_and(|head| !matches!(head.counting, Counting::Refused(_)))
        };
        inspection.lines.retain(counts);
        if inspection.is_unreadable() {
            return Err(DiffError::Untrusted { path: path.to_owned(), lines: refusals(&lines) });
        }
        let trust = trust.map(|(trust, _)| trust.source().display().to_string().into());
        let mut side = Self { path: path.to_owned(), lines, inspection, trust, notes: Vec::new() };
        side.notes = side.doubts();
        Ok(side)
    }

    /// Returns where the bundle is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what the lines claim that are compared, each with its line.
    pub(super) fn claims(&self) -> impl Iterator<Item = (&Line, &Claim)> {
        self.inspection.lines.iter().filter_map(|line| Some((line, line.claim.as_ref().ok()?)))
    }

    /// Says who signed a line: an attester and the key, or the key that the line names.
    pub(super) fn signer(&self, line: &Line) -> String {
        let head = self.lines.iter().find(|head| head.number == line.number);
        if let Some(Counting::SignedBy { attester, key_id }) = head.map(|head| &head.counting) {
            return format!("{} {key_id}", attester.raw());
        }
        let claim = line.claim.as_ref().ok();
        let named = claim.and_then(|claim| claim.certificate.as_ref().map(|name| format!("certificate of {name}")));
        named.or_else(|| claim?.key_id.clone()).unwrap_or_else(|| "no key id".to_owned())
    }

    pub(super) fn notes(&self) -> impl Iterator<Item = &Text> {
        self.notes.iter()
    }

    pub(super) fn trust(&self) -> Option<&Text> {
        self.trust.as_ref()
    }

    pub(super) fn head(&self) -> Head {
        Head {
            path: self.path.display().to_string().into(),
            digest: self.inspection.digest,
            release: self.inspection.seal().map(|seal| seal.release.to_string().into()),
            lines: self.lines.clone(),
        }
    }

    /// Says what makes the comparison less than whole.
    fn doubts(&self) -> Vec<Text> {
        let path = self.path.display();
        let mut notes = Vec::new();
        for (what, several) in [("BOM", "bom"), ("provenance", "provenance"), ("model signature", "model-signature")] {
            let count = self.claims().filter(|(_, claim)| claim.statement.predicate.kind().name() == several).count();
            if count > 1 {
                notes.push(format!("`{path}` has {count} lines that are a {what}: the first one is compared").into());
            }
        }
        notes
    }
}

fn head((line, counting): (&Line, Counting)) -> LineHead {
    let kind = line.kind().map(|kind| kind.name().into());
    LineHead { number: line.number, kind, counting }
}

fn refusals(lines: &[LineHead]) -> Vec<String> {
    let reason = |head: &LineHead| match &head.counting {
        Counting::Refused(reason) => Some(format!("line {}: {}", head.number, reason.raw())),
        Counting::Unverified | Counting::SignedBy { .. } => None,
    };
    lines.iter().filter_map(reason).collect()
}

/// What is known of the lines of a bundle under a trust root.
struct Verified {
    /// The lines that count, each with its signer.
    counted: BTreeMap<usize, (Text, String)>,
    /// The payloads of those lines: a line that repeats one says nothing new.
    payloads: BTreeSet<Digest>,
    /// The lines that don't count, each with the reason.
    refused: BTreeMap<usize, Text>,
}

impl Verified {
    fn of(bundle: UnverifiedBundle, trust: &TrustRoot, at: DateTime<Utc>) -> Self {
        let mut verified = Self { counted: BTreeMap::new(), payloads: BTreeSet::new(), refused: BTreeMap::new() };
        let (authenticated, findings) = evidence::authenticate(bundle, trust, at);
        for finding in findings.iter() {
            if let crate::finding::Place::Line(line) = finding.place {
                verified.refused.insert(line, finding.summary.clone());
            }
        }
        let (statements, _) = evidence::read(authenticated);
        for statement in statements {
            let origin = statement.origin();
            let attester = origin.attester();
            if statement.has_role() {
                let signer = (attester.name.as_str().into(), key_id(attester, origin.signer()));
                verified.counted.insert(origin.line(), signer);
                verified.payloads.insert(origin.payload());
            } else {
                let reason = format!("`{}` signed it, in no role from which it counts", attester.name);
                verified.refused.insert(origin.line(), reason.into());
            }
        }
        verified
    }

    fn counting(&self, line: &Line) -> Counting {
        if let Some((attester, key_id)) = self.counted.get(&line.number) {
            return Counting::SignedBy { attester: attester.clone(), key_id: key_id.clone() };
        }
        let repeats = |claim: &Claim| self.payloads.contains(&Digest::of(&claim.payload));
        Counting::Refused(match (self.refused.get(&line.number), &line.claim) {
            (Some(reason), _) | (None, Err(reason)) => reason.clone(),
            (None, Ok(claim)) if repeats(claim) => "it repeats another line".into(),
            (None, Ok(_)) => "it does not count".into(),
        })
    }
}

/// Returns the id of the key of an attester that has a fingerprint; of a certificate, what stands for it in a seal.
fn key_id(attester: &Attester, fingerprint: Digest) -> String {
    let key = attester.keys.iter().find(|trusted| trusted.key.fingerprint() == fingerprint);
    key.map_or_else(|| fingerprint.to_string(), |trusted| trusted.key.key_id())
}
