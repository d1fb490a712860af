"""Interactive figures of a study of single cells: map, quality, markers, composition, losses, verdicts by type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from acuomics.report.charts.chart import SCHEMA, Chart, ChartBook
from acuomics.report.style import ARM_COLOURS, BLUE, GREEN, GREY, ORANGE, PALE, PURPLE, SKY, VERMILLION

GROUP = "cells"
#: The map shows at most so many cells, drawn at random.
MOST_CELLS = 20_000
#: Places at which a density is taken, and its width as a share of the range.
PLACES, WIDTH = 64, 0.03
METRICS = {
    "total_counts": ("Counts a cell", "counts a cell (log10)"),
    "n_genes": ("Genes a cell", "detected genes a cell (log10)"),
    "mito_fraction": ("Mitochondrial fraction", "mitochondrial fraction of the counts"),
}
STEPS = {
    "kept": (BLUE, "kept"),
    "counts": (ORANGE, "counts out of bounds"),
    "genes": (PURPLE, "genes out of bounds"),
    "mitochondrial": (VERMILLION, "mitochondrial fraction too high"),
    "doublet": (GREEN, "doublet"),
}
VERDICTS = {
    "concordant": BLUE,
    "concordant and discordant": PURPLE,
    "discordant": VERMILLION,
    "conflicted_claim": ORANGE,
    "two_sided_change": SKY,
    "no_change_supported": GREEN,
    "inconclusive": GREY,
    "no_power": PALE,
    "not_expressed": "#DDDDDD",
}
#: A picture of many rows grows with them, pixels a row.
ROW = 15


def cell_charts(
    place: pd.DataFrame,
    cells: pd.DataFrame,
    losses: pd.DataFrame,
    dots: pd.DataFrame,
    numbers: pd.DataFrame,
    samples: pd.DataFrame,
    matrix: pd.DataFrame,
    seed: int,
) -> ChartBook:
    """Make all charts of a study of single cells.

    Parameters
    ----------
    place : pandas.DataFrame
        ``umap.parquet``.
    cells : pandas.DataFrame
        ``qc_cells.parquet``.
    losses : pandas.DataFrame
        ``qc_losses.tsv``.
    dots : pandas.DataFrame
        ``markers.tsv``.
    numbers : pandas.DataFrame
        ``cell_numbers.tsv``.
    samples : pandas.DataFrame
        ``sample`` and the factors.
    matrix : pandas.DataFrame
        ``mechanism, cell_type, verdict, text`` (`acuomics.report.cells.verdict_matrix`).
    seed : int
        Of the cells that the map shows.
    """
    book = ChartBook()
    factors = [name for name in samples.columns if name != "sample"]
    _map(book, place, factors, seed)
    _violins(book, cells)
    _losses(book, losses)
    _dots(book, dots)
    _composition(book, numbers, samples)
    _matrix(book, matrix)
    return book


def _spec(data: str, height: int, mark: Mapping[str, Any], encoding: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    size = {"width": "container", "height": height, "autosize": {"type": "fit", "contains": "padding"}}
    return {"$schema": SCHEMA, **size, "data": {"name": data}, "mark": dict(mark), "encoding": dict(encoding), **more}


def _nominal(field: str, title: str | None = None, **more: Any) -> dict[str, Any]:
    return {"field": field, "type": "nominal", "title": title, **more}


def _number(field: str, title: str, **more: Any) -> dict[str, Any]:
    return {"field": field, "type": "quantitative", "title": title, **more}


def _map(book: ChartBook, place: pd.DataFrame, factors: Sequence[str], seed: int) -> None:
    """UMAP, coloured by type, animal and every factor; the three share one set of points."""
    n = len(place)
    shown = place
    if n > MOST_CELLS:
        chosen = np.random.default_rng([seed, n]).choice(n, MOST_CELLS, replace=False)
        shown = place.iloc[np.sort(chosen)]
    columns = ["cell_type", "sample", *factors]
    book.data["cells"] = shown[["umap1", "umap2", *columns]].astype(dict.fromkeys(columns, str)).reset_index(drop=True)
    drawn = f"all {n:,} cells" if len(shown) == n else f"{len(shown):,} of {n:,} cells, drawn at random"
    note = "Distances between groups mean nothing; nothing is tested on this picture."
    axis = {"axis": None, "scale": {"zero": False, "nice": False}}
    for field in columns:
        what = {"cell_type": "cell type", "sample": "animal"}.get(field, field)
        # Types by name; animals and arms as the study lists them.
        names = place[field].astype(str)
        levels = sorted(set(names)) if field == "cell_type" else list(dict.fromkeys(names))
        # Few levels get colours that are told apart under colour-vision deficiencies.
        scale = (
            {"range": list(ARM_COLOURS[: len(levels)])} if len(levels) <= len(ARM_COLOURS) else {"scheme": "tableau20"}
        )
        legend = {"orient": "right", "symbolSize": 60, "symbolOpacity": 1}
        encoding = {
            "x": _number("umap1", "UMAP 1", **axis),
            "y": _number("umap2", "UMAP 2", **axis),
            "color": _nominal(field, scale={"domain": levels, **scale}, legend=legend),
            "opacity": {"condition": {"param": "chosen", "value": 0.6}, "value": 0.03},
            "tooltip": [
                _nominal(name, {"cell_type": "cell type", "sample": "animal"}.get(name, name)) for name in columns
            ],
        }
        params = [
            {"name": "zoom", "select": "interval", "bind": "scales"},
            {"name": "chosen", "select": {"type": "point", "fields": [field]}, "bind": "legend"},
        ]
        spec = _spec("cells", 460, {"type": "circle", "size": 7, "clip": True}, encoding, params=params)
        caption = f"UMAP of the cells that passed quality control ({drawn}), coloured by {what}. {note}"
        alt = f"Scatter plot of {drawn} in two dimensions, coloured by {what}: {', '.join(levels[:12])}."
        book.charts.append(Chart(f"umap_{field}", GROUP, f"Cells by {what}", caption, alt, spec))


def _violins(book: ChartBook, cells: pd.DataFrame) -> None:
    """Density of each metric a library: all cells on the left side, those that passed on the right."""
    libraries = list(dict.fromkeys(cells["library"].astype(str)))
    parts = []
    for metric in METRICS:
        values = cells[metric].to_numpy(float)
        if not np.isfinite(values).any():
            book.leave_out(f"qc_{metric}", GROUP, METRICS[metric][0], "no mitochondrial gene is in the matrix")
            continue
        values = values if metric == "mito_fraction" else np.log10(values + 1.0)
        at = np.linspace(np.nanmin(values), np.nanmax(values), PLACES)
        for k, library in enumerate(libraries):
            own = (cells["library"] == library).to_numpy() & np.isfinite(values)
            for side, stage, rows in ((-1.0, "before", own), (1.0, "after", own & (cells["lost"] == "").to_numpy())):
                edge = k + 0.45 * side * density(values[rows], at)
                table = {"metric": metric, "library": library, "stage": stage, "value": at, "axis": float(k)}
                parts.append(pd.DataFrame({**table, "edge": edge, "n": int(rows.sum())}))
    if not parts:
        return
    book.data["qc"] = pd.concat(parts, ignore_index=True)
    names = "[" + ",".join(f"'{library}'" for library in (name.replace("'", " ") for name in libraries)) + "]"
    for metric, (title, label) in METRICS.items():
        if not (book.data["qc"]["metric"] == metric).any():
            continue
        axis = {
            "values": list(range(len(libraries))),
            "labelExpr": f"{names}[datum.value]",
            "labelAngle": -40,
            "labelOverlap": False,
            "grid": False,
        }
        encoding = {
            "x": _number("axis", "library", axis=axis, scale={"domain": [-0.6, len(libraries) - 0.4], "nice": False}),
            "x2": {"field": "edge"},
            "y": _number("value", label, scale={"zero": metric == "mito_fraction"}),
            "detail": [{"field": "library", "type": "nominal"}],
            "color": _nominal("stage", scale={"domain": ["before", "after"], "range": [ORANGE, BLUE]}),
            "tooltip": [_nominal("library"), _nominal("stage"), _number("n", "cells")],
        }
        mark = {"type": "area", "orient": "horizontal", "opacity": 0.75}
        spec = _spec("qc", 320, mark, encoding, transform=[{"filter": f"datum.metric == '{metric}'"}])
        n, kept = len(cells), int((cells["lost"] == "").sum())
        caption = (
            f"{title} in each library: to the left all cells ({n:,}), to the right those that passed quality control "
            f"({kept:,}). Each side is scaled to the same width."
        )
        alt = f"Split violins of {label} for {len(libraries)} libraries, before and after quality control."
        book.charts.append(Chart(f"qc_{metric}", GROUP, title, caption, alt, spec))


def density(values: np.ndarray[Any, Any], at: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Gaussian density of `values` at equally spaced places, its peak 1; zeros where there is no value.

    The values are counted in the intervals of `at`, and the counts smoothed with `WIDTH` of the range.
    """
    step = at[1] - at[0] if len(at) > 1 else 0.0
    if not len(values) or step <= 0:
        return np.zeros(len(at))
    counts = np.bincount(np.clip(np.rint((values - at[0]) / step).astype(int), 0, len(at) - 1), minlength=len(at))
    away = np.arange(len(at))[:, None] - np.arange(len(at))[None, :]
    smooth = np.exp(-0.5 * (away / (WIDTH * len(at))) ** 2) @ counts
    result: np.ndarray[Any, Any] = smooth / smooth.max()
    return result


