//! The shape of `trust.toml`. `schemas/trust.schema.json` is made from these types.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use toml::Spanned;

use crate::configuration::{self, ConfigurationError};
use crate::files;
use crate::key::VerifyingKey;
use crate::limits;
use crate::sigstore::Root;
use crate::trust::{Attester, Authority, Role, TrustError, TrustedKey};

use authority::AuthorityTable;

mod authority;
mod identity;

/// Whom a verifier trusts. Paths are relative to the folder of this file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct TrustFile {
    /// The attesters; at least one.
    attester: Vec<AttesterTable>,
    /// Whose certificates, log entries and timestamps count.
    sigstore: Option<SigstoreTable>,
    /// The certificate authorities of own PKIs.
    #[serde(default)]
    authority: Vec<AuthorityTable>,
}

/// What a file names.
pub(super) struct Parsed {
    pub(super) attesters: Vec<Attester>,
    pub(super) sigstore: Option<Root>,
    pub(super) authorities: Vec<Authority>,
}

/// The authorities and logs of Sigstore.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SigstoreTable {
    /// The file of the trusted root, or a client trust config.
    trusted_root: PathBuf,
    /// The trust domain has no logs: what is signed with a certificate needs a timestamp, and is in no log.
    #[serde(default)]
    without_logs: bool,
}

/// Somebody whose statements count.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct AttesterTable {
    /// A name for them: 1 to 64 letters, digits, `.`, `_`, `-`.
    #[cfg_attr(test, schemars(with = "String"))]
    name: Spanned<String>,
    /// What they may say; at least one role.
    roles: Vec<Role>,
    /// The URI under which they verify and promote; promoters need one, and nobody else has one.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    verifier_id: Option<Spanned<String>>,
    /// Their keys; at least one, unless there is an identity.
    #[serde(default)]
    key: Vec<KeyTable>,
    /// Whom the certificates name with which they sign.
    #[cfg_attr(test, schemars(with = "Option<IdentityTable>"))]
    identity: Option<Spanned<IdentityTable>>,
}

/// An identity: what a certificate must say. One of `subject` and `subject-pattern`; and one of `issuer`, for
/// certificates of Sigstore, and `authority`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct IdentityTable {
    /// The e-mail address or URI, exactly; under an `authority` also a domain name, or the distinguished name.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    subject: Option<Spanned<String>>,
    /// A regular expression from `^` to `$` that fits the whole of it.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    subject_pattern: Option<Spanned<String>>,
    /// The issuer that vouches for it, exactly: the URL of the OIDC provider.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    issuer: Option<Spanned<String>>,
    /// The name of the `[[authority]]` that vouches for it.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    authority: Option<Spanned<String>>,
}

/// A public key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct KeyTable {
    /// The file of the key, in PEM.
    path: PathBuf,
    /// The key does not count before this time.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    valid_from: Option<Spanned<toml::value::Datetime>>,
    /// The key does not count from this time on.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    valid_until: Option<Spanned<toml::value::Datetime>>,
}

/// Reads the text of the file at `path` and the files that it names.
pub(super) fn parse(path: &Path, text: &str) -> Result<Parsed, TrustError> {
    let name = path.display().to_string();
    let file: TrustFile = configuration::parse(&name, text)?;
    if file.attester.is_empty() {
        return Err(ConfigurationError::new(&name, "it names no attester").into());
    }
    let source = Source { path, name: &name, text };
    let sigstore = file.sigstore.map(|table| source.sigstore(table)).transpose()?;
    let authorities: Vec<_> =
        file.authority.into_iter().map(|table| source.authority(table)).collect::<Result<_, _>>()?;
    let attesters = file.attester.into_iter().map(|table| source.attester(table, &authorities, sigstore.is_some()));
    let attesters: Vec<_> = attesters.collect::<Result<_, _>>()?;
    Ok(Parsed { attesters, sigstore, authorities })
}

