"""Rules on claims, their evidence and their conflicts, beyond what the schema can say."""

from __future__ import annotations

from collections import Counter

from acuomics.mechanisms.package import Package, Row, values
from acuomics.mechanisms.signs import ascii_sign
from acuomics.problems import Problems

# Only these are the abundance of something transcribed; a claim about anything else is no direct claim.
DIRECT_ASPECTS = ("abundance", "cell_number")


def check_claims(package: Package, problems: Problems) -> None:
    """Check every claim by itself and against testability.tsv and its evidence."""
    claims = package.tables["claims"]
    evidence: dict[str, list[Row]] = {}
    for row in package.tables["evidence"].rows:
        evidence.setdefault(row["claim_id"], []).append(row)
    mapped = {row["stated"]: row["testability"] for row in package.tables["testability"].rows}
    for number, claim in enumerate(claims.rows, start=1):

        def fault(column: str, message: str, fix: str, claim: Row = claim, number: int = number) -> None:
            message = f"{claim['claim_id']}: {message}"
            problems.add(claims.file, message, fix, row=number, column=column, value=claim[column])

        mine = evidence.get(claim["claim_id"], [])
        if not mine:
            fault("claim_id", "the claim has no evidence", "add at least one row with its claim_id to evidence.tsv")
        if claim["direction"] in ("+", "-"):
            if claim["aspect"] == "none":
                fault("aspect", "a direction of nothing", "say of which aspect the direction is, or write direction na")
            if mine and not any(row["eco"] for row in mine):
                fault("direction", "a direction whose evidence has no ECO term", "fill eco in evidence.tsv")
        if claim["testability"] == "direct" and claim["aspect"] not in DIRECT_ASPECTS:
            fix = f"only {' and '.join(DIRECT_ASPECTS)} can be seen on a transcript: use weak or not_testable:<reason>"
            fault("testability", f"direct, though the claim is about {claim['aspect']}", fix)
        if (claim["direction"] == "0") != (claim["negated"] == "true"):
            fix = "a claimed absence has direction 0 and negated true; any other direction has negated false"
            fault("negated", f"direction {claim['direction']} with negated {claim['negated']}", fix)
        stated = claim["testability_stated"]
        if stated in mapped and mapped[stated] != claim["testability"]:
            fix = f"testability.tsv reads {stated!r} as {mapped[stated]}: change one of the two"
            fault("testability", "another testability than its wording became", fix)
        for column in ("direction_printed", "relation_printed"):
            if claim[column] and not (claim["emendation_reason"] and claim["emended_by"]):
                fault(column, "an emendation without reason or name", "fill emendation_reason and emended_by")
        kinds = {row["kind"] for row in mine}
        if claim["tier"] == "seed" and mine and "seed_statement" not in kinds:
            fix = "cite the words of the review (kind seed_statement), or make it a claim of the extended tier"
            fault("tier", "a claim of the seed tier that only further papers support", fix)
        if claim["tier"] == "extended" and "seed_statement" in kinds:
            fault("tier", "a claim of the extended tier with words of a review", "make it a claim of the seed tier")


def check_evidence(package: Package, problems: Problems) -> None:
    """Check every row of evidence: words of a review are located, signs readable, references named."""
    table = package.tables["evidence"]
    claims = package.tables["claims"].index("claim_id")
    hashes: dict[str, str] = {}
    for number, row in enumerate(table.rows, start=1):

        def fault(column: str, message: str, fix: str, row: Row = row, number: int = number) -> None:
            message = f"{row['evidence_id']}: {message}"
            problems.add(table.file, message, fix, row=number, column=column, value=row[column])

        if row["kind"] == "seed_statement":
            for column in ("source_file", "sha256", "section", "line_from", "line_to", "literal_text"):
                if not row[column]:
                    fault(column, "words of a review without their place", "fill source, hash, section, lines, text")
        if row["source_file"] and hashes.setdefault(row["source_file"], row["sha256"]) != row["sha256"]:
            fault("sha256", f"{row['source_file']} has another hash in a row above", "one file has one hash")
        if row["line_from"].isdecimal() and row["line_to"].isdecimal() and int(row["line_from"]) > int(row["line_to"]):
            fault("line_to", f"the text ends before it begins (line {row['line_from']})", "mend the lines")
        if row["ref_status"] in ("resolved", "self") and not row["ref_id"]:
            fault("ref_id", f"the reference is {row['ref_status']} and has no id", "give PMID, PMCID or DOI")
        claim = claims.get(row["claim_id"])
        if row["literal_sign"] and claim is not None:
            printed = claim["relation_printed"] or claim["relation_to_analgesia"]
            if ascii_sign(row["literal_sign"]) != printed:
                fix = f"the claim has relation_to_analgesia {printed}; an emended one keeps relation_printed"
                fault("literal_sign", "the printed sign is not that of the claim", fix)


def check_conflicts(package: Package, problems: Problems) -> None:
    """Check that groups and claims name each other, and that a group has two claims or a reason."""
    table, claims = package.tables["conflicts"], package.tables["claims"]
    members: dict[str, list[str]] = {}
    for claim in claims.rows:
        for group in values(claim["conflict_group"]):
            members.setdefault(group, []).append(claim["claim_id"])
    for number, row in enumerate(table.rows, start=1):
        group, listed = row["conflict_group"], values(row["claim_ids"])
        if sorted(listed) != sorted(members.get(group, [])):
            differing = sorted(set(listed) ^ set(members.get(group, [])))
            problems.add(
                table.file,
                f"{group} and claims.tsv (column conflict_group) do not name the same claims",
                "name the group in each of its claims, and each claim in the group",
                row=number,
                column="claim_ids",
                value="|".join(differing) or row["claim_ids"],
            )
        if len(set(listed)) < 2 and not row["single_reason"]:
            problems.add(
                table.file,
                "a conflict group of one claim",
                "add the claim that it contradicts, say in single_reason why there is none, or remove the group",
                row=number,
                column="conflict_group",
                value=group,
            )


def check_counts(package: Package, problems: Problems) -> None:
    """Check that no claim was lost: the descriptor says how many each source has."""
    expected = package.descriptor.get("acuomics:expected", {})
    statements = [row for row in package.tables["evidence"].rows if row["kind"] == "seed_statement"]
    of_source = Counter(source for _, source in {(row["claim_id"], row["source_file"]) for row in statements})
    claims = package.tables["claims"].rows
    found = {f"claims of {source}": of_source[source] for source in expected.get("claims_of_source", {})}
    wanted = {f"claims of {source}": n for source, n in expected.get("claims_of_source", {}).items()}
    if "claims_extended" in expected:
        wanted["claims of the extended tier"] = expected["claims_extended"]
        found["claims of the extended tier"] = sum(claim["tier"] == "extended" for claim in claims)
    if "cells_of_table_1" in expected:
        wanted["cells of Table 1"] = expected["cells_of_table_1"]
        found["cells of Table 1"] = sum(bool(row["literal_sign"]) for row in statements)
    for what, number in wanted.items():
        if found[what] != number:
            problems.add(
                package.tables["claims"].file,
                f"{found[what]} {what}, where {package.file} expects {number}",
                "restore the rows; after adding claims change acuomics:expected and the version",
            )
