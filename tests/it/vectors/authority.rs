//! Own certificate authorities: lines under the certificates of `testdata/authority`, which its script issues for keys of
//! the vectors. A line is signed by its key as ever; its certificate stands in the place of the hint.

use std::fs;

use assaymark::certificate;
use data_encoding::BASE64;
use serde_json::{Value, json};

use super::{Case, case};
use crate::forge::{BOM, FIRST_SEAL, Forged, PROVENANCE};
use crate::support::repository;

const TRUST: &str = "authority.toml";

pub fn cases() -> Vec<Case> {
    [passing(), names(), authorities(), uses(), times(), lists(), forms(), keys(), calls()]
        .into_iter()
        .flatten()
        .collect()
}

fn chain(name: &str) -> Value {
    let text = fs::read_to_string(repository("testdata/authority/chains").join(name).with_extension("pem")).unwrap();
    let chain = certificate::chain_from_pem(&text).unwrap();
    let certificates = chain.iter().map(|der| json!({"rawBytes": BASE64.encode(der)}));
    json!({"certificates": certificates.collect::<Vec<_>>()})
}

/// Puts a chain of certificates in the place of the name of a key.
fn certify(line: &mut Value, name: &str) {
    line["verificationMaterial"] = json!({"x509CertificateChain": chain(name), "tlogEntries": []});
}

/// The good bundle with a chain at each line.
fn under(name: &str) -> Forged {
    let good = Forged::good();
    (0..good.lines.len()).fold(good, |forged, index| forged.edit(index, |line| certify(line, name)))
}

/// The same with another chain at the BOM line.
fn with(name: &str) -> Forged {
    under("good").edit(BOM, |line| certify(line, name))
}

fn stamped(mut forged: Forged, index: usize, stamp: &str) -> Forged {
    let text = fs::read_to_string(repository("testdata/authority/stamps").join(stamp).with_extension("json")).unwrap();
    let stamp: Value = serde_json::from_str(&text).unwrap();
    forged = forged.edit(index, |line| {
        line["verificationMaterial"]["timestampVerificationData"] = json!({"rfc3161Timestamps": [stamp]});
    });
    forged
}

fn good(name: &str, why: &str, forged: &Forged) -> Case {
    case(name, why).trust(TRUST).bundle(forged)
}

/// A vector whose BOM line does not count.
fn of(name: &str, why: &str, forged: &Forged, code: &'static str) -> Case {
    let case = case(&format!("authority-{name}"), why).trust(TRUST).bundle(forged).warn(&[code]);
    case.deny(&["member-missing"]).at(&[2]).like("authority")
}

/// A vector whose BOM line has the chain of this name.
fn refused(name: &str, why: &str, code: &'static str) -> Case {
    of(name, why, &with(name), code)
}

fn passing() -> Vec<Case> {
    let all = |name: &str, chain: &str, why: &str| good(name, why, &under(chain));
    let one = |name: &str, why: &str| good(&format!("authority-{name}"), why, &with(name));
    vec![
        all("authority", "good", "every line is signed under an own authority"),
        one("direct", "the authority itself issued a certificate"),
        one("usage-only", "a certificate says by its key usage alone what it is for"),
        one("code-only", "a certificate says by its extended key usage alone what it is for"),
        one("subject-beside", "a certificate has a subject beside its one name"),
        all("authority-subject", "subject", "a subject is the name of a certificate that has no other")
            .trust("authority-subject.toml"),
        all("authority-domain", "domain", "a domain is the name, within the limits of an issuer")
            .trust("authority-domain.toml"),
        all("authority-uri", "uri", "a pattern fits the URI that is the name").trust("authority-uri.toml"),
        all("authority-der", "good", "the authority stands in DER").trust("authority-der.toml"),
        all("authority-inline", "good", "the authority stands in the trust file").trust("authority-inline.toml"),
        all("authority-issuer", "good", "an authority below a root is trusted, and not the root")
            .trust("authority-issuer.toml"),
        all("authority-two", "good", "two authorities are trusted").trust("authority-two.toml"),
        all("authority-own-key", "good", "an attester has a key and a certificate for it")
            .trust("authority-own-key.toml"),
        all("authority-beside-keyless", "good", "an identity of Sigstore is trusted as well")
            .trust("authority-beside-keyless.toml"),
        case("authority-keyless-beside", "lines are signed under Sigstore, and an own authority is trusted as well")
            .trust("authority-beside-keyless.toml")
            .bundle(&Forged::of(&fs::read(repository("testdata/keyless/good.intoto.jsonl")).unwrap())),
        all("authority-one", "good", "a certificate alone stands where the authority issued it")
            .bundle(&under("direct").edit(BOM, alone)),
        all("authority-mixed", "good", "a line is signed with the key itself")
            .trust("authority-own-key.toml")
            .bundle(&under("good").edit(BOM, |line| *line = Forged::good().line(BOM))),
    ]
}

