//! Certificate authorities of an own PKI.

use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use crate::certificate::Authorities;
use crate::files;
use crate::limits;
use crate::name::Name;
use crate::pem;
use crate::sigstore::Subject;
use crate::trust::authority::Anchor;
use crate::trust::file::Source;
use crate::trust::file::identity::is_plain;
use crate::trust::{Authority, TrustError};

/// A certificate authority of an own PKI, and for whom it may vouch.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct AuthorityTable {
    /// A name for it: 1 to 64 letters, digits, `.`, `_`, `-`.
    #[cfg_attr(test, schemars(with = "String"))]
    name: Spanned<String>,
    /// Its one certificate, a root or one below: the file of it, in PEM or DER; or the PEM itself.
    certificate: String,
    /// Those for whom it may vouch, exactly: mail addresses, URIs, domain names, or distinguished names (RFC 4514) of
    /// certificates that have none of these.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    names: Vec<Spanned<String>>,
    /// Regular expressions from `^` to `$`, each of which fits the whole of such a name. With `names` at least one.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    name_patterns: Vec<Spanned<String>>,
    /// Files of its lists of revoked certificates, in PEM or DER. With one, every certificate below it must be covered by
    /// a list that has not expired.
    #[serde(default)]
    revocation_lists: Vec<PathBuf>,
}

impl Source<'_> {
    /// Reads an authority and the files that it names.
    pub(super) fn authority(&self, table: AuthorityTable) -> Result<Authority, TrustError> {
        let offset = table.name.span().start;
        let text = table.name.get_ref();
        let name: Name = text.parse().map_err(|fault| self.fault(offset, format!("authority `{text}`: {fault}")))?;
        let names = self.names(offset, table.names, &table.name_patterns)?;
        let about = |source| TrustError::Authority { name: name.clone(), source };
        let certificate = if pem::has_block(&table.certificate, "") {
            table.certificate.into_bytes()
        } else {
            files::read(&files::folder(self.path).join(&table.certificate), limits::CONFIGURATION_BYTES)?
        };
        let (mut authorities, key) = Authorities::of_authority(&certificate).map_err(about)?;
        for list in &table.revocation_lists {
            let bytes = files::read(&files::folder(self.path).join(list), limits::REVOCATION_BYTES)?;
            authorities.add_revocations(&bytes).map_err(about)?;
        }
        Ok(Authority { name, names, key, anchor: Anchor::Authority(authorities) })
    }

    fn names(
        &self,
        offset: usize,
        names: Vec<Spanned<String>>,
        patterns: &[Spanned<String>],
    ) -> Result<Vec<Subject>, TrustError> {
        if names.is_empty() && patterns.is_empty() {
            let message = "an authority has `names` or `name-patterns`: for whom it may vouch";
            return Err(self.fault(offset, message.to_owned()).into());
        }
        if let Some(name) = names.iter().find(|name| !is_plain(name.get_ref())) {
            let message = format!("`{}` is the name of nobody", name.get_ref().escape_debug());
            return Err(self.fault(name.span().start, message).into());
        }
        let patterns = patterns.iter().map(|text| self.pattern("name-patterns", text));
        let names = names.into_iter().map(|name| Ok(Subject::Exact(name.into_inner())));
        Ok(names.chain(patterns).collect::<Result<_, _>>()?)
    }
}
