"""What the page says of single cells: of the study (facts, tables, charts), and of each type that became a study."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from acuomics.files import read_json, read_parquet, read_tsv, write_text
from acuomics.report.cell_tables import cell_tables, verdict_matrix
from acuomics.report.charts.cells import cell_charts
from acuomics.report.charts.chart import ChartBook, write_charts
from acuomics.report.read import read_study
from acuomics.report.study import describe_study, page_title
from acuomics.report.verdicts import read_verdicts


def describe_type(record: Mapping[str, Any], folder: str | Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Gather what the page says of one cell type: as of any study, or why it is not analysable.

    Parameters
    ----------
    record : mapping
        Its study record, ``parent`` and ``cell_type`` in it.
    folder : path
        ``results/<study>``.
    settings : mapping
        ``de, reversal, seed`` of the configuration.
    """
    folder, told = Path(folder), record["cell_type"]
    beside = {"parent": record["parent"], "cell_type": dict(told)}
    if told["analysable"]:
        de = {name: folder / "de" / f"{name}.parquet" for name in ("dispersions", "transformed")}
        files = {
            "record": folder / "catalogue" / "study.json",
            "intake": folder / "intake" / "intake.json",
            "samples": folder / "intake" / "samples.tsv",
            "tables": folder / "de" / "tables",
            "summary": folder / "de" / "summary.tsv",
            "fit": folder / "de" / "fit.json",
            **de,
            "annotations": folder / "mechanisms" / "annotations.tsv",
            "mechanisms": folder / "mechanisms" / "mechanisms.json",
            "settests": folder / "mechanisms" / "settests.tsv",
            "reversal": sorted((folder / "reversal").glob("*")),
            "recovery": sorted((folder / "recovery").glob("recovery.*")),
        }
        return {**describe_study(read_study(files), [], settings), **beside}
    return {
        **_empty(record),
        **beside,
        "answer": [f"**Not analysable**: {told['reason']}. No p value comes from cells as replicates."],
        "card": [["Status", "not analysable"], ["Cells", f"{told['n_cells']:,}"], ["Animals", told["animals"]]],
        "warnings": list(record["warnings"]),
        "tables": {},
    }


def _empty(record: Mapping[str, Any]) -> dict[str, Any]:
    """What every study on the page has, of one whose counts are not modelled."""
    return {
        "study": record["study"],
        "title": page_title(record),
        "simulated": bool(record["simulated"]),
        "counted": False,
        "summary": record["summary"],
        "caveats": list(record["caveats"]),
        "contrasts": [],
        "reversals": [],
        "recovery": None,
        "mechanisms": {"set_hash": None},
        "figures": [],
        "versions": {},
    }


def describe_cells(
    record: Mapping[str, Any],
    cells: str | Path,
    types: Sequence[Mapping[str, Any]],
    verdicts: pd.DataFrame | None,
    settings: Mapping[str, Any],
) -> tuple[dict[str, Any], ChartBook]:
    """Gather what the page says of a study of single cells.

    Parameters
    ----------
    record : mapping
        Its study record.
    cells : path
        ``results/<study>/singlecell``.
    types : sequence of mapping
        From `describe_type`, of every declared type.
    verdicts : pandas.DataFrame or None
        ``results/mechanisms/verdicts.tsv`` (`read_verdicts`): the verdicts of all studies.
    settings : mapping
        ``de, reversal, seed`` of the configuration.

    Returns
    -------
    description : dict
        As of any study without counts, and ``cells``: ``types`` (a row a declared type), ``undeclared``, ``facts``
        (``singlecell.json``). Tables: ``cell_types, composition, losses, clusters, resolutions``, ``verdict_matrix``
        (a row a mechanism, a column a type) and, of a simulated study, ``recovery``.
    charts : ChartBook
    """
    cells = Path(cells)
    facts = read_json(cells / "singlecell.json")
    found = read_tsv(cells / "cell_types.tsv", dtype={"cell_type": str})
    composition = read_tsv(cells / "composition.tsv", dtype={"contrast": str, "cell_type": str})
    losses = read_tsv(cells / "qc_losses.tsv", dtype={"library": str})
    samples = pd.DataFrame(record["samples"], dtype=str)
    rows = [_type_row(one) for one in types]
    names = {row["study"]: row["cell_type"] for row in rows if row["analysable"] == "yes"}
    matrix = verdict_matrix(verdicts, names, types)
    declared = {row["cell_type"] for row in rows}
    undeclared = [name for name in found["cell_type"] if name not in declared]
    n = sum(row["analysable"] == "yes" for row in rows)
    described = {
        **_empty(record),
        "cells": {"types": rows, "undeclared": undeclared, "facts": facts},
        "answer": _answer(record, facts, rows, composition, float(settings["de"]["q"])),
        "card": _card(record, facts, len(rows), n),
        "warnings": [
            *record["warnings"],
            *facts["warnings"],
            *([f"types that are not declared, and so not tested: {', '.join(undeclared)}"] if undeclared else []),
        ],
        "tables": cell_tables(record, cells, rows, composition, losses, matrix, types),
        "versions": facts["versions"],
    }
    charts = cell_charts(
        read_parquet(cells / "umap.parquet"),
        read_parquet(cells / "qc_cells.parquet"),
        losses,
        read_tsv(cells / "markers.tsv", dtype={"feature": str, "symbol": str}),
        read_tsv(cells / "cell_numbers.tsv", dtype={"sample": str}),
        samples,
        matrix,
        int(settings["seed"]),
    )
    return described, charts


