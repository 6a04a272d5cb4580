//! More of the bytes and names of files: large files, every kind of name, every hiding place.

use super::{Case, Edit, case};
use crate::forge::Forged;
use crate::support::repository;

/// A file of more than two read buffers.
const LARGE: usize = 600_000;

pub fn cases() -> Vec<Case> {
    [large(), hidden(), links(), names(), harmless()].into_iter().flatten().collect()
}

/// Makes the bundle of the base with something done to its files.
pub fn made_with(edits: &[Edit], exclude: &[&str]) -> Forged {
    let place = tempfile::tempdir().unwrap();
    crate::support::copy(&repository("testdata/vectors/base"), place.path());
    for edit in edits {
        edit.apply(place.path());
    }
    Forged::create(place.path(), "release", exclude)
}

fn large() -> Vec<Case> {
    let fill = |bytes| Edit::Fill { path: "model/large.bin".into(), bytes };
    let bundle = made_with(&[fill(LARGE)], &[]);
    let of = |name: &str, why: &str| {
        case(name, why).bundle(&bundle).edit(fill(LARGE)).like("large-file").twin_edit(fill(LARGE))
    };
    let flipped = |name: &str, why: &str, offset| {
        of(name, why).flip("model/large.bin", offset).deny(&["file-changed"]).threats(&["N001"])
    };
    let cut = |name: &str, why: &str, bytes| {
        let case = of(name, why);
        let edits = vec![fill(bytes)];
        Case { edits, ..case }.deny(&["file-changed"]).threats(&["N002"])
    };
    let passing = case("large-file", "a file of several buffers passes").bundle(&bundle).edit(fill(LARGE));
    vec![
        passing,
        flipped("large-file-first-byte", "the first byte of a large file is another", 0),
        flipped("large-file-last-of-buffer", "the last byte of the first buffer is another", (256 << 10) - 1),
        flipped("large-file-first-of-buffer", "the first byte of the second buffer is another", 256 << 10),
        flipped("large-file-middle", "a byte in the middle of a large file is another", LARGE / 2),
        flipped("large-file-last-byte", "the last byte of a large file is another", LARGE - 1),
        cut("large-file-cut", "a large file lost its last byte", LARGE - 1),
        cut("large-file-longer", "a large file got a byte more", LARGE + 1),
        cut("large-file-cut-to-buffer", "a large file was cut to its first buffer", 256 << 10),
    ]
}

fn hidden() -> Vec<Case> {
    let logs = made_with(&[Edit::Write { path: "model/logs/old".into(), text: "x".into() }], &["logs"]);
    vec![
        case("git-hook", "a hook lies in a git folder of the model")
            .write("model/.git/hooks/post-checkout", "#!/bin/sh\n")
            .deny(&["git-directory"])
            .threats(&["N008"]),
        case("git-directory-deep", "a git folder lies beneath the top of the model")
            .write("model/sub/.git/config", "[core]\n")
            .deny(&["file-extra"])
            .threats(&["N008"]),
        case("git-attributes-missing", "a file that model signatures leave out is gone")
            .remove("model/.gitattributes")
            .deny(&["file-missing"])
            .threats(&["N008"]),
        case("git-attributes-deep", "a file of git lies beneath the top of the model")
            .write("model/sub/.gitattributes", "x")
            .deny(&["file-extra"])
            .threats(&["N008"]),
        case("dotfile-extra-deep", "a hidden file more beneath the top of the model")
            .write("model/sub/.evil", "x")
            .deny(&["file-extra"])
            .threats(&["N007"]),
        case("file-extra-deep", "a file more in new folders of the model")
            .write("model/a/b/c/evil.py", "x")
            .deny(&["file-extra"])
            .threats(&["N006"]),
        case("excluded-folder-absent", "a folder that the signer left out may be absent").bundle(&logs),
        case("excluded-folder-filled", "a file lies where the signer looked away")
            .bundle(&logs)
            .write("model/logs/evil.py", "x")
            .deny(&["file-extra"])
            .threats(&["N009"])
            .like("excluded-folder-absent"),
        case("bytes-moved-forward", "a byte moved from one file to the one before it")
            .write("model/a.bin", "hellow")
            .write("model/b.bin", "orld")
            .deny(&["file-changed"])
            .threats(&["N005"]),
        case("file-renamed-deep", "a file moved into a folder")
            .edit(Edit::Rename { from: "model/a.bin".into(), to: "model/sub/a.bin".into() })
            .deny(&["file-renamed"])
            .threats(&["N004"]),
        case("file-renamed-case", "the name of a file is in capitals")
            .edit(Edit::Rename { from: "model/a.bin".into(), to: "model/A.BIN".into() })
            .deny(&["file-renamed"])
            .threats(&["N004", "N017"]),
        case("dataset-files-swapped", "two files of a dataset changed names")
            .edit(Edit::Swap { one: "data/train/1.csv".into(), other: "data/train/2.csv".into() })
            .with(&["--dataset", "train=data/train"])
            .deny(&["file-changed"])
            .threats(&["N003"]),
        case("dataset-file-renamed", "a file of a dataset has another name")
            .edit(Edit::Rename { from: "data/train/1.csv".into(), to: "data/train/0.csv".into() })
            .with(&["--dataset", "train=data/train"])
            .deny(&["file-renamed"])
            .threats(&["N004"]),
        case("code-file-extra", "the code has a file more")
            .write("code/evil.py", "x")
            .with(&["--code", "code"])
            .deny(&["code-mismatch"])
            .threats(&["N006"]),
        case("code-file-renamed", "a file of the code has another name")
            .edit(Edit::Rename { from: "code/train.py".into(), to: "code/tr.py".into() })
            .with(&["--code", "code"])
            .deny(&["code-mismatch"])
            .threats(&["N004"]),
    ]
}

