//! Packages behind the release, as the BOM lists them.

use std::collections::{BTreeSet, HashSet};

use serde::Deserialize;
use serde_json::Value;

use crate::cyclonedx::MODEL_REF;
use crate::evidence::MatchedStatement;
use crate::finding::{Cause, Code, Finding};
use crate::intoto::Kind;
use crate::policy::age::Age;
use crate::policy::bom::{self, Part};
use crate::policy::package_facts::Facts;
use crate::policy::package_url::{self, PackageUrl};
use crate::policy::{Case, Rule};
use crate::reference::Reference;

use self::denied::Denial;

mod denied;

/// Packages; at least one of these. What is not known of a package is denied.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Packages"))]
pub(super) struct Table {
    /// Package URLs that may not be used: with a version that one, without one all of them. `pkg:oci/…` is an image.
    deny: Vec<PackageUrl>,
    /// How long ago each must have been uploaded.
    min_age: Option<Age>,
    /// How many people must keep each.
    min_maintainers: Option<u64>,
}

pub(super) struct Packages(Table);

pub(super) fn build(table: Table) -> Result<Packages, String> {
    if table.deny.is_empty() && table.min_age.is_none() && table.min_maintainers.is_none() {
        return Err("it demands nothing of packages".to_owned());
    }
    if table.min_maintainers == Some(0) {
        return Err("0 maintainers demand nothing".to_owned());
    }
    Ok(Packages(table))
}

/// What a composition says of a list that has all.
const COMPLETE: &str = "complete";

/// Says whether a component is a package: not the release, its model, data, code, image, or a file.
fn is_package(part: Part<'_>) -> bool {
    let ours = part.name() == Some(MODEL_REF)
        || matches!(part.reference(), Some(Reference::Base(_) | Reference::Code | Reference::Dataset(_)));
    let is_program = is_library(part) || part.text("type") == Some("application");
    !ours && !is_image(part) && (part.text("purl").is_some() || is_program)
}

/// Says whether a component is what only packages are.
fn is_library(part: Part<'_>) -> bool {
    matches!(part.text("type"), Some("library" | "framework"))
}

/// Says whether a component is the image of a container, whose age and keepers no index of packages knows. One that calls itself
/// so, and has the package URL of something else, is that.
fn is_image(part: Part<'_>) -> bool {
    let names_other = || part.text("purl").is_some() && !denied::url(part).is_some_and(|url| url.is_image());
    part.text("type") == Some("container") && !names_other()
}

impl Table {
    /// Says in plain words what it demands.
    fn demand(&self) -> String {
        let mut denied: Vec<_> = self.deny.iter().map(|url| format!("`{url}`")).collect();
        denied.sort_unstable();
        let words = [
            (!denied.is_empty()).then(|| format!("is none of {}", denied.join(", "))),
            self.min_age.map(|age| format!("was uploaded at least {age} ago")),
            self.min_maintainers.map(|least| format!("is kept by at least {least} people")),
        ];
        let words: Vec<_> = words.into_iter().flatten().collect();
        format!("the BOM lists all packages, as it says itself, and each {}", words.join(", and "))
    }
}

