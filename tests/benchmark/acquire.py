"""Fetching: a list of faults against a server that misbehaves, and 200 files of 1 MB over loopback beside curl."""

from __future__ import annotations

import gzip
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from acuomics.acquire.fetch import fetch
from acuomics.acquire.ledger import Ledger
from acuomics.acquire.settings import Pace, Settings
from acuomics.acquire.table import Deposit, write_files_table
from acuomics.problems import InputError
from tests import misbehaving as bad
from tests.benchmark.output import finish, show
from tests.misbehaving import Misbehaving, Resource, deposit_of, running
from tests.realdata import REPO

RIGHT, OTHER = (random.Random(seed).randbytes(3_000_000) for seed in (1, 2))
CONNECTIONS = 8


@dataclass(frozen=True)
class Case:
    """A fault: how the resource behaves, what the archive deposits, and whether the file can be had."""

    name: str
    resource: Callable[[], Resource]
    known: str = "bytes md5"
    ends: str = "file"
    file: str = "reads.bin"
    #: What the file must be where it can be had.
    content: bytes = RIGHT


def _once(*faults: bad.Fault, **options: Any) -> Callable[[], Resource]:
    return lambda: Resource(RIGHT, faults=list(faults), **options)


def _always(fault: bad.Fault, content: bytes = RIGHT) -> Callable[[], Resource]:
    return lambda: Resource(content, always=fault)


CASES = [
    Case("cut at 30 %", _once(bad.cut(0.3))),
    Case("cut at 30 %, no hash deposited", _once(bad.cut(0.3)), known=""),
    Case("cut at 30 %, no Range support", _once(bad.cut(0.3), ranges=False)),
    Case("cut at 30 %, no ETag, no hash deposited", _once(bad.cut(0.3), validators=False), known=""),
    Case("changed between the halves, hash deposited", _once(bad.cut(0.3), bad.replaced(OTHER)), ends="error"),
    Case("changed between the halves, no hash", _once(bad.cut(0.3), bad.replaced(OTHER)), known="", content=OTHER),
    Case("the same, and If-Range ignored", _once(bad.cut(0.3), bad.ignores_if_range(OTHER)), known="", content=OTHER),
    Case("the rest is another part", _once(bad.cut(0.3), bad.wrong_range)),
    Case("wrong bytes once", _once(bad.other_bytes)),
    Case("wrong MD5", _always(bad.other_bytes), ends="error"),
    Case("429 with Retry-After", _once(bad.status(429, Retry_After="3"))),
    Case("503 three times", _once(*[bad.status(503)] * 3)),
    Case("503 for ever", _always(bad.status(503)), ends="error"),
    Case("stalled connection", _once(bad.stall(0.5))),
    Case("redirect loop", _always(bad.redirect("/f")), ends="error"),
    Case("HTML page with status 200", _always(bad.page()), ends="error"),
    Case("HTML page with status 200, nothing deposited", _always(bad.page()), known="", ends="error"),
    Case("HTML page called binary, nothing deposited", _always(bad.page("application/x-gzip")), known="", ends="error"),
    Case("HTML page once", _once(bad.page())),
    Case("404", _always(bad.status(404)), ends="error"),
    Case("403", _always(bad.status(403)), ends="error"),
    Case("length promises too much", _always(bad.promise(500)), known="", ends="error"),
    Case("length promises too little", _always(bad.promise(-500)), known="md5", ends="error"),
    Case(
        "length promises too little, gzip, nothing deposited",
        _always(bad.promise(-500), gzip.compress(RIGHT, 1)),
        known="",
        ends="error",
        file="reads.gz",
    ),
    Case("no length, cut, nothing deposited", _always(bad.without_length(0.5)), known="", ends="error"),
    Case("chunks without a length", _always(bad.chunked), known=""),
    Case("empty answer", _always(lambda h, _: h.answer(200, b"", "text/plain")), known="", ends="error"),
]


