//! Attacks in archives, compressed files, joblib, NumPy, skops and NeMo.

use super::make::containers::{Tar, file, npy, tar, torch};
use super::make::deflate::{gzip, xz, zlib};
use super::make::pickle::{Pickle, attack, harmless};
use super::make::zip::{Entry as Member, Zip, zip};
use super::{Entry, Technique};

const GROUP: &str = "archives";

pub fn entries() -> Vec<Entry> {
    [packed(), tars(), arrays(), joblib(), skops(), nemo()].concat()
}

fn case(technique: Technique, name: &str, bytes: impl Into<Vec<u8>>) -> Entry {
    Entry::hostile(GROUP, technique, name, bytes)
}

fn packed() -> Vec<Entry> {
    let bytes = attack();
    vec![
        case(Technique::HiddenMember, "pickle.zip", zip(&[("a.pkl", &bytes)])),
        case(Technique::HiddenMember, "deflated.zip", Zip::new([Member::new("a.pkl", attack()).deflated()]).bytes()),
        case(Technique::HiddenMember, "no-extension.zip", zip(&[("a", &bytes)])),
        case(Technique::HiddenMember, "in-a-picture.zip", zip(&[("a.png", &bytes)])),
        case(Technique::HiddenMember, "nested.zip", zip(&[("a.zip", &zip(&[("b.zip", &zip(&[("a.pkl", &bytes)]))]))])),
        case(Technique::HiddenMember, "pickle.pkl.gz", gzip(&bytes)),
        case(Technique::HiddenMember, "twice.gz", gzip(&gzip(&bytes))),
        case(Technique::HiddenMember, "second-member.gz", [gzip(&harmless()), gzip(&bytes)].concat()),
        case(Technique::HiddenMember, "torch-in-gzip.pt.gz", gzip(&torch(&bytes))),
        case(Technique::HiddenMember, "pickle.pkl.xz", xz(&bytes)),
        case(Technique::HiddenMember, "unknown.7z", [&b"7z\xbc\xaf\x27\x1c\0\x04"[..], &bytes].concat()),
        case(Technique::HiddenMember, "unknown.rar", [&b"Rar!\x1a\x07\x01\0"[..], &bytes].concat()),
        case(Technique::HiddenMember, "unknown.zst", [&b"\x28\xb5\x2f\xfd\x04\x58"[..], &bytes].concat()),
        case(Technique::HiddenMember, "encrypted.zip", {
            let member = Member::new("a.pkl", attack()).with(|entry| {
                entry.flags |= 1;
                entry.local_flags |= 1;
            });
            Zip::new([member]).bytes()
        }),
        case(Technique::Escape, "escapes.zip", zip(&[("../nonexistent", b"text")])),
        case(Technique::Escape, "backslash.zip", zip(&[("..\\nonexistent", b"text")])),
        case(Technique::Escape, "drive.zip", zip(&[("C:/nonexistent", b"text")])),
    ]
}

fn tars() -> Vec<Entry> {
    let bytes = attack();
    let member = |name, kind, link| Tar { name, kind, link, content: b"" };
    vec![
        case(Technique::HiddenMember, "pickle.tar", tar(&[file("a.pkl", &bytes)])),
        case(Technique::HiddenMember, "pickle.tar.gz", gzip(&tar(&[file("a.pkl", &bytes)]))),
        case(Technique::HiddenMember, "second.tar", tar(&[file("a.txt", b"text"), file("b", &bytes)])),
        case(Technique::Escape, "escapes.tar", tar(&[file("../nonexistent", b"text")])),
        case(Technique::Escape, "absolute.tar", tar(&[file("/nonexistent", b"text")])),
        case(Technique::Escape, "link.tar", tar(&[member("a", b'2', "/nonexistent"), file("a/b", b"text")])),
        case(Technique::Escape, "hard-link.tar", tar(&[member("a", b'1', "../nonexistent")])),
        case(Technique::Escape, "device.tar", tar(&[member("a", b'3', "")])),
        case(
            Technique::ParserStops,
            "behind-the-end.tar",
            [tar(&[file("a.txt", b"text")]), tar(&[file("a.pkl", &bytes)])].concat(),
        ),
        case(Technique::Polyglot, "pickle-behind.tar", [tar(&[file("a.txt", b"text")]), attack()].concat()),
    ]
}

