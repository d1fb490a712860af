"""What reads files that other people made: each with small valid files to begin with, and a call that reads them."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from acuomics.problems import InputError, Problems
from tests.realdata import REPO

Read = Callable[[Path], object]
RESOURCES = REPO / "resources"


@dataclass(frozen=True)
class Target:
    """A reader.

    Attributes
    ----------
    files : mapping
        Name to valid content; one of them is mutated at a time.
    read : callable
        Reads them in a folder. What it raises, but for `InputError`, is a fault of the reader.
    share : int
        Its part of a campaign.
    """

    files: Mapping[str, bytes]
    read: Read
    share: float = 4.0


class Answers:
    """An archive that answers everything with the same body."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def ask(self, url: str, parameters: dict[str, str] | None = None) -> Any:
        from acuomics.acquire.ask import Answer

        return Answer(200, self.body, url)

    def size(self, url: str) -> int | None:
        return None


def _reads(seed: int) -> bytes:
    draw = random.Random(seed)
    adapter = "TGGAATTCTCGGGTGCCAAGG"
    records = []
    for i in range(30):
        insert = "".join(draw.choices("ACGT", k=draw.randint(14, 30)))
        read = (insert + adapter + "AACTCC" * 3)[:50]
        records.append(f"@r{i} x/1\n{read}\n+\n{'I' * len(read)}\n")
    return "".join(records).encode()


def _fasta(header: str, n: int, length: int) -> bytes:
    draw = random.Random(7)
    return "".join(
        ">" + header.format(i=i) + "\n" + "".join(draw.choices("ACGU", k=length)) + "\n" for i in range(n)
    ).encode()


SAMPLES = [(f"{arm}_{i}", arm) for arm in ("control", "model", "EA") for i in (1, 2, 3)]
STUDY: dict[str, Any] = {
    "study": "small", "title": "A small study", "summary": "Three arms.", "taxon": 10116,
    "species": "Rattus norvegicus",
    "tissue": {"name": "spinal cord", "uberon": "UBERON:0002240", "level": "spinal"}, "assay": "mrna", "source": "made",
    "model": "none", "intervention": "none", "design": "~ condition", "feature_id": "symbol",
    "counts": {"format": "tsv", "layout": "matrix", "path": "counts.tsv"},
}  # fmt: skip
SHEET = "sample\tcondition\n" + "".join(f"{name}\t{arm}\n" for name, arm in SAMPLES)
CONTRASTS = (
    "contrast\tfactor\tnumerator\tdenominator\tcovariates\trole\n"
    "model_vs_control\tcondition\tmodel\tcontrol\t\tmodel\nea_vs_model\tcondition\tEA\tmodel\t\ttreatment\n"
)
NAMES = [f"Gene{i:02d}" for i in range(1, 31)]
ROWS = [[(7 * i + 3 * j) % 11 * (i + 1) + 10 * j for j in range(9)] for i in range(30)]
COUNTS = "\t".join(["gene", *(name for name, _ in SAMPLES)]) + "\n"
COUNTS += "".join("\t".join([name, *map(str, row)]) + "\n" for name, row in zip(NAMES, ROWS, strict=True))
MTX = "%%MatrixMarket matrix coordinate integer general\n%\n30 9 270\n"
MTX += "".join(f"{i + 1} {j + 1} {ROWS[i][j]}\n" for i in range(30) for j in range(9))
SPEC: dict[str, Any] = {
    "format": "tsv", "layout": "matrix", "separator": None, "feature_column": None, "label_column": None,
    "value_column": None, "layer": None, "excluded_samples": [], "drop_columns": [], "drop_features": [],
    "rounding": "none", "low_counts": "error",
}  # fmt: skip


def _record(**counts: Any) -> dict[str, Any]:
    return {
        "samples": [{"sample": name, "condition": arm} for name, arm in SAMPLES],
        "counts": {**SPEC, **counts},
        "feature_id": "symbol",
        "simulated": False,
    }


