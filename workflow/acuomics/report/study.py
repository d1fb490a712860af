"""What the page needs to know of one study, everything but its figures: the content of ``report/study.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from acuomics.files import write_text
from acuomics.report.answer import answer, arm_path, keeps_effect, permutation_p, why_no_pair
from acuomics.report.figures import draw_study_figures
from acuomics.report.methods import methods_text, references
from acuomics.report.read import StudyResults
from acuomics.report.reads import reads_table
from acuomics.report.sentences import as_json
from acuomics.report.settests import set_test_facts, set_test_table
from acuomics.report.tables import cell, de_table, mechanism_table, reversal_table, sample_table

ROLES = {
    "model": "model against control",
    "treatment": "treatment against model",
    "specificity": "treatment against sham",
    "residual": "treatment against control",
    "baseline": "treatment in healthy against control",
    "interaction": "difference of differences",
}
INFERENCE = {
    "negative_binomial": "integer counts: negative binomial models with error rates",
    "none": "none: the numbers admit description only",
}


def draw_and_describe(
    results: StudyResults, folder: str | Path, description: str | Path, settings: Mapping[str, Any]
) -> None:
    """Draw the figures of a study into `folder` and write what the page says of it to `description`.

    Parameters
    ----------
    results : StudyResults
        What the stages wrote.
    folder : path
        Folder of the figures.
    description : path
        ``report/study.json``.
    settings : mapping
        ``de``, ``reversal`` and ``seed`` of the configuration.
    """
    figures = draw_study_figures(results, folder, settings)
    # Compact: with an indent every cell of the tables would have a line.
    described = describe_study(results, figures, settings)
    text = json.dumps(described, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    write_text(text + "\n", description)


def describe_study(
    results: StudyResults, figures: Sequence[Mapping[str, str]], settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Gather what the page says of one study.

    Parameters
    ----------
    results : StudyResults
        What the stages wrote.
    figures : sequence of mapping
        What `draw_study_figures` returned.
    settings : mapping
        ``de``, ``reversal`` and ``seed`` of the configuration.

    Returns
    -------
    dict
        JSON-ready: no NaN, no infinity, no path but those of the contracts.
    """
    q = float(settings["de"]["q"])
    roles = {str(row["contrast"]): str(row["role"]) for row in results.record["contrasts"]}
    tables = {f"de-{name}": de_table(results, name, q) for name in results.tables}
    tables |= {f"reversal-{pair}": reversal_table(results, pair, r) for pair, r in results.reversals.items()}
    if len(results.annotations):
        tables["mechanisms"] = mechanism_table(results)
    if results.settests is not None:
        tables["settests"] = set_test_table(results.study, results.settests, q)
    tables["samples"] = sample_table(results)
    if results.reads is not None:
        tables["reads"] = reads_table(results)
    return {
        "study": results.study,
        "title": page_title(results.record),
        "simulated": bool(results.record.get("simulated")),
        "parent": results.record.get("parent"),
        "level": (results.record.get("tissue") or {}).get("level"),
        "counted": True,
        "summary": str(results.record.get("summary", "")),
        "feature_word": results.feature_word,
        "q": q,
        "card": card(results),
        "caveats": [str(text) for text in results.record.get("caveats", [])],
        "warnings": warnings_of(results),
        "answer": [as_json(item) for item in answer(results, settings)],
        "contrasts": [contrast_facts(row, q) for row in results.summary.to_dict("records")],
        "reversals": [reversal_facts(pair, results, settings) for pair in results.reversals],
        "no_reversal": None if results.reversals else as_json(why_no_pair(results)),
        "mechanisms": mechanism_facts(results),
        "settests": None if results.settests is None else set_test_facts(results.settests, q, roles),
        "recovery": recovery_facts(results, settings),
        "figures": [dict(figure) for figure in figures],
        "tables": tables,
        "methods": methods_text(results, settings),
        "references": references(results),
        "versions": {**(results.fit.get("versions") or {}), "matplotlib": version("matplotlib")},
    }


def page_title(record: Mapping[str, Any]) -> str:
    """The study's title; that of a simulated one says SIMULATED even if its record forgot to."""
    title = str(record.get("title") or record["study"])
    return f"SIMULATED: {title}" if record.get("simulated") and "SIMULATED" not in title else title


def card(results: StudyResults) -> list[list[str]]:
    """Name and value of the facts on the study's card; only those that the record has."""
    record, intake = results.record, results.intake
    tissue = record.get("tissue") or {}
    counts = f"{intake['n_out']:,} of {intake['n_in']:,} {results.feature_word}"
    if intake.get("n_ambiguous"):
        counts += f", {intake['n_ambiguous']:,} with an ambiguous identifier"
    facts = [
        ("Species", record.get("species")),
        ("Tissue", f"{tissue['name']} (level: {tissue.get('level', 'not stated')})" if tissue.get("name") else None),
        ("Assay", {"mrna": "mRNA-seq", "mirna": "miRNA-seq"}.get(str(record.get("assay")), record.get("assay"))),
        ("Model", record.get("model")),
        ("Intervention", record.get("intervention")),
        ("Design", record.get("design")),
        ("Arms", arms(results)),
        ("Counts", counts),
        ("Inference allowed", "; ".join(INFERENCE.get(str(i), str(i)) for i in intake.get("inference", [])) or "none"),
        ("Source", record.get("source")),
    ]  # fmt: skip
    return [[name, str(value)] for name, value in facts if value]


