"""Configurations laid one over another."""

from __future__ import annotations

import copy
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import yaml


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one configuration over another as snakemake does: mappings are joined, everything else is replaced."""
    result = dict(copy.deepcopy(base))
    for key, value in over.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return result


def complete(config: MutableMapping[str, Any], file: str | Path) -> None:
    """Put what a configuration leaves out into it.

    Parameters
    ----------
    config : mapping
        The configuration; changed in place.
    file : str or Path
        The committed configuration (YAML).
    """
    committed = yaml.safe_load(Path(file).read_text(encoding="utf-8"))
    config.update(merged(committed, config))
