//! Names that a reader of single opcodes does not see: from the memo, from escapes, through other opcodes.

use super::make::pickle::{Pickle, attack, call};
use super::{Entry, Technique};

const GROUP: &str = "obfuscations";

pub fn entries() -> Vec<Entry> {
    [memo(), text_forms(), dotted(), constructors(), dropped(), registries(), shadows()].concat()
}

fn case(technique: Technique, name: &str, pickle: Pickle) -> Entry {
    Entry::hostile(GROUP, technique, &format!("{name}.pkl"), pickle.stop())
}

/// Arguments and the call, behind a function on the stack.
fn called(pickle: Pickle) -> Pickle {
    pickle.short_text("true").raw(b"\x85R")
}

/// Module and name come from the memo, or other things lie between them.
fn memo() -> Vec<Entry> {
    let start = || Pickle::new(4);
    let decoy = || start().short_text("collections").raw(b"q\0").short_text("OrderedDict").raw(b"q\x010\x30");
    let names = |first: &[u8], second: &[u8]| {
        let pickle = start().short_text("os").raw(first).raw(b"0").short_text("system").raw(second).raw(b"0");
        called(pickle.raw(b"h\0h\x01\x93"))
    };
    let cases = [
        ("memo-get", names(b"q\0", b"q\x01")),
        ("memoize", names(b"\x94", b"\x94")),
        ("memo-long", names(b"r\0\0\0\0", b"r\x01\0\0\0")),
        ("memo-text", names(b"p0\n", b"p1\n")),
        ("memo-signed", names(b"p+0\n", b"p 1 \n")),
        ("memo-underscore", called(start().short_text("os").raw(b"p1_0\n0h\x0a").short_text("system").raw(b"\x93"))),
        (
            "memo-hexadecimal-looks",
            called(start().short_text("os").raw(b"p010\n0h\x0a").short_text("system").raw(b"\x93")),
        ),
        ("memo-overwritten", {
            let pickle = decoy().short_text("os").raw(b"q\x000").short_text("system").raw(b"q\x010");
            called(pickle.raw(b"h\0h\x01\x93"))
        }),
        ("memo-overwritten-late", {
            let pickle = start().short_text("collections").raw(b"q\0").short_text("os").raw(b"q\x000\x30");
            called(pickle.raw(b"h\0").short_text("system").raw(b"\x93"))
        }),
        ("memoize-counts-what-is-there", {
            let pickle = start().short_text("collections").raw(b"q\x05\x30").short_text("os").raw(b"\x94\x30h\x01");
            called(pickle.short_text("system").raw(b"\x93"))
        }),
        ("duplicated", {
            let pickle = start().short_text("os").raw(b"2\x30").short_text("system");
            called(pickle.raw(b"\x93"))
        }),
        (
            "popped-between",
            called(start().short_text("os").short_text("path").raw(b"0").short_text("system").raw(b"\x93")),
        ),
        ("mark-between", {
            called(start().short_text("os").raw(b"(").short_text("path").raw(b"1").short_text("system").raw(b"\x93"))
        }),
        (
            "numbers-between",
            called(start().short_text("os").raw(b"K\x01\x30").short_text("system").raw(b"K\x02\x30\x93")),
        ),
        ("memo-of-a-global", called(start().stack_global("os", "system").raw(b"q\x070h\x07"))),
        ("memo-of-a-list", {
            let pickle = start().raw(b"]q\0(").short_text("os").short_text("system").raw(b"e0");
            called(pickle.short_text("os").short_text("system").raw(b"\x93"))
        }),
    ];
    cases.into_iter().map(|(name, pickle)| case(Technique::MemoAndStack, name, pickle)).collect()
}

