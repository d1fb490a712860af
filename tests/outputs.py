"""Holding the tables of a finished run against what workflow/schemas/outputs.tsv says of them."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from tests.realdata import REPO

DESCRIBED = REPO / "workflow" / "schemas" / "outputs.tsv"
#: Written by Snakemake, or by the report for its own pages; and what is written for MultiQC, in its format.
NOT_OURS = ("logs/", "benchmarks/", "report/", "provenance/")
FOR_MULTIQC = "_mqc.tsv"
WILDCARDS = {
    "<study>": "[a-z][a-z0-9_]*",
    "<cells>": "[a-z][a-z0-9_]*",
    "<contrast>": "[^/]+",
    "<pair>": "[^/]+__[^/]+",
    "<type>": "[^/]+",
    "<sample>": "[^/]+",
    "<species>": "(?:rat|mouse|human)",
    "<name>": "(?:id|symbol)",
    "<taxon>": "[0-9]+",
}


def described() -> dict[str, list[str]]:
    """Give the columns of each pattern of files, in the order of the table."""
    table = pd.read_csv(DESCRIBED, sep="\t", dtype=str)
    return {str(file): list(part["column"]) for file, part in table.groupby("file", sort=False)}


def matches(pattern: str, name: str) -> bool:
    """Tell whether a file below ``results/`` is one of the pattern."""
    parts = re.split(r"(<\w+>)", pattern)
    return bool(re.fullmatch("".join(WILDCARDS.get(part, re.escape(part)) for part in parts), name))


def tables(results: Path) -> Iterator[tuple[str, list[str]]]:
    """Give the tables that a run wrote, by name below ``results/``, with their columns."""
    for path in sorted(results.rglob("*")):
        name = path.relative_to(results).as_posix()
        if name.startswith(NOT_OURS) or name.endswith(FOR_MULTIQC):
            continue
        if name.endswith(".tsv"):
            with path.open() as lines:
                yield name, next(lines).rstrip("\n").split("\t")
        elif name.endswith(".tsv.gz"):
            with gzip.open(path, "rt") as lines:
                yield name, next(lines).rstrip("\n").split("\t")
        elif name.endswith(".parquet"):
            yield name, list(pq.read_schema(path).names)


def _names(results: Path, study: str) -> dict[str, set[str]]:
    """What the wildcards of columns stand for in one study."""
    path = results / study / "catalogue" / "study.json"
    record = json.loads(path.read_text()) if path.is_file() else {}
    samples = record.get("samples") or []
    contrasts = [row["contrast"] for row in record.get("contrasts") or []]
    numbers, markers = results / study / "singlecell" / "cell_types.tsv", REPO / "resources" / "cells" / "markers.tsv"
    types = set(pd.read_csv(numbers, sep="\t")["cell_type"]) if numbers.is_file() else set()
    return {
        "<sample>": {row["sample"] for row in samples},
        "<factor>": {name for row in samples for name in row} - {"sample"},
        "<cell_type>": types | {"unassigned"},
        "<marker_type>": set(pd.read_csv(markers, sep="\t", comment="#", dtype=str)["cell_type"]),
        "cov__<contrast>__<contrast>": {f"cov__{a}__{b}" for a in contrasts for b in contrasts},
    }


def faults(results: Path) -> list[str]:
    """Give every table and column that is written and not described, and every column described and not written."""
    known, found = described(), []
    for name, columns in tables(results):
        patterns = [pattern for pattern in known if matches(pattern, name)]
        # `<cells>` and `<study>` fit the same names: the fitting one is that with the same columns.
        wrong = {
            pattern: _differences(known[pattern], columns, _names(results, name.split("/")[0])) for pattern in patterns
        }
        if not patterns:
            found.append(f"{name}: no row of {DESCRIBED.name} is about it")
        elif all(wrong.values()):
            found.append(f"{name}: {min(wrong.values(), key=len)}")
    return found


def _differences(told: list[str], columns: list[str], names: dict[str, set[str]]) -> str:
    plain = {column for column in told if "<" not in column}
    open_ = {name for column in told if "<" in column for name in names[column]}
    more = [column for column in columns if column not in plain and column not in open_]
    less = sorted(plain - set(columns))
    less += [column for column in told if "<" in column and not names[column] & set(columns)]
    return "; ".join(
        f"{what} {', '.join(which)}" for what, which in (("not described:", more), ("not written:", less)) if which
    )
