//! Looking for code in the files of a model, without ever running, importing or unpickling anything.
//!
//! What a file is, its content says; what it may hold, an allow-list says. A file that can't be read to
//! its end is `unknown`, never clean. `docs/scan.md` says what each word means.

pub use allowance::Allowance;
pub use check::{CHECKS, Check, Head};
pub use context::Context;
pub use format::Format;
pub use observation::{Observation, Position};
pub use rating::Rating;
pub use reason::Reason;
pub use sheet::{AllowedUse, FileScan, Sheet, Stop};
pub use torch_legacy::torch_legacy_fault;
pub use tree::{Conclusion, Scanner, TreeScan, tree};

mod active;
mod allowance;
mod archive;
mod check;
mod checkpoint;
mod claim;
mod code;
mod context;
mod credentials;
mod environment;
mod format;
mod graph_text;
mod hdf5;
mod image;
mod jinja;
mod json;
mod json_walk;
mod keras;
mod list;
mod markup;
mod notebook;
mod npy;
mod observation;
mod onnx;
mod packed;
pub mod pickle;
mod polyglot;
mod rating;
mod raw;
mod reason;
mod sheet;
mod spool;
mod table;
mod template;
mod tensorflow;
mod tensors;
mod text;
mod torch_legacy;
mod tree;
mod ubjson;
mod unread;
mod vocabulary;
mod yaml;

#[cfg(test)]
mod test_support;

use crate::path::TreePath;
use crate::source::ReadAt;

/// Scans one file, whatever it is.
pub fn file(source: &dyn ReadAt, name: &TreePath, context: &Context<'_>) -> FileScan {
    sheet_of(source, name, &context.of_file(source.len())).finish(name, source.len())
}

/// Scans a file, or a part of one such as a member of an archive, and returns what was seen.
fn sheet_of(source: &dyn ReadAt, name: &TreePath, context: &Context<'_>) -> Sheet {
    let mut buffer = vec![0; check::HEAD_BYTES];
    let mut sheet = Sheet::default();
    let head = match crate::source::fill(source, 0, &mut buffer) {
        Ok(bytes) => Head { bytes, source, name },
        Err(error) => {
            sheet.stop(error.into());
            return sheet;
        }
    };
    let Some((check, format)) = CHECKS.iter().find_map(|check| Some((check, check.detect(&head)?))) else {
        let summary = "the content is of no format that is known here";
        sheet.report(Observation::new(Reason::UnknownFormat, Rating::Unknown, summary));
        sheet.opens_itself = !raw::is_possible(&head);
        if let Err(stop) = polyglot::look(source, &head, Format::Unknown, &mut sheet) {
            sheet.stop(stop);
        }
        return sheet;
    };
    sheet.format = format;
    let scanned = check.scan(source, name, context, &mut sheet);
    // A check may have found out more than the first bytes told.
    let format = sheet.format;
    claim::compare_name(&head, format, &mut sheet);
    for stop in [scanned, polyglot::look(source, &head, format, &mut sheet)].into_iter().filter_map(Result::err) {
        sheet.stop(stop);
    }
    sheet
}
