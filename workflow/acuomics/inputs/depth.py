"""Whether size factors can be had: features that were counted in every sample."""

from __future__ import annotations

import numpy as np

from acuomics.inputs.matrix import CountMatrix, Mask
from acuomics.problems import Problems

# Fewer common features than this, in number or as a share of those with any count, carry size factors badly.
FEW = 10
SMALL_SHARE = 0.01


def check_common_features(matrix: CountMatrix, tested: Mask, problems: Problems) -> list[str]:
    """Count the features above zero in every sample: median-of-ratios size factors rest on them alone.

    Parameters
    ----------
    matrix : CountMatrix
        Values that can be counts: finite, not negative.
    tested : ndarray of bool, shape (n_features,)
        The features under test.
    problems : Problems
        Takes the fault: no such feature.

    Returns
    -------
    list of str
        A warning when there are fewer than ten, or less than 1 % of the features with any count.

    References
    ----------
    Anders, Huber (2010), Genome Biology 11:R106: a feature with a zero has no geometric mean. R's DESeq2 stops
    with "every gene contains at least one zero".
    """
    values = matrix.cells[tested]
    if not values.size or np.isnan(values).any():
        return []
    # As they will be tested: 0.3 of a read rounds to none.
    counted = np.rint(values) > 0
    common, any_count = int(counted.all(axis=1).sum()), int(counted.any(axis=1).sum())
    detected = counted.sum(axis=0)
    poorest = matrix.samples[int(detected.argmin())]
    if common == 0:
        problems.add(
            matrix.file,
            f"no feature is above zero in all {len(matrix.samples)} samples, so that median-of-ratios size factors "
            f"cannot be computed (R's DESeq2 refuses too); sample {poorest} has the fewest features, "
            f"{detected.min():,} of {any_count:,}",
            "sum the runs of each library first, or drop the poorest samples: take them out of the sheet (and list "
            "them under counts: drop_columns), or use samples: keep; sparse libraries, of serum say, may need deeper "
            "sequencing",
            column=poorest,
        )
        return []
    if common >= FEW and common >= SMALL_SHARE * any_count:
        return []
    return [
        f"only {common} of {any_count:,} features with any count {'is' if common == 1 else 'are'} above zero in every "
        f"sample, and the size factors rest on {'it' if common == 1 else 'them'} alone (the poorest sample, {poorest}, "
        f"has {detected.min():,} features): fold changes may carry their error"
    ]
