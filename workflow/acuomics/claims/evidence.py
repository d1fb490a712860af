"""One view of what can speak to a claim: a fitted contrast, a deposited table of statistics, a reversal pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from acuomics.reversal.iut import aggravation_test

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """What the data say of every feature in one contrast or pair.

    Attributes
    ----------
    contrast, role : str
        The name of the contrast or pair; its role, of a pair ``reversal``.
    samples : str
        ``3 v 3``; empty where it is not known.
    source : str
        ``model``, ``statistics`` or ``pair``.
    table : DataFrame, index feature
        ``log2fc, se, se_model`` (NaN where there is none; `se_model` of pairs alone), ``p_two`` and its rate over all
        features ``q``, one-sided ``p_up, p_down``, what speaks against a claim of up, down or change
        (``counter_up, counter_down, counter_two``), ``base_mean, status, silent, nominal`` (what the habits of the
        field count: p < 0.05, of a pair in both contrasts with opposite signs), ``sign``.
    nominal_expected : float
        How many features are nominal where nothing changes; NaN where that is not known.
    """

    contrast: str
    role: str
    samples: str
    source: str
    table: pd.DataFrame
    nominal_expected: float

    def threshold(self, rate: float) -> float:
        """The two-sided p under which a feature holds at `rate` among all, as in the `de` stage; NaN without tests."""
        q = self.table["q"].to_numpy(dtype=np.float64)
        m = int(np.isfinite(q).sum())
        return rate * max(int((q < rate).sum()), 1) / m if m else float("nan")


def evidence_of_model(name: str, role: str, samples: str, table: pd.DataFrame) -> Evidence:
    """From a table of the `de` stage; one-sided p values are those of its Wald statistic."""
    p = table["p"].to_numpy(dtype=np.float64)
    stat = np.where(np.isnan(p), np.nan, table["stat"].to_numpy(dtype=np.float64))
    log2fc = table["log2fc"].to_numpy(dtype=np.float64)
    status = table["status"].to_numpy(dtype=object)
    # Without a read in either arm the fold change is zero by definition, which is no measurement.
    silent = (status == "all_zero") | ((log2fc == 0.0) & (stat == 0.0))
    up, down = ndtr(-stat), ndtr(stat)
    frame = pd.DataFrame(
        {
            "log2fc": log2fc,
            "se": table["log2fc_se"].to_numpy(dtype=np.float64),
            "se_model": np.nan,
            "p_two": p,
            "q": table["q"].to_numpy(dtype=np.float64),
            **_sides(up, down),
            "base_mean": table["base_mean"].to_numpy(dtype=np.float64),
            "status": status,
            "silent": silent,
            "nominal": p < 0.05,
            "sign": np.sign(log2fc),
        },
        index=pd.Index(table["feature"]),
    )
    return Evidence(name, role, samples, "model", frame, 0.05 * float(np.isfinite(p).sum()))


def evidence_of_statistics(name: str, role: str, samples: str, table: pd.DataFrame) -> Evidence:
    """From the deposited p values of one contrast (``intake/statistics.tsv``).

    Half the two-sided p is the one-sided p on the side of the estimate, as for every symmetric statistic. There is no
    standard error: a p value alone fixes neither the degrees of freedom nor the scale on which the test was made.
    """
    p, log2fc = table["p"].to_numpy(dtype=np.float64), table["log2fc"].to_numpy(dtype=np.float64)
    sign = np.sign(log2fc)
    up = np.where(np.isnan(sign), np.nan, np.where(sign > 0, p / 2.0, 1.0 - p / 2.0))
    down = np.where(np.isnan(sign), np.nan, np.where(sign < 0, p / 2.0, 1.0 - p / 2.0))
    frame = pd.DataFrame(
        {
            "log2fc": log2fc,
            "se": np.nan,
            "se_model": np.nan,
            "p_two": p,
            "q": table["q"].to_numpy(dtype=np.float64),
            **_sides(up, down),
            "base_mean": np.nan,
            "status": np.where(np.isnan(p), "no_p", "tested"),
            "silent": False,
            "nominal": p < 0.05,
            "sign": sign,
        },
        index=pd.Index(table["feature"]),
    )
    return Evidence(name, role, samples, "statistics", frame, 0.05 * float(np.isfinite(p).sum()))


def evidence_of_pair(
    name: str, samples: str, table: pd.DataFrame, summary: Mapping[str, Any], base_mean: pd.Series
) -> Evidence:
    """From a table of the `reversal` stage: ``up`` is raised by the treatment after a fall in the model.

    One-sided p values are those of the intersection-union test of that direction. Against a claim of reversal speaks a
    treatment effect the other way; against one without a direction, aggravation.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        model = (table["log2fc_model"] / table["se_model"]).to_numpy(dtype=np.float64)
        treated = (table["log2fc_treatment"] / table["se_treatment"]).to_numpy(dtype=np.float64)
    p = table["p_reversal"].to_numpy(dtype=np.float64)
    valid = np.isfinite(p)
    up = np.where(valid, np.maximum(ndtr(model), ndtr(-treated)), np.nan)
    down = np.where(valid, np.maximum(ndtr(-model), ndtr(treated)), np.nan)
    still = [(table[f"log2fc_{arm}"] == 0.0) & (table[f"p_{arm}"] == 1.0) for arm in ("model", "treatment")]
    frame = pd.DataFrame(
        {
            "log2fc": table["log2fc_treatment"].to_numpy(dtype=np.float64),
            "se": table["se_treatment"].to_numpy(dtype=np.float64),
            "se_model": table["se_model"].to_numpy(dtype=np.float64),
            "p_two": p,
            "q": table["q_reversal"].to_numpy(dtype=np.float64),
            "p_up": up,
            "p_down": down,
            "counter_up": np.where(valid, ndtr(treated), np.nan),
            "counter_down": np.where(valid, ndtr(-treated), np.nan),
            "counter_two": aggravation_test(model, treated, valid).p,
            "base_mean": base_mean.reindex(table["feature"]).to_numpy(dtype=np.float64),
            "status": np.where(valid, "tested", "no_p"),
            "silent": (still[0] | still[1]).to_numpy(dtype=bool),
            "nominal": table["nominal_venn"].to_numpy(dtype=bool),
            "sign": np.sign(table["log2fc_treatment"].to_numpy(dtype=np.float64)),
        },
        index=pd.Index(table["feature"]),
    )
    expected = (summary.get("permutations") or {}).get("nominal_venn_mean")
    return Evidence(name, "reversal", samples, "pair", frame, float("nan") if expected is None else float(expected))


def _sides(up: Floats, down: Floats) -> dict[str, Any]:
    """One-sided p values, each of which is what speaks against a claim of the other direction."""
    return {"p_up": up, "p_down": down, "counter_up": down, "counter_down": up, "counter_two": np.nan}
