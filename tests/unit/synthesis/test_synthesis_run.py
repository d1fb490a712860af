"""The stage on made-up results: pools, words and counts of whole runs, good and bad."""

import numpy as np
import pandas as pd
import pytest

from acuomics.synthesis.vocabulary import (
    CONCLUSIONS,
    EFFECT_COLUMNS,
    FREQUENCY_CLASSES,
    LEAVE_ONE_OUT_COLUMNS,
    MATRIX_ORDER,
    MODERATOR_COLUMNS,
    POOLED_COLUMNS,
    PUBLISHED_ELSEWHERE_COLUMNS,
    REPLICATION_COLUMNS,
    REPORTING_COLUMNS,
)
from tests.synthesis import GENES, MOUSE, RAT, TREATMENT, Run, facts

#: Il1b and Gfap fall, Penk and Il10 rise, as claimed; then genes without effect.
TRUE = np.array([-1.2, 1.0, -0.9, 1.1] + [0.0] * 56)
IL1B = next(iter(GENES))
COLUMNS = {"effects": EFFECT_COLUMNS, "pooled": POOLED_COLUMNS, "leave_one_out": LEAVE_ONE_OUT_COLUMNS}
COLUMNS |= {"replication": REPLICATION_COLUMNS, "published_elsewhere": PUBLISHED_ELSEWHERE_COLUMNS}
COLUMNS |= {"reporting": REPORTING_COLUMNS, "moderators": MODERATOR_COLUMNS}


def drawn(seed, scale=1.0):
    return scale * TRUE + np.random.default_rng(seed).normal(0.0, 0.2, TRUE.size)


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """Three studies of 2 Hz; of 100 Hz (saying the contrary), simulated, of cells, without data, of DRG: one each."""
    run = Run(tmp_path_factory.mktemp("three"))
    for at in range(3):
        run.study(f"low{at}", drawn(at), n=3 + at)
    run.study("high", drawn(7, -1.0), facts=facts([100]))
    run.study("made_up", drawn(8), simulated=True, kind="simulated")
    cells = {"parent": "atlas", "cell_type": {"name": "microglia"}}
    run.study("atlas_microglia", drawn(5), kind="pseudobulk", **cells)
    run.study("paper", None)
    run.study("ganglion", drawn(9), tissue={"name": "DRG", "level": "DRG", "uberon": None})
    return run, run.synthesise()


def test_tables_have_their_columns(three):
    _, found = three
    for name, columns in COLUMNS.items():
        assert tuple(found[name].columns) == columns and len(found[name]), name
    assert found["facts"]["counts"]["pooled"] == len(found["pooled"])
    assert set(found["pooled"]["conclusion"]) <= set(CONCLUSIONS)
    assert set(found["moderators"]["frequency_class"]) <= set(FREQUENCY_CLASSES)
    assert set(found["replication"]["verdict"].str.partition(":")[0]) <= set(MATRIX_ORDER)


def test_only_what_is_alike_is_pooled(three):
    _, found = three
    pools = {frozenset(pool["studies"]): pool for pool in found["facts"]["pools"]}
    low = frozenset(f"low{at}" for at in range(3))
    assert set(pools) == {
        low,
        frozenset({"high"}),
        frozenset({"made_up"}),
        frozenset({"ganglion"}),
        frozenset({"atlas_microglia"}),
    }
    alone = {name for studies in pools if studies != low for name in studies}
    assert (pools[low]["k"], pools[low]["status"], pools[low]["n_pooled"]) == (3, "pooled", 60)
    assert pools[frozenset({"high"})]["status"] == "one_study"
    assert not (set(found["pooled"]["studies"].str.split("|").explode()) - {*low, *alone, ""})
    genes = found["pooled"][found["pooled"]["unit"] == "gene"]
    assert set(genes["studies"]) == {"low0|low1|low2"}


def test_claims_are_supported_where_studies_agree_and_left_alone_where_there_is_one(three):
    _, found = three
    claims = found["pooled"][(found["pooled"]["unit"] == "claim") & (found["pooled"]["identifier"] == IL1B)]
    pooled, alone = claims[claims["k"] == 3], claims[claims["k"] == 1]
    assert len(pooled) and set(pooled["conclusion"]) == {"supported"}
    assert (pooled["ci_high"] < 0).all() and pooled["sign_consistency"].eq("3 of 3").all()
    assert abs(pooled["estimate"].iloc[0] + 1.2) < 0.5
    # The study of 100 Hz, the simulated one and that of another tissue have nobody beside them.
    assert len(alone) and set(alone["conclusion"]) == {"one_study"} and alone["estimate"].isna().all()
    assert set(alone["studies"]) <= {"high", "made_up", "ganglion", "atlas_microglia"}


def test_the_effects_of_claimed_and_changed_genes_are_shown(three):
    run, found = three
    table = found["effects"]
    assert {"low0", "high", "made_up", "ganglion"} <= set(table["study"]) and "paper" not in set(table["study"])
    own = table[(table["study"] == "low1") & (table["identifier"] == IL1B)].iloc[0]
    assert "EAA:B008" in own["claims"].split("|") and own["effective_n"] == 8.0
    null = set(run.genes[10:])
    assert len(set(table["identifier"]) & null) < 10
    assert found["facts"]["counts"]["all_effects"] == 7 * 60


