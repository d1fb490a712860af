"""What acupuncture can do to a feature that the model changed: the planted classes and their effects."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

# Planted effects are exact numbers, so anything smaller is rounding.
NO_EFFECT = 1e-9

# Acupuncture's effect is minus this multiple of the model's effect, drawn uniformly between the two bounds.
RESTORATION: Mapping[str, tuple[float, float]] = {
    "untouched": (0.0, 0.0),
    "partial": (0.35, 0.7),
    "full": (1.0, 1.0),
    "overcorrected": (1.4, 1.9),
    "aggravated": (-1.0, -0.5),
}

# The classes that carry an effect, in the order in which features are dealt out to them.
PLANTED = (*RESTORATION, "treatment_only")

CLASSES = ("null", *PLANTED)

# The classes that a test of reversal should find.
REVERSED = frozenset({"partial", "full", "overcorrected"})


def class_of(log2fc_model: float, log2fc_treatment: float) -> str:
    """Name the class of a pair of true effects.

    Parameters
    ----------
    log2fc_model, log2fc_treatment : float
        True log2 fold changes of model vs control and of treated vs model.

    Returns
    -------
    str
        One of `CLASSES`.
    """
    if abs(log2fc_model) < NO_EFFECT:
        return "null" if abs(log2fc_treatment) < NO_EFFECT else "treatment_only"
    restoration = -log2fc_treatment / log2fc_model
    if abs(restoration) < NO_EFFECT:
        return "untouched"
    if restoration < 0:
        return "aggravated"
    if abs(restoration - 1) < NO_EFFECT:
        return "full"
    return "partial" if restoration < 1 else "overcorrected"


def draw_effects(
    rng: np.random.Generator, name: str, n: int, *, smallest: float, largest: float, up_share: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw the true effects of `n` features of one class.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where the randomness comes from.
    name : str
        One of `PLANTED`.
    n : int
        How many features.
    smallest, largest : float
        Bounds of the absolute log2 fold change of the class's leading effect (the model's; the
        treatment's for ``treatment_only``), drawn uniformly.
    up_share : float
        Share of the leading effects that are increases.

    Returns
    -------
    tuple of numpy.ndarray
        log2 fold changes of model vs control and of treated vs model, each of shape ``(n,)``.
    """
    leading = rng.uniform(smallest, largest, n) * np.where(rng.random(n) < up_share, 1.0, -1.0)
    if name == "treatment_only":
        return np.zeros(n), leading
    low, high = RESTORATION[name]
    # Adding zero turns -0.0 into 0.0, which would otherwise be printed with its sign.
    return leading, -leading * rng.uniform(low, high, n) + 0.0
