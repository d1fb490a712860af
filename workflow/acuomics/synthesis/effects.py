"""One effect a study: which contrast of it is taken for a pool, and which of its genes have an estimate that counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from acuomics.problems import Problems
from acuomics.synthesis.vocabulary import EFFECT_COLUMNS

#: Identifiers that join, best first. An invented feature of a simulated study is known by its name alone.
IDENTIFIERS = ("ncbi_gene", "mimat", "ensembl_gene")
INVENTED = "invented"

TABLE_COLUMNS = ("feature", "symbol", "base_mean", "log2fc", "log2fc_se", "p", "q", "status")
FEATURE_COLUMNS = ("feature", "mapping", *IDENTIFIERS)


def choose_contrasts(
    traits: Sequence[dict[str, Any]], records: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Say of every contrast whether it is taken into its pool (`taken`) and why (`why_taken`).

    Of several contrasts of one study in one pool the one with the most samples is taken (the first of equals): their
    arms are shared, and an arm must not count twice. Of several studies of one pool that stem from the same animals
    (one accession or paper, or the same samples of one file) the one with the most samples is taken.

    Parameters
    ----------
    traits : sequence of dict
        Rows of `acuomics.synthesis.alike.traits_of`, in the order of studies and contrasts.
    records : mapping
        Study to its record.

    Returns
    -------
    list of dict
        The same rows, in the same order, with `taken` and `why_taken`.
    """
    rows = [dict(row, taken=False, why_taken="") for row in traits]
    best: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        if not np.isfinite(row["effective_n"]):
            row["why_taken"] = "the number of samples is not known"
            continue
        kept = best.get((row["pool"], row["study"]))
        if kept is None or row["effective_n"] > kept["effective_n"]:
            best[row["pool"], row["study"]] = row
    for row in rows:
        kept = best.get((row["pool"], row["study"]))
        if kept is not None and kept is not row and not row["why_taken"]:
            row["why_taken"] = f"{kept['contrast']} of the same study is taken: they share animals"
    by_pool: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(best.values(), key=lambda r: (-r["effective_n"], r["study"])):
        twin = next(
            (o for o in by_pool.get(row["pool"], []) if same_animals(records[o["study"]], records[row["study"]])), None
        )
        if twin is not None:
            row["why_taken"] = f"the animals are those of {twin['study']}, which is taken"
            continue
        by_pool.setdefault(row["pool"], []).append(row)
        rivals = [o for o in rows if (o["pool"], o["study"]) == (row["pool"], row["study"])]
        why = "the only contrast of the study in this pool"
        row["taken"], row["why_taken"] = True, why if len(rivals) == 1 else "the most samples of the study's contrasts"
    return rows


