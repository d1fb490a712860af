"""What several interactive figures share: parameters, layers, scales, tooltips, and which points need not be drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from acuomics.report.charts.chart import SCHEMA

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

# A drag moves the picture; with the shift key, or while the page's switch (data-drag="select" on its body) is on, it
# selects. Filters of events know no parameters of the specification, but they can look at the document.
SELECTING = "event.shiftKey || event.target.ownerDocument.body.dataset.drag === 'select'"
BRUSH = "brush"
ZOOM: dict[str, Any] = {
    "name": "zoom",
    "select": {
        "type": "interval",
        "translate": f"[pointerdown[!({SELECTING})], window:pointerup] > window:pointermove!",
        # A plain wheel scrolls the page.
        "zoom": "wheel![event.ctrlKey || event.metaKey]",
    },
    "bind": "scales",
}
SELECT: dict[str, Any] = {
    "name": BRUSH,
    "select": {
        "type": "interval",
        "on": f"[pointerdown[{SELECTING}], window:pointerup] > window:pointermove!",
        "translate": False,
        "zoom": False,
        "mark": {"fill": "#8c8c8c", "fillOpacity": 0.15, "stroke": "#8c8c8c", "strokeDash": [4, 3]},
    },
}
# The page writes one name or several, with commas between them, into `highlight`.
HIGHLIGHT: list[dict[str, Any]] = [
    {"name": "highlight", "value": ""},
    {"name": "wanted", "expr": "',' + replace(lower(highlight), regexp('\\\\s', 'g'), '') + ','"},
]
# A data set of one row, for marks at a place that is no datum.
ONE = "one"
# A cell of the grid in which one mark covers another, as a share of a picture about 1,000 x 400 pixels in size.
GRID = (1000, 400)
# Below this number of points nothing is left out.
FEW_POINTS = 2000


def chart_spec(layers: Sequence[Mapping[str, Any]], height: int, **more: Any) -> dict[str, Any]:
    """A layered specification as wide as its container and `height` pixels high."""
    size = {"width": "container", "height": height, "autosize": {"type": "fit-x", "contains": "padding"}}
    return {"$schema": SCHEMA, **size, **more, "layer": [dict(layer) for layer in layers]}


def matches(field: str) -> str:
    """The expression that is true of a row whose `field` the search wants."""
    return f"highlight != '' && indexof(wanted, ',' + lower(datum['{field}']) + ',') >= 0"


def highlight_layers(fields: Sequence[str], label: str, where: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """A ring and a name for what the search wants, drawn whether its point was left out or not.

    Parameters
    ----------
    fields : sequence of str
        A row is wanted when one of these holds the name.
    label : str
        The field that is written beside it.
    where : mapping, optional
        Further keys of both layers (data of their own, an encoding).
    """
    where = dict(where or {})
    encoding = where.pop("encoding", {})
    wanted = [{"filter": " || ".join(f"({matches(field)})" for field in fields)}]
    ring = {"type": "point", "style": "ring", "filled": False, "size": 230, "opacity": 1, "clip": True}
    return [
        {**where, "transform": wanted, "mark": ring, "encoding": encoding},
        *text_layers(
            {**where, "transform": wanted},
            {"style": "label", "dy": -16, "clip": True},
            encoding | {"text": {"field": label, "type": "nominal"}},
        ),
    ]


def text_layers(
    where: Mapping[str, Any], mark: Mapping[str, Any], encoding: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Write text with a rim in the colour of the page, so that it can be read on top of marks.

    Parameters
    ----------
    where : mapping
        Data and transforms of the layer.
    mark, encoding : mapping
        Of the text; `mark` has a ``style`` (``note`` or ``label``).
    """
    rim = {**mark, "style": [mark["style"], "rim"]}
    return [{**where, "mark": {"type": "text", **look}, "encoding": dict(encoding or {})} for look in (rim, dict(mark))]


def right_note(y: float, text: str) -> list[dict[str, Any]]:
    """A remark at the right end of a line across at `y`."""
    mark = {"style": "note", "align": "right", "dx": -3, "dy": -7, "text": text}
    return text_layers({"data": {"name": ONE}}, mark, {"y": {"datum": y}, "x": {"value": "width"}})


def tooltip(*fields: tuple[str, str] | tuple[str, str, str]) -> list[dict[str, str]]:
    """The hover text: (field, what it is) or, for a number, (field, what it is, d3 format)."""
    return [
        {"field": item[0], "title": item[1], "type": "nominal"}
        if len(item) == 2
        else {"field": item[0], "title": item[1], "type": "quantitative", "format": item[2]}
        for item in fields
    ]


