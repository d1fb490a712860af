"""The same Snakefile on the real studies, from their deposited files to the page."""

import json

import pandas as pd
import pytest

from acuomics.files import read_tsv
from tests.realdata import real_config
from tests.workflow import snakemake, write_config

PAIR = "tgfb1_vs_ctrl__sb_vs_tgfb1"


@pytest.fixture(scope="module")
def run(real_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("real")
    config = real_config(real_data)
    changes = {key: config[key] for key in ("studies", "study_folders", "data_root", "gene_tables")}
    result = snakemake(folder, config=write_config(folder / "real.yaml", **changes))
    assert result.returncode == 0, result.stdout
    return folder / "results"


def table(run, study, contrast):
    return read_tsv(run / study / "de" / "tables" / f"{contrast}.tsv")


def test_hammer_finds_the_known_markers_of_nerve_injury(run):
    known = {
        "Atf3": 3.2,
        "Gal": 3.4,
        "Vip": 4.3,
        "Cacna2d1": 1.8,
        "Sprr1a": 5.4,
        "Scn10a": -2.2,
        "Trpv1": -2.0,
        "Penk": -1.9,
    }
    found = table(run, "hammer", "snl_vs_control").set_index("symbol")
    for symbol, log2fc in known.items():
        assert found.loc[symbol, "log2fc"] == pytest.approx(log2fc, abs=0.1), symbol
        assert found.loc[symbol, "q"] < 0.05, symbol


def test_features_are_kept_and_counted(run):
    facts = json.loads((run / "hammer" / "intake" / "intake.json").read_text())
    assert facts["n_in"] == 29_516 == facts["n_out"] + sum(facts["dropped"].values())
    features = pd.read_csv(run / "hammer" / "intake" / "features.tsv", sep="\t", dtype=str, keep_default_na=False)
    mapped = features["mapping"].value_counts()
    assert 12_000 < mapped["mapped"] < 16_198 and mapped["unmapped"] > 13_000
    assert facts["n_ambiguous"] == mapped.get("ambiguous", 0)


@pytest.mark.parametrize(("study", "calls", "venn"), [("gse188236_mirna", 7, 46), ("gse188236_mrna", 6, 681)])
def test_reversal_of_the_tgf_beta_study(run, study, calls, venn):
    summary = json.loads((run / study / "reversal" / f"{PAIR}.json").read_text())
    assert abs(summary["reversed"] - calls) <= 1
    assert summary["nominal_venn_both"] == summary["nominal_venn_opposite"] == pytest.approx(venn, abs=venn * 0.01)
    permutations = summary["permutations"]
    assert permutations["draws"] == 20 and permutations["distinct"] == 252
    assert permutations["mean"] <= 0.5
    assert summary["null_correlation"] == pytest.approx(-0.5, abs=0.05)


def test_the_page_shows_the_numbers_side_by_side(run):
    page = (run / "report" / "studies" / "gse188236_mrna.html").read_text()
    summary = json.loads((run / "gse188236_mrna" / "reversal" / f"{PAIR}.json").read_text())
    for number in (summary["reversed"], summary["nominal_venn_opposite"], summary["nominal_venn_opposite_lfc1"]):
        assert f">{number}<" in page, number
    assert "mean of 20 relabelings" in page
    assert "SIMULATED" not in page


def test_curated_genes_are_annotated_in_rat_and_not_scored_where_rna_cannot_speak(run):
    annotated = pd.read_csv(run / "hammer" / "mechanisms" / "annotations.tsv", sep="\t", keep_default_na=False)
    assert {"Penk", "Gfap", "P2rx3"} <= set(annotated["symbol"])
    assert (annotated.loc[annotated["direction_rule"] == "none", "agrees"] == "not_scored").all()
    assert annotated.loc[annotated["symbol"] == "Tph2", "note"].str.startswith("soma_absent").all()
    # Ligation against control says nothing about electroacupuncture.
    assert (annotated["agrees"] == "not_scored").all()


def test_every_claim_gets_a_verdict_in_every_real_study(run):
    verdicts = read_tsv(run / "mechanisms" / "verdicts.tsv", dtype={"symbol": str})
    per_study = verdicts.groupby("study")["claim_id"].nunique()
    # 180 claims, wherever the tissue is one of the curated levels or not.
    assert set(per_study) == {180} and len(per_study) == 6
    assert not verdicts["scored"].any()  # none of these studies has an EA contrast but the TGF-beta pair's inhibitor
    rat = verdicts[verdicts["study"] == "hammer"]
    tph2 = rat[rat["symbol"] == "Tph2"]
    assert len(tph2) and set(tph2["verdict"]) == {"not_testable:soma_absent"}
    assert set(verdicts["mechanism_set"]) == {verdicts["mechanism_set"].iloc[0]}
    assert verdicts["mechanism_set"].str.startswith("1.").all()


def test_set_tests_keep_every_family_and_say_what_is_small(run):
    table = read_tsv(run / "hammer_2weeks" / "mechanisms" / "settests.tsv")
    assert len(table) == 6 and table["set"].nunique() == 6
    microglia = table.set_index("set").loc["microglia"]
    # Nerve injury raises the markers that acupuncture is claimed to lower.
    assert microglia["direction"] == "against_claim" and microglia["p_fry"] < 0.05
    assert microglia["caution"] == "cell-type signal"
    assert table.set_index("set").loc["opioid_precursors", "below_size"]
    assert table["sensitivity_ulm_p"].notna().all()
