//! Lines under an own authority, as commands write and read them. `tests/it/vectors/authority.rs` has what is refused.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::peers::tool;
use crate::support::{Workplace, codes, copy, repository};

const NOTE: &str = "https://example.com/note/v1";

/// A workplace with `testdata/authority`, and a trust file under its root.
fn place() -> Workplace {
    let place = Workplace::new();
    copy(&repository("testdata/authority"), &place.path("pki"));
    let attester = |name: &str, roles: &str, subject: &str| {
        format!(
            "[[attester]]\nname = \"{name}\"\nroles = [{roles}]\nidentity = {{ subject = \"{subject}\", authority = \"pki\" }}\n"
        )
    };
    let trust = [
        attester("release", "\"builder\", \"releaser\", \"scanner\"", "release@example.com"),
        attester("alice", "\"approver\", \"scanner\"", "alice@example.com"),
        attester("bob", "\"approver\"", "bob@example.com"),
        "[[authority]]\nname = \"pki\"\ncertificate = \"pki/root.pem\"\nname-patterns = ['^[a-z]+@example\\.com$']\n"
            .into(),
    ];
    place.write("trust.toml", trust.join("\n"));
    place
}

const CREATE: &str = "bundle create release.toml --key release.key --output r.intoto.jsonl --signing-certificate";
const WITH: &str = "r.intoto.jsonl --trust trust.toml --model model";

