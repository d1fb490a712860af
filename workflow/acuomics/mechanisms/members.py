"""What the curated set says about each of its genes and miRNAs, for one species and one tissue level."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from acuomics.mechanisms.load import SPECIES, MechanismSet
from acuomics.mechanisms.signs import (
    SIGN_COLUMN_OF_LEVEL,
    SOMA_ELSEWHERE,
    SOMA_LEVELS,
    Expectation,
    level_of_site,
    levels_of_assertion,
    of_transcript,
    read_claim_direction,
    read_sign,
)


class Member(NamedTuple):
    """A gene or miRNA in its part of a mechanism.

    `kind` is ``ncbi_gene`` or ``mimat``, `key` its identifier. `never` is the reason why no contrast can
    ever bear on the claim here (empty when one can); `remarks` is said in any case.
    """

    kind: str
    key: str
    symbol: str
    mechanism_id: str
    mechanism: str
    tier: str
    role: str
    direction_rule: str
    expected_sign: str
    member_evidence: str
    level_in_scope: bool
    never: str
    remarks: tuple[str, ...]


def members_of(curated: MechanismSet, record: Mapping[str, Any]) -> list[Member]:
    """List the members that the curated set has for a study's species.

    Parameters
    ----------
    curated : MechanismSet
        The curated tables.
    record : mapping
        A study record: ``taxon``, ``tissue.level`` and ``source`` are used.

    Returns
    -------
    list of Member
        One for every member and mechanism, in the order of the tables, genes first. Empty for a species
        that the set does not cover.
    """
    if record["taxon"] not in SPECIES:
        return []
    level = record["tissue"]["level"]
    cited = references(record.get("source", ""))
    scope, circular = _assertions_by_mechanism(curated, level, cited)
    return [
        *_genes(curated, SPECIES[record["taxon"]][0], level, scope, circular),
        *_mirnas(curated, SPECIES[record["taxon"]][1], level, scope, cited),
    ]


def references(text: str) -> set[str]:
    """Find the PubMed ids and DOIs in a text, as ``pmid:<digits>`` and ``doi:<doi in lower case>``."""
    pmids = {f"pmid:{number}" for number in re.findall(r"PMID[:\s]*(\d+)", text)}
    dois = re.findall(r"\b10\.\d{4,9}/[^\s,;|]+", text)
    return pmids | {f"doi:{doi.rstrip('.)').lower()}" for doi in dois}


def _assertions_by_mechanism(curated: MechanismSet, level: str, cited: set[str]) -> tuple[set[str], set[str]]:
    """Give the mechanisms with an assertion about `level`, and those where one rests on a cited paper."""
    scope: set[str] = set()
    circular: set[str] = set()
    for row in curated.assertions.to_dict("records"):
        if level not in levels_of_assertion(row["level"], row["site_ontology_ids"], curated.levels):
            continue
        mechanisms = set(filter(None, row["mechanism_id"].split("|")))
        scope |= mechanisms
        if references(f"{row['ref_resolved']} {row['external_refs']}") & cited:
            circular |= mechanisms
    return scope, circular


CIRCULAR = "circular: the claim comes from the study that this one re-analyses or imitates"
SOMA_ABSENT = "soma_absent: transcribed in raphe or locus coeruleus, not in this tissue"
RULE_NONE = "direction_rule_none: the claim implies no direction of this gene's abundance"
OUT_OF_SCOPE = "out_of_scope_level: no claim about it speaks of this tissue level"


def _genes(curated: MechanismSet, species: str, level: str, scope: set[str], circular: set[str]) -> list[Member]:
    by_id = {row["mechanism_id"]: row for row in curated.mechanisms.to_dict("records")}
    rows = [row for row in curated.genes.to_dict("records") if row[f"ncbi_{species}"]]
    shares: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        shares.setdefault(row[f"ncbi_{species}"], []).append((row["mechanism_id"], row["mechanism"]))
    members = []
    for row in rows:
        key, mechanism_id = row[f"ncbi_{species}"], row["mechanism_id"]
        expected = of_transcript(_expectation(by_id[mechanism_id], level), row["expected_transcript_sign"])
        never = ""
        if row["human_symbol"] in SOMA_ELSEWHERE and level in SOMA_LEVELS:
            never = SOMA_ABSENT
        elif row["direction_rule"] == "none":
            never = RULE_NONE
        elif mechanism_id not in scope:
            never = OUT_OF_SCOPE
        elif expected.reason:
            never = _with_groups(expected, by_id[mechanism_id]["conflict_groups"])
        elif mechanism_id in circular:
            never = CIRCULAR
        others = [f"{name} ({other})" for other, name in shares[key] if other != mechanism_id]
        remarks = [f"shared with {', '.join(others)}"] if others else []
        status = row[f"ncbi_{species}_status"]
        if not status.startswith("verified"):
            remarks.append(f"identifier {status.partition('(')[0]}")
        members.append(
            Member(
                kind="ncbi_gene",
                key=key,
                symbol=row[f"{species}_symbol"],
                mechanism_id=mechanism_id,
                mechanism=row["mechanism"],
                tier=row["tier"],
                role=row["role"],
                direction_rule=row["direction_rule"],
                expected_sign=expected.sign,
                member_evidence=row["member_evidence"],
                level_in_scope=mechanism_id in scope,
                never=never,
                remarks=tuple(remarks),
            )
        )
    return members


def _mirnas(curated: MechanismSet, species: str, level: str, scope: set[str], cited: set[str]) -> list[Member]:
    names = dict(zip(curated.mechanisms["mechanism_id"], curated.mechanisms["mechanism"], strict=True))
    status_of = dict(zip(curated.mechanisms["mechanism_id"], curated.mechanisms["sign_status"], strict=True))
    evidence = {"seed": "named_in_seed", "extended": "extended_literature"}
    members = []
    for row in curated.mirnas.to_dict("records"):
        if row["species"] != species:
            continue
        expected = read_claim_direction(row["claim_direction"])
        sites = level_of_site(row["claim_tissue"], curated.levels)
        # The claim is about this miRNA's own abundance, so its direction counts fully; context has no claim.
        rule = "none" if expected.reason.startswith("no_claim") else "strong"
        never = ""
        if rule == "none":
            never = expected.reason
        elif level not in sites:
            never = OUT_OF_SCOPE
        elif expected.reason:
            never = expected.reason
        elif references(row["evidence"]) & cited:
            never = CIRCULAR
        remarks = []
        if rule != "none" and status_of.get(row["mechanism_id"]) == "hypothesis":
            remarks.append("a hypothesis of the claim's authors")
        printed = row["seed_literal"]
        if "(sic)" in printed:
            remarks.append(f"printed as {printed}; the name is the curators' emendation")
        members.append(
            Member(
                kind="mimat",
                key=row["mimat"],
                symbol=row["mature_name_miRBase_v22"],
                # An entry that belongs to no mechanism stands under its own id.
                mechanism_id=row["mechanism_id"] or row["entry_id"],
                mechanism=names.get(row["mechanism_id"], row["mature_name_miRBase_v22"]),
                tier=row["tier"],
                role="mirna",
                direction_rule=rule,
                expected_sign=expected.sign,
                member_evidence=evidence.get(row["tier"], "curator_component"),
                level_in_scope=level in sites or row["mechanism_id"] in scope,
                never=never,
                remarks=tuple(remarks),
            )
        )
    return members


def _expectation(mechanism: Mapping[Any, Any], level: str) -> Expectation:
    column = SIGN_COLUMN_OF_LEVEL.get(level)
    if column is None:
        return Expectation("none", OUT_OF_SCOPE)
    expected = read_sign(mechanism[column], mechanism["sign_status"])
    assert expected is not None, "the loader refuses signs that cannot be read"
    return expected


def _with_groups(expected: Expectation, groups: str) -> str:
    """Name the conflict groups beside a conflict, so that a reader can look them up."""
    if expected.sign != "conflicted" or not groups:
        return expected.reason
    return f"{expected.reason} ({groups.replace('|', ', ')})"
