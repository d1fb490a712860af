"""The batched inference against PyDESeq2's own: the same answers, feature by feature."""

import numpy as np
import pandas as pd
import pytest
from pydeseq2.dds import DeseqDataSet
from pydeseq2.default_inference import DefaultInference
from pydeseq2.ds import DeseqStats
from scipy import optimize

from acuomics.de.batched import BatchedInference
from acuomics.de.engines import fit_with_engine
from acuomics.de.kernels.bounded_search import minimise
from acuomics.designs import build_design

ALTERNATIVES = [None, "greaterAbs", "lessAbs", "greater", "less"]


def simulate(seed: int, n_genes: int, n: int, batches: int) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """Counts (samples x genes) of three arms, and the samples; with silent genes, silent arms and wild counts."""
    rng = np.random.default_rng(seed)
    samples = [{"sample": f"{a}{k}", "arm": a, "batch": f"b{k % batches}"} for a in "abc" for k in range(n)]
    arm = np.repeat([0, 1, 2], n)
    mean = np.exp(rng.normal(4, 2, n_genes))
    dispersion = (0.05 + 2.0 / mean) * np.exp(rng.normal(0.0, 0.6, n_genes))
    effect = rng.normal(0.0, 1.0, (3, n_genes)) * (rng.random(n_genes) < 0.3)
    mu = mean * np.exp(effect[arm]) * np.exp(rng.normal(0.0, 0.3, 3 * n))[:, None]
    counts = rng.poisson(rng.gamma(1.0 / dispersion, mu * dispersion))
    counts[:, :3] = 0
    counts[:, 3:5] = 0
    counts[1, 3:5] = [1, 30]
    counts[:, 5:9][arm == 0] = 0
    for g in range(9, 13):
        counts[rng.integers(3 * n), g] = 60 * counts[:, g].mean() + 500
    names = [s["sample"] for s in samples]
    return pd.DataFrame(counts, index=names, columns=[f"g{k}" for k in range(n_genes)]), samples


@pytest.fixture(scope="module", params=[(9, 260, 3, 1), (10, 90, 8, 2)], ids=["9 samples", "24 samples in 2 batches"])
def fits(request):
    """Both inferences' tables of one contrast, and their data sets."""
    seed, n_genes, n, batches = request.param
    counts, samples = simulate(seed, n_genes, n, batches)
    design = build_design("~ batch + arm" if batches > 1 else "~ arm", samples)
    matrix = pd.DataFrame(design.matrix, index=counts.index, columns=list(design.columns))
    tables, data = {}, {}
    for name, inference in (("batched", BatchedInference()), ("default", DefaultInference(n_cpus=1))):
        metadata = pd.DataFrame({"sample": counts.index}, index=counts.index)
        fit = DeseqDataSet(counts=counts, metadata=metadata, design=matrix, quiet=True, inference=inference)
        fit.deseq2()
        contrast = np.eye(design.matrix.shape[1])[-1]
        stats = DeseqStats(fit, contrast=contrast, quiet=True, inference=inference)
        stats.summary()
        table = stats.results_df.copy()
        table["genewise"], table["dispersion"] = fit.var["genewise_dispersions"], fit.var["dispersions"]
        table["converged"] = fit.var["_LFC_converged"].fillna(True).astype(bool)
        stats.lfc_shrink(design.columns[-1])
        table["shrunken"], table["shrunken_se"] = stats.results_df["log2FoldChange"], stats.results_df["lfcSE"]
        tables[name], data[name] = table, fit
    return tables["batched"], tables["default"], data["default"]


