//! Attacks inside what PyTorch reads: zips, and the formats before.

use super::make::containers::{file, legacy_storages, state_dict, tar, torch, torch_entries, torch_legacy};
use super::make::pickle::{Pickle, attack, harmless};
use super::make::zip::{Entry as Member, Zip, zip};
use super::{Entry, Technique};

const GROUP: &str = "torch";

pub fn entries() -> Vec<Entry> {
    [names(), members(), headers(), layout(), legacy(), scripts()].concat()
}

fn case(technique: Technique, name: &str, bytes: impl Into<Vec<u8>>) -> Entry {
    Entry::hostile(GROUP, technique, name, bytes)
}

/// The usual file under usual and other names.
fn names() -> Vec<Entry> {
    let bytes = torch(&attack());
    let mut entries = vec![case(Technique::Direct, "model.pt", bytes.clone())];
    for name in
        ["model.bin", "model.ckpt", "model.pth", "model.safetensors", "model.txt", "model", "model.zip", "a.mar"]
    {
        entries.push(case(Technique::Extension, name, bytes.clone()));
    }
    let tensors = state_dict(2).raw(b"0").attack().stop();
    entries.push(case(Technique::ResultDropped, "behind-tensors.pt", torch(&tensors)));
    entries
}

/// The attack is not where a reader looks first.
fn members() -> Vec<Entry> {
    let benign = state_dict(2).stop();
    let with = |name: &str, content: &[u8]| {
        let mut entries = torch_entries(&benign);
        entries.push(Member::new(name, content));
        Zip::new(entries).bytes()
    };
    let nested = torch(&attack());
    vec![
        case(Technique::HiddenMember, "second-pickle.pt", with("archive/extra.pkl", &attack())),
        case(Technique::HiddenMember, "pickle-as-storage.pt", with("archive/data/1", &attack())),
        case(Technique::HiddenMember, "pickle-as-text.pt", with("archive/notes.txt", &attack())),
        case(Technique::HiddenMember, "pickle-without-extension.pt", with("archive/extra", &attack())),
        case(Technique::HiddenMember, "pickle-elsewhere.pt", with("other/data.pkl", &attack())),
        case(Technique::HiddenMember, "capitals.pt", with("archive/DATA.PKL", &attack())),
        case(Technique::HiddenMember, "zip-in-zip.pt", with("archive/inner.pt", &nested)),
        case(Technique::HiddenMember, "zip-in-zip-in-zip.pt", with("archive/in.zip", &zip(&[("in.pt", &nested)]))),
        case(Technique::HiddenMember, "python-file.pt", with("archive/code.py", b"print('corpus')\n")),
        case(Technique::HiddenMember, "deflated.pt", {
            let entries = torch_entries(&attack()).into_iter().map(Member::deflated);
            Zip::new(entries).bytes()
        }),
        case(Technique::Escape, "name-escapes.pt", with("../../nonexistent/file", b"text")),
        case(Technique::Escape, "name-is-absolute.pt", with("/nonexistent/file", b"text")),
        case(Technique::Escape, "link.pt", {
            let link = Member::new("archive/link", "/nonexistent").with(|link| link.attributes = 0o120_777 << 16);
            let mut entries = torch_entries(&benign);
            entries.push(link);
            Zip::new(entries).bytes()
        }),
    ]
}

/// Local and central header say different things.
fn headers() -> Vec<Entry> {
    let with = |change: fn(&mut Member)| {
        let mut entries = torch_entries(&attack());
        change(&mut entries[0]);
        Zip::new(entries).bytes()
    };
    let hidden = |change: fn(&mut Vec<Member>)| {
        let mut entries = torch_entries(&state_dict(2).stop());
        change(&mut entries);
        Zip::new(entries).bytes()
    };
    vec![
        case(Technique::ZipHeaders, "local-name.pt", with(|entry| entry.local_name = "archive/data.txt".to_owned())),
        case(Technique::ZipHeaders, "central-name.pt", with(|entry| entry.name = "archive/data.txt".to_owned())),
        case(Technique::ZipHeaders, "flag-1.pt", with(|entry| entry.flags |= 0x1)),
        case(Technique::ZipHeaders, "flag-1-local.pt", with(|entry| entry.local_flags |= 0x1)),
        case(Technique::ZipHeaders, "flag-20.pt", with(|entry| entry.flags |= 0x20)),
        case(Technique::ZipHeaders, "flag-40.pt", with(|entry| entry.flags |= 0x40)),
        case(Technique::ZipHeaders, "flag-2000.pt", with(|entry| entry.flags |= 0x2000)),
        case(Technique::ZipHeaders, "method-unknown.pt", with(|entry| entry.method = 99)),
        case(Technique::ZipHeaders, "method-local.pt", with(|entry| entry.local_method = 8)),
        case(Technique::ZipHeaders, "size-smaller.pt", with(|entry| entry.size = 2)),
        case(Technique::ZipHeaders, "size-local.pt", with(|entry| entry.local_size = 2)),
        case(
            Technique::ZipHeaders,
            "zip64-extra.pt",
            with(|entry| {
                entry.extra = [&b"\x01\0\x08\0"[..], &2u64.to_le_bytes()].concat();
                entry.size = u32::MAX;
            }),
        ),
        case(
            Technique::ZipHeaders,
            "unicode-name.pt",
            with(|entry| {
                entry.extra = b"\x75\x70\x09\0\x01\0\0\0\0a.tx".to_vec();
            }),
        ),
        case(Technique::ParserStops, "checksum.pt", with(|entry| entry.crc ^= 1)),
        case(
            Technique::ZipHeaders,
            "name-with-zero.pt",
            with(|entry| {
                entry.name.push_str("\0.txt");
                entry.local_name = entry.name.clone();
            }),
        ),
        case(
            Technique::ZipHeaders,
            "twice.pt",
            hidden(|entries| entries.push(Member::new("archive/data.pkl", attack()))),
        ),
        case(
            Technique::ZipHeaders,
            "twice-first.pt",
            hidden(|entries| entries.insert(0, Member::new("archive/data.pkl", attack()))),
        ),
        case(
            Technique::ZipHeaders,
            "not-listed.pt",
            hidden(|entries| {
                entries.push(Member::new("archive/other.pkl", attack()).with(|entry| entry.hidden = true));
            }),
        ),
    ]
}

