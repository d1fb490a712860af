"""What differs between the studies of a pool: shown, and below ten studies never regressed on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from acuomics.synthesis.vocabulary import MODERATOR_COLUMNS, Settings


def moderator_table(traits: Sequence[Mapping[str, Any]], settings: Settings) -> pd.DataFrame:
    """Give the traits of all scored contrasts with the number of studies in their pool.

    Parameters
    ----------
    traits : sequence of mapping
        Rows of `acuomics.synthesis.effects.choose_contrasts`.

    Returns
    -------
    DataFrame
        `MODERATOR_COLUMNS`, in the order of `traits`. `regressed` is false everywhere: a pool of fewer studies than
        `least_for_regression` must not be, and for a larger one nobody has fixed a model in advance.
    """
    k = Counter(row["pool"] for row in traits if row["taken"])
    rows = []
    for row in traits:
        n = k[row["pool"]]
        if n < settings.least_for_regression:
            why = f"{n} of the {settings.least_for_regression} studies below which no moderator is regressed on"
        else:
            why = f"{n} studies; no regression was declared in advance"
        rows.append({**row, "k_pool": n, "regressed": False, "why": why})
    return pd.DataFrame(rows, columns=list(MODERATOR_COLUMNS))
