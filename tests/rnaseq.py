"""A tiny transcriptome and paired reads of it with known numbers, for the tests of the stage `rnaseq`."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_OTHER = str.maketrans("ACGT", "TGCA")


@dataclass(frozen=True)
class Tiny:
    """Transcript to sequence, and transcript to gene."""

    sequences: dict[str, str]
    genes: dict[str, str]

    def write(self, path: Path, *, headers: bool = True) -> Path:
        """Write FASTA, with Ensembl's headers or bare ids."""
        with gzip.open(path, "wt") as file:
            for name, text in self.sequences.items():
                gene = self.genes[name]
                rest = f" cdna gene:{gene}.1 gene_biotype:protein_coding gene_symbol:Sym{gene[-2:]}" if headers else ""
                file.write(f">{name}{rest}\n{text}\n")
        return path


def tiny(seed: int = 1, n_genes: int = 30) -> Tiny:
    """Genes of one transcript of 1200 nt; every third also has one that lacks 400 nt in the middle."""
    rng = np.random.default_rng(seed)
    sequences, genes = {}, {}
    for g in range(n_genes):
        text = "".join(rng.choice(list("ACGT"), 1200))
        gene = f"ENSRNOG000000000{g:02d}"
        isoforms = [text, text[:400] + text[800:]] if g % 3 == 0 else [text]
        for k, isoform in enumerate(isoforms):
            name = f"ENSRNOT0000000{g:02d}{k:02d}.1"
            sequences[name], genes[name] = isoform, gene
    return Tiny(sequences, genes)


def simulate_pairs(
    source: Tiny,
    counts: Mapping[str, int],
    stem: Path,
    *,
    seed: int = 1,
    strand: str = "unstranded",
    length: int = 75,
    error: float = 0.0,
) -> tuple[Path, Path]:
    """Write ``<stem>_1.fastq.gz`` and ``_2``: so many pairs of each transcript, fragments of 200 +- 20 nt, shuffled."""
    rng = np.random.default_rng(seed)
    pairs = []
    for name, n in counts.items():
        text = source.sequences[name]
        for _ in range(n):
            size = int(np.clip(rng.normal(200, 20), length, len(text)))
            start = int(rng.integers(0, len(text) - size + 1))
            piece = text[start : start + size]
            ends = piece[:length], piece[::-1].translate(_OTHER)[:length]
            turn = strand == "reverse" or (strand == "unstranded" and rng.random() < 0.5)
            pairs.append(ends[::-1] if turn else ends)
    paths = Path(f"{stem}_1.fastq.gz"), Path(f"{stem}_2.fastq.gz")
    order = rng.permutation(len(pairs))
    for mate, path in enumerate(paths):
        records = []
        for number, i in enumerate(order):
            bases = np.array(list(pairs[i][mate]))
            wrong = rng.random(len(bases)) < error
            bases[wrong] = rng.choice(list("ACGT"), int(wrong.sum()))
            records.append(f"@r{number}/{mate + 1}\n{''.join(bases)}\n+\n{'I' * len(bases)}\n")
        path.write_bytes(gzip.compress("".join(records).encode(), mtime=0))
    return paths
