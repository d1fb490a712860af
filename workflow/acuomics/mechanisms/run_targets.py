"""miRNA to target to mechanism for a miRNA study and the mRNA study that goes with it: read, test, write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from acuomics.catalogue.names.mirna_table import read_mirna_names
from acuomics.files import read_json, write_json, write_tsv
from acuomics.inputs.pins import pinned
from acuomics.mechanisms.annotate import read_contrast_tables, read_features
from acuomics.mechanisms.curated import load_set
from acuomics.mechanisms.targets.enrichment import ENRICHMENT_COLUMNS, enrich
from acuomics.mechanisms.targets.methods import read_methods
from acuomics.mechanisms.targets.read import Targets, read_targets
from acuomics.mechanisms.targets.statements import STATEMENT_COLUMNS, state_one_step
from acuomics.problems import Problems

#: A gene is expressed when its mean of normalised counts reaches this; only such genes are the universe.
LEAST_MEAN = 10.0


def link_study(
    *,
    mirna: Mapping[str, str],
    mrna: Mapping[str, str],
    table: str,
    names: str,
    methods: str,
    pins: str,
    curated: Sequence[str],
    draws: int,
    rate: float,
    seed: int,
    statements: str,
    enrichment: str,
    facts: str,
) -> None:
    """Link the miRNAs of one study to their validated targets in another.

    Contrasts of the same role are set beside each other; a role that one study lacks is left out and said.

    Parameters
    ----------
    mirna, mrna : mapping
        Paths ``record, features, tables`` of the two studies.
    table, names, methods : path
        Validated targets (miRTarBase), miRBase name history, and what the words for experiments mean.
    pins : path
        Table of pinned references, which `table` and `names` are compared with.
    curated : sequence of path
        Files of the curated set.
    draws, rate, seed : number
        Random miRNA sets; false discovery rate; seed.
    statements, enrichment, facts : path
        Written: one-step statements; one row a contrast and mechanism; what was read, kept and left out.
    """
    records = {name: read_json(paths["record"]) for name, paths in (("mirna", mirna), ("mrna", mrna))}
    targets = _targets(table, names, methods)
    curated_set = load_set(Path(curated[0]).parent)
    taxon = records["mirna"]["taxon"]
    of_species = targets.of_species(taxon)
    members = curated_set.members[curated_set.members["species"] == str(taxon)]
    sets = {str(name): set(part["gene_ncbi"]) - {""} for name, part in members.groupby("mechanism_id")}
    small, genes = _tables(mirna, "mimat"), _tables(mrna, "ncbi_gene")
    roles = {
        name: {contrast["role"]: contrast["contrast"] for contrast in reversed(record["contrasts"])}
        for name, record in records.items()
    }
    parts: list[pd.DataFrame] = []
    tests: list[pd.DataFrame] = []
    read = [pinned(table, "mirtarbase_functional", pins), pinned(names, "mirbase_name_history", pins)]
    said: dict[str, Any] = {"references": read, "targets": targets.facts, "contrasts": {}}
    for role, contrast in sorted(roles["mirna"].items()):
        if role not in roles["mrna"]:
            said["contrasts"][contrast] = f"the mRNA study has no contrast of the role {role}"
            continue
        of_mirna, of_gene = small[contrast], genes[roles["mrna"][role]]
        stated = state_one_step(
            of_species,
            of_mirna,
            of_gene,
            sets,
            mirna_level=records["mirna"]["tissue"]["level"],
            gene_level=records["mrna"]["tissue"]["level"],
            rate=rate,
        )
        parts.append(stated.assign(contrast=contrast))
        expressed = of_mirna[of_mirna["base_mean"] > 0.0].set_index("mimat")["base_mean"]
        chosen = set(of_mirna.loc[of_mirna["q"] < rate, "mimat"]) & set(expressed.index)
        universe = set(of_gene.loc[of_gene["base_mean"] >= LEAST_MEAN, "ncbi_gene"])
        means = {str(mimat): float(mean) for mimat, mean in expressed.items()}
        tested = enrich(of_species, chosen, means, universe, sets, draws=draws, seed=seed, rate=rate)
        tests.append(tested.table.assign(contrast=contrast))
        said["contrasts"][contrast] = tested.facts
    name = curated_set.name
    write_tsv(_stacked(parts, STATEMENT_COLUMNS).assign(mechanism_set=name), statements)
    write_tsv(_stacked(tests, ENRICHMENT_COLUMNS).assign(mechanism_set=name), enrichment)
    write_json(said | {"mechanism_set": name}, facts)


def _targets(table: str, names: str, methods: str) -> Targets:
    problems = Problems()
    words = read_methods(methods, problems)
    history = read_mirna_names(names, problems)
    targets = read_targets(table, history, words, problems) if words is not None and history is not None else None
    problems.raise_if_any()
    if targets is None:  # a reader that gives up says why
        raise RuntimeError("the validated targets could not be read, and no reader said why")
    return targets


def _tables(paths: Mapping[str, str], key: str) -> dict[str, pd.DataFrame]:
    """Tables of the contrasts by identifier; of several features of one gene the one with most reads."""
    features = read_features(paths["features"])
    usable = features.loc[(features["mapping"] != "ambiguous") & features[key].notna(), ["feature", key]]
    result = {}
    for contrast, table in read_contrast_tables(paths["tables"]).items():
        joined = usable.merge(table[["feature", "base_mean", "log2fc", "q"]], on="feature")
        ordered = joined.sort_values(["base_mean", "feature"], ascending=[False, True], kind="stable")
        result[contrast] = ordered.drop_duplicates(key).reset_index(drop=True)
    return result


def _stacked(parts: list[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    order = ["contrast", *columns]
    return pd.concat(parts, ignore_index=True)[order] if parts else pd.DataFrame(columns=order)
