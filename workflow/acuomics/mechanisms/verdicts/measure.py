"""Measures every claim's genes in every contrast, and closes what no test may decide: one row a test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from acuomics.designs import cells_of
from acuomics.mechanisms.verdicts.conflicts import conflicts_of
from acuomics.mechanisms.verdicts.gates import gate_rows
from acuomics.mechanisms.verdicts.scope import circular_with, frequencies, levels_of_claim
from acuomics.mechanisms.verdicts.units import units_of
from acuomics.mechanisms.verdicts.vocabulary import SCORED_ROLES, SIGNS, TESTS, Settings
from acuomics.reversal.restoration import equivalence_p

Floats = NDArray[np.float64]
ID_COLUMN: Mapping[str, str] = {"gene": "ncbi_gene", "mirna": "mimat"}


def measure_claims(
    claims: pd.DataFrame,
    members: pd.DataFrame,
    mirnas: pd.DataFrame,
    levels: pd.DataFrame,
    record: Mapping[str, Any],
    features: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    settings: Settings,
) -> pd.DataFrame:
    """Make the rows of the verdict table, without q values and without verdicts of tests.

    Parameters are those of `judge_claims`, the curated tables as text and checked.

    Returns
    -------
    DataFrame
        A row a claim, contrast and gene or miRNA. Rows with a `family` await `conclude`; the others have their
        verdict and reason.
    """
    units = units_of(claims, members, mirnas, record["taxon"])
    units = units.merge(_of_claims(claims, levels, record), on="claim_id", how="left", validate="many_to_one")
    units = _find_features(units, features, tables, record)
    sizes = _arm_sizes(record)
    parts = []
    for contrast in record["contrasts"]:
        part = units.copy()
        part["contrast"], part["contrast_role"] = contrast["contrast"], contrast["role"]
        part["contrast_text"] = f"{contrast['numerator']} against {contrast['denominator']}"
        least = settings.least_count * sizes[contrast["contrast"]] / max(len(record["samples"]), 1)
        parts.append(_measure(part, tables[contrast["contrast"]], least, settings))
    rows = pd.concat(parts, ignore_index=True) if parts else units.assign(contrast="", contrast_role="")
    rows["study"], rows["study_level"] = record["study"], record["tissue"]["level"]
    rows["assay"] = record["assay"]
    rows = gate_rows(rows, frequencies(record.get("frequency_hz")))
    speaks = rows["contrast_role"].isin(SCORED_ROLES)
    rows["scored"] = speaks & ~rows["circular"] & (rows["verdict"] == "")
    exploratory = (rows["conflict_with"] != "") | (rows["test"] == "two_sided")
    family = np.select([rows["circular"], exploratory], ["circular", "exploratory"], default="claims")
    rows["family"] = np.where(rows["verdict"] == "", family, "")
    closed = rows["family"] == ""
    for column in ("test", "p_one_sided", "p_opposite", "p_two_sided", "p_equivalence"):
        rows.loc[closed, column] = "" if column == "test" else np.nan
    return rows


def _of_claims(claims: pd.DataFrame, levels: pd.DataFrame, record: Mapping[str, Any]) -> pd.DataFrame:
    """What each claim says of this study as a whole."""
    table = claims[["claim_id", "level", "testability", "conflict_group", "frequency_hz"]].copy()
    table["claim_direction"] = claims["direction"]
    table["circular"] = [circular_with(cell, record) for cell in claims["claim_source_dataset"]]
    level = record["tissue"]["level"]
    reach = {words: level in levels_of_claim(words, levels) for words in set(claims["level"])}
    table["in_scope"] = [reach[words] for words in claims["level"]]
    table["conflict_with"] = conflicts_of(claims)
    return table


def _find_features(
    units: pd.DataFrame, features: pd.DataFrame, tables: Mapping[str, pd.DataFrame], record: Mapping[str, Any]
) -> pd.DataFrame:
    """Join by identifier, never by symbol. Of several features of one gene the one with most reads is taken."""
    usable = features[features["mapping"] != "ambiguous"]
    if record["contrasts"]:
        first = tables[record["contrasts"][0]["contrast"]]
        mean = pd.Series(first["base_mean"].to_numpy(), index=first["feature"])
        usable = usable.assign(mean=usable["feature"].map(mean).fillna(-1.0))
    else:
        usable = usable.assign(mean=0.0)
    places = []
    for kind, column in ID_COLUMN.items():
        wanted = set(units.loc[units["kind"] == kind, "identifier"])
        at = usable[usable[column].isin(wanted)]
        places.append(
            pd.DataFrame(
                {
                    "kind": kind,
                    "identifier": at[column],
                    "feature": at["feature"],
                    "label": at["symbol"],
                    "mean": at["mean"],
                }
            )
        )
    found = pd.concat(places, ignore_index=True)
    found["n_features"] = found.groupby(["kind", "identifier"])["feature"].transform("size")
    found = found.sort_values(["mean", "feature"], ascending=[False, True], kind="stable")
    found = found.drop_duplicates(["kind", "identifier"]).drop(columns="mean")
    joined = units.merge(found, on=["kind", "identifier"], how="left")
    label = joined["label"].fillna("").astype(str)
    joined["symbol"] = np.where(label != "", label, joined["symbol"])
    joined["feature"] = joined["feature"].fillna("").astype(str)
    several = joined["n_features"].fillna(0) > 1
    joined["remarks"] = [
        f"{int(n)} features carry this identifier; the one with most reads is taken" if many else ""
        for n, many in zip(joined["n_features"], several, strict=True)
    ]
    return joined.drop(columns=["label", "n_features"])


def _arm_sizes(record: Mapping[str, Any]) -> dict[str, int]:
    """Samples in the smallest arm of each contrast."""
    sizes = {}
    for contrast in record["contrasts"]:
        counts = [
            sum(all(sample[name] == value for name, value in cell.items()) for sample in record["samples"])
            for _, cell in cells_of(contrast)
        ]
        sizes[contrast["contrast"]] = min(counts)
    return sizes


def _measure(part: pd.DataFrame, table: pd.DataFrame, least_mean: float, settings: Settings) -> pd.DataFrame:
    """Add what one contrast says: estimate, interval, p values of the test that the claim asks for, power."""
    seen = table.set_index("feature").reindex(part["feature"])
    log2fc, se, stat = (seen[name].to_numpy(dtype=np.float64) for name in ("log2fc", "log2fc_se", "stat"))
    p, mean = seen["p"].to_numpy(dtype=np.float64), seen["base_mean"].to_numpy(dtype=np.float64)
    status = seen["status"].fillna("").astype(str).to_numpy()
    has_p = ~np.isnan(p)
    sign = part["claimed_direction"].map(dict(SIGNS)).to_numpy(dtype=np.float64)
    test = part["claimed_direction"].map(dict(TESTS)).fillna("")
    half = float(ndtri(0.5 + settings.confidence / 2.0)) * se
    one_sided = (test == "one_sided").to_numpy()
    # A two-sided question has to be answered at half the level on each side.
    level = np.where(one_sided, settings.alpha, settings.alpha / 2.0)
    part["log2fc"], part["ci_low"], part["ci_high"] = log2fc, log2fc - half, log2fc + half
    part["test"] = test
    part["p_one_sided"] = np.where(has_p & one_sided, ndtr(-sign * stat), np.nan)
    part["p_opposite"] = np.where(has_p & one_sided, ndtr(sign * stat), np.nan)
    part["p_two_sided"] = p
    part["p_equivalence"] = np.where(has_p, equivalence_p(log2fc, se, settings.equivalence_bound), np.nan)
    part["q_genome_wide"] = seen["q"].to_numpy(dtype=np.float64)
    part["detectable_log2fc"] = (ndtri(1.0 - level) + float(ndtri(settings.power))) * se
    part["status"] = status
    # Without a read in either arm the fold change is zero by definition, which is no measurement.
    silent = (log2fc == 0.0) & (stat == 0.0)
    part["expressed"] = (status != "all_zero") & ~silent & ~(mean < least_mean)
    part["base_mean"] = mean
    return part
