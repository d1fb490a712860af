"""Figures of one contrast: MA plot, volcano plot, histogram of p-values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from acuomics.report.read import StudyResults
from acuomics.report.style import (
    BLACK,
    DOWN,
    GREY,
    PALE,
    SKY,
    UP,
    VERMILLION,
    label_points,
    log_scale,
    new_axes,
    points,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LABELS = 12
BINS = 40


def draw_ma(results: StudyResults, contrast: str, q: float) -> tuple[Figure, str, str]:
    """Draw fold change against mean. Returns the figure, its caption and its alternative text."""
    table = results.tables[contrast]
    table = table[(table["base_mean"] > 0) & table["log2fc"].notna()]
    called = (table["q"] < q).to_numpy()
    change = table["log2fc"].to_numpy()
    limit = max(1.0, float(np.nanquantile(np.abs(change), 0.999)) * 1.1) if len(table) else 1.0
    outside = np.abs(change) > limit
    drawn = np.clip(change, -limit, limit)
    mean = table["base_mean"].to_numpy()
    figure, axes = new_axes()
    for here, colour, size in (
        (~called & ~outside, PALE, 2.0),
        (called & (change > 0) & ~outside, UP, 2.6),
        (called & (change < 0) & ~outside, DOWN, 2.6),
    ):
        points(axes, mean[here], drawn[here], colour, size)
    for here, marker in ((outside & (change > 0), "^"), (outside & (change < 0), "v")):
        points(axes, mean[here], drawn[here], GREY, 4, marker=marker, clip_on=False)
    detectable = detectable_curve(table)
    if len(detectable):
        for sign in (1, -1):
            axes.plot(
                detectable["base_mean"], sign * detectable["detectable_log2fc"], color=BLACK, linewidth=0.9,
                linestyle=(0, (4, 2)), label="detectable at the stated power" if sign == 1 else None,
            )  # fmt: skip
        axes.legend(loc="upper right", bbox_to_anchor=(1.02, 1.12))
    axes.axhline(0, color=BLACK, linewidth=0.6)
    log_scale(axes, "x")
    axes.set_ylim(-limit * 1.04, limit * 1.04)
    axes.set_xlabel("mean of normalised counts")
    axes.set_ylabel(f"log2 fold change, {arms(results, contrast)}", parse_math=False)
    axes.set_title("MA plot")
    caption = (
        f"Maximum-likelihood log2 fold change against mean, {contrast}. Coloured: q < {q:g} (red up, blue down). "
        "The dashed lines are the running median of the smallest change that this design detects with the stated "
        "power: what lies between them is likely to be missed."
    )
    if outside.any():
        caption += f" Triangles: {int(outside.sum())} beyond the axis."
    alt = f"MA plot of {contrast}: {len(table)} features, {int(called.sum())} of them with q below {q:g}."
    return figure, caption, alt


def draw_volcano(results: StudyResults, contrast: str, q: float) -> tuple[Figure, str, str]:
    """Draw p against fold change. Returns the figure, its caption and its alternative text."""
    table = results.tables[contrast]
    table = table[table["p"].notna()].sort_values(["p", "feature"], kind="stable")
    p = table["p"].to_numpy(dtype=float)
    positive = p[p > 0]
    height = -np.log10(np.maximum(p, positive.min() if positive.size else 1e-300))
    change = table["log2fc"].to_numpy()
    called = (table["q"] < q).to_numpy()
    figure, axes = new_axes()
    points(axes, change[~called], height[~called], PALE, 2.0)
    points(axes, change[called & (change > 0)], height[called & (change > 0)], UP, 2.8)
    points(axes, change[called & (change < 0)], height[called & (change < 0)], DOWN, 2.8)
    reach = float(np.nanmax(np.abs(change))) if len(change) else 1.0
    axes.set_xlim(-reach * 1.12, reach * 1.12)
    axes.set_ylim(0, max(2.0, float(height.max()) * 1.08) if len(height) else 2.0)
    row = results.summary.set_index("contrast").loc[contrast]
    at_q = row["p_at_q"]
    if pd.notna(at_q) and at_q > 0:
        axes.axhline(-math.log10(at_q), color=BLACK, linewidth=0.8, linestyle=(0, (4, 2)))
    axes.axhline(-math.log10(0.05), color=GREY, linewidth=0.7, linestyle=(0, (1, 2)))
    n = min(LABELS, int(called.sum()))
    x, y = change[called], height[called]
    label_points(axes, list(x[:n]), list(y[:n]), list(table["label"].to_numpy()[called][:n]), others=(x, y))
    axes.set_xlabel(f"log2 fold change, {arms(results, contrast)}", parse_math=False)
    axes.set_ylabel("−log10 p")
    axes.set_title("Volcano plot")
    line = f"The dashed line is where q reaches {q:g}; the" if pd.notna(at_q) else f"No feature has q < {q:g}. The"
    caption = (
        f"Wald test p against log2 fold change, {contrast}. Coloured: q < {q:g} (red up, blue down). {line} dotted "
        f"line is p = 0.05, above which {row['expected_p05']:.0f} features stand by chance alone and "
        f"{int(row['n_p05']):d} do."
    )
    alt = (
        f"Volcano plot of {contrast}: {int((called & (change > 0)).sum())} features up and "
        f"{int((called & (change < 0)).sum())} down at q below {q:g}, of {len(table)} tested."
    )
    return figure, caption, alt


def draw_p_values(results: StudyResults, contrast: str) -> tuple[Figure, str, str]:
    """Draw the histogram of p. Returns the figure, its caption and its alternative text."""
    p = results.tables[contrast]["p"].dropna().to_numpy(dtype=float)
    counts, edges = np.histogram(p, bins=BINS, range=(0, 1))
    figure, axes = new_axes()
    bars: Any = axes.bar(edges[:-1], counts, width=1 / BINS, align="edge", color=SKY, edgecolor="white", linewidth=0.4)
    for bar in bars[: round(0.05 * BINS)]:
        bar.set_facecolor(VERMILLION)
    expected = len(p) / BINS
    axes.axhline(expected, color=BLACK, linewidth=0.9, linestyle=(0, (4, 2)), label="if nothing changed")
    axes.set_xlim(0, 1)
    axes.set_xlabel(f"p, {arms(results, contrast)}", parse_math=False)
    axes.set_ylabel(results.feature_word)
    axes.set_title("p-values")
    axes.legend(loc="upper right", bbox_to_anchor=(1.02, 1.12))
    found = int((p < 0.05).sum())
    caption = (
        f"Distribution of p over the {len(p)} tested {results.feature_word}, {contrast}. With no change anywhere "
        f"all bars would reach the dashed line. Under 0.05 (red) stand {found}; {0.05 * len(p):.0f} would by "
        "chance. A slope towards 1 or a hump tells of a model that does not fit."
    )
    alt = (
        f"Histogram of {len(p)} p-values of {contrast}: {found} are below 0.05, {0.05 * len(p):.0f} are expected by "
        "chance."
    )
    return figure, caption, alt


def arms(results: StudyResults, contrast: str) -> str:
    """Return ``numerator / denominator`` of a contrast, the direction in which its fold changes are to be read."""
    row = results.summary.set_index("contrast").loc[contrast]
    return f"{row['numerator']} / {row['denominator']}"


def detectable_curve(table: pd.DataFrame, bins: int = 40) -> pd.DataFrame:
    """Median detectable change in bins of equal size along the mean.

    Parameters
    ----------
    table : DataFrame
        With ``base_mean`` and ``detectable_log2fc`` (log2 scale; features without one are left out).
    bins : int
        How many bins; fewer when there are fewer than ten features a bin.

    Returns
    -------
    DataFrame
        ``base_mean, detectable_log2fc``: the medians of each bin, by rising mean. Empty without features.
    """
    known = table[["base_mean", "detectable_log2fc"]].replace([np.inf, -np.inf], np.nan).dropna()
    known = known.sort_values("base_mean", kind="stable")
    n = min(bins, len(known) // 10)
    if n < 2:
        return known.iloc[:0]
    group = np.minimum(np.arange(len(known)) * n // len(known), n - 1)
    return known.groupby(group).median().reset_index(drop=True)
