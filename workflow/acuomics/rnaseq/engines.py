"""The programs that quantify transcripts: found, tried out, and told by name and version."""

from __future__ import annotations

import importlib.util
import os
import platform
import random
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from acuomics.problems import InputError, Problem

#: Engines that a study may name.
ENGINES = ("kallisto", "salmon")
#: Seconds after which a program that indexes one short transcript hangs. It takes well under one.
_PATIENCE = 30


@dataclass(frozen=True)
class Engine:
    """A program that works on this machine."""

    name: str
    path: str
    version: str


def run_program(
    command: Sequence[str], *, timeout: float | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program, in the folder `cwd`, and give what it said; its status is for the caller to judge."""
    return subprocess.run(
        command, capture_output=True, text=True, errors="replace", check=False, timeout=timeout, cwd=cwd
    )


def _wheel() -> Iterator[Path]:
    """Give kallisto's builds in the kb-python package: for any machine of 2013 on (AVX2) first, then the plain one."""
    spec = importlib.util.find_spec("kb_python")
    if spec is None or not spec.submodule_search_locations:
        return
    folder = Path(spec.submodule_search_locations[0]) / "bins" / platform.system().lower()
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        folder = folder / "m1"
    for build in ("kallisto", "kallisto_optoff"):
        path = folder / "kallisto" / build
        if path.is_file():
            yield path


def _works(path: str) -> str:
    """Try to index a transcript; give an empty text, or what went wrong."""
    if not os.access(path, os.X_OK):
        return "it may not be executed"
    rng = random.Random(1)
    with TemporaryDirectory() as folder:
        fasta = Path(folder) / "t.fa"
        fasta.write_text(">t\n" + "".join(rng.choice("ACGT") for _ in range(200)) + "\n")
        try:
            # With the options that the index is built with, which 0.46 and 0.48 have not.
            options = ["-i", f"{folder}/t.idx", "-t", "1", "-T", f"{folder}/work"]
            done = run_program([path, "index", *options, str(fasta)], timeout=_PATIENCE)
        except OSError as error:
            return f"the machine cannot run it ({error.strerror})"
        except subprocess.TimeoutExpired:
            return f"it hangs (no index of one transcript in {_PATIENCE} s)"
        if done.returncode or not (Path(folder) / "t.idx").is_file():
            return f"it ends with status {done.returncode} when it indexes one transcript"
    return ""


@cache
def find_engine(name: str = "kallisto") -> Engine:
    """Find a program that works here.

    kallisto comes with the package kb-python; of its builds, and of a ``kallisto`` on PATH, the first is taken that
    can index a transcript: a build for another processor fails, or hangs, only when it works. salmon is looked for on
    PATH.

    Raises
    ------
    InputError
        No program, or none that works on this machine's architecture; each is named with what went wrong.
    ValueError
        `name` is none of `ENGINES`.
    """
    if name not in ENGINES:
        raise ValueError(f"engine {name!r} is not one of {', '.join(ENGINES)}")
    on_path = shutil.which(name)
    if name == "salmon":
        if on_path is None:
            fix = "install salmon (Debian, conda: salmon), or take the default engine kallisto"
            raise InputError([Problem("engine: salmon", "salmon is not on PATH", fix)])
        return Engine(name, on_path, _version([on_path, "--version"]))
    tried = []
    for path in [*map(str, _wheel()), *([on_path] if on_path else [])]:
        fault = _works(path)
        if not fault:
            return Engine(name, path, _version([path, "version"]))
        tried.append(f"{Path(path).name}: {fault}")
    machine = f"{platform.system()} on {platform.machine()}"
    what = f" ({'; '.join(tried)})" if tried else ""
    fix = "install kallisto 0.51 or later so that it is on PATH (conda: kallisto), or take engine: salmon"
    message = f"no kallisto works on this machine, {machine}{what}"
    raise InputError([Problem("engine: kallisto", message, fix)])


def version_if_any(name: str) -> str:
    """Give the version of a program, for a plan; ``unknown`` where none is found (an environment may bring it)."""
    try:
        return find_engine(name).version
    except InputError:
        return "unknown"


def _version(command: list[str]) -> str:
    done = run_program(command)
    match = re.search(r"\d+(?:\.\d+)+", done.stdout + done.stderr)
    return match.group() if match else "unknown"
