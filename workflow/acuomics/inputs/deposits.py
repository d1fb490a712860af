"""Which file of ``files.tsv`` belongs to which sample: what the catalogue needs of it (`acquire` checks the rest)."""

from __future__ import annotations

from pathlib import Path

from acuomics.inputs.table import has_columns, read_table
from acuomics.problems import Problems


def deposited_files(path: str | Path, problems: Problems) -> dict[str, str]:
    """Give the files that a study's ``files.tsv`` names, each with its sample (empty: of the whole series).

    Parameters
    ----------
    path : path
        The table; no file is no fault: the study has no deposit.
    problems : Problems
        Takes what keeps the table from being read.
    """
    if not Path(path).is_file():
        return {}
    table = read_table(path, "\t", problems)
    if table is None or not has_columns(table, ("file", "sample"), problems):
        return {}
    return dict(zip(table.column("file"), table.column("sample"), strict=True))
