//! `model_signing`, by its command line: on our signatures, and we on its.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use super::cases::{Made, Row};
use super::{Measured, find};
use crate::support::{copy, repository};

const TOOL: &str = "model_signing";

/// The tool in the folder of what we made.
struct Tool<'m> {
    program: std::path::PathBuf,
    made: &'m Made,
}

impl Tool<'_> {
    fn run(&self, arguments: &[&str]) -> (bool, String) {
        let output =
            Command::new(&self.program).args(arguments).current_dir(self.made.place.folder()).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    fn by_key(&self, key: &str, model: &str) -> (bool, String) {
        let (signature, public) = (format!("{key}.sig"), format!("{key}.pub"));
        self.run(&["verify", "key", model, "--signature", &signature, "--public_key", &public])
    }

    fn by_certificate(&self, signature: &str, root: &str, model: &str) -> (bool, String) {
        self.run(&["verify", "certificate", model, "--signature", signature, "--certificate_chain", root])
    }

    fn by_identity(&self, signed: &Keyless, subject: &str) -> (bool, String) {
        let (model, signature) = (signed.name, format!("{}.sig", signed.name));
        let of = ["--identity", subject, "--identity_provider", signed.issuer, "--trust_config", "config.json"];
        self.made.place.write("config.json", signed.config().to_string());
        self.run(&[&["verify", "sigstore", model, "--signature", &signature][..], &of].concat())
    }
}

/// A model that somebody signed without a lasting key.
struct Keyless {
    name: &'static str,
    subject: &'static str,
    issuer: &'static str,
    root: &'static str,
}

const SIGNED: [Keyless; 3] = [
    Keyless {
        name: "by-0.3.1",
        subject: "stefanb@us.ibm.com",
        issuer: "https://sigstore.verify.ibm.com/oauth2",
        root: "testdata/third-party/sigstore-conformance/trusted_root.json",
    },
    Keyless {
        name: "by-1.1.0",
        subject: "stefanb@us.ibm.com",
        issuer: "https://sigstore.verify.ibm.com/oauth2",
        root: "testdata/third-party/sigstore-conformance/trusted_root.json",
    },
    Keyless {
        name: "a-line",
        subject: "https://ci.example.com/models/.github/workflows/release.yml@refs/heads/main",
        issuer: "https://accounts.example.com",
        root: "testdata/keyless/trusted_root.json",
    },
];

impl Keyless {
    fn config(&self) -> Value {
        let root: Value = serde_json::from_slice(&fs::read(repository(self.root)).unwrap()).unwrap();
        let any = json!({"selector": "ANY"});
        let signing = json!({
            "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json", "caUrls": [], "oidcUrls": [],
            "rekorTlogUrls": [], "tsaUrls": [], "rekorTlogConfig": any, "tsaConfig": any,
        });
        json!({
            "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
            "trustedRoot": root, "signingConfig": signing,
        })
    }
}

fn row(did: &'static str, with: &'static str, accepted: bool) -> Row {
    Row { did, with, accepted, cases: Vec::new() }
}

/// Has it verify our model signatures, and changed models; and verifies what it signed.
pub(super) fn measure(made: &Made) -> Option<Measured> {
    let tool = Tool { program: find(TOOL, TOOL)?, made };
    let version = tool.run(&["--version"]).1;
    let mut measured = Measured::new(TOOL, version.rsplit(' ').next().unwrap());
    keys(&tool, &mut measured);
    certificates(&tool, &mut measured);
    keyless(&tool, &mut measured);
    theirs(&tool, &mut measured);
    Some(measured)
}

fn keys(tool: &Tool<'_>, measured: &mut Measured) {
    const DID: &str = "verifies the model signature";
    let place = &tool.made.place;
    for (key, with) in [("ecdsa", "the folder of a model, P-256"), ("p384", "the folder of a model, P-384")] {
        place.run(&format!("bundle inspect {key}.intoto.jsonl --line model-signature --output {key}.sig")).exits(0);
        measured.add(&row(DID, with, true), &[tool.by_key(key, "odd")]);
    }
    let changed = place.path("changed");
    copy(&place.path("odd"), &changed);
    fs::write(changed.join("tokenizer.json"), "changed").unwrap();
    let one = tool.by_key("ecdsa", "changed");
    fs::write(changed.join("tokenizer.json"), "{}").unwrap();
    assert!(tool.by_key("ecdsa", "changed").0);
    fs::write(changed.join("extra"), "x").unwrap();
    measured.add(&row(DID, "a changed file, a file more", false), &[one, tool.by_key("ecdsa", "changed")]);
}

/// Makes two roots, and a certificate of `ecdsa.key` under the first.
fn issue(tool: &Tool<'_>) {
    let place = &tool.made.place;
    let openssl = |arguments: &str| {
        let output = Command::new("openssl").args(arguments.split(' ')).current_dir(place.folder()).output().unwrap();
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    };
    for root in ["root", "other-root"] {
        openssl(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {root}.key -out {root}.crt -days 30 -subj \
             /CN={root} -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign"
        ));
    }
    let names =
        "keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\nsubjectAltName=email:release@example.com\n";
    place.write("leaf.ext", names);
    openssl("req -new -key ecdsa.key -subj /CN=leaf -out leaf.csr");
    openssl(
        "x509 -req -in leaf.csr -CA root.crt -CAkey root.key -CAcreateserial -extfile leaf.ext -days 30 -out leaf.crt",
    );
}