def test_estimates_and_missing_pattern_are_pydeseq2s(fits):
    ours, theirs, _ = fits
    assert (ours.isna() == theirs.isna()).all(axis=None)
    assert theirs["pvalue"].isna().sum() >= 3
    # Tiny dispersions end where PyDESeq2's rounding ends; no other figure hangs on them.
    seen = theirs["genewise"] > 1e-5
    np.testing.assert_allclose(ours["genewise"][seen], theirs["genewise"][seen], rtol=1e-4)
    for column in ("dispersion", "log2FoldChange", "lfcSE"):
        np.testing.assert_allclose(ours[column], theirs[column], rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(ours["pvalue"], theirs["pvalue"], rtol=1e-3)
    assert ((ours["padj"] < 0.05) == (theirs["padj"] < 0.05)).all()
    assert (ours["padj"] < 0.05).sum() > 10
    assert (ours["converged"] == theirs["converged"]).all()


def test_shrunken_fold_changes_are_the_modes_pydeseq2_stops_short_of(fits):
    ours, theirs, _ = fits
    error = (ours["shrunken"] - theirs["shrunken"]).abs()
    assert np.nanquantile(error, 0.9) < 1e-3
    relative = (ours["shrunken_se"] / theirs["shrunken_se"] - 1).abs()
    assert np.nanquantile(relative, 0.9) < 1e-3


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_wald_tests_of_every_alternative(fits, alternative):
    _, _, data = fits
    design = data.obsm["design_matrix"].to_numpy()
    beta = data.varm["LFC"].to_numpy()
    mu = data.obs["size_factors"].to_numpy()[:, None] * np.exp(design @ beta.T)
    p = design.shape[1]
    given = (design, data.var["dispersions"].to_numpy(), beta, mu, np.diag(np.repeat(1e-6, p)), np.eye(p)[-1])
    null = 0.0 if alternative is None else 0.4
    for ours, theirs in zip(
        BatchedInference().wald_test(*given, null, alternative),
        DefaultInference(n_cpus=1).wald_test(*given, null, alternative),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-12)


def test_an_unknown_alternative_is_named():
    with pytest.raises(ValueError, match="sideways"):
        one = np.ones((4, 1))
        BatchedInference().wald_test(one, np.ones(1), np.ones((1, 1)), one, np.eye(1), np.ones(1), 0.0, "sideways")


def test_without_replicates_there_is_no_dispersion():
    with pytest.raises(ValueError, match="replicates"):
        BatchedInference().fit_rough_dispersions(np.ones((2, 5)), np.eye(2))


def test_the_search_takes_scipys_steps():
    """Values where L-BFGS-B ends, also short of the minimum, within bounds and at them."""
    rng = np.random.default_rng(4)
    a, b, c = rng.normal(0, 2, 60), rng.uniform(0.1, 20, 60), rng.uniform(-3, 3, 60)

    def curve(g: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        bend = x - a[g]
        return b[g] * np.log(np.cosh(bend)) + np.sin(c[g] * x), b[g] * np.tanh(bend) + c[g] * np.cos(c[g] * x)

    start = rng.uniform(-4, 4, 60)
    found, followed = minimise(curve, start, -2.5, 2.5)
    assert followed.mean() > 0.8
    for g in np.flatnonzero(followed):
        one = np.array([g])
        theirs = optimize.minimize(
            lambda x, one=one: curve(one, x)[0][0],
            start[g : g + 1],
            jac=lambda x, one=one: curve(one, x)[1],
            method="L-BFGS-B",
            bounds=[(-2.5, 2.5)],
        )
        assert found[g] == pytest.approx(theirs.x[0], abs=1e-9)
        assert theirs.success
    assert (np.abs(found) == 2.5).any()


def test_config_chooses_the_inference():
    counts, samples = simulate(3, 40, 3, 1)
    design = build_design("~ arm", samples)
    ours = fit_with_engine(counts, design, "pydeseq2")
    theirs = fit_with_engine(counts, design, "pydeseq2", inference="default")
    np.testing.assert_allclose(ours.beta, theirs.beta, rtol=1e-4, atol=1e-8)
    with pytest.raises(ValueError, match="gpu"):
        fit_with_engine(counts, design, "pydeseq2", inference="gpu")
