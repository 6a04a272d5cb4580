//! Packages and scanners by their package URLs: however these are written, and wherever a BOM speaks of a package.

use serde_json::{Value, json};

use super::Case;
use super::gate::TEST_RESULT;
use super::policies::{aggregate, rules, scan, sealed, without_packages};
use super::policy_files::under;
use crate::forge::{BOM, Forged};

const DENY: &str = "packages = { deny = [\"pkg:pypi/evil-pkg\"] }";
const DENY_VERSION: &str = "packages = { deny = [\"pkg:pypi/evil-pkg@1.0\"] }";

fn package(purl: &str) -> Value {
    json!({"type": "library", "bom-ref": "package", "name": "package", "purl": purl})
}

fn evil() -> Value {
    json!({"type": "library", "name": "evil", "purl": "pkg:pypi/evil-pkg@1.0"})
}

/// The good bundle with one package, a BOM that says that there is no other, and something more in it.
pub(super) fn listing(purl: &str, change: impl FnOnce(&mut Value)) -> Forged {
    Forged::good()
        .resign(BOM, "release", |bom| {
            without_packages(bom);
            aggregate(bom, Some("complete"));
            let bom = &mut bom["predicate"];
            bom["components"].as_array_mut().unwrap().push(package(purl));
            change(bom);
        })
        .reseal("release")
}

fn beside(change: impl FnOnce(&mut Value)) -> Forged {
    listing("pkg:pypi/numpy@2.1.0", change)
}

pub fn cases() -> Vec<Case> {
    [spellings(), places(), vec![disguised(), ageless()], compositions(), policies(), scanners()]
        .into_iter()
        .flatten()
        .collect()
}

fn spellings() -> Vec<Case> {
    let of = |name, why, purl: &str, rule| rules(name, why, &listing(purl, |_| {}), rule);
    vec![
        of("packages-denied-empty-segment", "a package URL has an empty segment", "pkg:pypi//evil-pkg@1", DENY)
            .deny(&["package-denied"]),
        of("packages-denied-slash", "a slash stands behind the name of a package", "pkg:pypi/evil-pkg/@1", DENY)
            .deny(&["package-denied"]),
        of(
            "packages-namespace",
            "a package has a namespace that its index does not have",
            "pkg:pypi/ns/evil-pkg@1",
            DENY,
        )
        .deny(&["package-unknown"]),
        of(
            "packages-denied-version",
            "the version that is denied, in another spelling",
            "pkg:pypi/evil-pkg@v1.0.0",
            DENY_VERSION,
        )
        .deny(&["package-denied"]),
        of(
            "packages-version",
            "a package in another version than the one denied",
            "pkg:pypi/evil-pkg@1.0rc1",
            DENY_VERSION,
        ),
        of("packages-version-unknown", "nobody says in which version a package is", "pkg:pypi/evil-pkg", DENY_VERSION)
            .deny(&["package-unknown"])
            .says("the package `pkg:pypi/evil-pkg` may be one that is denied: nobody can say in which version it is"),
        of(
            "packages-denied-letters",
            "the name of a package has a capital letter",
            "pkg:luarocks/Evil@1",
            "packages = { deny = [\"pkg:luarocks/evil\"] }",
        )
        .deny(&["package-denied"]),
        of(
            "packages-scope",
            "the scope of a package is written as no scope",
            "pkg:npm/scope/evil@1.0.0",
            "packages = { deny = [\"pkg:npm/%40scope/evil\"] }",
        )
        .deny(&["package-unknown"]),
        rules(
            "packages-denied-beside",
            "the version that stands beside a package URL is denied, and the one in it is not",
            &listing("pkg:pypi/evil-pkg@2.0", |bom| last(bom)["version"] = json!("1.0")),
            DENY_VERSION,
        )
        .deny(&["package-denied"]),
        rules(
            "packages-denied-library",
            "the image that is denied, by the namespace that it has where none is written",
            &beside(|bom| {
                let image = json!({"type": "container", "name": "evil", "purl": "pkg:docker/library/evil@1"});
                bom["components"].as_array_mut().unwrap().push(image);
            }),
            "packages = { deny = [\"pkg:docker/evil\"] }",
        )
        .deny(&["package-denied"]),
    ]
}

