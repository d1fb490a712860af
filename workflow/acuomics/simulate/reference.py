"""A simulated study's own small reference: real miRNAs in invented hairpins, invented ones, and other RNA."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acuomics.files import write_text
from acuomics.simulate.library import OTHER_RNA, ReadsSpec
from acuomics.simulate.mirnas import RealMirna

Codes = NDArray[np.uint8]

RNA = "ACGU"
#: Invented matures differ from all others by at least so many substitutions, at any shift up to `SHIFT`;
#: paralogues of one another differ by one.
DISTANCE, SHIFT = 3, 3
#: Bases (from the 5' end, from 0) at one of which paralogues differ: outside the seed, as miR-7a and miR-7b do.
PARALOGUE_PLACES = (9, 14)
#: Lengths of invented matures and how common they are.
LENGTHS, LENGTH_SHARES = (21, 22, 23, 24), (0.2, 0.5, 0.22, 0.08)
#: Bases beside a mature in its hairpin, and between the arms; an isomiR needs up to three of them.
FLANK, LOOP = (9, 15), (12, 19)
#: Other RNA: how many sequences of each class, and their lengths (low, high).
OTHER_SIZES = {"rrna": (3, 400, 900), "trna": (12, 70, 86), "yrna": (2, 95, 106), "snorna": (8, 75, 131)}
OTHER_SIZES |= {"mrna": (20, 500, 1200)}


@dataclass(frozen=True)
class Hairpin:
    """A precursor: accession, name, RNA sequence, and where (from 0) its mature begins."""

    accession: str
    name: str
    sequence: str
    start: int


@dataclass(frozen=True)
class SmallMirna:
    """A mature with its hairpins (none: a miRNA of another species)."""

    accession: str
    name: str
    species: str
    sequence: str
    hairpins: tuple[Hairpin, ...] = ()


@dataclass(frozen=True)
class SmallReference:
    """Everything that a simulated library is made of.

    Parameters
    ----------
    mirnas : tuple of SmallMirna
        The species' own, in the order of the features.
    contaminants : tuple of SmallMirna
        Those of other species.
    other : mapping of str to tuple of (str, str)
        Class (`OTHER_RNA`) to names and RNA sequences.
    paralogues : tuple of (int, int)
        Pairs of invented miRNAs one base apart (places in `mirnas`).
    """

    mirnas: tuple[SmallMirna, ...]
    contaminants: tuple[SmallMirna, ...] = ()
    other: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    paralogues: tuple[tuple[int, int], ...] = ()


def make_reference(
    listed: Sequence[RealMirna],
    invented: Sequence[str],
    contaminants: Sequence[RealMirna],
    spec: ReadsSpec,
    species: str,
    seed: Sequence[int],
) -> SmallReference:
    """Invent hairpins, miRNAs and other RNA.

    Parameters
    ----------
    listed : sequence of RealMirna
        The real miRNAs among the features.
    invented : sequence of str
        The other features. A feature's identifier is its accession, and its name follows the species' prefix.
    contaminants : sequence of RealMirna
        miRNAs of other species.
    spec : ReadsSpec
        Prefix, shares of paralogues and of miRNAs with two hairpins.
    species : str
        The scientific name.
    seed : sequence of int
        Same seed and same arguments, same reference.
    """
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))
    n = len(invented)
    order = rng.permutation(n)
    pairs = round(spec.paralogues * n / 2)
    first, second = order[:pairs].tolist(), order[pairs : 2 * pairs].tolist()
    double = set(order[2 * pairs : 2 * pairs + round(spec.two_hairpins * n)].tolist())
    sequences = _invent_matures(rng, n, dict(zip(second, first, strict=True)), [*listed, *contaminants])
    mirnas = [SmallMirna(m.accession, m.name, species, m.sequence, _real_hairpins(rng, m)) for m in listed]
    for place, (feature, sequence) in enumerate(zip(invented, sequences, strict=True)):
        stem = feature.replace("miR", "mir")
        names = [f"{stem}-1", f"{stem}-2"] if place in double else [stem]
        three_prime = bool(rng.random() < 0.5)
        hairpins = [Hairpin(name, f"{spec.prefix}-{name}", *_fold(rng, sequence, "", three_prime)) for name in names]
        mirnas.append(SmallMirna(feature, f"{spec.prefix}-{feature}", species, sequence, tuple(hairpins)))
    return SmallReference(
        tuple(mirnas),
        tuple(SmallMirna(c.accession, c.name, c.species, c.sequence) for c in contaminants),
        {name: _invent_other(rng, name) for name in OTHER_RNA},
        tuple((len(listed) + a, len(listed) + b) for a, b in zip(first, second, strict=True)),
    )


def write_reference(reference: SmallReference, folder: str | Path) -> None:
    """Write ``mature.fa`` and ``hairpin.fa`` as miRBase writes them, and other RNA below ``other``.

    ``other/other.tsv`` has the columns ``class`` and ``path`` (relative to itself). Headers say what is simulated;
    a real hairpin keeps its name and accession, but only its mature (and what features.tsv says of the bases after it)
    is real.
    """
    folder = Path(folder)
    everything = [*reference.mirnas, *reference.contaminants]
    mature = [f">{m.name} {m.accession} {m.species} {_short(m.name)}\n{m.sequence}\n" for m in everything]
    write_text("".join(mature), folder / "mature.fa")
    hairpin = [
        f">{h.name} {h.accession} {m.species} {_short(h.name)} stem-loop, simulated\n{h.sequence}\n"
        for m in reference.mirnas
        for h in m.hairpins
    ]
    write_text("".join(hairpin), folder / "hairpin.fa")
    for name, entries in reference.other.items():
        write_text("".join(f">{n} simulated\n{s}\n" for n, s in entries), folder / "other" / f"{name}.fa")
    rows = [f"{name}\t{name}.fa\n" for name in reference.other]
    write_text("class\tpath\n" + "".join(rows), folder / "other" / "other.tsv")


def encode(sequence: str) -> Codes:
    """Give 0-3 for A, C, G, U (or T)."""
    letters = np.frombuffer(sequence.replace("T", "U").encode(), np.uint8)
    return np.searchsorted(np.frombuffer(RNA.encode(), np.uint8), letters).astype(np.uint8)


def decode(codes: Codes) -> str:
    """Give the RNA letters of 0-3."""
    return "".join(RNA[code] for code in codes.tolist())


def _short(name: str) -> str:
    """Give a name without the species' prefix."""
    return name.split("-", 1)[1]


