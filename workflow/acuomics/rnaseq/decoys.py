"""Decoys of an index: sequences beside the transcripts that reads may come from, above all the genome."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from acuomics.inputs.words import some
from acuomics.problems import Problems
from acuomics.rnaseq.fasta import read_records

_FIX = "name the genome of the transcripts' release as FASTA (Ensembl: dna.toplevel.fa.gz, dna.primary_assembly.fa.gz)"


def read_decoys(files: Sequence[Path], transcripts: Collection[str], problems: Problems) -> list[str]:
    """Read the names of the decoys.

    A read of an intron, or of a repeat far from every gene, may share words with a transcript and be counted there. An
    index that knows the genome gives such reads to it: salmon aligns to decoys and drops what fits them better
    (Srivastava et al. 2020, doi:10.1186/s13059-020-02151-8); kallisto marks the words that stand beside those it shares
    with the transcripts, and drops reads that hold one (Hjörleifsson et al. 2022, doi:10.1101/2022.12.02.518832).

    Parameters
    ----------
    files : sequence of Path
        FASTA, gzipped or not.
    transcripts : collection of str
        Names of the transcripts, which no decoy may bear.
    problems : Problems
        Takes the faults of the files (`fasta.read_records`) and names that two sequences bear.
    """
    known, owner = set(transcripts), dict[str, Path]()
    names: list[str] = []
    for number, path in enumerate(files):
        if path in files[:number]:
            problems.add(path, "this file of decoys is named twice", "name it once")
            continue
        found = [record.name for record in read_records(path, problems, _FIX)]
        twice = [name for name in found if name in known or owner.setdefault(name, path) != path]
        if twice:
            where = "the transcripts" if twice[0] in known else str(owner[twice[0]])
            fix = "decoys are the genome, every sequence once, and never the transcripts again"
            problems.add(path, f"{len(twice)} names of decoys are also in {where} ({some(twice)})", fix, value=twice[0])
        names += found
    return names
