"""PyDESeq2's inference interface, answered for all features at once.

`BatchedInference` goes where ``DefaultInference`` goes, and gives its answers: the same starts, ridge, floors, bounds
and stopping rules, by the kernels that fit whole matrices. The few features whose iteration fails are handed to
PyDESeq2's own routines, one by one, as ``DefaultInference`` would.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydeseq2.inference import Inference
from scipy.special import ndtr

from acuomics.de.kernels.bounded_search import minimise
from acuomics.de.kernels.dispersion import MIN_DISPERSION, linear_means, moment_dispersions, rough_dispersions
from acuomics.de.kernels.glm import IterationRules, fit_coefficients
from acuomics.de.kernels.packed import Array, PackedDesign, blocks
from acuomics.de.kernels.profile import DispersionProfile
from acuomics.de.kernels.shrink import posterior_modes, start_without

#: PyDESeq2's ridge on the coefficients, natural log scale.
RIDGE = 1e-6
#: Under this dispersion the likelihood is flatter than its rounding error: where PyDESeq2's search ends there hangs on
#: its last bits, so that such features are given to its own routines.
UNRESOLVED = 1e-5


class BatchedInference(Inference):  # type: ignore[misc]
    """Dispersions, coefficients, Wald tests and shrunken fold changes of all features at once.

    Method names, parameters and results are those of ``pydeseq2.inference.Inference``: arrays of counts and means are
    samples x features, coefficients features x p.
    """

    def lin_reg_mu(self, counts: Any, size_factors: Any, design_matrix: Any, min_mu: float) -> Array:
        """Means of a linear fit, floored at `min_mu`."""
        counts, scale, design = np.asarray(counts), np.asarray(size_factors, dtype=float), PackedDesign(design_matrix)
        means: Array = np.maximum(linear_means(counts, scale, design), min_mu)
        at_the_floor = np.clip(_starts(counts, scale, design), MIN_DISPERSION, None)
        for g in np.flatnonzero(_unresolved(counts, means, at_the_floor)):
            from pydeseq2.utils import fit_lin_mu

            means[:, g] = fit_lin_mu(counts[:, g], scale, design.matrix, min_mu)
        return means

    def irls(
        self,
        counts: Any,
        size_factors: Any,
        design_matrix: Any,
        disp: Any,
        min_mu: float,
        beta_tol: float,
        min_beta: float = -30,
        max_beta: float = 30,
        optimizer: str = "L-BFGS-B",
        maxiter: int = 250,
    ) -> tuple[Array, Array, Array, np.ndarray]:
        """Coefficients, means, leverages, and whether each feature converged."""
        design, scale = PackedDesign(design_matrix), np.asarray(size_factors, dtype=float)
        counts, disp = np.asarray(counts), np.asarray(disp, dtype=float)

        def rescue(y: Array, alpha: Array) -> tuple[Array, np.ndarray]:
            from pydeseq2.utils import irls_solver

            bounds = {"min_beta": min_beta, "max_beta": max_beta, "optimizer": optimizer, "maxiter": maxiter}
            found = [
                irls_solver(column, scale, design.matrix, a, min_mu, beta_tol, **bounds)
                for column, a in zip(y.T, alpha, strict=True)
            ]
            return np.stack([one[0] for one in found], axis=1), np.array([one[3] for one in found], dtype=bool)

        rules = IterationRules(RIDGE, min_mu, max_beta, beta_tol, maxiter)
        fit = fit_coefficients(counts, scale, design, disp, rules=rules, rescue=rescue)
        again = np.flatnonzero(_unresolved(counts, np.maximum(fit.mu, min_mu), disp))
        if again.size:
            fit.beta[:, again], fit.converged[again] = rescue(counts[:, again], disp[again])
            fit.mu[:, again] = scale[:, None] * np.exp(design.matrix @ fit.beta[:, again])
        return fit.beta.T, fit.mu, fit.leverage, fit.converged

    def alpha_mle(
        self,
        counts: Any,
        design_matrix: Any,
        mu: Any,
        alpha_hat: Any,
        min_disp: float,
        max_disp: float,
        prior_disp_var: float | None = None,
        cr_reg: bool = True,
        prior_reg: bool = False,
        optimizer: str = "L-BFGS-B",
    ) -> tuple[Array, np.ndarray]:
        """Dispersions (maximum likelihood, or posterior modes around `alpha_hat`), and whether each converged."""
        counts, mu, alpha_hat = np.asarray(counts), np.asarray(mu), np.asarray(alpha_hat, dtype=float)
        if not cr_reg or optimizer != "L-BFGS-B":
            given = (counts, design_matrix, mu, alpha_hat, min_disp, max_disp)
            alpha, converged = _reference().alpha_mle(*given, prior_disp_var, cr_reg, prior_reg, optimizer)
            return alpha, converged
        design = PackedDesign(design_matrix)
        start = np.log(alpha_hat)

        def prior(block: slice) -> tuple[Array, float] | tuple[()]:
            return (start[block], float(prior_disp_var)) if prior_reg and prior_disp_var is not None else ()

        x, converged = np.empty(start.size), np.empty(start.size, dtype=bool)
        for block in blocks(design.n, start.size):
            profile = DispersionProfile(counts[:, block], mu[:, block], design, *prior(block))
            x[block], converged[block] = minimise(
                _NegativeLikelihood(profile), start[block], np.log(min_disp), np.log(max_disp)
            )
        alpha = np.exp(x)
        near_zero = (np.minimum(x, start) < np.log(UNRESOLVED)) & (x != start)
        near_zero |= _unresolved(counts, mu, alpha_hat)
        for g in np.flatnonzero(near_zero | ~converged):
            from pydeseq2.utils import fit_alpha_mle

            given = (counts[:, g], design.matrix, mu[:, g], alpha_hat[g], min_disp, max_disp)
            alpha[g], converged[g] = fit_alpha_mle(*given, prior_disp_var, cr_reg, prior_reg, optimizer)
        return alpha, converged

    def wald_test(
        self,
        design_matrix: Any,
        disp: Any,
        lfc: Any,
        mu: Any,
        ridge_factor: Any,
        contrast: Any,
        lfc_null: float,
        alt_hypothesis: str | None = None,
    ) -> tuple[Array, Array, Array]:
        """P values, statistics and standard errors (natural log) of one contrast."""
        design, beta = PackedDesign(design_matrix), np.asarray(lfc, dtype=float)
        contrast, mu, disp = np.asarray(contrast, dtype=float), np.asarray(mu), np.asarray(disp)
        gram = design.gram(mu / (1.0 + mu * disp))
        factor = design.cholesky(gram + design.pack(np.asarray(ridge_factor)))
        solved = design.solve(factor, np.repeat(contrast[:, None], gram.shape[1], axis=1))
        error = np.sqrt((solved * design.times(gram, solved)).sum(axis=0))
        p, statistic = _tail(beta, error, contrast, lfc_null, alt_hypothesis)
        return p, statistic, error

    def fit_rough_dispersions(self, normed_counts: Any, design_matrix: Any) -> Array:
        """Dispersions from the residuals of a linear fit, at least zero."""
        design = PackedDesign(design_matrix)
        if design.n == design.p:
            raise ValueError("as many design columns as samples: no replicates to estimate a dispersion from")
        rough: Array = np.maximum(rough_dispersions(np.asarray(normed_counts), design), 0.0)
        return rough

    def fit_moments_dispersions(self, normed_counts: Any, size_factors: Any) -> Array:
        """Dispersions by the method of moments of the features that are not zero everywhere."""
        normalised = np.asarray(normed_counts)
        live = normalised[:, (normalised != 0).any(axis=0)]
        return np.nan_to_num(moment_dispersions(live, np.asarray(size_factors)))

    def dispersion_trend_gamma_glm(self, covariates: Any, targets: Any) -> tuple[Array, Array, bool]:
        """Coefficients of the trend over 1/mean, its values, and whether it converged: one problem, PyDESeq2's own."""
        coefficients, predictions, converged = _reference().dispersion_trend_gamma_glm(covariates, targets)
        return coefficients, predictions, bool(converged)

    def lfc_shrink_nbinom_glm(
        self,
        design_matrix: Any,
        counts: Any,
        size: Any,
        offset: Any,
        prior_no_shrink_scale: float,
        prior_scale: float,
        optimizer: str,
        shrink_index: int,
    ) -> tuple[Array, Array, np.ndarray]:
        """Posterior modes (features x p) under apeGLM's prior, inverse Hessians, and whether each converged.

        The mode itself, by Newton steps; PyDESeq2 stops L-BFGS-B at a relative decrease of 1e-8 of the posterior, up to
        some 1e-3 short of it. Where the posterior has two modes, the higher counts, sought from PyDESeq2's start, from
        a fold change of zero and from the fold change of the logs; PyDESeq2 may end on the lower.
        """
        design = PackedDesign(design_matrix)
        counts, dispersions = np.asarray(counts), 1.0 / np.asarray(size, dtype=float)
        scale = np.exp(np.asarray(offset, dtype=float))
        starts = (
            np.repeat(0.1 * (-1.0) ** np.arange(design.p)[:, None], counts.shape[1], axis=1),
            start_without(counts, scale, design, shrink_index),
            design.pseudo_inverse @ np.log(counts / scale[:, None] + 0.1),
        )
        prior = (shrink_index, prior_scale, prior_no_shrink_scale)
        modes, *others = [posterior_modes(counts, scale, design, dispersions, start, *prior) for start in starts]
        for other in others:
            modes.improve(np.arange(counts.shape[1]), other)
        # PyDESeq2 adds the curvature of the prior to every row, not to the diagonal alone; so must we, to give its
        # answer.
        squared = modes.beta[shrink_index] ** 2
        cauchy = 2.0 * (prior_scale**2 - squared) / (prior_scale**2 + squared) ** 2
        curvature = np.full((squared.size, design.p), 1.0 / prior_no_shrink_scale**2)
        curvature[:, shrink_index] = cauchy
        hessian = design.unpack(modes.likelihood_curvature) + curvature[:, None, :]
        inverse: Array = np.linalg.inv(hessian).astype(float)
        return modes.beta.T, inverse, modes.converged


