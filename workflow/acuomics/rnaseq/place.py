"""Where a sample of reads lies on the transcripts, whichever program counts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from acuomics.rnaseq.fasta import WORD
from acuomics.rnaseq.words import find_words, pack

if TYPE_CHECKING:
    import pandas as pd

#: Words of a read that are looked for, evenly along it: an error in one leaves the others.
WORDS = 4
#: Places of a word that are looked at; isoforms share words, and repeats have thousands. A word with more places is a
#: repeat, and says of its read where it may lie, not where it lies.
PLACES = 32
#: Bases of a fragment, from end to end: a pair further apart lies not on this transcript.
LONGEST = 1000
#: Places of a read on one transcript that are tried for a pair: those with most words.
COPIES = 8

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Placed:
    """Fragments of a sample and where they lie.

    Parameters
    ----------
    found, whole : bool arrays, a value a fragment
        Whether a word of it stands on a transcript; whether both mates of a pair face each other on one transcript, not
        more than `LONGEST` bases from end to end.
    forward, reverse : bool arrays, a value a fragment
        Whether it lies along a transcript, first read first, and whether against one; of pairs that lie whole only
        these places count.
    repeats : bool array, a value a fragment
        Whether a read of it was found by words of repeats alone: its place is one of many.
    fragments : DataFrame
        A row a found fragment: ``fragment, transcript`` (their numbers), ``start, size`` (nt; of what was found). Of
        several places the one with most words, then the first transcript.
    reads : DataFrame
        A row a read of these: ``fragment, mate, transcript, start, strand`` (1 along the transcript, -1 against it).
    """

    found: Flags
    whole: Flags
    forward: Flags
    reverse: Flags
    repeats: Flags
    fragments: pd.DataFrame
    reads: pd.DataFrame


def place_fragments(fragments: Sequence[tuple[bytes, ...]], transcripts: Sequence[str]) -> Placed:
    """Place fragments by words of their reads that stand on a transcript.

    Parameters
    ----------
    fragments : sequence of tuple of bytes
        One read or two each, all alike.
    transcripts : sequence of str
        Both upper case.
    """
    import pandas as pd

    hits, n = _hits(fragments, transcripts), len(fragments)
    pairs = _pairs(hits) if fragments and len(fragments[0]) == 2 else hits.iloc[:0].assign(size=0)
    whole = _flags(pairs["fragment"], n)
    alone = hits[~whole[hits["fragment"]]]
    sense = alone["strand"] * (1 - 2 * alone["mate"])
    ways = [
        _flags(pairs.loc[pairs["strand"] == way, "fragment"], n) | _flags(alone.loc[sense == way, "fragment"], n)
        for way in (1, -1)
    ]
    first = _best(alone.assign(size=alone["length"]))
    both = _best(pairs)
    columns = ["fragment", "transcript", "start", "size"]
    reads = ["fragment", "mate", "transcript", "start", "strand"]
    mates = [
        both.assign(mate=mate, start=both[f"start_{mate}"], strand=both["strand"] * (1 - 2 * mate))[reads]
        for mate in ((0, 1) if len(both) else ())
    ]
    return Placed(
        found=_flags(hits["fragment"], n),
        whole=whole,
        forward=ways[0],
        reverse=ways[1],
        repeats=_flags(hits.loc[hits["repeat"], "fragment"], n),
        fragments=pd.concat([both[columns], first[columns]]).sort_values("fragment", ignore_index=True),
        reads=pd.concat([*mates, first[reads]]).sort_values(["fragment", "mate"], ignore_index=True),
    )


def _flags(numbers: pd.Series[int], n: int) -> Flags:
    flags = np.zeros(n, np.bool_)
    flags[numbers.to_numpy()] = True
    return flags


def _hits(fragments: Sequence[tuple[bytes, ...]], transcripts: Sequence[str]) -> pd.DataFrame:
    """Give ``fragment, mate, length, repeat, transcript, start, strand, words``: a row a place of a read."""
    import pandas as pd

    rows, texts = [], []
    for number, reads in enumerate(fragments):
        for mate, read in enumerate(reads):
            last = len(read) - WORD
            for at in sorted({round(i * last / (WORDS - 1)) for i in range(WORDS)}) if last >= 0 else ():
                rows.append((number, mate, len(read), at))
                texts.append(read[at : at + WORD])
    asked = pd.DataFrame(rows, columns=["fragment", "mate", "length", "at"], dtype=np.int32)
    codes, turned, bases = pack(texts)
    asked = asked.assign(code=codes, turned=turned)[bases]
    words = np.unique(asked["code"].to_numpy(np.uint64))
    asked["word"] = np.searchsorted(words, asked["code"].to_numpy(np.uint64)).astype(np.int32)
    word, transcript, place, other = find_words(words, transcripts, PLACES + 1)
    numbers = {"word": word, "transcript": transcript, "place": place}
    stands = pd.DataFrame({name: values.astype(np.int32) for name, values in numbers.items()} | {"other": other})
    many = np.bincount(word, minlength=len(words)) > PLACES
    asked["repeat"] = many[asked["word"]]
    # Where a read has words that are none of a repeat these say where it lies.
    known = asked["word"].isin(word)
    own = (known & ~asked["repeat"]).groupby([asked["fragment"], asked["mate"]]).transform("any")
    asked = asked[known & ~(asked["repeat"] & own)]
    hits = asked.drop(columns="code").merge(stands, on="word")
    along = hits["turned"] == hits["other"]
    # Of a read that lies against the transcript the word that is read last stands first.
    before = hits["at"].where(along, hits["length"] - WORD - hits["at"])
    hits = hits.assign(strand=np.where(along, 1, -1), start=hits["place"] - before)
    keys = ["fragment", "mate", "length", "repeat", "transcript", "start", "strand"]
    return hits.groupby(keys, sort=True).size().rename("words").reset_index()


def _pairs(hits: pd.DataFrame) -> pd.DataFrame:
    """Give ``fragment, transcript, start, size, strand`` (of the first mate), ``start_0, start_1, words`` of pairs."""
    # Of a repeat within a transcript a few places, or all places of both mates would be joined.
    keys = ["fragment", "mate", "transcript", "strand"]
    hits = hits.sort_values([*keys, "words"], ascending=[True] * 4 + [False], kind="stable")
    hits = hits[hits.groupby(keys).cumcount() < COPIES]
    one, two = (hits[hits["mate"] == mate].drop(columns=["mate", "repeat"]) for mate in (0, 1))
    pairs = one.merge(two, on=["fragment", "transcript"], suffixes=("_0", "_1"))
    along = pairs["strand_0"] == 1
    begin = pairs["start_0"].where(along, pairs["start_1"])
    end = (pairs["start_1"] + pairs["length_1"]).where(along, pairs["start_0"] + pairs["length_0"])
    size = end - begin
    pairs = pairs.assign(start=begin, size=size, strand=pairs["strand_0"], words=pairs["words_0"] + pairs["words_1"])
    return pairs[(pairs["strand_0"] != pairs["strand_1"]) & (size > 0) & (size <= LONGEST)]


def _best(places: pd.DataFrame) -> pd.DataFrame:
    """Of each fragment the place with most words, then the first."""
    order = places.sort_values(["fragment", "words"], ascending=[True, False], kind="stable")
    return order.drop_duplicates("fragment")
