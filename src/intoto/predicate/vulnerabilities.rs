//! Results of vulnerability scanners (in-toto/attestation `spec/predicates/vulns_02.md`, v0.2).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The predicate type.
pub const TYPE: &str = "https://in-toto.io/attestation/vulns/v0.2";

/// What a scanner found.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Vulnerabilities {
    /// The scanner and its result.
    pub scanner: Scanner,
    /// When it ran.
    pub metadata: Metadata,
}

/// A scanner and its result.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Scanner {
    /// What it is called, best a package URL.
    pub uri: String,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What it knows.
    pub db: Database,
    /// The vulnerabilities; an empty list means that it found none.
    pub result: Vec<Vulnerability>,
}

/// The knowledge of a scanner.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Database {
    /// Where it is from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// When it was brought up to date.
    pub last_update: DateTime<Utc>,
}

/// A vulnerability.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Vulnerability {
    /// Its identifier, such as `CVE-2017-5645`.
    pub id: String,
    /// How severe it is, by one or more methods.
    pub severity: Vec<Severity>,
    /// What else is known of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<BTreeMap<String, Value>>,
}

/// How severe a vulnerability is, by one method.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Severity {
    /// The method, such as `cvss_v3`.
    pub method: String,
    /// The score, a number or a word.
    pub score: String,
}

/// When a scanner ran.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// When it started.
    pub scan_started_on: DateTime<Utc>,
    /// When it ended.
    pub scan_finished_on: DateTime<Utc>,
}

/// A severity in the five words of CVSS v3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Rating {
    /// No harm.
    None,
    /// 0.1 to 3.9.
    Low,
    /// 4.0 to 6.9.
    Medium,
    /// 7.0 to 8.9.
    High,
    /// 9.0 to 10.0.
    Critical,
}

impl Vulnerability {
    /// Returns the worst rating by any method; none if there is no score, or one that can't be read: it may be the
    /// worst.
    pub fn rating(&self) -> Option<Rating> {
        let ratings: Option<Vec<_>> = self.severity.iter().map(Severity::rating).collect();
        ratings?.into_iter().max()
    }
}

impl Severity {
    /// Reads the score. A number is one of severity under CVSS alone: EPSS, for one, says how likely somebody uses it, in words as well.
    fn rating(&self) -> Option<Rating> {
        if self.method.to_ascii_lowercase().contains("epss") {
            return None;
        }
        Rating::of_word(&self.score).or_else(|| Rating::of_number(&self.score).filter(|_| is_cvss(&self.method)))
    }
}

/// Says whether a method is CVSS, as scanners write it: `cvss`, `cvss_score`, `CVSS_V3`, `cvss_v3.1`, `CVSSv31`, `CVSS:4.0`, with
/// who scored behind a colon (`cvss_v3:nvd`), which is not what is scored of it.
fn is_cvss(method: &str) -> bool {
    let method = method.to_ascii_lowercase();
    let Some(version) = method.strip_prefix("cvss") else { return false };
    let version = version.trim_start_matches(['_', '-', ' ', ':']);
    let (version, whose) = version.split_once(':').unwrap_or((version, ""));
    if ["impact", "exploitability"].iter().any(|part| whose.contains(part)) {
        return false;
    }
    let version: String = version.chars().filter(|one| !['.', '_', '-'].contains(one)).collect();
    let version = version.strip_prefix('v').unwrap_or(&version);
    ["", "score", "2", "20", "3", "30", "31", "4", "40"].contains(&version)
}

impl Rating {
    /// Reads a score that is one of the words.
    fn of_word(score: &str) -> Option<Self> {
        match score.to_ascii_lowercase().as_str() {
            "none" => Some(Self::None),
            "negligible" | "low" | "minor" => Some(Self::Low),
            "medium" | "moderate" => Some(Self::Medium),
            "high" | "important" => Some(Self::High),
            "critical" => Some(Self::Critical),
            _ => None,
        }
    }

