//! Notes that several signed, or that lack a part: what the cases of sigstore-conformance are about that begin with
//! `rekor2-checkpoint`, each as one change of a bundle of `testdata/keyless` in a log of version 2.

use data_encoding::BASE64;
use serde_json::Value;

use super::keyless::{Change, OWN, all, note, with_key_id};

/// The line of a witness: a key that nobody here knows.
fn witness(name: &str) -> String {
    format!("\u{2014} {name} {}\n", BASE64.encode(&[7; 76]))
}

fn signed_by(bundle: &mut Value, lines: impl FnOnce(&str) -> String) {
    note(bundle, |body, signature| format!("{body}\n\n{}", lines(signature)));
}

/// Leaves out a line of what the log signed.
fn without(bundle: &mut Value, line: usize) {
    note(bundle, |body, signature| {
        let kept: Vec<_> = body.lines().enumerate().filter(|(index, _)| *index != line).map(|(_, text)| text).collect();
        format!("{}\n\n{signature}", kept.join("\n"))
    });
}

#[test]
fn signatures_of_others_on_a_note_change_nothing() {
    let cases: [(&str, &str, Change, Result<(), &str>); 5] = [
        (
            "a witness",
            "bundles/file-log-2",
            |one| signed_by(one, |own| format!("{own}{}", witness("w.example"))),
            Ok(()),
        ),
        (
            "two witnesses",
            "bundles/file-log-2",
            |one| signed_by(one, |own| format!("{own}{}{}", witness("w.example"), witness("v.example"))),
            Ok(()),
        ),
        (
            "a witness before the log",
            "bundles/file-log-2",
            |one| signed_by(one, |own| format!("{}{own}", witness("w.example"))),
            Ok(()),
        ),
        (
            "two signatures of the log",
            "bundles/file-log-2",
            |one| signed_by(one, |own| format!("{}{own}", with_key_id(own))),
            Ok(()),
        ),
        (
            "two signatures of the log, and a witness",
            "bundles/file-log-2",
            |one| signed_by(one, |own| format!("{}{own}{}", with_key_id(own), witness("w.example"))),
            Ok(()),
        ),
    ];
    all(OWN, &cases);
}

#[test]
fn a_note_that_lacks_a_part_is_none() {
    const UNREADABLE: Result<(), &str> = Err("malformed-line");
    let cases: [(&str, &str, Change, Result<(), &str>); 5] = [
        (
            "no signature of the log",
            "bundles/file-log-2",
            |one| signed_by(one, |_| witness("w.example")),
            Err("wrong-log"),
        ),
        ("no signature by its key", "bundles/file-log-2", |one| signed_by(one, with_key_id), Err("wrong-log")),
        ("no origin", "bundles/file-log-2", |one| without(one, 0), UNREADABLE),
        ("no size", "bundles/file-log-2", |one| without(one, 1), UNREADABLE),
        ("no root", "bundles/file-log-2", |one| without(one, 2), UNREADABLE),
    ];
    all(OWN, &cases);
}
