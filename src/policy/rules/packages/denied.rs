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

impl Packages {
    /// Says why a package may not be used, or why nobody can say that it may.
    pub(super) fn denial(&self, url: &PackageUrl) -> Option<(Code, &'static str)> {
        match self.0.deny.iter().map(|denied| denied.means(url)).max()? {
            Answer::Yes => Some((Code::PackageDenied, "may not be used")),
            Answer::Undecided => {
                Some((Code::PackageUnknown, "may be one that is denied: nobody can say in which version it is"))
            }
            Answer::No => None,
        }
    }

    /// Judges something by its name alone. Where `needs_url`, it may be denied if it has none.
    pub(super) fn judge_name(&self, line: &MatchedStatement<'_>, part: Part<'_>, needs_url: bool) -> Option<Finding> {
        let shown = part.text("purl").or(part.text("name")).unwrap_or_default();
        let noun = if is_image(part) { "image" } else { "package" };
        let finding = |code, fault| {
            let summary = format!("the {noun} `{shown}` {fault}");
            let finding = Finding::deny(code, line.origin().place(), summary).expected(self.0.demand());
            finding
                .help(format!("the builder must make a new release with another {noun}, or name it by its package URL"))
        };
        match (part.text("purl"), url(part)) {
            (_, Some(url)) => self.denial(&url).map(|(code, fault)| finding(code, fault).found(url.to_string())),
            (None, None) if !needs_url => None,
            (_, None) if is_image(part) && !self.denies_images() => None,
            (_, None) if self.0.deny.is_empty() => None,
            (_, None) => Some(finding(Code::PackageUnknown, "has no package URL that can be read")),
        }
    }

    /// Says whether any image of a container is denied.
    pub(super) fn denies_images(&self) -> bool {
        self.0.deny.iter().any(PackageUrl::is_image)
    }
}
