"""From a claim to the genes or miRNAs of the study's species that it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from acuomics.mechanisms.verdicts.check import MEMBER_SIGNS
from acuomics.mechanisms.verdicts.vocabulary import DIRECTIONS, NAMED, NOT_TESTABLE, TIERS

#: miRBase species codes, where the table of miRNAs has these instead of taxa.
TAXA: Mapping[str, str] = {"hsa": "9606", "mmu": "10090", "rno": "10116"}
#: miRNAs that are listed as a warning to parsers, not as what a claim is about.
NO_MEMBER_TIERS = ("context", "literal_trap")

UNIT_COLUMNS = (
    "claim_id",
    "mechanism_id",
    "identifier",
    "symbol",
    "kind",
    "claimed_direction",
    "tier",
    "member_evidence",
    "role",
    "direction_rule",
    "soma_levels",
    "shared_with",
    "gate",
    "gate_reason",
)

_NEVER: Mapping[str, str] = {"kinase": "phosphorylation", "channel": "gating"}


def units_of(claims: pd.DataFrame, members: pd.DataFrame, mirnas: pd.DataFrame, taxon: int) -> pd.DataFrame:
    """List the genes and miRNAs that each claim is tested on; a claim that has none keeps one row.

    A claim is tested on the members of its mechanism that stand for its entities (see `claims_with_parts` of
    `acuomics.mechanisms.curated`). Members whose amount the claim does not speak of (`direction_rule` none) leave; of
    the others a `direct` claim takes the strong ones where there are any, and then a claim takes those that the
    sources name (or that are the only gene of what they name) where there are any. Each gene is a test of its own:
    nothing is combined.

    Parameters
    ----------
    claims, members, mirnas : DataFrame
        The curated tables as text.
    taxon : int
        Species of the study; members of other species are not used.

    Returns
    -------
    DataFrame
        `UNIT_COLUMNS`. `gate` is a verdict that no data can change (empty when data decide), `gate_reason` its
        sentence. `claimed_direction` is that of the transcript: the sign of the claim times that of the member.
    """
    by_mechanism: dict[str, list[dict[str, str]]] = {}
    mirnas_of_entity: dict[str, list[dict[str, str]]] = {}
    for member in _pool(members, mirnas):
        by_mechanism.setdefault(member["mechanism_id"], []).append(member)
        if member["kind"] == "mirna":
            mirnas_of_entity.setdefault(member["entity_id"], []).append(member)
    rows: list[dict[str, Any]] = []
    for claim in claims.to_dict("records"):
        direction = "absence" if claim["negated"].lower() == "true" else DIRECTIONS[claim["direction"]]
        base = {
            "claim_id": claim["claim_id"],
            "mechanism_id": claim["mechanism_id"],
            "claimed_direction": direction,
            "tier": claim["tier"],
            "gate": "",
            "gate_reason": "",
        }
        candidates = [
            member for mechanism in _words(claim["mechanism_id"]) for member in by_mechanism.get(mechanism, [])
        ]
        head, _, reason = claim["testability"].partition(":")
        if head == NOT_TESTABLE:
            text = f"the abundance of RNA cannot speak to this claim ({reason.replace('_', ' ')})"
            rows.append(base | {"gate": claim["testability"], "gate_reason": text})
            # Genes of the claim that only some tissues transcribe are shown: elsewhere even their reads mean nothing.
            rows += [
                base | _facts(member, claim) | {"gate": claim["testability"], "gate_reason": text}
                for member in _stand_for(candidates, claim)
                if member["soma_levels"] and member["species"] == str(taxon) and member["identifier"]
            ]
            continue
        if not candidates:
            # Some miRNAs belong to no mechanism: their entity alone finds them.
            candidates = [member for e in _words(claim["entity_id"]) for member in mirnas_of_entity.get(e, [])]
        found, gate, why = _choose(candidates, claim, str(taxon))
        if not found:
            rows.append(base | {"gate": gate, "gate_reason": why})
        for member in found:
            never = _NEVER.get(member["role"], "no_gene")
            scored = member["direction_rule"] != "none"
            rows.append(
                base
                | _facts(member, claim)
                | {
                    "claimed_direction": _of_member(direction, MEMBER_SIGNS[member["expected_sign"]]),
                    "gate": "" if scored else f"{NOT_TESTABLE}:{never}",
                    "gate_reason": ""
                    if scored
                    else f"{member['symbol']} is shown and not scored: the claim implies no direction of the amount "
                    f"of this {member['role'].replace('_', ' ') or 'gene'}",
                }
            )
    table = pd.DataFrame(rows, columns=list(UNIT_COLUMNS)).fillna("")
    # A gene that two mechanisms of one claim share is one test.
    return table.drop_duplicates(["claim_id", "identifier", "claimed_direction"], ignore_index=True)


def weaker_tier(claim: str, member: str) -> str:
    """The weaker of two tiers; one that is not in `TIERS` (the tier of a whole mechanism) does not count."""
    known = [tier for tier in (claim, member) if tier in TIERS]
    return max(known, key=TIERS.index) if known else claim


def _pool(members: pd.DataFrame, mirnas: pd.DataFrame) -> list[dict[str, str]]:
    """Genes and miRNAs in one shape. A miRNA's claim is about its own amount: its rule is strong, its sign +."""
    genes = members.rename(columns={"gene_ncbi": "identifier"}).assign(kind="gene")
    if "tier" not in genes.columns:
        genes["tier"] = ""
    small = mirnas.rename(columns={"mimat": "identifier"}).assign(
        kind="mirna",
        role="mirna",
        direction_rule="strong",
        expected_sign="+",
        soma_levels="",
        shared_with="",
        member_evidence=NAMED[0],
    )
    if "tier" not in small.columns:
        small["tier"] = ""
    small = small[~small["tier"].isin(NO_MEMBER_TIERS)]
    small["species"] = small["species"].replace(dict(TAXA))
    name = next((column for column in ("name_v22", "symbol", "mature_name_miRBase_v22") if column in small.columns), "")
    small["symbol"] = small[name] if name else small["identifier"]
    columns = [
        *("mechanism_id", "entity_id", "species", "identifier", "symbol", "kind", "role", "direction_rule"),
        *("expected_sign", "member_evidence", "soma_levels", "shared_with", "tier"),
    ]
    rows = [{str(k): str(v) for k, v in row.items()} for row in [*genes[columns].to_dict("records")]]
    for row in small[columns].to_dict("records"):
        # A miRNA may belong to several mechanisms, or to none: then its entity alone finds it.
        for mechanism in str(row["mechanism_id"]).split("|"):
            rows.append({str(k): str(v) for k, v in row.items()} | {"mechanism_id": mechanism})
    return rows


