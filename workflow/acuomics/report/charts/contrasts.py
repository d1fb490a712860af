"""Interactive figures of one contrast: MA plot, volcano plot, histogram of p-values; and found against expected."""

from __future__ import annotations

import math
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
from acuomics.report.figures_de import BINS, arms, detectable_curve
from acuomics.report.read import StudyResults
from acuomics.report.style import DOWN, GREY, SKY, UP, VERMILLION
from acuomics.report.words import count

LABELS = 12
LOOKS = {"up": (UP, "triangle-up"), "down": (DOWN, "triangle-down"), "not called": (GREY, "circle")}
HOVER = tooltip(
    ("symbol", "Name"),
    ("feature", "Feature"),
    ("log2fc", "log2 fold change", ".3f"),
    ("se", "its standard error", ".3f"),
    ("base_mean", "mean of normalised counts", ",.1f"),
    ("p", "p (Wald)", ".3g"),
    ("q", "q (Benjamini-Hochberg)", ".3g"),
    ("status", "Status of the test"),
)


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


def contrast_frame(table: pd.DataFrame, q: float) -> pd.DataFrame:
    """The data of the plots of one contrast (see `contrast_charts`)."""
    table = table[(table["base_mean"] > 0) & table["log2fc"].notna()]
    p = table["p"].to_numpy(dtype=float)
    # A p of exactly 0 is smaller than a computer can say: it is drawn as high as the smallest that it can.
    positive = p[p > 0]
    height = -np.log10(np.maximum(p, positive.min() if positive.size else 1e-300)) + 0.0
    called = (table["q"] < q).to_numpy()
    change, mean = table["log2fc"].to_numpy(dtype=float), table["base_mean"].to_numpy(dtype=float)
    frame = pd.DataFrame(
        {
            "feature": table["feature"].to_numpy(),
            "symbol": table["label"].to_numpy(),
            "base_mean": mean,
            "log2fc": change,
            "se": table["log2fc_se"].to_numpy(dtype=float),
            "p": p,
            "q": table["q"].to_numpy(dtype=float),
            "height": height,
            "call": np.where(called, np.where(change > 0, "up", "down"), "not called"),
            "status": table["status"].to_numpy(),
            "ma": drawn(np.log10(mean), np.clip(change, -limit_of(change), limit_of(change)), called),
            "volcano": drawn(change, height, called),
        }
    )
    # The last are drawn on top: the called ones, the most certain at the very end.
    order = np.lexsort((frame["feature"], -frame["q"].fillna(1.0), called))
    return frame.iloc[order].reset_index(drop=True)


def limit_of(change: Any) -> float:
    """Where the axis of fold changes of an MA plot ends: one feature in a thousand lies beyond."""
    return max(1.0, float(np.nanquantile(np.abs(change), 0.999)) * 1.1) if len(change) else 1.0


def cloud(frame: pd.DataFrame, which: str, tell: str) -> dict[str, Any]:
    """The layer of the points, with zoom and selection; `which` is the column that tells what is drawn."""
    counts = {str(name): int(n) for name, n in frame["call"].value_counts().items()}
    looks = {name: look for name, look in LOOKS.items() if counts.get(name)}
    called = "datum.call !== 'not called'"
    return {
        "params": [ZOOM, SELECT],
        "transform": [{"filter": f"datum.{which} === 1"}],
        "mark": {"type": "point", "filled": True, "clip": True, "aria": False, "strokeWidth": 0},
        "encoding": {
            **told_apart("call", looks, counts),
            "size": {"condition": {"test": called, "value": 34}, "value": 12 if len(frame) > 3000 else 20},
            "opacity": {"condition": {"test": called, "value": 0.85}, "value": 0.4},
            "tooltip": HOVER,
        },
        "description": tell,
    }


