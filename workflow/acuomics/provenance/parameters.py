"""The configuration of a run as parameters: one line a value, without paths of a machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any


def without_machine_paths(value: Any) -> Any:
    """Copy a configuration; of absolute paths the last component stays, keys become text.

    Parameters
    ----------
    value : object
        What YAML or JSON can hold.

    Returns
    -------
    object
        What JSON can hold.
    """
    if isinstance(value, Mapping):
        return {str(key): without_machine_paths(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_machine_paths(item) for item in value]
    if isinstance(value, str):
        for kind in (PurePosixPath, PureWindowsPath):
            if kind(value).is_absolute() or value.startswith("~"):
                return kind(value).name
    return value


def parameters(config: Mapping[str, Any]) -> dict[str, Any]:
    """Give the configuration as parameters with dotted names, such as ``de.q``.

    Parameters
    ----------
    config : mapping
        The configuration, as `without_machine_paths` gives it.

    Returns
    -------
    dict
        Name to number, text or truth value; lists and empty mappings as JSON text, null as ``null``.
    """
    found: dict[str, Any] = {}
    for key in sorted(config):
        value = config[key]
        if isinstance(value, Mapping) and value:
            found |= {f"{key}.{inner}": item for inner, item in parameters(value).items()}
        elif isinstance(value, bool | int | float | str):
            found[key] = value
        else:
            found[key] = json.dumps(value, ensure_ascii=False)
    return found


def data_type(value: Any) -> str:
    """Name the schema.org type of a parameter's value."""
    names: dict[type, str] = {bool: "Boolean", int: "Integer", float: "Float"}
    return names.get(type(value), "Text")
