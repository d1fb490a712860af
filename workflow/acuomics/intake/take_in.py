"""Taking counts in: the matrix checked, mapped and written down with what it may be used for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from acuomics.catalogue.names.resolution import RESOLVED, Resolution
from acuomics.catalogue.names.tables import count_statuses, resolve_all
from acuomics.catalogue.references import read_study_names
from acuomics.inputs.content import Content, check_content
from acuomics.inputs.values import whole_numbers
from acuomics.intake.mapping import map_features, mapping_facts
from acuomics.problems import Problems

# Libraries this many times larger than others make low counts a matter of depth.
DEPTH_RATIO = 3.0


@dataclass(frozen=True)
class Intake:
    """What `take_in` gives.

    Parameters
    ----------
    counts : DataFrame, shape (n_features, 1 + n_samples)
        ``feature`` and an int64 column a sample, samples in the order of the record.
    samples : DataFrame
        ``sample`` and the factors, by name.
    features : DataFrame
        See `acuomics.intake.mapping.map_features`.
    facts : dict
        The content of ``intake.json``.
    """

    counts: pd.DataFrame
    samples: pd.DataFrame
    features: pd.DataFrame
    facts: dict[str, Any]


def take_in(
    record: Mapping[str, Any],
    counts_files: Sequence[str],
    *,
    gene_table: str | None,
    max_zero_share: float,
    name_files: Mapping[str, str] | None = None,
    quality: Sequence[str] = (),
) -> Intake:
    """Read, check, round (when declared) and map the counts of a study.

    Parameters
    ----------
    record : mapping
        The study record (``study.json``).
    counts_files : sequence of str
        The matrix; or matrix, features, barcodes; or one file a sample in the order of the record.
    gene_table : str or None
        The gene table of the study's species, when one is configured.
    max_zero_share : float
        A sample with a larger share of zero counts is an error.
    name_files : mapping, optional
        Reference tables through which symbols and miRBase names get identifiers
        (`acuomics.catalogue.references.name_files`).
    quality : sequence of str
        What quality control of the reads says of samples that are not good (`acuomics.intake.quality`).

    Raises
    ------
    InputError
        With every fault of the files.
    """
    problems = Problems()
    content = check_content(record, counts_files, gene_table, max_zero_share, problems)
    tables = read_study_names(record, name_files, gene_table, problems) if name_files else None
    problems.raise_if_any()
    if content is None:  # a reader that gives up says why
        raise RuntimeError("the counts could not be read, and no reader said why")
    keep = content.keep
    names = [name for name, stays in zip(content.matrix.features, keep, strict=True) if stays]
    labels = content.matrix.labels
    kept_labels = None if labels is None else [x for x, stays in zip(labels, keep, strict=True) if stays]
    values = whole_numbers(content.matrix.cells[keep])
    counts = pd.DataFrame(values, columns=content.matrix.samples)
    counts.insert(0, "feature", pd.Series(names, dtype="string"))
    kind = "gene" if record["feature_id"] == "symbol" else "mirna"
    meant = resolve_all(names, kind, record["taxon"], tables, suggest=False) if tables else None
    features = map_features(names, kept_labels, record["feature_id"], content.gene_table, meant)
    # A record that was written and read again has its keys in another order.
    factors = sorted({name for row in record["samples"] for name in row} - {"sample"})
    samples = pd.DataFrame(list(record["samples"]), columns=["sample", *factors])
    facts = _facts(record, content, values, mapping_facts(features), meant)
    facts["warnings"] = [*quality, *facts["warnings"]]
    return Intake(counts, samples, features, facts)


def _facts(
    record: Mapping[str, Any],
    content: Content,
    values: np.ndarray[Any, np.dtype[np.int64]],
    mapping: dict[str, int],
    meant: Sequence[Resolution] | None,
) -> dict[str, Any]:
    spec = record["counts"]
    sizes = values.sum(axis=0)
    n_in, n_out = len(content.matrix.features), int(content.keep.sum())
    return {
        # Only whole counts come this far; the checks refuse everything else, with the reason.
        "inference": ["negative_binomial"],
        "n_in": n_in,
        "n_out": n_out,
        "n_ambiguous": mapping["ambiguous"],
        "dropped": {"drop_features": n_in - n_out},
        "columns": {"dropped": len(spec["drop_columns"]), "excluded_by_keep": len(spec["excluded_samples"])},
        "mapping": mapping,
        "names": None if meant is None else count_statuses(meant),
        "rounding": {
            "mode": spec["rounding"],
            "reason": spec["rounding_reason"],
            "fractional_share": content.facts.fractional_share,
        },
        "samples": [
            {
                "sample": name,
                "library_size": int(sizes[at]),
                "detected_features": int((values[:, at] > 0).sum()),
                "zero_share": float((values[:, at] == 0).mean()),
            }
            for at, name in enumerate(content.matrix.samples)
        ],
        "warnings": [*content.warnings, *_warnings(record, content, sizes, n_out, mapping, meant)],
    }


def _warnings(
    record: Mapping[str, Any],
    content: Content,
    sizes: np.ndarray[Any, np.dtype[np.int64]],
    n: int,
    mapping: dict[str, int],
    meant: Sequence[Resolution] | None,
) -> list[str]:
    found = []
    share = content.facts.fractional_share
    if share > 0:
        found.append(
            f"{share:.1%} of the counts were fractions and were rounded to the nearest whole number, as "
            f"declared: {record['counts']['rounding_reason']}"
        )
    if sizes.max() > DEPTH_RATIO * sizes.min():
        found.append(
            f"library sizes differ {sizes.max() / sizes.min():.1f} fold ({sizes.min():,} to "
            f"{sizes.max():,}): detection of low counts differs with them"
        )
    identifier = record["feature_id"]
    key = "a MIMAT accession" if record["assay"] == "mirna" else "an NCBI Gene id"
    if identifier == "ensembl_gene" and content.gene_table is None:
        found.append(f"no gene table is configured for taxon {record['taxon']}: no feature has an NCBI Gene id")
    elif meant is not None:
        found += _about_names(meant, mapping, n, key)
    elif identifier in ("symbol", "mirbase_name", "other"):
        found.append(f"features are named by {identifier}: no feature has {key}, and none is guessed")
    elif identifier == "ensembl_gene" and mapping["unmapped"]:
        found.append(f"{mapping['unmapped']:,} of {n:,} features have no NCBI Gene id; they are tested like the others")
    if mapping["sharing_a_gene"]:
        found.append(f"{mapping['sharing_a_gene']:,} features share their NCBI Gene id with another feature")
    if mapping["sharing_a_mimat"]:
        found.append(f"{mapping['sharing_a_mimat']:,} features share their MIMAT accession with another feature")
    return found


def _about_names(meant: Sequence[Resolution], mapping: dict[str, int], n: int, key: str) -> list[str]:
    lost = mapping["ambiguous"] + mapping["unmapped"]
    if not lost:
        return []
    counts = {name: count for name, count in count_statuses(meant).items() if count and name not in RESOLVED}
    counts |= {"no id in the gene table": without} if (without := _without_id(meant)) else {}
    why = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())
    return [f"{lost:,} of {n:,} features have not {key} ({why}); they are tested like the others"]


def _without_id(meant: Sequence[Resolution]) -> int:
    return sum(one.status in RESOLVED and one.id is None for one in meant)
