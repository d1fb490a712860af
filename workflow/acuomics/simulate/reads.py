"""The reads of a simulated small-RNA study: its reference, and one FASTQ file a sample that holds its counts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from acuomics.files import read_tsv
from acuomics.problems import Problems
from acuomics.simulate.counts import study_seed
from acuomics.simulate.fastq import write_fastq
from acuomics.simulate.inserts import make_pool
from acuomics.simulate.library import ReadsSpec
from acuomics.simulate.mirnas import RealMirna, read_contaminants, read_listed
from acuomics.simulate.reference import SmallReference, make_reference, write_reference


def part_seed(seed: int, study: str, part: str) -> list[int]:
    """Give the seed of a part of a study (its reference, the reads of one sample), independent of all others."""
    digest = hashlib.sha256(part.encode()).digest()
    return [*study_seed(seed, study), int.from_bytes(digest[:8], "big")]


def simulate_reads(
    record: Mapping[str, Any],
    study_file: str | Path,
    features: str | Path,
    contaminants: str | Path | None,
    counts: str | Path,
    seed: int,
    reads: str | Path,
    reference: str | Path,
    *,
    threads: int = 1,
) -> None:
    """Write ``<reads>/<sample>.fastq.gz`` for every sample of a record, and the reference they were drawn from.

    Parameters
    ----------
    record : mapping
        A study record (``catalogue/study.json``).
    study_file, features : path
        ``study.yaml``, and the table of listed miRNAs with their sequences (`acuomics.simulate.mirnas.read_listed`).
    contaminants : path or None
        The table of miRNAs of other species; None where there are none.
    counts : path
        Simulated counts (`acuomics.simulate.counts.write_counts`): the molecules of each miRNA.
    seed : int
        The seed of the run. A sample's reads depend on it, on the study, the sample's name and its counts only.
    reads, reference : path
        Folders to write to (see `acuomics.simulate.reference.write_reference`).
    threads : int
        Samples at a time; the files are the same with any number.

    Raises
    ------
    InputError
        When the files contradict one another or themselves.
    """
    study = record["study"]
    simulation = yaml.safe_load(Path(study_file).read_text(encoding="utf-8"))["simulation"]
    samples = [str(row["sample"]) for row in record["samples"]]
    spec = ReadsSpec.from_study(simulation, samples, file=f"{study}/study.yaml")
    table = read_tsv(counts, dtype={"feature": str, "symbol": str})
    text = {"feature": str, "symbol": str, "sequence": str, "precursors": str, "following": str}
    listed = read_listed(read_tsv(features, dtype=text), record["species"], file=f"{study}/features.tsv")
    foreign = _foreign(contaminants, spec, study)
    made = reference_of(table, listed, foreign, spec, record["species"], part_seed(seed, study, "reference"))
    write_reference(made, reference)
    pool = make_pool(made)

    def write(sample: str) -> None:
        mine = table[sample].to_numpy(np.int64)
        own = part_seed(seed, study, f"reads/{sample}")
        write_fastq(Path(reads) / f"{sample}.fastq.gz", sample, mine, pool, spec, spec.kit_of(sample), own)

    with ThreadPoolExecutor(max_workers=threads) as workers:
        list(workers.map(write, samples))


def reference_of(
    counts: pd.DataFrame,
    listed: list[RealMirna],
    contaminants: list[RealMirna],
    spec: ReadsSpec,
    species: str,
    seed: list[int],
) -> SmallReference:
    """Make the reference whose miRNAs are the features of a table of counts, in its order (the listed ones first)."""
    invented = counts["feature"].astype(str).tolist()[len(listed) :]
    return make_reference(listed, invented, contaminants, spec, species, seed)


def _foreign(path: str | Path | None, spec: ReadsSpec, study: str) -> list[RealMirna]:
    file = f"{study}/contaminants.tsv"
    if path is not None:
        return read_contaminants(read_tsv(path, dtype=str), spec.prefix, file=file)
    if spec.shares["contamination"] > 0:
        problems = Problems()
        fix = "add the table, or set simulation.reads.shares.contamination to 0"
        problems.add(file, "the miRNAs of other species are not listed", fix)
        problems.raise_if_any()
    return []