fn last(bom: &mut Value) -> &mut Value {
    bom["components"].as_array_mut().unwrap().last_mut().unwrap()
}

fn places() -> Vec<Case> {
    let denied = |name, why, bundle: &Forged| rules(name, why, bundle, DENY).deny(&["package-denied"]);
    let machine = json!({"components": [{"type": "device", "name": "accelerator"}, {"type": "application", "name": "scheduler"}]});
    vec![
        denied(
            "packages-denied-part",
            "a part of the release may not be used",
            &beside(|bom| bom["metadata"]["component"]["components"] = json!([evil()])),
        ),
        rules(
            "packages-making",
            "what the model was made with is none that is denied, and nothing is said of whether all of it is listed",
            &beside(|bom| bom["formulation"] = json!([machine])),
            DENY,
        ),
        denied(
            "packages-denied-made-with",
            "what the model was made with may not be used",
            &beside(|bom| bom["formulation"] = json!([{"components": [evil()]}])),
        ),
        rules(
            "packages-making-unnamed",
            "a library that the model was made with has no package URL",
            &beside(|bom| bom["formulation"] = json!([{"components": [{"type": "library", "name": "evil"}]}])),
            DENY,
        )
        .deny(&["package-unknown"]),
        denied(
            "packages-denied-tool",
            "what made the BOM may not be used",
            &beside(|bom| bom["metadata"]["tools"]["components"].as_array_mut().unwrap().push(evil())),
        ),
        denied(
            "packages-denied-ancestor",
            "what a package was made from may not be used",
            &beside(|bom| last(bom)["pedigree"] = json!({"ancestors": [evil()]})),
        ),
        denied(
            "packages-denied-descendant",
            "what was made from a package may not be used",
            &beside(|bom| last(bom)["pedigree"] = json!({"descendants": [evil()]})),
        ),
        denied(
            "packages-denied-declared",
            "somebody declares something of what may not be used",
            &beside(|bom| bom["declarations"] = json!({"targets": {"components": [evil()]}})),
        ),
        denied(
            "packages-denied-found-out",
            "there is evidence that a package is one that may not be used",
            &beside(|bom| {
                let identity = json!([{"field": "purl", "confidence": 1, "concludedValue": "pkg:pypi/evil-pkg@1.0"}]);
                last(bom)["evidence"] = json!({"identity": identity});
            }),
        ),
        rules(
            "packages-application-unnamed",
            "a program has no package URL",
            &beside(|bom| {
                bom["components"].as_array_mut().unwrap().push(json!({"type": "application", "name": "evil"}))
            }),
            DENY,
        )
        .deny(&["package-unknown"]),
    ]
}

/// Something that calls itself the image of a container, and is a package of which nothing is known.
fn disguised() -> Case {
    let bundle = beside(|bom| {
        let image = json!({"type": "container", "bom-ref": "image", "name": "other", "purl": "pkg:pypi/other@1"});
        bom["components"].as_array_mut().unwrap().push(image);
    });
    let facts = r#"{"packages": {"pkg:pypi/numpy@2.1.0": {"uploaded": "2025-12-01T00:00:00Z"}}}"#;
    let why = "a package calls itself the image of a container";
    rules("packages-image-disguised", why, &bundle, "packages = { min-age = \"14d\" }")
        .write("facts.json", facts)
        .with(&["--package-facts", "facts.json", "--at", "2026-01-02T00:00:00Z"])
        .deny(&["package-unknown"])
        .says("the package `pkg:pypi/other@1` has no known age")
}

