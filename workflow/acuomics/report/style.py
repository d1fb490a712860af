"""How figures look, and how they are written: the same bytes for the same numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from acuomics.files import atomic_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette, told apart under the common colour-vision deficiencies.
ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILLION, PURPLE, BLACK = "#0072B2", "#D55E00", "#CC79A7", "#000000"
GREY, PALE = "#8C8C8C", "#BDBDBD"
UP, DOWN = VERMILLION, BLUE
ARM_COLOURS = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, BLACK, YELLOW)
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
RASTER_DPI = 150
# Height of the strip above a figure that says SIMULATED, in inches.
STRIP = 0.16
# Below this number points are drawn larger.
FEW = 1500
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

SETTINGS: dict[str, Any] = {
    "font.family": "sans-serif",
    # DejaVu ships with matplotlib, so that text is measured alike everywhere; the others are for the reader's browser.
    "font.sans-serif": ["DejaVu Sans", "Arial", "Helvetica"],
    "font.size": 8.5,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    # A set height spares matplotlib the search for one that nothing overlaps.
    "axes.titley": 1.02,
    "axes.labelsize": 8.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "axes.axisbelow": True,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "legend.handletextpad": 0.4,
    "svg.fonttype": "none",
    "svg.hashsalt": "acuomics",
    # Type 3 fonts: TrueType (42) is cut to the used letters by fontTools, which costs more than all the drawing.
    "pdf.fonttype": 3,
    "figure.dpi": RASTER_DPI,
    "savefig.dpi": RASTER_DPI,
}


@contextmanager
def figure_style() -> Iterator[None]:
    """Draw with the settings of this module, and leave matplotlib's own as they were."""
    import matplotlib as mpl

    with mpl.rc_context(cast(Any, SETTINGS)):
        yield


def new_axes(width: float = 4.6, height: float = 3.7) -> tuple[Figure, Axes]:
    """Make one axes in a figure of `width` x `height` inches that no global state knows of."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    # Margins in inches: text has the same size in every figure, whatever the figure's.
    axes = figure.add_axes((0.62 / width, 0.5 / height, (width - 0.77) / width, (height - 0.82) / height))
    return figure, axes


def save_figure(figure: Figure, folder: Path, name: str, title: str) -> None:
    """Write `figure` as ``<name>.svg`` and ``<name>.pdf`` with `title` in their metadata, without dates."""
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, metadata in (("svg", {"Date": None, "Title": title}), ("pdf", {"CreationDate": None, "Title": title})):
        with atomic_path(folder / f"{name}.{suffix}") as temporary:
            figure.savefig(temporary, format=suffix, metadata=metadata)


def mark_simulated(figure: Figure) -> None:
    """Write SIMULATED in a strip of its own above all else: a figure travels without its page."""
    width, height = (float(size) for size in figure.get_size_inches())
    taller = height + STRIP
    # What is placed keeps its inches; the strip is added at the top.
    for axes in figure.axes:
        place = axes.get_position(original=True)
        axes.set_position((place.x0, place.y0 * height / taller, place.width, place.height * height / taller))
    figure.set_size_inches(width, taller)
    figure.text(
        0.06 / width, 1 - 0.04 / taller, "SIMULATED", va="top", fontsize=6.5, fontweight="bold", color=VERMILLION
    )


def points(axes: Axes, x: Any, y: Any, colour: str, size: float = 2.2, **options: Any) -> None:
    """Draw many points as one picture inside the vector file: thousands of circles would make it heavy."""
    if np.size(x) < FEW:
        size *= 1.5
    options = {"marker": "o", "markeredgewidth": 0, "alpha": 0.55, "rasterized": True, **options}
    axes.plot(x, y, linestyle="none", color=colour, markersize=size, **options)


def label_points(
    axes: Axes,
    x: Sequence[float],
    y: Sequence[float],
    labels: Sequence[str],
    size: float = 7,
    others: tuple[Any, Any] = ((), ()),
) -> int:
    """Write `labels` beside their points where there is room, first come first served.

    Parameters
    ----------
    axes : Axes
        With its limits already set: the places are computed from them.
    x, y : sequence of float, shape (n,)
        Where the points are, in data units.
    labels : sequence of str, shape (n,)
        The most important first. Long ones are cut.
    size : float
        Size of the letters in points.
    others : pair of sequence of float
        x and y of the points that no label may cover, those labelled among them or not.

    Returns
    -------
    int
        How many were written. A label that would cover another, or a point of `others`, or leave the axes is left out.
    """
    figure = axes.get_figure(root=True)
    assert figure is not None
    box = axes.bbox
    unit = figure.dpi / 72
    placed: list[tuple[float, float, float, float]] = []
    obstacles = axes.transData.transform(np.column_stack([np.asarray(part, dtype=float) for part in others]))
    written = 0
    for px, py, text in zip(x, y, labels, strict=True):
        text = text if len(text) <= 24 else text[:23] + "…"
        left, bottom = axes.transData.transform((px, py))
        # A digit of DejaVu Sans is 0.64 of its size wide, few letters are wider.
        width, height = 0.64 * size * unit * len(text), 1.15 * size * unit
        # Above and below a label keeps clear of those at the sides of the same point.
        gap, rise = 4 * unit, 0.6 * size * unit
        for dx, dy, across, along in (
            (gap, 0.0, "left", "center"),
            (-gap, 0.0, "right", "center"),
            (0.0, rise, "center", "bottom"),
            (0.0, -rise, "center", "top"),
        ):
            x0 = left + dx - {"left": 0.0, "right": width, "center": width / 2}[across]
            y0 = bottom + dy - {"center": height / 2, "bottom": 0.0, "top": height}[along]
            place = (x0, y0, x0 + width, y0 + height)
            inside = box.x0 <= x0 and place[2] <= box.x1 and box.y0 <= y0 and place[3] <= box.y1
            free = all(place[2] < a or c < place[0] or place[3] < b or d < place[1] for a, b, c, d in placed)
            covered = (obstacles > np.array(place[:2]) - unit) & (obstacles < np.array(place[2:]) + unit)
            if inside and free and not covered.all(axis=1).any():
                # A dollar sign in a name must not start mathematics.
                axes.annotate(
                    text, (px, py), (dx / unit, dy / unit), textcoords="offset points", ha=across, va=along,
                    fontsize=size, parse_math=False,
                )  # fmt: skip
                placed.append(place)
                written += 1
                break
    return written


def log_scale(axes: Axes, which: str) -> None:
    """Make the axis `which` (``x`` or ``y``) logarithmic, with at most about seven ticks, written as plain text (10³).

    matplotlib's own labels go through its mathematics parser and its minor ticks are drawn one by one: together a good
    part of the time of a figure.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(LogLocator(10, numticks=7))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: power_of_ten(value)))


def power_of_ten(value: float) -> str:
    """Write a power of ten with a superscript; numbers from 0.01 to 100 in full."""
    if value <= 0:
        return ""
    exponent = round(math.log10(value))
    if -2 <= exponent <= 2:
        return f"{value:g}"
    return "10" + str(exponent).translate(SUPERSCRIPT)
