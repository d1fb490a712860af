"""Simulated cells have the types, effects and composition that the truth says."""

from dataclasses import replace

import jsonschema
import numpy as np
import pandas as pd
import pytest
import yaml

from acuomics.files import read_json, read_tsv
from acuomics.problems import InputError
from acuomics.simulate.cell_spec import CellSpec
from acuomics.simulate.cells import simulate_cell_record, simulate_cells
from tests.cells import CELLS, DEMO, SEED, demo_record
from tests.realdata import REPO

TYPES = pd.DataFrame(
    {"cell_type": ["A", "B"], "share": [0.7, 0.3], "log2_odds_model": [0.0, 2.0], "log2_odds_treatment": [0.0, -2.0]}
)
EFFECTS = pd.DataFrame(
    [("9", "Gfap", "A", "full", 2.0, -2.0)],
    columns=["feature", "symbol", "cell_type", "class", "log2fc_model", "log2fc_treatment"],
)
MARKERS = pd.DataFrame({"cell_type": ["A", "B"], "symbol": ["Ma", "Mb"], "ncbi_gene": ["1", "2"], "weight": [1.0, 1.0]})
MITO = pd.DataFrame({"symbol": ["Mt-x"], "ncbi_gene": ["3"]})
SAMPLES = pd.DataFrame(
    [(f"{arm}_{i}", f"lib_{arm}_{i}", arm) for arm in ("control", "RTX", "RTX_EA") for i in range(4)],
    columns=["sample", "library", "condition"],
)
SPEC = CellSpec(n_genes=120, cells_mean=200, invented_markers=5, doublet_share=0.05, damaged_share=0.05)


def simulate(spec=SPEC, seed=4, **tables):
    given = {"types": TYPES, "effects": EFFECTS, "markers": MARKERS, "mito": MITO, "samples": SAMPLES} | tables
    return simulate_cells(spec, *given.values(), seed)


def test_the_same_seed_gives_the_same_cells():
    one, two, other = simulate(), simulate(), simulate(seed=5)
    assert (one.counts != two.counts).nnz == 0
    pd.testing.assert_frame_equal(one.cells, two.cells)
    assert one.counts.shape != other.counts.shape or (one.counts != other.counts).nnz > 0
    assert not one.cells.duplicated(["library", "barcode"]).any()


def test_markers_effects_and_composition_are_as_planted():
    # Animals alike, so that only the planted differences are left.
    cells = simulate(replace(SPEC, animal_log_sd=0.0, proportion_log_sd=0.0, cells_mean=600, doublet_share=0.0))
    arm = cells.cells["library"].str.extract(r"lib_(.+)_\d")[0].to_numpy()
    kind, of_type = cells.cells["kind"].to_numpy(), cells.cells["cell_type"].to_numpy()
    sound = kind == "single"
    gene = {symbol: at for at, symbol in enumerate(cells.genes["symbol"])}
    share = cells.counts.toarray() / cells.counts.sum(axis=1)
    share = np.asarray(share)

    def mean(symbol, where):
        return share[where & sound, gene[symbol]].mean()

    assert mean("Ma", of_type == "A") / mean("Ma", of_type == "B") > 8
    assert mean("Mb", of_type == "B") / mean("Mb", of_type == "A") > 8
    for name, expected in (("A", 2.0), ("B", 0.0)):
        levels = [np.log2(mean("Gfap", (of_type == name) & (arm == a))) for a in ("control", "RTX", "RTX_EA")]
        assert levels[1] - levels[0] == pytest.approx(expected, abs=0.25)
        assert levels[2] - levels[0] == pytest.approx(0.0, abs=0.25)
    b = {a: (of_type[arm == a] == "B").mean() for a in ("control", "RTX", "RTX_EA")}
    assert b["control"] == pytest.approx(0.3, abs=0.04) and b["RTX_EA"] == pytest.approx(0.3, abs=0.04)
    # Odds of 3/7 times four.
    assert b["RTX"] == pytest.approx(12 / 19, abs=0.04)
    damaged = kind == "damaged"
    assert share[damaged, gene["Mt-x"]].mean() > 5 * share[sound, gene["Mt-x"]].mean()
    assert damaged.mean() == pytest.approx(0.05, abs=0.02)


def test_doublets_have_the_counts_of_two():
    cells = simulate(replace(SPEC, depth_cv=0.0))
    totals = np.asarray(cells.counts.sum(axis=1)).ravel()
    kind = cells.cells["kind"].to_numpy()
    assert totals[kind == "doublet"].mean() / totals[kind == "single"].mean() == pytest.approx(1.96, abs=0.06)


def test_planted_effects_spare_the_markers():
    spec = replace(SPEC, shares={"full": 0.2, "untouched": 0.1})
    cells = simulate(spec)
    assert (cells.truth["class"] != "null").mean() > 0.2
    share = np.asarray(cells.counts.mean(axis=0)).ravel()
    assert len(share) == 120
    for name in ("A", "B"):
        truth = cells.truth[cells.truth["cell_type"] == name].set_index("symbol")
        assert truth.loc[["Ma", "Mb", "Mt-x"], "class"].eq("null").all()


@pytest.mark.parametrize(
    "change, message",
    [
        ({"effects": EFFECTS.assign(cell_type="C")}, "no such cell type"),
        ({"effects": EFFECTS.assign(**{"class": "partial"})}, "these effects make the class full"),
        ({"types": TYPES.assign(share=[0.5, -0.1])}, "a share is not positive"),
        ({"types": TYPES.drop(columns="share")}, "the column is missing"),
        ({"samples": SAMPLES.assign(condition="x")}, "of none of the simulated arms"),
    ],
)
def test_faulty_tables_are_refused(change, message):
    with pytest.raises(InputError) as caught:
        simulate(**change)
    assert message in str(caught.value)


def test_the_demo_is_what_the_schema_says():
    section = yaml.safe_load((DEMO / "study.yaml").read_text())
    schema = read_json(REPO / "workflow" / "schemas" / "cells.schema.json")
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(section["cells"], schema)
    assert section["title"].startswith("SIMULATED")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(section["cells"] | {"colour": "red"}, schema)
    # Every parameter of the demo is one of the simulation, and the other way round but for defaults.
    assert CellSpec.from_study(section["cells"]["simulation"]).n_genes == 1600


def test_named_genes_of_the_demo_are_those_of_the_bulk_demo():
    known = read_tsv(REPO / "resources" / "studies" / "demo_phn_mrna" / "features.tsv", dtype=str)
    pairs = set(zip(known["feature"], known["symbol"], strict=True))
    here = read_tsv(DEMO / "features.tsv", dtype={"feature": str})
    assert set(zip(here["feature"], here["symbol"], strict=True)) <= pairs


@pytest.fixture(scope="module")
def demo():
    record, _ = demo_record()
    return simulate_cell_record(record, DEMO, CELLS, SEED)


def test_the_demo_has_about_twelve_thousand_cells_of_twelve_animals(demo):
    simulated, composition = demo
    assert simulated.cells["library"].nunique() == 12
    assert 11_000 < len(simulated.cells) < 13_000
    assert simulated.counts.shape == (len(simulated.cells), 1600)
    assert simulated.genes["feature"].is_unique and simulated.genes["symbol"].is_unique
    assert (composition["log2_odds_model"] != 0).sum() == 1
