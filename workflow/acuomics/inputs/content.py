"""All checks of a count matrix in one place: the catalogue runs them before the run, intake in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from acuomics.inputs.depth import check_common_features
from acuomics.inputs.features import check_missing_names, check_names, check_totals, drop_features
from acuomics.inputs.gene_table import GeneTable, check_overlap, read_gene_table
from acuomics.inputs.identifiers import check_feature_id
from acuomics.inputs.matrix import CountMatrix, Mask, Wanted
from acuomics.inputs.values import ValueFacts, check_values
from acuomics.problems import Problems


@dataclass(frozen=True)
class Content:
    """A matrix that was read, what was found in it, and the rows that stay (`keep`, shape (n_features,))."""

    matrix: CountMatrix
    keep: Mask
    facts: ValueFacts
    gene_table: GeneTable | None
    warnings: list[str]


def read_counts(record: Mapping[str, Any], files: Sequence[str], problems: Problems) -> CountMatrix | None:
    """Read the counts of a study in whatever form its record says.

    Parameters
    ----------
    record : mapping
        The study record (``study.json``): counts, samples.
    files : sequence of str
        The matrix; or matrix, features, barcodes; or one file a sample in the order of the record.
    problems : Problems
        Takes every fault found.
    """
    spec = record["counts"]
    wanted = Wanted(
        [row["sample"] for row in record["samples"]],
        frozenset(spec["excluded_samples"]),
        list(spec["drop_columns"]),
    )
    if spec["format"] == "mtx":
        from acuomics.inputs.sparse import read_mtx

        return read_mtx(files, spec, wanted, problems)
    if spec["format"] == "h5ad":
        from acuomics.inputs.sparse import read_h5ad

        return read_h5ad(files[0], spec, wanted, problems)
    from acuomics.inputs.delimited import read_matrix, read_per_sample

    if spec["layout"] == "per_sample":
        return read_per_sample(files, spec, wanted, problems)
    return read_matrix(files[0], spec, wanted, problems)


def check_content(
    record: Mapping[str, Any],
    files: Sequence[str],
    gene_table: str | None,
    max_zero_share: float,
    problems: Problems,
) -> Content | None:
    """Read the counts of a study and check everything about them.

    Parameters
    ----------
    record, files
        As in `read_counts`.
    gene_table : str or None
        The gene table of the study's species, when one is configured.
    max_zero_share : float
        ``intake.max_zero_share`` of the configuration.
    problems : Problems
        Takes every fault found.

    Returns
    -------
    Content or None
        None when the files could not be read; with faults in `problems` the content is not to be used.
    """
    table = None if gene_table is None else read_gene_table(gene_table, problems)
    matrix = read_counts(record, files, problems)
    if matrix is None:
        return None
    warnings = check_names(matrix, record["feature_id"], problems)
    spec, feature_id = record["counts"], record["feature_id"]
    keep = drop_features(matrix, spec["drop_features"], problems)
    check_missing_names(matrix, keep, problems)
    totals = check_totals(matrix, keep, problems)
    tested = keep & ~totals
    before = len(problems.found)
    facts = check_values(matrix, keep, ~totals, spec["rounding"], max_zero_share, problems, spec["low_counts"])
    if len(problems.found) == before:
        warnings += check_common_features(matrix, tested, problems)
    names = [name for name, stays in zip(matrix.features, tested, strict=True) if stays]
    # Simulated features may be invented ones, with names that say so. Without a sample it is another matrix altogether.
    exempt = record["simulated"] or not matrix.samples
    known = exempt or check_feature_id(names, feature_id, matrix.file, problems)
    if known and table is not None and feature_id == "ensembl_gene":
        check_overlap(matrix.features, table, matrix.file, problems)
    return Content(matrix, tested, facts, table, [*warnings, *facts.warnings])
