"""Which genes and microRNAs the claims expect up or down, by mechanism and tissue level, where they agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from acuomics.mechanisms.curated import CuratedSet, members_of_claims
from acuomics.mechanisms.package import values
from acuomics.mechanisms.signs import SIGN_COLUMN_OF_LEVEL, read_sign

# From best to least; a member that several claims name stands in the best of its tiers.
TIERS = ("seed_named", "seed_direct", "seed_proxy", "extended")

SIGN_OF = {"+": 1, "-": -1, "0": 0}

SIGNED_COLUMNS = ("mechanism_id", "mechanism", "level", "kind", "key", "symbol", "weight", "tier", "claims")


class Signed(NamedTuple):
    """Members with a sign, and the mechanisms and levels that have none.

    `members` has `SIGNED_COLUMNS`, one row a mechanism, level and member, `weight` 1 or -1. `left_out` has one
    mapping a mechanism and level where claims have signs and no sign holds: ``mechanism_id, level, claims, reason``.
    """

    members: pd.DataFrame
    left_out: list[dict[str, Any]]


def signed_members(curated: CuratedSet, taxon: int) -> Signed:
    """Find the members whose direction the claims settle.

    Used are claims that a transcript can speak of (``direct`` or ``weak``) with direction ``+``, ``-`` or ``0``,
    and members whose `direction_rule` is strong or weak. Where such claims about one mechanism and level
    contradict one another, or its sign there depends on a condition (such as the frequency), none of its members
    has a sign: there is no majority vote. Levels of nervous tissue where a gene is not transcribed are left out.

    Parameters
    ----------
    curated : CuratedSet
        The curated set.
    taxon : int
        NCBI taxon.

    Returns
    -------
    Signed
        Sorted by mechanism, level and key.
    """
    nervous = set(curated.levels.loc[curated.levels["nervous"] == "true", "level"])
    tissues = set(curated.levels.loc[curated.levels["kind"] == "tissue", "level"])
    used: dict[str, dict[Any, Any]] = {
        row["claim_id"]: row
        for row in curated.claims.to_dict("records")
        if row["testability"] in ("direct", "weak") and row["direction"] in SIGN_OF
    }
    signs = _signs(used, tissues)
    left_out = _left_out(curated, signs)
    without = {(row["mechanism_id"], row["level"]) for row in left_out}
    names = dict(zip(curated.mechanisms["mechanism_id"], curated.mechanisms["name"], strict=True))
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for link in members_of_claims(curated, taxon).to_dict("records"):
        claim = used.get(link["claim_id"])
        if claim is None or link["direction_rule"] == "none" or link["expected_sign"] == "0":
            continue
        mechanism = link["mechanism_id"] or link["entity_id"]
        for level in (level for level in values(claim["level"]) if level in tissues):
            if link["soma_levels"] and level in nervous and level not in values(link["soma_levels"]):
                continue
            weight = SIGN_OF[claim["direction"]] * int(link["expected_sign"])
            if weight == 0 or (mechanism, level) in without:
                continue
            tier = link["tier"] if claim["tier"] == "seed" else "extended"
            row = found.setdefault(
                (mechanism, level, link["key"]),
                {
                    "mechanism_id": mechanism,
                    "mechanism": names.get(mechanism, link["symbol"]),
                    "level": level,
                    "kind": link["kind"],
                    "key": link["key"],
                    "symbol": link["symbol"],
                    "weight": weight,
                    "tier": tier,
                    "claims": [],
                },
            )
            row["tier"] = min(row["tier"], tier, key=TIERS.index)
            row["claims"].append(link["claim_id"])
    rows = [{**found[key], "claims": "|".join(sorted(set(found[key]["claims"])))} for key in sorted(found)]
    return Signed(pd.DataFrame(rows, columns=list(SIGNED_COLUMNS)), left_out)


def _left_out(curated: CuratedSet, signs: Mapping[tuple[str, str], Mapping[int, list[str]]]) -> list[dict[str, Any]]:
    """List the mechanisms and levels where claims contradict one another or a condition decides."""
    mechanisms = {row["mechanism_id"]: row for row in curated.mechanisms.to_dict("records")}
    found = []
    for (mechanism, level), agreed in sorted(signs.items()):
        row, column = mechanisms[mechanism], SIGN_COLUMN_OF_LEVEL.get(level)
        read = read_sign(row[column], row["sign_status"]) if column else None
        reason = ""
        if len(agreed) > 1:
            reason = "the claims contradict one another"
        elif read is not None and read.sign == "conditional":
            reason = read.reason
        if reason:
            claims = sorted(claim for group in agreed.values() for claim in group)
            found.append({"mechanism_id": mechanism, "level": level, "claims": claims, "reason": reason})
    return found


def _signs(used: Mapping[str, Mapping[Any, Any]], tissues: set[str]) -> dict[tuple[str, str], dict[int, list[str]]]:
    """Give the signs that claims give a mechanism at a level, each with its claims."""
    signs: dict[tuple[str, str], dict[int, list[str]]] = {}
    for claim, row in used.items():
        for mechanism in values(row["mechanism_id"]):
            for level in values(row["level"]):
                if level in tissues:
                    agreed = signs.setdefault((mechanism, level), {})
                    agreed.setdefault(SIGN_OF[row["direction"]], []).append(claim)
    return signs
