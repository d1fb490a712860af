"""What the map of mechanisms says of each curated mechanism at each level: its verdict, direction and reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from acuomics.mechanisms.curated import CuratedSet
from acuomics.mechanisms.verdicts.vocabulary import NOT_TESTABLE, SCORED_ROLES

MIXED, NO_DATA = "mixed", "no_data"
#: The first of these words that any gene of a mechanism has is the word of its mark; ``concordant`` beside
#: ``discordant`` is ``mixed``. The last two are no verdicts: they are drawn in outline.
ORDER = (
    MIXED,
    "concordant",
    "discordant",
    "no_change_supported",
    "two_sided_change",
    "conflicted_claim",
    "inconclusive",
    "no_power",
    "not_expressed",
    NO_DATA,
    NOT_TESTABLE,
)
#: Arrows of the claimed directions, in the order of a mark that has several.
ARROWS: Mapping[str, str] = {"+": "↑", "-": "↓", "0": "=", "two_sided": "↕", "conditional": "↕", "na": ""}
ARROW_WORDS: Mapping[str, str] = {
    "↑": "claimed to rise",
    "↓": "claimed to fall",
    "=": "claimed not to change",
    "↕": "claimed to change, either way or by condition",
    "±": "claims contradict each other",
    "": "no direction claimed",
}
TESTABLE = ("direct", "weak")


@dataclass(frozen=True)
class State:
    """A mechanism at a level.

    Attributes
    ----------
    word : str
        One of `ORDER`.
    arrow : str
        The claimed direction, a key of `ARROW_WORDS`.
    n_claims, n_testable : int
        Claims of the mechanism at this level, and those that a transcript can speak to.
    studies : tuple of str
        Studies of this level that have a verdict, sorted.
    counts : mapping of str to int
        Verdict to number of tested rows (claim x gene x contrast).
    """

    word: str
    arrow: str
    n_claims: int
    n_testable: int
    studies: tuple[str, ...]
    counts: Mapping[str, int]


def mechanism_states(
    curated: CuratedSet, verdicts: pd.DataFrame | None, study_levels: Mapping[str, str], studies: Collection[str]
) -> dict[tuple[str, str], State]:
    """Sum up every mechanism at every level where a claim is made about it.

    Parameters
    ----------
    curated : CuratedSet
    verdicts : DataFrame or None
        ``results/mechanisms/verdicts.tsv``.
    study_levels : mapping of str to str
        Study to the level of its tissue: only studies of a level speak of that level.
    studies : collection of str
        The studies that count; simulated and real ones are not to be mixed.

    Returns
    -------
    dict
        (level, mechanism) to its state, in the order of the curated tables. Circular rows do not count.
    """
    found = _rows_by_place(verdicts, study_levels, studies)
    claims: dict[tuple[str, str], list[tuple[str, bool]]] = {}
    for row in curated.claims.to_dict("records"):
        testable = str(row["testability"]) in TESTABLE
        for level in str(row["level"]).split("|"):
            for mechanism in filter(None, str(row["mechanism_id"]).split("|")):
                claims.setdefault((level, mechanism), []).append((str(row["direction"]), testable))
    order = {
        name: i
        for i, name in enumerate([*curated.levels["level"], *curated.mechanisms["mechanism_id"]])
    }  # fmt: skip
    states = {}
    for place in sorted(claims, key=lambda key: (order.get(key[0], len(order)), order.get(key[1], len(order)), key)):
        rows = found.get(place, [])
        n_testable = sum(testable for _, testable in claims[place])
        counts = Counter(word for _, word in rows)
        states[place] = State(
            word=_word(counts, n_testable),
            arrow=_arrow({direction for direction, _ in claims[place]}),
            n_claims=len(claims[place]),
            n_testable=n_testable,
            studies=tuple(sorted({study for study, _ in rows})),
            counts={word: counts[word] for word in ORDER if word in counts},
        )
    return states


def _rows_by_place(
    verdicts: pd.DataFrame | None, study_levels: Mapping[str, str], studies: Collection[str]
) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """(level, mechanism) to (study, verdict) of the rows that count."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    if verdicts is None or len(verdicts) == 0:
        return found
    circular = verdicts["circular"].astype(str).str.lower().isin(("true", "1"))
    here = verdicts[verdicts["study"].isin(list(studies)) & verdicts["contrast_role"].isin(SCORED_ROLES) & ~circular]
    columns = (here[name].astype(str) for name in ("study", "mechanism_id", "level", "verdict"))
    for study, mechanisms, levels, verdict in zip(*columns, strict=True):
        level, word = study_levels.get(study, ""), verdict.partition(":")[0]
        if word not in ORDER or level not in levels.split("|"):
            continue
        for mechanism in filter(None, mechanisms.split("|")):
            found.setdefault((level, mechanism), []).append((study, word))
    return found


def _word(counts: Mapping[str, int], n_testable: int) -> str:
    """The word of a mark."""
    if counts.get("concordant") and counts.get("discordant"):
        return MIXED
    tested = [word for word in ORDER if counts.get(word) and word != NOT_TESTABLE]
    if tested:
        return tested[0]
    # Where a claim is testable, but not in the tissue of any study (its soma is elsewhere), that is the reason.
    if counts.get(NOT_TESTABLE) or n_testable == 0:
        return NOT_TESTABLE
    return NO_DATA


def _arrow(directions: Collection[str]) -> str:
    """The claimed direction of a mechanism at a level, over its claims."""
    arrows = {ARROWS.get(direction, "") for direction in directions} - {""}
    firm = arrows - {"↕"}
    if len(firm) > 1:
        return "±"
    return next(iter(firm or arrows), "")