class _NegativeLikelihood:
    """What PyDESeq2 minimises over log dispersion; its size matters, for the search stops at a relative change."""

    def __init__(self, profile: DispersionProfile) -> None:
        self.profile, self.constant = profile, profile.constant()
        self._genes: np.ndarray | None = None
        self._part = profile

    def __call__(self, genes: np.ndarray, x: Array) -> tuple[Array, Array]:
        if self._genes is None or not np.array_equal(genes, self._genes):
            whole = genes.size == len(self.profile)
            self._genes, self._part = genes, self.profile if whole else self.profile.take(genes)
        return -(self._part.value(x) + self.constant[genes]), -self._part.slope(x)


def _starts(counts: Array, size_factors: Array, design: PackedDesign) -> Array:
    """What the search for dispersions will start from."""
    normalised = counts / size_factors[:, None]
    return np.minimum(rough_dispersions(normalised, design), moment_dispersions(normalised, size_factors))


def _unresolved(counts: Array, mu: Array, dispersions: Array) -> np.ndarray:
    """Features whose search will start near zero and move: the slope there is not next to nothing."""
    near = np.flatnonzero(dispersions < UNRESOLVED)
    slope = 0.5 * dispersions[near] * np.abs(((counts[:, near] - mu[:, near]) ** 2 - counts[:, near]).sum(axis=0))
    found = np.zeros(dispersions.size, dtype=bool)
    found[near[slope > 5e-6]] = True
    return found


