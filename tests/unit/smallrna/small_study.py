"""A small study of reads on disk: an invented reference of rat, mouse and human miRNAs, samples with known truth."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

from fastq_text import TRUSEQ, fastq

from acuomics.smallrna.run import References, count_study

ROOT = Path(__file__).resolve().parents[3]
OUTPUTS = ("counts", "fractions", "features", "isomirs", "gff", "classes", "lengths")
OUTPUTS += ("clades", "markers", "summary", "qc", "facts", "multiqc")
N_MIRNAS = 40
_RNG = random.Random(11)


def bases(n: int) -> str:
    return "".join(_RNG.choices("ACGT", k=n))


def _mutated(text: str, place: int) -> str:
    return text[:place] + "ACGT"["ACGT".index(text[place]) ^ 1] + text[place + 1 :]


def _species() -> dict[str, list[tuple[str, str]]]:
    """(mature, hairpin) of each miRNA by species; orthologues differ in a base outside the seed, or two."""
    rat = [bases(22) for _ in range(N_MIRNAS)]
    found: dict[str, list[tuple[str, str]]] = {}
    for prefix, places in (("rno", ()), ("mmu", (10, 14)), ("hsa", (12, 17))):
        found[prefix] = []
        for mature in rat:
            for place in places:
                mature = _mutated(mature, place)
            found[prefix].append((mature, bases(12) + mature + bases(25)))
    return found


SPECIES = _species()
#: RNA that is in no reference.
OTHER = [bases(60) for _ in range(200)]


def write_reference(folder: Path) -> References:
    """Write matures and hairpins as miRBase does."""
    names = {"rno": "Rattus norvegicus", "mmu": "Mus musculus", "hsa": "Homo sapiens"}
    matures, hairpins, number = [], [], 0
    for prefix, mirnas in SPECIES.items():
        for i, (mature, hairpin) in enumerate(mirnas, start=1):
            number += 1
            matures.append(f">{prefix}-miR-{900 + i}-5p MIMAT{number:07d} {names[prefix]} miR-{900 + i}-5p\n{mature}\n")
            hairpins.append(f">{prefix}-mir-{900 + i} MI{number:07d}\n{hairpin}\n")
    (folder / "mature.fa").write_text("".join(matures))
    (folder / "hairpin.fa").write_text("".join(hairpins))
    resources = ROOT / "resources"
    return References(
        mature=str(folder / "mature.fa"),
        hairpins=[str(folder / "hairpin.fa")],
        other=None,
        kits=str(resources / "adapters" / "kits.tsv"),
        clades=str(resources / "names" / "clades.tsv"),
        markers=str(resources / "smallrna" / "markers.tsv"),
    )


def inserts(n: int, seed: int, *, species: str = "rno", mirna: float = 0.8) -> tuple[list[str], Counter[str]]:
    """Inserts with ends as isomiRs have them, and the true reads of each mature."""
    draw = random.Random(seed)
    loci = [(mature, hairpin, hairpin.index(mature)) for mature, hairpin in SPECIES[species]]
    weights = [1 / (i + 1) for i in range(len(loci))]
    texts, truth = [], Counter()
    for mature, hairpin, start in draw.choices(loci, weights, k=round(n * mirna)):
        end = start + len(mature) + draw.choice((0, 0, 0, 1, -1))
        texts.append(hairpin[start:end])
        truth[mature] += 1
    for text in draw.choices(OTHER, k=n - len(texts)):
        begin = draw.randrange(20)
        texts.append(text[begin : begin + draw.randint(16, 40)])
    draw.shuffle(texts)
    return texts, truth


def reads(texts: list[str], length: int = 50, after: str = "AACTCCAGTCACATCACGATCTCG" * 4) -> list[str]:
    """Reads of one length: insert, TruSeq adapter, what comes behind it."""
    return [(text + TRUSEQ.adapter3 + after)[:length] for text in texts]


def sample(n: int = 15_000, seed: int = 1, **options: object) -> bytes:
    """A FASTQ of a usable sample."""
    return fastq(reads(inserts(n, seed, **options)[0]))


class SmallStudy:
    """Samples as files in a folder, counted by the whole stage."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.references = write_reference(folder)
        self.files: dict[str, list[str]] = {}

    def add(self, name: str, *contents: bytes, suffix: str = ".fastq", names: tuple[str, ...] = ()) -> SmallStudy:
        """Add a sample with one file, or several."""
        self.files[name] = list(names) or [f"{name}_run{i}{suffix}" for i in range(len(contents))]
        for file, content in zip(self.files[name], contents, strict=True):
            (self.folder / file).write_bytes(content)
        return self

    def count(self, *, threads: int = 1, adapter: str = "auto", into: str = "out", **settings: object) -> Path:
        """Run `count_study`; give the folder of its outputs."""
        record = {
            "study": "small",
            "species": "Rattus norvegicus",
            "samples": [{"sample": name} for name in self.files],
            "reads": {"adapter": adapter, "files": self.files},
        }
        out = self.folder / into
        suffix = {"gff": "gff3", "facts": "json", "multiqc": "json"}
        paths = {name: str(out / f"{name}.{suffix.get(name, 'tsv')}") for name in OUTPUTS}
        paths["multiqc"] = str(out / "smallrna_mqc.json")
        given = [str(self.folder / file) for files in self.files.values() for file in files]
        chosen = {"engine": "packed", "sharing": "equal", "correct_errors": True} | settings
        count_study(record, given, self.references, chosen, paths, threads=threads)
        return out
