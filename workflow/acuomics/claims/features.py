"""Which row of a table a claim is about, and whether the claim was made from the data that judge it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from acuomics.claims.evidence import Evidence
from acuomics.mechanisms.verdicts.scope import references

ID_COLUMN: Mapping[str, str] = {"mirna": "mimat", "transcript": "ncbi_gene"}
_MEASURED: Mapping[str, str] = {"mirna": "miRNAs", "mrna": "mRNA"}


@dataclass(frozen=True)
class Place:
    """The row of a claim's feature, what to call it, and what a reader must know of the name."""

    row: str
    label: str
    remark: str


def find_feature(
    claim: Mapping[str, Any], record: Mapping[str, Any], evidence: Evidence, features: pd.DataFrame | None
) -> Place | str:
    """Find a claim's feature by its identifier, never by its name; a text that says why it is not there.

    Of several rows of one identifier the one with most reads is taken (without reads: the first by name).
    """
    kind, identifier = claim["kind"], str(claim["feature"])
    name = claim["feature_name"] or identifier
    if (kind == "mirna") != (record["assay"] in ("mirna", "array_mirna")) and record["assay"] in _MEASURED:
        return f"{name} is a {kind}, and the study counted {_MEASURED[record['assay']]}"
    if features is None or ID_COLUMN[kind] not in features.columns:
        return f"the features of the study have no {ID_COLUMN[kind]}"
    rows = features.loc[features[ID_COLUMN[kind]] == identifier, "feature"]
    rows = rows[rows.isin(evidence.table.index)]
    if rows.empty:
        lacking = "; no feature has an accession" if features[ID_COLUMN[kind]].isna().all() else ""
        return f"{name} ({identifier}){lacking}"
    first = str(rows.iloc[0])
    if len(rows) > 1:
        seen = evidence.table.loc[sorted(rows), "base_mean"]
        first = str(seen.sort_values(ascending=False, kind="stable").index[0])
    remarks = []
    if claim["name_status"] == "emended":
        note = f" ({claim['note']})" if claim["note"] else ""
        remarks.append(f"the printed {claim['feature_as_printed']!r} is read as {name}{note}")
    if len(rows) > 1:
        remarks.append(f"{len(rows)} features carry this identifier; one is taken, without a look at its p value")
    return Place(first, str(name), "".join(f"; {remark}" for remark in remarks))


def same_data(claim: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    """Whether a claim must be taken for one made from the data of this study.

    It is, unless the study is simulated or the claim's source and the study are known by the same kind of reference
    (PMID, DOI, accession) and all of these differ. In doubt it is: a feature that was picked from the data must not be
    tested as if it had been named before.
    """
    if record.get("simulated"):
        return False
    facts = (record.get("facts") or {}).get("identifiers") or {}
    pmid = f"PMID:{facts['pmid']}" if facts.get("pmid") else ""
    words = [str(record.get("source") or ""), pmid, str(facts.get("doi") or ""), *(facts.get("accession") or [])]
    ours, theirs = _by_kind(" ".join(words)), _by_kind(str(claim["source"] or ""))
    shared = ours.keys() & theirs.keys()
    return not shared or any(ours[kind] & theirs[kind] for kind in shared)


def _by_kind(text: str) -> dict[str, set[str]]:
    """References of a text by what they are: ``pmid``, ``doi``, or an accession of one archive."""
    found: dict[str, set[str]] = {}
    for word in references(text):
        kind = word.partition(":")[0] if ":" in word else word.rstrip("0123456789")
        found.setdefault(kind, set()).add(word)
    return found
