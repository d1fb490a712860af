"""The libraries of a study as a frame: which animal, arm and batch each is, and where its cells are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from acuomics.inputs.libraries import read_library_sheet
from acuomics.problems import Problems


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
    """Read and check a sheet of libraries: `acuomics.inputs.libraries.read_library_sheet`, as a frame."""
    sheet = read_library_sheet(path, problems, factors=factors, paths_needed=paths_needed)
    return None if sheet is None else Libraries(sheet.file, pd.DataFrame(sheet.rows, dtype=str), sheet.factors)