def _type_row(description: Mapping[str, Any]) -> dict[str, Any]:
    """A declared type with what came of it."""
    told = description["cell_type"]
    changed = [f"{row['contrast']} {row['n_q']:,}" for row in description["contrasts"]]
    reversed_ = [f"{row['reversed']:,} of {row['n_tested']:,}" for row in description["reversals"]]
    return {
        "cell_type": told["name"],
        "study": description["study"],
        **{key: told[key] for key in ("n_cells", "n_animals")},
        "animals": told["animals"].replace("|", ", "),
        "analysable": "yes" if told["analysable"] else "no",
        "changed": "; ".join(changed) or None,
        "reversed": "; ".join(reversed_) or None,
        "reason": None if told["reason"] == "none" else told["reason"],
    }


def _answer(
    record: Mapping[str, Any],
    facts: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    composition: pd.DataFrame,
    q: float,
) -> list[str]:
    """The answer in a short list; a proportion that was not found to change is not called unchanged."""
    tested = [row for row in rows if row["analysable"] == "yes"]
    items = [
        f"**{facts['n_kept']:,} of {facts['n_cells']:,} cells** passed quality control; {facts['n_unassigned']:,} of "
        "them have no type and are not tested.",
        f"**{len(tested)} of {len(rows)} declared cell types** can be tested: counts are added up by animal, and each "
        "type is a study of its own. Cells are no replicates.",
    ]
    items += [f"**{row['cell_type']}**: reversed {row['reversed']}." for row in tested if row["reversed"]]
    for contrast, part in composition.groupby("contrast", sort=False):
        called = part[part["q"] < q]
        if (part["status"] != "tested").all():
            items.append(f"**Composition, {contrast}** cannot be tested: {part['reason'].iloc[0]}.")
            continue
        words = [
            f"{row['cell_type']} {'rarer' if row['logit_difference'] < 0 else 'more frequent'}"
            for row in called.to_dict("records")
        ]
        told = ", ".join(words) or "no type was detected as more frequent or rarer at this power"
        items.append(f"**Composition, {contrast}** (q < {q:g}, animals as units): {told}.")
    return items


def _card(record: Mapping[str, Any], facts: Mapping[str, Any], declared: int, analysable: int) -> list[list[str]]:
    tissue, labels = record["tissue"], facts["labels"]
    factors = [name for name in record["samples"][0] if name != "sample"]
    arms: dict[str, int] = {}
    for sample in record["samples"]:
        label = ", ".join(sample[name] for name in factors)
        arms[label] = arms.get(label, 0) + 1
    rows = [
        ("Status", f"single cells, a study a cell type: {analysable} of {declared} declared types can be tested"),
        ("Species", record["species"]),
        ("Tissue", f"{tissue['name']} (level: {tissue['level']})"),
        ("Model", record["model"]),
        ("Intervention", record["intervention"]),
        ("Design", record["design"]),
        ("Animals", "; ".join(f"{label}: n = {n}" for label, n in arms.items())),
        ("Cells", f"{facts['n_kept']:,} of {facts['n_cells']:,}"),
        ("Cell types", "labels of the study" if labels == "study" else "called from marker genes"),
        (
            "Batches",
            "corrected for the map and the clusters (Harmony), never for tests" if facts["batch_corrected"] else "",
        ),
        ("Source", record["source"]),
    ]
    return [[name, str(value)] for name, value in rows if value]


def write_cells_report(
    record: str | Path,
    cells: str | Path,
    types: Sequence[str | Path],
    verdicts: str | Path | None,
    settings: Mapping[str, Any],
    description: str | Path,
    charts: str | Path,
) -> None:
    """What the rule calls: write ``report/study.json`` and ``report/charts.json`` of a study of single cells."""
    described, book = describe_cells(
        read_json(record), cells, [read_json(path) for path in types], read_verdicts(verdicts), settings
    )
    text = json.dumps(described, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    write_text(text + "\n", description)
    write_charts(book, charts)
