"""Taking in: contract of the outputs, rounding, mapping, loss counted."""

from __future__ import annotations

import json

import numpy as np
import pytest

from acuomics.files import read_json, write_json
from acuomics.inputs.gene_table import read_gene_table, without_version
from acuomics.intake.mapping import map_features, mapping_facts
from acuomics.intake.take_in import take_in
from acuomics.problems import InputError, Problems

TABLE = (
    "ensgene\tentrez\tsymbol\tchr\n"
    "ENSRNOG00000000001\t311013\tArsj\t2\n"
    "ENSRNOG00000000007\t24379\tGad1\t3\n"
    "ENSRNOG00000000009\t100\tTwo\t1\n"
    "ENSRNOG00000000009\t20\tTwo\t1\n"
    "ENSRNOG00000000010\tNA\tLoc\t1\n"
    "ENSRNOG00000000011\t24379\tGad1\t3\n"
)


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "genes.tsv"
    path.write_text(TABLE)
    problems = Problems()
    found = read_gene_table(str(path), problems)
    assert not problems.found
    return found


def one(name, feature_id, table=None, label=None):
    rows = map_features([name], None if label is None else [label], feature_id, table)
    return rows.iloc[0].to_dict()


def test_ensembl_ids(table):
    row = one("ENSRNOG00000000001.5", "ensembl_gene", table)
    assert row == {
        "feature": "ENSRNOG00000000001.5", "ncbi_gene": "311013", "ensembl_gene": "ENSRNOG00000000001",
        "symbol": "Arsj", "mimat": None, "mapping": "mapped",
    }  # fmt: skip
    ambiguous = one("ENSRNOG00000000009", "ensembl_gene", table)
    assert (ambiguous["ncbi_gene"], ambiguous["symbol"], ambiguous["mapping"]) == (None, "Two", "ambiguous")
    absent = one("ENSRNOG00000000010", "ensembl_gene", table)
    assert (absent["ncbi_gene"], absent["symbol"], absent["mapping"]) == (None, "Loc", "unmapped")
    unknown = one("ENSRNOG00000099999", "ensembl_gene", table)
    assert (unknown["ncbi_gene"], unknown["symbol"], unknown["mapping"]) == (None, None, "unmapped")


def test_features_that_share_a_gene_are_counted(table):
    names = ["ENSRNOG00000000007", "ENSRNOG00000000011", "ENSRNOG00000000001"]
    assert mapping_facts(map_features(names, None, "ensembl_gene", table)) == {
        "identity": 0, "mapped": 3, "ambiguous": 0, "unmapped": 0, "sharing_a_gene": 2, "sharing_a_mimat": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("ENSG00000000003.15", "ENSG00000000003"),
        ("ENSMUSG00000000001.4", "ENSMUSG00000000001"),
        ("ENSG00000182378.14_PAR_Y", "ENSG00000182378"),
        ("ENSG00000000003", "ENSG00000000003"),
        ("RP11-34P13.7", "RP11-34P13.7"),
        ("FBgn0000003", "FBgn0000003"),
    ],
)
def test_versions(name, bare):
    assert without_version(name) == bare


def test_other_identifiers(table):
    assert one("24379", "ncbi_gene")["mapping"] == "identity"
    by_gene = one("311013", "ncbi_gene", table)
    assert (by_gene["ensembl_gene"], by_gene["symbol"]) == ("ENSRNOG00000000001", "Arsj")
    assert one("24379", "ncbi_gene", table)["ensembl_gene"] is None  # two Ensembl genes: none is chosen
    assert one("SimGene00001", "ncbi_gene", label="SimGene00001")["mapping"] == "unmapped"
    mirna = one("MIMAT0000892", "mimat", label="rno-miR-223-3p")
    assert (mirna["mimat"], mirna["symbol"], mirna["mapping"]) == ("MIMAT0000892", "rno-miR-223-3p", "identity")
    assert one("sim-miR-0001", "mimat")["mapping"] == "unmapped"


def test_a_symbol_is_never_a_key(table):
    row = one("Gad1", "symbol", table)
    assert (row["ncbi_gene"], row["symbol"], row["mapping"]) == (None, "Gad1", "unmapped")


def taken(study, load, gene_table=None):
    found = load(study.write()).studies["small"]
    # As in the workflow: the record goes through study.json.
    write_json(found.record, "study.json")
    return take_in(read_json("study.json"), found.counts_files, gene_table=gene_table, max_zero_share=0.999)


