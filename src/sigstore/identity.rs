//! Who a certificate says that signed: a subject, and the issuer that vouched for it at sign-in.

use std::fmt;

use regex::Regex;
use thiserror::Error;

use crate::digest::Digest;
use crate::intoto::predicate::seal::identity_fingerprint;

/// An identity that is trusted: both parts are always demanded.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Whom the certificate must name.
    pub subject: Subject,
    /// The issuer that it must name, exactly.
    pub issuer: String,
}

/// The subject of an identity: an e-mail address, or the URI of a workflow or a service.
#[derive(Clone, Debug)]
pub enum Subject {
    /// This one, byte for byte.
    Exact(String),
    /// Each that the whole of a regular expression fits.
    Pattern {
        /// The expression as it was written, from `^` to `$`.
        text: String,
        /// The expression, which takes a whole subject or nothing.
        whole: Regex,
    },
}

/// Why a pattern can't be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PatternError {
    /// It would fit a part of a subject.
    #[error("it must begin with `^` and end with `$`, so that it fits whole subjects only")]
    Anchor,
    /// It is no regular expression.
    #[error("it is no regular expression: {0}")]
    Syntax(String),
}

impl Subject {
    /// Reads a pattern, which must be anchored at both ends.
    pub fn pattern(text: &str) -> Result<Self, PatternError> {
        let inner = text.strip_prefix('^').and_then(|rest| rest.strip_suffix('$')).ok_or(PatternError::Anchor)?;
        let expression = |text: &str| {
            Regex::new(text).map_err(|error| {
                let message = error.to_string();
                PatternError::Syntax(message.lines().last().unwrap_or_default().to_owned())
            })
        };
        // It must be one by itself: `a)|(b` would break out of the group.
        expression(inner)?;
        // The anchors of the text hold for one branch of `^a|b$`; these hold for all.
        let whole = expression(&format!(r"\A(?:{inner})\z"))?;
        Ok(Self::Pattern { text: text.to_owned(), whole })
    }

    /// Says whether a certificate's subject is one of these.
    pub fn fits(&self, subject: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == subject,
            Self::Pattern { whole, .. } => whole.is_match(subject),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(text) | Self::Pattern { text, .. } => f.write_str(text),
        }
    }
}

impl Identity {
    /// Says whether a certificate names this identity.
    pub fn fits(&self, subject: &str, issuer: &str) -> bool {
        self.issuer == issuer && self.subject.fits(subject)
    }

    /// Returns what stands for an identity where a key has its fingerprint.
    pub fn fingerprint(subject: &str, issuer: &str) -> Digest {
        identity_fingerprint(subject, issuer)
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.subject, self.issuer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_subject_fits_itself_alone() {
        let subject = Subject::Exact("https://example.com/repo".into());
        assert!(subject.fits("https://example.com/repo"));
        for other in [
            "https://example.com/repo-evil",
            "https://example.com/Repo",
            "x https://example.com/repo",
            "https://example.com/rep",
            "",
        ] {
            assert!(!subject.fits(other), "{other}");
        }
    }

    #[test]
    fn a_pattern_fits_whole_subjects() {
        let subject = Subject::pattern("^a|b$").unwrap();
        assert!(subject.fits("a") && subject.fits("b"));
        assert!(!subject.fits("ab") && !subject.fits("a\n") && !subject.fits("xb"));
        assert!(!Subject::pattern("^v[0-9]+$").unwrap().fits("v1\nv2"));
        assert!(!Subject::pattern("^(?m)v1$").unwrap().fits("v1\nv2"));
    }

    #[test]
    fn a_pattern_is_anchored() {
        for text in ["a", "^a", "a$", "", "^", "$"] {
            assert!(matches!(Subject::pattern(text), Err(PatternError::Anchor)), "{text}");
        }
        for text in [r"^a\$", "^(a$", "^a)|(b$"] {
            assert!(matches!(Subject::pattern(text), Err(PatternError::Syntax(_))), "{text}");
        }
    }

    #[test]
    fn issuer_and_subject_are_both_demanded() {
        let identity = Identity { subject: Subject::Exact("a".into()), issuer: "https://i".into() };
        assert!(identity.fits("a", "https://i"));
        assert!(!identity.fits("a", "https://i/") && !identity.fits("b", "https://i") && !identity.fits("a", ""));
    }

    #[test]
    fn parts_of_an_identity_do_not_run_into_each_other() {
        assert_ne!(Identity::fingerprint("ab", "c"), Identity::fingerprint("b", "ca"));
        let by_hand = "identity\nhttps://accounts.example.com\nalice@example.com\n";
        assert_eq!(
            Identity::fingerprint("alice@example.com", "https://accounts.example.com"),
            Digest::of(by_hand.as_bytes())
        );
    }
}
