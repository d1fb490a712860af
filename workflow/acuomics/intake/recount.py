"""The number of small p values in a deposited table, beside the number that chance gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

NOMINAL, RATE = 0.05, 0.05
#: Deposited adjusted p values that differ more than rounding from Benjamini and Hochberg's.
_ROUNDING = 1e-3


def adjusted(table: pd.DataFrame) -> NDArray[np.float64]:
    """Benjamini-Hochberg within each ``contrast`` over the ``p`` that are there; NaN elsewhere."""
    from scipy.stats import false_discovery_control

    q = np.full(len(table), np.nan)
    p, contrast = table["p"].to_numpy(dtype=np.float64), table["contrast"].to_numpy()
    for name in pd.unique(contrast):
        at = np.flatnonzero((contrast == name) & np.isfinite(p))
        q[at] = false_discovery_control(p[at])
    return q


def recount(table: pd.DataFrame, contrasts: Sequence[Mapping[str, Any]], test: str | None) -> pd.DataFrame:
    """Count small p values a contrast.

    Parameters
    ----------
    table : DataFrame
        ``contrast, log2fc, p, q_deposited, q, n_numerator, n_denominator`` (``intake/statistics.tsv``).
    contrasts : sequence of mapping
        The contrasts of the record; those without rows are left out.
    test : str or None
        The test behind the p values, as stated.

    Returns
    -------
    DataFrame
        ``contrast, role, numerator, denominator, n_numerator, n_denominator`` (NA unless the table has one value),
        ``n_rows, n_without_p, n_tested, n_p05, expected_p05`` (0.05 x tested), ``p_excess_if_independent`` (binomial
        probability of so many or more where nothing changes, if features were independent, which features of one
        sample are not), ``n_q05, n_q05_up, n_q05_down, min_q`` (ours), ``n_q05_deposited, min_q_deposited,
        max_q_difference``, ``test, warning``.
    """
    rows = []
    for contrast in contrasts:
        part = table[table["contrast"] == contrast["contrast"]]
        if len(part):
            rows.append(_row(contrast, part, test))
    return pd.DataFrame(rows)


def _row(contrast: Mapping[str, Any], part: pd.DataFrame, test: str | None) -> dict[str, Any]:
    from scipy.special import bdtrc

    p, q, given = (part[name].to_numpy(dtype=np.float64) for name in ("p", "q", "q_deposited"))
    log2fc = part["log2fc"].to_numpy(dtype=np.float64)
    tested, nominal, held = int(np.isfinite(p).sum()), int((p < NOMINAL).sum()), q < RATE
    # bdtrc(k, n, p) is the probability of more than k; of none or more it is one.
    excess = float(bdtrc(nominal - 1, tested, NOMINAL)) if nominal else 1.0
    deposited, both = np.isfinite(given), np.isfinite(given) & np.isfinite(q)
    difference = float(np.abs(given - q)[both].max()) if both.any() else float("nan")
    row = {
        **{key: contrast[key] for key in ("contrast", "role", "numerator", "denominator")},
        **{f"n_{side}": _only(part[f"n_{side}"]) for side in ("numerator", "denominator")},
        "n_rows": len(part),
        "n_without_p": len(part) - tested,
        "n_tested": tested,
        "n_p05": nominal,
        "expected_p05": NOMINAL * tested,
        "p_excess_if_independent": excess,
        "n_q05": int(held.sum()),
        "n_q05_up": int((held & (log2fc > 0)).sum()),
        "n_q05_down": int((held & (log2fc < 0)).sum()),
        "min_q": float(np.nanmin(q)),
        "n_q05_deposited": int((given < RATE).sum()) if deposited.any() else None,
        "min_q_deposited": float(np.nanmin(given)) if deposited.any() else float("nan"),
        "max_q_difference": difference,
        "test": test,
    }
    return row | {"warning": "; ".join(_warnings(row))}


def _only(values: pd.Series) -> int | None:
    """The one size that the rows give; None where they give none or several."""
    found = sorted(set(values.dropna()))
    return int(found[0]) if len(found) == 1 else None


def _warnings(row: Mapping[str, Any]) -> list[str]:
    name, found = row["contrast"], []
    if not row["n_q05"]:
        found.append(
            f"{name}: no feature at a false discovery rate of {RATE:g}; {row['n_p05']:,} of {row['n_tested']:,} have "
            f"p < {NOMINAL:g}, where chance alone gives {row['expected_p05']:.1f}"
        )
    if row["n_without_p"]:
        found.append(f"{name}: {row['n_without_p']:,} of {row['n_rows']:,} rows have no p value")
    if row["max_q_difference"] > _ROUNDING:
        found.append(
            f"{name}: the deposited adjusted p values differ from Benjamini-Hochberg's over these rows by up to "
            f"{row['max_q_difference']:.2g}: another method, or another number of tests"
        )
    return found
