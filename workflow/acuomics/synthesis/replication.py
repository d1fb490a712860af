"""The replication matrix: every curated claim in every study, with the word that its genes say together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from acuomics.mechanisms.verdicts.vocabulary import NOT_TESTABLE, SCORED_ROLES
from acuomics.synthesis.vocabulary import MATRIX_ORDER, REPLICATION_COLUMNS

#: What is read of a row of the verdict table.
_READ = ("claim_id", "study", "contrast", "identifier", "symbol", "test", "verdict", "circular", "reason")
#: Word of a study of which nothing was counted.
NO_DATA = "no_data"
#: The comparison with the model comes before that with sham: more studies have it.
_ROLE_ORDER = {role: at for at, role in enumerate(SCORED_ROLES)}


def replication_matrix(
    verdicts: pd.DataFrame,
    claims: pd.DataFrame,
    mechanisms: pd.DataFrame,
    records: Sequence[Mapping[str, Any]],
    traits: Sequence[Mapping[str, Any]],
) -> pd.DataFrame:
    """Hold every curated claim against every study of the run.

    Parameters
    ----------
    verdicts : DataFrame
        ``results/mechanisms/verdicts.tsv``.
    claims, mechanisms : DataFrame
        The curated tables.
    records : sequence of mapping
        The records of all studies of the run.
    traits : sequence of mapping
        The scored contrasts (`acuomics.synthesis.effects.choose_contrasts`).

    Returns
    -------
    DataFrame
        `REPLICATION_COLUMNS`, claims in the order of the set, then studies in the order of `records`: a row a scored
        contrast, or one row with empty `contrast` where the study has none.
    """
    cells: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    scored = verdicts.loc[verdicts["contrast_role"].isin(SCORED_ROLES), list(_READ)]
    for values in scored.itertuples(index=False, name=None):
        said = dict(zip(_READ, values, strict=True))
        cells.setdefault((said["claim_id"], said["study"], said["contrast"]), []).append(said)
    contrasts: dict[str, list[Mapping[str, Any]]] = {}
    for row in traits:
        contrasts.setdefault(row["study"], []).append(row)
    names = dict(zip(mechanisms["mechanism_id"], mechanisms["name"], strict=True))
    rows: list[dict[str, Any]] = []
    for claim in claims.to_dict("records"):
        words = str(claim["mechanism_id"]).split("|")
        head = {
            **{key: claim[key] for key in ("claim_id", "mechanism_id", "assertion", "direction", "conflict_group")},
            "mechanism": "|".join(names.get(word, "") for word in words),
            "claim_level": claim["level"],
        }
        for record in records:
            where = head | _of_study(record)
            own = sorted(contrasts.get(record["study"], []), key=lambda r: _ROLE_ORDER[r["role"]])
            if not own:
                rows.append(where | _without(record))
            for at, contrast in enumerate(own):
                cell = cells.get((claim["claim_id"], record["study"], contrast["contrast"]))
                word = _nothing("the claim has no row for this contrast") if cell is None else cell_of(cell)
                named = {"contrast": contrast["contrast"], "role": contrast["role"], "chosen": at == 0}
                rows.append(where | named | word)
    return pd.DataFrame(rows, columns=list(REPLICATION_COLUMNS))


def cell_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the genes of one claim say in one contrast: the most telling word of `MATRIX_ORDER`, and how many say what.

    A claim that was made from the study is told by its word too, and flagged: it counts for nothing.
    """
    words = [str(row["verdict"]) for row in rows]
    found = Counter(word.partition(":")[0] for word in words)
    if found["concordant"] and found["discordant"]:
        verdict = "mixed"
    else:
        verdict = next(word for word in MATRIX_ORDER if found[word])
    if verdict == NOT_TESTABLE:
        verdict = sorted(word for word in words if word.startswith(NOT_TESTABLE))[0]
    head = "concordant" if verdict == "mixed" else verdict.partition(":")[0]
    telling = next(row for row, word in zip(rows, words, strict=True) if word.partition(":")[0] == head)
    return {
        "verdict": verdict,
        "n_genes": sum(row["identifier"] != "" for row in rows),
        "n_tested": sum(row["test"] != "" for row in rows),
        "n_concordant": found["concordant"],
        "n_discordant": found["discordant"],
        "n_no_change": found["no_change_supported"],
        "circular": any(row["circular"] for row in rows),
        "genes": "; ".join(f"{row['symbol']}: {row['verdict']}" for row in rows if row["symbol"]),
        "reason": str(telling["reason"]),
    }


def count_words(matrix: pd.DataFrame) -> dict[str, dict[str, int]]:
    """How often each word stands in the shown cells, by family."""
    shown = matrix[matrix["chosen"].astype(bool)]
    heads = shown["verdict"].str.partition(":")[0]
    return {
        str(family): dict(sorted(Counter(part).items())) for family, part in heads.groupby(shown["family"], sort=True)
    }


def _of_study(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "study": record["study"],
        "family": "simulated" if record["simulated"] else "real",
        "kind": record["kind"],
        "species": record["species"],
        "assay": record["assay"],
        "study_level": record["tissue"]["level"],
    }


_WHY_NOTHING: Mapping[str, str] = {
    "claims_only": "nobody has deposited data of this study",
    "cells": "its cell types are studies of their own",
    "statistics": "the study deposited a table of statistics, and no counts that a claim could be tested on",
}


def _without(record: Mapping[str, Any]) -> dict[str, Any]:
    why = _WHY_NOTHING.get(record["kind"], "no contrast of this study sets the treatment against the model or sham")
    return {"contrast": "", "role": "", "chosen": True, **_nothing(why)}


def _nothing(why: str) -> dict[str, Any]:
    counts = dict.fromkeys(("n_genes", "n_tested", "n_concordant", "n_discordant", "n_no_change"), 0)
    return {"verdict": NO_DATA, **counts, "circular": False, "genes": "", "reason": why}
