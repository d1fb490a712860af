"""What made the pages: versions of programs, the configuration, and the hashes of the tables that they show."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from acuomics.report.tables import Column, page_table

FILE_COLUMNS = (
    Column("file", "File", "Table of this run, from the working directory", "text"),
    Column("bytes", "Bytes", "Size of the file", "integer"),
    Column("sha256", "SHA-256", "Hash of the file's bytes", "text"),
)
OWN = ("jinja2", "snakemake", "vl-convert-python", "xlsxwriter")


def versions_of(studies: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Versions of all programs; where studies were made with different ones, all are named."""
    found: dict[str, set[str]] = {}
    for versions in [own_versions(), *(study["versions"] for study in studies)]:
        for name, version in versions.items():
            found.setdefault(str(name), set()).add(str(version))
    return {name: ", ".join(sorted(found[name])) for name in sorted(found)}


def own_versions() -> dict[str, str]:
    """Versions of what made the pages; a program that is not installed as a package is left out."""
    versions = {"python": platform.python_version()}
    for name in OWN:
        with suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return versions


def file_table(paths: Iterable[str], results: Path) -> dict[str, dict[str, Any]]:
    """The table of files with their hashes; files that are not there are left out.

    Parameters
    ----------
    paths : iterable of str
        ``results/...``, as tables name their file.
    results : path
        The folder ``results``.
    """
    rows = []
    for path in sorted(set(paths)):
        file = results / path.removeprefix("results/")
        if path and file.is_file():
            content = file.read_bytes()
            rows.append((path, len(content), hashlib.sha256(content).hexdigest()))
    if not rows:
        return {}
    table = pd.DataFrame(rows, columns=[column.name for column in FILE_COLUMNS])
    shown = page_table(table, FILE_COLUMNS, "files", len(table), None, [], "")
    return {"files": {**shown, "workbook": None}}


def configuration(config: Mapping[str, Any]) -> tuple[str, str]:
    """The configuration as text, and its SHA-256."""
    text = json.dumps(config, indent=1, sort_keys=True, ensure_ascii=False, default=str)
    return text, hashlib.sha256(text.encode()).hexdigest()
