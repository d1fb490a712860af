"""Every published claim of a study against the data: one row a claim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from acuomics.catalogue.claims import CELL_TYPE, RESOLVED
from acuomics.claims.check import check_tables
from acuomics.claims.counts import count_found, judge_count
from acuomics.claims.evidence import Evidence, evidence_of_model, evidence_of_pair, evidence_of_statistics
from acuomics.claims.family import measure
from acuomics.claims.features import Place, find_feature, same_data
from acuomics.claims.sentences import sentence, verdict_of
from acuomics.claims.vocabulary import FEATURE_KINDS, NOT_TESTED, VERDICT_COLUMNS
from acuomics.mechanisms.verdicts.vocabulary import Settings
from acuomics.problems import Problems

Pairs = Mapping[str, tuple[pd.DataFrame, Mapping[str, Any]]]
_COUNTS = ("count_claimed", "count_found_q", "count_found_p05")
_NUMBERS = (
    *("log2fc", "log2fc_low", "log2fc_high", "p", "q_genome", "p_claim", "q_claim", "base_mean"),
    *("detectable_log2fc", "power", "expected_by_chance_p05"),
)
_TEXT = ("claim", "collected", "contrast", "kind", "feature_as_printed", "feature", "feature_name", "name_status")


def judge_published(
    record: Mapping[str, Any],
    *,
    features: pd.DataFrame | None = None,
    tables: Mapping[str, pd.DataFrame] | None = None,
    summary: pd.DataFrame | None = None,
    reversals: Pairs | None = None,
    settings: Settings | None = None,
) -> pd.DataFrame:
    """Judge the published claims of one study; the words and their rules are in `acuomics.claims.vocabulary`.

    Parameters
    ----------
    record : mapping
        The study record (``catalogue/study.json``) with its ``claims``.
    features : DataFrame, optional
        ``intake/features.tsv``; not for deposited statistics, which carry their accessions.
    tables : mapping of str to DataFrame, optional
        Contrast to its table of the `de` stage, or to its rows of ``intake/statistics.tsv`` (told by the standard
        error, which these lack). Without any table no claim is tested.
    summary : DataFrame, optional
        ``contrast, n_numerator, n_denominator`` (``de/summary.tsv``, ``intake/recount.tsv``).
    reversals : mapping of str to (DataFrame, mapping), optional
        Pair to its table and summary of the `reversal` stage.
    settings : Settings, optional
        ``rate`` is that of the family and of the lists of changed features.

    Returns
    -------
    DataFrame
        `VERDICT_COLUMNS`, in the order of the claims.

    Raises
    ------
    InputError
        With every fault of the tables.
    """
    settings, claims = settings or Settings(), own_claims(record)
    tables, reversals = tables or {}, reversals or {}
    problems = Problems()
    check_tables(tables, features, reversals, problems)
    problems.raise_if_any()
    evidence = _evidence(record, tables, summary, reversals)
    rows = [_opened(claim, record) for claim in claims]
    places: dict[str, Place] = {}
    for row, claim in zip(rows, claims, strict=True):
        row["verdict"], row["reason"], place = _gate(row, claim, record, evidence, features)
        if place is not None:
            places[row["claim"]] = place
    measured = measure(
        [
            {
                **{key: row[key] for key in ("claim", "contrast", "same_data")},
                "row": places[row["claim"]].row,
                "direction": row["direction_claimed"],
                "effect": claim["effect_log2fc"],
            }
            for row, claim in zip(rows, claims, strict=True)
            if row["claim"] in places
        ],
        evidence,
        settings,
    )
    tests = {row.Index: row for row in measured.itertuples()}
    for row, claim in zip(rows, claims, strict=True):
        if row["claim"] in tests:
            _conclude(row, tests[row["claim"]], places[row["claim"]], evidence[row["contrast"]], settings)
        elif not row["verdict"]:
            _conclude_count(row, int(claim["count"]), evidence[row["contrast"]], settings)
    verdicts = pd.DataFrame(rows, columns=list(VERDICT_COLUMNS))
    return verdicts.astype({**dict.fromkeys(_NUMBERS, "float64"), **dict.fromkeys(_COUNTS, "Int64")})


def own_claims(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The claims that a study itself is asked: of single cells only those of no one type, whose studies ask theirs."""
    claims = list(record.get("claims") or [])
    return [claim for claim in claims if not claim.get(CELL_TYPE)] if record["kind"] == "cells" else claims


def _evidence(
    record: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], summary: pd.DataFrame | None, reversals: Pairs
) -> dict[str, Evidence]:
    """What can speak, by the name of its contrast or pair."""
    roles = {contrast["contrast"]: contrast["role"] for contrast in record["contrasts"]}
    sizes: dict[str, str] = {}
    if summary is not None:
        columns = summary[["contrast", "n_numerator", "n_denominator"]].dropna()
        sizes = {name: f"{int(top)} v {int(bottom)}" for name, top, bottom in columns.itertuples(index=False)}
    found: dict[str, Evidence] = {}
    for name, table in tables.items():
        make = evidence_of_model if "log2fc_se" in table.columns else evidence_of_statistics
        found[name] = make(name, roles.get(name, ""), sizes.get(name, ""), table)
    for name, (table, facts) in reversals.items():
        arms = [sizes[facts[arm]] for arm in ("model", "treatment") if facts.get(arm) in sizes]
        model = tables.get(str(facts.get("model")))
        mean = pd.Series(dtype=float) if model is None else model.set_index("feature")["base_mean"]
        found[name] = evidence_of_pair(name, " and ".join(arms), table, facts, mean)
    return found


