"""The published claims of a study (claims.tsv)."""

from __future__ import annotations

from collections.abc import Sequence

from acuomics.inputs.table import read_table
from acuomics.problems import Problems


def read_claims(
    file: str, contrasts: Sequence[str], pairs: Sequence[str], problems: Problems
) -> list[dict[str, str | None]]:
    """Read the claims of a study; NA is None."""
    table = read_table(file, "\t", problems)
    if table is None:
        return []
    return [
        {name: None if cell == "NA" else cell for name, cell in zip(table.columns, row, strict=True)}
        for row in table.rows
    ]
