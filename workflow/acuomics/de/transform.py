"""Variance-stabilised counts, for pictures and distances only."""

from __future__ import annotations

import numpy as np

from acuomics.de.kernels.packed import Array
from acuomics.de.model import NegativeBinomialFit


def variance_stabilised(fit: NegativeBinomialFit) -> Array:
    """Normalised counts on a scale (log2 for large counts) where the variance hardly depends on the mean.

    The closed form for a dispersion trend ``a0 + a1 / mean``; for one dispersion, the inverse hyperbolic sine
    (Anders and Huber 2010; Love et al. 2014). Shape (samples, features).
    """
    normalised = fit.counts / fit.factors
    a0, a1 = fit.trend.a0, fit.trend.a1
    if fit.trend.kind == "parametric":
        inner = 1.0 + a1 + 2.0 * a0 * normalised + 2.0 * np.sqrt(a0 * normalised * (1.0 + a1 + a0 * normalised))
        return np.log2(inner / (4.0 * a0))
    stabilised: Array = (2.0 * np.arcsinh(np.sqrt(a0 * normalised)) - np.log(a0) - np.log(4.0)) / np.log(2.0)
    return stabilised
