"""What counts look like: no false alarm on honest matrices, and the limits of each rule."""

from __future__ import annotations

import numpy as np
import pytest

from acuomics.inputs.features import date_like
from acuomics.inputs.values import doubts, normalised, whole_numbers


@pytest.fixture
def counts() -> np.ndarray:
    """Negative binomial counts, 3000 genes x 6 libraries of uneven size."""
    rng = np.random.default_rng(1)
    mean = rng.lognormal(4, 2, (3000, 1)) * rng.uniform(0.7, 1.4, 6)
    return rng.negative_binomial(5, 5 / (5 + mean)).astype(float)


def test_counts_and_estimated_counts_pass(counts):
    assert normalised(counts, counts) is None
    rng = np.random.default_rng(2)
    # RSEM: a third of the genes share reads.
    shared = counts + np.where(rng.random((3000, 1)) < 0.33, rng.random((3000, 6)), 0) * (counts > 0)
    assert normalised(shared, shared) is None
    assert doubts(shared) == []


def test_shallow_libraries_pass(counts):
    few = np.rint(counts / counts.sum() * 6 * 5e4)
    assert normalised(few, few) is None


@pytest.mark.parametrize("total", [1e6, 4.2e7])
def test_equal_library_sizes_are_scaling(counts, total):
    scaled = counts / counts.sum(axis=0) * total
    assert "library sizes" in (normalised(np.rint(scaled), np.rint(scaled)) or "")
    assert "library sizes" in (normalised(scaled, scaled) or "") or total == 1e6
    # Two libraries may be equal by chance of rounding; three are not.
    assert normalised(np.rint(scaled)[:, :2], np.rint(scaled)[:, :2]) is None


def test_scaling_is_seen_before_rows_were_dropped(counts):
    scaled = np.rint(counts / counts.sum(axis=0) * 1e6)
    assert normalised(scaled[::2], scaled[::2]) is None
    assert "scaled" in (normalised(scaled[::2], scaled) or "")


def test_adjusted_fractions_raise_a_doubt(counts):
    factors = counts.sum(axis=0).mean() / counts.sum(axis=0)
    adjusted = counts * factors * np.random.default_rng(3).uniform(0.98, 1.02, 6)
    assert normalised(adjusted, adjusted) is None
    assert "look adjusted after counting" in doubts(adjusted)[0]
    assert doubts(counts) == []


def test_halves_go_to_the_even_number():
    assert whole_numbers(np.array([0.5, 1.5, 2.5, 2.4999, 2.5001])).tolist() == [0, 2, 2, 2, 3]


def test_genes_that_are_no_dates():
    names = ["SEPT2", "MARCH1", "DEC1", "Mar-a", "1-8D", "HLA-A", "H2-K1", "2-PDE", "Nov", "7SK", "1433", "1-May"]
    assert date_like(names, symbols=True) == [11]