def _try(case: Case, server: Misbehaving) -> tuple[str, bool]:
    """Run one case; say how it ended, and whether a wrong file has the final name (or the right one is missing)."""
    server.resources["/f"] = case.resource()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "into"
        settings = Settings(timeout=0.5, retries=4, ledger=f"{name}/acquired.tsv")
        deposit = deposit_of(f"{server.url}/f", RIGHT, case.file, case.known)
        try:
            fetch([deposit], folder, settings, Ledger(settings.ledger, "bench"), pace=Pace(sleep=lambda _: None))
            ended = "file"
        except InputError as error:
            ended = f"error: {error.problems[0].message[:70]}"
        final = folder / case.file
        wrong = final.exists() and (case.ends == "error" or final.read_bytes() != case.content)
        return ended, wrong or ended.split(":")[0] != case.ends


def _after_first_retrieval(server: Misbehaving) -> tuple[str, bool]:
    """The deposit changes after it was retrieved once, and the file was removed."""
    resource = server.put("/f", RIGHT)
    with tempfile.TemporaryDirectory() as name:
        folder, ledger = Path(name) / "into", Ledger(f"{name}/acquired.tsv", "bench")
        deposit = deposit_of(f"{server.url}/f", RIGHT, "reads.bin", "")
        pace = Pace(sleep=lambda _: None)
        fetch([deposit], folder, Settings(), ledger, pace=pace)
        (folder / "reads.bin").unlink()
        resource.content = OTHER
        try:
            fetch([deposit], folder, Settings(), ledger, pace=pace)
        except InputError as error:
            message = error.problems[0].message
            return f"error: {message[:70]}", "the deposit changed" not in message or (folder / "reads.bin").exists()
        return "file", True


def _killed(server: Misbehaving) -> tuple[str, bool]:
    """Kill a download in its midst; the next one must move the rest and nothing else."""
    content = random.Random(3).randbytes(8 * 1024 * 1024)
    resource = server.put("/f", content, always=bad.trickle(64 * 1024, 0.01))
    with tempfile.TemporaryDirectory() as name:
        write_files_table([deposit_of(f"{server.url}/f", content, "reads.bin", "")], f"{name}/files.tsv")
        part = Path(name) / "into" / "reads.bin.part"
        process = subprocess.Popen(_command(name), cwd=name, env=_environment(), stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not (part.exists() and part.stat().st_size > 3_000_000):
            time.sleep(0.01)
        process.kill()
        process.wait()
        kept = part.stat().st_size
        time.sleep(0.2)
        resource.always, resource.bytes_sent = None, 0
        done = subprocess.run(_command(name), cwd=name, env=_environment(), stdout=subprocess.DEVNULL, check=False)
        final = Path(name) / "into" / "reads.bin"
        right = done.returncode == 0 and final.read_bytes() == content and resource.bytes_sent == len(content) - kept
        return f"file: {kept} bytes kept, {resource.bytes_sent} moved", not right


def _command(folder: str, *more: str) -> list[str]:
    words = [sys.executable, "-m", "acuomics.acquire", "fetch", "--study-folder", folder, "--into", f"{folder}/into"]
    return [*words, "--ledger", f"{folder}/acquired.tsv", *more]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(REPO / "workflow")}


def _timed(work: Callable[[Path], None], into: Path, contents: list[bytes]) -> float:
    """Seconds of one way into a new folder, whose files must be `contents`.

    Its files are emptied afterwards but not removed: ext4 passes over the numbers of files just deleted one by one, so
    that a file made then is dearer than users' files are, and a way that writes receipts too pays twice.
    """
    into.mkdir()
    begin = time.perf_counter()
    work(into)
    seconds = time.perf_counter() - begin
    assert all((into / str(k)).read_bytes() == content for k, content in enumerate(contents))
    for path in into.iterdir():
        os.truncate(path, 0)
    return seconds


