//! How much of anything is read before it is refused.
//!
//! A limit is checked before memory is spent on what it limits. Going over one is the finding
//! `limit-exceeded`, or an error where the file is the user's own. `docs/format.md` repeats the table.

/// Bytes of one line of a release bundle: 64 MiB, room for the model signature of 200,000 files.
pub const LINE_BYTES: usize = 64 << 20;
/// Bytes of a release bundle: 128 MiB.
pub const BUNDLE_BYTES: usize = 128 << 20;
/// Lines of a release bundle.
pub const BUNDLE_LINES: usize = 1_000;
/// Work spent on signatures of one release bundle, in bytes digested (each check counts 64 KiB on top).
pub const SIGNATURE_WORK: usize = 1 << 30;
/// Nested arrays and objects in JSON.
pub const JSON_DEPTH: usize = 96;
/// Members of one JSON object.
pub const JSON_MEMBERS: usize = 10_000;
/// Values in one JSON text.
pub const JSON_NODES: usize = 4_000_000;
/// Bytes of a predicate that is not a model signature: 8 MiB.
pub const PREDICATE_BYTES: usize = 8 << 20;
/// Values in a predicate that is not a model signature: small objects take far more memory than text.
pub const PREDICATE_NODES: usize = 500_000;
/// Bytes of a path inside a tree.
pub const PATH_BYTES: usize = 4_096;
/// Nested folders in a tree.
pub const TREE_DEPTH: usize = 128;
/// Files in a tree.
pub const TREE_FILES: usize = 10_000_000;
/// Model files up to which BOM and provenance name each file.
pub const LISTED_FILES: usize = 1_000;
/// Bytes of a file that the user writes: `release.toml`, `trust.toml`, a key, a password.
pub const CONFIGURATION_BYTES: usize = 1 << 20;
/// Bytes that scrypt mixes for the password of a private key, memory times passes: 256 MiB.
pub const SCRYPT_BYTES: u64 = 256 << 20;
/// Iterations of PBKDF2 for the password of a private key.
pub const PBKDF2_ITERATIONS: u32 = 2_000_000;
/// Findings of one code that are kept; the rest is counted.
pub const FINDINGS_PER_CODE: usize = 1_000;
/// Bytes read at once while hashing.
pub const READ_BUFFER: usize = 256 << 10;
