"""Faults of the machine, one after the other, on a whole run of the embedded small-RNA study.

Every fault is followed by a plain `make run`, which must end in the bytes of an undisturbed run, or in a clear message
that names what to mend; mended, the run after that must end in those bytes. `KILLS` (20) sets the number of kills;
they strike the whole run, its runner alone, snakemake alone or one job. Needs root for the full and the read-only disk.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from tests.benchmark.output import finish, show
from tests.realdata import REPO
from tests.workflow import command, digests, environment, write_config

STUDY = "demo_phn_mirna"
#: Intermediates of every kind: JSON, TSV, Parquet, gzip, a file of a folder, and the page itself.
INTERMEDIATES = (
    f"results/{STUDY}/catalogue/study.json",
    f"results/{STUDY}/simulate/counts.tsv.gz",
    f"results/{STUDY}/intake/features.tsv",
    f"results/{STUDY}/intake/counts.parquet",
    f"results/{STUDY}/de/tables/ea_vs_rtx.tsv",
    "results/report/index.html",
)
PAGE = "results/report/index.html"
#: How a message says that a result is made again.
_MEND = re.compile(r"rm (?:-r )?(\S+) && make run ARGS=(\S+)")


class Runs:
    """Runs of one configuration in one directory, and the bytes of an undisturbed one to hold them against."""

    def __init__(self, folder: Path, config: Path, expected: dict[str, str]) -> None:
        self.folder, self.config, self.expected = folder, config, expected

    def words(self) -> list[str]:
        return [
            sys.executable,
            str(REPO / "workflow" / "run.py"),
            *command(self.folder, cores=2, config=self.config)[3:],
        ]

    def run(self, *targets: str) -> subprocess.CompletedProcess[str]:
        words = self.words()
        # Targets come before --configfile, which takes every word after it.
        at = words.index("--configfile")
        return subprocess.run(
            [*words[:at], *targets, *words[at:]],
            cwd=self.folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=3600,
        )

    def same(self) -> bool:
        return digests(self.folder) == self.expected


def is_clear(text: str) -> bool:
    """Whether a message of the run tells the fault and its mending, and nothing of our code."""
    return "Traceback (most recent call last)" not in text and ("mend:" in text or "mend" in text.lower())


def _members(group: int) -> list[tuple[int, str]]:
    """The processes of a group, with their command lines."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == group:
                found.append((int(folder.name), (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()))
        except (OSError, ValueError):
            continue
    return found


def kill_once(runs: Runs, draw: random.Random, longest: float, *, whom: str = "") -> tuple[str, bool]:
    """Start a run and kill -9 it, or a part of it, after a random time; say whom, and whether it was still there."""
    process = subprocess.Popen(
        runs.words(),
        cwd=runs.folder,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(draw.uniform(1, longest))
    whom = whom or draw.choice(["all", "all", "runner", "snakemake", "job"])
    alive = process.poll() is None
    if alive and whom == "all":
        os.killpg(process.pid, signal.SIGKILL)
    elif alive:
        members = _members(process.pid)
        sought = {"runner": "workflow/run.py", "snakemake": "--cores", "job": ".snakemake/scripts"}[whom]
        chosen = [pid for pid, line in members if sought in line and (whom == "runner") == (pid == process.pid)]
        for pid in chosen[:1] or [process.pid]:
            os.kill(pid, signal.SIGKILL)
    if whom == "job" and alive:
        process.wait()
    elif not alive or whom != "all":
        process.wait(timeout=600)
    else:
        process.wait()
    return whom, alive


def kills(runs: Runs, n: int, longest: float, seed: int = 9) -> dict[str, int]:
    """Kill `n` times, then run to the end; count kills that struck, runs that could not go on, and wrong ends."""
    draw, struck, lost, wrong = random.Random(seed), 0, 0, 0
    while struck < n:
        whom, alive = kill_once(runs, draw, longest)
        struck += alive
        print(f"kill {struck} of {n}: {whom}{'' if alive else ' (was over)'}", flush=True)
        if not alive or struck == n:
            done = runs.run()
            lost += done.returncode != 0
            wrong += done.returncode == 0 and not runs.same()
            if struck < n:
                shutil.rmtree(runs.folder / "results")
    return {"kills": struck, "lost": lost, "wrong": wrong}


def damaged(runs: Runs) -> Iterator[tuple[str, str]]:
    """Cut intermediates short; each must stop the run with its name, and come back once it is deleted."""
    for number, name in enumerate(INTERMEDIATES):
        path = runs.folder / name
        whole = path.read_bytes()
        # Half; nothing at all; and a table without its last line, which is still a table.
        cut = [whole[: len(whole) // 2], b"", whole[: whole.rstrip(b"\n").rfind(b"\n") + 1]][number % 3]
        path.write_bytes(cut)
        yield f"{name}: {len(cut)} of {len(whole)} bytes", must_complain(runs, name, partial(obey, runs))


def obey(runs: Runs, said: str) -> None:
    """Do what the message says: delete the results it names, and make them again."""
    for removed, made in _MEND.findall(said):
        path = runs.folder / removed
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
        runs.run(made)


def must_complain(runs: Runs, words: str, mend: Callable[[str], object]) -> str:
    """Say how a fault went: a run that names it, and, mended by what it said, one that ends in the right bytes."""
    done = runs.run()
    if done.returncode == 0:
        mend(done.stdout)
        return "same bytes" if runs.same() else "WRONG: ran on"
    clear = words in done.stdout and is_clear(done.stdout)
    mend(done.stdout)
    after = runs.run()
    if after.returncode:
        return "LOST: " + after.stdout[-300:]
    return ("clear error, then same bytes" if clear else "LOST: no clear error") if runs.same() else "WRONG"


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[bool]:
    """Mount a memory disk on a folder; False where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, check=False
    )
    try:
        yield done.returncode == 0
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "-l", str(folder)], check=False)


def full_disk(runs: Runs, place: Path) -> str:
    """Run on a disk too small for the results, then on the same one with room."""
    with mounted(place, "size=1m") as there:
        if not there:
            return "skipped: a memory disk cannot be mounted here"
        small = Runs(place / "run", runs.config, runs.expected)
        small.folder.mkdir()
        return must_complain(small, "full", lambda _: _remount(place, "remount,size=2g"))


def read_only(runs: Runs, place: Path) -> str:
    """Run where results cannot be written."""
    with mounted(place, "size=2g") as there:
        if not there:
            return "skipped: a memory disk cannot be mounted here"
        here = Runs(place / "run", runs.config, runs.expected)
        shutil.copytree(runs.folder, here.folder, symlinks=True)
        (here.folder / PAGE).unlink(missing_ok=True)
        _remount(place, "remount,ro")
        return must_complain(here, "ead-only", lambda _: _remount(place, "remount,rw"))


def _remount(place: Path, options: str) -> None:
    subprocess.run(["mount", "-o", options, str(place)], check=True)


def two_at_once(runs: Runs) -> str:
    """Start a second run beside a first."""
    (runs.folder / PAGE).unlink(missing_ok=True)
    first = subprocess.Popen(
        runs.words(), cwd=runs.folder, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    )
    lock = runs.folder / ".snakemake" / "acuomics.lock"
    while first.poll() is None and lock.read_text() != str(first.pid):
        time.sleep(0.02)
    second = runs.run()
    first.wait()
    if second.returncode and "another run is under way" not in second.stdout:
        return "LOST: " + second.stdout[-300:]
    return "the second is told to wait, same bytes" if runs.same() and first.returncode == 0 else "WRONG"


def clock(runs: Runs) -> str:
    """Results of tomorrow: the clock went back by a day since they were written."""
    tomorrow = time.time() + 86_400
    for path in (runs.folder / "results").rglob("*"):
        os.utime(path, (tomorrow, tomorrow))
    (runs.folder / PAGE).unlink(missing_ok=True)
    done = runs.run()
    # Snakemake takes no result that is older than what it was made of, and says so.
    if done.returncode and "clock skew" not in done.stdout:
        return "LOST: " + done.stdout[-300:]
    now = time.time()
    for path in (runs.folder / "results").rglob("*"):
        os.utime(path, (now, now))
    again = runs.run()
    if again.returncode or not runs.same():
        return "WRONG"
    return "clear error (clock skew), then same bytes" if done.returncode else "same bytes"


def unreadable(runs: Runs) -> str:
    """An intermediate that gives no bytes: a folder in its place (root may read every file)."""
    path = runs.folder / "results" / STUDY / "intake" / "features.tsv"
    (runs.folder / "results" / STUDY / "mechanisms" / "settests.tsv").unlink()
    if os.geteuid():
        path.chmod(0)
        return must_complain(runs, "features.tsv", lambda _: path.chmod(0o644))
    path.unlink()
    path.mkdir()
    return must_complain(runs, "features.tsv", partial(obey, runs))


def cheap(runs: Runs, place: Path) -> Iterator[list[Any]]:
    """All faults but the kills, on a finished run: rows of the table."""
    for what, went in damaged(runs):
        yield [f"cut: {what}", went]
    for name, fault in {"two runs at once": two_at_once, "clock back": clock, "unreadable": unreadable}.items():
        yield [name, fault(runs)]
    yield ["read-only results", read_only(runs, place / "ro")]
    yield ["full disk", full_disk(runs, place / "full")]


def main() -> None:
    """Print the table of faults."""
    wanted = int(os.environ.get("KILLS", "20"))
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        config = write_config(root / "config.yaml", studies=[STUDY])
        runs = Runs(root / "undisturbed", config, {})
        runs.folder.mkdir()
        begin = time.monotonic()
        done = runs.run()
        took = time.monotonic() - begin
        if done.returncode:
            sys.exit(done.stdout)
        runs.expected = digests(runs.folder)
        print(f"undisturbed run: {took:.0f} s, {len(runs.expected)} results", flush=True)
        killed = Runs(root / "killed", config, runs.expected)
        killed.folder.mkdir()
        figures = kills(killed, wanted, took / 3)
        rows: list[list[Any]] = [
            [f"kill -9, {figures['kills']} times", f"{figures['lost']} lost, {figures['wrong']} wrong"]
        ]
        for row in cheap(runs, root):
            print(*row, sep=": ", flush=True)
            rows.append(row)
    show("Faults, each followed by a plain run", ["fault", "outcome"], rows)
    said = [str(row[1]) for row in rows[1:]]
    figures["lost"] += sum(text.startswith("LOST") for text in said)
    figures["wrong"] += sum(text.startswith("WRONG") for text in said)
    finish(figures)
