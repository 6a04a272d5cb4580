//! Chains of certificates by OpenSSL: what is refused when it signs, what verifies, and what is said of each.

use std::fs;
use std::process::Command;

use crate::reasons;
use crate::support::{Ran, Workplace};

const CONFIGURATION: &str = "\
[req]
distinguished_name = dn
[dn]
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[none-below]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
[unknown]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
1.2.3.4 = critical,ASN1:NULL
[names]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
nameConstraints = critical,permitted;DNS:example.org
[signer]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
subjectAltName = DNS:ci.example.com
[ca]
default_ca = lists
[lists]
database = index.txt
default_md = sha256
crlnumber = number
";

/// Gives a flag for each of some files.
fn flags<F: std::fmt::Display>(flag: &str, files: impl IntoIterator<Item = F>) -> String {
    files.into_iter().map(|file| format!(" --{flag} {file}")).collect::<Vec<_>>().concat()
}

/// A folder with a copy of `testdata/oms`, in which certificates are made.
struct Place(Workplace);

impl Place {
    fn new() -> Self {
        let place = Self(Workplace::of_oms());
        place.0.write("openssl.cnf", CONFIGURATION);
        place.0.write("index.txt", "");
        place.0.write("number", "01\n");
        place
    }

    fn openssl(&self, arguments: &str) {
        let made = Command::new("openssl").args(arguments.split(' ')).current_dir(self.0.folder()).output().unwrap();
        assert!(made.status.success(), "{arguments}: {}", String::from_utf8_lossy(&made.stderr));
    }

    /// Makes a key and its certificate: of a kind, under a subject, by an issuer, or by itself.
    fn certificate(&self, name: &str, kind: &str, subject: &str, issuer: Option<&str>) {
        let by = issuer.map(|issuer| format!(" -CA {issuer}.crt -CAkey {issuer}.key")).unwrap_or_default();
        self.openssl(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {name}.key -out {name}.crt -days 30 \
             -subj /CN={subject} -config openssl.cnf -extensions {kind}{by}"
        ));
    }

    /// Makes `leaf` below so many certificates below `root`, and returns their files, the one above the leaf first.
    fn chain(&self, between: usize) -> Vec<String> {
        self.certificate("root", "authority", "root", None);
        let mut issuer = "root".to_owned();
        let mut files = vec!["root.crt".to_owned()];
        for number in 1..=between {
            let name = format!("between-{number}");
            self.certificate(&name, "authority", &name, Some(&issuer));
            files.insert(0, format!("{name}.crt"));
            issuer = name;
        }
        self.certificate("leaf", "signer", "leaf", Some(&issuer));
        files
    }

    fn sign<'c>(&self, chain: impl IntoIterator<Item = &'c String>) -> Ran {
        let chain = flags("certificate-chain", chain);
        let _ = fs::remove_file(self.0.path("model.sig"));
        self.0
            .run(&format!("model sign certificate model --private-key leaf.key --signing-certificate leaf.crt{chain}"))
    }

    fn verify(&self, more: &str) -> Ran {
        self.0.run(&format!("model verify certificate model --signature model.sig{more}"))
    }

    /// Signs without a chain, and verifies with one; returns the summary of the one finding and its code.
    #[track_caller]
    fn refused(&self, more: &str) -> (String, Vec<String>) {
        self.sign(&[]).exits(0);
        let report = self.verify(&format!("{more} --format json")).exits(1).json();
        (report["findings"][0]["summary"].as_str().unwrap().to_owned(), reasons::of_model(&report))
    }
}

#[test]
fn six_certificates_may_stand_between() {
    let place = Place::new();
    let files = place.chain(6);
    for chain in [&files[..], &files[..6]] {
        place.sign(chain).exits(0);
        place.verify(" --certificate-chain root.crt").exits(0);
    }
    let files = place.chain(7);
    for (chain, says) in [(&files[..], "verifiers read 8"), (&files[..7], "more than 6 certificates between")] {
        let ran = place.sign(chain).exits(2);
        assert!(ran.stderr.contains(says) && !place.0.path("model.sig").exists(), "{}", ran.stderr);
    }
    let given = flags("certificate-chain", &files);
    let (summary, codes) = place.refused(&given);
    assert!(summary.ends_with("there are more than 6 certificates between signer and authority"), "{summary}");
    assert_eq!(codes, ["untrusted-signer"]);
}

#[test]
fn a_chain_that_no_verifier_takes_signs_nothing() {
    let place = Place::new();
    let files = place.chain(2);
    let order = |files: &[&String]| place.sign(files.iter().copied()).exits(2).stderr;
    let [below, above, root] = &files[..] else { panic!() };
    for wrong in [&[above, below, root][..], &[above, root], &[below, root], &[below, below, above]] {
        let said = order(wrong);
        assert!(said.contains("is not issued by certificate") && said.contains("in order"), "{wrong:?}: {said}");
    }
    // The same names by other keys.
    place.certificate("other-root", "authority", "root", None);
    place.certificate("other", "authority", "between-1", Some("other-root"));
    let said = order(&[below, &"other.crt".to_owned()]);
    assert!(said.contains("invalid signature") && !said.contains("no authority"), "{said}");
    place.certificate("none-below", "none-below", "n", Some("root"));
    place.certificate("below", "authority", "b", Some("none-below"));
    place.certificate("leaf", "signer", "leaf", Some("below"));
    let said = order(&[&"below.crt".to_owned(), &"none-below.crt".to_owned()]);
    assert!(said.contains("pathLenConstraint"), "{said}");
    place.certificate("no-authority", "signer", "n", Some("root"));
    place.certificate("leaf", "signer", "leaf", Some("no-authority"));
    let said = order(&[&"no-authority.crt".to_owned(), root]);
    assert!(said.contains("may not issue others"), "{said}");
}

