"""What .ci/scan-peers measures: `scan-peers.py all|verdicts|speed|together ASSAYMARK FOLDER`, the corpus in FOLDER/corpus.

Verdicts are kept in FOLDER/verdicts.json by the content of the file and the version of the tool, so that a second run
asks a tool only what it has not answered. Speed is measured anew each time, all tools one after another on each file.
"""

import hashlib
import importlib.metadata
import json
import os
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

SECONDS = 60
LARGE_SECONDS = 30
LARGE_BYTES = 1 << 30
# Address space of a peer with a large file, so that it can't take the machine down.
LARGE_MEMORY = 12 << 30

what, assaymark, folder = sys.argv[1], str(Path(sys.argv[2]).resolve()), Path(sys.argv[3]).resolve()
binaries = folder / "bin"

TOOLS = {
    "assaymark": [assaymark, "scan", "--format", "json"],
    "picklescan": [str(binaries / "picklescan"), "-p"],
    "picklescan --strict": [str(binaries / "picklescan"), "--strict", "-p"],
    "modelscan": [str(binaries / "modelscan"), "scan", "-p"],
    "fickling": [str(binaries / "fickling"), "--check-safety", "--json-output", "/dev/null"],
}
# With TensorFlow, modelscan reads Keras and SavedModel too, and takes seconds to start: asked only where it asks for it.
FULL_MODELSCAN = [str(folder / "tensorflow/bin/modelscan"), "scan", "-p"]
# The endings that each of them reads as pickles.
PICKLES = {".pkl", ".joblib"}
LETTERS = {"clean": "c", "found": "F", "unknown": "u", "skipped": "s", "error": "e", "crash": "x", "timeout": "t"}
# The worst of what was said of the files of a folder, for a tool that reads one file only.
WORST = ["clean", "skipped", "error", "timeout", "crash", "unknown", "found"]


def version(tool):
    if tool == "assaymark":
        return hashlib.sha256(Path(assaymark).read_bytes()).hexdigest()[:12]
    return importlib.metadata.version(tool.split()[0])


