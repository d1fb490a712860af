"""Does the set change more than other genes do? The t test that knows the genes' correlation (competitive)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from acuomics.de.kernels.packed import Array
from acuomics.linear_model import Effects, Moderated
from acuomics.mechanisms.settests.checks import Positions
from acuomics.moderation import t_two_sided


@dataclass(frozen=True)
class Camera:
    """Result of one set: t statistic along the signs, p, and the mean correlation of residuals between its genes."""

    t: float
    p: float
    correlation: float


@dataclass(frozen=True)
class CameraInput:
    """What `camera` needs of all genes: z scores (genes,), scaled residual effects (df, genes)."""

    z: Array
    residuals: Array


def z_scores(t: Array, df: float) -> Array:
    """Normal deviates with the tail areas of Student's t, in closed form (Hill 1970; 1e-5 or better above 2 df).

    It holds in the far tails, where areas underflow.
    """
    if np.isinf(df):
        return t
    near = df - 0.5
    b = 48.0 * near**2
    y = near * np.log1p(np.square(t) / df)
    series = (((-0.4 * y - 3.3) * y - 24.0) * y - 85.5) / (0.8 * y**2 + 100.0 + b)
    result: Array = np.sign(t) * np.sqrt(y) * (1.0 + ((series + y) + 3.0) / b)
    return result


def camera_input(fit: Effects, tests: Moderated) -> CameraInput:
    """Statistics and scaled residuals of all genes."""
    scale = np.sqrt(np.maximum(fit.variances, 1e-8))
    return CameraInput(z_scores(tests.t, tests.df), fit.effects[1:] / scale)


def camera(genes: CameraInput, positions: Positions, signs: Array) -> Camera:
    """Test one set of genes with claimed signs against all other genes.

    A two-sample t test of the statistics in and outside the set, in which the variance of the set's mean is inflated by
    1 + (m - 1) r, with r the mean correlation of the residuals of its genes, estimated and not let below 0; with the
    residual degrees of freedom, on which r rests. Source: Wu and Smyth 2012.

    Signs are ours: the statistics of the set are taken from the mean outside it and turned by the signs, and so are the
    residuals, whereby a set of genes that move apart as claimed is one of positive correlation. With signs all alike
    this is the published test.

    Parameters
    ----------
    genes : CameraInput
    positions : integer array of shape (m,)
        Fewer than all genes.
    signs : array of shape (m,)
        +1 or -1.
    """
    df, total = genes.residuals.shape
    m = positions.size
    rest = total - m
    inflation, correlation = 1.0, float("nan")
    if m > 1:
        mean_residuals = (genes.residuals[:, positions] * signs).mean(axis=1)
        inflation = m * float(np.mean(mean_residuals**2))
        correlation = (inflation - 1.0) / (m - 1.0)
        inflation = max(inflation, 1.0)
    outside = np.ones(total, dtype=bool)
    outside[positions] = False
    others = genes.z[outside]
    centre = others.mean()
    of_set = (genes.z[positions] - centre) * signs
    difference = float(of_set.mean())
    within = float(((of_set - difference) ** 2).sum() + ((others - centre) ** 2).sum()) / (total - 2.0)
    t = difference / float(np.sqrt(within * (inflation / m + 1.0 / rest)))
    return Camera(t, float(t_two_sided(np.array(t), min(df, total - 2))), correlation)
