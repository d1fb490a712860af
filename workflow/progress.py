"""What `make run` shows of snakemake's messages: one line a step in the field's words, and everything that is no noise.

Only lines that are known to say nothing new are left out; whatever is not recognised, every error among it, is shown as
it came. All of snakemake's messages stand in ``.snakemake/log``.
"""

from __future__ import annotations

import queue
import re
import sys
import threading
import time
from collections.abc import Sequence
from typing import IO

#: Options that ask for something else than a run, or for all of snakemake's messages.
RAW = (
    "-n",
    "--dry-run",
    "--dryrun",
    "--verbose",
    "-p",
    "--printshellcmds",
    "--quiet",
    "-q",
    "--lint",
    "--unlock",
    "-l",
)
RAW += (
    "--summary",
    "--detailed-summary",
    "--list",
    "--list-rules",
    "--dag",
    "--rulegraph",
    "--filegraph",
    "--debug-dag",
)
RAW += ("--help", "-h", "--version", "-v", "--print-compilation", "--touch", "-t")
#: Seconds of silence after which the steps at work are named.
PATIENCE = 30.0

_NOISE = re.compile(
    r"\[\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}\]|"
    r"Using (workflow specific )?profiles? .*|Assuming unrestricted shared filesystem usage\.|"
    r"Building DAG of jobs\.\.\.|"
    r"Using shell: .*|Provided (cores|resources|remote nodes): .*|Rules claiming more threads will be scaled down\.|"
    r"Conda environments: ignored|Singularity containers: ignored|Select jobs to execute\.\.\.|Execute \d+ jobs\.\.\.|"
    r"\d+ of \d+ steps \([\d.]+%\) done|Complete log\(s\): .*|Elapsed time: .*|"
    r"Group jobs: inactive \(local execution\)"
)
_STEP = re.compile(r"(?:local)?Job (\d+): (.*)")
_FINISHED = re.compile(r"Finished jobid: (\d+)( .*)?\.?")
_TOTAL = re.compile(r"total\s+(\d+)")


class Progress:
    """Turn snakemake's lines into those that are shown; remembers which steps are at work."""

    def __init__(self) -> None:
        self.total = ""
        self.started = 0
        self.at_work: dict[str, tuple[str, float]] = {}
        self._in_table = False

    def shown(self, line: str) -> str | None:
        """Give what is shown for a line (without its end); None for nothing."""
        text = line.strip()
        if text == "Job stats:":
            self._in_table = True
            return None
        if self._in_table:
            return self._of_table(text)
        if not text or _NOISE.fullmatch(text):
            return None
        if match := _FINISHED.fullmatch(text):
            self.at_work.pop(match[1], None)
            return None
        if match := _STEP.fullmatch(text):
            # Job 0 asks for the results of all others and does nothing itself.
            if match[1] == "0":
                return None
            self.started += 1
            self.at_work[match[1]] = (match[2], time.monotonic())
            return f"[{self.started:>{len(self.total)}}/{self.total or '?'}] {match[2]}"
        return line.rstrip()

    def _of_table(self, text: str) -> str | None:
        """Take the number of steps from the table of jobs, which ends in an empty line."""
        if match := _TOTAL.fullmatch(text):
            # One of them is the job that asks for all others.
            self.total = str(max(1, int(match[1]) - 1))
        if not text:
            self._in_table = False
        return None

    def waiting(self, now: float) -> list[str]:
        """Name the steps at work and since when, for a reader who has not heard for a while."""
        return [f"        still at work: {text} ({now - since:.0f} s)" for text, since in self.at_work.values()]


def is_raw(arguments: Sequence[str]) -> bool:
    """Whether these arguments ask for snakemake's own messages."""
    return any(word.split("=")[0] in RAW for word in arguments)


def show(stream: IO[str], patience: float = PATIENCE) -> Progress:
    """Show what comes from snakemake on standard error until it ends."""
    progress = Progress()
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in stream:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=patience)
        except queue.Empty:
            for waiting in progress.waiting(time.monotonic()):
                print(waiting, file=sys.stderr, flush=True)
            continue
        if line is None:
            return progress
        if (text := progress.shown(line)) is not None:
            print(text, file=sys.stderr, flush=True)
