"""The ordinary stages one after another in one process, for the studies that the cell types of one study become.

A type of a small study is fitted sooner than Python starts, and a study has a dozen types: a job a stage and type would
spend nearly all its time starting. What is called, and what is written below ``results/<study>/``, is as for any study.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from acuomics.claims.run import run_claims
from acuomics.de.study import analyse_study
from acuomics.de.write import write_study
from acuomics.files import read_json, read_parquet, read_tsv, write_json, write_parquet, write_text, write_tsv
from acuomics.intake.take_in import take_in
from acuomics.mechanisms.annotate import ANNOTATION_COLUMNS, annotate, read_contrast_tables, read_features
from acuomics.mechanisms.curated import load_set
from acuomics.mechanisms.run import TABLE_COLUMNS, judge_study, run_set_tests
from acuomics.mechanisms.verdicts.vocabulary import VERDICT_COLUMNS
from acuomics.problems import InputError
from acuomics.recovery.read import read_results
from acuomics.recovery.score import RECOVERY_COLUMNS, score
from acuomics.report.cells import describe_type
from acuomics.singlecell.derived import derive_records

#: Stages with a folder each; what a type that cannot be tested does not have stays an empty folder.
STAGES = ("intake", "de", "reversal", "mechanisms", "claims", "recovery")


@dataclass(frozen=True)
class Options:
    """What the stages are given, as their rules have it.

    Attributes
    ----------
    intake : mapping
        ``gene_table, max_zero_share, name_files``.
    de, reversal : mapping
        Keywords of `analyse_study` and of `acuomics.reversal.run.run_pair`.
    verdicts : mapping
        `acuomics.mechanisms.verdicts.vocabulary.Settings`.
    sensitivity : bool
        Whether the gene-permutation test stands beside the set tests.
    curated : sequence of path
        Files of the curated set, one folder.
    families : path
        ``superfamilies.tsv``.
    report : mapping
        ``de, reversal, seed`` of the configuration.
    """

    intake: Mapping[str, Any]
    de: Mapping[str, Any]
    reversal: Mapping[str, Any]
    verdicts: Mapping[str, Any]
    sensitivity: bool
    curated: Sequence[str]
    families: str
    report: Mapping[str, Any]

    @classmethod
    def from_rule(cls, settings: Mapping[str, Any], files: Any, name_files: Mapping[str, str]) -> Options:
        """Put together what a rule is given: ``settings`` of its params, ``files`` of its input."""
        intake = {"gene_table": files.get("gene_table") or None, "name_files": dict(name_files)}
        rest = {key: value for key, value in settings.items() if key != "intake"}
        return cls(
            intake={**settings["intake"], **intake},
            curated=list(files.get("curated")),
            families=str(files.get("families")),
            **rest,
        )

    @property
    def rate(self) -> float:
        """False discovery rate of the lists of changed features."""
        return float(self.de["rate"])


def run_types(
    record: str | Path, cells: str | Path, truth: str | Path | None, results: str | Path, options: Options
) -> None:
    """Take every declared cell type of a study from its pseudobulk to its verdicts.

    Parameters
    ----------
    record : path
        ``catalogue/study.json`` of the study of single cells.
    cells : path
        Its folder ``singlecell``.
    truth : path or None
        ``simulate/truth.tsv`` of a simulated study.
    results : path
        Holds a folder a study.
    options : Options
    """
    planted = None if truth is None else read_tsv(truth, dtype={"feature": str, "symbol": str, "class": str})
    for derived in derive_records(read_json(record), cells):
        name = derived["cell_type"]["name"]
        own = None if planted is None else planted[planted["cell_type"] == name].drop(columns="cell_type")
        run_type(derived, own, Path(results) / derived["study"], options)


def run_type(record: dict[str, Any], truth: pd.DataFrame | None, folder: Path, options: Options) -> None:
    """Run all stages of one derived study below `folder`; a type that cannot be tested leaves its reason."""
    if folder.exists():
        shutil.rmtree(folder)
    for stage in STAGES:
        (folder / stage).mkdir(parents=True)
    if record["cell_type"]["analysable"]:
        try:
            _take_in(record, folder, options)
        except InputError as error:
            # Too few counts for size factors, say: of one type among many that is a finding and no fault of the user.
            reason = "; ".join(problem.message for problem in error.problems)
            record = _not_analysable(record, reason)
    write_json(record, folder / "catalogue" / "study.json")
    if record["cell_type"]["analysable"]:
        _test(record, truth, folder, options)
    else:
        _leave_empty(folder)
        _judge_claims(folder, options, [], tables=None, features=None, summary=None)
    description = json.dumps(
        describe_type(record, folder, options.report),
        sort_keys=True,
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":"),
    )
    write_text(description + "\n", folder / "report" / "study.json")


def _not_analysable(record: Mapping[str, Any], reason: str) -> dict[str, Any]:
    empty: dict[str, Any] = {"samples": [], "contrasts": [], "reversal_pairs": [], "counts": None}
    told = {**record["cell_type"], "analysable": False, "reason": reason}
    return {**record, **empty, "cell_type": told}


def _take_in(record: Mapping[str, Any], folder: Path, options: Options) -> None:
    taken = take_in(record, [record["counts"]["path"]], **options.intake)
    write_parquet(taken.counts, folder / "intake" / "counts.parquet")
    write_tsv(taken.samples, folder / "intake" / "samples.tsv")
    write_tsv(taken.features, folder / "intake" / "features.tsv")
    write_json(taken.facts, folder / "intake" / "intake.json")


def _test(record: Mapping[str, Any], truth: pd.DataFrame | None, folder: Path, options: Options) -> None:
    """Stages `de` to `recovery` of a type that can be tested."""
    from acuomics.reversal.run import run_pair

    at: Callable[[str], str] = lambda name: str(folder / name)  # noqa: E731
    counts, features = at("intake/counts.parquet"), at("intake/features.tsv")
    symbols = read_tsv(features, dtype=str)["symbol"].tolist()
    result = analyse_study(record, read_parquet(counts), symbols, **options.de)
    write_study(
        result,
        tables=at("de/tables"),
        summary=at("de/summary.tsv"),
        fit=at("de/fit.json"),
        dispersions=at("de/dispersions.parquet"),
        covariance=at("de/covariance.parquet"),
        transformed=at("de/transformed.parquet"),
    )
    study, tables = at("catalogue/study.json"), at("de/tables")
    pairs = [row["pair"] for row in record["reversal_pairs"]]
    for pair in pairs:
        run_pair(
            pair,
            record=study,
            counts=counts,
            tables=tables,
            covariance=at("de/covariance.parquet"),
            fit=at("de/fit.json"),
            table=at(f"reversal/{pair}.tsv"),
            summary=at(f"reversal/{pair}.json"),
            **options.reversal,
        )
    chosen = load_set(Path(options.curated[0]).parent)
    found, facts = annotate(record, read_features(features), read_contrast_tables(tables), chosen, q=options.rate)
    write_tsv(found, at("mechanisms/annotations.tsv"))
    write_json(facts, at("mechanisms/mechanisms.json"))
    judge_study(
        record=study,
        features=features,
        tables=tables,
        curated=options.curated,
        settings=options.verdicts,
        verdicts=at("mechanisms/verdicts.tsv"),
    )
    run_set_tests(
        record=study,
        counts=counts,
        features=features,
        fit=at("de/fit.json"),
        curated=options.curated,
        families=options.families,
        sensitivity=options.sensitivity,
        settests=at("mechanisms/settests.tsv"),
    )
    reversals = [at(f"reversal/{pair}.{suffix}") for pair in pairs for suffix in ("tsv", "json")]
    _judge_claims(folder, options, reversals, tables=tables, features=features, summary=at("de/summary.tsv"))
    if truth is not None:
        write_tsv(truth, at("recovery/truth.tsv"))
        results = read_results(at("recovery/truth.tsv"), tables, at("de/summary.tsv"), reversals[::2])
        recovery = score(*results, q_de=options.rate, q_reversal=float(options.reversal["rate"]))
        write_tsv(recovery.table, at("recovery/recovery.tsv"))
        write_json(recovery.summary, at("recovery/recovery.json"))


def _judge_claims(folder: Path, options: Options, reversals: Sequence[str], **files: str | None) -> None:
    """Judge the claims on the type, in the end against nothing."""
    run_claims(
        record=str(folder / "catalogue" / "study.json"),
        reversals=reversals,
        settings={**options.verdicts, "rate": options.rate},
        verdicts=str(folder / "claims" / "verdicts.tsv"),
        facts=str(folder / "claims" / "claims.json"),
        **files,
    )


def _leave_empty(folder: Path) -> None:
    """Tables without a row, where others read all studies."""
    for name, columns in (
        ("mechanisms/verdicts.tsv", VERDICT_COLUMNS),
        ("mechanisms/annotations.tsv", ANNOTATION_COLUMNS),
        ("mechanisms/settests.tsv", TABLE_COLUMNS),
        ("recovery/recovery.tsv", RECOVERY_COLUMNS),
    ):
        write_tsv(pd.DataFrame(columns=list(columns)), folder / name)
