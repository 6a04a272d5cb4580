#!/usr/bin/env python3
"""Builds all mutants that cargo-mutants lists into one binary, and runs the vectors on each of them.

`ASSAYMARK_MUTANT=N` chooses a mutant where the binary runs: each function that has mutants is, in a copy of the
tree, a choice between what it was and what each mutant makes of it. A mutant that does not compile is found by the
place of the compiler's error and left out. Called by `.ci/mutation SET --at-once`, with an expression and the files as
arguments: vectors whose `case.toml` it fits run first, all others on what is left then, if it is there without a policy,
and on what survives those the tests of the policy: of its parts, and of the commands that ask what no vector does.
"""
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

FIRST, *GLOBS = sys.argv[1:]
# What is there only where a policy is read: vectors that name none can't notice it.
OF_A_POLICY = re.compile(r"src/policy/(rules/(?!required_evidence)|reading|names|bound|difference|stages)")
TREE = Path("target/mutation/at-once")
# The vectors run on each mutant: what it takes to optimise a little is soon won back.
os.environ["CARGO_PROFILE_DEV_OPT_LEVEL"] = "1"
# The tests of the library and of the command line that know the policy best.
TESTS = [["policy::", "verify::", "--skip", "rego::"], ["policies::"]]
CHOICE = """
/// Which mutant runs; none where the variable is not set.
pub(crate) mod mutant {
    static NUMBER: std::sync::LazyLock<usize> = std::sync::LazyLock::new(|| {
        std::env::var("ASSAYMARK_MUTANT").ok().and_then(|number| number.parse().ok()).unwrap_or(usize::MAX)
    });
    pub(crate) fn number() -> usize {
        *NUMBER
    }
}
"""


def call(*command, **options):
    return subprocess.run(command, text=True, capture_output=True, **options)


def offset(lines, place):
    return sum(len(line) for line in lines[: place["line"] - 1]) + place["column"] - 1


def span(lines, where):
    return offset(lines, where["start"]), offset(lines, where["end"])


# What braces may stand in without being one of the code.
QUOTED = re.compile(r'//[^\n]*|b?"(?:\\.|[^"\\])*"|b?\'(?:\\.[^\']*|[^\\\'])\'', re.S)


def body_of(function):
    """Returns where the body of a function begins and ends: the last braces that match."""
    bare = QUOTED.sub(lambda found: " " * len(found.group()), function)
    depth = 0
    for at in range(len(bare) - 1, -1, -1):
        depth += {"}": 1, "{": -1}.get(bare[at], 0)
        if bare[at] == "{" and depth == 0:
            return at + 1, bare.rindex("}")
    raise ValueError(function)


def mutated(text, lines, mutant):
    start, end = span(lines, mutant["span"])
    return text[:start] + mutant["replacement"] + text[end:], len(mutant["replacement"]) - (end - start)


def chosen(text, lines, mutants, where):
    """Returns a function as a choice between its mutants, and the line in it at which each begins."""
    start, end = span(lines, where)
    function = text[start:end]
    open_at, close_at = body_of(function)
    original = function[open_at:close_at]
    boxed = "-> impl Iterator" in function[:open_at]
    wrap = (lambda body: f"Box::new({{{body}}}) as Box<dyn Iterator<Item = _>>") if boxed else (lambda body: body)
    numbers = [mutant["number"] for mutant in mutants]
    made = f"{function[:open_at]} match crate::mutant::number() {{ n if !{numbers}.contains(&n) => {{{wrap(original)}}}\n"
    begins = []
    for mutant in mutants:
        changed, more = mutated(text, lines, mutant)
        body = changed[start + open_at : start + close_at + more]
        begins.append((made.count("\n"), mutant["number"]))
        made += f"{mutant['number']} => {{{wrap(body)}}}\n"
    begins.append((made.count("\n"), None))
    return made + "_ => unreachable!() } }", begins


def write(path, mutants):
    """Writes a file with its mutants, and returns which mutant stands from which line on."""
    text = Path(path).read_text()
    lines = text.splitlines(keepends=True)
    groups = {}
    for mutant in mutants:
        where = mutant["function"]["span"]
        groups.setdefault(json.dumps(where, sort_keys=True), []).append(mutant)
    made, places, done = "", [(0, None)], 0
    for where, group in sorted(groups.items(), key=lambda group: offset(lines, json.loads(group[0])["start"])):
        where = json.loads(where)
        start, end = span(lines, where)
        made += text[done:start]
        function, begins = chosen(text, lines, group, where)
        places += [(made.count("\n") + line, number) for line, number in begins]
        made, done = made + function, end
    (TREE / path).write_text(made + text[done:])
    return places


def errors():
    """Compiles, and returns the file and line of each place that an error names."""
    ran = call("cargo", "check", "--locked", "--lib", "--message-format=json", cwd=TREE)
    messages = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    wrong = [message["message"] for message in messages if message.get("message", {}).get("level") == "error"]
    assert ran.returncode == 0 or wrong, ran.stderr
    return [[(place["file_name"], place["line_start"]) for place in error["spans"]] for error in wrong]