/// Puts the first certificate of a chain alone, as Sigstore does.
fn alone(line: &mut Value) {
    let first = line["verificationMaterial"]["x509CertificateChain"]["certificates"][0].take();
    line["verificationMaterial"] = json!({"certificate": first, "tlogEntries": []});
}

fn names() -> Vec<Case> {
    let other = |name: &str, why: &str| refused(name, why, "untrusted-signer").threats(&["N083"]);
    vec![
        other("other-name", "the certificate names somebody else"),
        other("longer-name", "the name begins with the trusted one"),
        other("capital-name", "the name differs by a capital"),
        other("common-name", "the name stands in the subject, where it is none"),
        other("two-names", "the certificate names two"),
        other("no-name", "the certificate names nobody"),
        all_refused("wildcard", "wildcard", "a wildcard is nobody's name", "authority-wildcard.toml"),
        all_refused("two-fit", "good", "two identities fit the name, of two attesters", "authority-two-fit.toml"),
        of(
            "not-for",
            "an identity fits, and the authority may not vouch for it",
            &with("other-name"),
            "untrusted-signer",
        )
        .trust("authority-any.toml")
        .threats(&["N083"]),
    ]
}

/// A vector none of whose lines counts.
fn all_refused(name: &str, chain: &str, why: &str, trust: &'static str) -> Case {
    case(&format!("authority-{name}"), why)
        .trust(trust)
        .bundle(&under(chain))
        .warn(&["untrusted-signer"])
        .deny(&["no-evidence"])
        .twin_trust(TRUST)
        .like("authority")
        .threats(&["N080"])
}

fn authorities() -> Vec<Case> {
    let other = |name: &str, why: &str| refused(name, why, "untrusted-signer").threats(&["N080"]);
    vec![
        other("other-authority", "an authority that is not trusted issued the certificate"),
        other("same-name-authority", "an authority of the same name issued the certificate"),
        other("by-a-signer", "a signer issued the certificate, who may not"),
        other("long", "more certificates stand between than one of them allows"),
        other("bound-domain", "the name is outside of the limits of an issuer")
            .trust("authority-domains.toml")
            .bundle(&under("domain").edit(BOM, |line| certify(line, "bound-domain")))
            .says("the chain of certificates is refused: its name is outside of what an issuer may name (nameConstraints)")
            .like("authority-domain"),
        other("bound-subject", "the name is outside of the limits, and the subject within")
            .trust("authority-domains.toml")
            .bundle(&under("domain").edit(BOM, |line| certify(line, "bound-subject")))
            .like("authority-domain"),
        other("gap", "a certificate lacks between signer and authority"),
        all_refused("other", "good", "another authority is trusted", "authority-other.toml"),
        all_refused(
            "long-root",
            "long-root",
            "more certificates stand between than the authority allows",
            "authority-short.toml",
        ),
        all_refused("other-vouches", "good", "the attester is one of another authority", "authority-two-other.toml")
            .threats(&["N080", "N084"]),
        all_refused("bound-mail", "bound-mail", "the mail address is outside of the limits", "authority-mail.toml")
            .says(
                "the chain of certificates is refused: an issuer limits mail addresses (nameConstraints), which can't be compared, \
                 so that no such name counts; let an issuer without this limit sign, and limit it by `names` of the authority",
            ),
        case("authority-none", "a key is trusted, and no authority")
            .bundle(&under("good"))
            .warn(&["untrusted-signer"])
            .deny(&["no-evidence"])
            .twin_trust(TRUST)
            .like("authority")
            .threats(&["N080"]),
        case("authority-keyless", "an identity of Sigstore is trusted, and no authority")
            .trust("keyless.toml")
            .bundle(&under("good"))
            .warn(&["unsupported-line"])
            .deny(&["no-evidence"])
            .like("keyless")
            .threats(&["N080"]),
    ]
}

fn uses() -> Vec<Case> {
    let other = |name: &str, why: &str| refused(name, why, "untrusted-signer").threats(&["N082"]);
    vec![
        other("no-usage", "the certificate does not say what it is for"),
        other("agreement", "the certificate is for agreeing on keys"),
        other("servers", "the certificate is for servers"),
        of("as-signer", "the certificate is that of an authority", &with("authority"), "untrusted-signer")
            .threats(&["N082"]),
    ]
}

