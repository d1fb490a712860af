"""A deposited table of statistics taken in: checked, adjusted anew, and recounted by its own p values; no model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from acuomics.catalogue.names.tables import resolve_all
from acuomics.catalogue.references import read_study_names
from acuomics.inputs.delimited import to_numbers
from acuomics.inputs.identifiers import looks_like
from acuomics.inputs.table import Table, has_columns, read_table
from acuomics.inputs.words import did_you_mean, some
from acuomics.intake.recount import adjusted, recount
from acuomics.problems import Problems

COLUMNS = (
    "contrast",
    "feature",
    "mimat",
    "ncbi_gene",
    "log2fc",
    "p",
    "q_deposited",
    "q",
    "n_numerator",
    "n_denominator",
)
#: A contrast is what the record says, a size of an arm what the table says.
_SIZES = {"n_numerator": "n_numerator_column", "n_denominator": "n_denominator_column"}


@dataclass(frozen=True)
class Statistics:
    """What `take_in_statistics` gives: `table` (`COLUMNS`), `recount` (a row a contrast), `facts` (``intake.json``)."""

    table: pd.DataFrame
    recount: pd.DataFrame
    facts: dict[str, Any]


def take_in_statistics(
    record: Mapping[str, Any],
    path: str,
    *,
    names: Mapping[str, str] | None = None,
    name_files: Mapping[str, str] | None = None,
) -> Statistics:
    """Read, check and recount a deposited table of statistics.

    Parameters
    ----------
    record : mapping
        The study record: ``statistics, contrasts, assay``, and ``feature_id`` and ``claims`` where there are any.
    path : str
        The table.
    names : mapping of str to str, optional
        miRBase name to MIMAT accession, for names that have exactly one; matched letter by letter. Left out: the
        resolved names of the study's own claims (`names_of_claims`).
    name_files : mapping of str to path, optional
        Reference tables of names (`acuomics.catalogue.references.name_files`), through which names are resolved too.

    Returns
    -------
    Statistics
        Rows in the order of the record's contrasts and of the file. A row without a p value stays and is counted.

    Raises
    ------
    InputError
        With every fault: a missing column, p or q outside 0 to 1, what is no number, a feature without a name or twice
        in a contrast, a contrast that the record or the table does not know, a contrast without any p value.
    """
    problems, spec = Problems(), record["statistics"]
    raw = read_table(path, "," if spec["format"] == "csv" else "\t", problems)
    optional = [spec.get(key) for key in ("contrast_column", "q_column", *_SIZES.values())]
    wanted = [spec["feature_column"], spec["log2fc_column"], spec["p_column"], *(name for name in optional if name)]
    if raw is None or not has_columns(raw, wanted, problems):
        problems.raise_if_any()
        raise RuntimeError("the table could not be read, and no reader said why")
    contrasts = _contrasts(raw, record, problems)
    table = pd.DataFrame({"contrast": contrasts, "feature": raw.column(spec["feature_column"])})
    lacking = [row for row, name in enumerate(table["feature"], start=1) if not name]
    if lacking:
        fix = "name it, or remove the row"
        problems.add(path, "the feature has no name", fix, row=lacking[0], column=spec["feature_column"])
    table["log2fc"] = _numbers(raw, spec["log2fc_column"], problems)
    table["p"] = _numbers(raw, spec["p_column"], problems, (0.0, 1.0))
    table["q_deposited"] = _numbers(raw, spec.get("q_column"), problems, (0.0, 1.0))
    for column, key in _SIZES.items():
        table[column] = _numbers(raw, spec.get(key), problems, (1.0, np.inf))
    _check_rows(raw, table, spec, problems)
    problems.raise_if_any()
    known = names_of_claims(record) if names is None else dict(names)
    if name_files:
        known = names_by_reference(record, table["feature"].unique().tolist(), name_files) | known
    table["mimat"] = [_mimat(name, record, known) for name in table["feature"]]
    gene = record.get("feature_id") == "ncbi_gene"
    table["ncbi_gene"] = [name if gene and looks_like(name, "ncbi_gene") else None for name in table["feature"]]
    table["q"] = adjusted(table)
    order = {contrast["contrast"]: at for at, contrast in enumerate(record["contrasts"])}
    table = table.assign(order=table["contrast"].map(order)).sort_values("order", kind="stable")[list(COLUMNS)]
    table = table.reset_index(drop=True)
    counted = recount(table, record["contrasts"], spec.get("test"))
    return Statistics(table, counted, _facts(record, table, counted))


def names_by_reference(record: Mapping[str, Any], features: Sequence[str], files: Mapping[str, str]) -> dict[str, str]:
    """Give the accession of every name that means one entry by the reference tables; raises `InputError`."""
    problems = Problems()
    tables = read_study_names(record, files, None, problems)
    problems.raise_if_any()
    meant = resolve_all(features, "mirna", record["taxon"], tables, suggest=False)
    return {name: found.id for name, found in zip(features, meant, strict=True) if found.resolved and found.id}


def names_of_claims(record: Mapping[str, Any]) -> dict[str, str]:
    """The miRBase names that the study's claims carry with their MIMAT accession; a name with two is left out."""
    found: dict[str, set[str]] = {}
    for claim in record.get("claims") or []:
        if claim["kind"] == "mirna" and claim["feature"] and claim["feature_name"]:
            found.setdefault(claim["feature_name"], set()).add(claim["feature"])
    return {name: next(iter(ids)) for name, ids in sorted(found.items()) if len(ids) == 1}


