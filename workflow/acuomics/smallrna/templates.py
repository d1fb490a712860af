"""Every window that a mature miRNA may be read from, indexed by its seed, and the comparison of inserts with them.

A window is not stored one by one: an insert's seed (7 bases, exact) says which loci it can come from at each 5' shift,
and comparing the packed insert with the packed hairpin from there gives its end, its added tail and its substitution.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acuomics.smallrna.inserts import MAX_PACKED, pack
from acuomics.smallrna.mirbase import MirnaReference
from acuomics.smallrna.settings import SEED_FIRST, SEED_LAST, MatchSettings

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]
I32 = NDArray[np.int32]

#: Bits of a left-aligned insert: 31 bases.
BITS = 2 * MAX_PACKED
_LOW = np.uint64(0x1555555555555555)
_ONE = np.uint64(1)
_CLEAR = re.compile("[ACGT]*")
_CODES = np.full(256, 4, np.uint8)
_CODES[np.frombuffer(b"ACGT", np.uint8)] = [0, 1, 2, 3]

#: How an insert fits a miRNA, best first.
TEMPLATED, ADDED, SUBSTITUTED, SUBSTITUTED_ADDED = range(4)


def codes_of(sequence: str) -> NDArray[np.uint8]:
    """Give 0-3 for A, C, G, T and 4 for any other letter."""
    return _CODES[np.frombuffer(sequence.encode(), np.uint8)]


def align_left(keys: U64, lengths: NDArray[np.integer]) -> U64:
    """Drop the sentinel and put the first base of a key into the highest two of 62 bits (`lengths` at most 31)."""
    width = 2 * lengths.astype(np.uint64)
    aligned: U64 = (keys ^ (_ONE << width)) << (np.uint64(BITS) - width)
    return aligned


def differences(a: U64, b: U64, n: NDArray[np.integer]) -> U64:
    """Give one set bit (the low one of a base's two) where the first `n` bases of two left-aligned sequences differ."""
    x = a ^ b
    kept = np.uint64(BITS) - 2 * n.astype(np.uint64)
    found: U64 = ((x | x >> _ONE) & _LOW) >> kept << kept
    return found


def first_difference(d: U64, n: NDArray[np.integer]) -> I64:
    """Give the 0-based position of the first set base of `differences`, `n` where there is none."""
    # No two neighbouring bits are set, so the rounding to a float cannot carry into the exponent.
    exponent = np.frexp(d.astype(np.float64))[1].astype(np.int64)
    return np.where(d == 0, n.astype(np.int64), MAX_PACKED - 1 - (exponent - 1) // 2)


@dataclass(frozen=True)
class SeedTable:
    """For one 5' shift: the entries whose seed is each code, and where in an insert the seed lies."""

    offset: int
    bases: int
    starts: I64
    entries: I64


@dataclass(frozen=True, eq=False)
class TemplateIndex:
    """Loci x 5' shifts ("entries", ordered by mature, locus, shift), packed, and their seed tables.

    Parameters
    ----------
    reference : MirnaReference
        What was indexed.
    settings : MatchSettings
        By which lengths.
    template : uint64[entries]
        Hairpin bases from the shifted start to the last allowed 3' end, left-aligned.
    room : int64[entries]
        How many of them there are (hairpin end, ambiguous base, 31).
    to_end : int64[entries]
        Bases from the shifted start to the end of the mature.
    shift, locus, mature : int64[entries]
        5' shift, and indices into the reference.
    twin : int64[matures]
        The first mature with the same sequence.
    tables : tuple of SeedTable
    """

    reference: MirnaReference
    settings: MatchSettings
    template: U64
    room: I64
    to_end: I64
    shift: I64
    locus: I64
    mature: I64
    twin: I64
    tables: tuple[SeedTable, ...]


def build_index(reference: MirnaReference, settings: MatchSettings | None = None) -> TemplateIndex:
    """Pack the windows of all loci of a species (some 10 ms for 1,000 loci, so that nothing need be cached)."""
    settings = settings or MatchSettings()
    rows: list[tuple[int, int, int, int, int, int]] = []
    for number, locus in enumerate(reference.loci):
        own = reference.matures[locus.mature].sequence
        text = reference.hairpins[locus.hairpin].sequence if locus.hairpin >= 0 else own
        end = locus.start + len(own)
        for shift in range(-settings.shift_5p, settings.shift_5p + 1):
            first = locus.start + shift
            if first < 0:
                continue
            window = _CLEAR.match(text, first, min(end + settings.shift_3p, first + MAX_PACKED))
            clear = window.group() if window else ""
            room = len(clear)
            packed = pack(clear) - 4**room
            rows.append((locus.mature, number, shift, packed << (BITS - 2 * room), room, end - first))
    rows.sort(key=lambda row: row[:3])
    table = list(zip(*rows, strict=True)) if rows else [()] * 6
    mature, locus_, shift_, room_, to_end = (np.array(table[i], np.int64) for i in (0, 1, 2, 4, 5))
    template = np.array(table[3], np.uint64)
    tables = []
    for shift in range(-settings.shift_5p, settings.shift_5p + 1):
        first_base = max(SEED_FIRST - 1, shift)
        offset, bases = first_base - shift, SEED_LAST - first_base
        entries = np.flatnonzero((shift_ == shift) & (room_ >= offset + bases))
        code = (template[entries] >> np.uint64(BITS - 2 * (offset + bases))) & np.uint64(4**bases - 1)
        order = np.argsort(code, kind="stable")
        starts = np.searchsorted(code[order], np.arange(4**bases + 1, dtype=np.uint64))
        tables.append(SeedTable(offset, bases, starts.astype(np.int64), entries[order]))
    by_sequence: dict[str, int] = {}
    twins = [by_sequence.setdefault(m.sequence, i) for i, m in enumerate(reference.matures)]
    twin = np.array(twins, np.int64)
    return TemplateIndex(reference, settings, template, room_, to_end, shift_, locus_, mature, twin, tuple(tables))


@dataclass(frozen=True)
class Fit:
    """How inserts fit entries, row by row.

    Parameters
    ----------
    valid : bool[c]
        Whether the settings allow the fit at all.
    rank : int64[c]
        The order of preference, least first: tier, then bases added, then twice the 5' and once the 3' difference.
    tier, shift_3p, added : int64[c]
        `TEMPLATED`, `ADDED`, `SUBSTITUTED` or `SUBSTITUTED_ADDED`; where the templated part ends against the mature;
        bases added after it.
    substituted : int64[c]
        0-based position in the insert, -1 without a substitution.
    templated : int64[c]
        Bases of the insert that lie on the hairpin.
    """

    valid: NDArray[np.bool_]
    rank: I64
    tier: I64
    shift_3p: I64
    added: I64
    substituted: I64
    templated: I64


def fit(index: TemplateIndex, aligned: U64, lengths: I64, entries: I64) -> Fit:
    """Compare inserts with entries, pair by pair.

    The longest clean prefix is the templated part, and what follows is added, as long as the settings allow it; only
    else one substitution outside the seed is forgiven. `aligned` comes from `align_left`, `lengths` are at most 31.
    """
    s = index.settings
    room, to_end, shift = index.room[entries], index.to_end[entries], index.shift[entries]
    n = np.minimum(lengths, room)
    d = differences(aligned, index.template[entries], n)
    clean = first_difference(d, n)
    added = lengths - clean
    plain = (added <= s.additions) & (clean - to_end >= -s.shift_3p) & (clean >= s.shortest)
    tier = np.where(added == 0, TEMPLATED, ADDED)
    where = np.full(len(n), -1, np.int64)
    templated = clean
    valid = plain
    if s.substitutions:
        rest = d & ~(_ONE << np.uint64(2) * (MAX_PACKED - 1 - np.minimum(clean, MAX_PACKED - 1)).astype(np.uint64))
        forgiven = first_difference(rest, n)
        tail = lengths - forgiven
        position = clean + shift + 1
        allowed = ~plain & (clean < n) & ((position < SEED_FIRST) | (position > SEED_LAST))
        allowed &= (tail <= s.additions) & (forgiven - to_end >= -s.shift_3p) & (forgiven >= s.shortest_substituted)
        allowed &= forgiven - clean - 1 >= s.after_substitution
        tier = np.where(allowed, np.where(tail == 0, SUBSTITUTED, SUBSTITUTED_ADDED), tier)
        where = np.where(allowed, clean, where)
        templated = np.where(allowed, forgiven, clean)
        added = np.where(allowed, tail, added)
        valid = plain | allowed
    shift_3p = templated - to_end
    rank = tier << 8 | np.clip(added, 0, 15) << 4 | np.clip(2 * np.abs(shift) + np.abs(shift_3p), 0, 15)
    return Fit(valid, rank, tier, shift_3p, added, where, templated)


def pairs_by_seed(index: TemplateIndex, aligned: U64) -> tuple[I64, I64]:
    """Give (insert, entry) pairs whose seeds agree, of inserts with at least 12 bases."""
    inserts, entries = [], []
    for table in index.tables:
        code = (aligned >> np.uint64(BITS - 2 * (table.offset + table.bases))) & np.uint64(4**table.bases - 1)
        at = code.astype(np.int64)
        low, number = table.starts[at], table.starts[at + 1] - table.starts[at]
        some = np.flatnonzero(number)
        number = number[some]
        total = int(number.sum())
        within = np.arange(total) - np.repeat(np.cumsum(number) - number, number)
        inserts.append(np.repeat(some, number))
        entries.append(table.entries[np.repeat(low[some], number) + within])
    return np.concatenate(inserts), np.concatenate(entries)
