"""Cook's distances: which counts are outliers, what replaces them, which features are flagged."""

from __future__ import annotations

import numpy as np

from acuomics.de.kernels.packed import Array, PackedDesign, per_count

#: Samples in cells of this size or more have outliers replaced; smaller cells have the feature flagged.
MIN_REPLICATES_TO_REPLACE = 7
#: A cell needs this many samples for its outliers to be seen at all.
MIN_REPLICATES_TO_SEE = 3
_ROBUST_FLOOR = 0.04


def cells(design: PackedDesign) -> tuple[np.ndarray, np.ndarray]:
    """Index of the design cell of each sample, and the number of samples in that cell."""
    _, index, sizes = np.unique(design.matrix, axis=0, return_inverse=True, return_counts=True)
    index = index.reshape(-1)
    return index, sizes[index]


def trimmed_mean(values: Array, trim: float) -> Array:
    """Mean over axis 0 without the share `trim` of values at either end (R's ``mean(x, trim=)``)."""
    n = values.shape[0]
    cut = int(np.floor(n * trim))
    result: Array = np.sort(values, axis=0)[cut : n - cut].mean(axis=0)
    return result


def _trim_and_scale(cell_size: int) -> tuple[float, float]:
    """Trimmed share, and the factor that makes the trimmed variance consistent, for a cell of this size."""
    if cell_size <= 3:
        return 1.0 / 3.0, 2.04
    return (1.0 / 4.0, 1.86) if cell_size <= 23 else (1.0 / 8.0, 1.51)


def robust_dispersions(normalised: Array, design: PackedDesign) -> Array:
    """Method-of-moments dispersions from trimmed variances within design cells, at least 0.04."""
    index, sizes = cells(design)
    seen = sizes >= MIN_REPLICATES_TO_SEE
    if seen.any():
        variance = np.zeros(normalised.shape[1])
        for cell in np.unique(index[seen]):
            values = normalised[index == cell]
            trim, scale = _trim_and_scale(values.shape[0])
            squared = (values - trimmed_mean(values, trim)) ** 2
            variance = np.maximum(variance, scale * trimmed_mean(squared, trim))
    else:
        squared = (normalised - trimmed_mean(normalised, 1.0 / 8.0)) ** 2
        variance = 1.51 * trimmed_mean(squared, 1.0 / 8.0)
    mean = normalised.mean(axis=0)
    dispersions: Array = np.maximum((variance - mean) / mean**2, _ROBUST_FLOOR)
    return dispersions


def cooks_distances(counts: Array, mu: Array, leverage: Array, normalised: Array, design: PackedDesign) -> Array:
    """Cook's distance of every count, shape (samples, genes) (Love et al. 2014, Methods, eq. 10)."""
    dispersions = robust_dispersions(normalised, design)
    pearson = (counts - mu) ** 2 / (mu + dispersions * mu**2)
    distances: Array = pearson / design.p * leverage / (1.0 - leverage) ** 2
    return distances


def cutoff(design: PackedDesign) -> float:
    """The 0.99 quantile of the F distribution with p and n - p degrees of freedom."""
    from scipy.special import fdtri

    return float(fdtri(design.p, design.n - design.p, 0.99))


def replacement_counts(counts: Array, distances: Array, size_factors: Array, design: PackedDesign) -> Array:
    """Counts with the outliers of large cells replaced by the trimmed mean times the size factor."""
    replaceable = cells(design)[1] >= MIN_REPLICATES_TO_REPLACE
    middle = trimmed_mean(counts / per_count(size_factors), 0.2)
    substitute = np.floor(middle * per_count(size_factors))
    return np.where((distances > cutoff(design)) & replaceable[:, None], substitute, counts)


def flag_outliers(counts: Array, distances: Array, design: PackedDesign, *, replaced: bool) -> np.ndarray:
    """Features whose largest Cook's distance is over the cutoff, in samples that no replacement took care of.

    Parameters
    ----------
    counts, distances : arrays of shape (samples, genes)
    design : PackedDesign
    replaced : bool
        Whether the outliers of large cells were replaced; then only the other samples are looked at.
    """
    _, sizes = cells(design)
    seen = sizes >= MIN_REPLICATES_TO_SEE
    if replaced:
        seen = seen & (sizes < MIN_REPLICATES_TO_REPLACE)
    if not seen.any() or design.n <= design.p:
        return np.zeros(counts.shape[1], dtype=bool)
    flagged = np.asarray((distances[seen] > cutoff(design)).any(axis=0))
    if design.p == 2 and len(np.unique(design.matrix, axis=0)) == 2:
        # One factor with two levels: an outlier that three or more samples exceed is no outlier.
        at = np.flatnonzero(flagged)
        worst = counts[distances[:, at].argmax(axis=0), at]
        flagged[at[(counts[:, at] > worst).sum(axis=0) >= 3]] = False
    return flagged
