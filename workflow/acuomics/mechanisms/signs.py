"""What the curated claims expect at a tissue level: signs as the tables and the sources write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

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

# Dashes that print uses as a minus sign.
MINUS = dict.fromkeys(map(ord, "\N{MINUS SIGN}\N{EN DASH}\N{HYPHEN}\N{NON-BREAKING HYPHEN}"), "-")

# Signs that hold at the level they stand under; any other status makes a sign less than unambiguous.
SETTLED = ("agreed", "level-dependent")


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


def read_direction(direction: str) -> Expectation:
    """Read the `direction` of a claim about one gene product or microRNA."""
    return {
        "+": UP,
        "-": DOWN,
        "0": Expectation("absence", "absence: a claim of no effect; only a test of equivalence can bear on it"),
        "two_sided": Expectation("two_sided", "two_sided: the claims name a change without a direction"),
        "conditional": Expectation("conditional", "conditional: the direction depends on what the claim's note says"),
    }.get(direction, Expectation("none", "no_claim: the entry is context, no claim is made about it"))


def ascii_sign(text: str) -> str | None:
    """Read a sign as print has it: ``+``, ``-`` or ``0``, or None for anything else.

    Sources print a minus as U+2212, and nothing but an explicit map makes a hyphen of it: without one every
    negative of a table vanishes unseen.
    """
    plain = unicodedata.normalize("NFKC", text).strip().translate(MINUS)
    return plain if plain in ("+", "-", "0") else None
