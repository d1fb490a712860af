"""FASTQ text for tests, and a plain reading of it to hold the kernels against."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

from acuomics.smallrna.kits import Kit

TRUSEQ = Kit("truseq", "TGGAATTCTCGGGTGCCAAGG")


def fastq(sequences, *, end="\n", quality="I", names=None) -> bytes:
    names = names or [f"r{i}" for i in range(len(sequences))]
    return "".join(
        f"@{name}{end}{seq}{end}+{end}{quality * len(seq)}{end}" for name, seq in zip(names, sequences, strict=True)
    ).encode()


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def random_reads(n: int, seed: int, *, kinds: int = 40, length: int = 50, adapter: str = TRUSEQ.adapter3):
    """Reads of few kinds of inserts, 0 to 60 nt, some with N; and the insert of each (None where no adapter shows)."""
    draw = random.Random(seed)
    pool = ["".join(draw.choices("ACGT", k=draw.randint(0, 60))) for _ in range(kinds)]
    reads, inserts = [], []
    for _ in range(n):
        insert = draw.choice(pool)
        if draw.random() < 0.05 and insert:
            at = draw.randrange(len(insert))
            insert = insert[:at] + "N" + insert[at + 1 :]
        read = (insert + adapter + "AACTCCAGTCACATCACGATCTCG" * 2)[:length]
        reads.append(read)
        inserts.append(insert if len(insert) + 8 <= length else None)
    return reads, inserts


def counted(inserts, shortest: int = 16) -> Counter:
    return Counter(i for i in inserts if i is not None and len(i) >= shortest and "N" not in i)
