"""Is there concordant change in the set at all? The rotation test in closed form (self-contained)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import betainc, gammaincinv

from acuomics.de.kernels.packed import Array
from acuomics.linear_model import Effects
from acuomics.mechanisms.settests.checks import Positions
from acuomics.moderation import VariancePrior, t_two_sided

#: Share of its degrees of freedom that a variance without its largest effect keeps.
TRIMMED_EFFICIENCY = 0.92
#: Nodes of the quadrature for the expected largest squared effect.
NODES = 128


@dataclass(frozen=True)
class Fry:
    """Result of one set: the mean standardised effect along the signs as a t statistic, and two p values."""

    t: float
    p: float
    p_mixed: float


def standardise(fit: Effects, prior: VariancePrior) -> Array:
    """Effects over a moderated standard deviation, shape as ``fit.effects``.

    The variance must treat the contrast's effect as it treats the residual ones, or they are not exchangeable when
    there is no effect; and it must not be raised by the effect looked for. So it is taken from all effects without
    the largest square, whose expectation is put back, and then drawn towards the prior of the residual variances.
    Which square is largest depends on the axes chosen for the residuals, and these on the order of the samples: p
    values move by a little with it, here as in limma.
    Source: Giner and Smyth 2016; constants as in limma 3.54 (``standardize="posterior.sd"``).
    """
    squares = fit.effects**2
    trimmed = (squares.sum(axis=0) - squares.max(axis=0)) / (fit.df + 1.0 - _expected_largest_square(fit.df + 1))
    if np.isinf(prior.df):
        result: Array = fit.effects / np.sqrt(prior.variance)
        return result
    df = TRIMMED_EFFICIENCY * fit.df
    result = fit.effects / np.sqrt((df * trimmed + prior.df * prior.variance) / (df + prior.df))
    return result


def fry(standardised: Array, positions: Positions, signs: Array) -> Fry:
    """Test one set of genes with claimed signs.

    Directional: the mean of the signed effects is, with no effect, exchangeable under rotation with the means of the
    signed residual effects, so that their ratio is Student's t with the residual degrees of freedom, whatever the
    correlation between genes. This is what the mean statistic of `roast` (Wu et al. 2010) gives with infinitely many
    rotations when variances are equal. Mixed: any change, in whatever direction, by `_mixed_p`.
    Source: Giner and Smyth 2016.

    Parameters
    ----------
    standardised : array of shape (1 + residual df, genes)
        From `standardise`, for all genes.
    positions : integer array of shape (m,)
    signs : array of shape (m,)
        +1 or -1: the direction claimed. `t` is positive where the genes change along their signs.
    """
    of_set = standardised[:, positions] * signs
    means = of_set.mean(axis=1)
    df = standardised.shape[0] - 1
    t = float(means[0] / np.sqrt(np.mean(means[1:] ** 2)))
    p = float(t_two_sided(np.array(t), df))
    return Fry(t, p, p if positions.size == 1 else _mixed_p(of_set))


def _mixed_p(of_set: Array) -> float:
    """p value of the sum of squared effects under rotation.

    The contrast's sum of squares is sum(u_k^2 a_k), with a the eigenvalues of the effects' cross-products and u
    uniform on the sphere of all effects; on its range from the least to the largest eigenvalue it has nearly a beta
    distribution of the same two moments. A set of fewer genes than there are effects has eigenvalues of 0, which
    count too (limma 3.54 leaves them out, and its mixed p is then far too large).
    """
    n = of_set.shape[0]
    eigenvalues = np.zeros(n)
    eigenvalues[: min(of_set.shape)] = np.linalg.svd(of_set, compute_uv=False) ** 2
    low, span = eigenvalues[-1], eigenvalues[0] - eigenvalues[-1]
    if span <= 0.0:
        return 1.0
    observed = float(((of_set[0] ** 2).sum() - low) / span)
    # Moments of a Dirichlet(1/2, ..., 1/2) weighting of the eigenvalues.
    mean = (eigenvalues.mean() - low) / span
    variance = 2.0 * float(eigenvalues.var()) / (n + 2.0) / span**2
    both = mean * (1.0 - mean) / variance - 1.0
    share = min(max(observed, 0.0), 1.0)
    return float(betainc((1.0 - mean) * both, mean * both, 1.0 - share))


@cache
def _expected_largest_square(n: int) -> float:
    """Expectation of the largest of `n` squared standard normal deviates, by Gauss-Legendre quadrature."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    u = (nodes + 1.0) / 2.0
    # chi-squared quantiles with one degree of freedom
    quantiles = 2.0 * gammaincinv(0.5, u)
    return float(np.sum(weights / 2.0 * n * u ** (n - 1) * quantiles))
