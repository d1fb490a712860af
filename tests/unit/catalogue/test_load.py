"""The catalogue as a whole: records, where studies are found, the memory of what passed, cost of a second start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from acuomics.catalogue import content as content_module
from acuomics.catalogue.load import load_catalogue
from acuomics.catalogue.schema import check_schema
from acuomics.inputs import content as checks
from acuomics.problems import Problems

REPO = Path(__file__).resolve().parents[3]
CONTRACT = {
    "assay", "caveats", "cells", "claims", "contrasts", "counts", "design", "facts", "feature_id", "intervention",
    "kind", "model", "reads", "reversal_pairs", "samples", "simulated", "source", "species", "statistics", "study",
    "summary", "taxon", "tissue", "title", "warnings",
}  # fmt: skip


def test_the_record_keeps_the_contract(make_study, load):
    study = make_study().write()
    found = load(study).studies["small"]
    assert set(found.record) == CONTRACT
    assert found.record == json.loads(json.dumps(found.record))
    assert found.contrasts == ["model_vs_control", "ea_vs_model"]
    assert found.pairs == ["model_vs_control__ea_vs_model"]
    assert found.record["design"] == "~ condition"
    assert found.record["counts"]["path"] == "small.tsv"
    assert found.counts_files == [str(study.counts_path)]
    assert found.record_files == [str(study.study_path), str(study.contrasts_path), str(study.sheet_path)]
    assert any("only 3 samples in condition = EA" in text for text in found.record["warnings"])
    assert str(study.root) not in json.dumps(found.record)


def test_a_pair_by_name(make_study, load):
    catalogue = load(make_study().write())
    assert catalogue.pair("small", "model_vs_control__ea_vs_model")["control_level"] == "control"
    with pytest.raises(KeyError):
        catalogue.pair("small", "other")


def test_own_folders_come_before_embedded_ones(make_study, default_config, tmp_path):
    study = make_study().write()
    other = tmp_path / "embedded" / "small"
    other.mkdir(parents=True)
    config = default_config | {
        "studies": ["small"],
        "study_folders": [str(tmp_path / "nothing"), str(tmp_path / "studies")],
        "data_root": str(tmp_path / "data"),
    }
    assert load_catalogue(config, tmp_path / "embedded").studies["small"].folder == str(study.folder)


@pytest.fixture
def opened(monkeypatch):
    """Names of the studies whose matrices were opened."""
    names: list[str] = []
    real = checks.check_content

    def spy(record, *rest):
        names.append(record["study"])
        return real(record, *rest)

    monkeypatch.setattr(checks, "check_content", spy)
    return names


def test_what_passed_is_not_opened_again(make_study, load, opened):
    study = make_study().write()
    first = load(study)
    assert load(study) == first
    assert opened == ["small"]


def test_what_changed_is_opened_again(make_study, load, opened):
    study = make_study().write()
    load(study)
    os.utime(study.counts_path, ns=(1, 1))
    load(study)
    study.study["feature_id"] = "other"
    study.write(matrix=False)
    load(study)
    load(study, gene_tables={"9606": "of another species"})
    assert opened == ["small"] * 3


def test_what_failed_is_opened_again(make_study, faults, opened):
    study = make_study()
    study.counts[0][0] = -1
    study.write()
    assert faults(study) == faults(study)
    assert opened == ["small", "small"]


def test_other_checks_open_everything_again(make_study, load, opened, monkeypatch):
    study = make_study().write()
    load(study)
    monkeypatch.setattr(content_module, "_library", lambda: "another version")
    load(study)
    assert opened == ["small", "small"]


def test_a_memory_that_cannot_be_read_is_no_fault(make_study, load):
    study = make_study().write()
    content_module.CACHE.parent.mkdir(parents=True)
    content_module.CACHE.write_text("{not json")
    load(study)
    assert list(json.loads(content_module.CACHE.read_text())) == ["small"]


def test_a_second_start_needs_no_pandas_and_little_time(make_study, load, default_config, tmp_path):
    study = make_study().write()
    load(study)
    config = default_config | {
        "studies": ["small"], "study_folders": [str(tmp_path / "studies")], "data_root": str(tmp_path / "data")
    }  # fmt: skip
    code = (
        "import json, sys, time\nimport jsonschema, yaml, numpy\n"
        "from acuomics.catalogue.load import load_catalogue\nstart = time.process_time()\n"
        f"load_catalogue(json.loads({json.dumps(config)!r}), 'none')\n"
        "print(time.process_time() - start, 'pandas' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPO / "workflow")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path, env=environment
    )
    seconds, pandas = done.stdout.split()
    assert pandas == "False"
    assert float(seconds) < 0.3


@pytest.mark.parametrize("study", ["demo_phn_mirna", "demo_phn_mrna"])
def test_embedded_studies_are_valid(default_config, tmp_path, monkeypatch, study):
    monkeypatch.chdir(tmp_path)
    folder = REPO / "resources" / "studies"
    if not (folder / study).is_dir():
        pytest.skip("the embedded study is not there")
    found = load_catalogue(default_config | {"studies": [study]}, folder).studies[study]
    assert found.simulated
    assert found.record["title"].startswith("SIMULATED")
    # One begins with counts, the other with reads.
    counts, label = {
        "demo_phn_mrna": ("simulate/counts.tsv.gz", "symbol"),
        "demo_phn_mirna": ("smallrna/counts.tsv", "mirna"),
    }[study]
    assert found.counts_files == [f"results/{study}/{counts}"]
    assert found.record["counts"]["label_column"] == label
    assert len(found.pairs) == 1


def test_the_committed_configuration_is_valid(default_config):
    problems = Problems()
    assert check_schema(default_config, "config", "config", problems)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("min_replicates", 1, "must be >= 2"),
        ("min_replicates", "three", "must be a whole number"),
        ("max_zero_share", 2, "must be <= 1"),
    ],
)
def test_values_of_the_configuration(make_study, faults, default_config, key, value, message):
    text = faults(make_study().write(), intake=default_config["intake"] | {key: value})[0]
    assert f"config, column intake.{key}, value '{value}': {message}" in text
    assert "mend: " in text


def test_missing_key_of_the_configuration(make_study, default_config, tmp_path):
    problems = Problems()
    del default_config["reversal"]["alpha"]
    check_schema(default_config, "config", "config", problems)
    assert "column reversal.alpha: the key 'alpha' is missing" in str(problems.found[0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"assay": "rna"}, "column assay, value 'rna': not one of mrna, mirna"),
        ({"study": "other"}, "must repeat the name of the folder, 'small'"),
        ({"title": "SIMULATED: no"}, "title of a simulated study, and of no other"),
        ({"species": "Rattus rattus"}, "species and taxon disagree: Rattus rattus and 10116"),
        ({"taxon": 9606}, "species and taxon disagree: Rattus norvegicus and 9606"),
        ({"simulation": {}}, "of counts, reads, cells, statistics and simulation; counts and simulation are there"),
        ({"counts": {"format": "mtx", "layout": "matrix", "path": "m"}}, "column counts.barcodes: the key"),
        ({"counts": {"format": "tsv", "layout": "per_sample"}}, "counts.pattern: the key 'pattern' is missing"),
        ({"tissue": {"name": "cord", "level": "spine"}}, "did you mean 'spinal'?"),
        ({"caveats": "none"}, "must be a list"),
    ],
)  # fmt: skip
def test_faults_of_study_yaml(make_study, faults, change, message):
    study = make_study()
    study.study |= change
    text = "\n".join(faults(study.write()))
    assert message in text
    assert str(study.study_path) in text


def test_levels_that_yaml_would_change_are_text(make_study, load):
    study = make_study().write()
    text = study.study_path.read_text()
    study.study_path.write_text(
        text + "samples:\n  values:\n    condition: {control: no, 'EA': on, model: 2001-03-01}\n"
    )
    study.contrasts_path.write_text(
        study.contrasts_path.read_text()
        .replace("\tcontrol", "\tno")
        .replace("\tEA", "\ton")
        .replace("\tmodel\t", "\t2001-03-01\t")
    )
    levels = {row["condition"] for row in load(study).studies["small"].record["samples"]}
    assert levels == {"no", "on", "2001-03-01"}


def test_a_number_as_a_level_asks_for_quotes(make_study, faults):
    study = make_study()
    study.study["samples"] = {"values": {"condition": {"control": 2}}}
    assert "samples.values.condition.control, value '2': must be text (put it in quotes)" in faults(study.write())[0]


def test_broken_yaml(make_study, the_fault):
    study = make_study().write()
    study.study_path.write_text("study: small\ntitle: a: b\n")
    assert f"{study.study_path}, row line 2: not valid YAML" in the_fault(study)
