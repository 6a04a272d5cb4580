//! `bom validate --osv-db`: known vulnerabilities by a folder.

use serde_json::{Value, json};

use crate::support::Workplace;

/// Two packages, of which one has a known vulnerability.
fn packages() -> Value {
    let library = |name: &str, purl: &str| json!({"type": "library", "name": name, "purl": purl});
    json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
        library("torch", "pkg:pypi/torch@2.5.1+cu121"), library("numpy", "pkg:pypi/numpy@2.1.0"),
    ]})
}

fn database(place: &Workplace, fixed: &str) {
    let entry = json!({
        "schema_version": "1.7.0", "id": "GHSA-53q9-r3pm-6pq6", "modified": "2026-01-02T03:04:05Z", "aliases": ["CVE-2025-32434"],
        "severity": [{"type": "CVSS_V3", "score": "9.8"}], "database_specific": {"severity": "CRITICAL"},
        "affected": [{"package": {"ecosystem": "PyPI", "name": "torch"},
                      "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]}],
    });
    place.write("osv/GHSA-53q9-r3pm-6pq6.json", entry.to_string());
    let withdrawn = json!({"id": "PYSEC-1", "modified": "2025-01-01T00:00:00Z", "withdrawn": "2025-02-01T00:00:00Z",
        "affected": [{"package": {"ecosystem": "PyPI", "name": "numpy"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}]});
    place.write("osv/PYSEC-1.json", withdrawn.to_string());
}

#[test]
fn known_vulnerabilities_are_found_without_a_network() {
    let place = Workplace::new();
    place.write("p.cdx.json", packages().to_string());
    database(&place, "2.6.0");
    let ran = place.run("bom validate p.cdx.json --osv-db osv --vulnerabilities vulns.json").exits(1);
    assert!(
        ran.stdout.contains("`pkg:pypi/torch@2.5.1+cu121` has GHSA-53q9-r3pm-6pq6 (CVE-2025-32434)"),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("PYSEC-1"), "{}", ran.stdout);
    let vulns: Value = serde_json::from_str(&place.read("vulns.json")).unwrap();
    assert_eq!(vulns["scanner"]["result"][0]["id"], "GHSA-53q9-r3pm-6pq6");
    assert_eq!(vulns["scanner"]["result"][0]["severity"][0], json!({"method": "osv", "score": "critical"}));
    assert_eq!(vulns["scanner"]["db"]["lastUpdate"], "2026-01-02T03:04:05Z");
    assert!(vulns["scanner"]["db"]["version"].as_str().unwrap().starts_with("tree:sha256:"));
    database(&place, "2.5.1");
    place.run("bom validate p.cdx.json --osv-db osv").exits(0);
}

#[test]
fn what_was_found_can_be_signed_and_judged() {
    let place = Workplace::new();
    place.create();
    place.write("p.cdx.json", packages().to_string());
    database(&place, "2.6.0");
    place.run("bom validate p.cdx.json --osv-db osv --vulnerabilities vulns.json").exits(1);
    let with = "--trust gate.toml --model model";
    place
        .run(&format!(
            "bundle attest r.intoto.jsonl {with} --key scanner.key --type vulnerabilities --predicate vulns.json"
        ))
        .exits(0);
    place.run(&format!("bundle seal r.intoto.jsonl {with} --key release.key")).exits(0);
    place.write("policy.toml", "[policy]\nname = 'p'\n[rules]\nvulnerabilities = { max-severity = 'high' }\n");
    let ran = place
        .run("bundle verify r.intoto.jsonl --trust gate.toml --model model --policy policy.toml --format json")
        .exits(1);
    assert_eq!(crate::support::codes(&ran.json(), "deny"), ["vulnerable"]);
}

#[test]
fn a_database_is_read_whole_or_not_at_all() {
    let place = Workplace::new();
    place.write("p.cdx.json", packages().to_string());
    place.run("bom validate p.cdx.json --osv-db missing").exits(2);
    place.write("osv/README.txt", "no entry");
    place.run("bom validate p.cdx.json --osv-db osv").exits(2);
    database(&place, "2.5.1");
    place.write("osv/bad.json", "{\"id\": \"X\"");
    let ran = place.run("bom validate p.cdx.json --osv-db osv").exits(2);
    assert!(ran.stderr.contains("bad.json"), "{}", ran.stderr);
}

#[test]
fn nothing_that_could_be_looked_for_is_never_a_pass() {
    let place = Workplace::new();
    database(&place, "2.6.0");
    let library = |purl: &str| json!({"type": "library", "name": "x", "purl": purl});
    let said = |parts: Value, arguments: &str, status: i32| {
        let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": parts});
        place.write("x.cdx.json", document.to_string());
        let call = format!("bom validate x.cdx.json --osv-db osv --format json{arguments}");
        let json = place.run(&call).exits(status).json();
        let objections = json["objections"].as_array().unwrap().clone();
        let ours = ["nothing-looked-up", "package-unmatched", "vulnerable", "vulnerability-unknown"];
        let checks = objections.iter().filter_map(|one| one["check"].as_str().map(str::to_owned));
        checks.filter(|check| ours.contains(&check.as_str())).collect::<Vec<_>>()
    };
    // No package at all; one of another ecosystem than the database has; one that nobody has an order for.
    assert_eq!(said(json!([]), "", 1), ["nothing-looked-up"]);
    let others = ["pkg:cargo/serde@1.0.0", "pkg:conda/numpy@1.0", "pkg:pypi/numpy", "pkg:pypi", "numpy"];
    for purl in others {
        assert_eq!(said(json!([library(purl)]), "", 1), ["nothing-looked-up", "package-unmatched"], "{purl}");
    }
    assert_eq!(said(json!([{"type": "library", "name": "x"}]), "", 1), ["nothing-looked-up", "package-unmatched"]);
    // Together with one that could be looked for, it is named; and nobody signs a result that left it out.
    let both = json!([library("pkg:cargo/serde@1.0.0"), library("pkg:pypi/numpy@2.1.0")]);
    assert_eq!(said(both.clone(), "", 0), ["package-unmatched"]);
    assert_eq!(said(both.clone(), " --strict", 1), ["package-unmatched"]);
    assert_eq!(said(both, " --vulnerabilities v.json", 1), ["package-unmatched"]);
    assert!(!place.path("v.json").exists());
    assert_eq!(said(json!([library("pkg:pypi/torch@not-a-version")]), "", 1), ["vulnerability-unknown"]);
}

#[test]
fn entries_of_any_size_and_shape_are_bounded() {
    let place = Workplace::new();
    place.write("p.cdx.json", packages().to_string());
    let good = |id: &str| json!({"id": id, "modified": "2026-01-01T00:00:00Z"}).to_string();
    let deep = format!("{{\"id\": {}1{}}}", "[".repeat(200), "]".repeat(200));
    let large = format!("{}{}", good("L"), " ".repeat(16 << 20));
    let newer = json!({"id": "N", "modified": "2026-01-01T00:00:00Z", "schema_version": "2.0.0"}).to_string();
    let odd = json!({"id": "O", "modified": "2026-01-01T00:00:00Z", "affected": [{"ranges": [
        {"type": "SEMVER", "events": [{"introduced": "0", "fixed": "1"}]}]}]});
    let twice = good("T").replace('}', ", \"id\": \"T\"}");
    for (name, text) in [("deep", deep), ("large", large), ("newer", newer), ("odd", odd.to_string()), ("twice", twice)]
    {
        let osv = format!("{name}-db");
        place.write(&format!("{osv}/good.json"), good("G"));
        place.write(&format!("{osv}/{name}.json"), text);
        let ran = place.run(&format!("bom validate p.cdx.json --osv-db {osv}")).exits(2);
        assert!(
            ran.stderr.contains(&format!("1 file of the database can't be used, such as `{name}.json`")),
            "{}",
            ran.stderr
        );
    }
    place.write("link-db/good.json", good("G"));
    std::os::unix::fs::symlink("good.json", place.path("link-db/l.json")).unwrap();
    place.run("bom validate p.cdx.json --osv-db link-db").exits(2);
}
