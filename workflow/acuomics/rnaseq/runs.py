"""The FASTQ files of a sample as runs: single files, or pairs of mates found by their names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from acuomics.inputs.words import some
from acuomics.problems import Problems

#: ``a_R1.fq.gz``, ``a_1.fastq``, ``a_R2_001.fastq.gz``, ``a.2.fq``: what stands before the mate, the mate, the rest.
_MATE = re.compile(r"^(?P<run>.+)[._-](?P<r>[Rr]?)(?P<mate>[12])(?P<end>(_\d{3})?\.(fastq|fq)(\.gz)?)$", re.IGNORECASE)


@dataclass(frozen=True)
class Run:
    """One sequencing run: the file of the reads, or of first and second mates (`second` None: single reads)."""

    first: Path
    second: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """The files, first mates first."""
        return (self.first,) if self.second is None else (self.first, self.second)


def pair_files(sample: str, files: Sequence[str | Path], problems: Problems, *, layout: str = "auto") -> list[Run]:
    """Put the FASTQ files of a sample together into runs.

    Parameters
    ----------
    sample : str
        For the messages.
    files : sequence of path
        All files of the sample, in any order.
    problems : Problems
        Takes a mate without its other, single files beside pairs, a file given twice, no file at all, mates where
        single reads were declared, and the other way round.
    layout : {"auto", "single", "paired"}
        What the study declares. With ``auto`` files are pairs when the names of all of them say so; a single file
        called ``_1`` or ``_R1`` is taken for single reads only when ``single`` is declared.

    Returns
    -------
    list of Run
        In the order of the names; to be used only when `problems` stayed empty.
    """
    where = f"sample {sample}"
    paths = [Path(file) for file in files]
    if not paths:
        problems.add(where, "it has no FASTQ file", "name its files in the sample sheet, or take the sample out")
    twice = sorted(path for path, n in Counter(paths).items() if n > 1)
    for path in twice:
        problems.add(path, f"the file is given twice to the sample {sample!r}", "name every file once")
    found: dict[tuple[str, str, str], dict[str, Path]] = {}
    singles: list[Path] = []
    for path in sorted(set(paths)):
        mate = _MATE.match(path.name)
        if mate is None or layout == "single":
            singles.append(path)
        else:
            key = (str(path.parent / mate["run"]), mate["r"].upper(), mate["end"].lower())
            found.setdefault(key, {})[mate["mate"]] = path
    pairs = [mates for mates in found.values() if len(mates) == 2]
    for mates in found.values():
        if len(mates) == 1:
            ((number, path),) = mates.items()
            other = "2" if number == "1" else "1"
            fix = f"put the file of read {other} beside it, or declare single reads (layout: single)"
            problems.add(path, f"sample {sample!r}: this is read {number} of a pair, and read {other} is missing", fix)
    if singles and (found or layout == "paired"):
        names = some([path.name for path in singles])
        what = "files that are no mates beside pairs" if found else "the study declares pairs, and files are no mates"
        problems.add(where, f"{what}: {names}", "name mates NAME_1.fastq.gz and NAME_2.fastq.gz, or remove the others")
    if layout == "single":
        seconds = [p for p in singles if (m := _MATE.match(p.name)) and m["mate"] == "2"]
        for path in seconds:
            if any((m := _MATE.match(p.name)) and m["mate"] == "1" for p in singles):
                fix = "leave the second mates out, or declare layout: paired"
                problems.add(path, f"sample {sample!r}: single reads are declared, and this file is of read 2", fix)
    return [Run(path) for path in singles] + [Run(mates["1"], mates["2"]) for mates in pairs]
