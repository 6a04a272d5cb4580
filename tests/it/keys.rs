//! `key generate` and `key show`, and OpenSSL on the other side.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::support::{Workplace, command};

/// Runs openssl and returns what it printed; the tests need it, as any Unix has it.
#[track_caller]
fn openssl(folder: &Path, arguments: &str) -> String {
    let output = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn keys_are_private_encrypted_and_never_overwritten() {
    let place = Workplace::new();
    place.write("password", "correct horse\n");
    let ran = place.run("key generate --output new.key --password-file password").exits(0);
    assert!(ran.stdout.ends_with("  new.pub\n"), "{}", ran.stdout);
    assert!(ran.stderr.contains("ecdsa-p256"), "{}", ran.stderr);
    assert!(place.read("new.key").starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    let mode = |name: &str| fs::metadata(place.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("new.key"), 0o600);
    let before = place.read("new.key");
    let again = place.run("key generate --output new.key --no-password").exits(2);
    assert!(again.stderr.contains("never overwritten"), "{}", again.stderr);
    fs::remove_file(place.path("new.key")).unwrap();
    place.run("key generate --output new.key --no-password").exits(2);
    assert!(!place.path("new.key").exists(), "the public key was there");
    place.write("new.key", before);
    place.run("bundle create release.toml --key new.key --password-file password --output r.intoto.jsonl").exits(0);
    place.run("bundle verify r.intoto.jsonl --trust new.pub --model model").exits(0);
}

#[test]
fn a_password_comes_from_a_file_the_environment_or_nowhere() {
    let place = Workplace::new();
    let generate = |password: Option<&str>| {
        let mut command = command(place.folder());
        if let Some(password) = password {
            command.env("ASSAYMARK_KEY_PASSWORD", password);
        }
        command.args(["key", "generate", "--output", "env.key"]).output().unwrap()
    };
    let nowhere = generate(None);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(String::from_utf8(nowhere.stderr).unwrap().contains("--no-password"));
    assert_eq!(generate(Some("")).status.code(), Some(2));
    assert_eq!(generate(Some("from the environment")).status.code(), Some(0));
    let needs = place.run("key show env.key").exits(2);
    assert!(needs.stderr.contains("encrypted") && needs.stderr.contains("--password-file"), "{}", needs.stderr);
    place.write("wrong", "another");
    let wrong = place.run("key show env.key --password-file wrong").exits(2);
    assert!(wrong.stderr.contains("does not fit"), "{}", wrong.stderr);
    place.write("empty", "\n");
    place.run("key show env.key --password-file empty").exits(2);
}

#[test]
fn openssl_reads_what_we_write() {
    let place = Workplace::new();
    place.write("password", "correct horse\n");
    for algorithm in ["ed25519", "ecdsa-p256"] {
        for (name, how) in [("plain", "--no-password"), ("encrypted", "--password-file password")] {
            let key = format!("{algorithm}-{name}");
            place.run(&format!("key generate --algorithm {algorithm} --output {key}.key {how}")).exits(0);
            let public = openssl(place.folder(), &format!("pkey -in {key}.key -passin file:password -pubout"));
            assert_eq!(public, place.read(&format!("{key}.pub")));
            let digest = assaymark::digest::Digest::of(public.as_bytes()).to_string();
            let shown = place.run(&format!("key show {key}.pub --format json")).exits(0).json();
            assert_eq!(shown["keyId"], digest);
            assert_eq!(shown["algorithm"], algorithm);
        }
    }
}

#[test]
fn we_read_what_openssl_writes() {
    let place = Workplace::new();
    place.write("password", "correct horse\n");
    let folder = place.folder();
    openssl(folder, "genpkey -algorithm ed25519 -out ed25519.key");
    for (curve, name) in [("prime256v1", "p256"), ("secp384r1", "p384")] {
        openssl(folder, &format!("ecparam -name {curve} -genkey -out {name}-sec1.key"));
        openssl(folder, &format!("pkcs8 -topk8 -nocrypt -in {name}-sec1.key -out {name}.key"));
    }
    for name in ["ed25519", "p256", "p384"] {
        openssl(folder, &format!("pkcs8 -topk8 -in {name}.key -passout file:password -out {name}-default.key"));
        openssl(folder, &format!("pkcs8 -topk8 -scrypt -in {name}.key -passout file:password -out {name}-scrypt.key"));
        openssl(
            folder,
            &format!(
                "pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA512 -iter 5000 -in {name}.key -passout file:password -out {name}-sha512.key"
            ),
        );
        let public = openssl(folder, &format!("pkey -in {name}.key -pubout -out {name}.pub"));
        assert!(public.is_empty());
    }
    for key in [
        "ed25519",
        "ed25519-default",
        "ed25519-scrypt",
        "p256",
        "p256-sec1",
        "p256-default",
        "p256-scrypt",
        "p256-sha512",
        "p384",
        "p384-sec1",
        "p384-default",
        "p384-sha512",
    ] {
        let name = key.split('-').next().unwrap();
        let shown = place.run(&format!("key show {key}.key --password-file password --format pem")).exits(0).stdout;
        assert_eq!(shown, place.read(&format!("{name}.pub")), "{key}");
        place
            .run(&format!(
                "bundle create release.toml --key {key}.key --password-file password --output {key}.intoto.jsonl"
            ))
            .exits(0);
        place.run(&format!("bundle verify {key}.intoto.jsonl --trust {name}.pub --model model")).exits(0);
    }
}

#[test]
fn compressed_points_are_the_same_key() {
    let place = Workplace::new();
    openssl(place.folder(), "ec -pubin -in ecdsa.pub -conv_form compressed -out compressed.pub");
    assert_ne!(place.read("compressed.pub"), place.read("ecdsa.pub"));
    let shown = |name: &str| place.run(&format!("key show {name} --format json")).exits(0).json();
    assert_eq!(shown("compressed.pub"), shown("ecdsa.pub"));
    let twice = "[[attester]]\nname = 'a'\nroles = ['builder']\n[[attester.key]]\npath = 'ecdsa.pub'\n\
                 [[attester]]\nname = 'b'\nroles = ['releaser']\n[[attester.key]]\npath = 'compressed.pub'\n";
    place.write("trust.toml", twice);
    place.create();
    let ran = place.run("bundle verify r.intoto.jsonl --trust trust.toml --model model").exits(2);
    assert!(ran.stderr.contains("one key stands twice"), "{}", ran.stderr);
}

#[test]
fn other_keys_are_refused_with_their_reason() {
    let place = Workplace::new();
    let folder = place.folder();
    openssl(folder, "genrsa -out rsa.key 1024");
    openssl(folder, "rsa -in rsa.key -pubout -out rsa.pub");
    openssl(folder, "ecparam -name secp256k1 -genkey -noout -out k1.key");
    openssl(folder, "ec -in k1.key -pubout -out k1.pub");
    openssl(folder, "rsa -in rsa.key -traditional -aes128 -passout pass:x -out legacy.key");
    for (key, reason) in [
        ("rsa.key", "not supported"),
        ("rsa.pub", "not supported"),
        ("k1.key", "not supported"),
        ("k1.pub", "not supported"),
        ("legacy.key", "old encrypted PEM"),
        ("release.toml", "expected one PEM block"),
        ("model", "not a regular file"),
    ] {
        let ran = place.run(&format!("key show {key}")).exits(2);
        assert!(ran.stderr.contains(reason), "{key}: {}", ran.stderr);
    }
    let public = place.run("bundle create release.toml --key release.pub --output r.intoto.jsonl").exits(2);
    assert!(public.stderr.contains("expected a private key"), "{}", public.stderr);
}

#[test]
fn a_key_in_another_form_comes_with_the_command_that_converts_it() {
    let place = Workplace::new();
    openssl(place.folder(), "pkey -in release.key -outform DER -out key.der");
    place
        .write("openssh.key", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n-----END OPENSSH PRIVATE KEY-----\n");
    place.write("id.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA alice\n");
    place.write("text.key", "no key\n");
    place.write("broken.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    for (file, fix) in [
        ("key.der", "openssl pkey -inform DER"),
        ("openssh.key", "ssh-keygen -p -m PKCS8"),
        ("id.pub", "ssh-keygen -e -m PKCS8"),
        ("text.key", "openssl pkey -inform DER"),
        ("broken.key", "openssl pkcs8 -topk8"),
    ] {
        let ran = place.run(&format!("key show {file}")).exits(2);
        assert!(ran.stderr.contains(fix), "{file}: {}", ran.stderr);
    }
    place.create();
    place.write("nist.pub", "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY= alice\n");
    place.write("hardware.pub", "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t alice\n");
    place.write(
        "alice.toml",
        "[[attester]]\nname = \"alice\"\nroles = [\"releaser\"]\n[[attester.key]]\npath = \"id.pub\"\n",
    );
    for trust in ["id.pub", "nist.pub", "hardware.pub", "openssh.key", "alice.toml"] {
        let ran = place.run(&format!("bundle verify r.intoto.jsonl --trust {trust} --model model")).exits(2);
        let told = ran.stderr.contains("form of OpenSSH") && ran.stderr.contains("ssh-keygen -e -m PKCS8");
        assert!(told, "{trust}: {}", ran.stderr);
    }
}

#[test]
fn keys_of_cosign_are_read_with_their_password() {
    let place = Workplace::new();
    crate::support::copy(&crate::support::repository("testdata/cosign"), place.folder());
    let create = |key: &str, more: &str, variables: &[(&str, &str)]| {
        let call = format!("bundle create release.toml --key {key} --output r.intoto.jsonl --force{more}");
        let mut command = command(place.folder());
        let output = command.args(call.split(' ')).envs(variables.iter().copied()).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let right = ("COSIGN_PASSWORD", "correct horse");
    place.write("password", "correct horse\n");
    place.write("cosign.key", place.read("sigstore.key").replace("SIGSTORE", "COSIGN"));
    for (key, more, variables) in [
        ("sigstore.key", "", &[right][..]),
        ("cosign.key", "", &[right]),
        ("sigstore.key", " --password-file password", &[]),
        ("sigstore.key", "", &[("ASSAYMARK_KEY_PASSWORD", "correct horse"), ("COSIGN_PASSWORD", "another")]),
        ("empty.key", "", &[("COSIGN_PASSWORD", "")]),
    ] {
        let made = create(key, more, variables);
        assert_eq!(made.0, 0, "{key}{more}: {made:?}");
        let public = if key == "empty.key" { "empty.pub" } else { "sigstore.pub" };
        place.run(&format!("bundle verify r.intoto.jsonl --trust {public} --model model")).exits(0);
        place.run("bundle verify r.intoto.jsonl --trust release.pub --model model").exits(1);
    }
    fs::remove_file(place.path("r.intoto.jsonl")).unwrap();
    let key = place.read("sigstore.key");
    let label = "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n";
    let body: String = key.lines().filter(|line| !line.starts_with("---")).collect();
    let json = String::from_utf8(data_encoding::BASE64.decode(body.as_bytes()).unwrap()).unwrap();
    let changed = |from: &str, to: &str| {
        assert!(json.contains(from), "{from}");
        let body = data_encoding::BASE64.encode(json.replacen(from, to, 1).as_bytes());
        let lines: Vec<&str> = body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        place.write("changed.key", format!("{label}{}\n{}", lines.join("\n"), label.replace("BEGIN", "END")));
        create("changed.key", "", &[right])
    };
    for (from, to, message) in [
        ("\"N\":65536", "\"N\":32768", "does not fit"),
        ("\"r\":8", "\"r\":4", "does not fit"),
        ("\"salt\":\"f", "\"salt\":\"g", "does not fit"),
        ("\"nonce\":\"j", "\"nonce\":\"k", "does not fit"),
        ("\"ciphertext\":\"e", "\"ciphertext\":\"f", "does not fit"),
        ("\"N\":65536", "\"N\":1073741824", "more work"),
        ("\"N\":65536", "\"N\":65537", "well formed"),
        ("{\"kdf\"", "{\"ciphertext\":\"AAAA\",\"kdf\"", "well formed"),
    ] {
        let ran = changed(from, to);
        assert!(ran.0 == 2 && ran.1.contains(message), "{to}: {ran:?}");
    }
    for variables in [&[("COSIGN_PASSWORD", "wrong")][..], &[("COSIGN_PASSWORD", "")]] {
        let wrong = create("sigstore.key", "", variables);
        assert!(wrong.0 == 2 && wrong.1.contains("does not fit"), "{wrong:?}");
    }
    let none = create("sigstore.key", "", &[]);
    assert!(none.0 == 2 && none.1.contains("COSIGN_PASSWORD"), "{none:?}");
    assert!(!place.path("r.intoto.jsonl").exists());
    place.run("key generate --output ours.key --password-file password").exits(0);
    assert_eq!(create("ours.key", "", &[right]).0, 2, "the variable of cosign is for keys of cosign");
}
