//! The attack as everybody knows it, in each protocol.

use super::make::pickle::{Pickle, call};
use super::{Entry, Technique};

const GROUP: &str = "direct";

pub fn entries() -> Vec<Entry> {
    let mut entries: Vec<_> = (0..=5)
        .map(|protocol| hostile(&format!("os-system-{protocol}.pkl"), call(protocol, "os", "system", &["true"])))
        .collect();
    entries.extend([
        hostile("posix-system.pkl", call(2, "posix", "system", &["true"])),
        hostile("nt-system.pkl", call(2, "nt", "system", &["true"])),
        hostile("subprocess-run.pkl", call(4, "subprocess", "run", &["true"])),
        hostile("framed.pkl", Pickle::new(4).attack().framed()),
    ]);
    entries
}

fn hostile(name: &str, bytes: Vec<u8>) -> Entry {
    Entry::hostile(GROUP, Technique::Direct, name, bytes)
}
