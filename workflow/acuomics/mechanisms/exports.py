"""The curated set for other programs: gene sets (GMT), a signed net, and a table of annotations like GPAD."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from acuomics.files import write_json, write_text, write_tsv
from acuomics.mechanisms.curated import SPECIES, CuratedSet, census, members_of_claims
from acuomics.mechanisms.package import values
from acuomics.mechanisms.signed import TIERS, Signed, signed_members

# What names a member in an export: the identifier that joins, or the label that people read.
NAMES = ("id", "symbol")

VERBS = {"+": "raises", "-": "lowers"}

# A gene that the curators chose for an entity rests on their inference, whatever the claim rests on.
CURATOR_INFERENCE = "ECO:0000305"

GPAD_COLUMNS = (
    "object_id",
    "negation",
    "relation",
    "term_id",
    "reference",
    "eco",
    "with_or_from",
    "taxon",
    "assigned_by",
    "extensions",
    "properties",
)


def gmt(curated: CuratedSet, signed: Signed, taxon: int, tier: str, name: str) -> str:
    """Write the signed members of one tier as gene sets.

    Parameters
    ----------
    curated : CuratedSet
        The curated set, for its version and hash.
    signed : Signed
        Its members with a sign, in this species.
    taxon : int
        NCBI taxon, said in the description.
    tier : str
        One of `TIERS`.
    name : {"id", "symbol"}
        What names a member: NCBI Gene id or MIMAT accession, or the symbol.

    Returns
    -------
    str
        A line a mechanism, level and direction: ``<id>_<mechanism>_<level>_UP`` or ``_DN``, a description with
        version, hash, species, tier and claims, and the members, sorted. Negated, undirected, conditional and
        conflicting claims have no line: this format cannot say them.
    """
    rows = signed.members[signed.members["tier"] == tier]
    lines = []
    for (mechanism, label, level, direction), group in rows.groupby(
        ["mechanism_id", "mechanism", "level", rows["weight"].map({1: "UP", -1: "DN"})]
    ):
        claims = sorted({claim for cell in group["claims"] for claim in values(cell)})
        # Readers of this format split at any white space, so the description has none.
        about = f"acuomics:{curated.version};sha256:{curated.sha256};taxon:{taxon};tier:{tier};"
        about += f"claims:{','.join(claims)}"
        members = sorted(group["key" if name == "id" else "symbol"])
        lines.append("\t".join([f"{mechanism}_{label}_{level}_{direction}", about, *members]))
    return "".join(f"{line}\n" for line in sorted(lines))


def net(signed: Signed, name: str) -> pd.DataFrame:
    """Give the signed members as a net that decoupler reads: ``source, target, weight``, no pair twice."""
    rows = signed.members
    source = rows["mechanism_id"] + "_" + rows["mechanism"] + "_" + rows["level"]
    target = rows["key" if name == "id" else "symbol"]
    table = pd.DataFrame({"source": source, "target": target, "weight": rows["weight"].astype(int)})
    return table.sort_values(["source", "target"], kind="stable").reset_index(drop=True)


def claim_annotations(curated: CuratedSet) -> pd.DataFrame:
    """Give every claim with what supports it, in the manner of GPAD 2.0.

    Returns
    -------
    pandas.DataFrame
        `GPAD_COLUMNS`, strings. A row a claim, mechanism (or system, where it has none), supporting evidence and
        object; the objects are the genes and microRNAs of all species of which the claim speaks, or its entity where
        there are none. `negation` is ``NOT`` for a claimed absence; `eco` is ECO:0000305 where the curators chose
        the gene. GPAD has a date in each row; the version of the set, in `properties`, stands for it.
    """
    objects: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for taxon in SPECIES:
        for row in members_of_claims(curated, taxon).to_dict("records"):
            prefix = "NCBIGene" if row["kind"] == "ncbi_gene" else "miRBase"
            key = (row["claim_id"], row["mechanism_id"])
            objects.setdefault(key, []).append((f"{prefix}:{row['key']}", f"NCBITaxon:{taxon}", row["tier"]))
    evidence: dict[str, list[dict[Any, Any]]] = {}
    for row in curated.evidence[curated.evidence["outcome"] == "supports"].to_dict("records"):
        evidence.setdefault(row["claim_id"], []).append(row)
    rows: list[tuple[str, ...]] = []
    for claim in curated.claims.to_dict("records"):
        taxa = "|".join(f"NCBITaxon:{taxon}" for taxon in values(claim["species"]) if taxon.isdecimal())
        for term in values(claim["mechanism_id"]) or [""]:
            of_term = objects.get((claim["claim_id"], term)) or [(claim["entity_id"], taxa, "")]
            for support in evidence.get(claim["claim_id"], []):
                rows += [_annotation(claim, term, support, *one, curated.version) for one in of_term]
    return pd.DataFrame(rows, columns=list(GPAD_COLUMNS))


def _annotation(
    claim: Mapping[Any, Any], term: str, support: Mapping[Any, Any], object_id: str, taxon: str, tier: str, version: str
) -> tuple[str, ...]:
    place = f"file:{support['source_file']}#L{support['line_from']}-L{support['line_to']}"
    reference = support["ref_id"] or (place if support["source_file"] else support["reference"])
    extensions = [f"occurs_at({level})" for level in values(claim["level"])]
    extensions += [f"{key}({claim[key]})" for key in ("model", "stimulus", "frequency_hz", "acupoint") if claim[key]]
    relation = f"acupuncture_{VERBS.get(claim['direction'], 'concerns')}"
    properties = {
        "claim": claim["claim_id"],
        "tier": claim["tier"],
        "member_tier": tier,
        "direction": claim["direction"],
        "relation_to_analgesia": claim["relation_to_analgesia"],
        "testability": claim["testability"],
        "conflict_groups": claim["conflict_group"].replace("|", ","),
        "circular_for": claim["claim_source_dataset"].replace("|", ","),
        "set": version,
    }
    return (
        object_id,
        "NOT" if claim["negated"] == "true" else "",
        relation if claim["aspect"] == "none" else f"{relation}_{claim['aspect']}",
        term or f"system:{claim['system']}",
        reference,
        CURATOR_INFERENCE if tier == "seed_proxy" else support["eco"],
        f"{support['evidence_id']}|{claim['entity_id']}",
        taxon,
        "acuomics",
        ",".join(extensions),
        "|".join(f"{key}={value}" for key, value in properties.items() if value),
    )


def file_names() -> list[str]:
    """Name the files that `export_set` writes, in order."""
    gmts = [f"{species}.{tier}.{name}.gmt" for species in SPECIES.values() for tier in TIERS for name in NAMES]
    nets = [f"{species}.net.{name}.tsv" for species in SPECIES.values() for name in NAMES]
    return [*gmts, *nets, "annotations.gpad.tsv", "set.json"]


def export_set(curated: CuratedSet, folder: str | Path) -> dict[str, Any]:
    """Write all exports (`file_names`) and say what is in them.

    Parameters
    ----------
    curated : CuratedSet
        The curated set.
    folder : str or Path
        Where to write; the same set gives the same bytes.

    Returns
    -------
    dict
        What ``set.json`` holds: version, hash, census, the number of sets, pairs and rows by file, and the
        mechanisms left out at a level because claims contradict one another or a condition decides.
    """
    folder = Path(folder)
    sizes: dict[str, int] = {}
    left_out: list[dict[str, Any]] = []
    for taxon, species in SPECIES.items():
        signed = signed_members(curated, taxon)
        # The claims decide it, so it is the same in every species.
        left_out = signed.left_out
        for name in NAMES:
            for tier in TIERS:
                text = gmt(curated, signed, taxon, tier, name)
                write_text(text, folder / f"{species}.{tier}.{name}.gmt")
                sizes[f"{species}.{tier}.{name}.gmt"] = text.count("\n")
            table = net(signed, name)
            write_tsv(table, folder / f"{species}.net.{name}.tsv")
            sizes[f"{species}.net.{name}.tsv"] = len(table)
    table = claim_annotations(curated)
    write_tsv(table, folder / "annotations.gpad.tsv")
    sizes["annotations.gpad.tsv"] = len(table)
    summary = {
        "version": curated.version,
        "sha256": curated.sha256,
        "tables": dict(curated.hashes),
        "census": census(curated),
        "rows": sizes,
        "left_out": left_out,
    }
    write_json(summary, folder / "set.json")
    return summary
