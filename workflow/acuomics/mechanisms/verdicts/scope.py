"""Of which levels, frequencies and studies a claim speaks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd


def levels_of_claim(level: str, levels: pd.DataFrame) -> set[str]:
    """Tissue levels that a claim's `level` (words joined by ``|``) names."""
    return set(level.split("|")) & set(map(str, levels["level"]))


def frequencies(text: object) -> set[float]:
    """Stimulation frequencies in Hz that a cell or a record names."""
    return {float(number) for number in re.findall(r"\d+(?:\.\d+)?", str(text or ""))}


def references(text: str) -> set[str]:
    """Find PubMed ids, DOIs and accessions in a text, in a form that compares."""
    found = {f"pmid:{number}" for number in re.findall(r"(?i)\bPMID[:\s]*(\d+)", text)}
    found |= {f"doi:{doi.rstrip('.)').lower()}" for doi in re.findall(r"\b10\.\d{4,9}/[^\s,;|]+", text)}
    return found | {
        word.upper() for word in re.findall(r"(?i)\b(?:GSE|PRJNA|PRJEB|SRP|ERP|CRA|HRA|E-MTAB-)\d+\b", text)
    }


def circular_with(claim_source_dataset: str, record: Mapping[str, Any]) -> bool:
    """Whether a claim comes from the study under re-analysis: by study id, PMID, DOI or accession."""
    if not claim_source_dataset:
        return False
    words = {word.strip() for word in re.split(r"[|;,]", claim_source_dataset)}
    if record["study"] in words:
        return True
    said = " ".join(str(record.get(key, "")) for key in ("source", "accession", "pmid", "doi"))
    theirs = references(said) | {f"pmid:{n}" for n in re.findall(r"\d+", str(record.get("pmid", "")))}
    ours = references(claim_source_dataset) | {f"pmid:{word}" for word in words if word.isdigit()}
    return bool(ours & theirs)
