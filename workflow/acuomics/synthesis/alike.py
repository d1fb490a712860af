"""Which studies are alike enough to be pooled: the traits of every contrast that speaks to the treatment."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from acuomics.inputs.table import has_columns, read_table
from acuomics.mechanisms.verdicts.vocabulary import SCORED_ROLES
from acuomics.problems import Problem, Problems
from acuomics.synthesis.stouffer import effective_n
from acuomics.synthesis.vocabulary import POOL_KEY, UNPOOLED_FREQUENCIES, Settings

_HERTZ = re.compile(r"(\d+(?:\.\d+)?(?:[/_]\d+(?:\.\d+)?)?)[ _-]?hz\b", re.IGNORECASE)
_ELECTRIC = "electroacupuncture"


def frequency_class(hertz: Sequence[float | str], settings: Settings) -> str:
    """The class of one study's frequencies: low, intermediate, high, alternating, or several of them.

    An alternating current is a text such as ``2/100``.
    """
    classes = set()
    for value in hertz:
        if isinstance(value, str):
            classes.add("alternating")
        elif value <= settings.low_hz:
            classes.add("low")
        else:
            classes.add("high" if value >= settings.high_hz else "intermediate")
    if not classes:
        return "unknown"
    return classes.pop() if len(classes) == 1 else "several"


def stimulation(
    record: Mapping[str, Any], contrast: Mapping[str, Any], settings: Settings, problems: Problems
) -> dict[str, Any]:
    """What stimulated the treated arm: ``intervention, frequency_hz, frequency_class, frequency_from``.

    The facts of the study decide; where they name several frequencies, or none is known, the name of the arm may
    (``EA_2Hz``; ``EA_2_100Hz`` only where the facts have 2/100, since a number before may be anything). Facts that
    contradict themselves or the arm are a problem, and make a class that is never pooled.
    """
    facts = (record.get("facts") or {}).get("intervention") or {}
    kind = facts.get("kind") or "unknown"
    listed = facts.get("frequency_hz")
    named = _named(str(contrast["numerator"]), listed or [])
    found: dict[str, Any] = {"intervention": kind, "frequency_hz": "/".join(map(_text, listed or []))}
    found["frequency_hz"] = ", ".join(map(_text, listed or named))
    where = f"study {record['study']}"
    fault = ""
    if kind == "none":
        fault = "the facts say that nothing was done, and a contrast compares a treatment"
    elif kind in ("manual_acupuncture", "moxibustion") and listed:
        fault = f"the facts give {kind.replace('_', ' ')} a frequency"
    elif kind == _ELECTRIC and listed == []:
        fault = "the facts say electroacupuncture, and that it has no frequency (an empty list; unknown is null)"
    elif listed and named and not set(named) <= set(map(_comparable, listed)):
        fault = f"the arm {contrast['numerator']!r} names a frequency that the facts do not have"
    if fault:
        fix = "mend facts.intervention in study.yaml; until then the study is pooled with none"
        problems.add(where, fault, fix, column="facts.intervention", value=f"{kind}, frequency_hz {listed}")
        return found | {"frequency_class": "contradictory", "frequency_from": "facts and arms"}
    if kind in ("manual_acupuncture", "moxibustion"):
        return found | {"frequency_class": "none", "frequency_from": "kind of treatment"}
    if named and (not listed or len(listed) > 1):
        hertz = ", ".join(map(_text, named))
        name = {"frequency_class": frequency_class(named, settings), "frequency_from": "name of the arm"}
        return found | {"frequency_hz": hertz} | name
    return found | {
        "frequency_class": frequency_class(listed or [], settings),
        "frequency_from": "facts" if listed else "",
    }


def traits_of(
    record: Mapping[str, Any],
    summary: pd.DataFrame,
    endpoints: Mapping[str, str],
    settings: Settings,
    problems: Problems,
) -> list[dict[str, Any]]:
    """One row a contrast that sets the treatment against the model or against sham; see `MODERATOR_COLUMNS`.

    Parameters
    ----------
    record : mapping
        ``catalogue/study.json``. A study that was derived from another (`parent`) is of its own compartment.
    summary : DataFrame
        ``de/summary.tsv``: the samples of either side.
    endpoints : mapping
        Study to the condition that it treated.
    settings : Settings
    problems : Problems
        Takes contradictions of the facts.
    """
    facts = (record.get("facts") or {}).get("intervention") or {}
    sizes = summary.set_index("contrast")[["n_numerator", "n_denominator"]]
    known = endpoints.get(record["study"])
    rows = []
    for contrast in record["contrasts"]:
        if contrast["role"] not in SCORED_ROLES:
            continue
        n = [float(x) for x in sizes.loc[contrast["contrast"]]] if contrast["contrast"] in sizes.index else [np.nan] * 2
        row: dict[str, Any] = {
            "study": record["study"],
            "family": "simulated" if record["simulated"] else "real",
            "contrast": contrast["contrast"],
            "role": contrast["role"],
            "species": record["species"],
            "level": record["tissue"]["level"],
            "compartment": compartment_of(record),
            "assay": record["assay"],
            "endpoint": known or f"as printed: {' '.join(record['model'].split())}",
            "endpoint_from": "resources/synthesis/endpoints.tsv" if known else "model of study.yaml",
            "acupoints": ", ".join(facts.get("acupoints") or []),
            **{name: facts.get(name) or "" for name in ("side", "intensity", "sham", "schedule")},
            "n_numerator": n[0],
            "n_denominator": n[1],
            "effective_n": float(effective_n(np.array(n[0]), np.array(n[1]))),
            **stimulation(record, contrast, settings, problems),
        }
        rows.append(row | {"pool": pool_name(row)})
    return rows


def compartment_of(record: Mapping[str, Any]) -> str:
    """Bulk tissue, or the cells that a derived study is about: tissue and one of its cell types are not alike."""
    parent = record.get("parent")
    if not parent:
        return "bulk"
    cells = record.get("cell_type")
    name = cells.get("name") if isinstance(cells, Mapping) else cells
    return f"cells: {name or str(record['study']).removeprefix(str(parent)).strip('_')}"


def pool_name(row: Mapping[str, Any], key: Sequence[str] = POOL_KEY) -> str:
    """A short name of the pool of a contrast, the same in every run: words to read, and a hash of all of the key.

    What is known of no second study gets a pool of its own.
    """
    parts = [str(row[name]) for name in key]
    words = [str(row["family"]), str(row["level"]), str(row["assay"]), str(row["role"]), str(row["frequency_class"])]
    if row["frequency_class"] in UNPOOLED_FREQUENCIES:
        parts.append(f"{row['study']} {row['contrast']}")
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:6]
    return "-".join([*(re.sub(r"[^a-z0-9]+", "_", word.lower()).strip("_") for word in words), digest])


def read_endpoints(path: str) -> dict[str, str]:
    """Read which condition a study treated (`InputError` with every fault of the table)."""
    return _read_map(path, "study", "endpoint")


def read_roles(path: str) -> dict[str, str]:
    """Read the role of contrasts as printed (`InputError` with every fault of the table)."""
    return _read_map(path, "contrast_as_printed", "role")


def _read_map(path: str, key: str, value: str) -> dict[str, str]:
    problems = Problems()
    table = read_table(path, "\t", problems)
    found: dict[str, str] = {}
    if table is not None and has_columns(table, (key, value), problems):
        for number, (name, word) in enumerate(zip(table.column(key), table.column(value), strict=True), start=1):
            if name in found or not name or not word:
                message = "the key stands there twice" if name in found else "a cell is empty"
                problems.add(path, message, "keep one complete row", row=number, column=key, value=name)
            found[name] = word
    problems.raise_if_any()
    return found


def as_warnings(problems: Problems) -> list[str]:
    """The problems as lines of text, each once: a study that contradicts itself is left out, and stops no run."""
    return list(dict.fromkeys(str(problem) for problem in map(_flat, problems.found)))


def _flat(problem: Problem) -> str:
    return " ".join(str(problem).split())


def _text(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _named(arm: str, listed: Sequence[float | str]) -> list[float | str]:
    """The frequencies in the name of an arm."""
    found: list[float | str] = []
    for text in _HERTZ.findall(arm):
        if "_" not in text:
            found.append(text if "/" in text else float(text))
        elif text.replace("_", "/") in listed:
            found.append(text.replace("_", "/"))
    return found


def _comparable(value: float | str) -> float | str:
    return value if isinstance(value, str) else float(value)
