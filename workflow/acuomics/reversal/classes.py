"""What happened to each feature between control, model and treatment: a closed vocabulary with reasons."""

from __future__ import annotations

import numpy as np
import pandas as pd

CLASSES = ("full", "partial", "overcorrected", "aggravated", "none_supported", "inconclusive")


#: Half of the model's change: a restored share shown above it can be full, one shown below it in size is none.
HALF = 0.5


def classify(table: pd.DataFrame, rate: float, alpha: float, bound: float) -> tuple[list[str], list[str]]:
    """Class and reason of every feature; the first rule that fits decides.

    The share of the model's change that treatment took back decides, by its interval: a bound on the fold change alone
    would call every small model effect restored, and every small treatment effect absent. Intervals and
    equivalence tests are a feature's own, not adjusted for the number of features; the calls are.

    Parameters
    ----------
    table : DataFrame
        With ``p_reversal, reversed, aggravated, q_model, at_control, restoration_low, restoration_high,
        p_treatment_equivalence``.
    rate : float
        False discovery rate of the calls.
    alpha : float
        Error rate of the equivalence tests.
    bound : float
        Equivalence bound, |log2 fold change|.
    """
    n = len(table)
    called = table["reversed"].to_numpy(dtype=bool)
    low, high = table["restoration_low"].to_numpy(), table["restoration_high"].to_numpy()
    bounded = np.isfinite(low) & np.isfinite(high)
    clear = (table["q_model"] < rate).to_numpy()
    at_control = table["at_control"].to_numpy(dtype=bool)
    within = f"within {bound:g} log2 of control"
    with np.errstate(invalid="ignore"):
        below, above = called & (high < 1.0), called & (low > 1.0)
        full = called & bounded & at_control & (low > HALF)
        small = (low > -HALF) & (high < HALF) & (table["p_treatment_equivalence"] < alpha).to_numpy()
    rules: list[tuple[np.ndarray, str, str]] = [
        (table["p_reversal"].isna().to_numpy(), "inconclusive", "a contrast has no p value for it"),
        (below & at_control, "partial", f"reversed; the interval of the share is below 1, though {within}"),
        (below, "partial", "reversed; the interval of the restored share is below 1"),
        (
            above & at_control,
            "overcorrected",
            f"reversed; the interval of the restored share is above 1, though {within}",
        ),
        (above, "overcorrected", "reversed; the interval of the restored share is above 1"),
        (full, "full", f"reversed; the interval of the restored share holds 1 and is above {HALF:g}, and {within}"),
        (called & bounded, "inconclusive", "reversed, but the extent is not resolved: the interval holds 1 and more"),
        (called, "inconclusive", "reversed, but the model effect is not clear enough to say how far"),
        (table["aggravated"].to_numpy(dtype=bool), "aggravated", "treatment moved it further the same way"),
        (
            clear & small,
            "none_supported",
            f"changed in the model; the treatment effect is within {bound:g} log2 of zero, and less than half of it",
        ),
        (clear, "inconclusive", "changed in the model; neither reversal nor absence of an effect is shown"),
        (table["q_model"].isna().to_numpy(), "inconclusive", "too few counts for a q value of the model contrast"),
    ]
    classes, reasons = ["inconclusive"] * n, ["no clear change in the model"] * n
    open_ = np.ones(n, dtype=bool)
    for condition, name, reason in rules:
        for i in np.flatnonzero(open_ & condition):
            classes[i], reasons[i] = name, reason
        open_ &= ~condition
    return classes, reasons
