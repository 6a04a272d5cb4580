//! Release bundles as files, as far as `bundle inspect` reads and shows them.

use assaymark::bundle::UnverifiedBundle;
use assaymark::inspect::Inspection;
use assaymark::render::inspection::{self, View};
use assaymark::text;

/// Every line is shown or refused, and nothing that is shown moves the cursor or turns the text round.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    let (bundle, findings) = UnverifiedBundle::split(data);
    assert!(!findings.deny() || bundle.lines().is_empty());
    let numbers: Vec<_> = bundle.lines().iter().map(|line| line.number).collect();
    assert!(numbers.is_sorted_by(|one, next| one < next));
    let inspection = Inspection::of(bundle);
    assert_eq!(inspection.lines.len(), numbers.len());
    for view in [View::Summary, View::Statements, View::Bom, View::Files] {
        let page = inspection::human(&inspection, view);
        assert!(page.lines().all(is_plain), "{page:?}");
        let json = inspection::json(&inspection, view).expect("a view can be written");
        assert!(json.starts_with("{\n  \"unverified\": true"));
    }
}

/// Says whether a line has nothing but text and our own colours.
fn is_plain(line: &str) -> bool {
    let mut pieces = line.split('\u{1b}');
    let first = pieces.next().unwrap_or_default();
    let rest = pieces.map(|piece| piece.strip_prefix('[').and_then(|piece| piece.split_once('m')));
    let rest: Option<Vec<_>> = rest.collect();
    rest.is_some_and(|rest| {
        rest.iter().all(|(colour, _)| colour.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'))
            && rest.iter().map(|(_, text)| *text).chain([first]).all(|text| text::for_terminal(text) == text)
    })
}