def test_the_matrix_has_every_claim_in_every_study(three):
    run, found = three
    matrix = found["replication"]
    shown = matrix[matrix["chosen"]]
    assert not shown.duplicated(["claim_id", "study"]).any()
    assert len(shown) == shown["claim_id"].nunique() * len(run.names)
    il1b = shown[shown["claim_id"] == "EAA:B008"].set_index("study")["verdict"]
    assert (il1b["low0"], il1b["high"], il1b["paper"]) == ("concordant", "discordant", "no_data")
    without = matrix[matrix["study"] == "paper"]
    assert without["reason"].str.contains("nobody has deposited").all() and (without["contrast"] == "").all()
    words = found["facts"]["replication"]
    assert set(words) == {"real", "simulated"} and sum(words["simulated"].values()) == shown["claim_id"].nunique()


def test_claims_of_papers_enter_as_claims(three):
    """zou2019 is not run: its claims have nobody to look in here (no miRNA), and no estimate."""
    _, found = three
    table = found["published_elsewhere"]
    zou = table[table["claim_study"] == "zou2019"]
    assert len(zou) and (zou["found"] == "not_looked_for").all() and zou["log2fc"].isna().all()
    assert not table["claim_has_data"].any()


def test_the_order_of_studies_changes_nothing_but_rows(three, tmp_path):
    _, found = three
    run = Run(tmp_path)
    for at in (2, 0, 1):
        run.study(f"low{at}", drawn(at), n=3 + at)
    turned = run.synthesise(order=["low1", "low2", "low0"])
    pick = [found["pooled"], turned["pooled"]]
    pick = [t[(t["studies"] == "low0|low1|low2") & (t["unit"] == "gene")].reset_index(drop=True) for t in pick]
    assert len(pick[0]) == 60
    pd.testing.assert_frame_equal(*pick, check_dtype=False)


def test_one_study_says_that_nothing_is_pooled(tmp_path):
    run = Run(tmp_path)
    run.study("alone", drawn(1))
    found = run.synthesise()
    assert set(found["pooled"]["status"]) == {"one_study"} and found["leave_one_out"].empty
    assert found["pooled"][["estimate", "q_claim", "stouffer_z"]].isna().all(axis=None)
    assert found["facts"]["pools"][0]["status"] == "one_study" and found["facts"]["pools"][0]["n_pooled"] == 0
    assert found["facts"]["orthologues"]["available"] is False
    assert "no table of orthologues" in found["facts"]["orthologues"]["reason"]


def test_studies_that_cannot_take_part_say_why_and_stop_nothing(tmp_path):
    run = Run(tmp_path)
    run.study("good", drawn(1))
    run.study("no_treatment", drawn(2), contrasts=[TREATMENT | {"role": "model"}])
    run.study("no_errors", drawn(3), se=np.nan)
    run.study("contradiction", drawn(4), facts=facts([2], kind="moxibustion"))
    run.study("paper", None)
    samples = [{"sample": f"good_{arm}_{i}", "condition": arm} for arm in ("EA", "model") for i in range(6)]
    run.study("twin", drawn(1), counts={"path": "good.tsv"}, samples=samples)
    found = run.synthesise()
    reasons = {row["study"]: row["reason"] for row in found["facts"]["studies"]}
    assert "no contrast sets the treatment" in reasons["no_treatment"] and "no data" in reasons["paper"]
    lost = {row["study"]: row for row in found["facts"]["losses"]}
    assert lost["no_errors"]["n_out"] == 0 and sum(lost["no_errors"]["dropped"].values()) == 60
    taken = found["moderators"].set_index("study")
    assert not taken.loc["good", "taken"] and "animals are those of twin" in taken.loc["good", "why_taken"]
    assert "animals are those of twin" in reasons["good"]
    assert len(found["facts"]["warnings"]) == 1 and "moxibustion a frequency" in found["facts"]["warnings"][0]
    assert not (found["pooled"]["studies"].str.contains("contradiction") & (found["pooled"]["k"] > 1)).any()


def test_across_species_is_a_sensitivity_analysis_with_a_label(tmp_path):
    run = Run(tmp_path, n_genes=4)
    run.study("rat", drawn(1)[:4], species=RAT)
    run.study("second_rat", drawn(2)[:4], species=RAT)
    mouse = {"24494": "16176", "29237": "18619", "24387": "14580", "25325": "16153"}
    run.genes = [mouse[gene] for gene in run.genes]
    run.study("mouse", drawn(3)[:4], species=MOUSE)
    human = {"24494": "3553", "29237": "5179", "24387": "2670", "25325": "3586"}
    rows = [(human[rat], taxon, name) for rat in mouse for taxon, name in (("10116", rat), ("10090", mouse[rat]))]
    head = "human_entrez\ttaxon_id\tentrez\tsupport_n\n"
    (tmp_path / "o.tsv").write_text(head + "".join("\t".join(row) + "\t9\n" for row in rows))
    found = run.synthesise(orthologues=str(tmp_path / "o.tsv"))
    across = found["pooled"][found["pooled"]["analysis"] == "across_species"]
    assert set(across["studies"]) == {"mouse|rat|second_rat"} and set(across["identifier_kind"]) == {"human_gene"}
    assert set(across.loc[across["unit"] == "gene", "conclusion"]) == {"supported"}
    # Il10 has claims of either direction: one of them must be opposed.
    il10 = across[(across["unit"] == "claim") & (across["identifier"] == "3586")]
    assert il10.set_index("direction")["conclusion"].to_dict() == {"up": "supported"}
    main = found["pooled"][found["pooled"]["analysis"] == "main"]
    assert not main["studies"].str.contains("mouse.rat", regex=True).any()
    assert found["facts"]["orthologues"]["available"] and found["facts"]["orthologues"]["pinned"] is False
    # Nothing of the sensitivity analysis enters the families of the main one.
    assert main.drop(columns="pool").equals(run.synthesise()["pooled"].drop(columns="pool"))