fn lines(place: &Workplace) -> Vec<Value> {
    place.read("r.intoto.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn chain_of(line: &Value) -> usize {
    line["verificationMaterial"]["x509CertificateChain"]["certificates"].as_array().unwrap().len()
}

#[test]
fn a_release_is_made_approved_and_sealed_with_certificates() {
    let place = place();
    place.run(&format!("{CREATE} pki/chains/good.pem")).exits(0);
    assert!(lines(&place).iter().all(|line| chain_of(line) == 2));
    let page = place.run("bundle inspect r.intoto.jsonl").exits(0).stdout;
    assert_eq!(page.matches("certificate of release@example.com").count(), 5, "{page}");
    let report = place.run(&format!("bundle verify {WITH} --format json")).exits(0).json();
    assert_eq!(
        report["scope"]["trust"]["identities"][0],
        json!({"attester": "release", "subject": "release@example.com", "issuer": "pki"})
    );
    place.write("note.json", "{}");
    let alice = "--key second.key --signing-certificate pki/chains/alice.pem";
    place.run(&format!("bundle attest {WITH} {alice} --predicate note.json --type {NOTE}")).exits(0);
    place.run(&format!("bundle seal {WITH} --key release.key --signing-certificate pki/chains/good.pem")).exits(0);
    place.run(&format!("bundle approve {WITH} {alice}")).exits(0);
    place.write("policy.toml", "[policy]\nname = \"p\"\n[[require]]\nevidence = \"approval\"\ncount = 2\n");
    let verify = format!("bundle verify {WITH} --policy policy.toml --format json");
    assert_eq!(codes(&place.run(&verify).exits(1).json(), "deny"), ["too-few-attesters"]);
    // Her other certificate is not another person.
    place
        .run(&format!("bundle approve {WITH} --key stranger.key --signing-certificate pki/chains/alice-again.pem"))
        .exits(0);
    assert_eq!(codes(&place.run(&verify).exits(1).json(), "deny"), ["too-few-attesters"]);
    // The key that signed for her signs for nobody else.
    place.write("note.json", "{\"seen\": true}");
    let bob = "--key stranger.key --signing-certificate pki/chains/bob.pem";
    let ran = place.run(&format!("bundle attest {WITH} {bob} --predicate note.json --type {NOTE}")).exits(2);
    assert!(ran.stderr.contains("its key is also that of `alice`"), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn the_chain_may_stand_in_files_of_its_own() {
    let place = place();
    let chain = fs::read_to_string(place.path("pki/chains/good.pem")).unwrap();
    let at = chain.rfind("-----BEGIN").unwrap();
    place.write("leaf.pem", &chain[..at]);
    place.write("issuer.pem", &chain[at..]);
    place.run(&format!("{CREATE} leaf.pem --certificate-chain issuer.pem")).exits(0);
    assert!(lines(&place).iter().all(|line| chain_of(line) == 2));
    place.run(&format!("bundle verify {WITH}")).exits(0);
    place.run(&format!("{CREATE} leaf.pem --force")).exits(0);
    let report = place.run(&format!("bundle verify {WITH} --format json")).exits(1).json();
    assert_eq!(
        (codes(&report, "deny"), codes(&report, "warn")),
        (vec!["no-evidence".into()], vec!["untrusted-signer".into()])
    );
}

#[test]
fn a_certificate_that_no_verifier_takes_is_refused_before_anything_is_signed() {
    let place = place();
    for (certificate, words) in [
        ("pki/chains/alice.pem", "not of the key that signs"),
        ("pki/chains/expired.pem", "had expired"),
        ("pki/chains/not-yet-valid.pem", "was not yet valid"),
        ("pki/chains/two-names.pem", "names nobody, or more than one"),
        ("pki/chains/no-name.pem", "names nobody, or more than one"),
        ("pki/chains/wildcard.pem", "names nobody, or more than one"),
        ("pki/chains/no-usage.pem", "does not say what it is for"),
        ("pki/chains/servers.pem", "codeSigning"),
        ("pki/issuer.crl", "CERTIFICATE"),
        ("release.pub", "CERTIFICATE"),
        (
            "pki/chains/good.pem --certificate-chain pki/chains/long.pem --certificate-chain pki/chains/long.pem --certificate-chain pki/chains/long.pem",
            "11 certificates",
        ),
    ] {
        let ran = place.run(&format!("{CREATE} {certificate}")).exits(2);
        assert!(ran.stderr.contains(words), "{certificate}: {}", ran.stderr);
        assert!(!place.path("r.intoto.jsonl").exists());
    }
    place.run("bundle create release.toml --key release.key --certificate-chain pki/chains/good.pem").exits(2);
    place.run("policy sign policy.toml --key release.key --signing-certificate pki/chains/good.pem").exits(2);
}

#[test]
fn what_others_signed_under_the_authority_is_imported() {
    let place = place();
    place.run(&format!("{CREATE} pki/chains/good.pem")).exits(0);
    place.write("note.json", "{}");
    let call = format!(
        "bundle attest {WITH} --key second.key --signing-certificate pki/chains/alice.pem --predicate note.json --type {NOTE}"
    );
    place.run(&call).exits(0);
    let line = lines(&place).pop().unwrap();
    place.run(&format!("{CREATE} pki/chains/good.pem --force")).exits(0);
    let import = |line: &Value| {
        place.write("line.json", line.to_string());
        place.run(&format!("bundle attest {WITH} --import line.json"))
    };
    let mut other = line.clone();
    other["verificationMaterial"] = lines(&place)[0]["verificationMaterial"].clone();
    let ran = import(&other).exits(1);
    assert!(ran.stderr.contains("bad-signature"), "{}", ran.stderr);
    other["verificationMaterial"] = json!({"publicKey": {"hint": ""}});
    let ran = import(&other).exits(1);
    assert!(ran.stderr.contains("untrusted-signer"), "{}", ran.stderr);
    import(&line).exits(0);
    assert_eq!(
        lines(&place).pop().unwrap()["verificationMaterial"]["x509CertificateChain"],
        line["verificationMaterial"]["x509CertificateChain"]
    );
    place.run(&format!("bundle seal {WITH} --key release.key --signing-certificate pki/chains/good.pem")).exits(0);
    place.run(&format!("bundle verify {WITH} --strict")).exits(0);
}

#[test]
fn withdrawals_and_a_program_that_signs_take_certificates_as_well() {
    let place = place();
    let trust = place.read("trust.toml").replace("\"approver\", \"scanner\"", "\"withdrawer\"");
    place.write("trust.toml", trust);
    let withdraw =
        "bundle withdraw list.jsonl --trust trust.toml --release digits@1.0.0 --reason wrong --key second.key";
    place.run(&format!("{withdraw} --signing-certificate pki/chains/alice.pem")).exits(0);
    assert_eq!(chain_of(&serde_json::from_str(&place.read("list.jsonl")).unwrap()), 2);
    place.run(&format!("{CREATE} pki/chains/good.pem")).exits(0);
    let report = place.run(&format!("bundle verify {WITH} --withdrawals list.jsonl --format json")).exits(1).json();
    assert_eq!(codes(&report, "deny"), ["withdrawn"]);
}

/// What the library can't compare is refused within the limits as well, and said to be that.
#[test]
fn limits_on_names_that_can_not_be_compared_are_named() {
    for (limit, name, words) in [
        ("permitted;email:example.com", "email:carol@example.com", "an issuer limits mail addresses (nameConstraints)"),
        ("permitted;URI:.example.com", "URI:https://ci.example.com/x", "an issuer limits URIs (nameConstraints)"),
        ("excluded;email:example.org", "email:carol@example.com", "an issuer limits mail addresses (nameConstraints)"),
        ("permitted;DNS:example.com", "DNS:ci.example.com", ""),
        ("permitted;DNS:example.com", "DNS:ci.example.org", "outside of what an issuer may name"),
        // A limit on names of another kind is none on this one.
        ("permitted;email:example.com", "DNS:ci.example.com", ""),
    ] {
        let place = Workplace::new();
        let openssl = |call: &str| {
            let output = Command::new("openssl").args(call.split(' ')).current_dir(place.folder()).output().unwrap();
            assert!(output.status.success(), "{call}: {}", String::from_utf8_lossy(&output.stderr));
        };
        let authority = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n";
        place.write("root.ext", authority);
        place.write("issuer.ext", format!("{authority}nameConstraints=critical,{limit}\n"));
        place.write("leaf.ext", format!("keyUsage=critical,digitalSignature\nsubjectAltName={name}\n"));
        for name in ["root", "issuer", "leaf"] {
            openssl(&format!(
                "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {name}.key -subj /CN={name} -out {name}.csr"
            ));
        }
        openssl("x509 -req -in root.csr -signkey root.key -extfile root.ext -days 30 -out root.pem");
        openssl(
            "x509 -req -in issuer.csr -CA root.pem -CAkey root.key -CAcreateserial -extfile issuer.ext -days 30 -out issuer.pem",
        );
        openssl(
            "x509 -req -in leaf.csr -CA issuer.pem -CAkey issuer.key -CAcreateserial -extfile leaf.ext -days 30 -out leaf.pem",
        );
        let subject = name.split_once(':').unwrap().1;
        place.write("trust.toml", format!(
            "[[attester]]\nname = \"carol\"\nroles = [\"builder\", \"releaser\", \"scanner\"]\nidentity = {{ subject = \
             \"{subject}\", authority = \"pki\" }}\n[[authority]]\nname = \"pki\"\ncertificate = \"root.pem\"\nnames = [\"{subject}\"]\n"
        ));
        place
            .run("bundle create release.toml --key leaf.key --output r.intoto.jsonl --signing-certificate leaf.pem --certificate-chain issuer.pem")
            .exits(0);
        let ran = place.run(&format!("bundle verify {WITH}"));
        let said = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(ran.status, i32::from(!words.is_empty()), "{limit}, {name}: {said}");
        assert!(
            said.contains(words) && (words.is_empty() || said.contains("untrusted-signer")),
            "{limit}, {name}: {said}"
        );
    }
}

const OFFICER: &str =
    "[[attester]]\nname = 'officer'\nroles = ['withdrawer']\n[[attester.key]]\npath = 'officer.pub'\n";

/// Runs OpenSSL in a folder, if it is there.
fn openssl(place: &Workplace, arguments: &str) -> Option<()> {
    let ran = Command::new(tool("openssl")?).args(arguments.split(' ')).current_dir(place.folder()).output().unwrap();
    assert!(ran.status.success(), "{arguments}: {}", String::from_utf8_lossy(&ran.stderr));
    Some(())
}

/// Makes two authorities that both certified the key of one issuer, and a certificate of that issuer for the release key.
fn cross_signed(place: &Workplace) -> Option<()> {
    const ISSUES: &str =
        "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n";
    const SIGNS: &str = "keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\nsubjectAltName=email:release@example.com\nauthorityKeyIdentifier=keyid\n";
    place.write("issues", ISSUES);
    place.write("issued", format!("{ISSUES}authorityKeyIdentifier=keyid\n"));
    place.write("signs", SIGNS);
    for name in ["a", "b", "issuer"] {
        openssl(place, &format!("ecparam -name prime256v1 -genkey -noout -out {name}-ca.key"))?;
        openssl(place, &format!("req -new -key {name}-ca.key -subj /CN={name} -out {name}.csr"))?;
    }
    openssl(place, "req -new -key release.key -subj /CN=release -out release.csr")?;
    for name in ["a", "b"] {
        let own = format!("-in {name}.csr -signkey {name}-ca.key -extfile issues -out {name}.pem");
        openssl(place, &format!("x509 -req -days 2 {own}"))?;
        let of = format!("-in issuer.csr -CA {name}.pem -CAkey {name}-ca.key -extfile issued -out by-{name}.pem");
        openssl(place, &format!("x509 -req -days 2 -CAcreateserial {of}"))?;
    }
    let of = "-in release.csr -CA by-a.pem -CAkey issuer-ca.key -extfile signs -out leaf.pem";
    openssl(place, &format!("x509 -req -days 2 -CAcreateserial {of}"))
}

/// Whoever makes a line chooses over which authority its chain leads: what was withdrawn under the other one strikes.
#[test]
fn an_identity_is_withdrawn_under_each_authority_that_may_vouch_for_it() {
    let place = place();
    let Some(()) = cross_signed(&place) else { return };
    let authority = |name: &str| {
        format!("[[authority]]\nname = 'pki-{name}'\ncertificate = '{name}.pem'\nnames = ['release@example.com']\n")
    };
    // It may vouch for others alone.
    let stranger = "[[authority]]\nname = 'pki-c'\ncertificate = 'pki/root.pem'\nnames = ['carol@example.com']\n";
    let attester = "[[attester]]\nname = 'release'\nroles = ['builder', 'releaser', 'scanner']\n\
                    identity = { subject = 'release@example.com', authority = 'pki-a' }\n";
    for (order, authorities) in [("a, b", ["a", "b"]), ("b, a", ["b", "a"])] {
        let authorities = authorities.map(authority).concat();
        place.write("trust.toml", format!("{attester}{OFFICER}{authorities}{stranger}"));
        place.run(&format!("{CREATE} leaf.pem --certificate-chain by-a.pem --force")).exits(0);
        for (issuer, struck) in [("pki-a", true), ("pki-b", true), ("pki-c", false)] {
            let _ = fs::remove_file(place.path("w.jsonl"));
            let who = format!("--withdrawn-identity release@example.com --withdrawn-issuer {issuer} --reason x");
            place.run(&format!("bundle withdraw w.jsonl --trust trust.toml --key officer.key {who}")).exits(0);
            let verify = format!("bundle verify {WITH} --withdrawals w.jsonl --format json");
            let report = place.run(&verify).exits(i32::from(struck)).json();
            let expected = if struck { vec!["withdrawn".to_owned()] } else { vec![] };
            assert_eq!(codes(&report, "deny"), expected, "{issuer}: authorities {order}");
        }
    }
    // Under the other authority the name is somebody else's.
    let other = "[[attester]]\nname = 'other'\nroles = ['approver']\n\
                 identity = { subject = 'release@example.com', authority = 'pki-b' }\n";
    place.write("trust.toml", format!("{attester}{other}{OFFICER}{}", ["a", "b"].map(authority).concat()));
    place.run(&format!("{CREATE} leaf.pem --certificate-chain by-a.pem --force")).exits(0);
    for (issuer, status) in [("pki-a", 1), ("pki-b", 0)] {
        let _ = fs::remove_file(place.path("w.jsonl"));
        let who = format!("--withdrawn-identity release@example.com --withdrawn-issuer {issuer} --reason x");
        place.run(&format!("bundle withdraw w.jsonl --trust trust.toml --key officer.key {who}")).exits(0);
        place.run(&format!("bundle verify {WITH} --withdrawals w.jsonl")).exits(status);
    }
}
