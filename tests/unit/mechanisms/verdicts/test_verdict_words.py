"""Every verdict from a case made by hand, its reason, and which rule comes before which."""

import re

import numpy as np
import pytest

from acuomics.mechanisms.verdicts.vocabulary import VERDICT_COLUMNS
from tests.unit.mechanisms.verdicts.conftest import claim

UP, DOWN, STILL, VAGUE = (2.0, 0.3), (-2.0, 0.3), (0.02, 0.1), (0.3, 0.9)


def test_concordant_both_ways(world):
    world.seen = {"Il1b": DOWN, "Il10": UP}
    row = world.one(claim("A", "M:il1b", "-"))
    assert (row["verdict"], row["claimed_direction"]) == ("concordant", "down")
    assert row["reason"].startswith("Il1b fell as claimed (log2FC -2.00, 95 % interval -2.59 to -1.41; q ")
    assert row["p_one_sided"] < 1e-9 and row["q_family"] == row["p_one_sided"]
    assert row["q_genome_wide"] > row["p_one_sided"]
    assert row["family"] == "claims" and row["scored"]
    assert world.one(claim("A", "M:il10", "+"))["verdict"] == "concordant"


def test_discordant(world):
    world.seen = {"Il1b": UP}
    row = world.one(claim("A", "M:il1b", "-"))
    assert row["verdict"] == "discordant"
    assert row["reason"].startswith("Il1b rose, while the claim says that it falls")
    assert row["p_one_sided"] > 0.99 and row["q_opposite"] < 0.05


def test_inconclusive_is_not_absence(world):
    world.seen = {"Il1b": (-0.4, 0.3)}
    row = world.one(claim("A", "M:il1b", "-"))
    assert row["verdict"] == "inconclusive"
    assert "shows neither what was claimed nor its contrary" in row["reason"]


def test_no_power(world):
    world.seen = {"Il1b": VAGUE}
    row = world.one(claim("A", "M:il1b", "-"))
    assert row["verdict"] == "no_power"
    # (z(0.95) + z(0.8)) x 0.9
    assert row["detectable_log2fc"] == pytest.approx(2.4865 * 0.9, rel=1e-4)
    assert "only |log2FC| of 2.24 or more would have been found with 80 % power" in row["reason"]
    assert "no evidence against the claim" in row["reason"]


def test_a_clear_change_needs_no_power(world):
    world.seen = {"Il1b": (-5.0, 0.9)}
    row = world.one(claim("A", "M:il1b", "-"))
    assert row["detectable_log2fc"] > 1.0 and row["verdict"] == "concordant"


def test_no_change_supported_for_a_claim_of_absence_and_for_one_of_change(world):
    world.seen = {"Il1b": STILL}
    row = world.one(claim("A", "M:il1b", "0"))
    assert (row["verdict"], row["test"]) == ("no_change_supported", "equivalence")
    assert row["q_family"] == row["p_equivalence"] < 0.05
    row = world.one(claim("A", "M:il1b", "-"))
    assert (row["verdict"], row["test"]) == ("no_change_supported", "one_sided")
    assert "beyond 0.585 log2 is ruled out" in row["reason"]


def test_absence_is_never_shown_by_a_large_p(world):
    """p = 0.74 and an interval beyond the bound: nothing follows."""
    world.seen = {"Il1b": (0.1, 0.3)}
    assert world.one(claim("A", "M:il1b", "0"))["verdict"] == "inconclusive"
    world.seen = {"Il1b": VAGUE}
    row = world.one(claim("A", "M:il1b", "0"))
    assert row["verdict"] == "no_power" and "no evidence against a change" in row["reason"]


def test_absence_contradicted(world):
    for seen in (UP, DOWN):
        world.seen = {"Il1b": seen}
        row = world.one(claim("A", "M:il1b", "0"))
        assert row["verdict"] == "discordant" and "the claim is one of absence" in row["reason"]


def test_a_negated_claim_is_one_of_absence(world):
    world.seen = {"Il1b": STILL}
    assert world.one(claim("A", "M:il1b", "+", negated="true"))["claimed_direction"] == "absence"


@pytest.mark.parametrize("direction", ["two_sided", "conditional"])
def test_two_sided_change(world, direction):
    for seen in (UP, DOWN):
        world.seen = {"Il1b": seen}
        row = world.one(claim("A", "M:il1b", direction))
        assert (row["verdict"], row["family"]) == ("two_sided_change", "exploratory")
        assert row["q_family"] == row["p_two_sided"] and np.isnan(row["p_one_sided"])
    world.seen = {"Il1b": (0.4, 0.3)}
    assert world.one(claim("A", "M:il1b", direction))["verdict"] == "inconclusive"


def test_a_claim_without_direction_is_not_scored(world):
    world.seen = {"Il1b": UP}
    row = world.one(claim("A", "M:il1b", "na"))
    assert (row["verdict"], row["family"], row["scored"]) == ("inconclusive", "", False)
    assert "gives no direction" in row["reason"]
    assert row["log2fc"] == 2.0


