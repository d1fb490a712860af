"""Figures of one reversal pair: treatment against model with the null of the shared arm, and restoration fractions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from acuomics.report.read import Reversal, StudyResults
from acuomics.report.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PALE,
    VERMILLION,
    label_points,
    new_axes,
    points,
)
from acuomics.report.words import fixed

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

LABELS = 14
TOP_RESTORED = 30
# The 95 % quantile of chi-square with two degrees of freedom has a closed form.
RADIUS_95 = float(np.sqrt(-2 * np.log(0.05)))
CLASS_COLOURS = {"full": GREEN, "partial": BLUE, "overcorrected": ORANGE, "aggravated": VERMILLION}


def null_ellipse(correlation: float, n: int = 181) -> NDArray[np.float64]:
    """Outline of the region that holds 95 % of a standard bivariate normal with `correlation`, centred at 0.

    Returns
    -------
    array, shape (n, 2)
        From the Cholesky factor of the correlation matrix on a circle of radius sqrt(-2 ln 0.05).
    """
    angle = np.linspace(0, 2 * np.pi, n)
    x = RADIUS_95 * np.cos(angle)
    y = correlation * x + np.sqrt(1 - correlation**2) * RADIUS_95 * np.sin(angle)
    return np.column_stack([x, y])


def draw_reversal(results: StudyResults, pair: str, q: float) -> tuple[Figure, str, str]:
    """Draw the two contrasts as z against z. Returns the figure, its caption and its alternative text."""
    reversal = results.reversals[pair]
    model, treatment = reversal.summary["model"], reversal.summary["treatment"]
    table = reversal.table.assign(
        x=reversal.table["log2fc_model"] / reversal.table["se_model"],
        y=reversal.table["log2fc_treatment"] / reversal.table["se_treatment"],
    )
    table = table[np.isfinite(table["x"]) & np.isfinite(table["y"])]
    called = table["reversed"].to_numpy(dtype=bool)
    venn = table["nominal_venn"].to_numpy(dtype=bool) & ~called
    figure, axes = new_axes(5.4, 5.1)
    box = axes.get_position()
    axes.set_position((box.x0, box.y0, box.width, box.height - 0.04))
    points(axes, table["x"][~called], table["y"][~called], PALE, 2.0)
    points(
        axes, table["x"][venn], table["y"][venn], "none", 3.4, markeredgecolor=ORANGE, markeredgewidth=0.6, alpha=0.9,
        label=f"nominal Venn only ({int(venn.sum())})",
    )  # fmt: skip
    name = f"reversed, q < {q:g} ({int(called.sum())})"
    points(axes, table["x"][called], table["y"][called], GREEN, 4.2, alpha=0.85, label=name)
    correlation = reversal.null_correlation
    if correlation is not None:
        ellipse = null_ellipse(correlation)
        name = f"95 % of null (r = {fixed(correlation, 2)})"
        axes.plot(ellipse[:, 0], ellipse[:, 1], color=BLACK, linewidth=1.1, label=name)
    axes.axhline(0, color=GREY, linewidth=0.6)
    axes.axvline(0, color=GREY, linewidth=0.6)
    axes.margins(0.06)
    axes.set_xlim(axes.get_xlim())
    axes.set_ylim(axes.get_ylim())
    best = table[called].sort_values(["p_reversal", "feature"], kind="stable").head(LABELS)
    reversed_ = (table["x"][called].to_list(), table["y"][called].to_list())
    label_points(axes, list(best["x"]), list(best["y"]), list(best["label"]), others=reversed_)
    axes.set_xlabel(f"model: {model} (Wald z)", parse_math=False)
    axes.set_ylabel(f"treatment: {treatment} (Wald z)", parse_math=False)
    axes.set_title("Reversal", y=1.075)
    axes.legend(loc="lower left", bbox_to_anchor=(-0.025, 0.995), ncols=3, columnspacing=0.9, handlelength=1.2)
    null = "" if correlation is None else f" of correlation {fixed(correlation, 2)}: the ellipse holds 95 % of it"
    caption = (
        "Each feature by its Wald z in both contrasts. The two share the model arm, so that a study without any effect "
        f"makes a falling cloud{null}. A fall of the cloud is therefore no evidence of reversal; the "
        f"intersection-union test (green: q < {q:g}) asks for evidence in both directions. Orange rings: "
        "called only by the nominal Venn rule (p < 0.05 in both contrasts, opposite signs)."
    )
    alt = (
        f"Scatter plot of z of {treatment} against z of {model}: {int(called.sum())} features "
        f"are called reversed at q below {q:g}; {int(venn.sum())} more satisfy only the nominal Venn rule."
    )
    return figure, caption, alt


def draw_restoration(results: StudyResults, pair: str, alpha: float) -> tuple[Figure, str, str] | None:
    """Draw restoration fractions with their intervals; None where no called feature has one."""
    best = restored(results.reversals[pair])
    if not len(best):
        return None
    best = best.iloc[::-1]
    n = len(best)
    figure, axes = new_axes(5.4, 1.25 + 0.15 * max(n, 6))
    width, height = figure.get_size_inches()
    axes.set_position((1.45 / width, 0.5 / height, (width - 1.6) / width, (height - 0.82) / height))
    low, high = best["restoration_low"].to_numpy(dtype=float), best["restoration_high"].to_numpy(dtype=float)
    ratio = best["restoration"].to_numpy(dtype=float)
    known = np.concatenate([ratio, low[np.isfinite(low)], high[np.isfinite(high)]])
    left, right = (
        max(-1.0, min(-0.15, float(known.min()) - 0.1)),
        min(4.0, max(1.6, float(known.max()) + 0.1)),
    )
    axes.axvspan(0, 1, color=PALE, alpha=0.22, linewidth=0)
    for place, name in ((0.0, "untouched"), (1.0, "at control")):
        axes.axvline(place, color=BLACK, linewidth=0.8, linestyle=(0, (4, 2)))
        axes.annotate(name, (place, 1), (0, 3), xycoords=("data", "axes fraction"), textcoords="offset points",
                      ha="center", va="bottom", fontsize=7)  # fmt: skip
    rows = np.arange(n)
    for row, r, a, b, grade in zip(rows, ratio, low, high, best["class"], strict=True):
        colour = CLASS_COLOURS.get(str(grade), GREY)
        # A missing or infinite end means that Fieller's interval is unbounded there.
        start, end = a if np.isfinite(a) else -np.inf, b if np.isfinite(b) else np.inf
        axes.plot(
            [max(start, left), min(end, right)],
            [row, row],
            color=colour,
            linewidth=1.3,
            solid_capstyle="butt",
        )
        for beyond, place, marker in ((start < left, left, "<"), (end > right, right, ">")):
            if beyond:
                axes.plot([place], [row], marker=marker, color=colour, markersize=4, clip_on=False)
        if left <= r <= right:
            axes.plot([r], [row], marker="o", color=colour, markersize=4)
    axes.set_xlim(left, right)
    axes.set_ylim(-0.8, n - 0.2)
    axes.set_yticks(rows, [cut(text) for text in best["label"]], fontsize=7, parse_math=False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(f"restoration fraction, {1 - alpha:.0%} interval")
    total = int(results.reversals[pair].table["reversed"].sum())
    caption = (
        f"How much of the model's change the treatment took back (−treatment / model), for the {n} most certain of "
        f"{total} reversed features, with Fieller's {1 - alpha:.0%} interval from the joint covariance of the two "
        "contrasts. 0: untouched, 1: back at control, above 1: overcorrected. Colours are classes: blue partial, "
        "green full, orange overcorrected, grey inconclusive. Arrowheads: the interval goes on. Features were "
        "chosen because they are significant, so that their fractions are somewhat too large."
    )
    alt = (
        f"Interval plot of the restoration fraction of {n} reversed features, from {ratio.min():.2g} to "
        f"{ratio.max():.2g}."
    )
    return figure, caption, alt


def restored(reversal: Reversal, top: int = TOP_RESTORED) -> pd.DataFrame:
    """Return the called features that have a restoration fraction, the most certain first, at most `top`."""
    table = reversal.table[reversal.table["reversed"].to_numpy(dtype=bool) & np.isfinite(reversal.table["restoration"])]
    best: pd.DataFrame = table.sort_values(["p_reversal", "feature"], kind="stable").head(top)
    return best


def cut(text: str, length: int = 20) -> str:
    """Shorten a label that would run out of the figure."""
    return text if len(text) <= length else text[: length - 1] + "…"
