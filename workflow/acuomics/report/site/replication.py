"""The replication matrix: curated claims by studies, with the word that each study ends in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from acuomics.files import read_tsv
from acuomics.report.site.safe import anchor

PATH = "results/synthesis/replication.tsv"
# Words that say something of a claim; a row in which no study has one is not in the matrix, only in its file.
TELLING = ("mixed", "concordant", "discordant", "no_change_supported", "two_sided_change", "conflicted_claim")
ALSO = ("inconclusive", "no_power")
# The index carries this many claims at most; the file has all.
MOST_CLAIMS = 80
TEXT = (
    "claim_id",
    "mechanism",
    "assertion",
    "claim_level",
    "direction",
    "study",
    "family",
    "verdict",
    "reason",
    "genes",
)


def describe_replication(path: str | Path) -> dict[str, Any] | None:
    """Gather the matrix.

    Parameters
    ----------
    path : path
        ``results/synthesis/replication.tsv``: a row a claim, study and scored contrast; ``chosen`` marks the row that
        stands for a study.

    Returns
    -------
    dict or None
        ``studies`` (columns), ``rows`` (``claim, href, what, level, cells``; a cell is ``word, why`` or None),
        ``n_total`` and ``path``; None where the file is not there.
    """
    if not Path(path).is_file():
        return None
    table = read_tsv(path, dtype=dict.fromkeys(TEXT, str))
    table = table.assign(**{name: table[name].fillna("") for name in TEXT if name in table})
    if "chosen" in table:
        table = table[table["chosen"].astype(str).str.lower().isin(("true", "1"))]
    studies = [str(name) for name in pd.unique(table["study"])]
    total = int(table["claim_id"].nunique())
    scores = {}
    for claim, rows in table.groupby("claim_id", sort=False):
        words = rows["verdict"].str.split(":").str[0]
        scores[claim] = (int(words.isin(TELLING).sum()), int(words.isin(ALSO).sum()))
    told = [claim for claim, score in scores.items() if any(score)]
    told.sort(key=lambda claim: (*(-n for n in scores[claim]), claim))
    matrix = [_row(table[table["claim_id"] == claim], studies) for claim in told[:MOST_CLAIMS]]
    return {"studies": studies, "rows": matrix, "n_total": total, "path": PATH}


def _row(rows: pd.DataFrame, studies: list[str]) -> dict[str, Any]:
    first = rows.iloc[0]
    cells = {}
    for row in rows.to_dict("records"):
        genes = f" ({row['genes']})" if row.get("genes") else ""
        cells[row["study"]] = {"word": row["verdict"].partition(":")[0], "why": f"{row['reason']}{genes}"}
    level = str(first["claim_level"]).partition("|")[0]
    return {
        "claim": str(first["claim_id"]),
        "href": f"levels/{anchor(level)}.html#{anchor(str(first['claim_id']))}",
        "what": str(first["assertion"]),
        "level": level,
        "cells": [cells.get(name) for name in studies],
    }
