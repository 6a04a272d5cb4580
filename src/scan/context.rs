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
}

impl<'a> Context<'a> {
    /// Starts a file; `unpacked` counts the bytes that its archives hold.
    pub fn new(allowance: &'a Allowance, unpacked: &'a Cell<u64>) -> Self {
        Self { allowance, depth: 0, unpacked }
    }

    /// Steps into a member of an archive.
    pub fn nested(&self) -> Result<Self, Stop> {
        if self.depth == limits::SCAN_DEPTH {
            return Err(Stop::Limit(format!("archives are nested deeper than {}", limits::SCAN_DEPTH)));
        }
        Ok(Self { allowance: self.allowance, depth: self.depth + 1, unpacked: self.unpacked })
    }

    /// Counts bytes that were unpacked.
    pub fn unpack(&self, bytes: u64) -> Result<(), Stop> {
        let sum = self.unpacked.get().saturating_add(bytes);
        self.unpacked.set(sum);
        if sum > limits::SCAN_UNPACKED_BYTES {
            let limit = crate::text::bytes(limits::SCAN_UNPACKED_BYTES);
            return Err(Stop::Limit(format!("it unpacks to more than {limit}")));
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
