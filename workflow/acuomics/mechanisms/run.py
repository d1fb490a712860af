"""The mechanism stage of one study and of a whole run: read, judge or test, write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from acuomics.de.offsets import offsets_of
from acuomics.designs import contrast_vector, design_of
from acuomics.files import read_json, read_parquet, read_tsv, write_tsv
from acuomics.mechanisms.annotate import read_contrast_tables, read_features
from acuomics.mechanisms.curated import CuratedSet, claims_with_parts, load_set
from acuomics.mechanisms.settests.model import fit_contrasts, weighted_model
from acuomics.mechanisms.settests.table import COLUMNS as SET_COLUMNS
from acuomics.mechanisms.settests.table import set_tests
from acuomics.mechanisms.settests.ulm import ulm_sensitivity
from acuomics.mechanisms.superfamilies import read_superfamilies, superfamilies_of
from acuomics.mechanisms.verdicts.conclude import conclude
from acuomics.mechanisms.verdicts.judge import judge_claims
from acuomics.mechanisms.verdicts.summary import SUMMARY_COLUMNS, summarise
from acuomics.mechanisms.verdicts.vocabulary import VERDICT_COLUMNS, Settings
from acuomics.problems import Problems


def judge_study(
    *, record: str, features: str, tables: str, curated: Sequence[str], settings: Mapping[str, Any], verdicts: str
) -> None:
    """Judge every claim by one study; its q values are of the study alone until `conclude_run`."""
    chosen = load_set(Path(curated[0]).parent)
    judged, _ = judge_claims(
        claims_with_parts(chosen),
        chosen.members,
        chosen.mirnas[chosen.mirnas["use"] == "claim"],
        chosen.levels,
        read_json(record),
        read_features(features),
        read_contrast_tables(tables),
        Settings(**settings),
    )
    write_tsv(judged, verdicts)


def conclude_run(
    studies: Sequence[str],
    simulated: Sequence[bool],
    *,
    curated: Sequence[str],
    settings: Mapping[str, Any],
    verdicts: str,
    mechanisms: str,
) -> None:
    """Make one family of all claims of all studies; simulated studies are a family of their own.

    Parameters
    ----------
    studies : sequence of path
        Verdict tables of the studies.
    simulated : sequence of bool
        Which of them are simulated: a planted effect must not lend rank to a real one.
    curated : sequence of path
        Files of the curated set (one folder), whose version and hash every row carries.
    settings : mapping
    verdicts, mechanisms : path
        Written: one row a claim, contrast and gene; one row a study and mechanism with counts of verdicts.
    """
    name = load_set(Path(curated[0]).parent).name
    chosen = Settings(**settings)
    read = [read_verdicts(path) for path in studies]
    parts = []
    for kind in (False, True):
        group = [table for table, is_simulated in zip(read, simulated, strict=True) if is_simulated is kind]
        if group:
            parts.append(conclude(pd.concat(group, ignore_index=True), chosen))
    judged = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(VERDICT_COLUMNS))
    counts = [summarise(part).assign(study=study) for study, part in judged.groupby("study", sort=False)]
    order = ["study", *SUMMARY_COLUMNS]
    table = pd.concat(counts, ignore_index=True) if counts else pd.DataFrame(columns=order)
    write_tsv(judged.assign(mechanism_set=name), verdicts)
    write_tsv(table[order].assign(mechanism_set=name), mechanisms)


def read_verdicts(path: str | Path) -> pd.DataFrame:
    """A verdict table as `judge_claims` gave it."""
    words = [name for name in VERDICT_COLUMNS if name not in NUMBERS and name not in FLAGS]
    table = read_tsv(path, dtype=dict.fromkeys(words, str))
    return table.fillna(dict.fromkeys(words, "")).astype(dict.fromkeys(FLAGS, bool))


NUMBERS = (
    *("log2fc", "ci_low", "ci_high", "p_one_sided", "p_opposite", "p_two_sided", "p_equivalence"),
    *("q_family", "q_opposite", "q_equivalence", "q_genome_wide", "detectable_log2fc"),
)
FLAGS = ("scored", "circular")
SENSITIVITY = "sensitivity_ulm_p"
TABLE_COLUMNS = (*SET_COLUMNS, "claim", "in_scope", "absent", SENSITIVITY, "mechanism_set")


def run_set_tests(
    *,
    record: str,
    counts: str,
    features: str,
    fit: str,
    curated: Sequence[str],
    families: str,
    sensitivity: bool,
    settests: str,
    lengths: str | None = None,
) -> None:
    """Test the super-families in every contrast of one study (miRNA studies have no genes, and get an empty table)."""
    study = read_json(record)
    chosen = load_set(Path(curated[0]).parent)
    sets = families_of(study, chosen, families, features)
    if study["assay"] != "mrna":
        write_tsv(pd.DataFrame(columns=list(TABLE_COLUMNS)), settests)
        return
    samples = [sample["sample"] for sample in study["samples"]]
    frame = read_parquet(counts)
    matrix = frame[samples].to_numpy(dtype=float).T
    offsets = offsets_of(study["study"], frame, read_parquet(lengths) if lengths else None, samples)
    if offsets is not None:
        # voom takes no offsets; counts at the gene's mean length, as tximport's lengthScaledTPM are, say the same.
        matrix = matrix / offsets.relative
    size_factors = pd.Series(read_json(fit)["size_factors"])[samples].to_numpy()
    design = design_of(study)
    model = weighted_model(matrix, design.matrix, size_factors)
    fits = fit_contrasts(model, {c["contrast"]: contrast_vector(design, c) for c in study["contrasts"]})
    gene_sets = {name: family.gene_set for name, family in sets.items()}
    table = set_tests(model, fits, gene_sets)
    table["claim"] = [_claim(sets[name].two_sided) for name in table["set"]]
    table["in_scope"] = [sets[name].in_scope for name in table["set"]]
    table["absent"] = ["|".join(sets[name].absent) for name in table["set"]]
    beside = ulm_sensitivity(model, fits, gene_sets).table if sensitivity else None
    table[SENSITIVITY] = np.nan
    if beside is not None:
        keyed = beside.set_index(["contrast", "set"])[SENSITIVITY]
        table[SENSITIVITY] = [keyed.get((c, s), np.nan) for c, s in zip(table["contrast"], table["set"], strict=True)]
    write_tsv(table.assign(mechanism_set=chosen.name)[list(TABLE_COLUMNS)], settests)


def _claim(two_sided: bool) -> str:
    return "change in either direction: read p_fry_mixed" if two_sided else "change along the signs: read p_fry"


def families_of(study: Mapping[str, Any], curated: CuratedSet, families: str, features: str) -> dict[str, Any]:
    """The super-families of one study."""
    problems = Problems()
    table = read_superfamilies(families, curated, problems)
    problems.raise_if_any()
    genes = read_features(features)["ncbi_gene"].tolist()
    return superfamilies_of(table, curated, study["taxon"], study["tissue"]["level"], genes)
