//! Classes of licences, each with one written meaning: by the SPDX list and `table.toml`.

use spdx::{AdditionItem, LicenseId, LicenseReq};

use crate::licence::table;

/// A class of licences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// What is made from it must be shared as it is shared.
    Copyleft,
    /// What is made from it may not be shared.
    NoDerivatives,
    /// Only for purposes that are not commercial.
    NonCommercial,
    /// Approved by the Open Source Initiative, as the SPDX list says.
    OsiApproved,
}

impl Class {
    /// The classes, by the words that a policy has for them.
    pub(crate) const ALL: [(&'static str, Self); 4] = [
        ("copyleft", Self::Copyleft),
        ("no-derivatives", Self::NoDerivatives),
        ("non-commercial", Self::NonCommercial),
        ("osi-approved", Self::OsiApproved),
    ];

    /// Says whether a licence is in it. Creative Commons ports its licences to many countries, so theirs go by their names.
    pub(crate) fn has(self, id: LicenseId) -> bool {
        let creative_commons = |part: &str| id.name.starts_with("CC-") && id.name.split('-').any(|one| one == part);
        match self {
            Self::Copyleft => id.is_copyleft() || creative_commons("SA") || table::shares_alike(id.name),
            Self::NoDerivatives => creative_commons("ND") || table::forbids_derivatives(id.name),
            Self::NonCommercial => creative_commons("NC") || table::forbids_commerce(id.name),
            Self::OsiApproved => id.is_osi_approved(),
        }
    }
}

/// What SPDX has where nobody says anything. Its list has no such licence; the list of the parser does.
const NO_ASSERTION: &str = "NOASSERTION";

/// Finds a licence of the SPDX list.
pub(crate) fn listed(name: &str) -> Option<LicenseId> {
    spdx::license_id(name).filter(|id| id.name != NO_ASSERTION)
}

/// Says whether a licence has terms that somebody added, which may take back whatever it gives.
pub(crate) fn has_own_terms(requirement: &LicenseReq) -> bool {
    matches!(requirement.addition, Some(AdditionItem::Other(_)))
}

/// Says whether the SPDX list has a licence as it is required, so that everybody can read its terms.
pub(crate) fn is_listed(requirement: &LicenseReq) -> bool {
    requirement.license.id().is_some_and(|id| id.name != NO_ASSERTION) && !has_own_terms(requirement)
}

/// Says whether a text is one licence of somebody's own, `LicenseRef-…`.
pub(crate) fn is_reference(word: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ['.', '-'].contains(&c);
    word.strip_prefix("LicenseRef-").is_some_and(|name| !name.is_empty() && name.chars().all(allowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_hold_what_their_names_promise() {
        for (class, members) in [
            (
                Class::Copyleft,
                [
                    "ODbL-1.0",
                    "CDLA-Sharing-1.0",
                    "SSPL-1.0",
                    "Parity-7.0.0",
                    "EPL-2.0",
                    "CC-SA-1.0",
                    "OPL-1.0",
                    "ErlPL-1.1",
                    "IPA",
                    "Interbase-1.0",
                    "SugarCRM-1.1.3",
                    "RHeCos-1.1",
                    "Motosoto",
                    "CATOSL-1.1",
                    "gSOAP-1.3b",
                    "Frameworx-1.0",
                    "UCL-1.0",
                    "MVT-1.1",
                    "Latex2e",
                ]
                .as_slice(),
            ),
            (
                Class::NonCommercial,
                &["NCGL-UK-2.0", "Aladdin", "CC-BY-NC-SA-2.0-UK", "CC-BY-NC-3.0-DE", "PPL", "SUL-1.0"],
            ),
            (Class::NoDerivatives, &["CC-BY-ND-3.0-DE", "CC-BY-NC-ND-3.0-IGO"]),
        ] {
            for member in members {
                assert!(class.has(listed(member).unwrap()), "{class:?} {member}");
            }
            for other in
                ["MIT", "Apache-2.0", "CC-BY-4.0", "CC0-1.0", "ODC-By-1.0", "BUSL-1.1", "LPL-1.02", "Artistic-2.0"]
            {
                assert!(!class.has(listed(other).unwrap()), "{class:?} {other}");
            }
        }
    }

    #[test]
    fn what_nobody_asserts_and_what_somebody_adds_is_not_listed() {
        let is = |text| is_listed(&spdx::Expression::parse(text).unwrap().requirements().next().unwrap().req);
        assert!(is("MIT") && is("GPL-2.0-only WITH Classpath-exception-2.0"));
        for text in ["NOASSERTION", "LicenseRef-a", "MIT WITH AdditionRef-a", "DocumentRef-a:LicenseRef-MIT"] {
            assert!(!is(text), "{text}");
        }
        assert!(listed("NOASSERTION").is_none());
        assert!(
            is_reference("LicenseRef-a.b-1") && !is_reference("LicenseRef-a OR MIT") && !is_reference("LicenseRef-")
        );
    }
}