/// Strings of `STACK_GLOBAL` in each form that strings have.
fn text_forms() -> Vec<Entry> {
    let start = || Pickle::new(4);
    let forms: [(&str, &[u8], &[u8]); 9] = [
        ("string", b"S'os'\n", b"S\"system\"\n"),
        ("string-escaped", b"S'\\x6f\\163'\n", b"S'\\x73ystem'\n"),
        ("unicode", b"Vos\n", b"Vsystem\n"),
        ("unicode-escaped", b"V\\u006fs\n", b"V\\u0073\\U00000079stem\n"),
        ("binstring", b"T\x02\0\0\0os", b"T\x06\0\0\0system"),
        ("short-binstring", b"U\x02os", b"U\x06system"),
        ("binunicode-8", b"\x8d\x02\0\0\0\0\0\0\0os", b"\x8d\x06\0\0\0\0\0\0\0system"),
        ("mixed", b"Vos\n", b"U\x06system"),
        ("interned-twice", b"\x8c\x02os\x94", b"\x8c\x06system\x94"),
    ];
    let of = |(name, module, function): (&str, &[u8], &[u8])| {
        let pickle = called(start().raw(module).raw(function).raw(b"\x93"));
        case(Technique::MemoAndStack, &format!("text-{name}"), pickle)
    };
    let mut entries: Vec<_> = forms.into_iter().map(of).collect();
    entries.extend([
        case(Technique::MemoAndStack, "protocol-0-late", Pickle::new(0).raw(b"\x80\x02").attack()),
        case(
            Technique::MemoAndStack,
            "protocol-in-the-middle",
            Pickle::new(2).raw(b"}0\x80\x04").stack_global("os", "system"),
        ),
        case(Technique::MemoAndStack, "protocol-1-with-opcodes-of-4", Pickle::new(1).stack_global("os", "system")),
        case(Technique::MemoAndStack, "name-is-computed", {
            start().import("builtins", "str").short_text("os").raw(b"\x85R").short_text("system").raw(b"\x93")
        }),
        case(Technique::MemoAndStack, "name-is-a-number", start().short_text("os").raw(b"K\x01\x93")),
        case(Technique::MemoAndStack, "name-in-bytes", start().raw(b"C\x02osC\x06system\x93")),
    ]);
    entries
}

/// The way to `os` goes through what looks harmless.
fn dotted() -> Vec<Entry> {
    let names = [
        ("torch.serialization", "os.system"),
        ("torch._utils", "sys.modules"),
        ("collections", "_sys.modules.get"),
        ("collections", "abc.sys.exit"),
        ("numpy", "os.system"),
        ("numpy.core.multiarray", "os.system"),
        ("random", "_os.system"),
        ("datetime", "sys.exit"),
        ("codecs", "builtins.exec"),
        ("builtins", "dict.__class__"),
        ("", "system"),
        ("os", ""),
        ("os.", "system"),
        ("os ", "system"),
        ("OS", "system"),
        ("o\u{fb01}s", "system"),
    ];
    let of = |(index, (module, name)): (usize, &(&str, &str))| {
        let bytes = call(4, module, name, &["true"]);
        Entry::hostile(GROUP, Technique::DottedName, &format!("dotted-{index:02}.pkl"), bytes)
    };
    names.iter().enumerate().map(of).collect()
}

/// Every opcode that calls.
fn constructors() -> Vec<Entry> {
    let start = || Pickle::new(2);
    let cases = [
        ("inst", Pickle::new(0).raw(b"(S'true'\nios\nsystem\n")),
        ("obj", start().raw(b"(").global("os", "system").text("true").raw(b"o")),
        ("newobj", start().global("os", "system").texts(&["true"]).raw(b"\x81")),
        ("newobj-ex", Pickle::new(4).stack_global("os", "system").short_text("true").raw(b"\x85}\x92")),
        ("newobj-of-popen", start().global("subprocess", "Popen").texts(&["true"]).raw(b"\x81")),
        ("build", start().global("os", "_wrap_close").raw(b")\x81}").text("name").text("true").raw(b"sb")),
        ("build-of-an-allowed-class", {
            let state = start().global("collections", "OrderedDict").raw(b")\x81}").text("__class__");
            state.global("os", "_wrap_close").raw(b"sb")
        }),
        ("reconstructor", {
            let pickle = start().global("copyreg", "_reconstructor").raw(b"(").global("os", "_wrap_close");
            pickle.global("builtins", "object").raw(b"NtR}").text("name").text("true").raw(b"sb")
        }),
        ("default-factory", start().global("collections", "defaultdict").global("os", "getpid").raw(b"\x85R")),
        ("as-an-argument", start().global("collections", "Counter").raw(b"]").attack().raw(b"a\x85R")),
        ("as-a-key", start().raw(b"}").attack().raw(b"Ns")),
        ("in-a-set", Pickle::new(4).raw(b"\x8f(").attack().raw(b"\x90")),
        ("in-a-frozen-set", Pickle::new(4).raw(b"(").attack().raw(b"\x91")),
        ("as-state", start().global("collections", "OrderedDict").raw(b")R").attack().raw(b"b")),
        (
            "nested-calls",
            start().global("os", "system").global("collections", "Counter").text("true").raw(b"\x85R\x85R"),
        ),
        ("in-a-dictionary-literal", Pickle::new(0).raw(b"(S'key'\n").attack().raw(b"d")),
        ("in-a-list-literal", Pickle::new(0).raw(b"(").attack().raw(b"l")),
        (
            "set-items-of-an-allowed-class",
            start().global("collections", "OrderedDict").raw(b")R(").text("k").attack().raw(b"u"),
        ),
    ];
    cases.into_iter().map(|(name, pickle)| case(Technique::MemoAndStack, &format!("opcode-{name}"), pickle)).collect()
}

