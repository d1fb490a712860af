"""Pass 2: the sample sheet, from what a lab printed to sample names and factor levels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from acuomics.inputs.table import Table, read_table, separator_of
from acuomics.inputs.words import did_you_mean, some
from acuomics.problems import Problems

_FACTOR = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# Separators between two digits tell levels apart (1-2 and 12) and are not a matter of spelling.
_SPELLING = re.compile(r"(?<!\d)[\s_.-]+|[\s_.-]+(?!\d)")


@dataclass(frozen=True)
class Samples:
    """The samples in use (``sample`` and the factors, sheet order) and the names that ``keep`` leaves out."""

    rows: list[dict[str, str]]
    excluded: list[str]


def read_samples(
    spec: Mapping[str, Any], path: str, design_factors: Sequence[str], study_file: str, problems: Problems
) -> Samples | None:
    """Read and check the sample sheet of a study.

    Parameters
    ----------
    spec : mapping
        ``samples`` of study.yaml (may be empty): separator, sample_column, columns, values, keep.
    path : str
        The sheet.
    design_factors : sequence of str
        Factors of the design: their levels are searched for two spellings of one level.
    study_file : str
        study.yaml, for faults of `spec`.
    problems : Problems
        Takes every fault found.

    Returns
    -------
    Samples or None
        None when there is no usable list of sample names.
    """
    table = read_table(
        path, separator_of(path, spec.get("separator")), problems, where="samples.separator in study.yaml"
    )
    if table is None:
        return None
    columns = _choose_columns(spec, table, study_file, problems)
    if columns is None:
        return None
    rows = [{name: row[table.columns.index(column)] for name, column in columns.items()} for row in table.rows]
    for name, column in columns.items():
        empty = [number for number, row in enumerate(rows, start=1) if not row[name]]
        if empty:
            more = f" ({len(empty)} such rows; also {some(empty[1:])})" if len(empty) > 1 else ""
            problems.add(path, f"the cell is empty{more}", "fill it, or remove the row", row=empty[0], column=column)
    _apply_values(rows, spec.get("values", {}), path, study_file, problems)
    if "NA" in (names := [row["sample"] for row in rows]):
        problems.add(
            path,
            "a sample is called NA, which no later table can tell from a missing name",
            "rename it, in the sheet and in the matrix",
            row=names.index("NA") + 1,
            column=columns["sample"],
            value="NA",
        )
    first: dict[str, int] = {}
    for number, row in enumerate(rows, start=1):
        name = row["sample"]
        if name and first.setdefault(name, number) != number:
            problems.add(
                path,
                f"the sample is named twice (first in row {first[name]})",
                "give every sample one row; technical replicates are summed before",
                row=number,
                column=columns["sample"],
                value=name,
            )
    for factor in design_factors:
        if factor in columns:
            _check_spelling([row[factor] for row in rows], factor, path, problems)
    kept = _keep(rows, spec.get("keep", {}), study_file, problems)
    used = {row["sample"] for row in kept}
    return Samples(kept, [name for name in names if name not in used])


def _choose_columns(
    spec: Mapping[str, Any], table: Table, study_file: str, problems: Problems
) -> dict[str, str] | None:
    """Give the sheet's column of ``sample`` and of each factor."""
    sample = spec.get("sample_column")
    if sample is None:
        sample = "" if "sample" not in table.columns and table.columns[0] == "" else "sample"
    declared: dict[str, str] = spec.get("columns") or {name: name for name in table.columns if name not in (sample, "")}
    chosen = {"sample": sample, **{name: column for name, column in declared.items() if name != "sample"}}
    before = len(problems.found)
    columns = some([repr(c) for c in table.columns], 10)
    for name, column in chosen.items():
        if column not in table.columns:
            key = "samples.sample_column" if name == "sample" else f"samples.columns.{name}"
            hint = did_you_mean(column, table.columns)
            problems.add(
                table.file,
                f"there is no column {column!r}",
                f"{hint} name it in study.yaml, {key}; the sheet has {columns}".strip(),
                row="header",
                column=column,
            )
        if not _FACTOR.fullmatch(name):
            problems.add(
                table.file,
                f"{name!r} cannot be the name of a factor",
                "rename it in study.yaml, samples.columns: letters, digits and _, a letter first",
                row="header",
                column=name,
            )
    for key in ("values", "keep"):
        for name in spec.get(key, {}):
            if name not in chosen:
                problems.add(
                    study_file,
                    f"samples.{key} names {name!r}, which is no factor",
                    f"{did_you_mean(name, chosen)} name a factor: {some(list(chosen), 8)}".strip(),
                    column=f"samples.{key}.{name}",
                )
    return chosen if len(problems.found) == before else None


def _apply_values(
    rows: list[dict[str, str]],
    values: Mapping[str, Mapping[str, str]],
    path: str,
    study_file: str,
    problems: Problems,
) -> None:
    for factor, mapping in values.items():
        printed = {row[factor] for row in rows}
        for old in mapping:
            if old not in printed:
                problems.add(
                    study_file,
                    f"samples.values.{factor} maps {old!r}, which the sheet {path} does not have",
                    f"{did_you_mean(old, printed)} write a value of the sheet: {some(sorted(printed), 8)}".strip(),
                    column=f"samples.values.{factor}",
                    value=old,
                )
        for row in rows:
            row[factor] = mapping.get(row[factor], row[factor])


def _spelling(level: str) -> str:
    """Reduce a level to what its spelling means: a number to its value, text to its letters and digits."""
    try:
        return str(float(level))
    except ValueError:
        return _SPELLING.sub("", level.casefold())


def _check_spelling(levels: Sequence[str], factor: str, path: str, problems: Problems) -> None:
    """Report levels that differ only in case, spaces, ``_``, ``-`` or ``.``: two spellings of one level."""
    groups: dict[str, list[str]] = {}
    for level in dict.fromkeys(levels):
        groups.setdefault(_spelling(level), []).append(level)
    for spellings in groups.values():
        if len(spellings) < 2:
            continue
        # The commoner spelling is taken for the meant one; the first when they are equally common.
        meant = max(spellings, key=levels.count)
        others = [level for level in spellings if level != meant]
        mapping = ", ".join(f'"{level}": "{meant}"' for level in others)
        problems.add(
            path,
            f"two spellings of one level: {' and '.join(repr(level) for level in spellings)}",
            f"declare in study.yaml what is meant: samples: values: {factor}: {{{mapping}}}",
            row=levels.index(others[0]) + 1,
            column=factor,
            value=others[0],
        )


def _keep(
    rows: list[dict[str, str]], keep: Mapping[str, Sequence[str]], study_file: str, problems: Problems
) -> list[dict[str, str]]:
    for factor, levels in keep.items():
        known = sorted({row[factor] for row in rows})
        for level in levels:
            if level not in known:
                problems.add(
                    study_file,
                    f"samples.keep.{factor} names {level!r}, which is no level",
                    f"{did_you_mean(level, known)} name levels of the sheet: {some(known, 8)}".strip(),
                    column=f"samples.keep.{factor}",
                    value=level,
                )
    return [row for row in rows if all(row[factor] in levels for factor, levels in keep.items())]