def _mimat(name: str, record: Mapping[str, Any], names: Mapping[str, str]) -> str | None:
    if record["assay"] not in ("mirna", "array_mirna"):
        return None
    return name if looks_like(name, "mimat") else names.get(name)


def _contrasts(raw: Table, record: Mapping[str, Any], problems: Problems) -> list[str | None]:
    """The record's contrast of every row; None, and a problem, where it has none."""
    spec, known = record["statistics"], [contrast["contrast"] for contrast in record["contrasts"]]
    mapping: dict[str, str] = dict(spec["contrasts"])
    for name in mapping:
        if name not in known:
            fix = f"{did_you_mean(name, known)} contrasts.tsv has {some(known, 10) or 'no rows'}".strip()
            problems.add(
                "study.yaml", "not a contrast of contrasts.tsv", fix, column="statistics.contrasts", value=name
            )
    column = spec.get("contrast_column")
    if column is None:
        if len(mapping) != 1:
            problems.add(
                "study.yaml",
                f"{len(mapping)} contrasts and no contrast_column to tell their rows apart",
                "name the column, or one contrast",
                column="statistics.contrasts",
            )
        return [next(iter(mapping))] * len(raw.rows)
    back: dict[str, str] = {}
    for name, value in mapping.items():
        if value in back:
            message = f"stands for two contrasts, {back[value]} and {name}"
            fix = "give every contrast its own value"
            problems.add("study.yaml", message, fix, column="statistics.contrasts", value=value)
        back[value] = name
    cells = raw.column(column)
    for value in back:
        if value not in cells:
            fix = f"{did_you_mean(value, cells)} its values are {some(sorted(set(cells)), 10)}".strip()
            problems.add(raw.file, f"no row of contrast {back[value]}", fix, column=column, value=value)
    for value in sorted(set(cells) - set(back)):
        rows = [row for row, cell in enumerate(cells, start=1) if cell == value]
        problems.add(
            raw.file,
            f"{len(rows)} rows of a contrast that study.yaml does not name",
            "name it in statistics.contrasts and in contrasts.tsv",
            row=rows[0],
            column=column,
            value=value,
        )
    return [back.get(cell) for cell in cells]


def _numbers(
    raw: Table, column: str | None, problems: Problems, bounds: tuple[float, float] = (-np.inf, np.inf)
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A column as float64, NaN where the cell is empty or says missing, or where there is no such column."""
    if column is None:
        return np.full(len(raw.rows), np.nan)
    values, _, faulty = to_numbers(pd.Series(raw.column(column), dtype=object))
    low, high = bounds
    outside = {int(at): f"{values[at]:g}" for at in np.flatnonzero((values < low) | (values > high))}
    range_ = f"outside {low:g} to {high:g}" if np.isfinite(high) else f"below {low:g}"
    for cells, message in ((faulty, "not a number"), (outside, range_)):
        if cells:
            first = min(cells)
            more = f" ({len(cells)} such cells)" if len(cells) > 1 else ""
            fix = "mend the cell, or name the right column in study.yaml; an empty cell means missing"
            problems.add(raw.file, message + more, fix, row=first + 1, column=column, value=cells[first])
    values[~np.isfinite(values)] = np.nan
    return values


def _check_rows(raw: Table, table: pd.DataFrame, spec: Mapping[str, Any], problems: Problems) -> None:
    """A feature twice in a contrast would be counted twice; a contrast without p values has nothing to recount."""
    twice = table[table["contrast"].notna() & (table["feature"] != "")]
    twice = twice[twice.duplicated(["contrast", "feature"])]
    if len(twice):
        problems.add(
            raw.file,
            f"the feature has two rows in contrast {twice['contrast'].iloc[0]} ({len(twice)} rows too many)",
            "keep one row a feature and contrast",
            row=int(twice.index[0]) + 1,
            column=spec["feature_column"],
            value=twice["feature"].iloc[0],
        )
    for name, part in table.groupby("contrast", sort=False):
        if part["p"].isna().all():
            problems.add(
                raw.file,
                f"no p value in contrast {name}",
                "name the right column in study.yaml, or remove the contrast",
                column=spec["p_column"],
            )


def _facts(record: Mapping[str, Any], table: pd.DataFrame, counted: pd.DataFrame) -> dict[str, Any]:
    """Content of ``intake.json``."""
    features = table.drop_duplicates("feature")
    mapped = features["mimat"].notna() | features["ncbi_gene"].notna()
    missing = [c["contrast"] for c in record["contrasts"] if c["contrast"] not in set(counted["contrast"])]
    warnings = [text for text in counted["warning"] if text]
    if missing:
        warnings.append(f"the table has nothing on {', '.join(missing)}")
    return {
        # Neither counts nor samples are there: no model can be fitted, and none is.
        "inference": ["recount_of_statistics"],
        "test": record["statistics"].get("test"),
        "n_in": len(table),
        "n_out": len(table),
        "n_ambiguous": 0,
        "dropped": {},
        "n_features": len(features),
        "n_without_p": int(table["p"].isna().sum()),
        "n_without_log2fc": int(table["log2fc"].isna().sum()),
        "mapping": {"identity": int(mapped.sum()), "unmapped": int((~mapped).sum())},
        "warnings": warnings,
    }