    /// Reads a score of CVSS: a plain number from 0 to 10.
    fn of_number(score: &str) -> Option<Self> {
        let plain = score.starts_with(|first: char| first.is_ascii_digit());
        let plain = plain && score.chars().all(|one| one.is_ascii_digit() || one == '.');
        let number: f64 = score.parse().ok().filter(|_| plain)?;
        Some(match number {
            0.0 => Self::None,
            0.0..4.0 => Self::Low,
            4.0..7.0 => Self::Medium,
            7.0..9.0 => Self::High,
            9.0..=10.0 => Self::Critical,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn results_have_the_shape_of_the_specification() {
        let full = json!({
            "scanner": {
                "uri": "pkg:github/aquasecurity/trivy@244fd47e07d1004f0aed9", "version": "0.19.2",
                "db": {"uri": "https://example.com/db", "version": "1", "lastUpdate": "2021-08-06T17:45:50Z"},
                "result": [{"id": "CVE-123", "severity": [
                    {"method": "nvd", "score": "medium"}, {"method": "cvss_score", "score": "7.2"}]}],
            },
            "metadata": {"scanStartedOn": "2021-08-06T17:45:50Z", "scanFinishedOn": "2021-08-06T17:50:50Z"},
        });
        let read: Vulnerabilities = serde_json::from_value(full.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), full);
        assert_eq!(read.scanner.result[0].rating(), Some(Rating::High));
        for pointer in ["/scanner/db", "/scanner", "", "/metadata"] {
            let mut absent = full.clone();
            let object = absent.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
            let key = object.keys().next_back().unwrap().clone();
            if key != "version" {
                object.remove(&key);
                assert!(serde_json::from_value::<Vulnerabilities>(absent).is_err(), "{pointer}/{key}");
            }
        }
    }

    #[test]
    fn a_score_that_is_not_read_may_be_the_worst() {
        let rated = |scores: &[&str]| {
            let severity = |score: &&str| Severity { method: "CVSS_v3".into(), score: (*score).into() };
            let severity = scores.iter().map(severity).collect();
            Vulnerability { id: "CVE-1".into(), severity, annotations: vec![] }.rating()
        };
        assert_eq!(rated(&["low", "5"]), Some(Rating::Medium));
        for scores in [[].as_slice(), &["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "low"], &["low", "CRITICAL "]] {
            assert_eq!(rated(scores), None, "{scores:?}");
        }
    }

    #[test]
    fn a_number_is_a_severity_under_the_versions_of_cvss_alone() {
        for method in [
            "cvss",
            "CVSS",
            "cvss_score",
            "cvss_v2",
            "CVSS_V3",
            "cvss-v3",
            "cvss_v3.0",
            "cvss_v3.1",
            "cvssV3_1",
            "CVSSv31",
            "CVSS:3.1",
            "CVSS_V4",
            "cvss_v4.0",
            "CVSS v4",
            "cvss_v3:nvd",
            "cvss_v4:ghsa",
        ] {
            assert!(is_cvss(method), "{method}");
        }
        for method in [
            "",
            "EPSS",
            "cvss_epss",
            "cvssEPSS",
            "not-cvss",
            "cvss_v5",
            "cvss_v3_percentile",
            "cvss3x",
            "x:cvss",
            "cvss_epss:nvd",
            "cvss_v3.1:impact",
            "CVSS_V3:Exploitability Score",
        ] {
            assert!(!is_cvss(method), "{method}");
        }
    }

    #[test]
    fn scores_are_words_or_numbers() {
        for (score, rating) in [
            ("CRITICAL", Some(Rating::Critical)),
            ("0", Some(Rating::None)),
            ("3.9", Some(Rating::Low)),
            ("4", Some(Rating::Medium)),
            ("8.9", Some(Rating::High)),
            ("10", Some(Rating::Critical)),
            ("11", None),
            ("-1", None),
            ("NaN", None),
            ("+3", None),
            ("3e0", None),
            (".5", None),
            ("unknown", None),
            ("", None),
        ] {
            let rated = |method: &str| Severity { method: method.into(), score: score.into() }.rating();
            assert_eq!(rated("cvss"), rating, "{score}");
            if score.starts_with(|first: char| first.is_ascii_digit()) {
                assert_eq!([rated("EPSS"), rated("x"), rated("")], [None; 3], "{score} is no severity");
            } else {
                assert_eq!((rated("nvd"), rated("EPSS")), (rating, None), "{score}");
            }
        }
    }
}
