//! Reports that the tools made, and reports that nobody should believe.

use super::*;
use crate::intoto::predicate::vulnerabilities::Rating;

fn given() -> Given {
    Given { version: Some("9.9".into()), rules_updated: Some("2026-01-01T00:00:00Z".parse().unwrap()) }
}

fn now() -> DateTime<Utc> {
    "2026-01-02T00:00:00Z".parse().unwrap()
}

fn read(tool: Tool, text: &str) -> Result<Predicate, ImportError> {
    import(tool, text.as_bytes(), &given(), now())
}

fn file(tool: Tool, name: &str) -> TestResult {
    let path = format!("{}/testdata/reports/{name}", env!("CARGO_MANIFEST_DIR"));
    match import(tool, &std::fs::read(path).unwrap(), &given(), now()).unwrap() {
        Predicate::TestResult(test) => test,
        other => panic!("{other:?}"),
    }
}

fn found(tool: Tool, text: &str) -> Vulnerabilities {
    match read(tool, text).unwrap() {
        Predicate::Vulnerabilities(found) => *found,
        other => panic!("{other:?}"),
    }
}

#[test]
fn reports_of_bad_pickles_fail() {
    for (tool, name, uri) in [
        (Tool::Modelscan, "modelscan.json", "pkg:pypi/modelscan@0.8.8"),
        (Tool::Picklescan, "picklescan.txt", "pkg:pypi/picklescan@9.9"),
        (Tool::Fickling, "fickling.json", "pkg:pypi/fickling@9.9"),
        (Tool::Modelaudit, "modelaudit.json", "pkg:pypi/modelaudit@9.9"),
    ] {
        let test = file(tool, name);
        assert_eq!((test.result, test.failed_tests.len()), (Outcome::Failed, 1), "{name}");
        let scanner = test.entry(SCANNER).unwrap();
        assert_eq!(scanner.uri.as_deref(), Some(uri), "{name}");
        assert!(test.rules_updated().is_some() && test.finished_on().is_some(), "{name}");
    }
    let local = file(Tool::Modelscan, "modelscan.json").finished_on().unwrap();
    assert_eq!(local.to_rfc3339(), "2026-11-24T00:48:34.684289+00:00", "14:48 is the earliest in the farthest east");
    assert_eq!(file(Tool::Fickling, "fickling-good.json").result, Outcome::Passed);
    assert_eq!(
        file(Tool::Modelscan, "modelscan.json").entry(SCANNER).unwrap().annotations[COVERED],
        json!(["good.pkl", "bad.pkl"])
    );
}

