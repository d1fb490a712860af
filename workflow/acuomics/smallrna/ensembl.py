"""Ensembl's file of non-coding transcripts (``*.ncrna.fa.gz``), divided by biotype into our classes of RNA."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from acuomics.problems import Problems
from acuomics.smallrna.fasta import FastaEntry

#: What such a file is called where a class of RNA is asked for.
ENSEMBL_NCRNA = "ensembl_ncrna"
_CLASSES = {
    "rRNA": "rrna",
    "Mt_rRNA": "rrna",
    "Mt_tRNA": "trna",
    "snoRNA": "snorna",
    "scaRNA": "snorna",
    "snRNA": "snrna",
}
#: Gene symbols of Y RNAs (RNY1 and its pseudogenes RNY1P1; mouse and rat Rny1, Rny3) and Rfam's name for them.
_Y_RNA = re.compile(r"RNY\d+([P-].*)?|Y_RNA", re.IGNORECASE)


def _word(entry: FastaEntry, key: str) -> str:
    return next((word.removeprefix(f"{key}:") for word in entry.words if word.startswith(f"{key}:")), "")


def class_of(biotype: str, symbol: str) -> str | None:
    """Give the class of a gene by its biotype and symbol; None for those that are in no class (lncRNA, miRNA ...)."""
    if biotype == "misc_RNA":
        return "yrna" if _Y_RNA.fullmatch(symbol) else None
    return _CLASSES.get(biotype)


def divide_ncrna(
    entries: Sequence[FastaEntry], file: Path, problems: Problems
) -> tuple[dict[str, list[FastaEntry]], str]:
    """Divide the entries by ``gene_biotype:`` of their headers.

    Nuclear tRNAs are not among Ensembl's transcripts: name them in a row of their own.

    Parameters
    ----------
    entries : sequence of FastaEntry
        The file's.
    file : Path
        For messages.
    problems : Problems
        Takes the fault that no header has a biotype (another kind of file).

    Returns
    -------
    classes : dict
        Class to its entries, in the order of the file.
    note : str
        How many entries each class got and how many of each biotype were left out.
    """
    found: dict[str, list[FastaEntry]] = {}
    left_out: Counter[str] = Counter()
    for entry in entries:
        biotype = _word(entry, "gene_biotype")
        kind = class_of(biotype, _word(entry, "gene_symbol"))
        if kind is None:
            left_out[biotype or "without a biotype"] += 1
        else:
            found.setdefault(kind, []).append(entry)
    if entries and left_out["without a biotype"] == len(entries):
        fix = (
            "name Ensembl's ncrna.fa.gz as it is (its headers have gene_biotype:), or give the file a class of its own"
        )
        problems.add(file, "no header of this file has a gene_biotype", fix, row="line 1", value=entries[0].name)
    taken = ", ".join(f"{kind} {len(part)}" for kind, part in sorted(found.items())) or "none"
    others = ", ".join(f"{biotype} {n}" for biotype, n in sorted(left_out.items())) or "none"
    return found, f"{file.name}: of {len(entries)} transcripts {taken}; left out: {others}"
