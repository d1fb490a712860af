"""The tables of the page that sort and filter: which columns, what each says, which rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from acuomics.report.read import Reversal, StudyResults

# Rows of a table of features that the page carries; the whole table stands beside it as TSV.
ROWS_SHOWN = 2000
# Significant digits of the numbers that the page carries. Rows come in the order of the full value, which decides ties.
DIGITS = 6


@dataclass(frozen=True)
class Column:
    """One column: its name in the data, its heading, what the number is, and how it is shown.

    `kind` is ``text``, ``number`` (`decimals` decimals), ``p`` (three decimals, an exponent below 0.001), ``integer``,
    ``flag`` (yes or nothing) or ``interval`` (a number and, from the columns `low` and `high`, its interval).
    """

    name: str
    title: str
    tip: str
    kind: str = "number"
    decimals: int = 2
    low: str = ""
    high: str = ""


@dataclass(frozen=True)
class Filter:
    """One ready-made filter: `column` is ``<``, ``>`` or ``=`` `value`, ``starts`` with it, or is ``filled``."""

    label: str
    column: str
    compare: str
    value: Any = None


FEATURE = Column("feature", "Feature", "Identifier of the feature in the counts; empty where it is the symbol", "text")
LABEL = Column("label", "Symbol", "Symbol or name, a label only; the identifier where there is none", "text")
MECHANISMS = Column("mechanisms", "Mechanisms", "Curated analgesia mechanisms that name this feature", "text")

DE_COLUMNS = (
    LABEL,
    Column("base_mean", "Mean", "Mean of the counts over all samples, divided by size factors", decimals=1),
    Column("log2fc", "log2FC", "log2 fold change, maximum likelihood: numerator over denominator"),
    Column("log2fc_se", "SE", "Standard error of the log2 fold change"),
    Column("p", "p", "Wald test that the log2 fold change is 0, two-sided", "p"),
    Column("q", "q", "p adjusted over all tested features (Benjamini-Hochberg)", "p"),
    Column("log2fc_shrunk", "Shrunken", "log2 fold change shrunken towards 0 the more uncertain it is: for ranking"),
    Column("detectable_log2fc", "Detectable", "Smallest |log2FC| that the design detects with the stated power"),
    Column("status", "Status", "tested, or why p or q is missing", "text"),
    MECHANISMS,
    FEATURE,
)  # fmt: skip
REVERSAL_COLUMNS = (
    LABEL,
    Column("class", "Class", "full, partial, overcorrected, aggravated, none_supported or inconclusive", "text"),
    Column(
        "restoration", "Restored", "Restoration fraction, −treatment / model, with Fieller's interval: 0 untouched, 1 "
        "at control", "interval", 2, "restoration_low", "restoration_high",
    ),
    Column("q_reversal", "q reversal", "p reversal adjusted over all tested features (Benjamini-Hochberg)", "p"),
    Column("log2fc_model", "log2FC model", "log2 fold change of the model against control"),
    Column("p_model", "p model", "Two-sided p of the model contrast", "p"),
    Column("log2fc_treatment", "log2FC treatment", "log2 fold change of the treated arm against the model"),
    Column("p_treatment", "p treatment", "Two-sided p of the treatment contrast", "p"),
    Column(
        "p_reversal", "p reversal", "Intersection-union test: both contrasts differ from 0 and have opposite signs", "p"
    ),
    Column("reversed", "Reversed", "q reversal below the configured rate", "flag"),
    Column("log2fc_residual", "log2FC residual", "log2 fold change of the treated arm against control: what is left"),
    Column("p_equivalence", "p equivalence", "Two one-sided tests that the residual is within the declared bound", "p"),
    Column("at_control", "At control", "Shown to be back at control within the declared bound", "flag"),
    Column("nominal_venn", "Nominal Venn", "The usual recipe: p < 0.05 in both contrasts, opposite signs", "flag"),
    Column("reason", "Reason", "Why the feature is in no other class", "text"),
    MECHANISMS,
    FEATURE,
)  # fmt: skip
MECHANISM_COLUMNS = (
    Column("contrast", "Contrast", "Contrast of this row", "text"),
    LABEL,
    Column("mechanism", "Mechanism", "Curated mechanism", "text"),
    Column("tier", "Tier", "seed: from the source reviews; otherwise added by the curators", "text"),
    Column("role", "Role", "What the gene product does in the mechanism", "text"),
    Column("direction_rule", "Rule", "strong, weak: a claim about the transcript; none: never scored", "text"),
    Column("expected_sign", "Expected", "Direction that the curated claim expects at this tissue level", "text"),
    Column("level_in_scope", "In scope", "Whether a claim of the mechanism speaks of this tissue level", "text"),
    Column("log2fc", "log2FC", "log2 fold change, maximum likelihood"),
    Column("p", "p", "Two-sided p", "p"),
    Column("q", "q", "p adjusted over all tested features of the contrast", "p"),
    Column("significant", "Significant", "q below the configured rate; no: not detected at this power", "text"),
    Column("direction_seen", "Seen", "Direction in the data, where it is significant", "text"),
    Column("agrees", "Agrees", "Whether the direction agrees with the claim; not_scored: see the note", "text"),
    Column("note", "Note", "Why a row is not scored, and other remarks", "text"),
    FEATURE,
    Column("mechanism_id", "Mechanism id", "Key of the mechanism in the curated tables", "text"),
)  # fmt: skip
SAMPLE_TIPS = {
    "library_size": Column("library_size", "Reads", "Sum of the sample's counts", "integer"),
    "detected_features": Column("detected_features", "Detected", "Features with at least one count", "integer"),
    "zero_share": Column("zero_share", "Zeros", "Share of features without a count", decimals=3),
    "size_factor": Column(
        "size_factor", "Size factor", "Median-of-ratios size factor: counts are divided by it", decimals=3
    ),
}


def curated_mechanisms(annotations: pd.DataFrame) -> dict[str, str]:
    """Feature to the names of its curated mechanisms, sorted and separated by a semicolon."""
    pairs = annotations[["feature", "mechanism"]].dropna().drop_duplicates().sort_values(["feature", "mechanism"])
    return {str(feature): "; ".join(group) for feature, group in pairs.groupby("feature")["mechanism"]}


def de_table(results: StudyResults, contrast: str, q: float, rows: int = ROWS_SHOWN) -> dict[str, Any]:
    """The table of one contrast: the `rows` smallest p, and every feature that a curated mechanism names."""
    curated = curated_mechanisms(results.annotations)
    table = results.tables[contrast]
    table = table.assign(mechanisms=table["feature"].map(curated))
    shown = best_and_curated(table, "p", rows)
    filters = [
        Filter(f"q < {q:g}", "q", "<", q),
        Filter("p < 0.05", "p", "<", 0.05),
        Filter("curated mechanism", "mechanisms", "filled"),
    ]
    return page_table(
        shown, DE_COLUMNS, f"de-{contrast}", len(table), "p",
        filters,
        f"results/{results.study}/de/tables/{contrast}.tsv",
    )  # fmt: skip


def reversal_table(results: StudyResults, pair: str, reversal: Reversal, rows: int = ROWS_SHOWN) -> dict[str, Any]:
    """The table of one pair: the `rows` smallest p of reversal, every nominal call and every curated feature."""
    curated = curated_mechanisms(results.annotations)
    table = reversal.table.assign(mechanisms=reversal.table["feature"].map(curated))
    shown = best_and_curated(table, "p_reversal", rows, table["nominal_venn"])
    classes = [name for name in pd.unique(shown["class"].dropna().sort_values()) if name]
    return page_table(
        shown, REVERSAL_COLUMNS, f"reversal-{pair}", len(table), "p_reversal",
        [
            Filter("reversed", "reversed", "=", True),
            Filter("nominal Venn", "nominal_venn", "=", True),
            *(Filter(f"class {name}", "class", "=", name) for name in classes),
            Filter("curated mechanism", "mechanisms", "filled"),
        ],
        f"results/{results.study}/reversal/{pair}.tsv",
    )  # fmt: skip


def mechanism_table(results: StudyResults) -> dict[str, Any]:
    """The annotation table, whole."""
    table = results.annotations.sort_values(["p", "contrast", "feature", "mechanism_id"], kind="stable")
    contrasts = [name for name in results.tables if (table["contrast"] == name).any()]
    return page_table(
        table, MECHANISM_COLUMNS, "mechanisms", len(table), "p",
        [
            Filter("significant", "significant", "=", "yes"),
            *(Filter(name, "contrast", "=", name) for name in contrasts),
            *(Filter(f"agrees: {name}", "agrees", "=", name) for name in sorted(table["agrees"].dropna().unique())),
        ],
        f"results/{results.study}/mechanisms/annotations.tsv",
    )  # fmt: skip


def sample_table(results: StudyResults) -> dict[str, Any]:
    """The samples with their factors, library sizes and size factors."""
    factors = [name for name in results.samples.columns if name != "sample"]
    table = results.samples.copy()
    quality = pd.DataFrame(results.intake.get("samples", []))
    if "sample" in quality:
        quality = quality[["sample", *(name for name in SAMPLE_TIPS if name in quality)]]
        table = table.merge(quality, on="sample", how="left", validate="one_to_one")
    size_factors = results.fit.get("size_factors") or {}
    if isinstance(size_factors, list):
        size_factors = dict(zip(results.samples["sample"], size_factors, strict=True))
    table["size_factor"] = table["sample"].map(size_factors)
    columns = [
        Column("sample", "Sample", "Name of the sample", "text"),
        *(Column(name, name, "Factor of the sample sheet", "text") for name in factors),
        *(column for name, column in SAMPLE_TIPS.items() if name in table),
    ]
    return page_table(
        table, columns, "samples", len(table), None, [], f"results/{results.study}/intake/samples.tsv"
    )  # fmt: skip


def best_and_curated(table: pd.DataFrame, by: str, rows: int, also: pd.Series | None = None) -> pd.DataFrame:
    """The `rows` smallest of `by` (missing last) and every row with a mechanism or in `also`, sorted by `by`."""
    ordered = table.sort_values([by, "feature"], kind="stable", na_position="last")
    keep = pd.Series(range(len(ordered)), index=ordered.index) < rows
    keep |= ordered["mechanisms"].notna()
    if also is not None:
        keep |= also.reindex(ordered.index)
    return ordered[keep]


def page_table(
    table: pd.DataFrame,
    columns: Sequence[Column],
    name: str,
    n_total: int,
    order: str | None,
    filters: Iterable[Filter],
    path: str,
) -> dict[str, Any]:
    """Turn a frame into what the page carries: columns, rows, first order, filters, and where the whole is."""
    table = without_repeats(table)
    columns = [column for column in columns if column.name in table]
    names = [column.name for column in columns]
    cells = [cells_of(table, column) for column in columns]
    return {
        "name": name,
        "columns": [
            {"name": c.name, "title": c.title, "tip": c.tip, "kind": c.kind, "decimals": c.decimals} for c in columns
        ],
        "rows": [list(row) for row in zip(*cells, strict=True)],
        "order": [[names.index(order), "asc"]] if order in names else [],
        "filters": [
            {"label": f.label, "column": names.index(f.column), "compare": f.compare, "value": f.value}
            for f in filters
            if f.column in names
        ],
        "n_total": n_total,
        "path": path,
    }


def without_repeats(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out identifiers that repeat the label, and the whole column where all do."""
    if "feature" not in table or "label" not in table:
        return table
    repeated = table["feature"] == table["label"]
    return table.drop(columns="feature") if repeated.all() else table.assign(feature=table["feature"].mask(repeated))


def cells_of(table: pd.DataFrame, column: Column) -> list[Any]:
    """The cells of one column; those of an interval are lists of the number and its two ends."""
    if column.kind != "interval":
        return [cell(value, column.kind) for value in table[column.name]]
    ends = [table[name] if name in table else pd.Series(pd.NA, index=table.index) for name in (column.low, column.high)]
    return [
        None if cell(value, "number") is None else [cell(part, "number") for part in (value, low, high)]
        for value, low, high in zip(table[column.name], *ends, strict=True)
    ]


def cell(value: Any, kind: str) -> Any:
    """One cell as JSON has it: None for missing, ``Infinity`` as text, numbers with `DIGITS` significant digits."""
    if kind == "flag":
        return value is True or str(value) in {"True", "true", "yes", "1"}
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if kind == "text":
        return str(value)
    number = float(value)
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if kind == "integer" or number.is_integer():
        return int(number)
    return float(f"{number:.{DIGITS}g}")
