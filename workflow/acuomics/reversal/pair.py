"""One reversal pair of a study: its table and its summary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from acuomics.de.wald import WaldTest
from acuomics.reversal.classes import CLASSES, classify
from acuomics.reversal.iut import aggravation_test, reversal_test
from acuomics.reversal.permutation import PermutationNull, nominal_venn
from acuomics.reversal.restoration import equivalence_p, restoration


def reversal_table(
    model: pd.DataFrame,
    treatment: pd.DataFrame,
    covariance: np.ndarray,
    *,
    rate: float,
    alpha: float,
    bound: float,
) -> pd.DataFrame:
    """Reversal of every feature; the columns are in `workflow/README.md`.

    Parameters
    ----------
    model, treatment : DataFrame
        Tables of the two contrasts (`de` stage), rows in the same order.
    covariance : array of shape (features,)
        Covariance of the two log2 fold changes.
    rate, alpha, bound : float
        False discovery rate; error rate of intervals and equivalence; equivalence bound (log2).
    """
    d1, d2 = model["log2fc"].to_numpy(), treatment["log2fc"].to_numpy()
    v1, v2 = model["log2fc_se"].to_numpy() ** 2, treatment["log2fc_se"].to_numpy() ** 2
    valid = (model["p"].notna() & treatment["p"].notna()).to_numpy()
    z1, z2 = model["stat"].to_numpy(), treatment["stat"].to_numpy()
    union = reversal_test(z1, z2, valid)
    further = aggravation_test(z1, z2, valid)
    # A share of the model's change has a meaning only where there is one.
    shown = (model["q"] < rate).to_numpy() | (union.q < rate)
    restored = restoration(d1, d2, v1, v2, covariance, alpha)
    residual = d1 + d2
    residual_se = np.sqrt(np.maximum(v1 + v2 + 2.0 * covariance, 0.0))
    p_equivalence = np.where(valid, equivalence_p(residual, residual_se, bound), np.nan)
    opposite = nominal_venn(_as_test(model), _as_test(treatment)).opposite
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = covariance / np.sqrt(v1 * v2)
        table = pd.DataFrame(
            {
                "feature": model["feature"],
                "symbol": model["symbol"],
                "log2fc_model": d1,
                "se_model": model["log2fc_se"],
                "p_model": model["p"],
                "q_model": model["q"],
                "log2fc_treatment": d2,
                "se_treatment": treatment["log2fc_se"],
                "p_treatment": treatment["p"],
                "q_treatment": treatment["q"],
                "correlation": correlation,
                "p_reversal": union.p,
                "q_reversal": union.q,
                "reversed": union.q < rate,
                "aggravated": further.q < rate,
                "restoration": np.where(shown, restored.fraction, np.nan),
                "restoration_low": np.where(shown, restored.low, np.nan),
                "restoration_high": np.where(shown, restored.high, np.nan),
                "log2fc_residual": residual,
                "se_residual": residual_se,
                "p_equivalence": p_equivalence,
                "at_control": p_equivalence < alpha,
                "p_treatment_equivalence": np.where(valid, equivalence_p(d2, np.sqrt(v2), bound), np.nan),
                "nominal_venn": opposite,
            }
        )
    table["class"], table["reason"] = classify(table, rate, alpha, bound)
    return table


def _as_test(table: pd.DataFrame) -> WaldTest:
    columns = ("log2fc", "log2fc_se", "stat", "p")
    return WaldTest(*(table[column].to_numpy() for column in columns))


def summarise(
    table: pd.DataFrame,
    model: pd.DataFrame,
    treatment: pd.DataFrame,
    pair: Mapping[str, Any],
    null: PermutationNull,
    *,
    rate: float,
    alpha: float,
    bound: float,
) -> dict[str, Any]:
    """Content of ``<pair>.json``: the honest count beside what the habits of the field would have counted."""
    valid = table["p_reversal"].notna().to_numpy()
    venn = nominal_venn(_as_test(model), _as_test(treatment))
    d1, d2 = table["log2fc_model"].to_numpy()[valid], table["log2fc_treatment"].to_numpy()[valid]
    counts = [draw.reversed for draw in null.draws]
    warnings = []
    if null.exhaustive and null.smallest_p >= 0.05:
        warnings.append(
            f"only {null.distinct} labelings of model and treated samples are distinct: the permutation p cannot be "
            f"smaller than {null.smallest_p:.3g}"
        )
    elif not null.exhaustive and null.p == null.smallest_p:
        warnings.append(
            f"no one of {len(counts)} relabelings reached the count; their number keeps the permutation p from being "
            f"smaller than {null.smallest_p:.3g} ({null.distinct - 1} are possible)"
        )
    return {
        "pair": pair["pair"],
        "model": pair["model"],
        "treatment": pair["treatment"],
        "n_tested": int(valid.sum()),
        "reversed": int(table["reversed"].sum()),
        "by_class": {name: int((table["class"] == name).sum()) for name in CLASSES},
        "reversed_by_class": {name: int(((table["class"] == name) & table["reversed"]).sum()) for name in CLASSES},
        "aggravated": int(table["aggravated"].sum()),
        "restored_equivalent": int((table["reversed"] & table["at_control"]).sum()),
        "nominal_venn_both": int(venn.both.sum()),
        "nominal_venn_opposite": int(venn.opposite.sum()),
        "nominal_venn_opposite_lfc1": int(venn.opposite_lfc1.sum()),
        "opposite_sign_share": _finite(np.mean(d1 * d2 < 0.0)) if d1.size else None,
        "observed_correlation": _finite(np.corrcoef(d1, d2)[0, 1]) if d1.size > 2 else None,
        "null_correlation": _finite(np.median(table["correlation"].to_numpy()[valid])) if d1.size else None,
        "permutations": {
            "draws": len(counts),
            "observed": null.observed,
            "distinct": null.distinct,
            "exhaustive": null.exhaustive,
            "counts": counts,
            "mean": _finite(np.mean(counts)) if counts else None,
            "nominal_venn_mean": _finite(np.mean([draw.venn for draw in null.draws])) if counts else None,
            "nominal_venn_lfc1_mean": _finite(np.mean([d.venn_lfc1 for d in null.draws])) if counts else None,
            "p": null.p if counts else None,
            "smallest_p": null.smallest_p if counts else None,
        },
        "rate": rate,
        "alpha": alpha,
        "equivalence_log2fc": bound,
        "warnings": warnings,
    }


def _finite(value: Any) -> float | None:
    number = float(value)
    return number if np.isfinite(number) else None
