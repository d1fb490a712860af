"""What the page says of single cells: of the study (facts, tables, charts), and of each type that became a study."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from acuomics.files import read_json, read_tsv, write_text
from acuomics.mechanisms.verdicts.vocabulary import SCORED_ROLES
from acuomics.report.charts.cells import VERDICTS, cell_charts
from acuomics.report.charts.chart import ChartBook, write_charts
from acuomics.report.read import read_study
from acuomics.report.study import describe_study, page_title
from acuomics.report.tables import Column, Filter, page_table
from acuomics.report.verdicts import read_verdicts

TYPE_COLUMNS = (
    Column("cell_type", "Cell type", "Type of the cells", "text"),
    Column("n_cells", "Cells", "Cells of the type that passed quality control", "integer"),
    Column("n_animals", "Animals", "Animals with enough cells of the type", "integer"),
    Column("animals", "By arm", "Animals with enough cells, by arm", "text"),
    Column("analysable", "Analysable", "no: too few animals; no p value comes from cells as replicates", "text"),
    Column("changed", "Changed", "Genes with q below the configured rate, by contrast", "text"),
    Column("reversed", "Reversed", "Genes called reversed: evidence in both contrasts", "text"),
    Column("reason", "Reason", "Why the type, or a contrast, is not analysable", "text"),
    Column("study", "Study", "Name under which the type is analysed: results/<name>/", "text"),
)  # fmt: skip
COMPOSITION_COLUMNS = (
    Column("contrast", "Contrast", "Contrast of this row", "text"),
    Column("cell_type", "Cell type", "Type of the cells", "text"),
    Column("proportion_numerator", "Numerator", "Mean share of the animals' cells, numerator", decimals=3),
    Column("proportion_denominator", "Denominator", "Mean share of the animals' cells, denominator", decimals=3),
    Column("logit_difference", "Difference", "Difference of the logits of the shares"),
    Column("se", "SE", "Its standard error, variances moderated over types"),
    Column("p", "p", "Moderated t test over animals, two-sided", "p"),
    Column("q", "q", "p adjusted over the types of the contrast (Benjamini-Hochberg)", "p"),
    Column("p_asin", "p arcsine", "The same test on arcsines of square roots, as sensitivity", "p"),
    Column("status", "Status", "tested or not_analysable", "text"),
    Column("reason", "Reason", "Why it is not analysable", "text"),
)  # fmt: skip
LOSS_COLUMNS = (
    Column("library", "Library", "Name of the library", "text"),
    Column("n_before", "Cells", "Cells before quality control", "integer"),
    Column("counts", "Counts", "Lost: counts too far from the library's median", "integer"),
    Column("genes", "Genes", "Lost: detected genes too far from the library's median", "integer"),
    Column("mitochondrial", "Mitochondrial", "Lost: mitochondrial fraction too far above the median", "integer"),
    Column("doublet", "Doublets", "Lost: called a doublet", "integer"),
    Column("n_after", "Kept", "Cells that passed", "integer"),
)  # fmt: skip
CLUSTER_COLUMNS = (
    Column("cluster", "Cluster", "Cluster of the finest resolution", "integer"),
    Column("n_cells", "Cells", "Cells of the cluster", "integer"),
    Column("cell_type", "Type", "unassigned: the score is low, or the second type is near", "text"),
    Column("score", "Score", "Marker score of the best type: standard deviations between clusters"),
    Column("margin", "Margin", "Lead over the second type"),
    Column("second", "Second", "The type with the second highest score", "text"),
    Column("n_assigned", "Assigned", "Cells whose neighbours say the same type", "integer"),
)  # fmt: skip
RESOLUTION_COLUMNS = (
    Column("resolution", "Resolution", "Leiden resolution"),
    Column("n_clusters", "Clusters", "Number of clusters", "integer"),
    Column("stability", "Stability", "Mean adjusted Rand index to clusters of subsamples", decimals=3),
    Column("used", "Shown", "The most stable resolution", "flag"),
)  # fmt: skip
RECOVERY_COLUMNS = (
    Column("cell_type", "Cell type", "Type of the cells", "text"),
    Column("test", "Test", "de: changed; de_detectable: of the detectable effects; reversal: reversed", "text"),
    Column("contrast", "Contrast", "Contrast or pair", "text"),
    Column("n_true", "Planted", "Planted effects", "integer"),
    Column("n_called", "Called", "Genes called", "integer"),
    Column("n_found", "Found", "Planted effects found, with their sign", "integer"),
    Column("recall", "Recall", "found / planted", decimals=3),
    Column("false_discovery", "False", "Called but not planted, or with the wrong sign, / called", decimals=3),
)  # fmt: skip


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
        "tables": _tables(record, cells, rows, composition, losses, matrix, types),
        "versions": facts["versions"],
    }
    charts = cell_charts(
        pd.read_parquet(cells / "umap.parquet"),
        pd.read_parquet(cells / "qc_cells.parquet"),
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


def verdict_matrix(
    verdicts: pd.DataFrame | None, types: Mapping[str, str], described: Sequence[Mapping[str, Any]] = ()
) -> pd.DataFrame:
    """Which verdicts the claims of a mechanism have in each cell type.

    Only contrasts of acupuncture with the model or with sham, claims with a test, and no circular ones. Types of the
    same animals are no replicates: nothing is added up over them.

    Parameters
    ----------
    verdicts : pandas.DataFrame or None
        From `read_verdicts`.
    types : mapping of str to str
        Name of the derived study to its cell type; those that are analysable.
    described : sequence of mapping
        From `describe_type`: the names of mechanisms are taken from there.

    Returns
    -------
    pandas.DataFrame
        ``mechanism, cell_type, verdict, text``: the most telling verdict (the order of
        `acuomics.report.charts.cells.VERDICTS`), and the counts of all.
    """
    columns = ["mechanism", "cell_type", "verdict", "text"]
    if verdicts is None or not types:
        return pd.DataFrame(columns=columns)
    known: dict[str, str] = {}
    for one in described:
        known |= one["mechanisms"].get("names") or {}
    chosen = verdicts[verdicts["study"].isin(list(types)) & verdicts["contrast_role"].isin(SCORED_ROLES)]
    circular = chosen["circular"].astype(str).str.lower() == "true"
    chosen = chosen[chosen["q_family"].notna() & ~circular]
    rows = []
    # A claim that several mechanisms share stands in each.
    exploded = chosen.assign(mechanism_id=chosen["mechanism_id"].str.split("|")).explode("mechanism_id")
    for (mechanism, study), part in exploded.groupby(["mechanism_id", "study"], sort=True):
        words = part["verdict"].str.partition(":")[0].value_counts()
        present = [word for word in VERDICTS if word in words.index]
        if {"concordant", "discordant"} <= set(present):
            best = "concordant and discordant"
        else:
            best = present[0] if present else str(words.index[0])
        text = ", ".join(f"{words[word]} {word.replace('_', ' ')}" for word in sorted(words.index))
        name = f"{mechanism} {known.get(str(mechanism), '')}".strip()
        rows.append((name, types[str(study)], best, text))
    table = pd.DataFrame(rows, columns=columns)
    order = {name: at for at, name in enumerate(types.values())}
    key = table["cell_type"].map(order)
    return table.assign(at=key).sort_values(["mechanism", "at"]).drop(columns="at").reset_index(drop=True)


def _tables(
    record: Mapping[str, Any],
    cells: Path,
    rows: Sequence[Mapping[str, Any]],
    composition: pd.DataFrame,
    losses: pd.DataFrame,
    matrix: pd.DataFrame,
    types: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    at = f"results/{record['study']}/singlecell"
    listed = pd.DataFrame(rows)
    wide = losses.pivot_table(index="library", columns="step", values="n_lost", sort=False)
    wide.insert(0, "n_before", losses.groupby("library", sort=False)["n_before"].first())
    wide["n_after"] = losses.groupby("library", sort=False)["n_after"].last()
    clusters = read_tsv(cells / "clusters.tsv", dtype={"cell_type": str, "second": str})
    resolutions = read_tsv(cells / "resolutions.tsv")
    analysable = [Filter("analysable", "analysable", "=", "yes")]
    contrasts = list(dict.fromkeys(composition["contrast"]))
    by_contrast = [Filter(name, "contrast", "=", name) for name in contrasts]
    tables = {
        "cell_types": page_table(
            listed, TYPE_COLUMNS, "cell-types", len(listed), None, analysable, f"{at}/cell_types.tsv"
        ),
        "composition": page_table(
            composition, COMPOSITION_COLUMNS, "composition", len(composition), "p", by_contrast, f"{at}/composition.tsv"
        ),
        "losses": page_table(
            wide.reset_index(), LOSS_COLUMNS, "losses", len(wide), None, [], f"{at}/qc_losses.tsv"
        ),
        "clusters": page_table(
            clusters, CLUSTER_COLUMNS, "clusters", len(clusters), None, [], f"{at}/clusters.tsv"
        ),
        "resolutions": page_table(
            resolutions, RESOLUTION_COLUMNS, "resolutions", len(resolutions), None, [], f"{at}/resolutions.tsv"
        ),
    }  # fmt: skip
    if len(matrix):
        names = list(dict.fromkeys(matrix["cell_type"]))
        crossed = matrix.pivot_table(index="mechanism", columns="cell_type", values="text", aggfunc="first")
        columns = [Column("mechanism", "Mechanism", "Curated mechanism", "text")]
        columns += [Column(name, name, f"Verdicts of the mechanism's claims in {name}", "text") for name in names]
        tables["verdict_matrix"] = page_table(
            crossed.reset_index(), columns, "verdict-matrix", len(crossed), "mechanism", [],
            "results/mechanisms/verdicts.tsv",
        )  # fmt: skip
    found = [
        {"cell_type": one["cell_type"]["name"], **row}
        for one in types
        for row in (one["recovery"] or {}).get("rows", [])
    ]
    if found:
        table = pd.DataFrame(found)
        tests = [Filter(name, "test", "=", name) for name in dict.fromkeys(table["test"])]
        tables["recovery"] = page_table(
            table, RECOVERY_COLUMNS, "recovery", len(table), None, tests,
            f"results/{record['study']}/recovery/types.tsv",
        )  # fmt: skip
    return tables


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