fn times() -> Vec<Case> {
    const STAMPS: &str = "authority-stamps.toml";
    const LOGGED: &str = "authority-logged.toml";
    let wrong = |name: &str, why: &str, code| refused(name, why, code).threats(&["N077"]);
    let stamp = |forged: &Forged, stamp| stamped(forged.clone(), BOM, stamp);
    vec![
        wrong("expired", "the certificate had expired, and nothing proves a time", "certificate-expired"),
        wrong("not-yet-valid", "the certificate is not yet valid", "certificate-not-yet-valid"),
        wrong("ended-issuer", "a certificate between had expired", "certificate-expired"),
        wrong("short", "the certificate has expired since, and nothing proves a time", "certificate-expired"),
        case("authority-ended-root", "the authority itself had expired")
            .trust("authority-ended.toml")
            .bundle(&under("ended-root"))
            .warn(&["certificate-expired"])
            .deny(&["no-evidence"])
            .twin_trust(TRUST)
            .like("authority")
            .threats(&["N077"]),
        good(
            "authority-outlived",
            "the certificate has expired since, and a timestamp proves a time before",
            &stamp(&with("short"), "good"),
        )
        .trust(STAMPS),
        good("authority-stamped", "a line has a timestamp", &stamp(&under("good"), "good")).trust(STAMPS),
        of(
            "late-stamp",
            "the timestamp is from after the end of the certificate",
            &stamp(&with("expired"), "good"),
            "certificate-expired",
        )
        .trust(STAMPS)
        .threats(&["N076"]),
        of(
            "stamp-of-another-line",
            "the timestamp is that of another line",
            &stamp(&with("short"), "of-another-line"),
            "wrong-time",
        )
        .trust(STAMPS)
        .threats(&["N100"]),
        of(
            "other-stamp",
            "the timestamp is of an authority that is not trusted",
            &stamp(&with("short"), "other"),
            "wrong-time",
        )
        .trust(STAMPS)
        .threats(&["N100"]),
        of(
            "stamp-unchecked",
            "nothing is trusted that could check a timestamp",
            &stamp(&under("good"), "good"),
            "unsupported-line",
        ),
        of("logged-elsewhere", "a line is in a log that is not trusted", &logged("good", "key-logged"), "wrong-log")
            .trust(STAMPS)
            .threats(&["N094"]),
        good("authority-logged", "a line is in a log", &logged("good", "key-logged")).trust(LOGGED),
        of(
            "log-entry-of-another",
            "the log entry is of another key",
            &logged("good", "key-entry-of-another"),
            "wrong-log",
        )
        .trust(LOGGED)
        .like("authority-logged")
        .threats(&["N093"]),
        of(
            "logged-before",
            "the line was logged before its certificate was valid",
            &logged("short", "key-logged"),
            "certificate-not-yet-valid",
        )
        .trust(LOGGED)
        .like("authority-logged")
        .threats(&["N076"]),
        of(
            "logged-after",
            "the line was logged after its certificate had expired",
            &logged("expired", "key-logged"),
            "certificate-expired",
        )
        .trust(LOGGED)
        .like("authority-logged")
        .threats(&["N076"]),
    ]
}

/// The good bundle whose BOM line has another chain, and the log entry of a line of `testdata/keyless`.
fn logged(chain: &str, entry: &str) -> Forged {
    let path = repository("testdata/keyless/lines").join(entry).with_extension("json");
    let line: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    with(chain).edit(BOM, |one| {
        one["verificationMaterial"]["tlogEntries"] = line["verificationMaterial"]["tlogEntries"].clone();
    })
}

fn lists() -> Vec<Case> {
    let revoked = |name: &str, why: &str, trust| {
        case(&format!("authority-{name}"), why)
            .trust(trust)
            .bundle(&under("good"))
            .warn(&["certificate-revoked"])
            .deny(&["no-evidence"])
            .twin_trust(TRUST)
            .like("authority")
            .threats(&["N080"])
    };
    vec![
        good("authority-lists", "lists say of each certificate that it was not revoked", &under("good"))
            .trust("authority-lists.toml"),
        refused("revoked", "the certificate was revoked", "certificate-revoked")
            .trust("authority-lists.toml")
            .threats(&["N088"]),
        revoked("revoked-issuer", "a certificate between was revoked", "authority-lists-issuer.toml"),
        revoked("lists-ended", "a list has expired", "authority-lists-ended.toml"),
        revoked("lists-gap", "no list covers a certificate", "authority-lists-gap.toml"),
    ]
}

