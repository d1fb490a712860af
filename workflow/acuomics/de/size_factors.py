"""Size factors by the median of ratios."""

from __future__ import annotations

import numpy as np

from acuomics.de.kernels.packed import Array


def median_of_ratios(counts: Array) -> Array | None:
    """Size factor of every sample: the median ratio of its counts to the geometric means of the features.

    Only features that are counted in every sample have such a mean; None when there is no such feature.
    Source: Anders and Huber 2010, eq. 5.

    Parameters
    ----------
    counts : array of shape (samples, features)
        Or counts divided by something that is not of the sample, such as the length of a gene.
    """
    everywhere = (counts > 0).all(axis=0)
    if not everywhere.any():
        return None
    logs = np.log(counts[:, everywhere])
    factors: Array = np.exp(np.median(logs - logs.mean(axis=0), axis=1))
    return factors
