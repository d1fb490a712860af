"""The facts of a synthesis in one place: which studies were pooled, which not and why, and what was counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from acuomics.synthesis.vocabulary import FACTS_VERSION, POOL_KEY


def facts_of(
    records: Sequence[Mapping[str, Any]],
    traits: Sequence[Mapping[str, Any]],
    tables: Mapping[str, pd.DataFrame],
    effects: pd.DataFrame,
    losses: Sequence[Mapping[str, Any]],
    orthologues: Mapping[str, Any],
    warnings: Sequence[str],
) -> dict[str, Any]:
    """The content of ``synthesis.json`` (see `acuomics.synthesis.vocabulary`) but for the settings.

    Parameters
    ----------
    records, traits : sequences of mapping
        All studies, and all scored contrasts.
    tables : mapping
        The tables that are written, by name.
    effects : DataFrame
        The effects of all genes.
    losses : sequence of mapping
        Of `acuomics.synthesis.effects.effects_of`.
    orthologues : mapping
        Of `acuomics.synthesis.sensitivity.pool_across_species`.
    warnings : sequence of str
    """
    pooled = tables["pooled"]
    claims = pooled[(pooled["unit"] == "claim") & (pooled["analysis"] == "main")]
    by_family = {
        str(family): dict(sorted(Counter(words).items()))
        for family, words in claims["conclusion"].groupby(claims["family"], sort=True)
    }
    return {
        "version": FACTS_VERSION,
        "studies": [_study(record, traits) for record in records],
        "pools": _pools(traits, pooled, effects),
        "orthologues": dict(orthologues),
        "conclusions": by_family,
        "counts": {name: len(table) for name, table in tables.items()} | {"all_effects": len(effects)},
        "losses": [dict(row) for row in losses],
        "warnings": list(warnings),
    }


def _study(record: Mapping[str, Any], traits: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    own = [row for row in traits if row["study"] == record["study"]]
    taken = [row["pool"] for row in own if row["taken"]]
    reason = ""
    if record["kind"] == "claims_only":
        reason = "no data: its claims stand apart from all estimates"
    elif record["kind"] == "statistics":
        reason = "deposited statistics have no standard errors, so that no effect of them is pooled"
    elif record["kind"] == "cells":
        reason = "its cell types are studies of their own"
    elif not own:
        reason = "no contrast sets the treatment against the model or sham"
    elif not taken:
        reason = "; ".join(dict.fromkeys(str(row["why_taken"]) for row in own))
    return {
        "study": record["study"],
        "family": "simulated" if record["simulated"] else "real",
        "kind": record["kind"],
        "pools": taken,
        "reason": reason,
    }


def _pools(traits: Sequence[Mapping[str, Any]], pooled: pd.DataFrame, effects: pd.DataFrame) -> list[dict[str, Any]]:
    """A row a pool, by name; a pool of one study says that nothing was pooled."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in traits:
        if row["taken"]:
            found.setdefault(row["pool"], []).append(row)
    rows = []
    genes = pooled[(pooled["unit"] == "gene") & (pooled["analysis"] == "main")]
    for pool, members in sorted(found.items()):
        own = genes[genes["pool"] == pool]
        first = members[0]
        rows.append(
            {
                "pool": pool,
                "name": ", ".join(str(first[name]) for name in POOL_KEY),
                "key": {name: first[name] for name in POOL_KEY},
                "studies": [row["study"] for row in members],
                "contrasts": [row["contrast"] for row in members],
                "k": len(members),
                "status": "pooled" if len(members) > 1 else "one_study",
                "n_genes": int(
                    effects.loc[(effects["pool"] == pool) & effects["in_pool"].astype(bool), "identifier"].nunique()
                ),
                "n_pooled": len(own),
                "n_supported": int((own["conclusion"] == "supported").sum()),
                "n_in_some_studies": int((own["conclusion"] == "in_some_studies").sum()),
            }
        )
    return rows
