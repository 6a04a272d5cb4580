//! Step 1: which lines are signed by an attester whom we trust.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::bundle::{UnverifiedBundle, UnverifiedLine};
use crate::digest::Digest;
use crate::dsse::{IN_TOTO, Pae};
use crate::finding::{Code, Finding, Findings, Place};
use crate::limits;
use crate::sigstore_bundle::{BundleError, SigstoreBundle};
use crate::trust::{Attester, TrustRoot, TrustedKey};

/// A payload that a trusted attester signed with a key that counts at the time in question.
#[derive(Debug)]
pub struct Authenticated<'t> {
    pub(super) origin: Origin<'t>,
    pub(super) signed: Pae,
}

/// Where an authenticated payload comes from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'t> {
    line: usize,
    attester: &'t Attester,
    signer: Digest,
    payload: Digest,
}

impl<'t> Authenticated<'t> {
    /// Returns who signed, and where it stands.
    pub fn origin(&self) -> Origin<'t> {
        self.origin
    }
}

impl<'t> Origin<'t> {
    /// Returns the number of the line.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Returns who signed.
    pub fn attester(&self) -> &'t Attester {
        self.attester
    }

    /// Returns the fingerprint of the key that signed.
    pub fn signer(&self) -> Digest {
        self.signer
    }

    /// Returns the SHA-256 of the payload.
    pub fn payload(&self) -> Digest {
        self.payload
    }

    /// Returns the line as the place of a finding.
    pub fn place(&self) -> Place {
        Place::Line(self.line)
    }
}

/// Authenticates the lines of a bundle under a trust root at a point in time.
///
/// Lines that fail are reported, never counted. Of lines with one payload and one signer the first stays.
pub fn authenticate<'t>(
    bundle: UnverifiedBundle,
    trust: &'t TrustRoot,
    at: DateTime<Utc>,
) -> (Vec<Authenticated<'t>>, Findings) {
    let mut gate = Gate::new(trust, at);
    let mut authenticated: Vec<Authenticated<'t>> = Vec::new();
    let mut findings = Findings::default();
    let mut seen = BTreeSet::new();
    for line in bundle.into_lines() {
        match gate.line(&line) {
            Ok(proof) if !seen.insert((proof.origin.payload, proof.origin.signer)) => {}
            Ok(proof) => authenticated.push(proof),
            Err(finding) => findings.push(*finding),
        }
    }
    (authenticated, findings)
}

struct Gate<'t> {
    /// Every trusted key with its id, which is a digest of its own and not free to compute.
    keys: Vec<(String, &'t Attester, &'t TrustedKey)>,
    at: DateTime<Utc>,
    work: usize,
}

type Refusal = Box<Finding>;

impl<'t> Gate<'t> {
    fn new(trust: &'t TrustRoot, at: DateTime<Utc>) -> Self {
        let keys = trust.keys().map(|(attester, trusted)| (trusted.key.key_id(), attester, trusted)).collect();
        Self { keys, at, work: 0 }
    }

    fn line(&mut self, line: &UnverifiedLine) -> Result<Authenticated<'t>, Refusal> {
        let place = Place::Line(line.number);
        let bundle = SigstoreBundle::parse(&line.bytes).map_err(|error| unreadable(line.number, &error))?;
        let signature = match bundle.envelope.signatures.as_slice() {
            [] => return Err(Finding::warn(Code::Unsigned, place, "the line has no signature").into()),
            [signature] => signature,
            _ => return Err(unreadable(line.number, &BundleError::Shape("it has more than one signature"))),
        };
        let signed = Pae::new(&bundle.envelope.payload_type, &bundle.envelope.payload);
        let hints = [bundle.key_hint.as_deref(), signature.key_id.as_deref()];
        let (attester, trusted) = self.signer(line.number, &hints, &signed, &signature.bytes)?;
        if bundle.envelope.payload_type != IN_TOTO {
            return Err(unreadable(line.number, &BundleError::Unsupported("its payload is not an in-toto statement")));
        }
        self.check_window(line.number, attester, trusted)?;
        let payload = Digest::of(signed.payload());
        let origin = Origin { line: line.number, attester, signer: trusted.key.fingerprint(), payload };
        Ok(Authenticated { origin, signed })
    }

    /// Finds the trusted key that made the signature. Hints only say which one to try first.
    fn signer(
        &mut self,
        line: usize,
        hints: &[Option<&str>],
        signed: &Pae,
        signature: &[u8],
    ) -> Result<(&'t Attester, &'t TrustedKey), Refusal> {
        let hinted = |id: &str| hints.contains(&Some(id));
        let (first, rest): (Vec<_>, Vec<_>) = self.keys.iter().partition(|(id, ..)| hinted(id));
        for (_, attester, trusted) in first.iter().chain(&rest) {
            self.work += (64 << 10) + signed.as_bytes().len();
            if self.work > limits::SIGNATURE_WORK {
                let summary = "checking the signatures of this bundle takes more work than is allowed";
                return Err(Finding::deny(Code::LimitExceeded, Place::Line(line), summary).into());
            }
            if trusted.key.verifies(signed.as_bytes(), signature) {
                return Ok((attester, trusted));
            }
        }
        Err(self.no_signer(line, first.first().map(|(_, attester, _)| *attester), hints))
    }

    fn no_signer(&self, line: usize, named: Option<&Attester>, hints: &[Option<&str>]) -> Refusal {
        let place = Place::Line(line);
        let trusted: Vec<_> = self.keys.iter().map(|(id, attester, _)| format!("`{}` {id}", attester.name)).collect();
        let claimed = hints.iter().flatten().next().map_or_else(
            || "the line names no key".to_owned(),
            |id| format!("the line names the key {id}, which is a claim and no proof"),
        );
        let finding = match named {
            Some(attester) => Finding::warn(
                Code::BadSignature,
                place,
                format!("the signature does not fit the content, though it names the key of `{}`", attester.name),
            )
            .help("get the bundle again; if it still fails, tell the publisher and do not use the model"),
            None => Finding::warn(Code::UntrustedSigner, place, "the line is signed, but by no key that is trusted")
                .help("if the publisher changed keys, get the new one from them directly"),
        };
        finding.expected(trusted.join(", ")).found(claimed).into()
    }

    fn check_window(&self, line: usize, attester: &Attester, trusted: &TrustedKey) -> Result<(), Refusal> {
        let shown = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
        let (code, expected) = match (trusted.valid_from, trusted.valid_until) {
            (Some(from), _) if self.at < from => (Code::KeyNotYetValid, format!("valid from {}", shown(from))),
            (_, Some(until)) if self.at >= until => (Code::KeyExpired, format!("valid until {}", shown(until))),
            _ => return Ok(()),
        };
        let summary = format!("the key of `{}` does not count at the time of this check", attester.name);
        let finding = Finding::warn(code, Place::Line(line), summary).expected(expected).found(shown(self.at));
        Err(finding.help("`releaser`s sign the release again with a key that is valid").into())
    }
}

fn unreadable(line: usize, error: &BundleError) -> Refusal {
    let place = Place::Line(line);
    match error {
        BundleError::Json(json) if json.is_limit() => {
            Finding::deny(Code::LimitExceeded, place, format!("the line is over a limit: {json}")).into()
        }
        BundleError::Unsupported(reason) => {
            Finding::warn(Code::UnsupportedLine, place, format!("the line can't be checked: {reason}")).into()
        }
        error => {
            let summary = format!("the line is not a Sigstore bundle: {error}");
            Finding::warn(Code::MalformedLine, place, summary).into()
        }
    }
}
