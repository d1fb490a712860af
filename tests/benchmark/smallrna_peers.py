"""Ways from a FASTQ file to a table of miRNA counts, each a process of its own: ours, cutadapt + bowtie, nf-core-like.

``python -m tests.benchmark.smallrna_peers WAY FASTQ MIRBASE TARGET`` writes ``name, reads`` to TARGET. Imports are
light, so that a way that calls other programs costs what those cost.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
ADAPTER = "TGGAATTCTCGGGTGCCAAGG"
SPECIES = ("rno", "mmu", "hsa")
SHORTEST = 16
#: An insert is a miRNA's when it begins and ends this near to it (as `acuomics.smallrna.settings.MatchSettings`).
NEAR_5P, NEAR_3P = 2, 3
#: What the stage writes.
OUTPUTS = ("counts", "fractions", "features", "isomirs", "gff", "classes", "lengths")
OUTPUTS += ("clades", "markers", "summary", "qc", "facts", "multiqc")
Counts = dict[str, float]


def matures_of(mirbase: Path) -> Path:
    """miRBase's matures of all species."""
    return mirbase / "mature_v22.1_all_species_DNA.fa.gz"


def read_names(path: Path, prefix: str) -> dict[str, str]:
    """The sequences (DNA) of a species by the first word of their headers."""
    opened = gzip.open if path.suffix == ".gz" else open
    found: dict[str, str] = {}
    name = ""
    with opened(path, "rt") as handle:
        for line in handle:
            if line.startswith(">"):
                name = line[1:].split()[0]
                found[name] = ""
            else:
                found[name] += line.strip().upper().replace("U", "T")
    return {name: text for name, text in found.items() if name.startswith(f"{prefix}-")}


