"""The sensitivity analysis across species: the same pools without the species, genes joined through orthologues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from acuomics.synthesis.alike import pool_name
from acuomics.synthesis.orthologues import NO_TABLE, across_species, describe_table, read_orthologues
from acuomics.synthesis.pool import pool_claims, pool_genes
from acuomics.synthesis.vocabulary import POOL_KEY, POOLED_COLUMNS, Settings

ANALYSIS = "across_species"
_KEY = tuple(name for name in POOL_KEY if name != "species")


def pool_across_species(
    effects: pd.DataFrame,
    tests: pd.DataFrame,
    traits: Sequence[Mapping[str, Any]],
    records: Sequence[Mapping[str, Any]],
    table: str | None,
    pins: str,
    settings: Settings,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Pool the taken contrasts of genes again, this time over species.

    Parameters
    ----------
    effects, tests : DataFrame
        As for `acuomics.synthesis.pool`.
    traits : sequence of mapping
        All scored contrasts.
    records : sequence of mapping
        All studies of the run.
    table : path or None
        The table of orthologues.
    pins : path
        ``references.tsv``.
    settings : Settings

    Returns
    -------
    pooled : DataFrame
        `POOLED_COLUMNS` with analysis ``across_species``; the pool is named by its key without the species. Empty
        without a table, and where no pool has two species.
    facts : dict
        ``available, reason``, and of a table that is there what it is and what was joined. miRNAs are not joined: the
        table has genes.
    """
    if not table:
        return pd.DataFrame(columns=list(POOLED_COLUMNS)), {"available": False, "reason": NO_TABLE}
    pairs, counts = read_orthologues(table, settings)
    facts = describe_table(table, pins, counts)
    merged = {
        (row["study"], row["contrast"]): pool_name(row, _KEY)
        for row in traits
        if row["taken"] and row["assay"] == "mrna"
    }
    species = {row["study"]: row["species"] for row in traits}
    pools: dict[str, list[tuple[str, str]]] = {}
    for key, pool in merged.items():
        pools.setdefault(pool, []).append(key)
    wanted = {pool: keys for pool, keys in pools.items() if len({species[study] for study, _ in keys}) > 1}
    if not wanted:
        facts["reason"] = "no two species have studies that are alike otherwise"
        return pd.DataFrame(columns=list(POOLED_COLUMNS)), facts
    taxa = {record["study"]: int(record["taxon"]) for record in records}
    parts, joined = [], []
    place = pd.Series(list(zip(effects["study"], effects["contrast"], strict=True)), index=effects.index)
    for pool, keys in sorted(wanted.items()):
        part, losses = across_species(effects[place.isin(keys)], taxa, pairs)
        joined.append({"pool": pool, **losses})
        part = part.assign(pool=pool)
        own = _tests_of(tests, part, [study for study, _ in keys], taxa, pairs)
        many = set(part.loc[part["one_to_many"].astype(bool), "identifier"])
        for rows in (pool_genes(part, settings, ANALYSIS), pool_claims(part, own, settings, ANALYSIS)):
            if len(rows):
                parts.append(rows.assign(one_to_many=rows["identifier"].isin(many)))
    facts["joined"] = joined
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(POOLED_COLUMNS)), facts


def _tests_of(
    tests: pd.DataFrame, part: pd.DataFrame, studies: Sequence[str], taxa: Mapping[str, int], pairs: pd.DataFrame
) -> pd.DataFrame:
    """The tests of claims of these studies, by the groups of their genes."""
    group = dict(zip(zip(pairs["taxon"], pairs["identifier"], strict=True), pairs["group"], strict=True))
    own = tests[tests["study"].isin(studies)]
    found = [
        identifier if taxa[study] == 9606 else group.get((str(taxa[study]), identifier), "")
        for study, identifier in zip(own["study"], own["identifier"], strict=True)
    ]
    return own.assign(identifier=found, pool=part["pool"].iloc[0])[[name != "" for name in found]]
