"""The files that the stage leaves behind, all of them or none."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from acuomics.files import write_json, write_parquet, write_tsv
from acuomics.singlecell.pseudobulk import write_pseudobulk

if TYPE_CHECKING:
    from acuomics.singlecell.analyse import Analysis


def write_analysis(analysis: Analysis, folder: str | Path, min_cells: int) -> None:
    """Write everything below `folder`, whole or not at all.

    ``qc_cells.parquet`` (metrics of all cells, and the step that lost them), ``qc_thresholds.tsv``, ``qc_losses.tsv``,
    ``resolutions.tsv``, ``clusters.tsv``, ``cluster_scores.tsv``, ``markers.tsv`` (dot plot), ``umap.parquet``,
    ``cell_numbers.tsv``, ``cell_types.tsv``, ``composition.tsv``, ``singlecell.json``, and
    ``pseudobulk/<slug>/counts.tsv`` with its ``samples.tsv``.
    """
    folder = Path(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".part-") as name:
        at = Path(name) / "new"
        at.mkdir()
        cells = analysis.cells.reset_index(names="cell")
        for column in ("library", "lost"):
            cells[column] = cells[column].astype("category")
        write_parquet(cells, at / "qc_cells.parquet")
        write_tsv(analysis.bounds, at / "qc_thresholds.tsv")
        write_tsv(analysis.losses, at / "qc_losses.tsv")
        write_tsv(analysis.resolutions, at / "resolutions.tsv")
        write_tsv(analysis.clusters, at / "clusters.tsv")
        write_tsv(analysis.scores.reset_index(), at / "cluster_scores.tsv")
        write_tsv(analysis.dots, at / "markers.tsv")
        write_parquet(analysis.map, at / "umap.parquet")
        write_tsv(analysis.numbers.reset_index(), at / "cell_numbers.tsv")
        write_tsv(analysis.types, at / "cell_types.tsv")
        write_tsv(analysis.composition, at / "composition.tsv")
        write_pseudobulk(
            analysis.sums,
            analysis.types,
            analysis.numbers,
            analysis.samples,
            analysis.symbols,
            at / "pseudobulk",
            min_cells,
        )
        write_json(analysis.facts, at / "singlecell.json")
        if folder.exists():
            shutil.rmtree(folder)
        at.replace(folder)
