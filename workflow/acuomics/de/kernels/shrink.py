"""Shrunken fold changes: posterior modes under a Cauchy prior (apeglm; Zhu, Ibrahim and Love 2019)."""

from __future__ import annotations

import numpy as np

from acuomics.de.kernels.packed import Array, PackedDesign, blocks

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

    Parameters
    ----------
    counts : array of shape (samples, genes)
    size_factors : array of shape (samples,)
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
    n_genes = counts.shape[1]
    mode, standard_error = np.empty(n_genes), np.empty(n_genes)
    others = [c for c in range(design.p) if c != coefficient]
    for block in blocks(design.n, n_genes):
        y = counts[:, block].astype(float)
        posterior = _Posterior(y, size_factors, design, dispersions[block], coefficient, scale)
        flat = np.zeros((design.p, y.shape[1]))
        flat[others] = np.linalg.lstsq(design.matrix[:, others], np.log(y / size_factors[:, None] + 0.1), rcond=None)[0]
        beta, loss = posterior.climb(np.clip(start[:, block], -30.0, 30.0))
        beta_flat, loss_flat = posterior.climb(flat)
        beta = np.where(loss_flat < loss - 1e-9, beta_flat, beta)
        mode[block] = beta[coefficient]
        curvature = posterior.curvature(beta, exact=True)
        inverse = design.inverse(design.cholesky(curvature))
        standard_error[block] = np.sqrt(inverse[design.diagonal[coefficient]])
    return mode, standard_error


class _Posterior:
    """Negative log posterior of one block of genes, with its slope and curvature."""

    def __init__(
        self,
        y: Array,
        size_factors: Array,
        design: PackedDesign,
        alpha: Array,
        coefficient: int,
        scale: float,
    ) -> None:
        self.y, self.design, self.coefficient, self.scale = y, design, coefficient, scale
        self.size = 1.0 / alpha
        self.offset = np.log(size_factors)[:, None]
        self.others = [c for c in range(design.p) if c != coefficient]

    def take(self, genes: np.ndarray) -> _Posterior:
        """The same posterior for some of the genes."""
        part = object.__new__(_Posterior)
        part.design, part.coefficient, part.scale = self.design, self.coefficient, self.scale
        part.offset, part.others = self.offset, self.others
        part.y, part.size = self.y[:, genes], self.size[genes]
        return part

    def loss(self, beta: Array) -> Array:
        eta = self.design.matrix @ beta + self.offset
        likelihood = ((self.y + self.size) * np.logaddexp(eta, np.log(self.size)) - self.y * eta).sum(axis=0)
        normal = (beta[self.others] ** 2).sum(axis=0) / (2.0 * NO_SHRINK_SCALE**2)
        value: Array = likelihood + normal + np.log1p((beta[self.coefficient] / self.scale) ** 2)
        return value

    def slope(self, beta: Array) -> Array:
        mu = np.exp(np.minimum(self.design.matrix @ beta + self.offset, 300.0))
        slope = -(self.design.transposed @ (self.y - (self.y + self.size) * mu / (self.size + mu)))
        slope[self.others] += beta[self.others] / NO_SHRINK_SCALE**2
        shrunken = beta[self.coefficient]
        slope[self.coefficient] += 2.0 * shrunken / (self.scale**2 + shrunken**2)
        return slope

    def curvature(self, beta: Array, *, exact: bool) -> Array:
        """Second derivatives, packed; not `exact`: the Cauchy part by its positive majoriser."""
        mu = np.exp(np.minimum(self.design.matrix @ beta + self.offset, 300.0))
        packed = self.design.gram((self.y + self.size) * self.size * mu / (self.size + mu) ** 2)
        for c in self.others:
            packed[self.design.diagonal[c]] += 1.0 / NO_SHRINK_SCALE**2
        squared = beta[self.coefficient] ** 2
        cauchy = 2.0 / (self.scale**2 + squared)
        if exact:
            cauchy = cauchy * (self.scale**2 - squared) / (self.scale**2 + squared)
        packed[self.design.diagonal[self.coefficient]] += cauchy
        return packed

    def climb(self, start: Array, max_iterations: int = 200) -> tuple[Array, Array]:
        """Newton steps with backtracking from `start`; returns the mode and its loss."""
        n_genes = start.shape[1]
        end, end_loss = start.copy(), self.loss(start)
        active, part, beta, loss = np.arange(n_genes), self, start.copy(), end_loss.copy()
        for _ in range(max_iterations):
            slope = part.slope(beta)
            factor = self.design.cholesky(part.curvature(beta, exact=True))
            indefinite = ~np.isfinite(factor).all(axis=0)
            if indefinite.any():
                safe = part.take(np.flatnonzero(indefinite))
                factor[:, indefinite] = self.design.cholesky(safe.curvature(beta[:, indefinite], exact=False))
            step = np.clip(-self.design.solve(factor, slope), -5.0, 5.0)
            decrease = (slope * step).sum(axis=0)
            length = np.ones(active.size)
            proposal, new = beta + step, part.loss(beta + step)
            for _ in range(30):
                worse = ~(new <= loss + 1e-4 * length * decrease + 1e-10 * (1.0 + np.abs(loss)))
                if not worse.any():
                    break
                length[worse] *= 0.5
                proposal[:, worse] = beta[:, worse] + length[worse] * step[:, worse]
                new[worse] = part.take(np.flatnonzero(worse)).loss(proposal[:, worse])
            done = (np.abs(proposal - beta).max(axis=0) < 1e-8) | (np.abs(decrease) < 1e-12)
            beta, loss = proposal, new
            if done.any():
                end[:, active[done]], end_loss[active[done]] = beta[:, done], loss[done]
                go = np.flatnonzero(~done)
                if not go.size:
                    return end, end_loss
                active, part, beta, loss = active[go], part.take(go), beta[:, go], loss[go]
        end[:, active], end_loss[active] = beta, loss
        return end, end_loss
