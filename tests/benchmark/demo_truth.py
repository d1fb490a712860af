"""Recall and observed false discovery of the embedded studies against their planted truth, over 20 seeds.

Beside our calls at q < 0.05 stand those of the field's habits on the same fits: p < 0.05, and the Venn diagram.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from acuomics.catalogue.load import load_catalogue
from acuomics.de.kernels.filtering import adjust_bh
from acuomics.de.study import analyse_study
from acuomics.recovery.score import score
from acuomics.reversal.pair import reversal_table
from acuomics.simulate.counts import simulate_record
from tests.benchmark.output import finish, show
from tests.realdata import REPO

RATE = 0.05


def run_seed(study: str, record: dict[str, Any], seed: int) -> pd.DataFrame:
    """Scores of one study at one seed: the rows of recovery.tsv, and the habits' rows."""
    folder = REPO / "resources" / "studies" / study
    counts, truth = simulate_record(record, folder / "study.yaml", folder / "features.tsv", seed)
    result = analyse_study(
        record, counts.drop(columns="symbol"), list(counts["symbol"]), engine="deseq2", rate=RATE, power=0.8
    )
    pair = record["reversal_pairs"][0]
    model, treatment = result.tables[pair["model"]], result.tables[pair["treatment"]]
    covariance = result.covariance[f"cov__{pair['model']}__{pair['treatment']}"].to_numpy()
    reversal = reversal_table(model, treatment, covariance, rate=RATE, alpha=0.05, bound=0.585)
    roles = {c["contrast"]: c["role"] for c in record["contrasts"]}
    ours = score(truth, result.tables, roles, {pair["pair"]: reversal}, q_de=RATE, q_reversal=RATE).table
    # The habits, scored alike: a nominal p in place of q, the Venn list in place of the reversal test.
    nominal = {name: table.assign(q=table["p"]) for name, table in result.tables.items()}
    venn = reversal.assign(q_reversal=np.where(reversal["nominal_venn"], 0.0, 1.0))
    habit = score(truth, nominal, roles, {pair["pair"]: venn}, q_de=RATE, q_reversal=RATE).table
    plain = {name: table.assign(q=adjust_bh(table["p"].to_numpy())) for name, table in result.tables.items()}
    unfiltered = score(truth, plain, roles, {}, q_de=RATE, q_reversal=RATE).table
    parts = [ours.assign(recipe="q < 0.05"), habit.assign(recipe="p < 0.05 / Venn")]
    parts.append(unfiltered.assign(recipe="q < 0.05, no filter"))
    return pd.concat(parts).assign(study=study, seed=seed)


def measure(seeds: int) -> pd.DataFrame:
    """All scores of both embedded studies."""
    config = yaml.safe_load((REPO / "config.yaml").read_text())
    with tempfile.TemporaryDirectory() as folder:
        before = Path.cwd()
        os.chdir(folder)
        try:
            catalogue = load_catalogue(config, REPO / "resources" / "studies")
        finally:
            os.chdir(before)
    return pd.concat(
        [
            run_seed(name, study.record, seed)
            for name, study in catalogue.studies.items()
            for seed in range(1, seeds + 1)
        ],
        ignore_index=True,
    )


def main(seeds: int = 20) -> None:
    """Print the means by study, test and recipe."""
    scores = measure(seeds)
    scores = scores[scores["test"] != "de_detectable"]
    rows = [
        [*key, *part[["recall", "false_discovery"]].mean().tolist(), float(part["false_discovery"].sem())]
        for key, part in scores.groupby(["study", "test", "contrast", "recipe"], sort=True)
    ]
    header = ["study", "test", "contrast", "recipe", "recall", "observed FDR", "standard error"]
    show(f"Embedded studies against planted truth, mean of {seeds} seeds", header, rows)
    ours = scores[scores["recipe"] == "q < 0.05"]
    means = ours.groupby("test")[["recall", "false_discovery"]].mean()
    by_study = ours.groupby(["study", "test"])[["recall", "false_discovery"]].mean().reset_index()
    show("Means by study", list(by_study.columns), by_study.to_numpy().tolist())
    finish(
        {
            "fdr_de": means.loc["de", "false_discovery"],
            "fdr_reversal": means.loc["reversal", "false_discovery"],
            "recall_de": means.loc["de", "recall"],
            "recall_reversal": means.loc["reversal", "recall"],
        }
    )