def quantity(field: str, title: str, **more: Any) -> dict[str, Any]:
    """The encoding of a number along an axis; `scale` and `axis` as Vega-Lite has them."""
    return {"field": field, "type": "quantitative", "title": title, **more}


def span_of(*columns: Any, margin: float = 0.05) -> list[float]:
    """The range of some columns of numbers with a margin on both sides; a range of its own where nothing varies.

    A scale with a stated domain asks no layer for its extent: that of the search has no rows until something is found.
    """
    values = np.concatenate([np.asarray(column, dtype=float) for column in columns])
    values = values[np.isfinite(values)]
    if values.size == 0:
        return [0.0, 1.0]
    low, high = float(values.min()), float(values.max())
    room = margin * (high - low) or 0.5
    return [low - room, high + room]


def named(field: str, title: str | None = None, **more: Any) -> dict[str, Any]:
    """The encoding of a name."""
    return {"field": field, "type": "nominal", "title": title, **more}


def told_apart(
    field: str, looks: Mapping[str, tuple[str, str]], counts: Mapping[str, int] | None = None, columns: int = 3
) -> dict[str, Any]:
    """Encode `field` by colour and by shape at once, with one legend for both.

    Parameters
    ----------
    field : str
        A column of names.
    looks : mapping of str to (str, str)
        Name to colour and shape, in the order of the legend.
    counts : mapping of str to int, optional
        How many marks of each the legend tells of.
    columns : int
        Columns of the legend.
    """
    names = list(looks)
    legend: dict[str, Any] = {"title": None, "columns": columns_of(columns), "symbolOpacity": 1}
    if counts is not None:
        told = {name: f"{name} ({counts.get(name, 0):,})" for name in names}
        legend["labelExpr"] = f"{expression_of(told)}[datum.label]"
    return {
        "color": named(field, scale={"domain": names, "range": [look[0] for look in looks.values()]}, legend=legend),
        "shape": named(field, scale={"domain": names, "range": [look[1] for look in looks.values()]}, legend=legend),
    }


def columns_of(most: int) -> dict[str, str]:
    """Columns of a legend: `most` where there is room, fewer on a narrow screen.

    The container is asked: the width of the picture itself depends on its legend.
    """
    room = "(containerSize()[0] || width)"
    return {"expr": f"{room} < 420 ? 1 : {room} < 600 ? {min(2, most)} : {most}"}


def expression_of(names: Mapping[str, str]) -> str:
    """An object of names as the expressions of Vega write it."""

    def quoted(text: str) -> str:
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", " ") + "'"

    return "{" + ", ".join(f"{quoted(name)}: {quoted(text)}" for name, text in names.items()) + "}"


def drawn(x: NDArray[np.float64], y: NDArray[np.float64], keep: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Which points to draw so that the picture is the same: of several on one pixel the first, and all of `keep`.

    Parameters
    ----------
    x, y : array, shape (n,)
        As they are drawn (logarithms on a logarithmic axis); points with a missing coordinate are not drawn.
    keep : array of bool, shape (n,)
        Points that are drawn whatever covers them.

    Returns
    -------
    array of 0 and 1, shape (n,)
    """
    finite = np.isfinite(x) & np.isfinite(y)
    if finite.sum() < FEW_POINTS:
        return finite.astype(np.int8)
    cell = np.zeros(len(x), dtype=np.int64)
    for values, cells in ((x, GRID[0]), (y, GRID[1])):
        low, high = float(values[finite].min()), float(values[finite].max())
        place = (values[finite] - low) / ((high - low) or 1.0)
        cell[finite] = cell[finite] * (cells + 1) + np.rint(place * cells).astype(np.int64)
    rows = np.flatnonzero(finite & ~keep)
    first = rows[np.unique(cell[rows], return_index=True)[1]]
    chosen = finite & keep
    chosen[first] = True
    return chosen.astype(np.int8)


def left_out_words(chosen: NDArray[Any], total: int, what: str) -> str:
    """The sentence of a caption on points that are not drawn; empty when all are."""
    n = int(chosen.sum())
    if n == total:
        return ""
    return (
        f" Drawn are {n:,} of {total:,} points: of {what} that would lie on the same pixel one stands for all. "
        "Search and selection know all of them."
    )


def one_row() -> pd.DataFrame:
    """The data set `ONE`."""
    import pandas as pd

    return pd.DataFrame({"one": [1]})
