"""The verdicts on published claims on the page: counts of each verdict, and the table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from acuomics.claims.vocabulary import NOT_TESTED, VERDICTS
from acuomics.files import read_tsv
from acuomics.report.tables import Column, Filter, page_table

# What each verdict says, in the order of the page.
MEANING = {
    "reproduced": "the data show what was claimed, at the stated rate",
    "direction_only": "the claimed direction, short of the stated rate",
    "inconclusive": "neither the claim nor its contrary is shown",
    "contradicted": "the data show the contrary",
    "underpowered": "the claimed effect would probably have been missed: no evidence either way",
    "name_unresolved": "nobody can say which feature is meant",
}
CLAIM_COLUMNS = (
    Column("claim", "Claim", "Key of the claim in claims.tsv of the study", "text"),
    Column("contrast", "Contrast", "Contrast, or reversal pair, that the claim is about", "text"),
    Column("feature_as_printed", "As printed", "The feature or the count as the paper prints it", "text"),
    Column("feature_name", "Read as", "Current name of the feature that is meant", "text"),
    Column("direction_claimed", "Claimed", "Direction that was claimed", "text"),
    Column("verdict", "Verdict", "The word to read; the reason says it in a sentence", "text"),
    Column(
        "log2fc", "log2FC", "Our log2 fold change with its 95 % interval", "interval", 2, "log2fc_low", "log2fc_high"
    ),
    Column("q_claim", "q claim", "p of the claim's own test, adjusted over the testable claims of the study", "p"),
    Column("q_genome", "q genome-wide", "p of the contrast, adjusted over all tested features", "p"),
    Column("power", "Power", "Power of this design for the claimed effect, or for the configured one"),
    Column("count_claimed", "Published count", "Number of changed features that was published", "integer"),
    Column("count_found_q", "Found, q", "Number that we find at the false discovery rate", "integer"),
    Column("count_found_p05", "Found, p < 0.05", "Number that we find at nominal p < 0.05", "integer"),
    Column("expected_by_chance_p05", "By chance", "Number expected at p < 0.05 when nothing changes", decimals=1),
    Column("reason", "Reason", "What was claimed, what was seen, and what follows", "text"),
    Column("source", "Source", "Where the claim was made", "text"),
    Column("evidence", "Evidence", "What of the paper was read", "text"),
    Column("name_status", "Name", "How the printed name was resolved", "text"),
)
TEXT = dict.fromkeys((column.name for column in CLAIM_COLUMNS if column.kind == "text"), str)


def with_claims(study: Mapping[str, Any], verdicts: str | Path) -> dict[str, Any]:
    """Put the verdicts on published claims into the description of a study.

    Parameters
    ----------
    study : mapping
        ``report/study.json``.
    verdicts : path
        ``claims/verdicts.tsv`` of the study.

    Returns
    -------
    dict
        With ``claims`` (``n``, ``counts``: verdict, meaning, number; None where nothing was claimed) and the table
        ``claims``.
    """
    table = read_tsv(verdicts, dtype=TEXT)
    if not len(table):
        return {**study, "claims": None}
    word = table["verdict"].fillna("").str.partition(":")[0]
    counts = [
        {"verdict": name, "meaning": MEANING[name], "n": int((word == name).sum())}
        for name in VERDICTS
        if (word == name).any()
    ]
    reasons = [str(text).partition(":")[2] for text in table.loc[word == "not_tested", "verdict"]]
    counts += [
        {"verdict": f"not tested: {reason.replace('_', ' ')}", "meaning": NOT_TESTED[reason], "n": n}
        for reason, n in sorted(Counter(reasons).items())
    ]
    present = [name for name in (*VERDICTS, "not_tested") if (word == name).any()]
    filters = [Filter(name.replace("_", " "), "verdict", "starts", name) for name in present]
    path = f"results/{study['study']}/claims/verdicts.tsv"
    shown = page_table(table, CLAIM_COLUMNS, "claims", len(table), None, filters, path)
    facts = {"n": len(table), "counts": counts}
    return {**study, "claims": facts, "tables": {**study["tables"], "claims": shown}}
