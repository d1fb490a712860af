"""Claims about numbers of changed or reversed features."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from acuomics.claims.judge import judge_published
from acuomics.reversal.iut import reversal_test
from tests.claims import PAIR, SUMMARY, claim, count_claim, drawn, features, record, table


def judge(estimates, *claims, reversals=None):
    tables = {"ea_vs_rtx": estimates}
    if reversals is not None:
        tables["rtx_vs_sham"] = estimates
    found = judge_published(
        record(*claims), features=features(len(estimates)), tables=tables, summary=SUMMARY, reversals=reversals
    )
    return found.set_index("claim")


def planted(seed, n=1000, up=60):
    truth = np.zeros(n)
    truth[:up] = 1.5
    return drawn(truth, 0.35, seed)


def test_a_true_number_is_reproduced_and_others_are_not():
    found = judge(
        planted(1),
        count_claim("true", 60),
        count_claim("many", 600),
        count_claim("few", 3),
        count_claim("zero", 0),
        count_claim("total", 60, "both"),
        count_claim("unsigned", 60, None),
    )
    assert found["verdict"].tolist() == [
        "reproduced",
        "direction_only",
        "direction_only",
        "contradicted",
        "reproduced",
        "reproduced",
    ]
    assert "above the" in found.loc["many", "reason"]
    assert "below the" in found.loc["few", "reason"]
    assert found.loc["true", "expected_by_chance_p05"] == 25.0
    assert found.loc["total", "expected_by_chance_p05"] == 50.0


def test_false_discoveries_of_one_direction_do_not_show_the_other():
    """Where 300 features rise, a few false ones fall at the rate; that shows no fall."""
    verdicts, falls = [], []
    for seed in range(60):
        row = judge(planted(seed, n=900, up=300), count_claim("down", 2, "down")).loc["down"]
        verdicts.append(row["verdict"])
        if row["count_found_q"] and row["verdict"] in ("inconclusive", "underpowered"):
            assert "a list of both directions" in row["reason"]
        falls.append(row["count_found_q"])
    assert np.mean([fall > 0 for fall in falls]) > 0.5  # the trap is there
    assert np.mean([verdict in ("reproduced", "direction_only") for verdict in verdicts]) <= 0.1


def test_null_data_reproduce_no_number():
    counts = [count_claim("up", 12), count_claim("down", 12, "down"), count_claim("both", 25, "both")]
    found = [judge(drawn(np.zeros(500), 0.3, seed), *counts)["verdict"] for seed in range(60)]
    share = np.mean([(verdicts == "reproduced").to_numpy() for verdicts in found], axis=0)
    assert (share <= 0.11).all()  # 0.05, and two standard errors


@pytest.mark.parametrize(("se", "verdict"), [(0.1, "inconclusive"), (0.6, "underpowered")])
def test_finding_none_refutes_no_number(se, verdict):
    estimates = table(np.linspace(-se, se, 400), se)
    for published in (5, 0):
        found = judge(estimates, count_claim("c", published)).loc["c"]
        assert found["verdict"] == verdict
        assert "does not mean that there is none" in found["reason"]


def test_a_number_no_larger_than_chance_is_called_that():
    found = judge(table(np.linspace(-0.2, 0.2, 400), 0.1), count_claim("c", 6), count_claim("d", 60))
    assert "no more than p < 0.05 gives by chance" in found.loc["c", "reason"]  # of 400 one way: 10
    assert "by chance" not in found.loc["d", "reason"]


@pytest.mark.parametrize(("others", "verdict"), [(0, "direction_only"), (30, "reproduced")])
def test_a_list_no_longer_than_chance_supports_no_number(others, verdict):
    """One of 600 is shown and 8 more have p < 0.05, fewer than the 15 of chance; 30 more make a list that counts."""
    z = np.zeros(600)
    z[0], z[1:9], z[9 : 9 + others] = 8.0, 2.0, 2.3
    found = judge(table(z * 0.3, 0.3), count_claim("c", 7)).loc["c"]
    assert (found["count_found_q"], found["count_found_p05"], found["verdict"]) == (1, 9 + others, verdict)
    assert ("no longer than chance makes it" in found["reason"]) == (not others)
    # The number of such a list is not "found again".
    same = judge(table(z * 0.3, 0.3), count_claim("c", 9 + others)).loc["c", "reason"]
    assert ("found again" in same) == bool(others)


def test_a_count_of_what_did_not_change_is_not_tested():
    found = judge(planted(1), count_claim("c", 900, "none"))
    assert found.loc["c", "verdict"] == "not_tested:no_direction"


def pair_table(d1, d2, se=0.3):
    """A reversal table with these fold changes of model and treatment."""
    d1, d2 = np.asarray(d1, float), np.asarray(d2, float)
    test = reversal_test(d1 / se, d2 / se, np.ones(d1.size, dtype=bool))
    p = {arm: table(d, se)["p"] for arm, d in (("model", d1), ("treatment", d2))}
    return pd.DataFrame(
        {
            "feature": [f"f{i}" for i in range(d1.size)],
            "log2fc_model": d1,
            "se_model": se,
            "log2fc_treatment": d2,
            "se_treatment": se,
            "p_model": p["model"],
            "p_treatment": p["treatment"],
            "p_reversal": test.p,
            "q_reversal": test.q,
            "nominal_venn": (p["model"] < 0.05) & (p["treatment"] < 0.05) & (d1 * d2 < 0),
        }
    )


def shared_arm(truth1, truth2, seed, se=0.3):
    """Estimates of two contrasts that share an arm: their errors correlate at -0.5."""
    noise = np.random.default_rng(seed).normal(0.0, se / np.sqrt(2.0), (3, len(truth1)))
    return pair_table(truth1 + noise[1] - noise[0], truth2 + noise[2] - noise[1], se)


FACTS = {"model": "rtx_vs_sham", "treatment": "ea_vs_rtx", "permutations": {"nominal_venn_mean": 4.0}}


def judge_pair(pair, *claims):
    return judge(table(pair["log2fc_treatment"], 0.3), *claims, reversals={PAIR: (pair, FACTS)})


def test_reversal_counts_and_directions():
    model, treated = np.zeros(300), np.zeros(300)
    model[:30], treated[:30] = -2.0, 2.0  # fell, and raised by the treatment
    pair = shared_arm(model, treated, 1)
    found = judge_pair(
        pair,
        count_claim("both", 30, "both", contrast=PAIR),
        count_claim("raised", 30, "up", contrast=PAIR),
        count_claim("lowered", 30, "down", contrast=PAIR),
        count_claim("zero", 0, "both", contrast=PAIR),
    )
    assert found.loc[["both", "raised", "zero"], "verdict"].tolist() == ["reproduced", "reproduced", "contradicted"]
    assert found.loc["lowered", "verdict"] not in ("reproduced", "direction_only", "contradicted")
    assert found.loc["both", "expected_by_chance_p05"] == 4.0
    assert np.isnan(found.loc["raised", "expected_by_chance_p05"])
    assert set(found["role"]) == {"reversal"}


def test_the_shared_arm_alone_reverses_nothing():
    """A true model effect and no treatment effect: overlaps of two lists are full of 'reversed' features."""
    model = np.zeros(600)
    model[:200] = 1.0
    wrong, venn = [], []
    for seed in range(60):
        pair = shared_arm(model, np.zeros(600), seed)
        row = judge_pair(pair, count_claim("c", 15, "both", contrast=PAIR)).loc["c"]
        wrong.append(row["verdict"] in ("reproduced", "direction_only"))
        venn.append(row["count_found_p05"])
    assert np.mean(venn) > 8
    assert np.mean(wrong) <= 0.1


def test_reversal_of_a_feature():
    model, treated = np.full(40, 0.0), np.full(40, 0.0)
    model[0], treated[0] = -2.5, 2.5
    model[1], treated[1] = 2.5, 2.5
    pair = shared_arm(model, treated, 2)
    found = judge_pair(
        pair,
        claim("raised", 0, contrast=PAIR),
        claim("lowered", 0, "down", contrast=PAIR),
        claim("reversed", 0, "changed", contrast=PAIR),
        claim("aggravated", 1, "changed", contrast=PAIR),
        claim("not_moved_by_model", 5, contrast=PAIR),
    )
    assert found["verdict"].tolist()[:4] == ["reproduced", "contradicted", "reproduced", "contradicted"]
    assert "moved it further" in found.loc["aggravated", "reason"]
    assert found.loc["not_moved_by_model", "verdict"] in ("inconclusive", "underpowered", "direction_only")
    # Both tests of a pair must hold.
    plain = judge(table(pair["log2fc_treatment"], 0.3), *[claim(f"c{i}", i) for i in range(5)])
    assert found.loc["raised", "detectable_log2fc"] > plain["detectable_log2fc"].min()
