"""The power of a claim's test, and the smallest change it finds, from standard errors (normal approximation)."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri

from acuomics.de.wald import detectable_log2fc


def power_of(test: str, effect: float, bound: float, se: float, se_model: float, level: float) -> float:
    """Probability that the test finds what is claimed when the true |log2 fold change| is `effect`.

    Parameters
    ----------
    test : str
        ``one_sided``, ``two_sided``, or ``equivalence`` (no change at all, shown to be within `bound`).
    effect, bound : float
        log2.
    se, se_model : float
        Standard errors, log2; `se_model` of reversal pairs alone, else NaN. Both tests of a pair must hold, so that
        the sum of their powers less one is the least that the pair's power can be, whatever their dependence.
    level : float
        The p value under which the test holds.

    Returns
    -------
    float
        NaN where the standard error is not known.
    """
    if not np.isfinite(se) or se <= 0.0:
        return float("nan")
    if test == "equivalence":
        return max(0.0, float(2.0 * ndtr(bound / se + ndtri(level)) - 1.0))
    level = level / 2.0 if test == "two_sided" else level
    each = [float(ndtr(effect / s + ndtri(level))) for s in (se, se_model) if np.isfinite(s)]
    return max(0.0, sum(each) - len(each) + 1)


def detectable_of(test: str, se: float, se_model: float, level: float, power: float) -> float:
    """Smallest |log2 fold change| that the test finds with probability `power`.

    For ``equivalence`` the smallest bound that could be shown where nothing changes. Parameters as in `power_of`.
    """
    if not np.isfinite(se):
        return float("nan")
    if test == "equivalence":
        return float((ndtri(0.5 + power / 2.0) - ndtri(level)) * se)
    pair = bool(np.isfinite(se_model))
    worst = np.array([max(se, se_model) if pair else se])
    # The house's function takes the p value of a two-sided test; of both tests of a pair each may miss half as often.
    threshold = level if test == "two_sided" else 2.0 * level
    return float(detectable_log2fc(worst, threshold, (1.0 + power) / 2.0 if pair else power)[0])
