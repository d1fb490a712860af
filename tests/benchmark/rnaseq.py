"""Reads to gene counts beside salmon on the same transcripts: airway, chromosome 1, four paired samples.

The reference is a tenth of a chromosome. salmon, which forgives mismatches, places reads of repeats (Alu) from
anywhere on the few transcripts here that hold one (as on an intron kept in PARK7); kallisto asks for exact words of
31 bases and does not. Genes of ten to fifty counts differ by that, and few genes have more.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from acuomics.files import read_tsv
from acuomics.problems import InputError
from acuomics.rnaseq.run import GatheredPaths, count_sample, gather_study, index_transcripts
from acuomics.rnaseq.settings import CountSettings
from tests.benchmark.output import finish, need_real_data, show

REPO = Path(__file__).resolve().parents[2]
RESOURCES = REPO / "resources" / "rnaseq"
#: Genes with fewer counts in either answer are not ranked: chance orders them.
LEAST = 10


def gene_counts(engine: str, folder: Path, out: Path) -> tuple[pd.DataFrame, float]:
    """Count all samples with one engine; give genes x samples and the seconds."""
    begin = time.perf_counter()
    fasta = next(folder.glob("*.fa.gz"))
    index_transcripts(fasta, None, out / "cache", out / "index.json", engine=engine)
    counted = {}
    for first in sorted(folder.glob("*_R1.fastq.gz")):
        sample = first.name.split("_")[0]
        counted[sample] = out / f"{sample}.tsv", out / f"{sample}.json"
        files = [first, folder / f"{sample}_R2.fastq.gz"]
        settings = CountSettings(engine=engine)
        count_sample(
            sample, files, out / "index.json", fasta, RESOURCES / "adapters.tsv", *counted[sample], settings=settings
        )
    paths = GatheredPaths(*(out / name for name in ("counts.tsv", "lengths.tsv", "tpm.tsv", "qc.tsv", "f.json", "m")))
    gather_study(counted, out / "index.json", RESOURCES / "markers.tsv", 9606, {}, paths)
    return read_tsv(out / "counts.tsv", index_col="gene").drop(columns="symbol"), time.perf_counter() - begin


def main() -> None:
    """Print the agreement sample by sample; the JSON has the worst of each."""
    folder = need_real_data() / "fastq_mrna"
    if not folder.is_dir():
        sys.exit(f"this benchmark needs the airway reads; {folder} is not there")
    with TemporaryDirectory() as place:
        ours, seconds = gene_counts("kallisto", folder, Path(place) / "kallisto")
        try:
            theirs, other = gene_counts("salmon", folder, Path(place) / "salmon")
        except InputError as error:
            print(f"salmon did not run, so that nothing is compared:\n{error}")
            finish({"spearman_salmon": None, "total_rel_diff": None})
            return
    rows = []
    for sample in ours:
        a, b = ours[sample], theirs[sample]
        ranked = (a >= LEAST) & (b >= LEAST)
        either = (a >= LEAST) | (b >= LEAST)
        spearman = [float(a[part].corr(b[part], method="spearman")) for part in (ranked, either)]
        difference = float(abs(a.sum() - b.sum()) / b.sum())
        rows.append([sample, int(ranked.sum()), *spearman, a.sum(), b.sum(), difference])
    pooled = pd.DataFrame({"a": ours.sum(axis=1), "b": theirs.sum(axis=1)})
    pooled = pooled[(pooled >= LEAST).all(axis=1)]
    header = ["sample", "genes", "spearman", "10 in either", "kallisto", "salmon", "rel. difference"]
    show(f"gene counts of kallisto and salmon, genes with {LEAST} counts in both", header, rows)
    spearman = pooled["a"].corr(pooled["b"], method="spearman")
    print(f"\nthe four samples added up: {len(pooled)} genes, Spearman {spearman:.4f}")
    print(f"seconds, index to tables: kallisto {seconds:.1f}, salmon {other:.1f}")
    finish({"spearman_salmon": min(row[2] for row in rows), "total_rel_diff": max(row[6] for row in rows)})


if __name__ == "__main__":
    main()
