//! Where everything in an archive is (PKWARE APPNOTE 6.3). Readers disagree about archives whose parts disagree,
//! so every byte must belong to exactly one part, and what is said twice must be said alike.

use std::collections::HashSet;

use super::fields::Fields;
use crate::limits;
use crate::path::TreePath;
use crate::scan::{Observation, Rating, Reason, Sheet, Stop};
use crate::source::{self, ReadAt};

/// The method of members that are stored as they are.
pub(super) const STORED: u16 = 0;
const DEFLATED: u16 = 8;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;
const DESCRIPTOR: u32 = 0x0807_4b50;

const LOCAL_BYTES: u64 = 30;
const CENTRAL_BYTES: u64 = 46;
const END_BYTES: u64 = 22;
const END_64_BYTES: u64 = 56;
const LOCATOR_64_BYTES: u64 = 20;

/// Flags that change nothing for readers: levels of deflate, a descriptor behind the data, names in UTF-8.
const KNOWN_FLAGS: u16 = 0b1000_0000_1110;
const HAS_DESCRIPTOR: u16 = 1 << 3;
const ENCRYPTED: u16 = 1;

/// A member.
#[derive(Clone, Debug)]
pub(in crate::scan) struct Entry {
    /// Its name as it stands.
    pub(in crate::scan) name: String,
    pub(super) method: u16,
    flags: u16,
    checksum: u32,
    /// Bytes in the archive.
    pub(super) compressed: u64,
    /// Bytes when it is unpacked.
    pub(in crate::scan) size: u64,
    /// Where its header is.
    pub(super) header: u64,
    /// Where its data is.
    pub(super) data: u64,
    mode: u32,
}

/// The members of an archive, in the order of the directory.
pub(in crate::scan) struct Layout {
    pub(in crate::scan) entries: Vec<Entry>,
}

/// Where the directory is.
struct End {
    entries: u64,
    directory: u64,
    directory_bytes: u64,
    /// Where the records behind the directory begin.
    records: u64,
}

impl Layout {
    /// Reads the layout; what is wrong with it and stops no reader is written down.
    pub(in crate::scan) fn read(source: &dyn ReadAt, sheet: &mut Sheet) -> Result<Self, Stop> {
        let end = end(source)?;
        let mut entries = directory(source, &end)?;
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by_key(|index| entries.get(*index).map(|entry| entry.header));
        let mut expected = 0;
        for (position, index) in order.iter().enumerate() {
            let next = order.get(position + 1).and_then(|next| entries.get(*next)).map(|entry| entry.header);
            let next = next.unwrap_or(end.directory);
            let Some(entry) = entries.get_mut(*index) else { continue };
            if entry.header != expected {
                return Err(ambiguous(expected, "bytes belong to no member, or to two"));
            }
            local(source, entry, next)?;
            expected = next;
        }
        if expected != end.directory {
            return Err(ambiguous(expected, "bytes stand between the members and the directory"));
        }
        judge(&entries, sheet);
        Ok(Self { entries })
    }
}

fn ambiguous(offset: u64, what: &str) -> Stop {
    Stop::Malformed(offset, format!("the archive reads in two ways: {what}"))
}

/// Finds the one end record, without a comment, at the very end.
fn end(source: &dyn ReadAt) -> Result<End, Stop> {
    let at = source.len().checked_sub(END_BYTES).ok_or_else(|| ambiguous(0, "it has no end record"))?;
    let mut fields = Fields::read(source, at, 22)?;
    if fields.u32() != END {
        return Err(ambiguous(at, "its end record is not at its end, or has a comment"));
    }
    let (disk, start_disk, here, total) = (fields.u16(), fields.u16(), fields.u16(), fields.u16());
    let (bytes, offset, comment) = (fields.u32(), fields.u32(), fields.u16());
    if disk != 0 || start_disk != 0 || here != total || comment != 0 {
        return Err(ambiguous(at, "its end record names other disks or a comment"));
    }
    let short = End { entries: total.into(), directory: offset.into(), directory_bytes: bytes.into(), records: at };
    let end = match end_64(source, at)? {
        None => short,
        Some(long) => {
            let same = |short: u64, long: u64, most: u64| short == long || short == most && long >= most;
            let agree = same(short.entries, long.entries, u16::MAX.into())
                && same(short.directory, long.directory, u32::MAX.into())
                && same(short.directory_bytes, long.directory_bytes, u32::MAX.into());
            if !agree {
                return Err(ambiguous(at, "its two end records disagree"));
            }
            long
        }
    };
    if end.directory.checked_add(end.directory_bytes) != Some(end.records) {
        return Err(ambiguous(end.directory, "bytes stand before or behind the directory"));
    }
    if end.entries > limits::SCAN_MEMBERS as u64 {
        return Err(Stop::Limit(format!("it has more than {} members", limits::SCAN_MEMBERS)));
    }
    Ok(end)
}

