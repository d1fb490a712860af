"""Reads to transcript counts: one call, whichever program does it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from acuomics.files import read_json, read_tsv
from acuomics.problems import InputError, Problem
from acuomics.rnaseq.engines import find_engine, run_program
from acuomics.rnaseq.index import Index
from acuomics.rnaseq.runs import Run

if TYPE_CHECKING:
    import pandas as pd

#: Of single reads nobody can see how long the fragments were; 200 +- 30 is the usual library of poly(A) RNA, which
#: kallisto's and salmon's manuals take as an example (salmon's own default is 250 +- 25).
FRAGMENT_MEAN, FRAGMENT_SD = 200.0, 30.0
_KALLISTO = {"unstranded": [], "forward": ["--fr-stranded"], "reverse": ["--rf-stranded"]}
_SALMON = {"unstranded": "U", "forward": "SF", "reverse": "SR"}


@dataclass(frozen=True)
class Fragments:
    """Length of the fragments of single reads (nt), and who says so: ``declared`` or ``default``."""

    mean: float = FRAGMENT_MEAN
    sd: float = FRAGMENT_SD
    source: str = "default"


@dataclass(frozen=True)
class Quantified:
    """What a program made of a sample.

    Parameters
    ----------
    table : DataFrame
        ``transcript, length, effective_length, count, tpm`` in the order of the FASTA.
    fragments, mapped : int
        Reads or pairs that went in, and that were found on a transcript.
    fragment_mean, fragment_source : float or None, str
        Mean length of the fragments (nt); ``estimated`` from pairs, ``declared`` or ``default``.
    engine, version, strand : str
    """

    table: pd.DataFrame
    fragments: int
    mapped: int
    fragment_mean: float | None
    fragment_source: str
    engine: str
    version: str
    strand: str

    @property
    def mapping(self) -> float:
        """Share of the fragments that was found on a transcript."""
        return self.mapped / self.fragments if self.fragments else 0.0


def quantify(
    runs: Sequence[Run],
    index: Index,
    *,
    engine: str = "kallisto",
    strand: str = "unstranded",
    fragments: Fragments | None = None,
    threads: int = 1,
) -> Quantified:
    """Count the fragments of a sample by transcript; no bootstraps.

    Parameters
    ----------
    runs : sequence of Run
        All single or all paired, already found whole (`fastq.scan_sample`): the programs take a file that is cut
        short, and mates of different number, without a word.
    index : Index
        Built by the same engine.
    engine : {"kallisto", "salmon"}
        kallisto: Bray et al. 2016, doi:10.1038/nbt.3519. salmon: Patro et al. 2017, doi:10.1038/nmeth.4197.
    strand : {"unstranded", "forward", "reverse"}
        `strand.call_strand` tells it.
    fragments : Fragments, optional
        For single reads.
    threads : int

    Raises
    ------
    InputError
        The program is missing or failed; its last words are in the message.
    ValueError
        The index is of the other engine.
    """
    if index.engine != engine:
        raise ValueError(f"the index is of {index.engine}, not of {engine}")
    program = find_engine(engine)
    paired = runs[0].second is not None
    length = fragments or Fragments()
    with TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        if engine == "kallisto":
            options = ["-i", str(index.path), "-o", str(out), "-t", str(threads), "--plaintext", *_KALLISTO[strand]]
            options += [] if paired else ["--single", "-l", f"{length.mean:g}", "-s", f"{length.sd:g}"]
            command = [program.path, "quant", *options, *(str(file) for run in runs for file in run.files)]
        else:
            kind = "I" + _SALMON[strand] if paired else _SALMON[strand]
            options = ["-i", str(index.path), "-o", str(out), "-p", str(threads), "-l", kind]
            firsts = [str(run.first) for run in runs]
            if paired:
                reads = ["-1", *firsts, "-2", *(str(run.second) for run in runs)]
            else:
                reads = ["--fldMean", f"{length.mean:.0f}", "--fldSD", f"{length.sd:.0f}", "-r", *firsts]
            command = [program.path, "quant", *options, *reads]
        done = run_program(command)
        # Both end with status 1 when no read was found: that is an answer, and they write it.
        answer = out / ("run_info.json" if engine == "kallisto" else "quant.sf")
        if done.returncode and not (done.returncode == 1 and answer.is_file()):
            said = " ".join((done.stderr or done.stdout).split())[-300:]
            message = f"{engine} {program.version} ended with status {done.returncode}: {said}"
            raise InputError([Problem(str(runs[0].first), message, "look at the reads and at the index")])
        if engine == "kallisto":
            table, total, mapped = _kallisto(out)
            estimate = re.search(r"estimated average fragment length: ([\d.]+)", done.stderr)
            mean = float(estimate.group(1)) if paired and estimate else None
        else:
            table, total, mapped, mean = _salmon(out)
    return Quantified(
        table=table,
        fragments=total,
        mapped=mapped,
        fragment_mean=mean if paired else length.mean,
        fragment_source="estimated" if paired else length.source,
        engine=engine,
        version=program.version,
        strand=strand,
    )


def _kallisto(out: Path) -> tuple[pd.DataFrame, int, int]:
    import pandas as pd

    about = read_json(out / "run_info.json")
    table = read_tsv(out / "abundance.tsv", dtype={"target_id": str})
    table.columns = ["transcript", "length", "effective_length", "count", "tpm"]
    # Without a read that is found kallisto divides by zero and writes "-nan".
    table["tpm"] = pd.to_numeric(table["tpm"], errors="coerce").fillna(0.0)
    return table, int(about["n_processed"]), int(about["n_pseudoaligned"])


def _salmon(out: Path) -> tuple[pd.DataFrame, int, int, float | None]:
    about = read_json(out / "aux_info" / "meta_info.json")
    table = read_tsv(out / "quant.sf", dtype={"Name": str})
    table = table.rename(
        columns={
            "Name": "transcript",
            "Length": "length",
            "EffectiveLength": "effective_length",
            "NumReads": "count",
            "TPM": "tpm",
        }
    )[["transcript", "length", "effective_length", "count", "tpm"]]
    return table, int(about["num_processed"]), int(about["num_mapped"]), about.get("frag_length_mean")