def draw_volcano(book: ChartBook, results: StudyResults, contrast: str, q: float, frame: pd.DataFrame) -> None:
    """Add the volcano plot of one contrast."""
    row: Any = results.summary.set_index("contrast").loc[contrast]
    tested = frame[frame["p"].notna()]
    reach = float(tested["log2fc"].abs().max()) * 1.08
    top = max(2.0, float(tested["height"].max()) * 1.08)
    labels = label_rows(tested[tested["call"] != "not called"], reach, top)
    at_q = float(row["p_at_q"]) if row["p_at_q"] > 0 else None
    layers = [rule_at(0.05, "faint", [2, 3]), *([] if at_q is None else [rule_at(at_q, "threshold")])]
    layers.append(cloud(frame, "volcano", "features"))
    # Two remarks at nearly the same height would cover each other.
    if at_q is None or abs(math.log10(at_q) - math.log10(0.05)) > top / 20:
        layers += note_at(0.05, "p = 0.05")
    layers += [] if at_q is None else note_at(at_q, f"q = {q:g}")
    if len(labels):
        book.data[f"labels-{contrast}"] = labels
        for side, align, dx in (("right", "left", 7), ("left", "right", -7)):
            layers += text_layers(
                {
                    "data": {"name": f"labels-{contrast}"},
                    "transform": [{"filter": f"datum.side === '{side}'"}],
                },
                # On a narrow screen names would cover each other.
                {
                    "style": "note",
                    "align": align,
                    "baseline": "middle",
                    "dx": dx,
                    "clip": True,
                    "opacity": {"expr": "width < 420 ? 0 : 1"},
                },
                {"text": named("symbol")},
            )
    layers += highlight_layers(["symbol", "feature"], "symbol")
    spec = chart_spec(
        layers,
        400,
        data={"name": f"de-{contrast}"},
        params=HIGHLIGHT,
        encoding={
            "x": quantity(
                "log2fc",
                f"log2 fold change, {arms(results, contrast)}",
                scale={"domain": [-reach, reach]},
                axis={"tickCount": 8},
            ),
            "y": quantity("height", "−log10 p", scale={"domain": [0, top]}),
        },
    )
    up, down = (int((tested["call"] == side).sum()) for side in ("up", "down"))
    line = f"the dashed line is where q reaches {q:g}; " if row["p_at_q"] > 0 else f"no feature has q < {q:g}; "
    caption = (
        f"Wald test p against maximum-likelihood log2 fold change of the {count(len(tested))} tested "
        f"{results.feature_word}, {contrast}. Triangles: q < {q:g}, {count(up)} up and {count(down)} down; {line}the "
        f"dotted line is p = 0.05, above which {count(row['expected_p05'])} {results.feature_word} stand by chance "
        f"alone and {count(row['n_p05'])} do."
        + left_out_words(frame["volcano"].to_numpy(), len(tested), "those not called")
    )
    alt = (
        f"Volcano plot of {contrast}: {up} {results.feature_word} up and {down} down at q below {q:g}, of "
        f"{len(tested)} tested."
    )
    book.charts.append(Chart(f"volcano_{contrast}", contrast, "Volcano plot", caption, alt, spec, "symbol", BRUSH))


def rule_at(p: float, style: str, dash: list[int] | None = None) -> dict[str, Any]:
    """A line across at the height of a p."""
    mark: dict[str, Any] = {"type": "rule", "style": style}
    if dash:
        mark["strokeDash"] = dash
    place = {"y": {"datum": -math.log10(p)}, "x": None}
    return {"data": {"name": ONE}, "mark": mark, "encoding": place}


def note_at(p: float, text: str) -> list[dict[str, Any]]:
    """What the line at the height of a p is, at its right end."""
    return right_note(-math.log10(p), text)


def right_note(y: float, text: str) -> list[dict[str, Any]]:
    """A remark at the right end of a line across at `y`."""
    mark = {"style": "note", "align": "right", "dx": -3, "dy": -7, "text": text}
    return text_layers({"data": {"name": ONE}}, mark, {"y": {"datum": y}, "x": {"value": "width"}})


def label_rows(called: pd.DataFrame, reach: float, top: float) -> pd.DataFrame:
    """The most certain called features whose names do not cover each other: ``symbol, log2fc, height, side``."""
    rows: list[dict[str, Any]] = []
    boxes: list[tuple[float, float, float]] = []
    best = called.sort_values(["p", "feature"], kind="stable").head(3 * LABELS)
    for symbol, change, height in zip(best["symbol"], best["log2fc"], best["height"], strict=True):
        name = symbol if len(symbol) <= 20 else f"{symbol[:19]}…"
        # Shares of a picture 560 pixels wide and 400 high, seven pixels a letter.
        x, y, width = (change / reach + 1) / 2, height / top, (7 * len(name) + 10) / 560
        side = "right" if change > 0 else "left"
        start = x if side == "right" else x - width
        if start < 0 or start + width > 1:
            side, start = ("left", x - width) if side == "right" else ("right", x)
        if any(start < b and a < start + width and abs(y - h) < 0.042 for a, b, h in boxes):
            continue
        boxes.append((start, start + width, y))
        rows.append({"symbol": name, "log2fc": change, "height": height, "side": side})
        if len(rows) == LABELS:
            break
    return pd.DataFrame(rows, columns=["symbol", "log2fc", "height", "side"])


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
            "encoding": {"y": {"datum": 0}, "x": None},
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
