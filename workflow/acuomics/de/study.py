"""Answer all contrasts of one study from one fit, as tables."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from acuomics import __version__
from acuomics.de.engines import fit_with_engine
from acuomics.de.kernels.glm import MIN_MU
from acuomics.de.kernels.packed import Array, PackedDesign, of_genes
from acuomics.de.kernels.shrink import prior_scale, shrink
from acuomics.de.model import NegativeBinomialFit
from acuomics.de.offsets import Offsets, offsets_of
from acuomics.de.transform import variance_stabilised
from acuomics.de.wald import (
    Adjusted,
    WaldTest,
    adjust,
    detectable_log2fc,
    expected_by_chance,
    wald_test,
)
from acuomics.designs import Design, contrast_vector, design_of, samples_of, sides_of
from acuomics.problems import InputError, Problem

_LOG2 = np.log(2.0)


@dataclass(frozen=True)
class StudyResult:
    """Tables of the `de` stage; their columns are in `workflow/README.md`."""

    tables: dict[str, pd.DataFrame]
    summary: pd.DataFrame
    fit: dict[str, Any]
    dispersions: pd.DataFrame
    covariance: pd.DataFrame
    transformed: pd.DataFrame


def analyse_study(
    record: Mapping[str, Any],
    counts: pd.DataFrame,
    symbols: Sequence[str | None],
    *,
    engine: str,
    rate: float,
    power: float,
    inference: str = "batched",
    n_cpus: int = 1,
    lengths: pd.DataFrame | None = None,
) -> StudyResult:
    """Fit one study and answer its contrasts.

    Parameters
    ----------
    record : mapping
        The study record (``study.json``).
    counts : DataFrame
        ``feature`` and one integer column a sample.
    symbols : sequence
        Label of each feature, None where there is none.
    engine : {"deseq2", "pydeseq2"}
    rate : float
        False discovery rate.
    power : float
        Power at which the smallest detectable fold change is stated.
    inference : {"batched", "default"}
        Of the ``pydeseq2`` engine, see `fit_with_engine`.
    n_cpus : int
    lengths : DataFrame, optional
        ``feature`` and the mean transcript length (nt) in every sample; features as in `counts`.

    Raises
    ------
    InputError
        When the lengths cannot be used (`offsets_of`, `fit_with_engine`), or when a shrunken fold change has the sign
        opposite to its estimate, which no result may show.
    """
    features = counts["feature"].to_numpy(dtype=object)
    samples = [sample["sample"] for sample in record["samples"]]
    matrix = counts[samples].T
    matrix.columns = pd.Index(features)
    design = design_of(record)
    offsets = offsets_of(record["study"], counts, lengths, samples)
    fit = fit_with_engine(matrix, design, engine, n_cpus, inference, offsets)
    tables: dict[str, pd.DataFrame] = {}
    rows: list[dict[str, Any]] = []
    vectors: dict[str, Array] = {}
    for contrast in record["contrasts"]:
        name = contrast["contrast"]
        vectors[name] = contrast_vector(design, contrast)
        test = wald_test(fit, vectors[name], samples_of(contrast, record["samples"]))
        adjusted = adjust(fit, test, rate)
        mode, mode_se = shrunken(fit, vectors[name], test)
        mode = agreeing((record["study"], name), features, test, mode, floored(fit))
        tables[name] = pd.DataFrame(
            {
                "feature": features,
                "symbol": list(symbols),
                "base_mean": fit.base_mean,
                "log2fc": test.log2fc,
                "log2fc_se": test.log2fc_se,
                "stat": test.stat,
                "p": test.p,
                "q": adjusted.q,
                "log2fc_shrunk": mode,
                "log2fc_shrunk_se": mode_se,
                "status": adjusted.status,
                "detectable_log2fc": detectable_log2fc(test.log2fc_se, adjusted.p_at_q, power),
            }
        )
        rows.append(_summary_row(contrast, record, tables[name], test, adjusted, rate))
    return StudyResult(
        tables,
        pd.DataFrame(rows),
        _fit_facts(fit, design, record, (engine, inference), samples, offsets),
        pd.DataFrame(
            {
                "feature": features,
                "base_mean": fit.base_mean,
                "genewise": fit.genewise,
                "fitted": fit.fitted,
                "final": fit.dispersions,
                "outlier": fit.dispersion_outlier,
            }
        ),
        joint_covariance(fit, vectors, features),
        pd.concat(
            [
                counts[["feature"]],
                pd.DataFrame(variance_stabilised(fit).T, columns=samples, index=counts.index),
            ],
            axis=1,
        ),
    )


def shrunken(fit: NegativeBinomialFit, vector: Array, test: WaldTest) -> tuple[Array, Array]:
    """Shrunken log2 fold change of one contrast and its standard error, shape (features,) each.

    The model is parametrised anew so that the contrast is one coefficient (its denominator the reference); shrinking a
    coefficient of another parametrisation would publish another fold change.
    """
    at = int(np.argmax(np.abs(vector)))
    backward = np.eye(vector.size)
    backward[at] = vector
    design = PackedDesign(fit.design.matrix @ np.linalg.inv(backward))
    live = ~fit.all_zero & ~fit.emptied
    beta = backward @ fit.beta[:, live]
    beta[at] = test.log2fc[live] * _LOG2
    scale = prior_scale(beta[at], test.log2fc_se[live] * _LOG2)
    mode, mode_se = np.full(live.size, np.nan), np.full(live.size, np.nan)
    mode[live], mode_se[live] = shrink(
        fit.counts[:, live], of_genes(fit.size_factors, live), design, fit.dispersions[live], beta, at, scale
    )
    return mode / _LOG2, mode_se / _LOG2


def joint_covariance(fit: NegativeBinomialFit, vectors: Mapping[str, Array], features: np.ndarray) -> pd.DataFrame:
    """Variances and covariances of all contrasts, log2 squared: ``feature`` and ``cov__<a>__<b>``."""
    names = list(vectors)
    columns: dict[str, Any] = {"feature": features}
    for k, a in enumerate(names):
        for b in names[k:]:
            columns[f"cov__{a}__{b}"] = np.einsum("i,gij,j->g", vectors[a], fit.covariance, vectors[b]) / _LOG2**2
    return pd.DataFrame(columns)


def floored(fit: NegativeBinomialFit) -> np.ndarray:
    """Features with a fitted mean under the floor in some sample, shape (features,)."""
    with np.errstate(invalid="ignore"):
        means = fit.factors * np.exp(fit.design.matrix @ fit.beta)
        return np.asarray((means < MIN_MU).any(axis=0))


def agreeing(names: tuple[str, str], features: np.ndarray, test: WaldTest, mode: Array, floored: np.ndarray) -> Array:
    """Shrunken fold changes whose sign agrees with their estimate; `names` are those of study and contrast.

    The estimate comes from means floored at one half, the shrunken one does not; so the signs may differ for an
    estimate of next to nothing or of a feature with `floored` means, and then the shrunken value is zero: nothing is
    left of the estimate. For any other feature a difference beyond a quarter of the standard error is a fault.

    Raises
    ------
    InputError
        When a clear sign differs: no result may show that.
    """
    with np.errstate(invalid="ignore"):
        opposite = test.log2fc * mode < 0.0
        clear = opposite & ~floored & (np.maximum(np.abs(mode), np.abs(test.log2fc)) > 0.25 * test.log2fc_se)
    wrong = np.flatnonzero(clear)
    if wrong.size:
        raise InputError(
            [
                Problem(
                    "study {}, contrast {}".format(*names),
                    f"the shrunken fold change of {wrong.size} feature(s) has the wrong sign",
                    "this is a fault of acuomics, not of the data: please report it",
                    row=str(features[wrong[0]]),
                    value=f"log2fc {test.log2fc[wrong[0]]:.3g}, shrunken {mode[wrong[0]]:.3g}",
                )
            ]
        )
    return np.where(opposite, 0.0, mode)


def _summary_row(
    contrast: Mapping[str, Any],
    record: Mapping[str, Any],
    table: pd.DataFrame,
    test: WaldTest,
    adjusted: Adjusted,
    rate: float,
) -> dict[str, Any]:
    """One row of ``summary.tsv``."""
    n_top, n_bottom = arm_sizes(contrast, record["samples"])
    tested = np.isfinite(test.p)
    nominal = tested & (np.nan_to_num(test.p, nan=1.0) < 0.05)
    significant = table["q"].to_numpy() < rate
    smallest = min(n_top, n_bottom)
    return {
        "contrast": contrast["contrast"],
        "role": contrast["role"],
        "numerator": contrast["numerator"],
        "denominator": contrast["denominator"],
        "n_numerator": n_top,
        "n_denominator": n_bottom,
        "n_features": len(table),
        "n_tested": int(tested.sum()),
        "n_p05": int(nominal.sum()),
        "expected_p05": 0.05 * int(tested.sum()),
        "n_p05_lfc1": int((nominal & (np.abs(test.log2fc) >= 1.0)).sum()),
        "expected_p05_lfc1": expected_by_chance(test.log2fc_se, tested, 0.05, 1.0),
        "n_q": int(significant.sum()),
        "n_q_up": int((significant & (test.log2fc > 0)).sum()),
        "n_q_down": int((significant & (test.log2fc < 0)).sum()),
        "expected_false_q": rate * int(significant.sum()),
        "filter_threshold": adjusted.filter_threshold,
        "p_at_q": adjusted.p_at_q,
        "median_detectable_log2fc": _median(
            table["detectable_log2fc"].to_numpy()[table["status"].to_numpy() == "tested"]
        ),
        "warning": f"n = {smallest} in an arm: only large changes can be found" if smallest <= 3 else "",
    }


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if values.size else float("nan")


def arm_sizes(contrast: Mapping[str, Any], samples: Sequence[Mapping[str, str]]) -> tuple[int, int]:
    """Samples on the numerator's and the denominator's side of a contrast; of several cells the smallest."""
    top, bottom = (
        min(sum(all(sample[n] == v for n, v in cell.items()) for sample in samples) for _, cell in side)
        for side in sides_of(contrast)
    )
    return top, bottom


def _fit_facts(
    fit: NegativeBinomialFit,
    design: Design,
    record: Mapping[str, Any],
    engine: tuple[str, str],
    samples: Sequence[str],
    offsets: Offsets | None,
) -> dict[str, Any]:
    """Content of ``fit.json``."""
    packages = ("numpy", "pandas", "pydeseq2", "scipy")
    size_factors = fit.size_factors if offsets is None else offsets.size_factors
    return {
        "engine": engine[0],
        "inference": engine[1] if engine[0] == "pydeseq2" else None,
        "design": record["design"],
        "columns": list(design.columns),
        "reference_levels": {name: levels[0] for name, levels in design.levels.items()},
        "residual_df": fit.design.n - fit.design.p,
        **({} if offsets is None else {"offsets": "gene_lengths"}),
        "size_factors": dict(zip(samples, (float(v) for v in size_factors), strict=True)),
        "dispersion_trend": {"type": fit.trend.kind, "a0": fit.trend.a0, "a1": fit.trend.a1},
        "prior_variance": fit.prior.variance,
        "n_outliers": int(fit.outlier.sum()),
        "n_all_zero": int(fit.all_zero.sum()),
        "n_not_converged": int((~fit.converged).sum()),
        "versions": {"acuomics": __version__, **{p: importlib.metadata.version(p) for p in packages}},
        "warnings": list(fit.warnings),
    }
