"""Small-RNA reads with known truth, made fast: Zipf miRNAs with isomiR ends, other RNA, errors, any kit's layout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

BASES = np.frombuffer(b"ACGT", dtype=np.uint8)
TRUSEQ = "TGGAATTCTCGGGTGCCAAGG"
#: What comes after the adapter in a read (the index read of TruSeq libraries).
AFTER = "AACTCCAGTCACATCACGATCTCGTATGCCGTCTTCTGCTTG" + "A" * 40
_BLOCK = 50_000
_QUALITIES = 8_192
#: Length of the transcripts that other RNA comes from, and of its fragments.
_OTHER, _FRAGMENT = 20_000, (15, 41)
#: 5' and 3' ends of isomiRs against the mature sequence, and how often (both sum to 1).
_ENDS5 = {0: 0.90, -1: 0.05, 1: 0.05}
_ENDS3 = {0: 0.55, -1: 0.20, 1: 0.15, -2: 0.05, 2: 0.05}


@dataclass(frozen=True)
class Layout:
    """What stands around the insert in a simulated read (as `acuomics.smallrna.kits.Kit`)."""

    adapter3: str = TRUSEQ
    umi_length: int = 0
    random5: int = 0
    random3: int = 0
    head5: str = ""


def matures(reference: Path, species: str = "rno") -> pd.DataFrame:
    """The mature miRNAs of a species with one of their hairpins: mimat, mature, hairpin, begin, end (DNA)."""
    table = pd.read_csv(reference / f"mirbase22_{species}_precursor_mature.tsv", sep="\t", dtype=str)
    rows = []
    for number in (1, 2):
        part = table[[f"mature{number}_acc", f"mature{number}", f"mature{number}_seq", "precursor_seq"]].dropna()
        part.columns = pd.Index(["mimat", "mirna", "mature", "hairpin"])
        rows.append(part)
    found = pd.concat(rows).drop_duplicates("mimat").sort_values("mimat", ignore_index=True)
    found["mature"] = found["mature"].str.replace("U", "T")
    found["hairpin"] = found["hairpin"].str.replace("U", "T")
    found["begin"] = [hairpin.find(mature) for hairpin, mature in zip(found["hairpin"], found["mature"], strict=True)]
    found = found[found["begin"] >= 0].reset_index(drop=True)
    found["end"] = found["begin"] + found["mature"].str.len()
    return found


def simulate(
    path: str | Path,
    n_reads: int,
    error: float,
    seed: int,
    reference: str | Path,
    *,
    layout: Layout | None = None,
    read_length: int = 50,
    other: float = 0.3,
    duplicates: float = 1.0,
    first: Sequence[str] = (),
    without: Sequence[str] = (),
) -> pd.DataFrame:
    """Write reads (gzip when the name ends in .gz) and give the truth.

    Parameters
    ----------
    path : path
        FASTQ file to write.
    n_reads : int
        Reads.
    error : float
        Substitutions a base, anywhere in the read.
    seed : int
        Fixes everything.
    reference : path
        Folder with ``mirbase22_rno_precursor_mature.tsv``.
    layout : Layout
        Adapter, UMI, random and fixed bases; TruSeq by default.
    read_length : int
        Length of every read, nt.
    other : float
        Share of reads that are fragments of other RNA.
    duplicates : float
        With a UMI: reads a molecule, on average.
    first, without : sequence of str
        Names of miRNAs that are the most abundant, in this order; that are not there at all.

    Returns
    -------
    DataFrame
        A row a miRNA, most abundant first: mimat, mirna, mature, reads (errors and isomiRs included), molecules. Some
        miRNAs have the same mature sequence, which no counting can tell apart: compare sums by `mature`.
    """
    layout = layout or Layout()
    rng = np.random.default_rng(seed)
    table = matures(Path(reference))
    table = table.iloc[rng.permutation(len(table))].reset_index(drop=True)
    rank = table["mirna"].map({name: place - len(first) for place, name in enumerate(first)}).fillna(0)
    table = table[~table["mirna"].isin(without)].iloc[rank[~table["mirna"].isin(without)].argsort(kind="stable")]
    table = table.reset_index(drop=True)
    weight = 1.0 / np.arange(1, len(table) + 1)
    pool = _Pool(table, rng)
    counts = np.zeros(len(table), dtype=np.int64)
    molecules = np.zeros(len(table), dtype=np.int64)
    with _writer(Path(path)) as file:
        for begin in range(0, n_reads, _BLOCK):
            n = min(_BLOCK, n_reads - begin)
            if layout.umi_length:
                made = max(1, round(n / duplicates))
                of = np.concatenate([np.arange(made), rng.integers(0, made, n - made)]) if made < n else np.arange(n)
            else:
                made, of = n, np.arange(n)
            which = rng.choice(len(table), size=made, p=weight / weight.sum())
            which[rng.random(made) < other] = -1
            pieces = pool.reads(which, layout, read_length, rng)[of]
            np.add.at(counts, which[of][which[of] >= 0], 1)
            np.add.at(molecules, which[which >= 0], 1)
            wrong = rng.integers(0, pieces.size, rng.binomial(pieces.size, error))
            flat = pieces.reshape(-1)
            flat[wrong] = (flat[wrong] + rng.integers(1, 4, len(wrong), dtype=np.uint8)) & 3
            if made < n:
                pieces = pieces[rng.permutation(n)]
            file.write(_fastq(pieces, begin, rng))
    truth = table[["mimat", "mirna", "mature"]].copy()
    truth["reads"], truth["molecules"] = counts, molecules
    return truth


class _Pool:
    """Templates that reads are cut from: hairpins and one long stretch of other RNA, as codes."""

    def __init__(self, table: pd.DataFrame, rng: np.random.Generator) -> None:
        other = rng.integers(0, 4, _OTHER, dtype=np.uint8)
        hairpins = [_codes(hairpin) for hairpin in table["hairpin"]]
        starts = np.cumsum([_OTHER] + [len(hairpin) for hairpin in hairpins])[:-1]
        self._text = np.concatenate([other, *hairpins])
        self._begin = starts + table["begin"].to_numpy()
        self._end = starts + table["end"].to_numpy()
        self._low, self._high = starts, starts + table["hairpin"].str.len().to_numpy()
        # Fragments of other RNA pile up as real ones do.
        self._hot = rng.permutation(_OTHER - _FRAGMENT[1])
        self._heat = 1.0 / np.arange(1, len(self._hot) + 1) ** 0.8

    def reads(
        self, which: NDArray[np.int64], layout: Layout, length: int, rng: np.random.Generator
    ) -> NDArray[np.uint8]:
        n = len(which)
        begin = self._begin[which] + rng.choice(list(_ENDS5), n, p=list(_ENDS5.values()))
        end = self._end[which] + rng.choice(list(_ENDS3), n, p=list(_ENDS3.values()))
        begin, end = np.maximum(begin, self._low[which]), np.minimum(end, self._high[which])
        alien = np.flatnonzero(which < 0)
        begin[alien] = rng.choice(self._hot, len(alien), p=self._heat / self._heat.sum())
        end[alien] = begin[alien] + rng.integers(*_FRAGMENT, len(alien))
        size = (end - begin)[:, None]
        head = _codes(layout.head5)
        before = len(head) + layout.random5
        column = np.arange(length)[None, :] - before
        adapter = _codes(layout.adapter3)
        umi_at = len(adapter)
        after = np.concatenate(
            [adapter, np.zeros(layout.umi_length, np.uint8), _codes(AFTER), np.zeros(length, np.uint8)]
        )
        past = column - size - layout.random3
        inside = self._text.take(begin[:, None] + column, mode="clip")
        reads = np.where(past >= 0, after.take(past, mode="clip"), inside)
        if layout.random5 or layout.random3 or layout.umi_length:
            random = rng.integers(0, 4, reads.shape, dtype=np.uint8)
            chance = (column < 0) | ((column >= size) & (past < 0))
            chance |= (past >= umi_at) & (past < umi_at + layout.umi_length)
            reads = np.where(chance, random, reads)
        reads[:, : len(head)] = head
        return reads.astype(np.uint8)


def _codes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.translate(str.maketrans("ACGT", "\0\1\2\3")).encode(), dtype=np.uint8)


def _fastq(reads: NDArray[np.uint8], first: int, rng: np.random.Generator) -> bytes:
    """Records with an Illumina-like name of fixed width and binned qualities, mostly the best."""
    n, length = reads.shape
    name = np.frombuffer(b"@SIM:1:FLOWCELL:1:1101:000000000 1:N:0:ATCACG\n", dtype=np.uint8)
    at = bytes(name).index(b"000000000")
    records = np.empty((n, len(name) + 2 * length + 4), dtype=np.uint8)
    records[:, : len(name)] = name
    number = np.arange(first, first + n)
    for digit in range(9):
        records[:, at + 8 - digit] = 48 + number // 10**digit % 10
    place = len(name)
    records[:, place : place + length] = BASES[reads]
    records[:, place + length : place + length + 3] = np.frombuffer(b"\n+\n", dtype=np.uint8)
    place += length + 3
    # Each read takes one of some thousand lines of qualities.
    quality = np.full((_QUALITIES, length), ord("E"), dtype=np.uint8)
    low = rng.random(quality.shape) < 0.05
    quality[low] = np.frombuffer(b"A/<6", dtype=np.uint8)[rng.integers(0, 4, int(low.sum()))]
    quality[:, :5] = ord("A")
    records[:, place : place + length] = quality[rng.integers(0, _QUALITIES, n)]
    records[:, -1] = 10
    return records.tobytes()


@contextmanager
def _writer(path: Path) -> Iterator[BinaryIO]:
    if path.suffix == ".gz":
        from isal import igzip

        with igzip.open(path, "wb", compresslevel=2) as file:
            yield file
    else:
        with path.open("wb") as plain:
            yield plain
