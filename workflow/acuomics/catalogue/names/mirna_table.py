"""Every mature miRNA name that a release has had, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from acuomics.catalogue.names.mirna_files import Entries, bodies, read_mature, read_names
from acuomics.catalogue.names.slips import fold
from acuomics.catalogue.names.species import SPECIES
from acuomics.inputs.clades import read_clades
from acuomics.problems import Problems

ARM = re.compile(r"(?:-[35]p|\*)$", re.IGNORECASE)

_MEMBER = re.compile(r"\d[a-z]$")


def stem_of(body: str) -> str:
    """Take the arm off a name: ``miR-223-3p`` and ``miR-223*`` give ``miR-223``."""
    return ARM.sub("", body)


@dataclass(frozen=True)
class MirnaNames:
    """What became of every mature miRNA name.

    Attributes
    ----------
    files : tuple of str
        Where it was read.
    name_of : mapping
        Accession to today's name.
    borne : mapping
        Name, of today or of old, to the accessions that have borne it, each with the last release that says so (or '').
    dead : mapping
        Withdrawn accession to its last name and release.
    hairpins : mapping
        Name of a hairpin to its accession.
    species : mapping
        miRBase prefix to scientific name.
    groups : mapping
        miRBase prefix to a group of species (mammals, nematodes, plants, ...).
    """

    files: tuple[str, ...]
    name_of: Mapping[str, str]
    borne: Mapping[str, Mapping[str, str]]
    dead: Mapping[str, tuple[str, str]]
    hairpins: Mapping[str, str] = field(default_factory=dict)
    species: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    _folded: dict[tuple[str, bool], dict[str, list[str]]] = field(default_factory=dict, init=False, repr=False)

    @property
    def file(self) -> str:
        """The first file read, for messages."""
        return self.files[0]

    @cached_property
    def today(self) -> dict[str, str]:
        """Today's names to their accessions."""
        return {name: accession for accession, name in self.name_of.items()}

    @cached_property
    def prefixes(self) -> frozenset[str]:
        """Prefixes of all names."""
        return frozenset(name.partition("-")[0] for name in self.borne)

    @cached_property
    def elsewhere(self) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
        """Names without prefix, and without arm, to the prefixes that have them or had them."""
        exact = bodies(self.borne)
        stems: dict[str, set[str]] = {}
        for body, prefixes in exact.items():
            stems.setdefault(stem_of(body), set()).update(prefixes)
        return exact, stems

    @cached_property
    def arms(self) -> dict[str, list[str]]:
        """Today's names, sorted, by the name without the arm."""
        found: dict[str, list[str]] = {}
        for name in sorted(self.today):
            found.setdefault(stem_of(name), []).append(name)
        return found

    @cached_property
    def members(self) -> dict[str, list[str]]:
        """Today's names, sorted, by the name without arm and letter: ``rno-miR-181`` to the products of a, b, c, d."""
        found: dict[str, list[str]] = {}
        for stem, names in sorted(self.arms.items()):
            if _MEMBER.search(stem):
                found.setdefault(stem[:-1], []).extend(names)
        return found

    def folded(self, prefix: str, *, arms: bool) -> dict[str, list[str]]:
        """Today's names of a prefix, by the rest of the name without letter case, with or without the arm."""
        key = (prefix, arms)
        if key not in self._folded:
            found: dict[str, list[str]] = {}
            for name in sorted(self.today):
                own, _, body = name.partition("-")
                if own == prefix:
                    found.setdefault(fold(body if arms else stem_of(body)), []).append(name)
            self._folded[key] = found
        return self._folded[key]

    def prefix_of(self, taxon: int) -> str | None:
        """The miRBase prefix of a species (NCBI taxon); None when it is not known here."""
        return next((species.prefix for species in SPECIES if species.taxon == taxon), None)

    def called(self, prefix: str) -> str:
        """What a prefix stands for, in words."""
        known = {species.prefix: species.scientific for species in SPECIES}
        return self.species.get(prefix) or known.get(prefix) or f"the species {prefix}"


def read_mirna_names(
    names: str | Path | Sequence[str | Path],
    problems: Problems,
    *,
    mature: str | Path | None = None,
    groups: str | Path | None = None,
) -> MirnaNames | None:
    """Read miRNA names.

    Parameters
    ----------
    names : path or sequence of paths
        Tables of names: see `acuomics.catalogue.names.mirna_files.read_names`. May be empty when `mature` is given.
    problems : Problems
        Takes every fault found.
    mature : path, optional
        miRBase's mature FASTA of all species: what is current, and in which species a name exists.
    groups : path, optional
        Groups of species by prefix, for the wording of reasons.

    Returns
    -------
    MirnaNames or None
        None when a fault was found.
    """
    before = len(problems.found)
    entries = Entries()
    for path in [names] if isinstance(names, str | Path) else names:
        read_names(path, entries, problems)
    if mature:
        read_mature(mature, entries, problems)
    if entries.partial and not entries.whole:
        # A name that never changed is not there, and may be the old name of another entry.
        fix = "give miRBase's mature.fa too (references.mirbase_mature), or a name history or aliases.txt instead"
        problems.add(entries.partial, "old names alone do not say which names are in use", fix)
    known = read_clades(groups, problems) if groups else {}
    group_of = {prefix: clade.clade for prefix, clade in known.items()}
    if len(problems.found) > before:
        return None
    for accession in set(entries.dead) & set(entries.today):
        del entries.dead[accession]
    return MirnaNames(
        tuple(entries.files),
        dict(sorted(entries.today.items())),
        entries.borne,
        entries.dead,
        {name: hairpin for name, hairpin in entries.hairpins.items() if name not in entries.borne},
        entries.species,
        group_of,
    )
