"""The reference path of trimming (``engine: bowtie``): cutadapt takes the adapter off, then inserts are collapsed."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from acuomics.problems import InputError, Problem
from acuomics.smallrna.collapse import ReadTotals, SampleTotals, collapse
from acuomics.smallrna.inserts import Inserts
from acuomics.smallrna.kits import TRIMMED, Kit, Trimming


def collapse_with_cutadapt(
    files: Sequence[str], kit: Kit, settings: Trimming | None = None
) -> tuple[Inserts, SampleTotals]:
    """Trim with cutadapt (Martin 2011, doi:10.14806/ej.17.1.200), then count distinct inserts as `collapse` does.

    Kits whose reads hold more than insert and adapter (UMIs, random or fixed bases, tails) are trimmed by `collapse`
    itself: cutadapt has no notion of a UMI behind the adapter.

    Parameters
    ----------
    files : sequence of path
        FASTQ files of the sample.
    kit : Kit
    settings : Trimming, optional

    Returns
    -------
    inserts : Inserts
    totals : SampleTotals
        Reads without the adapter count as untrimmed, as in `collapse`.

    Raises
    ------
    InputError
        Faults of the files, or cutadapt's own complaint.
    """
    settings = settings or Trimming()
    if not kit.adapter3 or kit.umi_length or kit.random5 or kit.random3 or kit.head5 or kit.tail:
        return collapse(files, kit, settings)
    with tempfile.TemporaryDirectory() as folder:
        untrimmed: list[int] = []
        trimmed: dict[Path, int] = {}
        for number, file in enumerate(files):
            target = Path(folder) / f"{number}.fastq"
            untrimmed.append(_cutadapt(file, kit, settings, target))
            if target.stat().st_size:
                trimmed[target] = number
        if not trimmed:
            message = f"cutadapt found the adapter {kit.adapter3} in none of {sum(untrimmed)} reads"
            raise InputError([Problem(str(files[0]), message, "declare another adapter, or let the reads decide")])
        inserts, totals = collapse(list(trimmed), TRIMMED, settings)
    read = dict(zip(trimmed.values(), totals.runs, strict=True))
    nothing = ReadTotals("", 0, 0, 0, 0, 0, 0, 0, 0, "none", (0,) * len(totals.total.insert_lengths))
    runs = [
        _with_untrimmed(read.get(number, nothing), str(file), lost)
        for number, (file, lost) in enumerate(zip(files, untrimmed, strict=True))
    ]
    return inserts, SampleTotals(_with_untrimmed(totals.total, "", sum(untrimmed)), tuple(runs))


def _with_untrimmed(totals: ReadTotals, run: str, untrimmed: int) -> ReadTotals:
    return replace(totals, run=run, reads=totals.reads + untrimmed, untrimmed=untrimmed)


def _cutadapt(file: str, kit: Kit, settings: Trimming, target: Path) -> int:
    """Write the trimmed reads of one file; give the number of reads without the adapter."""
    report = target.with_suffix(".json")
    command = [sys.executable, "-m", "cutadapt", "-a", kit.adapter3, "-O", str(settings.min_overlap)]
    command += ["-e", str(settings.error_rate), "--no-indels", "--discard-untrimmed", "--quiet"]
    command += ["--json", str(report), "-o", str(target), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        words = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise InputError([Problem(str(file), f"cutadapt stopped: {words}", "mend the file, or take engine: packed")])
    counts = json.loads(report.read_text(encoding="utf-8"))["read_counts"]
    return int(counts["input"]) - int(counts["output"])