fn links() -> Vec<Case> {
    let link = |path: &str, target: &str| Edit::Link { path: path.into(), target: target.into() };
    let of = |name: &str, why: &str, path: &str, target: &str| {
        case(name, why).edit(link(path, target)).deny(&["link-in-tree"]).threats(&["N015"])
    };
    vec![
        of("link-climbs", "a link climbs out of the model", "model/x", "../code/train.py"),
        of("link-to-root", "a link leads to all files of the machine", "model/x", "/"),
        of("link-to-itself", "a link leads to the folder that it is in", "model/sub/x", "."),
        of("link-within", "a link leads to a file of the model", "model/x", "a.bin"),
        of("link-to-device", "a link leads to endless zeros", "model/x", "/dev/zero"),
        of("link-in-dataset", "a link lies in a dataset", "data/train/x", "1.csv")
            .with(&["--dataset", "train=data/train"]),
        of("link-in-code", "a link lies in the code", "code/x", "train.py").with(&["--code", "code"]),
    ]
}

fn names() -> Vec<Case> {
    let hex = |bytes: &[u8]| Edit::HexName { folder: "model".into(), name: data_encoding::HEXLOWER.encode(bytes) };
    let of = |name: &str, why: &str, bytes: &[u8], threat| {
        case(name, why).edit(hex(bytes)).deny(&["unsafe-path"]).threats(&[threat])
    };
    vec![
        of("name-with-return", "a name has a carriage return", b"a\rb", "N019"),
        of("name-with-delete", "a name has a character that deletes", b"a\x7fb", "N019"),
        of("name-with-c1", "a name has a control character beyond ASCII", "a\u{9b}2Kb".as_bytes(), "N019"),
        of("name-isolated", "a name isolates text of another direction", "a\u{2067}b".as_bytes(), "N019"),
        of("name-overlong", "a name has a slash in a form that is not UTF-8", b"a\xc0\xafb", "N020"),
        of("name-surrogate", "a name has half of a character", b"a\xed\xa0\x80", "N020"),
        of("name-cut", "a name ends within a character", b"a\xc3", "N020"),
        case("names-collide-beyond-ascii", "two names are one where case is ignored beyond ASCII")
            .write("model/\u{c4}", "x")
            .write("model/\u{e4}", "y")
            .deny(&["name-collision"])
            .threats(&["N017"]),
        case("folders-collide", "two folders are one where case is ignored")
            .write("model/SUB/c.bin", "x")
            .deny(&["name-collision"])
            .threats(&["N017"]),
    ]
}

fn harmless() -> Vec<Case> {
    let write = |path: &str| Edit::Write { path: path.into(), text: path.into() };
    let windows = ["model/CON", "model/com\u{b9}", "model/a:b", "model/dot.", "model/space "].map(write);
    let odd =
        ["model/a b", "model/%20", "model/$HOME", "model/--help", "model/\u{65e5}\u{672c}/x", "model/`x`"].map(write);
    let folder = Edit::Folder { path: "model/empty".into() };
    let passing = |name: &str, why: &str, edits: &[Edit]| Case {
        edits: edits.to_vec(),
        ..case(name, why).bundle(&made_with(edits, &[]))
    };
    vec![
        passing("names-of-windows", "names that another system can't have are signed and verified", &windows)
            .threats(&["N021"]),
        passing("names-with-spaces", "names with spaces, signs and letters of the world pass", &odd),
        Case { edits: vec![], ..passing("empty-folder-gone", "an empty folder that was there is gone", &[folder]) }
            .threats(&["N012"]),
        case("mode-read-only", "a file may be read only")
            .edit(Edit::Mode { path: "model/b.bin".into(), mode: 0o444 })
            .threats(&["N013"]),
    ]
}
