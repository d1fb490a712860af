"""The miRNAs of one species: mature sequences by MIMAT accession, and where they lie in their hairpins."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from acuomics.inputs.words import did_you_mean, some
from acuomics.problems import Problems
from acuomics.smallrna.fasta import read_fasta

_ARM = re.compile(r"(\*|-[35]p(\.\d+)?(-[35]p)?|\.\d+|_[35]p\*?)$", re.IGNORECASE)
_UNCLEAR = re.compile("[^ACGT]")
#: miRBase's own, and those of invented miRNAs in simulated studies.
_ACCESSIONS = ("MIMAT", "sim-")


class Mature(NamedTuple):
    """A mature miRNA: accession (MIMAT), name, DNA sequence, and the species as the header writes it."""

    accession: str
    name: str
    sequence: str
    species: str

    @property
    def prefix(self) -> str:
        """The species prefix of the name (``rno``)."""
        return self.name.split("-", 1)[0]


@dataclass(frozen=True)
class Hairpin:
    """A precursor: accession (MI), name, DNA sequence."""

    accession: str
    name: str
    sequence: str


@dataclass(frozen=True)
class Locus:
    """A place of a mature: index of the mature, index of the hairpin (-1: none known), 0-based start in it."""

    mature: int
    hairpin: int
    start: int


@dataclass(frozen=True)
class MirnaReference:
    """All matures of a species, sorted by accession, their hairpins and loci (sorted), and what had to be noted."""

    prefix: str
    matures: tuple[Mature, ...]
    hairpins: tuple[Hairpin, ...]
    loci: tuple[Locus, ...]
    notes: tuple[str, ...]


def read_mature(path: str | Path, problems: Problems, *, accessions: bool = True) -> list[Mature]:
    """Read mature miRNAs of all species (miRBase ``mature.fa``: name, accession, species, name).

    Parameters
    ----------
    path : path
        FASTA, RNA or DNA letters, gzipped or not.
    problems : Problems
        Takes faults: those of the FASTA, no accession, an accession that occurs twice, letters other than ACGTU.
    accessions : bool
        False for MirGeneDB, whose headers have a name only; the name is then the accession.
    """
    found: dict[str, Mature] = {}
    for entry in read_fasta(path, problems):
        row = f"line {entry.line}"
        accession = next((w for w in entry.words if w.startswith(_ACCESSIONS)), "") if accessions else entry.name
        if not accession:
            fix = "name miRBase's mature.fa, whose headers are '>name MIMAT... species name'"
            problems.add(path, "no MIMAT accession in the header", fix, row=row, value=entry.name)
            if len(problems.found) > 20:
                break
        elif accession in found:
            problems.add(path, "the accession occurs twice", "remove one of the entries", row=row, value=accession)
        elif _UNCLEAR.search(entry.sequence):
            fix = "a mature needs A, C, G, T or U at every position: remove the entry"
            problems.add(path, "an ambiguous base in a mature sequence", fix, row=row, value=entry.sequence)
        else:
            species = " ".join(entry.words[1:-1]) if accessions else ""
            found[accession] = Mature(accession, entry.name, entry.sequence, species)
    return list(found.values())


def read_hairpins(path: str | Path, problems: Problems) -> list[Hairpin]:
    """Read precursors (miRBase ``hairpin.fa``: name, accession); the accession may be missing (MirGeneDB)."""
    found: dict[str, Hairpin] = {}
    for entry in read_fasta(path, problems):
        accession = next((w for w in entry.words if w.startswith("MI")), entry.name)
        if accession in found:
            fix = "remove one of the entries"
            problems.add(path, "the accession occurs twice", fix, row=f"line {entry.line}", value=accession)
        else:
            found[accession] = Hairpin(accession, entry.name, entry.sequence)
    return list(found.values())


def stem(name: str) -> str:
    """Give the name of the precursor that a mature name implies: ``rno-miR-7a-5p`` gives ``rno-mir-7a``."""
    return _ARM.sub("", name.lower())


def _starts(sequence: str, hairpin: str) -> list[int]:
    starts, at = [], hairpin.find(sequence)
    while at >= 0:
        starts.append(at)
        at = hairpin.find(sequence, at + 1)
    return starts


def build_reference(
    matures: Iterable[Mature], hairpins: Sequence[Hairpin], prefix: str, problems: Problems, file: object
) -> MirnaReference:
    """Choose a species and find its matures in its hairpins.

    A mature is looked for in the hairpins that bear its name (``rno-mir-7a-1`` for ``rno-miR-7a-5p``), then, when none
    of them holds it, in all hairpins of the species. Several hairpins of one mature are several loci of one feature.

    Parameters
    ----------
    matures, hairpins
        Of any species; those of others are ignored.
    prefix : str
        miRBase's species prefix (``rno``; letter case does not count).
    problems : Problems
        Takes the fault that the file has no such species.
    file : object
        The file of matures, for the message.

    Returns
    -------
    MirnaReference
        Matures without a hairpin have a locus of their own sequence alone (no templated extension) and a note.
    """
    everything = list(matures)
    lead = f"{prefix.lower()}-"
    chosen = sorted((m for m in everything if m.name.lower().startswith(lead)), key=lambda m: m.accession)
    if not chosen:
        known = sorted({m.prefix for m in everything})
        hint = did_you_mean(prefix, known)
        fix = f"use one of the prefixes of the file ({some(known)}); {hint}".rstrip("; ")
        problems.add(file, "no mature miRNA of this species", fix, column="species", value=prefix)
    own = sorted((h for h in hairpins if h.name.lower().startswith(lead)), key=lambda h: h.accession)
    by_name = [h.name.lower() for h in own]
    # A key is a stem, with and without the number of the copy (rno-mir-7a-1).
    named: dict[str, list[int]] = {}
    for i, name in enumerate(by_name):
        for key in {name, re.sub(r"-\d+$", "", name), re.sub(r"_pre$", "", name)}:
            named.setdefault(key, []).append(i)
    loci: list[Locus] = []
    alone: list[str] = []
    for index, mature in enumerate(chosen):
        like = named.get(stem(mature.name), [])
        hits = [Locus(index, h, s) for h in like for s in _starts(mature.sequence, own[h].sequence)]
        if not hits:
            hits = [Locus(index, h, s) for h in range(len(own)) for s in _starts(mature.sequence, own[h].sequence)]
        if not hits:
            alone.append(mature.name)
            hits = [Locus(index, -1, 0)]
        loci.extend(hits)
    notes = []
    if alone:
        notes.append(f"{len(alone)} of {len(chosen)} matures lie in no hairpin; only their own bases: {some(alone)}")
    return MirnaReference(prefix.lower(), tuple(chosen), tuple(own), tuple(loci), tuple(notes))