#[test]
fn a_scan_that_did_not_finish_proves_nothing() {
    for (tool, text) in [
        (Tool::Modelscan, r#"{"summary": {}, "issues": [], "errors": [{"message": "crashed"}]}"#),
        (Tool::Modelaudit, r#"{"has_errors": true, "success": true, "issues": [], "assets": []}"#),
        (Tool::Modelaudit, r#"{"has_errors": false, "success": false, "issues": [], "assets": []}"#),
        (Tool::Modelaudit, r#"{"has_errors": false, "success": true, "issues": [], "assets": []}"#),
        (
            Tool::Modelaudit,
            r#"{"has_errors": false, "success": true, "issues": [], "assets": [{"path": "x"}], "files_scanned": 0}"#,
        ),
        (
            Tool::Modelscan,
            r#"{"summary": {"modelscan_version": "1", "scanned": {"total_scanned": 0}}, "issues": [], "errors": []}"#,
        ),
        (
            Tool::Modelscan,
            r#"{"summary": {"modelscan_version": "1", "scanned": {"scanned_files": []}}, "issues": [], "errors": []}"#,
        ),
        (Tool::Picklescan, "--- SCAN SUMMARY ---\nScanned files: 0\nInfected files: 0\n"),
        // Version 1.0.5 counts it as scanned, and ends with 0.
        (
            Tool::Picklescan,
            "WARNING: could not parse b.pkl as pickle: no data\n--- SCAN SUMMARY ---\nScanned files: 2\nInfected files: 0\n",
        ),
        (
            Tool::Sarif,
            r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": [], "invocations": [{"executionSuccessful": false}]}]}"#,
        ),
        (
            Tool::Sarif,
            r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": [], "invocations": [
                {"executionSuccessful": true, "toolExecutionNotifications": [{"level": "error", "message": {"text": "m"}}]}]}]}"#,
        ),
        (Tool::PipAudit, r#"{"dependencies": [{"name": "x", "skip_reason": "not on the index"}]}"#),
        (Tool::PipAudit, r#"{"dependencies": [], "fixes": []}"#),
        (Tool::Trivy, r#"{"SchemaVersion": 2, "CreatedAt": "2026-01-01T00:00:00Z"}"#),
        (Tool::Trivy, r#"{"SchemaVersion": 2, "Results": [{"Target": "x", "Class": "secret"}]}"#),
        (Tool::Grype, r#"{"matches": [], "descriptor": {"version": "1", "db": {"status": {"valid": false}}}}"#),
    ] {
        assert!(matches!(read(tool, text), Err(ImportError::Unfinished(_))), "{text}");
    }
    // pip-audit itself says that it knows of no vulnerability where it could look nothing up.
    let path = format!("{}/testdata/reports/pip-audit-skipped.json", env!("CARGO_MANIFEST_DIR"));
    let skipped = read(Tool::PipAudit, &std::fs::read_to_string(path).unwrap());
    assert!(matches!(skipped, Err(ImportError::Unfinished(_))));
}

#[test]
fn what_is_no_report_is_refused() {
    for tool in [
        Tool::Fickling,
        Tool::Grype,
        Tool::Modelaudit,
        Tool::Modelscan,
        Tool::OsvScanner,
        Tool::Picklescan,
        Tool::PipAudit,
        Tool::Sarif,
        Tool::Trivy,
    ] {
        for text in ["", "{}", "[]", "null", "Traceback (most recent call last):", r#"{"a": 1, "a": 2}"#] {
            assert!(read(tool, text).is_err(), "{tool:?} {text}");
        }
    }
}

/// A report of modelscan that counts more, or less, than it lists was cut.
#[test]
fn a_report_of_modelscan_lists_what_it_counts() {
    let report = |change: &dyn Fn(&mut Value)| {
        let mut report = json!({
            "summary": {
                "total_issues": 0, "total_issues_by_severity": {"LOW": 0, "CRITICAL": 0}, "modelscan_version": "1",
                "scanned": {"total_scanned": 1, "scanned_files": ["a.pkl"]},
                "skipped": {"total_skipped": 1, "skipped_files": [{"source": "b.txt"}]},
            },
            "issues": [], "errors": [],
        });
        change(&mut report);
        read(Tool::Modelscan, &report.to_string())
    };
    assert!(report(&|_| {}).is_ok());
    for (pointer, value) in [
        ("/summary/total_issues", json!(1)),
        ("/summary/total_issues_by_severity/CRITICAL", json!(1)),
        ("/summary/total_issues_by_severity/CRITICAL", json!(-1)),
        ("/summary/total_issues_by_severity/CRITICAL", json!(u64::MAX)),
        ("/summary/scanned/total_scanned", json!(5)),
        ("/summary/scanned/total_scanned", json!(-1)),
        ("/summary/skipped/total_skipped", json!(5)),
        ("/summary/skipped/skipped_files", json!([])),
        ("/summary/skipped/skipped_files", json!({})),
    ] {
        let read = report(&|report| *report.pointer_mut(pointer).unwrap() = value.clone());
        assert!(matches!(read, Err(ImportError::Shape { .. })), "{pointer} {value}");
    }
}

#[test]
fn a_summary_of_picklescan_stands_once_and_counts_once() {
    const SUMMARY: &str = "--- SCAN SUMMARY ---\nScanned files: 1\nInfected files: 0\nDangerous globals: 0\n";
    let result = |text: &str| match read(Tool::Picklescan, text) {
        Ok(Predicate::TestResult(test)) => Ok(test.result),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error),
    };
    assert_eq!(result(SUMMARY), Ok(Outcome::Passed));
    assert_eq!(result(&SUMMARY.replace("globals: 0", "globals: 3")), Ok(Outcome::Failed));
    // What follows is what it prints of an archive whose member is called by the lines of a summary.
    let infected = SUMMARY.replace("files: 0", "files: 1");
    let forged = format!("evil.zip:a\n{SUMMARY}.pkl: dangerous import 'posix system' FOUND\n{infected}");
    for text in [
        forged,
        SUMMARY.repeat(2),
        format!("{SUMMARY}Infected files: 1\n"),
        SUMMARY.replace("files: 0", "files: none"),
        SUMMARY.replace("globals: 0", "globals: -1"),
    ] {
        assert!(matches!(result(&text), Err(ImportError::Shape { .. })), "{text}");
    }
}

#[test]
fn a_list_that_is_none_is_no_list_without_findings() {
    for (tool, text) in [
        (Tool::Trivy, r#"{"SchemaVersion": 2, "Results": [{"Class": "lang-pkgs", "Vulnerabilities": {"x": 1}}]}"#),
        (Tool::Trivy, r#"{"SchemaVersion": 2, "Results": {"Class": "lang-pkgs"}}"#),
        (Tool::Grype, r#"{"matches": [], "ignoredMatches": "none", "descriptor": {"version": "1"}}"#),
        (Tool::OsvScanner, r#"{"results": [{"packages": [{"package": {"name": "x"}, "vulnerabilities": "none"}]}]}"#),
        (
            Tool::Modelscan,
            r#"{"summary": {"modelscan_version": "1", "total_issues": 5, "scanned": {"scanned_files": ["x"]}}, "issues": [], "errors": []}"#,
        ),
        (Tool::Sarif, r#"{"version": "2.1.0", "runs": []}"#),
        (
            Tool::Sarif,
            r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x", "version": "1"}}, "results": [],
                "externalPropertyFileReferences": {"results": [{"itemCount": 5}]}}]}"#,
        ),
        (Tool::Sarif, r#"{"version": "2.1.0", "runs": [{"results": []}]}"#),
        (Tool::Sarif, r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": null}]}"#),
        (Tool::Sarif, r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}}]}"#),
    ] {
        assert!(matches!(read(tool, text), Err(ImportError::Shape { .. })), "{text}");
    }
}

#[test]
fn results_of_sarif_have_the_level_of_their_rule() {
    let of = |rules: &str, result: &str| {
        let text = format!(
            r#"{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "x", "version": "1", "rules": [{rules}]}},
                "extensions": [{{"name": "y", "rules": [{{"id": "more", "defaultConfiguration": {{"level": "error"}}}}]}}]}},
                "results": [{{"message": {{"text": "m"}}, {result}}}]}}]}}"#
        );
        let Predicate::TestResult(scan) = read(Tool::Sarif, &text).unwrap() else { panic!() };
        scan.result
    };
    let written = file(Tool::Sarif, "bandit.sarif");
    assert_eq!((written.failed_tests.len(), written.warned_tests.len()), (1, 1), "{written:?}");
    let rule = |level: &str| format!(r#"{{"id": "bad", "defaultConfiguration": {{"level": "{level}"}}}}"#);
    assert_eq!(of(&rule("error"), r#""ruleId": "bad""#), Outcome::Failed);
    assert_eq!(of(&rule("error"), r#""ruleId": "bad/one""#), Outcome::Failed);
    assert_eq!(of(&rule("error"), r#""rule": {"id": "bad"}"#), Outcome::Failed);
    assert_eq!(of(&rule("error"), r#""ruleIndex": 0"#), Outcome::Failed);
    assert_eq!(of(&rule("error"), r#""ruleId": "other""#), Outcome::Warned);
    assert_eq!(of(&rule("note"), r#""ruleId": "bad""#), Outcome::Passed);
    assert_eq!(of(&rule("grave"), r#""ruleId": "bad""#), Outcome::Failed);
    assert_eq!(of(&rule("error"), r#""ruleId": "bad", "level": "warning""#), Outcome::Warned);
    assert_eq!(of(&rule("note"), r#""ruleId": "more""#), Outcome::Failed);
}

#[test]
fn results_of_sarif_have_levels() {
    let of = |result: &str| {
        let text = format!(
            r#"{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "My Tool", "version": "1.0"}}}},
                "invocations": [{{"executionSuccessful": true, "endTimeUtc": "2026-01-01T00:00:00Z"}}],
                "results": [{result}]}}]}}"#
        );
        let Predicate::TestResult(scan) = read(Tool::Sarif, &text).unwrap() else { panic!() };
        assert_eq!(scan.entry(SCANNER).unwrap().uri.as_deref(), Some("pkg:generic/My-Tool@1.0"));
        scan.result
    };
    assert_eq!(of(""), Outcome::Passed);
    for (result, outcome) in [
        (r#""level": "error""#, Outcome::Failed),
        (r#""level": "warning""#, Outcome::Warned),
        (r#""ruleId": "x""#, Outcome::Warned),
        (r#""level": "note""#, Outcome::Passed),
        (r#""kind": "pass""#, Outcome::Passed),
        (r#""level": "error", "suppressions": [{"kind": "external"}]"#, Outcome::Warned),
        (r#""level": "error", "suppressions": [{"kind": "external", "status": "rejected"}]"#, Outcome::Failed),
        (
            r#""level": "error", "suppressions": [{"kind": "inSource"}, {"kind": "external", "status": "underReview"}]"#,
            Outcome::Failed,
        ),
        (r#""level": "other""#, Outcome::Failed),
    ] {
        assert_eq!(of(&format!(r#"{{"message": {{"text": "m"}}, {result}}}"#)), outcome, "{result}");
    }
}

#[test]
fn vulnerabilities_keep_their_severities() {
    let grype = found(
        Tool::Grype,
        r#"{"matches": [{"vulnerability": {"id": "CVE-1", "severity": "High", "cvss": [{"version": "3.1", "metrics": {"baseScore": 9.8}}]},
            "artifact": {"name": "torch", "version": "1.0"}}],
            "descriptor": {"version": "0.80.0", "timestamp": "2026-01-01T12:00:00Z", "db": {"status": {"built": "2026-01-01T01:00:00Z"}}}}"#,
    );
    assert_eq!(grype.scanner.uri, "pkg:github/anchore/grype@0.80.0");
    assert_eq!(grype.scanner.db.last_update.to_rfc3339(), "2026-01-01T01:00:00+00:00");
    assert_eq!(grype.scanner.result[0].rating(), Some(Rating::Critical));
    let trivy = found(
        Tool::Trivy,
        r#"{"SchemaVersion": 2, "CreatedAt": "2026-01-01T00:00:00Z", "Results": [{"Target": "x"}, {"Class": "lang-pkgs", "Vulnerabilities": [
            {"VulnerabilityID": "CVE-2", "PkgName": "x", "InstalledVersion": "1", "Severity": "LOW", "CVSS": {"nvd": {"V3Score": 5.0}}}]}]}"#,
    );
    assert_eq!(trivy.scanner.result[0].rating(), Some(Rating::Medium));
    let path = format!("{}/testdata/reports/trivy.json", env!("CARGO_MANIFEST_DIR"));
    let written = found(Tool::Trivy, &std::fs::read_to_string(path).unwrap());
    let ids: Vec<_> = written.scanner.result.iter().map(|one| (one.id.as_str(), one.rating())).collect();
    let taken_away = ("CVE-2017-16137", Some(Rating::Medium));
    assert_eq!(ids, [("CVE-2017-20165", Some(Rating::High)), taken_away], "what VEX takes away is found all the same");
    let osv = found(
        Tool::OsvScanner,
        r#"{"results": [{"packages": [{"package": {"name": "x", "version": "1"}, "vulnerabilities": [{"id": "GHSA-1"}],
            "groups": [{"ids": ["GHSA-1", "CVE-3"], "max_severity": "7.5"}]}]}]}"#,
    );
    assert_eq!(osv.scanner.result[0].rating(), Some(Rating::High));
    let path = format!("{}/testdata/reports/osv-scanner.json", env!("CARGO_MANIFEST_DIR"));
    let written = found(Tool::OsvScanner, &std::fs::read_to_string(path).unwrap());
    let ids: Vec<_> = written.scanner.result.iter().map(|one| (one.id.as_str(), one.rating())).collect();
    let critical = Some(Rating::Critical);
    let expected = [("PYSEC-2026-1", critical), ("GHSA-aaaa-bbbb-cccc", critical), ("PYSEC-2026-2", None)];
    assert_eq!(ids, expected, "the group has the severity, and what has none is not harmless");
    assert_eq!(written.scanner.result[0].annotations[0]["package"], "alpha");
    let ignored = found(
        Tool::Grype,
        r#"{"matches": [{"vulnerability": {"id": "CVE-1"}, "artifact": {"name": "x", "version": "1"}}],
            "ignoredMatches": [{"vulnerability": {"id": "CVE-2", "severity": "Critical"}, "artifact": {"name": "x", "version": "1"}}],
            "descriptor": {"version": "0.121.2", "db": {"status": {"built": "2026-01-01T01:00:00Z"}}}}"#,
    );
    let ratings: Vec<_> = ignored.scanner.result.iter().map(Vulnerability::rating).collect();
    assert_eq!(ratings, [None, Some(Rating::Critical)], "what is ignored is found all the same");
    let path = format!("{}/testdata/reports/pip-audit.json", env!("CARGO_MANIFEST_DIR"));
    let written = found(Tool::PipAudit, &std::fs::read_to_string(path).unwrap());
    assert_eq!(written.scanner.result[0].id, "PYSEC-2014-8");
    let pip = found(
        Tool::PipAudit,
        r#"{"dependencies": [{"name": "x", "version": "1", "vulns": [{"id": "PYSEC-1"}]}], "fixes": []}"#,
    );
    assert_eq!(pip.scanner.result[0].rating(), None, "what is unknown is not harmless");
}

#[test]
fn what_a_report_does_not_say_must_be_given() {
    let osv = br#"{"results": [{"packages": [{"package": {"name": "x", "version": "1", "ecosystem": "PyPI"}}]}]}"#;
    let import = |given: &Given| import(Tool::OsvScanner, osv, given, now());
    assert!(import(&given()).is_ok());
    assert!(matches!(import(&Given { version: None, ..given() }), Err(ImportError::Missing(_))));
    assert!(matches!(import(&Given { rules_updated: None, ..given() }), Err(ImportError::Missing(_))));
}

#[test]
fn a_report_of_osv_scanner_names_what_was_looked_at() {
    for report in [
        &br#"{"results": [], "experimental_config": {"licenses": {"summary": false, "allowlist": null}}}"#[..],
        br#"{"results": [{"source": {"path": "/src", "type": "lockfile"}, "packages": []}]}"#,
    ] {
        let refused = import(Tool::OsvScanner, report, &given(), now()).unwrap_err();
        assert!(matches!(&refused, ImportError::Unfinished(why) if why.contains("--all-packages")), "{refused}");
    }
    // A package by its commit alone, with a licence that is not allowed and a call that was not found.
    let report = br#"{"results": [{"source": {"path": "/src", "type": "git"}, "packages": [
        {"package": {"name": "", "version": "", "ecosystem": "", "commit": "9a6bd55"}, "licenses": ["UNKNOWN"],
         "vulnerabilities": [{"id": "OSV-1"}],
         "groups": [{"ids": ["OSV-1"], "aliases": ["OSV-1"], "max_severity": "", "experimental_analysis": {"OSV-1": {"called": false}}}]}]}]}"#;
    let read = import(Tool::OsvScanner, report, &given(), now()).unwrap();
    let Predicate::Vulnerabilities(found) = read else { panic!("{read:?}") };
    assert_eq!((found.scanner.result.len(), found.scanner.result[0].rating()), (1, None), "it is found all the same");
}
