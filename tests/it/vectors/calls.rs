//! Calls that can't be answered by a verdict: exit status 2, and nothing on stdout. And clocks.

use super::files::model_digest;
use super::{Case, Edit, case};

pub fn cases() -> Vec<Case> {
    [nothing(), keys(), inputs(), clocks()].into_iter().flatten().collect()
}

fn nothing() -> Vec<Case> {
    let tree = model_digest();
    let of = |name: &str, why: &str, arguments: &[&str], words| {
        case(name, why).only(arguments).refused(words).threats(&["N063"]).twin_with(&["--model", "model"])
    };
    vec![
        of("nothing-given", "nothing is given to verify", &[], "--model"),
        of(
            "without-files-alone",
            "nobody vouches for the files that are not looked at",
            &["--without-files"],
            "--model-digest",
        ),
        of(
            "model-digest-alone",
            "a digest stands for files without saying so",
            &["--model-digest", &tree],
            "--without-files",
        ),
        of("model-empty", "the path of the model is empty", &["--model", ""], "--model"),
        case("min-sequence-zero", "a demand that demands nothing")
            .with(&["--min-sequence", "0"])
            .refused("--min-sequence")
            .threats(&["N048"])
            .twin_with(&["--model", "model", "--min-sequence", "1"]),
    ]
}

fn keys() -> Vec<Case> {
    let of = |name: &str, why: &str, file, words| case(name, why).trust(file).refused(words).twin_trust("release.pub");
    vec![
        of("trust-private-key", "a private key is given as trust", "release.key", "expected a public key")
            .threats(&["N055"]),
        of("trust-low-order-key", "a key of low order is given as trust", "low-order.pub", "weak").threats(&["N050"]),
        of("trust-rsa-key", "an RSA key is given as trust", "rsa-1024.pub", "not supported").threats(&["N053"]),
        of("trust-key-twice", "one key stands twice in a trust file", "twice.toml", "stands twice").threats(&["N046"]),
        of("trust-key-compressed", "one key stands twice, in two encodings", "twice-compressed.toml", "stands twice")
            .threats(&["N046"]),
        of("trust-without-role", "an attester has no role", "no-role.toml", "role").threats(&["N107"]),
        of("trust-empty", "a trust file names nobody", "nobody.toml", "attester").threats(&["N107"]),
        of("trust-unknown-field", "a trust file has a field that is misspelt", "misspelt.toml", "valid-til")
            .threats(&["N108"]),
        of("trust-missing", "the trust file is not there", "not-there.pub", "not-there.pub").threats(&["N139"]),
    ]
}

fn inputs() -> Vec<Case> {
    let bundle = "bundle.intoto.jsonl";
    let of = |name: &str, why: &str, words| case(name, why).refused(words).threats(&["N139"]);
    let model = |name: &str, why: &str, path: &str, words| {
        of(name, why, words).only(&["--model", path]).twin_with(&["--model", "model"])
    };
    vec![
        of("bundle-missing", "the bundle is not there", bundle).remove(bundle),
        of("bundle-folder", "the bundle is a folder", "not a regular file")
            .remove(bundle)
            .edit(Edit::Folder { path: bundle.into() }),
        of("bundle-pipe", "the bundle is a pipe that nobody writes to", "not a regular file")
            .remove(bundle)
            .edit(Edit::Pipe { path: bundle.into() }),
        model("model-missing", "the model is not there", "nowhere", "nowhere"),
        model("model-device", "the model is endless zeros", "/dev/zero", "not a regular file"),
        model("model-pipe", "the model is a pipe that nobody writes to", "pipe", "not a regular file")
            .edit(Edit::Pipe { path: "pipe".into() }),
        of("dataset-missing", "a dataset is not there", "nowhere").with(&["--dataset", "train=nowhere"]).twin_with(&[
            "--model",
            "model",
            "--dataset",
            "train=data/train",
        ]),
        of("code-missing", "the code is not there", "nowhere")
            .with(&["--code", "nowhere"])
            .twin_with(&["--model", "model", "--code", "code"]),
    ]
}

fn clocks() -> Vec<Case> {
    vec![
        case("clock-1970", "a clock at its beginning sees times to come")
            .with(&["--at", "1970-01-01T00:00:00Z"])
            .deny(&["time-in-future"])
            .threats(&["N145"])
            .twin_with(&["--model", "model", "--at", "2026-01-01T00:00:00Z"]),
        case("clock-2100", "a clock of a century later passes where no key ends")
            .with(&["--at", "2100-01-01T00:00:00Z"])
            .threats(&["N145"]),
        case("clock-9999", "the last clock that can be written")
            .with(&["--at", "9999-12-31T23:59:59Z"])
            .threats(&["N145"]),
        case("clock-2100-key-ended", "a clock of a century later is past the end of a key")
            .trust("window.toml")
            .with(&["--at", "2100-01-01T00:00:00Z"])
            .warn(&["key-expired"])
            .deny(&["no-evidence"])
            .threats(&["N145"])
            .twin_with(&["--model", "model", "--at", "2026-06-01T00:00:00Z"]),
    ]
}
