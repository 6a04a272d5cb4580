//! Packages that may not be used, wherever a BOM speaks of them.

use crate::evidence::MatchedStatement;
use crate::finding::{Code, Finding};
use crate::osv::Answer;
use crate::policy::bom::Part;
use crate::policy::package_url::PackageUrl;
use crate::policy::rules::packages::{Packages, is_image};

/// Reads the package URL of a component, in the version that stands beside it if it has none.
pub(super) fn url(part: Part<'_>) -> Option<PackageUrl> {
    Some(PackageUrl::read(part.text("purl")?)?.or_version(part.text("version")))
}

/// Reads all that a component says it is, by its package URL and those that were found out for it, each in its own version and in the
/// one that stands beside it. Nothing for each that can't be read.
fn identities(part: Part<'_>) -> Vec<Option<PackageUrl>> {
    let version = part.text("version");
    let texts = part.text("purl").into_iter().chain(part.found_urls());
    let read = texts.flat_map(|text| match PackageUrl::read(text) {
        Some(url) => vec![Some(url.clone().or_version(version)), Some(url.in_version(version))],
        None => vec![None],
    });
    read.collect()
}

/// Why something may not be used.
pub(super) struct Denial {
    pub(super) code: Code,
    pub(super) fault: &'static str,
    /// The package that it may be, if that can be read.
    pub(super) found: Option<PackageUrl>,
}

impl Denial {
    pub(super) fn unread() -> Self {
        Self { code: Code::PackageUnknown, fault: "has no package URL that can be read", found: None }
    }
}

impl Packages {
    /// Says why a component may not be used, or why nobody can say that it may: it must be none that is denied by anything that it says.
    pub(super) fn denial(&self, part: Part<'_>) -> Option<Denial> {
        if self.0.deny.is_empty() {
            return None;
        }
        let judged = identities(part).into_iter().map(|one| match one {
            Some(url) => (self.answer(&url), Some(url)),
            None => (Answer::Undecided, None),
        });
        match judged.max_by_key(|(answer, _)| *answer)? {
            (Answer::No, _) => None,
            (Answer::Yes, found) => Some(Denial { code: Code::PackageDenied, fault: "may not be used", found }),
            (Answer::Undecided, None) => Some(Denial::unread()),
            (Answer::Undecided, found) => {
                let fault = "may be one that is denied: nobody can say in which version it is";
                Some(Denial { code: Code::PackageUnknown, fault, found })
            }
        }
    }

    fn answer(&self, url: &PackageUrl) -> Answer {
        self.0.deny.iter().map(|denied| denied.means(url)).max().unwrap_or(Answer::No)
    }

    /// Judges something by its name alone. Where `needs_url`, it may be denied if it has none.
    pub(super) fn judge_name(&self, line: &MatchedStatement<'_>, part: Part<'_>, needs_url: bool) -> Option<Finding> {
        let is_unnamed = part.text("purl").is_none() && needs_url && !self.0.deny.is_empty();
        let denial = self.denial(part).or_else(|| is_unnamed.then(Denial::unread))?;
        let shown = part.text("purl").or(part.text("name")).unwrap_or_default();
        let noun = if is_image(part) { "image" } else { "package" };
        let summary = format!("the {noun} `{shown}` {}", denial.fault);
        let finding = Finding::deny(denial.code, line.origin().place(), summary).expected(self.0.demand());
        let finding = finding
            .help(format!("the builder must make a new release with another {noun}, or name it by its package URL"));
        Some(match denial.found {
            Some(url) => finding.found(url.to_string()),
            None => finding,
        })
    }

    /// Says whether any image of a container is denied.
    pub(super) fn denies_images(&self) -> bool {
        self.0.deny.iter().any(PackageUrl::is_image)
    }
}
