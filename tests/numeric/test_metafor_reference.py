"""Against R's metafor on frozen tables (tests/fixtures/metafor), and against statsmodels."""

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from acuomics.synthesis.random_effects import random_effects
from tests.metafor import Frozen, disagreement, read, relative

#: What the issue asks for. Measured: 2e-8 (p by REML, whose likelihood is flat at its top), 1e-11 otherwise.
BOUND = 1e-6


@pytest.fixture(scope="module")
def frozen():
    return Frozen()


def test_every_field_agrees_with_metafor(frozen):
    worst = disagreement(frozen)
    assert {
        "PM.knha.estimate",
        "REML.knha.tau2",
        "DL.knha.p",
        "PM.adhoc.prediction_low",
        "PM.knha.tau2_high",
        "stouffer.z",
    } <= set(worst)
    assert {name: value for name, value in worst.items() if value > BOUND} == {}


def test_leaving_one_study_out_agrees_with_metafor(frozen):
    theirs = read("leave_one_out")
    assert len(theirs) > 150
    ours = []
    for gene, study in zip(theirs["gene"], theirs["left_out"], strict=True):
        row = frozen.genes.index(gene)
        kept = np.array([name != study for name in frozen.studies])
        found = random_effects(frozen.effect[[row]][:, kept], frozen.se[[row]][:, kept], tau2="PM").columns()
        ours.append([found[name][0] for name in ("estimate", "se", "ci_low", "ci_high", "p", "tau2")])
    for at, name in enumerate(("estimate", "se", "ci_low", "ci_high", "p", "tau2")):
        scale = 1e-4 if name == "tau2" else theirs["se"].to_numpy() if name != "p" else 0.0
        assert relative(np.array(ours)[:, at], theirs[name].to_numpy(), scale) < BOUND, name


@pytest.mark.parametrize("method,theirs,bound", [("DL", "chi2", 1e-10), ("PM", "iterated", 1e-4)])
def test_statsmodels_says_the_same(frozen, method, theirs, bound):
    """Its Paule-Mandel iteration stops at 1e-5, which is why it cannot meet metafor to 1e-6."""
    ours = frozen.ours(method, "knha").columns()
    # Its DerSimonian-Laird tau2 is not bounded at zero: genes where Q is below K - 1 are no match.
    heterogeneous = np.flatnonzero(ours["heterogeneity_q"] > ours["k"] - 1)
    assert len(heterogeneous) > 100
    for row in heterogeneous[::5]:
        known = ~np.isnan(frozen.effect[row])
        fit = combine_effects(frozen.effect[row][known], frozen.se[row][known] ** 2, method_re=theirs, use_t=True)
        low, high = fit.conf_int(use_t=True)[3]  # random effects, scaled as Hartung and Knapp do
        expected = {"estimate": fit.mean_effect_re, "se": fit.sd_eff_w_re_hksj, "ci_low": low, "ci_high": high}
        for name, value in expected.items():
            assert ours[name][row] == pytest.approx(value, abs=bound * max(fit.sd_eff_w_re_hksj, 0.1)), (row, name)
        assert ours["heterogeneity_q"][row] == pytest.approx(fit.q, rel=1e-10)


def test_missing_studies_are_as_if_they_were_not_there(frozen):
    order = np.random.default_rng(0).permutation(len(frozen.studies))
    straight, turned = frozen.ours("PM"), random_effects(frozen.effect[:, order], frozen.se[:, order], tau2="PM")
    for name, values in straight.columns().items():
        np.testing.assert_allclose(values, turned.columns()[name], rtol=1e-9, atol=1e-12, err_msg=name)
