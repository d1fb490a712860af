"""The interactive figures of a page: what is mounted, and its data as files that a page on disk can load.

A page that is opened from disk may not fetch a file, but it may load a script. So each dataset is a script of one call
with the columns as JSON, compressed where that pays.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from acuomics.files import write_text
from acuomics.report.site.safe import anchor, embed_json

# Smaller data are not worth the decompression.
COMPRESSED_FROM = 20_000
EMPTY: Mapping[str, Any] = {"charts": [], "left_out": [], "mount": None}


def prepare_charts(content: Mapping[str, Any] | None, study: str, root: Path, up: str) -> dict[str, Any]:
    """Write the data of a study's charts below `root` and say what the page mounts.

    Parameters
    ----------
    content : mapping or None
        ``charts.json`` (see `acuomics.report.charts.chart`); None or without charts: nothing is written.
    study : str
    root : path
        The folder of the report; files go to ``data/<study>/``.
    up : str
        From the page to `root`.

    Returns
    -------
    dict
        ``charts`` (each with ``at``, its place in ``mount``), ``left_out``, and ``mount``, the JSON of the page:
        ``charts`` (name, title, spec, search, brush, datasets) and ``data`` (dataset to the address of its script).
    """
    if not content or not content.get("charts"):
        return {**EMPTY, "left_out": list((content or {}).get("left_out") or [])}
    addresses, mounted, shown = {}, [], []
    shared = shared_columns(content["data"])
    for at, text in enumerate(shared):
        address, key = f"data/{anchor(study)}/column-{at}.js", f"{study}/column-{at}"
        write_text(receiving(key, text), root / address)
        shared[text] = {"src": up + address, "key": key}
    for name, dataset in sorted(content["data"].items()):
        address = f"data/{anchor(study)}/{anchor(name)}.js"
        columns = [f"{compact(column)}:{_column(values, shared)}" for column, values in dataset["columns"].items()]
        write_text(receiving(f"{study}/{name}", f"{{{','.join(columns)}}}"), root / address)
        addresses[name] = {"src": up + address, "key": f"{study}/{name}"}
    for at, chart in enumerate(content["charts"]):
        named = sorted(set(chart.get("datasets") or datasets_of(chart["spec"])))
        mounted.append(
            {key: chart.get(key) for key in ("name", "title", "spec", "search", "brush")} | {"datasets": named}
        )
        shown.append({key: chart[key] for key in ("name", "group", "title", "caption", "alt")} | {"at": at})
        shown[-1]["brush"] = bool(chart.get("brush"))
    return {
        "charts": shown,
        "left_out": list(content.get("left_out") or []),
        "mount": {"study": study, "charts": mounted, "data": addresses},
    }


def shared_columns(data: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON of columns that stand in several datasets (names, mean counts): each is written once."""
    texts = [compact(values) for dataset in data.values() for values in dataset["columns"].values()]
    counts = Counter(text for text in texts if len(text) >= COMPRESSED_FROM)
    return {text: None for text, n in counts.items() if n > 1}


def _column(values: Any, shared: Mapping[str, Any]) -> str:
    text = compact(values)
    return compact({"from": shared[text]}) if text in shared else text


def compact(content: Any) -> str:
    """JSON without spaces; NaN is refused."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def receiving(key: str, text: str) -> str:
    """A script that hands JSON to the page, compressed where that pays: the same bytes for the same content."""
    if len(text) < COMPRESSED_FROM:
        return f"acuomicsReceive({embed_json(key)}, {embed_json(json.loads(text))});\n"
    packed = base64.b64encode(zlib.compress(text.encode(), 9)).decode()
    return f'acuomicsReceive({embed_json(key)}, "{packed}");\n'


def datasets_of(spec: Any) -> list[str]:
    """Names of the data that a specification refers to."""
    if isinstance(spec, Mapping):
        own = [spec["data"]["name"]] if isinstance(spec.get("data"), Mapping) and "name" in spec["data"] else []
        return own + [name for key, value in spec.items() if key != "data" for name in datasets_of(value)]
    return [name for item in spec for name in datasets_of(item)] if isinstance(spec, list) else []
