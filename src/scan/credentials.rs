//! Credentials by their shape: tokens whose issuers gave them a prefix, and private keys. What is found is never shown.

use std::collections::BTreeSet;
use std::sync::{LazyLock, OnceLock};

use memchr::memmem;
use regex::bytes::Regex;

use crate::scan::{Observation, Rating, Reason, Sheet, Stop};
use crate::source::{ReadAt, buffer, fill};

/// Whose a credential is, what it begins with, and what it looks like.
type Shape = (&'static str, &'static [&'static str], &'static str);

/// Shapes. Origin: the issuers' documentation of their prefixes. Date: 2026-11-24.
const SHAPES: [Shape; 14] = [
    ("an AWS access key", &["AKIA", "ASIA"], r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
    ("a GitHub token", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], r"\bgh[pousr]_[A-Za-z0-9]{36,251}\b"),
    ("a fine-grained GitHub token", &["github_pat_"], r"\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b"),
    ("a GitLab token", &["glpat-"], r"\bglpat-[A-Za-z0-9_-]{20,64}\b"),
    ("a Hugging Face token", &["hf_"], r"\bhf_[A-Za-z0-9]{34,40}\b"),
    (
        "an OpenAI key",
        &["sk-"],
        r"\bsk-(?:(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,200}|[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}|[A-Za-z0-9]{48})\b",
    ),
    ("an Anthropic key", &["sk-ant-"], r"\bsk-ant-[a-z0-9]{3,8}-[A-Za-z0-9_-]{80,120}"),
    ("a Slack token", &["xox"], r"\bxox[abeoprs]-[0-9A-Za-z-]{20,200}"),
    ("an npm token", &["npm_"], r"\bnpm_[A-Za-z0-9]{36}\b"),
    ("a PyPI token", &["pypi-AgE"], r"\bpypi-AgE[A-Za-z0-9_-]{50,200}"),
    ("a key of an Azure account", &["AccountKey="], r"\bAccountKey=[A-Za-z0-9+/]{86}=="),
    ("a JSON web token", &["eyJ"], r"\beyJ[A-Za-z0-9_-]{8,160}\.eyJ[A-Za-z0-9_-]{16,200}"),
    ("a Google key", &["AIza"], r"\bAIza[0-9A-Za-z_-]{35}\b"),
    (
        "a private key",
        &["-----BEGIN "],
        r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,2}PRIVATE KEY-----(?:\s|\\r|\\n|\x22,)+\x22?[A-Za-z0-9+/]{24}",
    ),
];
/// The longest that a shape can be.
const LONGEST: usize = 512;
/// A random token has at least so many different characters; a placeholder such as `hf_xxxx` has not.
const DISTINCT: usize = 12;

/// Bytes up to which it is quicker to look for each beginning by itself than to compile an expression of them all.
const SHORT: usize = 64 << 10;

/// What every shape begins with, for what is long: most files have none.
static BEGINNINGS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let all: Vec<&str> = SHAPES.iter().flat_map(|(_, beginnings, _)| beginnings.iter().copied()).collect();
    Regex::new(&format!("(?-u){}", all.join("|"))).ok()
});

/// The expressions of the shapes. Each takes about as long to compile as a small file to scan, and few are ever needed.
static EXPRESSIONS: [OnceLock<Option<Regex>>; SHAPES.len()] = [const { OnceLock::new() }; SHAPES.len()];

/// Looks through a whole source.
pub(super) fn scan(source: &dyn ReadAt, sheet: &mut Sheet) -> Result<(), Stop> {
    let mut buffer = buffer(source);
    let mut offset = 0;
    let mut searched = 0;
    loop {
        let bytes = fill(source, offset, &mut buffer)?;
        let last = offset + bytes.len() as u64 >= source.len() || bytes.len() <= LONGEST;
        // What begins near the end of the buffer is left to the next one, which starts there.
        let end = if last { bytes.len() } else { bytes.len() - LONGEST };
        for (at, length, issuer) in found(bytes).into_iter().filter(|(at, ..)| *at < end) {
            // What was found in the overlap is not found again, nor a part of it.
            if offset + at as u64 >= searched {
                report(issuer, offset + at as u64, sheet);
                searched = offset + (at + length) as u64;
            }
        }
        if last {
            return Ok(());
        }
        offset += end as u64;
    }
}

/// Looks through one text, which stands at `offset` if that is known.
pub(super) fn text(text: &str, offset: u64, sheet: &mut Sheet) {
    for (at, _, issuer) in found(text.as_bytes()) {
        report(issuer, offset.saturating_add(at as u64), sheet);
    }
}

