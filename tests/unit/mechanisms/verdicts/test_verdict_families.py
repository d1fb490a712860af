"""Multiplicity, conflicts, circular claims, and the invariants of the verdicts."""

import time

import numpy as np
import pandas as pd
import pytest

from acuomics.de.kernels.filtering import adjust_bh
from acuomics.files import read_tsv, write_tsv
from acuomics.mechanisms.verdicts.conclude import conclude
from acuomics.mechanisms.verdicts.judge import judge_claims
from acuomics.mechanisms.verdicts.vocabulary import FAMILIES, NOT_TESTABLE, VERDICTS, Settings
from acuomics.problems import InputError
from tests.unit.mechanisms.verdicts.conftest import GENES, MIRNAS, World, claim

UP, DOWN = (2.0, 0.3), (-2.0, 0.3)
PLAIN = [("M:il1b", "-"), ("M:il10", "+"), ("M:enk", "+"), ("M:gaba", "+")]


def plain_claims():
    return [claim(f"C{i}", m, d, testability="weak") for i, (m, d) in enumerate(PLAIN)]


def middling(world):
    world.seen = {"Il1b": (-0.9, 0.4), "Il10": (0.8, 0.4), "Penk": (1.1, 0.4), "Gad1": (-0.2, 0.4)}


def test_one_benjamini_hochberg_over_all_claims_and_contrasts(world):
    middling(world)
    world.record["contrasts"].append(world.contrast("ea_vs_sham", "EA", "control", "specificity"))
    world.record["contrasts"].append(world.contrast("model", "model", "control", "model"))
    world.claims = [*plain_claims(), claim("X", "M:p38", "+"), claim("Y", "M:il1b", "-", level="DRG")]
    table = world.judge()
    family = table[table["family"] == "claims"]
    assert len(family) == 8
    np.testing.assert_allclose(family["q_family"], adjust_bh(family["p_one_sided"].to_numpy()))
    np.testing.assert_allclose(family["q_opposite"], adjust_bh(family["p_opposite"].to_numpy()))
    assert table.loc[table["family"] == "", "q_family"].isna().all()


def test_a_gene_of_two_claims_is_one_test(world):
    middling(world)
    world.claims = plain_claims()
    before = world.judge().set_index("claim_id")["q_family"]
    # The same gene under three more labels must not lend rank to the others.
    world.claims += [claim(f"copy{k}", "M:il1b", "-") for k in range(3)]
    after = world.judge().set_index("claim_id")["q_family"]
    pd.testing.assert_series_equal(before, after[before.index])
    assert set(after[["copy0", "copy1", "copy2"]]) == {before["C0"]}


def test_two_sided_and_conflicted_claims_are_a_family_of_their_own(world):
    middling(world)
    world.claims = plain_claims()
    before = world.judge().set_index("claim_id")["q_family"]
    world.claims += [
        claim("T", "M:cxcl1", "two_sided", entity_id="E:cxcl1"),
        claim("K1", "M:microglia", "+", entity_id="E:aif1", conflict_group="CG:x"),
        claim("K2", "M:microglia", "-", entity_id="E:aif1", conflict_group="CG:x"),
        claim("K3", "M:microglia", "-", entity_id="E:cd68", conflict_group="CG:alone"),
    ]
    table = world.judge().set_index("claim_id")
    assert dict(table["family"]) == dict.fromkeys(before.index, "claims") | {
        **dict.fromkeys(["T", "K1", "K2"], "exploratory"),
        # A group of one contradicts nothing.
        "K3": "claims",
    }
    p = [table.loc["T", "p_two_sided"], table.loc["K1", "p_one_sided"], table.loc["K2", "p_one_sided"]]
    np.testing.assert_allclose(table.loc[["T", "K1", "K2"], "q_family"], adjust_bh(np.array(p)))
    with_k3 = adjust_bh(np.array([*before.index.map(table["p_one_sided"]), table.loc["K3", "p_one_sided"]]))
    np.testing.assert_allclose(table.loc[[*before.index, "K3"], "q_family"], with_k3)


