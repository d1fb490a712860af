"""The set tests hold their level and have power: a short version of the benchmark ``settests``."""

import numpy as np
import pytest

from tests.benchmark.settests import rejections


@pytest.mark.parametrize(("rho", "signed"), [(0.0, False), (0.2, True)])
def test_level(rho, signed):
    """400 data sets: fry at its level, camera not above, and the gene-permuting test far off where genes correlate."""
    fry, camera, permuting = rejections(400, rho, 0.0, signed=signed, as_counts=False, seed=1)
    error = np.sqrt(0.05 * 0.95 / 400)
    assert 0.03 - error < fry < 0.08 + error
    assert camera < 0.06 + error
    assert (permuting > 0.25) == (rho > 0.0)


def test_level_with_precision_weights():
    fry, camera, permuting = rejections(150, 0.1, 0.0, signed=False, as_counts=True, seed=1)
    error = np.sqrt(0.05 * 0.95 / 150)
    assert 0.03 - error < fry < 0.08 + error
    assert camera < 0.06 + error
    assert permuting > 0.1


def test_power():
    fry, camera, _ = rejections(100, 0.0, 1.0, signed=True, as_counts=False, seed=1)
    assert fry > 0.9
    assert camera > 0.85
