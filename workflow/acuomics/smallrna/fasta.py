"""FASTA files, gzipped or not, RNA or DNA letters, as entries of DNA."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from acuomics.inputs.text import read_text
from acuomics.problems import Problems

#: Reports of the same fault in one file; the rest is a number.
_MOST = 5
_NOT_DNA = re.compile("[^ACGTRYKMSWBDHVN]")


class FastaEntry(NamedTuple):
    """One sequence: `name` is the first word of its header, `words` the others, `line` where the header stands."""

    name: str
    words: tuple[str, ...]
    sequence: str
    line: int


def read_fasta(path: str | Path, problems: Problems) -> list[FastaEntry]:
    """Read a FASTA file; sequences come in upper case with T for U.

    Letters other than those of IUPAC nucleotide codes, sequence before the first header, headers without a name
    and entries without a sequence are problems, and so is whatever `read_text` finds. Returns an empty list when the
    text could not be read.
    """
    file = str(path)
    text = read_text(path, problems)
    if text is None:
        return []
    if not text.lstrip().startswith(">"):
        problems.add(
            file,
            "this is no FASTA: the first line does not start with '>'",
            "name a FASTA file",
            row="line 1",
            value=text.lstrip().split("\n", 1)[0],
        )
        return []
    entries: list[FastaEntry] = []
    faults = 0
    line = 1 + text[: text.index(">")].count("\n")
    for block in text.split("\n>") if text.startswith(">") else text[text.index(">") :].split("\n>"):
        head, _, body = block.removeprefix(">").partition("\n")
        words = head.split()
        sequence = "".join(body.split()).upper().replace("U", "T")
        wrong = _NOT_DNA.search(sequence)
        fault = None
        if not words:
            fault = ("a header without a name", "write the name after '>'", head)
        elif not sequence:
            fault = ("an entry without a sequence", "remove the header or add its sequence", head)
        elif wrong:
            fault = (f"{wrong.group()!r} is no nucleotide code", "fetch the file again, or mend the letter", head)
        if fault is None:
            entries.append(FastaEntry(words[0], tuple(words[1:]), sequence, line))
        else:
            faults += 1
            if faults <= _MOST:
                problems.add(file, fault[0], fault[1], row=f"line {line}", value=fault[2])
        line += 1 + block.count("\n")
    if faults > _MOST:
        problems.add(file, f"{faults - _MOST} more entries with such faults", "mend them alike")
    return entries
