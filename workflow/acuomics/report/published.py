"""What the page says of a study without counts: what was published, what is deposited, and what that admits."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from acuomics.files import read_json, read_tsv, write_json
from acuomics.report.sentences import Sentence, as_json, say
from acuomics.report.tables import Column, page_table

ADMITS = {
    "negative_binomial": "models of counts, once the reads or counts are there",
    "recount_of_statistics": "a recount of the deposited p values",
    "sign_of_group_means": "the signs of group means, without error rates",
    "claims_only": "its claims, without data to hold them against",
}
RECOUNT_COLUMNS = (
    Column("contrast", "Contrast", "Contrast of the study", "text"),
    Column("n_rows", "Rows", "Rows of the deposited table", "integer"),
    Column("n_tested", "With a p", "Features that have a p value", "integer"),
    Column("n_p05", "p < 0.05", "Features with a deposited p below 0.05", "integer"),
    Column("expected_p05", "by chance", "Number expected there when nothing changes", decimals=1),
    Column("n_q05", "q < 0.05", "Features at a false discovery rate of 5 %, adjusted by us", "integer"),
    Column("min_q", "Smallest q", "The smallest adjusted p", "p"),
    Column("test", "Test", "The test behind the p values, as stated", "text"),
    Column("warning", "Warning", "What to know of this row", "text"),
)


def describe_published(record: str | Path, recount: str | Path | None, description: str | Path) -> None:
    """Write ``report/study.json`` of a study without counts.

    Parameters
    ----------
    record : path
        ``catalogue/study.json``.
    recount : path or None
        ``intake/recount.tsv``, where statistics are deposited.
    description : path
        The file to write.
    """
    content = read_json(record)
    facts = content.get("facts") or {}
    tables, answer = {}, [_no_counts(facts)]
    if recount is not None:
        rows = read_tsv(recount, dtype={"contrast": str, "test": str, "warning": str})
        path = f"results/{content['study']}/intake/recount.tsv"
        tables["recount"] = page_table(rows, RECOUNT_COLUMNS, "recount", len(rows), None, [], path)
        answer += [_recounted(row) for row in rows.to_dict("records")]
    write_json(
        {
            "study": content["study"],
            "title": content["title"],
            "simulated": False,
            "level": content["tissue"]["level"],
            "counted": False,
            "summary": content["summary"],
            "answer": [as_json(item) for item in answer],
            "card": _card(content, facts),
            "caveats": content["caveats"],
            "warnings": content["warnings"],
            "contrasts": [],
            "reversals": [],
            "recovery": None,
            "mechanisms": {"set_hash": None},
            "figures": [],
            "tables": tables,
            "versions": {},
        },
        description,
    )


def _no_counts(facts: Mapping[str, Any]) -> Sentence:
    reason = str(facts.get("status_reason") or "no counts are at hand").rstrip(".")
    return say("answer.no_counts", reason=reason)


def _recounted(row: Mapping[Any, Any]) -> Sentence:
    found, tested, left = (f"{int(row[name]):,}" for name in ("n_p05", "n_tested", "n_q05"))
    chance = f"{float(row['expected_p05']):.1f}"
    return say("answer.recounted", contrast=row["contrast"], found=found, tested=tested, chance=chance, left=left)


def _card(record: Mapping[str, Any], facts: Mapping[str, Any]) -> list[list[str]]:
    """Name and value of the facts on the study's card; what nobody has read is left out."""
    tissue = record["tissue"]
    given = facts.get("intervention") or {}
    cited = facts.get("identifiers") or {}
    arms = [f"{arm['arm']} (n {arm['n'] or 'not stated'})" for arm in facts.get("arms") or []]
    rows = [
        ("Status", str(facts.get("status", "")).replace("_", " ")),
        ("Species", ", ".join(str(part) for part in (record["species"], facts.get("strain")) if part)),
        ("Tissue", f"{tissue['name']} (level: {tissue['level']})"),
        ("Assay", facts.get("assay_as_printed")),
        ("Model", record["model"]),
        ("Intervention", record["intervention"]),
        ("Acupoints", ", ".join(given.get("acupoints") or [])),
        ("Frequency", ", ".join(f"{value} Hz" for value in given.get("frequency_hz") or [])),
        ("Schedule", given.get("schedule")),
        ("Arms", "; ".join(arms)),
        ("Published", facts.get("published")),
        ("Deposited", facts.get("deposited")),
        ("Admits", "; ".join(ADMITS[name] for name in facts.get("admits") or [])),
        ("Accession", ", ".join(cited.get("accession") or [])),
        ("Source", record["source"]),
    ]
    return [[name, str(value)] for name, value in rows if value]
