"""Runs of many or large studies for the benchmark `scaling`: copies of the embedded mRNA study, and their cost."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from tests.realdata import REPO
from tests.workflow import command, environment, write_config

TEMPLATE = REPO / "resources" / "studies" / "demo_phn_mrna"


@dataclass(frozen=True)
class Cost:
    """What one command cost: CPU of all its processes (s), wall (s), memory of the largest process (MB)."""

    cpu: float
    wall: float
    memory: float


def write_copies(root: Path, n_studies: int, *, n_features: int, per_arm: int, **config: Any) -> Path:
    """Write copies of the embedded mRNA study below ``root/studies``; give the configuration of a run of them.

    The library size grows with `n_features`, so that a gene has as many counts as in the embedded study.
    """
    template = yaml.safe_load((TEMPLATE / "study.yaml").read_text())
    simulation = template["simulation"]
    simulation["depth"]["mean"] *= n_features / simulation["n_features"]
    simulation["n_features"] = n_features
    arms = simulation["arms"].values()
    sheet = "".join(f"{arm}_{n}\t{arm}\n" for arm in arms for n in range(1, per_arm + 1))
    names = [f"copy_{at:05d}" for at in range(n_studies)]
    for name in names:
        folder = root / "studies" / name
        folder.mkdir(parents=True)
        (folder / "study.yaml").write_text(yaml.safe_dump(template | {"study": name}, sort_keys=False))
        (folder / "samples.tsv").write_text(f"sample\tcondition\n{sheet}")
        for table in ("contrasts.tsv", "features.tsv"):
            (folder / table).write_bytes((TEMPLATE / table).read_bytes())
    return write_config(root / "config.yaml", studies=names, study_folders=[str(root / "studies")], **config)


def run(folder: Path, config: Path, *arguments: str) -> Cost:
    """What a run of snakemake in `folder` on two cores costs, all of its jobs included.

    Raises
    ------
    RuntimeError
        When it fails; with the end of what it said.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "run.log"
    begin = time.monotonic()
    with log.open("w") as handle:
        process = subprocess.Popen(
            command(folder, *arguments, cores=2, config=config),
            env=environment(),
            stdout=handle,
            stderr=subprocess.STDOUT,
        )
        # Gives what the process and all that it waited for used.
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"the run in {folder} failed:\n{log.read_text()[-3000:]}")
    return Cost(used.ru_utime + used.ru_stime, time.monotonic() - begin, used.ru_maxrss / 1024)


def benchmarks(folder: Path) -> pd.DataFrame:
    """What snakemake measured of the jobs of a run: ``study, rule, cpu`` (s), ``memory`` (MB, resident)."""
    rows = []
    for path in sorted((folder / "results" / "benchmarks").glob("*/*.tsv")):
        table = pd.read_csv(path, sep="\t")
        rows.append((path.parent.name, path.name.split(".")[0], table["cpu_time"].max(), table["max_rss"].max()))
    return pd.DataFrame(rows, columns=["study", "rule", "cpu", "memory"])


def own_cpu() -> float:
    """CPU of this process alone, in seconds."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def own_memory() -> float:
    """The most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
