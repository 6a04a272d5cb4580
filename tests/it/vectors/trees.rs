//! Names and kinds of files.

use super::{Case, Edit, case};

pub fn cases() -> Vec<Case> {
    [links(), special(), hostile_names(), harmless()].into_iter().flatten().collect()
}

fn link(path: &str, target: &str) -> Edit {
    Edit::Link { path: path.into(), target: target.into() }
}

fn links() -> Vec<Case> {
    let cases = vec![
        case("link-to-equal-bytes", "a file is a link to the same bytes")
            .edit(Edit::Rename { from: "model/a.bin".into(), to: "outside".into() })
            .edit(link("model/a.bin", "../outside"))
            .threats(&["N014"]),
        case("link-out-of-root", "a link leads out of the model")
            .edit(link("model/x", "/etc/hostname"))
            .threats(&["N015"]),
        case("link-dangling", "a link leads nowhere").edit(link("model/x", "nowhere")).threats(&["N015"]),
        case("link-loop", "a link leads to itself").edit(link("model/x", "x")).threats(&["N015"]),
        case("folder-linked", "a folder is a link to an equal folder")
            .edit(Edit::Rename { from: "model/sub".into(), to: "outside".into() })
            .edit(link("model/sub", "../outside"))
            .threats(&["N014"]),
    ];
    cases.into_iter().map(|case| case.deny(&["link-in-tree"])).collect()
}

fn special() -> Vec<Case> {
    vec![
        case("pipe", "a pipe lies in the model, and blocks nobody")
            .edit(Edit::Pipe { path: "model/x".into() })
            .deny(&["special-file"])
            .threats(&["N016"]),
        case("pipe-in-place-of-file", "a pipe lies where a file was signed")
            .remove("model/a.bin")
            .edit(Edit::Pipe { path: "model/a.bin".into() })
            .deny(&["special-file"])
            .threats(&["N016"]),
        case("socket", "a socket lies in the model")
            .edit(Edit::Socket { path: "model/x".into() })
            .deny(&["special-file"])
            .threats(&["N016"]),
        case("git-directory", "the model folder is a git repository")
            .write("model/.git/config", "[core]\n")
            .deny(&["git-directory"])
            .threats(&["N008"]),
        case("git-directory-ignored", "a git repository may be passed over")
            .write("model/.git/config", "[core]\n")
            .with(&["--ignore-path", ".git"]),
        case("name-collision", "two names are one where case is ignored")
            .write("model/A.BIN", "x")
            .deny(&["name-collision"])
            .threats(&["N017"]),
        case("normal-forms-collide", "two names are one where normal form is ignored")
            .write("model/caf\u{e9}", "x")
            .write("model/cafe\u{301}", "y")
            .deny(&["name-collision"])
            .threats(&["N018"]),
        case("normal-form-changed", "a name has the other normal form")
            .edit(Edit::Rename {
                from: "model/na\u{ef}ve 'file' \"x\".txt".into(),
                to: "model/nai\u{308}ve 'file' \"x\".txt".into(),
            })
            .deny(&["file-renamed"])
            .threats(&["N018"]),
    ]
}

fn hostile_names() -> Vec<Case> {
    let hex = |bytes: &[u8]| Edit::HexName { folder: "model".into(), name: data_encoding::HEXLOWER.encode(bytes) };
    let cases = vec![
        case("name-with-newline", "a name has a line feed").edit(hex(b"a\nb")).threats(&["N019"]),
        case("name-with-escape", "a name would clear the line of a terminal").edit(hex(b"\x1b[2Kx")).threats(&["N019"]),
        case("name-reordered", "a name reorders the text around it")
            .edit(hex("a\u{202e}b".as_bytes()))
            .threats(&["N019"]),
        case("name-not-utf8", "a name is not UTF-8").edit(hex(b"\xff\xfe")).threats(&["N020"]),
        case("name-with-backslash", "a name is a path elsewhere").edit(hex(b"..\\x")).threats(&["N021"]),
        case("name-of-standard-input", "a name that tools read as standard input").edit(hex(b"-")).threats(&["N023"]),
    ];
    cases.into_iter().map(|case| case.deny(&["unsafe-path"])).collect()
}

fn harmless() -> Vec<Case> {
    vec![
        case("mode-changed", "modes are not bound")
            .edit(Edit::Mode { path: "model/a.bin".into(), mode: 0o755 })
            .threats(&["N013"]),
        case("empty-folder", "empty folders are not bound")
            .edit(Edit::Folder { path: "model/new/deep".into() })
            .threats(&["N012"]),
    ]
}
