"""PyDESeq2's own data set and fit; importing it is dear, so that only those who ask for it do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pydeseq2.dds import DeseqDataSet
from pydeseq2.default_inference import DefaultInference

from acuomics.de.batched import BatchedInference
from acuomics.de.kernels.cooks import MIN_REPLICATES_TO_REPLACE
from acuomics.de.kernels.glm import coefficient_covariance
from acuomics.de.kernels.packed import PackedDesign
from acuomics.de.kernels.trend import DispersionPrior, DispersionTrend
from acuomics.de.model import MEAN_TREND, NegativeBinomialFit, fit_negative_binomial
from acuomics.designs import Design
from acuomics.problems import InputError, Problem


class RulesDataSet(DeseqDataSet):  # type: ignore[misc]
    """A PyDESeq2 data set whose ``deseq2()`` follows R DESeq2's numerical rules.

    Size factors, containers and result classes are PyDESeq2's (``DeseqStats`` reads this data set as any other);
    dispersions, coefficients and outliers come from `fit_negative_binomial`. After ``deseq2()`` the attribute
    ``fit`` holds the fit.
    """

    fit: NegativeBinomialFit
    X: Any

    def deseq2(self, fit_type: str | None = None) -> None:
        """Fit size factors, dispersions and coefficients of every feature."""
        self.fit_size_factors(fit_type=self.size_factors_fit_type)
        fit = fit_negative_binomial(
            self.X, self.obs["size_factors"].to_numpy(), self.obsm["design_matrix"].to_numpy(dtype=float)
        )
        self.fit = fit
        live = ~fit.all_zero
        self.X = fit.counts.astype(int)
        self.var["_normed_means"] = fit.base_mean
        self.var["non_zero"] = live
        self.non_zero_idx = np.flatnonzero(live)
        self.non_zero_genes = self.var_names[live]
        self.var["genewise_dispersions"] = fit.genewise
        self.var["fitted_dispersions"] = fit.fitted
        self.var["dispersions"] = fit.dispersions
        self.var["_outlier_genes"] = fit.dispersion_outlier
        self.uns["prior_disp_var"] = np.array(fit.prior.variance)
        self.uns["_squared_logres"] = fit.prior.residual_variance
        self.uns["disp_function_type"] = fit.trend.kind
        self.uns["trend_coeffs"] = pd.Series([fit.trend.a0, fit.trend.a1], index=["a0", "a1"])
        self.uns["mean_disp"] = fit.trend.a0
        self.varm["LFC"] = pd.DataFrame(fit.beta.T, index=self.var_names, columns=self.obsm["design_matrix"].columns)
        self.var["_pvalue_cooks_outlier"] = fit.outlier
        self.var["replaced"] = np.zeros(self.n_vars, dtype=bool)
        self.var["refitted"] = np.zeros(self.n_vars, dtype=bool)


def rules_data_set(counts: pd.DataFrame, design: Design) -> RulesDataSet:
    """The counts (samples x features) as a data set that R's rules fit; not fitted yet."""
    return RulesDataSet(**_arguments(counts, design), inference=BatchedInference())


def fit_with_library(counts: pd.DataFrame, design: Design, inference: str, n_cpus: int) -> NegativeBinomialFit:
    """PyDESeq2's own fit; `inference` (``batched`` or ``default``) says whose routines solve its problems.

    Raises
    ------
    InputError
        When PyDESeq2 cannot fit the counts (for one, when no feature has a dispersion to speak of).
    """
    own = DeseqDataSet(
        **_arguments(counts, design),
        inference=BatchedInference() if inference == "batched" else DefaultInference(n_cpus=n_cpus),
        min_replicates=MIN_REPLICATES_TO_REPLACE,
    )
    try:
        own.deseq2()
    except (ValueError, np.linalg.LinAlgError) as error:
        problem = Problem(
            "config.yaml",
            f"PyDESeq2's own fit stops at these counts ({error})",
            "use the engine deseq2, which fits them",
            row="de",
            column="engine",
            value="pydeseq2",
        )
        raise InputError([problem]) from error
    return _as_fit(own, design)


def _arguments(counts: pd.DataFrame, design: Design) -> dict[str, Any]:
    return {
        "counts": counts,
        "metadata": pd.DataFrame({"sample": list(counts.index)}, index=counts.index),
        "design": pd.DataFrame(design.matrix, index=counts.index, columns=list(design.columns)),
        "quiet": True,
    }


def _as_fit(data: DeseqDataSet, design: Design) -> NegativeBinomialFit:
    """What PyDESeq2 fitted, in the form that the rest of the stage reads."""
    packed = PackedDesign(design.matrix)
    size_factors = data.obs["size_factors"].to_numpy()
    dispersions = data.var["dispersions"].to_numpy(dtype=float)
    beta = data.varm["LFC"].to_numpy(dtype=float).T
    live = np.isfinite(beta).all(axis=0)
    covariance = np.full((data.n_vars, packed.p, packed.p), np.nan)
    mu = size_factors[:, None] * np.exp(design.matrix @ beta[:, live])
    covariance[live] = coefficient_covariance(packed, mu, dispersions[live])
    parametric = data.uns.get("disp_function_type") == "parametric"
    trend = (
        DispersionTrend("parametric", *(float(v) for v in data.uns["trend_coeffs"]))
        if parametric
        else DispersionTrend("mean", float(data.uns["mean_disp"]), 0.0)
    )
    counts = np.asarray(data.X, dtype=float)
    replaced = data.var["replaced"].to_numpy(dtype=bool)
    refitted = data.var["refitted"].to_numpy(dtype=bool)
    if refitted.any():
        counts[:, refitted] = data.counts_to_refit.X
    emptied = replaced & ~refitted
    counts[:, emptied] = 0.0
    beta[:, emptied] = 0.0
    covariance[emptied] = np.nan
    converged = data.var["_LFC_converged"].fillna(True).to_numpy(dtype=bool)
    return NegativeBinomialFit(
        counts=counts,
        size_factors=size_factors,
        design=packed,
        base_mean=data.var["_normed_means"].to_numpy(dtype=float),
        genewise=data.var["genewise_dispersions"].to_numpy(dtype=float),
        fitted=data.var["fitted_dispersions"].to_numpy(dtype=float),
        dispersions=dispersions,
        dispersion_outlier=data.var["_outlier_genes"].to_numpy(dtype=bool),
        beta=beta,
        covariance=covariance,
        converged=converged | emptied,
        outlier=np.asarray(data.cooks_outlier(), dtype=bool) & live & ~emptied,
        all_zero=~live,
        emptied=emptied,
        trend=trend,
        prior=DispersionPrior(float(np.ravel(data.uns["prior_disp_var"])[0]), float(data.uns["_squared_logres"])),
        warnings=() if parametric else (MEAN_TREND,),
    )