def same_animals(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two studies share an accession, a paper, or samples of one matrix."""
    theirs = [((study.get("facts") or {}).get("identifiers") or {}) for study in (one, other)]
    if set(theirs[0].get("accession") or []) & set(theirs[1].get("accession") or []):
        return True
    if any(theirs[0].get(key) and theirs[0].get(key) == theirs[1].get(key) for key in ("doi", "pmid", "pmcid")):
        return True
    paths = [(study.get("counts") or {}).get("path") for study in (one, other)]
    names = [{sample["sample"] for sample in study["samples"]} for study in (one, other)]
    return bool(paths[0]) and paths[0] == paths[1] and bool(names[0] & names[1])


def effects_of(
    row: Mapping[str, Any], table: pd.DataFrame, features: pd.DataFrame, level: float
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The estimates of one contrast that can be pooled, one a gene.

    Left out, and counted: features without an identifier that joins, ambiguous ones, those without an estimate, without
    a p value (outliers, not converged), without a read in either arm, with a standard error that is no positive number,
    and all but the one with most reads of the features that share an identifier.

    Parameters
    ----------
    row : mapping
        The contrast with its traits, and `taken`.
    table : DataFrame
        Its table of the `de` stage.
    features : DataFrame
        ``intake/features.tsv``.
    level : float
        Confidence of the intervals.

    Returns
    -------
    effects : DataFrame
        `EFFECT_COLUMNS` in the order of `table`, without what was dropped; `claims` empty.
    losses : dict
        ``study, contrast, n_in, n_out, n_ambiguous, dropped`` (reason to count).

    Raises
    ------
    InputError
        When a column is missing, or a feature stands in a table twice.
    """
    check_tables(row, table, features)
    simulated = row["family"] == "simulated"
    joined = table[list(TABLE_COLUMNS)].merge(
        features[list(FEATURE_COLUMNS)], on="feature", how="left", validate="one_to_one"
    )
    kind, identifier = _identifiers(joined, simulated)
    numbers = {name: joined[name].to_numpy(dtype=np.float64) for name in ("log2fc", "log2fc_se", "p")}
    log2fc, se = numbers["log2fc"], numbers["log2fc_se"]
    with np.errstate(invalid="ignore"):
        reasons = [
            ((joined["mapping"] == "ambiguous").to_numpy(), "ambiguous"),
            (identifier == "", "no_identifier"),
            (np.isnan(log2fc), "no_estimate"),
            (np.isnan(numbers["p"]), "no_p_value"),
            (~(se > 0) | np.isinf(se), "no_standard_error"),
            # Without a read in either arm the fold change is zero by definition, which is no measurement.
            ((log2fc == 0.0) & (numbers["p"] == 1.0), "not_expressed"),
        ]
    why = np.select([mask for mask, _ in reasons], [word for _, word in reasons], default="")
    half = float(ndtri(0.5 + level / 2.0)) * se
    found = pd.DataFrame(
        {name: row[name] for name in ("pool", "family", "study", "contrast", "role")}, index=joined.index
    )
    found["feature"], found["identifier_kind"], found["identifier"] = joined["feature"], kind, identifier
    found["symbol"] = joined["symbol"].fillna("").astype(str)
    for name in ("base_mean", "log2fc", "log2fc_se", "p", "q"):
        found[name] = joined[name].astype(float)
    found["ci_low"], found["ci_high"] = log2fc - half, log2fc + half
    for name in ("n_numerator", "n_denominator", "effective_n"):
        found[name] = row[name]
    found["claims"], found["in_pool"], found["reason"] = "", bool(row["taken"]), row["why_taken"]
    kept = found[why == ""]
    # Of several features of one gene the one with most reads, without a look at its p value.
    order = kept.sort_values(["base_mean", "feature"], ascending=[False, True], kind="stable")
    kept = order.drop_duplicates(["identifier_kind", "identifier"]).sort_index()
    dropped = Counter(word for word in why.tolist() if word)
    shared = int((why == "").sum()) - len(kept)
    if shared:
        dropped["shares_identifier"] = shared
    losses = {
        **{name: row[name] for name in ("study", "contrast")},
        "n_in": len(joined),
        "n_out": len(kept),
        "n_ambiguous": int(dropped.get("ambiguous", 0)),
        "dropped": dict(sorted(dropped.items())),
    }
    return kept[list(EFFECT_COLUMNS)].reset_index(drop=True), losses


def check_tables(row: Mapping[str, Any], table: pd.DataFrame, features: pd.DataFrame) -> None:
    """Raise `InputError` with all that is wrong with the form of the tables."""
    problems = Problems()
    for name, frame, columns in (
        (f"{row['study']}, table of contrast {row['contrast']}", table, TABLE_COLUMNS),
        (f"{row['study']}, features", features, FEATURE_COLUMNS),
    ):
        for column in columns:
            if column not in frame.columns:
                problems.add(name, "the column is missing", "see workflow/README.md", column=column)
        if "feature" in frame.columns and frame["feature"].duplicated().any():
            first = frame.loc[frame["feature"].duplicated(), "feature"].iloc[0]
            problems.add(name, "a feature has two rows", "keep one row a feature", column="feature", value=first)
    problems.raise_if_any()


def _identifiers(joined: pd.DataFrame, simulated: bool) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The kind and the identifier by which each feature joins other studies; empty where it has none."""
    kind = np.full(len(joined), "", dtype=object)
    identifier = np.full(len(joined), "", dtype=object)
    for name in IDENTIFIERS:
        given = joined[name].fillna("").astype(str).to_numpy(dtype=object)
        open_ = (identifier == "") & (given != "")
        kind[open_], identifier[open_] = name, given[open_]
    if simulated:
        open_ = identifier == ""
        kind[open_], identifier[open_] = INVENTED, joined["feature"].to_numpy(dtype=object)[open_]
    return kind, identifier
