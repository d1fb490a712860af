"""Claims about features: planted truth, null data, and when each word is given."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from acuomics.catalogue.claims import KINDS
from acuomics.claims.judge import judge_published
from acuomics.claims.power import detectable_of, power_of
from acuomics.claims.vocabulary import FEATURE_KINDS, NOT_TESTED, VERDICT_COLUMNS, VERDICTS
from acuomics.reversal.restoration import equivalence_p
from tests.claims import SUMMARY, claim, drawn, features, mimat, record, table


def judge(estimates, *claims, **changes):
    """Verdicts on claims, by their names, of a study with one table."""
    found = judge_published(
        record(*claims, **changes),
        features=features(len(estimates)),
        tables={"ea_vs_rtx": estimates},
        summary=SUMMARY,
    )
    assert list(found.columns) == list(VERDICT_COLUMNS)
    assert (found["reason"].str.len() > 15).all()
    return found.set_index("claim")


def test_planted_effects_are_reproduced_and_wrong_signs_contradicted():
    truth = np.zeros(500)
    truth[:40], truth[40:80] = 2.0, -2.0
    right = [claim(f"r{i}", i, "up" if i < 40 else "down") for i in range(80)]
    found = judge(drawn(truth, 0.3, 1), *right)
    assert (found["verdict"] == "reproduced").mean() > 0.98
    wrong = [claim(f"w{i}", i, "down" if i < 40 else "up") for i in range(80)]
    assert (judge(drawn(truth, 0.3, 1), *wrong)["verdict"] == "contradicted").mean() > 0.98


def test_null_claims_are_seldom_reproduced_or_contradicted():
    studies = [judge(drawn(np.zeros(100), 0.3, seed), *[claim(f"c{i}", i) for i in range(12)]) for seed in range(60)]
    any_reproduced = np.mean([(study["verdict"] == "reproduced").any() for study in studies])
    any_contradicted = np.mean([(study["verdict"] == "contradicted").any() for study in studies])
    # At most 0.05 each; two standard errors of 60 studies are 0.06.
    assert any_reproduced <= 0.11
    assert any_contradicted <= 0.11
    # The rate of the weaker word is the one that its reason states.
    assert np.mean([(study["verdict"] == "direction_only").mean() for study in studies]) == pytest.approx(
        0.05, abs=0.025
    )


def test_features_picked_from_null_data_are_not_reproduced_by_those_data():
    """Claims made from the data themselves: a small family of picked features protects nobody."""
    wrong, naive = [], []
    for seed in range(40):
        estimates = drawn(np.zeros(400), 0.3, seed)
        top = estimates["p"].nsmallest(3).index
        picked = [claim(f"c{i}", i, "up" if estimates["log2fc"][i] > 0 else "down") for i in top]
        wrong.append((judge(estimates, *picked, simulated=False)["verdict"] == "reproduced").any())
        naive.append((judge(estimates, *picked)["verdict"] == "reproduced").any())
    assert np.mean(wrong) <= 0.12  # 0.05, and two standard errors
    assert np.mean(naive) > 0.9  # what the rule is for


def test_a_picked_feature_says_so():
    estimates = drawn(np.zeros(400), 0.3, 3)
    at = int(estimates["p"].idxmin())
    estimates.loc[at, ["log2fc", "stat", "p"]] = [0.9, 3.0, 0.0027]
    found = judge(estimates, claim("c1", at), simulated=False).loc["c1"]
    assert found["verdict"] == "direction_only"
    assert found["same_data"]
    assert found["q_claim"] < 0.05 < found["q_genome"]
    assert "picked from all features" in found["reason"]


def test_same_data_is_doubted_away_only_by_another_reference():
    rows = [
        claim("a", 0, source="PMID:1"),
        claim("b", 1, source="PMID:2"),
        claim("c", 2, source="10.1234/other"),
        claim("d", 3),
    ]
    facts = {"identifiers": {"pmid": "1", "doi": None, "accession": ["GSE1"], "pmcid": None}}
    found = judge(drawn(np.full(9, 3.0), 0.3, 1), *rows, simulated=False, facts=facts)
    assert found["same_data"].tolist() == [True, False, True, True]
    assert "no independent evidence" in found.loc["a", "reason"]
    assert "no independent evidence" not in found.loc["b", "reason"]


CASES = [
    (2.0, 0.3, {}, "reproduced", "rose"),
    (-2.0, 0.3, {}, "contradicted", "fell, while a rise is claimed"),
    (0.36, 0.2, {}, "direction_only", "one false claim in twenty"),
    (0.1, 0.2, {}, "inconclusive", "outside its interval"),
    (0.1, 0.3, {"effect_log2fc": "2"}, "contradicted", "as large as the printed +2.00 is excluded"),
    (0.45, 0.3, {"effect_log2fc": "1"}, "underpowered", "as printed"),
    (0.1, 0.3, {}, "underpowered", "no evidence for or against"),
    (1.2, 0.2, {"effect_log2fc": "3"}, "reproduced", "as large as the printed +3.00 is excluded"),
    (2.0, 0.3, {"direction": "changed"}, "reproduced", "a change is claimed"),
    (-2.0, 0.3, {"direction": "both"}, "reproduced", "fell"),
    (0.36, 0.2, {"direction": "changed"}, "inconclusive", "neither shows a change"),
    (0.05, 0.1, {"direction": "none"}, "reproduced", "ruled out"),
    (2.0, 0.2, {"direction": "none"}, "contradicted", "no change is claimed"),
    (0.2, 0.4, {"direction": "none"}, "underpowered", "absence of change"),
    (0.4, 0.12, {"direction": "none"}, "contradicted", "rose"),
]


@pytest.mark.parametrize(("log2fc", "se", "changes", "verdict", "said"), CASES)
def test_words(log2fc, se, changes, verdict, said):
    # Nineteen other claims without an effect make a family in which p < 0.05 alone is not enough.
    others = [claim(f"o{i}", i) for i in range(1, 20)]
    estimates = table([log2fc, *np.linspace(-0.1, 0.1, 19)], [se, *[0.3] * 19])
    found = judge(estimates, claim("c", 0, **changes), *others).loc["c"]
    assert found["verdict"] == verdict, found["reason"]
    assert said in found["reason"]
    assert "3 v 3" in found["reason"]
    assert found["log2fc_low"] == pytest.approx(log2fc - 1.959964 * se, abs=1e-5)


def test_every_word_of_the_vocabulary_is_reached():
    unresolved = judge(table([1.0], 0.3), claim("c", None))["verdict"].iloc[0]
    assert set(VERDICTS) == {unresolved, *(case[3] for case in CASES)}


@pytest.mark.parametrize("test", ["one_sided", "two_sided", "equivalence"])
def test_power_is_the_share_of_repetitions_that_hold(test):
    se, level, bound = 0.3, 0.01, 1.2
    effect = 0.0 if test == "equivalence" else 1.0
    seen = np.random.default_rng(1).normal(effect, se, 40_000)
    p = {
        "one_sided": ndtr(-seen / se),
        "two_sided": 2.0 * ndtr(-np.abs(seen) / se),
        "equivalence": equivalence_p(seen, np.full(seen.size, se), bound),
    }[test]
    assert power_of(test, effect, bound, se, np.nan, level) == pytest.approx(np.mean(p < level), abs=0.01)
    smallest = detectable_of(test, se, np.nan, level, 0.8)
    sizes = (0.0, smallest) if test == "equivalence" else (smallest, bound)
    assert power_of(test, *sizes, se, np.nan, level) == pytest.approx(0.8)


@pytest.mark.parametrize("correlation", [-0.9, -0.5, 0.5])
def test_power_of_a_pair_is_never_overstated(correlation):
    se = np.array([0.3, 0.4])
    covariance = np.array([[1.0, correlation], [correlation, 1.0]]) * np.outer(se, se)
    for effect in (0.8, 1.2, detectable_of("one_sided", *se, 0.01, 0.8)):
        seen = np.random.default_rng(1).multivariate_normal([effect, effect], covariance, 20_000)
        held = (ndtr(-seen / se) < 0.01).all(axis=1).mean()
        stated = power_of("one_sided", effect, 0.5, *se, 0.01)
        assert stated <= held + 0.01
    assert stated >= 0.8 - 1e-9


def test_the_test_of_a_claim_is_made_at_the_stated_power():
    """The threshold behind power and detectable change is that of the family: checked at the detectable change."""
    estimates = table([1.0, *np.full(19, 0.01)], 0.3)
    rows = [claim(f"c{i}", i) for i in range(20)]
    smallest = judge(estimates, *rows).loc["c0", "detectable_log2fc"]
    assert judge(estimates, claim("c0", 0, effect_log2fc=str(smallest)), *rows[1:]).loc["c0", "power"] == pytest.approx(
        0.8
    )
    # One test of twenty holds: its p must be below 0.05 / 20.
    assert smallest == pytest.approx((ndtri(1 - 0.05 / 20) + ndtri(0.8)) * 0.3)
    picked = judge(estimates, *rows, simulated=False).loc["c0", "detectable_log2fc"]
    assert picked >= smallest


def test_a_claim_printed_twice_is_one_test():
    estimates = table([0.5, 0.0, 0.0], 0.3)
    once = judge(estimates, claim("a", 0), claim("x", 1), claim("y", 2)).loc["a"]
    rows = [claim(name, 0) for name in "abcde"]
    twice = judge(estimates, *rows, claim("x", 1), claim("y", 2)).loc["a"]
    assert twice["q_claim"] == once["q_claim"]


def test_order_of_claims_changes_nothing():
    estimates = drawn(np.linspace(-1, 1, 12), 0.3, 5)
    rows = [claim(f"c{i}", i) for i in range(12)]
    assert judge(estimates, *rows).equals(judge(estimates, *reversed(rows)).loc[[row["claim"] for row in rows]])


def test_turning_contrast_and_claim_round_changes_no_verdict():
    estimates = drawn(np.linspace(-2, 2, 30), 0.4, 2)
    turned = estimates.assign(log2fc=-estimates["log2fc"], stat=-estimates["stat"])
    up = judge(estimates, *[claim(f"c{i}", i, "up") for i in range(30)])
    down = judge(turned, *[claim(f"c{i}", i, "down") for i in range(30)])
    assert up["verdict"].tolist() == down["verdict"].tolist()
    assert up["p_claim"].tolist() == down["p_claim"].tolist()


@pytest.mark.parametrize(
    ("changes", "columns", "reason"),
    [
        ({"contrast": None, "contrast_as_printed": "EA vs nothing"}, {}, "no_such_contrast"),
        ({"contrast": "ea_vs_sham"}, {}, "no_such_contrast"),
        ({"feature": mimat(999)}, {}, "not_measured"),
        ({"kind": "transcript", "feature": "24440"}, {}, "not_measured"),
        ({"direction": None}, {}, "no_direction"),
        ({}, {"log2fc": 0.0, "stat": 0.0, "p": 1.0}, "not_expressed"),
        ({}, {"status": "all_zero", "p": np.nan, "stat": np.nan, "log2fc": np.nan}, "not_expressed"),
        ({}, {"status": "outlier", "p": np.nan, "q": np.nan}, "not_fitted"),
        *[({"kind": kind}, {}, kind) for kind in KINDS if kind not in (*FEATURE_KINDS, "count")],
    ],
)
def test_what_is_not_tested_says_why(changes, columns, reason):
    estimates = table([3.0, 0.0], 0.3)
    for column, value in columns.items():
        estimates.loc[0, column] = value
    found = judge(estimates, claim("c", 0, **changes)).loc["c"]
    assert found["verdict"] == f"not_tested:{reason}"
    assert found["reason"].startswith(NOT_TESTED[reason])
    assert np.isnan(found["q_claim"])


@pytest.mark.parametrize("status", ["ambiguous", "dead", "unresolved", "excel_date", "other_species"])
def test_an_unresolved_name_is_never_tested_whatever_stands_beside_it(status):
    rows = claim("c", 0, name_status=status, note="miR-81 is a nematode's")
    found = judge(table([3.0], 0.3), rows).loc["c"]
    assert found["verdict"] == "name_unresolved"
    assert "nematode" in found["reason"]


def test_an_emended_name_is_judged_and_says_so():
    rows = claim("c", 0, name_status="emended", feature_as_printed="miR-233-3p", note="same pattern in the follow-up")
    found = judge(table([3.0], 0.3), rows).loc["c"]
    assert found["verdict"] == "reproduced"
    assert found["emended"]
    assert "'miR-233-3p' is read as rno-miR-0 (same pattern in the follow-up)" in found["reason"]


def test_of_two_features_with_one_accession_the_one_with_most_reads_is_taken():
    estimates = table([3.0, -3.0], 0.3, base_mean=[5.0, 500.0])
    both = features(2).assign(mimat=mimat(0))
    found = judge_published(record(claim("c", 0)), features=both, tables={"ea_vs_rtx": estimates}).iloc[0]
    assert found["log2fc"] == -3.0
    assert "2 features carry this identifier" in found["reason"]


def test_without_data_every_claim_says_that_there_are_none():
    facts = {"status": "needs_accession", "status_reason": "No accession was read.", "identifiers": {}}
    rows = [claim("a", 0), claim("b", None), claim("c", 0, kind="protein")]
    found = judge_published(record(*rows, facts=facts, simulated=False)).set_index("claim")
    assert found["verdict"].tolist() == ["not_tested:no_data", "name_unresolved", "not_tested:no_data"]
    assert "needs_accession, No accession was read" in found.loc["a", "reason"]


def test_no_claims_no_rows():
    found = judge_published(record())
    assert list(found.columns) == list(VERDICT_COLUMNS)
    assert found.empty
