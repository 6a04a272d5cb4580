//! Several pickles in a file, pickles that break behind the call, frames that lie.

use super::make::pickle::{Pickle, attack, harmless};
use super::make::zip::zip;
use super::{Entry, Technique};

const GROUP: &str = "streams";

pub fn entries() -> Vec<Entry> {
    [breaking(), several(), before(), frames(), extensions()].concat()
}

fn case(technique: Technique, name: &str, bytes: impl Into<Vec<u8>>) -> Entry {
    Entry::hostile(GROUP, technique, name, bytes)
}

/// The reader fails, but only after the call was made.
fn breaking() -> Vec<Entry> {
    let begun = || Pickle::new(2).attack().bytes;
    let with = |tail: &[u8]| [begun(), tail.to_vec()].concat();
    vec![
        case(Technique::ParserStops, "no-stop.pkl", begun()),
        case(Technique::ParserStops, "unknown-opcode.pkl", with(b"\xff.")),
        case(Technique::ParserStops, "get-of-nothing.pkl", with(b"h\x63.")),
        case(Technique::ParserStops, "text-without-end.pkl", with(b"X\xff\xff\0\0abc")),
        case(Technique::ParserStops, "line-without-end.pkl", with(b"cmodule")),
        case(Technique::ParserStops, "not-a-number.pkl", with(b"Iten\n.")),
        case(Technique::ParserStops, "negative-length.pkl", with(b"T\xff\xff\xff\xff.")),
        case(Technique::ParserStops, "not-unicode.pkl", with(b"X\x02\0\0\0\xff\xfe.")),
        case(Technique::ParserStops, "stack-empty.pkl", with(b"000.")),
        case(Technique::ParserStops, "no-mark.pkl", with(b"t.")),
        case(Technique::ParserStops, "protocol-99.pkl", with(b"\x80\x63.")),
        case(Technique::ParserStops, "protocol-99-first.pkl", [b"\x80\x63".to_vec(), attack()[2..].to_vec()].concat()),
        case(Technique::ParserStops, "long-with-a-lying-length.pkl", with(b"\x8b\xff\xff\xff\x7f.")),
        case(Technique::ParserStops, "buffer-from-outside.pkl", with(b"\x97.")),
    ]
}

/// Others follow the first.
fn several() -> Vec<Entry> {
    let junk = b"weights weights weights".to_vec();
    vec![
        case(Technique::SeveralStreams, "second.pkl", [harmless(), attack()].concat()),
        case(Technique::SeveralStreams, "third.pkl", [harmless(), harmless(), attack()].concat()),
        case(Technique::SeveralStreams, "second-behind-junk.pkl", [harmless(), junk, attack()].concat()),
        case(Technique::SeveralStreams, "hundredth.pkl", [harmless().repeat(99), attack()].concat()),
        case(Technique::SeveralStreams, "first-of-two.pkl", [attack(), harmless()].concat()),
        case(Technique::SeveralStreams, "second-breaks.pkl", [harmless(), Pickle::new(2).attack().bytes].concat()),
        case(Technique::SeveralStreams, "second-behind-zeros.pkl", [harmless(), vec![0; 4096], attack()].concat()),
        case(Technique::Polyglot, "pickle-and-zip.pkl", [attack(), zip(&[("a.txt", b"text")])].concat()),
        case(Technique::Polyglot, "zip-behind-a-pickle.pkl", [harmless(), zip(&[("a/data.pkl", &attack())])].concat()),
    ]
}

/// Something stands before the pickle, which a reader at an offset skips.
fn before() -> Vec<Entry> {
    let with = |head: &[u8]| [head.to_vec(), attack()].concat();
    vec![
        case(Technique::SeveralStreams, "behind-zeros.pkl", with(&[0; 64])),
        case(Technique::SeveralStreams, "behind-a-line.pkl", with(b"\n")),
        case(Technique::SeveralStreams, "behind-a-mark-of-unicode.pkl", with(b"\xef\xbb\xbf")),
        case(Technique::SeveralStreams, "behind-a-header.pkl", with(b"MODELv1\0\0\0\0\x10")),
        case(Technique::Polyglot, "behind-a-picture.pkl", with(b"\x89PNG\r\n\x1a\n\0\0\0\0IEND\xae\x42\x60\x82")),
        case(Technique::Polyglot, "behind-a-script.pkl", with(b"#!/bin/true\n")),
    ]
}

/// Frames of protocol 4: what lies in a frame, and what a linear reader takes for the inside of a string.
fn frames() -> Vec<Entry> {
    let frame = |length: usize, body: &[u8]| {
        [&b"\x80\x04\x95"[..], &u64::try_from(length).unwrap().to_le_bytes(), body].concat()
    };
    let call = Pickle::new(4).attack().stop()[2..].to_vec();
    // A reader that drops what is left of the frame goes on two bytes later: there, the second string is instructions.
    let hidden =
        |bytes: u8| [&[bytes, 4][..], b"pppp", &[bytes, u8::try_from(call.len()).unwrap()], &call, b"."].concat();
    vec![
        case(Technique::FrameDivergence, "frame-ends-in-bytes.pkl", frame(4, &hidden(b'C'))),
        case(Technique::FrameDivergence, "frame-ends-in-text.pkl", frame(4, &hidden(b'U'))),
        case(Technique::FrameDivergence, "frame-of-nothing.pkl", frame(0, &call)),
        case(Technique::FrameDivergence, "frame-too-long.pkl", frame(call.len() + 99, &call)),
        case(Technique::FrameDivergence, "frame-too-short.pkl", frame(3, &call)),
        case(Technique::FrameDivergence, "frame-in-a-frame.pkl", {
            let inner = [&b"\x95"[..], &u64::try_from(call.len()).unwrap().to_le_bytes(), &call].concat();
            frame(inner.len(), &inner)
        }),
        case(Technique::FrameDivergence, "frame-huge.pkl", {
            [&b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xff"[..], &call].concat()
        }),
        case(Technique::FrameDivergence, "frame-ends-in-a-line-at-a-read.pkl", {
            // Files are read in pieces of 256 KiB: the frame ends where the first does, in the name that is imported.
            let count = (256 << 10) - 23;
            let pickle = Pickle::new(4).raw(b"B").raw(u32::try_from(count).unwrap().to_le_bytes());
            let pickle = pickle.raw(vec![b'x'; count]).raw(b"0").global("collections", "OrderedDict");
            let body = pickle.raw(b")R").stop().split_off(2);
            frame((256 << 10) - 11, &body)
        }),
        case(Technique::FrameDivergence, "frame-in-protocol-2.pkl", {
            [&b"\x80\x02\x95"[..], &u64::try_from(call.len()).unwrap().to_le_bytes(), &call].concat()
        }),
    ]
}

/// The extension says something else, or nothing.
fn extensions() -> Vec<Entry> {
    let text = Pickle::new(0).attack().stop();
    let names = ["model", "model.txt", "model.json", "model.png", "model.safetensors", "model.gguf", "model.onnx"];
    let more =
        ["model.csv", "README.md", "model.npy", "model.h5", "model.PKL", "model.bin", "model.dat", "config.yaml"];
    let mut entries: Vec<_> =
        names.iter().chain(&more).map(|name| case(Technique::Extension, name, attack())).collect();
    for name in ["text-0.txt", "text-0.json", "text-0.md", "text-0", "text-0.csv", "text-0.py"] {
        entries.push(case(Technique::Extension, name, text.clone()));
    }
    entries
}
