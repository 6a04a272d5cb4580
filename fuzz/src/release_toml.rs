//! `release.toml`.

use std::path::Path;

use assaymark::release::{Draft, LicenseExpression};

/// What is complete has distinct names and valid licences, and reads as the same twice.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let read = || Draft::parse("release.toml", text, Path::new("folder"));
    let draft = match read() {
        Ok(draft) => draft,
        Err(error) => return super::explain(&error),
    };
    let spec = match draft.finish() {
        Ok(spec) => spec,
        Err(error) => return super::explain(&error),
    };
    assert!(spec.datasets.is_sorted_by(|one, next| one.name < next.name));
    assert!(spec.model.base.is_sorted_by(|one, next| one.name < next.name));
    let licenses = spec.datasets.iter().map(|dataset| &dataset.license).chain([&spec.license]).flatten();
    for license in licenses {
        assert_eq!(license.to_string().parse::<LicenseExpression>().as_ref(), Ok(license));
        let _ = license.to_cyclonedx();
    }
    assert_eq!(read().ok().and_then(|draft| draft.finish().ok()), Some(spec));
}