def _losses(book: ChartBook, losses: pd.DataFrame) -> None:
    kept = losses.groupby("library", sort=False)["n_after"].last()
    rows = losses[["library", "step", "n_lost"]].rename(columns={"n_lost": "n"})
    whole = pd.concat([pd.DataFrame({"library": kept.index, "step": "kept", "n": kept.to_numpy()}), rows])
    whole["what"] = [STEPS[step][1] for step in whole["step"]]
    whole["rank"] = [list(STEPS).index(step) for step in whole["step"]]
    book.data["losses"] = whole.reset_index(drop=True)
    colours = {"domain": [name for _, name in STEPS.values()], "range": [colour for colour, _ in STEPS.values()]}
    encoding = {
        "y": _nominal("library", sort=None),
        "x": _number("n", "cells", stack="zero"),
        "color": _nominal("what", scale=colours),
        "order": {"field": "rank", "type": "quantitative"},
        "tooltip": [_nominal("library"), _nominal("what", "step"), _number("n", "cells")],
    }
    n = int(kept.sum() + losses["n_lost"].sum())
    caption = (
        f"Where the cells of each library went: of {n:,} cells {int(kept.sum()):,} stayed. A cell is lost at one step."
    )
    alt = f"Stacked bars, one a library, of cells kept and lost at each step; {int(kept.sum()):,} of {n:,} stayed."
    spec = _spec("losses", 60 + ROW * len(kept), {"type": "bar"}, encoding)
    book.charts.append(Chart("losses", GROUP, "Cells lost at each step", caption, alt, spec))