fn certificates(tool: &Tool<'_>, measured: &mut Measured) {
    const DID: &str = "verifies the model signature, with a certificate";
    issue(tool);
    let place = &tool.made.place;
    let create = "bundle create release.toml --model odd --key ecdsa.key --signing-certificate leaf.crt";
    place.run(&format!("{create} --output certified.intoto.jsonl --force")).exits(0);
    place.run("bundle inspect certified.intoto.jsonl --line model-signature --output line.sig").exits(0);
    place
        .run("model sign certificate odd --private-key ecdsa.key --signing-certificate leaf.crt --signature own.sig")
        .exits(0);
    let good = ["line.sig", "own.sig"].map(|signature| tool.by_certificate(signature, "root.crt", "odd"));
    measured.add(&row(DID, "of a release bundle, by `model sign certificate`", true), &good);
    let bad = [
        tool.by_certificate("line.sig", "other-root.crt", "odd"),
        tool.by_certificate("own.sig", "other-root.crt", "odd"),
        tool.by_certificate("line.sig", "root.crt", "changed"),
    ];
    measured.add(&row(DID, "another root, a changed model", false), &bad);
}

fn keyless(tool: &Tool<'_>, measured: &mut Measured) {
    const DID: &str = "verifies without a lasting key, as we do";
    let place = &tool.made.place;
    let spec = "testdata/third-party/model-signing-spec/test-vectors/v1.0/valid/sigstore.bundle.json";
    let historic = "testdata/third-party/model-transparency/v0.3.1-sigstore/model.sig";
    for (name, signature) in [("by-0.3.1", historic), ("by-1.1.0", spec)] {
        place.write(&format!("{name}/signme-1"), "signme-1");
        place.write(&format!("{name}/signme-2"), "signme-2");
        fs::copy(repository(signature), place.path(&format!("{name}.sig"))).unwrap();
    }
    copy(&repository("testdata/vectors/base/model"), &place.path("a-line"));
    let line = fs::read_to_string(repository("testdata/keyless/good.intoto.jsonl")).unwrap();
    place.write("a-line.sig", line.lines().next().unwrap());
    let ours = |signed: &Keyless, subject: &str| {
        place.write("config.json", signed.config().to_string());
        let of = ["--identity", subject, "--identity-provider", signed.issuer, "--trust-config", "config.json"];
        let signature = format!("{}.sig", signed.name);
        let call = [&["model", "verify", "sigstore", signed.name, "--signature", &signature][..], &of].concat();
        crate::support::run(place.folder(), &call).status == 0
    };
    let both = |signed: &Keyless, subject: &str| {
        let (theirs, said) = tool.by_identity(signed, subject);
        assert_eq!(theirs, ours(signed, subject), "{}, {subject}: {said}", signed.name);
        (theirs, said)
    };
    let good: Vec<_> = SIGNED.iter().map(|signed| both(signed, signed.subject)).collect();
    measured.add(&row(DID, "signatures by 0.3.1 and 1.1.0, a line of a bundle", true), &good);
    let mut bad: Vec<_> = SIGNED.iter().map(|signed| both(signed, "somebody@example.com")).collect();
    for signed in &SIGNED {
        place.write(&format!("{}/extra", signed.name), "x");
        bad.push(both(signed, signed.subject));
    }
    measured.add(&row(DID, "the same of another identity, of a model with a file more", false), &bad);
}

/// Signs with the tool, and verifies that.
fn theirs(tool: &Tool<'_>, measured: &mut Measured) {
    let place = &tool.made.place;
    let sign = |arguments: &[&str]| {
        let (signed, said) = tool.run(&[&["sign"], arguments].concat());
        assert!(signed, "{said}");
    };
    for key in ["ecdsa", "p384"] {
        let (private, signature) = (format!("{key}.key"), format!("theirs-{key}.sig"));
        sign(&["key", "odd", "--signature", &signature, "--private_key", &private]);
    }
    let by = ["--private_key", "ecdsa.key", "--signing_certificate", "leaf.crt", "--certificate_chain", "root.crt"];
    sign(&[&["certificate", "odd", "--signature", "theirs-certified.sig"][..], &by].concat());
    let verify = |signature: &str, with: &str, model: &str| {
        let ran = place.run(&format!("model verify {with} --signature theirs-{signature}.sig {model}"));
        (ran.status == 0, ran.stdout + &ran.stderr)
    };
    let calls = [
        ("ecdsa", "key --public-key ecdsa.pub", "key --public-key p384.pub"),
        ("p384", "key --public-key p384.pub", "key --public-key ecdsa.pub"),
        ("certified", "certificate --certificate-chain root.crt", "certificate --certificate-chain other-root.crt"),
    ];
    let mut add = |with: &str, word: &str, wanted: bool, results: Vec<(bool, String)>| {
        let count = results.iter().filter(|(accepted, _)| *accepted == wanted).count();
        measured.rows.push([
            "signs the folder of a model".into(),
            with.into(),
            format!("{word} {count} of {}", results.len()),
        ]);
        if count != results.len() {
            measured.wrong.push(format!("{with}: {results:?}"));
        }
    };
    let good = calls.map(|(signature, with, _)| verify(signature, with, "odd"));
    add("P-256, P-384; with a certificate", "we verify", true, good.into());
    let bad = calls.map(|(signature, _, with)| verify(signature, with, "odd")).into_iter();
    let changed = calls.map(|(signature, with, _)| verify(signature, with, "changed"));
    add("by another key or root, of a changed model", "we reject", false, bad.chain(changed).collect());
}
