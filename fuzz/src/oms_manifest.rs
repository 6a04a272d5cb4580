//! Model signatures of others: the payload of OpenSSF Model Signing, in every form that its reference wrote.

use assaymark::oms::Manifest;

/// What is read lists something, with digests of the length of their algorithm, at paths that lie in the model and that
/// the signer did not leave out.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    let Ok(manifest) = Manifest::parse(data) else { return };
    assert!(!manifest.items.is_empty());
    for (item, digest) in &manifest.items {
        assert_eq!(digest.len(), manifest.hash.length());
        assert_eq!(item.range.is_some(), manifest.shard.is_some());
        if let (Some((start, end)), Some(size)) = (item.range, manifest.shard) {
            assert!(start < end && end - start <= size && start % size == 0, "{start} {end} {size}");
        }
        match &item.path {
            Some(path) => {
                assert!(assaymark::path::TreePath::new(path.as_str()).is_ok() && !manifest.is_single());
                assert!(!manifest.ignored.iter().any(|ignored| path.is_within(ignored)));
            }
            None => assert!(manifest.is_single()),
        }
    }
    // White space around the value says nothing.
    assert_eq!(Manifest::parse(&[b" ", data, b"\n"].concat()), Ok(manifest));
}