fn forms() -> Vec<Case> {
    let changed =
        |name: &str, why: &str, code, change: fn(&mut Value)| of(name, why, &under("good").edit(BOM, change), code);
    vec![
        of("swapped", "the certificate is of another key, which is trusted", &with("bob"), "bad-signature")
            .threats(&["N080"]),
        changed("bit", "a bit of the signature is another", "bad-signature", |line| {
            let signature = &mut line["dsseEnvelope"]["signatures"][0]["sig"];
            let mut bytes = BASE64.decode(signature.as_str().unwrap().as_bytes()).unwrap();
            bytes[20] ^= 1;
            *signature = json!(BASE64.encode(&bytes));
        })
        .threats(&["N035"]),
        changed("payload", "the payload is that of another line", "bad-signature", |line| {
            line["dsseEnvelope"]["payload"] = Forged::good().line(PROVENANCE)["dsseEnvelope"]["payload"].clone();
        })
        .threats(&["N034"]),
        changed("certificate-cut", "the certificate can't be read", "malformed-line", |line| {
            line["verificationMaterial"]["x509CertificateChain"]["certificates"][0]["rawBytes"] = json!("MIIB");
        })
        .threats(&["N081"]),
        changed("issuer-cut", "a certificate between can't be read", "malformed-line", |line| {
            line["verificationMaterial"]["x509CertificateChain"]["certificates"][1]["rawBytes"] = json!("MIIB");
        })
        .threats(&["N081"]),
        changed("and-key", "a key is named beside the chain", "malformed-line", |line| {
            line["verificationMaterial"]["publicKey"] = json!({"hint": "x"});
        })
        .threats(&["N080"]),
        changed("chain-11", "the chain has eleven certificates", "malformed-line", |line| {
            let chain = line["verificationMaterial"]["x509CertificateChain"]["certificates"].as_array_mut().unwrap();
            chain.resize(11, json!({"rawBytes": "MIIB"}));
        }),
    ]
}

fn keys() -> Vec<Case> {
    let two = "[policy]\nname = \"p\"\n[[require]]\nevidence = \"approval\"\ncount = 2\n";
    let people = |name: &str, why: &str, first: &str, other: &str| {
        let approved = Forged::good().approve("second", FIRST_SEAL).approve("stranger", FIRST_SEAL);
        let last = approved.lines.len() - 1;
        let bundle = approved.edit(last - 1, |line| certify(line, first)).edit(last, |line| certify(line, other));
        case(&format!("authority-{name}"), why)
            .trust("authority-people.toml")
            .bundle(&bundle)
            .write("policy.toml", two)
            .with(&["--policy", "policy.toml"])
    };
    let hers = {
        let approved = Forged::good().approve("second", FIRST_SEAL);
        let last = approved.lines.len() - 1;
        let again = approved.lines[last].clone();
        approved
            .edit(last, |line| certify(line, "alice"))
            .push(again)
            .edit(last + 1, |line| certify(line, "bob-with-her-key"))
    };
    vec![
        people("people", "two people approve", "alice", "bob"),
        people("one-person", "one person approves, with two certificates", "alice", "alice-again")
            .deny(&["too-few-attesters"])
            .beside("authority-people")
            .threats(&["N114"]),
        people("one-key", "one signature stands under the certificates of two people", "alice", "bob")
            .bundle(&hers)
            .warn(&["untrusted-signer"])
            .deny(&["too-few-attesters"])
            .beside("authority-people")
            .threats(&["N114"]),
        all_refused("key", "good", "the key of the certificate is also that of another attester", "authority-key.toml"),
    ]
}

fn calls() -> Vec<Case> {
    let refused = |name: &str, why: &str, words| {
        let file: &'static str = Box::leak(format!("authority-{name}.toml").into_boxed_str());
        let case = case(&format!("authority-call-{name}"), why).trust(file).bundle(&under("good")).refused(words);
        case.twin_trust(TRUST).like("authority").threats(&["N085"])
    };
    vec![
        refused(
            "unknown",
            "an identity names an authority that the file does not have",
            "has no authority `other-pki`",
        ),
        refused("not-for", "an authority may not vouch for an identity", "may not vouch for `release@example.com`"),
        refused("no-names", "an authority may vouch for nobody", "`names` or `name-patterns`"),
        refused("not-anchored", "a pattern is not anchored", "must begin with `^`"),
        refused("and-issuer", "an identity has an issuer and an authority", "not both"),
        refused("issues-nothing", "the certificate of an authority is that of a signer", "may not issue others"),
        refused("several", "an authority has two certificates", "expected one certificate"),
        refused("twice", "one authority stands twice", "one authority stands twice"),
        refused("bad-list", "a list of revoked certificates is none", "X509 CRL"),
        refused("identity-twice", "one identity stands twice", "one identity stands twice"),
    ]
}
