//! `--signer-command`: programs that sign, good ones and others; and a key in `SoftHSM`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::support::{Ran, Workplace, command, repository};

/// Makes a program in a folder.
fn program(place: &Workplace, name: &str, script: &str) {
    place.write(name, format!("#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n"));
    fs::set_permissions(place.path(name), fs::Permissions::from_mode(0o755)).unwrap();
}

/// Makes a program that signs with OpenSSL and a new key, and the public key beside it.
fn signer(place: &Workplace, name: &str, algorithm: &str) {
    let key = place.path(&format!("{name}.key")).display().to_string();
    let generate = match algorithm {
        "ed25519" => format!("genpkey -algorithm ed25519 -out {key}"),
        curve => format!("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:{curve} -out {key}"),
    };
    let sign = match algorithm {
        "ed25519" => format!("cat > {key}.in; openssl pkeyutl -sign -rawin -inkey {key} -in {key}.in | base64"),
        "P-256" => format!("openssl dgst -sha256 -sign {key} | base64"),
        _ => format!("openssl dgst -sha384 -sign {key} | base64"),
    };
    let made = Command::new("openssl").args(generate.split(' ')).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let public = format!("pkey -in {key} -pubout -out {}", place.path(&format!("{name}.pub")).display());
    assert!(Command::new("openssl").args(public.split(' ')).status().unwrap().success());
    program(place, name, &format!("{sign}\nopenssl pkey -in {key} -pubout"));
}

fn create(place: &Workplace, signer: &str) -> Ran {
    place.run(&format!("bundle create release.toml --signer-command {signer} --output r.intoto.jsonl --force"))
}

