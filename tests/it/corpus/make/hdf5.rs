//! HDF5: a root group with text attributes, in superblock and object header of version 0 and 1.

/// Where an attribute keeps its text.
#[derive(Clone, Copy)]
pub enum Kept {
    /// In the attribute, as a string of fixed length.
    Inline,
    /// In a global heap, as h5py writes text.
    Heap,
}

const UNDEFINED: [u8; 8] = [0xff; 8];
const HEADER: u64 = 96;

/// A file with attributes of its root group.
pub fn hdf5(attributes: &[(&str, &str)], kept: Kept) -> Vec<u8> {
    let placeholder = body(attributes, kept, 0);
    let after = HEADER + to_u64(placeholder.len());
    let tree = after;
    let heap = tree + 544;
    let collection = heap + 40;
    let mut object = body(attributes, kept, collection);
    object.splice(24..40, [tree.to_le_bytes(), heap.to_le_bytes()].concat());
    let end = collection + to_u64(global_heap(attributes).len());
    let file = [superblock(end), object, btree(), local_heap(heap), global_heap(attributes)];
    file.concat()
}

fn superblock(end: u64) -> Vec<u8> {
    let mut out = b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0\x04\0\x10\0\0\0\0\0".to_vec();
    out.extend([0; 8]);
    out.extend(UNDEFINED);
    out.extend(end.to_le_bytes());
    out.extend(UNDEFINED);
    out.extend([0; 8]);
    out.extend(HEADER.to_le_bytes());
    out.extend([0; 24]);
    out
}

fn body(attributes: &[(&str, &str)], kept: Kept, collection: u64) -> Vec<u8> {
    let mut messages = message(0x11, &[0; 16]);
    for (index, (name, text)) in attributes.iter().enumerate() {
        messages.extend(message(0x0c, &attribute(name, text, kept, collection, index)));
    }
    let count = u16::try_from(attributes.len() + 1).unwrap().to_le_bytes();
    let size = u32::try_from(messages.len()).unwrap().to_le_bytes();
    [&[1, 0][..], &count, &[1, 0, 0, 0], &size, &[0; 4], &messages].concat()
}

fn message(kind: u16, data: &[u8]) -> Vec<u8> {
    let data = padded(data);
    let size = u16::try_from(data.len()).unwrap().to_le_bytes();
    [&kind.to_le_bytes()[..], &size, &[0; 4], &data].concat()
}

fn attribute(name: &str, text: &str, kept: Kept, collection: u64, index: usize) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap().to_le_bytes();
    let fixed = [&[0x13, 0x10, 0, 0][..], &length].concat();
    let place = u32::try_from(index + 1).unwrap().to_le_bytes();
    let (kind, data) = match kept {
        Kept::Inline => (fixed, text.as_bytes().to_vec()),
        Kept::Heap => (
            b"\x19\x01\x01\0\x10\0\0\0\x13\0\0\0\x01\0\0\0".to_vec(),
            [&length[..], &collection.to_le_bytes(), &place].concat(),
        ),
    };
    let name_size = u16::try_from(name.len() + 1).unwrap().to_le_bytes();
    let kind_size = u16::try_from(kind.len()).unwrap().to_le_bytes();
    let name = padded(&[name.as_bytes(), b"\0"].concat());
    [&[1, 0][..], &name_size, &kind_size, &[8, 0], &name, &kind, b"\x01\0\0\0\0\0\0\0", &data].concat()
}

fn btree() -> Vec<u8> {
    [&b"TREE\0\0\0\0"[..], &UNDEFINED, &UNDEFINED, &[0; 520]].concat()
}

fn local_heap(at: u64) -> Vec<u8> {
    let data = (at + 32).to_le_bytes();
    [&b"HEAP\0\0\0\0"[..], &8u64.to_le_bytes(), &1u64.to_le_bytes(), &data, &[0; 8]].concat()
}

fn global_heap(attributes: &[(&str, &str)]) -> Vec<u8> {
    let mut objects = Vec::new();
    for (index, (_, text)) in attributes.iter().enumerate() {
        objects.extend(u16::try_from(index + 1).unwrap().to_le_bytes());
        objects.extend([1, 0, 0, 0, 0, 0]);
        objects.extend(to_u64(text.len()).to_le_bytes());
        objects.extend(padded(text.as_bytes()));
    }
    let size = (objects.len() + 32).max(4096);
    let rest = to_u64(size - 16 - objects.len());
    objects.extend([0; 8]);
    objects.extend(rest.to_le_bytes());
    objects.resize(size - 16, 0);
    [&b"GCOL\x01\0\0\0"[..], &to_u64(size).to_le_bytes(), &objects].concat()
}

fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

fn to_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap()
}
