"""A small invented species: 14 miRNAs with a paralogue, twins, a double precursor and one without a hairpin."""

from __future__ import annotations

import random

from acuomics.problems import Problems
from acuomics.smallrna.mirbase import Hairpin, Mature, MirnaReference, build_reference

RNG = random.Random(42)


def bases(n: int) -> str:
    return "".join(RNG.choices("ACGT", k=n))


#: The paralogues differ in position 10, outside the seed, as miR-7a and miR-7b do.
PARALOGUE = "TGGAAGACTAGTGATTTTGTTGT"
OTHER_PARALOGUE = "TGGAAGACTTGTGATTTTGTTGT"


def build() -> tuple[MirnaReference, list[Mature], list[Hairpin]]:
    """The reference, all matures (two species) and all hairpins."""
    matures, hairpins = [], []

    def add(name: str, sequence: str, copies: int = 1, prefix: str = "tst") -> None:
        accession = f"MIMAT{len(matures) + 1:07d}"
        matures.append(Mature(accession, f"{prefix}-miR-{name}", sequence, "Testus testus"))
        for copy in range(copies):
            text = bases(12) + sequence + bases(25)
            number = f"-{copy + 1}" if copies > 1 else ""
            hairpins.append(Hairpin(f"MI{len(hairpins) + 1:07d}", f"{prefix}-mir-{name}{number}", text))

    for i in range(9):
        add(str(100 + i), bases(RNG.choice([20, 21, 22, 23])))
    add("7a", PARALOGUE, copies=2)
    add("7b", OTHER_PARALOGUE)
    twin = bases(22)
    add("199a", twin)
    add("199b", twin)
    add("300", bases(22), copies=0)
    add("900", bases(22), prefix="oth")
    return build_reference(matures, hairpins, "tst", Problems(), "mature.fa"), matures, hairpins


REFERENCE, MATURES, HAIRPINS = build()
NAMES = [m.name for m in REFERENCE.matures]


def mature(name: str) -> str:
    """The sequence of a miRNA by its number."""
    return next(m.sequence for m in MATURES if m.name == f"tst-miR-{name}")


def hairpin_of(name: str) -> tuple[str, int]:
    """The first hairpin of a miRNA and where the mature begins in it."""
    text = next(h.sequence for h in HAIRPINS if h.name in (f"tst-mir-{name}", f"tst-mir-{name}-1"))
    return text, text.index(mature(name))
