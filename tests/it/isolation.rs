//! `bundle verify` opens no socket and starts no process: its system calls are looked at.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::Workplace;

/// The calls of the classes `network` and `process` that change nothing outside of a process: its threads, its end,
/// and waiting for children, of which it has none.
const HARMLESS: [&str; 7] = ["exit", "exit_group", "wait4", "waitid", "rt_sigqueueinfo", "arch_prctl", "tgkill"];

/// Returns the calls of a trace that open a socket or start a process, the start of the program itself left out.
fn forbidden(trace: &str) -> Vec<&str> {
    let calls = trace.lines().filter(|line| !line.contains("<... ") && !line.contains("+++") && !line.contains("---"));
    let mut started = false;
    let forbidden = calls.filter(|line| {
        let call = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        let name = call.split('(').next().unwrap();
        match name {
            // strace itself starts the program.
            "execve" => std::mem::replace(&mut started, true),
            "clone" | "clone3" => !call.contains("CLONE_THREAD"),
            _ => !HARMLESS.contains(&name),
        }
    });
    forbidden.collect()
}

/// Traces a program in a folder, or says that it can't be done.
fn trace(folder: &Path, program: &str, arguments: &[&str], status: i32) -> Option<String> {
    let file = folder.join("calls");
    let mut command = Command::new("strace");
    command.args(["-f", "-e", "trace=%network,%process", "-o"]).arg(&file).arg(program).args(arguments);
    let Ok(output) = command.current_dir(folder).stdin(Stdio::null()).output() else {
        eprintln!("NOTICE: strace is not installed, so this was not checked");
        return None;
    };
    assert_eq!(output.status.code(), Some(status), "{}", String::from_utf8_lossy(&output.stderr));
    Some(fs::read_to_string(file).unwrap())
}

/// Calls that pass, that deny, and that can't be answered, over everything that `verify` reads.
const CALLS: [(&str, i32); 5] = [
    ("--trust release.pub --model model --code code --dataset train=data/train --dataset test=data/test", 0),
    ("--trust release.pub --model model --copy-to copy --format json=report.json", 0),
    ("--trust release.pub --model tampered --code data --dataset train=data/test", 1),
    ("--trust stranger.pub --model model", 1),
    ("--trust release.toml --model model", 2),
];

fn arguments(more: &'static str) -> Vec<&'static str> {
    ["bundle", "verify", "r.intoto.jsonl"].into_iter().chain(more.split(' ')).collect()
}

#[test]
fn verify_opens_no_socket_and_starts_no_process() {
    let place = Workplace::new();
    place.create();
    for (more, status) in CALLS {
        let Some(calls) = trace(place.folder(), env!("CARGO_BIN_EXE_assaymark"), &arguments(more), status) else {
            return;
        };
        assert!(calls.contains("execve("), "{calls}");
        assert_eq!(forbidden(&calls), Vec::<&str>::new(), "{more}\n{calls}");
    }
}

/// What opens a socket, and what starts a process, is seen: the look can fail.
#[test]
fn sockets_and_processes_are_seen() {
    let place = Workplace::new();
    for (script, call) in [
        ("import socket; socket.socket()", "socket("),
        ("import subprocess; subprocess.run(['true'])", "execve("),
        ("import os; os.fork()", "clone("),
        ("import os; os.system('true')", "clone"),
    ] {
        if Command::new("python3").arg("--version").output().is_err() {
            eprintln!("NOTICE: python3 is not installed, so this was not checked");
            return;
        }
        let Some(calls) = trace(place.folder(), "python3", &["-c", script], 0) else { return };
        assert!(forbidden(&calls).iter().any(|line| line.contains(call)), "{script}\n{calls}");
    }
    assert_eq!(
        forbidden("1 execve(\"x\") = 0\n1 clone3({flags=CLONE_VM|CLONE_THREAD}) = 2\n1 vfork() = 3"),
        ["1 vfork() = 3"]
    );
}

#[test]
fn verify_does_without_a_network() {
    let place = Workplace::new();
    place.create();
    let unshare = |arguments: &[&str]| {
        let output = Command::new("unshare").args(["--net", "--"]).args(arguments).current_dir(place.folder()).output();
        output.ok().and_then(|output| output.status.code())
    };
    if unshare(&["true"]) != Some(0) {
        eprintln!("NOTICE: no process may be cut off from the network here, so this was not checked");
        return;
    }
    for (more, status) in CALLS {
        let call = [vec![env!("CARGO_BIN_EXE_assaymark")], arguments(more)].concat();
        assert_eq!(unshare(&call), Some(status), "{more}");
    }
}
