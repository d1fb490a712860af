"""The levels of the body: which mechanisms are claimed there, in whose words, and what every study says of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from acuomics.files import read_tsv
from acuomics.mechanisms.curated import CuratedSet
from acuomics.mechanisms.verdicts.vocabulary import NOT_TESTABLE, SCORED_ROLES, VERDICTS
from acuomics.report.tables import Column, Filter, page_table
from acuomics.report.verdicts import CLAIM_COLUMNS, MEANING, VERDICTS_PATH, join_untested

CHINESE = re.compile("[\u4e00-\u9fff]")
# A claim's direction as a person reads it: its arrow, and the key of the words that explain it.
ARROWS = {"+": "↑", "-": "↓", "0": "=", "two_sided": "↕", "conditional": "↕", "na": "·"}
SIGN_KEYS = {"+": "up", "-": "down", "0": "absence", "two_sided": "two_sided", "conditional": "conditional"}
TESTABLE = ("direct", "weak")
TESTABILITY = {
    "direct": "yes: the claim is about the abundance of this gene product or RNA",
    "weak": "weakly: the transcript is the nearest thing to what is claimed",
}
STUDY = Column("study", "Study", "Name of the study", "text")
# The words of a study that say most come first.
ORDER = {word: at for at, word in enumerate((*VERDICTS, NOT_TESTABLE))}


@dataclass(frozen=True)
class Found:
    """The verdicts of a run, and at which level each study's tissue is."""

    verdicts: pd.DataFrame | None
    study_levels: Mapping[str, str]

    def scored(self) -> pd.DataFrame | None:
        """The rows of contrasts that speak of EA."""
        rows = self.verdicts
        return rows[rows["contrast_role"].isin(SCORED_ROLES)] if rows is not None and "contrast_role" in rows else rows


def read_translations(path: str | Path) -> dict[str, str]:
    """Our translations of literal texts: evidence id to English.

    Parameters
    ----------
    path : path
        ``translations.tsv``: ``evidence_id, literal_text, translation, translated_by``.
    """
    table = read_tsv(path, dtype=str)
    return dict(zip(table["evidence_id"], table["translation"], strict=True))


def describe_levels(
    curated: CuratedSet, found: Found, translations: Mapping[str, str], q: float
) -> list[dict[str, Any]]:
    """Gather what the pages of the levels show, in the order of ``levels.tsv``.

    Parameters
    ----------
    curated : CuratedSet
    found : Found
    translations : mapping of str to str
        From `read_translations`.
    q : float
        False discovery rate of the ready-made filter.

    Returns
    -------
    list of dict
        ``level, name, kind, meaning, caution, ontology, n_claims, n_testable, studies, counts, mechanisms, tables``;
        levels without a claim are left out.
    """
    claims, scored = curated.claims, found.scored()
    told = _claims(curated, scored, translations)
    at_level = {level: claims["level"].str.split("|").map({level}.issubset) for level in curated.levels["level"]}
    seen = [] if found.verdicts is None else [str(name) for name in found.verdicts["study"].unique()]
    described = []
    for row in curated.levels.to_dict("records"):
        here = claims[at_level[row["level"]]]
        if not len(here):
            continue
        studies = [name for name in seen if found.study_levels.get(name) == row["level"]]
        verdicts = None if scored is None else scored[scored["claim_id"].isin(here["claim_id"])]
        described.append(
            {
                "level": row["level"],
                "name": row["level"].replace("_", " "),
                "kind": row["kind"],
                "meaning": row["meaning"],
                "caution": row["caution"],
                "ontology": [part for part in row["ontology_id"].split("|") if part],
                "n_claims": len(here),
                "n_testable": int(here["testability"].isin(TESTABLE).sum()),
                "studies": studies,
                "counts": _counts(verdicts, studies),
                "mechanisms": _mechanisms(here, curated, told),
                "tables": _table(verdicts, str(row["level"]), q),
            }
        )
    return described


def _counts(verdicts: pd.DataFrame | None, studies: Sequence[str]) -> dict[str, int]:
    """How many rows (claim x contrast x gene) of studies of this level have which word."""
    if verdicts is None:
        return {}
    words = verdicts.loc[verdicts["study"].isin(studies), "verdict"].str.split(":").str[0]
    return {str(word): int(n) for word, n in sorted(Counter(words).items())}


