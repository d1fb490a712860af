"""Read what `de` left, test one pair, write its table and summary."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acuomics.de.offsets import offsets_of
from acuomics.files import read_json, read_parquet, read_tsv, write_json, write_tsv
from acuomics.reversal.pair import reversal_table, summarise
from acuomics.reversal.permutation import permutation_null


def run_pair(
    pair: str,
    *,
    record: str | Path,
    counts: str | Path,
    tables: str | Path,
    covariance: str | Path,
    fit: str | Path,
    lengths: str | Path | None = None,
    table: str | Path,
    summary: str | Path,
    rate: float,
    alpha: float,
    bound: float,
    draws: int,
    seed: int,
) -> None:
    """Test `pair` of the study in `record`; paths are those of rule ``test_reversal``, the rest is in config.yaml."""
    study = read_json(record)
    chosen = next(p for p in study["reversal_pairs"] if p["pair"] == pair)
    facts = read_json(fit)
    model = read_tsv(Path(tables) / f"{chosen['model']}.tsv", dtype={"feature": str, "symbol": str})
    treatment = read_tsv(Path(tables) / f"{chosen['treatment']}.tsv", dtype={"feature": str, "symbol": str})
    result = reversal_table(
        model,
        treatment,
        _joint(covariance, chosen["model"], chosen["treatment"]),
        rate=rate,
        alpha=alpha,
        bound=bound,
    )
    samples = [sample["sample"] for sample in study["samples"]]
    frame = read_parquet(counts)
    matrix = frame[samples].to_numpy().T
    offsets = offsets_of(study["study"], frame, read_parquet(lengths) if lengths else None, samples)
    size_factors = pd.Series(facts["size_factors"])[samples].to_numpy() if offsets is None else offsets.factors
    # The draws are fitted by DESeq2's rules; the true labels must be counted by the same fit.
    observed = int(result["reversed"].sum()) if facts["engine"] == "deseq2" else None
    null = permutation_null(study, chosen, matrix, size_factors, draws=draws, rate=rate, seed=seed, observed=observed)
    write_tsv(result, table)
    write_json(summarise(result, model, treatment, chosen, null, rate=rate, alpha=alpha, bound=bound), summary)


def _joint(covariance: str | Path, a: str, b: str) -> NDArray[np.float64]:
    """Covariance of two contrasts, in whichever order the file names them."""
    names = {f"cov__{a}__{b}", f"cov__{b}__{a}"}
    frame = read_parquet(covariance)
    return frame[next(name for name in frame.columns if name in names)].to_numpy(dtype=float)
