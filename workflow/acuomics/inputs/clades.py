"""Which species a prefix of miRBase means, and where that species stands (``resources/names/clades.tsv``)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from acuomics.inputs.table import has_columns, read_table
from acuomics.problems import Problems

COLUMNS = ("prefix", "species", "clade", "kingdom")


@dataclass(frozen=True)
class Clade:
    """Where a species of miRBase stands: `clade` (rodents) and `kingdom` (vertebrates, plants ...)."""

    clade: str
    kingdom: str
    species: str = ""


def read_clades(path: str | Path, problems: Problems) -> dict[str, Clade]:
    """Read the table of clades: miRBase prefix to species, clade and kingdom."""
    table = read_table(path, "\t", problems)
    if table is None or not has_columns(table, COLUMNS, problems):
        return {}
    rows = zip(*map(table.column, COLUMNS), strict=True)
    return {prefix: Clade(clade, kingdom, species) for prefix, species, clade, kingdom in rows}
