"""Marker panels: which genes tell a cell type, in the species and the names of a study."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from acuomics.inputs.table import has_columns, read_table
from acuomics.inputs.words import did_you_mean, some
from acuomics.problems import Problems

COLUMNS = (
    "panel", "cell_type", "cell_ontology", "human_symbol", "human_ncbi", "mouse_symbol", "mouse_ncbi", "rat_symbol",
    "rat_ncbi", "weight", "source",
)  # fmt: skip
#: The columns of the species, by NCBI taxon.
SPECIES = {9606: "human", 10090: "mouse", 10116: "rat"}
#: A type with fewer positive markers in the matrix is not looked for.
FEWEST_MARKERS = 2


def read_markers(path: str | Path, panels: Sequence[str], taxon: int) -> pd.DataFrame:
    """Read the marker table for the panels and the species of a study.

    Returns
    -------
    pandas.DataFrame
        ``cell_type, cell_ontology, symbol, ncbi_gene, weight``; genes that the species lacks are left out.

    Raises
    ------
    InputError
        For an unknown panel or species, a weight that is no number or zero, a gene twice in a type.
    """
    problems = Problems()
    table = read_table(path, "\t", problems)
    if table is None or not has_columns(table, COLUMNS, problems):
        problems.raise_if_any()
        raise AssertionError("a table that cannot be read is a problem")
    rows = pd.DataFrame(table.rows, columns=table.columns, dtype=str)
    known = sorted(rows["panel"].unique())
    for panel in panels:
        if panel not in known:
            fix = did_you_mean(panel, known) or f"name one of {some(known, 8)}"
            problems.add("study.yaml", "no such panel of markers", fix, column="cells.panels", value=panel)
    if taxon not in SPECIES:
        fix = f"there are markers for {', '.join(SPECIES.values())}; give the study's own labels (cells.label_column)"
        problems.add("study.yaml", "there are no markers for the species", fix, column="taxon", value=taxon)
    weights = pd.to_numeric(rows["weight"], errors="coerce")
    for at in np.flatnonzero(~(np.isfinite(weights) & (weights != 0))).tolist():
        fix = "a positive number, or a negative one for a gene the type must lack"
        problems.add(table.file, "not a weight", fix, row=at + 1, column="weight", value=rows["weight"][at])
    twice = rows.duplicated(["panel", "cell_type", "human_symbol"])
    for at in np.flatnonzero(twice).tolist():
        problems.add(
            table.file, "the gene stands twice for the type", "keep one row", row=at + 1, value=rows["human_symbol"][at]
        )
    problems.raise_if_any()
    species = SPECIES[taxon]
    rows = rows.assign(symbol=rows[f"{species}_symbol"], ncbi_gene=rows[f"{species}_ncbi"], weight=weights)
    rows = rows[rows["panel"].isin(panels) & (rows["symbol"] != "NA")]
    return rows[["cell_type", "cell_ontology", "symbol", "ncbi_gene", "weight"]].reset_index(drop=True)


def locate_markers(markers: pd.DataFrame, features: pd.Index[str], symbols: pd.Series[str]) -> pd.DataFrame:
    """Find the markers in a matrix: by NCBI Gene id where the features are ids, else by symbol.

    A symbol that several features carry is no marker. Types with fewer than `FEWEST_MARKERS` positive ones go.

    Returns
    -------
    pandas.DataFrame
        `markers` with ``at`` (position in the matrix) and ``feature``, the rows that were found.
    """
    by_id = pd.Series(np.arange(len(features)), index=pd.Index(features.astype(str)))
    by_symbol = pd.Series(np.arange(len(features)), index=pd.Index(symbols.astype(str)))
    by_symbol = by_symbol[~by_symbol.index.duplicated(keep=False)]
    place = markers["ncbi_gene"].map(by_id).fillna(markers["symbol"].map(by_symbol))
    found = markers[place.notna()].assign(at=place.dropna().astype(int))
    found["feature"] = features[found["at"].to_numpy()].astype(str)
    enough = found["weight"].gt(0).groupby(found["cell_type"]).transform("sum") >= FEWEST_MARKERS
    return found[enough].reset_index(drop=True)
