"""Claims that contradict one another: kept apart, and told which of them a result agrees with."""

from __future__ import annotations

import pandas as pd

AGREES = ("concordant", "two_sided_change")


def conflicts_of(claims: pd.DataFrame) -> list[str]:
    """For each claim the other claims of its conflict groups with their signs (``A064 (-), B004 (+)``).

    A group of which only one claim is curated has nothing to conflict with, and makes no conflict.
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    for claim, cell, direction in zip(claims["claim_id"], claims["conflict_group"], claims["direction"], strict=True):
        for group in filter(None, cell.split("|")):
            groups.setdefault(group, []).append((claim, direction))
    result = []
    for claim, cell in zip(claims["claim_id"], claims["conflict_group"], strict=True):
        others = {other for group in filter(None, cell.split("|")) for other in groups[group] if other[0] != claim}
        result.append(", ".join(f"{other} ({direction})" for other, direction in sorted(others)))
    return result


def set_agreement(rows: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Claims of the same conflict groups that the change of the same feature agrees and disagrees with.

    Parameters
    ----------
    rows : DataFrame
        ``study, contrast, feature, claim_id, conflict_group, test, claim_result, family``.

    Returns
    -------
    agrees_with, disagrees_with : lists of str
        Claim ids joined by ``|``, the row's own among them; empty where nothing is shown, and outside of conflicts.
    """
    sides: dict[tuple[str, str, str, str], tuple[set[str], set[str]]] = {}
    keys: list[list[tuple[str, str, str, str]]] = []
    columns = ("study", "contrast", "feature", "conflict_group", "conflict_with", "claim_id", "test", "claim_result")
    for study, contrast, feature, groups, others, claim, test, result in zip(*(rows[c] for c in columns), strict=True):
        mine = [(study, contrast, feature, g) for g in groups.split("|") if g] if test and others else []
        keys.append(mine)
        agrees = result in AGREES or (result == "no_change_supported" and test == "equivalence")
        disagrees = result == "discordant" or (result == "no_change_supported" and test != "equivalence")
        for key in mine:
            pair = sides.setdefault(key, (set(), set()))
            if agrees:
                pair[0].add(claim)
            if disagrees:
                pair[1].add(claim)
    joined = [["|".join(sorted(set().union(*(sides[key][k] for key in mine)))) for mine in keys] for k in (0, 1)]
    return joined[0], joined[1]
