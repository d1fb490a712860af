"""The two embedded studies: what stands in their folders, and what comes out of them."""

import csv
import json
import time
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest
import yaml

from acuomics.files import read_tsv
from acuomics.simulate.counts import simulate_record

ROOT = Path(__file__).parents[3]
STUDIES = ("demo_phn_mrna", "demo_phn_mirna")
SEED = 20190523


def record_of(study):
    folder = ROOT / "resources" / "studies" / study
    record = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))
    record["samples"] = read_tsv(folder / "samples.tsv").to_dict("records")
    return record, folder


@pytest.fixture(scope="module", params=STUDIES)
def simulated(request):
    record, folder = record_of(request.param)
    start = time.process_time()
    counts, truth = simulate_record(record, folder / "study.yaml", folder / "features.tsv", SEED)
    return request.param, counts, truth, time.process_time() - start


@pytest.mark.parametrize("study", STUDIES)
def test_study_says_that_it_is_simulated(study):
    record, _ = record_of(study)
    assert record["study"] == study
    assert record["title"].startswith("SIMULATED: ")
    assert record["source"].startswith("Simulated.")


@pytest.mark.parametrize("study", STUDIES)
def test_simulation_section_fits_its_schema(study):
    schema = json.loads((ROOT / "workflow" / "schemas" / "simulation.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    simulation = record_of(study)[0]["simulation"]
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(simulation)
    assert list(validator.iter_errors({**simulation, "seed": 1}))
    assert list(validator.iter_errors({**simulation, "effects": {**simulation["effects"], "shares": {"x": 0}}}))


@pytest.mark.parametrize("study", STUDIES)
def test_contrasts_have_both_levels(study):
    record, folder = record_of(study)
    levels = {sample["condition"] for sample in record["samples"]}
    with (folder / "contrasts.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert {row["role"] for row in rows} == {"model", "treatment", "residual"}
    for row in rows:
        assert {row["numerator"], row["denominator"]} <= levels


def test_mrna_study_lists_every_rat_gene_of_the_curated_tables_once():
    members = pd.read_csv(ROOT / "resources/mechanisms/members.tsv", sep="\t", dtype=str)
    genes = members[members["species"] == "10116"]
    features = read_tsv(ROOT / "resources/studies/demo_phn_mrna/features.tsv", dtype={"feature": str})
    assert features["feature"].is_unique
    assert dict(zip(features["feature"], features["symbol"], strict=True)) == dict(
        zip(genes["gene_ncbi"], genes["symbol"], strict=True)
    )


def test_mirna_study_lists_every_rat_mirna_of_the_curated_tables_once():
    mirnas = pd.read_csv(ROOT / "resources/mechanisms/mirnas.tsv", sep="\t", dtype=str)
    mirnas = mirnas[mirnas["species"] == "10116"]
    features = read_tsv(ROOT / "resources/studies/demo_phn_mirna/features.tsv")
    assert sorted(features["feature"]) == sorted(mirnas["mimat"])


def test_published_mirna_directions_are_planted():
    features = read_tsv(ROOT / "resources/studies/demo_phn_mirna/features.tsv").set_index("symbol")
    assert features.loc["rno-miR-7a-5p", "log2fc_treatment"] > 0
    assert features.loc["rno-miR-223-3p", "log2fc_model"] < 0 < features.loc["rno-miR-223-3p", "log2fc_treatment"]
    assert features.loc["rno-miR-7a-5p":"rno-miR-223-3p", "why"].str.contains("size invented|nothing").all()


def test_trpv1_is_lost_with_the_model():
    features = read_tsv(ROOT / "resources/studies/demo_phn_mrna/features.tsv").set_index("symbol")
    assert features.loc["Trpv1", "log2fc_model"] < -1
    assert features.loc["Trpv1", "class"] == "untouched"


def test_sizes_shares_and_depth(simulated):
    study, counts, truth, _ = simulated
    size, low, high = {"demo_phn_mrna": (12000, 10e6, 28e6), "demo_phn_mirna": (400, 1.5e5, 6e5)}[study]
    assert counts.shape == (size, 20)
    assert 0.10 <= (truth["class"] != "null").mean() <= 0.16
    depth = counts.iloc[:, 2:].sum()
    assert depth.between(0.8 * low, 1.2 * high).all()
    assert 0.15 < depth.std() / depth.mean() < 0.45
    assert (counts.iloc[:, 2:].sum(axis=1) == 0).any()


def test_invented_features_say_so(simulated):
    study, counts, _, _ = simulated
    listed = len(read_tsv(ROOT / "resources/studies" / study / "features.tsv"))
    pattern = {"demo_phn_mrna": r"SimGene\d{5}", "demo_phn_mirna": r"sim-miR-\d{4}"}[study]
    assert counts["feature"].iloc[listed:].str.fullmatch(pattern).all()
    assert counts["symbol"].iloc[listed:].equals(counts["feature"].iloc[listed:])


def test_planted_effects_show_in_normalised_means(simulated):
    """Log ratios of arm means, normalised by null features, fall about the planted effects."""
    _, counts, truth, _ = simulated
    values = counts.iloc[:, 2:].to_numpy(float)
    stable = ((truth["class"] == "null") & (truth["base_mean"] > 20)).to_numpy()
    logs = np.log(values[stable] + 0.5)
    factors = np.exp(np.median(logs - logs.mean(axis=1, keepdims=True), axis=0))
    arms = (values / factors).reshape(len(values), 3, 6).mean(axis=2)
    seen = (truth["base_mean"] > 100).to_numpy() & (truth["class"] != "null").to_numpy()
    for column, over, under in (("log2fc_model", 1, 0), ("log2fc_treatment", 2, 1)):
        estimate = np.log2(arms[seen, over] / arms[seen, under])
        error = estimate - truth.loc[seen, column].to_numpy()
        assert abs(np.median(error)) < 0.1
        assert np.mean(np.abs(error) < 1) > 0.95


def test_simulation_is_cheap(simulated):
    assert simulated[3] < 2