/// Reads the end record of large archives, if there is one.
fn end_64(source: &dyn ReadAt, end: u64) -> Result<Option<End>, Stop> {
    let Some(locator) = end.checked_sub(LOCATOR_64_BYTES) else { return Ok(None) };
    let mut fields = Fields::read(source, locator, 20)?;
    if fields.u32() != LOCATOR_64 {
        return Ok(None);
    }
    let (disk, at, disks) = (fields.u32(), fields.u64().unwrap_or_default(), fields.u32());
    if disk != 0 || disks > 1 || at.checked_add(END_64_BYTES) != Some(locator) {
        return Err(ambiguous(locator, "its large end record is not where it should be"));
    }
    let mut fields = Fields::read(source, at, 56)?;
    let (signature, size) = (fields.u32(), fields.u64());
    let _versions = (fields.u16(), fields.u16());
    let (disk, start_disk) = (fields.u32(), fields.u32());
    let numbers = (fields.u64(), fields.u64(), fields.u64(), fields.u64());
    let (Some(here), Some(entries), Some(directory_bytes), Some(directory)) = numbers else {
        return Err(ambiguous(at, "its large end record is cut off"));
    };
    if signature != END_64 || size != Some(END_64_BYTES - 12) || disk != 0 || start_disk != 0 || here != entries {
        return Err(ambiguous(at, "its large end record is not plain"));
    }
    Ok(Some(End { entries, directory, directory_bytes, records: at }))
}

/// Reads the directory.
fn directory(source: &dyn ReadAt, end: &End) -> Result<Vec<Entry>, Stop> {
    let mut entries = Vec::new();
    let mut at = end.directory;
    for _ in 0..end.entries {
        let mut fields = Fields::read(source, at, 46)?;
        if fields.u32() != CENTRAL {
            return Err(ambiguous(at, "its directory has fewer entries than it says"));
        }
        let _versions = (fields.u16(), fields.u16());
        let (flags, method, _time, _date) = (fields.u16(), fields.u16(), fields.u16(), fields.u16());
        let (checksum, compressed, size) = (fields.u32(), fields.u32(), fields.u32());
        let (name, extra, comment, disk, _internal) =
            (fields.u16(), fields.u16(), fields.u16(), fields.u16(), fields.u16());
        let (attributes, header) = (fields.u32(), fields.u32());
        let name_at = at + CENTRAL_BYTES;
        let name_bytes = source::exactly(source, name_at, name.into())?;
        let extra_bytes = source::exactly(source, name_at + u64::from(name), extra.into())?;
        let long = [size, compressed, header].map(|field| field == u32::MAX);
        let [size_64, compressed_64, header_64] =
            extras(&extra_bytes, long).ok_or_else(|| ambiguous(at, "an extra field is odd"))?;
        if disk != 0 || comment != 0 {
            return Err(ambiguous(at, "a member has a comment or lies on another disk"));
        }
        let name = String::from_utf8(name_bytes).map_err(|_| ambiguous(at, "a name is not UTF-8"))?;
        entries.push(Entry {
            name,
            method,
            flags,
            checksum,
            compressed: compressed_64.unwrap_or(compressed.into()),
            size: size_64.unwrap_or(size.into()),
            header: header_64.unwrap_or(header.into()),
            data: 0,
            mode: attributes >> 16,
        });
        at = name_at + u64::from(name_bytes_len(&entries)) + u64::from(extra);
        if at > end.records {
            return Err(ambiguous(at, "its directory is longer than it says"));
        }
    }
    if at == end.records { Ok(entries) } else { Err(ambiguous(at, "its directory has more entries than it says")) }
}

fn name_bytes_len(entries: &[Entry]) -> u32 {
    entries.last().and_then(|entry| u32::try_from(entry.name.len()).ok()).unwrap_or_default()
}

/// Reads extra fields: large sizes and offsets, and fields that change nothing. Another name for the member,
/// and a field that is cut off, make nothing of it.
fn extras(bytes: &[u8], wanted: [bool; 3]) -> Option<[Option<u64>; 3]> {
    const LARGE: u16 = 1;
    const OTHER_NAME: u16 = 0x7075;
    let mut fields = Fields::of(bytes.to_vec());
    let mut found = [None; 3];
    let mut seen = false;
    while !fields.is_at_end() {
        let header = fields.take(4)?;
        let (kind, size) = (
            u16::from_le_bytes(header.get(..2)?.try_into().ok()?),
            u16::from_le_bytes(header.get(2..)?.try_into().ok()?),
        );
        let content = fields.take(size.into())?.to_vec();
        if kind == OTHER_NAME || kind == LARGE && seen {
            return None;
        }
        if kind == LARGE {
            seen = true;
            let mut content = Fields::of(content);
            for (slot, wanted) in found.iter_mut().zip(wanted) {
                *slot = if wanted { Some(content.u64()?) } else { None };
            }
        }
    }
    (seen || wanted == [false; 3]).then_some(found)
}

