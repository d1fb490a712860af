"""Negative-binomial log-linear models of all genes: coefficients, fitted means, leverages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from acuomics.de.kernels.packed import Array, PackedDesign, blocks, of_genes, per_count

#: Fitted means under this are raised to it in weights and covariances.
MIN_MU = 0.5
#: Ridge on the coefficients: 1e-6 on the log2 scale, so that separable genes have a finite answer.
RIDGE = 1e-6 / np.log(2.0) ** 2

#: Fits the genes that the iteration left: from counts (samples, genes) and dispersions, coefficients and which settled.
Rescue = Callable[[Array, Array], tuple[Array, np.ndarray]]


@dataclass(frozen=True)
class IterationRules:
    """How the reweighted least squares of a program are regularised and when they stop.

    Attributes
    ----------
    ridge : float
        On every coefficient, natural log scale.
    min_mu : float
        Floor of the fitted means in weights and deviances.
    max_beta : float
        Coefficients (natural log) beyond this mean that the iteration runs away.
    tolerance : float
        Relative change of the deviance at which a gene is done.
    max_iterations : int
    """

    ridge: float = RIDGE
    min_mu: float = MIN_MU
    max_beta: float = 30.0
    tolerance: float = 1e-8
    max_iterations: int = 100


#: R's DESeq2.
DESEQ2 = IterationRules()


@dataclass(frozen=True)
class GlmFit:
    """Coefficients of all genes.

    Attributes
    ----------
    beta : array of shape (p, genes)
        Natural-log coefficients.
    mu : array of shape (samples, genes)
        Fitted means, not floored.
    leverage : array of shape (samples, genes)
        Diagonal of the hat matrix of the weighted fit.
    converged : bool array of shape (genes,)
    """

    beta: Array
    mu: Array
    leverage: Array
    converged: np.ndarray


def fit_coefficients(
    counts: Array,
    size_factors: Array,
    design: PackedDesign,
    dispersions: Array,
    *,
    rules: IterationRules = DESEQ2,
    rescue: Rescue | None = None,
) -> GlmFit:
    """Fit one negative-binomial model a gene by iteratively reweighted least squares.

    Start, ridge, floor of the means and stopping rule (relative change of the deviance) are DESeq2's
    (Love et al. 2014, Methods, "Estimation of logarithmic fold changes"). Genes that do not converge are given
    the maximum of the same penalised likelihood by damped Newton steps, or what `rescue` makes of them.

    Parameters
    ----------
    counts : array of shape (samples, genes)
    size_factors : array of shape (samples,) or (samples, genes)
    design : PackedDesign
    dispersions : array of shape (genes,)
    rules : IterationRules
    rescue : callable, optional
    """
    n_genes = counts.shape[1]
    scale = per_count(size_factors)
    beta = np.empty((design.p, n_genes))
    leverage = np.empty((design.n, n_genes))
    converged = np.ones(n_genes, dtype=bool)
    for block in blocks(design.n, n_genes):
        y, alpha, factors = counts[:, block].astype(float), dispersions[block], of_genes(scale, block)
        b, failed = _reweighted_least_squares(y, factors, design, alpha, rules)
        if failed.any():
            again, settled = (
                rescue(y[:, failed], alpha[failed])
                if rescue
                else _penalised_newton(y[:, failed], of_genes(factors, failed), design, alpha[failed], rules.ridge)
            )
            b[:, failed], converged[block.start + np.flatnonzero(failed)] = again, settled
        floored = np.maximum(factors * np.exp(design.matrix @ b), rules.min_mu)
        weights = floored / (1.0 + floored * alpha)
        ridged = design.gram(weights)
        ridged[design.diagonal] += rules.ridge
        inverse = design.inverse(design.cholesky(ridged)) * design.multiplicity
        leverage[:, block] = weights * (design.outer.T @ inverse)
        beta[:, block] = b
    return GlmFit(beta, scale * np.exp(design.matrix @ beta), leverage, converged)


def _reweighted_least_squares(
    y: Array, scale: Array, design: PackedDesign, alpha: Array, rules: IterationRules
) -> tuple[Array, np.ndarray]:
    """Coefficients of one block, and which genes ran away or ran out of iterations."""
    n_genes = y.shape[1]
    beta = design.pseudo_inverse @ np.log(y / scale + 0.1)
    failed = np.zeros(n_genes, dtype=bool)
    log_scale = np.log(scale)
    size = 1.0 / alpha
    # The part of the log likelihood that does not depend on the means.
    constant = (gammaln(y + size) - gammaln(y + 1.0) - gammaln(size)).sum(axis=0) + design.n * size * np.log(size)
    active = np.arange(n_genes)
    deviance = np.full(n_genes, np.inf)
    mu = np.maximum(scale * np.exp(design.matrix @ beta), rules.min_mu)
    for iteration in range(1, rules.max_iterations + 1):
        weights = mu / (1.0 + mu * alpha)
        working = np.log(mu) - log_scale + y / mu - 1.0
        ridged = design.gram(weights)
        ridged[design.diagonal] += rules.ridge
        b = design.solve(design.cholesky(ridged), design.transposed @ (weights * working))
        ran_away = ~(np.abs(b) <= rules.max_beta).all(axis=0)  # NaN runs away too
        with np.errstate(over="ignore", invalid="ignore"):
            mu = np.maximum(scale * np.exp(design.matrix @ b), rules.min_mu)
            new = -2.0 * (constant + (y * np.log(mu) - (y + size) * np.log(mu + size)).sum(axis=0))
            settled = np.abs(new - deviance) / (np.abs(new) + 0.1) < rules.tolerance
        deviance = new
        if iteration == rules.max_iterations:
            ran_away |= ~settled
        stop = settled | ran_away
        if stop.any():
            beta[:, active[stop]] = b[:, stop]
            failed[active[ran_away]] = True
            go = ~stop
            if not go.any():
                break
            active, y, mu = active[go], y[:, go], mu[:, go]
            scale, log_scale = of_genes(scale, go), of_genes(log_scale, go)
            alpha, size, constant, deviance = alpha[go], size[go], constant[go], deviance[go]
    return beta, failed


def _penalised_newton(
    y: Array, scale: Array, design: PackedDesign, alpha: Array, ridge: float, max_iterations: int = 200
) -> tuple[Array, np.ndarray]:
    """Maximise the ridge-penalised likelihood itself (concave) by damped Newton steps within |log2| <= 30."""
    size = 1.0 / alpha
    log_size = np.log(size)
    offset = np.log(scale)
    box = 30.0 * np.log(2.0)
    beta = np.clip(design.pseudo_inverse @ np.log(y / scale + 0.1), -box, box)

    def loss(b: Array) -> Array:
        eta = design.matrix @ b + offset
        likelihood: Array = ((y + size) * np.logaddexp(eta, log_size) - y * eta).sum(axis=0)
        penalised: Array = likelihood + 0.5 * ridge * (b * b).sum(axis=0)
        return penalised

    value = loss(beta)
    settled = np.zeros(y.shape[1], dtype=bool)
    for _ in range(max_iterations):
        mu = scale * np.exp(design.matrix @ beta)
        slope = -(design.transposed @ ((y - mu) / (1.0 + alpha * mu))) + ridge * beta
        curvature = design.gram(mu * (1.0 + alpha * y) / (1.0 + alpha * mu) ** 2)
        curvature[design.diagonal] += ridge
        step = np.clip(-design.solve(design.cholesky(curvature), slope), -5.0, 5.0)
        decrease = np.minimum((slope * step).sum(axis=0), 0.0)
        length = np.ones(y.shape[1])
        proposal = np.clip(beta + step, -box, box)
        new = loss(proposal)
        for _ in range(40):
            worse = ~(new <= value + 1e-4 * length * decrease + 1e-12 * np.abs(value))
            if not worse.any():
                break
            length[worse] *= 0.5
            proposal[:, worse] = np.clip(beta[:, worse] + length[worse] * step[:, worse], -box, box)
            new = loss(proposal)
        settled = np.abs(proposal - beta).max(axis=0) < 1e-8
        beta, value = proposal, new
        if settled.all():
            break
    return beta, settled


def coefficient_covariance(design: PackedDesign, mu: Array, dispersions: Array) -> Array:
    """Covariance of the coefficients, shape (genes, p, p), natural-log scale squared.

    The sandwich (X'WX + ridge)^-1 X'WX (X'WX + ridge)^-1 with W from means floored at `MIN_MU`.
    """
    floored = np.maximum(mu, MIN_MU)
    gram = design.gram(floored / (1.0 + floored * dispersions))
    ridged = gram.copy()
    ridged[design.diagonal] += RIDGE
    inverse = design.unpack(design.inverse(design.cholesky(ridged)))
    covariance: Array = inverse @ design.unpack(gram) @ inverse
    return covariance