def _reference() -> Any:
    """PyDESeq2's own inference, in this process."""
    from pydeseq2.default_inference import DefaultInference

    return DefaultInference(n_cpus=1)


def _tail(beta: Array, error: Array, contrast: Array, null: float, alternative: str | None) -> tuple[Array, Array]:
    """P value and statistic under one of PyDESeq2's alternatives; `beta` is (features, p)."""

    def over(null_value: float, values: Array = beta) -> Array:
        with np.errstate(divide="ignore", invalid="ignore"):
            return (values - null_value) / error[:, None]

    def greater(bound: float) -> tuple[Array, Array]:
        statistic: Array = np.fmax(over(bound), 0.0) @ contrast
        return ndtr(-statistic), statistic

    def less(bound: float) -> tuple[Array, Array]:
        statistic: Array = np.fmin(over(bound), 0.0) @ contrast
        return ndtr(-np.abs(statistic)), statistic

    if alternative is None:
        statistic: Array = over(null) @ contrast
        return 2.0 * ndtr(-np.abs(statistic)), statistic
    if alternative == "greaterAbs":
        statistic = (np.sign(beta) * np.fmax(over(null, np.abs(beta)), 0.0)) @ contrast
        return 2.0 * ndtr(-np.abs(statistic)), statistic
    if alternative == "lessAbs":
        (p_above, above), (p_below, below) = greater(-abs(null)), less(abs(null))
        return np.maximum(p_above, p_below), np.where(np.abs(above) <= np.abs(below), above, below)
    if alternative not in {"greater", "less"}:
        raise ValueError(f"alternative {alternative!r} is not one of greaterAbs, lessAbs, greater, less")
    return greater(null) if alternative == "greater" else less(null)
