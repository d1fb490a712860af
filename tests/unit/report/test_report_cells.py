"""Single cells on the page: the matrix of verdicts, the charts and what they name, the fragment of the page."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from acuomics.report.cell_tables import verdict_matrix
from acuomics.report.charts import cells as charts
from acuomics.report.charts.chart import charts_json

TYPES = {"s_a": "type A", "s_b": "type B"}


def verdict(study, mechanism, word, *, role="treatment", q=0.5, circular=False):
    return {
        "study": study, "mechanism_id": mechanism, "verdict": word, "contrast_role": role, "q_family": q,
        "circular": circular,
    }  # fmt: skip


def test_the_most_telling_verdict_stands_for_a_field_and_all_are_counted():
    table = pd.DataFrame(
        [
            verdict("s_a", "M1", "no_power"),
            verdict("s_a", "M1", "concordant", q=0.01),
            verdict("s_a", "M2", "concordant", q=0.01),
            verdict("s_a", "M2", "discordant", q=0.9),
            verdict("s_b", "M1|M2", "inconclusive"),
        ]
    )
    found = verdict_matrix(table, TYPES).set_index(["mechanism", "cell_type"])
    assert found.loc[("M1", "type A")].tolist() == ["concordant", "1 concordant, 1 no power"]
    assert found.loc[("M2", "type A"), "verdict"] == "concordant and discordant"
    # A claim that two mechanisms share stands in both.
    assert found.loc[("M1", "type B"), "verdict"] == found.loc[("M2", "type B"), "verdict"] == "inconclusive"


def test_only_tests_that_speak_of_acupuncture_are_in_the_matrix():
    table = pd.DataFrame(
        [
            verdict("s_a", "M1", "concordant", role="model"),
            verdict("s_a", "M2", "concordant", circular=True),
            verdict("s_a", "M3", "not_testable:no_gene", q=np.nan),
            verdict("bulk", "M4", "concordant"),
        ]
    )
    assert verdict_matrix(table, TYPES).empty
    assert verdict_matrix(None, TYPES).empty and verdict_matrix(table, {}).empty


def parts(n: int, libraries: int = 2):
    """What the stage writes, of `n` cells."""
    rng = np.random.default_rng(3)
    library = np.array([f"l{i}" for i in range(libraries)])[np.arange(n) % libraries]
    types = np.array(["A", "B"])[rng.integers(0, 2, n)]
    place = pd.DataFrame({"umap1": rng.normal(size=n), "umap2": rng.normal(size=n), "cell_type": types})
    place = place.assign(library=library, sample=library, condition=np.where(library == "l0", "control", "EA"))
    cells = pd.DataFrame({"library": library, "total_counts": rng.integers(500, 900, n), "n_genes": 300})
    cells = cells.assign(n_genes=rng.integers(200, 400, n), mito_fraction=rng.random(n) / 10, lost="")
    cells.loc[::10, "lost"] = "counts"
    steps = [(name, step, 10, k, 10 - k) for name in ("l0", "l1") for k, step in enumerate(("counts", "genes"))]
    losses = pd.DataFrame(steps, columns=["library", "step", "n_before", "n_lost", "n_after"])
    dots = pd.DataFrame(
        {"marker_of": "A", "feature": "1", "symbol": "Gfap", "cell_type": ["A", "B"], "mean": 1.0, "share": 0.5}
    )
    numbers = pd.DataFrame({"sample": ["l0", "l1"], "A": [3, 0], "B": [1, 4], "unassigned": [9, 9]})
    samples = pd.DataFrame({"sample": ["l0", "l1"], "condition": ["control", "EA"]})
    matrix = pd.DataFrame(
        [("M1", "A", "concordant", "1 concordant")], columns=["mechanism", "cell_type", "verdict", "text"]
    )
    return place, cells, losses, dots, numbers, samples, matrix


def test_charts_say_their_n_and_name_the_data_they_show():
    book = charts.cell_charts(*parts(400), seed=1)
    content = json.loads(charts_json(book))
    assert len(content["charts"]) == 10 and content["left_out"] == []
    assert "all 400 cells" in content["charts"][0]["caption"]
    assert len(content["data"]["cells"]["columns"]["umap1"]) == 400
    # Shares are of typed cells: three of four in the first animal.
    composition = pd.DataFrame(content["data"]["composition"]["columns"]).set_index(["sample", "cell_type"])["share"]
    assert composition["l0", "A"] == 0.75 and composition["l1", "A"] == 0.0
    losses = pd.DataFrame(content["data"]["losses"]["columns"])
    assert losses[losses["step"] == "kept"]["n"].tolist() == [9, 9]


def test_a_large_map_is_a_seeded_sample_and_says_so(monkeypatch):
    monkeypatch.setattr(charts, "MOST_CELLS", 100)
    first, again, other = (charts.cell_charts(*parts(400), seed=seed).data["cells"] for seed in (1, 1, 2))
    assert len(first) == 100 and first.equals(again) and not first.equals(other)
    book = charts.cell_charts(*parts(400), seed=1)
    assert "100 of 400 cells, drawn at random" in book.charts[0].caption


def test_what_cannot_be_drawn_is_left_out_with_its_reason():
    place, cells, losses, dots, numbers, samples, matrix = parts(60)
    cells["mito_fraction"] = np.nan
    book = charts.cell_charts(place, cells, losses, dots[:0], numbers, samples, matrix[:0], seed=1)
    assert {entry["name"] for entry in book.left_out} == {"qc_mito_fraction", "markers", "verdict_matrix"}
    json.loads(charts_json(book))


def test_density_has_its_peak_where_the_values_are():
    at = np.linspace(0, 10, 64)
    found = charts.density(np.array([7.0] * 50 + [1.0] * 5), at)
    assert at[found.argmax()] == pytest.approx(7.0, abs=0.1) and found.max() == 1.0
    assert found[at < 2].max() == pytest.approx(0.1, abs=0.02)
    assert not charts.density(np.array([]), at).any()


@pytest.mark.slow
def test_every_chart_is_vega_lite_that_compiles():
    converter = pytest.importorskip("vl_convert")
    for chart in charts.cell_charts(*parts(60), seed=1).charts:
        compiled = converter.vegalite_to_vega({**chart.spec, "width": 600})
        assert compiled["marks"], chart.name
