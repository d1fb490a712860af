"""Precision weights of log counts from their mean-variance trend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from acuomics.de.kernels.lowess import lowess
from acuomics.de.kernels.packed import Array
from acuomics.mechanisms.settests.expression import log_cpm

#: Share of the genes that a point of the mean-variance trend sees.
SPAN = 0.5


@dataclass(frozen=True)
class Voom:
    """Log-expression with its precision.

    Attributes
    ----------
    log_cpm : array of shape (samples, genes)
        log2 counts per million.
    weights : array of shape (samples, genes)
        Inverse variances, up to a factor a gene.
    trend_x, trend_y : arrays of shape (genes with counts,)
        The trend: mean log2 count, ascending, and square root of the residual standard deviation.
    """

    log_cpm: Array
    weights: Array
    trend_x: Array
    trend_y: Array


def voom(counts: Array, design: Array, sizes: Array) -> Voom:
    """Log counts per million and their precision weights.

    An unweighted fit gives each gene a residual standard deviation; its square root against the mean log2 count has a
    lowess trend, which read at the fitted log2 count of an observation gives that observation's standard deviation.
    Source: Law, Chen, Shi and Smyth 2014.

    Parameters
    ----------
    counts : array of shape (samples, genes)
        Counts of the expressed genes.
    design : array of shape (samples, coefficients)
        Full column rank, fewer columns than samples.
    sizes : array of shape (samples,)
        Effective library sizes.
    """
    y = log_cpm(counts, sizes)
    q, _ = np.linalg.qr(design)
    fitted = q @ (q.T @ y)
    df = design.shape[0] - design.shape[1]
    sigma = np.sqrt(((y - fitted) ** 2).sum(axis=0) / df)
    log_sizes = np.log2(sizes + 1.0)
    # log2 counts per million to log2 counts.
    mean = y.mean(axis=0) + log_sizes.mean() - np.log2(1e6)
    counted = np.flatnonzero(counts.any(axis=0))
    order = counted[np.argsort(mean[counted], kind="stable")]
    trend_x = mean[order]
    trend_y = lowess(trend_x, np.sqrt(sigma[order]), SPAN)
    predicted = np.interp(fitted + (log_sizes - np.log2(1e6))[:, None], trend_x, trend_y)
    return Voom(y, predicted**-4.0, trend_x, trend_y)