def _nearest(codes: Codes, known: Codes) -> int:
    """Give the fewest substitutions between a sequence and rows of `known` (4 beyond their ends), over shifts."""
    best = len(codes)
    width = known.shape[1]
    for shift in range(-SHIFT, SHIFT + 1):
        mine = np.full(width, 4, np.uint8)
        part = codes[max(0, -shift) : width - shift]
        mine[max(0, shift) : max(0, shift) + len(part)] = part
        differ = (known != mine) & (known < 4) & (mine < 4)
        best = min(best, int(differ.sum(axis=1).min(initial=best)))
    return best


def _invent_matures(rng: np.random.Generator, n: int, mate_of: dict[int, int], real: Sequence[RealMirna]) -> list[str]:
    """Invent `n` matures; those in `mate_of` differ at one base from the one given there."""
    width = 28 + SHIFT
    known = np.full((len(real) + n, width), 4, np.uint8)
    for row, mirna in enumerate(real):
        known[row, : len(mirna.sequence)] = encode(mirna.sequence)
    made: dict[int, Codes] = {}
    # Those that a paralogue is made from come first; the order of the others is that of their numbers.
    for place in [*(i for i in range(n) if i not in mate_of), *mate_of]:
        taken = len(real) + len(made)
        mate = made[mate_of[place]] if place in mate_of else None
        others = known[:taken]
        if mate is not None:
            others = others[[not np.array_equal(row[: len(mate)], mate) for row in others]]
        while True:
            if mate is None:
                codes = rng.integers(0, 4, int(rng.choice(LENGTHS, p=LENGTH_SHARES)), dtype=np.uint8)
                # Most miRNAs begin with U.
                codes[0] = 3 if rng.random() < 0.6 else codes[0]
            else:
                codes = mate.copy()
                differs = rng.integers(*PARALOGUE_PLACES)
                codes[differs] = (codes[differs] + rng.integers(1, 4)) % 4
            if _nearest(codes, others) >= DISTANCE:
                break
        made[place] = codes
        known[taken, : len(codes)] = codes
    return [decode(made[place]) for place in range(n)]


def _real_hairpins(rng: np.random.Generator, mirna: RealMirna) -> tuple[Hairpin, ...]:
    three_prime = mirna.name.endswith("-3p")
    return tuple(
        Hairpin(accession, name, *_fold(rng, mirna.sequence, mirna.following, three_prime))
        for name, accession in mirna.precursors
    )


def _fold(rng: np.random.Generator, mature: str, following: str, three_prime: bool) -> tuple[str, int]:
    """Invent a hairpin about a mature: flank, arm, loop, arm, flank. Gives the RNA and where the mature begins."""

    def invent(bounds: tuple[int, int]) -> str:
        return decode(rng.integers(0, 4, int(rng.integers(*bounds)), dtype=np.uint8))

    codes = encode(mature)
    star = 3 - codes[::-1]
    bulges = rng.choice(len(star), 3, replace=False)
    star[bulges] = (star[bulges] + rng.integers(1, 4, 3, dtype=np.uint8)) % 4
    before, loop, after = invent(FLANK), invent(LOOP), invent(FLANK)
    if three_prime:
        before = before + decode(star) + loop
        return before + mature + following + after, len(before)
    return before + mature + following + loop + decode(star) + after, len(before)


def _invent_other(rng: np.random.Generator, name: str) -> tuple[tuple[str, str], ...]:
    number, low, high = OTHER_SIZES[name]
    entries = []
    for i in range(1, number + 1):
        sequence = decode(rng.integers(0, 4, int(rng.integers(low, high)), dtype=np.uint8))
        # A mature tRNA ends with CCA.
        entries.append((f"sim-{name}-{i:02d}", sequence + "CCA" if name == "trna" else sequence))
    return tuple(entries)
