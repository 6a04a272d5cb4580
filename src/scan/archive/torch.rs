//! PyTorch's files since 1.6: a zip with `data.pkl` beside the storages that it names.

use std::collections::{BTreeSet, HashMap};

use super::{Entry, Members};
use crate::path::TreePath;
use crate::scan::pickle::{Input, Machine, Persistence, Storage};
use crate::scan::polyglot::has;
use crate::scan::{self, Context, Observation, Rating, Reason, Sheet, Stop, npy};
use crate::source::ReadAt;

/// Returns the folder of a PyTorch file, with its `/`: the only one, with a `data.pkl`.
pub(super) fn root(entries: &[Entry]) -> Option<&str> {
    let first = &entries.first()?.name;
    let root = first.get(..=first.find('/')?)?;
    let mut pickles = entries.iter().filter(|entry| entry.name.strip_prefix(root) == Some("data.pkl"));
    let one = pickles.next().is_some() && pickles.next().is_none();
    (one && entries.iter().all(|entry| entry.name.starts_with(root))).then_some(root)
}

/// Scans the members: pickles with the storages that they name, code, and everything else as the file that it is.
pub(super) fn scan(members: &mut Members<'_>, context: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
    let entries = members.entries();
    let Some(root) = root(entries) else { return Ok(()) };
    let inside = |entry: &Entry| entry.name.get(root.len()..).unwrap_or_default().to_owned();
    let mut raw = BTreeSet::new();
    let named: HashMap<&str, &Entry> = entries.iter().map(|entry| (entry.name.as_str(), entry)).collect();
    for (index, entry) in entries.iter().enumerate() {
        let folder = match inside(entry).as_str() {
            "data.pkl" => "data/",
            "constants.pkl" => "constants/",
            _ => continue,
        };
        let storages = pickle(members, index, context, sheet)?;
        raw.extend(storages.into_iter().map(|storage| (format!("{root}{folder}{}", storage.key), storage)).filter_map(
            |(name, storage)| match claim(named.get(name.as_str()).copied(), &storage) {
                Ok(()) => Some(name),
                Err(what) => {
                    let summary = format!("the storage `{name}` {what}");
                    sheet.report(Observation::new(Reason::Malformed, Rating::Unknown, summary));
                    None
                }
            },
        ));
    }
    let outer = TreePath::new("archive").map_err(|_| Stop::Limit("a name".to_owned()))?;
    for (index, entry) in entries.iter().enumerate() {
        let name = inside(entry);
        if matches!(name.as_str(), "data.pkl" | "constants.pkl") {
            continue;
        }
        if raw.contains(&entry.name) {
            members.check(index, sheet);
            array(members, index, &outer, context, sheet)?;
        } else if name.starts_with("code/") && !name.ends_with('/') {
            let summary = "TorchScript code, which runs when the model does";
            let mut inner = Sheet::default();
            inner.report(Observation::new(Reason::EmbeddedCode, Rating::Suspicious, summary));
            sheet.merge(&entry.name, inner);
        } else if name.strip_prefix("data/").is_some_and(|key| key.bytes().all(|c| c.is_ascii_digit())) {
            // A storage that nothing names is read by nobody, unless it is something else.
            let mut inner = members.look(index, &outer, context)?;
            if members.stored(entry).is_some() {
                inner.forget_unknown();
            }
            sheet.merge(&entry.name, inner);
        } else {
            members.scan(index, &outer, context, sheet)?;
        }
    }
    Ok(())
}

/// Scans a storage that NumPy would read: it takes any zip for arrays, whatever its name, and knows them by their first bytes.
fn array(
    members: &mut Members<'_>,
    index: usize,
    outer: &TreePath,
    context: &Context<'_>,
    sheet: &mut Sheet,
) -> Result<(), Stop> {
    let Some(entry) = members.entries().get(index) else { return Ok(()) };
    let Some(window) = members.stored(entry).filter(|window| has(window, 0, npy::MAGIC)) else { return Ok(()) };
    let mut inner = scan::sheet_of(&window, outer, &context.nested()?);
    let summary = "a storage is an array of NumPy too: another reader sees another file";
    inner.report(Observation::new(Reason::Polyglot, Rating::Suspicious, summary));
    sheet.merge(&entry.name, inner);
    Ok(())
}

/// Checks that the data of a storage is there, as it is and in the size that the pickle says.
fn claim(entry: Option<&Entry>, storage: &Storage) -> Result<(), &'static str> {
    let entry = entry.ok_or("is not in the file")?;
    if entry.method != super::layout::STORED {
        return Err("is packed");
    }
    let size = storage.element.checked_mul(storage.count);
    if size == Some(entry.size) { Ok(()) } else { Err("has another size than the pickle says") }
}

/// Runs the pickle, of which PyTorch reads one stream.
fn pickle(
    members: &mut Members<'_>,
    index: usize,
    context: &Context<'_>,
    sheet: &mut Sheet,
) -> Result<Vec<Storage>, Stop> {
    let Some(entry) = members.entries().get(index) else { return Ok(Vec::new()) };
    let spool;
    let unpacked;
    let window;
    let source: &dyn ReadAt = if let Some(stored) = members.stored(entry) {
        members.check(index, sheet);
        window = stored;
        &window
    } else {
        spool = members.unpack(index, context)?;
        unpacked = spool.source()?;
        unpacked.as_ref()
    };
    let mut inner = Sheet::default();
    let mut input = Input::new(source);
    let mut machine = Machine::new(&mut input, &mut inner, context.allowance, Persistence::Torch);
    let ran = machine.run();
    let storages = machine.storages().cloned().collect();
    if ran.is_ok() && !input.is_at_end()? {
        let what = Stop::Malformed(input.offset(), "bytes stand behind the pickle".to_owned());
        inner.stop(what);
    }
    if let Err(stop) = ran {
        inner.stop(stop);
    }
    sheet.merge(&entry.name, inner);
    Ok(storages)
}
