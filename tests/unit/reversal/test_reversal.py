"""The reversal test, its intervals, classes and permutations: against definitions, simulation and counting."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from acuomics.reversal import permutation
from acuomics.reversal.classes import classify
from acuomics.reversal.iut import aggravation_test, reversal_test
from acuomics.reversal.pair import reversal_table
from acuomics.reversal.permutation import (
    all_calls,
    count_calls,
    count_labelings,
    permutation_null,
    refit_pair,
    relabelings,
    strata_of,
)
from acuomics.reversal.restoration import equivalence_p, restoration


def test_p_is_the_definition():
    z1, z2 = np.random.default_rng(1).normal(0, 2, (2, 200))
    up1, up2 = stats.norm.sf(z1), stats.norm.sf(z2)
    down1, down2 = stats.norm.cdf(z1), stats.norm.cdf(z2)
    expected = np.minimum(1, 2 * np.minimum(np.maximum(up1, down2), np.maximum(down1, up2)))
    valid = np.ones(200, dtype=bool)
    np.testing.assert_allclose(reversal_test(z1, z2, valid).p, expected)
    np.testing.assert_allclose(aggravation_test(z1, -z2, valid).p, expected)


def test_level_holds_with_a_shared_arm():
    """No effect anywhere, and a large model effect with no treatment effect: the boundary."""
    rng = np.random.default_rng(2)
    control, model, treated = rng.normal(0, 1 / np.sqrt(2), (3, 200_000))
    valid = np.ones(200_000, dtype=bool)
    nothing = reversal_test(model - control, treated - model, valid).p
    assert np.mean(nothing < 0.05) < 0.05
    boundary = reversal_test(model - control + 8.0, treated - model, valid).p
    # One direction is settled by the model effect, and p is doubled for the choice of it: half the level.
    assert 0.024 < np.mean(boundary < 0.05) < 0.0265
    # The habit of the field on the same data: opposite signs and both nominally significant.
    venn = (np.abs(model - control) > 1.96) & (np.abs(treated - model) > 1.96)
    assert np.mean(((model - control) * (treated - model))[venn] < 0) > 0.9


def test_missing_contrasts_are_no_tests():
    test = reversal_test(np.array([5.0, 5.0]), np.array([-5.0, -5.0]), np.array([True, False]))
    assert np.isnan(test.p[1]) and np.isnan(test.q[1]) and test.q[0] == test.p[0]


def test_fieller_interval_covers_the_true_fraction():
    rng = np.random.default_rng(3)
    covariance = np.array([[0.09, -0.05], [-0.05, 0.1]])
    truth = 0.6
    d = rng.multivariate_normal([2.0, -truth * 2.0], covariance, 40_000)
    result = restoration(d[:, 0], d[:, 1], 0.09, 0.1, -0.05, 0.05)
    bounded = np.isfinite(result.low)
    assert bounded.mean() > 0.99
    covered = (result.low <= truth) & (truth <= result.high)
    assert 0.943 < covered[bounded].mean() < 0.957


def test_fieller_endpoints_solve_the_equation_and_unclear_effects_have_none():
    d1, d2, v1, v2, c = 2.0, -1.0, 0.04, 0.05, -0.02
    r = restoration(np.array([d1]), np.array([d2]), np.array([v1]), np.array([v2]), np.array([c]), 0.05)
    for end in (r.low[0], r.high[0]):
        z = (d2 + end * d1) / np.sqrt(v2 + 2 * end * c + end**2 * v1)
        assert abs(z) == pytest.approx(stats.norm.ppf(0.975))
    unclear = restoration(np.array([0.3]), np.array([d2]), np.array([v1]), np.array([v2]), np.array([c]), 0.05)
    assert np.isnan(unclear.fraction[0]) and np.isnan(unclear.low[0])


def test_equivalence_is_two_one_sided_tests():
    assert equivalence_p(np.array([0.0]), np.array([0.1]), 0.585)[0] == pytest.approx(stats.norm.sf(5.85))
    assert equivalence_p(np.array([0.585]), np.array([0.1]), 0.585)[0] == pytest.approx(0.5)
    assert equivalence_p(np.array([0.0]), np.array([5.0]), 0.585)[0] > 0.4  # not knowing is not equivalence


def row(**changes):
    base = {
        "p_reversal": 0.5, "reversed": False, "aggravated": False, "q_model": 0.001, "at_control": False,
        "restoration_low": 0.2, "restoration_high": 0.6, "p_treatment_equivalence": 0.9,
    }  # fmt: skip
    return {**base, **changes}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"reversed": True, "at_control": True, "restoration_low": 0.7, "restoration_high": 1.2}, "full"),
        ({"reversed": True, "at_control": True}, "partial"),
        ({"reversed": True, "at_control": True, "restoration_low": 0.1, "restoration_high": 1.4}, "inconclusive"),
        ({"reversed": True, "restoration_low": np.nan, "restoration_high": np.nan}, "inconclusive"),
        ({"reversed": True}, "partial"),
        ({"reversed": True, "restoration_low": 1.3, "restoration_high": 2.0}, "overcorrected"),
        ({"reversed": True, "restoration_low": 0.7, "restoration_high": 1.4}, "inconclusive"),
        ({"aggravated": True}, "aggravated"),
        ({"p_treatment_equivalence": 0.001, "restoration_low": -0.2, "restoration_high": 0.3}, "none_supported"),
        ({"p_treatment_equivalence": 0.001}, "inconclusive"),  # up to 0.6 may have been undone
        ({"p_treatment_equivalence": 0.001, "restoration_high": 0.3, "q_model": 0.5}, "inconclusive"),
        ({}, "inconclusive"),
        ({"p_reversal": np.nan, "at_control": True}, "inconclusive"),
    ],
)
def test_classes(changes, expected):
    classes, reasons = classify(pd.DataFrame([row(**changes)]), 0.05, 0.05, 0.585)
    assert classes == [expected] and reasons[0]


def measured(d1, d2, se=0.03, n=200):
    """The class of one feature measured so among `n - 1` that do nothing."""

    def table(first, error):
        log2fc = np.r_[first, np.zeros(n - 1)]
        p = 2 * stats.norm.sf(np.abs(log2fc / error))
        base = {"feature": np.arange(n), "symbol": "", "log2fc": log2fc, "log2fc_se": error, "stat": log2fc / error}
        return pd.DataFrame({**base, "p": p, "q": np.minimum(p * n, 1.0)})

    covariance = np.full(n, -0.5 * se**2)
    result = reversal_table(table(d1, se), table(d2, se), covariance, rate=0.05, alpha=0.05, bound=0.585)
    return result.loc[0, "class"]


@pytest.mark.parametrize(
    ("d1", "d2", "expected"),
    [
        (2.0, -2.0, "full"),
        (0.5, -0.5, "full"),
        (0.6, -0.3, "partial"),  # half undone, though the rest is below the bound
        (0.4, -0.15, "partial"),
        (0.2, -0.6, "overcorrected"),
        (2.0, -3.0, "overcorrected"),
        (2.0, 0.5, "aggravated"),
        (2.0, 0.02, "none_supported"),
        (0.25, 0.0, "none_supported"),
        (0.25, -0.09, "inconclusive"),
        (0.02, 0.5, "inconclusive"),
    ],
)
def test_classes_from_measurements(d1, d2, expected):
    assert measured(d1, d2) == expected


def test_small_model_effects_are_not_called_untouched_when_treatment_may_have_undone_them():
    assert measured(0.4, -0.3, se=0.09) == "inconclusive"


def samples(n, batches=1):
    return [
        {"sample": f"{a}{k}", "condition": a, "batch": f"b{k % batches}"} for a in ("c", "m", "t") for k in range(n)
    ]


def test_three_against_three_has_twenty_labelings_and_all_are_used():
    s = samples(3)
    strata = strata_of(s, "~ condition", "condition", ("m", "t"))
    assert count_labelings(s, strata, "condition", "t") == 20
    drawn = list(relabelings(s, strata, "condition", ("m", "t"), 50, 1))
    assert len(drawn) == 19
    labels = {tuple(x["condition"] for x in d) for d in drawn}
    assert len(labels) == 19 and tuple(x["condition"] for x in s) not in labels
    assert all(d[:3] == s[:3] for d in drawn)  # controls keep their labels


def test_labels_move_only_within_a_batch():
    s = samples(4, batches=2)
    strata = strata_of(s, "~ batch + condition", "condition", ("m", "t"))
    assert count_labelings(s, strata, "condition", "t") == 36
    for drawn in itertools.islice(relabelings(s, strata, "condition", ("m", "t"), 10, 1), 10):
        for batch in ("b0", "b1"):
            inside = [x["condition"] for x in drawn if x["batch"] == batch and x["condition"] != "c"]
            assert sorted(inside) == ["m", "m", "t", "t"]


def test_random_draws_are_distinct_and_repeat_with_the_seed():
    s = samples(6)
    strata = strata_of(s, "~ condition", "condition", ("m", "t"))

    def draw(seed):
        return [tuple(x["condition"] for x in d) for d in relabelings(s, strata, "condition", ("m", "t"), 20, seed)]

    assert len(set(draw(1))) == 20
    assert draw(1) == draw(1) != draw(2)


def test_labels_of_an_interaction_move_in_their_cells_only():
    s = [{"sample": f"{a}{sex}{k}", "condition": a, "sex": sex} for a in "cmt" for sex in ("f", "m") for k in range(3)]
    factor, levels = "condition:sex", ("m:f", "t:f")
    strata = strata_of(s, "~ condition * sex", factor, levels)
    assert count_labelings(s, strata, factor, "t:f") == 20
    for drawn in relabelings(s, strata, factor, levels, 50, 1):
        assert all(
            new == old for new, old in zip(drawn, s, strict=True) if old["sex"] == "m" or old["condition"] == "c"
        )
        assert sorted(x["condition"] for x in drawn if x["sex"] == "f") == sorted("cccmmmttt")


def two_by_two(rng, n=4, n_genes=120):
    """Counts of a 2 x 2 study: RTX moves the first 30 genes, and EA brings the first 15 of them back."""
    cells = [(t, m) for m in ("control", "RTX") for t in ("none", "EA")]
    samples = [{"sample": f"{t}{m}{k}", "treatment": t, "model": m} for t, m in cells for k in range(n)]
    mean = np.exp(rng.normal(5, 0.5, n_genes))
    effect = np.zeros((len(samples), n_genes))
    for i, sample in enumerate(samples):
        if sample["model"] == "RTX":
            effect[i, :30] = 2.0
            if sample["treatment"] == "EA":
                effect[i, :15] = 0.0
    mu = mean * np.exp2(effect)
    contrast = {"factor": "treatment:model", "covariates": []}
    contrasts = [
        {**contrast, "contrast": "m", "numerator": "none:RTX", "denominator": "none:control", "role": "model"},
        {**contrast, "contrast": "t", "numerator": "EA:RTX", "denominator": "none:RTX", "role": "treatment"},
    ]
    size = 1.0 / (0.02 + 1.0 / mean)
    record = {"study": "x", "design": "~ treatment * model", "samples": samples, "contrasts": contrasts}
    return record, rng.poisson(rng.gamma(size, mu / size)).astype(float)


def test_reversal_in_a_two_by_two_study_against_its_permutation_null():
    record, counts = two_by_two(np.random.default_rng(8))
    pair = {
        "pair": "m__t", "model": "m", "treatment": "t", "factor": "treatment:model",
        "control_level": "none:control", "model_level": "none:RTX", "treated_level": "EA:RTX",
    }  # fmt: skip
    null = permutation_null(record, pair, counts, np.ones(16), draws=10, rate=0.05, seed=1)
    assert 12 <= null.observed <= 18
    assert null.distinct == 70 and len(null.draws) == 10 and not null.exhaustive
    assert max(draw.reversed for draw in null.draws) < null.observed
    assert null.p == null.smallest_p == pytest.approx(1 / 11)


def test_mirrored_labelings_share_a_fit_and_keep_their_own_calls(monkeypatch):
    rng = np.random.default_rng(8)
    samples = [{"sample": f"{a}{k}", "condition": a} for a in ("control", "model", "EA") for k in range(3)]
    counts = rng.poisson(rng.gamma(8.0, np.exp(rng.normal(5, 1, 300)) / 8.0, (9, 300))).astype(float)
    counts[3:6, :60] *= 6
    pairs = (("m", "model", "control"), ("t", "EA", "model"))
    record = {
        "design": "~ condition",
        "samples": samples,
        "contrasts": [
            {"contrast": c, "factor": "condition", "numerator": t, "denominator": d, "role": r}
            for (c, t, d), r in zip(pairs, ("model", "treatment"), strict=True)
        ],
    }
    pair = {"model": "m", "treatment": "t"}
    strata = strata_of(samples, "~ condition", "condition", ("model", "EA"))
    labelings = list(relabelings(samples, strata, "condition", ("model", "EA"), 20, 1))
    assert len(labelings) == 19
    alone = [count_calls(*refit_pair(record, pair, labels, counts, np.ones(9)), 0.05) for labels in labelings]
    fits = []
    fit = permutation.fit_negative_binomial
    monkeypatch.setattr(permutation, "fit_negative_binomial", lambda *given: fits.append(1) or fit(*given))
    together = all_calls(record, pair, labelings, counts, np.ones(9), 0.05)
    assert len(fits) == 10  # twenty labelings in pairs; of the true labels' pair one is left
    assert [(c.reversed, c.venn, c.venn_lfc1) for c in together] == [(c.reversed, c.venn, c.venn_lfc1) for c in alone]
    assert len({c.venn for c in together}) > 3
