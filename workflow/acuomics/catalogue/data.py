"""What data a study has, and where they lie: counts, reads, single cells, statistics, simulated ones, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acuomics.catalogue.reads import check_reads, describe_reads, find_reads
from acuomics.inputs.deposits import deposited_files
from acuomics.problems import Problems

#: Kinds of studies whose counts are modelled.
COUNTED = frozenset({"counts", "reads", "simulated"})
#: Keys of study.yaml that name data.
DATA_KEYS = ("cells", "counts", "reads", "simulation", "statistics")
#: Every key of ``counts`` of a record, as it is where nothing is declared.
COUNTS: dict[str, Any] = {
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


#: Why counts from mRNA reads are rounded.
_ESTIMATED = "estimated counts: reads that fit several transcripts are shared out among them"


@dataclass(frozen=True)
class Data:
    """Where the data of a study lie.

    Attributes
    ----------
    counts : dict or None
        ``counts`` of the record with every key; its paths stay relative: a record names no machine.
    counts_files : list of str
        See `acuomics.catalogue.study.StudyRecord`.
    reads : dict or None
        ``reads`` of the record: what is declared of the library, and ``files``: sample to names of files.
    reads_files : dict
        Sample to paths.
    """

    counts: dict[str, Any] | None = None
    counts_files: list[str] = field(default_factory=list)
    reads: dict[str, Any] | None = None
    reads_files: dict[str, list[str]] = field(default_factory=dict)


def data_keys(content: Mapping[str, Any]) -> list[str]:
    """Give the keys of study.yaml that name data."""
    return [key for key in DATA_KEYS if key in content]


def kind_of(content: Mapping[str, Any], file: str, problems: Problems) -> str | None:
    """Say what kind of data a study has.

    Parameters
    ----------
    content : mapping
        study.yaml, valid by its schema.
    file : str
        Its name, for messages.
    problems : Problems
        Takes the fault: two kinds at once, or none in a study of which nothing was published either.

    Returns
    -------
    str or None
        ``simulated``, ``counts``, ``reads``, ``cells``, ``statistics`` or ``claims_only``; None when it has no answer.
        A simulated study may be simulated as reads; simulated cells are ``cells``.
    """
    given = data_keys(content)
    if not given and "facts" in content:
        return "claims_only"
    if len(given) == 1 or given == ["reads", "simulation"]:
        return "simulated" if "simulation" in given else given[0]
    state = f"{' and '.join(given)} are there" if given else "none is there"
    problems.add(
        file,
        f"give exactly one of counts, reads, cells, statistics and simulation; {state}",
        "keep counts for a matrix, reads for FASTQ files, cells for single cells, statistics for a table of p values, "
        "simulation for an embedded study; without any of them, facts must say what was published",
        column="counts",
    )
    return None


def is_simulated(content: Mapping[str, Any]) -> bool:
    """Whether the data of a study are made at run time."""
    return "simulation" in content or "simulation" in content.get("cells", {})


def locate_data(
    study: str,
    kind: str,
    content: Mapping[str, Any],
    samples: Sequence[Mapping[str, str]],
    excluded: list[str],
    folder: Path,
    data_root: Path,
    own: Mapping[str, str],
    problems: Problems,
) -> Data:
    """Find the files of a study.

    Parameters
    ----------
    study, kind, content, folder, data_root, own
        As `acuomics.catalogue.study.read_study` has them.
    samples : sequence of mapping
        The samples in use.
    excluded : list of str
        Samples of the sheet that are not in use.
    problems : Problems
        Takes faults of the FASTQ files.
    """
    if kind in ("claims_only", "cells"):
        return Data()
    deposited = folder / "files.tsv"
    if kind == "statistics":
        path = content["statistics"]["path"]
        return Data(counts_files=[place_of(study, path, deposited, data_root)])
    if "reads" in content:
        spec, assay = content["reads"], content["assay"]
        library = describe_reads(spec, assay, str(folder / "study.yaml"), problems)
        if kind == "simulated":
            if assay != "mirna":
                fix = "remove the key reads: the counts are simulated"
                problems.add(str(folder / "study.yaml"), "only reads of small RNAs are simulated", fix, column="reads")
            files = {row["sample"]: [f"results/{study}/simulate/reads/{row['sample']}.fastq.gz"] for row in samples}
        else:
            files = find_reads(study, spec, samples, deposited, data_root, own, problems)
            check_reads(files, assay, problems)
        names = {sample: [Path(path).name for path in paths] for sample, paths in files.items()}
        if assay == "mirna":
            counts = _made(f"results/{study}/smallrna/counts.tsv", "mimat", "mirna", excluded)
        else:
            counts = _made(f"results/{study}/rnaseq/counts.tsv", "gene", "symbol", excluded)
            counts |= {"rounding": "nearest", "rounding_reason": _ESTIMATED}
        reads = {**library, "files": names}
        return Data(counts, [counts["path"]], reads, files)
    if kind == "simulated":
        counts = _made(f"results/{study}/simulate/counts.tsv.gz", "feature", "symbol", excluded)
        return Data(counts, [counts["path"]])
    counts = {**COUNTS, **content["counts"], "excluded_samples": excluded}
    if "counts" in own:
        # The file's name is enough for the record; where it lies is this machine's matter.
        return Data({**counts, "path": Path(own["counts"]).name}, [own["counts"]])
    return Data(counts, [place_of(study, path, deposited, data_root) for path in _counts_paths(counts, samples)])


def _made(path: str, feature: str, label: str, excluded: list[str]) -> dict[str, Any]:
    """Describe a matrix that the workflow itself writes."""
    columns = {"feature_column": feature, "label_column": label}
    return {**COUNTS, "format": "tsv", "layout": "matrix", "path": path, **columns, "excluded_samples": excluded}


def place_of(study: str, path: str, deposited: Path, data_root: Path) -> str:
    """Where a data file lies: among the acquired ones when files.tsv names it, else below data_root."""
    # What is wrong with the table is reported by those who fetch its files.
    if path in deposited_files(deposited, Problems()):
        return f"results/{study}/acquire/{path}"
    return str(data_root / path)


def _counts_paths(counts: Mapping[str, Any], samples: Sequence[Mapping[str, str]]) -> list[str]:
    if counts["layout"] == "per_sample":
        return [counts["pattern"].replace("{sample}", row["sample"]) for row in samples]
    if counts["format"] == "mtx":
        return [counts["path"], counts["features"], counts["barcodes"]]
    return [counts["path"]]
