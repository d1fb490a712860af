"""A sample of a sample's reads, for the questions that come before counting; and whether these are the right files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acuomics.problems import Problems
from acuomics.smallrna.faults import explain, explain_end
from acuomics.smallrna.records import MORE, Bytes, parse
from acuomics.smallrna.stream import Chunks, StreamFault

Integers = NDArray[np.int64]

#: Of the reads at the beginning of a file every so many is taken: the first tiles of a flow cell are not the best.
SPREAD = 4


@dataclass(frozen=True)
class ReadSample:
    """Reads as bytes in one buffer: where each begins, how long it is; and the range of their quality bytes."""

    buffer: Bytes
    starts: Integers
    lengths: Integers
    quality: tuple[int, int]

    def subset(self, chosen: NDArray[np.bool_] | Integers) -> ReadSample:
        """Give the chosen reads."""
        return ReadSample(self.buffer, self.starts[chosen], self.lengths[chosen], self.quality)


def sample_reads(files: Sequence[str | Path], n_reads: int, problems: Problems) -> ReadSample:
    """Take up to `n_reads` reads, as many of each file, every fourth from the beginning on (all of a small file).

    Faults of the files (see `collapse.collapse`) that show in that part, mates of a pair, and a file that is given
    twice become problems.
    """
    share = max(1, -(-n_reads // max(1, len(files))))
    parts: list[tuple[Bytes, Integers, Integers]] = []
    quality = np.array([255, 0], dtype=np.int64)
    names: list[tuple[str, str, bytes]] = []
    for file in files:
        found = _first_reads(Path(file), share, quality, problems)
        if found is None:
            continue
        buffer, starts, lengths, name = found
        # Only files beside others are compared.
        names.append((str(file), name, bytes(buffer) if len(files) > 1 else b""))
        step = max(1, min(SPREAD, len(starts) // share))
        parts.append((buffer, starts[::step][:share], lengths[::step][:share]))
    _check_mates(names, problems)
    if not parts:
        empty = np.empty(0, dtype=np.int64)
        return ReadSample(np.empty(0, dtype=np.uint8), empty, empty, (255, 0))
    offsets = np.cumsum([0, *(len(buffer) for buffer, _, _ in parts)])[:-1]
    starts = np.concatenate([part[1] + offset for part, offset in zip(parts, offsets, strict=True)])
    return ReadSample(
        parts[0][0] if len(parts) == 1 else np.concatenate([part[0] for part in parts]),
        starts,
        np.concatenate([part[2] for part in parts]),
        (int(quality[0]), int(quality[1])),
    )


def _first_reads(
    path: Path, share: int, quality: Integers, problems: Problems
) -> tuple[Bytes, Integers, Integers, str] | None:
    """Give the first ``SPREAD * share`` reads of a file and the name of the first; None when the file is at fault."""
    wanted = SPREAD * share
    starts, lengths = np.empty(wanted, dtype=np.int64), np.empty(wanted, dtype=np.int64)
    texts: list[Bytes] = []
    n, size, name = 0, 0, ""
    chunks = Chunks(path)
    try:
        for buffer, begin, end in chunks:
            if not name:
                name = bytes(buffer[begin : min(end, begin + 1000)]).split(b"\n", 1)[0].strip().decode("latin-1")
            more, after, state = parse(buffer, begin, end, starts[n:], lengths[n:], quality)
            if state != MORE:
                explain(path, n + more, state, buffer[after:end], problems)
                return None
            starts[n : n + more] += size - begin
            texts.append(buffer[begin:after].copy())
            size += after - begin
            n += more
            if n == wanted:
                break
            chunks.keep(buffer[after:end])
    except StreamFault as fault:
        problems.add(path, f"{fault.message}; {n} reads before that are whole", fault.fix)
        return None
    before = len(problems.found)
    explain_end(path, n, chunks.left_over, problems)
    if len(problems.found) > before:
        return None
    return np.concatenate(texts), starts[:n], lengths[:n], name


def mate_of(name: str) -> tuple[str, str]:
    """Split a read's name in what mates share and the number of the mate (``1``, ``2`` or empty)."""
    words = name.removeprefix("@").split()
    if not words:
        return "", ""
    if match := re.fullmatch(r"(.+)[/.]([12])", words[0]):
        # .1 and .2 end the names of SRA's reads 1 and 2, too; a slash is a mate.
        if words[0][-2] == "/":
            return match[1], match[2]
    elif len(words) > 1 and (match := re.match(r"([12]):[YN]:", words[1])):
        return words[0], match[1]
    if len(words) > 1 and (match := re.match(r"([12]):[YN]:", words[1])):
        return words[0], match[1]
    return words[0], ""


def _file_mate(file: str) -> tuple[str, str]:
    stem = re.sub(r"\.(fastq|fq)(\.gz)?$", "", Path(file).name)
    match = re.fullmatch(r"(.+)[_.]R?([12])(_[0-9]{3})?", stem)
    return (match[1] + (match[3] or ""), match[2]) if match else (stem, "")


def _check_mates(names: list[tuple[str, str, bytes]], problems: Problems) -> None:
    """Complain about the second reads of pairs and about files given twice."""
    fix = "give the first read (R1) of each pair only: a small-RNA insert is read whole from there"
    seen: dict[str, tuple[str, str, bytes]] = {}
    for file, name, text in names:
        common, mate = mate_of(name)
        stem, number = _file_mate(file)
        if common in seen:
            other, other_name, other_text = seen[common]
            if text == other_text:
                problems.add(file, f"the same reads as {other}", "name each run once")
                continue
            other_mate = mate_of(other_name)[1]
            other_stem, other_number = _file_mate(other)
            if {mate, other_mate} == {"1", "2"} or (stem == other_stem and {number, other_number} == {"1", "2"}):
                problems.add(file, f"this file and {other} are the two reads of pairs", fix, row="read 1", value=name)
                continue
        elif mate == "2":
            problems.add(file, "these are the second reads of pairs (R2)", fix, row="read 1", value=name)
        seen.setdefault(common, (file, name, text))
