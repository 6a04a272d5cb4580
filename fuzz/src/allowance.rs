//! What the user allows beside the built-in list.

use assaymark::scan::Allowance;

/// Each name is whole and has a reason; what is refused says where.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    match Allowance::parse("allow.toml", text) {
        Ok(allowance) => {
            for (name, reason) in allowance.iter() {
                assert!(name.split('.').count() > 1 && name.split('.').all(|part| !part.is_empty()), "{name}");
                assert!(!name.contains('*') && !reason.trim().is_empty(), "{name}");
            }
        }
        Err(error) => super::explain(&error),
    }
}