def _claims(
    curated: CuratedSet, scored: pd.DataFrame | None, translations: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """What is told of each claim, at whichever level: claim id to the words of its entry."""
    evidence = dict(list(curated.evidence.groupby("claim_id", sort=False)))
    conflicts = curated.conflicts.set_index("conflict_group")
    by_claim = {} if scored is None else studies_of_claims(scored)
    return {
        str(claim["claim_id"]): _claim(
            claim, evidence.get(claim["claim_id"]), conflicts, by_claim.get(claim["claim_id"], []), translations
        )
        for claim in curated.claims.to_dict("records")
    }


def _mechanisms(
    claims: pd.DataFrame, curated: CuratedSet, told: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The mechanisms of a level with their claims; a claim is told in full under the first of its mechanisms."""
    known = curated.mechanisms.set_index("mechanism_id")
    groups: dict[str, list[dict[str, Any]]] = {}
    for claim in claims.to_dict("records"):
        for at, mechanism in enumerate((claim["mechanism_id"] or "none").split("|")):
            groups.setdefault(mechanism, []).append({**told[claim["claim_id"]], "first": at == 0})
    order = [*(key for key in known.index if key in groups), *(["none"] if "none" in groups else [])]
    return [
        {
            "id": key,
            "name": str(known.loc[key, "name"]) if key in known.index else "",
            "definition": str(known.loc[key, "definition"]) if key in known.index else "",
            "claims": groups[key],
        }
        for key in order
    ]


def _claim(
    claim: Mapping[Any, Any],
    evidence: pd.DataFrame | None,
    conflicts: pd.DataFrame,
    studies: Sequence[Mapping[str, Any]],
    translations: Mapping[str, str],
) -> dict[str, Any]:
    rows = [] if evidence is None else evidence.to_dict("records")
    setting = [claim[name] for name in ("species_stated", "model", "stimulus", "acupoint", "side", "timepoint", "sham")]
    emended = claim["emendation_reason"]
    group = claim["conflict_group"]
    reason = str(claim["testability"]).partition(":")[2]
    return {
        "id": claim["claim_id"],
        "assertion": claim["assertion"],
        "sign": SIGN_KEYS.get(claim["direction"], "none"),
        "arrow": ARROWS.get(claim["direction"], "·"),
        "literal": [_literal(row, translations) for row in rows if row["literal_text"]],
        "entity": claim["entity_literal"],
        "setting": "; ".join(str(part) for part in setting if part),
        "emendation": f"{emended} ({claim['emended_by']})" if emended else "",
        "testability_text": TESTABILITY.get(claim["testability"], f"no: {reason.replace('_', ' ')}"),
        "conflict": f"{group}: {conflicts.loc[group, 'description']}" if group in conflicts.index else group,
        "evidence": [text for row in rows if (text := _evidence(row))],
        "studies": studies,
    }


def _literal(row: Mapping[Any, Any], translations: Mapping[str, str]) -> dict[str, str]:
    text = str(row["literal_text"])
    return {
        "text": text,
        "lang": "zh" if CHINESE.search(text) else "en",
        "sign": str(row["literal_sign"]),
        "translation": translations.get(str(row["evidence_id"]), ""),
        "section": str(row["section"]),
        "line_from": str(row["line_from"]),
        "line_to": str(row["line_to"]),
    }


def _evidence(row: Mapping[Any, Any]) -> str:
    """One source in one line; the reviews' own words stand above it already."""
    if row["kind"] == "seed_statement" and not row["reference"]:
        return f"reference {row['ref_number']} of the review, not resolved" if row["ref_number"] else ""
    parts = [row["ref_id"], row["reference"], row["method"], f"n = {row['n']}" if row["n"] else "", row["outcome"]]
    parts += [row["ref_note"], row["note"]]
    kind = str(row["kind"]).replace("_", " ")
    return f"{kind}: " + "; ".join(str(part).replace("_", " ") for part in parts if part)


def studies_of_claims(scored: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """What each study says of each claim: its words with their numbers, the most telling first.

    Parameters
    ----------
    scored : DataFrame
        Rows of ``verdicts.tsv``: ``claim_id, study, verdict, reason, q_family, symbol``.

    Returns
    -------
    dict of str to list of dict
        Claim to ``study, words`` (``word, why, n, reason``; the reason is that of the first such row) and ``best``, the
        reason of the row with the smallest q of the family, empty without a test.
    """
    # Rows, not groups of a frame: there are thousands of groups with a handful of rows each.
    columns = ("claim_id", "study", "verdict", "reason", "q_family", "symbol")
    words: dict[str, dict[str, dict[str, dict[str, Any]]]] = {}
    best: dict[tuple[str, str], tuple[float, str, str]] = {}
    for claim, study, verdict, reason, q, symbol in zip(*(scored[name].tolist() for name in columns), strict=True):
        word, _, why = str(verdict).partition(":")
        entry = words.setdefault(claim, {}).setdefault(str(study), {})
        told = entry.setdefault(verdict, {"word": word, "why": why, "n": 0, "reason": reason or MEANING.get(word, "")})
        told["n"] += 1
        before = best.get((claim, study))
        if q == q and (before is None or (q, str(symbol)) < before[:2]):
            best[claim, study] = (q, str(symbol), str(reason))
    return {
        claim: [
            {
                "study": study,
                "words": sorted(told.values(), key=lambda item: (ORDER.get(item["word"], len(ORDER)), item["why"])),
                "best": best.get((claim, study), (0.0, "", ""))[2],
            }
            for study, told in by_study.items()
        ]
        for claim, by_study in words.items()
    }


def _table(verdicts: pd.DataFrame | None, level: str, q: float) -> dict[str, Any]:
    """The rows behind a level's verdicts, of all studies."""
    if verdicts is None or not len(verdicts):
        return {}
    label = verdicts["symbol"].where(verdicts["symbol"] != "", verdicts["feature"])
    table = verdicts.assign(label=label)
    joined = [
        join_untested(rows, [str(name) for name in pd.unique(rows["contrast"])])
        for _, rows in table.groupby("study", sort=False)
    ]
    shown = pd.concat(joined).sort_values(
        ["q_family", "claim_id", "study", "contrast", "feature"], kind="stable", na_position="last"
    )
    words = set(shown["verdict"].str.split(":").str[0])
    filters = [
        Filter(f"q family < {q:g}", "q_family", "<", q),
        *(Filter(word.replace("_", " "), "verdict", "starts", word) for word in MEANING if word in words),
        *(Filter(str(name), "study", "=", str(name)) for name in pd.unique(shown["study"])),
    ]
    return {
        "verdicts": page_table(
            shown, (STUDY, *CLAIM_COLUMNS), f"verdicts-{level}", len(verdicts), "q_family", filters, VERDICTS_PATH
        )
    }
