"""From small-RNA reads to counts: CPU, wall, memory and accuracy of our stage beside its floor and other ways.

Reads are simulated from the real miRBase (50 nt, TruSeq, Zipf, isomiR ends, 30 % other RNA): the truth is known.
Environment: READS (5000000; the large file has four times as many), REPEATS (3), SLOW=0 (without nf-core's steps).
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from tests.benchmark.output import finish, need_real_data, show
from tests.benchmark.smallrna_peers import ROOT, WAYS, matures_of, missing, read_names

READS = int(os.environ.get("READS", "5000000"))
REPEATS = int(os.environ.get("REPEATS", "3"))
SLOW = os.environ.get("SLOW", "1") != "0"
FLOOR = "igzip, to /dev/null"
#: Substitutions a base.
LOW, HIGH = 0.001, 0.01
#: Abundant here, and its paralogue one base away, which is absent.
ABUNDANT, ABSENT, RATS_OWN = "rno-miR-7a-5p", "rno-miR-7b", "rno-miR-223-3p"
#: A small process that starts a command and says what it took: a large one would hand its own memory on.
_LAUNCH = """
import json, os, sys, time
begin = time.monotonic()
pid = os.fork()
if not pid:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.execvp(sys.argv[1], sys.argv[1:])
_, status, used = os.wait4(pid, 0)
wall = time.monotonic() - begin
print(json.dumps([status, used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1e6]))
"""


@dataclass(frozen=True)
class Cost:
    """What a process and its children took: CPU (user and system) and wall in seconds, largest process in GB."""

    cpu: float
    wall: float
    memory: float


def measure(command: Sequence[str]) -> Cost:
    """Run a command that must succeed."""
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'workflow'}:{ROOT}", "PYTHONWARNINGS": "ignore"}
    launch = [sys.executable, "-I", "-S", "-c", _LAUNCH, *command]
    done = subprocess.run(launch, capture_output=True, text=True, check=True, env=environment)
    status, cpu, wall, memory = json.loads(done.stdout)
    if status:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return Cost(cpu, wall, memory)


def floor_command(reads: Path) -> list[str]:
    """Bare decompression: the system's igzip where there is one, else the command of Python's isal."""
    tool = shutil.which("igzip")
    return [tool, "-d", "-c", str(reads)] if tool else [sys.executable, "-m", "isal.igzip", "-d", "-c", str(reads)]


def run_way(way: str, reads: Path, mirbase: Path) -> tuple[Cost, dict[str, float]]:
    """Take one way on one file; give its cost and its counts."""
    target = reads.with_suffix(".json")
    cost = measure([sys.executable, "-m", "tests.benchmark.smallrna_peers", way, str(reads), str(mirbase), str(target)])
    return cost, json.loads(target.read_text())


def make(path: Path, n: int, error: float, mirbase: Path, **more: Any) -> pd.DataFrame:
    """Simulate in a process of its own; give the truth."""
    call = f"simulate({str(path)!r}, {n}, {error}, 1, {str(mirbase)!r}, **{more!r})"
    text = f"from tests.benchmark.smallrna_reads import simulate; {call}.to_csv({str(path) + '.tsv'!r}, index=False)"
    measure([sys.executable, "-c", text])
    return pd.read_csv(f"{path}.tsv")


def accuracy(counts: Mapping[str, float], truth: pd.DataFrame, sequences: Mapping[str, str]) -> tuple[float, float]:
    """Spearman correlation and median relative error of miRNAs above 10 reads; twins by sequence are one."""
    named = pd.Series(counts, dtype=float)
    found = named.groupby(named.index.map(sequences)).sum()
    true = truth.groupby("mature")["reads"].sum()
    true = true[true > 10]
    got = found.reindex(true.index, fill_value=0.0)
    return float(got.corr(true, method="spearman")), float(((got - true).abs() / true).median())


def costs(files: Mapping[str, Path], plan: Mapping[tuple[str, str], int], mirbase: Path) -> dict[Any, Any]:
    """Run every (file, way) of the plan so many times, in turn; give median costs and the counts."""
    found: dict[tuple[str, str], list[Cost]] = {key: [] for key in plan}
    counts: dict[tuple[str, str], dict[str, float]] = {}
    for round_ in range(max(plan.values())):
        for (file, way), times in plan.items():
            if round_ >= times:
                continue
            if way == FLOOR:
                cost = measure(floor_command(files[file]))
            else:
                cost, counts[file, way] = run_way(way, files[file], mirbase)
            found[file, way].append(cost)
            print(f"{file}: {way}: {cost.cpu:.2f} s CPU, {cost.wall:.2f} s, {cost.memory:.2f} GB", file=sys.stderr)
    middle = {
        key: Cost(*(statistics.median(getattr(c, name) for c in each) for name in ("cpu", "wall", "memory")))
        for key, each in found.items()
    }
    return {"costs": middle, "counts": counts}


def paralogues(ways: Sequence[str], folder: Path, mirbase: Path) -> tuple[list[list[Any]], float]:
    """Abundant miR-7a without miR-7b, and miR-223-3p: what each way counts for them."""
    rows: list[list[Any]] = []
    leak = 0.0
    for error in (LOW, HIGH):
        path = folder / f"paralogues_{error}.fastq.gz"
        more = {"first": (ABUNDANT, RATS_OWN), "without": (ABSENT,)}
        truth = make(path, max(READS // 10, 100_000), error, mirbase, **more).set_index("mirna")["reads"]
        for way in ways:
            counts = run_way(way, path, mirbase)[1]
            share = counts.get(ABSENT, 0.0) / truth[ABUNDANT]
            leak = max(leak, share) if way == "ours" else leak
            names = (ABUNDANT, RATS_OWN)
            rows.append([way, f"{error:.1%}", share, *(counts.get(name, 0.0) / truth[name] for name in names)])
    return rows, leak


def main() -> None:
    """Print the tables and the figures."""
    mirbase = need_real_data() / "mirbase"
    sequences = read_names(matures_of(mirbase), "rno")
    lacking = {way: missing(way) for way in WAYS}
    ways = [way for way in WAYS if not lacking[way] and (SLOW or way != "nf-core-like")]
    small, large = f"{READS:,} reads", f"{4 * READS:,} reads"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = {f"{small}, 0.1 %": folder / "low.fastq.gz", f"{small}, 1 %": folder / "high.fastq.gz"}
        files[f"{large}, 1 %"] = folder / "large.fastq.gz"
        low, high, most = files
        truth = {low: make(files[low], READS, LOW, mirbase), high: make(files[high], READS, HIGH, mirbase)}
        truth[most] = make(files[most], 4 * READS, HIGH, mirbase)
        run_way("ours", files[low], mirbase)  # compiles the kernels, where numba's cache is cold
        plan = {(file, way): REPEATS for file in files for way in (FLOOR, "ours")}
        plan |= {(high, "engine: bowtie"): 1, (high, "cutadapt + bowtie"): 1, (high, "nf-core-like"): 1}
        plan[most, "cutadapt + bowtie"] = 1
        plan = {key: times for key, times in plan.items() if key[1] == FLOOR or key[1] in ways}
        found = costs(files, plan, mirbase)
        right = {key: accuracy(each, truth[key[0]], sequences) for key, each in found["counts"].items()}
        rows = []
        for file in files:
            for way in (FLOOR, *WAYS):
                if lacking.get(way):
                    rows.append([file, way, 0, *["-"] * 5, f"not measured: {', '.join(lacking[way])} not installed"])
                elif (cost := found["costs"].get((file, way))) is not None:
                    ours = found["costs"][file, "ours"].cpu / cost.cpu
                    figures = right.get((file, way), ("-", "-"))
                    rows.append([file, way, plan[file, way], cost.cpu, cost.wall, cost.memory, ours, *figures])
        floor = Path(floor_command(files[low])[0]).name
        show(
            f"CPU and wall in s, largest process in GB, medians of interleaved runs; igzip is"
            f" {'the system program' if floor == 'igzip' else 'python -m isal.igzip'}; numba cache warm;"
            " a way without a row was not measured at that size",
            ["reads, errors", "way", "runs", "CPU", "wall", "GB", "ours / it", "Spearman", "median rel. error"],
            rows,
        )
        twins, leak = paralogues(ways, folder, mirbase)
    show(
        f"Of the reads of {ABUNDANT}: counted as {ABSENT} (absent); counted / true of {ABUNDANT} and {RATS_OWN} (21 nt"
        " in rat; 20 % of its reads are longer)",
        ["way", "errors", f"as {ABSENT}", ABUNDANT, RATS_OWN],
        twins,
    )

    def ratio(file: str, way: str) -> float | None:
        cost = found["costs"].get((file, way))
        return found["costs"][file, "ours"].cpu / cost.cpu if cost else None

    finish(
        {
            "cpu_ratio_floor_20m": ratio(most, FLOOR),
            "cpu_ratio_cutadapt_bowtie": ratio(most, "cutadapt + bowtie"),
            "cpu_ratio_nfcore_like": ratio(high, "nf-core-like"),
            "spearman": min(right[file, "ours"][0] for file in files),
            "median_rel_error": max(right[file, "ours"][1] for file in files),
            "mir7a_leak": leak,
        }
    )