/// What was imported or called does not stay.
fn dropped() -> Vec<Entry> {
    let start = || Pickle::new(2);
    let cases = [
        ("call-popped", start().attack().raw(b"0}")),
        ("object-popped", start().raw(b"(").global("os", "system").text("true").raw(b"o0}")),
        ("instance-popped", Pickle::new(0).raw(b"(S'true'\nios\nsystem\n0}")),
        ("mark-popped", start().raw(b"(").attack().raw(b"1}")),
        ("import-only", start().global("antigravity", "geohash").raw(b"0}")),
        ("import-of-this", start().global("this", "s").raw(b"0}")),
        ("under-the-result", start().attack().raw(b"}")),
        ("between-weights", start().raw(b"}q\0").text("w").raw(b"K\x01s").attack().raw(b"0h\0")),
    ];
    cases.into_iter().map(|(name, pickle)| case(Technique::ResultDropped, name, pickle)).collect()
}

/// Numbers whose meaning is not in the file.
fn registries() -> Vec<Entry> {
    let start = || Pickle::new(2);
    let cases = [
        (Technique::ExtensionRegistry, "extension-1", start().raw(b"\x82\x01")),
        (Technique::ExtensionRegistry, "extension-2", start().raw(b"\x83\x01\x01")),
        (Technique::ExtensionRegistry, "extension-4", start().raw(b"\x84\x01\0\x01\0")),
        (Technique::ExtensionRegistry, "extension-called", start().raw(b"\x82\xf0").texts(&["true"]).raw(b"R")),
        (Technique::PersistentId, "persistent-text", Pickle::new(0).raw(b"Pos.system\n")),
        (Technique::PersistentId, "persistent-binary", start().text("os.system").raw(b"Q")),
        (Technique::PersistentId, "persistent-called", start().text("os.system").raw(b"Q").texts(&["true"]).raw(b"R")),
    ];
    cases.into_iter().map(|(technique, name, pickle)| case(technique, name, pickle)).collect()
}

/// What another check, or another reading of the same bytes, would allow.
fn shadows() -> Vec<Entry> {
    let nested = Pickle::new(2).global("_pickle", "loads").binary(&attack()).raw(b"\x85R");
    let in_a_string = Pickle::new(2).global("pickle", "loads").raw(b"U").raw([u8::try_from(attack().len()).unwrap()]);
    let cases = [
        ("allowed-then-not", Pickle::new(2).call("collections", "Counter", &[]).raw(b"0").attack()),
        ("looks-like-torch", Pickle::new(2).call("torch._utils", "_rebuild_tensor_v3_", &["true"])),
        ("looks-like-numpy", Pickle::new(2).call("numpy.core.multiarray", "_reconstruct_", &["true"])),
        ("standard-library-by-any-name", Pickle::new(2).call("distutils.dist", "Distribution", &["true"])),
        ("code-in-bytes", nested),
        ("code-in-a-string", in_a_string.raw(attack()).raw(b"\x85R")),
        (
            "next-to-many-allowed",
            (0..500).fold(Pickle::new(2), |pickle, _| pickle.global("collections", "OrderedDict").raw(b"0")).attack(),
        ),
    ];
    cases.into_iter().map(|(name, pickle)| case(Technique::ShadowedAllowList, name, pickle)).collect()
}
