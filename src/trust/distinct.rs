//! What may stand once in a trust file, and not twice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::configuration::ConfigurationError;
use crate::digest::Digest;
use crate::name::Name;
use crate::sigstore::{Identity, Subject};
use crate::trust::file::Parsed;
use crate::trust::{Attester, Authority};

/// No two attesters share a name, no key stands twice, however it is encoded, and no identity does.
pub(super) fn check(path: &Path, parsed: &Parsed) -> Result<(), ConfigurationError> {
    let attesters = &parsed.attesters;
    let fault = |message| Err(ConfigurationError::new(&path.display().to_string(), message));
    let mut names = BTreeSet::new();
    let mut keys: BTreeMap<Digest, &Name> = BTreeMap::new();
    for attester in attesters {
        if !names.insert(&attester.name) {
            return fault(format!("there are two attesters `{}`", attester.name));
        }
        for trusted in &attester.keys {
            if let Some(other) = keys.insert(trusted.key.fingerprint(), &attester.name) {
                return fault(format!("one key stands twice: of `{other}` and of `{}`", attester.name));
            }
        }
    }
    let twin =
        twin(attesters, |attester| &attester.identities).or_else(|| twin(attesters, |attester| &attester.certified));
    twin.or_else(|| check_authorities(&parsed.authorities)).map_or(Ok(()), fault)
}

/// Finds an identity that stands twice, as far as it can be seen here: two patterns that both fit a subject are
/// found when it signs.
fn twin(attesters: &[Attester], identities: impl Fn(&Attester) -> &[Identity]) -> Option<String> {
    let all = || attesters.iter().flat_map(|attester| identities(attester).iter().map(move |one| (attester, one)));
    for (index, (attester, identity)) in all().enumerate() {
        let twin = all().take(index).find(|(_, other)| {
            let same = match (&identity.subject, &other.subject) {
                (Subject::Exact(subject), fits) | (fits, Subject::Exact(subject)) => fits.fits(subject),
                (Subject::Pattern { text, .. }, Subject::Pattern { text: other, .. }) => text == other,
            };
            same && identity.issuer == other.issuer
        });
        if let Some((other, _)) = twin {
            return Some(format!("one identity stands twice: of `{}` and of `{}`", other.name, attester.name));
        }
    }
    None
}

/// No two authorities share a name or a key: else one certificate would be of both.
fn check_authorities(authorities: &[Authority]) -> Option<String> {
    let mut names = BTreeSet::new();
    let mut keys: BTreeMap<Digest, &Name> = BTreeMap::new();
    for authority in authorities {
        if !names.insert(&authority.name) {
            return Some(format!("there are two authorities `{}`", authority.name));
        }
        if let Some(other) = keys.insert(authority.key, &authority.name) {
            return Some(format!("one authority stands twice: as `{other}` and as `{}`", authority.name));
        }
    }
    None
}
