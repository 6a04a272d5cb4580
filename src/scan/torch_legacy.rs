//! PyTorch's files before 1.6: a magic number, the protocol, the system, the object and the keys of its storages,
//! each a pickle; then the storages, each with its length.

use std::collections::BTreeSet;

use crate::limits;
use crate::path::TreePath;
use crate::scan::pickle::{Input, Machine, Persistence};
use crate::scan::{Allowance, Check, Context, Format, Head, Sheet, Stop};
use crate::source::ReadAt;
use crate::weights::FormatError;

/// The pickle of the magic number, byte for byte: one that computes it is none.
const MAGIC: [&[u8]; 2] =
    [b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.", b"\x80\x03\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."];
/// How long it is.
const MAGIC_BYTES: u64 = 15;
/// The pickle of the version of the format, after its header.
const VERSION: &[u8] = b"M\xe9\x03.";

/// The old format.
pub(super) struct TorchLegacy;

impl Check for TorchLegacy {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        MAGIC.iter().any(|magic| head.bytes.starts_with(magic)).then_some(Format::PytorchLegacy)
    }

    fn scan(&self, source: &dyn ReadAt, _: &TreePath, context: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        let mut input = Input::new(source);
        through(&mut input, context.allowance, sheet)?;
        if input.is_at_end()? {
            return Ok(());
        }
        Err(Stop::Malformed(input.offset(), "bytes stand behind the storages".to_owned()))
    }
}

/// Says where a file ends before its storages do, or is otherwise not what such a file is. What the objects in it do, and what
/// may stand behind them, is not judged here.
pub fn torch_legacy_fault(source: &dyn ReadAt) -> Option<FormatError> {
    match through(&mut Input::new(source), &Allowance::default(), &mut Sheet::default()) {
        Err(Stop::Malformed(at, reason)) => Some(FormatError::malformed(at, reason)),
        Err(Stop::Io(error)) => Some(error.into()),
        // What is too laborious to follow is not known to be at fault.
        Err(Stop::Limit(_)) | Ok(()) => None,
    }
}

/// Goes through the pickles and the storages.
fn through(input: &mut Input<'_>, allowance: &Allowance, sheet: &mut Sheet) -> Result<(), Stop> {
    input.skip(MAGIC_BYTES)?;
    let version = input.bytes::<6>()?;
    if version.get(2..) != Some(VERSION) {
        return Err(Stop::Malformed(MAGIC_BYTES, "there is no such version of the format".to_owned()));
    }
    let mut machine = Machine::new(input, sheet, allowance, Persistence::Torch);
    machine.run()?;
    machine.run()?;
    let keys = machine.run_keys()?;
    storages(&mut machine, &keys)
}

/// Passes over the storages: of each, its length and its elements.
fn storages(machine: &mut Machine<'_, '_>, keys: &[String]) -> Result<(), Stop> {
    if keys.len() >= limits::SCAN_MEMBERS {
        return Err(Stop::Limit(format!("more than {} storages", limits::SCAN_MEMBERS)));
    }
    let mut seen = BTreeSet::new();
    for key in keys {
        let at = machine.input.offset();
        let storage = machine.storage(key).filter(|_| seen.insert(key));
        let element = storage.map(|storage| storage.element);
        let element = element.ok_or_else(|| Stop::Malformed(at, format!("the object names no storage `{key}`")))?;
        let count = u64::from_le_bytes(machine.input.bytes()?);
        let bytes = count.checked_mul(element);
        machine.input.skip(bytes.ok_or_else(|| Stop::Malformed(at, "a storage has no such length".to_owned()))?)?;
    }
    if machine.storages().count() != keys.len() {
        return Err(Stop::Malformed(machine.input.offset(), "the object names storages that are not there".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::test_support::scan;
    use crate::scan::{Rating, Reason};

    const SYSTEM: &[u8] = b"\x80\x02}q\x00X\x08\x00\x00\x00protocolK\x01s.";
    const OBJECT: &[u8] = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x02NtQK\x00K\x02\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR.";
    const KEYS: &[u8] = b"\x80\x02]q\x00X\x01\x00\x00\x000a.";

    fn file(object: &[u8], behind: &[u8]) -> Vec<u8> {
        let data = [2_u64.to_le_bytes().as_slice(), &[7; 8]].concat();
        [MAGIC[0], b"\x80\x02M\xe9\x03.", SYSTEM, object, KEYS, &data, behind].concat()
    }

    #[test]
    fn tensors_are_clean() {
        let scan = scan("model.pt", &file(OBJECT, b""));
        assert_eq!((scan.format, scan.rating), (Format::PytorchLegacy, Rating::Clean), "{:?}", scan.observations);
    }

    #[test]
    fn each_stream_is_scanned_and_each_byte_accounted_for() {
        let call = b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.";
        assert_eq!(scan("model.pt", &file(call, b"")).rating, Rating::Malicious);
        assert_eq!(scan("model.pt", &file(OBJECT, b"x")).rating, Rating::Unknown);
        assert_eq!(scan("model.pt", &file(b"\x80\x02N.", b"")).rating, Rating::Unknown);
        let computed = [b"\x80\x02cbuiltins\nint\nX\x01\x00\x00\x001\x85R.".as_slice(), SYSTEM].concat();
        assert_eq!(scan("model.pt", &computed).format, Format::Pickle);
    }

    #[test]
    fn a_file_without_the_end_of_its_storages_is_at_fault() {
        let whole = file(OBJECT, b"");
        assert!(torch_legacy_fault(&whole).is_none());
        assert!(torch_legacy_fault(&file(OBJECT, b"x")).is_none(), "another object may follow");
        for end in 0..whole.len() {
            assert!(torch_legacy_fault(&&whole[..end]).is_some(), "{end}");
        }
    }

    #[test]
    fn persistent_ids_are_for_pytorch_alone() {
        let reasons: Vec<Reason> = scan("model.pkl", OBJECT).observations.iter().map(|seen| seen.reason).collect();
        assert_eq!(reasons, [Reason::PersistentId]);
    }
}
