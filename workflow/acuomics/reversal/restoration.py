"""How far a treatment brought a feature back: the restoration fraction, and equivalence to control."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from acuomics.de.kernels.packed import Array


@dataclass(frozen=True)
class Restoration:
    """Restoration fraction and its interval, shape (features,) each; NaN where the interval is not bounded."""

    fraction: Array
    low: Array
    high: Array


def restoration(
    model: Array, treatment: Array, var_model: Array, var_treatment: Array, covariance: Array, alpha: float
) -> Restoration:
    """r = -d2 / d1 with Fieller's interval at level 1 - `alpha` (Fieller 1954).

    The interval holds the r for which d2 + r d1 is not significantly different from zero, given the joint covariance
    of both estimates. It is bounded only where d1 itself is clear of zero at that level; elsewhere NaN.

    Parameters
    ----------
    model, treatment : arrays of shape (features,)
        Estimates d1 (model - control) and d2 (treated - model), one scale.
    var_model, var_treatment, covariance : arrays of shape (features,)
    alpha : float
    """
    z2 = ndtri(1.0 - alpha / 2.0) ** 2
    a = model**2 - z2 * var_model
    b = model * treatment - z2 * covariance
    c = treatment**2 - z2 * var_treatment
    with np.errstate(invalid="ignore", divide="ignore"):
        clear = a > 0.0
        root = np.sqrt(np.maximum(b**2 - a * c, 0.0))
        fraction = np.where(clear, -treatment / model, np.nan)
        low = np.where(clear, (-b - root) / a, np.nan)
        high = np.where(clear, (-b + root) / a, np.nan)
    return Restoration(fraction, low, high)


def equivalence_p(estimate: Array, standard_error: Array, bound: float) -> Array:
    """p value of two one-sided tests that |effect| is below `bound` (Schuirmann 1987), shape (features,)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.maximum(ndtr((estimate - bound) / standard_error), ndtr(-(estimate + bound) / standard_error))
