//! Step 1: which lines are signed by an attester whom we trust.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::bundle::{UnverifiedBundle, UnverifiedLine};
use crate::digest::Digest;
use crate::dsse::{IN_TOTO, Pae};
use crate::evidence::authenticate::certified::Signed;
use crate::finding::{Code, Finding, Findings, Place};
use crate::limits;
use crate::sigstore::{Proof, Refusal as Refused};
use crate::sigstore_bundle::{BundleError, SigstoreBundle};
use crate::trust::{Attester, TrustRoot, TrustedKey};

mod certified;
mod issued;

/// A payload that a trusted attester signed with a key that counts at the time in question.
#[derive(Debug)]
pub struct Authenticated<'t> {
    pub(super) origin: Origin<'t>,
    pub(super) signed: Pae,
}

/// Where an authenticated payload comes from.
#[derive(Clone, Debug)]
pub struct Origin<'t> {
    line: usize,
    attester: &'t Attester,
    signer: Digest,
    identities: Vec<Digest>,
    payload: Digest,
    proven: Option<DateTime<Utc>>,
    timestamped: bool,
    logged: bool,
}

impl<'t> Authenticated<'t> {
    /// Returns who signed, and where it stands.
    pub fn origin(&self) -> &Origin<'t> {
        &self.origin
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

    /// Returns the fingerprint of the key that signed, or what stands for an identity.
    pub fn signer(&self) -> Digest {
        self.signer
    }

    /// Returns what stands for whom a certificate names, if the line has one: once for each authority that may vouch for
    /// the name, whichever of them the chain leads to.
    pub fn identities(&self) -> &[Digest] {
        &self.identities
    }

    /// Returns the SHA-256 of the payload.
    pub fn payload(&self) -> Digest {
        self.payload
    }

    /// Returns when it was signed at the latest, if an authority or a log vouches for it.
    pub fn proven_time(&self) -> Option<DateTime<Utc>> {
        self.proven
    }

    /// Says whether a timestamp authority vouches for the time.
    pub fn is_timestamped(&self) -> bool {
        self.timestamped
    }

    /// Says whether a transparency log has the signature.
    pub fn is_logged(&self) -> bool {
        self.logged
    }

    /// Counts what is proven of it.
    fn proofs(&self) -> usize {
        usize::from(self.proven.is_some()) + usize::from(self.timestamped) + usize::from(self.logged)
    }

    /// Returns the line as the place of a finding.
    pub fn place(&self) -> Place {
        Place::Line(self.line)
    }
}

/// Authenticates the lines of a bundle under a trust root at a point in time.
///
/// Lines that fail are reported, never counted. Of lines with one payload and one signer the one with the most
/// proof stays, or else the first.
pub fn authenticate<'t>(
    bundle: UnverifiedBundle,
    trust: &'t TrustRoot,
    at: DateTime<Utc>,
) -> (Vec<Authenticated<'t>>, Findings) {
    let mut gate = Gate::new(trust, at);
    let mut authenticated: Vec<Authenticated<'t>> = Vec::new();
    let mut findings = Findings::default();
    let mut seen: BTreeMap<(Digest, Digest), usize> = BTreeMap::new();
    for line in bundle.into_lines() {
        match gate.line(&line) {
            Ok(proof) => {
                let place = *seen.entry((proof.origin.payload, proof.origin.signer)).or_insert(authenticated.len());
                match authenticated.get_mut(place) {
                    Some(kept) if kept.origin.proofs() < proof.origin.proofs() => *kept = proof,
                    Some(_) => {}
                    None => authenticated.push(proof),
                }
            }
            Err(finding) => findings.push(*finding),
        }
    }
    (authenticated, findings)
}

struct Gate<'t> {
    trust: &'t TrustRoot,
    /// Every trusted key with its id, which is a digest of its own and not free to compute.
    keys: Vec<(String, &'t Attester, &'t TrustedKey)>,
    /// The owner of each key: those that are trusted, and those that a certificate showed.
    owners: BTreeMap<Digest, &'t Attester>,
    at: DateTime<Utc>,
    work: usize,
}

