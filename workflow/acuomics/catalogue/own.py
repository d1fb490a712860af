"""A user's own files for a published study whose data nobody has deposited (``own_data``, ``make study``)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from acuomics.catalogue.data import DATA_KEYS
from acuomics.inputs.table import read_table
from acuomics.inputs.words import some
from acuomics.problems import Problems

_FORMATS = {".tsv": "tsv", ".txt": "tsv", ".tab": "tsv", ".csv": "csv", ".h5ad": "h5ad"}


def with_own_data(
    study: str, content: Mapping[str, Any], own: Mapping[str, str], file: str, problems: Problems
) -> dict[str, Any]:
    """Put the user's files in the place of the data that study.yaml names.

    Parameters
    ----------
    study : str
        Its name.
    content : mapping
        study.yaml.
    own : mapping
        ``own_data`` for this study: counts or fastq, samples, adapter, feature_id.
    file : str
        study.yaml, for messages.
    problems : Problems
        Takes the faults: a suffix that tells no format, a study that says too little to be analysed.

    Returns
    -------
    dict
        The changed content. The samples' declarations of study.yaml go, since they were made for another sheet.
    """
    changed = {key: value for key, value in content.items() if key not in DATA_KEYS}
    if "samples" in own:
        changed.pop("samples", None)
    if "counts" in own:
        path = Path(own["counts"])
        suffix = next((part for part in reversed(path.suffixes) if part != ".gz"), "")
        if suffix not in _FORMATS:
            fix = f"rename it so that it ends in {some(sorted(_FORMATS))}, or these with .gz"
            problems.add(
                "config", "the name does not tell the format", fix, column=f"own_data.{study}.counts", value=path
            )
        changed["counts"] = {"format": _FORMATS.get(suffix, "tsv"), "layout": "matrix", "path": path.name}
        if "feature_id" in own:
            changed["feature_id"] = own["feature_id"]
    elif "fastq" in own:
        changed["reads"] = {"folder": "own", **({"adapter": own["adapter"]} if "adapter" in own else {})}
        if content["assay"] != "mirna":
            # What the genes are called is the transcriptome's matter, not the published study's.
            changed["feature_id"] = own.get("feature_id", "ensembl_gene")
    else:
        fix = "give counts: a matrix file, or fastq: a folder of FASTQ files"
        problems.add("config", "no data are named", fix, column=f"own_data.{study}")
    for key, fix in (
        ("design", "give it a design such as ~ condition"),
        ("feature_id", "say what the features are called"),
    ):
        if key not in changed:
            problems.add(
                file,
                f"the key {key!r} is missing: the published study says too little to be analysed as it stands",
                f"copy its folder to one of your study_folders, and {fix}",
                column=key,
            )
            # The fault is on record; a stand-in lets the other checks go on.
            changed[key] = "~ condition" if key == "design" else "other"
    return changed


def sheet_of(spec: Mapping[str, Any], folder: Path, data_root: Path, own: Mapping[str, str]) -> str:
    """Where the sample sheet lies."""
    if "samples" in own:
        return own["samples"]
    return str(data_root / spec["path"]) if "path" in spec else str(folder / "samples.tsv")


def explain_missing_sheet(study: str, sheet: str, folder: Path, problems: Problems) -> None:
    """Say which sample sheet a published study needs, by the arms of its contrasts."""
    levels: dict[str, None] = {}
    factor = "condition"
    path = folder / "contrasts.tsv"
    table = read_table(str(path), "\t", Problems()) if path.is_file() else None
    if table is not None and {"factor", "numerator", "denominator"} <= set(table.columns):
        factor = table.column("factor")[0] if table.rows else factor
        levels = dict.fromkeys([*table.column("denominator"), *table.column("numerator")])
    arms = f" with the levels {', '.join(levels)}" if levels else ""
    problems.add(
        sheet,
        "there is no sample sheet: who published the study did not say which samples there are",
        f"write a TSV with the columns sample and {factor}{arms} for your files, and name it "
        f"(make study STUDY={study} ... SAMPLES=sheet.tsv, or own_data.{study}.samples in the configuration)",
    )
