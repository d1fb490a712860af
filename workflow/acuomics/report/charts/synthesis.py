"""Interactive figures of what holds across studies: forest plots of pools and of single genes, and p-values."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from acuomics.report.charts.chart import Chart, ChartBook
from acuomics.report.charts.parts import (
    HIGHLIGHT,
    ONE,
    chart_spec,
    highlight_layers,
    named,
    one_row,
    quantity,
    span_of,
    told_apart,
    tooltip,
)
from acuomics.report.style import BLUE, DOWN, GREY, ORANGE, SKY, UP
from acuomics.report.words import count

# Genes that a forest plot shows, and genes that the forest plot of one gene offers.
MOST, OFFERED = 40, 120
BINS = 40
LOOKS = {"up": (UP, "triangle-up"), "down": (DOWN, "triangle-down"), "not called": (GREY, "circle")}
STUDY, POOLED = "one study", "pooled"


def synthesis_charts(effects: pd.DataFrame, pooled: pd.DataFrame, rate: float) -> ChartBook:
    """Draw the pools of two studies or more.

    Parameters
    ----------
    effects : DataFrame
        ``results/synthesis/effects.tsv``: an effect a study and gene.
    pooled : DataFrame
        ``results/synthesis/pooled.tsv``: a row a pool and gene, or a pool, claim and gene.
    rate : float
        False discovery rate below which a pooled change is called.

    Returns
    -------
    ChartBook
        For every pool ``pooled_<n>`` (pooled estimates with confidence and prediction intervals), ``forest_<n>`` (the
        studies of one gene, to be chosen) and ``pooled_pvalues_<n>``; pools are numbered in the order of their names.
    """
    book = ChartBook()
    genes = pooled[(pooled["analysis"] == "main") & (pooled["unit"] == "gene") & (pooled["status"] == "pooled")]
    if len(genes) == 0:
        book.leave_out(
            "pooled", "synthesis", "Pooled changes", "No two studies of this run are alike enough to be pooled."
        )
        return book
    book.data[ONE] = one_row()
    for number, pool in enumerate(sorted(genes["pool"].unique()), start=1):
        here = genes[genes["pool"] == pool]
        draw_pooled(book, number, pool, here, rate)
        draw_studies(book, number, pool, here, effects[(effects["pool"] == pool) & in_pool(effects)])
        draw_pooled_p(book, number, pool, here)
    return book


def in_pool(effects: pd.DataFrame) -> pd.Series:
    """Whether each effect is pooled, however a table wrote it."""
    return effects["in_pool"].astype(str).str.lower().isin(("true", "1"))


def pool_name(pool: str) -> str:
    """The name of a pool for a sentence: its parts with commas between."""
    return ", ".join(part for part in re.split(r"[|/;]+", pool) if part)


def unique_labels(table: pd.DataFrame) -> pd.Series:
    """The symbol of each row, with the identifier where two share it or there is none."""
    label = table["symbol"].where(table["symbol"].notna() & (table["symbol"] != ""), table["identifier"]).astype(str)
    twice = label.duplicated(keep=False)
    return label.where(~twice, label + " · " + table["identifier"].astype(str)).str.slice(0, 60)


def draw_pooled(book: ChartBook, number: int, pool: str, genes: pd.DataFrame, rate: float) -> None:
    """Add the pooled estimates of the most certain genes of one pool."""
    best = genes[genes["estimate"].notna()].sort_values(["p", "identifier"], kind="stable").head(MOST)
    name, title = f"pooled_{number}", f"Pooled changes: {pool_name(pool)}"
    if len(best) == 0:
        book.leave_out(name, "synthesis", title, "No gene of this pool has a pooled estimate.")
        return
    label = unique_labels(best)
    called = (best["q"] < rate).to_numpy()
    frame = pd.DataFrame(
        {
            "symbol": label,
            "identifier": best["identifier"],
            "estimate": best["estimate"],
            "low": best["ci_low"],
            "high": best["ci_high"],
            "prediction_low": best["prediction_low"],
            "prediction_high": best["prediction_high"],
            "p": best["p"],
            "q": best["q"],
            "stouffer_q": best["stouffer_q"],
            "tau2": best["tau2"],
            "i2": best["i2"],
            "signs": best["sign_consistency"],
            "call": np.where(called, np.where(best["estimate"] > 0, "up", "down"), "not called"),
        }
    )
    data = f"pooled-{number}"
    book.data[data] = frame
    counts = {str(word): int(n) for word, n in frame["call"].value_counts().items()}
    colour = told_apart("call", {word: look for word, look in LOOKS.items() if word in counts}, counts)
    y = named("symbol", sort=label.to_list(), axis={"ticks": False, "domain": False, "labelLimit": 140})
    hover = tooltip(
        ("symbol", "Name"), ("identifier", "Identifier"), ("estimate", "pooled log2 fold change", ".3f"),
        ("low", "from", ".3f"), ("high", "to", ".3f"), ("prediction_low", "a new study, from", ".3f"),
        ("prediction_high", "to", ".3f"), ("p", "p (Hartung-Knapp)", ".3g"), ("q", "q", ".3g"),
        ("stouffer_q", "q (Stouffer)", ".3g"), ("tau2", "τ²", ".3g"), ("i2", "I²", ".3g"), ("signs", "Signs"),
    )  # fmt: skip
    title_x = "pooled log2 fold change"

    scale = {"domain": span_of(*(frame[name] for name in ("low", "high", "prediction_low", "prediction_high")), [0])}

    def bar(low: str, high: str, width: float, opacity: float) -> dict[str, Any]:
        encoding = {
            "x": quantity(low, title_x, scale=scale),
            "x2": {"field": high},
            "y": y,
            "color": colour["color"],
            "tooltip": hover,
        }
        return {"mark": {"type": "rule", "strokeWidth": width, "opacity": opacity}, "encoding": encoding}

    layers: list[dict[str, Any]] = [
        {"data": {"name": ONE}, "mark": {"type": "rule", "style": "threshold"}, "encoding": {"x": {"datum": 0}}},
        bar("prediction_low", "prediction_high", 1.2, 0.55),
        bar("low", "high", 3.2, 1),
        {
            "mark": {"type": "point", "filled": True, "size": 85, "opacity": 1},
            "encoding": {"x": quantity("estimate", title_x), "y": y, **colour, "tooltip": hover},
        },
    ]
    ring, *_ = highlight_layers(
        ["symbol", "identifier"], "symbol", {"encoding": {"x": quantity("estimate", ""), "y": y}}
    )
    spec = chart_spec([*layers, ring], 18 * max(len(best), 4), data={"name": data}, params=HIGHLIGHT)
    k = int(genes["k"].max())
    caption = (
        f"The {len(best)} most certain of {count(len(genes))} pooled genes ({pool_name(pool)}; at most {k} "
        "studies): random effects with Hartung-Knapp intervals (thick), and where the true change of a new study "
        f"would lie (thin). Triangles: q < {rate:g}. Chosen because they are certain, so that the estimates are "
        "somewhat too large."
    )
    alt = (
        f"Forest plot of {len(best)} pooled changes of at most {k} studies; {int(called.sum())} have q below {rate:g}."
    )
    book.charts.append(Chart(name, "synthesis", title, caption, alt, spec, "symbol"))


def draw_studies(book: ChartBook, number: int, pool: str, genes: pd.DataFrame, effects: pd.DataFrame) -> None:
    """Add the forest plot of one gene: every study's effect, and what they are together; the reader chooses the "
    "gene."""
    name, title = f"forest_{number}", f"One gene in every study: {pool_name(pool)}"
    shown = effects[effects["log2fc"].notna()]
    claimed = set(shown.loc[shown["claims"].fillna("").astype(str) != "", "identifier"])
    known = genes[genes["identifier"].isin(shown["identifier"]) & genes["estimate"].notna()]
    known = known.assign(claimed=known["identifier"].isin(claimed))
    best = known.sort_values(["claimed", "p", "identifier"], ascending=[False, True, True], kind="stable").head(OFFERED)
    if len(best) == 0:
        book.leave_out(name, "synthesis", title, "The table of effects shows no gene of this pool.")
        return
    labels = dict(zip(best["identifier"], unique_labels(best), strict=True))
    rows = shown[shown["identifier"].isin(labels)]
    frame = pd.concat(
        [
            pd.DataFrame(
                {
                    "gene": rows["identifier"].map(labels), "row": rows["study"] + " · " + rows["contrast"],
                    "kind": STUDY, "estimate": rows["log2fc"], "low": rows["ci_low"], "high": rows["ci_high"],
                    "p": rows["p"], "prediction_low": np.nan, "prediction_high": np.nan,
                    "n": rows["n_numerator"].astype(str) + " + " + rows["n_denominator"].astype(str),
                }
            ),
            pd.DataFrame(
                {
                    "gene": best["identifier"].map(labels), "row": POOLED, "kind": POOLED, "estimate": best["estimate"],
                    "low": best["ci_low"], "high": best["ci_high"], "p": best["p"],
                    "prediction_low": best["prediction_low"], "prediction_high": best["prediction_high"],
                    "n": best["k"].astype(str) + " studies",
                }
            ),
        ],
        ignore_index=True,
    )  # fmt: skip
    data = f"forest-{number}"
    book.data[data] = frame
    order = [*sorted(set(frame.loc[frame["kind"] == STUDY, "row"])), POOLED]
    options = sorted(labels.values(), key=lambda text: (text.lower(), text))
    looks = {STUDY: (BLUE, "square"), POOLED: (ORANGE, "diamond")}
    colour = told_apart("kind", looks)
    y = named("row", sort=order, axis={"ticks": False, "domain": False, "labelLimit": 220})
    chosen = [{"filter": "datum.gene === gene"}]
    hover = tooltip(
        ("gene", "Name"), ("row", "Study"), ("estimate", "log2 fold change", ".3f"), ("low", "from", ".3f"),
        ("high", "to", ".3f"), ("prediction_low", "a new study, from", ".3f"), ("prediction_high", "to", ".3f"),
        ("p", "p", ".3g"), ("n", "n"),
    )  # fmt: skip
    x_title = "log2 fold change with its interval"

    def bar(low: str, high: str, width: float, opacity: float) -> dict[str, Any]:
        encoding = {
            "x": quantity(low, x_title),
            "x2": {"field": high},
            "y": y,
            "color": colour["color"],
            "tooltip": hover,
        }
        mark = {"type": "rule", "strokeWidth": width, "opacity": opacity}
        return {"transform": chosen, "mark": mark, "encoding": encoding}

    layers: list[dict[str, Any]] = [
        {"data": {"name": ONE}, "mark": {"type": "rule", "style": "threshold"}, "encoding": {"x": {"datum": 0}}},
        bar("prediction_low", "prediction_high", 1.2, 0.6),
        bar("low", "high", 2.6, 1),
        {
            "transform": chosen,
            "mark": {"type": "point", "filled": True, "size": 100, "opacity": 1},
            "encoding": {"x": quantity("estimate", x_title), "y": y, **colour, "tooltip": hover},
        },
    ]
    choice = {"name": "gene", "value": str(best["identifier"].map(labels).iloc[0]),
              "bind": {"input": "select", "options": options, "name": "Gene "}}  # fmt: skip
    spec = chart_spec(layers, 30 * max(len(order), 3), data={"name": data}, params=[choice])
    caption = (
        "The effect of each study on one gene (squares, with its interval), and what they are together (diamond: "
        "random effects, Hartung-Knapp; thin line: where a new study's true change would lie). "
        f"{count(len(options))} genes can be chosen: those of curated claims first, then the most certain."
    )
    alt = f"Forest plot of one gene in {len(order) - 1} studies, with the pooled effect; a list chooses the gene."
    book.charts.append(Chart(name, "synthesis", title, caption, alt, spec))


