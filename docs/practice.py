"""Reads to practise on: three arms of rats, miRNAs of miRBase, and changes planted in two of them.

``PYTHONPATH=workflow .venv/bin/python docs/practice.py references/mirbase_mature.fa my_fastq`` writes one FASTQ file a
sample, and ``my_samples.tsv`` beside the folder. The design is that of Zou 2019 with three animals an arm; the reads
are simulated, and show how to work, not what acupuncture does.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import numpy as np

from acuomics.files import atomic_path, write_text
from acuomics.problems import InputError, Problems
from acuomics.smallrna.mirbase import read_mature

SEED = 2019
ANIMALS, READS, LENGTH = 3, 120_000, 50
#: The 3' adapter of Illumina's small-RNA libraries, and what is read behind it.
ADAPTER = "TGGAATTCTCGGGTGCCAAGGAACTCCAGTCAC"
#: miRNA and its log2 change: RTX against sham, RTX with EA against RTX.
PLANTED = {"rno-miR-223-3p": (-2.0, 1.5), "rno-miR-7a-5p": (0.0, 1.5)}
ARMS = ("sham", "RTX", "RTX_EA")
#: Scatter between animals: the dispersion of the negative binomial; and share of reads that are no miRNA.
DISPERSION, OTHER = 0.05, 0.2


def draw_counts(names: list[str], rng: np.random.Generator) -> dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Draw counts of every miRNA in every sample: log-normal means, negative binomial animals.

    Parameters
    ----------
    names : list of str
        The miRNAs.
    rng : numpy.random.Generator

    Returns
    -------
    dict of str to int64[miRNAs]
    """
    share = rng.lognormal(0.0, 2.5, len(names))
    # What a claim is about should be expressed.
    for name in PLANTED:
        share[names.index(name)] = np.quantile(share, 0.9)
    share *= READS * (1.0 - OTHER) / share.sum()
    steps = np.array([PLANTED.get(name, (0.0, 0.0)) for name in names])
    change = {"sham": np.zeros(len(names)), "RTX": steps[:, 0], "RTX_EA": steps.sum(axis=1)}
    counts = {}
    for arm in ARMS:
        for animal in range(1, ANIMALS + 1):
            mean = share * 2.0 ** change[arm] * rng.gamma(1.0 / DISPERSION, DISPERSION, len(names))
            counts[f"{arm}_{animal}"] = rng.poisson(mean)
    return counts


def write_reads(path: Path, inserts: list[str], rng: np.random.Generator) -> None:
    """Write one FASTQ file: every insert with its adapter, in random order, with random reads of other RNA."""
    other = ["".join(rng.choice(list("ACGT"), int(n))) for n in rng.integers(24, 41, int(READS * OTHER))]
    everything = inserts + other
    lines = []
    for number, place in enumerate(rng.permutation(len(everything)), start=1):
        read = (everything[place] + ADAPTER + "A" * LENGTH)[:LENGTH]
        lines.append(f"@{path.name.split('.')[0]}.{number}\n{read}\n+\n{'I' * LENGTH}\n")
    with atomic_path(path) as temporary:
        temporary.write_bytes(gzip.compress("".join(lines).encode(), compresslevel=1, mtime=0))


def main(arguments: list[str]) -> int:
    """Write the files; give the exit status."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    problems, folder = Problems(), Path(arguments[1])
    try:
        rats = [mature for mature in read_mature(arguments[0], problems) if mature.name.startswith("rno-")]
        if not set(PLANTED) <= {mature.name for mature in rats}:
            fix = "give miRBase's mature.fa, release 22 (make references NAMES=mirbase_mature)"
            problems.add(arguments[0], f"it does not have {' and '.join(PLANTED)}", fix)
        problems.raise_if_any()
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    rng = np.random.default_rng(SEED)
    sheet = ["sample\tcondition"]
    for sample, counts in draw_counts([mature.name for mature in rats], rng).items():
        inserts = [mature.sequence for mature, n in zip(rats, counts, strict=True) for _ in range(n)]
        write_reads(folder / f"{sample}.fastq.gz", inserts, rng)
        sheet.append(f"{sample}\t{sample.rpartition('_')[0]}")
    write_text("\n".join(sheet) + "\n", folder.parent / "my_samples.tsv")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
