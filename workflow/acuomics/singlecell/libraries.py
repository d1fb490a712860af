"""The sheet of libraries: which animal, arm and batch each library is, and where its cells are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from acuomics.inputs.table import has_columns, read_table, separator_of
from acuomics.inputs.words import some
from acuomics.problems import Problems

RESERVED = ("library", "sample", "batch", "path")


@dataclass(frozen=True)
class Libraries:
    """The checked sheet.

    Attributes
    ----------
    file : str
    table : pandas.DataFrame
        ``library, sample``, the factors, ``batch`` and ``path`` where given; a row a library, in the sheet's order.
    factors : tuple of str
        Columns that say what was done to the animal.
    """

    file: str
    table: pd.DataFrame
    factors: tuple[str, ...]

    @property
    def samples(self) -> pd.DataFrame:
        """``sample`` and the factors, a row an animal, in the order of the sheet."""
        return self.table[["sample", *self.factors]].drop_duplicates("sample").reset_index(drop=True)

    @property
    def batched(self) -> bool:
        """Whether the sheet names more than one batch."""
        return "batch" in self.table and len(set(self.table["batch"])) > 1


def read_libraries(
    path: str | Path, problems: Problems, *, factors: Sequence[str] = (), paths_needed: bool = False
) -> Libraries | None:
    """Read and check a sheet of libraries.

    Parameters
    ----------
    path : path
        Table with the columns ``library, sample`` (the animal), at least one factor, and optionally ``batch`` and
        ``path``. Without a column ``library`` every sample is one library of that name.
    problems : Problems
        Takes every fault: missing columns, empty cells, a library twice, an animal in two arms.
    factors : sequence of str
        The study's factors; by default every column that is not reserved.
    paths_needed : bool
        Whether each library must have a path.

    Returns
    -------
    Libraries or None
        None when a fault was found.
    """
    table = read_table(path, separator_of(path), problems)
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
    sheet = pd.DataFrame(table.rows, columns=table.columns, dtype=str)
    if "library" not in sheet:
        sheet.insert(0, "library", sheet["sample"])
    kept = ["library", "sample", *names, *(name for name in ("batch", "path") if name in sheet)]
    for name in kept:
        for at in (sheet.index[sheet[name] == ""] + 1).tolist():
            problems.add(file, "the cell is empty", "every library needs one", row=at, column=name)
    for name in sheet["library"][sheet["library"].duplicated()].unique().tolist():
        rows = [str(at + 1) for at in sheet.index[sheet["library"] == name]]
        problems.add(
            file, f"the library stands in rows {some(rows)}", "a library is one row", column="library", value=name
        )
    for sample, rows_of in sheet.groupby("sample", sort=False):
        for name in names:
            levels = list(dict.fromkeys(rows_of[name]))
            if len(levels) > 1:
                problems.add(
                    file,
                    f"animal {sample!r} is in more than one {name}: {some(levels)}",
                    "an animal is in one arm; give another animal another name",
                    row=str(int(rows_of.index[1]) + 1),
                    column=name,
                    value=levels[1],
                )
    return None if len(problems.found) > before else Libraries(file, sheet[kept], names)
