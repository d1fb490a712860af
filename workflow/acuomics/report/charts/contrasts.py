"""Interactive figures of one contrast: MA plot, volcano plot, histogram of p-values; and found against expected."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from acuomics.report.charts.chart import Chart, ChartBook
from acuomics.report.charts.cloud import HOVER, cloud, contrast_frame, limit_of
from acuomics.report.charts.parts import (
    BRUSH,
    HIGHLIGHT,
    ONE,
    chart_spec,
    highlight_layers,
    left_out_words,
    named,
    one_row,
    quantity,
    right_note,
    tooltip,
)
from acuomics.report.charts.volcano import draw_volcano
from acuomics.report.figures_de import BINS, arms, detectable_curve
from acuomics.report.read import StudyResults
from acuomics.report.style import GREY, SKY, VERMILLION
from acuomics.report.words import count


def contrast_charts(results: StudyResults, contrast: str, q: float) -> ChartBook:
    """Draw one contrast.

    Parameters
    ----------
    results : StudyResults
    contrast : str
    q : float
        False discovery rate below which a feature is called.

    Returns
    -------
    ChartBook
        ``volcano_``, ``ma_`` and ``pvalues_<contrast>``. Volcano and MA plot share the data ``de-<contrast>``: a row a
        feature with a fold change, ``feature, symbol, base_mean, log2fc, se, p, q, height`` (-log10 p), ``call``,
        ``status``, and 0 or 1 for whether ``ma`` and ``volcano`` draw it; called features last, hence on top.
    """
    book = ChartBook()
    frame = contrast_frame(results.tables[contrast], q)
    if frame["p"].notna().sum() == 0:
        for name, title in (("volcano", "Volcano plot"), ("ma", "MA plot"), ("pvalues", "p-values")):
            book.leave_out(f"{name}_{contrast}", contrast, title, f"No feature was tested in {contrast}.")
        return book
    book.data[f"de-{contrast}"] = frame
    book.data[ONE] = one_row()
    draw_volcano(book, results, contrast, q, frame)
    draw_ma(book, results, contrast, q, frame)
    draw_p_values(book, results, contrast)
    return book


def draw_ma(book: ChartBook, results: StudyResults, contrast: str, q: float, frame: pd.DataFrame) -> None:
    """Add the MA plot of one contrast."""
    limit = limit_of(frame["log2fc"])
    table = results.tables[contrast]
    curve = detectable_curve(table[(table["base_mean"] > 0) & table["log2fc"].notna()])
    x_scale = {
        "type": "log",
        "domain": [float(frame["base_mean"].min()), float(frame["base_mean"].max())],
        "nice": False,
    }
    layers: list[dict[str, Any]] = [
        {
            "data": {"name": ONE},
            "mark": {"type": "rule", "style": "faint"},
            "encoding": {"y": {"datum": 0}, "x": {"value": 0}, "x2": {"value": "width"}},
        },
        cloud(frame, "ma", "features"),
    ]
    if len(curve):
        both = [
            curve.assign(log2fc=sign * curve["detectable_log2fc"], side=name)
            for sign, name in ((1, "gain"), (-1, "loss"))
        ]
        book.data[f"detectable-{contrast}"] = pd.concat(both)[["base_mean", "log2fc", "side"]].reset_index(drop=True)
        layers.append(
            {
                "data": {"name": f"detectable-{contrast}"},
                "mark": {"type": "line", "style": "threshold", "clip": True},
                "encoding": {"detail": named("side")},
            }
        )
    beyond = int((frame["log2fc"].abs() > limit).sum())
    if beyond:
        # What lies outside the axis stands at its edge, wherever the reader moves it.
        edge = "domain('y')[0], domain('y')[1]"
        layers.append(
            {
                "transform": [
                    {"filter": f"abs(datum.log2fc) > {limit:.5g} && !inrange(datum.log2fc, [{edge}])"},
                    {"calculate": f"clamp(datum.log2fc, {edge})", "as": "edge"},
                ],
                "mark": {
                    "type": "point",
                    "filled": True,
                    "size": 60,
                    "opacity": 1,
                    "color": GREY,
                    "yOffset": {"expr": "datum.log2fc > 0 ? 5 : -5"},
                },
                "encoding": {
                    "y": quantity("edge", ""),
                    "shape": {
                        "condition": {"test": "datum.log2fc > 0", "value": "triangle-up"},
                        "value": "triangle-down",
                    },
                    "tooltip": HOVER,
                },
            }
        )
    layers += highlight_layers(["symbol", "feature"], "symbol")
    spec = chart_spec(
        layers,
        380,
        data={"name": f"de-{contrast}"},
        params=HIGHLIGHT,
        encoding={
            "x": quantity(
                "base_mean", "mean of normalised counts", scale=x_scale, axis={"tickCount": 6, "format": ",~g"}
            ),
            "y": quantity(
                "log2fc",
                f"log2 fold change, {arms(results, contrast)}",
                scale={"domain": [-limit, limit], "nice": False},
            ),
        },
    )
    n_called = int((frame["call"] != "not called").sum())
    caption = (
        f"Maximum-likelihood log2 fold change against mean of {count(len(frame))} {results.feature_word}, {contrast}. "
        f"Triangles: q < {q:g}. Between the dashed lines lie changes that this design is likely to miss: they are the "
        "running median of the smallest change that it detects with the stated power."
    )
    if beyond:
        caption += f" Grey triangles at the edge: {beyond} beyond the axis (zoom out to see them)."
    caption += left_out_words(frame["ma"].to_numpy(), len(frame), "those not called")
    alt = f"MA plot of {contrast}: {len(frame)} {results.feature_word}, {n_called} of them with q below {q:g}."
    book.charts.append(Chart(f"ma_{contrast}", contrast, "MA plot", caption, alt, spec, "symbol", BRUSH))


def draw_p_values(book: ChartBook, results: StudyResults, contrast: str) -> None:
    """Add the histogram of the p-values of one contrast."""
    p = results.tables[contrast]["p"].dropna().to_numpy(dtype=float)
    counts, edges = np.histogram(p, bins=BINS, range=(0, 1))
    expected = len(p) / BINS
    book.data[f"pvalues-{contrast}"] = pd.DataFrame(
        {
            "start": edges[:-1].round(10),
            "end": edges[1:].round(10),
            "found": counts,
            "expected": expected,
            "part": np.where(edges[1:] <= 0.05 + 1e-9, "p < 0.05", "p ≥ 0.05"),
        }
    )
    looks = {"p < 0.05": VERMILLION, "p ≥ 0.05": SKY}
    layers = [
        {
            "mark": {"type": "bar", "binSpacing": 1},
            "encoding": {
                "x": quantity("start", f"p, {arms(results, contrast)}", scale={"domain": [0, 1]}, bin={"binned": True}),
                "x2": {"field": "end"},
                "y": quantity("found", results.feature_word),
                "color": named("part", scale={"domain": list(looks), "range": list(looks.values())}),
                "tooltip": tooltip(
                    ("start", "p from", ".3f"), ("end", "p to", ".3f"), ("found", "found", ",d"),
                    ("expected", "if nothing changed", ",.1f"),
                ),
            },
        },
        {"data": {"name": ONE}, "mark": {"type": "rule", "style": "threshold"}, "encoding": {"y": {"datum": expected}}},
        *right_note(expected, "if nothing changed"),
    ]  # fmt: skip
    found = int((p < 0.05).sum())
    caption = (
        f"Distribution of p over the {count(len(p))} tested {results.feature_word}, {contrast}, in bars of "
        f"{1 / BINS:g}. With no change anywhere all bars would reach the dashed line. Under 0.05 (red) stand "
        f"{count(found)}; {count(0.05 * len(p))} would by chance. A slope towards 1 or a hump tells of a model "
        "that does not fit."
    )
    alt = (
        f"Histogram of {len(p)} p-values of {contrast}: {found} are below 0.05, {0.05 * len(p):.0f} are expected by "
        "chance."
    )
    spec = chart_spec(layers, 300, data={"name": f"pvalues-{contrast}"})
    book.charts.append(Chart(f"pvalues_{contrast}", contrast, "p-values", caption, alt, spec))