def _choose(
    candidates: list[dict[str, str]], claim: Mapping[Any, Any], taxon: str
) -> tuple[list[dict[str, str]], str, str]:
    """The members that a claim is tested on, or the gate and the reason why there are none."""
    pool = _stand_for(candidates, claim)
    if not pool:
        return [], f"{NOT_TESTABLE}:no_gene", "the curated set names no gene or miRNA for this claim"
    here = [member for member in pool if member["species"] == taxon and member["identifier"]]
    if not here:
        names = ", ".join(sorted({member["symbol"] for member in pool if member["symbol"]}))
        text = f"the curated set has no orthologue in this species ({names})"
        return [], f"{NOT_TESTABLE}:no_orthologue", text
    signed = [member for member in here if member["direction_rule"] != "none"]
    if not signed:
        return here, "", ""
    if claim["testability"] == "direct":
        signed = [member for member in signed if member["direction_rule"] == "strong"] or signed
    return [member for member in signed if member["member_evidence"] in NAMED] or signed, "", ""


def _stand_for(candidates: list[dict[str, str]], claim: Mapping[Any, Any]) -> list[dict[str, str]]:
    """Members that stand for the claim's entities. The others of its mechanism are not its business: a claim about a
    receptor says nothing of the ligand.
    """
    entities = set(_words(claim["entity_id"]))
    return [member for member in candidates if entities & set(_words(member["entity_id"]))]


def _facts(member: Mapping[str, str], claim: Mapping[Any, Any]) -> dict[str, str]:
    """What the row of a member says of it."""
    columns = (
        "identifier",
        "symbol",
        "kind",
        "role",
        "member_evidence",
        "direction_rule",
        "soma_levels",
        "shared_with",
    )
    return {
        **{column: member[column] for column in columns},
        "mechanism_id": member["mechanism_id"] or claim["mechanism_id"],
        "tier": weaker_tier(claim["tier"], member["tier"]),
    }


def _words(cell: str) -> list[str]:
    return list(filter(None, cell.split("|")))


def _of_member(direction: str, sign: float) -> str:
    """Direction of the member's transcript."""
    if direction not in ("up", "down"):
        return direction
    if sign == 0.0:
        return "none"
    return direction if sign > 0 else {"up": "down", "down": "up"}[direction]