fn report(issuer: &str, offset: u64, sheet: &mut Sheet) {
    let summary = format!("what looks like {issuer} stands in it: revoke it");
    sheet.report(Observation::new(Reason::Credential, Rating::Suspicious, summary).at(offset));
}

/// Returns place, length and issuer of what has a shape and is no placeholder, in order.
fn found(bytes: &[u8]) -> Vec<(usize, usize, &'static str)> {
    if bytes.len() > SHORT && BEGINNINGS.as_ref().is_some_and(|beginnings| !beginnings.is_match(bytes)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for ((issuer, beginnings, shape), expression) in SHAPES.iter().zip(&EXPRESSIONS) {
        if beginnings.iter().all(|beginning| memmem::find(bytes, beginning.as_bytes()).is_none()) {
            continue;
        }
        let expression = expression.get_or_init(|| Regex::new(&format!("(?-u){shape}")).ok());
        let matches = expression.iter().flat_map(|expression| expression.find_iter(bytes));
        let random = matches.filter(|found| is_random(found.as_bytes()));
        found.extend(random.map(|found| (found.start(), found.len(), *issuer)));
    }
    found.sort_unstable();
    // What has two shapes is one credential.
    found.dedup_by(|next, before| next.0 < before.0 + before.1);
    found
}

fn is_random(token: &[u8]) -> bool {
    let different: BTreeSet<u8> = token.iter().copied().collect();
    let example = token.windows(7).any(|window| window.eq_ignore_ascii_case(b"example"));
    !example && different.len() >= DISTINCT
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits;
    use crate::scan::test_support;

    /// Random characters, made here so that no scanner of secrets takes this file for a leak.
    fn token(prefix: &str, length: usize) -> String {
        let alphabet = b"Q7wErT5yUiOpAsDfGh2JkLzXcVbNm3";
        prefix.chars().chain((0..length).map(|n| char::from(alphabet[n * 7 % alphabet.len()]))).collect()
    }

    fn places(text: &str) -> Vec<u64> {
        let scan = test_support::scan("notes.txt", text.as_bytes());
        scan.observations
            .iter()
            .filter(|seen| seen.reason == Reason::Credential)
            .filter_map(|seen| seen.position.offset)
            .collect()
    }

    #[test]
    fn tokens_are_found_by_shape_and_never_shown() {
        let aws: String = token("", 60).to_uppercase().chars().filter(char::is_ascii_uppercase).take(16).collect();
        let key = format!("-----BEGIN {}PRIVATE KEY-----\\n{}", "RSA ", token("", 64));
        for secret in [
            format!("AKIA{aws}"),
            token("ghp_", 36),
            token("hf_", 34),
            token("sk-proj-", 80),
            token("sk-", 48),
            token("glpat-", 20),
            token("AIza", 35),
            token("npm_", 36),
            token("pypi-AgE", 60),
            format!("{}==", token("AccountKey=", 86)),
            format!("{}.{}", token("eyJ", 20), token("eyJ", 40)),
            format!("xoxb-{}", token("", 40)),
            key,
            format!("github_pat_{}_{}", token("", 22), token("", 59)),
        ] {
            let text = format!("a = \"{secret}\"\n");
            assert_eq!(places(&text), [5], "{secret}");
            let shown = format!("{:?}", test_support::scan("notes.txt", text.as_bytes()));
            assert!(!shown.contains(&secret[8..]), "{shown}");
        }
    }

    #[test]
    fn placeholders_and_words_are_not() {
        for text in [
            "hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "AKIAIOSFODNN7EXAMPLE",
            "sk-...",
            "hf_hub_download",
            "-----BEGIN PRIVATE KEY-----",
            "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQ",
            "ask-me",
        ] {
            assert_eq!(places(text), Vec::<u64>::new(), "{text}");
        }
    }

    #[test]
    fn no_border_between_reads_hides_one() {
        let secret = token("ghp_", 36);
        for before in limits::READ_BUFFER - 600..limits::READ_BUFFER + 10 {
            if before % 41 == 0 || before + 20 > limits::READ_BUFFER {
                let text = format!("{} {secret} {}", " ".repeat(before), " ".repeat(2_000));
                assert_eq!(places(&text), [before as u64 + 1]);
            }
        }
    }

    #[test]
    fn the_shapes_are_expressions() {
        assert!(BEGINNINGS.is_some());
        for (_, beginnings, shape) in SHAPES {
            // What an expression finds begins as the list says.
            assert!(Regex::new(shape).is_ok());
            let plain = shape.replace("\\b", "");
            assert!(beginnings.iter().all(|beginning| plain.contains(&beginning[..2])), "{shape}");
        }
    }
}
