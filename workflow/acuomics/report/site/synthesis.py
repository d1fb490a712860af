"""The page of what holds across studies: pooled changes, claims looked for elsewhere, and what tells studies apart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from acuomics.files import read_tsv
from acuomics.report.charts.chart import charts_json
from acuomics.report.charts.synthesis import synthesis_charts
from acuomics.report.site.charts import prepare_charts
from acuomics.report.tables import Column, Filter, page_table

POOL = Column("pool", "Pool", "Studies that may be combined: alike in species, level, assay, stimulus", "text")
SYMBOL = Column("symbol", "Symbol", "Symbol or name, a label only; the identifier where there is none", "text")
CLAIM = Column("claim_id", "Claim", "Key of the claim in the curated tables", "text")
POOLED_COLUMNS = (
    Column("unit", "Unit", "gene: asked in both directions; claim: a gene of a claim, asked as claimed", "text"),
    CLAIM,
    SYMBOL,
    Column("k", "Studies", "Studies with an effect", "integer"),
    Column("status", "Status", "pooled; one_study: nothing to pool; no_estimate: no study has any", "text"),
    Column("estimate", "log2FC", "Pooled log2 fold change with its Hartung-Knapp interval", "interval", 2, "ci_low",
           "ci_high"),
    Column("q", "q", "p of the random-effects model, adjusted over the genes or claims of the pool", "p"),
    Column("stouffer_q", "q Stouffer", "Stouffer's p along the claimed direction, adjusted alike", "p"),
    Column("prediction_low", "Prediction from", "Lower end of where a new study's true effect would lie"),
    Column("prediction_high", "to", "Upper end of where a new study's true effect would lie"),
    Column("tau2", "τ²", "Variance of true effects between studies", decimals=3),
    Column("sign_consistency", "Signs", "How many studies have the claimed sign, or that of the estimate", "text"),
    Column("caution", "Caution", "What to know of this row", "text"),
    POOL,
)  # fmt: skip
ELSEWHERE_COLUMNS = (
    Column("claim_study", "Claimed by", "Study or paper that made the claim", "text"),
    Column("claim", "Claim", "Key of the claim in claims.tsv of the study", "text"),
    Column("feature_as_printed", "As printed", "The feature or the count as the paper prints it", "text"),
    Column("direction_claimed", "Claimed", "Direction that was claimed", "text"),
    Column("elsewhere", "Looked for in", "Other study in which the feature was looked for", "text"),
    Column("contrast", "Contrast", "Contrast of this row", "text"),
    Column("found", "Found", "What looking elsewhere found", "text"),
    Column("log2fc", "log2FC", "log2 fold change with its interval", "interval", 2, "ci_low", "ci_high"),
    Column("q_claim", "q claim", "p of the lookup, adjusted over all lookups", "p"),
    Column("same_level", "Same level", "Whether both studies are about the same level of the body", "text"),
    Column("reason", "Reason", "What was claimed, what was seen, and what follows", "text"),
    Column("source", "Source", "Where the claim was made", "text"),
)
MODERATOR_COLUMNS = (
    Column("study", "Study", "Name of the study", "text"),
    Column("contrast", "Contrast", "Contrast of this row", "text"),
    Column("frequency_hz", "Hz", "Frequency of the current, as stated", "text"),
    Column("frequency_class", "Class", "Class of the frequency; unknown is a class of its own", "text"),
    Column("acupoints", "Acupoints", "Points that were stimulated, as stated", "text"),
    Column("side", "Side", "Side of the stimulus, as stated", "text"),
    Column("sham", "Sham", "Kind of sham, as stated", "text"),
    Column("schedule", "Schedule", "Sessions and their times, as stated", "text"),
    Column("effective_n", "Effective n", "Samples that weigh as much in two equal arms", decimals=1),
    Column("k_pool", "In pool", "Studies of the pool", "integer"),
    Column("taken", "Taken", "Whether this contrast stands for the study", "text"),
    Column("why", "Why", "Why nothing was regressed on moderators", "text"),
)
TABLES = {
    "pooled": (POOLED_COLUMNS, "unit"),
    "published_elsewhere": (ELSEWHERE_COLUMNS, "found"),
    "moderators": (MODERATOR_COLUMNS, "frequency_class"),
}


def describe_synthesis(folder: Path | None, root: Path, rate: float) -> dict[str, Any]:
    """Gather what the page of the synthesis shows, and write the data of its charts below `root`.

    Parameters
    ----------
    folder : path or None
        ``results/synthesis``; None: there was no synthesis.
    root : path
        The folder of the report.
    rate : float
        False discovery rate of a pooled change.

    Returns
    -------
    dict
        ``study`` (synthesis), ``given``, ``tables`` (as far as their files are there), ``charts``, ``figures``.
    """
    tables = {}
    for name, (columns, by) in TABLES.items():
        path = None if folder is None else folder / f"{name}.tsv"
        if path is not None and path.is_file():
            text = {column.name: str for column in columns if column.kind == "text"}
            frame = read_tsv(path, dtype=text)
            words = sorted(str(word) for word in frame[by].dropna().unique()) if by in frame else []
            filters = [Filter(word.replace("_", " "), by, "=", word) for word in words]
            order = "q" if "q" in frame else None
            tables[name] = page_table(
                frame, columns, name.replace("_", "-"), len(frame), order, filters, f"results/synthesis/{name}.tsv"
            )
    charts = prepare_charts(_charts(folder, rate), "synthesis", root, "")
    return {"study": "synthesis", "given": folder is not None, "tables": tables, "charts": charts, "figures": []}


def _charts(folder: Path | None, rate: float) -> dict[str, Any] | None:
    if folder is None or not (folder / "pooled.tsv").is_file():
        return None
    text = dict.fromkeys(("identifier", "symbol", "feature", "claim_id", "pool"), str)
    effects, pooled = (pd.DataFrame(read_tsv(folder / f"{name}.tsv", dtype=text)) for name in ("effects", "pooled"))
    content: dict[str, Any] = json.loads(charts_json(synthesis_charts(effects, pooled, rate)))
    return content