type Refusal = Box<Finding>;

impl<'t> Gate<'t> {
    fn new(trust: &'t TrustRoot, at: DateTime<Utc>) -> Self {
        let keys = trust.keys().map(|(attester, trusted)| (trusted.key.key_id(), attester, trusted)).collect();
        let owners = trust.keys().map(|(attester, trusted)| (trusted.key.fingerprint(), attester)).collect();
        Self { trust, keys, owners, at, work: 0 }
    }

    fn line(&mut self, line: &UnverifiedLine) -> Result<Authenticated<'t>, Refusal> {
        let place = Place::Line(line.number);
        let bundle = SigstoreBundle::parse_line(&line.bytes).map_err(|error| unreadable(line.number, &error))?;
        let signature = match bundle.envelope.signatures.as_slice() {
            [] => return Err(Finding::warn(Code::Unsigned, place, "the line has no signature").into()),
            [signature] => signature,
            _ => return Err(unreadable(line.number, &BundleError::Shape("it has more than one signature"))),
        };
        let signed = Pae::new(&bundle.envelope.payload_type, &bundle.envelope.payload);
        if bundle.certified {
            let Signed { by, identities, proof } = self.certified(line, &bundle, &signed)?;
            return self.origin(line, by, identities, &proof, signed);
        }
        let hints = [bundle.key_hint.as_deref(), signature.key_id.as_deref()];
        let (attester, trusted) = self.signer(line.number, &hints, &signed, &signature.bytes)?;
        if bundle.envelope.payload_type != IN_TOTO {
            return Err(unreadable(line.number, &BundleError::Unsupported("its payload is not an in-toto statement")));
        }
        let proof = if bundle.proofs == 0 { Proof::default() } else { self.timed(line, &bundle, &signed, trusted)? };
        self.check_window(line.number, attester, trusted, &proof)?;
        self.origin(line, (attester, trusted.key.fingerprint()), Vec::new(), &proof, signed)
    }

    fn origin(
        &self,
        line: &UnverifiedLine,
        by: (&'t Attester, Digest),
        identities: Vec<Digest>,
        proof: &Proof,
        signed: Pae,
    ) -> Result<Authenticated<'t>, Refusal> {
        if let Some(late) = proof.times.iter().find(|time| **time > self.at) {
            let summary = "the line was signed after the time of this check, says who vouches for the time";
            let finding = Finding::warn(Code::TimeInFuture, Place::Line(line.number), summary);
            return Err(finding.expected(format!("before {}", shown(self.at))).found(shown(*late)).into());
        }
        let payload = Digest::of(signed.payload());
        let proven = proof.times.iter().min().copied();
        let (timestamped, logged) = (proof.timestamped, proof.logged);
        let (attester, of) = by;
        let origin =
            Origin { line: line.number, attester, signer: of, identities, payload, proven, timestamped, logged };
        Ok(Authenticated { origin, signed })
    }

    /// Checks the log entries and timestamps of a line that a trusted key signed.
    fn timed(
        &mut self,
        line: &UnverifiedLine,
        bundle: &SigstoreBundle,
        signed: &Pae,
        trusted: &TrustedKey,
    ) -> Result<Proof, Refusal> {
        let Some(root) = self.trust.sigstore() else {
            let reason = "it has log entries or timestamps, and the trust file names no trusted root to check them";
            return Err(unreadable(line.number, &BundleError::Unsupported(reason)));
        };
        self.spend(line.number, bundle, signed)?;
        root.timed(&line.bytes, signed, &trusted.key).map_err(|refused| unproven(line.number, &refused))
    }

    /// Counts the work that certificates, entries and timestamps make.
    fn spend(&mut self, line: usize, bundle: &SigstoreBundle, signed: &Pae) -> Result<(), Refusal> {
        // A chain, a certificate log and the signature; and a few signatures an entry or timestamp.
        let checks = 4 + 4 * bundle.proofs;
        self.work += checks * (64 << 10) + 4 * signed.as_bytes().len();
        self.check_work(line)
    }

    fn check_work(&self, line: usize) -> Result<(), Refusal> {
        if self.work <= limits::SIGNATURE_WORK {
            return Ok(());
        }
        let summary = "checking the signatures of this bundle takes more work than is allowed";
        Err(Finding::deny(Code::LimitExceeded, Place::Line(line), summary).into())
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
            self.check_work(line)?;
            if trusted.key.verifies(signed.as_bytes(), signature) {
                return Ok((attester, trusted));
            }
        }
        Err(self.no_signer(line, first.first().map(|(_, attester, _)| *attester), hints))
    }

    fn no_signer(&self, line: usize, named: Option<&Attester>, hints: &[Option<&str>]) -> Refusal {
        let place = Place::Line(line);
        let trusted: Vec<_> = self.keys.iter().map(|(id, attester, _)| format!("`{}` {id}", attester.name)).collect();
        let claimed = hints.iter().flatten().find(|id| !id.is_empty()).map_or_else(
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
            None if hints.iter().flatten().all(|id| id.is_empty()) => Finding::warn(
                Code::UntrustedSigner,
                place,
                "the line fits no key that is trusted: somebody else signed it, or it was changed since",
            )
            .help("get the bundle again; if it still fails, ask the publisher which key signed it"),
            None => Finding::warn(Code::UntrustedSigner, place, "the line is signed, but by no key that is trusted")
                .help("if the publisher changed keys, get the new one from them directly"),
        };
        finding.expected(trusted.join(", ")).found(claimed).into()
    }

    /// A key must count at every time that is proven, or else at the time of the check.
    fn check_window(
        &self,
        line: usize,
        attester: &Attester,
        trusted: &TrustedKey,
        proof: &Proof,
    ) -> Result<(), Refusal> {
        let (times, which) = match proof.times.as_slice() {
            [] => (std::slice::from_ref(&self.at), "of this check"),
            proven => (proven, "at which it was signed"),
        };
        let outside = times.iter().find_map(|time| match (trusted.valid_from, trusted.valid_until) {
            (Some(from), _) if *time < from => {
                Some((Code::KeyNotYetValid, format!("valid from {}", shown(from)), *time))
            }
            (_, Some(until)) if *time >= until => {
                Some((Code::KeyExpired, format!("valid until {}", shown(until)), *time))
            }
            _ => None,
        });
        let Some((code, expected, time)) = outside else { return Ok(()) };
        let summary = format!("the key of `{}` does not count at the time {which}", attester.name);
        let finding = Finding::warn(code, Place::Line(line), summary).expected(expected).found(shown(time));
        Err(finding.help("`releaser`s sign the release again with a key that is valid").into())
    }
}

fn shown(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Reports evidence of Sigstore that does not hold.
fn unproven(line: usize, refused: &Refused) -> Refusal {
    let summary = match refused.code {
        Code::BadSignature => "the signature does not fit the content or the certificate",
        Code::UntrustedSigner => "the certificate is of no authority that is trusted",
        Code::WrongLog => "no trusted log vouches for the line",
        Code::WrongTime => "no trusted time at which the certificate was valid is proven for the line",
        Code::MalformedLine | Code::MalformedStatement => "the line can't be read",
        _ => "the line can't be checked",
    };
    Finding::warn(refused.code, Place::Line(line), summary).found(refused.reason.clone()).into()
}

fn unreadable(line: usize, error: &BundleError) -> Refusal {
    let place = Place::Line(line);
    match error {
        BundleError::Json(json) if json.is_limit() => {
            Finding::deny(Code::LimitExceeded, place, format!("the line is over a limit: {json}")).into()
        }
        BundleError::Proofs => {
            Finding::deny(Code::LimitExceeded, place, format!("the line is over a limit: it has {error}")).into()
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
