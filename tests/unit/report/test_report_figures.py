"""Figures: the statistics they draw, and that the files are small, textual and the same at each run."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from acuomics.report.figures import draw_study_figures
from acuomics.report.figures_de import detectable_curve, draw_volcano
from acuomics.report.figures_reversal import draw_reversal, null_ellipse, restored
from acuomics.report.figures_samples import draw_pca, principal_components
from acuomics.report.read import StudyResults, read_study
from acuomics.report.style import label_points, mark_simulated, new_axes, power_of_ten
from tests.unit.report.fake_results import PAIR, SETTINGS, FakeStudy, write_fake_study


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> StudyResults:
    fake = FakeStudy(n_features=2000, hostile="$x_{1}$ <script>&")
    return read_study(write_fake_study(tmp_path_factory.mktemp("figures"), fake))


@pytest.fixture(scope="module")
def drawn(results: StudyResults, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, str]]]:
    folder = tmp_path_factory.mktemp("drawn")
    return folder, draw_study_figures(results, folder, SETTINGS)


def test_null_ellipse_holds_95_percent_of_the_shared_arm_null() -> None:
    # Two contrasts of three arms with equal n, no effect anywhere: control, model and treated means are noise.
    control, model, treated = np.random.default_rng(3).normal(size=(3, 200_000))
    x, y = (model - control) / np.sqrt(2), (treated - model) / np.sqrt(2)
    assert np.corrcoef(x, y)[0, 1] == pytest.approx(-0.5, abs=0.01)
    edge = null_ellipse(-0.5)
    # Every point of the outline has one Mahalanobis distance; the share of the cloud within it is 95 %.
    inverse = np.linalg.inv(np.array([[1, -0.5], [-0.5, 1]]))
    radius = np.einsum("ni,ij,nj->n", edge, inverse, edge)
    assert np.allclose(radius, radius[0])
    cloud = np.column_stack([x, y])
    inside = np.einsum("ni,ij,nj->n", cloud, inverse, cloud) <= radius[0]
    assert inside.mean() == pytest.approx(0.95, abs=0.003)
    # A falling ellipse: the major axis goes through the second quadrant.
    assert edge[np.argmin(edge[:, 0]), 1] > 0


def test_principal_components_find_the_planted_axis_and_fix_the_sign() -> None:
    rng = np.random.default_rng(0)
    group = np.repeat([0.0, 1.0], 5)
    values = rng.normal(0, 0.1, (300, 10))
    values[:20] += 5 * group
    scores, share = principal_components(values, top=20)
    assert abs(np.corrcoef(scores[:, 0], group)[0, 1]) > 0.99
    assert share[0] > 0.95
    assert share.sum() == pytest.approx(1)
    assert np.array_equal(principal_components(values, top=20)[0], scores)
    assert scores[np.abs(scores[:, 0]).argmax(), 0] > 0
    # Only the most variable features count: without the planted ones there is no such axis.
    assert principal_components(values[20:], top=20)[1][0] < 0.5


def test_principal_components_of_constant_values_do_not_divide_by_zero() -> None:
    scores, share = principal_components(np.ones((5, 4)))
    assert np.allclose(scores, 0)
    assert np.allclose(share, 0)


def test_detectable_curve_is_the_running_median() -> None:
    mean = np.linspace(1, 100, 400)
    table = pd.DataFrame({"base_mean": mean, "detectable_log2fc": 10 / mean})
    table.loc[0, "detectable_log2fc"] = np.inf
    curve = detectable_curve(table.sample(frac=1, random_state=1))
    assert len(curve) == 39
    assert curve["base_mean"].is_monotonic_increasing
    assert np.allclose(curve["detectable_log2fc"] * curve["base_mean"], 10, rtol=0.05)
    assert detectable_curve(table.head(5)).empty


def test_labels_do_not_cover_each_other_and_stay_inside() -> None:
    figure, axes = new_axes()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    xs, ys = [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.1, 0.97], [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.1, 0.9]
    written = label_points(axes, xs, ys, [f"Gene{i}" for i in range(8)])
    assert written == 6  # one on each side of the shared point, and the two others
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in axes.texts]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    frame = axes.get_window_extent()
    assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in boxes)


def test_labels_do_not_cover_points() -> None:
    _, axes = new_axes()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    assert label_points(axes, [0.5], [0.5], ["Gene"]) == 1
    ring = np.linspace(0, 2 * np.pi, 40)
    others = (0.5 + 0.05 * np.cos(ring), 0.5 + 0.05 * np.sin(ring))
    assert label_points(axes, [0.5], [0.5], ["Gene"], others=others) == 0
    # The labelled point itself is among the others, and does not stand in the way.
    assert label_points(axes, [0.5], [0.5], ["Gene"], others=([0.5], [0.5])) == 1


def test_simulated_stands_clear_of_title_and_legend(results: StudyResults) -> None:
    for drawn in (draw_volcano(results, "ea_vs_rtx", 0.05), draw_reversal(results, PAIR, 0.05), draw_pca(results)):
        figure = drawn[0]
        before = [axes.get_window_extent().size for axes in figure.axes]
        mark_simulated(figure)
        figure.canvas.draw()
        (mark,) = figure.texts
        box = mark.get_window_extent()
        assert figure.bbox.x0 <= box.x0
        assert box.y1 <= figure.bbox.y1
        (axes,) = figure.axes
        others = [axes._left_title if axes.get_title(loc="left") else axes.title, axes.get_legend()]
        for other in filter(None, others):
            assert not box.overlaps(other.get_window_extent())
        assert np.allclose(before, [axes.get_window_extent().size for axes in figure.axes])


def test_restored_lists_only_called_features_the_most_certain_first(results: StudyResults) -> None:
    best = restored(results.reversals[PAIR])
    table = results.reversals[PAIR].table
    assert len(best) == 30
    assert best["reversed"].all()
    assert best["p_reversal"].is_monotonic_increasing
    called = table[table["reversed"] & table["restoration"].notna()]
    assert best["p_reversal"].max() <= called["p_reversal"].nsmallest(30).max()


def test_every_figure_is_written_as_svg_and_pdf(drawn: tuple[Path, list[dict[str, str]]]) -> None:
    folder, notes = drawn
    contrasts = ("rtx_vs_control", "ea_vs_rtx", "ea_vs_control")
    expected = {"pca", "distances", "dispersions", f"reversal_{PAIR}", f"restoration_{PAIR}"}
    expected |= {f"{kind}_{contrast}" for kind in ("ma", "volcano", "pvalues") for contrast in contrasts}
    assert {note["name"] for note in notes} == expected
    assert {path.name for path in folder.iterdir()} == {f"{n}.{s}" for n in expected for s in ("svg", "pdf")}
    assert all(note["caption"] and note["alt"] for note in notes)


def test_svg_has_text_as_text_and_points_as_one_picture(drawn: tuple[Path, list[dict[str, str]]]) -> None:
    folder, _ = drawn
    for path in folder.glob("*.svg"):
        svg = path.read_text()
        assert "<text" in svg, path.name
        assert len(svg) < 150_000, path.name
        assert "<script" not in svg
        assert "<dc:date>" not in svg
    volcano = (folder / "volcano_rtx_vs_control.svg").read_text()
    assert "<image" in volcano
    assert "RTX / control" in volcano


def test_figures_of_a_simulated_study_say_so_away_from_the_page(
    results: StudyResults, drawn: tuple[Path, list[dict[str, str]]], tmp_path: Path
) -> None:
    for path in drawn[0].glob("*.svg"):
        assert ">SIMULATED</text>" in path.read_text(), path.name
        assert "<title>SIMULATED: " in path.read_text(), path.name
    assert b"SIMULATED: Volcano plot, demo_phn_mrna, ea_vs_rtx" in (drawn[0] / "volcano_ea_vs_rtx.pdf").read_bytes()
    real = replace(results, record={**results.record, "simulated": False}, tables={}, reversals={})
    draw_study_figures(real, tmp_path, SETTINGS)
    assert "SIMULATED" not in (tmp_path / "pca.svg").read_text()


def test_same_numbers_give_the_same_bytes_and_matplotlib_is_left_as_it_was(
    results: StudyResults, drawn: tuple[Path, list[dict[str, str]]], tmp_path: Path
) -> None:
    import matplotlib as mpl

    folder, notes = drawn
    before = dict(mpl.rcParams)
    assert draw_study_figures(results, tmp_path, SETTINGS) == notes
    assert dict(mpl.rcParams) == before
    for path in sorted(folder.iterdir()):
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name
    assert b"CreationDate" not in (folder / "pca.pdf").read_bytes()
    if "matplotlib.pyplot" in sys.modules:
        assert not sys.modules["matplotlib.pyplot"].get_fignums()


def test_captions_give_the_numbers_of_the_summary(
    results: StudyResults, drawn: tuple[Path, list[dict[str, str]]]
) -> None:
    captions = {note["name"]: note["caption"] for note in drawn[1]}
    row = results.summary.set_index("contrast").loc["rtx_vs_control"]
    assert f"{row['expected_p05']:.0f} features stand by chance alone and {row['n_p05']} do" in captions[
        "volcano_rtx_vs_control"
    ]  # fmt: skip


@pytest.mark.parametrize(("value", "text"), [(1000, "10³"), (1e-4, "10⁻⁴"), (0.1, "0.1"), (100, "100"), (0, "")])
def test_power_of_ten(value: float, text: str) -> None:
    assert power_of_ten(value) == text
