"""100,000 mutated files through every reader: no traceback, no hang, no blow-up of memory (`INPUTS` sets the number).

atheris adds inputs of its own, guided by coverage, for tables and YAML (`ATHERIS`, a tenth as many; 0 leaves it out).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile

from tests.benchmark.output import finish, show
from tests.fuzzing.campaign import run_target
from tests.fuzzing.targets import targets
from tests.realdata import REPO

#: What atheris reads with. It ends its process itself, so it has one of its own.
_GUIDED = """
import sys, os, pathlib, atheris
with atheris.instrument_imports(include=["acuomics"]):
    from acuomics.inputs.table import read_table
    from acuomics.inputs.strict_yaml import read_yaml
    from acuomics.problems import Problems
file = pathlib.Path(sys.argv.pop())
def one(data):
    file.write_bytes(data)
    read_table(file, "\\t", Problems())
    read_yaml(file, Problems())
atheris.Setup(sys.argv, one)
atheris.Fuzz()
"""


def guided(n: int) -> tuple[int, int, int]:
    """Let atheris read `n` inputs; give inputs, tracebacks and hangs."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", _GUIDED, f"-runs={n}", "-seed=7", "-max_len=400", "-timeout=10"]
        command += ["-rss_limit_mb=4096", f"-artifact_prefix={folder}/", f"{folder}/file"]
        environment = {**os.environ, "PYTHONPATH": str(REPO / "workflow")}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace", check=False)
    ran = re.search(r"Done (\d+) (?:runs|in)", done.stderr)
    if done.returncode and "Uncaught Python exception" not in done.stderr and "ALARM" not in done.stderr:
        print(done.stderr[-2000:])
        return 0, 0, 0
    return int(ran[1]) if ran else 0, int("Uncaught Python exception" in done.stderr), int("ALARM" in done.stderr)


def main() -> None:
    """Print a row a reader."""
    wanted = int(os.environ.get("INPUTS", "100000"))
    readers = targets()
    shares = sum(target.share for target in readers.values())
    rows, total = [], {"inputs": 0, "tracebacks": 0, "hangs": 0}
    for name, target in readers.items():
        outcome = run_target(name, max(1, round(wanted * target.share / shares)))
        rows.append([name, outcome.inputs, outcome.tracebacks, outcome.hangs, outcome.slowest])
        for key in total:
            total[key] += getattr(outcome, key)
        for place, example in outcome.examples.items():
            print(f"{name}: {place}\n    {example[:300]}")
        print(*rows[-1], flush=True)
    n = int(os.environ.get("ATHERIS", str(wanted // 10)))
    if n:
        rows.append(["atheris", *guided(n), None])
        for key, value in zip(total, rows[-1][1:4], strict=True):
            total[key] += int(value or 0)
    show("Mutated inputs", ["reader", "inputs", "tracebacks", "hangs", "slowest, s"], rows)
    finish(total)
