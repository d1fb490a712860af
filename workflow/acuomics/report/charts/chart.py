"""What an interactive figure is, and the file in which those of a study stand (``charts.json``)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from acuomics.files import write_text

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
# Significant digits of every number that a chart shows: more than a screen can.
DIGITS = 5
FILE_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Chart:
    """One interactive figure.

    Attributes
    ----------
    name : str
        Safe as a file name, and unique in its study.
    group : str
        ``samples``, ``reads``, ``cells``, ``mechanisms``, ``synthesis``, a contrast, or a pair.
    title, caption, alt : str
        The heading; what each mark is, with n; what a screen reader says instead of the picture.
    spec : dict
        Vega-Lite without a title, its width that of the container. Data stand in it by name only.
    search : str or None
        The field that a gene search matches. Such a spec has the parameter ``highlight`` (text, empty at first): what
        has this value in the field, upper or lower case alike, is drawn larger, with a ring and a label.
    brush : str or None
        The name of the spec's interval selection; its signal holds, by field of the data, the chosen range.
    wide : bool
        Whether it takes a whole row of the page: many columns, or long names.
    """

    name: str
    group: str
    title: str
    caption: str
    alt: str
    spec: dict[str, Any]
    search: str | None = None
    brush: str | None = None
    wide: bool = False

    def __post_init__(self) -> None:
        if not FILE_SAFE.fullmatch(self.name):
            raise ValueError(f"the name {self.name!r} of a chart is not safe as the name of a file")

    @property
    def datasets(self) -> list[str]:
        """The names of the data that the specification refers to, sorted."""
        return sorted(set(named_data(self.spec)))


@dataclass
class ChartBook:
    """The charts of one page as they are gathered: charts, their data, and what was left out with the reason.

    Attributes
    ----------
    charts : list of Chart
        In the order of the page.
    data : dict of str to DataFrame
        Each is shared by all charts that name it.
    left_out : list of dict
        ``name, group, title, reason`` of the charts that cannot be drawn.
    """

    charts: list[Chart] = field(default_factory=list)
    data: dict[str, pd.DataFrame] = field(default_factory=dict)
    left_out: list[dict[str, str]] = field(default_factory=list)

    def leave_out(self, name: str, group: str, title: str, reason: str) -> None:
        """Record that a chart cannot be drawn; `reason` is a sentence for the reader."""
        self.left_out.append({"name": name, "group": group, "title": title, "reason": reason})

    def extend(self, other: ChartBook) -> None:
        """Take over what another book holds; data of the same name are the same data."""
        self.charts += other.charts
        self.data |= other.data
        self.left_out += other.left_out


def write_charts(book: ChartBook, path: str | Path) -> None:
    """Write ``charts.json``.

    Parameters
    ----------
    book : ChartBook
        Every chart's data must be in it.
    path : path
        ``{"charts": [...], "data": {name: {"columns": {column: [...]}}}, "left_out": [...]}``. A chart is its fields
        and ``datasets``. Numbers have five significant digits; what is missing or infinite is null.

    Raises
    ------
    ValueError
        When two charts share a name, or a chart names data that are not in the book.
    """
    write_text(charts_json(book) + "\n", path)


def charts_json(book: ChartBook) -> str:
    """The content of ``charts.json`` (see `write_charts`); data that no chart names are left out."""
    names = [chart.name for chart in book.charts]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"several charts are called {', '.join(twice)}")
    used = sorted({name for chart in book.charts for name in chart.datasets})
    if unknown := [name for name in used if name not in book.data]:
        raise ValueError(f"charts name data that are not there: {', '.join(unknown)}")
    described = [asdict(chart) | {"datasets": chart.datasets} for chart in book.charts]
    data = ",\n".join(f"{json.dumps(name, ensure_ascii=False)}:{{{frame_json(book.data[name])}}}" for name in used)
    return f'{{"charts":{compact(described)},\n"data":{{{data}}},\n"left_out":{compact(book.left_out)}}}'


def frame_json(frame: pd.DataFrame) -> str:
    """A table by columns, as the inside of a JSON object."""
    columns = ",\n".join(f"{compact(str(name))}:{column_json(frame[name])}" for name in frame.columns)
    return f'"columns":{{{columns}}}'


def column_json(values: pd.Series) -> str:
    """One column as a JSON array.

    Numbers are formatted all at once: with 30,000 features and a dozen columns this is most of the time of the file.
    """
    if values.dtype.kind == "f":
        numbers = values.to_numpy(dtype=float)
        text = (f"%.{DIGITS}g," * len(numbers)) % tuple(numbers)
        if not np.isfinite(numbers).all():
            text = re.sub(r"-?(?:nan|inf)", "null", text)
        return f"[{text[:-1]}]"
    if values.dtype.kind in "iu":
        return "[" + ",".join(map(str, values.tolist())) + "]"
    if values.dtype.kind == "b":
        return compact(values.tolist())
    return compact([None if missing else str(value) for value, missing in zip(values, values.isna(), strict=True)])


def compact(content: Any) -> str:
    """JSON without spaces, keys sorted; NaN is refused."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def named_data(spec: Any) -> Iterator[str]:
    """Every name by which a specification refers to data.

    Raises
    ------
    ValueError
        When it holds data itself: they would be in the file once a chart.
    """
    if isinstance(spec, Mapping):
        for key, value in spec.items():
            if key == "data" and isinstance(value, Mapping):
                if set(value) != {"name"}:
                    raise ValueError("a chart's specification holds data instead of their name")
                yield str(value["name"])
            else:
                yield from named_data(value)
    elif isinstance(spec, list):
        for item in spec:
            yield from named_data(item)


def read_charts(path: str | Path) -> dict[str, Any]:
    """Read what `write_charts` wrote."""
    content: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return content


def merge_charts(content: Mapping[str, Any] | None, book: ChartBook) -> dict[str, Any]:
    """Add the charts of `book` to the content of a file of charts.

    Parameters
    ----------
    content : mapping or None
        From `read_charts`; None begins with nothing.
    book : ChartBook
        Charts that are known only once all studies are (claims, synthesis).

    Returns
    -------
    dict
        ``charts``, ``data`` and ``left_out``, as in the file.

    Raises
    ------
    ValueError
        When both have a chart of the same name.
    """
    more: dict[str, Any] = json.loads(charts_json(book))
    if content is None:
        return more
    if twice := {chart["name"] for chart in content["charts"]} & {chart["name"] for chart in more["charts"]}:
        raise ValueError(f"several charts are called {', '.join(sorted(twice))}")
    return {
        "charts": [*content["charts"], *more["charts"]],
        "data": {**content["data"], **more["data"]},
        "left_out": [*content.get("left_out", []), *more["left_out"]],
    }
