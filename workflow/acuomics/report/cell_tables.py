"""The tables of a study of single cells on the page: types, composition, losses, clusters, verdicts by type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from acuomics.files import read_tsv
from acuomics.mechanisms.verdicts.vocabulary import SCORED_ROLES
from acuomics.report.charts.cells import VERDICTS
from acuomics.report.tables import Column, Filter, page_table

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


def cell_tables(
    record: Mapping[str, Any],
    cells: Path,
    rows: Sequence[Mapping[str, Any]],
    composition: pd.DataFrame,
    losses: pd.DataFrame,
    matrix: pd.DataFrame,
    types: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Make every table of a study of single cells (see `acuomics.report.cells.describe_cells`).

    Parameters
    ----------
    record : mapping
        Its study record.
    cells : path
        ``results/<study>/singlecell``.
    rows : sequence of mapping
        A row a declared type.
    composition, losses : pandas.DataFrame
        ``composition.tsv, qc_losses.tsv``.
    matrix : pandas.DataFrame
        From `verdict_matrix`.
    types : sequence of mapping
        From `acuomics.report.cells.describe_type`.
    """
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
