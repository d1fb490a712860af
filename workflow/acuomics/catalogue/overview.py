"""Tables of the published studies: studies, claims, what papers report, and the totals in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from acuomics.catalogue.claims import CELL_TYPE, COLUMNS, RESOLVED, STATUSES, Claim
from acuomics.catalogue.published import OTHER_COLUMNS, Published, PublishedStudy, read_published
from acuomics.files import write_text
from acuomics.problems import Problems

Rows = list[dict[str, Any]]

_ERROR_RATE = re.compile(r"\b(FDR|q|adjusted|Benjamini|Bonferroni)\b", re.IGNORECASE)
#: Words of a status column in the order they are told.
STUDY_STATUSES = (
    "ready",
    "statistics_only",
    "group_means_only",
    "needs_accession",
    "not_sequencing",
    "not_acupuncture",
)


def study_rows(published: Published) -> Rows:
    """Give a row a study: study, row, species, tissue, level, assay, identifiers, status, reason, n_claims."""
    return [
        {
            "study": study.study,
            "row": study.facts["row"],
            "year": study.facts["year"],
            "species": study.content["species"],
            "tissue": study.content["tissue"]["name"],
            "uberon": study.content["tissue"].get("uberon"),
            "level": study.content["tissue"]["level"],
            "assay": study.content["assay"],
            "accession": ";".join(study.facts["identifiers"]["accession"]) or None,
            "doi": study.facts["identifiers"]["doi"],
            "pmid": study.facts["identifiers"]["pmid"],
            "pmcid": study.facts["identifiers"]["pmcid"],
            "status": study.facts["status"],
            "reason": study.facts["status_reason"],
            "admits": ";".join(study.facts["admits"]),
            "n_claims": len(study.claims),
        }
        for study in published.studies
    ]


#: The claims come before the reason, which is long and is what a narrow terminal cuts.
SHOWN = ("study", "row", "species", "tissue", "assay", "claims", "status", "reason")


def shown_rows(studies: Rows) -> Rows:
    """Give the rows of studies as they are printed, with the columns `SHOWN`: the genus as one letter."""
    return [
        {**row, "species": re.sub(r"^(\w)\w+ ", r"\1. ", row["species"]), "claims": row["n_claims"]} for row in studies
    ]


def claim_rows(published: Published) -> Rows:
    """Give a row a claim: study (None: no study of the catalogue), paper, species, tissue, and `COLUMNS`."""
    rows: Rows = []
    for study in published.studies:
        where = {"paper": study.content["source"], "species": study.content["species"]}
        where["tissue"] = study.content["tissue"]["name"]
        rows += [{"study": study.study, **where, CELL_TYPE: None, **claim} for claim in study.claims]
    return rows + [{"study": None, CELL_TYPE: None, **claim} for claim in published.others]


CLAIM_COLUMNS = ("study", *OTHER_COLUMNS, CELL_TYPE, *COLUMNS)


def _of_kind(*kinds: str) -> Callable[[PublishedStudy], bool]:
    return lambda study: study.facts["intervention"]["kind"] in kinds


def _given(*path: str) -> Callable[[PublishedStudy], bool]:
    def is_given(study: PublishedStudy) -> bool:
        value: Any = study.facts
        for key in path:
            value = value[key]
        return value not in (None, [])

    return is_given


def _sizes(study: PublishedStudy) -> bool:
    arms = study.facts["arms"]
    return bool(arms) and all(arm["n"] is not None for arm in arms)


_STIMULATED = _of_kind("electroacupuncture", "manual_acupuncture", "acupuncture", "moxibustion")
_ELECTRIC = _of_kind("electroacupuncture")
_NEEDLED = _of_kind("electroacupuncture", "manual_acupuncture", "acupuncture")
#: What a reader needs to judge a study: practice, of which studies, whether it is met.
_PRACTICES: tuple[tuple[str, str, Callable[[PublishedStudy], bool], Callable[[PublishedStudy], bool]], ...] = (
    ("accession seen", "stimulated", _STIMULATED, _given("identifiers", "accession")),
    ("deposit of any kind seen", "stimulated", _STIMULATED, _given("deposited")),
    ("rule for calling a feature changed stated", "stimulated", _STIMULATED, _given("thresholds")),
    (
        "rule controls an error rate (FDR)",
        "stimulated",
        _STIMULATED,
        lambda study: bool(_ERROR_RATE.search(study.facts["thresholds"] or "")),
    ),
    ("arms stated", "stimulated", _STIMULATED, _given("arms")),
    ("libraries of every arm stated", "stimulated", _STIMULATED, _sizes),
    ("sham or non-acupoint arm stated", "needled", _NEEDLED, _given("intervention", "sham")),
    ("instrument stated", "stimulated", _STIMULATED, _given("platform")),
    ("acupoints stated", "stimulated", _STIMULATED, _given("intervention", "acupoints")),
    ("frequency stated", "electroacupuncture", _ELECTRIC, _given("intervention", "frequency_hz")),
    ("intensity stated", "electroacupuncture", _ELECTRIC, _given("intervention", "intensity")),
    ("side stated", "needled", _NEEDLED, _given("intervention", "side")),
    ("sessions or duration stated", "stimulated", _STIMULATED, _given("intervention", "schedule")),
)
REPORTING_COLUMNS = ("practice", "among", "of", "stated", "studies")


def reporting_rows(published: Published) -> Rows:
    """Count what is stated in what was read, a row a practice.

    Returns
    -------
    list of dict
        ``practice``; ``among`` which studies it is counted (``stimulated``: any kind of acupuncture or
        moxibustion); ``of`` how many these are; ``stated`` in how many it is; ``studies`` their names. Mostly
        abstracts were read, so that these are counts of what a reader of abstracts learns.
    """
    rows: Rows = []
    for practice, among, population, is_met in _PRACTICES:
        asked = [study for study in published.studies if population(study)]
        met = [study.study for study in asked if is_met(study)]
        count = {"practice": practice, "among": among, "of": len(asked), "stated": len(met)}
        rows.append(count | {"studies": ";".join(met) or None})
    return rows


def write_tables(published: Published, folder: Path) -> tuple[Rows, Rows]:
    """Write ``studies.tsv`` (of any study), ``claims.tsv`` and ``reporting.tsv``; give the first and the last."""
    studies, reporting = study_rows(published), reporting_rows(published)
    if studies:
        write_text(as_tsv(studies, list(studies[0])), folder / "studies.tsv")
    write_text(as_tsv(claim_rows(published), CLAIM_COLUMNS), folder / "claims.tsv")
    write_text(as_tsv(reporting, REPORTING_COLUMNS), folder / "reporting.tsv")
    return studies, reporting


def list_studies(folder: str | Path, into: str | Path) -> None:
    """Read and check the published studies of a folder, and write their tables.

    Raises
    ------
    InputError
        With every fault of a study; nothing is written.
    """
    problems = Problems()
    published = read_published(folder, problems)
    problems.raise_if_any()
    write_tables(published, Path(into))


def totals(published: Published) -> list[str]:
    """Say in lines of text how many studies, claims and names there are, and which names are left unresolved."""
    by_status = Counter(study.facts["status"] for study in published.studies)
    lines = [
        f"{len(published.studies)} studies: "
        + ", ".join(f"{by_status[status]} {status}" for status in STUDY_STATUSES if by_status[status])
    ]
    claims = [(study.study, claim) for study in published.studies for claim in study.claims]
    claims += [(str(claim["paper"]), claim) for claim in published.others]
    lines += _count_collected([claim for _, claim in claims], len(published.others))
    names = [(where, claim) for where, claim in claims if claim["name_status"] != "not_a_feature"]
    by_name = Counter(claim["name_status"] for _, claim in names)
    told = ", ".join(f"{by_name[status]} {status}" for status in STATUSES if by_name[status])
    n_resolved = sum(by_name[status] for status in RESOLVED)
    lines.append(f"{len(names)} claims name a feature, {n_resolved} of them resolved: {told}")
    open_names: dict[str, list[str]] = {}
    for where, claim in names:
        if claim["name_status"] not in RESOLVED:
            key = f"{claim['feature_as_printed']} ({claim['name_status']}; {where})"
            open_names.setdefault(key, []).append(str(claim["claim"]))
    if open_names:
        lines.append("not resolved:")
        lines += [f"  {key}: {', '.join(ids)}" for key, ids in open_names.items()]
    return lines


def _count_collected(claims: Sequence[Claim], n_others: int) -> list[str]:
    """Say how the collected rows became claims."""
    rows = [[int(number) for number in (claim["collected"] or "").split(";") if number] for claim in claims]
    uses = Counter(number for numbers in rows for number in numbers)
    split = {number: n for number, n in sorted(uses.items()) if n > 1}
    merged = sum(len(numbers) > 1 for numbers in rows)
    fresh = sum(not numbers for numbers in rows)
    lines = [
        f"{len(uses)} collected claims as {len(claims)} claims ({n_others} of papers that are no study here): "
        f"{len(split)} rows split, {merged} claims merged from several rows, {fresh} not collected"
    ]
    if split:
        lines.append("  split (row: claims): " + ", ".join(f"{number}: {n}" for number, n in split.items()))
    return lines


def as_tsv(rows: Rows, columns: Sequence[str]) -> str:
    """Give rows as tab separated text with a header; None as ``NA``, tabs and line ends as blanks."""
    lines = ["\t".join(columns)]
    for row in rows:
        cells = ("NA" if row[column] is None else str(row[column]) for column in columns)
        lines.append("\t".join(re.sub(r"\s+", " ", cell) for cell in cells))
    return "\n".join(lines) + "\n"


def as_text(rows: Rows, columns: Sequence[str], width: int | None) -> str:
    """Give rows as aligned text; with a width (of a terminal), columns and lines are cut (the last letter: ``…``)."""
    cells = [list(columns)] + [["" if row[c] is None else str(row[c]) for c in columns] for row in rows]
    if width is not None:
        # The last column has what is left of the line.
        cells = [[*(_cut(cell, _WIDEST) for cell in line[:-1]), line[-1]] for line in cells]
    widths = [max(len(line[at]) for line in cells) for at in range(len(columns))]
    lines = ["  ".join(cell.ljust(n) for cell, n in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join(lines if width is None else [_cut(line, width) for line in lines])


_WIDEST = 19


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"
