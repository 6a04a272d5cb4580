//! Files that are read whole, bounded, and files that are written whole or not at all.
//!
//! Trees of any size are for `inventory`.

pub use read::{ReadError, open, read, read_text};
pub use source::FileSource;
pub use write::{Access, Existing, Staged, WriteError, write_stream};
pub(crate) use write::{folder, sync_folder};

mod read;
mod source;
mod write;