def _opened(claim: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a claim before any verdict."""
    return {
        **dict.fromkeys(VERDICT_COLUMNS),
        **{key: claim[key] for key in _TEXT},
        "emended": claim["name_status"] == "emended",
        "direction_claimed": claim["direction"],
        "effect_claimed": claim["effect"],
        "threshold_claimed": claim["threshold"],
        **{key: claim[key] for key in ("evidence", "source")},
        "same_data": same_data(claim, record),
        "count_claimed": None if claim["count"] is None else int(claim["count"]),
    }


def _gate(
    row: dict[str, Any],
    claim: Mapping[str, Any],
    record: Mapping[str, Any],
    evidence: Mapping[str, Evidence],
    features: pd.DataFrame | None,
) -> tuple[str, str, Place | None]:
    """Verdict and reason of a claim that no test may decide, else empty and the place of its feature."""
    kind, direction, contrast = claim["kind"], claim["direction"], claim["contrast"]
    if kind in FEATURE_KINDS and (claim["name_status"] not in RESOLVED or not claim["feature"]):
        note = f": {claim['note']}" if claim["note"] else ""
        return "name_unresolved", f"the name {claim['feature_as_printed']!r} is {claim['name_status']}{note}", None
    if record["kind"] == "cells":
        return *_not_tested("cell_type"), None
    if not evidence and record.get("cell_type"):
        return *_not_tested("not_analysable", str(record["cell_type"]["reason"])), None
    if not evidence:
        return *_not_tested("no_data", _why_no_data(record)), None
    if kind not in (*FEATURE_KINDS, "count"):
        return *_not_tested(kind), None
    if record.get("cell_type") and contrast is not None and contrast not in evidence:
        return *_not_tested("not_analysable", "; ".join(record["warnings"])), None
    if contrast is None or contrast not in evidence:
        printed = f"it compares {claim['contrast_as_printed']}" if claim["contrast_as_printed"] else ""
        return *_not_tested("no_such_contrast", printed), None
    row["role"] = evidence[contrast].role
    if kind == "count":
        return (*_not_tested("no_direction"), None) if direction == "none" else ("", "", None)
    if direction is None:
        return *_not_tested("no_direction", f"it names {claim['feature_as_printed']!r} and no change"), None
    place = find_feature(claim, record, evidence[contrast], features)
    if isinstance(place, str):
        return *_not_tested("not_measured", place), None
    seen = evidence[contrast].table.loc[place.row]
    row["base_mean"] = seen["base_mean"]
    if seen["silent"]:
        return *_not_tested("not_expressed"), None
    directed = direction in ("up", "down")
    if np.isnan(seen["p_up"] if directed else seen["p_two"]):
        why = {
            "outlier": "an outlying sample makes it void",
            "not_converged": "its model did not converge",
            "no_p": "the table gives none" if evidence[contrast].source == "statistics" else "a contrast has none",
            "tested": "the table gives a p value and no fold change to say its direction",
        }
        return *_not_tested("not_fitted", why.get(str(seen["status"]), f"its status is {seen['status']}")), None
    return "", "", place


def _not_tested(reason: str, detail: str = "") -> tuple[str, str]:
    return f"not_tested:{reason}", NOT_TESTED[reason] + (f": {detail}" if detail else "")


def _why_no_data(record: Mapping[str, Any]) -> str:
    facts = record.get("facts") or {}
    return f"{facts['status']}, {facts['status_reason']}".rstrip(".") if facts.get("status") else ""


def _conclude(row: dict[str, Any], test: Any, place: Place, evidence: Evidence, settings: Settings) -> None:
    """Complete the row of a claim about a feature."""
    row["verdict"] = verdict_of(test, settings)
    row["reason"] = sentence(place.label, test, row["verdict"], evidence, settings) + place.remark
    for column in ("test", "log2fc", "log2fc_low", "log2fc_high", "p", "q_genome", "p_claim", "q_claim", "base_mean"):
        row[column] = getattr(test, column)
    row["power"], row["detectable_log2fc"] = test.power, test.detectable_log2fc


def _conclude_count(row: dict[str, Any], claimed: int, evidence: Evidence, settings: Settings) -> None:
    """Complete the row of a claim about a number of features."""
    direction = row["direction_claimed"] or "both"
    found = count_found(direction, evidence, settings)
    row["verdict"], row["reason"] = judge_count(claimed, direction, found, evidence, settings)
    row |= {
        "count_found_q": found.at_rate,
        "count_found_p05": found.nominal,
        "expected_by_chance_p05": found.expected,
        "q_genome": found.smallest_q,
        "power": found.power,
        "detectable_log2fc": found.detectable,
    }
    if row["same_data"] and row["verdict"] == "reproduced":
        row["reason"] += "; the number was made from these data, so that this repeats a calculation"
