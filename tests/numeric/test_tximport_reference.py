"""Gene tables and normalisation factors against R's tximport and DESeq2 (tests/fixtures/tximport)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from acuomics.de.offsets import length_offsets
from acuomics.rnaseq.genes import summarise_genes
from tests.conftest import REPO

FOLDER = REPO / "tests" / "fixtures" / "tximport"


@pytest.fixture(scope="module")
def reference():
    table = pd.read_csv(FOLDER / "reference.tsv.gz", sep="\t")
    return {what: part.set_index("gene").drop(columns="what") for what, part in table.groupby("what")}


@pytest.fixture(scope="module")
def ours():
    genes = pd.read_csv(FOLDER / "tx2gene.tsv", sep="\t").set_index("transcript")["gene"]
    names = {
        "target_id": "transcript",
        "eff_length": "effective_length",
        "est_counts": "count",
    }
    samples = {
        path.name.split(".")[0]: pd.read_csv(path, sep="\t").rename(columns=names)
        for path in sorted(FOLDER.glob("*.abundance.tsv.gz"))
    }
    return summarise_genes(samples, genes.to_dict())


@pytest.mark.parametrize("what", ["counts", "lengths", "tpm"])
def test_gene_tables_equal_tximport(ours, reference, what):
    table = getattr(ours, what)
    assert list(table.index) == list(reference[what].index) and list(table.columns) == list(reference[what].columns)
    # R printed 15 digits; sums in another order change the last ones.
    np.testing.assert_allclose(table, reference[what], rtol=1e-12, atol=1e-9)


def test_the_fixture_has_the_rare_cases(reference):
    silent = reference["tpm"] == 0
    assert silent.all(axis=1).sum() >= 5
    assert (silent.any(axis=1) & ~silent.all(axis=1)).sum() >= 10
    assert (reference["lengths"] > 0).all(axis=None)


def normalization_factors(counts: pd.DataFrame, lengths: pd.DataFrame) -> pd.DataFrame:
    """Factors of samples (rows) and features."""
    length = lengths.loc[counts.index, counts.columns].to_numpy(float)
    return pd.DataFrame(length_offsets(counts.to_numpy(float), length).factors, counts.index, counts.columns)


def test_normalisation_factors_equal_deseq2(ours, reference):
    factors = normalization_factors(ours.counts.round().T, ours.lengths.T)
    np.testing.assert_allclose(factors.T, reference["factors"], rtol=1e-12)


def test_lengths_that_are_equal_leave_the_size_factors():
    rng = np.random.default_rng(1)
    counts = pd.DataFrame(rng.poisson([[50], [100], [200]], (3, 400)), index=list("abc")) + 1
    lengths = pd.DataFrame(1000.0, index=counts.index, columns=counts.columns)
    factors = normalization_factors(counts, lengths)
    assert factors.nunique(axis=1).eq(1).all()
    np.testing.assert_allclose(factors[0] / factors.loc["a", 0], [1, 2, 4], rtol=0.03)


def test_a_gene_with_twice_the_length_gets_twice_the_factor():
    counts = pd.DataFrame([[100, 100, 100, 200], [100, 100, 100, 400]], index=["a", "b"])
    lengths = pd.DataFrame([[500.0, 500, 500, 500], [500, 500, 500, 1000]], index=["b", "a"]).loc[["a", "b"]]
    factors = normalization_factors(counts, lengths)
    assert factors.loc["a", 3] / factors.loc["b", 3] == pytest.approx(2 * factors.loc["a", 0] / factors.loc["b", 0])


def test_lengths_that_are_zero_and_genes_without_counts_are_refused():
    counts = pd.DataFrame([[1, 2], [3, 4]])
    with pytest.raises(ValueError, match="not positive"):
        normalization_factors(counts, pd.DataFrame([[1.0, 0], [2, 3]]))
    with pytest.raises(ValueError, match="without a count"):
        normalization_factors(pd.DataFrame([[0, 2], [3, 0]]), pd.DataFrame([[1.0, 1], [1, 1]]))
