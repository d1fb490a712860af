"""License plates equal those that mirtop makes."""

from __future__ import annotations

import random

import pytest

from acuomics.smallrna.plates import plates


def test_plates_are_those_of_mirtop():
    convert = pytest.importorskip("mirtop.mirna.mintplates", reason="mirtop is not installed").convert
    draw = random.Random(1)
    texts = ["".join(draw.choices("ACGT", k=n)) for n in range(1, 41) for _ in range(50)]
    assert plates(texts) == [convert(text, True, "iso") for text in texts]
    assert len(set(plates(texts))) == len(set(texts))


def test_a_letter_that_is_no_base():
    with pytest.raises(KeyError):
        plates(["ACGTNACGT"])
