"""The interactive heat map of the features that a study calls, and what heat maps share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from acuomics.report.charts.chart import Chart, ChartBook
from acuomics.report.charts.parts import HIGHLIGHT, chart_spec, columns_of, named, quantity, tooltip
from acuomics.report.figures_samples import levels, main_factors, sample_values
from acuomics.report.read import StudyResults
from acuomics.report.style import ARM_COLOURS, DOWN, UP

# How many features the heat map shows.
CHOSEN = 50


def clustered(values: Any) -> list[int]:
    """The order of the rows of `values` in an average-linkage clustering of Euclidean distances."""
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import pdist

    if len(values) < 3:
        return list(range(len(values)))
    return [int(i) for i in leaves_list(linkage(pdist(values), "average"))]


def cells_axis(n: int, most: int, **more: Any) -> dict[str, Any]:
    """The axis of a heat map: names as long as there is room for them."""
    return {"labels": n <= most, "ticks": False, "domain": False, "labelLimit": 120, "labelFontSize": 11, **more}


def chosen_features(results: StudyResults, q: float, top: int = CHOSEN) -> pd.DataFrame:
    """The features that any contrast calls, by their smallest q: ``feature, label, q``, at most `top`."""
    called = [table.loc[table["q"] < q, ["feature", "label", "q", "p"]] for table in results.tables.values()]
    joined = pd.concat(called) if called else pd.DataFrame(columns=["feature", "label", "q", "p"])
    best: pd.DataFrame = joined.sort_values(["q", "p", "feature"], kind="stable").drop_duplicates("feature").head(top)
    return best.drop(columns="p")


def draw_genes(book: ChartBook, results: StudyResults, q: float) -> None:
    """Add the heat map of the most certain called features."""
    title = "Heat map of the most certain"
    chosen = chosen_features(results, q)
    names, _ = sample_values(results)
    table = results.transformed.set_index("feature")
    table = table.reindex(chosen["feature"])[names].dropna()
    if len(table) < 2:
        reason = f"Fewer than two {results.feature_word} have q < {q:g} in any contrast."
        book.leave_out("genes", "samples", title, reason)
        return
    values = table.to_numpy(dtype=float)
    spread = values.std(axis=1, ddof=1, keepdims=True)
    scores = (values - values.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1.0)
    chosen = chosen.set_index("feature").loc[table.index]
    # Two features may share a name; an axis needs one for each.
    label = chosen["label"].where(~chosen["label"].duplicated(keep=False), chosen["label"] + " · " + chosen.index)
    label = label.str.slice(0, 60)
    factor, second = main_factors(results)
    sheet = results.samples.set_index("sample").loc[names]
    arm = sheet[factor] if second is None else sheet[factor].str.cat(sheet[second], sep=", ")
    arms = list(
        dict.fromkeys(arm[name] for level in levels(results, factor) for name in names if sheet[factor][name] == level)
    )
    samples = [name for level in arms for name in names if arm[name] == level]
    n, m = len(names), len(table)
    book.data["genes"] = pd.DataFrame(
        {
            "symbol": np.repeat(label.to_numpy(), n),
            "sample": np.tile(np.array(names, dtype=object), m),
            "z": scores.ravel(),
            "value": values.ravel(),
        }
    )
    book.data["arms"] = pd.DataFrame({"sample": samples, "arm": [arm[name] for name in samples]})
    order = [label.iloc[i] for i in clustered(scores)]
    reach = min(3.0, float(np.ceil(2 * np.abs(scores).max()) / 2))
    x = named("sample", sort=samples, axis=cells_axis(n, 40, labelAngle=-90), scale={"domain": samples})
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "rect"},
            "encoding": {
                "x": x,
                "y": named("symbol", sort=order, axis=cells_axis(m, 60), scale={"domain": order}),
                "color": quantity(
                    "z", "z-score",
                    scale={
                        "domain": [-reach, 0, reach], "range": [DOWN, "#f4f4f2", UP],
                        "clamp": True, "interpolate": "rgb",
                    },
                    legend={"title": "z-score of the row", "gradientLength": 140, "offset": 22},
                ),
                "tooltip": tooltip(
                    ("symbol", "Name"), ("sample", "Sample"), ("z", "z-score in its row", ".2f"),
                    ("value", "variance-stabilised count (log2)", ".2f"),
                ),
            },
        },
        {
            "data": {"name": "arms"},
            "mark": {"type": "rect"},
            "encoding": {
                "x": x,
                "y": {"value": -14},
                "y2": {"value": -4},
                "color": named(
                    "arm", scale={"domain": arms, "range": [ARM_COLOURS[i % 7] for i in range(len(arms))]},
                    legend={"title": None, "columns": columns_of(3), "offset": 22},
                ),
                "tooltip": tooltip(("sample", "Sample"), ("arm", "Arm")),
            },
        },
        {
            "transform": [{"filter": "highlight != '' && indexof(wanted, ',' + lower(datum.symbol) + ',') >= 0"}],
            "mark": {"type": "rect", "style": "ring", "filled": False},
            "encoding": {"x": x, "y": named("symbol", sort=order)},
        },
    ]  # fmt: skip
    spec = chart_spec(
        layers, max(180, 15 * m), data={"name": "genes"}, params=HIGHLIGHT, resolve={"scale": {"color": "independent"}}
    )
    caption = (
        f"The {m} {results.feature_word} with the smallest q of those that any contrast calls (q < {q:g}), by their "
        "variance-stabilised counts as z-scores along each row; rows in the order of an average-linkage "
        "clustering, samples by arm (the strip above). They were chosen because they differ, so that a clean "
        "picture is no evidence."
    )
    alt = f"Heat map of {m} {results.feature_word} in {n} samples of the arms {', '.join(arms)}."
    book.charts.append(Chart("genes", "samples", title, caption, alt, spec, "symbol"))
