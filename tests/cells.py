"""The simulated single-cell study, for the tests and for the benchmark."""

from __future__ import annotations

from typing import Any

import pandas as pd
import yaml

from acuomics.recovery.score import score
from acuomics.simulate.cells import SimulatedCells
from acuomics.singlecell.analyse import Analysis
from acuomics.singlecell.cluster import adjusted_rand
from acuomics.singlecell.settings import CellsInput
from tests.realdata import REPO

CELLS = REPO / "resources" / "cells"
DEMO = REPO / "resources" / "studies" / "demo_phn_sc"
SEED = 20190523
KANG = CellsInput(format="h5ad", path="kang_muscat.h5ad", library_column="sample_id", panels=("blood",))
#: What the study of Kang et al. calls the types of our panel.
KANG_TYPES = {
    "B cells": "B cell",
    "CD14+ Monocytes": "CD14+ monocyte",
    "CD4 T cells": "CD4+ T cell",
    "CD8 T cells": "CD8+ T cell",
    "FCGR3A+ Monocytes": "FCGR3A+ monocyte",
}


def demo_record() -> tuple[dict[str, Any], dict[str, Any]]:
    """The demo's record as far as single cells need it, and its ``cells`` section."""
    record = yaml.safe_load((DEMO / "study.yaml").read_text())
    contrasts = pd.read_csv(DEMO / "contrasts.tsv", sep="\t", keep_default_na=False)
    record["contrasts"] = [row | {"covariates": []} for row in contrasts.to_dict("records")]
    return record, record.pop("cells")


def cluster_agreement(simulated: SimulatedCells, analysis: Analysis) -> float:
    """Adjusted Rand index of the clusters to the true types, over the cells that passed quality control."""
    return adjusted_rand(true_types(simulated, analysis).to_numpy(), analysis.map["cluster"].to_numpy())


def true_types(simulated: SimulatedCells, analysis: Analysis) -> pd.Series:
    """True type of every cell of the map."""
    truth = simulated.cells.set_index(simulated.cells["library"] + ":" + simulated.cells["barcode"])["cell_type"]
    return truth.loc[analysis.map["barcode"]]


def effects_found(simulated: SimulatedCells, analysis: Analysis, record: dict[str, Any]) -> pd.DataFrame:
    """Recall and observed false discovery of expression changes at q < 0.05, by type, from the pseudobulk."""
    from acuomics.de.study import analyse_study

    parts = []
    for row in analysis.types[analysis.types["analysable"]].itertuples():
        counts = analysis.sums[row.cell_type]
        samples = analysis.samples[analysis.samples["sample"].isin(counts.columns)].to_dict("records")
        result = analyse_study(
            record | {"samples": samples, "study": row.slug},
            counts.rename_axis("feature").reset_index(),
            list(analysis.symbols),
            engine="deseq2",
            rate=0.05,
            power=0.8,
        )
        truth = simulated.truth[simulated.truth["cell_type"] == row.cell_type]
        roles = {c["contrast"]: c["role"] for c in record["contrasts"]}
        table = score(truth, result.tables, roles, {}, q_de=0.05, q_reversal=0.05).table
        parts.append(table.assign(cell_type=row.cell_type, n_cells=row.n_cells))
    return pd.concat(parts, ignore_index=True)
