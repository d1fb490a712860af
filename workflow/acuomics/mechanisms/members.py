"""What the curated set says about each of its genes and miRNAs, for one species and one tissue level."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from acuomics.mechanisms.curated import SPECIES, CuratedSet
from acuomics.mechanisms.package import values
from acuomics.mechanisms.signs import (
    SIGN_COLUMN_OF_LEVEL,
    Expectation,
    of_transcript,
    read_direction,
    read_sign,
)
from acuomics.mechanisms.verdicts.scope import references


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


def members_of(curated: CuratedSet, record: Mapping[str, Any]) -> list[Member]:
    """List the members that the curated set has for a study's species.

    Parameters
    ----------
    curated : CuratedSet
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
    scope, circular = _claims_by_mechanism(curated, level, cited)
    taxon = str(record["taxon"])
    return [*_genes(curated, taxon, level, scope, circular), *_mirnas(curated, taxon, level, scope, cited)]


def _claims_by_mechanism(curated: CuratedSet, level: str, cited: set[str]) -> tuple[set[str], set[str]]:
    """Give the mechanisms with a claim about `level`, and those where one rests on a cited paper."""
    rests_on: dict[str, set[str]] = {}
    for claim, text in zip(curated.evidence["claim_id"], curated.evidence["reference"], strict=True):
        rests_on.setdefault(claim, set()).update(references(text))
    scope: set[str] = set()
    circular: set[str] = set()
    for row in curated.claims.to_dict("records"):
        if level not in values(row["level"]):
            continue
        mechanisms = set(values(row["mechanism_id"]))
        scope |= mechanisms
        if (rests_on[row["claim_id"]] | references(row["claim_source_dataset"])) & cited:
            circular |= mechanisms
    return scope, circular


CIRCULAR = "circular: the claim comes from the study that this one re-analyses or imitates"
SOMA_ABSENT = "soma_absent: transcribed in raphe or locus coeruleus, not in this tissue"
RULE_NONE = "direction_rule_none: the claim implies no direction of this gene's abundance"
OUT_OF_SCOPE = "out_of_scope_level: no claim about it speaks of this tissue level"


def _genes(curated: CuratedSet, taxon: str, level: str, scope: set[str], circular: set[str]) -> list[Member]:
    by_id = {row["mechanism_id"]: row for row in curated.mechanisms.to_dict("records")}
    groups = _groups_by_mechanism(curated)
    nervous = level in set(curated.levels.loc[curated.levels["nervous"] == "true", "level"])
    members = []
    for row in curated.members[curated.members["species"] == taxon].to_dict("records"):
        mechanism_id = row["mechanism_id"]
        expected = of_transcript(_expectation(by_id[mechanism_id], level), row["expected_sign"])
        never = ""
        if row["soma_levels"] and nervous and level not in values(row["soma_levels"]):
            never = SOMA_ABSENT
        elif row["direction_rule"] == "none":
            never = RULE_NONE
        elif mechanism_id not in scope:
            never = OUT_OF_SCOPE
        elif expected.reason:
            never = _with_groups(expected, groups.get(mechanism_id, []))
        elif mechanism_id in circular:
            never = CIRCULAR
        others = [f"{by_id[other]['name']} ({other})" for other in values(row["shared_with"])]
        remarks = [f"shared with {', '.join(others)}"] if others else []
        status = row["id_status"]
        if not status.startswith("verified"):
            remarks.append(f"identifier {status.partition('(')[0]}")
        members.append(
            Member(
                kind="ncbi_gene",
                key=row["gene_ncbi"],
                symbol=row["symbol"],
                mechanism_id=mechanism_id,
                mechanism=by_id[mechanism_id]["name"],
                tier=by_id[mechanism_id]["tier"],
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


def _mirnas(curated: CuratedSet, taxon: str, level: str, scope: set[str], cited: set[str]) -> list[Member]:
    by_id = {row["mechanism_id"]: row for row in curated.mechanisms.to_dict("records")}
    evidence = {"seed": "named_in_seed", "extended": "extended_literature"}
    members = []
    for row in curated.mirnas[curated.mirnas["species"] == taxon].to_dict("records"):
        expected = read_direction(row["direction"])
        sites = values(row["level"])
        mechanism = by_id.get(row["mechanism_id"])
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
        if rule != "none" and mechanism is not None and mechanism["sign_status"] == "hypothesis":
            remarks.append("a hypothesis of the claim's authors")
        if row["emended"] == "true":
            remarks.append(f"printed as {row['literal_name']} (sic); the name is the curators' emendation")
        members.append(
            Member(
                kind="mimat",
                key=row["mimat"],
                symbol=row["name_v22"],
                # An entry that belongs to no mechanism stands under its own id.
                mechanism_id=row["mechanism_id"] or row["entry_id"],
                mechanism=mechanism["name"] if mechanism is not None else row["name_v22"],
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


def _groups_by_mechanism(curated: CuratedSet) -> dict[str, list[str]]:
    """Give the conflict groups of each mechanism's claims."""
    groups: dict[str, set[str]] = {}
    for claim in curated.claims.to_dict("records"):
        for mechanism in values(claim["mechanism_id"]):
            groups.setdefault(mechanism, set()).update(values(claim["conflict_group"]))
    return {mechanism: sorted(found) for mechanism, found in groups.items()}


def _with_groups(expected: Expectation, groups: list[str]) -> str:
    """Name the conflict groups beside a conflict, so that a reader can look them up."""
    if expected.sign != "conflicted" or not groups:
        return expected.reason
    return f"{expected.reason} ({', '.join(groups)})"