def test_one_family_over_several_studies(make_world, tmp_path):
    tables = []
    for name, effect in (("first", -0.9), ("second", -0.3)):
        world = make_world()
        world.record["study"] = name
        middling(world)
        world.seen["Il1b"] = (effect, 0.4)
        world.claims = [*plain_claims(), claim("P", "M:p38", "+")]
        write_tsv(world.judge(), tmp_path / f"{name}.tsv")
        # As the workflow would: through files.
        tables.append(read_tsv(tmp_path / f"{name}.tsv"))
    stacked = pd.concat(tables, ignore_index=True)
    together = conclude(stacked, Settings())
    family = together[together["family"] == "claims"]
    assert len(family) == 8
    np.testing.assert_allclose(family["q_family"], adjust_bh(family["p_one_sided"].to_numpy()))
    assert (family["q_family"].to_numpy() != stacked.loc[family.index, "q_family"].to_numpy()).any()
    closed = together["family"] == ""
    pd.testing.assert_series_equal(together.loc[closed, "reason"], stacked.loc[closed, "reason"])


def conflict(world, seen):
    world.seen = {"Gad1": seen}
    world.claims = [
        claim("A064", "M:gaba", "-", testability="weak", conflict_group="CG:GABA", level="brainstem|spinal"),
        claim("B004", "M:gaba", "+", testability="weak", conflict_group="CG:GABA"),
        claim("A107", "M:gaba", "-", testability="not_testable:circuit", conflict_group="CG:GABA"),
        claim("A065", "M:gaba", "+", testability="weak", conflict_group="CG:GABA", level="DRG"),
    ]
    return world.judge().set_index("claim_id")


def test_conflicting_claims_stay_apart_and_are_told_who_agrees(world):
    table = conflict(world, DOWN)
    assert dict(table["verdict"]) == {
        "A064": "conflicted_claim",
        "B004": "conflicted_claim",
        "A107": "not_testable:circuit",
        "A065": "out_of_scope_level",
    }
    assert list(table["claim_result"][:2]) == ["concordant", "discordant"]
    for name in ("A064", "B004"):
        assert (table.loc[name, "agrees_with"], table.loc[name, "disagrees_with"]) == ("A064", "B004")
    assert table.loc["A064", "conflict_with"] == "A065 (+), A107 (-), B004 (+)"
    assert "conflicted (CG:GABA) with A065 (+), A107 (-), B004 (+): kept apart, no vote" in table.loc["A064", "reason"]
    assert (table.loc[["A107", "A065"], ["agrees_with", "disagrees_with"]] == "").all(axis=None)


def test_a_conflict_that_the_data_do_not_reach(world):
    table = conflict(world, (0.3, 0.3))
    assert set(table["verdict"][:2]) == {"conflicted_claim"}
    assert set(table["claim_result"][:2]) == {"inconclusive"}
    assert (table[["agrees_with", "disagrees_with"]] == "").all(axis=None)
    assert set(conflict(world, (0.3, 0.9))["verdict"][:2]) == {"no_power"}


def test_no_change_agrees_with_a_claim_of_absence_only(world):
    world.seen = {"Penk": (0.0, 0.1)}
    world.claims = [
        claim(n, "M:enk", d, testability="weak", conflict_group="CG:e") for n, d in (("A", "0"), ("B", "+"))
    ]
    world.changes = {"Penk": {"stat": 0.001}}
    table = world.judge()
    assert set(table["agrees_with"]) == {"A"} and set(table["disagrees_with"]) == {"B"}


@pytest.mark.parametrize(
    "source", ["PMID:123", "123", "small", "doi:10.1000/ABC.5", "GSE777|PMID:123", "https://doi.org/10.1000/abc.5"]
)
def test_claims_of_the_study_itself_are_flagged_and_not_scored(world, source):
    middling(world)
    world.claims = plain_claims()
    before = world.judge().set_index("claim_id")["q_family"]
    world.seen["Cxcl1"] = UP
    world.claims.append(claim("own", "M:cxcl1", "+", entity_id="E:cxcl1", claim_source_dataset=source))
    table, mechanisms = world.both()
    table = table.set_index("claim_id")
    own = table.loc["own"]
    assert own["circular"] and not own["scored"] and own["family"] == "circular"
    assert own["verdict"] == "concordant" and own["reason"].endswith("does not count")
    pd.testing.assert_series_equal(before, table.loc[before.index, "q_family"])
    counts = mechanisms.set_index("mechanism_id").loc["M:cxcl1"]
    assert (counts["circular"], counts["concordant"]) == (1, 0)


@pytest.mark.parametrize("source", ["PMID:1234", "12", "GSE1", "other", "10.1000/abc"])
def test_claims_of_other_studies_are_not_circular(world, source):
    world.claims = [claim("A", "M:il1b", "-", claim_source_dataset=source)]
    assert not world.judge()["circular"].any()