def test_outputs_keep_the_contract(make_study, load):
    study = make_study()
    study.features.append("__no_feature")
    study.counts.append([50 + j for j in range(9)])
    study.study["counts"]["drop_features"] = ["__no_feature"]
    intake = taken(study, load)
    names = [row["sample"] for row in study.samples]
    assert list(intake.counts.columns) == ["feature", *names]
    assert intake.counts["feature"].tolist() == study.features[:-1]
    assert {str(kind) for kind in intake.counts.dtypes} == {"string", "int64"}
    assert intake.counts[names].to_numpy().tolist() == study.counts[:-1]
    assert list(intake.samples.columns) == ["sample", "condition"]
    assert intake.samples.to_dict("records") == study.samples
    assert list(intake.features.columns) == ["feature", "ncbi_gene", "ensembl_gene", "symbol", "mimat", "mapping"]
    assert intake.features["feature"].tolist() == intake.counts["feature"].tolist()
    facts = json.loads(json.dumps(intake.facts, allow_nan=False))
    assert facts["inference"] == ["negative_binomial"]
    assert (facts["n_in"], facts["n_out"], facts["dropped"]) == (41, 40, {"drop_features": 1})
    first = facts["samples"][0]
    column = [row[0] for row in study.counts[:-1]]
    assert first == {
        "sample": "control_1",
        "library_size": sum(column),
        "detected_features": sum(x > 0 for x in column),
        "zero_share": sum(x == 0 for x in column) / 40,
    }


def test_rounding_is_declared_and_reported(make_study, load):
    study = make_study()
    study.counts[0][0], study.counts[1][0] = 12.4, 12.6
    study.study["counts"] |= {"rounding": "nearest", "rounding_reason": "RSEM estimates"}
    intake = taken(study, load)
    assert intake.counts["control_1"].tolist()[:2] == [12, 13]
    assert intake.facts["rounding"] == {
        "mode": "nearest", "reason": "RSEM estimates", "fractional_share": pytest.approx(2 / 360),
    }  # fmt: skip
    assert any("RSEM estimates" in text for text in intake.facts["warnings"])


def test_uneven_depth_is_a_warning(make_study, load):
    study = make_study()
    study.counts = [[x * (5 if j == 8 else 1) for j, x in enumerate(row)] for row in study.counts]
    assert any("library sizes differ" in text for text in taken(study, load).facts["warnings"])


def test_a_gene_table_of_another_species(make_study, faults, tmp_path):
    (tmp_path / "genes.tsv").write_text(TABLE)
    study = make_study()
    study.study["feature_id"] = "ensembl_gene"
    study.features = [f"ENSG{i:011d}" for i in range(40)]
    text = faults(study.write(), gene_tables={10116: str(tmp_path / "genes.tsv")})[0]
    assert "only 0 of 40 features are in the gene table" in text
    assert "right species" in text


def test_a_gene_table_that_is_none(make_study, faults, tmp_path):
    (tmp_path / "genes.tsv").write_text(TABLE.replace("entrez", "gene_id"))
    tables = {10116: str(tmp_path / "genes.tsv")}
    assert "the gene table lacks the column entrez" in faults(make_study().write(), gene_tables=tables)[0]
    tables = {10116: str(tmp_path / "nothing.tsv")}
    assert "nothing.tsv: the file does not exist" in faults(make_study().write(), gene_tables=tables)[0]


def test_intake_itself_refuses(make_study, load, default_config):
    study = make_study()
    record = load(study.write()).studies["small"]
    study.counts[0][0] = -1
    study.write()
    with pytest.raises(InputError, match="cannot be negative"):
        take_in(record.record, record.counts_files, gene_table=None, max_zero_share=0.999)


def test_sample_order_is_that_of_the_sheet(make_study, load):
    study = make_study().write()
    intake = taken(study, load)
    lines = [line.split("\t") for line in study.matrix_text().splitlines()]
    study.counts_path.write_text("\n".join("\t".join([row[0], *row[:0:-1]]) for row in lines) + "\n")
    record = load(study).studies["small"]
    again = take_in(record.record, record.counts_files, gene_table=None, max_zero_share=0.999)
    assert again.counts.equals(intake.counts)
    assert np.array_equal(again.features, intake.features)
