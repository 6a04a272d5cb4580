//! File lists.

use assaymark::digest::Digest;
use assaymark::file_list::{self, Reader};

/// What is read to its end is exactly what is written for its entries, and has the digest of its bytes.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    let mut reader = Reader::new(data);
    let mut entries = Vec::new();
    loop {
        match reader.next_entry() {
            Ok(Some(entry)) => entries.push(entry),
            Ok(None) => break,
            Err(_) => return,
        }
    }
    let mut written = Vec::new();
    file_list::write(&entries, &mut written).expect("memory can be written to");
    assert_eq!(written, data);
    assert_eq!(file_list::digest(&entries), Digest::of(data));
    assert_eq!(reader.finish(), Digest::of(data));
}
