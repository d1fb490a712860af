"""A whole study from one fit: contrasts that agree with each other, with PyDESeq2, and with what was planted."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydeseq2.ds import DeseqStats
from scipy import stats

from acuomics.de.engines import fit_with_engine
from acuomics.de.library import rules_data_set
from acuomics.de.study import analyse_study
from acuomics.de.wald import detectable_log2fc, expected_by_chance
from acuomics.designs import design_of

ARMS = ["control", "RTX", "EA"]


def contrast(name, top, bottom, role):
    arms = {"numerator": top, "denominator": bottom}
    return {"contrast": name, "factor": "condition", **arms, "covariates": [], "role": role}


@pytest.fixture(scope="module")
def study():
    rng = np.random.default_rng(11)
    n_genes = 400
    mean = np.exp(rng.normal(5, 1, n_genes))
    effect = np.zeros((3, n_genes))
    effect[1, :40] = effect[2, :40] = rng.choice([-1.5, 1.5], 40)
    effect[2, :20] = 0.0
    mu = mean * np.exp2(np.repeat(effect, 5, axis=0)) * np.exp(rng.normal(0, 0.2, 15))[:, None]
    size = 1.0 / (0.05 + 3.0 / mean)
    counts = rng.poisson(rng.gamma(size, mu / size))
    counts[:, -1] = 0
    samples = [{"sample": f"{a}{k}", "condition": a} for a in ARMS for k in range(5)]
    frame = pd.DataFrame(counts.T, columns=[s["sample"] for s in samples])
    frame.insert(0, "feature", [f"g{k:03d}" for k in range(n_genes)])
    record = {
        "study": "toy",
        "design": "~ condition",
        "samples": samples,
        "contrasts": [
            contrast("model", "RTX", "control", "model"),
            contrast("treatment", "EA", "RTX", "treatment"),
            contrast("residual", "EA", "control", "residual"),
        ],
    }
    return record, frame


@pytest.fixture(scope="module")
def result(study):
    record, frame = study
    return analyse_study(record, frame, [None] * len(frame), engine="deseq2", rate=0.05, power=0.8)


def test_planted_effects_are_found_in_size_and_sign(result):
    model = result.tables["model"]
    assert (model["q"][:40] < 0.05).mean() > 0.9
    assert np.median(np.abs(model["log2fc"][:40])) == pytest.approx(1.5, abs=0.15)
    assert (result.tables["treatment"]["log2fc"][:20] * model["log2fc"][:20] < 0).all()


def test_contrasts_add_up_and_covariances_agree(result):
    t = result.tables
    added = t["model"]["log2fc"] + t["treatment"]["log2fc"]
    np.testing.assert_allclose(added[:-1], t["residual"]["log2fc"][:-1], atol=1e-9)
    c = result.covariance
    np.testing.assert_allclose(np.sqrt(c["cov__model__model"]), t["model"]["log2fc_se"], rtol=1e-9)
    variance = c["cov__model__model"] + c["cov__treatment__treatment"] + 2 * c["cov__model__treatment"]
    np.testing.assert_allclose(np.sqrt(variance), t["residual"]["log2fc_se"], rtol=1e-6)
    correlation = c["cov__model__treatment"] / (t["model"]["log2fc_se"] * t["treatment"]["log2fc_se"])
    assert np.nanmedian(correlation) == pytest.approx(-0.5, abs=0.05)  # the shared arm


def test_swapping_levels_negates_everything_signed(study, result):
    record, frame = study
    swapped = {**record, "contrasts": [contrast("model", "control", "RTX", "model"), *record["contrasts"][1:]]}
    other = analyse_study(swapped, frame, [None] * len(frame), engine="deseq2", rate=0.05, power=0.8).tables["model"]
    ours = result.tables["model"]
    for column in ("log2fc", "stat"):
        np.testing.assert_allclose(other[column][:-1], -ours[column][:-1], rtol=1e-4, atol=1e-5)
    # apeglm's weak normal prior lies on the other coefficients, which depend on the reference: hence the 0.01.
    np.testing.assert_allclose(other["log2fc_shrunk"][:-1], -ours["log2fc_shrunk"][:-1], atol=0.01)
    np.testing.assert_allclose(other["p"][:-1], ours["p"][:-1], rtol=1e-4)


def test_shrunken_never_points_the_other_way_and_stays_apart_from_the_estimate(result):
    for table in result.tables.values():
        live = table["status"] != "all_zero"
        assert (table["log2fc"] * table["log2fc_shrunk"])[live].min() >= 0
        assert (table["log2fc_shrunk"].abs() < table["log2fc"].abs())[live].mean() > 0.95


def test_pydeseq2_reads_the_data_set_and_gives_the_same_wald_test(study, result):
    record, frame = study
    design = design_of(record)
    counts = frame.set_index("feature").T
    data = rules_data_set(counts, design)
    data.deseq2()
    theirs = DeseqStats(
        data, contrast=np.array([0.0, *design.row({"condition": "RTX"})[1:]]), quiet=True, inference=data.inference
    )
    theirs.summary()
    ours = result.tables["model"].set_index("feature")
    np.testing.assert_allclose(theirs.results_df["log2FoldChange"], ours["log2fc"], rtol=1e-9)
    np.testing.assert_allclose(theirs.results_df["lfcSE"], ours["log2fc_se"], rtol=1e-5)
    np.testing.assert_allclose(theirs.results_df["pvalue"], ours["p"], rtol=1e-4)


def test_pydeseq2_engine_agrees_in_the_main(study, result):
    record, frame = study
    fit = fit_with_engine(frame.set_index("feature").T, design_of(record), "pydeseq2")
    table = analyse_study(record, frame, [None] * len(frame), engine="pydeseq2", rate=0.05, power=0.8).tables["model"]
    ours = result.tables["model"]
    assert fit.trend.kind == "parametric"
    np.testing.assert_allclose(table["log2fc"][:-1], ours["log2fc"][:-1], atol=0.01)
    assert ((table["q"] < 0.05) != (ours["q"] < 0.05)).sum() <= 2
    with pytest.raises(ValueError, match="edger"):
        fit_with_engine(frame.set_index("feature").T, design_of(record), "edger")


def test_summary_counts_the_table(result):
    for _, row in result.summary.iterrows():
        table = result.tables[row["contrast"]]
        assert row["n_tested"] == table["p"].notna().sum() == 399
        assert row["n_q"] == (table["q"] < 0.05).sum() == row["n_q_up"] + row["n_q_down"]
        assert row["n_p05"] == (table["p"] < 0.05).sum()
        assert row["expected_p05"] == pytest.approx(0.05 * 399)
        assert (row["n_numerator"], row["n_denominator"]) == (5, 5)


def test_detectable_fold_change_has_the_power_it_says():
    se, p = np.array([0.3]), 0.002
    effect = detectable_log2fc(se, p, 0.8)[0]
    cut = stats.norm.isf(p / 2)
    assert stats.norm.sf(cut - effect / 0.3) == pytest.approx(0.8)


def test_expected_by_chance_is_what_a_null_gives():
    rng = np.random.default_rng(4)
    se = rng.uniform(0.1, 1.0, 50_000)
    estimate = rng.normal(0, se)
    p = 2 * stats.norm.sf(np.abs(estimate / se))
    found = np.count_nonzero((p < 0.05) & (np.abs(estimate) >= 1))
    assert expected_by_chance(se, np.ones(50_000, dtype=bool), 0.05, 1.0) == pytest.approx(found, rel=0.1)
    assert expected_by_chance(se, np.ones(50_000, dtype=bool), 0.05, 0.0) == pytest.approx(2500)


def test_both_engines_know_features_whose_only_counts_were_outliers():
    rng = np.random.default_rng(3)
    samples = [{"sample": f"{a}{k}", "condition": a} for a in ARMS for k in range(8)]
    counts = rng.poisson(rng.gamma(5.0, np.exp(rng.normal(5, 1, 60)) / 5.0, (24, 60)))
    counts[:, :5] = 0
    counts[3, :5] = 500
    names = [s["sample"] for s in samples]
    wide = pd.DataFrame(counts, index=names, columns=[f"g{k}" for k in range(60)])
    record = {
        "study": "x",
        "design": "~ condition",
        "samples": samples,
        "contrasts": [contrast("m", "RTX", "control", "model")],
    }
    long = wide.T.reset_index(names="feature")
    for engine in ("deseq2", "pydeseq2"):
        table = analyse_study(record, long, [None] * 60, engine=engine, rate=0.05, power=0.8).tables["m"]
        emptied = table.iloc[:5]
        assert (emptied["p"] == 1.0).all() and (emptied["log2fc"] == 0.0).all()
        # Nothing is known of them: no standard error, no detectable effect.
        assert emptied[["log2fc_se", "detectable_log2fc"]].isna().all(axis=None)


def test_the_fit_imports_nothing_that_it_does_not_use():
    """Imports of PyDESeq2 and what comes with it take longer than the fit."""
    unused = ["pydeseq2", "anndata", "matplotlib", "sklearn", "scipy.stats", "scipy.optimize", "scipy.sparse", "numba"]
    code = f"import sys, acuomics.de.study, acuomics.de.write; print([n for n in {unused} if n in sys.modules])"
    library = Path(__file__).resolve().parents[3] / "workflow"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(library)},
    )
    assert done.stdout.strip() == "[]"
