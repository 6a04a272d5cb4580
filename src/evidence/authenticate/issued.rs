//! Lines under the authorities that the trust file names itself.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::bundle::UnverifiedLine;
use crate::certificate::{ChainError, leaf_key};
use crate::digest::Digest;
use crate::dsse::{IN_TOTO, Pae};
use crate::evidence::authenticate::certified::Signed;
use crate::evidence::authenticate::{Gate, Refusal, unproven, unreadable};
use crate::finding::{Code, Finding, Place};
use crate::key::VerifyingKey;
use crate::sigstore::{Identity, Proof};
use crate::sigstore_bundle::{BundleError, SigstoreBundle};
use crate::trust::{Attester, Authority};

/// Returns the certificates of a line, the signer's first.
fn certificates(bundle: &SigstoreBundle) -> Vec<Vec<u8>> {
    bundle.chain.iter().flatten().chain(&bundle.certificate).cloned().collect()
}

impl<'t> Gate<'t> {
    /// Says whether a certificate names one of the authorities as its issuer, or another one in its chain.
    pub(super) fn names_an_authority(&self, bundle: &SigstoreBundle) -> bool {
        let chain = certificates(bundle);
        self.trust.authorities().iter().any(|authority| authority.is_named_by(&chain))
    }

    /// Checks a line under the authorities that the trust file names.
    pub(super) fn issued(
        &mut self,
        line: &UnverifiedLine,
        bundle: &SigstoreBundle,
        signed: &Pae,
    ) -> Result<Signed<'t>, Refusal> {
        let place = Place::Line(line.number);
        let chain = certificates(bundle);
        // Every authority follows the chain, at every time.
        self.work += (self.trust.authorities().len() * chain.len() * (1 + bundle.proofs)) << 16;
        self.spend(line.number, bundle, signed)?;
        let key = leaf_key(&chain).map_err(|error| refuse_chain(line.number, &error, &[self.at]))?;
        let signature = bundle.envelope.signatures.first().map(|signature| signature.bytes.as_slice());
        if !signature.is_some_and(|signature| key.verifies(signed.as_bytes(), signature)) {
            let summary = "the signature does not fit the content or the certificate";
            let help = "get the bundle again; if it still fails, tell the publisher and do not use the model";
            return Err(Finding::warn(Code::BadSignature, place, summary).help(help).into());
        }
        if bundle.envelope.payload_type != IN_TOTO {
            return Err(unreadable(line.number, &BundleError::Unsupported("its payload is not an in-toto statement")));
        }
        let proof = self.timestamps(line, bundle, signed, &key)?;
        let now = [self.at];
        let times = if proof.times.is_empty() { now.as_slice() } else { &proof.times };
        let (attester, identities) = self.vouched(line.number, &chain, times)?;
        self.check_key(line.number, attester, &key)?;
        Ok(Signed { by: (attester, key.fingerprint()), identities, proof })
    }

    /// Checks the log entries and timestamps of a line, if it has any.
    fn timestamps(
        &self,
        line: &UnverifiedLine,
        bundle: &SigstoreBundle,
        signed: &Pae,
        key: &VerifyingKey,
    ) -> Result<Proof, Refusal> {
        if bundle.proofs == 0 {
            return Ok(Proof::default());
        }
        let Some(root) = self.trust.sigstore() else {
            let reason = "it has log entries or timestamps, and the trust file names no trusted root to check them";
            return Err(unreadable(line.number, &BundleError::Unsupported(reason)));
        };
        root.stamped(&line.bytes, signed, key).map_err(|refused| unproven(line.number, &refused))
    }

    /// Finds the one attester for whom an authority vouches with a chain, and what stands for them by the name in it.
    fn vouched(
        &self,
        line: usize,
        chain: &[Vec<u8>],
        times: &[DateTime<Utc>],
    ) -> Result<(&'t Attester, Vec<Digest>), Refusal> {
        let (mut vouching, mut refused) = (Vec::new(), None);
        for authority in self.trust.authorities() {
            match authority.vouches(chain, times, self.at) {
                Ok(name) => vouching.push((authority, name)),
                // What is wrong with the chain of one authority says more than that it is of no other.
                Err(ChainError::Untrusted(_)) if refused.is_some() => {}
                Err(error) => refused = Some(error),
            }
        }
        let Some((authority, name)) = vouching.first() else {
            let error = refused.unwrap_or_else(|| ChainError::Untrusted("there is none".to_owned()));
            return Err(self.named_authorities(*refuse_chain(line, &error, times), &error));
        };
        let found = format!("{name} of `{}`", authority.name);
        let named = vouching.iter().flat_map(|(authority, name)| self.named(authority, name));
        let attester = self.one_of(line, named, &found)?;
        Ok((attester, self.identities(attester, name)))
    }

    /// Returns what stands for an attester by the name in a certificate, under each authority that may vouch for it.
    ///
    /// Which of them a chain leads to is for whoever makes the line to choose, where one certified the key of another: what
    /// is said of the name under one of them holds under all, unless the trust file knows somebody else there.
    fn identities(&self, attester: &Attester, name: &str) -> Vec<Digest> {
        let of_another = |authority: &Authority| self.named(authority, name).any(|other| other.name != attester.name);
        let authorities = self.trust.authorities().iter();
        let authorities = authorities.filter(|one| one.may_vouch_for(name) && !of_another(one));
        authorities.map(|authority| Identity::fingerprint(name, authority.name.as_str())).collect()
    }

    /// Says which authorities are trusted, where a chain leads to none of them.
    fn named_authorities(&self, finding: Finding, error: &ChainError) -> Refusal {
        let ChainError::Untrusted(_) = error else { return finding.into() };
        let names: Vec<_> = self.trust.authorities().iter().map(|authority| format!("`{}`", authority.name)).collect();
        let help = "if a certificate between lacks, the signer adds it with `--certificate-chain`";
        finding.expected(names.join(", ")).help(help).into()
    }

    fn named(&self, authority: &Authority, name: &str) -> impl Iterator<Item = &'t Attester> {
        self.trust
            .certified()
            .filter(move |(_, one)| one.fits(name, authority.name.as_str()))
            .map(|(attester, _)| attester)
    }

    /// One key is one attester: a line must not count for somebody else when it shows the key without its certificate,
    /// or with another one.
    fn check_key(&mut self, line: usize, attester: &'t Attester, key: &VerifyingKey) -> Result<(), Refusal> {
        let owner = *self.owners.entry(key.fingerprint()).or_insert(attester);
        if owner.name == attester.name {
            return Ok(());
        }
        let summary =
            format!("the certificate is of `{}`, and its key is also that of `{}`", attester.name, owner.name);
        Err(Finding::warn(Code::UntrustedSigner, Place::Line(line), summary).into())
    }
}

fn refuse_chain(line: usize, error: &ChainError, times: &[DateTime<Utc>]) -> Refusal {
    let summary = format!("the chain of certificates is refused: {error}");
    let finding = Finding::warn(error.code(), Place::Line(line), summary);
    let shown: Vec<_> = times.iter().map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true)).collect();
    match error {
        ChainError::Expired(_) | ChainError::NotYetValid(_) => {
            finding.found(format!("checked at {}", shown.join(", ")))
        }
        _ => finding,
    }
    .into()
}
