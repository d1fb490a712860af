"""The synthesis of a run: read what every study left, pool what is alike, hold claims against all, write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from acuomics.files import write_json, write_parquet, write_tsv
from acuomics.mechanisms.curated import load_set
from acuomics.mechanisms.run import read_verdicts
from acuomics.mechanisms.verdicts.vocabulary import Settings as ClaimSettings
from acuomics.problems import Problems
from acuomics.synthesis.alike import as_warnings, read_endpoints, read_roles, traits_of
from acuomics.synthesis.claim_tests import adjust_claims, claim_tests
from acuomics.synthesis.effects import choose_contrasts, effects_of
from acuomics.synthesis.elsewhere import count_found, look_elsewhere
from acuomics.synthesis.leave_out import left_out_rows
from acuomics.synthesis.moderators import moderator_table
from acuomics.synthesis.pool import pool_claims, pool_genes
from acuomics.synthesis.read import Results, read_own_verdicts, read_records, read_results, read_sources
from acuomics.synthesis.replication import count_words, replication_matrix
from acuomics.synthesis.reporting import reporting_table
from acuomics.synthesis.sensitivity import pool_across_species
from acuomics.synthesis.summary import facts_of
from acuomics.synthesis.vocabulary import (
    EFFECT_COLUMNS,
    FILES,
    LEAVE_ONE_OUT_COLUMNS,
    POOLED_COLUMNS,
    Settings,
)


def run_synthesis(
    *,
    records: Sequence[str],
    results: str,
    reversals: Sequence[str],
    verdicts: str,
    published: Mapping[str, str],
    curated: Sequence[str],
    catalogue: str,
    endpoints: str,
    roles: str,
    orthologues: str | None,
    pins: str,
    settings: Mapping[str, Any],
    claim_settings: Mapping[str, Any],
    into: str,
) -> None:
    """Make all files of ``results/synthesis/``.

    Parameters
    ----------
    records : sequence of path
        ``catalogue/study.json`` of all studies of the run, in its order.
    results : path
        The folder that holds a folder a study.
    reversals : sequence of path
        Tables and summaries of all reversal pairs.
    verdicts : path
        ``results/mechanisms/verdicts.tsv``.
    published : mapping
        Study to its ``claims/verdicts.tsv``.
    curated : sequence of path
        Files of the curated set, in one folder.
    catalogue : path
        The folder of the published studies.
    endpoints, roles : path
        Tables of ``resources/synthesis``.
    orthologues : path or None
        The table for the sensitivity analysis across species.
    pins : path
        ``references.tsv``.
    settings, claim_settings : mapping
        Fields of `acuomics.synthesis.vocabulary.Settings`, and of those of the verdicts.
    into : path
        The folder that is written to.
    """
    chosen, studies = Settings(**settings), read_records(records)
    found, curated_set = read_results(studies, results, reversals), load_set(Path(curated[0]).parent)
    traits, warnings = _traits([one for one in found if one.features is not None], read_endpoints(endpoints), chosen)
    effects, losses = _effects(found, traits, chosen)
    judged = read_verdicts(verdicts)
    taken = {f"{row['study']} {row['contrast']}": row["pool"] for row in traits if row["taken"]}
    tests = claim_tests(judged, taken)
    pooled, left_out = pool_all(effects, tests, chosen)
    across, about_orthologues = pool_across_species(effects, tests, traits, studies, orthologues, pins, chosen)
    pooled = adjust_claims(pd.concat([pooled, across], ignore_index=True) if len(across) else pooled, chosen)
    effects["claims"] = _claims_of(effects, tests)
    shown = pooled[(pooled["unit"] == "gene") & (pooled["q_claim"] < chosen.rate) & (pooled["analysis"] == "main")]
    asked = (effects["claims"] != "") | _pairs(effects).isin(set(_pairs(shown)))
    matrix = replication_matrix(judged, curated_set.claims, curated_set.mechanisms, studies, traits)
    sources, catalogued = read_sources(catalogue, studies)
    with_data = {one.study for one in found}
    own = read_own_verdicts({study: path for study, path in published.items() if study in with_data})
    elsewhere = look_elsewhere(
        sources, [one.place() for one in found], read_roles(roles), own, ClaimSettings(**claim_settings)
    )
    tables = {
        "effects": effects[asked.to_numpy()],
        "pooled": pooled,
        "leave_one_out": left_out,
        "replication": matrix,
        "published_elsewhere": elsewhere,
        "reporting": reporting_table(catalogued),
        "moderators": moderator_table(traits, chosen),
    }
    facts = facts_of(studies, traits, tables, effects, losses, about_orthologues, warnings)
    facts |= {"settings": asdict(chosen), "mechanism_set": curated_set.name}
    facts |= {"replication": count_words(matrix), "elsewhere": count_found(elsewhere)}
    for name, table in tables.items():
        write_tsv(table, Path(into) / FILES[name])
    write_parquet(effects, Path(into) / FILES["all_effects"])
    write_json(facts, Path(into) / FILES["facts"])


def pool_all(effects: pd.DataFrame, tests: pd.DataFrame, settings: Settings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pool genes and claims of every pool, and leave each study out in turn; q values of claims are not made yet."""
    pooled: list[pd.DataFrame] = []
    left_out: list[pd.DataFrame] = []
    for pool, part in effects[effects["in_pool"].astype(bool)].groupby("pool", sort=True):
        own = tests[tests["pool"] == pool]
        rows = [table for table in (pool_genes(part, settings), pool_claims(part, own, settings)) if len(table)]
        if rows:
            pooled.append(pd.concat(rows, ignore_index=True) if len(rows) > 1 else rows[0])
            left_out.append(left_out_rows(part, own, pooled[-1], settings))
    return _stack(pooled, POOLED_COLUMNS), _stack([t for t in left_out if len(t)], LEAVE_ONE_OUT_COLUMNS)


