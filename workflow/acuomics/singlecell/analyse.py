"""The stage from cells to tables, and the files it leaves behind: what the rules call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from acuomics.problems import Problems
from acuomics.singlecell.celltypes import UNASSIGNED, cluster_means, type_cells
from acuomics.singlecell.cluster import Clustering, cluster_cells
from acuomics.singlecell.composition import compare_composition
from acuomics.singlecell.libraries import Libraries, read_libraries
from acuomics.singlecell.markers import SPECIES, locate_markers, read_markers
from acuomics.singlecell.normalise import log_normalise, variable_genes
from acuomics.singlecell.pseudobulk import aggregate, count_cells, judge_types
from acuomics.singlecell.qc import judge_cells, mitochondrial
from acuomics.singlecell.settings import CellSettings, CellsInput
from acuomics.singlecell.take_in import take_in_cells
from acuomics.singlecell.write import write_analysis

if TYPE_CHECKING:
    import anndata

#: Fewer cells than this after quality control have no clusters to speak of.
FEWEST_KEPT = 30


@dataclass(frozen=True)
class Analysis:
    """All results of one study; tables as `acuomics.singlecell.write.write_analysis` describes them.

    Attributes
    ----------
    cells, bounds, losses : pandas.DataFrame
        Of quality control (`acuomics.singlecell.qc.judge_cells`), all cells.
    map : pandas.DataFrame
        ``library, barcode, sample``, factors, ``cluster, fine_cluster, cell_type, umap1, umap2``; cells that stayed.
    clusters, scores, resolutions, dots : pandas.DataFrame
    samples : pandas.DataFrame
        Animals and their factors.
    sums : dict of str to pandas.DataFrame
        Pseudobulk counts by type.
    numbers : pandas.DataFrame
        Cells, samples x types.
    types, composition : pandas.DataFrame
    symbols : pandas.Series
        Labels of the features.
    facts : dict
        For ``singlecell.json``.
    """

    cells: pd.DataFrame
    bounds: pd.DataFrame
    losses: pd.DataFrame
    map: pd.DataFrame
    clusters: pd.DataFrame
    scores: pd.DataFrame
    resolutions: pd.DataFrame
    dots: pd.DataFrame
    samples: pd.DataFrame
    sums: dict[str, pd.DataFrame]
    numbers: pd.DataFrame
    types: pd.DataFrame
    composition: pd.DataFrame
    symbols: pd.Series[str]
    facts: dict[str, Any]


def analyse(
    data: anndata.AnnData,
    libraries: Libraries,
    record: Mapping[str, Any],
    spec: CellsInput,
    settings: CellSettings,
    resources: str | Path,
) -> Analysis:
    """From raw counts of cells to types, pseudobulk and composition.

    Parameters
    ----------
    data : anndata.AnnData
        From `acuomics.singlecell.take_in.take_in_cells`.
    libraries : Libraries
    record : mapping
        Study record; ``taxon, design, contrasts`` are used.
    spec : CellsInput
    settings : CellSettings
    resources : path
        ``resources/cells``.

    Raises
    ------
    InputError
        For marker panels that do not exist, or when hardly a cell is left.
    """
    resources, taxon = Path(resources), int(record["taxon"])
    markers = pd.DataFrame(columns=["cell_type", "symbol", "weight", "at", "feature"])
    if spec.panels and (spec.label_column is None or taxon in SPECIES):
        panel = read_markers(resources / "markers.tsv", spec.panels, taxon)
        markers = locate_markers(panel, data.var_names, data.var["symbol"])
    mito = mitochondrial(data.var_names, data.var["symbol"], taxon, resources / "mitochondrial.tsv")
    cells, bounds, losses, warnings = judge_cells(data, mito, settings)
    kept = data[np.flatnonzero((cells["lost"] == "").to_numpy())].copy()
    if kept.n_obs < FEWEST_KEPT:
        problems = Problems()
        fix = "look at the raw data: these may be empty droplets, or no single cells at all"
        problems.add(libraries.file, f"{kept.n_obs} of {data.n_obs} cells pass quality control", fix)
        problems.raise_if_any()
    clustering, logged, graph = _cluster(kept, libraries, settings)
    called, clusters, scores = type_cells(logged, graph, clustering.fine, markers, settings)
    types = called if spec.label_column is None else _given_labels(kept.obs["label"])
    if spec.label_column is None and markers.empty:
        warnings.append("no labels and no markers: no cell has a type")
    factors = list(libraries.factors)
    place = kept.obs[["library", "barcode", "sample", *factors]].reset_index(drop=True)
    place = place.assign(cluster=clustering.labels, fine_cluster=clustering.fine, cell_type=types)
    place["umap1"], place["umap2"] = clustering.umap[:, 0], clustering.umap[:, 1]
    numbers = count_cells(kept, types, libraries.samples)
    judged = judge_types(numbers, libraries.samples, record["contrasts"], settings.min_cells)
    facts = {
        "n_cells": int(data.n_obs),
        "n_kept": int(kept.n_obs),
        "n_unassigned": int((types == UNASSIGNED).sum()),
        "n_genes": int(data.n_vars),
        "n_not_genes": int(data.uns["not_genes"]),
        "n_mitochondrial": int(mito.sum()),
        "matrix": list(data.uns["matrix"]),
        "labels": "study" if spec.label_column is not None else "markers",
        "batch_corrected": libraries.batched,
        "types_looked_for": sorted(set(markers["cell_type"])),
        "versions": {name: version(name) for name in ("anndata", "igraph", "scanpy")},
        "warnings": warnings,
    }
    return Analysis(
        cells=cells,
        bounds=bounds,
        losses=losses,
        map=place,
        clusters=clusters,
        scores=scores,
        resolutions=clustering.resolutions,
        dots=_dots(logged, types, markers),
        samples=libraries.samples,
        sums=aggregate(kept, types),
        numbers=numbers,
        types=judged,
        composition=compare_composition(numbers, libraries.samples, record["contrasts"], record["design"]),
        symbols=kept.var["symbol"],
        facts=facts,
    )


def _cluster(kept: anndata.AnnData, libraries: Libraries, settings: CellSettings) -> tuple[Clustering, Any, Any]:
    """Clusters, log-normalised expression of all genes, and the neighbour graph."""
    import anndata

    scaled, logged = log_normalise(kept.X)
    groups = kept.obs["batch" if libraries.batched else "library"].to_numpy(str)
    chosen = variable_genes(scaled, groups, settings.n_hvg)
    del scaled
    obs = kept.obs[["batch"]] if libraries.batched else pd.DataFrame(index=kept.obs_names)
    varied = anndata.AnnData(logged[:, np.flatnonzero(chosen)], obs.copy())
    clustering = cluster_cells(varied, batched=libraries.batched, settings=settings)
    return clustering, logged, varied.obsp["connectivities"]


def _given_labels(labels: pd.Series[str]) -> np.ndarray[Any, Any]:
    """The study's own types; cells without one are `UNASSIGNED`."""
    missing = labels.isin(["", "nan", "NA", "None", "<NA>"]).to_numpy()
    return np.where(missing, UNASSIGNED, labels.to_numpy(str))


