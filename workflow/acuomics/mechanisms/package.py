"""The curated set as it lies on disk: nine tables and the data package that describes them. Without pandas."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acuomics.inputs.table import read_table
from acuomics.inputs.text import read_text
from acuomics.problems import Problems

DESCRIPTOR = "datapackage.json"
TABLES = (
    "mechanisms",
    "entities",
    "members",
    "claims",
    "evidence",
    "conflicts",
    "levels",
    "mirnas",
    "testability",
)
RESTORE = "restore the file from the repository"
SEMVER = r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?"

Row = Mapping[str, str]


@dataclass(frozen=True)
class RawTable:
    """A table as text: `file` for messages, `columns` in order, `rows` as mappings of column to cell."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def index(self, column: str) -> dict[str, Row]:
        """Give the rows by the value of `column`; the last one wins where a value is repeated."""
        return {row[column]: row for row in self.rows}


@dataclass(frozen=True)
class Package:
    """The set on disk.

    Parameters
    ----------
    file : str
        The descriptor, for messages.
    descriptor : dict
        Content of ``datapackage.json``.
    tables : mapping of str to RawTable
        Those of `TABLES` that could be read.
    hashes : mapping of str to str
        File name to the SHA-256 of its bytes.
    """

    file: str
    descriptor: Mapping[str, Any]
    tables: Mapping[str, RawTable]
    hashes: Mapping[str, str]

    @property
    def version(self) -> str:
        """Version of the set (SemVer)."""
        return str(self.descriptor.get("version", ""))

    @property
    def sha256(self) -> str:
        """SHA-256 over the sorted lines ``<hash of the table>  <name of the file>``."""
        lines = "".join(f"{self.hashes[name]}  {name}\n" for name in sorted(self.hashes))
        return hashlib.sha256(lines.encode()).hexdigest()

    def schema(self, table: str) -> Mapping[str, Any]:
        """Give the Frictionless table schema of a table."""
        schema: Mapping[str, Any] = next(r["schema"] for r in self.descriptor["resources"] if r["name"] == table)
        return schema


def values(cell: str) -> list[str]:
    """Give the values of a cell that lists several, separated by ``|``."""
    return cell.split("|") if cell else []


def read_package(folder: str | Path, problems: Problems) -> Package | None:
    """Read the descriptor and every table.

    Parameters
    ----------
    folder : str or Path
        The folder with ``datapackage.json`` and the tables.
    problems : Problems
        Takes files that are missing, damaged or no tables, and a descriptor without a version or a table.

    Returns
    -------
    Package or None
        None when the descriptor cannot be used; tables that cannot be read are left out.
    """
    folder = Path(folder)
    descriptor = _descriptor(folder / DESCRIPTOR, problems)
    tables, hashes = {}, {}
    for name in TABLES:
        path = folder / f"{name}.tsv"
        if not path.is_file():
            problems.add(path, "the table is missing from the curated set", RESTORE)
            continue
        hashes[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
        table = read_table(path, "\t", problems)
        if table is not None:
            rows = tuple(dict(zip(table.columns, row, strict=True)) for row in table.rows)
            tables[name] = RawTable(str(path), tuple(table.columns), rows)
    if descriptor is None:
        return None
    return Package(str(folder / DESCRIPTOR), descriptor, tables, hashes)


def _descriptor(path: Path, problems: Problems) -> Mapping[str, Any] | None:
    text = read_text(path, problems, fix_missing=RESTORE)
    if text is None:
        return None
    try:
        content = json.loads(text)
        described = {resource["name"]: resource["schema"]["fields"] for resource in content["resources"]}
    except (ValueError, KeyError, TypeError) as error:
        problems.add(path, f"no description of a data package ({error!r})", RESTORE)
        return None
    version = content.get("version")
    if not isinstance(version, str) or not re.fullmatch(SEMVER, version):
        problems.add(path, "the version of the set is no SemVer", "write it as 1.0.0", column="version", value=version)
    missing = [name for name in TABLES if name not in described]
    for name in missing:
        problems.add(path, "the table is not described", RESTORE, row="resources", value=name)
    if missing or not isinstance(content, dict):
        return None
    return content
