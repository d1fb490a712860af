"""The real studies load clean, and their known faults are refused with the reason."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from acuomics.catalogue.load import load_catalogue
from acuomics.intake.take_in import take_in
from acuomics.problems import InputError

STUDIES = Path(__file__).parent / "studies"
NAMES = sorted(path.parent.name for path in STUDIES.glob("*/study.yaml"))


@pytest.fixture
def config(default_config, real_data, tmp_path, monkeypatch) -> dict[str, Any]:
    monkeypatch.chdir(tmp_path)
    return default_config | {
        "studies": NAMES,
        "study_folders": [str(STUDIES)],
        "data_root": str(real_data),
        "gene_tables": {
            9606: str(real_data / "genes" / "annotables_grch38.tsv.gz"),
            10116: str(real_data / "genes" / "annotables_rnor6.tsv.gz"),
        },
    }


def changed(tmp_path: Path, study: str, *path: str) -> list[str]:
    """Copy a study, remove a key of its study.yaml, and give the folder to look in."""
    shutil.copytree(STUDIES / study, tmp_path / "changed" / study)
    file = tmp_path / "changed" / study / "study.yaml"
    content = yaml.safe_load(file.read_text())
    inner = content
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    file.write_text(yaml.safe_dump(content))
    return [str(tmp_path / "changed")]


def refused(config: dict[str, Any]) -> list[str]:
    with pytest.raises(InputError) as caught:
        load_catalogue(config, "none")
    return [str(problem) for problem in caught.value.problems]


def test_all_real_studies_load(config):
    studies = load_catalogue(config, "none").studies
    assert list(studies) == NAMES
    assert {name: len(study.record["samples"]) for name, study in studies.items()} == {
        "gse188236_mirna": 15, "gse188236_mrna": 15, "hammer": 8, "hammer_2months": 4, "hammer_2weeks": 4, "pasilla": 7,
    }  # fmt: skip
    assert studies["gse188236_mirna"].pairs == studies["gse188236_mrna"].pairs == ["tgfb1_vs_ctrl__sb_vs_tgfb1"]
    assert {row["time"] for row in studies["hammer"].record["samples"]} == {"2 months", "2 weeks"}


def test_hammer_without_the_mapping_names_both_spellings(config, tmp_path):
    config |= {"studies": ["hammer"], "study_folders": changed(tmp_path, "hammer", "samples", "values", "time")}
    (text,) = refused(config)
    assert "hammer_pheno.tsv, row 4, column time" in text
    assert "two spellings of one level: '2 months' and '2months'" in text
    assert 'samples: values: time: {"2months": "2 months"}' in text


def test_mirna_without_rounding_is_refused_with_the_reason(config, tmp_path):
    config |= {
        "studies": ["gse188236_mirna"],
        "study_folders": changed(tmp_path, "gse188236_mirna", "counts", "rounding"),
    }
    (text,) = refused(config)
    assert "GSE188236_miRNA_counts_15samples.tsv.gz, row 1, column CTRL_1, value '13575.04383'" in text
    assert "99.7% of the cells are fractions" in text
    assert "rounding: nearest, with rounding_reason" in text


def test_pasilla_without_the_mapping_suggests_it(config, tmp_path):
    config |= {"studies": ["pasilla"], "study_folders": changed(tmp_path, "pasilla", "samples", "values")}
    assert "samples: values: sample: {treated1fb: treated1}" in refused(config)[0]


@pytest.mark.parametrize(
    ("study", "shape", "ambiguous", "first"),
    [
        ("hammer", (29516, 8), 164, ("ENSRNOG00000000001", "311013", "Arsj", "mapped")),
        ("hammer_2weeks", (29516, 4), 164, ("ENSRNOG00000000001", "311013", "Arsj", "mapped")),
        ("pasilla", (14599, 7), 0, ("FBgn0000003", None, None, "unmapped")),
        ("gse188236_mrna", (60666, 15), 362, ("ENSG00000115233", "10213", "PSMD14", "mapped")),
        ("gse188236_mirna", (602, 15), 0, ("ENSG00000199051.1", "494323", "MIR361", "mapped")),
    ],
)
def test_intake_of_real_studies(config, study, shape, ambiguous, first):
    found = load_catalogue(config | {"studies": [study]}, "none").studies[study]
    table = config["gene_tables"].get(found.record["taxon"])
    intake = take_in(found.record, found.counts_files, gene_table=table, max_zero_share=0.999)
    facts = intake.facts
    assert (len(intake.counts), len(intake.counts.columns) - 1) == shape
    assert list(intake.counts.columns[1:]) == [row["sample"] for row in found.record["samples"]]
    assert facts["n_in"] == facts["n_out"] == shape[0]
    assert facts["n_ambiguous"] == ambiguous
    assert tuple(intake.features.loc[0, ["feature", "ncbi_gene", "symbol", "mapping"]]) == first
    # Nothing is invented: what is written is what pandas reads from the deposit, rounded where declared.
    pd = pytest.importorskip("pandas")
    deposit = pd.read_csv(found.counts_files[0], sep="\t", index_col=0)[list(intake.counts.columns[1:])]
    np.testing.assert_array_equal(intake.counts.iloc[:, 1:].to_numpy(), np.rint(deposit.to_numpy()))


def test_adjusted_mirna_values_are_doubted(config):
    found = load_catalogue(config | {"studies": ["gse188236_mirna"]}, "none").studies["gse188236_mirna"]
    intake = take_in(found.record, found.counts_files, gene_table=None, max_zero_share=0.999)
    assert any("look adjusted after counting" in text for text in intake.facts["warnings"])