def _traits(
    found: Sequence[Results], endpoints: Mapping[str, str], settings: Settings
) -> tuple[list[dict[str, Any]], list[str]]:
    problems = Problems()
    rows = [row for one in found for row in traits_of(one.record, one.read_summary(), endpoints, settings, problems)]
    return choose_contrasts(rows, {one.study: one.record for one in found}), as_warnings(problems)


def _effects(
    found: Sequence[Results], traits: Sequence[Mapping[str, Any]], settings: Settings
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """The effects of all scored contrasts, and what was lost on the way; faults of all studies at once."""
    by_study = {one.study: one for one in found}
    features = {name: by_study[name].read_features() for name in dict.fromkeys(row["study"] for row in traits)}
    parts, losses = [], []
    for row in traits:
        table = by_study[row["study"]].read_table(row["contrast"])
        part, lost = effects_of(row, table, features[row["study"]], settings.level)
        parts.append(part)
        losses.append(lost)
    return _stack([part for part in parts if len(part)], EFFECT_COLUMNS), losses


def _claims_of(effects: pd.DataFrame, tests: pd.DataFrame) -> list[str]:
    """The claims that test each effect's gene anywhere in its study."""
    named: dict[tuple[str, str], list[str]] = {}
    for study, identifier, claim in sorted(
        set(zip(tests["study"], tests["identifier"], tests["claim_id"], strict=True))
    ):
        named.setdefault((study, identifier), []).append(claim)
    return [
        "|".join(named.get((study, identifier), ()))
        for study, identifier in zip(effects["study"], effects["identifier"], strict=True)
    ]


def _pairs(table: pd.DataFrame) -> pd.Series[Any]:
    return table["pool"].astype(str) + "\x1f" + table["identifier"].astype(str)


def _stack(parts: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True)[list(columns)] if parts else pd.DataFrame(columns=list(columns))
