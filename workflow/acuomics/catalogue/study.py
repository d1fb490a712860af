"""One study: its folder read, validated in two passes, and turned into the study record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acuomics.catalogue.contrasts import read_contrasts
from acuomics.catalogue.design import check_design
from acuomics.catalogue.formula import parse_formula
from acuomics.catalogue.pairs import find_pairs, unpaired
from acuomics.catalogue.samples import read_samples
from acuomics.catalogue.schema import check_schema
from acuomics.inputs.strict_yaml import read_yaml
from acuomics.problems import Problems

# Names of the three species that the curated mechanisms cover; others are taken as they are.
SPECIES = {9606: "Homo sapiens", 10090: "Mus musculus", 10116: "Rattus norvegicus"}
_COUNTS: dict[str, Any] = {
    "path": None,
    "pattern": None,
    "separator": None,
    "feature_column": None,
    "label_column": None,
    "value_column": None,
    "features": None,
    "barcodes": None,
    "layer": None,
    "drop_columns": [],
    "drop_features": [],
    "rounding": "none",
    "rounding_reason": None,
    "low_counts": False,
}


@dataclass(frozen=True)
class StudyRecord:
    """A validated study.

    Parameters
    ----------
    study : str
        Its name.
    folder : str
        The folder that holds study.yaml.
    record : dict
        The content of ``study.json`` (see the data contracts).
    record_files : list of str
        The files that the record was made of.
    counts_files : list of str
        The count matrix: one file; or matrix, features, barcodes; or one file a sample, in record order.
    simulated : bool
        Whether the counts are simulated at run time.
    """

    study: str
    folder: str
    record: dict[str, Any]
    record_files: list[str]
    counts_files: list[str]
    simulated: bool
    contrasts: list[str] = field(init=False)
    pairs: list[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "contrasts", [row["contrast"] for row in self.record["contrasts"]])
        object.__setattr__(self, "pairs", [row["pair"] for row in self.record["reversal_pairs"]])


def read_study(
    study: str, folder: Path, data_root: Path, min_replicates: int, problems: Problems
) -> StudyRecord | None:
    """Read and validate a study folder (schema, then table rules); its count matrix is not opened.

    Parameters
    ----------
    study : str
        The name by which the configuration asks for it.
    folder : Path
        The folder with study.yaml, contrasts.tsv and, unless study.yaml points elsewhere, samples.tsv.
    data_root : Path
        What the data paths of study.yaml are relative to.
    min_replicates : int
        The least number of samples in an arm of a contrast.
    problems : Problems
        Takes every fault found.

    Returns
    -------
    StudyRecord or None
        None when study.yaml or the sample sheet cannot be used. A record that comes with problems is good
        for looking at the count matrix, and for nothing else.
    """
    file = str(folder / "study.yaml")
    content = read_yaml(file, problems)
    if content is None or not check_schema(content, "study", file, problems):
        return None
    warnings: list[str] = []
    simulated = "simulation" in content
    _check_facts(study, content, simulated, file, problems)
    design = parse_formula(content["design"], file, problems)
    spec = content.get("samples", {})
    sheet = str(data_root / spec["path"]) if "path" in spec else str(folder / "samples.tsv")
    samples = read_samples(spec, sheet, design.factors if design else (), file, problems)
    contrasts_file = str(folder / "contrasts.tsv")
    rows = [] if samples is None else samples.rows
    if design is not None and rows:
        check_design(design, rows, file, problems)
    contrasts = read_contrasts(contrasts_file, design if rows else None, rows, min_replicates, problems, warnings)
    if samples is None:
        return None
    if samples.excluded:
        warnings.append(
            f"{len(samples.excluded)} of {len(samples.excluded) + len(rows)} samples of the sheet are left out "
            f"by samples.keep: {', '.join(samples.excluded)}"
        )
    warnings += unpaired(contrasts)
    if content["assay"] == "mirna" and content["feature_id"] in ("ensembl_gene", "ncbi_gene"):
        warnings.append(
            f"miRNAs are named by {content['feature_id']}: the two arms of a hairpin cannot be told apart, and no "
            "feature has a MIMAT accession"
        )
    counts = _counts_of(study, content, samples.excluded)
    record = {
        **{key: content[key] for key in ("study", "title", "summary", "species", "taxon")},
        "simulated": simulated,
        "tissue": {"uberon": None, **content["tissue"]},
        **{key: content[key] for key in ("assay", "source", "model", "intervention")},
        "caveats": content.get("caveats", []),
        "design": content["design"] if design is None else design.formula,
        "feature_id": content["feature_id"],
        "counts": counts,
        "samples": rows,
        "contrasts": contrasts,
        "reversal_pairs": find_pairs(contrasts),
        "warnings": warnings,
    }
    root = Path() if simulated else data_root
    return StudyRecord(
        study=study,
        folder=str(folder),
        record=record,
        record_files=[file, contrasts_file, sheet],
        counts_files=[str(root / path) for path in _counts_paths(counts, rows)],
        simulated=simulated,
    )


def _check_facts(study: str, content: Mapping[str, Any], simulated: bool, file: str, problems: Problems) -> None:
    """Check what one key says against another."""
    if content["study"] != study:
        problems.add(
            file,
            f"the key study must repeat the name of the folder, {study!r}",
            "rename the folder or mend the key",
            column="study",
            value=content["study"],
        )
    if content["title"].startswith("SIMULATED") != simulated:
        problems.add(
            file,
            "the title of a simulated study, and of no other, begins with SIMULATED",
            f"write SIMULATED: {content['title']}" if simulated else "choose another title",
            column="title",
            value=content["title"],
        )
    expected = SPECIES.get(content["taxon"])
    taxon = next((number for number, name in SPECIES.items() if name == content["species"]), content["taxon"])
    if (expected is not None and content["species"] != expected) or taxon != content["taxon"]:
        problems.add(
            file,
            f"species and taxon disagree: {content['species']} and {content['taxon']}",
            "make them agree: " + ", ".join(f"{name} is {number}" for number, name in SPECIES.items()),
            column="taxon",
            value=content["taxon"],
        )


def _counts_of(study: str, content: Mapping[str, Any], excluded: list[str]) -> dict[str, Any]:
    """Give the ``counts`` of the record with every key; paths stay relative: a record names no machine."""
    if "simulation" in content:
        declared = {
            "format": "tsv",
            "layout": "matrix",
            "path": f"results/{study}/simulate/counts.tsv.gz",
            "feature_column": "feature",
            "label_column": "symbol",
        }
    else:
        declared = content["counts"]
    return {**_COUNTS, **declared, "excluded_samples": excluded}


def _counts_paths(counts: Mapping[str, Any], samples: list[dict[str, str]]) -> list[str]:
    if counts["layout"] == "per_sample":
        return [counts["pattern"].replace("{sample}", row["sample"]) for row in samples]
    if counts["format"] == "mtx":
        return [counts["path"], counts["features"], counts["barcodes"]]
    return [counts["path"]]
