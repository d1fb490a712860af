"""Reads to gene counts beside salmon on the same transcripts: airway, chromosome 1, four paired samples.

The reference is a tenth of a chromosome, and the reads are of few genes there (14 to 99 have ten counts in a sample);
half of these have fewer than fifty, of reads that come from elsewhere in the genome: of the 44 reads that salmon gives
PARK7, 43 hold words of an Alu that are in several genes and agree on none. kallisto, which asks for exact words of 31
bases, drops them; salmon takes seven mismatches in 63 bases for an alignment. Four lines tell that from an error of
counting: kallisto against a salmon that asks for 0.8 of a perfect score (``--minScoreFraction``) instead of 0.65; that
salmon against itself; both programs on reads simulated from these transcripts, where the truth is known; and the four
samples added up.
"""

from __future__ import annotations

import gzip
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from acuomics.files import read_tsv
from acuomics.problems import InputError
from acuomics.rnaseq.engines import find_engine, run_program
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
    """Count with salmon's index in `out`, alignments scored at least `STRICT` of a perfect one."""
    program, index, counts = find_engine("salmon").path, load_index(out / "index" / "index.json").path, {}
    for sample, (first, second) in files.items():
        target = out / f"strict_{sample}"
        command = [
            program,
            "quant",
            "-i",
            index,
            "-o",
            target,
            "-p",
            "1",
            "-l",
            "IU",
            "--minScoreFraction",
            str(STRICT),
        ]
        run_program([*map(str, command), "-1", str(first), "-2", str(second)])
        counts[sample] = read_tsv(target / "quant.sf", index_col="Name")["NumReads"].groupby(genes_of(out)).sum()
    return pd.DataFrame(counts)


def simulated(fasta: Path, out: Path, folder: Path) -> tuple[Files, pd.DataFrame]:
    """Simulate reads of every transcript as many as kallisto found of it; give the files and the true gene counts."""
    names: list[str] = []
    parts: dict[str, list[str]] = {}
    with gzip.open(fasta, "rt") as lines:
        for line in lines:
            if line.startswith(">"):
                names.append(line[1:].split()[0])
                parts[names[-1]] = []
            else:
                parts[names[-1]].append(line.strip())
    genes = genes_of(out).to_dict()
    source = Tiny({name: "".join(parts[name]) for name in names}, genes)
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
    """Print the agreement sample by sample; the JSON has the worst of each."""
    folder = need_real_data() / "fastq_mrna"
    if not folder.is_dir():
        sys.exit(f"this benchmark needs the airway reads; {folder} is not there")
    fasta = next(folder.glob("*.fa.gz"))
    files = {p.name.split("_")[0]: (p, Path(str(p).replace("_R1.", "_R2."))) for p in sorted(folder.glob("*_R1.*"))}
    with TemporaryDirectory() as place:
        at = {name: Path(place) / name for name in ("kallisto", "salmon", "simulated", "k", "s")}
        ours, seconds = gene_counts("kallisto", fasta, files, at["kallisto"])
        try:
            theirs, other = gene_counts("salmon", fasta, files, at["salmon"])
        except InputError as error:
            print(f"salmon did not run, so that nothing is compared:\n{error}")
            finish({"spearman_salmon": None, "total_rel_diff": None})
            return
        strict = stricter_salmon(files, at["salmon"])
        at["simulated"].mkdir()
        made, truth = simulated(fasta, at["kallisto"], at["simulated"])
        simulated_counts = {e: gene_counts(e, fasta, made, at[e[0]])[0] for e in ("kallisto", "salmon")}
    rows = []
    for sample in ours:
        a, b = ours[sample], theirs[sample]
        pair = {e: counts[sample] for e, counts in simulated_counts.items()}
        columns = [
            *agreement(a, b)[::-1],
            agreement(a, strict[sample])[0],
            agreement(b, strict[sample])[0],
            agreement(pair["kallisto"], pair["salmon"])[0],
            *(agreement(pair[e], truth[sample])[0] for e in ("kallisto", "salmon")),
            float(abs(a.sum() - b.sum()) / b.sum()),
        ]
        rows.append([sample, *columns])
    header = [
        "sample",
        "genes",
        "spearman",
        "strict salmon",
        "salmon, strict",
        "simulated",
        "kallisto, truth",
        "salmon, truth",
    ]
    show(f"gene counts of kallisto and salmon, genes with {LEAST} counts in both", [*header, "rel. total"], rows)
    pooled, genes = agreement(ours.sum(axis=1), theirs.sum(axis=1))
    print(f"\nthe four samples added up: {genes} genes, Spearman {pooled:.4f}")
    print(f"seconds, index to tables: kallisto {seconds:.1f}, salmon {other:.1f}")
    finish(
        {
            "spearman_salmon": min(row[2] for row in rows),
            "total_rel_diff": max(row[8] for row in rows),
            "spearman_pooled": pooled,
            "spearman_strict_salmon": min(row[3] for row in rows),
            "spearman_salmon_with_itself_strict": min(row[4] for row in rows),
            "spearman_simulated": min(row[5] for row in rows),
            "spearman_simulated_kallisto_truth": min(row[6] for row in rows),
            "spearman_simulated_salmon_truth": min(row[7] for row in rows),
        }
    )


if __name__ == "__main__":
    main()