def _dots(book: ChartBook, dots: pd.DataFrame) -> None:
    if dots.empty:
        book.leave_out("markers", GROUP, "Markers", "no marker of a type is among the genes")
        return
    table = dots.assign(row=dots["symbol"] + " (" + dots["marker_of"] + ")")
    book.data["markers"] = table[["row", "symbol", "marker_of", "cell_type", "mean", "share"]]
    rows, types = list(dict.fromkeys(table["row"])), sorted(set(table["cell_type"]))
    encoding = {
        "y": _nominal("row", sort=rows, axis={"labelLimit": 260}),
        "x": _nominal("cell_type", sort=types, axis={"labelAngle": -40, "labelLimit": 260, "orient": "top"}),
        "size": _number(
            "share", "cells with counts", scale={"domain": [0, 1], "range": [0, 150]}, legend={"format": "%"}
        ),
        "color": _number("mean", "mean log expression", scale={"scheme": "viridis"}),
        "tooltip": [
            _nominal("symbol", "gene"),
            _nominal("marker_of", "marker of"),
            _nominal("cell_type", "in"),
            _number("mean", "mean log expression", format=".3g"),
            _number("share", "cells with counts", format=".1%"),
        ],
    }
    spec = _spec("markers", 120 + ROW * len(rows), {"type": "circle", "opacity": 1}, encoding)
    caption = (
        f"{len(rows)} positive markers (rows, with the type that they mark) in {len(types)} types (columns): the area "
        "is the share of cells with counts, the colour the mean log-normalised expression."
    )
    alt = f"Dot plot of {len(rows)} marker genes in {len(types)} cell types."
    book.charts.append(Chart("markers", GROUP, "Markers", caption, alt, spec, wide=True))


