"""What an insert is when it is no miRNA: lookup in small references of other RNA, in a stated order of precedence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acuomics.inputs.table import has_columns, read_table
from acuomics.inputs.words import did_you_mean
from acuomics.problems import Problems
from acuomics.smallrna.ensembl import ENSEMBL_NCRNA, divide_ncrna
from acuomics.smallrna.fasta import read_fasta
from acuomics.smallrna.inserts import MAX_PACKED
from acuomics.smallrna.templates import BITS, I64, U64, align_left, codes_of, differences

#: Classes that a reference may have, in order of precedence: abundant structural RNA first, since its fragments also
#: stand in collections of piRNA and of transcripts; the species' own hairpins (loops, ends) before those.
OTHER_CLASSES = ("rrna", "trna", "yrna", "snrna", "snorna", "precursor", "pirna", "mrna")
#: Of these an exact match of the whole insert beats a miRNA with a substitution.
STRUCTURAL = ("rrna", "trna", "yrna", "snrna", "snorna")
_NAMES = (*OTHER_CLASSES, ENSEMBL_NCRNA)
#: Bases of a lookup word; places of one word that are compared (in order of precedence).
WORD, MOST_PLACES = 12, 256
#: Bases of all references together: the index takes 10 bytes a base.
MOST_BASES = 64_000_000
CHUNK = 1 << 15
_FIRST = np.uint64(BITS - 2 * WORD)
_SENTINEL = np.iinfo(np.int64).max


@dataclass(frozen=True)
class OtherIndex:
    """References of other RNA, concatenated in order of precedence.

    Parameters
    ----------
    classes : tuple of str
        The classes in order of precedence.
    packed : uint64[w]
        32 bases a word.
    room : uint8[bases]
        Bases from here to the end of the sequence, at most 31; 0 at an ambiguous base.
    kind : uint8[bases]
        Index into `classes`.
    words, places : uint32[m], uint32[m]
        Words of 12 bases, sorted, and where they start.
    """

    classes: tuple[str, ...]
    packed: U64
    room: NDArray[np.uint8]
    kind: NDArray[np.uint8]
    words: NDArray[np.uint32]
    places: NDArray[np.uint32]


def read_other(table: str | Path, problems: Problems, notes: list[str] | None = None) -> dict[str, list[str]]:
    """Read the references that a table names.

    Parameters
    ----------
    table : path
        TSV with the columns ``class`` (one of `OTHER_CLASSES`, or `ensembl.ENSEMBL_NCRNA`) and ``path`` (FASTA, sense
        strand; relative to the table). A class may have several rows.
    notes : list of str, optional
        Takes what a reader should know: how the entries of an Ensembl file were divided, and what was left out.

    Returns
    -------
    dict
        Class to its sequences. ``CCA`` is added to tRNAs that lack it: genes do not have it, tRNAs do.
    """
    rows = read_table(table, "\t", problems)
    if rows is None or not has_columns(rows, ("class", "path"), problems):
        return {}
    found: dict[str, list[str]] = {}
    for number, (name, path) in enumerate(zip(rows.column("class"), rows.column("path"), strict=True), start=1):
        if name not in _NAMES:
            fix = f"use one of {', '.join(_NAMES)}; {did_you_mean(name, _NAMES)}".rstrip("; ")
            problems.add(table, "no class of RNA", fix, row=number, column="class", value=name)
            continue
        file = Path(table).parent / path
        entries = read_fasta(file, problems)
        parts = {name: entries}
        if name == ENSEMBL_NCRNA:
            parts, note = divide_ncrna(entries, file, problems)
            notes = [] if notes is None else notes
            notes.append(note)
        for kind, part in parts.items():
            sequences = [entry.sequence for entry in part]
            if kind == "trna":
                sequences = [s if s.endswith("CCA") else s + "CCA" for s in sequences]
            found.setdefault(kind, []).extend(sequences)
    return found


def build_other(references: Mapping[str, Iterable[str]], problems: Problems | None = None) -> OtherIndex:
    """Index sequences by class; a sequence that occurs again (in its class or a later one) is kept once."""
    seen: set[str] = set()
    codes: list[NDArray[np.uint8]] = []
    room: list[NDArray[np.uint8]] = []
    kinds: list[NDArray[np.uint8]] = []
    for kind, name in enumerate(OTHER_CLASSES):
        for sequence in references.get(name, ()):
            if sequence in seen or len(sequence) < WORD:
                continue
            seen.add(sequence)
            code = codes_of(sequence)
            stops = np.r_[np.flatnonzero(code > 3), len(code)]
            position = np.arange(len(code))
            left = stops[np.searchsorted(stops, position)] - position
            codes.append(np.where(code > 3, 0, code).astype(np.uint8))
            room.append(np.minimum(left, MAX_PACKED).astype(np.uint8))
            kinds.append(np.full(len(code), kind, np.uint8))
    empty = np.empty(0, np.uint8)
    all_codes, all_room, all_kinds = (np.concatenate([empty, *part]) for part in (codes, room, kinds))
    if len(all_codes) > MOST_BASES:
        (problems or Problems()).add(
            "references of other RNA",
            f"{len(all_codes):,} bases; at most {MOST_BASES:,} are looked up",
            "leave out the largest (mrna, pirna), or name a smaller set",
        )
        all_codes, all_room, all_kinds = empty, empty, empty
    padded = np.zeros((len(all_codes) // 32 + 2) * 32, np.uint64)
    padded[: len(all_codes)] = all_codes
    packed = np.zeros(len(padded) // 32, np.uint64)
    for j in range(32):
        packed |= padded[j::32] << np.uint64(62 - 2 * j)
    starts = np.flatnonzero(all_room >= WORD)
    words = (_bases_at(packed, starts) >> _FIRST).astype(np.uint32)
    order = np.argsort(words, kind="stable")
    return OtherIndex(OTHER_CLASSES, packed, all_room, all_kinds, words[order], starts[order].astype(np.uint32))


def _bases_at(packed: U64, places: NDArray[np.integer]) -> U64:
    """Give the 31 bases from each place, left-aligned in 62 bits."""
    word, within = places >> 5, (2 * (places & 31)).astype(np.uint64)
    high = packed[word] << within
    low = packed[word + 1] >> np.uint64(1) >> (np.uint64(63) - within)
    bases: U64 = (high | low) >> np.uint64(2)
    return bases


def look_up(
    index: OtherIndex, keys: U64, lengths: NDArray[np.integer], mismatch_length: int
) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    """Find the class of each insert, sense strand only.

    The first and the last 12 bases (of the first 31) are looked up, and the whole is compared at each place found. An
    exact match beats one substitution (forgiven from `mismatch_length` nt; in inserts under 24 nt not in the bases
    that both words hold); within that the order of precedence decides.

    Returns
    -------
    class_ : int16[n]
        Index into ``index.classes``, -1 when none.
    exact : bool[n]
    """
    n = len(keys)
    best = np.full(n, _SENTINEL, np.int64)
    possible = np.flatnonzero(lengths >= WORD)
    # Most inserts have no word in small references; a glance is cheaper than a search.
    present = np.zeros(4**WORD, dtype=bool)
    present[index.words] = True
    for first in range(0, len(possible) if len(index.words) else 0, CHUNK):
        rows = possible[first : first + CHUNK]
        size = np.minimum(lengths[rows].astype(np.int64), MAX_PACKED)
        aligned = align_left(keys[rows], size)
        for shift in (np.zeros(len(rows), np.int64), size - WORD):
            word = (aligned >> (_FIRST - 2 * shift.astype(np.uint64))) & np.uint64(4**WORD - 1)
            some = np.flatnonzero(present[word])
            words = word[some].astype(np.uint32)
            low = np.searchsorted(index.words, words)
            number = np.searchsorted(index.words, words, side="right") - low
            number = np.minimum(number, MOST_PLACES)
            row = np.repeat(some, number)
            within = np.arange(len(row)) - np.repeat(np.cumsum(number) - number, number)
            place = index.places[np.repeat(low, number) + within].astype(np.int64) - shift[row]
            fits = (place >= 0) & (index.room[np.maximum(place, 0)] >= size[row])
            row, place = row[fits], place[fits]
            wrong = np.bitwise_count(differences(aligned[row], _bases_at(index.packed, place), size[row])).astype(
                np.int64
            )
            near = (wrong == 0) | ((wrong == 1) & (size[row] >= mismatch_length))
            np.minimum.at(best, rows[row[near]], wrong[near] << 40 | place[near])
    hit = best < _SENTINEL
    kind = np.full(n, -1, np.int16)
    kind[hit] = index.kind[best[hit] & ((1 << 40) - 1)]
    return kind, hit & (best >> 40 == 0)


def classes_of(names: Sequence[str]) -> I64:
    """Give the indices of classes by name."""
    return np.array([OTHER_CLASSES.index(name) for name in names], np.int64)
