"""The verdicts of the curated claims on the page: counts of each verdict, and the tables; no score."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from acuomics.files import read_tsv
from acuomics.mechanisms.verdicts.vocabulary import NOT_TESTABLE, SCORED_ROLES
from acuomics.report.tables import Column, Filter, page_table

VERDICTS_PATH = "results/mechanisms/verdicts.tsv"
MECHANISMS_PATH = "results/mechanisms/mechanism_verdicts.tsv"
# What each verdict says, in the order of the page; words that are not here come after, without an explanation.
MEANING = {
    "concordant": "changed in the claimed direction",
    "discordant": "changed in the other direction",
    "no_change_supported": "shown to have changed less than the declared bound",
    "two_sided_change": "changed, where the claim names no fixed direction",
    "conflicted_claim": "the sources contradict each other: kept apart, no vote",
    "inconclusive": "neither the claim nor its contrary nor absence of a change is shown, or no test applies",
    "no_power": "not detected, and only a large change would have been: no evidence against the claim",
    "not_expressed": "too few reads to say that this tissue expresses it",
    "out_of_scope_level": "the claim is about another level than this tissue",
    NOT_TESTABLE: "RNA of this tissue cannot test the claim",
    "circular": "the claim comes from this study: counted apart",
    "contrast_silent": "the contrast does not compare EA with the model or with sham: counted apart",
}

CLAIM_COLUMNS = (
    Column("claim_id", "Claim", "Key of the claim in the curated tables", "text"),
    Column("mechanism_id", "Mechanism", "Curated mechanism", "text"),
    Column("label", "Symbol", "Gene or miRNA that the claim is tested by; a label only", "text"),
    Column("contrast", "Contrast", "Contrast of this row; all: the same verdict in each, and no test", "text"),
    Column("claimed_direction", "Claimed", "Direction that the claim expects", "text"),
    Column("verdict", "Verdict", "The word to read; the reason says it in a sentence", "text"),
    Column("log2fc", "log2FC", "log2 fold change with its interval", "interval", 2, "ci_low", "ci_high"),
    Column("q_family", "q family", "p of the claim's own test, adjusted over the family of its claims", "p"),
    Column("q_genome_wide", "q genome-wide", "p of the contrast, adjusted over all tested features of the study", "p"),
    Column("reason", "Reason", "What was claimed, what was seen, and what follows", "text"),
    Column("detectable_log2fc", "Detectable", "Smallest |log2FC| that this test finds with the stated power"),
    Column("family", "Family", "Family of multiplicity", "text"),
    Column("tier", "Tier", "How the claim and its member are known, best first: seed_named to hypothesis", "text"),
    Column("direction_rule", "Rule", "strong, weak: a claim about the transcript; none: never scored", "text"),
    Column("agrees_with", "Agrees with", "Claims of a conflict that this result fits", "text"),
    Column("disagrees_with", "Disagrees with", "Claims of a conflict that this result does not fit", "text"),
    Column("shared_with", "Shared with", "Other claims that rest on the same gene", "text"),
    Column("feature", "Feature", "Identifier in the counts; empty where it is the symbol", "text"),
)  # fmt: skip
TEXT = {column.name: str for column in CLAIM_COLUMNS if column.kind == "text" and column.name != "label"} | {
    "study": str, "symbol": str, "contrast_role": str,
}  # fmt: skip
# A row that no test decides is told apart by these; it stands once where all contrasts say the same.
UNTESTED = ("claim_id", "mechanism_id", "feature", "symbol", "claimed_direction", "verdict", "reason")


def read_verdicts(path: str | Path | None) -> pd.DataFrame | None:
    """Read the verdicts of the claims, or of the mechanisms, of all studies; None where there is no file.

    Empty cells are empty text in columns of text.
    """
    if path is None:
        return None
    table = read_tsv(path, dtype=TEXT)
    return table.assign(**{name: table[name].fillna("") for name in TEXT if name in table})


def study_verdicts(
    study: str,
    verdicts: pd.DataFrame | None,
    mechanisms: pd.DataFrame | None,
    q: float,
    names: Mapping[str, str] | None = None,
) -> tuple[dict[str, Any] | None, dict[str, dict[str, Any]]]:
    """Pick what the page shows of one study.

    Parameters
    ----------
    study : str
    verdicts, mechanisms : DataFrame or None
        From `read_verdicts`: ``results/mechanisms/verdicts.tsv`` and ``mechanism_verdicts.tsv``.
    q : float
        False discovery rate of the ready-made filter.
    names : mapping of str to str, optional
        Mechanism id to name, as far as they are known; the name is written after the id.

    Returns
    -------
    facts : dict or None
        ``contrasts``, those of them that are ``silent`` of EA, ``counts`` (`count_verdicts`), ``n_claims`` and
        ``n_rows``; None where no file has the study.
    tables : dict
        ``verdicts`` and ``mechanism_verdicts``, as far as they are given.
    """
    facts, tables = None, {}
    verdicts, mechanisms = (with_names(table, names or {}) for table in (verdicts, mechanisms))
    if verdicts is not None and len(here := verdicts[verdicts["study"] == study]):
        contrasts = [str(name) for name in pd.unique(here["contrast"])]
        facts = {
            "contrasts": contrasts,
            "silent": silent_contrasts(here),
            "counts": count_verdicts(here, contrasts),
            "n_claims": int(here["claim_id"].nunique()),
            "n_rows": len(here),
        }
        tables["verdicts"] = claim_table(here, contrasts, q)
    if mechanisms is not None and len(counts := mechanisms[mechanisms["study"] == study]):
        facts = facts or {"contrasts": [], "silent": [], "counts": [], "n_claims": None, "n_rows": None}
        tables["mechanism_verdicts"] = mechanism_table(counts)
    return facts, tables


def with_names(table: pd.DataFrame | None, names: Mapping[str, str]) -> pd.DataFrame | None:
    """Write the name of each mechanism after its id; several ids of a row stand apart."""
    if table is None:
        return None
    told = {
        cell: "; ".join(f"{part} {names.get(part, '')}".strip() for part in cell.split("|"))
        for cell in table["mechanism_id"].unique()
    }
    return table.assign(mechanism_id=table["mechanism_id"].map(told))


def count_verdicts(verdicts: pd.DataFrame, contrasts: list[str]) -> list[dict[str, Any]]:
    """Count the rows (claim x gene) of each verdict in each contrast.

    Parameters
    ----------
    verdicts : DataFrame
        Rows of one study. Circular claims are counted apart.
    contrasts : list of str
        The columns of the table.

    Returns
    -------
    list of dict
        ``verdict, meaning, counts`` (in the order of `contrasts`), by `MEANING`; verdicts that do not occur are left
        out. The counts of a contrast add up to its rows.
    """
    word = verdicts["verdict"].str.partition(":")[0]
    if "circular" in verdicts:
        word = word.mask(is_true(verdicts["circular"]), "circular")
    found = pd.crosstab(word, verdicts["contrast"])
    order = [name for name in MEANING if name in found.index] + sorted(set(found.index) - set(MEANING))
    return [
        {"verdict": name, "meaning": MEANING.get(name, ""), "counts": [int(found[c][name]) for c in contrasts]}
        for name in order
    ]


def silent_contrasts(verdicts: pd.DataFrame) -> list[str]:
    """The contrasts that do not set EA against what it must be compared with, sorted."""
    if "contrast_role" not in verdicts:
        return []
    return sorted(
        str(name) for name in verdicts.loc[~verdicts["contrast_role"].isin(SCORED_ROLES), "contrast"].unique()
    )


def claim_table(verdicts: pd.DataFrame, contrasts: list[str], q: float) -> dict[str, Any]:
    """The claims of one study with their verdicts, those with a test first."""
    label = verdicts["symbol"].where(verdicts["symbol"] != "", verdicts["feature"])
    table = join_untested(verdicts.assign(label=label), contrasts)
    table = table.sort_values(["q_family", "claim_id", "contrast", "feature"], kind="stable", na_position="last")
    words = table["verdict"].str.partition(":")[0]
    present = [name for name in MEANING if (words == name).any()] + sorted(set(words) - set(MEANING))
    filters = [
        Filter(f"q family < {q:g}", "q_family", "<", q),
        *(Filter(name, "verdict", "starts", name) for name in present),
        *(Filter(f"contrast {name}", "contrast", "=", name) for name in contrasts),
    ]
    return page_table(table, CLAIM_COLUMNS, "verdicts", len(verdicts), "q_family", filters, VERDICTS_PATH)


def join_untested(table: pd.DataFrame, contrasts: list[str]) -> pd.DataFrame:
    """Make one row of those that say the same in several contrasts without a test in any."""
    untested = table["q_family"].isna()
    key = [name for name in UNTESTED if name in table]
    rows = table[untested]
    group = rows.groupby(key, sort=False, dropna=False).ngroup()
    told: dict[int, dict[str, None]] = {}
    for number, contrast in zip(group, rows["contrast"], strict=True):
        told.setdefault(number, {})[contrast] = None
    names = group.map({number: ", ".join(several) for number, several in told.items()})
    everywhere = ", ".join(contrasts)
    joined = rows.assign(contrast=names.where(names != everywhere, "all")).drop_duplicates([*key, "contrast"])
    # The numbers are those of one contrast only.
    several = joined["contrast"].eq("all") | joined["contrast"].str.contains(", ", regex=False)
    numbers = [name for name in ("log2fc", "ci_low", "ci_high", "q_genome_wide", "detectable_log2fc") if name in joined]
    if len(contrasts) > 1:
        joined = joined.assign(**{name: joined[name].mask(several) for name in numbers})
    return pd.concat([table[~untested], joined])


def mechanism_table(counts: pd.DataFrame) -> dict[str, Any]:
    """Counts of verdicts, a row a mechanism."""
    columns = [
        Column("mechanism_id", "Mechanism", "Curated mechanism; no_mechanism: frameworks, technologies", "text"),
        Column("n_claims", "Claims", "Distinct claims of the mechanism", "integer"),
        Column("n_rows", "Rows", "Rows of the verdict table: claim x contrast x gene", "integer"),
        *(
            Column(name, name.replace("_", " "), MEANING.get(name, "Rows with this verdict"), "integer")
            for name in counts.select_dtypes("number").columns
            if name not in ("n_claims", "n_rows")
        ),
    ]  # fmt: skip
    shown = counts.sort_values("mechanism_id", kind="stable")
    filters = [
        Filter(f"any {name.replace('_', ' ')}", name, ">", 0)
        for name in ("concordant", "discordant", "no_change_supported", "conflicted_claim")
        if name in counts
    ]
    return page_table(shown, columns, "mechanism-verdicts", len(shown), "mechanism_id", filters, MECHANISMS_PATH)


def is_true(values: pd.Series) -> pd.Series:
    """Whether each value is true, however a table wrote it."""
    return values.astype(str).str.lower().isin(("true", "1", "yes"))