/// A package in no version, of which an age is stated.
fn ageless() -> Case {
    let facts = r#"{"packages": {"pkg:pypi/numpy": {"uploaded": "2025-01-01T00:00:00Z"},
                                 "pkg:pypi/numpy@2.1.0": {"uploaded": "2025-12-01T00:00:00Z"}}}"#;
    let why = "somebody states an age of a package, and nobody its version";
    rules("packages-ageless", why, &listing("pkg:pypi/numpy", |_| {}), "packages = { min-age = \"14d\" }")
        .write("facts.json", facts)
        .with(&["--package-facts", "facts.json", "--at", "2026-01-02T00:00:00Z"])
        .deny(&["package-unknown"])
        .says("the package `pkg:pypi/numpy` has no version, and so no age")
}

fn compositions() -> Vec<Case> {
    let said = |name, why, composition: Value| {
        let bundle = beside(|bom| bom["compositions"].as_array_mut().unwrap().push(composition));
        rules(name, why, &bundle, DENY)
            .deny(&["package-unknown"])
            .says("the BOM says that its list of packages is not complete")
    };
    vec![
        said(
            "packages-partly-assembled",
            "the BOM says that parts of the code are left out",
            json!({"aggregate": "incomplete", "assemblies": ["code"]}),
        ),
        said(
            "packages-partly-behind",
            "the BOM says that something behind a package is left out",
            json!({"aggregate": "incomplete", "dependencies": ["package"]}),
        ),
        said(
            "packages-partly-release",
            "the BOM says that something behind the release is left out",
            json!({"aggregate": "incomplete_third_party_only", "dependencies": ["release"]}),
        ),
        said(
            "packages-partly-all",
            "the BOM says that something is left out, and not of what",
            json!({"aggregate": "incomplete"}),
        ),
    ]
}

fn policies() -> Vec<Case> {
    let of = |name, why, url: &str, words| {
        let text = format!("[policy]\nname = \"vector\"\nversion = 2\n[rules]\npackages = {{ deny = [\"{url}\"] }}\n");
        under(name, why, &text).refused(words).beside("policy-seen").threats(&["N111"])
    };
    vec![
        of("policy-package-starred", "a package is denied by a pattern", "pkg:npm/ev*", "there are no patterns"),
        of("policy-package-spaced", "a space stands behind the name of a package", "pkg:pypi/evil ", "must be encoded"),
        of(
            "policy-package-version",
            "a package is denied in a version that is none",
            "pkg:pypi/evil@1.*",
            "there are no patterns",
        ),
        of(
            "policy-package-scope",
            "a package of npm is denied in a scope that is none",
            "pkg:npm/scope/evil",
            "a scope of npm starts with `%40`",
        ),
        of(
            "policy-package-group",
            "a package of Maven is denied without its group",
            "pkg:maven/org.evil",
            "packages of Maven have a group",
        ),
        of(
            "policy-package-range",
            "a package is denied in a version that is none",
            "pkg:pypi/evil@latest",
            "is no version of",
        ),
    ]
}

fn scanners() -> Vec<Case> {
    let scanned = |uris: &[&str]| {
        let all = uris.iter().fold(Forged::good(), |bundle, uri| {
            bundle.state(TEST_RESULT, "scanner", &scan(uri, &["a.bin"], "2025-12-31T00:00:00Z"))
        });
        sealed(all)
    };
    let two = "scans = { scanners = 2 }";
    vec![
        rules(
            "scans-one-segments",
            "one scanner by a package URL with slashes too many is one",
            &scanned(&["pkg:pypi/a@1", "pkg:pypi//a@1", "pkg:pypi/a/@1", "pkg:pypi/n/a@1", "pkg:pypi/a "]),
            two,
        )
        .deny(&["too-few-attesters"]),
        rules(
            "scans-one-address",
            "one scanner by two spellings of its address is one",
            &scanned(&["https://a.example/", "https://A.example"]),
            two,
        )
        .deny(&["too-few-attesters"]),
        rules(
            "scans-one-path",
            "one scanner by two addresses that differ in the version is one",
            &scanned(&["https://a.example/x/v1", "https://a.example/x/v2.0"]),
            two,
        )
        .deny(&["too-few-attesters"]),
        rules("scans-unnamed", "scanners have words for names that anybody may have", &scanned(&["a", "b"]), two)
            .deny(&["evidence-missing"]),
    ]
}
