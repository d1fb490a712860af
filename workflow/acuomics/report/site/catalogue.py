"""The published studies on a page of their own: what is known of each, what it claims, and what papers report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from acuomics.files import read_tsv
from acuomics.report.tables import Column, Filter, page_table

STATUS_MEANING = {
    "ready": "reads or counts are deposited under an accession that was seen",
    "statistics_only": "only a table of p values is deposited: it is recounted, not modelled",
    "group_means_only": "only means of arms are deposited: no error rates",
    "needs_accession": "no accession was seen in what was read",
    "not_sequencing": "not measured by sequencing",
    "not_acupuncture": "a comparator without acupuncture",
}
STUDY_COLUMNS = (
    Column("study", "Study", "Name of the study's folder", "text"),
    Column("row", "Row", "D: of acupuncture or moxibustion, C: a comparator without", "text"),
    Column("year", "Year", "Year of publication", "text"),
    Column("species", "Species", "Species of the samples", "text"),
    Column("tissue", "Tissue", "Tissue of the samples", "text"),
    Column("level", "Level", "Level of the body in the curated set", "text"),
    Column("assay", "Assay", "What was measured", "text"),
    Column("status", "Status", "What of the data can be had, as far as was read", "text"),
    Column("reason", "Why", "Why the study has this status", "text"),
    Column("admits", "Admits", "What the data admit", "text"),
    Column("n_claims", "Claims", "Claims of the paper that were written down", "integer"),
    Column("accession", "Accession", "Accession that was seen", "text"),
    Column("doi", "DOI", "Digital object identifier of the paper", "text"),
    Column("pmid", "PMID", "PubMed number of the paper", "text"),
    Column("uberon", "UBERON", "Tissue in the UBERON ontology", "text"),
)
CLAIM_COLUMNS = (
    Column("study", "Study", "Name of the study's folder", "text"),
    Column("claim", "Claim", "Key of the claim in claims.tsv of the study", "text"),
    Column("feature_as_printed", "As printed", "The feature or the count as the paper prints it", "text"),
    Column("feature_name", "Read as", "Current name of the feature that is meant", "text"),
    Column("name_status", "Name", "How the printed name was resolved", "text"),
    Column("kind", "Kind", "What the claim is about", "text"),
    Column("direction", "Claimed", "Direction that was claimed", "text"),
    Column("contrast_as_printed", "Contrast as printed", "The comparison in the words of the paper", "text"),
    Column("effect", "Effect as printed", "The effect in the words of the paper", "text"),
    Column("count", "Published count", "Number of changed features that was published", "integer"),
    Column("threshold", "Threshold", "Rule for calling a feature changed, as printed", "text"),
    Column("evidence", "Evidence", "What of the paper was read", "text"),
    Column("species", "Species", "Species of the samples", "text"),
    Column("tissue", "Tissue", "Tissue of the samples", "text"),
    Column("note", "Note", "What a reader must know of this row", "text"),
    Column("source", "Source", "Where the claim was made", "text"),
)
REPORTING_COLUMNS = (
    Column("practice", "Practice", "What a reader needs to judge a study", "text"),
    Column("among", "Among", "Of which studies it can be asked", "text"),
    Column("of", "Studies", "How many studies these are", "integer"),
    Column("stated", "Stated", "In how many of them it is stated in what was read", "integer"),
    Column("studies", "Which", "Names of the studies that state it", "text"),
)


def describe_catalogue(files: Mapping[str, str | Path], run: Sequence[str]) -> dict[str, Any]:
    """Gather what the page of the catalogue shows.

    Parameters
    ----------
    files : mapping of str to path
        ``studies``, ``claims`` and ``reporting``, as far as they are given (``results/catalogue/*.tsv``).
    run : sequence of str
        Names of the studies of this run.

    Returns
    -------
    dict
        ``n_studies, n_claims, by_status, run, tables``; a table whose file is missing is not in ``tables``.
    """
    tables, frames = {}, {}
    for name, columns in (("studies", STUDY_COLUMNS), ("claims", CLAIM_COLUMNS), ("reporting", REPORTING_COLUMNS)):
        if files.get(name) is None:
            continue
        text = {column.name: str for column in columns if column.kind == "text"}
        frame = frames[name] = read_tsv(files[name], dtype=text)
        path = f"results/catalogue/{name}.tsv"
        tables[name] = page_table(frame, columns, f"catalogue-{name}", len(frame), None, _filters(name, frame), path)
    studies, claims = frames.get("studies"), frames.get("claims")
    counted = Counter() if studies is None else Counter(studies["status"])
    known = [status for status in STATUS_MEANING if counted[status]]
    return {
        "study": "catalogue",
        "n_studies": 0 if studies is None else len(studies),
        "n_claims": 0 if claims is None else len(claims),
        "by_status": [(status, counted[status]) for status in (*known, *sorted(set(counted) - set(known)))],
        "run": list(run),
        "tables": tables,
    }


def _filters(name: str, frame: pd.DataFrame) -> list[Filter]:
    column = {"studies": "status", "claims": "name_status"}.get(name)
    if column is None or column not in frame:
        return []
    words = sorted(str(word) for word in frame[column].dropna().unique())
    filters = [Filter(word.replace("_", " "), column, "=", word) for word in words]
    if name == "studies":
        levels = sorted(str(word) for word in frame["level"].dropna().unique())
        filters += [Filter(level.replace("_", " "), "level", "=", level) for level in levels]
    return filters
