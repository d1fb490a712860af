"""Pooled rows: planted truth is found, neither order nor sign of studies matters, circular studies stay out."""

import numpy as np
import pandas as pd
import pytest

from acuomics.synthesis.claim_tests import adjust_claims, claim_tests
from acuomics.synthesis.combine import sign_words
from acuomics.synthesis.leave_out import left_out_rows
from acuomics.synthesis.pool import pool_claims, pool_genes
from acuomics.synthesis.random_effects import random_effects
from acuomics.synthesis.run import pool_all
from acuomics.synthesis.vocabulary import EFFECT_COLUMNS, LEAVE_ONE_OUT_COLUMNS, POOLED_COLUMNS, Settings
from tests.heterogeneity import simulated_effects
from tests.synthesis import effects

SETTINGS = Settings()


def planted(n=600, k=6):
    """A third of the genes without effect, a third with one, a third whose effects scatter about zero."""
    parts = [
        simulated_effects(n // 3, k=k, mean=mean, tau=tau, seed=seed, se_range=(0.15, 0.35))
        for seed, (mean, tau) in enumerate(((0.0, 0.0), (1.0, 0.0), (0.0, 0.8)))
    ]
    return tuple(np.vstack(part) for part in zip(*parts, strict=True))


def claim(identifier, direction="up", test="one_sided", studies=3, **changes):
    rows = [{"pool": "p", "study": f"s{at}", "claim_id": "C1", "mechanism_id": "M1"} for at in range(studies)]
    same = {"identifier": identifier, "direction": direction, "test": test, "test_family": "claims", "symbol": "X"}
    return pd.DataFrame(rows).assign(**same, circular=False).assign(**changes)


def test_planted_truth_is_found():
    table = pool_genes(effects(*planted()), SETTINGS)
    assert list(table.columns) == list(POOLED_COLUMNS) and len(table) == 600
    order = table["identifier"].astype(int).to_numpy() - 1000
    null, steady, scattered = (table[(order // 200) == kind] for kind in range(3))
    assert (null["conclusion"] == "supported").mean() < 0.03
    assert (steady["conclusion"] == "supported").mean() > 0.95
    # Stouffer alone takes scatter for change; the interval of the mean does not.
    assert (scattered["q_claim"] < 0.05).mean() > 0.3
    assert (scattered["conclusion"] == "supported").mean() < 0.1
    assert (scattered["heterogeneity_p"] < 0.05).mean() > 0.95 and (null["heterogeneity_p"] < 0.05).mean() < 0.1
    assert np.median(scattered["tau2"]) == pytest.approx(0.64, rel=0.25)
    assert (null["conclusion"] == "no_change_supported").mean() > 0.9


def test_the_order_of_studies_and_rows_does_not_matter():
    frame = effects(*planted(60))
    shuffled = frame.sample(frac=1.0, random_state=3)
    pd.testing.assert_frame_equal(pool_genes(frame, SETTINGS), pool_genes(shuffled, SETTINGS))


def test_turned_signs_turn_the_answer():
    effect, se = planted(60)
    one, other = (pool_genes(effects(way * effect, se), SETTINGS) for way in (1.0, -1.0))
    np.testing.assert_allclose(one["estimate"], -other["estimate"], rtol=1e-9)
    np.testing.assert_allclose(one["stouffer_p"], other["stouffer_p"], rtol=1e-9)
    assert one["sign_consistency"].tolist() == other["sign_consistency"].tolist()
    assert one["conclusion"].tolist() == other["conclusion"].tolist()
    up, down = (
        pool_claims(effects(way * effect, se), claim("1030", word), SETTINGS) for way, word in ((1, "up"), (-1, "down"))
    )
    np.testing.assert_allclose(up["stouffer_p"], down["stouffer_p"])


def test_one_study_is_nothing_to_pool():
    effect, se = np.array([[0.5], [0.7]]), np.array([[0.1], [0.1]])
    assert pool_genes(effects(effect, se), SETTINGS).empty
    row = adjust_claims(pool_claims(effects(effect, se), claim("1000", studies=1), SETTINGS), SETTINGS).iloc[0]
    assert (row["status"], row["conclusion"], row["k"]) == ("one_study", "one_study", 1)
    assert np.isnan(row[["estimate", "stouffer_p", "q_claim", "tau2"]].astype(float)).all()


def test_claims_are_asked_as_claimed():
    effect, se = np.full((3, 4), [[0.8], [-0.8], [0.02]]), np.full((3, 4), 0.1)
    frame = effects(effect, se)
    asked = pd.concat([claim("1000", "up", studies=4), claim("1001", "up", studies=4, claim_id="C2")])
    asked = pd.concat([asked, claim("1002", "absence", "equivalence", studies=4, claim_id="C3")])
    table = adjust_claims(pool_claims(frame, asked, SETTINGS), SETTINGS).set_index("claim_id")
    assert table["conclusion"].to_dict() == {"C1": "supported", "C2": "opposed", "C3": "no_change_supported"}
    assert table.loc["C1", "sign_consistency"] == "4 of 4" and table.loc["C2", "sign_consistency"] == "0 of 4"
    assert table.loc["C2", "stouffer_p"] > 0.999 and table.loc["C1", "stouffer_p"] < 1e-10
    assert table.loc["C3", "p_claim"] == table.loc["C3", "p_equivalence"] < 0.001


def test_a_claim_is_not_borne_out_by_the_study_that_made_it():
    effect, se = np.array([[3.0, 0.0, 0.05, -0.05]]), np.full((1, 4), 0.1)
    circular = claim("1000", studies=4, circular=[True, False, False, False])
    row = pool_claims(effects(effect, se), circular, SETTINGS).iloc[0]
    assert (row["left_out"], row["studies"], row["k"]) == ("s0", "s1|s2|s3", 3)
    assert abs(row["estimate"]) < 0.1
    # The gene's own row keeps all studies: the gene is no claim.
    assert pool_genes(effects(effect, se), SETTINGS).iloc[0]["k"] == 4


def test_a_study_that_does_not_test_the_claim_takes_no_part():
    effect, se = np.array([[1.0, 1.0, 1.0]]), np.full((1, 3), 0.1)
    row = pool_claims(effects(effect, se), claim("1000", studies=2), SETTINGS).iloc[0]
    assert (row["k"], row["studies"]) == (2, "s0|s1")


def test_a_gene_of_several_claims_is_one_test():
    effect, se = np.vstack([np.full((1, 3), 0.5), np.full((9, 3), 0.05)]), np.full((10, 3), 0.2)
    frame = effects(effect, se)
    others = [claim(str(1000 + at), claim_id=f"N{at}") for at in range(1, 10)]
    one = adjust_claims(pool_claims(frame, pd.concat([claim("1000"), *others]), SETTINGS), SETTINGS)
    copies = [claim("1000", claim_id=f"C{at}") for at in range(1, 9)]
    many = adjust_claims(pool_claims(frame, pd.concat([*copies, *others]), SETTINGS), SETTINGS)
    q = [t.loc[t["claim_id"] == "C1", "q_claim"].iloc[0] for t in (one, many)]
    assert q[0] == q[1] == pytest.approx(10 * one["p_claim"].min())


def test_simulated_and_real_claims_are_families_apart():
    effect, se = np.full((1, 3), 0.4), np.full((1, 3), 0.3)
    real = pool_claims(effects(effect, se), claim("1000"), SETTINGS)
    frame = effects(np.full((20, 3), 0.0), np.full((20, 3), 0.3)).assign(family="simulated", pool="x")
    asked = pd.concat([claim(str(1000 + at), claim_id=f"N{at}") for at in range(20)])
    both = pd.concat([real, pool_claims(frame, asked, SETTINGS)], ignore_index=True)
    alone = adjust_claims(real, SETTINGS)["q_claim"].iloc[0]
    assert adjust_claims(both, SETTINGS)["q_claim"].iloc[0] == alone == real["p_claim"].iloc[0]


def test_leaving_one_out_finds_what_hangs_on_one_study():
    effect, se = np.array([[4.0, 0.0, -0.1, 0.0], [1.0, 1.0, 1.1, 0.9]]), np.full((2, 4), 0.1)
    frame = effects(effect, se)
    pooled = pool_genes(frame, SETTINGS)
    assert pooled["loo_sign_changes"].tolist() == [1, 0] and pooled["loo_largest_p"].iloc[0] > 0.1
    assert "hangs on one study" in pooled["caution"].iloc[0] and "without one study" in pooled["caution"].iloc[0]
    table = left_out_rows(frame, claim("1001"), pooled, SETTINGS)
    assert list(table.columns) == list(LEAVE_ONE_OUT_COLUMNS)
    assert table.groupby("unit").size().to_dict() == {"claim": 3, "gene": 8}
    row = table[(table["identifier"] == "1000") & (table["left_out"] == "s0")].iloc[0]
    direct = random_effects(effect[:1, 1:], se[:1, 1:])
    assert row["sign_changes"] and row["estimate"] == pytest.approx(direct.estimate[0])
    assert pooled["loo_low"].iloc[0] == pytest.approx(row["estimate"])


def test_two_studies_cannot_leave_one_out():
    frame = effects(np.full((2, 2), 1.0), np.full((2, 2), 0.1))
    assert left_out_rows(frame, claim("1000"), pool_genes(frame, SETTINGS), SETTINGS).empty
    assert pool_genes(frame, SETTINGS)["loo_low"].isna().all()


def test_signs_are_counted_in_words():
    assert sign_words(3, 4, 6) == "3 of 4" and sign_words(6, 8, 6) == "6 of 8 (75 %)"


def test_circular_rows_of_the_verdict_table_join_the_family_of_their_claim():
    rows = pd.DataFrame(
        {
            "study": ["a", "b", "c"],
            "contrast": "ea",
            "claim_id": "C",
            "mechanism_id": "M",
            "identifier": "1",
            "symbol": "X",
        }
    ).assign(
        claimed_direction="up", test=["one_sided", "one_sided", ""], family=["circular", "claims", ""], conflict_with=""
    )
    found = claim_tests(rows, {"a ea": "p", "b ea": "p", "c ea": "p"})
    assert found["study"].tolist() == ["a", "b"] and found["circular"].tolist() == [True, False]
    assert found["test_family"].tolist() == ["claims", "claims"]
    assert claim_tests(rows, {"a other": "p"}).empty


def test_studies_without_any_effect_give_empty_tables():
    """A run of deposited statistics alone has nothing to pool, and says so with its headers."""
    pooled, left_out = pool_all(pd.DataFrame(columns=list(EFFECT_COLUMNS)), pd.DataFrame(columns=["pool"]), SETTINGS)
    assert pooled.empty and set(pooled.columns) <= set(POOLED_COLUMNS)
    assert left_out.empty and list(left_out.columns) == list(LEAVE_ONE_OUT_COLUMNS)
