"""Refuses tables that the verdicts cannot be read from, all faults at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from acuomics.inputs.words import did_you_mean
from acuomics.mechanisms.verdicts.vocabulary import DIRECTIONS, NOT_TESTABLE
from acuomics.problems import Problems

CLAIM_COLUMNS = (
    "claim_id",
    "mechanism_id",
    "entity_id",
    "direction",
    "negated",
    "level",
    "tier",
    "conflict_group",
    "testability",
    "claim_source_dataset",
)
#: Used where they are there; empty elsewhere.
OPTIONAL_CLAIM_COLUMNS = ("frequency_hz", "assertion")
MEMBER_COLUMNS = (
    "mechanism_id",
    "entity_id",
    "species",
    "gene_ncbi",
    "symbol",
    "role",
    "direction_rule",
    "expected_sign",
    "member_evidence",
    "soma_levels",
    "shared_with",
)
MIRNA_COLUMNS = ("mimat", "species", "entity_id", "mechanism_id")
FEATURE_COLUMNS = ("feature", "ncbi_gene", "mimat", "symbol", "mapping")
TABLE_COLUMNS = ("feature", "base_mean", "log2fc", "log2fc_se", "stat", "p", "q", "status")
RULES = ("strong", "weak", "none")
MEMBER_SIGNS: Mapping[str, float] = {"+": 1.0, "1": 1.0, "+1": 1.0, "-": -1.0, "-1": -1.0, "0": 0.0, "": 0.0, "na": 0.0}
BOOLEANS: Mapping[str, bool] = {"true": True, "false": False}


def as_text(table: pd.DataFrame) -> pd.DataFrame:
    """Make every cell a string, and missing ones empty."""
    return table.astype(object).where(table.notna(), "").astype(str)


def check_inputs(
    claims: pd.DataFrame,
    members: pd.DataFrame,
    mirnas: pd.DataFrame,
    levels: pd.DataFrame,
    record: Mapping[str, Any],
    features: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
) -> Problems:
    """Collect what is wrong with the inputs of `judge_claims`; every table comes as it is."""
    problems = Problems()
    complete = True
    for name, table, columns in (
        ("claims", claims, CLAIM_COLUMNS),
        ("members", members, MEMBER_COLUMNS),
        ("mirnas", mirnas, MIRNA_COLUMNS),
        ("levels", levels, ("level",)),
        ("features", features, FEATURE_COLUMNS),
    ):
        for column in columns:
            if column not in table.columns:
                problems.add(name, "the column is missing", "see workflow/README.md", column=column)
                complete = False
    for contrast in record["contrasts"]:
        name = contrast["contrast"]
        if name not in tables:
            fix = did_you_mean(name, tables) or "give the table of every contrast of the study"
            problems.add("tables", "the contrast has no table of differential expression", fix, value=name)
            continue
        missing = [column for column in TABLE_COLUMNS if column not in tables[name].columns]
        for column in missing:
            problems.add(f"table {name}", "the column is missing", "see workflow/README.md", column=column)
        if "feature" not in missing:
            _once(tables[name], f"table {name}", "feature", problems)
    if not complete:
        return problems
    _once(claims, "claims", "claim_id", problems)
    _once(features, "features", "feature", problems)
    _vocabulary(claims, "claims", "direction", DIRECTIONS, problems)
    _vocabulary(claims, "claims", "negated", BOOLEANS, problems, lower=True)
    _vocabulary(members, "members", "direction_rule", RULES, problems)
    _vocabulary(members, "members", "expected_sign", MEMBER_SIGNS, problems)
    for row, value in enumerate(claims["testability"], start=1):
        head, _, reason = str(value).partition(":")
        if not (value in ("direct", "weak") or (head == NOT_TESTABLE and reason)):
            fix = f"write direct, weak or {NOT_TESTABLE}:<reason>"
            problems.add("claims", "not a testability", fix, row=row, column="testability", value=value)
    # No claim speaks of tissue outside the curated levels: all are then out of scope.
    known = {*levels["level"], "other"}
    if record["tissue"]["level"] not in known:
        fix = did_you_mean(record["tissue"]["level"], known) or f"use one of {', '.join(sorted(known))}"
        problems.add("study", "an unknown tissue level", fix, column="tissue.level", value=record["tissue"]["level"])
    return problems


def _once(table: pd.DataFrame, name: str, column: str, problems: Problems) -> None:
    repeated = table[column].duplicated()
    for row in repeated.to_numpy().nonzero()[0][:5]:
        value = table[column].iloc[row]
        problems.add(name, "the identifier stands there twice", "keep one row", row=row + 1, column=column, value=value)


def _vocabulary(
    table: pd.DataFrame,
    name: str,
    column: str,
    allowed: Mapping[str, Any] | tuple[str, ...],
    problems: Problems,
    lower: bool = False,
) -> None:
    values = as_text(table[[column]])[column]
    values = values.str.lower() if lower else values
    for row in (~values.isin(list(allowed))).to_numpy().nonzero()[0]:
        value = values.iloc[row]
        fix = "write the ASCII hyphen - for a minus" if value == "\N{MINUS SIGN}" else f"use one of {_shown(allowed)}"
        problems.add(name, "a value outside the vocabulary", fix, row=int(row) + 1, column=column, value=value)


def _shown(allowed: Mapping[str, Any] | tuple[str, ...]) -> str:
    return ", ".join(word for word in allowed if word)
