//! How far hashing has come.

/// Hears of hashing while it runs, from several threads.
pub trait Progress: Sync {
    /// Says whether the number of bytes is worth the time to find it out.
    fn wants_total(&self) -> bool;

    /// A tree is going to be hashed; `bytes` is its size, if it was found out.
    fn start(&self, tree: &str, bytes: Option<u64>);

    /// So many more bytes were hashed.
    fn advance(&self, bytes: u64);
}

/// Tells nobody.
pub struct NoProgress;

impl Progress for NoProgress {
    fn wants_total(&self) -> bool {
        false
    }

    fn start(&self, _: &str, _: Option<u64>) {}

    fn advance(&self, _: u64) {}
}
