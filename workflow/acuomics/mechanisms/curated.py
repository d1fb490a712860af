"""The curated set in memory: string tables with their version and hash, and which genes a claim speaks of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from acuomics.mechanisms.package import TABLES, Package, values
from acuomics.mechanisms.validation import check_set
from acuomics.problems import Problems

# NCBI taxa that the set covers.
SPECIES: Mapping[int, str] = {9606: "human", 10090: "mouse", 10116: "rat"}

LINK_COLUMNS = (
    "claim_id",
    "kind",
    "key",
    "symbol",
    "mechanism_id",
    "entity_id",
    "role",
    "direction_rule",
    "expected_sign",
    "tier",
    "member_evidence",
    "soma_levels",
)


@dataclass(frozen=True)
class CuratedSet:
    """The curated tables, every cell a string and empty cells empty strings.

    Parameters
    ----------
    mechanisms, entities, members, claims, evidence, conflicts, levels, mirnas, testability : pandas.DataFrame
        The tables; ``datapackage.json`` describes every column. A cell of several values separates them by ``|``.
    version : str
        Version of the set (SemVer).
    sha256 : str
        Hash over the hashes of the tables: it changes with any byte of any table, and with nothing else.
    hashes : mapping of str to str
        File name of each table to the SHA-256 of its bytes.
    """

    mechanisms: pd.DataFrame
    entities: pd.DataFrame
    members: pd.DataFrame
    claims: pd.DataFrame
    evidence: pd.DataFrame
    conflicts: pd.DataFrame
    levels: pd.DataFrame
    mirnas: pd.DataFrame
    testability: pd.DataFrame
    version: str
    sha256: str
    hashes: Mapping[str, str]

    @property
    def name(self) -> str:
        """Version and first digits of the hash, as outputs carry them."""
        return f"{self.version} sha256:{self.sha256[:12]}"


def load_set(folder: str | Path) -> CuratedSet:
    """Read and check the curated set.

    Parameters
    ----------
    folder : str or Path
        The folder with ``datapackage.json`` and the tables.

    Returns
    -------
    CuratedSet
        The tables with version and hash.

    Raises
    ------
    InputError
        With every fault that `acuomics.mechanisms.validation.check_set` finds.
    """
    # A job of many studies asks for it again and again; another size or time of any file makes it read anew.
    files = sorted(path for path in Path(folder).glob("*") if path.is_file())
    return _load_once(str(folder), tuple((path.name, *_stamp(path)) for path in files))


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=1)
def _load_once(folder: str, _stamps: tuple[tuple[str, int, int], ...]) -> CuratedSet:
    problems = Problems()
    package = check_set(folder, problems)
    problems.raise_if_any()
    assert package is not None, "a package that cannot be used is a problem"
    return from_package(package)


def from_package(package: Package) -> CuratedSet:
    """Turn a checked `Package` into tables of pandas."""
    frames = {
        name: pd.DataFrame.from_records(
            [tuple(row.values()) for row in package.tables[name].rows], columns=list(package.tables[name].columns)
        )
        for name in TABLES
    }
    return CuratedSet(**frames, version=package.version, sha256=package.sha256, hashes=dict(package.hashes))


def members_of_claims(curated: CuratedSet, taxon: int) -> pd.DataFrame:
    """Say of which genes and microRNAs each claim speaks.

    A claim speaks of the members of its mechanisms that stand for its entity, or for an entity that this one
    includes. (The other members of its mechanisms are not its business: a claim about a receptor says nothing
    about the ligand.) A microRNA belongs to every claim about it.

    Parameters
    ----------
    curated : CuratedSet
        The curated set.
    taxon : int
        NCBI taxon of the genes wanted; the claim itself may come from another species.

    Returns
    -------
    pandas.DataFrame
        `LINK_COLUMNS`, strings, a row a claim and member in the order of the tables; `kind` is ``ncbi_gene`` or
        ``mimat`` and `key` the identifier. Claims without members have no row.
    """
    parts = _parts(curated.entities)
    genes: dict[tuple[str, str], list[tuple[str, ...]]] = {}
    for row in curated.members[curated.members["species"] == str(taxon)].to_dict("records"):
        member = ("ncbi_gene", row["gene_ncbi"], row["symbol"], row["mechanism_id"], row["entity_id"], row["role"])
        rules = (row["direction_rule"], row["expected_sign"], row["tier"], row["member_evidence"], row["soma_levels"])
        genes.setdefault((row["mechanism_id"], row["entity_id"]), []).append(member + rules)
    mirnas: dict[str, list[tuple[str, ...]]] = {}
    of_species = curated.mirnas[(curated.mirnas["species"] == str(taxon)) & (curated.mirnas["use"] == "claim")]
    for row in of_species.to_dict("records"):
        member = ("mimat", row["mimat"], row["name_v22"], row["mechanism_id"], row["entity_id"], "mirna")
        tier = "seed_named" if row["tier"] == "seed" else "extended"
        evidence = "named_in_seed" if row["tier"] == "seed" else "extended_literature"
        mirnas.setdefault(row["entity_id"], []).append((*member, "strong", "1", tier, evidence, ""))
    links = []
    for claim in curated.claims.to_dict("records"):
        entities = parts[claim["entity_id"]]
        for mechanism in values(claim["mechanism_id"]):
            for entity in entities:
                links += [(claim["claim_id"], *member) for member in genes.get((mechanism, entity), [])]
        for entity in entities:
            links += [(claim["claim_id"], *member) for member in mirnas.get(entity, [])]
    return pd.DataFrame.from_records(links, columns=list(LINK_COLUMNS))


def claims_with_parts(curated: CuratedSet) -> pd.DataFrame:
    """Give the claims with all entities that each is about: its own and those that this one includes."""
    parts = _parts(curated.entities)
    return curated.claims.assign(entity_id=["|".join(parts[entity]) for entity in curated.claims["entity_id"]])


def _parts(entities: pd.DataFrame) -> dict[str, list[str]]:
    """Give every entity with all that it includes, itself first."""
    includes = {row["entity_id"]: values(row["includes"]) for row in entities.to_dict("records")}
    closed: dict[str, list[str]] = {}
    for entity in includes:
        found: list[str] = []
        waiting = [entity]
        while waiting:
            one = waiting.pop(0)
            if one not in found:
                found.append(one)
                waiting += includes[one]
        closed[entity] = found
    return closed


def census(curated: CuratedSet) -> dict[str, object]:
    """Count what the set holds: claims by tier and testability, references that could not be resolved.

    Returns
    -------
    dict
        ``claims`` and ``testability`` by tier, ``not_testable`` by reason, ``systems``, ``unresolved_references``.
    """
    claims = curated.claims
    heads = claims["testability"].str.partition(":")[0]
    reasons = claims["testability"].str.partition(":")[2]
    return {
        "claims": _counts(claims["tier"]),
        "testability": {tier: _counts(heads[claims["tier"] == tier]) for tier in sorted(set(claims["tier"]))},
        "not_testable": _counts(reasons[reasons != ""]),
        "systems": _counts(claims["system"]),
        "unresolved_references": int((curated.evidence["ref_status"] == "unresolved").sum()),
    }


def _counts(column: pd.Series) -> dict[str, int]:
    return dict(sorted(Counter(column).items()))
