"""Reading what the claims expect, and of which levels they speak."""

from pathlib import Path

import pandas as pd
import pytest

from acuomics.mechanisms.signs import (
    BRAIN,
    DOWN,
    UP,
    level_of_site,
    levels_of_assertion,
    of_transcript,
    read_sign,
)

LEVELS = pd.read_csv(
    Path(__file__).parents[3] / "resources" / "mechanisms" / "levels.tsv",
    sep="\t",
    dtype=str,
    keep_default_na=False,
)


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
    ("words", "sites", "expected"),
    [
        ("spinal", "UBERON:0002240", {"spinal"}),
        ("spinal|peripheral", "UBERON:0002256|UBERON:0000044", {"spinal", "DRG"}),
        ("peripheral", "", {"DRG", "pain_site"}),
        ("peripheral", "UBERON:0002097", {"pain_site"}),
        ("supraspinal", "UBERON:0000955", set(BRAIN)),
        ("supraspinal_nucleus", "UBERON:0001898|UBERON:0000007", {"hypothalamus_pituitary"}),
        ("supraspinal_nucleus", "UBERON:0003040|UBERON:0002240", {"brainstem"}),
        ("network", "UBERON:0002240", set()),
        ("behaviour", "", set()),
    ],
)
def test_levels_of_assertion(words, sites, expected):
    assert levels_of_assertion(words, sites, LEVELS) == expected


def test_level_of_site():
    assert level_of_site("spinal dorsal horn (UBERON:0002256)", LEVELS) == {"spinal"}
    assert level_of_site("DRG", LEVELS) == {"DRG"}
    assert level_of_site("", LEVELS) == set()
