"""IsomiRs of several samples as mirGFF3 1.2, the format of the miRTop project (doi:10.1093/bioinformatics/btz675)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acuomics.files import write_text
from acuomics.smallrna.inserts import unpack_all
from acuomics.smallrna.isomirs import variant
from acuomics.smallrna.plates import plates
from acuomics.smallrna.templates import U64, TemplateIndex, align_left, fit

#: Databases whose identifier mirGFF3 prescribes.
ONTOLOGY = {"miRBase": "doi:10.25504/fairsharing.hmgte8", "MirGeneDB": "http://mirgenedb.org"}


@dataclass(frozen=True)
class IsomirReads:
    """The miRNA inserts of one sample: key, entry of the index, reads as sequenced, number of matures it fits."""

    sample: str
    keys: U64
    entries: NDArray[np.int64]
    reads: NDArray[np.int64]
    hits: NDArray[np.int64]


def _cigar(matched: int, substituted: int, reference: str, added: int) -> str:
    """Write the alignment: M means equal, a letter the base of the reference at a substitution, I what was added."""

    def run(n: int, letter: str) -> str:
        return "" if n == 0 else letter if n == 1 else f"{n}{letter}"

    body = run(matched, "M")
    if substituted >= 0:
        body = run(substituted, "M") + reference + run(matched - substituted - 1, "M")
    return body + run(added, "I")


def mirgff3(
    index: TemplateIndex,
    samples: Sequence[IsomirReads],
    *,
    database: str = "miRBase",
    release: str = "22.1",
    tools: str = "acuomics",
    min_reads: int = 1,
) -> str:
    """Write isomiRs as mirGFF3.

    Parameters
    ----------
    index : TemplateIndex
        The windows that `entries` point to.
    samples : sequence of IsomirReads
        One a column of ``Expression``, in this order.
    database, release : str
        Of the reference: ``miRBase`` or ``MirGeneDB``.
    tools : str
        For the header.
    min_reads : int
        Sequences with fewer reads in all samples together are left out; the header says how many.

    Returns
    -------
    str
        A line a sequence and mature. A read that fits several matures has a line for each, with all its reads, and says
        their number in ``Hits``. Start and end are those of the templated part on the hairpin (``Parent``: the first
        by accession); a mature without a hairpin stands for itself. ``UID`` is the license plate of MINTplates, which
        the format prescribes.
    """
    key = np.concatenate([np.empty(0, np.uint64), *(s.keys for s in samples)])
    entry = np.concatenate([np.empty(0, np.int64), *(s.entries for s in samples)])
    hits = np.concatenate([np.empty(0, np.int64), *(s.hits for s in samples)])
    reads = np.concatenate([np.empty(0, np.int64), *(s.reads for s in samples)])
    column = np.repeat(np.arange(len(samples)), [len(s.keys) for s in samples])
    order = np.lexsort((key, entry))
    key, entry, hits, reads, column = key[order], entry[order], hits[order], reads[order], column[order]
    new = np.r_[True, (key[1:] != key[:-1]) | (entry[1:] != entry[:-1])] if len(key) else np.zeros(0, bool)
    row = np.cumsum(new) - 1
    expression = np.zeros((int(new.sum()), len(samples)), np.int64)
    np.add.at(expression, (row, column), reads)
    key, entry, hits = key[new], entry[new], hits[new]
    kept = expression.sum(axis=1) >= min_reads
    header = [
        "## mirGFF3. VERSION 1.2",
        f"## source-ontology: {database}v{release} {ONTOLOGY[database]}",
        f"## TOOLS: {tools}",
        "## FILTER: PASS",
        f"## CMD: sequences with fewer than {min_reads} reads left out: {int((~kept).sum())}",
        f"## COLDATA: {','.join(s.sample for s in samples)}",
    ]
    key, entry, hits, expression = key[kept], entry[kept], hits[kept], expression[kept]
    texts = unpack_all(key)
    length = np.array([len(text) for text in texts], np.int64)
    found = fit(index, align_left(key, length), length, entry)
    columns = (found.shift_3p, found.added, found.substituted, found.templated)
    shift_3p, added, substituted, templated = (c.tolist() for c in columns)
    shift, templates, hits = index.shift[entry].tolist(), index.template[entry].tolist(), hits.tolist()
    # Parts of lines that many have in common are made once.
    befores: dict[tuple[int, int, int], str] = {}
    names: dict[tuple[int, int, int, int], str] = {}
    cigars: dict[tuple[int, int, int, int], str] = {}
    numbers = [",".join(map(str, row)) for row in expression.tolist()]
    uids = plates(key)
    rows = zip(index.locus[entry].tolist(), shift, shift_3p, added, substituted, templated, strict=True)
    lines = []
    for i, (number, five, three, tail, sub, on_hairpin) in enumerate(rows):
        locus = index.reference.loci[number]
        mature = index.reference.matures[locus.mature]
        parent = index.reference.hairpins[locus.hairpin].name if locus.hairpin >= 0 else mature.name
        if (of := (five, three, tail, sub)) not in names:
            names[of] = variant(five, three, tail, sub + five + 1 if sub >= 0 else None)
        base = templates[i] >> 2 * (30 - sub) & 3 if sub >= 0 else 0
        if (way := (on_hairpin, sub, base, tail)) not in cigars:
            cigars[way] = _cigar(on_hairpin, sub, "ACGT"[base], tail)
        if (place := (number, five, on_hairpin)) not in befores:
            start = locus.start + five + 1
            befores[place] = f"{start}\t{start + on_hairpin - 1}\t.\t+\t.\tRead="
        kind = "ref_miRNA" if names[of] == "NA" else "isomiR"
        lines.append(
            f"{parent}\t{database}v{release}\t{kind}\t{befores[place]}{texts[i]}; UID={uids[i]}; Name={mature.name};"
            f" Parent={parent}; Variant={names[of]}; Cigar={cigars[way]}; Expression={numbers[i]}; Filter=PASS;"
            f" Hits={hits[i]}; Alias={mature.accession};"
        )
    return "\n".join([*header, *lines]) + "\n"


def write_mirgff3(text: str, path: str | Path) -> None:
    """Write what `mirgff3` gives, whole or not at all."""
    write_text(text, path)
