//! Lines that are signed with a certificate: by whom it says, if an authority vouches for it.

use crate::bundle::UnverifiedLine;
use crate::digest::Digest;
use crate::dsse::Pae;
use crate::evidence::authenticate::{Gate, Refusal, unproven, unreadable};
use crate::finding::{Code, Finding, Place};
use crate::sigstore::{Certified, Identity, Proof};
use crate::sigstore_bundle::{BundleError, SigstoreBundle};
use crate::trust::Attester;

/// What is known of a line that is signed with a certificate.
pub(super) struct Signed<'t> {
    /// Who signed, and what stands for them in a seal.
    pub(super) by: (&'t Attester, Digest),
    /// What stands for whom the certificate names: once for each authority that may vouch for the name.
    pub(super) identities: Vec<Digest>,
    /// What is proven of the signature.
    pub(super) proof: Proof,
}

impl<'t> Gate<'t> {
    /// Finds the attester whom the certificate names with which a line is signed.
    pub(super) fn certified(
        &mut self,
        line: &UnverifiedLine,
        bundle: &SigstoreBundle,
        signed: &Pae,
    ) -> Result<Signed<'t>, Refusal> {
        let keyless = self.trust.identities().next().is_some() && bundle.chain.is_none();
        if keyless && !self.names_an_authority(bundle) {
            return self.keyless(line, bundle, signed);
        }
        let issued = (!self.trust.authorities().is_empty()).then(|| self.issued(line, bundle, signed));
        match issued {
            Some(Err(finding)) if keyless && finding.code == Code::UntrustedSigner => {
                // It names one of the authorities: what that says of it says more, unless Sigstore vouches for it.
                let told = |other: Refusal| if other.code == Code::LimitExceeded { other } else { finding };
                self.keyless(line, bundle, signed).map_err(told)
            }
            Some(result) => result,
            None if bundle.chain.is_some() && self.trust.identities().next().is_some() => {
                let reason = "it has a chain of certificates, and the trust file names no authority of its own";
                Err(unreadable(line.number, &BundleError::Unsupported(reason)))
            }
            None => {
                let summary = "the line is signed with a certificate, and the trust file names no identity";
                Err(Finding::warn(Code::UntrustedSigner, Place::Line(line.number), summary).into())
            }
        }
    }

    /// Checks a line under the authorities and logs of Sigstore.
    fn keyless(&mut self, line: &UnverifiedLine, bundle: &SigstoreBundle, signed: &Pae) -> Result<Signed<'t>, Refusal> {
        let Some(root) = self.trust.sigstore() else {
            let summary = "the line is signed with a certificate, and the trust file names no trusted root";
            return Err(Finding::warn(Code::UntrustedSigner, Place::Line(line.number), summary).into());
        };
        self.spend(line.number, bundle, signed)?;
        let found = root.certified(&line.bytes, signed).map_err(|refused| unproven(line.number, &refused))?;
        let Certified { subject, issuer, proof } = found;
        let named = self.trust.identities().filter(|(_, identity)| identity.fits(&subject, &issuer));
        let attester =
            self.one_of(line.number, named.map(|(attester, _)| attester), &format!("{subject} of {issuer}"))?;
        let identity = Identity::fingerprint(&subject, &issuer);
        Ok(Signed { by: (attester, identity), identities: vec![identity], proof })
    }

    /// Returns the one attester whom a certificate names.
    pub(super) fn one_of(
        &self,
        line: usize,
        named: impl Iterator<Item = &'t Attester>,
        found: &str,
    ) -> Result<&'t Attester, Refusal> {
        let place = Place::Line(line);
        let mut named = named;
        let Some(one) = named.next() else {
            let trusted = self.trust.identities().chain(self.trust.certified());
            let trusted: Vec<_> =
                trusted.map(|(attester, identity)| format!("`{}` {identity}", attester.name)).collect();
            let summary = "the line is signed with a certificate, but of nobody who is trusted";
            return Err(Finding::warn(Code::UntrustedSigner, place, summary)
                .expected(trusted.join(", "))
                .found(found.to_owned())
                .help("if the publisher signs as somebody else now, learn that from them directly")
                .into());
        };
        match named.find(|other| other.name != one.name) {
            None => Ok(one),
            Some(other) => {
                let summary =
                    format!("two identities fit who signed the line, of `{}` and of `{}`", one.name, other.name);
                Err(Finding::warn(Code::UntrustedSigner, place, summary).found(found.to_owned()).into())
            }
        }
    }
}
