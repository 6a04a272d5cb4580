//! Broken files: the answer is that they are broken, soon and in little memory.

use super::Entry;
use super::make::containers::{file, npy, state_dict, tar, torch, torch_entries};
use super::make::deflate::{gzip, gzip_of_zeros, zeros, zlib};
use super::make::hdf5::{Kept, hdf5};
use super::make::pickle::harmless;
use super::make::protobuf::Message;
use super::make::weights::{
    Gguf, gguf, gguf_counted, gguf_string, gguf_tensor, onnx, onnx_graph, onnx_node, safetensors,
};
use super::make::zip::{Entry as Member, Zip, zip};

pub fn entries() -> Vec<Entry> {
    [pickles(), safetensors_files(), gguf_files(), containers(), graphs(), others()].concat()
}

/// Streams without any global that end, nest or count wrongly.
fn pickles() -> Vec<Entry> {
    let case = |name: &str, bytes: Vec<u8>| Entry::malformed("stream", &format!("{name}.pkl"), bytes);
    let with = |tail: &[u8]| [b"\x80\x02".to_vec(), tail.to_vec()].concat();
    vec![
        case("protocol-only", with(b"")),
        case("no-stop", with(b"}")),
        case("stop-only", with(b".")),
        case("two-on-the-stack", with(b"}}(.")),
        case("unknown-opcode", with(b"}\xff.")),
        case("text-too-long", with(b"X\xff\xff\xff\x7fabc.")),
        case("bytes-8-too-long", [&b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f"[..], b"abc."].concat()),
        case("byte-array-too-long", [&b"\x80\x05\x96\xff\xff\xff\xff\xff\xff\xff\xff"[..], b"abc."].concat()),
        case("frame-too-long", [&b"\x80\x04\x95\xff\0\0\0\0\0\0\0"[..], b"}."].concat()),
        case("frame-ends-inside", [&b"\x80\x04\x95\x02\0\0\0\0\0\0\0"[..], b"M\x01\x02."].concat()),
        case("get-of-nothing", with(b"h\x05.")),
        case("no-mark", with(b"t.")),
        case("set-item-on-nothing", with(b"s.")),
        case("memo-index-huge", with(b"}r\xff\xff\xff\xff.\xff")),
        case("number-not-a-number", b"Iabc\n.".to_vec()),
        case("number-endless", [b"L".to_vec(), vec![b'9'; 100_000], b"L\n.".to_vec()].concat()),
        case("float-not-a-number", b"Fabc\n.".to_vec()),
        case("marks", [with(b""), vec![b'('; 1 << 20], b".".to_vec()].concat()),
        case("lists-in-lists", [with(b""), vec![b']'; 1 << 20], vec![b'a'; (1 << 20) - 1], b"\xff.".to_vec()].concat()),
        case("trailing", [harmless(), b"trailing".to_vec()].concat()),
        case("trailing-zeros", [harmless(), vec![0; 1000]].concat()),
    ]
}

fn safetensors_files() -> Vec<Entry> {
    let case = |name: &str, bytes: Vec<u8>| Entry::malformed("safetensors", &format!("{name}.safetensors"), bytes);
    let tensor = |text: &str, data: usize| safetensors(&format!(r#"{{"w":{text}}}"#), &vec![0; data]);
    let two = |one: &str, other: &str| {
        let of = |range: &str| format!(r#"{{"dtype":"F32","shape":[1],"data_offsets":{range}}}"#);
        safetensors(&format!(r#"{{"a":{},"b":{}}}"#, of(one), of(other)), &[0; 8])
    };
    let good = r#"{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#;
    vec![
        case("header-length-huge", [&u64::MAX.to_le_bytes()[..], b"{}"].concat()),
        case("header-length-over", [&999u64.to_le_bytes()[..], b"{}"].concat()),
        case("header-length-zero", vec![0; 8]),
        case("header-cut", safetensors(r#"{"w":{"dtype":"#, &[])),
        case("header-not-an-object", safetensors("[]", &[])),
        case("header-not-json", safetensors("{'w': 1}", &[])),
        case("header-with-a-tail", safetensors(r#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} x"#, &[0; 4])),
        case("header-nested", safetensors(&"[".repeat(100_000), &[])),
        case("data-missing", tensor(good, 0)),
        case("data-short", tensor(good, 3)),
        case("data-long", tensor(good, 9)),
        case("overlap", two("[0,4]", "[2,6]")),
        case("same-place", two("[0,4]", "[0,4]")),
        case("hole", two("[0,4]", "[5,9]")),
        case("backwards", tensor(r#"{"dtype":"F32","shape":[1],"data_offsets":[4,0]}"#, 4)),
        case("negative", tensor(r#"{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}"#, 4)),
        case("shape-overflows", tensor(r#"{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}"#, 4)),
        case("shape-and-range-differ", tensor(r#"{"dtype":"F32","shape":[2],"data_offsets":[0,4]}"#, 4)),
        case("type-unknown", tensor(r#"{"dtype":"PICKLE","shape":[1],"data_offsets":[0,4]}"#, 4)),
        case("name-twice", safetensors(&format!(r#"{{"w":{good},"w":{good}}}"#), &[0; 4])),
        case("metadata-not-text", safetensors(&format!(r#"{{"__metadata__":{{"a":{{"b":1}}}},"w":{good}}}"#), &[0; 4])),
        case("key-unknown", tensor(r#"{"dtype":"F32","shape":[1],"data_offsets":[0,4],"code":"x"}"#, 4)),
    ]
}

fn gguf_files() -> Vec<Entry> {
    let case = |name: &str, bytes: Vec<u8>| Entry::malformed("gguf", &format!("{name}.gguf"), bytes);
    let array = |kind: u32, count: u64, data: &[u8]| {
        gguf(&[("a", Gguf(9, [&kind.to_le_bytes()[..], &count.to_le_bytes(), data].concat()))])
    };
    let text_of = |length: u64| gguf(&[("a", Gguf(8, [&length.to_le_bytes()[..], b"abc"].concat()))]);
    let nested = (0..10_000).flat_map(|_| [9u32.to_le_bytes().to_vec(), 1u64.to_le_bytes().to_vec()]).flatten();
    let pair = || ("general.alignment", Gguf(4, vec![32, 0, 0, 0]));
    vec![
        case("magic-only", b"GGUF".to_vec()),
        case("version-99", gguf_counted(99, 0, 0, &[])),
        // Its numbers are turned, and its counts are not.
        case("version-turned", [b"GGUF".to_vec(), 3u32.to_be_bytes().to_vec(), vec![1; 16]].concat()),
        case("pairs-huge", gguf_counted(3, 0, u64::MAX, &[])),
        case("pairs-more", gguf_counted(3, 0, 5, &[pair()])),
        case("tensors-huge", gguf_counted(3, u64::MAX, 0, &[])),
        case("tensors-more", gguf_counted(3, 5, 0, &[])),
        case("text-huge", text_of(u64::MAX)),
        case("text-over", text_of(99)),
        case("text-not-unicode", gguf(&[("a", Gguf(8, [&2u64.to_le_bytes()[..], b"\xff\xfe"].concat()))])),
        case("type-unknown", gguf(&[("a", Gguf(99, vec![0; 8]))])),
        case("truth-of-two", gguf(&[("a", Gguf(7, vec![2]))])),
        case("array-huge", array(4, u64::MAX, &[])),
        case("array-of-unknown", array(99, 1, &[0; 8])),
        case("array-nested", gguf(&[("a", Gguf(9, nested.collect()))])),
        case("alignment-zero", gguf(&[("general.alignment", Gguf(4, vec![0; 4]))])),
        case("key-twice", gguf(&[("a", gguf_string("x")), ("a", gguf_string("y"))])),
        case("tensor-type-unknown", gguf_tensor(9999, &[32], 0, 128)),
        case("tensor-five-dimensions", gguf_tensor(0, &[1, 1, 1, 1, 32], 0, 128)),
        case("tensor-size-overflows", gguf_tensor(0, &[1 << 62], 0, 128)),
        case("tensor-in-half-a-block", gguf_tensor(2, &[33], 0, 128)),
        case("tensor-overflows", gguf_tensor(0, &[1 << 40, 1 << 40], 0, 128)),
        case("tensor-outside", gguf_tensor(0, &[32], 1 << 40, 128)),
        case("tensor-not-aligned", gguf_tensor(0, &[32], 3, 160)),
        case("tensor-data-missing", gguf_tensor(0, &[32], 0, 0)),
    ]
}

fn containers() -> Vec<Entry> {
    let case = |name: &str, bytes: Vec<u8>| Entry::malformed("container", name, bytes);
    let plain = torch(&state_dict(2).stop());
    let bomb = |length: usize, crc: u32| {
        let member = Member::new("archive/blob", []).with(|entry| {
            entry.packed = zeros(length);
            entry.size = u32::try_from(length).unwrap();
            entry.local_size = entry.size;
            entry.crc = crc;
            entry.method = 8;
            entry.local_method = 8;
        });
        Zip::new([Member::new("archive/data.pkl", harmless()), member]).bytes()
    };
    let deep = (0..8).fold(zip(&[("a.txt", b"text")]), |inner, _| zip(&[("a.zip", &inner)]));
    vec![
        case("cut.pt", plain[..plain.len() / 2].to_vec()),
        case("no-end.pt", plain[..plain.len() - 22].to_vec()),
        case("end-only.zip", b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0".to_vec()),
        case(
            "offset-outside.zip",
            [&b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x2e\0\0\0"[..], &u32::MAX.to_le_bytes(), &[0, 0]].concat(),
        ),
        case("count-more.pt", Zip::new(torch_entries(&harmless())).with(|zip| zip.count = Some(9999)).bytes()),
        case("bomb.pt", bomb(64 << 20, 0xb2eb_30ed)),
        case("bomb-that-lies.pt", {
            let member = Member::new("a", [0; 100]).with(|entry| {
                entry.packed = zeros(1 << 20);
                entry.method = 8;
                entry.local_method = 8;
            });
            Zip::new([member]).bytes()
        }),
        case("nested-deep.zip", deep),
        case("bomb.gz", gzip_of_zeros(64 << 20, 0xb2eb_30ed)),
        case("cut.gz", gzip(&harmless())[..14].to_vec()),
        case("checksum.gz", {
            let mut bytes = gzip(&harmless());
            let at = bytes.len() - 8;
            bytes[at] ^= 1;
            bytes
        }),
        case("cut.zlib", zlib(&harmless())[..6].to_vec()),
        case("cut.tar", tar(&[file("a.txt", &[b'x'; 2000])])[..1000].to_vec()),
        case("checksum.tar", {
            let mut bytes = tar(&[file("a.txt", b"text")]);
            bytes[0] = b'b';
            bytes
        }),
        case("header-cut.npy", npy("<f4", "(1,)", &[])[..40].to_vec()),
        case("header-not-a-dictionary.npy", b"\x93NUMPY\x01\0\x06\0hello\n".to_vec()),
        case("shape-overflows.npy", npy("<f8", "(9223372036854775807, 9)", &[0; 8])),
        case("data-missing.npy", npy("<f8", "(4,)", &[0; 8])),
        case("data-more.npy", npy("<f8", "(1,)", &[0; 16])),
        case("type-unknown.npy", npy("<q99", "(1,)", &[0; 8])),
        case("version-9.npy", b"\x93NUMPY\x09\0\x06\0hello\n".to_vec()),
    ]
}

fn graphs() -> Vec<Entry> {
    let case = |name: &str, bytes: Vec<u8>| Entry::malformed("graph", name, bytes);
    let model = onnx(&onnx_graph(&[onnx_node("Relu", "")]), &[""]).bytes;
    let deep = (0..2_000).fold(onnx_graph(&[]), |inner, _| {
        let branch = Message::new().field(1, "then_branch").field(6, inner).number(20, 5);
        onnx_graph(&[onnx_node("If", "").field(5, branch)])
    });
    let file = hdf5(&[("model_config", "{}")], Kept::Inline);
    vec![
        case("cut.onnx", model[..model.len() - 3].to_vec()),
        case("length-over.onnx", [&model[..], b"\x3a\xff\xff\xff\x7f"].concat()),
        case("number-endless.onnx", [&model[..], &[0xff; 20]].concat()),
        case("nested.onnx", onnx(&deep, &[""]).bytes),
        case("wire-type-unknown.onnx", [&model[..], b"\x3f"].concat()),
        case("root-outside.tflite", b"\xff\xff\xff\x7fTFL3\0\0\0\0\0\0\0\0".to_vec()),
        case("cut.tflite", b"\x10\0\0\0TFL3".to_vec()),
        case("magic-only.h5", b"\x89HDF\r\n\x1a\n".to_vec()),
        case("cut.h5", file[..file.len() / 4].to_vec()),
        case("version-9.h5", {
            let mut bytes = file.clone();
            bytes[8] = 9;
            bytes
        }),
        case("root-outside.h5", {
            let mut bytes = file.clone();
            bytes[64..72].copy_from_slice(&(1u64 << 60).to_le_bytes());
            bytes
        }),
        case("root-is-itself.h5", {
            let mut bytes = file;
            bytes[64..72].copy_from_slice(&0u64.to_le_bytes());
            bytes
        }),
    ]
}

/// Bytes of no format.
fn others() -> Vec<Entry> {
    let noise = |mut state: u32, length: usize| {
        let mut bytes = Vec::new();
        for _ in 0..length {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            bytes.push(state.to_be_bytes()[0]);
        }
        bytes
    };
    vec![
        Entry::malformed("other", "noise.bin", noise(1, 10_000)),
        Entry::malformed("other", "noise", noise(2, 77)),
        Entry::malformed("other", "zeros.bin", vec![0; 4096]),
        Entry::malformed("other", "text-then-noise.txt", [b"text ".repeat(2_000), noise(3, 99)].concat()),
        Entry::malformed("other", "cut.json", br#"{"model_type": "bert""#.to_vec()),
        Entry::malformed("other", "nested.json", b"[".repeat(200_000)),
    ]
}
