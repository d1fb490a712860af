"""From matched inserts to counts of miRNAs: sharing what fits several, and whole numbers that keep the total."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from acuomics.smallrna.matching import Assignment

F64 = NDArray[np.float64]
#: Expectation-maximisation stops when no share changes by more than this, or after so many rounds.
TOLERANCE, ROUNDS = 1e-6, 500


def share(assignment: Assignment, weights: F64, matures: int, sharing: str) -> F64:
    """Divide each insert among the miRNAs it fits.

    Parameters
    ----------
    assignment : Assignment
        Rows (insert, mature).
    weights : float64[n]
        Reads of each insert.
    matures : int
        Number of matures.
    sharing : {"equal", "em"}
        Equal parts; or parts in proportion to the abundances that maximise the likelihood, starting from equal parts.

    Returns
    -------
    float64[c]
        Reads of each row; the rows of an insert add up to its weight.
    """
    multiplicity = assignment.multiplicity[assignment.insert]
    total = weights[assignment.insert]
    parts = total / multiplicity
    several = np.flatnonzero(multiplicity > 1)
    if sharing == "equal" or not len(several):
        return parts
    insert, mature = assignment.insert[several], assignment.mature[several]
    _, group = np.unique(insert, return_inverse=True)
    alone = multiplicity == 1
    unique = np.bincount(assignment.mature[alone], weights=total[alone], minlength=matures)
    shares = 1.0 / multiplicity[several]
    for _ in range(ROUNDS):
        abundance = unique + np.bincount(mature, weights=total[several] * shares, minlength=matures)
        claim = np.maximum(abundance[mature], 1e-9)
        new = claim / np.bincount(group, weights=claim)[group]
        change = np.abs(new - shares).max()
        shares = new
        if change <= TOLERANCE:
            break
    parts[several] = total[several] * shares
    return parts


def whole(values: F64) -> NDArray[np.int64]:
    """Round to whole numbers with the rounded total of the input (largest remainder; ties to the first)."""
    # Sums of thirds miss a whole number by rounding alone; that must not decide a remainder.
    values = np.round(values, 6)
    down = np.floor(values).astype(np.int64)
    missing = round(float(values.sum())) - int(down.sum())
    order = np.argsort(-(values - down), kind="stable")
    down[order[: max(missing, 0)]] += 1
    return down
