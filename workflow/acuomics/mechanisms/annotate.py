"""Holds a study's fold changes against the curated mechanisms: a row a feature, mechanism and contrast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from acuomics.files import read_tsv
from acuomics.mechanisms.curated import SPECIES, CuratedSet
from acuomics.mechanisms.members import Member, members_of

# Only these contrasts set acupuncture against what it is to be compared with.
SCORED_ROLES = ("treatment", "specificity")

KIND_OF_ASSAY: Mapping[str, str] = {"mrna": "ncbi_gene", "mirna": "mimat"}

ANNOTATION_COLUMNS = (
    "contrast",
    "feature",
    "symbol",
    "mechanism_id",
    "mechanism",
    "tier",
    "role",
    "direction_rule",
    "expected_sign",
    "member_evidence",
    "level",
    "level_in_scope",
    "log2fc",
    "log2fc_se",
    "p",
    "q",
    "significant",
    "direction_seen",
    "agrees",
    "note",
    "set_version",
    "set_hash",
)

DE_COLUMNS = ("log2fc", "log2fc_se", "p", "q")


def read_contrast_tables(folder: str | Path) -> dict[str, pd.DataFrame]:
    """Read the differential expression tables of a study: ``<contrast>.tsv`` files, by contrast name."""
    text = {"feature": str, "symbol": str, "status": str}
    return {path.stem: read_tsv(path, dtype=text) for path in sorted(Path(folder).glob("*.tsv"))}


def read_features(path: str | Path) -> pd.DataFrame:
    """Read ``intake/features.tsv``; identifiers stay text, whatever they look like."""
    return read_tsv(path, dtype=str)


def annotate(
    record: Mapping[str, Any],
    features: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    curated: CuratedSet,
    q: float,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Annotate the features that a curated mechanism names, whether significant or not.

    Features join by NCBI Gene id or by MIMAT accession, never by symbol. A direction is scored (`agrees` yes
    or no) only where the claim is about the abundance of that gene product (`direction_rule` strong or weak),
    it has one direction at the study's tissue level, the contrast compares acupuncture with the model or with
    sham, and the change is significant. Otherwise `agrees` is ``not_scored`` and `note` opens with the
    reason. A feature that is not significant is not thereby unchanged.

    Parameters
    ----------
    record : mapping
        The study record.
    features : pandas.DataFrame
        ``feature, ncbi_gene, mimat, symbol, mapping`` (``intake/features.tsv``).
    tables : mapping of str to pandas.DataFrame
        Contrast name to its table of differential expression (``feature, log2fc, log2fc_se, p, q, status``).
    curated : CuratedSet
        The curated set.
    q : float
        False discovery rate below which a change is significant.

    Returns
    -------
    annotations : pandas.DataFrame
        `ANNOTATION_COLUMNS`; `significant` is ``yes``, ``no`` or ``not_tested``, `direction_seen` is ``up``,
        ``down``, ``not_significant`` or ``not_tested``.
    summary : dict
        Counts, version and hash of the set, and the members that the data do not have.
    """
    members = members_of(curated, record)
    found = _join(members, features)
    level = record["tissue"]["level"]
    rows: list[dict[str, Any]] = []
    contrasts = []
    for contrast in record["contrasts"]:
        # One look-up per feature instead of a search per row.
        table = tables[contrast["contrast"]].set_index("feature").to_dict("index")
        of_contrast = [
            _judge(member, feature, symbol, several, contrast, table.get(feature), q)
            for member, places in found
            for feature, symbol, several in places
        ]
        rows += of_contrast
        contrasts.append(_count(contrast, of_contrast))
    annotations = pd.DataFrame(rows, columns=list(ANNOTATION_COLUMNS))
    annotations["level"] = level
    annotations["set_version"] = curated.version
    annotations["set_hash"] = curated.sha256[:12]
    return annotations, _summary(record, members, found, features, contrasts, curated, q)


def _join(members: list[Member], features: pd.DataFrame) -> list[tuple[Member, list[tuple[str, str, int]]]]:
    """Find each member's features: identifier, label, and how many features carry the member's identifier."""
    usable = features[features["mapping"] != "ambiguous"]
    places: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for kind in ("ncbi_gene", "mimat"):
        named = usable[usable[kind].notna()]
        for feature, symbol, key in zip(named["feature"], named["symbol"], named[kind], strict=True):
            places.setdefault((kind, key), []).append((feature, symbol if isinstance(symbol, str) else ""))
    joined = []
    for member in members:
        at = places.get((member.kind, member.key), [])
        joined.append((member, [(feature, symbol or member.symbol, len(at)) for feature, symbol in at]))
    return joined


