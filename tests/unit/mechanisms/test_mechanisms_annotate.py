"""The rules of annotation, on small tables with known answers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from acuomics.mechanisms.annotate import ANNOTATION_COLUMNS, annotate, read_contrast_tables
from acuomics.mechanisms.curated import load_set
from acuomics.mechanisms.members import references

CURATED = load_set(Path(__file__).parents[3] / "resources" / "mechanisms")

# Rat: NCBI Gene id or MIMAT accession by label.
IDS = {
    "Mapk14": "81649",
    "Tph2": "317675",
    "Dbh": "25699",
    "Ccr2": "60463",
    "Cxcl1": "81503",
    "Gfap": "24387",
    "Il1b": "24494",
    "Il10": "25325",
    "P2ry12": "64803",
    "Pomc": "24664",
    "Pdyn": "29190",
}
MIRNAS = {"rno-miR-7a-5p": "MIMAT0000606", "rno-miR-223-3p": "MIMAT0000892", "rno-miR-206-3p": "MIMAT0000879"}


def record(level="spinal", taxon=10116, assay="mrna", source="An invented study.", role="treatment"):
    return {
        "study": "made_up",
        "taxon": taxon,
        "assay": assay,
        "source": source,
        "tissue": {"name": "tissue", "level": level},
        "contrasts": [{"contrast": "ea_vs_model", "role": role}],
    }


def features(ids, **columns):
    kind = "mimat" if next(iter(ids.values())).startswith("MIMAT") else "ncbi_gene"
    frame = pd.DataFrame({"feature": list(ids.values()), "symbol": list(ids)})
    for column in ("ncbi_gene", "ensembl_gene", "mimat"):
        frame[column] = np.nan
    frame = frame.astype({"ncbi_gene": object, "mimat": object})
    frame[kind] = list(ids.values())
    frame["mapping"] = "identity"
    return frame.assign(**columns)


def table(ids, log2fc=1.0, q=0.001, status="tested"):
    return pd.DataFrame(
        {
            "feature": list(ids.values()),
            "log2fc": log2fc,
            "log2fc_se": 0.2,
            "p": q / 10,
            "q": q,
            "status": status,
        }
    )


def run(ids, *, q=0.001, log2fc=1.0, status="tested", **study):
    rows, summary = annotate(
        record(**study), features(ids), {"ea_vs_model": table(ids, log2fc, q, status)}, CURATED, 0.05
    )
    return rows, summary


def only(ids, **options):
    rows, _ = run(ids, **options)
    assert len(rows) == 1
    return rows.iloc[0]


def pick(*names):
    return {name: IDS[name] for name in names}


def test_ids_of_this_test_are_those_of_the_tables():
    rat = CURATED.members[CURATED.members["species"] == "10116"]
    by_symbol = dict(zip(rat["symbol"], rat["gene_ncbi"], strict=True))
    assert {name: by_symbol[name] for name in IDS} == IDS


def test_columns_follow_the_contract():
    rows, _ = run(pick("Gfap"))
    assert tuple(rows.columns) == ANNOTATION_COLUMNS
    assert set(rows["set_hash"]) == {CURATED.sha256[:12]}
    assert set(rows["set_version"]) == {CURATED.version}


def test_kinase_is_annotated_and_never_scored():
    row = only(pick("Mapk14"), log2fc=-3.0)
    assert (row["mechanism"], row["direction_rule"]) == ("MAPK_p38", "none")
    assert (row["significant"], row["direction_seen"]) == ("yes", "down")
    assert row["agrees"] == "not_scored"
    assert row["note"].startswith("direction_rule_none")


@pytest.mark.parametrize("level", ["spinal", "DRG"])
def test_raphe_gene_is_soma_absent_in_cord_and_ganglion(level):
    row = only(pick("Tph2"), level=level)
    assert row["agrees"] == "not_scored"
    assert row["note"].startswith("soma_absent")


@pytest.mark.parametrize("level", ["brainstem", "blood_systemic", "acupoint"])
def test_raphe_gene_is_not_soma_absent_in_the_brainstem_or_outside_nervous_tissue(level):
    assert "soma_absent" not in only(pick("Tph2"), level=level)["note"]


def test_noradrenergic_gene_is_soma_absent_in_every_mechanism_it_stands_in():
    rows, _ = run(pick("Dbh"))
    assert len(rows) == 2
    assert rows["note"].str.startswith("soma_absent").all()


def test_agreeing_and_disagreeing_directions():
    rows, summary = run(pick("Gfap", "Il1b", "Il10"), log2fc=np.array([-1.0, 1.0, 1.0]))
    seen = dict(zip(rows["symbol"], zip(rows["expected_sign"], rows["agrees"], strict=True), strict=True))
    assert seen == {"Gfap": ("down", "yes"), "Il1b": ("down", "no"), "Il10": ("up", "yes")}
    counts = summary["contrasts"][0]
    assert (counts["n_scored"], counts["n_agree"], counts["n_disagree"]) == (3, 2, 1)


def test_not_significant_is_never_no_change():
    row = only(pick("Gfap"), q=0.4)
    assert (row["significant"], row["direction_seen"], row["agrees"]) == ("no", "not_significant", "not_scored")
    assert row["note"].startswith("not_significant")
    assert "no evidence of no change" in row["note"]


def test_feature_without_q_is_not_tested_and_says_why():
    row = only(pick("Gfap"), q=np.nan, status="low_count")
    assert row["significant"] == row["direction_seen"] == "not_tested"
    assert row["note"].startswith("not_tested: low_count")


def test_feature_missing_from_the_table_is_not_tested():
    ids = pick("Gfap", "Il1b")
    rows, _ = annotate(record(), features(ids), {"ea_vs_model": table(pick("Gfap"))}, CURATED, 0.05)
    assert rows.set_index("symbol").loc["Il1b", "note"].startswith("not_tested: not in the table")


@pytest.mark.parametrize("role", ["model", "residual", "baseline", "interaction"])
def test_other_contrasts_are_not_scored(role):
    row = only(pick("Gfap"), role=role)
    assert row["agrees"] == "not_scored"
    assert row["note"].startswith("contrast_role")


def test_specificity_contrast_is_scored():
    assert only(pick("Gfap"), role="specificity", log2fc=-1.0)["agrees"] == "yes"


def test_conflicted_claim_names_its_groups_and_is_not_scored():
    row = only(pick("P2ry12"))
    assert (row["expected_sign"], row["agrees"]) == ("conflicted", "not_scored")
    assert "CG:glia" in row["note"]


def test_conditional_claim_is_not_scored():
    row = only(pick("Pdyn"))
    assert (row["expected_sign"], row["agrees"]) == ("conditional", "not_scored")
    assert "frequency" in row["note"]


def test_level_out_of_scope():
    row = only(pick("Gfap"), level="thalamus")
    assert row["level_in_scope"] == "no"
    assert row["note"].startswith("out_of_scope_level")


@pytest.mark.parametrize("level", ["blood_systemic", "other"])
def test_levels_without_claims_are_never_scored(level):
    rows, _ = run(IDS, level=level)
    assert set(rows["agrees"]) == {"not_scored"}
    assert set(rows["level_in_scope"]) == {"no"}


def test_rat_ccr2_joins_by_its_own_id_and_not_by_the_one_of_ccr5():
    row = only(pick("Ccr2"))
    assert row["mechanism"] == "CCL2_CCR2"
    assert "identifier unverified" in row["note"]
    # Rat Ccr5, which automatic orthology gives for human CCR2, even when it is called Ccr2.
    rows, _ = run({"Ccr2": "117029"})
    assert rows.empty


def test_cxcl1_is_the_rats_cxcl1():
    assert only(pick("Cxcl1"))["mechanism"] == "CXCL1_CXCR2"


def test_a_symbol_never_joins():
    rows, summary = run({"Gfap": "ENSRNOG00000002919"})
    assert rows.empty
    assert summary["n_found"] == 0


def test_identifiers_are_those_of_the_species():
    rows, _ = run({"Gfap": "14580"}, taxon=10090)
    assert list(rows["symbol"]) == ["Gfap"]
    rows, _ = run(pick("Gfap"), taxon=10090)
    assert rows.empty


def test_ambiguous_mapping_is_not_joined_and_is_counted():
    ids = pick("Gfap")
    rows, summary = annotate(record(), features(ids, mapping="ambiguous"), {"ea_vs_model": table(ids)}, CURATED, 0.05)
    assert rows.empty
    assert summary["n_ambiguous_not_joined"] == 1


def test_shared_members_say_with_whom():
    rows, summary = run(pick("Pomc"))
    notes = dict(zip(rows["mechanism_id"], rows["note"], strict=True))
    assert "shared with HPA_axis (EAM:0032)" in notes["EAM:0001"]
    assert "shared with opioid_beta_endorphin (EAM:0001)" in notes["EAM:0032"]
    # Two labels, one transcript: it counts once.
    assert summary["contrasts"][0]["n_significant"] == 1


def test_two_features_of_one_gene_are_both_kept():
    ids = {"Gfap": "ENSRNOG1", "Gfap_copy": "ENSRNOG2"}
    frame = features(ids, ncbi_gene=IDS["Gfap"])
    rows, summary = annotate(record(), frame, {"ea_vs_model": table(ids)}, CURATED, 0.05)
    assert list(rows["feature"]) == ["ENSRNOG1", "ENSRNOG2"]
    assert rows["note"].str.contains("2 features carry this identifier").all()
    assert summary["n_found"] == 1


def test_mir_223_joins_by_accession_and_says_that_its_name_is_emended():
    row = only({"anything": MIRNAS["rno-miR-223-3p"]}, assay="mirna")
    assert (row["mechanism_id"], row["expected_sign"], row["agrees"]) == ("EAM:0036", "up", "yes")
    assert "printed as miR-233-3p (sic)" in row["note"]


def test_the_nematode_mirna_of_the_printed_name_never_joins():
    rows, _ = run({"cel-miR-233-3p": "MIMAT0000288"}, assay="mirna")
    assert rows.empty


def test_claims_of_the_study_itself_are_circular():
    source = "Zou et al. 2019, doi:10.1007/s12640-019-00052-8, PMID:31124075"
    rows, _ = run(MIRNAS, assay="mirna", source=source)
    verdicts = dict(zip(rows["symbol"], zip(rows["agrees"], rows["note"], strict=True), strict=True))
    assert verdicts["rno-miR-7a-5p"][1].startswith("circular")
    assert verdicts["rno-miR-223-3p"][1].startswith("circular")
    assert verdicts["rno-miR-206-3p"] == ("yes", "")


def test_mirna_claim_of_the_ganglion_is_out_of_scope_in_the_cord():
    ids = {"rno-miR-335": "MIMAT0000575"}
    assert only(ids, assay="mirna")["note"].startswith("out_of_scope_level")
    row = only(ids, assay="mirna", level="DRG")
    assert (row["mechanism_id"], row["expected_sign"]) == ("EAM-MIR:102", "two_sided")


def test_summary_names_what_the_data_lack():
    _, summary = run(pick("Gfap"))
    assert (summary["n_curated"], summary["n_found"]) == (252, 1)
    assert len(summary["absent"]) == 251
    assert {"id": IDS["Tph2"], "symbol": "Tph2"} in summary["absent"]
    assert (summary["set_hash"], summary["set_version"]) == (CURATED.sha256, CURATED.version)


def test_every_row_that_is_not_scored_is_counted_under_a_reason():
    _, summary = run(IDS)
    counts = summary["contrasts"][0]
    assert sum(counts["not_scored"].values()) + counts["n_scored"] == counts["n_rows"]


def test_species_that_the_set_does_not_cover():
    rows, summary = run(pick("Gfap"), taxon=9925)
    assert rows.empty
    assert tuple(rows.columns) == ANNOTATION_COLUMNS
    assert summary["warnings"] == ["the curated set has no identifiers for taxon 9925"]


def test_references():
    assert references("PMID 1; PMID:23 doi:10.1/Ab.c, 10.1007/S1-x.") == {
        "pmid:1",
        "pmid:23",
        "doi:10.1007/s1-x",
    }


def test_contrast_tables_keep_identifiers_as_text(tmp_path):
    (tmp_path / "a.tsv").write_text("feature\tsymbol\tlog2fc\tq\tstatus\n0123\tNA\t1\tNA\ttested\n")
    (tmp_path / "b.tsv").write_text("feature\tsymbol\tlog2fc\tq\tstatus\n24387\tGfap\t1\t0.1\ttested\n")
    tables = read_contrast_tables(tmp_path)
    assert list(tables) == ["a", "b"]
    assert list(tables["a"]["feature"]) == ["0123"]


def test_paralogue_without_a_claim_is_context():
    row = only({"rno-miR-7b": "MIMAT0000780"}, assay="mirna")
    assert (row["direction_rule"], row["agrees"], row["level_in_scope"]) == ("none", "not_scored", "yes")
    assert row["note"] == "no_claim: the entry is context, no claim is made about it"


def test_simulated_study_says_that_agreement_was_planted():
    study = {**record(), "simulated": True}
    ids = pick("Gfap")
    _, summary = annotate(study, features(ids), {"ea_vs_model": table(ids)}, CURATED, 0.05)
    assert "no evidence" in summary["warnings"][0]