def test_turning_all_signs_swaps_concordant_and_discordant(world):
    rng = np.random.default_rng(4)
    world.claims = [claim(f"{g[0]}{d}", g[2], d, entity_id=g[3]) for g in GENES for d in ("+", "-", "0", "two_sided")]
    seen = {g[0]: (float(rng.normal(0, 1.2)), float(rng.uniform(0.05, 0.6))) for g in GENES}
    world.seen = seen
    straight = world.judge()
    world.seen = {name: (-log2fc, se) for name, (log2fc, se) in seen.items()}
    turned = world.judge()
    swap = {"concordant": "discordant", "discordant": "concordant"}
    signed = straight["test"] == "one_sided"
    assert set(swap) <= set(straight.loc[signed, "verdict"])
    assert list(turned.loc[signed, "verdict"]) == list(straight.loc[signed, "verdict"].replace(swap))
    assert list(turned.loc[~signed, "verdict"]) == list(straight.loc[~signed, "verdict"])
    np.testing.assert_allclose(turned["q_opposite"][signed], straight["q_family"][signed])


def test_order_of_the_inputs_changes_nothing(world):
    rng = np.random.default_rng(6)
    world.claims = [claim(f"{g[0]}{d}", g[2], d, entity_id=g[3]) for g in GENES for d in ("+", "0")]
    world.seen = {g[0]: (float(rng.normal(0, 1.2)), 0.3) for g in GENES}
    first = world.judge().sort_values("claim_id", ignore_index=True)
    world.claims = world.claims[::-1]
    world.members = world.members.iloc[::-1]
    features = world.features
    world.features = lambda: features().iloc[::-1]
    pd.testing.assert_frame_equal(first, world.judge().sort_values("claim_id", ignore_index=True))


def test_which_genes_a_claim_is_tested_on(world):
    def genes(**changes):
        world.claims = [claim("A", "M:microglia", "-") | changes]
        return sorted(world.judge()["symbol"])

    # Direct: the strong markers. Weak: the gene that the source names. Of an entity: its own gene.
    assert genes() == ["Aif1", "Cd68"]
    assert genes(testability="weak") == ["Cx3cr1"]
    assert genes(entity_id="E:p2ry12") == ["P2ry12"]
    assert genes(mechanism_id="M:il1b|M:il10", entity_id="E:il1b|E:il10") == ["Il10", "Il1b"]
    # The receptor beside the precursor is not what the claim is about.
    assert genes(mechanism_id="M:enk", entity_id="E:enk|E:dor", testability="weak") == ["Penk"]
    assert genes(mechanism_id="M:cxcl1", entity_id="E:cxcr2") == ["Cxcr2"]


def test_mirnas_are_judged_by_accession(world):
    world.record["assay"] = "mirna"
    world.seen = {"rno-miR-7a-5p": UP, "rno-miR-7b": DOWN}
    world.claims = [
        claim("own", "M:mir7", "+", entity_id="E:mir7a"),
        claim("all", "M:mir7", "two_sided", entity_id="E:mir7a|E:mir7b"),
        claim("none", "", "+", entity_id="E:mir7a"),
        claim("gene", "M:il1b", "-"),
    ]
    world.absent = {"Il1b"}
    table = world.judge().set_index("claim_id")
    assert list(table["feature"]) == ["rno-miR-7a-5p", "rno-miR-7a-5p", "rno-miR-7a-5p", ""]
    assert dict(table["verdict"]) == {
        "own": "concordant",
        "all": "two_sided_change",
        "none": "concordant",
        "gene": f"{NOT_TESTABLE}:not_on_platform",
    }
    assert "the study counted miRNAs" in table.loc["gene", "reason"]


def test_of_two_features_the_one_with_more_reads_is_taken_and_told(world):
    features = world.features

    def doubled():
        table = features()
        twin = table[table["label"] == "Il1b"].assign(feature="twin", label="twin")
        return pd.concat([twin, table], ignore_index=True)

    world.features = doubled
    world.changes = {"twin": {"base_mean": 5.0}}
    world.seen = {"Il1b": DOWN}
    row = world.one(claim("A", "M:il1b", "-"))
    assert row["feature"] == "feature1" and row["remarks"].startswith("2 features carry this identifier")


def test_the_weaker_tier_stands(world):
    world.members["tier"] = "seed_proxy"
    assert world.one(claim("A", "M:il1b", "-"))["tier"] == "seed_proxy"
    assert world.one(claim("A", "M:il1b", "-", tier="extended"))["tier"] == "extended"


