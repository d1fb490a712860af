"""Estimates of several studies whose true effects scatter as stated: the truth of tests and benchmark."""

from __future__ import annotations

import numpy as np

#: Standard errors as studies of 3 to 8 animals an arm have them.
SE_RANGE = (0.12, 0.6)


def simulated_effects(
    n: int, *, k: int = 8, mean: float = 0.5, tau: float = 0.3, seed: int = 1, se_range: tuple[float, float] = SE_RANGE
) -> tuple[np.ndarray, np.ndarray]:
    """Estimates and standard errors of `n` genes in `k` studies: shape (n, k) each."""
    rng = np.random.default_rng(seed)
    se = rng.uniform(*se_range, (n, k))
    true = rng.normal(mean, tau, (n, k)) if tau > 0 else np.full((n, k), mean)
    return rng.normal(true, se), se
