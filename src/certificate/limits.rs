//! Limits on names (RFC 5280, section 4.2.1.10), said in words: the library compares domain names and addresses of hosts
//! alone, and refuses whatever is limited otherwise, within the limits or not.

use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::NameConstraints;
use x509_cert::ext::pkix::name::GeneralName;

/// Says why a chain is refused whose names its issuers limit.
pub(super) fn refusal<'c>(chain: impl Iterator<Item = &'c [u8]>) -> String {
    let mut kinds: Vec<_> = chain.flat_map(limited).filter_map(|name| uncompared(&name)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.is_empty() {
        return "its name is outside of what an issuer may name (nameConstraints)".to_owned();
    }
    format!(
        "an issuer limits {} (nameConstraints), which can't be compared, so that no such name counts; let an issuer without \
         this limit sign, and limit it by `names` of the authority",
        kinds.join(" and ")
    )
}

/// Returns what an issuer limits. What can't be read the library has refused before.
fn limited(der: &[u8]) -> Vec<GeneralName> {
    let constraints = Certificate::from_der(der).ok().and_then(|one| one.tbs_certificate.get::<NameConstraints>().ok());
    let Some((_, constraints)) = constraints.flatten() else { return Vec::new() };
    let subtrees = constraints.permitted_subtrees.into_iter().chain(constraints.excluded_subtrees).flatten();
    subtrees.map(|subtree| subtree.base).collect()
}

fn uncompared(name: &GeneralName) -> Option<&'static str> {
    match name {
        GeneralName::DnsName(_) | GeneralName::IpAddress(_) => None,
        GeneralName::Rfc822Name(_) => Some("mail addresses"),
        GeneralName::UniformResourceIdentifier(_) => Some("URIs"),
        GeneralName::DirectoryName(_) => Some("names in a directory"),
        _ => Some("names of another kind"),
    }
}