fn arrays() -> Vec<Entry> {
    let object = npy("|O", "(1,)", &attack());
    let plain = npy("<f4", "(1,)", &[0; 4]);
    vec![
        case(Technique::HiddenMember, "object.npy", object.clone()),
        case(Technique::HiddenMember, "object-in.npz", zip(&[("a.npy", &plain), ("b.npy", &object)])),
        case(Technique::HiddenMember, "pickle-in.npz", zip(&[("a.npy", &plain), ("b.pkl", &attack())])),
        case(Technique::HiddenMember, "pickle-for-an-array.npz", zip(&[("a.npy", &attack())])),
        case(Technique::Extension, "pickle.npy", attack()),
        case(Technique::Polyglot, "behind-an-array.npy", [plain, attack()].concat()),
        case(Technique::HiddenMember, "field-of-objects.npy", npy_fields(&attack())),
    ]
}

fn npy_fields(data: &[u8]) -> Vec<u8> {
    let array = npy("X", "(1,)", data);
    let text = String::from_utf8_lossy(&array[..128]).into_owned();
    assert!(text.contains("'X'"));
    let at = array.windows(3).position(|window| window == b"'X'").unwrap();
    let mut out = array.clone();
    out.splice(at..at + 3, b"[('a', '<f4'), ('b', '|O')]".to_vec());
    let length = u16::from_le_bytes([out[8], out[9]]) + 24;
    out[8..10].copy_from_slice(&length.to_le_bytes());
    out
}