#[test]
fn a_program_signs_whatever_a_key_signs() {
    let place = Workplace::new();
    signer(&place, "signer", "P-256");
    let roles = r#"["builder", "releaser", "scanner", "evaluator", "approver", "withdrawer", "promoter"]"#;
    let verifier = "https://gate.example.com/hsm";
    let trust = format!(
        "[[attester]]\nname = \"hsm\"\nroles = {roles}\nverifier-id = \"{verifier}\"\n[[attester.key]]\npath = \"signer.pub\"\n"
    );
    place.write("hsm.toml", trust);
    place.write(
        "policy.toml",
        "[policy]\nname = \"production\"\n[[require]]\nevidence = \"provenance\"\n[[stage]]\nname = \"staging\"\n",
    );
    place.write("metrics.json", r#"{"accuracy": 0.9}"#);
    create(&place, "./signer").exits(0);
    let by = "--trust hsm.toml --model model --signer-command ./signer";
    for more in [
        "attest r.intoto.jsonl --metrics metrics.json --name quality --dataset test",
        "seal r.intoto.jsonl",
        "approve r.intoto.jsonl --comment reviewed",
        "promote r.intoto.jsonl --policy policy.toml --release digits@1.0.0 --to staging",
    ] {
        place.run(&format!("bundle {more} {by}")).exits(0);
    }
    let at = "--policy policy.toml --release digits@1.0.0 --stage staging";
    place.run(&format!("bundle verify r.intoto.jsonl --trust hsm.toml --model model {at}")).exits(0);
    let summary = place.run("bundle inspect r.intoto.jsonl --payload 9").exits(0).json();
    assert_eq!(summary["predicate"]["verifier"]["id"], verifier);
    place.run("bundle verify r.intoto.jsonl --trust hsm.toml --model model --receipt receipt.json --receipt-signer-command ./signer").exits(0);
    assert!(place.read("receipt.json").contains("dsseEnvelope"));
    place.run("bundle withdraw list.jsonl --nothing --trust hsm.toml --signer-command ./signer").exits(0);
    place.run("policy sign policy.toml --signer-command ./signer").exits(0);
    place.run("bundle verify r.intoto.jsonl --trust release.pub --model model").exits(1);
    place.run("model sign key model --signer-command ./signer").exits(0);
    place.run("model verify key model --public-key signer.pub").exits(0);
    let certificate =
        "req -x509 -key signer.key -out signer.crt -days 30 -subj /CN=hsm -addext keyUsage=digitalSignature";
    assert!(
        Command::new("openssl").args(certificate.split(' ')).current_dir(place.folder()).status().unwrap().success()
    );
    place.run("model sign certificate model --signing-certificate signer.crt --signer-command ./signer").exits(0);
    place.run("model verify certificate model --certificate-chain signer.crt").exits(0);
}

#[test]
fn every_algorithm_of_release_bundles_is_signed_with() {
    let place = Workplace::new();
    for algorithm in ["ed25519", "P-384"] {
        signer(&place, "signer", algorithm);
        create(&place, "./signer").exits(0);
        place.run("bundle verify r.intoto.jsonl --trust signer.pub --model model").exits(0);
        fs::remove_file(place.path("r.intoto.jsonl")).unwrap();
    }
    signer(&place, "signer", "ed25519");
    let model = place.run("model sign key model --signer-command ./signer").exits(2);
    assert!(model.stderr.contains("has no ed25519"), "{}", model.stderr);
    signer(&place, "signer", "P-521");
    let other = create(&place, "./signer").exits(2);
    assert!(other.stderr.contains("ecdsa-p521"), "{}", other.stderr);
}

#[test]
fn a_program_that_does_not_sign_writes_nothing() {
    let place = Workplace::new();
    signer(&place, "good", "P-256");
    signer(&place, "other", "P-256");
    program(&place, "fails", "echo no token >&2; exit 7");
    program(&place, "silent", "");
    program(&place, "garbage", "echo garbage");
    program(&place, "endless", "exec yes");
    program(&place, "constant", "echo probe | ./good");
    // It signs the probe, and something else later.
    program(&place, "turns", "[ -e turned ] && { echo other | ./good; exit; }; touch turned; exec ./good");
    program(&place, "changes", "[ -e changed ] && exec ./other; touch changed; exec ./good");
    place.write("text", "no program");
    for (name, status, message) in [
        ("./absent", 2, "can't be run"),
        ("./text", 2, "can't be run"),
        ("./fails", 3, "exit status: 7"),
        ("./silent", 2, "no public key"),
        ("./garbage", 2, "no public key"),
        ("./endless", 2, "more than 64"),
        ("./constant", 2, "does not fit"),
        ("./turns", 2, "does not fit"),
        ("./changes", 2, "another public key"),
    ] {
        let ran = create(&place, name).exits(status);
        assert!(ran.stderr.contains(message) && ran.stderr.contains(name), "{name}: {}", ran.stderr);
        assert!(!place.path("r.intoto.jsonl").exists(), "{name}");
    }
}

#[test]
fn one_signer_is_named_and_no_shell_reads_it() {
    let place = Workplace::new();
    signer(&place, "signer", "P-256");
    let run = |more: &[&str], key: Option<&str>| {
        let mut command = command(place.folder());
        command.args(["bundle", "create", "release.toml", "--output", "r.intoto.jsonl"]).args(more);
        command.envs(key.map(|key| ("ASSAYMARK_KEY", key)));
        let output = command.output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let two = run(&["--signer-command", "./signer", "--key", "release.key"], None);
    assert!(two.0 == 2 && two.1.contains("two signers"), "{two:?}");
    let none = run(&[], None);
    assert!(none.0 == 2 && none.1.contains("--signer-command") | none.1.contains("--key"), "{none:?}");
    for line in ["sh -c './signer'", "./signer \"x\"", "$HOME/signer", "`signer`", ""] {
        let refused = run(&["--signer-command", line], None);
        assert_eq!(refused.0, 2, "{line}: {refused:?}");
    }
    assert!(!place.path("r.intoto.jsonl").exists());
    let flag = run(&["--signer-command", "  ./signer ignored"], Some("release.key"));
    assert_eq!(flag.0, 0, "the flag wins over the environment: {flag:?}");
    place.run("bundle verify r.intoto.jsonl --trust signer.pub --model model").exits(0);
}

/// Where Debian, Fedora and others have the module of `SoftHSM`.
const MODULES: [&str; 3] =
    ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so"];

#[test]
fn a_key_in_a_softhsm_signs() {
    let place = Workplace::new();
    place.write("hsm.conf", format!("directories.tokendir = {}\n", place.path("tokens").display()));
    fs::create_dir(place.path("tokens")).unwrap();
    let run = |line: &str| {
        let mut words = line.split(' ');
        let mut command = Command::new(words.next().unwrap());
        let output = command.args(words).env("SOFTHSM2_CONF", place.path("hsm.conf")).output();
        output.is_ok_and(|output| output.status.success())
    };
    let Some(module) = MODULES.into_iter().find(|module| Path::new(module).exists()) else {
        eprintln!("NOTICE: SoftHSM is not installed, so this was not checked");
        return;
    };
    let there = |tool: &str| Command::new(tool).arg("--help").output().is_ok();
    if !there("softhsm2-util") || !there("pkcs11-tool") || !run("openssl engine pkcs11") {
        eprintln!(
            "NOTICE: softhsm2-util, pkcs11-tool or OpenSSL's engine for PKCS#11 is absent, so this was not checked"
        );
        return;
    }
    assert!(run("softhsm2-util --init-token --free --label release --pin 1234 --so-pin 5678"));
    place.write("pin", "1234");
    for (id, curve) in [("01", "prime256v1"), ("02", "secp384r1")] {
        assert!(run(&format!(
            "pkcs11-tool --module {module} --token-label release --login --pin 1234 --keypairgen --key-type EC:{curve} --label {curve} --id {id}"
        )));
        let script = repository("tests/signers/pkcs11");
        let (conf, pin) = (place.path("hsm.conf"), place.path("pin"));
        program(
            &place,
            "hsm",
            &format!(
                "export SOFTHSM2_CONF={} PKCS11_MODULE_PATH={module}\nexec {} 'pkcs11:token=release;object={curve};pin-source=file:{}'",
                conf.display(),
                script.display(),
                pin.display(),
            ),
        );
        create(&place, "./hsm").exits(0);
        program(&place, "public", "./hsm < /dev/null | sed -n '/BEGIN/,$p' > hsm.pub");
        assert!(Command::new(place.path("public")).current_dir(place.folder()).status().unwrap().success());
        place.run("bundle verify r.intoto.jsonl --trust hsm.pub --model model").exits(0);
        place.run("bundle verify r.intoto.jsonl --trust release.pub --model model").exits(1);
        place.run("model sign key model --signer-command ./hsm").exits(0);
        place.run("model verify key model --public-key hsm.pub").exits(0);
        place.write("pin", "0000");
        fs::remove_file(place.path("r.intoto.jsonl")).unwrap();
        let wrong = create(&place, "./hsm");
        assert!(wrong.status != 0 && !place.path("r.intoto.jsonl").exists(), "{}", wrong.stderr);
        place.write("pin", "1234");
    }
}