#[test]
fn what_an_issuer_limits_is_said_as_such() {
    let place = Place::new();
    place.certificate("root", "authority", "root", None);
    for (kind, says) in [
        ("none-below", "more certificates between signer and authority than an issuer allows (pathLenConstraint)"),
        ("unknown", "a certificate of the chain has a critical extension that is not known"),
        ("names", "its name is outside of what an issuer may name (nameConstraints)"),
    ] {
        place.certificate("above", kind, "above", Some("root"));
        place.certificate("below", "authority", "below", Some("above"));
        place.certificate("leaf", "signer", "leaf", Some("below"));
        let given = " --certificate-chain root.crt --certificate-chain above.crt --certificate-chain below.crt";
        let (summary, codes) = place.refused(given);
        assert!(summary.contains(says) && !summary.contains("no authority"), "{kind}: {summary}");
        assert_eq!(codes, ["untrusted-signer"]);
    }
    place.certificate("unknown", "unknown", "unknown", None);
    place.0.write("trust.toml", "[[attester]]\nname = 'a'\nroles = ['builder']\nidentity = { subject = 'x', authority = 'c' }\n[[authority]]\nname = 'c'\nnames = ['x']\ncertificate = 'unknown.crt'\n");
    place.0.write("r.intoto.jsonl", "{}\n");
    let ran = place.0.run("bundle verify r.intoto.jsonl --trust trust.toml --model model").exits(2);
    assert!(ran.stderr.contains("critical extension that is not known"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("may not issue"), "{}", ran.stderr);
}

/// An authority that took a new key and kept its name has lists by both: those by the other key say nothing.
#[test]
fn lists_by_a_former_key_of_an_authority_stand_in_no_order() {
    let place = Place::new();
    for name in ["before", "now"] {
        place.certificate(name, "authority", "root", None);
        place.openssl(&format!(
            "ca -config openssl.cnf -gencrl -crldays 30 -cert {name}.crt -keyfile {name}.key -out {name}.crl"
        ));
    }
    place.certificate("leaf", "signer", "leaf", Some("now"));
    place.openssl("ca -config openssl.cnf -cert now.crt -keyfile now.key -revoke leaf.crt");
    place.openssl("ca -config openssl.cnf -gencrl -crldays 30 -cert now.crt -keyfile now.key -out revoked.crl");
    place.openssl("ca -config openssl.cnf -gencrl -crldays 30 -cert before.crt -keyfile before.key -out other.crl");
    place.sign(&[]).exits(0);
    let verify = |authorities: &[&str], lists: &[&str]| {
        let authorities = flags("certificate-chain", authorities.iter().map(|one| format!("{one}.crt")));
        let lists = flags("revocation-list", lists.iter().map(|one| format!("{one}.crl")));
        place.verify(&format!("{authorities}{lists} --format json"))
    };
    for authorities in [&["now"][..], &["now", "before"], &["before", "now"]] {
        for good in [&["now"][..], &["now", "before"], &["before", "now"], &["other", "now"], &["now", "other"]] {
            verify(authorities, good).exits(0);
        }
        for bad in [&["revoked", "before"][..], &["before", "revoked"], &["now", "revoked"], &["before"], &["other"]] {
            let report = verify(authorities, bad).exits(1).json();
            assert_eq!(reasons::of_model(&report), ["certificate-revoked"], "{authorities:?} {bad:?}");
        }
    }
}

#[test]
fn certificates_and_keys_are_read_as_people_keep_them() {
    let place = Place::new();
    let files = place.chain(1);
    let unwrapped = |name: &str| {
        let lines: Vec<String> = place.0.read(name).lines().map(str::to_owned).collect();
        let [begin, base64 @ .., end] = lines.as_slice() else { panic!() };
        format!("{begin}\n{}\n{end}\n", base64.concat())
    };
    place.0.write("root.crt", format!("\u{feff}{}", place.0.read("root.crt")));
    let text = format!("Bag Attributes\n    friendlyName: between\nsubject=CN = x\n{}\nend\n", unwrapped(&files[0]));
    place.0.write(&files[0], text);
    place.0.write("leaf.crt", unwrapped("leaf.crt"));
    place.0.write("leaf.key", format!("Key Attributes: <No Attributes>\n{}", unwrapped("leaf.key")));
    place.sign(&files[..1]).exits(0);
    place.verify(" --certificate-chain root.crt").exits(0);
    let public = format!("\u{feff}the key of the release\n\n{}thank you\n", place.0.read("keys/p256.pub"));
    place.0.write("text.pub", public);
    place.0.run("model verify key model --signature sig/p256.sig --public-key text.pub").exits(0);
    place.0.write("r.intoto.jsonl", "{}\n");
    place.0.run("bundle verify r.intoto.jsonl --trust text.pub --model model").exits(1);
    let both = place.0.read("keys/p256.pem") + &place.0.read("leaf.crt");
    place.0.write("both.pem", both);
    let ran = place.0.run("model sign key model --private-key both.pem").exits(2);
    assert!(ran.stderr.contains("there are 2") && ran.stderr.contains("in another"), "{}", ran.stderr);
    place.0.write("cut.pub", place.0.read("keys/p256.pub").replace("-----END", "----END"));
    let ran = place.0.run("model verify key model --signature sig/p256.sig --public-key cut.pub").exits(2);
    assert!(ran.stderr.contains("begins in line 1 does not end"), "{}", ran.stderr);
    place.0.write("mixed.pem", place.0.read("root.crt") + &place.0.read("keys/p256.pub"));
    let ran = place.verify(" --certificate-chain mixed.pem").exits(2);
    assert!(ran.stderr.contains("`CERTIFICATE` alone, found `PUBLIC KEY`"), "{}", ran.stderr);
}
