"""From counts to log-expression: library sizes, which genes are expressed, log counts per million."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from acuomics.de.kernels.packed import Array

#: A gene is expressed with this many counts in a library of median size, and this many in all libraries together.
MINIMUM_COUNT, MINIMUM_TOTAL = 10.0, 15.0
#: Above this many samples an arm, the gene need be expressed in a share of the further ones only.
LARGE_ARM, SHARE_OF_LARGE = 10.0, 0.7


def library_sizes(counts: Array, size_factors: Array | None = None) -> Array:
    """Effective library sizes, shape (samples,).

    Column sums, or size factors brought to that scale: the ratios to the column sums have the geometric mean 1, as
    edgeR's normalisation factors have.

    Parameters
    ----------
    counts : array of shape (samples, genes)
    size_factors : array of shape (samples,), optional
        Median-of-ratios size factors (Anders and Huber 2010).
    """
    totals: Array = counts.sum(axis=1)
    if size_factors is None:
        return totals
    scale: Array = size_factors * np.exp(np.mean(np.log(totals / size_factors)))
    return scale


def expressed(counts: Array, design: Array, sizes: Array) -> NDArray[np.bool_]:
    """Which genes have enough counts for a linear model of their logarithms, shape (genes,).

    At least `MINIMUM_COUNT` counts, in a library of median size, in as many samples as the smallest arm has (the
    inverse of the largest leverage of the design), and `MINIMUM_TOTAL` in all. Source: Chen, Lun and Smyth 2016
    (edgeR's filterByExpr).

    Parameters
    ----------
    counts : array of shape (samples, genes)
    design : array of shape (samples, coefficients)
    sizes : array of shape (samples,)
        Library sizes.
    """
    q, _ = np.linalg.qr(design)
    smallest_arm = 1.0 / float((q**2).sum(axis=1).max())
    if smallest_arm > LARGE_ARM:
        smallest_arm = LARGE_ARM + (smallest_arm - LARGE_ARM) * SHARE_OF_LARGE
    # Counts in a library of median size, compared so that equality is not lost to rounding.
    enough = counts * (np.median(sizes) / sizes)[:, None] >= MINIMUM_COUNT * (1.0 - 1e-14)
    keep: NDArray[np.bool_] = (enough.sum(axis=0) >= smallest_arm - 1e-14) & (counts.sum(axis=0) >= MINIMUM_TOTAL)
    return keep


def log_cpm(counts: Array, sizes: Array) -> Array:
    """Logarithm (base 2) of counts per million, offset away from zero, shape (samples, genes).

    log2((count + 0.5) / (library size + 1) x 10^6). Source: Law et al. 2014.
    """
    result: Array = np.log2((counts + 0.5) / (sizes + 1.0)[:, None] * 1e6)
    return result
