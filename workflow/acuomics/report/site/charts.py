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
# Fewer rows in all are not worth a table of their own.
SHARED_FROM = 2_000
Columns = dict[str, list[Any]]
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
    data = {name: dataset["columns"] for name, dataset in sorted(content["data"].items())}
    shared, steps = share_features(data)
    where = {"src": f"{up}data/{anchor(study)}/features.js", "key": f"{study}/features"} if shared else None
    if shared:
        write_text(receiving(f"{study}/features", shared), root / f"data/{anchor(study)}/features.js")
    for name, columns in data.items():
        address = f"data/{anchor(study)}/{anchor(name)}.js"
        own = {key: values for key, values in columns.items() if name not in steps or key not in shared}
        packed: dict[str, Any] = {"columns": own}
        if name in steps:
            packed |= {"shared": [key for key in columns if key in shared], "steps": steps[name]}
        # Names of datasets may look like those of the shared file; keys are apart.
        write_text(receiving(f"{study}/data/{name}", packed), root / address)
        addresses[name] = {"src": up + address, "key": f"{study}/data/{name}"}
    for at, chart in enumerate(content["charts"]):
        named = sorted(set(chart.get("datasets") or datasets_of(chart["spec"])))
        mounted.append(
            {key: chart.get(key) for key in ("name", "title", "spec", "search", "brush")} | {"datasets": named}
        )
        shown.append({key: chart[key] for key in ("name", "group", "title", "caption", "alt")} | {"at": at})
        shown[-1] |= {key: bool(chart.get(key)) for key in ("brush", "wide")}
    return {
        "charts": shown,
        "left_out": list(content.get("left_out") or []),
        "mount": {"study": study, "charts": mounted, "data": addresses, "shared": where},
    }


def share_features(data: Mapping[str, Columns]) -> tuple[Columns, dict[str, list[int]]]:
    """Put what several datasets say alike of a feature (its name, its mean count) into one table.

    Parameters
    ----------
    data : mapping of str to columns
        Datasets; those with a column ``feature``, no name twice, are looked at.

    Returns
    -------
    shared : columns
        ``feature`` of all these datasets, and the columns in which no two of them differ; empty where there is
        nothing to gain.
    steps : dict of str to list of int
        The rows of a dataset in that table: each as the distance to the one before, the first to -1.
    """
    keyed = {name: columns for name, columns in data.items() if _is_keyed(columns)}
    if len(keyed) < 2 or sum(len(columns["feature"]) for columns in keyed.values()) < SHARED_FROM:
        return {}, {}
    place: dict[str, int] = {}
    for columns in sorted(keyed.values(), key=lambda columns: -len(columns["feature"])):
        for feature in columns["feature"]:
            place.setdefault(feature, len(place))
    shared: Columns = {"feature": list(place)}
    for column in dict.fromkeys(key for columns in keyed.values() for key in columns if key != "feature"):
        holders = [columns for columns in keyed.values() if column in columns]
        known: dict[str, Any] = {}
        alike = len(holders) > 1 and all(
            known.setdefault(feature, value) == value
            for columns in holders
            for feature, value in zip(columns["feature"], columns[column], strict=True)
        )
        if alike:
            shared[column] = [known.get(feature) for feature in place]
    steps = {}
    for name, columns in keyed.items():
        rows = [place[feature] for feature in columns["feature"]]
        steps[name] = [row - before for before, row in zip([-1, *rows], rows, strict=False)]
    return shared, steps


def _is_keyed(columns: Columns) -> bool:
    features = columns.get("feature")
    return bool(features) and len(set(features or ())) == len(features or ()) and None not in (features or ())


def receiving(key: str, content: Mapping[str, Any]) -> str:
    """A script that hands JSON to the page, compressed where that pays: the same bytes for the same content."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    if len(text) < COMPRESSED_FROM:
        return f"acuomicsReceive({embed_json(key)}, {embed_json(content)});\n"
    packed = base64.b64encode(zlib.compress(text.encode(), 9)).decode()
    return f'acuomicsReceive({embed_json(key)}, "{packed}");\n'


def datasets_of(spec: Any) -> list[str]:
    """Names of the data that a specification refers to."""
    if isinstance(spec, Mapping):
        own = [spec["data"]["name"]] if isinstance(spec.get("data"), Mapping) and "name" in spec["data"] else []
        return own + [name for key, value in spec.items() if key != "data" for name in datasets_of(value)]
    return [name for item in spec for name in datasets_of(item)] if isinstance(spec, list) else []