/// Bytes around and between, and second ends.
fn layout() -> Vec<Entry> {
    let benign = || Zip::new(torch_entries(&state_dict(2).stop()));
    let hostile = || Zip::new(torch_entries(&attack()));
    vec![
        case(Technique::ZipHeaders, "between.pt", benign().with(|zip| zip.between = attack()).bytes()),
        case(Technique::Polyglot, "before.pt", benign().with(|zip| zip.before = attack()).bytes()),
        case(Technique::Polyglot, "stub.pt", benign().with(|zip| zip.stub = attack()).bytes()),
        case(Technique::Polyglot, "after.pt", benign().with(|zip| zip.after = attack()).bytes()),
        case(Technique::Polyglot, "two-zips.pt", [hostile().bytes(), benign().bytes()].concat()),
        case(Technique::Polyglot, "two-zips-turned.pt", [benign().bytes(), hostile().bytes()].concat()),
        case(Technique::ZipHeaders, "end-record-in-comment.pt", {
            let inner = hostile().bytes();
            benign().with(|zip| zip.comment = inner).bytes()
        }),
        case(Technique::ZipHeaders, "count-smaller.pt", hostile().with(|zip| zip.count = Some(1)).bytes()),
        case(Technique::ParserStops, "cut.pt", {
            let bytes = hostile().bytes();
            bytes[..bytes.len() - 22].to_vec()
        }),
    ]
}

/// The formats before PyTorch 1.6.
fn legacy() -> Vec<Entry> {
    let file_with = |index: usize| {
        let benign = torch_legacy(&state_dict(2).stop());
        let cuts = [0, 15, 21];
        [&benign[..cuts[index]], &attack(), &benign[cuts[index]..]].concat()
    };
    let magic = Pickle::new(2).global("builtins", "int").text("119547037146038801333356").raw(b"\x85R").stop();
    let computed = torch_legacy(&attack())[15..].to_vec();
    let tarred = |name: &'static str, bytes: &[u8]| {
        let harmless = harmless();
        let mut members = vec![file("storages", &harmless), file("tensors", &harmless), file("pickle", &harmless)];
        members.retain(|member| member.name != name);
        members.push(file(name, bytes));
        tar(&members)
    };
    vec![
        case(Technique::Direct, "legacy.pt", torch_legacy(&attack())),
        case(Technique::SeveralStreams, "legacy-first.pt", file_with(0)),
        case(Technique::SeveralStreams, "legacy-second.pt", file_with(1)),
        case(Technique::SeveralStreams, "legacy-third.pt", file_with(2)),
        case(Technique::SeveralStreams, "legacy-behind-storages.pt", {
            [torch_legacy(&state_dict(2).stop()), attack()].concat()
        }),
        case(Technique::SeveralStreams, "legacy-keys.pt", {
            let whole = torch_legacy(&state_dict(2).stop());
            let rest = whole.len() - legacy_storages().len();
            [&whole[..rest], &attack()].concat()
        }),
        case(Technique::ComputedMagic, "legacy-magic-computed.pt", [magic, computed].concat()),
        case(Technique::HiddenMember, "legacy-tar-pickle.pt", tarred("pickle", &attack())),
        case(Technique::HiddenMember, "legacy-tar-storages.pt", tarred("storages", &attack())),
    ]
}

/// TorchScript and packages: code by design.
fn scripts() -> Vec<Entry> {
    let benign = state_dict(2).stop();
    let package = harmless();
    vec![
        case(
            Technique::HiddenMember,
            "script-constants.pt",
            zip(&[
                ("archive/data.pkl", &benign),
                ("archive/constants.pkl", &attack()),
                ("archive/code/__torch__.py", b"class Module(Module):\n  __parameters__ = []\n"),
                ("archive/version", b"3\n"),
            ]),
        ),
        case(
            Technique::CodeBeside,
            "package.pt",
            zip(&[
                ("package/model/model.pkl", &package),
                ("package/model/code.py", b"print('corpus')\n"),
                ("package/.data/extern_modules", b"os\n"),
                ("package/.data/version", b"6\n"),
            ]),
        ),
        case(
            Technique::CodeBeside,
            "handler.mar",
            zip(&[
                ("MAR-INF/MANIFEST.json", br#"{"model":{"handler":"handler.py","serializedFile":"model.pt"}}"#),
                ("handler.py", b"print('corpus')\n"),
                ("model.pt", &torch(&benign)),
            ]),
        ),
    ]
}