@pytest.mark.parametrize("reason", ["small_molecule", "release", "phosphorylation", "gating", "circuit", "framework"])
def test_claims_that_rna_cannot_test(world, reason):
    row = world.one(claim("A", "M:il1b", "-", testability=f"not_testable:{reason}"))
    assert row["verdict"] == f"not_testable:{reason}"
    assert row["feature"] == "" and row["family"] == "" and np.isnan(row["p_one_sided"])


@pytest.mark.parametrize(
    ("mechanism", "reason"), [("M:p38", "phosphorylation"), ("M:nav", "gating"), ("M:dor", "no_gene")]
)
def test_kinases_channels_and_receptors_are_never_scored(world, mechanism, reason):
    world.members.loc[world.members["symbol"] == "Oprd1", "mechanism_id"] = "M:dor"
    world.seen = {"Mapk14": UP, "Scn9a": UP, "Oprd1": UP}
    row = world.one(claim("A", mechanism, "+"))
    assert row["verdict"] == f"not_testable:{reason}"
    assert row["log2fc"] == 2.0 and "is shown and not scored" in row["reason"]
    assert np.isnan([row[name] for name in ("p_one_sided", "p_two_sided", "q_family", "q_opposite")]).all()


def test_no_gene_and_no_orthologue(world):
    row = world.one(claim("A", "M:unknown", "+"))
    assert row["verdict"] == "not_testable:no_gene"
    world.members.loc[world.members["symbol"] == "Il1b", "species"] = "9606"
    row = world.one(claim("A", "M:il1b", "+"))
    assert row["verdict"] == "not_testable:no_orthologue" and "Il1b" in row["reason"]
    world.members.loc[world.members["symbol"] == "Il10", "gene_ncbi"] = ""
    assert world.one(claim("A", "M:il10", "+"))["verdict"] == "not_testable:no_orthologue"


@pytest.mark.parametrize(("level", "verdict"), [("spinal", "soma_absent"), ("DRG", "soma_absent"), ("brainstem", None)])
def test_serotonin_is_made_in_the_raphe(world, level, verdict):
    world.record["tissue"]["level"] = level
    world.seen = {"Tph2": UP}
    row = world.one(claim("A", "M:5ht", "+", testability="weak", level=level))
    assert row["verdict"] == (f"not_testable:{verdict}" if verdict else "concordant")


def test_not_on_platform(world):
    world.absent = {"Il1b"}
    row = world.one(claim("A", "M:il1b", "-"))
    assert row["verdict"] == "not_testable:not_on_platform"
    assert row["reason"] == "Il1b (1) is not among the features of the study"
    world.absent = {"rno-miR-7a-5p"}
    row = world.one(claim("A", "M:mir7", "+", entity_id="E:mir7a"))
    assert row["verdict"] == "not_testable:not_on_platform"
    assert row["reason"] == "rno-miR-7a-5p is a miRNA, and the study counted mRNA"


def test_an_ambiguous_feature_is_not_used(world):
    features = world.features
    world.features = lambda: features().assign(mapping="ambiguous")
    assert world.one(claim("A", "M:il1b", "-"))["verdict"] == "not_testable:not_on_platform"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": "all_zero", "log2fc": np.nan, "p": np.nan, "stat": np.nan}, "no reads in any sample"),
        # 10 reads in each of 3 samples of 9 are a mean of 3.33.
        ({"base_mean": 3.3}, "too few reads (mean 3.3)"),
        ({"log2fc": 0.0, "stat": 0.0, "p": 1.0}, "no reads in either arm"),
    ],
)
def test_not_expressed(world, changes, words):
    world.changes = {"Il1b": changes}
    row = world.one(claim("A", "M:il1b", "0"))
    assert row["verdict"] == "not_expressed" and words in row["reason"]


def test_expressed_in_the_smallest_arm_only(world):
    world.changes = {"Il1b": {"base_mean": 3.4}}
    world.seen = {"Il1b": DOWN}
    assert world.one(claim("A", "M:il1b", "-"))["verdict"] == "concordant"


@pytest.mark.parametrize("level", ["DRG", "network", "supraspinal_nucleus", "peripheral"])
def test_out_of_scope_level(world, level):
    world.seen = {"Il1b": DOWN}
    row = world.one(claim("A", "M:il1b", "-", level=level))
    assert row["verdict"] == "out_of_scope_level" and "the study is of spinal tissue" in row["reason"]


@pytest.mark.parametrize("level", ["spinal", "spinal|DRG"])
def test_levels_in_scope(world, level):
    world.seen = {"Il1b": DOWN}
    assert world.one(claim("A", "M:il1b", "-", level=level))["verdict"] == "concordant"


