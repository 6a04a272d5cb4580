//! What licences ask of what is made from the licensed thing, from `table.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;
use spdx::{Expression, LicenseReq};

use crate::licence::class::{Class, is_listed};
use crate::licence::stated::Stated;
use crate::licence::{Kind, shown};
use crate::limits;

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Table {
    reviewed: String,
    #[allow(dead_code, reason = "for people who read the table")]
    sources: Vec<String>,
    permissive: BTreeSet<String>,
    non_commercial: BTreeSet<String>,
    no_derivatives: BTreeSet<String>,
    copyleft: BTreeSet<String>,
    share_alike: BTreeMap<String, BTreeSet<String>>,
}

/// A table that can't be read knows no licence; a test reads it.
static TABLE: LazyLock<Table> = LazyLock::new(|| toml::from_str(include_str!("table.toml")).unwrap_or_default());

/// Returns the day on which the table was reviewed last.
pub fn reviewed() -> &'static str {
    &TABLE.reviewed
}

/// Says whether the table has a licence under which whatever is made from it must be shared as well.
pub(super) fn shares_alike(name: &str) -> bool {
    TABLE.share_alike.contains_key(name) || TABLE.copyleft.contains(name)
}

/// Says whether the table has a licence under which nothing that is made from it may be shared.
pub(super) fn forbids_derivatives(name: &str) -> bool {
    TABLE.no_derivatives.contains(name)
}

/// Says whether the table has a licence for purposes that are not commercial.
pub(super) fn forbids_commerce(name: &str) -> bool {
    TABLE.non_commercial.contains(name)
}

/// What a licence asks.
struct Terms<'t> {
    non_commercial: bool,
    no_derivatives: bool,
    /// The licences under which it lets things be shared, where it restricts that.
    shared_as: Option<BTreeSet<&'t str>>,
}

/// Returns what a licence asks, if that is known.
fn terms(requirement: &LicenseReq) -> Option<Terms<'static>> {
    let id = requirement.license.id().filter(|_| is_listed(requirement))?;
    let name = id.name;
    let is_shared = Class::Copyleft.has(id);
    let shared_as = is_shared.then(|| {
        let compatible = TABLE.share_alike.get(name).into_iter().flatten();
        compatible.map(String::as_str).chain([name]).collect::<BTreeSet<&'static str>>()
    });
    let non_commercial = Class::NonCommercial.has(id);
    let no_derivatives = Class::NoDerivatives.has(id);
    let known = TABLE.permissive.contains(name) || Class::OsiApproved.has(id);
    (known || is_shared || non_commercial || no_derivatives).then_some(Terms {
        non_commercial,
        no_derivatives,
        shared_as,
    })
}

/// Says what keeps something under `licenses` from flowing into a release, if anything does.
pub(super) fn obstacle(licenses: &[Stated], release: &Result<Release, String>) -> Option<(Kind, String)> {
    if licenses.is_empty() {
        return Some((Kind::Unknown, "it has no licence, so that nothing is allowed".to_owned()));
    }
    let release = match release {
        Ok(release) => release,
        Err(reason) => return Some((Kind::Unknown, reason.clone())),
    };
    let each = licenses.iter().filter_map(|stated| of_stated(stated, release));
    // A conflict is worse than what nobody knows.
    each.min_by_key(|(kind, _)| *kind)
}

/// The licences of a release, read.
pub(super) struct Release {
    expressions: Vec<Expression>,
    text: String,
}

impl Release {
    /// Reads the licences under which something is released, all of which apply, or says why that can't be known.
    pub(super) fn read(into: &[Stated]) -> Result<Self, String> {
        if into.is_empty() {
            return Err("the release has no licence, so that nobody knows what it gives".to_owned());
        }
        let into: &[Stated] = if into.len() > limits::NOTED_TEXTS { &[] } else { into };
        let text = into.iter().map(|stated| shown(stated.text())).collect::<Vec<_>>().join(" AND ");
        let expressions = into.iter().map(Stated::expression).collect::<Option<Vec<_>>>().unwrap_or_default();
        let known = expressions.iter().all(|one| one.requirements().all(|one| terms(&one.req).is_some()));
        if known && !expressions.is_empty() {
            Ok(Self { expressions, text })
        } else {
            Err(format!("nothing is known of the licence `{}` of the release", shown(&text)))
        }
    }

    /// Says whether whoever gets the release is bound by a term, whichever way they choose to comply.
    fn binds(&self, has: impl Fn(&LicenseReq) -> bool) -> bool {
        self.expressions.iter().any(|one| !one.evaluate(|requirement| !has(requirement)))
    }
}

fn of_stated(stated: &Stated, release: &Release) -> Option<(Kind, String)> {
    let text = shown(stated.text());
    let unknown =
        || (Kind::Unknown, format!("nothing is known of the licence `{text}`, and what is unknown is not permissive"));
    let Some(expression) = stated.expression() else { return Some(unknown()) };
    let fits = |requirement: &LicenseReq| terms(requirement).is_some_and(|terms| objection(&terms, release).is_none());
    if expression.evaluate(fits) {
        return None;
    }
    // One way to comply might be open behind a licence that is unknown.
    if expression.evaluate(|requirement| terms(requirement).is_none() || fits(requirement)) {
        return Some(unknown());
    }
    let mut reasons = expression.requirements().filter_map(|one| objection(&terms(&one.req)?, release));
    let reason = reasons.next().unwrap_or("does not fit");
    Some((Kind::Conflict, format!("`{text}` {reason}, and the release under `{}` does not", release.text)))
}

