//! A signer outside: a program that is handed what is to be signed, for keys in a KMS or an HSM.
//!
//! `docs/signers.md` says what the program reads and writes. Nothing that it prints is believed: a signature is used
//! only if it verifies under the key that the program named when it was started first.

use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use data_encoding::BASE64;

use crate::dsse::Pae;
use crate::key::{Algorithm, VerifyingKey};
use crate::limits;
use crate::signer::{CommandError, SignError, Signer};

/// The payload type of what is signed to learn the key: no statement has it.
const PROBE: &str = "application/vnd.assaymark.probe";
/// What the public key begins with.
const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----";
/// How often an ending program is looked at.
const INTERVAL: Duration = Duration::from_millis(5);

/// A command line, split into words at spaces: no shell reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    program: String,
    arguments: Vec<String>,
}

impl CommandLine {
    /// Splits a command line. What a shell would change is refused, for there is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(character) = text.chars().find(|character| "'\"\\$`".contains(*character)) {
            return Err(format!("no shell reads it, so `{character}` has no meaning: write a script, and name that"));
        }
        let mut words = text.split_ascii_whitespace().map(str::to_owned);
        let program = words.next().ok_or("expected a program, and its arguments")?;
        Ok(Self { program, arguments: words.collect() })
    }
}

/// A program that signs.
pub struct CommandSigner {
    line: CommandLine,
    limit: Duration,
    public: VerifyingKey,
}

impl CommandSigner {
    /// Starts the program once, to learn its key and that it signs. A run may take [`limits::SIGNER_TIME`].
    pub fn new(line: CommandLine) -> Result<Self, SignError> {
        Self::with_limit(line, limits::SIGNER_TIME)
    }

    fn with_limit(line: CommandLine, limit: Duration) -> Result<Self, SignError> {
        let probe = Pae::new(PROBE, b"");
        let (_, public) = run(&line, probe.as_bytes(), limit).map_err(|fault| error(&line, fault))?;
        Ok(Self { line, limit, public })
    }
}

impl Signer for CommandSigner {
    fn public(&self) -> &VerifyingKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let (signature, key) = run(&self.line, message, self.limit).map_err(|fault| error(&self.line, fault))?;
        if key.fingerprint() != self.public.fingerprint() {
            return Err(error(&self.line, CommandError::OtherKey));
        }
        Ok(signature)
    }
}

fn error(line: &CommandLine, fault: CommandError) -> SignError {
    SignError { program: line.program.clone(), fault }
}

/// Runs the program over a message, and returns its signature, which fits, and its key.
fn run(line: &CommandLine, message: &[u8], limit: Duration) -> Result<(Vec<u8>, VerifyingKey), CommandError> {
    let mut child = start(line)?;
    let output = talk(&mut child, message, limit);
    if output.is_err() {
        // It may have ended by itself meanwhile, which is as good.
        let _ = child.kill();
        let _ = child.wait();
    }
    let (signature, key) = parse(&output?)?;
    if !key.verifies(message, &signature) {
        return Err(CommandError::Signature(key.algorithm()));
    }
    Ok((signature, key))
}

fn start(line: &CommandLine) -> Result<Child, CommandError> {
    #[allow(clippy::disallowed_methods, reason = "the one program that is ever started, and the caller names it")]
    let mut command = Command::new(&line.program);
    command.args(&line.arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    command.spawn().map_err(CommandError::Start)
}

/// Hands the message over and takes the answer. A child of the program that keeps its output open is not waited for
/// beyond the limit: the threads are left to themselves then.
fn talk(child: &mut Child, message: &[u8], limit: Duration) -> Result<Vec<u8>, CommandError> {
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(CommandError::Start(std::io::ErrorKind::BrokenPipe.into()));
    };
    let message = message.to_owned();
    // A program that does not read to the end makes no signature that fits.
    thread::spawn(move || drop(input.write_all(&message)));
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut read = Vec::new();
        let taken = output.take(limits::SIGNER_OUTPUT_BYTES as u64 + 1).read_to_end(&mut read);
        // Nobody listens where the time is up.
        drop(sender.send(taken.map(|_| read)));
    });
    let read = match receiver.recv_timeout(limit) {
        Ok(read) => read.map_err(CommandError::Start)?,
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Err(CommandError::Slow),
    };
    if read.len() > limits::SIGNER_OUTPUT_BYTES {
        return Err(CommandError::TooLong);
    }
    let status = wait(child, limit)?;
    if status.success() { Ok(read) } else { Err(CommandError::Failed(status)) }
}

/// Waits for the end of a program that has said all: it may take the limit once more.
fn wait(child: &mut Child, limit: Duration) -> Result<ExitStatus, CommandError> {
    let mut waited = Duration::ZERO;
    while waited < limit {
        if let Some(status) = child.try_wait().map_err(CommandError::Start)? {
            return Ok(status);
        }
        thread::sleep(INTERVAL);
        waited += INTERVAL;
    }
    Err(CommandError::Slow)
}