struct Source<'a> {
    path: &'a Path,
    name: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn fault(&self, offset: usize, message: String) -> ConfigurationError {
        ConfigurationError::at(self.name, self.text, offset, message)
    }

    fn attester(
        &self,
        table: AttesterTable,
        authorities: &[Authority],
        has_root: bool,
    ) -> Result<Attester, TrustError> {
        let offset = table.name.span().start;
        let name = table.name.get_ref();
        if table.roles.is_empty() {
            return Err(self.fault(offset, format!("attester `{name}` has no role")).into());
        }
        if table.key.is_empty() && table.identity.is_none() {
            return Err(self.fault(offset, format!("attester `{name}` has no key and no identity")).into());
        }
        self.check_verifier(&table)?;
        let (mut identities, mut certified) = (Vec::new(), Vec::new());
        match table.identity {
            Some(one) if one.get_ref().authority.is_some() => certified.push(self.certified(one, authorities)?),
            Some(one) if !has_root => {
                let message = format!("`{name}` has an identity, and the file names no trusted root");
                let hint = "add `[sigstore]` with `trusted-root = \"trusted_root.json\"`, or name an `authority`";
                return Err(self.fault(one.span().start, message).with_hint(hint).into());
            }
            Some(one) => identities.push(self.identity(one)?),
            None => {}
        }
        Ok(Attester {
            name: name.parse().map_err(|fault| self.fault(offset, format!("attester `{name}`: {fault}")))?,
            roles: table.roles.into_iter().collect(),
            verifier_id: table.verifier_id.map(Spanned::into_inner),
            keys: table.key.into_iter().map(|key| self.key(key)).collect::<Result<_, _>>()?,
            identities,
            certified,
        })
    }

    fn sigstore(&self, table: SigstoreTable) -> Result<Root, TrustError> {
        let path = files::folder(self.path).join(table.trusted_root);
        let text = files::read_text(&path, limits::CONFIGURATION_BYTES)?;
        let root = if table.without_logs { Root::parse_without_logs(&text) } else { Root::parse(&text) };
        root.map_err(|source| TrustError::Root { path, source })
    }

    /// A promoter has a URI to speak under, and only a promoter.
    fn check_verifier(&self, table: &AttesterTable) -> Result<(), ConfigurationError> {
        let name = table.name.get_ref();
        match (table.roles.contains(&Role::Promoter), &table.verifier_id) {
            (true, None) => {
                let message = format!("the promoter `{name}` has no `verifier-id`");
                Err(self.fault(table.name.span().start, message).with_hint("add `verifier-id = \"https://…\"`"))
            }
            (false, Some(id)) => {
                let message = format!("`{name}` has a `verifier-id` and is no promoter");
                Err(self.fault(id.span().start, message))
            }
            (true, Some(id)) if !id.get_ref().contains(':') => {
                Err(self.fault(id.span().start, format!("the `verifier-id` of `{name}` is no URI")))
            }
            _ => Ok(()),
        }
    }

    fn key(&self, table: KeyTable) -> Result<TrustedKey, TrustError> {
        let path = files::folder(self.path).join(table.path);
        let text = files::read_text(&path, limits::CONFIGURATION_BYTES)?;
        let key = VerifyingKey::from_pem(&text).map_err(|source| TrustError::Key { path, source })?;
        let valid_from = self.time(table.valid_from.as_ref())?;
        let valid_until = self.time(table.valid_until.as_ref())?;
        match (&table.valid_until, valid_from, valid_until) {
            (Some(until), Some(start), Some(end)) if start >= end => {
                Err(self.fault(until.span().start, "the key ends before it starts".to_owned()).into())
            }
            _ => Ok(TrustedKey { key, valid_from, valid_until }),
        }
    }

    fn time(&self, time: Option<&Spanned<toml::value::Datetime>>) -> Result<Option<DateTime<Utc>>, ConfigurationError> {
        time.map(|time| configuration::time(self.name, self.text, time)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::key::{Algorithm, SigningKey};
    use crate::trust::TrustRoot;

    #[test]
    fn the_published_schema_is_that_of_these_types() {
        crate::test_support::assert_schema::<TrustFile>("schemas/trust.schema.json");
    }

    /// Writes two keys and a trust file, and loads it.
    fn load(text: &str) -> Result<TrustRoot, String> {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.pub", "b.pub"] {
            let key = SigningKey::generate(Algorithm::Ed25519).unwrap();
            fs::write(folder.path().join(name), key.public().to_pem()).unwrap();
        }
        let path = folder.path().join("trust.toml");
        fs::write(&path, text).unwrap();
        TrustRoot::load(&path).map_err(|error| error.to_string())
    }

    fn attester(name: &str, roles: &str, key: &str) -> String {
        format!("[[attester]]\nname = '{name}'\nroles = [{roles}]\n[[attester.key]]\npath = '{key}'\n")
    }

    fn verifier(roles: &str, id: &str) -> String {
        attester("a", roles, "a.pub").replace("[[attester.key]]", &format!("verifier-id = '{id}'\n[[attester.key]]"))
    }

    /// An identity, the keys of which stand from line 5 on, in a file with a trusted root.
    fn identity(keys: &str) -> String {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/keyless/trusted_root.json");
        format!(
            "[[attester]]\nname = 'a'\nroles = ['builder']\n[attester.identity]\n{keys}\n[sigstore]\ntrusted-root = '{root}'\n"
        )
    }

    /// An authority, the names of which stand from line 7 on.
    fn authority(names: &str) -> String {
        let header =
            "[[attester]]\nname = 'a'\nroles = ['builder']\nkey = [{ path = 'a.pub' }]\n[[authority]]\nname = 'c'\n";
        format!("{header}{names}\ncertificate = 'c.pem'\n")
    }

    #[test]
    fn a_promoter_speaks_under_a_uri() {
        let trust = load(&verifier("'promoter', 'releaser'", "https://gate")).unwrap();
        assert_eq!(trust.attesters()[0].verifier_id.as_deref(), Some("https://gate"));
    }

    #[test]
    fn attesters_are_read() {
        let text = attester("a", "'builder'", "a.pub") + &attester("b", "'approver', 'releaser'", "b.pub");
        let trust = load(&text).unwrap();
        assert_eq!(trust.keys().count(), 2);
        assert_eq!(trust.attesters()[1].roles, [Role::Approver, Role::Releaser].into());
    }

    #[test]
    fn an_attester_has_a_name_a_role_and_a_key() {
        for (text, fault) in [
            (String::new(), "`attester` is missing"),
            ("attester = []".into(), "names no attester"),
            (attester("a", "", "a.pub"), "line 2: attester `a` has no role"),
            (
                "[[attester]]\nname = 'a'\nroles = ['builder']\n".into(),
                "line 2: attester `a` has no key and no identity",
            ),
            (attester("a b", "'builder'", "a.pub"), "line 2: attester `a b`"),
            (attester("a", "'bulider'", "a.pub"), "line 3: unknown value `bulider`"),
            (attester("a", "'builder'", "missing.pub"), "missing.pub"),
            (attester("a", "'promoter'", "a.pub"), "line 2: the promoter `a` has no `verifier-id`"),
            (verifier("'builder'", "https://gate"), "line 4: `a` has a `verifier-id` and is no promoter"),
            (verifier("'promoter'", "gate"), "line 4: the `verifier-id` of `a` is no URI"),
            (identity("subject = 'x y'\nissuer = 'https://x'"), "line 5: the `subject` of an identity has no spaces"),
            (identity("subject = 'x'\nissuer = 'x'"), "line 6: an identity has an `issuer`, which is a URL"),
            (identity("issuer = 'https://x'\nsubject-pattern = 'x'"), "line 6: the `subject-pattern` can't be used"),
            (identity("authority = 'c'\nsubject = 'x'"), "line 5: the file has no authority `c`"),
            (authority("names = ['x',\n ' ']"), "line 8: ` ` is the name of nobody"),
            (authority("name-patterns = ['^x$',\n\n 'x']"), "line 9: the `name-patterns` can't be used"),
            (
                "[[attester]]\nname = 'a'\nroles = ['builder']\nidentity = { subject = 'x', issuer = 'https://x' }\n"
                    .into(),
                "line 4: `a` has an identity, and the file names no trusted root",
            ),
        ] {
            let error = load(&text).unwrap_err();
            assert!(error.contains(fault), "{error}");
        }
    }

    #[test]
    fn a_key_stands_once_however_often_it_is_named() {
        let twice = attester("a", "'builder'", "a.pub") + &attester("b", "'builder'", "a.pub");
        assert!(load(&twice).unwrap_err().contains("one key stands twice"));
        let same = attester("a", "'builder'", "a.pub") + "[[attester.key]]\npath = 'a.pub'\n";
        assert!(load(&same).unwrap_err().contains("one key stands twice"));
        let names = attester("a", "'builder'", "a.pub") + &attester("a", "'builder'", "b.pub");
        assert!(load(&names).unwrap_err().contains("two attesters `a`"));
    }

    #[test]
    fn a_window_starts_before_it_ends() {
        let key = attester("a", "'builder'", "a.pub");
        let window = "valid-from = 2027-01-01T00:00:00Z\nvalid-until = 2026-01-01T00:00:00Z\n";
        assert!(load(&format!("{key}{window}")).unwrap_err().contains("ends before it starts"));
    }

    #[test]
    fn a_bare_key_is_one_attester_without_the_roles_of_a_person() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("release.pub");
        fs::write(&path, SigningKey::generate(Algorithm::EcdsaP256).unwrap().public().to_pem()).unwrap();
        let trust = TrustRoot::load(&path).unwrap();
        let [attester] = trust.attesters() else { panic!("{trust:?}") };
        assert_eq!(attester.name.as_str(), "release");
        assert!(!attester.roles.contains(&Role::Approver) && !attester.roles.contains(&Role::Promoter));
    }
}