/// Says what a licence asks for that the release does not give.
fn objection(terms: &Terms<'_>, release: &Release) -> Option<&'static str> {
    let binds = |term: fn(&Terms<'_>) -> bool| release.binds(|one| self::terms(one).is_some_and(|terms| term(&terms)));
    if terms.no_derivatives {
        return Some("forbids to share what is made from it");
    }
    if terms.non_commercial && !binds(|terms| terms.non_commercial) {
        return Some("forbids commercial use");
    }
    let shared = terms.shared_as.as_ref()?;
    let same = |one: &LicenseReq| one.license.id().is_some_and(|id| shared.contains(id.name));
    (!release.binds(same)).then_some("asks to be passed on with what is made from it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_and_knows_only_spdx_identifiers() {
        let table: Table = toml::from_str(include_str!("table.toml")).unwrap();
        assert!(!table.sources.is_empty() && table.reviewed.len() == 10);
        let lists =
            [&table.permissive, &table.non_commercial, &table.no_derivatives, &table.copyleft].into_iter().flatten();
        let shared = table.share_alike.iter().flat_map(|(id, into)| into.iter().chain([id]));
        for id in lists.chain(shared) {
            assert!(spdx::license_id(id).is_some(), "{id}");
        }
        assert!(table.permissive.is_disjoint(&table.non_commercial));
    }

    fn of(from: &[&str], into: &[&str]) -> Option<Kind> {
        let stated =
            |texts: &[&str]| texts.iter().map(|text| Stated::Expression((*text).to_owned())).collect::<Vec<_>>();
        obstacle(&stated(from), &Release::read(&stated(into))).map(|(kind, _)| kind)
    }

    fn kind(from: &str, into: &str) -> Option<Kind> {
        of(&[from], &[into])
    }

    #[test]
    fn licences_flow_where_their_terms_let_them() {
        for (from, into, expected) in [
            ("MIT", "Apache-2.0", None),
            ("CC-BY-4.0", "MIT", None),
            ("CC0-1.0", "CC-BY-NC-4.0", None),
            ("CC-BY-NC-4.0", "MIT", Some(Kind::Conflict)),
            ("CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", None),
            ("CC-BY-NC-4.0", "CC-BY-NC-4.0 OR MIT", Some(Kind::Conflict)),
            ("CC-BY-NC-4.0", "CC-BY-NC-4.0 AND MIT", None),
            ("CC-BY-ND-4.0", "CC-BY-ND-4.0", Some(Kind::Conflict)),
            ("CC-BY-SA-4.0", "MIT", Some(Kind::Conflict)),
            ("CC-BY-SA-4.0", "CC-BY-SA-4.0", None),
            ("CC-BY-SA-3.0", "CC-BY-SA-4.0", None),
            ("CC-BY-SA-4.0", "CC-BY-SA-3.0", Some(Kind::Conflict)),
            ("CC-BY-SA-4.0", "GPL-3.0-only", None),
            ("CC-BY-NC-SA-4.0", "CC-BY-NC-4.0", Some(Kind::Conflict)),
            ("GPL-3.0-only", "Apache-2.0", Some(Kind::Conflict)),
            ("GPL-3.0-only OR MIT", "Apache-2.0", None),
            ("GPL-3.0-only AND MIT", "Apache-2.0", Some(Kind::Conflict)),
            ("GPL-2.0-only", "GPL-3.0-only", Some(Kind::Conflict)),
            ("GPL-2.0-or-later", "GPL-3.0-only", None),
            ("openrail", "MIT", Some(Kind::Unknown)),
            ("LicenseRef-Llama-3", "MIT", Some(Kind::Unknown)),
            ("LicenseRef-Llama-3 OR MIT", "MIT", None),
            ("LicenseRef-Llama-3 OR CC-BY-NC-4.0", "MIT", Some(Kind::Unknown)),
            ("LicenseRef-Llama-3 AND CC-BY-NC-4.0", "MIT", Some(Kind::Conflict)),
            ("BUSL-1.1", "MIT", Some(Kind::Unknown)),
            ("NOASSERTION", "MIT", Some(Kind::Unknown)),
            ("MIT", "NOASSERTION", Some(Kind::Unknown)),
            ("NCGL-UK-2.0", "MIT", Some(Kind::Conflict)),
            ("CC-BY-NC-3.0-DE", "MIT", Some(Kind::Conflict)),
            ("SSPL-1.0", "Apache-2.0", Some(Kind::Conflict)),
            ("SSPL-1.0", "SSPL-1.0", None),
            ("EPL-2.0", "MIT", Some(Kind::Conflict)),
            ("MIT", "LicenseRef-Own", Some(Kind::Unknown)),
            ("MIT", "", Some(Kind::Unknown)),
        ] {
            assert_eq!(kind(from, into), expected, "{from} into {into}");
        }
        assert_eq!(of(&[], &["MIT"]), Some(Kind::Unknown));
        assert_eq!(of(&["MIT"], &[]), Some(Kind::Unknown));
        assert_eq!(of(&["openrail", "CC-BY-NC-4.0"], &["MIT"]), Some(Kind::Conflict));
        let long = vec!["MIT"; limits::LICENCE_BYTES].join(" OR ");
        assert_eq!((kind(&long, "MIT"), kind("MIT", &long)), (Some(Kind::Unknown), Some(Kind::Unknown)));
    }
}
