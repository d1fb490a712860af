"""Reads to gene counts beside salmon on the same transcripts: airway, chromosome 1, four paired samples.

The reference is a tenth of a chromosome, and the reads are of few genes there, many with few counts: reads from
elsewhere in the genome, repeats among them, weigh much. kallisto asks for exact words of 31 bases that agree on a
transcript; salmon scores alignments, and takes seven mismatches in 63 bases. Several lines tell how much of the
difference that is: kallisto against a salmon that asks for 0.8 of a perfect score (``--minScoreFraction``) instead of
0.65; that salmon against itself; both programs on reads simulated from these transcripts, where the truth is known;
the four samples added up; and, of the pairs that salmon gives to genes of which it counts twice as much, how many hold
words that agree on no transcript.
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
#: Bases of kallisto's words.
WORD = 31
OPPOSITE = str.maketrans("ACGT", "TGCA")

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


def run_salmon(files: Sequence[Path], out: Path, target: Path, *more: str) -> None:
    """Count one sample with salmon's index in `out`."""
    program, index = find_engine("salmon").path, load_index(out / "index" / "index.json").path
    words = [program, "quant", "-i", index, "-o", target, "-p", "1", "-l", "IU", "-1", files[0], "-2", files[1], *more]
    run_program([str(word) for word in words])


def stricter_salmon(files: Files, out: Path) -> pd.DataFrame:
    """Gene counts of salmon with alignments scored at least `STRICT` of a perfect one."""
    counts = {}
    for sample, reads in files.items():
        run_salmon(reads, out, out / f"strict_{sample}", "--minScoreFraction", str(STRICT))
        table = read_tsv(out / f"strict_{sample}" / "quant.sf", index_col="Name")
        counts[sample] = table["NumReads"].groupby(genes_of(out)).sum()
    return pd.DataFrame(counts)


def contested(
    files: Sequence[Path], out: Path, sequences: Mapping[str, str], genes: Sequence[str]
) -> tuple[int, int, int]:
    """Look at the read pairs that salmon gives to some genes: all; with no word of the transcripts; with words that
    agree on no transcript.

    A word is `WORD` bases in either direction, as kallisto has them; a pair belongs to the transcripts that hold all
    of its words that any transcript holds.
    """
    gene_of = genes_of(out)
    mapped = out / "mappings.sam"
    run_salmon(files, out, out / "mapped", f"--writeMappings={mapped}")
    fields = (line.split("\t", 3) for line in mapped.read_text().splitlines() if not line.startswith("@"))
    wanted = {name for name, _, transcript, _ in fields if gene_of[transcript] in set(genes)}
    holders: dict[str, set[str]] = {}
    for name, sequence in sequences.items():
        for word in words_of(sequence):
            holders.setdefault(word, set()).add(name)
    words: dict[str, list[set[str]]] = {name: [] for name in wanted}
    for path in files:
        with gzip.open(path, "rt") as lines:
            for header, sequence, _, _ in zip(*[lines] * 4, strict=True):
                if (name := header[1:].split()[0]) in wanted:
                    words[name] += [holders[word] for word in words_of(sequence.strip()) if word in holders]
    without = sum(not found for found in words.values())
    at_odds = sum(not set.intersection(*found) for found in words.values() if found)
    return len(wanted), without, at_odds


def words_of(sequence: str) -> list[str]:
    """The words of a sequence, each the smaller of its two directions."""
    forward = [sequence[at : at + WORD] for at in range(len(sequence) - WORD + 1)]
    return [min(word, word[::-1].translate(OPPOSITE)) for word in forward]


def read_fasta(path: Path) -> dict[str, str]:
    """The sequences of a gzipped FASTA file, by the first word of their names."""
    parts: dict[str, list[str]] = {}
    with gzip.open(path, "rt") as lines:
        for line in lines:
            if line.startswith(">"):
                parts[name := line[1:].split()[0]] = []
            else:
                parts[name].append(line.strip())
    return {name: "".join(found) for name, found in parts.items()}


def simulated(sequences: Mapping[str, str], out: Path, folder: Path) -> tuple[Files, pd.DataFrame]:
    """Simulate reads of every transcript as many as kallisto found of it; give the files and the true gene counts."""
    genes = genes_of(out).to_dict()
    source = Tiny(dict(sequences), genes)
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
        sequences = read_fasta(fasta)
        made, truth = simulated(sequences, at["kallisto"], at["simulated"])
        simulated_counts = {e: gene_counts(e, fasta, made, at[e[0]])[0] for e in ("kallisto", "salmon")}
        worst = min(ours, key=lambda sample: agreement(ours[sample], theirs[sample])[0])
        a, b = ours[worst].align(theirs[worst], fill_value=0.0)
        fewer = sorted(a.index[(a >= LEAST) & (b > 2 * a)])
        pairs, without, at_odds = contested(files[worst], at["salmon"], sequences, fewer)
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
    print(
        f"{worst}, {len(fewer)} genes of which salmon counts twice as much: of its {pairs} pairs there {without} hold "
        f"no word of {WORD} bases, and the words of {at_odds} agree on no transcript"
    )
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
