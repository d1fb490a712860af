"""Reads to gene counts beside salmon on the same transcripts: airway, chromosome 1, four paired samples.

The reference is a tenth of a chromosome, and the reads are of few genes there, many with few counts. A quarter of the
pairs come from elsewhere in the genome, so that no transcript holds both mates: kallisto asks for exact words of 31
bases that agree on a transcript and drops many of them; salmon scores alignments and counts many by one mate alone.
Several columns tell how much of the difference that is: both programs on the pairs that lie whole on a transcript, as
a third program (bowtie) has them; salmon against itself with ``--minScoreFraction 0.8`` instead of 0.65; and both on
reads simulated from these transcripts, where the truth is known.
"""

from __future__ import annotations

import gzip
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from acuomics.files import read_tsv
from acuomics.problems import InputError
from acuomics.rnaseq.engines import ENGINES, find_engine, run_program
from acuomics.rnaseq.fasta import fasta_sequences
from acuomics.rnaseq.index import load_index, write_index
from acuomics.rnaseq.run import GatheredPaths, count_sample, gather_study
from acuomics.rnaseq.settings import CountSettings
from tests.benchmark.output import finish, need_real_data, show
from tests.rnaseq import Tiny, simulate_pairs

REPO = Path(__file__).resolve().parents[2]
RESOURCES = REPO / "resources" / "rnaseq"
#: Genes with fewer counts in either answer are not ranked: chance orders them.
LEAST = 10
#: Share of a perfect alignment score; salmon's own limit is 0.65.
STRICT = 0.8
#: What a pair may have that lies whole on a transcript: mismatches in a mate, bases from end to end.
MISMATCHES, LONGEST = 3, 1000

Files = Mapping[str, Sequence[Path]]


def gene_counts(engine: str, fasta: Path, files: Files, out: Path) -> tuple[pd.DataFrame, float]:
    """Count all samples with one engine; give genes x samples and the seconds."""
    begin = time.perf_counter()
    write_index(fasta, None, out / "index", engine=engine)
    index = out / "index" / "index.json"
    counted = {}
    for sample, reads in files.items():
        counted[sample] = out / f"{sample}.tsv", out / f"{sample}.json"
        settings = CountSettings(engine=engine)
        count_sample(sample, reads, index, fasta, RESOURCES / "adapters.tsv", *counted[sample], settings=settings)
    paths = GatheredPaths(*(out / name for name in ("counts.tsv", "lengths.tsv", "tpm.tsv", "qc.tsv", "f.json", "m")))
    gather_study(counted, index, RESOURCES / "markers.tsv", 9606, {}, paths)
    table = read_tsv(out / "counts.tsv", index_col="gene").drop(columns="symbol")
    return table, time.perf_counter() - begin


def genes_of(out: Path) -> pd.Series[str]:
    """Transcript to gene."""
    genes: pd.Series[str] = read_tsv(load_index(out / "index" / "index.json").transcripts, index_col="transcript")[
        "gene"
    ]
    return genes


def stricter_salmon(files: Files, out: Path) -> pd.DataFrame:
    """Gene counts of salmon, with the index in `out`, of alignments scored at least `STRICT` of a perfect one."""
    program, index = find_engine("salmon").path, load_index(out / "index" / "index.json").path
    counts = {}
    for sample, (first, second) in files.items():
        target = out / f"strict_{sample}"
        options = ["-p", "1", "-l", "IU", "--minScoreFraction", STRICT, "-1", first, "-2", second]
        run_program([str(word) for word in (program, "quant", "-i", index, "-o", target, *options)])
        table = read_tsv(target / "quant.sf", index_col="Name")
        counts[sample] = table["NumReads"].groupby(genes_of(out)).sum()
    return pd.DataFrame(counts)


def whole_pairs(files: Files, fasta: Path, folder: Path) -> Files | None:
    """Keep the pairs that lie whole on a transcript, as a third program has them; None where bowtie is missing.

    Whole: both mates from end to end with at most `MISMATCHES` mismatches each, facing each other, on a fragment of at
    most `LONGEST` bases.
    """
    if shutil.which("bowtie") is None:
        return None
    folder.mkdir()
    (folder / "cdna.fa").write_bytes(gzip.decompress(fasta.read_bytes()))
    subprocess.run(["bowtie-build", "-q", folder / "cdna.fa", folder / "cdna"], check=True)
    kept = {}
    for sample, (first, second) in files.items():
        options = ["-v", str(MISMATCHES), "-X", str(LONGEST), "--quiet", "--al", folder / f"{sample}.fq"]
        command = ["bowtie", *options, "-x", folder / "cdna", "-1", first, "-2", second]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        kept[sample] = (folder / f"{sample}_1.fq", folder / f"{sample}_2.fq")
    return kept


