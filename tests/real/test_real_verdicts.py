"""The curated claims on rat dorsal root ganglia after nerve ligation (hammer, R DESeq2's own table)."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from acuomics.inputs.gene_table import read_gene_table
from acuomics.intake.mapping import map_features
from acuomics.mechanisms.curated import claims_with_parts, load_set
from acuomics.mechanisms.verdicts.judge import judge_claims
from acuomics.mechanisms.verdicts.vocabulary import NOT_TESTABLE, VERDICTS
from acuomics.problems import Problems
from tests.realdata import real_study, reference
from tests.workflow import snakemake, write_config

SET = Path(__file__).parents[2] / "resources" / "mechanisms"


@pytest.fixture(scope="module")
def verdicts(real_data):
    curated = load_set(SET)
    mirnas = curated.mirnas[curated.mirnas["use"] == "claim"]
    tables = [claims_with_parts(curated), curated.members, mirnas, curated.levels]
    record = real_study("hammer_2weeks", real_data).record
    found, _ = reference("hammer_2weeks", "snl_vs_control", real_data)
    problems = Problems()
    genes = read_gene_table(str(real_data / "genes" / "annotables_rnor6.tsv.gz"), problems)
    assert not problems.found
    features = map_features([str(name) for name in found.index], None, "ensembl_gene", genes)
    columns = {
        "baseMean": "base_mean",
        "log2FoldChange": "log2fc",
        "lfcSE": "log2fc_se",
        "pvalue": "p",
        "padj": "q",
    }
    table = found.rename(columns=columns).assign(feature=[str(name) for name in found.index])
    table["status"] = np.where(table["base_mean"] == 0, "all_zero", "tested")
    # No contrast of this study speaks to EA; the second is the same one under a role that does, to reach all rules.
    as_treatment = record["contrasts"][0] | {"contrast": "as_treatment", "role": "treatment"}
    record = record | {"contrasts": [record["contrasts"][0], as_treatment]}
    judged, _ = judge_claims(
        *tables, record, features, {contrast["contrast"]: table for contrast in record["contrasts"]}
    )
    return tables[0], judged


def test_every_claim_has_a_verdict_of_the_vocabulary(verdicts):
    claims, judged = verdicts
    for _, table in judged.groupby("contrast"):
        assert set(table["claim_id"]) == set(claims["claim_id"])
    words = set(judged["verdict"].str.partition(":")[0])
    assert words <= {*VERDICTS, NOT_TESTABLE}
    assert (judged["reason"].str.len() > 10).all()
    assert not judged.duplicated(["claim_id", "contrast", "identifier", "claimed_direction"]).any()


def test_a_study_without_ea_bears_no_claim_out(verdicts):
    _, judged = verdicts
    model = judged[judged["contrast_role"] == "model"]
    assert not model["scored"].any()
    assert not set(model["verdict"]) & {"concordant", "discordant", "no_change_supported", "conflicted_claim"}


def test_no_kinase_channel_or_receptor_of_the_rule_none_is_scored(verdicts):
    _, judged = verdicts
    unscored = judged[judged["direction_rule"] == "none"]
    assert unscored[["p_one_sided", "p_two_sided", "p_equivalence", "q_family"]].isna().all(axis=None)
    assert set(unscored["verdict"].str.partition(":")[0]) <= {NOT_TESTABLE}
    scored = judged[judged["scored"]]
    assert len(scored) and not set(scored["role"]) & {"kinase", "channel"}


def test_no_gene_of_the_raphe_is_tested_in_a_ganglion(verdicts):
    _, judged = verdicts
    raphe = judged[judged["symbol"].isin(["Tph2", "Slc6a4", "Dbh", "Slc6a2"])]
    assert {"Tph2", "Slc6a4", "Dbh", "Slc6a2"} == set(raphe["symbol"])
    assert set(raphe["verdict"]) == {f"{NOT_TESTABLE}:soma_absent"}
    assert not raphe["scored"].any()


def test_mirnas_are_linked_to_their_validated_targets(real_data, tmp_path):
    """The embedded pair of studies with the real tables of targets and names."""
    targets = {
        "table": str(real_data / "targets" / "miRTarBase_functional_MTI_hsa_mmu_rno.tsv.gz"),
        "pairs": [{"mirna": "demo_phn_mirna", "mrna": "demo_phn_mrna"}],
    }
    names = {"mirbase_names": str(real_data / "mirbase" / "mirbase_name_history_hsa_mmu_rno_v6_v22.tsv.gz")}
    config = write_config(tmp_path / "c.yaml", mechanisms={"mirna_targets": targets}, references=names)
    goal = "results/demo_phn_mirna/mechanisms/targets.demo_phn_mrna.tsv"
    result = snakemake(tmp_path, goal, config=config)
    assert result.returncode == 0, result.stdout
    stated = pd.read_csv(tmp_path / goal, sep="\t", dtype={"target_ncbi": str})
    assert set(stated["mirna_level"]) == {"spinal"} and stated["contrast"].nunique() == 3
    # Real rat miRNAs of the set have validated rat targets among the curated genes; nothing of another species joins.
    assert set(stated["mimat"]) <= {"MIMAT0000606", "MIMAT0000892", "MIMAT0000879", "MIMAT0000575", "MIMAT0000780"}
    assert "does not refute" in " ".join(stated["note"].fillna(""))
    sets = pd.read_csv(tmp_path / goal.replace("/targets.", "/target_sets."), sep="\t")
    assert (sets["draws"].dropna() <= 10_000).all() and not sets["enriched"].fillna(False).all()
    assert sets["status"].notna().all()
    facts = json.loads((tmp_path / goal.replace(".tsv", ".json")).read_text())
    assert [row["pinned"] for row in facts["references"]] == [True, True]