def _composition(book: ChartBook, numbers: pd.DataFrame, samples: pd.DataFrame) -> None:
    """Proportion of every type in every animal; cells of no type do not count."""
    counts = numbers.set_index("sample").drop(columns="unassigned", errors="ignore")
    if not counts.shape[1]:
        book.leave_out("composition", GROUP, "Composition", "no cell has a type")
        return
    factors = [name for name in samples.columns if name != "sample"]
    shares = counts.div(counts.sum(axis=1), axis=0).reset_index()
    table = shares.melt(id_vars="sample", var_name="cell_type", value_name="share").dropna()
    arms = samples.assign(arm=samples[factors].astype(str).agg(", ".join, axis=1))[["sample", "arm"]]
    table = table.merge(arms, on="sample", how="left")
    book.data["composition"] = table
    levels = list(dict.fromkeys(arms["arm"]))
    scale = {"domain": levels, "range": [ARM_COLOURS[k % len(ARM_COLOURS)] for k in range(len(levels))]}
    encoding = {
        "x": _nominal("cell_type", axis={"labelAngle": -40}),
        "xOffset": {"field": "arm", "sort": levels},
        "y": _number("share", "share of the animal's cells", axis={"format": "%"}),
        "color": _nominal("arm", scale=scale),
        "tooltip": [
            _nominal("sample", "animal"),
            _nominal("arm"),
            _nominal("cell_type", "cell type"),
            _number("share", "share", format=".2%"),
        ],
    }
    spec = _spec("composition", 320, {"type": "point", "filled": True, "size": 45, "opacity": 0.85}, encoding)
    caption = f"Share of each type among the typed cells of an animal; a point is an animal ({len(counts)})."
    alt = f"Points of the share of {counts.shape[1]} cell types in {len(counts)} animals, by arm."
    book.charts.append(Chart("composition", GROUP, "Composition", caption, alt, spec))


def _matrix(book: ChartBook, matrix: pd.DataFrame) -> None:
    title = "Mechanisms by cell type"
    if matrix.empty:
        book.leave_out("verdict_matrix", GROUP, title, "no curated claim could be tested in any cell type")
        return
    book.data["verdict_matrix"] = matrix
    rows = list(dict.fromkeys(matrix["mechanism"]))
    types = list(dict.fromkeys(matrix["cell_type"]))
    present = [word for word in VERDICTS if (matrix["verdict"] == word).any()]
    scale = {"domain": present, "range": [VERDICTS[word] for word in present]}
    encoding = {
        "y": _nominal("mechanism", sort=rows, axis={"labelLimit": 300}),
        "x": _nominal("cell_type", sort=types, axis={"labelAngle": -40, "labelLimit": 260, "orient": "top"}),
        "color": _nominal("verdict", scale=scale),
        "tooltip": [_nominal("mechanism"), _nominal("cell_type", "cell type"), _nominal("text", "claims")],
    }
    spec = _spec("verdict_matrix", 140 + ROW * len(rows), {"type": "rect", "stroke": "#8888"}, encoding)
    caption = (
        f"Verdicts on the curated claims of {len(rows)} mechanisms in {len(types)} cell types, in the contrasts of "
        "acupuncture with the model or with sham. The colour is the most telling verdict of the claims; the tooltip "
        "counts all. An empty field has no testable claim. Types come from the same animals and are no replicates."
    )
    alt = f"Matrix of {len(rows)} mechanisms and {len(types)} cell types, coloured by verdict."
    book.charts.append(Chart("verdict_matrix", GROUP, title, caption, alt, spec, wide=True))
