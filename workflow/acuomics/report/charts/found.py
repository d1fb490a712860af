"""The interactive figure of what each contrast found beside what chance alone would give."""

from __future__ import annotations

from typing import Any

import pandas as pd

from acuomics.report.charts.chart import Chart, ChartBook
from acuomics.report.charts.parts import chart_spec, named, quantity, text_layers, tooltip
from acuomics.report.read import StudyResults
from acuomics.report.style import BLUE, VERMILLION
from acuomics.report.words import count, mean_count

FOUND, CHANCE = "found", "by chance alone"


def found_chart(results: StudyResults, q: float) -> ChartBook:
    """Draw ``found``: counts of ``de/summary.tsv`` by the nominal rule, with a fold change besides, and by q.

    Parameters
    ----------
    results : StudyResults
    q : float
        False discovery rate of the calls; of those found by it so many may be false.
    """
    book = ChartBook()
    rules = (
        ("p < 0.05", "n_p05", "expected_p05"),
        ("p < 0.05 and |log2FC| ≥ 1", "n_p05_lfc1", "expected_p05_lfc1"),
        (f"q < {q:g}", "n_q", "expected_false_q"),
    )
    rows = [
        {"row": f"{line['contrast']}: {rule}", "contrast": line["contrast"], "rule": rule,
         "found": int(line[found]), "expected": float(line[expected]),
         "told": f"{count(line[found])} found, {mean_count(line[expected])} by chance",
         "short": f"{count(line[found])} : {mean_count(line[expected])}"}
        for line in results.summary.to_dict("records")
        for rule, found, expected in rules
    ]  # fmt: skip
    title = "Found and expected by chance"
    if not rows:
        book.leave_out("found", "samples", title, "No contrast was fitted.")
        return book
    frame = pd.DataFrame(rows)
    book.data["found"] = frame
    order = frame["row"].to_list()
    reach = float(frame[["found", "expected"]].to_numpy().max()) or 1.0
    y = named(
        "row",
        sort=order,
        axis={
            "ticks": False,
            "domain": False,
            "labelLimit": 200,
            "labelExpr": "split(datum.label, ': ')",
            "labelLineHeight": 14,
            "labelOffset": -7,
        },
    )
    hover = tooltip(
        ("contrast", "Contrast"), ("rule", "Rule"), ("found", "found", ",d"), ("expected", "by chance alone", ",.1f"),
    )  # fmt: skip
    scale = {"domain": [FOUND, CHANCE], "range": [BLUE, VERMILLION]}

    def layer(kind: str, field: str, mark: dict[str, Any]) -> dict[str, Any]:
        return {
            "transform": [{"calculate": f"'{kind}'", "as": "kind"}],
            "mark": mark,
            "encoding": {
                "x": quantity(field, results.feature_word, scale={"domain": [0, reach * 1.9]}, axis={"tickCount": 5}),
                "y": y,
                "color": named("kind", scale=scale, legend={"title": None, "symbolType": "square"}),
                "tooltip": hover,
            },
        }

    layers = [
        layer(FOUND, "found", {"type": "bar", "height": {"band": 0.62}, "opacity": 0.85}),
        layer(CHANCE, "expected", {"type": "tick", "thickness": 3.5, "height": {"band": 0.9}, "opacity": 1}),
        *text_layers(
            {
                "transform": [
                    {"calculate": "max(datum.found, datum.expected)", "as": "end"},
                    {"calculate": "width < 420 ? datum.short : datum.told", "as": "text"},
                ]
            },
            {"style": "note", "align": "left", "baseline": "middle", "dx": 6},
            {"x": quantity("end", ""), "y": y, "text": named("text")},
        ),
    ]
    spec = chart_spec(layers, 36 * len(rows), data={"name": "found"})
    caption = (
        f"{results.feature_word} found in each contrast (bars) and how many a study without any effect would give "
        "by the same rule (red marks): 5 % of the tested; those of them that also seem to change twofold; and of "
        f"those with q < {q:g} the {q:.0%} that may be false."
    )
    caption = caption[0].upper() + caption[1:]
    first = frame.iloc[0]
    alt = f"Bars of found against expected counts in {len(results.summary)} contrasts; {first['row']}: {first['told']}."
    book.charts.append(Chart("found", "samples", title, caption, alt, spec))
    return book
