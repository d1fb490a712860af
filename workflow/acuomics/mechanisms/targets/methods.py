"""What the experiments behind a miRNA target are worth, and whether they saw mRNA or protein."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from acuomics.inputs.table import read_table
from acuomics.problems import Problems

STRENGTHS = ("strong", "weak")
MEASURES = ("mRNA", "protein", "reporter", "binding", "other")
COLUMNS = ("keyword", "strength", "measures")

#: What the published effect of a miRNA on its target was seen on. ``reporter`` and ``binding``: on no amount of the
#: gene itself. ``unknown``: no method that the table of methods knows.
EFFECT_LEVELS = ("both", "mRNA", "protein", "reporter", "binding", "unknown")


class Method(NamedTuple):
    """A word in a list of experiments (lower case), how strong it makes a target, and what it measures."""

    keyword: str
    strength: str
    measures: str


def read_methods(path: str | Path, problems: Problems) -> list[Method] | None:
    """Read the table of methods (``keyword, strength, measures``); None when a fault was found."""
    table = read_table(path, "\t", problems)
    if table is None:
        return None
    before = len(problems.found)
    for name in COLUMNS:
        if name not in table.columns:
            problems.add(path, "the column is missing", f"add {', '.join(COLUMNS)}", row="header", column=name)
    if len(problems.found) > before:
        return None
    methods: dict[str, Method] = {}
    for row, cells in enumerate(zip(*map(table.column, COLUMNS), strict=True), start=1):
        method = Method(*cells)
        for column, value, allowed in (
            ("strength", method.strength, STRENGTHS),
            ("measures", method.measures, MEASURES),
        ):
            if value not in allowed:
                fix = f"use one of {', '.join(allowed)}"
                problems.add(path, "a value outside the vocabulary", fix, row=row, column=column, value=value)
        if not method.keyword or method.keyword != method.keyword.lower():
            problems.add(path, "a keyword is lower case text", row=row, column="keyword", value=method.keyword)
        if method.keyword in methods:
            problems.add(path, "the keyword stands there twice", row=row, column="keyword", value=method.keyword)
        methods[method.keyword] = method
    return list(methods.values()) if len(problems.found) == before else None


def methods_in(experiments: str, methods: Iterable[Method]) -> list[Method]:
    """Methods whose keyword occurs in a list of experiments, in the order of `methods`."""
    text = experiments.lower()
    return [method for method in methods if method.keyword in text]


def strength_of(found: Iterable[Method]) -> str:
    """``strong`` when any method is, else ``weak``."""
    return "strong" if any(method.strength == "strong" for method in found) else "weak"


def effect_level_of(found: Iterable[Method]) -> str:
    """One of `EFFECT_LEVELS`."""
    measured = {method.measures for method in found}
    if {"mRNA", "protein"} <= measured:
        return "both"
    return next((level for level in EFFECT_LEVELS[1:-1] if level in measured), "unknown")
