"""Samples that quality control of the reads rejected: they stop the run unless somebody kept them by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from acuomics.files import read_tsv
from acuomics.problems import Problems


def check_quality(qc: str | Path, keep_rejected: Sequence[str], stage: str = "smallrna") -> list[str]:
    """Hold the verdicts on the samples against what the user keeps.

    Parameters
    ----------
    qc : path
        ``qc.tsv`` of the stage that counted the reads: sample, verdict (good, usable, reject), reasons.
    keep_rejected : sequence of str
        Samples that are used although rejected (``keep_rejected`` of the stage).
    stage : {"smallrna", "rnaseq"}
        Whose configuration keeps samples.

    Returns
    -------
    list of str
        A warning for every sample that is not good.

    Raises
    ------
    InputError
        Naming every rejected sample with its reasons.
    """
    problems, warnings = Problems(), []
    table = read_tsv(qc, dtype=str).fillna("")
    for sample, verdict, reasons in zip(table["sample"], table["verdict"], table["reasons"], strict=True):
        if verdict == "reject" and sample not in keep_rejected:
            fix = (
                "leave the sample out of the sample sheet (or by samples.keep), or keep it knowingly: "
                f"{stage}.keep_rejected: [{sample}]"
            )
            problems.add(qc, f"the reads of this sample cannot be used: {reasons}", fix, value=sample)
        elif verdict != "good":
            warnings.append(f"{sample} is {'kept although rejected' if verdict == 'reject' else verdict}: {reasons}")
    problems.raise_if_any()
    return warnings
