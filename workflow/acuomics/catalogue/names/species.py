"""The species whose names are resolved, under the words that the sources use for them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Species:
    """One species: NCBI taxon, scientific name, miRBase prefix, and its everyday name."""

    taxon: int
    scientific: str
    prefix: str
    common: str


#: Those with a history of names. For others miRBase's mature FASTA says which prefix belongs to which species.
SPECIES: tuple[Species, ...] = (
    Species(9606, "Homo sapiens", "hsa", "Human"),
    Species(10090, "Mus musculus", "mmu", "Mouse"),
    Species(10116, "Rattus norvegicus", "rno", "Rat"),
    Species(9925, "Capra hircus", "chi", "Goat"),
    Species(9986, "Oryctolagus cuniculus", "ocu", "Rabbit"),
    Species(9823, "Sus scrofa", "ssc", "Pig"),
)
BY_TAXON = {species.taxon: species for species in SPECIES}