@pytest.mark.parametrize("role", ["model", "residual", "baseline", "interaction"])
def test_a_contrast_that_does_not_speak_to_ea_concludes_nothing(world, role):
    world.record["contrasts"] = [world.contrast("c", "model", "control", role)]
    world.seen = {"Il1b": DOWN}
    row = world.one(claim("A", "M:il1b", "-"))
    assert (row["verdict"], row["scored"], row["family"]) == ("inconclusive", False, "")
    assert row["reason"].startswith("the contrast does not speak to EA")
    assert row["log2fc"] == -2.0 and np.isnan(row["p_one_sided"])


def test_sham_speaks_to_ea(world):
    world.record["contrasts"] = [world.contrast("c", "EA", "model", "specificity")]
    world.seen = {"Il1b": DOWN}
    assert world.one(claim("A", "M:il1b", "-"))["verdict"] == "concordant"


@pytest.mark.parametrize("status", ["outlier", "not_converged"])
def test_a_void_p_is_inconclusive(world, status):
    world.changes = {"Il1b": {"p": np.nan, "status": status}}
    row = world.one(claim("A", "M:il1b", "-"))
    assert row["verdict"] == "inconclusive" and "was not tested" in row["reason"]


def test_frequency(world):
    world.seen = {"Penk": UP}
    low = claim("A", "M:enk", "+", testability="weak", frequency_hz="2", entity_id="E:enk")
    row = world.one(low)
    assert row["verdict"] == "concordant" and "frequency is not recorded" in row["remarks"]
    world.record["frequency_hz"] = "2/100"
    assert world.one(low)["verdict"] == "concordant"
    world.record["frequency_hz"] = 100
    row = world.one(low)
    assert row["verdict"] == "inconclusive" and "the claim is about 2 Hz" in row["reason"]


def test_the_sign_of_a_member_turns_the_claim(world):
    world.seen = {"P2ry12": UP}
    row = world.one(claim("A", "M:microglia", "-", entity_id="E:p2ry12", testability="weak"))
    assert (row["claimed_direction"], row["verdict"]) == ("up", "concordant")


def test_the_order_of_the_rules(world):
    """All faults at once; mending the first brings out the second, down to the verdict of the test."""
    world.record["contrasts"] = [world.contrast("c", "model", "control", "model")]
    world.absent = {"Il1b"}
    world.changes = {"Il1b": {"base_mean": 0.5, "p": np.nan, "status": "outlier"}}
    world.members.loc[world.members["symbol"] == "Il1b", "soma_levels"] = "brainstem"
    bad = claim("A", "M:il1b", "-", testability="not_testable:release", level="DRG")
    # The claim itself cannot be tested; of its gene, whose RNA is made elsewhere, that is said too.
    world.claims = [bad]
    seen = sorted(world.judge()["verdict"])
    assert seen.pop() == "not_testable:soma_absent"
    bad["testability"] = "direct"
    seen.append(world.one(bad)["verdict"])
    world.members["soma_levels"] = ""
    seen.append(world.one(bad)["verdict"])
    world.absent = set()
    seen.append(world.one(bad)["verdict"])
    world.changes["Il1b"].pop("base_mean")
    seen.append(world.one(bad)["verdict"])
    bad["level"] = "spinal"
    row = world.one(bad)
    seen += [row["verdict"], row["reason"][:37]]
    world.record["contrasts"] = [world.contrast("c", "EA", "model", "treatment")]
    row = world.one(bad)
    seen += [row["verdict"], row["reason"][:19]]
    world.changes = {}
    world.seen = {"Il1b": DOWN}
    seen.append(world.one(bad)["verdict"])
    bad["claim_source_dataset"] = "PMID:123"
    row = world.one(bad)
    seen += [row["verdict"], bool(row["circular"])]
    assert seen == [
        "not_testable:release",
        "not_testable:soma_absent",
        "not_testable:not_on_platform",
        "not_expressed",
        "out_of_scope_level",
        "inconclusive",
        "the contrast does not speak to EA: it",
        "inconclusive",
        "Il1b was not tested",
        "concordant",
        "concordant",
        True,
    ]


def test_nothing_that_was_not_shown_is_called_no_change(world):
    """Over many effects and errors: only an equivalence test may speak of absence."""
    rng = np.random.default_rng(1)
    world.claims = [claim(d, "M:il1b", d) for d in ("+", "-", "0", "two_sided")]
    seen = set()
    for _ in range(25):
        world.seen = {"Il1b": (float(rng.normal(0, 0.8)), float(rng.uniform(0.05, 1.2)))}
        for row in world.judge().to_dict("records"):
            seen.add(row["verdict"])
            if row["verdict"] in ("inconclusive", "no_power"):
                assert not re.search(r"no change|unchanged|did not change|ruled out|no effect", row["reason"])
            if row["verdict"] == "no_change_supported":
                assert row["p_equivalence"] < 0.05
    assert {"inconclusive", "no_power", "no_change_supported"} <= seen


def test_columns(world):
    world.claims = [claim("A", "M:il1b", "-")]
    assert tuple(world.judge().columns) == VERDICT_COLUMNS