/// Reads the answer: a signature in base64, then a public key in PEM.
fn parse(output: &[u8]) -> Result<(Vec<u8>, VerifyingKey), CommandError> {
    let text = std::str::from_utf8(output).map_err(|_| CommandError::Form("it is no text"))?;
    let place = text.find(PUBLIC_KEY).ok_or(CommandError::Form("it has no public key in PEM"))?;
    let (signature, key) = text.split_at(place);
    let signature: String = signature.split_ascii_whitespace().collect();
    let signature =
        BASE64.decode(signature.as_bytes()).map_err(|_| CommandError::Form("it does not begin in base64"))?;
    if signature.is_empty() {
        return Err(CommandError::Form("it has no signature before the public key"));
    }
    let key = VerifyingKey::from_pem(key)?;
    match key.algorithm() {
        Algorithm::Ed25519 | Algorithm::EcdsaP256 | Algorithm::EcdsaP384 => Ok((signature, key)),
        Algorithm::EcdsaP521 => Err(CommandError::Algorithm),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::time::Instant;

    use super::*;
    use crate::key::SigningKey;

    fn signer(script: &str) -> Result<Vec<u8>, SignError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signer");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let line = CommandLine::parse(path.to_str().unwrap()).unwrap();
        CommandSigner::with_limit(line, Duration::from_millis(1_500))?.sign(b"message")
    }

    /// Prints an answer to the probe, or to `message`.
    fn answer(key: &SigningKey, message: &[u8]) -> String {
        format!("echo {}\necho '{}'", BASE64.encode(&key.sign(message)), key.public().to_pem().trim())
    }

    fn probed(key: &SigningKey, after: &str) -> String {
        let probe = answer(key, Pae::new(PROBE, b"").as_bytes());
        format!("if grep -q probe; then\n{probe}\nexit\nfi\n{after}")
    }

    fn key(algorithm: Algorithm) -> SigningKey {
        SigningKey::generate(algorithm).unwrap()
    }

    #[test]
    fn a_signature_that_fits_is_returned() {
        for algorithm in [Algorithm::Ed25519, Algorithm::EcdsaP256, Algorithm::EcdsaP384] {
            let key = key(algorithm);
            let signature = signer(&probed(&key, &answer(&key, b"message"))).unwrap();
            assert!(key.public().verifies(b"message", &signature));
        }
    }

    #[test]
    fn whatever_else_it_does_is_an_error() {
        let key = [key(Algorithm::Ed25519), key(Algorithm::EcdsaP256), key(Algorithm::EcdsaP521)];
        let pem = key[0].public().to_pem();
        let cases: [(&str, String); 14] = [
            ("exit status: 3", "exit 3".to_owned()),
            ("exit status: 3", probed(&key[0], &format!("{}\nexit 3", answer(&key[0], b"message")))),
            ("signal", "kill -9 $$".to_owned()),
            ("no public key", "echo garbage".to_owned()),
            ("no public key", "exit 0".to_owned()),
            ("base64", format!("echo '*'; echo '{pem}'")),
            ("no signature", format!("echo '{pem}'")),
            ("no text", "printf '\\377'".to_owned()),
            ("well formed", "echo AAAA; echo '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'".to_owned()),
            ("more than", "yes".to_owned()),
            ("does not fit", probed(&key[0], &answer(&key[0], b"another message"))),
            ("another public key", probed(&key[0], &answer(&key[1], b"message"))),
            ("ecdsa-p521", probed(&key[2], "")),
            ("one PEM block", format!("echo AAAA; echo '{pem}'; echo '{pem}'")),
        ];
        for (expected, script) in cases {
            let error = signer(&script).unwrap_err().to_string();
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }

    #[test]
    fn what_does_not_end_is_ended() {
        let key = key(Algorithm::Ed25519);
        let hang = ["sleep 60", "exec sleep 60", "exec >&-; exec sleep 60", "sleep 60 & exit 0"];
        for script in hang.map(str::to_owned).into_iter().chain([probed(&key, "sleep 60")]) {
            let began = Instant::now();
            let error = signer(&script).unwrap_err();
            assert!(matches!(error.fault, CommandError::Slow), "{script}: {error}");
            assert!(began.elapsed() < Duration::from_secs(10), "{script}");
        }
    }

    #[test]
    fn a_program_that_is_not_there_is_the_fault_of_the_call() {
        use crate::fault::{Blame, Fault};
        for program in ["/nonexistent/signer", "assaymark-no-such-program", "/etc/passwd"] {
            let error = CommandSigner::new(CommandLine::parse(program).unwrap()).err().unwrap();
            assert_eq!(error.blame(), Blame::Call, "{error}");
            assert!(error.to_string().contains(program), "{error}");
        }
    }

    #[test]
    fn a_command_line_is_split_at_spaces() {
        let line = CommandLine::parse("  sign.sh pkcs11:token=a;object=b\t--x ").unwrap();
        assert_eq!(line.program, "sign.sh");
        assert_eq!(line.arguments, ["pkcs11:token=a;object=b", "--x"]);
        for refused in ["", "  ", "sh -c 'x'", "a \"b\"", "a\\ b", "a $HOME", "a `b`"] {
            assert!(CommandLine::parse(refused).is_err(), "{refused}");
        }
    }
}
