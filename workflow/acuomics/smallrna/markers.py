"""miRNAs of blood and of muscle: what share of the miRNA reads they take in each sample."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acuomics.inputs.table import has_columns, read_table
from acuomics.problems import Problems

COLUMNS = ("tissue", "marker", "prefix", "accession", "name", "source")


@dataclass(frozen=True)
class Marker:
    """A miRNA (MIMAT) of one species that stands for a tissue."""

    tissue: str
    marker: str
    prefix: str
    accession: str
    name: str
    source: str


def read_markers(path: str | Path, problems: Problems) -> list[Marker]:
    """Read ``resources/smallrna/markers.tsv``."""
    table = read_table(path, "\t", problems)
    if table is None or not has_columns(table, COLUMNS, problems):
        return []
    return [Marker(*cells) for cells in zip(*(table.column(name) for name in COLUMNS), strict=True)]


def marker_shares(
    sample: str, markers: list[Marker], prefix: str, accessions: list[str], counts: NDArray[np.float64]
) -> pd.DataFrame:
    """Give ``sample, tissue, marker, reads, share`` of one sample; several accessions of one marker are added up.

    `share` is that of all reads assigned to miRNAs, NaN when there are none. A contaminated sample shows in the
    comparison of the samples of a study; no share is called high by itself.
    """
    by_accession = dict(zip(accessions, counts.tolist(), strict=True))
    total = float(counts.sum())
    found: dict[tuple[str, str], float] = {}
    for m in markers:
        if m.prefix == prefix and m.accession in by_accession:
            found[m.tissue, m.marker] = found.get((m.tissue, m.marker), 0.0) + by_accession[m.accession]
    rows = [(sample, t, m, r, r / total if total else np.nan) for (t, m), r in found.items()]
    return pd.DataFrame(rows, columns=["sample", "tissue", "marker", "reads", "share"])
