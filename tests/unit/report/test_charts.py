"""Interactive figures: valid, drawn without an error, their numbers those of the tables, and silence with a reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from acuomics.report.charts.chart import (
    Chart,
    ChartBook,
    charts_json,
    column_json,
    merge_charts,
    read_charts,
    write_charts,
)
from acuomics.report.charts.claims import LOOKS, claim_charts, claim_rows
from acuomics.report.charts.parts import drawn
from acuomics.report.charts.study import draw_study_charts, study_charts
from acuomics.report.charts.synthesis import synthesis_charts
from acuomics.report.charts.themes import DARK, LIGHT, THEMES
from acuomics.report.figures_reversal import null_ellipse
from acuomics.report.read import StudyResults, read_study
from tests.charts import content_of, is_valid, rows_of, svg_of
from tests.unit.report.fake_results import CONTRASTS, PAIR, SETTINGS, FakeStudy, write_fake_study
from tests.unit.report.fake_synthesis import POOL, fake_synthesis
from tests.unit.report.fake_verdicts import fake_verdicts

STUDY = "demo_phn_mrna"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> StudyResults:
    return read_study(write_fake_study(tmp_path_factory.mktemp("charts"), FakeStudy(n_features=4000)))


@pytest.fixture(scope="module")
def content(results: StudyResults) -> dict[str, Any]:
    book = study_charts(results, SETTINGS)
    book.extend(claim_charts(STUDY, fake_verdicts(STUDY)))
    book.extend(synthesis_charts(*fake_synthesis(), 0.05))
    return content_of(book)


def chart(content: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [item for item in content["charts"] if item["name"] == name]
    return found


def small(tmp_path: Path, **changes: Any) -> StudyResults:
    return read_study(write_fake_study(tmp_path, FakeStudy(n_features=300, **changes)))


def test_every_expected_chart_is_there(content: dict[str, Any]) -> None:
    names = {item["name"] for item in content["charts"]}
    expected = {"pca", "distances", "genes", "dispersions", "found", f"reversal_{PAIR}", f"restoration_{PAIR}"}
    expected |= {f"{kind}_{contrast[0]}" for kind in ("ma", "volcano", "pvalues") for contrast in CONTRASTS}
    expected |= {"claims_ea_vs_rtx", "pooled_1", "forest_1", "pooled_pvalues_1"}
    assert names == expected
    assert content["left_out"] == []


def test_every_specification_is_valid_and_draws_in_both_themes(content: dict[str, Any]) -> None:
    seen = set()
    for item in content["charts"]:
        kind = item["name"].partition("_")[0]
        # One of each family is enough for the schema, which takes its time.
        if kind not in seen:
            is_valid(item["spec"])
            svg = svg_of(item, content, DARK)
            assert svg.count("<path") > 5, item["name"]
        seen.add(kind)
        assert item["caption"] and item["alt"] and "title" not in item["spec"]
        assert item["spec"]["width"] == "container"


def test_no_ink_is_written_into_a_specification(content: dict[str, Any]) -> None:
    text = json.dumps([item["spec"] for item in content["charts"]]).lower()
    assert "#000" not in text and '"black"' not in text and '"white"' not in text and "#fff" not in text
    assert LIGHT["text"]["color"] != DARK["text"]["color"]
    assert set(LIGHT["style"]) == set(DARK["style"])
    styles = {name for item in content["charts"] for name in styles_of(item["spec"])}
    assert styles <= set(LIGHT["style"])


def styles_of(spec: Any) -> set[str]:
    if isinstance(spec, dict):
        own = spec.get("style", [])
        return {*([own] if isinstance(own, str) else own)}.union(*map(styles_of, spec.values()), set())
    return set().union(*map(styles_of, spec)) if isinstance(spec, list) else set()


def test_numbers_of_a_contrast_are_those_of_its_table(results: StudyResults, content: dict[str, Any]) -> None:
    table = results.tables["ea_vs_rtx"]
    table = table[(table["base_mean"] > 0) & table["log2fc"].notna()].set_index("feature")
    shown = pd.DataFrame(rows_of(content, "de-ea_vs_rtx")).set_index("feature")
    assert sorted(shown.index) == sorted(table.index)
    for column, source in (
        ("log2fc", "log2fc"),
        ("se", "log2fc_se"),
        ("p", "p"),
        ("q", "q"),
        ("base_mean", "base_mean"),
    ):
        there, here = table[source].astype(float), shown.loc[table.index, column].astype(float)
        assert np.array_equal(here.isna(), there.isna())
        np.testing.assert_allclose(here.dropna(), there.dropna(), rtol=5.1e-5)
    called = table["q"] < 0.05
    up = set(table.index[called & (table["log2fc"] > 0)])
    assert set(shown.index[shown["call"] == "up"]) == up
    # Called features are drawn, all of them, and on top.
    assert (shown.loc[shown["call"] != "not called", ["ma", "volcano"]] == 1).all(axis=None)
    assert (shown["call"] != "not called").is_monotonic_increasing


def test_points_left_out_lie_under_points_drawn() -> None:
    rng = np.random.default_rng(5)
    x, y = np.round(rng.normal(0, 1, 30_000), 2), np.round(rng.normal(0, 1, 30_000), 2)
    x[:50] = np.nan
    keep = rng.random(30_000) < 0.01
    chosen = drawn(x, y, keep).astype(bool)
    finite = np.isfinite(x)
    assert chosen[keep & finite].all() and not chosen[~finite].any()
    assert chosen.sum() < 0.9 * finite.sum()
    wide, high = np.ptp(x[finite]), np.ptp(y)
    from scipy.spatial import cKDTree

    share = np.column_stack([x / wide * 1000, y / high * 400])
    distance, _ = cKDTree(share[chosen & ~keep]).query(share[finite & ~chosen])
    assert distance.max() <= np.sqrt(2) + 1e-6  # a pixel and its corner
    few = drawn(x[:1000], y[:1000], keep[:1000])
    assert few.sum() == finite[:1000].sum()


def test_histogram_and_expectations_add_up(results: StudyResults, content: dict[str, Any]) -> None:
    p = results.tables["ea_vs_rtx"]["p"].dropna()
    bars = pd.DataFrame(rows_of(content, "pvalues-ea_vs_rtx"))
    assert bars["found"].sum() == len(p)
    assert bars.loc[bars["part"] == "p < 0.05", "found"].sum() == (p < 0.05).sum()
    found = pd.DataFrame(rows_of(content, "found")).set_index("row")
    row = results.summary.set_index("contrast").loc["ea_vs_rtx"]
    assert found.loc["ea_vs_rtx: p < 0.05", "found"] == row["n_p05"]
    assert found.loc["ea_vs_rtx: p < 0.05", "expected"] == pytest.approx(row["expected_p05"], rel=1e-4)
    assert found.loc["ea_vs_rtx: q < 0.05", "found"] == row["n_q"]


def test_reversal_plane_tells_calls_and_classes(results: StudyResults, content: dict[str, Any]) -> None:
    table = results.reversals[PAIR].table.set_index("feature")
    shown = pd.DataFrame(rows_of(content, f"reversal-{PAIR}")).set_index("feature")
    called = shown["group"].str.startswith("reversed")
    assert set(shown.index[called]) == set(table.index[table["reversed"]]) & set(shown.index)
    full = shown.index[shown["group"] == "reversed: full"]
    assert (table.loc[full, "class"] == "full").all() and len(full)
    z = table["log2fc_model"] / table["se_model"]
    np.testing.assert_allclose(shown["x"], z.loc[shown.index], rtol=5.1e-5)
    assert (shown.loc[shown["group"] != "not called", "draw"] == 1).all()


@pytest.mark.parametrize("correlation", [-0.5, -0.7, 0.0, 0.4])
def test_the_null_ellipse_covers_95_percent_of_a_simulated_null(correlation: float) -> None:
    from matplotlib.path import Path as Outline

    rng = np.random.default_rng(11)
    null = rng.multivariate_normal([0, 0], [[1, correlation], [correlation, 1]], 40_000)
    inside = Outline(null_ellipse(correlation)).contains_points(null).mean()
    assert inside == pytest.approx(0.95, abs=0.005)


def test_the_plane_holds_the_ellipse_of_the_pair(results: StudyResults, content: dict[str, Any]) -> None:
    outline = pd.DataFrame(rows_of(content, f"null-{PAIR}"))
    correlation = results.reversals[PAIR].null_correlation
    assert correlation is not None
    np.testing.assert_allclose(outline[["x", "y"]], null_ellipse(correlation), rtol=5.1e-5, atol=1e-9)


def test_the_search_draws_a_ring_and_a_name(content: dict[str, Any]) -> None:
    item = chart(content, "volcano_ea_vs_rtx")
    before = svg_of(item, content, LIGHT)
    after = svg_of(item, content, LIGHT, highlight="gene17, GENE23")
    assert ">Gene17<" in after and ">Gene23<" in after and ">Gene17<" not in before.replace("labels", "")
    assert item["search"] == "symbol" and item["brush"] == "brush"
    searched = [c for c in content["charts"] if c["search"]]
    assert searched and all(any(p["name"] == "highlight" for p in c["spec"]["params"]) for c in searched)


def test_names_with_markup_and_of_any_length_draw(tmp_path: Path) -> None:
    name = "<script>alert('x')</script>\"\\" + "x" * 10_000
    book = study_charts(small(tmp_path, hostile=name), SETTINGS)
    content = content_of(book)
    assert any(row["symbol"] == name for row in rows_of(content, "de-ea_vs_rtx"))
    for item in content["charts"]:
        if item["name"] in ("volcano_ea_vs_rtx", "genes", f"restoration_{PAIR}"):
            assert "<script" not in svg_of(item, content, LIGHT)


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"pairs": False}, {"reversal"}),
        ({"signal": False, "n": 2}, {"genes"}),
        ({"contrasts": CONTRASTS[:1], "pairs": False}, {"reversal"}),
    ],
)
def test_what_cannot_be_drawn_is_left_out_with_a_reason(
    tmp_path: Path, changes: dict[str, Any], missing: set[str]
) -> None:
    book = study_charts(small(tmp_path, **changes), SETTINGS)
    left = {item["name"]: item["reason"] for item in book.left_out}
    assert missing <= set(left) and all(text.endswith(".") for text in left.values())
    assert not missing & {item.name for item in book.charts}
    charts_json(book)


def test_claims_are_shown_by_verdict(content: dict[str, Any]) -> None:
    verdicts = fake_verdicts(STUDY)
    scored = verdicts[(verdicts["scored"] == True) & (verdicts["contrast"] == "ea_vs_rtx")]  # noqa: E712
    shown = pd.DataFrame(rows_of(content, "claims-ea_vs_rtx"))
    assert dict(shown["verdict"].value_counts()) == dict(scored["verdict"].value_counts())
    assert shown["row"].is_unique
    assert list(shown["verdict"].map(list(LOOKS).index)) == sorted(shown["verdict"].map(list(LOOKS).index))
    assert len(claim_rows(scored, 3)) == 3
    none = claim_charts("another", verdicts)
    assert not none.charts and none.left_out[0]["reason"]


def test_synthesis_shows_the_pooled_rows_and_every_study(content: dict[str, Any]) -> None:
    effects, pooled = fake_synthesis()
    shown = pd.DataFrame(rows_of(content, "pooled-1")).set_index("identifier")
    source = pooled[(pooled["analysis"] == "main") & (pooled["unit"] == "gene")].set_index("identifier")
    np.testing.assert_allclose(shown["estimate"], source.loc[shown.index, "estimate"], rtol=5.1e-5)
    assert (shown["call"] != "not called").sum() == (source["q"] < 0.05).sum() == 10
    forest = pd.DataFrame(rows_of(content, "forest-1"))
    assert (forest.groupby("gene").size() == 5).all()
    options = chart(content, "forest_1")["spec"]["params"][0]["bind"]["options"]
    assert set(options) == set(forest["gene"])
    # The gene of a curated claim opens the plot.
    assert chart(content, "forest_1")["spec"]["params"][0]["value"] == "Gene20"
    alone = synthesis_charts(effects, pooled.assign(status="one_study"), 0.05)
    assert not alone.charts and "alike enough" in alone.left_out[0]["reason"]
    assert POOL.replace("|", ", ") in chart(content, "pooled_1")["title"]


def test_columns_are_json_with_five_digits_and_null() -> None:
    values = pd.Series([1 / 3, np.nan, -np.inf, 1e-300, -0.0, 123456.0])
    assert json.loads(column_json(values)) == [0.33333, None, None, 1e-300, 0, 123460]
    assert json.loads(column_json(pd.Series(["nan", 'a"b', None, "基因"], dtype=object))) == [
        "nan",
        'a"b',
        None,
        "基因",
    ]
    assert json.loads(column_json(pd.Series([True, False]))) == [True, False]
    assert json.loads(column_json(pd.Series([], dtype=float))) == []


def test_the_file_is_the_same_every_time_and_refuses_what_does_not_fit(results: StudyResults, tmp_path: Path) -> None:
    draw_study_charts(results, tmp_path / "a.json", SETTINGS)
    draw_study_charts(results, tmp_path / "b.json", SETTINGS)
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    spec = {"data": {"name": "x"}, "mark": "point"}
    one = Chart("a", "samples", "t", "c", "alt", spec)
    with pytest.raises(ValueError, match="not there: x"):
        write_charts(ChartBook([one]), tmp_path / "c.json")
    with pytest.raises(ValueError, match="several charts are called a"):
        charts_json(ChartBook([one, one], {"x": pd.DataFrame({"v": [1]})}))
    with pytest.raises(ValueError, match="instead of their name"):
        charts_json(ChartBook([Chart("b", "g", "t", "c", "a", {"layer": [{"data": {"values": []}}]})]))
    with pytest.raises(ValueError, match="not safe"):
        Chart("../a", "g", "t", "c", "a", {})
    write_charts(
        ChartBook([one], {"x": pd.DataFrame({"v": [1]}), "unused": pd.DataFrame({"v": [2]})}), tmp_path / "d.json"
    )
    content = read_charts(tmp_path / "d.json")
    assert content["data"] == {"x": {"columns": {"v": [1]}}} and content["charts"][0]["datasets"] == ["x"]
    assert set(THEMES) == {"light", "dark"}


def test_charts_of_all_studies_join_those_of_one(results: StudyResults, content: dict[str, Any]) -> None:
    book = claim_charts(STUDY, fake_verdicts(STUDY))
    alone = merge_charts(None, book)
    only = {**content, "charts": [item for item in content["charts"] if not item["name"].startswith("claims_")]}
    joined = merge_charts(only, book)
    assert len(joined["charts"]) == len(only["charts"]) + len(alone["charts"])
    assert set(joined["data"]) == set(only["data"]) | set(alone["data"])
    with pytest.raises(ValueError, match="several charts"):
        merge_charts(content, book)
