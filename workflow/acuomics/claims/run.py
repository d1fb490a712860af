"""The claims stage of one study: read what the stages above left, judge, write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from acuomics.claims.judge import judge_published
from acuomics.claims.summary import summarise_claims
from acuomics.files import read_json, read_tsv, write_json, write_tsv
from acuomics.mechanisms.annotate import read_contrast_tables, read_features
from acuomics.mechanisms.verdicts.vocabulary import Settings


def run_claims(
    *,
    record: str,
    tables: str | None,
    features: str | None,
    summary: str | None,
    reversals: Sequence[str],
    settings: Mapping[str, Any],
    verdicts: str,
    facts: str,
) -> None:
    """Judge the published claims of one study.

    Parameters
    ----------
    record : path
        ``catalogue/study.json``.
    tables : path or None
        ``de/tables`` (a folder) or ``intake/statistics.tsv``; None where no data of the study can be had.
    features : path or None
        ``intake/features.tsv``; None for deposited statistics.
    summary : path or None
        ``de/summary.tsv`` or ``intake/recount.tsv``.
    reversals : sequence of path
        ``reversal/<pair>.tsv`` and ``.json``.
    settings : mapping
        Fields of `acuomics.mechanisms.verdicts.vocabulary.Settings`.
    verdicts, facts : path
        Written: ``claims/verdicts.tsv`` and ``claims/claims.json``.
    """
    study, chosen = read_json(record), Settings(**settings)
    found: dict[str, pd.DataFrame] = {}
    measured = None if features is None else read_features(features)
    if tables is not None and Path(tables).is_dir():
        found = read_contrast_tables(tables)
    elif tables is not None:
        deposited = read_statistics(tables)
        found = {str(name): part for name, part in deposited.groupby("contrast", sort=False)}
        measured = deposited.drop_duplicates("feature")[["feature", "mimat", "ncbi_gene"]]
    judged = judge_published(
        study,
        features=measured,
        tables=found,
        summary=None if summary is None else read_tsv(summary, dtype={"contrast": str}),
        reversals=read_pairs(reversals),
        settings=chosen,
    )
    write_tsv(judged, verdicts)
    write_json(summarise_claims(study, judged, chosen), facts)


def read_statistics(path: str | Path) -> pd.DataFrame:
    """Read ``intake/statistics.tsv``; names and identifiers stay text."""
    return read_tsv(path, dtype=dict.fromkeys(("contrast", "feature", "mimat", "ncbi_gene"), str))


def read_pairs(files: Sequence[str]) -> dict[str, tuple[pd.DataFrame, dict[str, Any]]]:
    """Read the tables and summaries of reversal pairs, by pair; both files of a pair must be there."""
    by_name = {(Path(file).stem, Path(file).suffix): file for file in files}
    return {
        name: (read_tsv(by_name[name, ".tsv"], dtype={"feature": str, "symbol": str}), read_json(file))
        for (name, suffix), file in sorted(by_name.items())
        if suffix == ".json"
    }
