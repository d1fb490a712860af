"""Where else each published claim was looked for: claims about features, judged by the other studies of the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from acuomics.catalogue.claims import CELL_TYPE, RESOLVED
from acuomics.claims.judge import Pairs, judge_published
from acuomics.claims.vocabulary import FEATURE_KINDS
from acuomics.mechanisms.verdicts.vocabulary import Settings
from acuomics.synthesis.vocabulary import NOT_LOOKED_FOR, PUBLISHED_ELSEWHERE_COLUMNS

#: Claims of papers that are no study of the catalogue.
OTHER_PAPERS = "other_papers"
REVERSAL = "reversal"
_ASSAYS: Mapping[str, tuple[str, ...]] = {"mirna": ("mirna", "array_mirna"), "transcript": ("mrna", "array_mrna")}


@dataclass(frozen=True)
class Source:
    """Who published claims: a study of the catalogue or of the run, or one paper.

    Parameters
    ----------
    study : str
        Its name, of a paper its reference.
    collection : str
        ``studies`` or ``other_papers``.
    species, level : str
        Level is empty where it is not known.
    has_data : bool
        Whether the run has counts or statistics of it.
    roles : mapping
        Contrast and reversal pair to role.
    claims : sequence of mapping
        Rows of claims.tsv.
    parent : str
        Of a cell type the study of single cells that it was made of; else empty.
    """

    study: str
    collection: str
    species: str
    level: str
    has_data: bool
    roles: Mapping[str, str]
    claims: Sequence[Mapping[str, Any]]
    parent: str = ""


@dataclass(frozen=True)
class Place:
    """A study of the run in which claims of others are looked for, and what judges them.

    Parameters
    ----------
    record : mapping
        Its record.
    read : callable
        Gives ``features, tables, summary``, read when they are asked for.
    read_pairs : callable
        Gives the reversal pairs, read when a claim is about one.
    """

    record: Mapping[str, Any]
    read: Callable[[], tuple[pd.DataFrame | None, Mapping[str, pd.DataFrame], pd.DataFrame | None]]
    read_pairs: Callable[[], Pairs]


def look_elsewhere(
    sources: Sequence[Source],
    places: Sequence[Place],
    printed_roles: Mapping[str, str],
    own: Mapping[tuple[str, str], str],
    settings: Settings,
) -> pd.DataFrame:
    """Look for every published claim about a feature in the studies that did not publish it.

    A claim is looked for where the species is the same and the assay measures such features, in every contrast of the
    role that the claim is about; a claim on a cell type in cells of that type, and in tissue. The words are those of
    `acuomics.claims.vocabulary`; the tests of one study are one family. Tissues may differ: `same_level` says.

    Parameters
    ----------
    sources : sequence of Source
    places : sequence of Place
    printed_roles : mapping
        Contrast as printed to role, for claims that name no contrast.
    own : mapping
        ``(study, claim)`` to the verdict of the claim's own data.
    settings : Settings

    Returns
    -------
    DataFrame
        `PUBLISHED_ELSEWHERE_COLUMNS`, in the order of sources, claims and places.
    """
    asked = [
        (source, claim, _role(claim, source, printed_roles))
        for source in sources
        for claim in source.claims
        if claim["kind"] in FEATURE_KINDS
    ]
    found: dict[int, list[dict[str, Any]]] = {}
    for place in places:
        record = place.record
        wanted: list[tuple[int, dict[str, Any]]] = []
        for at, (source, claim, role) in enumerate(asked):
            if not _why_not(claim, role) and _fits(source, claim, record):
                names = [row["contrast"] for row in record["contrasts"] if row["role"] == role]
                names = [row["pair"] for row in record["reversal_pairs"]] if role == REVERSAL else names
                wanted += [(at, {**claim, "contrast": name, "collected": None}) for name in names]
        for (at, _), verdict in zip(wanted, _judge(place, [claim for _, claim in wanted], settings), strict=True):
            found.setdefault(at, []).append(verdict)
    rows = []
    for at, (source, claim, role) in enumerate(asked):
        head = _head(source, claim, role, own)
        if at in found:
            rows += [
                head | {**verdict, "same_level": verdict["elsewhere_level"] == source.level} for verdict in found[at]
            ]
        else:
            why = (
                _why_not(claim, role) or f"no study of the run has {_what(claim)} of {source.species or 'this species'}"
            )
            why += "" if _why_not(claim, role) else f" with a contrast of this role ({role})"
            rows.append(head | {"elsewhere": "", "found": NOT_LOOKED_FOR, "reason": why})
    return pd.DataFrame(rows, columns=list(PUBLISHED_ELSEWHERE_COLUMNS))


def count_found(table: pd.DataFrame) -> dict[str, dict[str, int]]:
    """How often each word was found, by family of the study looked in (empty: looked for nowhere)."""
    heads = table["found"].astype(str).str.partition(":")[0]
    family = table["family"].fillna("").astype(str).replace("", "nowhere")
    return {str(name): dict(sorted(Counter(part).items())) for name, part in heads.groupby(family, sort=True)}


def _judge(place: Place, claims: list[dict[str, Any]], settings: Settings) -> list[dict[str, Any]]:
    """Verdicts of one study on claims of others, in their order."""
    if not claims:
        return []
    record = place.record
    # The numbers of claims repeat between papers: here each lookup is a claim of its own.
    numbered = [{**claim, "claim": f"e{at:05d}"} for at, claim in enumerate(claims)]
    features, tables, summary = place.read()
    pairs = place.read_pairs() if any("__" in str(claim["contrast"]) for claim in claims) else {}
    judged = judge_published(
        {**record, "claims": numbered},
        features=features,
        tables=tables,
        summary=summary,
        reversals=pairs,
        settings=settings,
    )
    return [
        {
            "elsewhere": record["study"],
            "family": "simulated" if record["simulated"] else "real",
            "contrast": row["contrast"],
            "role": row["role"] or "",
            "elsewhere_level": record["tissue"]["level"],
            "found": row["verdict"],
            "ci_low": row["log2fc_low"],
            "ci_high": row["log2fc_high"],
            **{
                name: row[name]
                for name in ("log2fc", "p_claim", "q_claim", "q_genome", "detectable_log2fc", "power", "reason")
            },
        }
        for row in judged.to_dict("records")
    ]


def _role(claim: Mapping[str, Any], source: Source, printed_roles: Mapping[str, str]) -> str:
    """What the claim compares: the role of its contrast, or of its wording; empty where nobody has said."""
    if claim["contrast"]:
        return source.roles.get(str(claim["contrast"]), "")
    return printed_roles.get(str(claim["contrast_as_printed"] or ""), "")


def _why_not(claim: Mapping[str, Any], role: str) -> str:
    """Why a claim cannot be looked for anywhere; empty where it can."""
    if claim["name_status"] not in RESOLVED or not claim["feature"]:
        return "nobody can say which feature is meant"
    if not claim["direction"]:
        return "the claim says nothing that a test could find"
    return "" if role else "what the claim compares has no role (resources/synthesis/roles.tsv)"


def _fits(source: Source, claim: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    # Cell types of the same animals are nobody else's data.
    same = {source.study, source.parent} - {""}
    return (
        same.isdisjoint((record["study"], record.get("parent")))
        and record["species"] == source.species
        and record["assay"] in _ASSAYS[str(claim["kind"])]
        # A claim on a type is looked for in that type and in whole tissue.
        and (not claim.get(CELL_TYPE) or (record.get("cell_type") or {}).get("name") in (None, claim[CELL_TYPE]))
    )


def _what(claim: Mapping[str, Any]) -> str:
    return "miRNAs" if claim["kind"] == "mirna" else "mRNA"


def _head(source: Source, claim: Mapping[str, Any], role: str, own: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    return {
        "claim_study": source.study,
        "claim": claim["claim"],
        "collection": source.collection,
        "claim_has_data": source.has_data,
        **{
            key: claim[key] or ""
            for key in ("kind", "feature_as_printed", "feature", "feature_name", "evidence", "source")
        },
        "species": source.species,
        "claim_level": source.level,
        "cell_type": claim.get(CELL_TYPE) or "",
        "claim_role": role,
        "direction_claimed": claim["direction"] or "",
        "effect_claimed": claim["effect"] or "",
        "own_verdict": own.get((source.study, str(claim["claim"])), ""),
    }
