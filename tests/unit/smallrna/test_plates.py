"""License plates equal those that mirtop makes."""

from __future__ import annotations

import random

import numpy as np
import pytest

from acuomics.smallrna.inserts import pack
from acuomics.smallrna.plates import plates


def test_plates_are_those_of_mirtop():
    convert = pytest.importorskip("mirtop.mirna.mintplates", reason="mirtop is not installed").convert
    draw = random.Random(1)
    texts = ["".join(draw.choices("ACGT", k=n)) for n in range(1, 32) for _ in range(50)]
    found = plates(np.array([pack(text) for text in texts], dtype=np.uint64))
    assert found == [convert(text, True, "iso") for text in texts]
    assert len(set(found)) == len(set(texts))
