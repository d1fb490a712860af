"""What happened to each feature between control, model and treatment: a closed vocabulary with reasons."""

from __future__ import annotations

import numpy as np
import pandas as pd

CLASSES = ("full", "partial", "overcorrected", "aggravated", "none_supported", "inconclusive")


def classify(table: pd.DataFrame, rate: float, alpha: float, bound: float) -> tuple[list[str], list[str]]:
    """Class and reason of every feature.

    Parameters
    ----------
    table : DataFrame
        With ``reversed, aggravated, q_model, at_control, restoration_low, restoration_high, p_treatment_equivalence,
        p_reversal``.
    rate : float
        False discovery rate of the calls.
    alpha : float
        Error rate of the equivalence tests.
    bound : float
        Equivalence bound, |log2 fold change|.
    """
    n = len(table)
    tested = table["p_reversal"].notna().to_numpy()
    called = table["reversed"].to_numpy(dtype=bool)
    low, high = table["restoration_low"].to_numpy(), table["restoration_high"].to_numpy()
    clear = (table["q_model"] < rate).to_numpy()
    no_effect = (table["p_treatment_equivalence"] < alpha).to_numpy()
    at_control = table["at_control"].to_numpy(dtype=bool)
    with np.errstate(invalid="ignore"):
        rules: list[tuple[np.ndarray, str, str]] = [
            (~tested, "inconclusive", "a contrast has no p value for it"),
            (called & at_control, "full", f"reversed, and within {bound:g} log2 of control"),
            (
                called & (high < 1.0),
                "partial",
                "reversed; the whole interval of the restored share is below 1",
            ),
            (
                called & (low > 1.0),
                "overcorrected",
                "reversed; the whole interval of the restored share is above 1",
            ),
            (called, "inconclusive", "reversed, but the extent is not resolved: the interval holds 1"),
            (
                table["aggravated"].to_numpy(dtype=bool),
                "aggravated",
                "treatment moved it further the same way",
            ),
            (
                clear & no_effect,
                "none_supported",
                f"changed in the model, and the treatment effect is within {bound:g} log2 of zero",
            ),
            (
                clear,
                "inconclusive",
                "changed in the model; neither reversal nor absence of an effect is shown",
            ),
        ]
    classes, reasons = ["inconclusive"] * n, ["no clear change in the model"] * n
    open_ = np.ones(n, dtype=bool)
    for condition, name, reason in rules:
        for i in np.flatnonzero(open_ & condition):
            classes[i], reasons[i] = name, reason
        open_ &= ~condition
    return classes, reasons