def mutant_at(places, line):
    before = [number for begins, number in places if begins < line]
    return before[-1]


def viable(mutants):
    """Leaves out what does not compile, until what is left does."""
    files, left = sorted({mutant["file"] for mutant in mutants}), mutants
    while True:
        places = {path: write(path, [mutant for mutant in left if mutant["file"] == path]) for path in files}
        named = [[mutant_at(places[file], line) for file, line in error if file in places] for error in errors()]
        if not named:
            return left
        faulty = {number for numbers in named for number in numbers if number is not None}
        assert faulty, f"an error that is no mutant's: {named}"
        left = [mutant for mutant in left if mutant["number"] not in faulty]
        print(f"{len(faulty)} do not compile, {len(left)} are left", flush=True)


def tested(binary, number, *filters):
    """Runs tests on a mutant, and returns what became of it: caught by a vector, or else by a test."""
    environment = os.environ | {"ASSAYMARK_MUTANT": str(number)}
    try:
        ran = call(binary, *filters, cwd=TREE, env=environment, timeout=400)
    except subprocess.TimeoutExpired:
        return "timeout", ""
    said = ran.stdout + ran.stderr
    by = re.search(r"are judged wrong:\n([^:\n]+)", said) or re.search(r"^test (\S+) \.\.\. FAILED", said, re.M)
    return ("survived", "") if ran.returncode == 0 else ("caught", by.group(1) if by else "panic")


def vectors(binary, number):
    return tested(binary, number, "vectors::every_vector")


def tests(binaries, number):
    """Runs the tests of the policy on a mutant, until one fails."""
    for binary, filters in zip(binaries, TESTS):
        outcome = tested(binary, number, *filters)
        if outcome[0] != "survived":
            return outcome
    return outcome


def replace(path, old, new):
    text = (TREE / path).read_text()
    assert old in text, f"{path} has no {old}"
    (TREE / path).write_text(text.replace(old, new))


def move(source, target, fits):
    """Moves the vectors that fit from one folder to another."""
    (TREE / target).mkdir(exist_ok=True)
    for case in list((TREE / source).glob("*/case.toml")):
        if fits(case.read_text()):
            case.parent.rename(TREE / target / case.parent.name)


def run(judge, binary, mutants, name):
    """Runs tests on mutants, and returns those that survive."""
    outcomes = {}
    with open(TREE / name, "w") as file:
        for mutant in mutants:
            outcomes[mutant["number"]] = outcome = judge(binary, mutant["number"])
            print(*outcome, mutant["name"], sep="\t", file=file, flush=True)
    return [mutant for mutant in mutants if outcomes[mutant["number"]][0] == "survived"]


def main():
    listed = call("cargo", "mutants", *[f"--file={glob}" for glob in GLOBS], "--list", "--json")
    mutants = [mutant | {"number": number} for number, mutant in enumerate(json.loads(listed.stdout))]
    TREE.mkdir(parents=True, exist_ok=True)
    subprocess.run(f"git archive HEAD | tar -x -C {TREE}", shell=True, check=True)
    with open(TREE / "src/lib.rs", "a") as library:
        library.write(CHOICE)
    variable = '.env_clear().envs(std::env::vars().filter(|(name, _)| name == "ASSAYMARK_MUTANT"))'
    replace("tests/it/support.rs", ".env_clear()", variable)
    # One wrong answer is enough.
    replace("tests/it/vectors.rs", "const ENOUGH: usize = 20", "const ENOUGH: usize = 1")
    tried = viable(mutants)
    built = call("cargo", "test", "--locked", "--lib", "--test", "it", "--no-run", "--message-format=json", cwd=TREE)
    artifacts = [json.loads(line) for line in built.stdout.splitlines() if line.startswith("{")]
    made = [made for made in artifacts if made.get("executable") and made["profile"]["test"]]
    made = {made["target"]["name"]: made["executable"] for made in made}
    library, binary = made["assaymark"], made["it"]
    assert vectors(binary, len(mutants)) == ("survived", ""), "the vectors fail without a mutant"
    move("testdata/vectors", "testdata/others", lambda case: not re.search(FIRST, case))
    left = run(vectors, binary, tried, "first.tsv")
    move("testdata/vectors", "testdata/first", lambda case: True)
    move("testdata/others", "testdata/vectors", lambda case: True)
    named = [mutant for mutant in left if OF_A_POLICY.match(mutant["file"])]
    left = run(vectors, binary, [mutant for mutant in left if mutant not in named], "second.tsv") + named
    move("testdata/first", "testdata/vectors", lambda case: True)
    assert tests([library, binary], len(mutants)) == ("survived", ""), "the tests fail without a mutant"
    unnoticed = run(tests, [library, binary], left, "third.tsv")
    counts = f"{len(mutants) - len(tried)} unviable, {len(left)} survived the vectors, {len(unnoticed)} all tests"
    print(f"{len(mutants)} mutants, {counts}:")
    print("\n".join(mutant["name"] for mutant in unnoticed))


if __name__ == "__main__":
    started = time.monotonic()
    main()
    print(f"{time.monotonic() - started:.0f} s")