def arms(results: StudyResults) -> str:
    """The combinations of factor levels with their numbers of samples."""
    factors = [name for name in results.samples.columns if name != "sample"]
    labels = results.samples[factors].astype(str).agg(", ".join, axis=1)
    return "; ".join(f"{label}: n = {(labels == label).sum()}" for label in pd.unique(labels))


def warnings_of(results: StudyResults) -> list[str]:
    """Every warning that a stage left, each once, in the order of the stages."""
    found: list[str] = []
    for content in (results.record, results.intake, results.fit):
        found += [str(text) for text in content.get("warnings") or []]
    for row in results.summary.to_dict("records"):
        if isinstance(row.get("warning"), str) and row["warning"]:
            found.append(f"{row['contrast']}: {row['warning']}")
    for pair, reversal in results.reversals.items():
        found += [f"{pair}: {text}" for text in reversal.summary.get("warnings") or []]
    found += [str(text) for text in results.mechanisms.get("warnings") or []]
    return list(dict.fromkeys(found))


def contrast_facts(row: Mapping[Any, Any], q: float) -> dict[str, Any]:
    """A row of the summary for the page, with what chance gives beside every count."""
    facts = {str(k): cell(v, "text" if isinstance(v, str) else "number") for k, v in row.items()}
    facts["role_text"] = ROLES.get(str(row["role"]), str(row["role"]))
    facts.setdefault("expected_p05_lfc1", None)
    if facts.get("expected_false_q") is None:
        facts["expected_false_q"] = q * float(row["n_q"])
    return facts


def reversal_facts(pair: str, results: StudyResults, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The summary of a pair, with the null values beside it."""
    reversal = results.reversals[pair]
    summary = reversal.summary
    called = summary.get("reversed_by_class") or {}
    permuted = summary.get("permutations") or {}
    return {
        **summary,
        "pair": pair,
        "called_by_class": {name: n for name, n in called.items() if n},
        "other_labelings": int(permuted.get("distinct") or 1) - 1,
        "permutation_p": as_json(permutation_p(permuted)) if permuted.get("draws") else None,
        "keeps_effect": as_json(keeps_effect(results, pair)),
        "arms": arm_path(pair, results),
        "null_correlation": reversal.null_correlation,
        "null_opposite_share": reversal.null_opposite_share,
        "q": float(settings["reversal"]["q"]),
    }


def mechanism_facts(results: StudyResults) -> dict[str, Any]:
    """Counts of the annotation and the hash of the curated set; why the table is empty, if it is."""
    summary = results.mechanisms
    why = None
    if not len(results.annotations):
        if summary.get("species_covered") is False:
            why = f"the curated set has no identifiers for {results.record.get('species', 'this species')}"
        else:
            what = {"ncbi_gene": "NCBI Gene identifiers", "mimat": "miRBase accessions"}.get(
                str(summary.get("identifier")), "identifiers"
            )
            why = (
                f"none of the {what} of the {summary.get('n_curated', 'curated')} curated features occurs among the "
                f"study's {len(next(iter(results.tables.values()))):,} {results.feature_word} (identifiers given: "
                f"{results.record.get('feature_id', 'not stated')}); a gene table in the configuration may be missing"
            )
    absent = [str(item.get("symbol") or item.get("id")) for item in summary.get("absent") or []]
    return {
        **{k: v for k, v in summary.items() if k not in ("absent", "set_files")},
        "absent": absent,
        "names": mechanism_names(results),
        "why_empty": why,
    }


def mechanism_names(results: StudyResults) -> dict[str, str]:
    """Mechanism id to name, of the mechanisms that the annotation table has."""
    pairs = results.annotations[["mechanism_id", "mechanism"]].dropna().drop_duplicates("mechanism_id")
    return {str(key): str(name) for key, name in zip(pairs["mechanism_id"], pairs["mechanism"], strict=True)}


def recovery_facts(results: StudyResults, settings: Mapping[str, Any]) -> dict[str, Any] | None:
    """Recall and observed false discovery of a simulated study; None where the truth is not known."""
    if results.recovery is None:
        return None
    rows = []
    for row in results.recovery.to_dict("records"):
        facts = {str(k): cell(v, "text" if isinstance(v, str) else "number") for k, v in row.items()}
        facts["rate"] = float(settings["reversal" if row["test"] == "reversal" else "de"]["q"])
        rows.append(facts)
    summary = results.recovery_summary
    return {
        "rows": rows,
        "confusion": summary.get("confusion") or {},
        "planted": summary.get("planted") or {},
        "reported_classes": summary.get("reported_classes") or [],
    }
