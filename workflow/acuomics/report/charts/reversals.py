"""Interactive figures of one reversal pair: both contrasts with the null of their shared arm, and restoration."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from acuomics.report.charts.chart import Chart, ChartBook
from acuomics.report.charts.parts import (
    BRUSH,
    HIGHLIGHT,
    ONE,
    SELECT,
    ZOOM,
    chart_spec,
    drawn,
    highlight_layers,
    left_out_words,
    named,
    one_row,
    quantity,
    text_layers,
    told_apart,
    tooltip,
)
from acuomics.report.figures_reversal import CLASS_COLOURS, null_ellipse, restored
from acuomics.report.read import Reversal, StudyResults
from acuomics.report.style import GREY, ORANGE, PURPLE, VERMILLION
from acuomics.report.words import count, fixed

SHAPES = {"full": "circle", "partial": "square", "overcorrected": "diamond", "aggravated": "triangle-up"}
# What a point of the plane can be, in the order of the legend; the last are called by no test.
GROUPS = {
    **{f"reversed: {name}": (CLASS_COLOURS[name], SHAPES[name]) for name in ("full", "partial", "overcorrected")},
    "reversed: extent open": (PURPLE, "cross"),
    "aggravated": (VERMILLION, "triangle-up"),
    "nominal Venn only": (ORANGE, "triangle-right"),
    "not called": (GREY, "circle"),
}


def reversal_charts(results: StudyResults, pair: str, q: float, alpha: float) -> ChartBook:
    """Draw ``reversal_<pair>`` and ``restoration_<pair>``.

    Parameters
    ----------
    results : StudyResults
    pair : str
    q, alpha : float
        False discovery rate of the reversal test; one minus the confidence of the intervals.
    """
    book = ChartBook()
    reversal = results.reversals[pair]
    frame = plane_frame(reversal)
    if len(frame) == 0:
        book.leave_out(f"reversal_{pair}", pair, "Reversal", "No feature was tested in both contrasts.")
    else:
        draw_plane(book, results, pair, q, frame)
    draw_restoration(book, results, pair, alpha)
    return book


def plane_frame(reversal: Reversal) -> pd.DataFrame:
    """The data of the reversal plane: a row a feature that has a Wald z in both contrasts, called ones last.

    ``feature, symbol, x`` and ``y`` (z of model and treatment), ``log2fc_model, log2fc_treatment, p_reversal,
    q_reversal, restoration, group`` (a key of `GROUPS`), ``class`` and ``draw`` (0 or 1).
    """
    table = reversal.table
    x = (table["log2fc_model"] / table["se_model"]).to_numpy(dtype=float)
    y = (table["log2fc_treatment"] / table["se_treatment"]).to_numpy(dtype=float)
    called = table["reversed"].to_numpy(dtype=bool)
    grade = table["class"].fillna("").to_numpy(dtype=object)
    venn = table["nominal_venn"].to_numpy(dtype=bool)
    group = np.full(len(table), "not called", dtype=object)
    group[venn & ~called] = "nominal Venn only"
    group[(grade == "aggravated") & ~called] = "aggravated"
    for name in ("full", "partial", "overcorrected"):
        group[called & (grade == name)] = f"reversed: {name}"
    group[called & ~np.isin(grade.astype(str), ("full", "partial", "overcorrected"))] = "reversed: extent open"
    frame = pd.DataFrame(
        {
            "feature": table["feature"],
            "symbol": table["label"],
            "x": x,
            "y": y,
            "log2fc_model": table["log2fc_model"],
            "log2fc_treatment": table["log2fc_treatment"],
            "p_reversal": table["p_reversal"],
            "q_reversal": table["q_reversal"],
            "restoration": table["restoration"].where(called),
            "group": group,
            "class": grade,
            "draw": drawn(x, y, ~np.isin(group.astype(str), ("not called",))),
        }
    )
    rank = frame["group"].map({name: -i for i, name in enumerate(GROUPS)})
    order = np.lexsort((frame["feature"], -frame["q_reversal"].fillna(1.0), rank))
    frame = frame.iloc[order]
    here: pd.DataFrame = frame[np.isfinite(frame["x"]) & np.isfinite(frame["y"])].reset_index(drop=True)
    return here


def draw_plane(book: ChartBook, results: StudyResults, pair: str, q: float, frame: pd.DataFrame) -> None:
    """Add the plane of both contrasts."""
    reversal = results.reversals[pair]
    model, treatment = reversal.summary["model"], reversal.summary["treatment"]
    counts = {str(name): int(n) for name, n in frame["group"].value_counts().items()}
    looks = {name: look for name, look in GROUPS.items() if counts.get(name)}
    book.data[f"reversal-{pair}"] = frame
    book.data[ONE] = one_row()
    quiet, venn = "datum.group === 'not called'", "datum.group === 'nominal Venn only'"
    correlation = reversal.null_correlation
    layers: list[dict[str, Any]] = [
        {"data": {"name": ONE},
         "mark": {"type": "rule", "style": "faint"},
         "encoding": {"x": {"datum": 0}, "y": {"value": 0}, "y2": {"value": "height"}}},
        {"data": {"name": ONE},
         "mark": {"type": "rule", "style": "faint"},
         "encoding": {"y": {"datum": 0}, "x": {"value": 0}, "x2": {"value": "width"}}},
        {
            "params": [ZOOM, SELECT],
            "transform": [{"filter": "datum.draw === 1"}],
            "mark": {"type": "point", "filled": True, "clip": True, "aria": False, "strokeWidth": 0},
            "encoding": {
                **told_apart("group", looks, counts),
                "size": {
                    "condition": [{"test": quiet, "value": 12}, {"test": venn, "value": 28}], "value": 44,
                },
                "opacity": {"condition": {"test": quiet, "value": 0.4}, "value": 0.85},
                "tooltip": tooltip(
                    ("symbol", "Name"), ("feature", "Feature"), ("log2fc_model", f"log2FC, {model}", ".3f"),
                    ("log2fc_treatment", f"log2FC, {treatment}", ".3f"), ("x", "z of the model", ".2f"),
                    ("y", "z of the treatment", ".2f"), ("p_reversal", "p (intersection-union)", ".3g"),
                    ("q_reversal", "q of reversal", ".3g"), ("class", "Class"),
                    ("restoration", "restoration fraction", ".2f"),
                ),
            },
        },
    ]  # fmt: skip
    null = ""
    if correlation is not None:
        ellipse = null_ellipse(correlation)
        book.data[f"null-{pair}"] = pd.DataFrame({"x": ellipse[:, 0], "y": ellipse[:, 1], "step": range(len(ellipse))})
        layers.append(
            {
                "data": {"name": f"null-{pair}"},
                "mark": {"type": "line", "style": "reference", "strokeWidth": 2, "clip": True},
                "encoding": {"order": {"field": "step", "type": "quantitative"}},
            }
        )
        null = f" of correlation {fixed(correlation, 2)}: the ellipse holds 95 % of it"
    layers += highlight_layers(["symbol", "feature"], "symbol")
    reach_x, reach_y = (float(frame[name].abs().max()) * 1.06 for name in ("x", "y"))
    spec = chart_spec(
        layers,
        460,
        data={"name": f"reversal-{pair}"},
        params=HIGHLIGHT,
        encoding={
            "x": quantity("x", f"model: {model} (Wald z)", scale={"domain": [-reach_x, reach_x]}),
            "y": quantity("y", f"treatment: {treatment} (Wald z)", scale={"domain": [-reach_y, reach_y]}),
        },
    )
    n_called = sum(n for name, n in counts.items() if name.startswith("reversed"))
    only = counts.get("nominal Venn only", 0)
    caption = (
        f"{count(len(frame))} {results.feature_word} by their Wald z in both contrasts. The two share the model "
        f"arm, so that a study without any effect makes a falling cloud{null}. A fall of the cloud is therefore no "
        f"evidence of reversal; the intersection-union test (q < {q:g}: {count(n_called)}, by class) asks for "
        "evidence in both directions. Orange: called only by the nominal Venn rule, p < 0.05 in both contrasts "
        f"with opposite signs ({count(only)})."
        + left_out_words(frame["draw"].to_numpy(), len(frame), "those that nothing calls")
    )
    alt = (
        f"Scatter plot of z of {treatment} against z of {model}: {n_called} {results.feature_word} are called "
        f"reversed at q below {q:g}; {only} more satisfy only the nominal Venn rule."
    )
    book.charts.append(Chart(f"reversal_{pair}", pair, "Reversal", caption, alt, spec, "symbol", BRUSH))


def draw_restoration(book: ChartBook, results: StudyResults, pair: str, alpha: float) -> None:
    """Add the forest plot of restoration fractions."""
    name, title = f"restoration_{pair}", "Restoration fractions"
    best = restored(results.reversals[pair])
    if len(best) == 0:
        book.leave_out(name, pair, title, "No feature that is called reversed has a restoration fraction.")
        return
    low, high = (best[column].to_numpy(dtype=float) for column in ("restoration_low", "restoration_high"))
    ratio = best["restoration"].to_numpy(dtype=float)
    known = np.concatenate([ratio, low[np.isfinite(low)], high[np.isfinite(high)]])
    left = max(-1.0, min(-0.15, float(known.min()) - 0.1))
    right = min(4.0, max(1.6, float(known.max()) + 0.1))
    label = best["label"].where(~best["label"].duplicated(keep=False), best["label"] + " · " + best["feature"])
    label = label.str.slice(0, 60)
    # A missing or infinite end means that Fieller's interval is unbounded there.
    start, end = (np.where(np.isfinite(values), values, edge) for values, edge in ((low, -np.inf), (high, np.inf)))
    book.data[f"restoration-{pair}"] = pd.DataFrame(
        {
            "feature": best["feature"],
            "symbol": label,
            "restoration": ratio,
            "low": low,
            "high": high,
            "from": np.maximum(start, left),
            "to": np.minimum(end, right),
            "goes_on": np.select(
                [(start < left) & (end > right), start < left, end > right], ["both", "left", "right"], ""
            ),
            "class": best["class"],
            "q_reversal": best["q_reversal"],
        }
    )
    classes = {**{kind: (CLASS_COLOURS[kind], SHAPES[kind]) for kind in CLASS_COLOURS}, "inconclusive": (GREY, "cross")}
    looks = {kind: look for kind, look in classes.items() if (best["class"] == kind).any()}
    looks |= {str(kind): (GREY, "cross") for kind in best["class"].unique() if kind not in classes}
    order = label.to_list()
    y = named("symbol", sort=order, axis={"ticks": False, "domain": False, "labelLimit": 130})
    hover = tooltip(
        ("symbol", "Name"), ("feature", "Feature"), ("restoration", "restoration fraction", ".2f"),
        ("low", "from", ".2f"), ("high", "to", ".2f"), ("class", "Class"), ("q_reversal", "q of reversal", ".3g"),
    )  # fmt: skip
    colour = told_apart("class", looks)
    for channel in colour.values():
        channel["legend"]["offset"] = 24
    one = {"data": {"name": ONE}}
    layers: list[dict[str, Any]] = [
        {
            **one,
            "mark": {"type": "rect", "style": "band"},
            "encoding": {"x": {"datum": 0}, "x2": {"datum": 1}, "y": {"value": 0}, "y2": {"value": "height"}},
        },
    ]
    book.data[ONE] = one_row()
    for place, text in ((0, "untouched"), (1, "at control")):
        layers.append({**one, "mark": {"type": "rule", "style": "threshold"}, "encoding": {"x": {"datum": place}}})
        mark = {"style": "note", "baseline": "bottom", "text": text, "dy": -3}
        layers += text_layers(one, mark, {"x": {"datum": place}, "y": {"value": 0}})
    layers.append(
        {
            "mark": {"type": "rule", "strokeWidth": 2.4},
            "encoding": {
                "x": quantity("from", f"restoration fraction, {1 - alpha:.0%} interval",
                              scale={"domain": [left, right], "nice": False}),
                "x2": {"field": "to"}, "y": y, "color": colour["color"], "tooltip": hover,
            },
        }
    )  # fmt: skip
    for side, shape, field in (("left", "triangle-left", "from"), ("right", "triangle-right", "to")):
        layers.append(
            {
                "transform": [{"filter": f"datum.goes_on === '{side}' || datum.goes_on === 'both'"}],
                "mark": {"type": "point", "filled": True, "shape": shape, "size": 60, "opacity": 1},
                "encoding": {"x": quantity(field, ""), "y": y, "color": colour["color"]},
            }
        )
    layers.append(
        {
            "transform": [{"filter": f"inrange(datum.restoration, [{left}, {right}])"}],
            "mark": {"type": "point", "filled": True, "size": 75, "opacity": 1},
            "encoding": {"x": quantity("restoration", ""), "y": y, **colour, "tooltip": hover},
        }
    )
    # The names stand on the axis: the search draws the ring.
    ring, *_ = highlight_layers(
        ["symbol", "feature"], "symbol", {"encoding": {"x": quantity("restoration", ""), "y": y}}
    )
    spec = chart_spec([*layers, ring], 18 * max(len(best), 4), data={"name": f"restoration-{pair}"}, params=HIGHLIGHT)
    total = int(results.reversals[pair].table["reversed"].sum())
    caption = (
        f"How much of the model's change the treatment took back (−treatment / model), for the {len(best)} most "
        f"certain of {count(total)} reversed {results.feature_word}, with Fieller's {1 - alpha:.0%} interval from "
        "the joint covariance of the two contrasts. 0: untouched, 1: back at control, above 1: overcorrected. "
        "Colour and shape are classes. Arrowheads: the interval goes on. Features were chosen because they are "
        "significant, so that their fractions are somewhat too large."
    )
    alt = (
        f"Interval plot of the restoration fraction of {len(best)} reversed {results.feature_word}, from "
        f"{ratio.min():.2g} to {ratio.max():.2g}."
    )
    book.charts.append(Chart(name, pair, title, caption, alt, spec, "symbol"))