def _content(folder: Path, *names: str, **counts: Any) -> object:
    from acuomics.inputs.content import check_content

    problems = Problems()
    return check_content(_record(**counts), [str(folder / name) for name in names], None, 0.999, problems)


def _with_problems(read: Callable[..., object], name: str, *rest: Any, **options: Any) -> Read:
    """A reader that takes a path, `rest` and a collector of problems."""

    def call(folder: Path) -> object:
        problems = Problems()
        return read(str(folder / name), *rest, problems, **options)

    return call


def _study(folder: Path) -> object:
    from acuomics.catalogue.study import read_study

    return read_study("small", folder, folder, 2, Problems())


def _published(folder: Path) -> object:
    from acuomics.catalogue.study import read_study

    return read_study("zou2019", folder, folder, 2, Problems())


def _ena(folder: Path) -> object:
    from acuomics.acquire.ena import resolve_ena

    return resolve_ena("PRJNA1", Answers((folder / "ena.tsv").read_bytes()), Problems())  # type: ignore[arg-type]


def _soft(folder: Path) -> object:
    from acuomics.acquire.soft import parse_family, read_family

    content = (folder / "family.soft").read_bytes()
    if not content.startswith(b"\x1f\x8b"):
        return parse_family(content.decode("utf-8", errors="replace").splitlines(keepends=True))
    with contextlib.suppress(ValueError):  # what its only caller turns into a problem
        return read_family(content)
    return None


def _geo(folder: Path) -> object:
    from acuomics.acquire.geo import listed_files, listed_sizes

    text = (folder / "listing.html").read_bytes().decode("utf-8", errors="replace")
    return listed_files(text), listed_sizes((folder / "filelist.txt").read_bytes().decode("utf-8", errors="replace"))


def _collapse(folder: Path) -> object:
    from acuomics.smallrna.collapse import collapse
    from acuomics.smallrna.kits import Kit

    return collapse([folder / "reads.fastq"], Kit("truseq", "TGGAATTCTCGGGTGCCAAGG"))


def _scan(folder: Path) -> object:
    from acuomics.rnaseq.fastq import scan_file

    return scan_file(folder / "reads.fastq", 10, Problems())


def _statistics(folder: Path) -> object:
    from acuomics.intake.statistics import take_in_statistics

    record = {
        "study": "small", "assay": "mrna", "feature_id": "symbol", "claims": [],
        "contrasts": [{"contrast": "a", "numerator": "x", "denominator": "y", "factor": "condition", "role": "model"}],
        "statistics": {"format": "tsv", "feature_column": "gene", "log2fc_column": "lfc", "p_column": "p",
                       "contrast_column": None, "contrasts": {"a": "a"}, "q_column": "q", "test": "t"},
    }  # fmt: skip
    return take_in_statistics(record, str(folder / "stats.tsv"), names={})


def _transcripts(folder: Path) -> object:
    from acuomics.rnaseq.transcripts import read_transcripts

    return read_transcripts([folder / "cdna.fa"], folder / "genes.tsv", Problems())


def _mirbase(folder: Path) -> object:
    from acuomics.smallrna.mirbase import build_reference, read_hairpins, read_mature

    problems = Problems()
    matures, hairpins = read_mature(folder / "mature.fa", problems), read_hairpins(folder / "hairpin.fa", problems)
    return build_reference(matures, hairpins, "rno", problems, "mature.fa")


def _names(folder: Path) -> object:
    from acuomics.catalogue.names.mirna_files import Entries, read_mature, read_names

    entries = Entries()
    for name in ("history.tsv", "aliases.txt"):
        read_names(folder / name, entries, Problems())
    read_mature(folder / "mature.fa", entries, Problems())
    return entries


def _gene_info(folder: Path) -> object:
    from acuomics.catalogue.names.gene_table import read_gene_names

    return read_gene_names(10116, folder / "gi.tsv", Problems())


def _json(folder: Path) -> object:
    from acuomics.files import read_json, read_tsv

    with contextlib.suppress(InputError):
        read_json(folder / "study.json")
    return read_tsv(folder / "table.tsv", dtype=str)


