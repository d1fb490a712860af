"""What is left of a pool when one study is taken out: for its claims, and for the genes that are shown to change."""

from __future__ import annotations

import numpy as np
import pandas as pd

from acuomics.synthesis.combine import combine, leave_one_out, signs_of
from acuomics.synthesis.pool import Wide, claim_arrays
from acuomics.synthesis.stouffer import two_tails, upper_tail
from acuomics.synthesis.vocabulary import LEAVE_ONE_OUT_COLUMNS, Settings


def left_out_rows(
    effects: pd.DataFrame, claims: pd.DataFrame, pooled: pd.DataFrame, settings: Settings
) -> pd.DataFrame:
    """The answer of one pool without each study in turn, for its claims and for the genes that are shown to change.

    Parameters
    ----------
    effects, claims : DataFrame
        As for `pool_genes` and `pool_claims`.
    pooled : DataFrame
        The rows of this pool, of both units.
    """
    if effects["study"].nunique() < 3:
        return pd.DataFrame(columns=list(LEAVE_ONE_OUT_COLUMNS))
    wide = Wide(effects)
    genes = pooled[(pooled["unit"] == "gene") & (pooled["q_claim"] < settings.rate)]
    at = wide.genes.get_indexer(pd.MultiIndex.from_frame(genes[["identifier_kind", "identifier"]]))
    rows, effect, se = claim_arrays(wide, claims)
    head = pd.concat(
        [genes[["symbol", "identifier"]].assign(unit="gene", claim_id="", direction=""), rows.assign(unit="claim")]
    )
    effect, se = np.vstack([wide.effect[at], effect]), np.vstack([wide.se[at], se])
    sign = signs_of(head["direction"])
    full = combine(effect, se, wide.n, sign, np.full(len(head), "two_sided"), settings)["estimate"].to_numpy()
    parts = []
    for study, found in zip(wide.studies, leave_one_out(effect, se, wide.n, settings), strict=True):
        part = head[["unit", "claim_id", "identifier", "symbol"]].reset_index(drop=True).assign(left_out=study)
        for name in ("k", "estimate", "se", "ci_low", "ci_high", "p", "tau2", "stouffer_z"):
            part[name] = found[name]
        signed = np.where(np.isnan(sign), np.nan, sign) * found["stouffer_z"]
        part["stouffer_p"] = np.where(np.isnan(sign), two_tails(found["stouffer_z"]), upper_tail(signed))
        part["sign_changes"] = np.sign(found["estimate"]) != np.sign(full)
        parts.append(part[~np.isnan(found["estimate"])])
    table = pd.concat(parts, ignore_index=True)
    table["k"] = table["k"].astype(int)
    table["analysis"], table["pool"] = "main", wide.first["pool"]
    order = ["unit", "claim_id", "identifier", "left_out"]
    return table.sort_values(order, kind="stable", ignore_index=True)[list(LEAVE_ONE_OUT_COLUMNS)]
