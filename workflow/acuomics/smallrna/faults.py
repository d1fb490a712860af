"""What to tell a person about the record where a FASTQ file stops being one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acuomics.problems import Problems
from acuomics.smallrna.records import AMBIGUOUS, CODES, DIGIT, NO_AT, NO_PLUS, QUALITY_LENGTH

_FASTQ = "give the FASTQ file of the reads: four lines a read (@name, bases, +, qualities)"
#: (first bytes, what it is, how to mend it)
_OTHERS = (
    (b">", "this is FASTA, not FASTQ", "give the reads as FASTQ; FASTA has no qualities and is often collapsed"),
    (b"BAM\x01", "this is a BAM file, not FASTQ", "convert it with samtools fastq"),
    (b"@HD\t", "this is a SAM file, not FASTQ", "convert it with samtools fastq"),
    (b"@SQ\t", "this is a SAM file, not FASTQ", "convert it with samtools fastq"),
    (b"<", "this is a web page or XML, not FASTQ", "fetch the file again: the server answered with a page"),
)


def explain(path: Path, whole: int, state: int, rest: NDArray[np.uint8], problems: Problems) -> None:
    """Add the fault of the record that begins ``rest``, after `whole` good reads.

    Parameters
    ----------
    path : Path
        The file.
    whole : int
        Reads before it.
    state : int
        What `records.parse` said; MORE when a letter of the bases is at fault.
    rest : uint8[...]
        The bytes from the record's first one on (for a bad letter: from the chunk's first record on).
    problems : Problems
        Takes the fault.
    """
    if _another_kind(path, whole, rest, problems):
        return
    row = f"read {whole + 1}"
    text = bytes(rest[:4096])
    line = text.split(b"\n", 1)[0].rstrip(b"\r").decode("latin-1")
    if state == NO_AT:
        problems.add(
            path, f"a record does not begin with @; {whole} reads before that are whole", _FASTQ, row=row, value=line
        )
    elif state == NO_PLUS:
        problems.add(
            path, f"no line with + after the bases; {whole} reads before that are whole", _FASTQ, row=row, value=line
        )
    elif state == QUALITY_LENGTH:
        problems.add(
            path,
            f"bases and qualities of a read have different lengths; {whole} reads before that are whole",
            "fetch the file again; do not trim one of the lines alone",
            row=row,
            value=line,
        )
    else:
        _letters(path, whole, bytes(rest), problems)


def explain_end(path: Path, whole: int, rest: NDArray[np.uint8], problems: Problems) -> None:
    """Add the fault of a file that ends after `whole` good reads with `rest` left over, or that has no reads."""
    if len(rest):
        if not _another_kind(path, whole, rest, problems):
            problems.add(
                path,
                f"the file ends within a record; {whole} reads before that are whole",
                "fetch the file again and compare its size and checksum with the source",
                row=f"read {whole + 1}",
            )
    elif not whole:
        problems.add(path, "the file has no reads", "fetch the file again, or take it out of the sheet")


def _another_kind(path: Path, whole: int, rest: NDArray[np.uint8], problems: Problems) -> bool:
    """Whether the file is of another kind by its first bytes; that is a problem."""
    text = bytes(rest[:16])
    for magic, message, fix in _OTHERS:
        if whole == 0 and text.startswith(magic):
            problems.add(path, message, fix)
            return True
    return False


def _letters(path: Path, whole: int, rest: bytes, problems: Problems) -> None:
    """Name the first sequence line with a letter that is no base."""
    lines = [line.rstrip(b"\r") for line in rest.split(b"\n") if line.strip()]
    sequence = next(line for line in lines[1::4] if line and CODES[list(line)].max() > AMBIGUOUS)
    codes = CODES[list(sequence)]
    row, value = f"read {whole + 1}", sequence.decode("latin-1")
    if (codes == DIGIT).any() and (codes <= DIGIT).all():
        problems.add(
            path,
            "the reads are in colour space (SOLiD), which is not read",
            "convert them to bases with the maker's software, or leave the study out",
            row=row,
            value=value,
        )
    else:
        letter = chr(sequence[int((codes > AMBIGUOUS).argmax())])
        problems.add(path, f"{letter!r} is no base; {whole} reads before that are whole", _FASTQ, row=row, value=value)
