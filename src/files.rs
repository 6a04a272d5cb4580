//! Files that are read whole, bounded, and files that are written whole or not at all.
//!
//! Trees of any size are for `inventory`.

pub use lock::{FolderLock, LockError};
pub use read::{ReadError, open, read, read_own, read_text};
pub use source::FileSource;
pub use together::commit_all;
pub(crate) use watch::note_in_tree;
pub use watch::{read_from, record, watch};
pub use write::{Access, Existing, Staged, WriteError, write_stream};
pub(crate) use write::{folder, sync_folder};

mod lock;
mod read;
mod source;
mod together;
mod watch;
mod write;
