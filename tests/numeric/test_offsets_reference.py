"""The model with a factor for every sample and gene, against R DESeq2 1.38.3 with ``normalizationFactors``.

Two frozen studies with large made-up factors (tests/fixtures/deseq2/make_offsets.R; one has outliers that are
replaced), and the whole way from tximport's tables (tests/fixtures/tximport, `model.tsv.gz`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from acuomics.de.model import NegativeBinomialFit, fit_negative_binomial
from acuomics.de.offsets import length_offsets
from acuomics.de.study import analyse_study
from acuomics.de.transform import variance_stabilised
from acuomics.de.wald import adjust, wald_test
from acuomics.designs import build_design, contrast_vector, samples_of
from acuomics.problems import InputError
from tests.conftest import REPO

DESEQ2, TXIMPORT = REPO / "tests" / "fixtures" / "deseq2", REPO / "tests" / "fixtures" / "tximport"
#: Features whose IRLS does not settle, as in test_deseq2_reference.py: R stops short of the maximum.
FLAT = {"2arms_n8": set(), "3arms_n6_b2": {"g0007", "g0008", "g0010", "g0029"}}


def factors_of(shape: tuple[int, int]) -> np.ndarray:
    """The factors of make_offsets.R, shape (samples, features)."""
    i, j = np.arange(1, shape[0] + 1)[:, None], np.arange(1, shape[1] + 1)[None, :]
    return (0.7 + 0.05 * i) * np.exp(0.4 * np.sin(1.7 * j + 2.3 * i))


def relative(ours: np.ndarray, theirs: pd.Series) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.abs(ours / theirs.to_numpy() - 1.0)


@pytest.fixture(scope="module", params=sorted(FLAT))
def case(request):
    name = request.param
    counts = pd.read_csv(DESEQ2 / f"{name}.counts.tsv.gz", sep="\t", index_col=0)
    sheet = pd.read_csv(DESEQ2 / f"{name}.samples.tsv", sep="\t", dtype=str)
    samples = sheet.to_dict("records")
    design = build_design("~ batch + condition" if sheet["batch"].nunique() > 1 else "~ condition", samples)
    levels = sorted(sheet["condition"].unique())
    contrast = {"contrast": "c", "factor": "condition", "numerator": levels[-1], "denominator": levels[0]}
    matrix = counts.T.to_numpy()
    fit = fit_negative_binomial(matrix, factors_of(matrix.shape), design.matrix)
    test = wald_test(fit, contrast_vector(design, contrast), samples_of(contrast, samples))
    reference = pd.read_csv(DESEQ2 / f"{name}.offsets.tsv.gz", sep="\t", index_col=0)
    return name, counts, fit, test, reference


def test_dispersions_equal_r(case):
    _, _, fit, _, reference = case
    assert isinstance(fit, NegativeBinomialFit)
    for ours, name in ((fit.genewise, "genewise"), (fit.fitted, "fitted"), (fit.dispersions, "dispersion")):
        # Of features that were outliers only nothing is left; R shows the values from before they were replaced.
        assert (np.isnan(ours) == (reference[name].isna() | fit.emptied)).all()
        assert np.nanmax(relative(ours, reference[name])) < 1e-8, name
    assert np.nanmax(relative(fit.base_mean, reference["baseMean"])) < 1e-12


def test_contrasts_equal_r(case):
    name, counts, fit, test, reference = case
    loose = counts.index.isin(FLAT[name])
    assert (np.isnan(test.p) == reference["pvalue"].isna()).all()
    adjusted = adjust(fit, test, 0.05)
    assert (np.isnan(adjusted.q) == reference["padj"].isna()).all()
    assert ((adjusted.q < 0.05) == (reference["padj"] < 0.05)).all()
    error = np.abs(test.log2fc - reference["log2FoldChange"].to_numpy())
    assert np.nanmax(error[~loose]) < 1e-4 and np.nanquantile(error[~loose], 0.98) < 1e-9
    assert np.nanquantile(relative(test.log2fc_se, reference["lfcSE"])[~loose], 0.999) < 1e-6
    assert np.nanquantile(np.abs(test.p - reference["pvalue"].to_numpy())[~loose], 0.98) < 1e-8


def test_transformed_counts_equal_r(case):
    name, _, fit, _, reference = case
    if name == "2arms_n8":  # R's picture is of the counts as they were; ours leaves the replaced outliers out
        ours = variance_stabilised(fit)[0]
        kept = reference["stabilised"].notna().to_numpy() & (np.abs(ours - reference["stabilised"]) < 0.5)
        assert kept.mean() > 0.97
        np.testing.assert_allclose(ours[kept], reference["stabilised"][kept], atol=1e-6)


def test_factors_that_are_one_a_sample_change_nothing(case):
    _, counts, _, _, _ = case
    matrix, sizes = counts.T.to_numpy(), np.linspace(0.6, 1.7, counts.shape[1])
    design = np.column_stack([np.ones(len(sizes)), np.arange(len(sizes)) % 2])
    one = fit_negative_binomial(matrix, sizes, design)
    many = fit_negative_binomial(matrix, np.repeat(sizes[:, None], len(counts), axis=1), design)
    for name in ("base_mean", "genewise", "dispersions", "beta", "covariance"):
        np.testing.assert_allclose(getattr(one, name), getattr(many, name), rtol=1e-7, err_msg=name)


@pytest.fixture(scope="module")
def study():
    """Record, counts and lengths of the study of the fixture `tximport`, as `intake` leaves them."""
    table = pd.read_csv(TXIMPORT / "reference.tsv.gz", sep="\t")
    parts = {what: part.set_index("gene").drop(columns="what") for what, part in table.groupby("what")}
    samples = [{"sample": f"s{i}", "condition": "ab"[i // 3]} for i in range(6)]
    contrast = {"contrast": "b_vs_a", "factor": "condition", "numerator": "b", "denominator": "a", "covariates": []}
    record = {"study": "x", "design": "~ condition", "samples": samples, "contrasts": [contrast | {"role": "model"}]}
    counts, lengths = (parts[x].rename_axis("feature").reset_index() for x in ("counts", "lengths"))
    return record, counts.round().astype({f"s{i}": "int64" for i in range(6)}), lengths


def test_the_way_from_tximport_to_results_equals_r(study):
    record, counts, lengths = study
    options = {"engine": "deseq2", "rate": 0.05, "power": 0.8}
    result = analyse_study(record, counts, [None] * len(counts), lengths=lengths, **options)
    ours = result.tables["b_vs_a"].set_index("feature")
    r = pd.read_csv(TXIMPORT / "model.tsv.gz", sep="\t", index_col=0)
    # Genes with counts in one sample only: the likelihood is flat and R's search stops short; errors and p agree.
    flat = (counts.set_index("feature") > 0).sum(axis=1) == 1
    pairs = {"base_mean": "baseMean", "log2fc": "log2FoldChange", "log2fc_se": "lfcSE", "p": "pvalue"}
    for name, theirs in pairs.items():
        assert (ours[name].isna() == r[theirs].isna()).all()
        error = np.abs(ours[name] - r[theirs]) / np.maximum(np.abs(r[theirs]), 1e-3)
        # One search that ends a step apart moves all features by some 1e-6, through the trend of only 110 of them.
        assert error[~flat].max() < 1e-4 and error[~flat].quantile(0.98) < 5e-6, (name, error[~flat].nlargest(4))
        assert error[flat].max() < (0.1 if name == "log2fc" else 5e-6), (name, error[flat])
    dispersions = result.dispersions.set_index("feature")
    assert np.nanmax(relative(dispersions["genewise"].to_numpy(), r["genewise"])) < 5e-6
    assert np.nanmax(relative(dispersions["final"].to_numpy(), r["dispersion"])) < 1e-5
    assert result.fit["offsets"] == "gene_lengths"
    assert list(result.fit["size_factors"]) == [f"s{i}" for i in range(6)]
    # Without the lengths the answer is another one.
    plain = analyse_study(record, counts, [None] * len(counts), **options)
    assert "offsets" not in plain.fit
    assert (plain.tables["b_vs_a"].set_index("feature")["log2fc"] - ours["log2fc"]).abs().max() > 0.05


def test_a_longer_isoform_is_no_change_of_expression():
    """Counts that follow the length: seen without lengths, gone with them."""
    rng = np.random.default_rng(4)
    length = np.full((8, 300), 1000.0)
    length[4:, :30] = 2000.0
    counts = rng.negative_binomial(20, 20 / (20 + 200 * length / 1000))
    design = np.column_stack([np.ones(8), np.repeat([0, 1], 4)])
    flat = wald_test(fit_negative_binomial(counts, np.ones(8), design), np.array([0.0, 1.0]), np.ones(8, dtype=bool))
    offsets = length_offsets(counts.astype(float), length)
    fit = fit_negative_binomial(counts, offsets.factors, design)
    told = wald_test(fit, np.array([0.0, 1.0]), np.ones(8, dtype=bool))
    assert np.mean(flat.log2fc[:30]) == pytest.approx(1.0, abs=0.1) and (flat.p[:30] < 0.01).mean() > 0.9
    assert np.mean(told.log2fc[:30]) == pytest.approx(0.0, abs=0.1) and (told.p[:30] < 0.01).mean() < 0.1


def test_pydeseq2_refuses_lengths(study):
    record, counts, lengths = study
    with pytest.raises(InputError, match=r"(?s)takes no gene lengths.*engine deseq2"):
        analyse_study(record, counts, [None] * len(counts), lengths=lengths, engine="pydeseq2", rate=0.05, power=0.8)
