//! What a check may use: what the user allowed, and how much work is left.

use std::cell::Cell;

use crate::limits;
use crate::scan::{Allowance, Stop};

/// What a check may use. One is made for each file; members of archives share its work.
pub struct Context<'a> {
    /// What the user allows.
    pub allowance: &'a Allowance,
    depth: usize,
    unpacked: &'a Cell<u64>,
    most: u64,
}

impl<'a> Context<'a> {
    /// Starts a file; `unpacked` counts the bytes that its archives hold.
    pub fn new(allowance: &'a Allowance, unpacked: &'a Cell<u64>) -> Self {
        Self { allowance, depth: 0, unpacked, most: limits::SCAN_UNPACKED_BYTES }
    }

    /// Bounds what may be unpacked by the size of the file.
    pub(super) fn of_file(&self, bytes: u64) -> Self {
        let most = bytes.saturating_mul(limits::SCAN_BOMB_RATIO).max(limits::SCAN_BOMB_BYTES).min(self.most);
        Self { most, ..*self }
    }

    /// Steps into a member of an archive.
    pub fn nested(&self) -> Result<Self, Stop> {
        if self.depth == limits::SCAN_DEPTH {
            return Err(Stop::Limit(format!("archives are nested deeper than {}", limits::SCAN_DEPTH)));
        }
        Ok(Self { depth: self.depth + 1, ..*self })
    }

    /// Returns how many bytes may still be unpacked.
    pub(super) fn left(&self) -> u64 {
        self.most.saturating_sub(self.unpacked.get())
    }

    /// Counts bytes that were unpacked.
    pub fn unpack(&self, bytes: u64) -> Result<(), Stop> {
        let sum = self.unpacked.get().saturating_add(bytes);
        self.unpacked.set(sum);
        if sum > self.most {
            return Err(Stop::Limit(format!("it unpacks to more than {}", crate::text::bytes(self.most))));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_and_unpacked_bytes_are_bounded() {
        let (allowance, unpacked) = (Allowance::default(), Cell::new(0));
        let outermost = Context::new(&allowance, &unpacked);
        let mut context = outermost.nested().unwrap();
        for _ in 1..limits::SCAN_DEPTH {
            context = context.nested().unwrap();
        }
        assert!(matches!(context.nested(), Err(Stop::Limit(_))));
        assert!(context.unpack(limits::SCAN_UNPACKED_BYTES).is_ok());
        assert!(matches!(outermost.unpack(1), Err(Stop::Limit(_))));
    }
}