def _judge(
    member: Member,
    feature: str,
    symbol: str,
    several: int,
    contrast: Mapping[str, Any],
    seen: Mapping[Any, Any] | None,
    q: float,
) -> dict[str, Any]:
    """Make one row: what was seen of a feature in a contrast, and whether it bears on the claim."""
    values = {name: seen[name] if seen is not None else float("nan") for name in DE_COLUMNS}
    significant = "no"
    if pd.isna(values["q"]):
        significant = "not_tested"
    elif values["q"] < q:
        significant = "yes"
    direction = "not_tested" if significant == "not_tested" else "not_significant"
    if significant == "yes":
        direction = "up" if values["log2fc"] > 0 else "down"

    reason = member.never
    if not reason and contrast["role"] not in SCORED_ROLES:
        what = "does not compare acupuncture with the model or sham"
        reason = f"contrast_role: a {contrast['role']} contrast {what}"
    if not reason and significant == "not_tested":
        status = seen["status"] if seen is not None else "not in the table"
        reason = f"not_tested: {status}"
    if not reason and significant == "no":
        reason = "not_significant: not detected at this q and power, which is no evidence of no change"
    notes = [reason] if reason else []
    notes += member.remarks
    if several > 1:
        notes.append(f"{several} features carry this identifier")
    agrees = "not_scored"
    if not reason:
        agrees = "yes" if direction == member.expected_sign else "no"
    return {
        "contrast": contrast["contrast"],
        "feature": feature,
        "symbol": symbol,
        "mechanism_id": member.mechanism_id,
        "mechanism": member.mechanism,
        "tier": member.tier,
        "role": member.role,
        "direction_rule": member.direction_rule,
        "expected_sign": member.expected_sign,
        "member_evidence": member.member_evidence,
        "level_in_scope": "yes" if member.level_in_scope else "no",
        **values,
        "significant": significant,
        "direction_seen": direction,
        "agrees": agrees,
        "note": "; ".join(notes),
    }


def _count(contrast: Mapping[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Count the rows of one contrast; features are counted once, however many mechanisms share them."""
    scored = [row for row in rows if row["agrees"] != "not_scored"]
    reasons = Counter(row["note"].partition(":")[0] for row in rows if row["agrees"] == "not_scored")
    return {
        "contrast": contrast["contrast"],
        "role": contrast["role"],
        "n_rows": len(rows),
        "n_features": len({row["feature"] for row in rows}),
        "n_significant": len({row["feature"] for row in rows if row["significant"] == "yes"}),
        "n_not_tested": len({row["feature"] for row in rows if row["significant"] == "not_tested"}),
        "n_scored": len(scored),
        "n_agree": sum(row["agrees"] == "yes" for row in scored),
        "n_disagree": sum(row["agrees"] == "no" for row in scored),
        "not_scored": dict(sorted(reasons.items())),
    }


def _summary(
    record: Mapping[str, Any],
    members: list[Member],
    found: list[tuple[Member, list[tuple[str, str, int]]]],
    features: pd.DataFrame,
    contrasts: list[dict[str, Any]],
    curated: CuratedSet,
    q: float,
) -> dict[str, Any]:
    kind = KIND_OF_ASSAY[record["assay"]]
    wanted = {member.key: member.symbol for member in members if member.kind == kind}
    present = {member.key for member, places in found if places and member.kind == kind}
    covered = record["taxon"] in SPECIES
    warnings = [] if covered else [f"the curated set has no identifiers for taxon {record['taxon']}"]
    if record.get("simulated"):
        warnings.append("simulated: agreement with a claim was planted, and is no evidence for it")
    return {
        "study": record["study"],
        "set_version": curated.version,
        "set_hash": curated.sha256,
        "set_files": dict(curated.hashes),
        "q": q,
        "taxon": record["taxon"],
        "species_covered": covered,
        "level": record["tissue"]["level"],
        "identifier": kind,
        "n_curated": len(wanted),
        "n_found": len(present),
        "n_features": len(features),
        "n_ambiguous_not_joined": int((features["mapping"] == "ambiguous").sum()),
        "n_mechanisms_found": len({member.mechanism_id for member, places in found if places}),
        "absent": [
            {"id": key, "symbol": wanted[key]}
            for key in sorted(wanted, key=lambda k: (wanted[k], k))
            if key not in present
        ],
        "contrasts": contrasts,
        "warnings": warnings,
    }
