"""What the curated claims expect at a tissue level, and whether they speak of that level at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

BRAIN = ("brainstem", "hypothalamus_pituitary", "limbic_reward", "cortex", "thalamus")

# The column of mechanisms.tsv that holds the sign for a tissue level; none for blood, as levels.tsv says.
SIGN_COLUMN_OF_LEVEL: Mapping[str, str] = {
    "spinal": "sign_spinal",
    "DRG": "sign_DRG_or_pain_site",
    "pain_site": "sign_DRG_or_pain_site",
    "acupoint": "sign_acupoint",
    **dict.fromkeys(BRAIN, "sign_supraspinal"),
}

SIGN_COLUMNS = tuple(dict.fromkeys(SIGN_COLUMN_OF_LEVEL.values()))

# The words in which assertions.tsv names levels, and the tissue levels they cover. Words for circuits,
# stimuli and behaviour cover none.
LEVELS_OF_WORD: Mapping[str, tuple[str, ...]] = {
    "spinal": ("spinal",),
    "supraspinal": BRAIN,
    "supraspinal_nucleus": BRAIN,
    "central": ("spinal", *BRAIN),
    "peripheral": ("DRG", "pain_site"),
    "afferent_fibre": ("DRG",),
    "acupoint": ("acupoint",),
}

# These words mean one site, which the ontology ids beside them name, rather than all they cover.
WORDS_OF_ONE_SITE = ("supraspinal_nucleus", "peripheral")

# Signs that hold at the level they stand under; any other status makes a sign less than unambiguous.
SETTLED = ("agreed", "level-dependent")

SOMA_LEVELS = ("DRG", "spinal")

# Human symbols of genes transcribed in raphe and locus coeruleus only: in libraries of cord and ganglia their
# reads are noise (curation of the set, section 2).
SOMA_ELSEWHERE = ("TPH2", "SLC6A4", "DBH", "SLC6A2")


class Expectation(NamedTuple):
    """What a claim expects of an abundance under acupuncture.

    `sign` is ``up``, ``down``, ``conflicted``, ``conditional``, ``two_sided``, ``absence`` or ``none``;
    `reason` says why it is neither up nor down, and is empty when it is one of these.
    """

    sign: str
    reason: str


UP, DOWN = Expectation("up", ""), Expectation("down", "")


def read_sign(cell: str, status: str) -> Expectation | None:
    """Read a sign cell of mechanisms.tsv together with the mechanism's `sign_status`.

    Only a bare ``+`` or ``-`` of a mechanism whose claims agree (or depend on the level alone) is a sign.
    Where the claims of a mechanism conflict anywhere, none of its signs is scored: conflicts are kept, not
    voted on.

    Parameters
    ----------
    cell : str
        A cell of one of `SIGN_COLUMNS`.
    status : str
        The `sign_status` of the same row.

    Returns
    -------
    Expectation or None
        None when the cell follows no known pattern.
    """
    # U+2212 is the minus sign of print, and stands in one of the sources.
    text = cell.strip().replace("\N{MINUS SIGN}", "-")
    if text in ("", "none") or text.startswith("."):
        return Expectation("none", "no_claim_at_level: no claim gives a direction at this tissue level")
    if text.startswith("see extended"):
        return Expectation("none", "extended_claims: its signs stand in single claims, not yet normalised")
    if text.startswith("ext "):
        return Expectation("none", "extended_claims: only single claims of the extended tier give a direction")
    signed = text[0] in "+-"
    if text.startswith("conflict") or (signed and status == "conflict"):
        return Expectation("conflicted", "conflicted: the curated claims contradict one another")
    if status.startswith("seed_error"):
        return Expectation("none", "source_error: the source contradicts the paper it cites")
    if text.startswith(("two-sided", "changes")):
        return Expectation("two_sided", "two_sided: the claims name a change without a direction")
    if text.startswith("0"):
        return Expectation("absence", "absence: a claim of no effect; only a test of equivalence can bear on it")
    if text in ("+", "-"):
        if status in SETTLED:
            return UP if text == "+" else DOWN
        return Expectation("none", f"unsettled: the sign is {status}")
    if signed and status.startswith("conditional"):
        return Expectation("conditional", f"conditional: the direction depends on {status.partition(':')[2]}")
    if qualified := re.fullmatch(r"[+-] \(([^)]+)\)", text):
        return Expectation("none", f"other_aspect: the claim is about {qualified[1]}, not abundance")
    return None


def of_transcript(mechanism: Expectation, transcript_sign: str) -> Expectation:
    """Turn the expectation of a mechanism into that of a member's transcript (1, -1, or 0 for no link)."""
    if mechanism.reason:
        return mechanism
    if transcript_sign == "0":
        return Expectation("none", "no_transcript_sign: the claim implies no direction of this transcript")
    return mechanism if transcript_sign == "1" else (DOWN if mechanism is UP else UP)


def levels_of_assertion(words: str, sites: str, levels: pd.DataFrame) -> set[str]:
    """Say of which tissue levels an assertion speaks.

    Parameters
    ----------
    words : str
        Its `level` (``|`` between several).
    sites : str
        Its `site_ontology_ids` (``|`` between several); they narrow a word that means one site.
    levels : pandas.DataFrame
        levels.tsv: ``level, ontology_ids``.

    Returns
    -------
    set of str
        Names of tissue levels; empty for circuits, stimuli, behaviour.
    """
    named = set(sites.split("|"))
    of_sites = {row["level"] for row in levels.to_dict("records") if named & set(row["ontology_ids"].split("|"))}
    found: set[str] = set()
    for word in words.split("|"):
        covered = set(LEVELS_OF_WORD.get(word, ()))
        if word in WORDS_OF_ONE_SITE and covered & of_sites:
            covered &= of_sites
        found |= covered
    return found


def level_of_site(text: str, levels: pd.DataFrame) -> set[str]:
    """Say which tissue levels a free-text site means, by its UBERON ids or, without any, by its name."""
    ids = set(re.findall(r"(?:UBERON|CL):\d{7}", text))
    rows = levels.to_dict("records")
    if ids:
        return {row["level"] for row in rows if ids & set(row["ontology_ids"].split("|"))}
    return {row["level"] for row in rows if row["level"] == text.strip()}


def read_claim_direction(text: str) -> Expectation:
    """Read `claim_direction` of mirnas.tsv (the direction under acupuncture)."""
    if text.startswith("increases"):
        return UP
    if text.startswith("decreases"):
        return DOWN
    if text.startswith("changes"):
        return Expectation("two_sided", "two_sided: the claim names a change without a direction")
    return Expectation("none", "no_claim: the entry is context, no claim is made about it")
