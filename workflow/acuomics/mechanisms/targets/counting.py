"""How many different target genes many sets of miRNAs have in each gene set: bits, ors and population counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Sets of miRNAs counted at a time: their bits stay in the processor's cache.
CHUNK = 512


@dataclass(frozen=True)
class PackedTargets:
    """Targets of every miRNA as bits, gene set after gene set, each padded to whole words.

    Attributes
    ----------
    words : uint64 array of shape (mirnas, words)
    starts : int array of shape (sets,)
        First word of each gene set; every set has at least one word.
    """

    words: NDArray[np.uint64]
    starts: NDArray[np.int64]


def pack_targets(targets: NDArray[np.bool_], sets: Sequence[NDArray[np.int64]]) -> PackedTargets:
    """Pack the columns of each gene set.

    Parameters
    ----------
    targets : bool array of shape (mirnas, genes)
    sets : sequence of int arrays
        Columns of each gene set. Genes that no miRNA targets cost nothing: they are left out.
    """
    hit: NDArray[np.bool_] = np.logical_or.reduce(targets, axis=0)
    parts: list[NDArray[np.uint64]] = []
    starts = []
    n_words = 0
    for columns in sets:
        columns = columns[hit[columns]]
        n = max(1, -(-columns.size // 64))
        bits = np.zeros((targets.shape[0], 64 * n), dtype=bool)
        bits[:, : columns.size] = targets[:, columns]
        parts.append(np.packbits(bits, axis=1).view(np.uint64))
        starts.append(n_words)
        n_words += n
    return PackedTargets(np.ascontiguousarray(np.concatenate(parts, axis=1)), np.array(starts, dtype=np.int64))


def count_distinct(packed: PackedTargets, mirna_sets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Distinct target genes, shape (draws, gene sets).

    Parameters
    ----------
    packed : PackedTargets
    mirna_sets : int array of shape (draws, size)
        Rows of `packed.words`, a set of miRNAs each.
    """
    counts = np.empty((mirna_sets.shape[0], packed.starts.size), dtype=np.int64)
    for start in range(0, mirna_sets.shape[0], CHUNK):
        chunk = mirna_sets[start : start + CHUNK]
        union = packed.words[chunk[:, 0]]
        for j in range(1, chunk.shape[1]):
            union |= packed.words[chunk[:, j]]
        ones = np.bitwise_count(union)
        counts[start : start + CHUNK] = np.add.reduceat(ones, packed.starts, axis=1, dtype=np.int64)
    return counts