def _dots(logged: Any, types: np.ndarray[Any, Any], markers: pd.DataFrame) -> pd.DataFrame:
    """Mean expression and share of cells with counts, of every positive marker in every type, for a dot plot."""
    positive = markers[markers["weight"] > 0].drop_duplicates(["cell_type", "feature"])
    columns = ["marker_of", "feature", "symbol", "cell_type", "mean", "share"]
    if positive.empty:
        return pd.DataFrame(columns=columns)
    names = sorted(set(types.tolist()))
    labels = np.searchsorted(names, types)
    values = logged[:, positive["at"].to_numpy(int)]
    mean, share = cluster_means(values, labels), cluster_means((values > 0).astype(np.float64), labels)
    rows = [
        (row.cell_type, row.feature, row.symbol, name, mean[i, j], share[i, j])
        for j, row in enumerate(positive.itertuples())
        for i, name in enumerate(names)
    ]
    return pd.DataFrame(rows, columns=columns)


def run_cells(
    record: Mapping[str, Any],
    files: Sequence[str | Path],
    resources: str | Path,
    folder: str | Path,
    settings: Mapping[str, Any],
    seed: int,
) -> Analysis:
    """What the rule calls: the study's files in, the folder of results out.

    Parameters
    ----------
    record : mapping
        The study record, ``cells`` in it.
    files : sequence of path
        The file of all libraries, or one a library in the order of the record.
    resources : path
        ``resources/cells``.
    folder : path
        Where the results go (see `acuomics.singlecell.write.write_analysis`).
    settings : mapping
        ``singlecell`` of the configuration.
    seed : int

    Raises
    ------
    InputError
        With every fault of the input; nothing is written then.
    """
    cells, chosen = record["cells"], CellSettings.from_config(settings, seed)
    table = pd.DataFrame(cells["libraries"], dtype=str)
    section = dict(cells["section"])
    if "path" in table:
        table["path"] = [str(path) for path in files]
    else:
        (section["path"],) = (str(path) for path in files)
    libraries = Libraries("samples.tsv", table, tuple(_factors(record)))
    spec = CellsInput.from_study(section)
    return _take_in_and_analyse(libraries, spec, record, resources, folder, ".", chosen)


def analyse_record(
    record: Mapping[str, Any],
    section: Mapping[str, Any],
    sheet: str | Path,
    resources: str | Path,
    folder: str | Path,
    *,
    cells: str | Path | None = None,
    data_root: str | Path = ".",
    settings: CellSettings | None = None,
) -> Analysis:
    """Analyse the cells of a study whose sheet has not been read.

    Parameters
    ----------
    record : mapping
        The study record.
    section : mapping
        ``cells`` of study.yaml.
    sheet : path
        The sheet of libraries.
    resources : path
        ``resources/cells``.
    folder : path
        Where the results go (see `acuomics.singlecell.write.write_analysis`).
    cells : path, optional
        The file of all libraries, instead of the one that `section` names (simulated studies).
    data_root : path
        What paths in `section` and sheet are relative to.
    settings : CellSettings, optional

    Raises
    ------
    InputError
        With every fault of the input; nothing is written then.
    """
    settings = settings or CellSettings()
    spec = CellsInput.from_study(section if cells is None else {**section, "path": str(Path(cells).resolve())})
    problems = Problems()
    libraries = read_libraries(sheet, problems, factors=_factors(record), paths_needed=spec.path is None)
    problems.raise_if_any()
    assert libraries is not None
    return _take_in_and_analyse(libraries, spec, record, resources, folder, data_root, settings)


def _take_in_and_analyse(
    libraries: Libraries,
    spec: CellsInput,
    record: Mapping[str, Any],
    resources: str | Path,
    folder: str | Path,
    data_root: str | Path,
    settings: CellSettings,
) -> Analysis:
    data = take_in_cells(libraries, spec, int(record["taxon"]), settings.fewest_cells, data_root=data_root)
    analysis = analyse(data, libraries, record, spec, settings, resources)
    write_analysis(analysis, folder, settings.min_cells)
    return analysis


def _factors(record: Mapping[str, Any]) -> list[str]:
    from acuomics.designs import factors_of

    named = [part for contrast in record["contrasts"] for part in contrast["factor"].split(":")]
    return list(dict.fromkeys([*factors_of(record["design"]), *named]))