def test_summary_counts_every_row_once_and_composes_nothing(world):
    world.record["contrasts"].append(world.contrast("m", "model", "control", "model"))
    world.seen = {"Il1b": DOWN, "Il10": UP}
    world.claims = [
        claim("A", "M:il1b|M:il10", "-", entity_id="E:il1b|E:il10"),
        claim("B", "M:il1b|M:il10", "-", testability="not_testable:release"),
        claim("C", "", "na", testability="not_testable:framework"),
        claim("D", "M:il1b", "-", claim_source_dataset="small"),
    ]
    verdicts, table = world.both()
    table = table.set_index("mechanism_id")
    kinds = [*VERDICTS, NOT_TESTABLE, "circular", "contrast_silent"]
    assert (table[kinds].sum(axis=1) == table["n_rows"]).all()
    assert list(table.index) == ["M:il10", "M:il1b", "no_mechanism"]
    assert dict(table.loc["M:il1b", ["n_claims", "n_rows", "concordant", "not_testable", "circular"]]) == {
        "n_claims": 3,
        "n_rows": 6,
        "concordant": 1,
        "not_testable": 1,
        "circular": 1,
    }
    assert table.loc["M:il10", "discordant"] == 1
    assert not [column for column in table.columns if "score" in column]
    assert set(verdicts["family"]) <= {"", *FAMILIES}


def test_bad_input_all_at_once(world):
    world.claims = [
        claim("A", "M:il1b", "\N{MINUS SIGN}"),
        claim("A", "M:il1b", "up", negated="maybe", testability="strong"),
    ]
    world.members.loc[0, "expected_sign"] = "?"
    world.mirnas = MIRNAS.drop(columns="entity_id").rename(columns={"mimat": "accession"})
    world.record["tissue"]["level"] = "Spinal"
    with pytest.raises(InputError) as caught:
        world.judge()
    text = str(caught.value)
    assert "mirnas, column mimat: the column is missing" in text and "column entity_id" in text
    world.mirnas = MIRNAS
    with pytest.raises(InputError) as caught:
        world.judge()
    text = str(caught.value)
    for part in (
        "claims, row 2, column claim_id, value 'A': the identifier stands there twice",
        "claims, row 1, column direction, value '\N{MINUS SIGN}': a value outside the vocabulary",
        "write the ASCII hyphen - for a minus",
        "claims, row 2, column direction, value 'up'",
        "claims, row 2, column negated, value 'maybe'",
        "claims, row 2, column testability, value 'strong': not a testability",
        "members, row 1, column expected_sign, value '?'",
        "column tissue.level, value 'Spinal': an unknown tissue level",
        "did you mean 'spinal'?",
    ):
        assert part in text


def test_a_contrast_without_a_table(world):
    world.claims = [claim("A", "M:il1b", "-")]
    features = world.features()
    with pytest.raises(
        InputError, match=r"value 'ea_vs_model': the contrast has no table.*\n.*did you mean 'ea_vs_modl'"
    ):
        judge_claims(
            pd.DataFrame(world.claims),
            world.members,
            world.mirnas,
            world.levels,
            world.record,
            features,
            {"ea_vs_modl": world.table(features)},
        )


def test_no_rows_of_tests_is_no_fault(world):
    world.claims = [claim("A", "", "na", testability="not_testable:framework")]
    assert list(world.judge()["verdict"]) == ["not_testable:framework"]


def test_180_claims_of_three_contrasts_of_30000_genes_take_less_than_a_second():
    rng = np.random.default_rng(0)
    world = World()
    n = 30_000
    world.claims = [
        claim(f"C{i}", GENES[i % len(GENES)][2], "+-"[i % 2], entity_id=GENES[i % len(GENES)][3]) for i in range(180)
    ]
    world.record["contrasts"] = [world.contrast(f"c{k}", "EA", "model", "treatment") for k in range(3)]
    ids = [g[1] for g in GENES] + [str(k) for k in range(1000, 1000 + n - len(GENES))]
    features = pd.DataFrame({"feature": ["f" + i for i in ids], "ncbi_gene": ids, "symbol": None, "mimat": None})
    features["mapping"] = "identity"
    se, log2fc = rng.uniform(0.1, 0.6, n), rng.normal(0, 0.7, n)
    table = pd.DataFrame({"feature": features["feature"], "log2fc": log2fc, "log2fc_se": se, "stat": log2fc / se})
    table = table.assign(p=rng.random(n), q=1.0, base_mean=100.0, status="tested")
    tables = {f"c{k}": table for k in range(3)}
    start = time.process_time()
    verdicts, _ = judge_claims(
        pd.DataFrame(world.claims), world.members, MIRNAS, world.levels, world.record, features, tables
    )
    assert time.process_time() - start < 1.0
    assert len(verdicts) >= 540
