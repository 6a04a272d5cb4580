//! Paths inside a tree.

use std::path::{Component, Path};

use assaymark::path::TreePath;
use assaymark::text;

/// What is accepted names a place inside the tree, is shown as it is, and reads as it was written.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let Ok(path) = TreePath::new(text) else { return };
    assert_eq!(path.as_str(), text);
    assert!(Path::new(text).components().all(|component| matches!(component, Component::Normal(_))));
    assert_eq!(Path::new(text).components().count(), text.split('/').count());
    assert!(!text.contains(['\n', '\0', '\\']) && !text.is_empty() && text != "-");
    assert!(!text.contains('\u{202e}') && text.len() <= assaymark::limits::PATH_BYTES);
    assert!(!text::for_terminal(text).contains('\u{1b}'));
    assert!(path.is_within(&path) && text.starts_with(path.top()));
    assert_eq!(TreePath::new(&text.to_ascii_uppercase()).map(|path| path.folded()), Ok(path.folded()));
    let json = serde_json::to_string(&path).expect("a path can be written");
    assert_eq!(serde_json::from_str::<TreePath>(&json).ok(), Some(path));
}
