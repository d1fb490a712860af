"""Judges the curated claims by one study: the entrance of this package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from acuomics.mechanisms.verdicts.check import OPTIONAL_CLAIM_COLUMNS, as_text, check_inputs
from acuomics.mechanisms.verdicts.conclude import conclude
from acuomics.mechanisms.verdicts.measure import measure_claims
from acuomics.mechanisms.verdicts.summary import summarise
from acuomics.mechanisms.verdicts.vocabulary import Settings


def judge_claims(
    claims: pd.DataFrame,
    members: pd.DataFrame,
    mirnas: pd.DataFrame,
    levels: pd.DataFrame,
    record: Mapping[str, Any],
    features: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    settings: Settings | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give every claim its verdict in every contrast of a study.

    The rules in order: testability (of the claim; its members; soma rule; platform), expression, tissue level,
    contrast, power, concordance, equivalence, conflict, circularity. A row stops at the first that decides it.
    "Not significant" is ``inconclusive`` or ``no_power``; absence of a change is a verdict only where the two
    one-sided tests of equivalence (Schuirmann 1987) show it.

    Parameters
    ----------
    claims, members, mirnas, levels : DataFrame
        The curated tables.
    record : mapping
        The study record (``catalogue/study.json``). ``frequency_hz``, where it is given, closes claims about other
        frequencies.
    features : DataFrame
        ``intake/features.tsv``.
    tables : mapping of str to DataFrame
        Contrast to its table of the `de` stage.
    settings : Settings, optional

    Returns
    -------
    verdicts : DataFrame
        `VERDICT_COLUMNS`: a row a claim and contrast, or a row for each gene where a claim has several (see
        `units_of`); the genes of a claim are never combined. To judge several studies as one family, stack their
        tables and call `conclude`.
    mechanisms : DataFrame
        `SUMMARY_COLUMNS`: counts of verdicts, a row a mechanism.

    Raises
    ------
    InputError
        With all faults: missing columns and tables, repeated identifiers, words outside their vocabulary.
    """
    settings = settings or Settings()
    check_inputs(claims, members, mirnas, levels, record, features, tables).raise_if_any()
    claims, members, mirnas, levels = (as_text(table) for table in (claims, members, mirnas, levels))
    for column in OPTIONAL_CLAIM_COLUMNS:
        if column not in claims.columns:
            claims[column] = ""
    rows = measure_claims(claims, members, mirnas, levels, record, features, tables, settings)
    verdicts = conclude(rows, settings)
    order = {claim: i for i, claim in enumerate(claims["claim_id"])}
    contrasts = {contrast["contrast"]: i for i, contrast in enumerate(record["contrasts"])}
    key = pd.DataFrame({"claim": verdicts["claim_id"].map(order), "contrast": verdicts["contrast"].map(contrasts)})
    verdicts = verdicts.loc[key.sort_values(["claim", "contrast"], kind="stable").index].reset_index(drop=True)
    return verdicts, summarise(verdicts)
