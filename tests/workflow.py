"""Running the workflow in a scratch directory, for tests of the plan and of whole runs."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.realdata import REPO

#: What a run leaves that is about the run and not about the studies: times, logs, Snakemake's memory.
ABOUT_THE_RUN = ("results/logs/", "results/benchmarks/", ".snakemake/")


def command(folder: Path, *arguments: str, cores: int = 2, config: Path | None = None) -> list[str]:
    """The snakemake command line for a run in `folder`."""
    words = [sys.executable, "-m", "snakemake", "--snakefile", str(REPO / "Snakefile"), "--directory", str(folder)]
    words += ["--workflow-profile", str(REPO / "workflow" / "profiles" / "default"), "--cores", str(cores)]
    # Targets come first: --configfile takes every word after it.
    words += arguments
    return words if config is None else [*words, "--configfile", str(config)]


def environment() -> dict[str, str]:
    """The environment of a user: the tests' own PYTHONPATH must not be what makes a run work."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def snakemake(folder: Path, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run snakemake in `folder` and give its result; output and errors are together in ``stdout``."""
    return subprocess.run(
        command(folder, *arguments, **options),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def write_config(path: Path, **changes: Any) -> Path:
    """A configuration file that holds `changes` alone; the committed one supplies the rest."""
    path.write_text(yaml.safe_dump(changes))
    return path


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every result, by path relative to `folder`."""
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in files.items()
        if not name.startswith(ABOUT_THE_RUN)
    }