def _h5ad_seed() -> bytes:
    import tempfile

    import anndata
    import numpy as np
    import pandas as pd

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seed.h5ad"
        obs = pd.DataFrame(index=[name for name, _ in SAMPLES])
        var = pd.DataFrame(index=NAMES)
        anndata.AnnData(np.array(ROWS, dtype=np.float32).T, obs, var).write_h5ad(path)
        return path.read_bytes()


def _cells_mtx(folder: Path) -> object:
    from acuomics.singlecell.read import read_cells
    from acuomics.singlecell.settings import CellsInput

    return read_cells(folder / "matrix.mtx", CellsInput(), Problems())


def _quick_probe() -> None:
    """Damaged HDF5 is given up sooner than in a run: the files are small."""
    from acuomics.inputs import hdf5

    hdf5.SECONDS = 5.0


def _cells_h5ad(folder: Path) -> object:
    from acuomics.singlecell.read import read_cells
    from acuomics.singlecell.settings import CellsInput

    return read_cells(folder / "counts.h5ad", CellsInput(format="h5ad"), Problems())


def _read(path: Path) -> bytes:
    return path.read_bytes()


def targets() -> dict[str, Target]:
    """All readers by name."""
    from acuomics.acquire.plain import resolve_list
    from acuomics.acquire.table import read_files_table
    from acuomics.catalogue.claims import read_claims
    from acuomics.inputs.gene_table import read_gene_table
    from acuomics.inputs.strict_yaml import read_yaml
    from acuomics.inputs.table import read_table
    from acuomics.smallrna.kits import read_kits
    from tests.unit.acquire.test_acquire_resolve import FILELIST, HEADER, LISTING, PAIR, SINGLE, SOFT, TRIPLE

    _quick_probe()
    zou = RESOURCES / "studies" / "zou2019"
    study = yaml.safe_dump(STUDY, sort_keys=False).encode()
    folder = {"study.yaml": study, "samples.tsv": SHEET.encode(), "contrasts.tsv": CONTRASTS.encode()}
    files = (
        "file\tsample\trun\tmate\turl\tbytes\tmd5\tsha256\tsource\tresolved_on\n"
        f"a.fq.gz\ts\tr\t1\thttps://x.org/a.fq.gz\t10\t{'a' * 32}\t\tena\t2026-01-02\n"
        f"b.fq.gz\ts\tr\t2\tb.fq.gz\t10\t\t{'b' * 64}\tlocal\t2026-01-02\n"
    ).encode()
    triple = {"matrix.mtx": MTX.encode(), "features.tsv": "".join(f"{n}\t{n}\n" for n in NAMES).encode(),
              "barcodes.tsv": "".join(f"{n}\n" for n, _ in SAMPLES).encode()}  # fmt: skip
    stats = "gene\tlfc\tp\tq\n" + "".join(f"{n}\t{i / 7:.3f}\t{(i + 1) / 40}\t0.5\n" for i, n in enumerate(NAMES))
    mature = _fasta("rno-miR-{i}-5p MIMAT00000{i:02d} Rattus norvegicus miR-{i}-5p", 20, 22)
    hairpin = _fasta("rno-mir-{i} MI00000{i:02d} Rattus norvegicus miR-{i} stem-loop", 20, 80)
    history = "accession\ttype\tversion\tname\n" + "".join(
        f"MIMAT00000{i:02d}\tmature\tv{v}\trno-miR-{i}-5p\n" for i in range(10) for v in ("9_1", "22")
    )
    aliases = "".join(f"MIMAT00000{i:02d}\trno-miR-{i};rno-miR-{i}-5p;\n" for i in range(10))
    gene_info = "#tax_id\tGeneID\tSymbol\tLocusTag\tSynonyms\tdbXrefs\n" + "".join(
        f"10116\t{i}\tGene{i}\t-\tG{i}|Old{i}\t-\n" for i in range(1, 20)
    )
    genes = "ensgene\tentrez\tsymbol\n" + "".join(f"ENSRNOG{i:011d}\t{i}\tGene{i}\n" for i in range(1, 20))
    cdna = _fasta("ENSRNOT{i:011d}.1 cdna gene:ENSRNOG{i:011d}.2 gene_symbol:G{i}", 10, 60).replace(b"U", b"T")
    table = "transcript\tgene\tsymbol\n" + "".join(f"ENSRNOT{i:011d}\tg{i}\tG{i}\n" for i in range(10))
    published = {name: _read(zou / name) for name in ("study.yaml", "contrasts.tsv", "claims.tsv")}
    names = {"history.tsv": history.encode(), "aliases.txt": aliases.encode(), "mature.fa": mature}
    written = {"study.json": b'{"a": [1, 2, {"b": null}]}\n', "table.tsv": SHEET.encode()}
    kits = {"kits.tsv": _read(RESOURCES / "adapters" / "kits.tsv")}
    claims = {"claims.tsv": _read(zou / "claims.tsv")}
    h5ad = {"counts.h5ad": _h5ad_seed()}
    return {
        "fastq_small": Target({"reads.fastq": _reads(1)}, _collapse, 16),
        "fastq_mrna": Target({"reads.fastq": _reads(2)}, _scan, 16),
        "table": Target({"t.tsv": SHEET.encode()}, _with_problems(read_table, "t.tsv", "\t"), 12),
        "table_csv": Target({"t.csv": SHEET.replace("\t", ",").encode()}, _with_problems(read_table, "t.csv", ","), 6),
        "yaml": Target({"study.yaml": _read(zou / "study.yaml")}, _with_problems(read_yaml, "study.yaml"), 4),
        "study": Target(folder, _study, 5),
        "published": Target(published, _published, 1),
        "claims": Target(claims, _with_problems(read_claims, "claims.tsv", ["ea_vs_rtx"], []), 5),
        "files": Target({"files.tsv": files}, _with_problems(read_files_table, "files.tsv"), 6),
        "urls": Target({"urls.txt": b"https://x.org/a_1.fq.gz\nx/b.fq " + b"a" * 32 + b"\n"},
                       _with_problems(resolve_list, "urls.txt", None, ["s"]), 4),
        "ena": Target({"ena.tsv": (HEADER + PAIR + TRIPLE + SINGLE).encode()}, _ena, 6),
        "soft": Target({"family.soft": SOFT.encode()}, _soft, 6),
        "geo": Target({"listing.html": LISTING.encode(), "filelist.txt": FILELIST.encode()}, _geo, 4),
        "counts_tsv": Target({"counts.tsv": COUNTS.encode()}, partial(_one, "counts.tsv", "tsv"), 4),
        "counts_csv": Target({"counts.csv": COUNTS.replace("\t", ",").encode()}, partial(_one, "counts.csv", "csv"), 2),
        "counts_mtx": Target(triple, _triple, 4),
        "counts_h5ad": Target(h5ad, partial(_one, "counts.h5ad", "h5ad"), 0.2),
        "cells_mtx": Target(triple, _cells_mtx, 1),
        "cells_h5ad": Target(h5ad, _cells_h5ad, 0.2),
        "statistics": Target({"stats.tsv": stats.encode()}, _statistics, 2),
        "mirbase": Target({"mature.fa": mature, "hairpin.fa": hairpin}, _mirbase, 6),
        "names": Target(names, _names, 6),
        "gene_info": Target({"gi.tsv": gene_info.encode()}, _gene_info, 4),
        "gene_table": Target({"g.tsv": genes.encode()}, _with_problems(read_gene_table, "g.tsv"), 4),
        "transcripts": Target({"cdna.fa": cdna, "genes.tsv": table.encode()}, _transcripts, 3),
        "kits": Target(kits, _with_problems(read_kits, "kits.tsv"), 4),
        "intermediates": Target(written, _json, 3),
    }  # fmt: skip


def _one(name: str, form: str, folder: Path) -> object:
    return _content(folder, name, format=form)


def _triple(folder: Path) -> object:
    names = ("matrix.mtx", "features.tsv", "barcodes.tsv")
    return _content(folder, *names, format="mtx", feature_column=1)
