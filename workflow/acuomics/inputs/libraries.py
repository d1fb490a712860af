"""The sheet of libraries of a single-cell study, as text: checked before the run, without pandas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from acuomics.inputs.table import has_columns, read_table, separator_of
from acuomics.inputs.words import some
from acuomics.problems import Problems

RESERVED = ("library", "sample", "batch", "path")


@dataclass(frozen=True)
class LibrarySheet:
    """The checked sheet.

    Attributes
    ----------
    file : str
    rows : list of dict
        ``library, sample``, the factors, ``batch`` and ``path`` where given; a row a library, in the sheet's order.
    factors : tuple of str
        Columns that say what was done to the animal.
    """

    file: str
    rows: list[dict[str, str]]
    factors: tuple[str, ...]

    @property
    def samples(self) -> list[dict[str, str]]:
        """``sample`` and the factors, a row an animal, in the order of the sheet."""
        first = {row["sample"]: row for row in reversed(self.rows)}
        names = dict.fromkeys(row["sample"] for row in self.rows)
        return [{key: first[name][key] for key in ("sample", *self.factors)} for name in names]


def read_library_sheet(
    path: str | Path,
    problems: Problems,
    *,
    separator: str | None = None,
    factors: Sequence[str] = (),
    paths_needed: bool = False,
) -> LibrarySheet | None:
    """Read and check a sheet of libraries.

    Parameters
    ----------
    path : path
        Table with the columns ``library, sample`` (the animal), at least one factor, and optionally ``batch`` and
        ``path``. Without a column ``library`` every sample is one library of that name.
    problems : Problems
        Takes every fault: missing columns, empty cells, a library twice, an animal in two arms.
    separator : str, optional
        Name of the separator; by the file's suffix where none is given.
    factors : sequence of str
        The study's factors; by default every column that is not reserved.
    paths_needed : bool
        Whether each library must have a path.

    Returns
    -------
    LibrarySheet or None
        None when a fault was found.
    """
    table = read_table(path, separator_of(path, separator), problems)
    if table is None:
        return None
    before = len(problems.found)
    file = table.file
    names = tuple(factors) or tuple(name for name in table.columns if name not in RESERVED)
    if not names:
        problems.add(file, "there is no factor", "add a column that says what was done (condition)", row="header")
    wanted = ["sample", *names, *(["path"] if paths_needed else [])]
    if not has_columns(table, wanted, problems) or len(problems.found) > before:
        return None
    rows = [dict(zip(table.columns, cells, strict=True)) for cells in table.rows]
    for row in rows:
        row.setdefault("library", row["sample"])
    # A batch that the design names is a factor too, and stands once.
    kept = dict.fromkeys(["library", "sample", *names, *(name for name in ("batch", "path") if name in table.columns)])
    for name in kept:
        for at, row in enumerate(rows, start=1):
            if not row[name]:
                problems.add(file, "the cell is empty", "every library needs one", row=at, column=name)
    _check_libraries(rows, file, problems)
    _check_animals(rows, names, file, problems)
    chosen = [{name: row[name] for name in kept} for row in rows]
    return None if len(problems.found) > before else LibrarySheet(file, chosen, names)


def _check_libraries(rows: Sequence[dict[str, str]], file: str, problems: Problems) -> None:
    """Complain about libraries that have two rows."""
    places: dict[str, list[str]] = {}
    for at, row in enumerate(rows, start=1):
        places.setdefault(row["library"], []).append(str(at))
    for name, numbers in places.items():
        if name and len(numbers) > 1:
            message = f"the library stands in rows {some(numbers)}"
            problems.add(file, message, "a library is one row", column="library", value=name)


def _check_animals(rows: Sequence[dict[str, str]], factors: Sequence[str], file: str, problems: Problems) -> None:
    """Complain about animals whose libraries differ in a factor."""
    for sample in dict.fromkeys(row["sample"] for row in rows):
        own = [(at, row) for at, row in enumerate(rows, start=1) if row["sample"] == sample]
        for name in factors:
            levels = list(dict.fromkeys(row[name] for _, row in own))
            if len(levels) > 1:
                problems.add(
                    file,
                    f"animal {sample!r} is in more than one {name}: {some(levels)}",
                    "an animal is in one arm; give another animal another name",
                    row=next(at for at, row in own if row[name] == levels[1]),
                    column=name,
                    value=levels[1],
                )
