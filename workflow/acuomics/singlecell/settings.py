"""What a study says about its cells (`cells:` of study.yaml), and the numbers that the stage runs with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FORMATS = ("auto", "10x_mtx", "10x_h5", "h5ad", "mtx")


@dataclass(frozen=True)
class CellsInput:
    """Where the cells are, and what is known of them.

    Attributes
    ----------
    format : str
        One of `FORMATS`; ``auto`` goes by the name: a folder or ``.mtx`` is a triple, ``.h5`` is 10x, ``.h5ad``.
    path : str or None
        One file that holds all libraries; None where the sheet has a path a library.
    library_column : str or None
        Column of the h5ad's ``obs`` that names the library; only with `path`.
    label_column : str or None
        Column of ``obs`` with the study's own cell types; None: types are called from markers.
    layer : str or None
        The layer with raw counts (``X``, ``raw`` or a name); None: it is looked for.
    symbol_column : str or None
        Column of the h5ad's ``var`` with gene symbols; None: the feature names serve as labels.
    panels : tuple of str
        Which marker panels of ``resources/cells/markers.tsv`` apply.
    """

    format: str = "auto"
    path: str | None = None
    library_column: str | None = None
    label_column: str | None = None
    layer: str | None = None
    symbol_column: str | None = None
    panels: tuple[str, ...] = ()

    @classmethod
    def from_study(cls, cells: Mapping[str, Any]) -> CellsInput:
        """Read the ``cells`` section of a study.yaml, as ``workflow/schemas/cells.schema.json`` describes it."""
        known = {name: cells[name] for name in cls.__dataclass_fields__ if cells.get(name) is not None}
        return cls(**(known | {"panels": tuple(cells.get("panels", ()))}))


@dataclass(frozen=True)
class CellSettings:
    """Numbers of the stage.

    Attributes
    ----------
    fewest_cells : int
        A library with fewer cells is refused: no threshold can be taken from it.
    mads, mito_mads : float
        How many scaled median absolute deviations a cell may lie from its library's median: log counts and log
        genes (both sides), mitochondrial fraction (upper side).
    doublet_rate : float
        Expected share of doublets (scrublet's prior).
    n_hvg, n_pcs, n_neighbors : int
        Highly variable genes at most, principal components, neighbours of the graph (the cell itself included).
    resolutions : tuple of float
        Leiden resolutions tried, ascending.
    subsamples : int
        Subsamples (of `subsample_share` of the cells) over which a clustering's stability is taken.
    least_score, least_margin : float
        A cluster gets a type when its score is at least the first and leads the second type's by the second.
    min_cells : int
        Cells of a type that an animal needs to count as a sample of it.
    seed : int
        Every random step starts here.
    """

    fewest_cells: int = 50
    mads: float = 5.0
    mito_mads: float = 3.0
    doublet_rate: float = 0.06
    n_hvg: int = 2000
    n_pcs: int = 30
    n_neighbors: int = 15
    resolutions: tuple[float, ...] = (0.3, 0.8, 2.0)
    subsamples: int = 3
    subsample_share: float = 0.8
    least_score: float = 0.2
    least_margin: float = 0.1
    min_cells: int = 10
    seed: int = 20190523

    @classmethod
    def from_config(cls, settings: Mapping[str, Any], seed: int) -> CellSettings:
        """Read ``singlecell`` of the configuration."""
        return cls(**{**settings, "resolutions": tuple(sorted(settings["resolutions"]))}, seed=seed)
