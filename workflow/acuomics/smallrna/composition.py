"""What inserts look like at their ends and what stands behind the adapter: random bases and UMIs show there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acuomics.smallrna.records import CODES
from acuomics.smallrna.sample import ReadSample

Integers = NDArray[np.int64]

#: Bases of each end whose composition is compared with that of their neighbours, nt.
END = 4
#: Inserts needed to tell; with fewer, an entropy of four bases (8 bits at most) is far too small.
FEWEST = 1_000
#: Random ends have at least this entropy, and this much more than the bases beside them, bits.
RANDOM_BITS, RANDOM_EXCESS = 7.0, 0.5


@dataclass(frozen=True)
class Ends:
    """Entropy of four bases at each end and of the four beside them, bits of 8; of how many inserts.

    `random` is True when both ends look random and their neighbours do not, None with too few inserts to tell.
    """

    five: float
    five_inner: float
    three: float
    three_inner: float
    inserts: int

    @property
    def random(self) -> bool | None:
        """Whether both ends are random bases."""
        if self.inserts < FEWEST:
            return None
        return all(
            outer >= RANDOM_BITS and outer - inner >= RANDOM_EXCESS
            for outer, inner in ((self.five, self.five_inner), (self.three, self.three_inner))
        )

    def figures(self) -> str:
        """Give these figures in words."""
        return (
            f"entropy of the first four bases {self.five:.1f} bits and of the next four {self.five_inner:.1f}, of the"
            f" last four {self.three:.1f} and of those before {self.three_inner:.1f} (8 at most;"
            f" {self.inserts} inserts)"
        )


def _words(sample: ReadSample, begin: Integers, size: int) -> Integers:
    """Bases from `begin` on as a number, -1 where one is ambiguous."""
    words = np.zeros(len(begin), dtype=np.int64)
    clean = np.ones(len(begin), dtype=bool)
    for i in range(size):
        codes = CODES[sample.buffer[sample.starts + begin + i]]
        clean &= codes <= 3
        words = words * 4 + (codes & 3)
    return np.where(clean, words, -1)


def _entropy(words: Integers) -> float:
    _, counts = np.unique(words[words >= 0], return_counts=True)
    share = counts / max(1, counts.sum())
    return float(-(share * np.log2(share)).sum())


def end_composition(inserts: ReadSample, shortest: int = 20) -> Ends:
    """Measure the ends of the inserts of at least `shortest` nt (`inserts`: reads cut to their inserts)."""
    chosen = inserts.subset(inserts.lengths >= shortest)
    zero = np.zeros(len(chosen.starts), dtype=np.int64)
    ends = [zero, zero + END, chosen.lengths - END, chosen.lengths - 2 * END]
    five, inner5, three, inner3 = (_entropy(_words(chosen, begin, END)) for begin in ends)
    return Ends(five, inner5, three, inner3, len(zero))


@dataclass(frozen=True)
class UmiLook:
    """What stands where the UMI should.

    Reads with the adapter, of them with all bases of a UMI, number of different UMIs, share of the commonest; and the
    share of the commonest base, averaged over the positions (a quarter in random bases, one in a fixed sequence).
    """

    with_adapter: int
    whole: int
    distinct: int
    commonest: float
    base_share: float

    @property
    def whole_share(self) -> float:
        """Share of the reads with adapter that reach to the end of the UMI."""
        return self.whole / max(1, self.with_adapter)

    @property
    def varied(self) -> bool:
        """Whether these bases vary as UMIs do: no UMI in more than a tenth of the reads, no base in most of them."""
        return self.whole > 0 and self.commonest <= 0.1 and self.base_share <= 0.6

    def figures(self, size: int) -> str:
        """Give these figures in words, for UMIs of `size` nt."""
        return (
            f"{self.whole} of {self.with_adapter} reads with the adapter have {size} bases after it, {self.distinct}"
            f" different ones, the commonest in {self.commonest:.1%}; the commonest base of a position in"
            f" {self.base_share:.0%}"
        )


def look_at_umis(sample: ReadSample, places: Integers, adapter_length: int, umi_length: int) -> UmiLook:
    """Look at the bases after the adapter (`places`: where it begins in each read, -1 for nowhere)."""
    found = places >= 0
    begin = places + adapter_length
    whole = found & (begin + umi_length <= sample.lengths)
    words = _words(sample.subset(whole), begin[whole], umi_length)
    words = words[words >= 0]
    _, counts = np.unique(words, return_counts=True)
    commonest = float(counts.max() / len(words)) if len(words) else 0.0
    bases = [np.bincount(words >> 2 * i & 3, minlength=4).max() / max(1, len(words)) for i in range(umi_length)]
    return UmiLook(int(found.sum()), len(words), len(counts), commonest, float(np.mean(bases)))
