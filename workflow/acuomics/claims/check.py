"""Refuses claims and tables that no verdict can be read from, all faults at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from acuomics.catalogue.claims import COLUMNS, DIRECTIONS, KINDS, RESOLVED, STATUSES
from acuomics.claims.vocabulary import FEATURE_KINDS
from acuomics.inputs.words import did_you_mean
from acuomics.problems import Problems

MODEL_COLUMNS = ("feature", "base_mean", "log2fc", "log2fc_se", "stat", "p", "q", "status")
STATISTICS_COLUMNS = ("feature", "mimat", "log2fc", "p", "q")
PAIR_COLUMNS = (
    *("feature", "log2fc_model", "se_model", "p_model", "log2fc_treatment", "se_treatment", "p_treatment"),
    *("p_reversal", "q_reversal", "nominal_venn"),
)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def check_claims(study: str, claims: Sequence[Mapping[str, Any]], problems: Problems) -> None:
    """Check the claims of a study record.

    Parameters
    ----------
    study : str
        Its name.
    claims : sequence of mapping
        With the keys `COLUMNS`; text or None.
    problems : Problems
        Takes missing keys, repeated claims, words outside their vocabulary, numbers that are none, an effect against
        its direction, and a count claim without a count.
    """
    file = f"claims of study {study}"
    seen = Counter(claim.get("claim") for claim in claims)
    for claim in claims:
        name = claim.get("claim")
        absent = [key for key in COLUMNS if key not in claim]
        for key in absent:
            problems.add(file, "the claim lacks this key", "write the column; NA where unknown", row=name, column=key)
        if absent:
            continue
        if seen[name] > 1:
            problems.add(file, "the claim stands there twice", "give every claim its own name", row=name)
            seen[name] = 1
        for key, words, optional in (
            ("kind", tuple(KINDS), False),
            ("name_status", STATUSES, False),
            ("direction", DIRECTIONS, True),
        ):
            if claim[key] not in words and not (optional and claim[key] is None):
                fix = f"{did_you_mean(str(claim[key]), words)} write one of {', '.join(words)}".strip()
                problems.add(file, f"not a {key} of claims", fix, row=name, column=key, value=claim[key])
        _check_numbers(file, claim, problems)


def _check_numbers(file: str, claim: Mapping[str, Any], problems: Problems) -> None:
    name, effect, count = claim["claim"], claim["effect_log2fc"], claim["count"]
    if effect is not None and not _NUMBER.fullmatch(str(effect)):
        fix = "write a log2 fold change, or NA"
        problems.add(file, "not a number", fix, row=name, column="effect_log2fc", value=effect)
    elif effect is not None and float(effect) * {"up": 1, "down": -1}.get(str(claim["direction"]), 0) < 0:
        fix = "mend the effect or the direction: up is positive, in the contrast named"
        problems.add(
            file, f"the effect is against {claim['direction']!r}", fix, row=name, column="effect_log2fc", value=effect
        )
    if count is not None and not re.fullmatch(r"\d+", str(count)):
        problems.add(file, "not a whole number", "write digits, or NA", row=name, column="count", value=count)
    if claim["kind"] == "count" and count is None:
        problems.add(file, "a claim of kind count without its number", "write it", row=name, column="count")
    if claim["kind"] in FEATURE_KINDS and claim["name_status"] in RESOLVED and not claim["feature"]:
        fix = "write the MIMAT accession or the NCBI Gene id, or the name_status unresolved"
        problems.add(file, "a resolved name without its identifier", fix, row=name, column="feature")


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