def run(tool, path, command=None):
    """Returns the exit status (None after the time limit), the output, and the wall and CPU seconds."""
    command = command or TOOLS[tool]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    try:
        done = subprocess.run([*command, str(path)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=SECONDS, cwd=folder / "work", check=False)
        status, output = done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired:
        status, output = None, ""
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return status, output, time.perf_counter() - start, cpu


def judge(tool, status, output):
    """Translates an exit status, by the documentation of each tool."""
    if status is None:
        return "timeout"
    if status < 0 or status == 101:
        return "crash"
    if tool == "assaymark":
        if status == 1:
            ratings = {file["rating"] for file in json.loads(output)["files"]}
            return "found" if ratings & {"suspicious", "malicious"} else "unknown"
        return {0: "clean"}.get(status, "error")
    if tool == "modelscan":
        return {0: "clean", 1: "found", 3: "skipped"}.get(status, "error")
    # The status of a traceback is 1, as is that of a finding.
    traceback = "Traceback (most recent call last)" in output and not output.lstrip().startswith("ERROR")
    if tool == "fickling":
        if traceback:
            return "crash"
        return {0: "clean", 1: "found"}.get(status, "error")
    return {0: "clean", 1: "crash" if traceback and "Infected" not in output else "found"}.get(status, "error")


def files_of(path):
    return [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())


def verdict(tool, path):
    if tool == "fickling" and path.is_dir():
        said = [judge(tool, *run(tool, file)[:2]) for file in files_of(path)]
        return max(said, key=WORST.index)
    status, output = run(tool, path)[:2]
    if tool == "modelscan" and "tensorflow extras" in " ".join(output.split()):
        status, output = run(tool, path, FULL_MODELSCAN)[:2]
    return judge(tool, status, output)


def cases():
    """Pairs of a group and a path."""
    for line in (folder / "corpus/corpus.tsv").read_text().splitlines():
        expected, group, path, _ = line.split("\t")
        yield expected, f"{expected}/{group}", folder / "corpus" / path
    for kind in ("files", "layouts"):
        for path in sorted((folder / "corpus/libraries" / kind).iterdir()):
            yield "benign", f"benign/libraries: {kind}", path


def digest(path):
    parts = [str(file.relative_to(path.parent)).encode() + b"\0" + file.read_bytes() for file in files_of(path)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def verdicts():
    store = folder / "verdicts.json"
    known = json.loads(store.read_text()) if store.exists() else {}
    groups = defaultdict(lambda: defaultdict(Counter))
    totals = defaultdict(lambda: defaultdict(Counter))
    sizes, through = Counter(), defaultdict(list)
    for expected, group, path in cases():
        sizes[group] += 1
        sizes[expected] += 1
        for tool in TOOLS:
            suffix = " tensorflow" if tool == "modelscan" else ""
            key = f"{tool}{suffix} {version(tool)} {digest(path)}"
            if key not in known:
                known[key] = verdict(tool, path)
                if len(known) % 200 == 0:
                    store.write_text(json.dumps(known))
            said = known[key]
            groups[group][tool][said] += 1
            totals[expected][tool][said] += 1
            if (said == "clean") == (expected != "benign"):
                through[f"{tool}, {expected}"].append(str(path.relative_to(folder / "corpus")))
    store.write_text(json.dumps(known))
    (folder / "wrong.json").write_text(json.dumps(through, indent=1))
    tools = list(TOOLS)
    print(f"| group | files | {' | '.join(tools)} |\n|---|---:|{'---|' * len(tools)}")
    cell = lambda counts: " ".join(f"{counts[word]}{letter}" for word, letter in LETTERS.items() if counts[word])
    for group in sorted(groups):
        print(f"| {group} | {sizes[group]} | {' | '.join(cell(groups[group][tool]) for tool in tools)} |")
    for expected in ("hostile", "malformed", "benign"):
        print(f"| **all {expected}** | {sizes[expected]} | {' | '.join(cell(totals[expected][tool]) for tool in tools)} |")
    sys.stdout.flush()


def sample():
    everything = [path for _, _, path in cases() if path.is_file()]
    return everything[:: max(1, len(everything) // 40)][:40]


def speed():
    # modelscan by itself, and as its own README says to install it for the formats of Keras and TensorFlow.
    rows = {("modelscan[h5py]" if tool == "modelscan" else tool): command for tool, command in TOOLS.items()}
    rows["modelscan[h5py,tensorflow]"] = FULL_MODELSCAN
    walls, cpus = defaultdict(list), defaultdict(list)
    for path in sample():
        for row, command in rows.items():
            runs = [run(row, path, command)[2:] for _ in range(1 if command is FULL_MODELSCAN else 3)]
            walls[row].append(min(wall for wall, _ in runs))
            cpus[row].append(min(cpu for _, cpu in runs))
    own, own_cpu = statistics.mean(walls["assaymark"]), statistics.mean(cpus["assaymark"])
    print(f"| a file, of {len(walls['assaymark'])}, process and all | mean wall | median wall | mean CPU | times assaymark's wall | times its CPU |\n|---|---:|---:|---:|---:|---:|")
    for row in rows:
        mean, cpu = statistics.mean(walls[row]), statistics.mean(cpus[row])
        times = [mean, statistics.median(walls[row]), cpu]
        print(f"| {row} | {' | '.join(f'{1000 * value:.1f} ms' for value in times)} | {mean / own:.1f} | {cpu / own_cpu:.1f} |")
    print()
    sys.stdout.flush()


def pickles():
    """Writes the pickles of the corpus into one folder, so that each tool reads them in one call."""
    target = folder / "pickles"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    files = [path for _, _, path in cases() if path.is_file() and path.suffix in PICKLES]
    for number, path in enumerate(files):
        shutil.copyfile(path, target / f"{number:04d}{path.suffix}")
    return target, len(files)


def together():
    """One call over many files, so that the start of a tool counts once; fickling reads one file a call."""
    target, count = pickles()
    print(f"| {count} pickles in one call | wall | CPU | wall, a file | CPU, a file | times assaymark's wall | times its CPU |\n|---|---:|---:|---:|---:|---:|---:|")
    own = None
    for row in ("assaymark", "picklescan", "picklescan --strict", "modelscan"):
        wall, cpu = (min(column) for column in zip(*(run(row, target)[2:] for _ in range(5)), strict=True))
        own = own or (wall, cpu)
        name = "modelscan[h5py]" if row == "modelscan" else row
        each = f"{1e6 * wall / count:.0f} µs | {1e6 * cpu / count:.0f} µs"
        print(f"| {name} | {1000 * wall:.0f} ms | {1000 * cpu:.0f} ms | {each} | {wall / own[0]:.1f} | {cpu / own[1]:.1f} |", flush=True)
    print()


def large_files():
    """Writes five pickles of a GiB: arrays, numbers in frames, texts without frames, texts that are kept and fetched, rows."""
    names = ("arrays", "numbers", "texts", "kept", "rows")
    arrays, numbers, texts, kept, rows = (folder / f"large-{name}.pkl" for name in names)
    block = os.urandom(64 << 20)
    with arrays.open("wb") as file:
        file.write(b"\x80\x04](")
        for _ in range(LARGE_BYTES >> 26):
            file.write(b"\x8e" + struct.pack("<Q", len(block)) + block)
        file.write(b"e.")
    floats = b"".join(b"G" + struct.pack(">d", number / 7) for number in range(7000))
    frame = b"(" + floats + b"e"
    with numbers.open("wb") as file:
        file.write(b"\x80\x04]")
        for _ in range(LARGE_BYTES // len(frame)):
            file.write(b"\x95" + struct.pack("<Q", len(frame)) + frame)
        file.write(b".")
    words = b"(" + b"".join(b"X" + struct.pack("<I", 5) + b"w%04d" % number for number in range(1000)) + b"e"
    with texts.open("wb") as file:
        file.write(b"\x80\x02]")
        for _ in range(LARGE_BYTES // len(words)):
            file.write(words)
        file.write(b".")
    keep_and_fetch = b"(" + b"".join(b"\x8c\x05w%04d\x94h" % number + bytes([number % 200]) for number in range(1000)) + b"e"
    with kept.open("wb") as file:
        file.write(b"\x80\x04]")
        for _ in range(LARGE_BYTES // len(keep_and_fetch)):
            file.write(keep_and_fetch)
        file.write(b".")
    # As `pickle` writes a list of dictionaries with the same keys.
    row = b"}\x94(h\x01K\x07h\x02G?\xf0\0\0\0\0\0\0h\x03\x8c\x05w%04d\x94h\x04\x88u"
    block = b"(" + b"".join(row % number for number in range(1000)) + b"e"
    with rows.open("wb") as file:
        file.write(b"\x80\x04](" + b"".join(b"\x8c\x04key%d\x94" % number for number in range(5)) + b"e")
        for _ in range(LARGE_BYTES // len(block)):
            file.write(block)
        file.write(b".")
    millions = lambda part, whole: LARGE_BYTES // len(whole) * whole.count(part) // 1_000_000
    return {
        "16 byte strings of 64 MiB": arrays,
        "119 million numbers, in frames": numbers,
        "107 million short texts": texts,
        f"{millions(b'w', keep_and_fetch)} million texts that are kept, and as many that are fetched": kept,
        f"{millions(b'}', block)} million dictionaries with four keys that are fetched": rows,
    }


def timed(command, memory=None):
    limit = f"ulimit -v {memory >> 10}; " if memory else ""
    script = f'{limit}exec /usr/bin/time -o {folder}/time -f "%e %U %S %M" timeout {LARGE_SECONDS} "$@"'
    done = subprocess.run(["bash", "-c", script, "bash", *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, cwd=folder / "work", check=False)
    wall, user, system, peak = (float(word) for word in (folder / "time").read_text().split("\n")[-2].split())
    return done.returncode, done.stdout.decode(errors="replace"), wall, user + system, peak / 1024


def large():
    print("| 1 GiB | tool | wall | CPU | peak memory | says |\n|---|---|---:|---:|---:|---|")
    for name, path in large_files().items():
        subprocess.run(["cat", str(path)], stdout=subprocess.DEVNULL, check=True)
        hashing = ["openssl", "dgst", "-sha256", str(path)]
        runs = [timed(hashing) for _ in range(3)]
        _, _, wall, cpu, peak = min(runs, key=lambda row: row[2])
        print(f"| {name} | `openssl dgst -sha256` | {wall:.2f} s | {cpu:.2f} s | {peak:.0f} MiB | |")
        # `--strict` reads as picklescan does, and judges otherwise.
        for tool in ["assaymark", "picklescan", "modelscan", "fickling"]:
            command = [*TOOLS[tool], str(path)]
            own = tool == "assaymark"
            runs = [timed(command, None if own else LARGE_MEMORY) for _ in range(3 if own else 1)]
            status, output, wall, cpu, peak = min(runs, key=lambda row: row[2])
            said = "out of memory" if "MemoryError" in output else judge(tool, None if status == 124 else status, output)
            print(f"| | {tool} | {wall:.2f} s | {cpu:.2f} s | {peak:.0f} MiB | {said} |", flush=True)
        path.unlink()


def main():
    (folder / "work").mkdir(exist_ok=True)
    versions = [f"{tool} {version(tool)}" for tool in TOOLS if "--" not in tool]
    print(f"{', '.join(versions)}; Python {sys.version.split()[0]}; {time.strftime('%Y-%m-%d')}\n")
    if what in ("all", "verdicts"):
        verdicts()
        print()
    if what == "together":
        together()
    if what in ("all", "speed"):
        speed()
        together()
        large()


main()
