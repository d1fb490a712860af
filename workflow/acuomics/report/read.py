"""Everything that one study's stages wrote, read once for its figures and its part of the page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from acuomics.files import read_json, read_parquet, read_tsv

# Identifiers are text even where they look like numbers (NCBI Gene ids do).
TEXT = {"feature": str, "symbol": str, "mechanism_id": str, "mechanism": str, "note": str}
# Words that are empty in many tables must not be read as missing numbers.
SET_TEXT = {"contrast": str, "set": str, "direction": str, "caution": str, "claim": str, "absent": str}


@dataclass(frozen=True)
class Reversal:
    """The result of one reversal pair: the table of features and the summary."""

    table: pd.DataFrame
    summary: dict[str, Any]

    @property
    def null_correlation(self) -> float | None:
        """Correlation of the two contrasts with no effect anywhere; None where the summary has none."""
        value = self.summary.get("null_correlation")
        return None if value is None else float(value)

    @property
    def null_opposite_share(self) -> float | None:
        """Share of opposite signs with no effect anywhere, for two normals of `null_correlation`.

        1/2 + arcsin(-r)/pi (Sheppard 1899): two thirds at r = -0.5, which three arms of equal size give.
        """
        r = self.null_correlation
        return None if r is None else 0.5 - math.asin(r) / math.pi


@dataclass(frozen=True)
class StudyResults:
    """What the stages wrote about one study, by the data contracts.

    Attributes
    ----------
    record, intake, fit, mechanisms : dict
        ``catalogue/study.json``, ``intake/intake.json``, ``de/fit.json``, ``mechanisms/mechanisms.json``.
    samples, summary, dispersions, transformed, annotations : DataFrame
        One row a sample, a contrast, a feature, a feature, and a feature x mechanism x contrast.
    tables : dict of str to DataFrame
        Contrast to its table of features, in the order of the summary.
    reversals : dict of str to Reversal
        Pair to its result; empty when the design has no pair.
    recovery : DataFrame or None
        Truth against calls; None for a study whose truth is not known.
    recovery_summary : dict
        ``recovery/recovery.json``; empty when there is none.
    settests : DataFrame or None
        ``mechanisms/settests.tsv``: a row a contrast and set; None when sets were not tested.
    reads, read_classes : DataFrame or None
        ``qc.tsv`` of the stage that counted the reads and ``smallrna/classes.tsv``; None where there is none.
    reads_facts : dict
        ``smallrna/smallrna.json`` or ``rnaseq/rnaseq.json``; empty where there is none.
    """

    record: dict[str, Any]
    intake: dict[str, Any]
    fit: dict[str, Any]
    mechanisms: dict[str, Any]
    samples: pd.DataFrame
    summary: pd.DataFrame
    dispersions: pd.DataFrame
    transformed: pd.DataFrame
    annotations: pd.DataFrame
    tables: dict[str, pd.DataFrame]
    reversals: dict[str, Reversal]
    recovery: pd.DataFrame | None
    recovery_summary: dict[str, Any]
    settests: pd.DataFrame | None = None
    reads: pd.DataFrame | None = None
    read_classes: pd.DataFrame | None = None
    reads_facts: dict[str, Any] = field(default_factory=dict)

    @property
    def study(self) -> str:
        """The study's id."""
        return str(self.record["study"])

    @property
    def feature_word(self) -> str:
        """What a feature of this assay is called in the plural."""
        return "miRNAs" if self.record.get("assay") == "mirna" else "genes"


def read_study(files: Mapping[str, Any]) -> StudyResults:
    """Read the results of one study.

    Parameters
    ----------
    files : mapping of str to path or list of paths
        ``record, intake, samples, tables, summary, fit, dispersions, transformed, annotations, mechanisms`` (``tables``
        is the folder of the contrasts' tables), ``reversal`` (a TSV and a JSON file for each pair, or none),
        ``recovery`` (a TSV and a JSON file, or none), ``settests`` (a TSV file, or none) and ``reads`` (``qc.tsv``, of
        small RNAs ``classes.tsv`` and ``smallrna.json``, of mRNA ``rnaseq.json``, or none).

    Returns
    -------
    StudyResults
    """
    summary = read_tsv(files["summary"], dtype={"contrast": str, "warning": str})
    folder = Path(str(files["tables"]))
    tables = {contrast: add_label(read_tsv(folder / f"{contrast}.tsv", dtype=TEXT)) for contrast in summary["contrast"]}
    recovery = by_suffix(files.get("recovery"))
    settests = as_paths(files.get("settests"))
    reads = {path.name: path for path in as_paths(files.get("reads"))}
    return StudyResults(
        record=read_json(files["record"]),
        intake=read_json(files["intake"]),
        fit=read_json(files["fit"]),
        mechanisms=read_json(files["mechanisms"]),
        samples=read_tsv(files["samples"], dtype=str),
        summary=summary,
        dispersions=read_parquet(files["dispersions"]),
        transformed=read_parquet(files["transformed"]),
        annotations=add_label(read_tsv(files["annotations"], dtype=TEXT)),
        tables=tables,
        reversals=read_reversals(files.get("reversal")),
        recovery=read_tsv(recovery[".tsv"], dtype={"contrast": str}) if ".tsv" in recovery else None,
        recovery_summary=read_json(recovery[".json"]) if ".json" in recovery else {},
        settests=read_tsv(settests[0], dtype=SET_TEXT) if settests else None,
        reads=read_tsv(reads["qc.tsv"], dtype={"sample": str, "reasons": str}) if reads else None,
        read_classes=read_tsv(reads["classes.tsv"], dtype={"sample": str}) if "classes.tsv" in reads else None,
        reads_facts=next((read_json(path) for name, path in reads.items() if name.endswith(".json")), {}),
    )


def read_reversals(paths: Any) -> dict[str, Reversal]:
    """Read the results of all pairs (`paths`: a TSV and a JSON file for each), sorted by pair."""
    by_pair: dict[str, dict[str, Path]] = {}
    for path in as_paths(paths):
        by_pair.setdefault(path.stem, {})[path.suffix] = path
    return {
        pair: Reversal(
            table=flags(add_label(read_tsv(found[".tsv"], dtype=TEXT)), ("reversed", "at_control", "nominal_venn")),
            summary=read_json(found[".json"]),
        )
        for pair, found in sorted(by_pair.items())
    }


def add_label(table: pd.DataFrame) -> pd.DataFrame:
    """Add the column ``label``: the symbol, or the feature's identifier where it has none."""
    symbol = table["symbol"] if "symbol" in table else table["feature"]
    return table.assign(label=symbol.where(symbol.notna() & (symbol != ""), table["feature"]).astype(str))


def flags(table: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Make truth values of columns that a table with missing cells gave back as text; missing is False."""
    truth = {True, "True", "true", "1"}
    return table.assign(**{name: table[name].isin(truth) for name in columns if name in table})


def as_paths(value: Any) -> list[Path]:
    """One path, several or None, as a list."""
    if value is None:
        return []
    if isinstance(value, str | Path):
        return [Path(value)]
    return [Path(item) for item in value]


def by_suffix(value: Any) -> dict[str, Path]:
    """Paths by their suffix."""
    return {path.suffix: path for path in as_paths(value)}
