"""Interactive figures of the samples and of the fit: principal components, distances, dispersions, and a heat map."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from acuomics.report.charts.chart import Chart, ChartBook
from acuomics.report.charts.heatmap import cells_axis, clustered, draw_genes
from acuomics.report.charts.parts import (
    HIGHLIGHT,
    ZOOM,
    chart_spec,
    drawn,
    highlight_layers,
    left_out_words,
    named,
    quantity,
    span_of,
    told_apart,
    tooltip,
)
from acuomics.report.figures_samples import TOP_VARIABLE, levels, main_factors, principal_components, sample_values
from acuomics.report.read import StudyResults
from acuomics.report.style import ARM_COLOURS, BLUE, GREY, ORANGE, VERMILLION
from acuomics.report.words import count

SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "triangle-right")
CIVIDIS = "cividis"


def sample_charts(results: StudyResults, q: float) -> ChartBook:
    """Draw ``pca``, ``distances``, ``genes`` (a heat map) and ``dispersions``; what cannot be drawn is left out.

    Parameters
    ----------
    results : StudyResults
    q : float
        False discovery rate below which a feature is called.
    """
    book = ChartBook()
    names, values = sample_values(results)
    if len(names) < 2 or len(values) == 0:
        for name, title in (("pca", "Principal components"), ("distances", "Distances between samples")):
            book.leave_out(name, "samples", title, "There are fewer than two samples with transformed counts.")
    else:
        draw_pca(book, results, names, values)
        draw_distances(book, results, names, values)
    draw_genes(book, results, q)
    draw_dispersions(book, results)
    return book


def draw_pca(book: ChartBook, results: StudyResults, names: list[str], values: Any) -> None:
    """Add the samples on the first two principal components."""
    scores, share = principal_components(values)
    if scores.shape[1] < 2:
        scores = np.column_stack([scores, np.zeros(len(names))])
        share = np.append(share, 0.0)
    colour, marker = main_factors(results)
    sheet = results.samples.set_index("sample").loc[names].reset_index()
    arm = sheet[colour] if marker is None else sheet[colour].str.cat(sheet[marker], sep=", ")
    book.data["pca"] = pd.DataFrame({"sample": names, "arm": arm, "pc1": scores[:, 0], "pc2": scores[:, 1]})
    looks = {}
    for i, first in enumerate(levels(results, colour)):
        for j, second in enumerate(levels(results, marker) if marker else [""]):
            name = f"{first}, {second}" if marker else first
            if (arm == name).any():
                shape = SHAPES[(j if marker else i) % len(SHAPES)]
                looks[name] = (ARM_COLOURS[i % 6], shape)
    encoding = {
        "x": quantity("pc1", f"PC1 ({share[0]:.0%} of variance)", scale={"domain": span_of(scores[:, 0])}),
        "y": quantity("pc2", f"PC2 ({share[1]:.0%} of variance)", scale={"domain": span_of(scores[:, 1])}),
    }
    layers = [
        {
            "params": [ZOOM],
            "mark": {"type": "point", "filled": True, "size": 110, "opacity": 0.9, "clip": True},
            "encoding": told_apart("arm", looks)
            | {
                "tooltip": tooltip(
                    ("sample", "Sample"), ("arm", "Arm"), ("pc1", "PC1", ".3f"), ("pc2", "PC2", ".3f"),
                )
            },
        },
        *highlight_layers(["sample"], "sample"),
    ]  # fmt: skip
    spec = chart_spec(layers, 380, data={"name": "pca"}, params=HIGHLIGHT, encoding=encoding)
    used = min(TOP_VARIABLE, len(values))
    caption = (
        f"{len(names)} samples by the first two principal components of the variance-stabilised counts ({used} most "
        f"variable {results.feature_word}). Distances here are for the eye; no test rests on them."
    )
    alt = (
        f"Scatter plot of {len(names)} samples on two principal components, which explain {share[0]:.0%} and "
        f"{share[1]:.0%} of the variance; arms: {', '.join(looks)}."
    )
    book.charts.append(Chart("pca", "samples", "Principal components", caption, alt, spec, "sample"))


def draw_distances(book: ChartBook, results: StudyResults, names: list[str], values: Any) -> None:
    """Add the clustered heat map of the distances between samples."""
    from scipy.spatial.distance import pdist, squareform

    matrix = squareform(pdist(values.T))
    order = [names[i] for i in clustered(values.T)]
    first, second = np.triu_indices(len(names), 1)
    rows = np.concatenate([first, second]), np.concatenate([second, first])
    book.data["distances"] = pd.DataFrame(
        {
            "sample": np.array(names, dtype=object)[rows[0]],
            "other": np.array(names, dtype=object)[rows[1]],
            "distance": matrix[rows],
        }
    )
    n = len(names)
    layer = {
        "mark": {"type": "rect"},
        "encoding": {
            "x": named("sample", sort=order, axis=cells_axis(n, 40, labelAngle=-90), scale={"domain": order}),
            "y": named("other", sort=order, axis=cells_axis(n, 40), scale={"domain": order}),
            "color": quantity(
                "distance", "Euclidean distance", scale={"scheme": CIVIDIS},
                legend={"title": "Euclidean distance", "gradientLength": 180},
            ),
            "tooltip": tooltip(("sample", "Sample"), ("other", "and"), ("distance", "distance", ".2f")),
        },
    }  # fmt: skip
    spec = chart_spec([layer], int(min(560, max(220, 18 * n))), data={"name": "distances"})
    caption = (
        f"Euclidean distances between {n} samples over all {results.feature_word} of the variance-stabilised "
        "counts, in the order of an average-linkage clustering. A sample far from its own arm deserves a look "
        "before any result is believed."
    )
    a, b = np.unravel_index(int(matrix.argmax()), matrix.shape)
    alt = f"Heat map of distances between {n} samples; the two farthest apart are {names[a]} and {names[b]}."
    book.charts.append(Chart("distances", "samples", "Distances between samples", caption, alt, spec))


def draw_dispersions(book: ChartBook, results: StudyResults) -> None:
    """Add dispersion against mean."""
    table = results.dispersions
    table = table[(table["base_mean"] > 0) & table["final"].notna()].reset_index(drop=True)
    if len(table) == 0:
        book.leave_out("dispersions", "samples", "Dispersions", "The fit estimated no dispersion.")
        return
    # Estimates at the lower bound (1e-8) would stretch the axis over six empty decades.
    floor = max(1e-4, float(np.nanquantile(table["final"], 0.001)) / 10)
    outlier = table["outlier"].fillna(False).astype(bool).to_numpy()
    mean, final = table["base_mean"].to_numpy(), np.maximum(table["final"].to_numpy(), floor)
    genewise = np.maximum(table["genewise"].fillna(table["final"]).to_numpy(), floor)
    labels = pd.concat(list(results.tables.values())).drop_duplicates("feature").set_index("feature")["label"]
    book.data["dispersions"] = pd.DataFrame(
        {
            "feature": table["feature"],
            "symbol": table["feature"].map(labels).fillna(table["feature"]),
            "base_mean": mean,
            "genewise": genewise,
            "final": final,
            "fitted": table["fitted"],
            "outlier": outlier.astype(np.int8),
            "draw_genewise": drawn(np.log10(mean), np.log10(genewise), outlier),
            "draw_final": drawn(np.log10(mean), np.log10(final), outlier),
        }
    )
    line = table[["base_mean", "fitted"]].sort_values("base_mean")
    line = line.iloc[np.unique(np.linspace(0, len(line) - 1, 200).astype(int))]
    book.data["trend"] = line.reset_index(drop=True)
    kinds = {
        "gene-wise estimate": (GREY, "circle"),
        "final": (BLUE, "circle"),
        "outlier, not shrunken": (ORANGE, "diamond"),
    }
    looks = {name: look for name, look in kinds.items() if outlier.any() or name != "outlier, not shrunken"}
    hover = tooltip(
        ("symbol", "Name"), ("feature", "Feature"), ("base_mean", "mean of normalised counts", ",.1f"),
        ("genewise", "gene-wise dispersion", ".3g"), ("fitted", "trend", ".3g"), ("final", "final dispersion", ".3g"),
    )  # fmt: skip

    def layer(kind: str, field: str, test: str, size: int, opacity: float, **more: Any) -> dict[str, Any]:
        return {
            **more,
            "transform": [{"filter": test}, {"calculate": f"'{kind}'", "as": "kind"}],
            "mark": {"type": "point", "filled": True, "size": size, "opacity": opacity, "clip": True, "aria": False},
            "encoding": {"y": quantity(field, "dispersion"), "tooltip": hover, **told_apart("kind", looks)},
        }

    layers = [
        layer("gene-wise estimate", "genewise", "datum.draw_genewise === 1", 10, 0.35, params=[ZOOM]),
        layer("final", "final", "datum.draw_final === 1 && datum.outlier === 0", 12, 0.4),
        *(
            [layer("outlier, not shrunken", "genewise", "datum.outlier === 1", 26, 0.9)] if outlier.any() else []
        ),
        {
            "data": {"name": "trend"},
            "mark": {"type": "line", "color": VERMILLION, "strokeWidth": 2.5, "clip": True},
            "encoding": {"y": quantity("fitted", "dispersion")},
        },
        *highlight_layers(["symbol", "feature"], "symbol", {"encoding": {"y": quantity("final", "dispersion")}}),
    ]  # fmt: skip
    high = max(float(genewise.max()), float(final.max()), float(line["fitted"].max()))
    x_log = {"type": "log", "nice": False, "domain": [float(mean.min()), float(mean.max())]}
    y_log = {"type": "log", "nice": False, "domain": [float(min(genewise.min(), final.min())), high]}
    spec = chart_spec(
        layers,
        380,
        data={"name": "dispersions"},
        params=HIGHLIGHT,
        encoding={
            "x": quantity(
                "base_mean", "mean of normalised counts", scale=x_log, axis={"tickCount": 6, "format": ",~g"}
            ),
            "y": {"scale": y_log, "axis": {"tickCount": 6, "format": ",~g"}},
        },
    )
    trend = results.fit.get("dispersion_trend", {})
    how = f"{trend.get('type', 'fitted')} trend"
    if trend.get("a0") is not None and trend.get("a1") is not None:
        how += f": {trend['a0']:.3g} + {trend['a1']:.3g} / mean"
    caption = (
        f"Negative binomial dispersion of {count(len(table))} {results.feature_word} against their mean ({how}; "
        "red line). The final estimates are drawn towards the trend; features far above it keep their own. "
        f"Estimates under {floor:.1g} are drawn at that height."
        + left_out_words(book.data["dispersions"]["draw_genewise"].to_numpy(), len(table), "gene-wise estimates")
    )
    alt = (
        f"Scatter plot of dispersion against mean for {len(table)} {results.feature_word} with a fitted trend; "
        f"{int(outlier.sum())} are outliers above the trend."
    )
    book.charts.append(Chart("dispersions", "samples", "Dispersions", caption, alt, spec, "symbol"))