def draw_pooled_p(book: ChartBook, number: int, pool: str, genes: pd.DataFrame) -> None:
    """Add the histogram of the pooled p-values of one pool."""
    p = genes["p"].dropna().to_numpy(dtype=float)
    name, title = f"pooled_pvalues_{number}", f"Pooled p-values: {pool_name(pool)}"
    if len(p) == 0:
        book.leave_out(name, "synthesis", title, "No gene of this pool has a pooled p.")
        return
    counts, edges = np.histogram(p, bins=BINS, range=(0, 1))
    data, expected = f"pooled-pvalues-{number}", len(p) / BINS
    book.data[data] = pd.DataFrame({"start": edges[:-1].round(10), "end": edges[1:].round(10), "found": counts})
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "bar", "binSpacing": 1, "color": SKY},
            "encoding": {
                "x": quantity("start", "pooled p", scale={"domain": [0, 1]}, bin={"binned": True}),
                "x2": {"field": "end"},
                "y": quantity("found", "genes"),
                "tooltip": tooltip(("start", "p from", ".3f"), ("end", "p to", ".3f"), ("found", "genes", ",d")),
            },
        },
        {"data": {"name": ONE}, "mark": {"type": "rule", "style": "threshold"}, "encoding": {"y": {"datum": expected}}},
    ]
    found = int((p < 0.05).sum())
    caption = (
        f"Pooled p (Hartung-Knapp) of {count(len(p))} genes in bars of {1 / BINS:g}; the dashed line is where all "
        f"bars would end if nothing changed anywhere. Under 0.05 stand {count(found)}; {count(0.05 * len(p))} "
        "would by chance."
    )
    alt = f"Histogram of {len(p)} pooled p-values: {found} are below 0.05, {0.05 * len(p):.0f} are expected by chance."
    book.charts.append(Chart(name, "synthesis", title, caption, alt, chart_spec(layers, 260, data={"name": data})))
