"""What the data package says of each column: presence, required cells, vocabularies, patterns, keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from acuomics.inputs.words import did_you_mean, some
from acuomics.mechanisms.package import TABLES, Package, RawTable, values
from acuomics.mechanisms.signs import ascii_sign
from acuomics.problems import Problems

SIGNS = {"+", "-", "0"}


def check_schema(package: Package, problems: Problems) -> bool:
    """Hold every table against its schema in ``datapackage.json``.

    Parameters
    ----------
    package : Package
        The set on disk.
    problems : Problems
        Takes every fault: columns that are missing or not described, empty cells of required columns, values
        outside their vocabulary or of the wrong shape, repeated keys, values that no other table defines.

    Returns
    -------
    bool
        Whether all tables have all their columns, so that rules on content can be tried.
    """
    lacking = [name for name in TABLES if not _columns(package, name, problems)]
    for name in TABLES:
        table = package.tables.get(name)
        if table is None:
            continue
        schema = package.schema(name)
        for field in schema["fields"]:
            if field["name"] in table.columns:
                _cells(table, field, problems)
        _primary_key(table, _names(schema.get("primaryKey", [])), problems)
        for key in schema.get("foreignKeys", []):
            _foreign_key(package, name, key, False, problems)
        for key in schema.get("acuomics:listForeignKeys", []):
            _foreign_key(package, name, key, True, problems)
    return not lacking


def _names(fields: str | list[str]) -> list[str]:
    return [fields] if isinstance(fields, str) else fields


def _columns(package: Package, name: str, problems: Problems) -> bool:
    table = package.tables.get(name)
    if table is None:
        return False
    described = [field["name"] for field in package.schema(name)["fields"]]
    missing = [column for column in described if column not in table.columns]
    for column in missing:
        problems.add(table.file, "the column is missing", "restore it; empty cells are allowed", column=column)
    for column in table.columns:
        if column not in described:
            fix = did_you_mean(column, missing) or f"describe it in {package.file}, or remove it"
            problems.add(table.file, "the column is not described", fix, row="header", column=column)
    return not missing


def _cells(table: RawTable, field: Mapping[str, Any], problems: Problems) -> None:
    """Check required cells, vocabulary and pattern of one column; each distinct value is looked at once."""
    name, rules = field["name"], field.get("constraints", {})
    allowed = set(rules.get("enum", ()))
    pattern = re.compile(rules["pattern"]) if "pattern" in rules else None
    verdicts: dict[str, tuple[str, str] | None] = {}
    for number, row in enumerate(table.rows, start=1):
        value = row[name]
        if value not in verdicts:
            verdicts[value] = _judge(value, field, allowed, pattern)
        found = verdicts[value]
        if found:
            problems.add(table.file, found[0], found[1], row=number, column=name, value=value)


def _judge(
    value: str, field: Mapping[str, Any], allowed: set[str], pattern: re.Pattern[str] | None
) -> tuple[str, str] | None:
    """Say what is wrong with a value, and how to mend it; None when nothing is."""
    if not value:
        required = field.get("constraints", {}).get("required", False)
        return ("the cell is empty", f"give a value: {field['description']}") if required else None
    if allowed and value not in allowed:
        if allowed & SIGNS:
            plain, known = ascii_sign(value), f"use one of {some(sorted(allowed), 9)}"
            return "an unknown sign", f"write {plain}, in ASCII" if plain in allowed else known
        near = did_you_mean(value, allowed)
        return "a value outside the vocabulary", near or f"use one of {some(sorted(allowed), 30)}"
    if pattern and not pattern.fullmatch(value):
        return "a value of the wrong shape", f"write it as {pattern.pattern}"
    return None


def _primary_key(table: RawTable, columns: list[str], problems: Problems) -> None:
    if not columns or any(column not in table.columns for column in columns):
        return
    first: dict[tuple[str, ...], int] = {}
    for number, row in enumerate(table.rows, start=1):
        key = tuple(row[column] for column in columns)
        before = first.setdefault(key, number)
        if before != number:
            problems.add(
                table.file,
                f"the key stands in row {before} already",
                "remove one of the rows, or give it a key of its own",
                row=number,
                column=", ".join(columns),
                value=", ".join(key),
            )


def _foreign_key(package: Package, name: str, key: Mapping[str, Any], several: bool, problems: Problems) -> None:
    """Check that the values of a column stand in the column of another table (or of the same one)."""
    column, reference = _names(key["fields"])[0], key["reference"]
    target = reference["resource"] or name
    table, other = package.tables[name], package.tables.get(target)
    there = _names(reference["fields"])[0]
    if other is None or column not in table.columns or there not in other.columns:
        return
    known = {row[there] for row in other.rows}
    for number, row in enumerate(table.rows, start=1):
        cell = row[column]
        listed = values(cell) if several else [cell] if cell else []
        for value in listed:
            if value not in known:
                near = did_you_mean(value, known) if len(known) < 100 else ""
                problems.add(
                    table.file,
                    f"{target}.tsv does not define it (column {there})",
                    near or f"add it to {target}.tsv, or mend the value",
                    row=number,
                    column=column,
                    value=value,
                )
