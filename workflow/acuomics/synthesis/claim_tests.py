"""The tests of curated claims that studies make, and their rates over all pools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from acuomics.mechanisms.verdicts.vocabulary import FAMILIES
from acuomics.synthesis.combine import adjust, conclude, signs_of
from acuomics.synthesis.stouffer import two_tails, upper_tail
from acuomics.synthesis.vocabulary import Settings

CIRCULAR = "circular"
#: The columns of a claim's row, and of the verdict table by which they are told apart.
CLAIM_KEY = ("claim_id", "mechanism_id", "identifier", "direction", "test", "test_family")


def claim_tests(verdicts: pd.DataFrame, taken: Mapping[str, str]) -> pd.DataFrame:
    """The tests of curated claims that the taken contrasts make: a row a claim, gene and study.

    Parameters
    ----------
    verdicts : DataFrame
        ``results/mechanisms/verdicts.tsv``; a row with a `test` has passed every gate (level, species, soma,
        expression).
    taken : mapping
        ``study contrast`` to its pool.

    Returns
    -------
    DataFrame
        ``pool, study, claim_id, mechanism_id, identifier, symbol, direction, test, test_family, circular``.
    """
    place = join_text([verdicts["study"], verdicts["contrast"]])
    table = verdicts.assign(pool=place.map({key.replace(" ", "\x1f"): pool for key, pool in taken.items()}))
    table = table[table["pool"].notna() & (table["test"] != "")].rename(
        columns={"claimed_direction": "direction", "family": "test_family"}
    )
    # A claim that is circular in one study is a claim like others in the rest.
    exploratory = (table["conflict_with"] != "") | (table["test"] == "two_sided")
    circular = (table["test_family"] == CIRCULAR).to_numpy()
    table["test_family"] = np.where(circular, np.where(exploratory, "exploratory", "claims"), table["test_family"])
    table["circular"] = circular
    return table[["pool", "study", *CLAIM_KEY, "symbol", "circular"]].reset_index(drop=True)


def adjust_claims(pooled: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Give q values and conclusions to the rows of claims: one family over all pools, each distinct test once.

    The families are those of the verdict table (claims; conflicted and two-sided ones), apart for simulated and real
    studies and for either analysis. A gene of several claims is one test with several labels.
    """
    pooled = pooled.reset_index(drop=True).copy()
    asked = (pooled["unit"] == "claim").to_numpy()
    test, direction = pooled["test"], pooled["direction"]
    z = pooled["stouffer_z"].to_numpy(dtype=np.float64)
    one_sided, absence = (test == "one_sided").to_numpy(), (test == "equivalence").to_numpy()
    p = {name: pooled[name].to_numpy(dtype=np.float64) for name in ("p_claim", "p", "p_equivalence", "stouffer_p")}
    p["p_opposite"] = np.where(one_sided, upper_tail(-z), np.where(absence, two_tails(z), np.nan))
    # Stouffer of one study is no combination: such rows have no number, and take no part.
    gene = [pooled["pool"], pooled["identifier"], pooled["studies"]]
    keyed = pd.DataFrame({"at": np.arange(len(pooled)), "test": test, "way": direction, "gene": join_text(gene)})
    for family in pooled.loc[asked, "family"].unique():
        for analysis in pooled.loc[asked, "analysis"].unique():
            for kind in FAMILIES:
                here = asked & (pooled["family"] == family) & (pooled["analysis"] == analysis)
                at = keyed[(here & (pooled["test_family"] == kind)).to_numpy()]
                if at.empty:
                    continue
                own, any_way = at["gene"] + "\x1f" + at["test"] + at["way"], at["gene"]
                for target, source, key in (
                    ("q_claim", "p_claim", own),
                    ("q_opposite", "p_opposite", own),
                    ("q", "p", any_way),
                    ("stouffer_q", "stouffer_p", own),
                    ("q_equivalence", "p_equivalence", any_way),
                ):
                    first = ~key.duplicated()
                    values = adjust(p[source][at["at"][first]])
                    pooled.loc[at["at"], target] = key.map(dict(zip(key[first], values, strict=True))).to_numpy()
    words = pooled["conclusion"].to_numpy(dtype=object)
    words[asked] = conclude(pooled[asked], signs_of(direction[asked]), settings)
    pooled["conclusion"] = words
    return pooled


def join_text(columns: Sequence[pd.Series[Any]]) -> pd.Series[Any]:
    """One text a row that tells rows apart."""
    joined = columns[0].astype(str)
    for column in columns[1:]:
        joined = joined + "\x1f" + column.astype(str)
    return joined