def number_of_reads(path: Path) -> int:
    """Reads of a FASTQ file."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        return sum(1 for _ in lines) // 4


def simulated(sequences: dict[str, str], out: Path, folder: Path) -> tuple[Files, pd.DataFrame]:
    """Simulate reads of every transcript as many as kallisto found of it; give the files and the true gene counts."""
    genes = genes_of(out).to_dict()
    source = Tiny(sequences, genes)
    files, truth = {}, {}
    for seed, path in enumerate(sorted(out.glob("SRR*.tsv"))):
        mean = read_tsv(path, index_col="transcript")["count"]
        drawn = np.random.default_rng(seed).poisson(mean)
        counts = {n: int(x) for n, x in zip(mean.index, drawn, strict=True) if len(source.sequences[n]) >= 80}
        files[path.stem] = simulate_pairs(source, counts, folder / path.stem, seed=seed, length=63, error=0.004)
        truth[path.stem] = pd.Series(counts).groupby(genes).sum()
    return files, pd.DataFrame(truth)


def agreement(a: pd.Series[float], b: pd.Series[float]) -> tuple[float, int]:
    """Spearman over the genes with `LEAST` counts in both, and how many these are."""
    a, b = a.align(b, fill_value=0.0)
    ranked = (a >= LEAST) & (b >= LEAST)
    return float(a[ranked].corr(b[ranked], method="spearman")), int(ranked.sum())


def main() -> None:
    """Print the agreement sample by sample, and of the study; the JSON has the study's and the worst of the samples."""
    folder = need_real_data() / "fastq_mrna"
    if not folder.is_dir():
        sys.exit(f"this benchmark needs the airway reads; {folder} is not there")
    fasta = next(folder.glob("*.fa.gz"))
    files = {p.name.split("_")[0]: (p, Path(str(p).replace("_R1.", "_R2."))) for p in sorted(folder.glob("*_R1.*"))}
    with TemporaryDirectory() as place:
        root = Path(place)
        ours, seconds = gene_counts("kallisto", fasta, files, root / "kallisto")
        try:
            theirs, other = gene_counts("salmon", fasta, files, root / "salmon")
        except InputError as error:
            print(f"salmon did not run, so that nothing is compared:\n{error}")
            finish({"spearman_salmon": None, "total_rel_diff": None})
            return
        strict = stricter_salmon(files, root / "salmon")
        whole = whole_pairs(files, fasta, root / "whole")
        whole_counts, shares = {}, {}
        if whole is not None:
            whole_counts = {e: gene_counts(e, fasta, whole, root / "whole" / e)[0] for e in ENGINES}
            shares = {s: number_of_reads(whole[s][0]) / number_of_reads(files[s][0]) for s in files}
        (root / "simulated").mkdir()
        made, truth = simulated(dict(fasta_sequences(fasta)), root / "kallisto", root / "simulated")
        simulated_counts = {e: gene_counts(e, fasta, made, root / "simulated" / e)[0] for e in ENGINES}
    rows = []
    for sample in ours:
        a, b = ours[sample], theirs[sample]
        drawn = [simulated_counts[e][sample] for e in ENGINES]
        columns = [
            *agreement(a, b)[::-1],
            shares.get(sample),
            agreement(*(whole_counts[e][sample] for e in ENGINES))[0] if whole_counts else None,
            agreement(b, strict[sample])[0],
            agreement(*drawn)[0],
            *(agreement(counts, truth[sample])[0] for counts in drawn),
            float(abs(a.sum() - b.sum()) / b.sum()),
        ]
        rows.append([sample, *columns])
    header = [
        "sample",
        "genes",
        "spearman",
        "whole pairs",
        "spearman, whole",
        "salmon, strict",
        "simulated",
        "kallisto, truth",
        "salmon, truth",
        "rel. total",
    ]
    show(f"gene counts of kallisto and salmon, genes with {LEAST} counts in both", header, rows)
    pooled, genes = agreement(ours.sum(axis=1), theirs.sum(axis=1))
    print(f"\nthe four samples added up: {genes} genes, Spearman {pooled:.4f}")
    if whole_counts:
        added = [whole_counts[e].sum(axis=1) for e in ENGINES]
        value, genes = agreement(*added)
        print(f"the same, pairs that lie whole on a transcript: {genes} genes, Spearman {value:.4f}")
    else:
        print("bowtie is not on PATH (Debian, conda: bowtie), so that pairs that lie whole are not told apart")
    print(f"seconds, index to tables: kallisto {seconds:.1f}, salmon {other:.1f}")
    finish(
        {
            "spearman_salmon": pooled,
            "total_rel_diff": max(row[9] for row in rows),
            "spearman_worst_sample": min(row[2] for row in rows),
            "spearman_whole_worst_sample": min(row[4] for row in rows) if whole_counts else None,
            "spearman_salmon_with_itself_strict": min(row[5] for row in rows),
            "spearman_simulated": min(row[6] for row in rows),
            "spearman_simulated_kallisto_truth": min(row[7] for row in rows),
            "spearman_simulated_salmon_truth": min(row[8] for row in rows),
        }
    )


if __name__ == "__main__":
    main()
