"""The tests of all claims about features: one family, fixed by the table of claims before the data are opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from acuomics.claims.evidence import Evidence
from acuomics.claims.power import detectable_of, power_of
from acuomics.de.kernels.filtering import adjust_bh
from acuomics.mechanisms.verdicts.vocabulary import Settings
from acuomics.reversal.restoration import equivalence_p

Floats = NDArray[np.float64]
SIGNS: Mapping[str, float] = {"up": 1.0, "down": -1.0}
#: One claim printed twice is one test.
TEST_KEY = ("contrast", "row", "direction", "effect")
MEASURED = (
    *("log2fc", "se", "se_model", "log2fc_low", "log2fc_high", "p", "q_genome", "base_mean"),
    *("p_claim", "p_counter", "p_smaller", "q_claim", "q_counter", "q_smaller", "power", "detectable_log2fc"),
)


def measure(claims: Sequence[Mapping[str, Any]], evidence: Mapping[str, Evidence], settings: Settings) -> pd.DataFrame:
    """Test every claim about a feature, and adjust over the family.

    Parameters
    ----------
    claims : sequence of mapping
        ``claim, contrast, row`` (the feature's name in the table of its contrast), ``direction, effect`` (printed log2
        fold change, None where there is none), ``same_data``.
    evidence : mapping of str to Evidence
        By contrast or pair.
    settings : Settings
        ``rate, power, detectable_bound, equivalence_bound, confidence``.

    Returns
    -------
    DataFrame
        A row a claim, indexed by ``claim``: what is given, ``test`` and `MEASURED`. `p_counter` is the p value against
        the claim; `p_smaller` that of an effect smaller than the printed one.
    """
    columns = ["claim", "contrast", "row", "direction", "effect", "same_data", "test", *MEASURED]
    table = pd.DataFrame([_test(claim, evidence[claim["contrast"]], settings) for claim in claims], columns=columns)
    key = table.groupby(list(TEST_KEY), dropna=False, sort=False).ngroup().to_numpy().astype(np.int64)
    p = {name: table[name].to_numpy(dtype=np.float64) for name in ("p_claim", "p_counter", "p_smaller")}
    table["q_claim"], table["q_counter"], table["q_smaller"] = (_adjusted(values, key) for values in p.values())
    level = threshold_of(p["p_claim"], table["q_claim"].to_numpy(dtype=np.float64), key, settings.rate)
    powers: list[tuple[float, float]] = []
    rows: list[Any] = list(table.itertuples(index=False))
    for row in rows:
        effect = settings.detectable_bound if np.isnan(row.effect) else abs(row.effect)
        sizes, needed = (row.se, row.se_model), level
        if row.same_data and row.test != "equivalence":
            genome = evidence[row.contrast].threshold(settings.rate)
            needed = min(level, genome if row.test == "two_sided" else genome / 2.0)
        powers.append(
            (
                power_of(row.test, effect, settings.equivalence_bound, *sizes, needed),
                detectable_of(row.test, *sizes, needed, settings.power),
            )
        )
    table[["power", "detectable_log2fc"]] = np.array(powers, dtype=np.float64).reshape(-1, 2)
    return table.set_index("claim")


def threshold_of(p: Floats, q: Floats, key: NDArray[np.int64], rate: float) -> float:
    """The p value under which a test of the family holds; where none does, the rate over the number of tests."""
    tests = np.unique(key[np.isfinite(p)])
    held = np.unique(key[np.isfinite(p) & (q < rate)])
    return float(rate * max(held.size, 1) / tests.size) if tests.size else float("nan")


def _test(claim: Mapping[str, Any], evidence: Evidence, settings: Settings) -> dict[str, Any]:
    """Estimate, interval and p values of one claim."""
    seen = evidence.table.loc[claim["row"]]
    direction, printed = claim["direction"], float("nan") if claim["effect"] is None else float(claim["effect"])
    log2fc, se = float(seen["log2fc"]), float(seen["se"])
    half = float(ndtri(0.5 + settings.confidence / 2.0)) * se
    if direction in SIGNS:
        test = "one_sided"
        p, counter = seen[f"p_{direction}"], seen[f"counter_{direction}"]
        smaller = 2.0 * float(ndtr((SIGNS[direction] * log2fc - abs(printed)) / se))
    elif direction == "none":
        test = "equivalence"
        p, counter = _within(log2fc, se, settings.equivalence_bound), seen["p_two"]
        smaller = float("nan")
    else:
        test = "two_sided"
        p, counter = seen["p_two"], seen["counter_two"]
        smaller = 2.0 * _within(log2fc, se, abs(printed))
    return {
        **{name: claim[name] for name in ("claim", "contrast", "row", "direction", "same_data")},
        "effect": printed,
        "test": test,
        "log2fc": log2fc,
        "se": se,
        "se_model": float(seen["se_model"]),
        "log2fc_low": log2fc - half,
        "log2fc_high": log2fc + half,
        "p": float(seen["p_two"]),
        "q_genome": float(seen["q"]),
        "base_mean": float(seen["base_mean"]),
        "p_claim": float(p),
        "p_counter": float(counter),
        # Doubled, so that alone it is below 0.05 where the 95 % interval excludes the printed effect.
        "p_smaller": min(1.0, smaller) if np.isfinite(smaller) else smaller,
    }


def _within(log2fc: float, se: float, bound: float) -> float:
    return float(equivalence_p(np.array([log2fc]), np.array([se]), bound)[0])


def _adjusted(p: Floats, key: NDArray[np.int64]) -> Floats:
    """Benjamini-Hochberg over distinct tests; claims that share one share its value."""
    q = np.full(p.shape, np.nan)
    at = np.flatnonzero(np.isfinite(p))
    _, first, back = np.unique(key[at], return_index=True, return_inverse=True)
    q[at] = adjust_bh(p[at][first])[back]
    return q
