"""One process that the benchmark `de` measures: ``python -m tests.benchmark.de_worker <what> <folder>``.

``fit`` and ``reversal`` do what the scripts of those names do; ``pydeseq2`` and ``batched`` are PyDESeq2 with its own
and with our inference. Each prints, last, a line of JSON with the CPU seconds of its parts.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

Seconds = dict[str, float]


def study_files(folder: Path) -> dict[str, Path]:
    """Names of the files of a study in `folder`."""
    names = ("tables", "summary", "fit", "dispersions", "covariance", "transformed")
    suffixes = ("", ".tsv", ".json", ".parquet", ".parquet", ".parquet")
    return {name: folder / "de" / f"{name}{suffix}" for name, suffix in zip(names, suffixes, strict=True)}


def fit(folder: Path) -> Seconds:
    """What script ``fit_study`` does."""
    begin = time.process_time()
    import pandas as pd

    from acuomics.de.study import analyse_study
    from acuomics.de.write import write_study
    from acuomics.files import read_json, read_tsv

    imported = time.process_time()
    record = read_json(folder / "study.json")
    counts = pd.read_parquet(folder / "counts.parquet")
    symbols = read_tsv(folder / "features.tsv", dtype=str)["symbol"]
    read = time.process_time()
    result = analyse_study(record, counts, symbols, engine="deseq2", rate=0.05, power=0.8)
    done = time.process_time()
    write_study(result, **study_files(folder))
    return _parts(begin, imported, read, done, time.process_time())


def reversal(folder: Path) -> Seconds:
    """What script ``test_reversal`` does."""
    begin = time.process_time()
    from acuomics.files import read_json
    from acuomics.reversal.run import run_pair

    imported = time.process_time()
    files = study_files(folder)
    run_pair(
        read_json(folder / "study.json")["reversal_pairs"][0]["pair"],
        record=folder / "study.json",
        counts=folder / "counts.parquet",
        tables=files["tables"],
        covariance=files["covariance"],
        fit=files["fit"],
        table=folder / "reversal.tsv",
        summary=folder / "reversal.json",
        rate=0.05,
        alpha=0.05,
        bound=0.585,
        draws=20,
        seed=1,
    )
    done = time.process_time()
    return _parts(begin, imported, imported, done, done)


def library(folder: Path, inference: str) -> Seconds:
    """PyDESeq2: one fit, three Wald tests and three shrinkages (of coefficients that the one fit has)."""
    begin = time.process_time()
    import warnings

    import numpy as np
    import pandas as pd
    from pydeseq2.dds import DeseqDataSet
    from pydeseq2.default_inference import DefaultInference
    from pydeseq2.ds import DeseqStats

    from acuomics.de.batched import BatchedInference
    from acuomics.designs import contrast_vector, design_of
    from acuomics.files import read_json

    warnings.simplefilter("ignore")
    imported = time.process_time()
    record = read_json(folder / "study.json")
    counts = pd.read_parquet(folder / "counts.parquet").set_index("feature").T
    read = time.process_time()
    design = design_of(record)
    matrix = pd.DataFrame(design.matrix, index=counts.index, columns=list(design.columns))
    solver: Any = BatchedInference() if inference == "batched" else DefaultInference(n_cpus=1)
    metadata = pd.DataFrame({"sample": counts.index}, index=counts.index)
    data = DeseqDataSet(counts=counts, metadata=metadata, design=matrix, quiet=True, inference=solver)
    data.deseq2()
    written = {}
    for k, contrast in enumerate(record["contrasts"]):
        stats = DeseqStats(data, contrast=contrast_vector(design, contrast), quiet=True, inference=solver)
        stats.summary()
        written[contrast["contrast"]] = stats.results_df.copy()
        if np.count_nonzero(stats.contrast_vector) == 1:
            stats.lfc_shrink(design.columns[-1] if k else design.columns[1])
        else:  # as dear as shrinking the coefficient that another fit would have
            stats.lfc_shrink(design.columns[1])
    done = time.process_time()
    for name, table in written.items():
        extra = data.var[["genewise_dispersions", "dispersions"]]
        pd.concat([table, extra], axis=1).to_parquet(folder / f"{inference}.{name}.parquet")
    return _parts(begin, imported, read, done, time.process_time())


def _parts(begin: float, imported: float, read: float, done: float, end: float) -> Seconds:
    return {"imports": imported - begin, "reading": read - imported, "compute": done - read, "writing": end - done}


def main() -> None:
    what, folder = sys.argv[1], Path(sys.argv[2])
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "workflow"))
    jobs = {"fit": fit, "reversal": reversal}
    seconds = jobs[what](folder) if what in jobs else library(folder, what)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