def speed(rounds: int = 9) -> dict[str, float]:
    """Wall times (medians of interleaved rounds) of curl and of us for one list of 200 files of 1 MB."""
    contents = [random.Random(100 + k).randbytes(1_000_000) for k in range(200)]
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmark.acquire_server"], cwd=REPO, stdout=subprocess.PIPE, text=True
        )
        assert server.stdout
        url = server.stdout.readline().strip()
        try:
            curl_list = "".join(f'url = "{url}/{k}"\noutput = "{k}"\n' for k in range(200))
            Path(f"{name}/curl.txt").write_text(curl_list)
            curl = [
                "curl",
                "--silent",
                "--no-progress-meter",
                "--fail",
                "--parallel",
                "--parallel-max",
                str(CONNECTIONS),
                "-K",
            ]
            lists: dict[str, list[Deposit]] = {}
            for known in ("bytes sha256", "bytes md5", "bytes"):
                rows = [deposit_of(f"{url}/{k}", content, str(k), known) for k, content in enumerate(contents)]
                lists[known] = rows
                (Path(name) / known).mkdir()
                write_files_table(rows, f"{name}/{known}/files.tsv")

            def call(words: list[str], folder: Path) -> None:
                subprocess.run(words, env=_environment(), check=True, stdout=subprocess.DEVNULL, cwd=folder)

            def command(known: str, into: Path) -> None:
                Path(f"{name}/acquired.tsv").unlink(missing_ok=True)
                words = [sys.executable, "-m", "acuomics.acquire", "fetch", "--study-folder", f"{name}/{known}"]
                words += ["--into", str(into), "--ledger", f"{name}/acquired.tsv", "--connections", str(CONNECTIONS)]
                call(words, into)

            def library(into: Path) -> None:
                settings = Settings(connections=CONNECTIONS)
                fetch(lists["bytes sha256"], into, settings, Ledger(f"{name}/none.tsv", "bench"))

            ways: dict[str, Callable[[Path], None]] = {
                "curl --parallel": partial(call, [*curl, f"{name}/curl.txt"]),
                "command, SHA-256 deposited": partial(command, "bytes sha256"),
                "command, MD5 deposited": partial(command, "bytes md5"),
                "command, no hash deposited": partial(command, "bytes"),
                "library, without the start of Python": library,
            }
            for number in range(rounds + 1):
                for at, (way, work) in enumerate(ways.items()):
                    seconds = _timed(work, Path(name) / f"into_{number}_{at}", contents)
                    if number:  # the first round warms up
                        times.setdefault(way, []).append(seconds)
        finally:
            server.terminate()
            server.wait()
    medians = {way: median(values) for way, values in times.items()}
    reference = medians["curl --parallel"]
    rows = [[way, medians[way], min(times[way]), max(times[way]), medians[way] / reference] for way in times]
    show(
        f"200 files of 1 MB over loopback, {CONNECTIONS} connections, {rounds} interleaved rounds",
        ["way", "median s", "least", "most", "times curl"],
        rows,
    )
    return {way: medians[way] / reference for way in medians}


def main() -> None:
    """Print the faults and how they ended, the times beside curl's, and the figures."""
    with running() as server:
        outcomes = [(case.name, *_try(case, server)) for case in CASES]
        outcomes.append(("changed after the first retrieval", *_after_first_retrieval(server)))
        outcomes.append(("killed, then continued", *_killed(server)))
    show(
        "Faults",
        ["fault", "ended in", "wrong"],
        [[name, ended, "WRONG" if wrong else ""] for name, ended, wrong in outcomes],
    )
    ratio = without_start = None
    if shutil.which("curl") is None:
        print("\nthere is no curl on this machine: ratio_to_curl cannot be measured")
    elif (
        "--parallel"
        not in subprocess.run(["curl", "--help", "all"], capture_output=True, text=True, check=False).stdout
    ):
        print("\nthis curl has no --parallel: ratio_to_curl cannot be measured")
    else:
        ratios = speed()
        ratio, without_start = ratios["command, SHA-256 deposited"], ratios["library, without the start of Python"]
        print(
            "\nratio_to_curl: the whole command, start of Python, hashing and fsync included; curl does none of these"
        )
    finish(
        {
            "faults_tried": len(outcomes),
            "wrong_files": sum(wrong for *_, wrong in outcomes),
            "ratio_to_curl": ratio,
            "ratio_without_start": without_start,
        }
    )
