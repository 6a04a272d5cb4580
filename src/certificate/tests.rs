//! Tests of chains, on the certificates of `testdata/oms/pki`.

use std::fs;

use super::*;

fn read(name: &str) -> String {
    fs::read_to_string(format!("{}/testdata/oms/pki/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Verifies a certificate and the intermediate one under the root, with lists of revocations.
fn verify(leaf: &str, lists: &[&str], time: &str) -> Result<Leaf, ChainError> {
    let mut authorities = Authorities::from_pem(&read("root.crt")).unwrap();
    for list in lists {
        authorities.add_revocations(read(list).as_bytes()).unwrap();
    }
    let chain = chain_from_pem(&(read(leaf) + &read("int.crt"))).unwrap();
    authorities.verify(&chain, at(time))
}

const NOW: &str = "2026-12-01T00:00:00Z";

#[test]
fn a_chain_leads_to_its_authority() {
    let leaf = verify("leaf-ok.crt", &[], NOW).unwrap();
    assert_eq!(leaf.names(), ["https://ci.example.com/release", "release@example.com"]);
    assert_eq!(leaf.subject(), "CN=leaf-ok");
    for other in ["leaf-p384.crt", "leaf-ed25519.crt", "leaf-ekuonly.crt"] {
        verify(other, &[], NOW).unwrap();
    }
}

#[test]
fn a_certificate_is_for_signatures_on_code() {
    for leaf in ["leaf-noku.crt", "leaf-serverauth.crt", "int.crt", "root.crt"] {
        let error = verify(leaf, &[], NOW).unwrap_err();
        assert!(matches!(error, ChainError::Usage(_)), "{leaf}: {error:?}");
    }
}

#[test]
fn every_certificate_is_valid_at_the_time_of_the_check() {
    for time in ["2026-11-22T12:27:45Z", "1970-01-01T00:00:00Z", "1969-01-01T00:00:00Z"] {
        assert!(matches!(verify("leaf-ok.crt", &[], time), Err(ChainError::NotYetValid(_))), "{time}");
    }
    verify("leaf-ok.crt", &[], "2026-11-22T12:27:46Z").unwrap();
    verify("leaf-ok.crt", &[], "2027-11-22T12:27:46Z").unwrap();
    for time in ["2027-11-22T12:27:47Z", "2040-01-01T00:00:00Z", "9999-12-31T23:59:59Z"] {
        assert!(matches!(verify("leaf-ok.crt", &[], time), Err(ChainError::Expired(_))), "{time}");
    }
    assert!(matches!(verify("leaf-expired.crt", &[], NOW), Err(ChainError::Expired(_))));
}

#[test]
fn the_authority_is_valid_as_well() {
    let root = chain_from_pem(&read("root.crt")).unwrap().remove(0);
    leaf::check_validity(&root, "the authority", at(NOW)).unwrap();
    let error = leaf::check_validity(&root, "the authority", at("2037-01-01T00:00:00Z")).unwrap_err();
    assert_eq!(error.to_string(), "the authority, valid until 2036-11-19T12:27:46Z, had expired");
}

#[test]
fn a_chain_with_a_gap_or_to_somebody_else_is_refused() {
    let root = Authorities::from_pem(&read("root.crt")).unwrap();
    let alone = chain_from_pem(&read("leaf-ok.crt")).unwrap();
    assert!(matches!(root.verify(&alone, at(NOW)), Err(ChainError::Untrusted(_))));
    assert!(matches!(root.verify(&[], at(NOW)), Err(ChainError::Malformed(_))));
    assert!(matches!(root.verify(&[vec![0x30, 0]], at(NOW)), Err(ChainError::Malformed(_))));
    let both = Authorities::from_pem(&(read("root.crt") + &read("int.crt"))).unwrap();
    both.verify(&alone, at(NOW)).unwrap();
    let mut changed = alone.clone();
    let middle = changed[0].len() - 5;
    changed[0][middle] ^= 1;
    assert!(matches!(both.verify(&changed, at(NOW)), Err(ChainError::Untrusted(_))));
}

#[test]
fn an_intermediate_certificate_alone_is_no_authority() {
    assert_eq!(Authorities::from_pem(&read("int.crt")).unwrap_err(), CertificateError::Authority);
    for text in ["", "x", &read("int.crl"), "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"] {
        assert!(Authorities::from_pem(text).is_err(), "{text}");
    }
}

#[test]
fn revoked_certificates_are_refused_and_so_is_what_no_list_covers() {
    verify("leaf-ok.crt", &["root.crl", "int.crl"], NOW).unwrap();
    verify("leaf-ok.crt", &["revoked.pem"], NOW).unwrap();
    assert_eq!(verify("leaf-p384.crt", &["revoked.pem"], NOW).unwrap_err(), ChainError::Revoked);
    for lists in [["root.crl", "root.crl"], ["int.crl", "int.crl"], ["root-stale.crl", "int.crl"]] {
        let error = verify("leaf-ok.crt", &lists, NOW).unwrap_err();
        assert!(matches!(error, ChainError::RevocationUnknown(_)), "{lists:?}: {error:?}");
    }
    // Whichever comes first, and an old list is no fault where there is a new one.
    for lists in [["revoked.pem", "int.crl"], ["int.crl", "revoked.pem"]] {
        let lists = [lists[0], lists[1], "root.crl"];
        assert_eq!(verify("leaf-p384.crt", &lists, NOW).unwrap_err(), ChainError::Revoked, "{lists:?}");
        verify("leaf-ok.crt", &lists, NOW).unwrap();
    }
    for lists in [["root-stale.crl", "root.crl", "int.crl"], ["root.crl", "root-stale.crl", "int.crl"]] {
        verify("leaf-ok.crt", &lists, NOW).unwrap();
    }
    let mut authorities = Authorities::from_pem(&read("root.crt")).unwrap();
    assert!(authorities.add_revocations(b"x").is_err());
    assert!(authorities.add_revocations(b"").is_err());
    let der = fs::read(format!("{}/testdata/oms/pki/int.crl.der", env!("CARGO_MANIFEST_DIR"))).unwrap();
    authorities.add_revocations(&der).unwrap();
}

/// Reads a chain of `testdata/authority`.
fn issued(name: &str) -> Vec<Vec<u8>> {
    let path = format!("{}/testdata/authority/chains/{name}.pem", env!("CARGO_MANIFEST_DIR"));
    chain_from_pem(&fs::read_to_string(path).unwrap()).unwrap()
}

fn authority(name: &str) -> Result<(Authorities, crate::digest::Digest), CertificateError> {
    let path = format!("{}/testdata/authority/{name}", env!("CARGO_MANIFEST_DIR"));
    Authorities::of_authority(&fs::read(path).unwrap())
}

#[test]
fn a_certificate_has_one_name_or_none() {
    let name = |chain: &str| claimed_name(&issued(chain)[0]);
    assert_eq!(name("good").as_deref(), Some("release@example.com"));
    assert_eq!(name("subject-beside").as_deref(), Some("release@example.com"));
    assert_eq!(name("uri").as_deref(), Some("https://ci.example.com/models"));
    assert_eq!(name("domain").as_deref(), Some("ci.models.example.com"));
    assert_eq!(name("subject").as_deref(), Some("CN=Release\\, signing,O=Example ML"));
    assert_eq!(name("common-name").as_deref(), Some("CN=release@example.com"));
    for nobody in ["two-names", "no-name", "wildcard"] {
        assert_eq!(name(nobody), None, "{nobody}");
    }
    assert_eq!(claimed_name(&[0x30, 0]), None);
}

#[test]
fn an_authority_is_one_certificate_that_may_issue_others() {
    let (_, key) = authority("root.pem").unwrap();
    assert_eq!(authority("root.der").unwrap().1, key, "one key, however it is written");
    assert_ne!(authority("issuer.pem").unwrap().1, key);
    let unfit = authority("no-authority.pem").unwrap_err();
    assert!(matches!(&unfit, CertificateError::Unfit(ChainError::Limited(_))), "{unfit:?}");
    assert!(unfit.to_string().contains("may not issue others"), "{unfit}");
    assert_eq!(authority("chains/good.pem").unwrap_err(), CertificateError::Count(2));
    assert!(matches!(authority("root.crl"), Err(CertificateError::Label { expected: "CERTIFICATE", .. })));
    assert!(matches!(authority("make.py"), Err(CertificateError::Encoding { .. })));
}

#[test]
fn a_chain_holds_at_every_time_and_its_lists_hold_today() {
    let root = authority("root.pem").unwrap().0;
    let early = at("2025-02-01T00:00:00Z");
    let now = at(NOW);
    let code = |authorities: &Authorities, chain: &str, times: &[_]| {
        authorities.issued(&issued(chain), times, now).map(|_| ()).map_err(|error| error.code().as_str())
    };
    assert_eq!(code(&root, "good", &[early, now]), Ok(()));
    assert_eq!(code(&root, "expired", &[early]), Ok(()));
    assert_eq!(code(&root, "expired", &[early, now]), Err("certificate-expired"));
    assert_eq!(code(&root, "not-yet-valid", &[now]), Err("certificate-not-yet-valid"));
    assert_eq!(code(&root, "other-authority", &[now]), Err("untrusted-signer"));
    assert_eq!(code(&authority("issuer.pem").unwrap().0, "good", &[now]), Ok(()), "no root above is asked");
    assert_eq!(code(&authority("short-root.pem").unwrap().0, "long-root", &[now]), Err("untrusted-signer"));
    let mut listed = root.clone();
    for list in ["root.crl", "issuer-ended.crl"] {
        let path = format!("{}/testdata/authority/{list}", env!("CARGO_MANIFEST_DIR"));
        listed.add_revocations(&fs::read(path).unwrap()).unwrap();
    }
    // The list had not expired when the line was signed, and has since.
    assert_eq!(code(&listed, "good", &[early]), Err("certificate-revoked"));
}

#[test]
fn a_list_stands_for_an_older_one_of_its_own_kind_alone() {
    let root = authority("root.pem").unwrap().0;
    let now = at(NOW);
    let unknown = |lists: &[&str]| {
        let mut listed = root.clone();
        for list in lists {
            let path = format!("{}/testdata/authority/{list}.crl", env!("CARGO_MANIFEST_DIR"));
            listed.add_revocations(&fs::read(path).unwrap()).unwrap();
        }
        matches!(listed.issued(&issued("good"), &[now], now), Err(ChainError::RevocationUnknown(_)))
    };
    assert!(!unknown(&["root", "issuer", "issuer-ended"]), "there is a newer one");
    assert!(!unknown(&["root", "issuer", "authorities"]));
    assert!(unknown(&["root", "issuer", "authorities", "signers-ended"]), "the newer one is of other certificates");
}

#[test]
fn nothing_is_trusted_at_no_time() {
    let root = authority("root.pem").unwrap().0;
    let chain = issued("good");
    assert!(matches!(root.issued(&chain, &[], at(NOW)), Err(ChainError::Untrusted(_))));
    let rest: Vec<&[u8]> = chain[1..].iter().map(Vec::as_slice).collect();
    let anchors = Authorities::of_chains([rest]);
    assert!(anchors.vouch_for(&chain[0], &[at(NOW)]).is_ok());
    assert!(matches!(anchors.vouch_for(&chain[0], &[]), Err(ChainError::Untrusted(_))));
}
