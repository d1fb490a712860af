"""Shrunken fold changes: posterior modes under a Cauchy prior (apeglm; Zhu, Ibrahim and Love 2019)."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from acuomics.de.kernels.glm import MIN_MU
from acuomics.de.kernels.packed import Array, PackedDesign, blocks, of_genes, per_count

#: Scale of the normal prior on the coefficients that are not shrunken (natural log).
NO_SHRINK_SCALE = 15.0


def prior_scale(beta: Array, beta_se: Array) -> float:
    """Scale of the Cauchy prior, from the spread of the estimates beyond their standard errors; at most 1.

    Solves the moment equation of Zhu et al. 2019 (supplement) over the features with a positive standard error.

    Parameters
    ----------
    beta, beta_se : arrays of shape (genes,)
        Maximum-likelihood coefficients and standard errors, natural log.
    """
    usable = np.isfinite(beta) & (beta_se > 0.0)
    squared, error = beta[usable] ** 2, beta_se[usable] ** 2
    if not usable.any():
        return 1.0

    def excess(variance: float) -> float:
        weight = 1.0 / (2.0 * (variance + error) ** 2)
        return float(((squared - error) * weight).sum() / weight.sum()) - variance

    low, high = 1e-6, 400.0
    if excess(low) < 0.0:
        return float(np.sqrt(low))
    if excess(high) > 0.0:
        return 1.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if excess(middle) > 0.0 else (low, middle)
        if high - low < 1e-12 * high:
            break
    return min(float(np.sqrt(0.5 * (low + high))), 1.0)


def shrink(
    counts: Array,
    size_factors: Array,
    design: PackedDesign,
    dispersions: Array,
    start: Array,
    coefficient: int,
    scale: float,
) -> tuple[Array, Array]:
    """Posterior mode and standard error of one coefficient of every gene.

    The posterior can have two modes; the search starts once at the maximum-likelihood estimate and once with the
    coefficient at zero, and the higher mode counts. The standard error is from the curvature at the mode.

    The likelihood is concave, and so is the log of the Cauchy density within its scale; modes lie between zero and the
    maximum of the likelihood. A gene whose estimate is within the scale has one mode, and one start will do.

    Parameters
    ----------
    counts : array of shape (samples, genes)
    size_factors : array of shape (samples,) or (samples, genes)
    design : PackedDesign
        Parametrised so that column `coefficient` is the fold change in question.
    dispersions : array of shape (genes,)
    start : array of shape (p, genes)
        Maximum-likelihood coefficients in this parametrisation, natural log.
    coefficient : int
    scale : float
        Scale of the Cauchy prior, natural log.

    Returns
    -------
    mode, standard_error : arrays of shape (genes,), natural log
    """
    first = posterior_modes(counts, size_factors, design, dispersions, np.clip(start, -30.0, 30.0), coefficient, scale)
    # Where means were floored, the start is no maximum of the likelihood, and says nothing of the modes.
    floored = (per_count(size_factors) * np.exp(design.matrix @ start) < MIN_MU).any(axis=0)
    again = np.flatnonzero(floored | ~(np.abs(start[coefficient]) < 0.9 * scale))
    if again.size:
        y, factors = counts[:, again], of_genes(size_factors, again)
        flat = start_without(y, factors, design, coefficient)
        first.improve(again, posterior_modes(y, factors, design, dispersions[again], flat, coefficient, scale))
    prior = _prior_curvature(first.beta, design, coefficient, scale, NO_SHRINK_SCALE, exact=True)
    inverse = design.inverse(design.cholesky(first.likelihood_curvature + prior))
    return first.beta[coefficient], np.sqrt(inverse[design.diagonal[coefficient]])


@dataclass(frozen=True)
class Modes:
    """Posterior modes of all genes.

    Attributes
    ----------
    beta : array of shape (p, genes)
        Natural log.
    loss : array of shape (genes,)
        Negative log posterior there, without additive constants.
    likelihood_curvature : array of shape (p(p+1)/2, genes)
        Second derivatives of the negative log likelihood there, packed.
    converged : bool array of shape (genes,)
    """

    beta: Array
    loss: Array
    likelihood_curvature: Array
    converged: np.ndarray

    def improve(self, at: np.ndarray, others: Modes) -> None:
        """Put the modes `others` of the genes `at` where they are higher."""
        lower = np.flatnonzero(others.loss < self.loss[at] - 1e-9)
        for field in fields(self):
            getattr(self, field.name)[..., at[lower]] = getattr(others, field.name)[..., lower]


def start_without(counts: Array, size_factors: Array, design: PackedDesign, coefficient: int) -> Array:
    """Least-squares coefficients of the log counts with `coefficient` at zero, shape (p, genes)."""
    others = [c for c in range(design.p) if c != coefficient]
    flat = np.zeros((design.p, counts.shape[1]))
    logs = np.log(counts / per_count(size_factors) + 0.1)
    flat[others] = np.linalg.lstsq(design.matrix[:, others], logs, rcond=None)[0]
    return flat


def posterior_modes(
    counts: Array,
    size_factors: Array,
    design: PackedDesign,
    dispersions: Array,
    start: Array,
    coefficient: int,
    scale: float,
    others_scale: float = NO_SHRINK_SCALE,
) -> Modes:
    """Climb from `start`, shape (p, genes), to a mode of the posterior of the coefficients.

    The prior is Cauchy with `scale` on `coefficient` and normal with `others_scale` on the others.
    """
    n_genes = counts.shape[1]
    beta, loss = np.empty((design.p, n_genes)), np.empty(n_genes)
    curvature, converged = np.empty((design.outer.shape[0], n_genes)), np.empty(n_genes, dtype=bool)
    offset = np.log(per_count(size_factors))
    for block in blocks(design.n, n_genes):
        y, size = counts[:, block].astype(float), 1.0 / dispersions[block]
        posterior = _Posterior(y, size, y + size, of_genes(offset, block), design, coefficient, scale, others_scale)
        beta[:, block], loss[block], share, converged[block] = posterior.climb(start[:, block])
        curvature[:, block] = design.gram(posterior.total * share * (1.0 - share))
    return Modes(beta, loss, curvature, converged)


def _prior_curvature(
    beta: Array, design: PackedDesign, coefficient: int, scale: float, others_scale: float, *, exact: bool
) -> Array:
    """Second derivatives of the negative log prior, packed; not `exact`: the Cauchy part by its positive majoriser."""
    packed = np.zeros((design.outer.shape[0], beta.shape[1]))
    packed[design.diagonal] = 1.0 / others_scale**2
    squared = beta[coefficient] ** 2
    cauchy = 2.0 / (scale**2 + squared)
    if exact:
        cauchy = cauchy * (scale**2 - squared) / (scale**2 + squared)
    packed[design.diagonal[coefficient]] = cauchy
    return packed


@dataclass
class _Posterior:
    """Negative log posterior of one block of genes.

    `total` is counts plus size (1 / dispersion). An evaluation also gives the `share` mu / (size + mu), of which slope
    and curvature are made.
    """

    y: Array
    size: Array
    total: Array
    offset: Array
    design: PackedDesign
    coefficient: int
    scale: float
    others_scale: float

    def take(self, genes: np.ndarray) -> _Posterior:
        """The same posterior for some of the genes."""
        kept = {field.name: getattr(self, field.name) for field in fields(self)}
        kept |= {"y": self.y[:, genes], "size": self.size[genes], "total": self.total[:, genes]}
        kept["offset"] = of_genes(self.offset, genes)
        return _Posterior(**kept)

    def evaluate(self, beta: Array) -> tuple[Array, Array]:
        """Loss and share, shapes (genes,) and (samples, genes)."""
        eta = self.design.matrix @ beta
        eta += self.offset
        np.minimum(eta, 300.0, out=eta)
        share = np.exp(eta)
        both = share + self.size
        share /= both
        np.log(both, out=both)
        both *= self.total
        eta *= self.y
        both -= eta
        squared = beta**2
        shrunken = squared[self.coefficient]
        normal = (squared.sum(axis=0) - shrunken) / (2.0 * self.others_scale**2)
        value: Array = both.sum(axis=0) + normal + np.log1p(shrunken / self.scale**2)
        return value, share

    def newton(self, beta: Array, share: Array) -> tuple[Array, Array]:
        """Newton step (at most 5 a coefficient) and slope."""
        design, rest = self.design, (self.coefficient, self.scale, self.others_scale)
        expected = self.total * share
        slope = design.transposed @ (expected - self.y)
        slope += beta / self.others_scale**2
        shrunken = beta[self.coefficient]
        slope[self.coefficient] += 2.0 * shrunken / (self.scale**2 + shrunken**2) - shrunken / self.others_scale**2
        curvature = design.gram(expected * (1.0 - share))
        factor = design.cholesky(curvature + _prior_curvature(beta, design, *rest, exact=True))
        indefinite = ~np.isfinite(factor).all(axis=0)
        if indefinite.any():
            safe = _prior_curvature(beta[:, indefinite], design, *rest, exact=False)
            factor[:, indefinite] = design.cholesky(curvature[:, indefinite] + safe)
        return np.clip(-design.solve(factor, slope), -5.0, 5.0), slope

    def climb(self, start: Array, max_iterations: int = 200) -> tuple[Array, Array, Array, np.ndarray]:
        """Newton steps with backtracking from `start`; the mode, its loss and share, and whether it was reached."""
        beta = start.copy()
        loss, share = self.evaluate(beta)
        end, end_loss, end_share = beta.copy(), loss.copy(), share.copy()
        active, part = np.arange(start.shape[1]), self
        for _ in range(max_iterations):
            step, slope = part.newton(beta, share)
            decrease = (slope * step).sum(axis=0)
            length = np.ones(active.size)
            proposal = beta + step
            new, new_share = part.evaluate(proposal)
            for _ in range(30):
                worse = np.flatnonzero(~(new <= loss + 1e-4 * length * decrease + 1e-10 * (1.0 + np.abs(loss))))
                if not worse.size:
                    break
                length[worse] *= 0.5
                proposal[:, worse] = beta[:, worse] + length[worse] * step[:, worse]
                new[worse], new_share[:, worse] = part.take(worse).evaluate(proposal[:, worse])
            done = (np.abs(proposal - beta).max(axis=0) < 1e-8) | (np.abs(decrease) < 1e-12)
            beta, loss, share = proposal, new, new_share
            if done.any():
                end[:, active[done]], end_loss[active[done]] = beta[:, done], loss[done]
                end_share[:, active[done]] = share[:, done]
                go = np.flatnonzero(~done)
                active, part, beta, loss, share = active[go], part.take(go), beta[:, go], loss[go], share[:, go]
                if not go.size:
                    break
        end[:, active], end_loss[active], end_share[:, active] = beta, loss, share
        reached = np.ones(start.shape[1], dtype=bool)
        reached[active] = False
        return end, end_loss, end_share, reached
