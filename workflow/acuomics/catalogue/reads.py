"""Which FASTQ files belong to which sample."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from acuomics.inputs.deposits import deposited_files
from acuomics.inputs.words import some
from acuomics.problems import Problems

_FASTQ = re.compile(r"\.(fastq|fq)(\.gz)?$", re.IGNORECASE)
_SECOND = re.compile(r"[._-]R?2(_001)?\.(fastq|fq)(\.gz)?$", re.IGNORECASE)
#: What study.yaml may say of an mRNA library, and what holds where it does not.
MRNA_LIBRARY: dict[str, Any] = {"layout": "auto", "strand": None, "fragment_mean": None, "fragment_sd": None}
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")
_FIRST = re.compile(r"[._-]R?1(_001)?\.(fastq|fq)(\.gz)?$", re.IGNORECASE)


def find_reads(
    study: str,
    spec: Mapping[str, Any],
    samples: Sequence[Mapping[str, str]],
    deposited: Path,
    data_root: Path,
    own: Mapping[str, str],
    problems: Problems,
) -> dict[str, list[str]]:
    """Give every sample its FASTQ files, several runs a sample allowed.

    The column ``fastq`` of the sample sheet (names, separated by ``;``) decides where it is there; else files.tsv of
    the study, when the folder is not the user's; else a file belongs to the sample whose name it begins with, up to a
    ``.``, ``_`` or ``-``; of several such samples, to the one with the longest name.

    Parameters
    ----------
    study, deposited, data_root, own
        As `acuomics.catalogue.data.locate_data` has them.
    spec : mapping
        ``reads`` of study.yaml.
    samples : sequence of mapping
        The samples in use.
    problems : Problems
        Takes what is wrong: no folder, a sample without files, a file of two samples.

    Returns
    -------
    dict
        Sample to paths, in the order of the sheet; runs sorted by name.
    """
    if "fastq" not in own and "folder" not in spec:
        return _of_deposit(study, samples, deposited, problems)
    folder = Path(own["fastq"]) if "fastq" in own else data_root / spec["folder"]
    if not folder.is_dir():
        problems.add(folder, "there is no such folder of FASTQ files", "mend the path, or make the folder")
        return {}
    present = sorted(path.name for path in folder.iterdir() if _FASTQ.search(path.name) and path.is_file())
    if not present:
        fix = "name the files SAMPLE.fastq.gz (or .fq, .fastq), where SAMPLE is a name of the sample sheet"
        problems.add(folder, "no file here is called .fastq, .fq, .fastq.gz or .fq.gz", fix)
        return {}
    if all("fastq" in row for row in samples):
        chosen = {row["sample"]: [name.strip() for name in row["fastq"].split(";")] for row in samples}
        for sample, names in chosen.items():
            for name in names:
                if name not in present:
                    fix = f"mend the column fastq of the sample sheet; the folder has {some(present, 6)}"
                    problems.add(folder, f"there is no file of this name (sample {sample})", fix, value=name)
    else:
        chosen = _by_name([row["sample"] for row in samples], present)
        for sample, names in chosen.items():
            if not names:
                fix = f"name its files {sample}.fastq.gz, or give the sheet a column fastq; here are {some(present, 6)}"
                problems.add(folder, f"no FASTQ file belongs to the sample {sample!r}", fix)
    return {sample: [str(folder / name) for name in names] for sample, names in chosen.items()}


def _by_name(samples: Sequence[str], files: Sequence[str]) -> dict[str, list[str]]:
    chosen: dict[str, list[str]] = {sample: [] for sample in samples}
    for name in files:
        fitting = [sample for sample in samples if re.match(re.escape(sample) + r"[._-]", name)]
        if fitting:
            chosen[max(fitting, key=len)].append(name)
    return chosen


def _of_deposit(
    study: str, samples: Sequence[Mapping[str, str]], deposited: Path, problems: Problems
) -> dict[str, list[str]]:
    """Read the runs of every sample from files.tsv."""
    if not deposited.is_file():
        fix = "resolve the accession (make resolve), or say in study.yaml, reads.folder, where the FASTQ files are"
        problems.add(deposited, "the study begins with reads, and neither files.tsv nor reads.folder says where", fix)
        return {}
    chosen: dict[str, list[str]] = {row["sample"]: [] for row in samples}
    for name, sample in deposited_files(deposited, problems).items():
        if sample in chosen and _FASTQ.search(name):
            chosen[sample].append(f"results/{study}/acquire/{name}")
    for sample, names in chosen.items():
        if not names:
            problems.add(
                deposited, f"no FASTQ file of the sample {sample!r}", "mend the column sample", column="sample"
            )
    return {sample: sorted(names) for sample, names in chosen.items()}


def describe_reads(spec: Mapping[str, Any], assay: str, file: str, problems: Problems) -> dict[str, Any]:
    """Give what a record says of a library, beside its files; report keys that are not of this assay.

    Parameters
    ----------
    spec : mapping
        ``reads`` of study.yaml.
    assay : str
        ``mirna`` or ``mrna``.
    file : str
        study.yaml, for messages.
    problems : Problems
        Takes the faults.
    """
    known: dict[str, Any] = {"adapter": "auto"} if assay == "mirna" else MRNA_LIBRARY
    for key in spec:
        if key != "folder" and key not in known:
            fix = f"remove it; reads of {assay} have folder, {', '.join(known)}"
            problems.add(file, f"reads of {assay} have no such key", fix, column=f"reads.{key}", value=spec[key])
    return {key: spec.get(key, default) for key, default in known.items()}


def check_reads(files: Mapping[str, Sequence[str]], assay: str, problems: Problems) -> None:
    """Report files that two samples share, and what the assay does not allow.

    Small RNAs are read from their first end: second mates are a fault. The samples of mRNA reads are counted by
    themselves and written to files of their names.
    """
    owner: dict[str, str] = {}
    for sample, paths in files.items():
        names = [Path(path).name for path in paths]
        if assay == "mrna" and not _FILE_NAME.fullmatch(sample):
            fix = "rename it: letters, digits, and . _ + - after the first"
            problems.add("samples", "the counts of a sample are a file of its name", fix, column="sample", value=sample)
        for path, name in zip(paths, names, strict=True):
            if owner.setdefault(path, sample) != sample:
                fix = "give every file to one sample"
                problems.add(path, f"the samples {owner[path]!r} and {sample!r} share this file", fix)
            if assay == "mirna" and _SECOND.search(name) and any(_FIRST.search(other) for other in names):
                fix = "leave the second mate out: keep the files of read 1 only, or name them in the column fastq"
                problems.add(path, f"sample {sample!r} has paired files; small RNAs are counted from read 1", fix)