/// Compares the header before a member with the directory, and checks that the member ends where the next begins.
fn local(source: &dyn ReadAt, entry: &mut Entry, next: u64) -> Result<(), Stop> {
    let at = entry.header;
    let mut fields = Fields::read(source, at, 30)?;
    if fields.u32() != LOCAL {
        return Err(ambiguous(at, "a member has no header"));
    }
    let _version = fields.u16();
    let (flags, method, _time, _date) = (fields.u16(), fields.u16(), fields.u16(), fields.u16());
    let (checksum, compressed, size) = (fields.u32(), fields.u32(), fields.u32());
    let (name, extra) = (fields.u16(), fields.u16());
    let name_bytes = source::exactly(source, at + LOCAL_BYTES, name.into())?;
    let extra_bytes = source::exactly(source, at + LOCAL_BYTES + u64::from(name), extra.into())?;
    entry.data = at + LOCAL_BYTES + u64::from(name) + u64::from(extra);
    let large = [size == u32::MAX, compressed == u32::MAX, false];
    let [size_64, compressed_64, _] =
        extras(&extra_bytes, large).ok_or_else(|| ambiguous(at, "an extra field is odd"))?;
    let sizes = (size_64.unwrap_or(size.into()), compressed_64.unwrap_or(compressed.into()), checksum);
    let expected = (entry.size, entry.compressed, entry.checksum);
    let later = flags & HAS_DESCRIPTOR != 0;
    let blank = later && sizes.2 == 0 && [0, entry.size].contains(&sizes.0) && [0, entry.compressed].contains(&sizes.1);
    if name_bytes != entry.name.as_bytes()
        || flags != entry.flags
        || method != entry.method
        || sizes != expected && !blank
    {
        return Err(ambiguous(at, "a member is described in two ways"));
    }
    let end = entry.data.checked_add(entry.compressed).filter(|end| *end <= next);
    let end = end.ok_or_else(|| ambiguous(at, "a member reaches into the next"))?;
    let behind = next - end;
    let complete = if later { descriptor(source, end, behind, entry)? } else { behind == 0 };
    if complete { Ok(()) } else { Err(ambiguous(end, "bytes stand behind a member")) }
}

/// Says whether what stands behind a member is its descriptor and nothing else.
fn descriptor(source: &dyn ReadAt, at: u64, bytes: u64, entry: &Entry) -> Result<bool, Stop> {
    let (signed, large) = match bytes {
        12 => (false, false),
        16 => (true, false),
        20 => (false, true),
        24 => (true, true),
        _ => return Ok(false),
    };
    let mut fields = Fields::read(source, at, usize::try_from(bytes).unwrap_or_default())?;
    let signature = if signed { fields.u32() } else { DESCRIPTOR };
    let checksum = fields.u32();
    let mut number = || if large { fields.u64().unwrap_or_default() } else { fields.u32().into() };
    let (compressed, size) = (number(), number());
    Ok((signature, checksum, compressed, size) == (DESCRIPTOR, entry.checksum, entry.compressed, entry.size))
}

/// Objects to names, flags and methods.
fn judge(entries: &[Entry], sheet: &mut Sheet) {
    let mut names = HashSet::new();
    for entry in entries {
        let mut object = |reason, rating, what: &str| {
            let summary = format!("`{}` {what}", entry.name);
            sheet.report(Observation::new(reason, rating, summary).at(entry.header));
        };
        let path = entry.name.strip_suffix('/').unwrap_or(&entry.name);
        if TreePath::new(path).is_err() || path.contains(':') {
            object(Reason::PathEscape, Rating::Suspicious, "is no name inside a folder");
        }
        if entry.mode & 0o170_000 == 0o120_000 {
            object(Reason::PathEscape, Rating::Suspicious, "is a link");
        }
        if !names.insert(path.to_lowercase()) {
            object(Reason::ArchiveAmbiguous, Rating::Suspicious, "is there twice");
        }
        if entry.flags & ENCRYPTED != 0 {
            object(Reason::ArchiveUnread, Rating::Unknown, "is encrypted");
        } else if entry.flags & !KNOWN_FLAGS != 0 {
            object(Reason::ArchiveAmbiguous, Rating::Suspicious, "has flags that readers take differently");
        }
        if !matches!(entry.method, STORED | DEFLATED) {
            object(Reason::ArchiveUnread, Rating::Unknown, "is packed by a method that is not read here");
        }
        if entry.method == STORED && entry.compressed != entry.size {
            object(Reason::ArchiveAmbiguous, Rating::Suspicious, "is stored with two sizes");
        }
        if entry.name.ends_with('/') && entry.size > 0 {
            object(Reason::ArchiveAmbiguous, Rating::Suspicious, "is a folder with content");
        }
    }
}
