"""The intersection-union test of reversal, valid though the two contrasts share the model arm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from acuomics.de.kernels.filtering import adjust_bh
from acuomics.de.kernels.packed import Array


@dataclass(frozen=True)
class UnionTest:
    """p and q values of an intersection-union test, shape (features,) each; NaN where a contrast has no p."""

    p: Array
    q: Array


def reversal_test(stat_model: Array, stat_treatment: Array, valid: np.ndarray) -> UnionTest:
    """Test that the model moved a feature and the treatment moved it the other way.

    p = min(1, 2 min(max(p[d1 > 0], p[d2 < 0]), max(p[d1 < 0], p[d2 > 0]))) from one-sided Wald p values: an
    intersection-union test (Berger 1982) for either direction, doubled for the choice of direction. It holds its
    level under any dependence of the two statistics, so that the shared arm does no harm. The false discovery rate
    is Benjamini and Hochberg's over all valid features: screening on the model contrast first would undo the
    guarantee.

    Parameters
    ----------
    stat_model, stat_treatment : arrays of shape (features,)
        Wald statistics of model - control and treated - model.
    valid : bool array of shape (features,)
        Features that both contrasts could test.
    """
    return _union(stat_model, -stat_treatment, valid)


def aggravation_test(stat_model: Array, stat_treatment: Array, valid: np.ndarray) -> UnionTest:
    """Test that the model moved a feature and the treatment moved it further; see `reversal_test`."""
    return _union(stat_model, stat_treatment, valid)


def _union(first: Array, second: Array, valid: np.ndarray) -> UnionTest:
    """Both statistics positive, or both negative."""
    both_up = np.maximum(ndtr(-first), ndtr(-second))
    both_down = np.maximum(ndtr(first), ndtr(second))
    p = np.minimum(1.0, 2.0 * np.minimum(both_up, both_down))
    p = np.where(valid, p, np.nan)
    return UnionTest(p, adjust_bh(p))
