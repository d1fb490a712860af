"""What `make run` calls: run snakemake once at a time, also after a run that was killed.

A killed run leaves Snakemake's lock behind, and Snakemake cannot know whether its owner lives. Here an operating-system
lock is held for as long as the run lives, so that a lock of Snakemake's found under it is stale and can be taken away.
"""

import argparse
import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TextIO

import progress

#: What a user may bring for a published study (``own_data`` of the configuration).
OWN_FILES = ("counts", "fastq", "samples", "adapter", "feature_id")
#: What ends a run that did not get through.
UNFINISHED = (
    "\nThe run did not finish; the messages above say why and how to mend it, and results/logs/ has the details.\n"
    "What is done stays done: mend it, and the same command goes on from where it stood. `make check` looks for faults "
    "of configuration and studies without running anything."
)
PROFILE = Path(__file__).resolve().parent / "profiles" / "default"


def remove_unfinished(results: Path) -> None:
    """Remove what killed jobs were writing; final names never hold anything half-written."""
    for path in results.rglob(".part-*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def working_directory(arguments: list[str]) -> Path:
    """Where the results of ``snakemake ARGUMENTS`` lie."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--directory", "-d", type=Path, default=Path())
    return parser.parse_known_args(arguments)[0].directory


def with_own_data(arguments: list[str]) -> list[str]:
    """Turn ``--study NAME`` and the user's own files into configuration for snakemake (``make study``).

    Raises
    ------
    SystemExit
        When files are given without a study, or a study without files.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--study")
    for name in OWN_FILES:
        parser.add_argument(f"--own-{name.replace('_', '-')}", dest=name)
    parsed, rest = parser.parse_known_args(arguments)
    own = {name: getattr(parsed, name) for name in OWN_FILES if getattr(parsed, name)}
    if parsed.study is None and not own:
        return rest
    if not parsed.study or not ("counts" in own or "fastq" in own):
        sys.exit(
            "make study needs a study and its data: make study STUDY=zou2019 FASTQ=folder SAMPLES=sheet.tsv, or "
            "COUNTS=matrix.tsv in the place of FASTQ; `make catalogue` names the studies"
        )
    if "counts" in own and "fastq" in own:
        sys.exit("give COUNTS or FASTQ, not both")
    return [*rest, "--config", f"studies=[{parsed.study}]", f"own_data={json.dumps({parsed.study: own})}"]


def take_lock(handle: TextIO) -> bool:
    """Take the lock of the directory, or say that a living run has it.

    Jobs of a killed run may live on for a while, and hold its lock: writing beside them would be no good, so wait.
    """
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.seek(0)
        if is_alive(handle.read()):
            return False
        print("jobs of an interrupted run are still ending; waiting for them", file=sys.stderr)
        fcntl.flock(handle, fcntl.LOCK_EX)
    handle.truncate(0)
    handle.write(str(os.getpid()))
    handle.flush()
    return True


def is_alive(pid: str) -> bool:
    """Whether the process that wrote its number into the lock still runs; without a number, it may."""
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (ValueError, PermissionError):
        return True
    return True


def main(arguments: list[str]) -> int:
    """Run ``snakemake ARGUMENTS`` in the working directory; give its exit status."""
    arguments = with_own_data(arguments)
    folder = working_directory(arguments)
    state = folder / ".snakemake"
    state.mkdir(parents=True, exist_ok=True)
    snakemake = [sys.executable, "-m", "snakemake"]
    # Snakemake looks for a default profile beside the Snakefile only.
    if not any(argument.startswith("--workflow-profile") for argument in arguments):
        arguments = ["--workflow-profile", str(PROFILE), *arguments]
    with (state / "acuomics.lock").open("a+") as handle:
        if not take_lock(handle):
            print("another run is under way in this directory; wait for it, or use another directory", file=sys.stderr)
            return 1
        if any((state / "locks").glob("*")):
            print("an earlier run was interrupted; going on from where it stood", file=sys.stderr)
            remove_unfinished(folder / "results")
            subprocess.run([*snakemake, *arguments, "--unlock"], check=False, capture_output=True)
        status = run_snakemake([*snakemake, *arguments], raw=progress.is_raw(arguments), keep=handle)
    if status == 0 and not progress.is_raw(arguments):
        print_end(folder / "results")
    elif status:
        print(UNFINISHED, file=sys.stderr)
    return status


def run_snakemake(command: list[str], *, raw: bool, keep: TextIO) -> int:
    """Run snakemake; show its messages as they are (`raw`) or a line a step.

    The child keeps the lock `keep` too: it lives on should this process be killed alone.
    """
    if raw:
        return subprocess.run(command, check=False, pass_fds=[keep.fileno()]).returncode
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        pass_fds=[keep.fileno()],
        # The Snakefile ends a run in the summary too, for those who call snakemake themselves.
        env={**os.environ, "ACUOMICS_RUNNER": "1"},
    ) as child:
        assert child.stderr is not None
        try:
            progress.show(child.stderr)
        except KeyboardInterrupt:
            # The terminal has told the child too; it ends its jobs first.
            child.wait()
            raise
        return child.wait()


def print_end(results: Path) -> None:
    """Print what the run found, and where to read on."""
    summary, report = results / "provenance" / "summary.txt", results / "report" / "index.html"
    if summary.exists():
        print(f"\n{summary.read_text(encoding='utf-8')}")
    if report.exists():
        print(f"The report: {report.resolve()}")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("interrupted; the same command goes on from where it stood")
    except OSError as error:
        # The lock could not be written: a read-only or full disk, or somebody else's directory.
        sys.exit(
            f"the working directory cannot be used: {error.strerror} ({error.filename})\n"
            "      mend: make it writable (not read-only, with room on its disk), or use another one (--directory)"
        )