impl Packages {
    /// What is not listed is not known, and so is what is behind it: a BOM that does not claim to list all says nothing
    /// of all. Whoever says of the code, of one of its packages, of the release or of all that something is left out, says it of the list.
    fn incomplete(&self, line: &MatchedStatement<'_>, document: &Value, packages: &[Part<'_>]) -> Option<Finding> {
        let code = Reference::Code.to_string();
        let behind_code = bom::aggregates(document, &["dependencies"], &HashSet::from([code.as_str()]));
        let mut names: HashSet<&str> = packages.iter().filter_map(|part| part.name()).collect();
        names.insert(&code);
        names.extend(bom::root(document).and_then(Part::name));
        let said = bom::aggregates(document, &["assemblies", "dependencies"], &names);
        let said: BTreeSet<&str> = said.into_iter().chain(bom::aggregates_of_all(document)).collect();
        if !behind_code.is_empty() && said.iter().all(|aggregate| *aggregate == COMPLETE) {
            return None;
        }
        let summary = if said.iter().any(|aggregate| aggregate.starts_with("incomplete")) {
            "the BOM says that its list of packages is not complete"
        } else {
            "the BOM does not say that its list of packages is complete"
        };
        let said: Vec<_> = said.into_iter().collect();
        let found = if said.is_empty() { "nothing is said of it".to_owned() } else { said.join(", ") };
        let finding = Finding::deny(Code::PackageUnknown, line.origin().place(), summary).expected(self.0.demand());
        Some(finding.found(found).help("the builder must pin every package in a lock file, and make a new release"))
    }

    fn judge(&self, case: &Case<'_>, line: &MatchedStatement<'_>, part: Part<'_>) -> Vec<Finding> {
        let shown = part.text("purl").or(part.text("name")).unwrap_or_default();
        let finding = |code, fault: &str| {
            Finding::deny(code, line.origin().place(), format!("the package `{shown}` {fault}"))
                .expected(self.0.demand())
                .help("the builder must train with another package, or another version of it, and make a new release")
        };
        let unknown =
            |fault: &str, found: &str| finding(Code::PackageUnknown, fault).found(found).because(Cause::NoFacts);
        let Some(url) = denied::url(part) else {
            let unread = Denial::unread();
            return vec![finding(unread.code, unread.fault)];
        };
        let mut findings = Vec::new();
        if let Some(denial) = self.denial(part) {
            let found = denial.found.unwrap_or_else(|| url.clone());
            findings.push(finding(denial.code, denial.fault).found(found.to_string()));
        }
        let elsewhere = part.text("purl").is_some_and(package_url::is_elsewhere);
        let facts = Facts::of(case.package_facts, &url, elsewhere, part.property("assaymark:uploaded"));
        if let Some(age) = self.0.min_age {
            match facts.uploaded {
                None if !url.has_version() => {
                    findings.push(finding(Code::PackageUnknown, "has no version, and so no age").found("no version"));
                }
                None => findings.push(unknown("has no known age", "no time of upload")),
                Some(time) if case.at.signed_duration_since(time) < age.length() => {
                    findings.push(finding(Code::PackageDenied, "is too new").found(format!("uploaded at {time}")));
                }
                Some(_) => {}
            }
        }
        if let Some(least) = self.0.min_maintainers {
            match facts.maintainers {
                None => findings.push(unknown("has no known maintainers", "no number")),
                Some(count) if count < least => {
                    findings.push(finding(Code::PackageDenied, "is kept by too few people").found(count.to_string()));
                }
                Some(_) => {}
            }
        }
        findings
    }
}

impl Rule for Packages {
    fn name(&self) -> &'static str {
        "packages"
    }

    fn demand(&self) -> String {
        self.0.demand()
    }

    fn codes(&self) -> Vec<Code> {
        vec![Code::PackageDenied, Code::PackageUnknown]
    }

    fn rests_on(&self) -> Vec<Kind> {
        vec![Kind::Bom]
    }

    fn needs(&self) -> Vec<Kind> {
        vec![Kind::Bom]
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (line, document) in case.boms() {
            let (packages, others): (Vec<_>, Vec<_>) =
                bom::listed(document).into_iter().partition(|part| is_package(*part));
            if packages.is_empty() {
                let finding = Finding::deny(Code::PackageUnknown, line.origin().place(), "the BOM lists no package");
                findings
                    .push(finding.expected(self.0.demand()).help("the builder must record the packages of the code"));
            }
            findings.extend(self.incomplete(line, document, &packages));
            findings.extend(packages.into_iter().flat_map(|part| self.judge(case, line, part)));
            let others = others.into_iter().chain(bom::mentioned(document));
            let others = others.map(|part| (part, is_image(part) && self.denies_images()));
            let made_with = bom::made_with(document).into_iter().map(|part| (part, is_library(part)));
            let named = others.chain(made_with);
            findings.extend(named.filter_map(|(part, needs_url)| self.judge_name(line, part, needs_url)));
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The type is what the maker of the BOM writes; what is asked of a package goes by its URL.
    #[test]
    fn a_package_that_calls_itself_a_container_is_a_package() {
        let images = |part: &Value| {
            let document = json!({"components": [part]});
            bom::parts(&document).into_iter().filter(|part| is_image(*part)).count()
        };
        for (purl, image) in
            [("pkg:oci/debian@sha256:ab", 1), ("pkg:docker/debian", 1), ("pkg:pypi/sneaky@1", 0), ("odd", 0)]
        {
            assert_eq!(images(&json!({"type": "container", "purl": purl})), image, "{purl}");
        }
        assert_eq!(images(&json!({"type": "container"})), 1);
    }
}
