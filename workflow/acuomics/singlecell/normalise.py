"""Log-normalised expression and the genes that vary most within batches, on sparse matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
#: Bins of like mean in which dispersions are compared.
BINS = 20
#: A variable gene varies so much more than genes of like mean (standard deviations between them).
LEAST_DISPERSION = 0.5
#: With fewer variable genes there are no components to speak of.
FEWEST_GENES = 100


def log_normalise(counts: Any) -> tuple[Any, Any]:
    """Scale every cell to the median total and take log(1 + x).

    Parameters
    ----------
    counts : csr_matrix of shape (cells, genes)
        Raw counts, float32; not changed.

    Returns
    -------
    scaled, logged : csr_matrix
        Before and after the logarithm, float32; they share their index arrays with `counts`.
    """
    totals = np.asarray(counts.sum(axis=1, dtype=np.float64)).ravel()
    positive = totals[totals > 0]
    target = float(np.median(positive)) if positive.size else 1.0
    factors = np.divide(target, totals, out=np.zeros_like(totals), where=totals > 0).astype(np.float32)
    values = counts.data * np.repeat(factors, np.diff(counts.indptr))
    parts = (counts.indices, counts.indptr)
    scaled = sparse.csr_matrix((values, *parts), shape=counts.shape, copy=False)
    return scaled, sparse.csr_matrix((np.log1p(values), *parts), shape=counts.shape, copy=False)


def standard_dispersions(scaled: Any) -> Floats:
    """Dispersion (variance over mean) of every gene, standardised among genes of like mean.

    Satija et al. 2015 (the flavour ``seurat`` of scanpy): log dispersions, `BINS` bins of the log mean. In a bin of one
    gene its standardised dispersion is 1.

    Parameters
    ----------
    scaled : csr_matrix of shape (cells, genes)
        Normalised, not logged.

    Returns
    -------
    array of shape (genes,)
        NaN for genes without counts.
    """
    n, genes = scaled.shape
    values = scaled.data.astype(np.float64)
    mean = np.bincount(scaled.indices, weights=values, minlength=genes) / n
    square = np.bincount(scaled.indices, weights=values**2, minlength=genes) / n
    variance = (square - mean**2) * n / max(n - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        dispersion = np.log(variance / np.where(mean == 0, 1e-12, mean))
    dispersion[~np.isfinite(dispersion)] = np.nan
    table = pd.DataFrame({"bin": pd.cut(np.log1p(mean), bins=BINS, labels=False), "dispersion": dispersion})
    by_bin = table.groupby("bin")["dispersion"]
    centre, spread = by_bin.transform("mean").to_numpy(), by_bin.transform("std").to_numpy()
    alone = np.isnan(spread) & ~np.isnan(dispersion)
    spread, centre = np.where(alone, centre, spread), np.where(alone, 0.0, centre)
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Floats = (dispersion - centre) / spread
    return np.where(np.isfinite(result), result, np.nan)


def variable_genes(scaled: Any, batches: NDArray[np.str_], n: int) -> NDArray[np.bool_]:
    """The genes of the highest standardised dispersion, its mean over batches; ties by position.

    Taking dispersions within batches (libraries) leaves out genes that differ between them only, such as those that the
    treatment changes in all cells: clusters are to be types and not arms.

    Parameters
    ----------
    scaled : csr_matrix of shape (cells, genes)
    batches : array of shape (cells,)
        Batch, or library, of each cell.
    n : int
        At most so many, of those above `LEAST_DISPERSION`; but never fewer than `FEWEST_GENES`.

    Returns
    -------
    bool array of shape (genes,)
    """
    names = list(dict.fromkeys(batches.tolist()))
    total = np.zeros(scaled.shape[1])
    for name in names:
        part = scaled if len(names) == 1 else scaled[np.flatnonzero(batches == name)]
        # A gene without counts in a batch does not vary there: it adds nothing.
        total += np.nan_to_num(standard_dispersions(part), nan=0.0)
    expressed = np.asarray(scaled.sum(axis=0)).ravel() > 0
    order = np.argsort(np.where(expressed, -total, np.inf), kind="stable")
    above = int((expressed & (total > LEAST_DISPERSION * len(names))).sum())
    chosen = np.zeros(scaled.shape[1], dtype=bool)
    chosen[order[: min(n, max(above, FEWEST_GENES), int(expressed.sum()))]] = True
    return chosen
