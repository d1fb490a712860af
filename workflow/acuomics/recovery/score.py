"""Recall and observed false discovery of a simulated study, against what was planted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acuomics.simulate.classes import CLASSES, NO_EFFECT, REVERSED

RECOVERY_COLUMNS = (
    "test",
    "contrast",
    "n_true",
    "n_called",
    "n_found",
    "recall",
    "false_discovery",
)

# Reported classes of the reversal table; a feature without one was not tested.
REPORTED = ("full", "partial", "overcorrected", "aggravated", "none_supported", "inconclusive", "not_tested")


class Recovery(NamedTuple):
    """What `score` gives: `table` with `RECOVERY_COLUMNS`, and `summary` for recovery.json."""

    table: pd.DataFrame
    summary: dict[str, Any]


def true_log2fc(truth: pd.DataFrame, role: str) -> NDArray[np.float64] | None:
    """Give the planted log2 fold changes of a contrast by its role.

    Parameters
    ----------
    truth : pandas.DataFrame
        ``log2fc_model`` and ``log2fc_treatment``, a row a feature.
    role : str
        Role of the contrast.

    Returns
    -------
    numpy.ndarray or None
        Shape ``(features,)``; the sum of both effects for ``residual``; None for a role that the simulated
        arms do not have.
    """
    model = truth["log2fc_model"].to_numpy(float)
    treatment = truth["log2fc_treatment"].to_numpy(float)
    return {"model": model, "treatment": treatment, "residual": model + treatment}.get(role)


def score(
    truth: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    roles: Mapping[str, str],
    pairs: Mapping[str, pd.DataFrame],
    *,
    q_de: float,
    q_reversal: float,
) -> Recovery:
    """Score differential expression and reversal against the planted truth.

    A feature is called when its q is below the rate; it is found when it is called, has a planted effect,
    and the estimate has the effect's sign. The observed false discovery is the share of called features that
    are not found, so an effect called with the wrong sign counts as a false discovery. Features without a q
    count as not called, and stay in the denominator of recall.

    Parameters
    ----------
    truth : pandas.DataFrame
        ``feature, class, log2fc_model, log2fc_treatment``, a row a feature.
    tables : mapping of str to pandas.DataFrame
        Contrast name to its table: ``feature, log2fc, q, detectable_log2fc``.
    roles : mapping of str to str
        Contrast name to role.
    pairs : mapping of str to pandas.DataFrame
        Pair name to its reversal table: ``feature, q_reversal, log2fc_model, class``.
    q_de, q_reversal : float
        The rates at which features are called.

    Returns
    -------
    Recovery
        The table has, for every contrast, a row ``de`` and a row ``de_detectable`` (only the planted effects
        above the feature's detectable log2 fold change), and for every pair a row ``reversal`` (true are
        the planted classes partial, full and overcorrected). A rate without a denominator is missing.
    """
    rows: list[dict[str, Any]] = []
    unscored = []
    for contrast, table in tables.items():
        effect = true_log2fc(truth, roles[contrast])
        if effect is None:
            unscored.append(contrast)
            continue
        seen = _aligned(table, truth, ["q", "log2fc", "detectable_log2fc"])
        real = np.abs(effect) > NO_EFFECT
        called = (seen["q"] < q_de).to_numpy()
        found = called & real & (np.sign(seen["log2fc"].to_numpy()) == np.sign(effect))
        rows.append(_row("de", contrast, real, called, found))
        # Comparison with a missing bound is false: such a feature is not known to be detectable.
        detectable = real & (np.abs(effect) > seen["detectable_log2fc"].to_numpy())
        rows.append(_row("de_detectable", contrast, detectable, called & detectable, found & detectable))
    confusion = {}
    for pair, table in pairs.items():
        seen = _aligned(table, truth, ["q_reversal", "log2fc_model", "class"])
        real = truth["class"].isin(REVERSED).to_numpy()
        called = (seen["q_reversal"] < q_reversal).to_numpy()
        as_planted = np.sign(seen["log2fc_model"].to_numpy()) == np.sign(truth["log2fc_model"].to_numpy())
        rows.append(_row("reversal", pair, real, called, called & real & as_planted))
        confusion[pair] = _confusion(truth["class"], seen["class"])
    # Among features chosen for their truth a false discovery cannot be seen.
    table = pd.DataFrame(rows, columns=list(RECOVERY_COLUMNS))
    table.loc[table["test"] == "de_detectable", "false_discovery"] = np.nan
    planted = truth["class"].value_counts()
    summary = {
        "q_de": q_de,
        "q_reversal": q_reversal,
        "n_features": len(truth),
        "planted": {name: int(planted.get(name, 0)) for name in CLASSES},
        "tests": [_without_nan(row) for row in table.to_dict("records")],
        "confusion": confusion,
        "reported_classes": list(REPORTED),
        "contrasts_not_scored": unscored,
    }
    return Recovery(table, summary)


def _aligned(table: pd.DataFrame, truth: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Bring a result into the order of the truth; features that it lacks get missing values."""
    return table.set_index("feature")[columns].reindex(truth["feature"])


def _row(
    test: str,
    contrast: str,
    real: NDArray[np.bool_],
    called: NDArray[np.bool_],
    found: NDArray[np.bool_],
) -> dict[str, Any]:
    n_true, n_called, n_found = int(real.sum()), int(called.sum()), int(found.sum())
    return {
        "test": test,
        "contrast": contrast,
        "n_true": n_true,
        "n_called": n_called,
        "n_found": n_found,
        "recall": n_found / n_true if n_true else np.nan,
        "false_discovery": (n_called - n_found) / n_called if n_called else np.nan,
    }


def _confusion(planted: pd.Series[str], reported: pd.Series[str]) -> dict[str, dict[str, int]]:
    """Count planted class by reported class, every cell present."""
    given = reported.fillna("not_tested").to_numpy(dtype=str)
    truth = planted.to_numpy(dtype=str)
    return {name: {label: int(((truth == name) & (given == label)).sum()) for label in REPORTED} for name in CLASSES}


def _without_nan(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): None if isinstance(v, float) and np.isnan(v) else v for key, v in row.items()}