def _run(command: list[str], output: Path | None = None) -> str:
    """Run a program; its standard output goes to a file when one is named."""
    with (output or Path(os.devnull)).open("wb") as sink:
        done = subprocess.run(command, stdout=sink, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with status {done.returncode}: {done.stderr.decode()[-500:]}")
    return done.stderr.decode()


def _index(sequences: dict[str, str], target: Path) -> None:
    """Build a bowtie index of sequences."""
    fasta = target.with_suffix(".fa")
    fasta.write_text("".join(f">{name}\n{text}\n" for name, text in sequences.items()))
    _run(["bowtie-build", "--quiet", str(fasta), str(target)])


def ours(fastq: Path, mirbase: Path, folder: Path, engine: str = "packed") -> Counts:
    """The whole stage as the workflow's job calls it: kit from the reads, counts, isomiRs, classes, all its files."""
    from acuomics.smallrna.run import References, count_study

    resources = ROOT / "resources"
    references = References(
        mature=str(matures_of(mirbase)),
        hairpins=[str(mirbase / f"hairpin_{prefix}_v22.fa") for prefix in SPECIES],
        other=None,
        kits=str(resources / "adapters" / "kits.tsv"),
        clades=str(resources / "names" / "clades.tsv"),
        markers=str(resources / "smallrna" / "markers.tsv"),
    )
    record = {
        "study": "bench",
        "species": "Rattus norvegicus",
        "samples": [{"sample": "s"}],
        "reads": {"adapter": "auto", "files": {"s": [fastq.name]}},
    }
    outputs = {name: str(folder / name) for name in OUTPUTS}
    settings = {"engine": engine, "sharing": "equal", "correct_errors": True}
    count_study(record, [str(fastq)], references, settings, outputs)
    lines = (folder / "fractions").read_text().splitlines()[1:]
    return {name: float(reads) for _, name, reads in (line.split("\t") for line in lines)}


def house_bowtie(fastq: Path, mirbase: Path, folder: Path) -> Counts:
    """The stage with ``engine: bowtie``."""
    return ours(fastq, mirbase, folder, "bowtie")


def cutadapt_bowtie(fastq: Path, mirbase: Path, folder: Path) -> Counts:
    """cutadapt, a plain collapse, one bowtie run on the hairpins, hits given to the miRNA they lie on.

    Written without the code under test. One core; a hit is a miRNA's when it begins and ends near to it; an insert
    with several is divided equally.
    """
    trimmed, collapsed, hits = folder / "trimmed.fastq", folder / "collapsed.fa", folder / "hits.tsv"
    options = ["-a", ADAPTER, "-O", "8", "-e", "0.1", "-m", str(SHORTEST), "--discard-untrimmed", "--quiet"]
    _run([sys.executable, "-m", "cutadapt", *options, "-o", str(trimmed), str(fastq)])
    inserts: dict[str, int] = defaultdict(int)
    with trimmed.open() as handle:
        for number, line in enumerate(handle):
            if number & 3 == 1:
                inserts[line] += 1
    with collapsed.open("w") as out:
        out.writelines(f">{number}_{n}\n{text}" for number, (text, n) in enumerate(inserts.items()))
    hairpins = read_names(mirbase / "hairpin_rno_v22.fa", "rno")
    _index(hairpins, folder / "hairpins")
    options = ["-v", "1", "-a", "--best", "--strata", "--norc", "--quiet", "--suppress", "2,6,7,8"]
    _run(["bowtie", *options, "-x", str(folder / "hairpins"), "-f", str(collapsed)], hits)
    places: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for name, text in read_names(matures_of(mirbase), "rno").items():
        for hairpin, whole in hairpins.items():
            if (at := whole.find(text)) >= 0:
                places[hairpin].append((at, at + len(text), name))
    counts: Counts = defaultdict(float)

    def give(read: str, found: set[str]) -> None:
        for name in found:
            counts[name] += int(read.split("_")[1]) / len(found)

    before, found = "", set[str]()
    with hits.open() as handle:
        for line in handle:
            read, hairpin, at, text = line.split()
            if read != before:
                give(before, found)
                before, found = read, set()
            begin, end = int(at), int(at) + len(text)
            near = (p for p in places[hairpin] if abs(p[0] - begin) <= NEAR_5P and abs(p[1] - end) <= NEAR_3P)
            found.update(name for _, _, name in near)
    give(before, found)
    return counts


def nfcore_like(fastq: Path, mirbase: Path, folder: Path) -> Counts:
    """The steps of nf-core/smrnaseq's quantification: fastp, bowtie to matures, what is left to hairpins, samtools.

    As its modules do (``bowtie_map_mirna``, commit 0444a9c3): alignments to SAM, SAM to BAM, other reads compressed.
    Its counts are those of ``samtools idxstats`` on the matures.
    """
    reads = folder / "trimmed.fastq.gz"
    options = ["--adapter_sequence", ADAPTER, "--length_required", "17", "--thread", "1"]
    reports = ["--json", str(folder / "fastp.json"), "--html", str(folder / "fastp.html")]
    _run(["fastp", "-i", str(fastq), "-o", str(reads), *options, *reports])
    references = {
        "mature": read_names(matures_of(mirbase), "rno"),
        "hairpin": read_names(mirbase / "hairpin_rno_v22.fa", "rno"),
    }
    for name, sequences in references.items():
        _index(sequences, folder / name)
        left, sam, bam, ordered = (folder / f"{name}.{kind}" for kind in ("fastq", "sam", "bam", "sorted.bam"))
        options = ["-k", "50", "--best", "--strata", "-e", "99999", "--chunkmbs", "2048", "--quiet", "--un", str(left)]
        _run(["bowtie", "-x", str(folder / name), "-q", str(reads), *options, "-S"], sam)
        _run(["samtools", "view", "-bS", "-o", str(bam), str(sam)])
        _run(["gzip", str(left)])
        _run(["samtools", "sort", "-o", str(ordered), str(bam)])
        _run(["samtools", "index", str(ordered)])
        _run(["samtools", "idxstats", str(ordered)], folder / f"{name}.tsv")
        reads = left.with_suffix(".fastq.gz")
    rows = [line.split("\t") for line in (folder / "mature.tsv").read_text().splitlines()]
    return {row[0]: float(row[2]) for row in rows if row[0] != "*"}


#: Each way, and the programs that it needs.
WAYS: dict[str, tuple[Callable[[Path, Path, Path], Counts], tuple[str, ...]]] = {
    "ours": (ours, ()),
    "engine: bowtie": (house_bowtie, ("bowtie", "bowtie-build")),
    "cutadapt + bowtie": (cutadapt_bowtie, ("bowtie", "bowtie-build")),
    "nf-core-like": (nfcore_like, ("fastp", "bowtie", "bowtie-build", "samtools")),
}


def missing(way: str) -> list[str]:
    """Programs that a way needs and this machine lacks."""
    return [program for program in WAYS[way][1] if shutil.which(program) is None]


if __name__ == "__main__":
    way, fastq, mirbase, target = sys.argv[1:]
    with TemporaryDirectory(dir=Path(target).parent) as scratch:
        result = WAYS[way][0](Path(fastq), Path(mirbase), Path(scratch))
    Path(target).write_text(json.dumps(dict(sorted(result.items()))))
