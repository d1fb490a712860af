"""The sample of reads under each kit: where its adapter is, in how many reads, and the inserts it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from acuomics.smallrna.inserts import MAX_LENGTH
from acuomics.smallrna.kits import Kit, Trimming
from acuomics.smallrna.sample import Integers, ReadSample
from acuomics.smallrna.trim import Trimmer

#: Of adapters in at least this share of the reads that hold the commonest, the first in the read is the insert's end.
RIVAL = 0.75


class Look:
    """The sample of reads, and each adapter's places in it (searched once)."""

    def __init__(self, sample: ReadSample, trimming: Trimming) -> None:
        self.sample, self.trimming = sample, trimming
        self.n = len(sample.starts)
        self._places: dict[tuple[str, str], Integers] = {}

    def places(self, kit: Kit) -> Integers:
        """Where the adapter begins in each read, -1 for nowhere (int64[reads])."""
        if not kit.adapter3:
            return self.sample.lengths
        key = kit.adapter3, kit.tail
        if key not in self._places:
            trimmer = Trimmer(kit, self.trimming)
            self._places[key] = trimmer.locate(self.sample.buffer, self.sample.starts, self.sample.lengths)
        return self._places[key]

    def share(self, kit: Kit) -> float:
        """Share of the reads with the adapter."""
        return float((self.places(kit) >= 0).mean())

    def before(self, kit: Kit, other: Kit) -> bool:
        """Whether one adapter mostly stands before another in the reads that hold both."""
        a, b = self.places(kit), self.places(other)
        both = (a >= 0) & (b >= 0)
        return bool(both.any() and np.median(a[both]) < np.median(b[both]))

    def inserts(self, kit: Kit) -> ReadSample:
        """The reads with adapter, cut to their inserts with all fixed bases off but the random ones left."""
        places = self.places(kit)
        found = places >= kit.head5
        kept = self.sample.subset(found)
        return replace(kept, starts=kept.starts + kit.head5, lengths=places[found] - kit.head5)

    def peak(self, kit: Kit) -> int:
        """The most frequent insert length of at least 10 nt, random and fixed bases cut off; 0 without such inserts."""
        sizes = self.inserts(kit).lengths - kit.random5 - kit.random3
        counts = np.bincount(np.clip(sizes, 0, MAX_LENGTH), minlength=MAX_LENGTH + 1)
        return int(counts[10:].argmax()) + 10 if counts[10:].any() else 0


def related(a: Kit, b: Kit) -> bool:
    """Whether one adapter holds the other, so that reads with the one show the other."""
    return a.adapter3 in b.adapter3 or b.adapter3 in a.adapter3


def best_kit(kits: Sequence[Kit], look: Look) -> Kit:
    """The kit whose adapter is in most reads; of those in about as many the one that stands first in them.

    Behind QIAseq's UMI stands a second adapter that is a kit's of its own, and some adapters hold others.
    """
    most = max(look.share(kit) for kit in kits)
    rivals = [kit for kit in kits if look.share(kit) >= RIVAL * most]
    if not most:
        return rivals[0]
    # Stable: of kits with the same adapter the first of the table.
    return min(rivals, key=lambda kit: float(np.median(look.places(kit)[look.places(kit) >= 0])))
