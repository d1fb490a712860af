"""Matrices of symbols and miRBase names: identifiers through the reference tables, and what gets none."""

from __future__ import annotations

import json

import pytest

from acuomics.catalogue.references import name_files
from acuomics.intake.take_in import take_in
from tests.unit.test_bad_input import has
from tests.workflow import snakemake, write_config

GENE_INFO = """#tax_id\tGeneID\tSymbol\tSynonyms
10116\t101\tGene01\tOld01|Both
10116\t102\tGene02\tOld02|Both
10116\t103\tGene03\t-
10116\t104\tGene04\t-
"""
ALIASES = """MIMAT0000606\trno-miR-7;rno-miR-7a;rno-miR-7a-5p;
MIMAT0000780\trno-miR-7b;
MIMAT0000892\trno-miR-223;rno-miR-223-3p;
MIMAT0003378\trno-miR-378;rno-miR-378a-5p;
MIMAT0003379\trno-miR-378;rno-miR-378a-3p;
"""

# What the configuration must name, and these tests do not use.
SMALL_RNA = {"mirbase_hairpins": [], "other_rna": ""}


@pytest.fixture
def take(make_study, load, tmp_path):
    (tmp_path / "gene_info").write_text(GENE_INFO)
    (tmp_path / "aliases.txt").write_text(ALIASES)
    references = {
        "mirbase_names": str(tmp_path / "aliases.txt"),
        "mirbase_mature": "",
        **SMALL_RNA,
        "gene_synonyms": {10116: str(tmp_path / "gene_info")},
    }

    def run(feature_id, names, references=references):
        study = make_study()
        study.study |= {"feature_id": feature_id, "assay": "mirna" if feature_id == "mirbase_name" else "mrna"}
        study.features[: len(names)] = names
        study.features[len(names) :] = [f"else-{i}" for i in range(40 - len(names))]
        found = load(study.write(), references=references).studies["small"]
        files = name_files(found.record, references)
        return take_in(found.record, found.counts_files, gene_table=None, max_zero_share=0.999, name_files=files)

    run.references = references
    return run


def test_symbols_get_ncbi_gene(take):
    intake = take("symbol", ["Gene01", "Old02", "Both", "gene03", "Gene04"])
    rows = intake.features.set_index("feature")
    assert rows["mapping"].iloc[:5].tolist() == ["mapped", "mapped", "ambiguous", "unmapped", "mapped"]
    assert rows["ncbi_gene"].iloc[:5].tolist() == ["101", "102", None, None, "104"]
    # Today's symbol beside what the matrix has; what is not resolved keeps its name, a slip of letter case too.
    assert rows["symbol"].iloc[:4].tolist() == ["Gene01", "Gene02", "Both", "gene03"]
    facts = intake.facts
    assert (facts["n_in"], facts["n_out"], facts["n_ambiguous"]) == (40, 40, 1)
    assert facts["mapping"]["mapped"] == 3 and facts["mapping"]["unmapped"] == 36
    assert facts["names"]["synonym"] == 1 and facts["names"]["current"] == 2 and sum(facts["names"].values()) == 40
    has("\n".join(facts["warnings"]), "37 of 40 features have not an NCBI Gene id (1 ambiguous, 36 unresolved)")


def test_mirbase_names_get_mimat(take):
    names = ["rno-miR-7a", "miR-7b", "rno-miR-378", "rno-miR-223-3p", "rno-miR-233-3p", "rno-miR-223"]
    intake = take("mirbase_name", names)
    rows = intake.features.iloc[:6]
    assert rows["mimat"].tolist() == ["MIMAT0000606", "MIMAT0000780", None, "MIMAT0000892", None, "MIMAT0000892"]
    assert rows["mapping"].tolist() == ["mapped", "mapped", "ambiguous", "mapped", "unmapped", "mapped"]
    assert rows["symbol"].tolist()[0] == "rno-miR-7a-5p"
    # Nothing is merged: two features of one accession stay two, and it is said.
    assert intake.facts["mapping"]["sharing_a_mimat"] == 2 and intake.facts["n_out"] == 40
    has("\n".join(intake.facts["warnings"]), "2 features share their MIMAT accession")


def test_without_the_tables_nothing_maps(take):
    none = {"mirbase_names": "", "mirbase_mature": "", **SMALL_RNA, "gene_synonyms": {9606: "of another species"}}
    for feature_id, name in (("symbol", "Gene01"), ("mirbase_name", "rno-miR-7b")):
        intake = take(feature_id, [name], references=none)
        assert intake.facts["mapping"]["unmapped"] == 40 and intake.facts["names"] is None
        has("\n".join(intake.facts["warnings"]), f"features are named by {feature_id}", "none is guessed")


def test_a_study_needs_its_own_tables_only(take):
    references = take.references
    assert set(name_files({"feature_id": "symbol", "taxon": 10116}, references)) == {"gene_synonyms"}
    assert set(name_files({"feature_id": "mirbase_name", "taxon": 10116}, references)) == {"mirbase_names"}
    assert name_files({"feature_id": "ensembl_gene", "taxon": 10116}, references) == {}
    assert name_files({"feature_id": "symbol", "taxon": 9606}, references) == {}


def test_faults_of_the_tables_stop_before_the_run(make_study, faults, tmp_path):
    (tmp_path / "gene_info").write_text(GENE_INFO.replace("10116", "9606"))
    references = {
        "mirbase_names": "",
        "mirbase_mature": "",
        **SMALL_RNA,
        "gene_synonyms": {10116: str(tmp_path / "gene_info")},
    }
    (text,) = faults(make_study().write(), references=references)
    has(text, tmp_path / "gene_info", "no gene is of taxon 10116")
    references["gene_synonyms"] = {10116: str(tmp_path / "nowhere")}
    (text,) = faults(make_study().write(), references=references)
    has(text, "nowhere", "does not exist")


def test_targets_without_names_are_a_fault(make_study, faults, default_config):
    targets = default_config["mechanisms"]["mirna_targets"] | {"table": "t.tsv", "pairs": [{"mirna": "a", "mrna": "b"}]}
    mechanisms = default_config["mechanisms"] | {"mirna_targets": targets}
    text = "\n".join(faults(make_study().write(), mechanisms=mechanisms))
    has(text, "references.mirbase_names", "no miRBase names to read its miRNAs by")


def test_the_rule_hands_the_tables_over(make_study, tmp_path):
    """The plan and one job: the table is an input of the rule, and a change of it would rerun the job."""
    study = make_study()
    study.features[0] = "Old01"
    study.write()
    (tmp_path / "gene_info").write_text(GENE_INFO)
    config = write_config(
        tmp_path / "c.yaml",
        studies=["small"],
        study_folders=[str(tmp_path / "studies")],
        data_root=str(tmp_path / "data"),
        references={"gene_synonyms": {10116: str(tmp_path / "gene_info")}},
    )
    goal = "results/small/intake/intake.json"
    result = snakemake(tmp_path, goal, config=config)
    assert result.returncode == 0, result.stdout
    assert json.loads((tmp_path / goal).read_text())["names"]["synonym"] == 1
    features = (tmp_path / "results/small/intake/features.tsv").read_text().splitlines()
    assert features[1].split("\t") == ["Old01", "101", "NA", "Gene01", "NA", "mapped"]
    (tmp_path / "gene_info").write_text(GENE_INFO.replace("\t101\t", "\t1010\t"))
    assert "take_in_counts" in snakemake(tmp_path, "--dry-run", goal, config=config).stdout
