"""Refuses tables that no verdict can be read from, all faults at once; the catalogue has checked the claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from acuomics.problems import Problems

MODEL_COLUMNS = ("feature", "base_mean", "log2fc", "log2fc_se", "stat", "p", "q", "status")
STATISTICS_COLUMNS = ("feature", "mimat", "log2fc", "p", "q")
PAIR_COLUMNS = (
    *("feature", "log2fc_model", "se_model", "p_model", "log2fc_treatment", "se_treatment", "p_treatment"),
    *("p_reversal", "q_reversal", "nominal_venn"),
)


def check_tables(
    tables: Mapping[str, pd.DataFrame],
    features: pd.DataFrame | None,
    reversals: Mapping[str, tuple[pd.DataFrame, Mapping[str, Any]]],
    problems: Problems,
) -> None:
    """Check that the tables have the columns that the verdicts read, and every feature once."""
    needed: list[tuple[str, pd.DataFrame, tuple[str, ...]]] = []
    for name, table in tables.items():
        model = "log2fc_se" in table.columns
        needed.append((f"table of contrast {name}", table, MODEL_COLUMNS if model else STATISTICS_COLUMNS))
    if any("log2fc_se" in table.columns for table in tables.values()):
        frame = pd.DataFrame() if features is None else features
        needed.append(("features", frame, ("feature", "ncbi_gene", "mimat")))
    needed += [(f"table of pair {name}", table, PAIR_COLUMNS) for name, (table, _) in reversals.items()]
    for label, table, columns in needed:
        for column in columns:
            if column not in table.columns:
                problems.add(label, "the column is missing", "see workflow/README.md", column=column)
        if "feature" in table.columns and table["feature"].duplicated().any():
            first = table.loc[table["feature"].duplicated(), "feature"].iloc[0]
            problems.add(label, "a feature has two rows", "keep one row a feature", column="feature", value=first)
