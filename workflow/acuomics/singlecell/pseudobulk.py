"""Counts an animal and cell type: the only thing that is ever tested for expression, since cells are no replicates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from acuomics.catalogue.cells import slugs
from acuomics.designs import sides_of
from acuomics.files import write_tsv
from acuomics.singlecell.celltypes import UNASSIGNED
from acuomics.smallrna.jit import kernel

if TYPE_CHECKING:
    import anndata

#: A variance needs as many animals an arm.
LEAST_ANIMALS = 2


def aggregate(data: anndata.AnnData, types: np.ndarray[Any, Any]) -> dict[str, pd.DataFrame]:
    """Add up the raw counts of an animal's cells of each type.

    The sums of scanpy's ``get.aggregate``, which a test holds these against; counted in place, so that the matrix is
    neither copied nor multiplied, and exact however large they are.

    Parameters
    ----------
    data : anndata.AnnData
        Raw counts in ``X`` (CSR), the animal in ``obs["sample"]``.
    types : array of shape (cells,)
        Cell types; `UNASSIGNED` is left out.

    Returns
    -------
    dict of str to pandas.DataFrame
        Cell type (sorted) to features x samples, int64; samples in the order of ``obs``, only those with cells.
    """
    counts = data.X
    animals = data.obs["sample"].astype(str).to_numpy()
    samples = list(dict.fromkeys(animals.tolist()))
    names = sorted(set(np.asarray(types, dtype=str).tolist()) - {UNASSIGNED})
    of_type = pd.Index(names).get_indexer(np.asarray(types, dtype=str))
    of_sample = pd.Index(samples).get_indexer(animals)
    # Cells of no type are added up in a row of their own, which nobody reads: cheaper than to take them out.
    group = np.where(of_type < 0, len(names) * len(samples), of_type * len(samples) + of_sample)
    whole = np.zeros((len(names) * len(samples) + 1, data.n_vars), dtype=np.int64)
    _add_up(counts.indptr, counts.indices, counts.data, group, whole)
    present = np.bincount(group, minlength=len(whole)) > 0
    result = {}
    for k, name in enumerate(names):
        rows = [k * len(samples) + j for j in range(len(samples))]
        kept = [row for row in rows if present[row]]
        columns = [samples[row - rows[0]] for row in kept]
        result[name] = pd.DataFrame(whole[kept].T, index=data.var_names, columns=columns)
    return result


@kernel
def _add_up(
    indptr: np.ndarray[Any, Any],
    indices: np.ndarray[Any, Any],
    values: np.ndarray[Any, Any],
    group: np.ndarray[Any, Any],
    sums: np.ndarray[Any, Any],
) -> None:
    """Add every row of a CSR matrix of whole numbers to the row of `sums` that `group` names."""
    for row in range(len(group)):
        at = group[row]
        for k in range(indptr[row], indptr[row + 1]):
            sums[at, indices[k]] += np.int64(values[k])


def count_cells(data: anndata.AnnData, types: np.ndarray[Any, Any], samples: pd.DataFrame) -> pd.DataFrame:
    """Cells an animal and type: samples (order of the sheet) x types (sorted, `UNASSIGNED` last)."""
    table = pd.crosstab(data.obs["sample"].to_numpy(str), types).reindex(list(samples["sample"]), fill_value=0)
    names = sorted(name for name in table.columns if name != UNASSIGNED)
    table = table[[*names, *([UNASSIGNED] if UNASSIGNED in table else [])]]
    table.index.name, table.columns.name = "sample", "cell_type"
    return table


def judge_types(
    cells: pd.DataFrame, samples: pd.DataFrame, contrasts: Sequence[Mapping[str, Any]], min_cells: int
) -> pd.DataFrame:
    """Say which types can be tested: at least `LEAST_ANIMALS` animals with enough cells on both sides of a contrast.

    Parameters
    ----------
    cells : pandas.DataFrame
        From `count_cells`.
    samples : pandas.DataFrame
        ``sample`` and the factors.
    contrasts : sequence of mappings
        Contrasts of the study record.
    min_cells : int
        Cells of the type that an animal needs.

    Returns
    -------
    pandas.DataFrame
        ``cell_type, slug, n_cells, n_animals, animals`` (``arm=n`` joined by ``|``), ``left_out`` (animals with too few
        cells), ``analysable``, ``contrasts`` (those that can be tested), ``reason``.
    """
    factors = [name for name in samples.columns if name != "sample"]
    arms = samples[factors].agg(":".join, axis=1)
    rows = []
    names = [str(name) for name in cells.columns if name != UNASSIGNED]
    for name, slug in slugs(names).items():
        enough = (cells[name] >= min_cells).to_numpy()
        animals = arms[enough].value_counts()
        sheet = samples[enough].to_dict("records")
        possible, reasons = [], []
        for contrast in contrasts:
            short = [
                f"{_cell(factors, cell)} has {n} (needs {LEAST_ANIMALS})"
                for side in sides_of(contrast)
                for _, cell in side
                if (n := sum(all(row[k] == v for k, v in cell.items()) for row in sheet)) < LEAST_ANIMALS
            ]
            if short:
                reasons.append(f"{contrast['contrast']}: {', '.join(short)}")
            else:
                possible.append(contrast["contrast"])
        rows.append(
            {
                "cell_type": name,
                "slug": slug,
                "n_cells": int(cells[name].sum()),
                "n_animals": int(enough.sum()),
                "animals": "|".join(f"{arm}={int(animals.get(arm, 0))}" for arm in dict.fromkeys(arms)),
                "left_out": "|".join(samples["sample"][~enough]) or "none",
                "analysable": bool(possible),
                "contrasts": "|".join(possible) or "none",
                "reason": f"animals with {min_cells} cells or more: {'; '.join(reasons)}" if reasons else "none",
            }
        )
    columns = ["cell_type", "slug", "n_cells", "n_animals", "animals", "left_out", "analysable", "contrasts", "reason"]
    return pd.DataFrame(rows, columns=columns)


def _cell(factors: Sequence[str], cell: Mapping[str, str]) -> str:
    return ":".join(cell[name] for name in factors if name in cell)


def write_pseudobulk(
    sums: Mapping[str, pd.DataFrame],
    judged: pd.DataFrame,
    cells: pd.DataFrame,
    samples: pd.DataFrame,
    symbols: pd.Series[str],
    folder: str | Path,
    min_cells: int,
) -> list[Path]:
    """Write ``<slug>/counts.tsv`` (feature, symbol, samples) and ``<slug>/samples.tsv`` of every analysable type.

    Only animals with at least `min_cells` cells of the type are in them.
    """
    written = []
    for row in judged[judged["analysable"]].itertuples():
        kept = samples[(cells[row.cell_type] >= min_cells).to_numpy()]
        counts = sums[str(row.cell_type)][list(kept["sample"])]
        table = pd.concat([symbols.rename("symbol").reset_index(drop=True), counts.reset_index(drop=True)], axis=1)
        table.insert(0, "feature", counts.index.to_numpy(str))
        path = Path(folder) / str(row.slug)
        write_tsv(table, path / "counts.tsv")
        sheet = kept.assign(n_cells=cells[row.cell_type].loc[kept["sample"]].to_numpy())
        write_tsv(sheet, path / "samples.tsv")
        written.append(path)
    return written


def testable(contrast: Mapping[str, Any], samples: pd.DataFrame) -> bool:
    """Whether every cell of a contrast has at least `LEAST_ANIMALS` of the samples."""
    sheet = samples.to_dict("records")
    return all(
        sum(all(row[k] == v for k, v in cell.items()) for row in sheet) >= LEAST_ANIMALS
        for side in sides_of(contrast)
        for _, cell in side
    )
