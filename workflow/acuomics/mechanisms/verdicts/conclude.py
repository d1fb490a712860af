"""From p values to verdicts: one family for all tests of a run, or of several studies together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acuomics.de.kernels.filtering import adjust_bh
from acuomics.inputs.words import some
from acuomics.mechanisms.verdicts.conflicts import set_agreement
from acuomics.mechanisms.verdicts.vocabulary import FAMILIES, VERDICT_COLUMNS, Settings

Floats = NDArray[np.float64]

#: What makes two rows the same test. A gene that several claims share is tested once and has several labels:
#: counted several times, its p value would lend rank to the others.
TEST_KEY = ("study", "contrast", "feature", "test", "claimed_direction")
#: The same for tests that do not ask what was claimed: a change either way, and equivalence.
FEATURE_KEY = ("study", "contrast", "feature")


def conclude(rows: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Give q values, verdicts and reasons to all rows that have a test.

    Within each family (claims with a sign or of absence; conflicted and two-sided claims; claims that come from the
    study itself) the Benjamini-Hochberg rate is taken over all tests of `rows`, each counted once. So is, apart from
    it, the rate of contradictions (the one-sided test in the other direction; for a claim of absence the two-sided
    test) and that of equivalence.

    Parameters
    ----------
    rows : DataFrame
        Verdict tables of `judge_claims`, of one study or of several stacked: with several, the family is that of
        all studies. Verdicts that are there already are made anew.

    Returns
    -------
    DataFrame
        `VERDICT_COLUMNS`, in the order of `rows`.
    """
    rows = rows.reset_index(drop=True).copy()
    test = rows["test"].to_numpy()
    one_sided, equivalence, two_sided = (test == name for name in ("one_sided", "equivalence", "two_sided"))
    p = {name: rows[name].to_numpy(dtype=np.float64) for name in rows.columns if name.startswith("p_")}
    missing = np.full(len(rows), np.nan)
    p_one, p_opposite, p_two = p["p_one_sided"], p["p_opposite"], p["p_two_sided"]
    kinds = [one_sided, equivalence, two_sided]
    rows["q_family"] = _adjust_families(rows, np.select(kinds, [p_one, p["p_equivalence"], p_two], missing))
    # The rate of a contradiction is the rate that the claim would have had, had all claims been made the other way
    # round; a claim of absence is contradicted by a change either way.
    turned = _adjust_families(rows, np.select(kinds, [p_opposite, p["p_equivalence"], missing], missing))
    rows["q_opposite"] = np.select(
        [one_sided, equivalence], [turned, _adjust_families(rows, p_two, FEATURE_KEY)], missing
    )
    rows["q_equivalence"] = np.where(equivalence, np.nan, _adjust_families(rows, p["p_equivalence"], FEATURE_KEY))
    open_ = (rows["family"] != "").to_numpy()
    result = _results(rows, settings)
    rows["claim_result"] = np.where(open_, result, rows["verdict"])
    conflicted = open_ & (rows["conflict_with"] != "").to_numpy() & (result != "no_power")
    rows["verdict"] = np.where(conflicted, "conflicted_claim", rows["claim_result"])
    rows["agrees_with"], rows["disagrees_with"] = set_agreement(rows)
    rows["reason"] = [
        _explain(row, settings) if is_open else row.reason
        for row, is_open in zip(rows.itertuples(index=False), open_, strict=True)
    ]
    return rows[list(VERDICT_COLUMNS)]


def _adjust_families(rows: pd.DataFrame, p: Floats, key: tuple[str, ...] = TEST_KEY) -> Floats:
    """Benjamini-Hochberg within each family over its distinct tests."""
    q = np.full(p.shape, np.nan)
    number = rows.groupby(list(key), sort=False, dropna=False).ngroup().to_numpy()
    for family in FAMILIES:
        at = np.flatnonzero((rows["family"] == family).to_numpy() & ~np.isnan(p))
        _, first, back = np.unique(number[at], return_index=True, return_inverse=True)
        q[at] = adjust_bh(p[at][first])[back]
    return q


def _results(rows: pd.DataFrame, settings: Settings) -> NDArray[np.object_]:
    """The result of each test; rows without one get a word that nobody reads."""
    rate = settings.rate
    absence = (rows["test"] == "equivalence").to_numpy()
    two_sided = (rows["test"] == "two_sided").to_numpy()
    shown = (rows["q_family"] < rate).to_numpy()
    rules = [
        (shown & ~absence & ~two_sided, "concordant"),
        (shown & two_sided, "two_sided_change"),
        (shown & absence, "no_change_supported"),
        ((rows["q_opposite"] < rate).to_numpy(), "discordant"),
        ((rows["q_equivalence"] < rate).to_numpy(), "no_change_supported"),
        (~(rows["detectable_log2fc"] <= settings.detectable_bound).to_numpy(), "no_power"),
    ]
    chosen: NDArray[np.object_] = np.select(
        [rule for rule, _ in rules], [word for _, word in rules], default="inconclusive"
    ).astype(object)
    return chosen


_CLAIMED = {
    "up": "the claim says that it rises",
    "down": "the claim says that it falls",
    "absence": "the claim is one of absence",
    "two_sided": "the claim names a change without a direction",
    "conditional": "the claim's direction depends on conditions that it names, so only a change as such is tested",
}


def _explain(row: Any, settings: Settings) -> str:
    """Say in a sentence what was claimed, what was seen, and what follows."""
    percent = f"{100 * settings.confidence:g} %"
    seen = f"log2FC {row.log2fc:+.2f}, {percent} interval {row.ci_low:+.2f} to {row.ci_high:+.2f}"
    moved = "rose" if row.log2fc > 0 else "fell"
    family = f"{row.family} family" if row.family != "claims" else "family of all claims"
    bound = f"{settings.equivalence_bound:g}"
    q, result = row.q_family, row.claim_result
    claimed = _CLAIMED[row.claimed_direction]
    if result == "concordant":
        text = f"{row.symbol} {moved} as claimed ({seen}; q {q:.2g} in the {family})"
    elif result == "discordant":
        text = f"{row.symbol} {moved}, while {claimed} ({seen}; q of the contradiction {row.q_opposite:.2g})"
    elif result == "two_sided_change":
        text = f"{row.symbol} {moved} ({seen}; q {q:.2g} in the {family}); {claimed}"
    elif result == "no_change_supported":
        value = q if row.test == "equivalence" else row.q_equivalence
        text = f"a change of {row.symbol} beyond {bound} log2 is ruled out ({seen}; q of equivalence {value:.2g})"
        text += f"; {claimed}"
    elif result == "no_power":
        text = (
            f"{row.symbol} was not found to change ({seen}), but only |log2FC| of {row.detectable_log2fc:.2f} or more "
            f"would have been found with {100 * settings.power:g} % power (declared bound "
            f"{settings.detectable_bound:g}): this is no evidence against {_against(row)}"
        )
    else:
        text = (
            f"{row.symbol}: {seen} shows neither what was claimed nor its contrary, nor that the change is "
            f"smaller than {bound} log2; {claimed}"
        )
    if row.conflict_with:
        others = some(row.conflict_with.split(", "), 6)
        text += f"; conflicted ({row.conflict_group.replace('|', ', ')}) with {others}: kept apart, no vote"
    if row.circular:
        text += "; circular: the claim comes from this study, and does not count"
    return text


def _against(row: Any) -> str:
    return "a change" if row.test == "equivalence" else "the claim"
