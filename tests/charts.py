"""Interactive figures for tests: a specification with its data joined, valid and drawn as a browser would."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

from acuomics.report.charts.chart import ChartBook, charts_json, named_data

#: The release of Vega-Lite that draws: the newest that vl-convert brings.
VEGA_LITE = "6.4"


def content_of(book: ChartBook) -> dict[str, Any]:
    """What the page reads: the book as it comes out of its file."""
    content: dict[str, Any] = json.loads(charts_json(book))
    return content


def rows_of(content: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A data set as rows."""
    columns = content["data"][name]["columns"]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def with_data(chart: Mapping[str, Any], content: Mapping[str, Any], **values: Any) -> dict[str, Any]:
    """The specification of a chart with its data and a width; `values` are set in its parameters."""
    spec = copy.deepcopy(chart["spec"])
    spec["datasets"] = {name: rows_of(content, name) for name in set(named_data(spec))}
    spec["width"] = 600
    for parameter in spec.get("params", []):
        if parameter["name"] in values:
            parameter["value"] = values[parameter["name"]]
    return spec


def svg_of(chart: Mapping[str, Any], content: Mapping[str, Any], theme: Mapping[str, Any], **values: Any) -> str:
    """The chart as SVG."""
    import vl_convert

    spec = with_data(chart, content, **values)
    svg: str = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, config=dict(theme))
    return svg


def is_valid(spec: Mapping[str, Any]) -> None:
    """Hold a specification against the schema of Vega-Lite that Altair brings."""
    import altair as alt

    alt.LayerChart.from_dict(dict(spec), validate=True)


def marks(spec: Any) -> Iterator[Mapping[str, Any]]:
    """Every layer of a specification that has a mark."""
    for layer in spec.get("layer", []):
        if "mark" in layer:
            yield layer
