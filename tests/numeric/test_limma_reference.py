"""Against limma 3.54 on frozen tables (tests/fixtures/limma; its scripts made both sides)."""

import numpy as np
import pandas as pd
import pytest

from acuomics.designs import build_design, contrast_vector
from acuomics.linear_model import contrast_effects, moderated_t
from acuomics.mechanisms.settests.camera import camera, camera_input
from acuomics.mechanisms.settests.fry import fry, standardise
from tests.limma import CASES, FIXTURES, LimmaCase, disagreement


@pytest.fixture(scope="module", params=CASES)
def case(request):
    return LimmaCase(request.param)


def test_everything_agrees_with_limma(case):
    worst = disagreement(case)
    assert set(worst) >= {
        "log_cpm",
        "weights",
        "t",
        "p",
        "s2_post",
        "df_prior",
        "fry",
        "fry_mixed",
        "camera",
        "correlation",
    }
    assert {key: value for key, value in worst.items() if value > 1e-6} == {}


def test_expressed_genes_are_those_of_edger(case):
    assert (case.expressed == case.keep).all()
    assert case.keep.any()


def test_the_fixtures_hold_what_they_are_for():
    """Infinite and finite prior; weighted contrasts of three arms and with a batch that are compared, not skipped."""
    scalars = {name: LimmaCase(name).limma_scalars for name in CASES}
    assert np.isinf(scalars["2arms_n4_even"]["df_prior"]).all()
    assert np.isfinite(scalars["3arms_n3"]["df_prior"]).all()
    for name in ("3arms_n3_mixed", "3arms_n4_b2"):
        assert scalars[name].loc["voom.c_vs_b", "coherent"]
    assert not scalars["3arms_n3"].loc["voom.c_vs_b", "coherent"]


def test_a_weighted_contrast_does_not_hang_on_the_reference_level():
    """Where limma's residual axes are not coherent, its p changes several-fold with the parametrisation; not ours."""
    c = LimmaCase("3arms_n3")
    samples = pd.read_csv(FIXTURES / "3arms_n3.samples.tsv", sep="\t", dtype=str).to_dict("records")
    contrast = {"contrast": "c_vs_b", "factor": "condition", "numerator": "c", "denominator": "b"}
    p, correlation = [], []
    for reference in "abc":
        design = build_design("~ condition", samples, {"condition": reference})
        fit = contrast_effects(c.voom.log_cpm, design.matrix, contrast_vector(design, contrast), c.voom.weights)
        tests = moderated_t(fit)
        standardised, genes = standardise(fit, tests.prior), camera_input(fit, tests)
        large = [of_set for of_set in c.sets().values() if of_set[0].size >= 5]
        p.append([fry(standardised, *of_set).p for of_set in large])
        correlation.append([camera(genes, *of_set).correlation for of_set in large])
    assert np.ptp(np.log(p), axis=0).max() < np.log(1.3)
    assert np.ptp(correlation, axis=0).max() < 0.03
    # limma, with the first level as reference, as against its own answer without an intercept (0.00044).
    theirs = c.limma_sets.set_index(["tag", "set"]).loc[("voom.c_vs_b", "twenty_signed"), "p"]
    ours = p[0][[name for name, of_set in c.sets().items() if of_set[0].size >= 5].index("twenty_signed")]
    assert theirs / ours > 1.5
