"""The committed set, and a copy of it whose cells a test can change."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from acuomics.mechanisms.curated import CuratedSet, load_set
from acuomics.mechanisms.validation import check_set
from acuomics.problems import Problems

SET = Path(__file__).parents[3] / "resources" / "mechanisms"


@pytest.fixture(scope="session")
def curated() -> CuratedSet:
    """The committed set."""
    return load_set(SET)


class EditableSet:
    """A copy of the set: change cells, then ask what is wrong with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _read(self, table: str) -> list[dict[str, str]]:
        with (self.folder / f"{table}.tsv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, delimiter="\t"))

    def _write(self, table: str, rows: list[dict[str, str]]) -> None:
        with (self.folder / f"{table}.tsv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), delimiter="\t", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def put(self, table: str, where: dict[str, str], **cells: str) -> int:
        """Change cells of the only row that matches; give its number."""
        rows = self._read(table)
        found = [n for n, row in enumerate(rows) if all(row[k] == v for k, v in where.items())]
        assert len(found) == 1, f"{len(found)} rows of {table} match {where}"
        assert set(cells) <= set(rows[0])
        rows[found[0]].update(cells)
        self._write(table, rows)
        return found[0] + 1

    def drop(self, table: str, **where: str) -> None:
        """Remove the rows that match."""
        rows = self._read(table)
        kept = [row for row in rows if not all(row[k] == v for k, v in where.items())]
        assert len(kept) < len(rows)
        self._write(table, kept)

    def faults(self) -> list[str]:
        """What `check_set` finds, as the user reads it, with the folder taken off."""
        problems = Problems()
        check_set(self.folder, problems)
        return [str(problem).replace(f"{self.folder}/", "") for problem in problems.found]


@pytest.fixture
def editable(tmp_path: Path) -> EditableSet:
    """A copy of the committed set."""
    folder = tmp_path / "mechanisms"
    shutil.copytree(SET, folder)
    return EditableSet(folder)


@pytest.fixture
def the_fault(editable: EditableSet) -> Callable[[], str]:
    """The one fault that the copy must have."""

    def run() -> str:
        found = editable.faults()
        assert len(found) == 1, "\n".join(found)
        return found[0]

    return run
