"""The interactive figures of a page: what is mounted, and its data as files that a page on disk can load.

A page that is opened from disk may not fetch a file, but it may load a script. So each dataset is a script of one call
with the columns as JSON, compressed where that pays.
"""

from __future__ import annotations

import base64
import json
import zlib
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
    for name, dataset in sorted(content["data"].items()):
        address = f"data/{anchor(study)}/{anchor(name)}.js"
        write_text(dataset_script(f"{study}/{name}", dataset["columns"]), root / address)
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


def dataset_script(key: str, columns: Mapping[str, Any]) -> str:
    """A script that hands columns to the page: the same bytes for the same content."""
    text = json.dumps(columns, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    if len(text) < COMPRESSED_FROM:
        return f"acuomicsReceive({embed_json(key)}, {embed_json(columns)});\n"
    packed = base64.b64encode(zlib.compress(text.encode(), 9)).decode()
    return f'acuomicsReceive({embed_json(key)}, "{packed}");\n'


def datasets_of(spec: Any) -> list[str]:
    """Names of the data that a specification refers to."""
    if isinstance(spec, Mapping):
        own = [spec["data"]["name"]] if isinstance(spec.get("data"), Mapping) and "name" in spec["data"] else []
        return own + [name for key, value in spec.items() if key != "data" for name in datasets_of(value)]
    return [name for item in spec for name in datasets_of(item)] if isinstance(spec, list) else []
