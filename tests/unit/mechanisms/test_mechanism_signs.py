"""Reading what the claims expect."""

import pytest

from acuomics.mechanisms.signs import DOWN, UP, ascii_sign, of_transcript, read_direction, read_sign


@pytest.mark.parametrize(
    ("cell", "status", "sign"),
    [
        ("+", "agreed", "up"),
        ("-", "agreed", "down"),
        ("\N{MINUS SIGN}", "agreed", "down"),
        ("-", "level-dependent", "down"),
        ("+", "conflict", "conflicted"),
        ("conflict(-|+)", "conflict", "conflicted"),
        ("- (ext + as effector)", "conflict", "conflicted"),
        (".", "conflict", "none"),
        (".", "agreed", "none"),
        ("none", "no_sign_in_seed", "none"),
        ("+ (100 Hz; ext 0 at 2 Hz)", "conditional:frequency", "conditional"),
        ("0 (claimed absence)", "conditional:frequency", "absence"),
        ("two-sided", "no_sign_in_seed", "two_sided"),
        ("- (phospho)", "grammatical ambiguity", "none"),
        ("+ (circuit)", "agreed", "none"),
        ("ext -", "level-dependent", "none"),
        ("see extended assertions", "extended", "none"),
        ("+", "hypothesis", "none"),
        ("GABA neurons -, glutamate neurons + (emended)", "seed_error", "none"),
    ],
)
def test_signs(cell, status, sign):
    expected = read_sign(cell, status)
    assert expected is not None
    assert expected.sign == sign
    # A sign that is not scored always has its reason, one that is scored has none.
    assert bool(expected.reason) == (sign not in ("up", "down"))


def test_unknown_sign_is_not_guessed():
    assert read_sign("mostly up", "agreed") is None


def test_sign_of_transcript():
    assert of_transcript(UP, "1") == UP
    assert of_transcript(UP, "-1") == DOWN
    assert of_transcript(DOWN, "-1") == UP
    assert of_transcript(DOWN, "0").sign == "none"


@pytest.mark.parametrize(
    ("printed", "sign"),
    [
        ("+", "+"),
        ("\N{FULLWIDTH PLUS SIGN}", "+"),
        ("0", "0"),
        ("-", "-"),
        ("\N{MINUS SIGN}", "-"),
        ("\N{EN DASH}", "-"),
        (" \N{MINUS SIGN} ", "-"),
        ("", None),
        ("?", None),
        ("+-", None),
        ("\N{PLUS-MINUS SIGN}", None),
        ("o", None),
    ],
)
def test_printed_signs(printed, sign):
    assert ascii_sign(printed) == sign


def test_direction_of_a_claim():
    assert (read_direction("+"), read_direction("-")) == (UP, DOWN)
    assert read_direction("two_sided").sign == "two_sided"
    assert read_direction("0").sign == "absence"
    assert read_direction("na").reason.startswith("no_claim")
