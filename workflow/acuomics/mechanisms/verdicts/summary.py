"""How many verdicts of each kind a mechanism has: counts, and nothing composed of them."""

from __future__ import annotations

import pandas as pd

from acuomics.mechanisms.verdicts.vocabulary import NOT_TESTABLE, SCORED_ROLES, VERDICTS

#: Claims about frameworks, technologies and the like belong to no mechanism, and are counted all the same.
NO_MECHANISM = "no_mechanism"

SUMMARY_COLUMNS = ("mechanism_id", "n_claims", "n_rows", *VERDICTS, NOT_TESTABLE, "circular", "contrast_silent")


def summarise(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Count the verdicts of each mechanism.

    Parameters
    ----------
    verdicts : DataFrame
        A verdict table. A claim of several mechanisms that has no gene counts for each of them.

    Returns
    -------
    DataFrame
        `SUMMARY_COLUMNS`, a row a mechanism: `n_claims` distinct claims and `n_rows` rows (claim x contrast x gene);
        rows by verdict, over the contrasts that speak to EA and without circular claims; `circular` rows;
        `contrast_silent` rows, of contrasts that do not speak to EA. The last twelve counts add up to `n_rows`.
    """
    rows = verdicts[["claim_id", "mechanism_id", "verdict", "contrast_role", "circular"]].copy()
    rows["mechanism_id"] = rows["mechanism_id"].replace("", NO_MECHANISM).str.split("|")
    rows = rows.explode("mechanism_id")
    word = rows["verdict"].str.partition(":")[0]
    word = word.mask(rows["circular"].astype(bool), "circular")
    rows["word"] = word.mask(~rows["contrast_role"].isin(SCORED_ROLES), "contrast_silent")
    groups = rows.groupby("mechanism_id", sort=True)
    counts = pd.crosstab(rows["mechanism_id"], rows["word"]).reindex(columns=list(SUMMARY_COLUMNS[3:]), fill_value=0)
    table = pd.DataFrame({"n_claims": groups["claim_id"].nunique(), "n_rows": groups.size()})
    result: pd.DataFrame = table.join(counts).reset_index()[list(SUMMARY_COLUMNS)]
    return result
