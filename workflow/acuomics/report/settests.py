"""The tests of gene sets on the page: the table, and what is to be said above it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from acuomics.mechanisms.verdicts.vocabulary import SCORED_ROLES
from acuomics.report.tables import Column, Filter, page_table

COLUMNS = (
    Column("contrast", "Contrast", "Contrast of this row", "text"),
    Column("set", "Set", "Set of curated genes with the directions that its claims give", "text"),
    Column("caution", "Caution", "What else could have moved this set", "text"),
    Column("n_genes", "Genes", "Genes of the set that are expressed and were tested", "integer"),
    Column("n_not_expressed", "Not expressed", "Genes of the set that this tissue does not express", "integer"),
    Column("below_size", "Small", "Fewer expressed genes than a set test should have", "flag"),
    Column("claim", "Claim", "What the claims of the set say, and so which p answers them", "text"),
    Column("direction", "Direction", "Whether the set moves along its claims or against them; no test", "text"),
    Column("mean_log2fc", "Mean log2FC", "Mean log2 fold change along the claimed directions"),
    Column("p_fry", "p fry", "Whether the set changed along its directions, two-sided (self-contained)", "p"),
    Column("q", "q", "p of fry adjusted over all sets and contrasts (Benjamini-Hochberg)", "p"),
    Column("p_fry_mixed", "p fry, mixed", "Whether genes of the set changed in whatever direction", "p"),
    Column("p_camera", "p camera", "Whether the set changed more than other genes, two-sided (competitive)", "p"),
    Column("sensitivity_ulm_p", "Sensitivity: p ULM", "Sensitivity only: takes genes for independent, overcalls", "p"),
    Column("correlation", "Correlation", "Mean correlation between genes' residuals, along the directions", decimals=3),
    Column("in_scope", "In scope", "Whether a claim of the set speaks of this tissue level", "flag"),
    Column("absent", "Absent", "Genes of the set that are not among the features of the study", "text"),
)  # fmt: skip


def set_test_table(study: str, table: pd.DataFrame, q: float) -> dict[str, Any]:
    """The table of set tests, whole, by p of fry.

    Parameters
    ----------
    study : str
    table : DataFrame
        ``mechanisms/settests.tsv``; columns that it lacks are left out.
    q : float
        False discovery rate of the ready-made filter.
    """
    ordered = table.sort_values(["p_fry", "contrast", "set"], kind="stable", na_position="last")
    filters = [
        Filter(f"q < {q:g}", "q", "<", q),
        *(Filter(name, "contrast", "=", name) for name in pd.unique(table["contrast"])),
        *(Filter(f"caution: {name}", "caution", "=", name) for name in cautions(table)),
    ]
    path = f"results/{study}/mechanisms/settests.tsv"
    return page_table(ordered, COLUMNS, "settests", len(table), "p_fry", filters, path)


def set_test_facts(table: pd.DataFrame, q: float, roles: Mapping[str, str]) -> dict[str, Any]:
    """Numbers of sets, rows, calls and cautions, for the words above the table.

    Parameters
    ----------
    table : DataFrame
        ``mechanisms/settests.tsv``.
    q : float
        False discovery rate of a call.
    roles : mapping of str to str
        Contrast to its role; the sets' directions are claims about EA, and only some roles speak to it.
    """
    called = table["q"] < q
    contrasts = [str(name) for name in pd.unique(table["contrast"])]
    speaking = [name for name in contrasts if roles.get(name) in SCORED_ROLES]
    of_ea = called & table["contrast"].isin(speaking)
    return {
        "speaking": speaking,
        "silent": [name for name in contrasts if name not in speaking],
        "n_sets": int(table["set"].nunique()),
        "n_rows": len(table),
        "n_tested": int(table["p_fry"].notna().sum()),
        "n_called": int(called.sum()),
        "n_as_claimed": int((of_ea & (table["direction"] == "as_claimed")).sum()),
        "n_against": int((of_ea & (table["direction"] == "against_claim")).sum()),
        "cautions": cautions(table),
        "sensitivity": "sensitivity_ulm_p" in table,
    }


def cautions(table: pd.DataFrame) -> list[str]:
    """The distinct words of caution, sorted."""
    found = table["caution"] if "caution" in table else pd.Series([], dtype=str)
    return sorted(str(text) for text in found.dropna().unique() if text)
