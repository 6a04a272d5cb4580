//! Whom the certificates of an attester name.

use toml::Spanned;

use crate::configuration::ConfigurationError;
use crate::sigstore::{Identity, Subject};
use crate::trust::Authority;
use crate::trust::file::{IdentityTable, Source};

impl Source<'_> {
    /// Reads an identity of Sigstore. Neither part may be empty, and none may hold what no certificate does but a terminal
    /// obeys.
    pub(super) fn identity(&self, table: Spanned<IdentityTable>) -> Result<Identity, ConfigurationError> {
        let offset = table.span().start;
        let IdentityTable { subject, subject_pattern, issuer, .. } = table.into_inner();
        let plain = |text: &str| !text.is_empty() && !text.chars().any(|c| c.is_control() || c.is_whitespace());
        let stands = issuer.as_ref().map_or(offset, |issuer| issuer.span().start);
        let issuer = issuer.map(Spanned::into_inner).filter(|issuer| issuer.contains("://") && plain(issuer));
        let issuer = issuer.ok_or_else(|| {
            let message = "an identity has an `issuer`, which is a URL, or an `authority`";
            self.fault(stands, message.to_owned())
        })?;
        match &subject {
            Some(exact) if !plain(exact.get_ref()) => {
                Err(self.fault(exact.span().start, "the `subject` of an identity has no spaces".to_owned()))
            }
            _ => Ok(Identity { subject: self.subject(offset, subject, subject_pattern)?, issuer }),
        }
    }

    /// Reads an identity under an authority of the same file, which may vouch for it.
    pub(super) fn certified(
        &self,
        table: Spanned<IdentityTable>,
        authorities: &[Authority],
    ) -> Result<Identity, ConfigurationError> {
        let offset = table.span().start;
        let IdentityTable { subject, subject_pattern, issuer, authority } = table.into_inner();
        let stands = authority.as_ref().map_or(offset, |authority| authority.span().start);
        let named = authority.map(Spanned::into_inner).unwrap_or_default();
        if let Some(issuer) = issuer {
            return Err(
                self.fault(issuer.span().start, "an identity has an `issuer` or an `authority`, not both".to_owned())
            );
        }
        let Some(authority) = authorities.iter().find(|authority| authority.name.as_str() == named) else {
            let message = format!("the file has no authority `{named}`");
            return Err(self.fault(stands, message).with_hint("add it as `[[authority]]`"));
        };
        let named_at = subject.as_ref().map_or(offset, |subject| subject.span().start);
        let subject = self.subject(offset, subject, subject_pattern)?;
        match &subject {
            Subject::Exact(name) if !authority.names.iter().any(|names| names.fits(name)) => {
                let message = format!("the authority `{named}` may not vouch for `{name}`");
                Err(self.fault(named_at, message).with_hint("its `names` and `name-patterns` say for whom it may"))
            }
            _ => Ok(Identity { subject, issuer: named }),
        }
    }

    fn subject(
        &self,
        offset: usize,
        exact: Option<Spanned<String>>,
        pattern: Option<Spanned<String>>,
    ) -> Result<Subject, ConfigurationError> {
        match (exact, pattern) {
            (Some(exact), None) if is_plain(exact.get_ref()) => Ok(Subject::Exact(exact.into_inner())),
            (None, Some(text)) => self.pattern("subject-pattern", &text),
            (exact, _) => {
                let message = "an identity has a `subject`, or a `subject-pattern`";
                let stands = exact.map_or(offset, |exact| exact.span().start);
                Err(self.fault(stands, message.to_owned()))
            }
        }
    }

    pub(super) fn pattern(&self, key: &str, text: &Spanned<String>) -> Result<Subject, ConfigurationError> {
        Subject::pattern(text.get_ref())
            .map_err(|error| self.fault(text.span().start, format!("the `{key}` can't be used: {error}")))
    }
}

/// Says whether a text may be a name that a certificate has.
pub(super) fn is_plain(text: &str) -> bool {
    !text.trim().is_empty() && text.trim() == text && !text.chars().any(char::is_control)
}