/// The wrapper behind which joblib writes an array in the middle of the pickle.
fn with_array(protocol: u8, data: &[u8]) -> Pickle {
    let pickle = Pickle::new(protocol).import("joblib.numpy_pickle", "NumpyArrayWrapper").raw(b")\x81}(");
    let pickle = pickle.text("subclass").import("numpy", "ndarray").text("shape").raw(b"K\x02\x85");
    let pickle = pickle.text("order").text("C").text("dtype").import("numpy", "dtype");
    let pickle =
        pickle.text("f8").raw(b"\x89\x88\x87R(K\x03").text("<").raw(b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb");
    pickle.text("allow_mmap").raw(b"\x88").text("numpy_array_alignment_bytes").raw(b"K\x10ub").raw(data)
}

/// The bytes of an array as joblib aligns them.
fn aligned(at: usize) -> Vec<u8> {
    let padding = 16 - (at + 1) % 16;
    let mut data = vec![u8::try_from(padding).unwrap()];
    data.resize(1 + padding, 0xff);
    data.resize(1 + padding + 16, 0);
    data
}

fn joblib() -> Vec<Entry> {
    let at = with_array(2, b"").bytes.len() + 3;
    let array = with_array(2, &aligned(at)).bytes[2..].to_vec();
    let after = Pickle::new(2).raw(b"(").raw(&array).attack().raw(b"t").stop();
    let inside = with_array(2, &attack()).stop();
    vec![
        case(Technique::Direct, "plain.joblib", attack()),
        case(Technique::MemoAndStack, "behind-an-array.joblib", after.clone()),
        case(Technique::MemoAndStack, "as-an-array.joblib", inside),
        case(Technique::HiddenMember, "zlib.joblib", zlib(&attack())),
        case(Technique::HiddenMember, "gzip.joblib", gzip(&attack())),
        case(Technique::HiddenMember, "xz.joblib", xz(&attack())),
        case(Technique::HiddenMember, "zlib-behind-an-array.joblib", zlib(&after)),
        case(Technique::HiddenMember, "bzip2.joblib", BZIP2),
        case(Technique::HiddenMember, "lzma.joblib", LZMA),
        case(Technique::ParserStops, "behind-lzma.joblib", [HARMLESS_LZMA, &attack()].concat()),
        case(Technique::ParserStops, "second-lzma.joblib", [HARMLESS_LZMA, LZMA].concat()),
        case(Technique::HiddenMember, "lz4.joblib", [&b"\x04\x22\x4d\x18\x60\x40\x82"[..], &attack()].concat()),
        case(Technique::HiddenMember, "object-array.joblib", {
            let pickle = Pickle::new(2).import("joblib.numpy_pickle", "NumpyArrayWrapper").raw(b")\x81}(");
            let pickle = pickle.text("dtype").import("numpy", "dtype").text("O8").raw(b"\x89\x88\x87R").raw(b"ub");
            pickle.raw(attack()).stop()
        }),
    ]
}

fn skops() -> Vec<Entry> {
    let schema = |node: &str| {
        let text = format!(
            r#"{{"__class__":"dict","__module__":"builtins","__loader__":"DictNode","content":{{"a":{node}}},"protocol":2,"_skops_version":"0.16.0"}}"#
        );
        zip(&[("schema.json", text.as_bytes())])
    };
    vec![
        case(
            Technique::Skops,
            "method.skops",
            schema(
                r#"{"__class__":"method","__module__":"builtins","__loader__":"MethodNode","content":{"func":"system","obj":{"__class__":"module","__module__":"os","__loader__":"ObjectNode"}}}"#,
            ),
        ),
        case(
            Technique::Skops,
            "function.skops",
            schema(
                r#"{"__class__":"function","__module__":"os","__loader__":"FunctionNode","content":{"module_path":"os","function":"system"}}"#,
            ),
        ),
        case(
            Technique::Skops,
            "type.skops",
            schema(r#"{"__class__":"Popen","__module__":"subprocess","__loader__":"TypeNode"}"#),
        ),
        case(
            Technique::Skops,
            "operator.skops",
            schema(
                r#"{"__class__":"methodcaller","__module__":"operator","__loader__":"OperatorFuncNode","attrs":{}}"#,
            ),
        ),
        case(
            Technique::Skops,
            "object.skops",
            schema(r#"{"__class__":"Popen","__module__":"subprocess","__loader__":"ObjectNode","content":{}}"#),
        ),
        case(
            Technique::Skops,
            "reduce.skops",
            schema(
                r#"{"__class__":"Thing","__module__":"sklearn._loss.link","__loader__":"ReduceNode","__reduce__":{"args":["true"]},"constructor":"os.system"}"#,
            ),
        ),
        case(
            Technique::Skops,
            "pickle-member.skops",
            zip(&[
                (
                    "schema.json",
                    br#"{"__class__":"dict","__module__":"builtins","__loader__":"DictNode","content":{}}"#,
                ),
                ("1.pkl", &attack()),
            ]),
        ),
    ]
}

fn nemo() -> Vec<Entry> {
    let configuration =
        b"target: nemo.collections.asr.models.EncDecCTCModel\nencoder:\n  _target_: os.system\n  command: 'true'\n";
    vec![
        case(Technique::Nemo, "target.nemo", tar(&[file("./model_config.yaml", configuration)])),
        case(
            Technique::Nemo,
            "weights.nemo",
            tar(&[
                file("./model_config.yaml", b"target: nemo.core.ModelPT\n"),
                file("./model_weights.ckpt", &torch(&attack())),
            ]),
        ),
        case(Technique::Nemo, "target.nemo.gz", gzip(&tar(&[file("model_config.yaml", configuration)]))),
        case(Technique::Escape, "escapes.nemo", tar(&[file("../../nonexistent/file.py", b"print('corpus')\n")])),
    ]
}

/// The usual hostile pickle, by Python's `bz2.compress`.
const BZIP2: &[u8] = b"\
    \x42\x5a\x68\x39\x31\x41\x59\x26\x53\x59\x0f\x39\xa6\x17\x00\x00\x0c\xd3\xc0\x54\x10\x00\x41\x10\x40\
    \x0a\x02\x9e\x20\x40\x00\x20\x00\x31\x4d\x32\x31\x31\x31\x0a\x34\x03\xd4\xd3\xd2\x7a\x8d\x49\x2d\x70\
    \xe4\x40\x0d\xe2\x6b\x0b\x77\x05\x32\xf8\xbb\x92\x29\xc2\x84\x80\x79\xcd\x30\xb8";

/// The usual hostile pickle, by Python's `lzma.compress` with `FORMAT_ALONE`.
const LZMA: &[u8] = b"\
    \x5d\x00\x00\x80\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00\x40\x00\x88\x03\xbc\x30\xbd\x34\xde\x2f\x5e\
    \x26\xd0\x69\xf3\x3f\xb0\xb1\x38\xbd\xa3\x56\x03\xf3\x8f\x4d\xab\x1f\xab\x55\xff\xff\xac\x86\x00\x00";
/// A pickle without any global, likewise.
const HARMLESS_LZMA: &[u8] = b"\
    \x5d\x00\x00\x80\x00\xff\xff\xff\xff\xff\xff\xff\xff\
    \x00\x40\x00\x8b\x25\xd1\x3a\x0f\xff\xff\xfc\x3f\x00\x00";
