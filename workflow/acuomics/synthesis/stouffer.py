"""Stouffer's combination of z values, weighted by the square root of the effective number of samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]


def effective_n(n_numerator: Floats, n_denominator: Floats) -> Floats:
    """Samples of a balanced study of the same precision: 4 / (1 / n1 + 1 / n2)."""
    found: Floats = 4.0 / (1.0 / np.asarray(n_numerator, float) + 1.0 / np.asarray(n_denominator, float))
    return found


def stouffer(z: Floats, n: Floats) -> Floats:
    """Combine z values: sum(w z) / sqrt(sum(w^2)) with w = sqrt(n).

    Parameters
    ----------
    z : array of float, shape (genes, studies)
        Standard normal under the null, positive in the direction that is asked for; NaN where a study has none.
    n : array of float, shape (studies,)
        Effective numbers of samples.

    Returns
    -------
    array of float, shape (genes,)
        Standard normal under the null of no effect in any study; NaN where no study has a value. The one-sided p is
        the upper tail.
    """
    weight = np.where(np.isnan(z), 0.0, np.sqrt(np.asarray(n, dtype=np.float64))[None, :])
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = (weight * np.nan_to_num(z)).sum(axis=1) / np.sqrt((weight**2).sum(axis=1))
    return found


def upper_tail(z: Floats) -> Floats:
    """One-sided p value of a standard normal."""
    found: Floats = ndtr(-z)
    return found


def two_tails(z: Floats) -> Floats:
    """Two-sided p value of a standard normal."""
    found: Floats = 2.0 * ndtr(-np.abs(z))
    return found
