"""The weighted linear model of every gene, as orthogonal effects: one of the contrast, the rest of the residuals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from acuomics.moderation import Array, VariancePrior, estimate_prior, moderate, t_two_sided


@dataclass(frozen=True)
class Effects:
    """One contrast in every gene's linear model.

    Attributes
    ----------
    effects : array of shape (1 + residual df, genes)
        First row: the contrast, signed, with the variance of one observation of weight 1. Other rows: independent
        residual effects of the same variance. With no effect all rows are exchangeable.
    unscaled_sd : array of shape (genes,)
        Standard deviation of the contrast's estimate over that of an observation.
    """

    effects: Array
    unscaled_sd: Array

    @property
    def df(self) -> int:
        """Residual degrees of freedom."""
        return int(self.effects.shape[0]) - 1

    @property
    def log2fc(self) -> Array:
        """Weighted least-squares estimate of the contrast, shape (genes,)."""
        result: Array = self.effects[0] * self.unscaled_sd
        return result

    @property
    def variances(self) -> Array:
        """Residual variances, shape (genes,)."""
        result: Array = np.mean(self.effects[1:] ** 2, axis=0)
        return result


@dataclass(frozen=True)
class Moderated:
    """Moderated t statistics: `t`, `p` and posterior `variances` of shape (genes,), total `df`, and the prior."""

    t: Array
    p: Array
    variances: Array
    df: float
    prior: VariancePrior


def contrast_effects(y: Array, design: Array, contrast: Array, weights: Array | None = None) -> Effects:
    """Fit every gene and keep what a contrast and the residuals say.

    The coefficients are rotated by the Householder reflection that sends the contrast to the first axis and then
    reordered so that it is the last column: its effect is then what no other column explains (the contrast is exact
    under gene-wise weights, whatever the design). The QR decomposition of every gene's weighted design is by
    Householder reflections too, in that order, so that the residual effects of genes with like weights are alike.

    Parameters
    ----------
    y : array of shape (samples, genes)
        Log-expression.
    design : array of shape (samples, coefficients)
        Full column rank, fewer columns than samples.
    contrast : array of shape (coefficients,)
        Not all zero.
    weights : array of shape (samples, genes), optional
        Precisions.
    """
    n, p = design.shape
    root = np.ones((n, 1)) if weights is None else np.sqrt(weights)
    columns = _contrast_last(design, contrast)[:, :, None] * root[:, None, :]
    rest = y * root
    diagonal = np.ones(root.shape[1])
    for k in range(p):
        head = columns[k:, k]
        norm = np.sqrt((head**2).sum(axis=0))
        diagonal = -_shared_sign(head[0], norm) * norm
        reflector = head.copy()
        reflector[0] -= diagonal
        scale = 2.0 / (reflector**2).sum(axis=0)
        for j in range(k + 1, p):
            columns[k:, j] -= reflector * (scale * (reflector * columns[k:, j]).sum(axis=0))
        rest[k:] -= reflector * (scale * (reflector * rest[k:]).sum(axis=0))
    effects = rest[p - 1 :]
    effects[0] *= np.sign(diagonal)
    return Effects(effects, np.broadcast_to(1.0 / np.abs(diagonal), (y.shape[1],)))


def _shared_sign(head: Array, norm: Array) -> Array:
    """Sign of the reflection of every gene: that of all genes together, +1 where they cancel.

    The usual rule, the sign of the gene's own `head`, is best for rounding. But where heads are near zero (as for the
    difference of two arms that are not the reference) it would differ between genes by chance, and their residual
    effects would then be on different axes, which undoes the correlation between genes that the set tests rest on.
    """
    shared = -1.0 if head.sum() < -1e-10 * norm.sum() else 1.0
    own = np.where(head < 0.0, -1.0, 1.0)
    # Against a long head the shared sign would cancel digits.
    return np.where(np.abs(head) > 0.9 * norm, own, shared)


def _contrast_last(design: Array, contrast: Array) -> Array:
    """The design in other coefficients, of which the last is the contrast; shape as `design`."""
    norm = float(np.sqrt(contrast @ contrast))
    target = norm if contrast[0] < 0.0 else -norm
    reflector = np.array(contrast, dtype=float)
    reflector[0] -= target
    # H contrast = target e1 and H H = 1, hence X b = (X H)(H b), and contrast' b = target (H b)_1.
    rotated = design - np.outer(design @ reflector, reflector) * (2.0 / (reflector @ reflector))
    return np.column_stack([rotated[:, 1:], rotated[:, 0] / target])


def moderated_t(fit: Effects) -> Moderated:
    """Moderated t tests of the contrast in every gene (Smyth 2004).

    The total degrees of freedom are the residual and the prior ones, but no more than the residual ones of all genes
    together.
    """
    variances = fit.variances
    prior = estimate_prior(variances, fit.df)
    posterior = moderate(variances, fit.df, prior)
    t = fit.effects[0] / np.sqrt(posterior)
    df = min(fit.df + prior.df, float(fit.df * variances.size))
    return Moderated(t, t_two_sided(t, df), posterior, df, prior)
