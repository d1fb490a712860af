"""All rules of the curated set, in one call: fast and without pandas, so that it can run before any DAG is built."""

from __future__ import annotations

from pathlib import Path

from acuomics.mechanisms.claim_rules import check_claims, check_conflicts, check_counts, check_evidence
from acuomics.mechanisms.member_rules import check_entities, check_members, check_mirnas, check_signs
from acuomics.mechanisms.package import Package, read_package
from acuomics.mechanisms.schema_rules import check_schema
from acuomics.problems import Problems


def check_set(folder: str | Path, problems: Problems) -> Package | None:
    """Read the curated set and check it by every rule.

    Parameters
    ----------
    folder : str or Path
        The folder with ``datapackage.json`` and the tables.
    problems : Problems
        Takes every fault, with table, row, column, value and how to mend it.

    Returns
    -------
    Package or None
        The set on disk; None when its descriptor cannot be used.

    Notes
    -----
    First every table is held against its schema; rules on content follow when no table and no column is
    missing. A reference that a review leaves unresolved is no fault: `acuomics.mechanisms.curated` counts them.
    """
    package = read_package(folder, problems)
    if package is None or not check_schema(package, problems):
        return package
    for check in (
        check_claims,
        check_evidence,
        check_conflicts,
        check_counts,
        check_members,
        check_mirnas,
        check_entities,
        check_signs,
    ):
        check(package, problems)
    return package


def missing_words(package: Package, texts: dict[str, str]) -> Problems:
    """Find literal texts that do not stand in their source.

    Parameters
    ----------
    package : Package
        The set on disk.
    texts : dict
        Name of a source file to its text; evidence of other files is passed over.

    Returns
    -------
    Problems
        A problem for every piece of a literal text (pieces are joined by an ellipsis) that does not stand, as it
        is and after the piece before it, in the lines that the evidence names.
    """
    problems, table = Problems(), package.tables["evidence"]
    lines = {name: text.split("\n") for name, text in texts.items()}
    for number, row in enumerate(table.rows, start=1):
        if row["source_file"] not in lines:
            continue
        window = "\n".join(lines[row["source_file"]][int(row["line_from"]) - 1 : int(row["line_to"])])
        at = 0
        for piece in filter(None, row["literal_text"].split("…")):
            found = window.find(piece, at)
            if found < 0:
                where = f"lines {row['line_from']} to {row['line_to']} of {row['source_file']}"
                problems.add(
                    table.file,
                    f"the words do not stand in {where}",
                    "copy them from the source, and join what line ends split by an ellipsis",
                    row=number,
                    column="literal_text",
                    value=piece,
                )
                break
            at = found + len(piece)
    return problems
