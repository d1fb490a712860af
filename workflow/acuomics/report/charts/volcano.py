"""The interactive volcano plot of one contrast."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from acuomics.report.charts.chart import Chart, ChartBook
from acuomics.report.charts.cloud import cloud
from acuomics.report.charts.parts import (
    BRUSH,
    HIGHLIGHT,
    ONE,
    chart_spec,
    highlight_layers,
    left_out_words,
    named,
    quantity,
    right_note,
    text_layers,
)
from acuomics.report.figures_de import arms
from acuomics.report.read import StudyResults
from acuomics.report.words import count

LABELS = 12


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
    place = {"y": {"datum": -math.log10(p)}, "x": {"value": 0}, "x2": {"value": "width"}}
    return {"data": {"name": ONE}, "mark": mark, "encoding": place}


def note_at(p: float, text: str) -> list[dict[str, Any]]:
    """What the line at the height of a p is, at its right end."""
    return right_note(-math.log10(p), text)


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
