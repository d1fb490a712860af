"""The parameters of a simulated single-cell study, and its table of cell types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from acuomics.problems import Problems
from acuomics.simulate.classes import CLASSES, PLANTED, class_of

TYPE_COLUMNS = ("cell_type", "share", "log2_odds_model", "log2_odds_treatment")
EFFECT_COLUMNS = ("feature", "symbol", "cell_type", "class", "log2fc_model", "log2fc_treatment")


@dataclass(frozen=True)
class CellSpec:
    """How to simulate cells; the ``simulation`` part of ``cells`` in study.yaml.

    Attributes
    ----------
    n_genes : int
        All genes, the named ones included.
    invented_prefix, invented_digits : str, int
        What invented genes are called.
    factor, control, model, treated : str
        The column of the sheet with the arm, and its levels.
    cells_mean, cells_cv : float
        Cells a library (log-normal).
    depth_mean, depth_cv : float
        Counts a cell (log-normal).
    expression_log_sd : float
        Standard deviation of the natural log of genes' shares of the counts.
    type_log_sd : float
        How much any gene differs between types (natural log).
    invented_markers : int
        Invented genes that are high in one type only, for each type.
    marker_log2fc : float
        How much higher markers are in their type.
    animal_log_sd : float
        Variation of a gene between animals, within a type (natural log).
    proportion_log_sd : float
        Variation of types' odds between animals (natural log).
    mito_share, damaged_mito_share : float
        Mitochondrial share of the counts of a sound and of a damaged cell.
    doublet_share, damaged_share : float
        Share of barcodes with two cells, and with a damaged one (fewer counts, more of them mitochondrial).
    min_log2fc, max_log2fc, up_share : float
        Bounds of the planted absolute effects of invented genes, and share of increases.
    shares : mapping of str to float
        Share of the invented genes that gets each planted class, in every type anew.
    """

    n_genes: int
    invented_prefix: str = "SimGene"
    invented_digits: int = 5
    factor: str = "condition"
    control: str = "control"
    model: str = "RTX"
    treated: str = "RTX_EA"
    cells_mean: float = 1000.0
    cells_cv: float = 0.1
    depth_mean: float = 1500.0
    depth_cv: float = 0.35
    expression_log_sd: float = 1.1
    type_log_sd: float = 0.3
    invented_markers: int = 25
    marker_log2fc: float = 4.0
    animal_log_sd: float = 0.12
    proportion_log_sd: float = 0.1
    mito_share: float = 0.04
    damaged_mito_share: float = 0.3
    doublet_share: float = 0.03
    damaged_share: float = 0.02
    min_log2fc: float = 0.6
    max_log2fc: float = 1.8
    up_share: float = 0.5
    shares: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def from_study(cls, simulation: Mapping[str, Any]) -> CellSpec:
        """Read ``cells.simulation`` of a study.yaml, as ``workflow/schemas/cells.schema.json`` describes it."""
        nested = {
            "invented": {"prefix": "invented_prefix", "digits": "invented_digits"},
            "arms": {"control": "control", "model": "model", "treated": "treated"},
            "cells": {"mean": "cells_mean", "cv": "cells_cv"},
            "depth": {"mean": "depth_mean", "cv": "depth_cv"},
            "effects": {name: name for name in ("min_log2fc", "max_log2fc", "up_share", "shares")},
        }
        values: dict[str, Any] = {}
        for key, value in simulation.items():
            if key in nested:
                values |= {nested[key][name]: part for name, part in value.items()}
            else:
                values[key] = value
        return cls(**values)


def check_cell_tables(
    spec: CellSpec, types: pd.DataFrame, effects: pd.DataFrame, samples: pd.DataFrame
) -> pd.DataFrame:
    """Check the tables of a simulated single-cell study against one another.

    Parameters
    ----------
    spec : CellSpec
    types : pandas.DataFrame
        `TYPE_COLUMNS`: share of the cells in healthy animals, and by how much (log2) the odds of the type change in the
        model, and by treatment on top of it.
    effects : pandas.DataFrame
        `EFFECT_COLUMNS`: planted effects of named genes in a type.
    samples : pandas.DataFrame
        ``sample``, ``library`` and the factor.

    Returns
    -------
    pandas.DataFrame
        `types`, shares made to add up to one.

    Raises
    ------
    InputError
        With every fault.
    """
    problems = Problems()
    for name, table, columns in (("cell_types.tsv", types, TYPE_COLUMNS), ("features.tsv", effects, EFFECT_COLUMNS)):
        for column in columns:
            if column not in table.columns:
                problems.add(name, "the column is missing", f"the columns are {', '.join(columns)}", column=column)
    problems.raise_if_any()
    if types["cell_type"].duplicated().any():
        problems.add("cell_types.tsv", "a cell type stands there twice", "keep one row", column="cell_type")
    shares = pd.to_numeric(types["share"], errors="coerce")
    if not (shares > 0).all():
        problems.add("cell_types.tsv", "a share is not positive", "leave the type out", column="share")
    for row, effect in enumerate(effects.itertuples(), start=1):
        if effect.cell_type not in set(types["cell_type"]):
            problems.add("features.tsv", "no such cell type", row=row, column="cell_type", value=effect.cell_type)
        real = class_of(float(str(effect.log2fc_model)), float(str(effect.log2fc_treatment)))
        stated = effects["class"].iloc[row - 1]
        if stated not in CLASSES or stated != real:
            problems.add("features.tsv", f"these effects make the class {real}", row=row, column="class", value=stated)
    for name in sorted(set(spec.shares) - set(PLANTED)):
        problems.add("study.yaml", "unknown planted class", f"use one of {', '.join(PLANTED)}", value=name)
    if spec.factor not in samples:
        problems.add("samples.tsv", "the factor of the simulation is no column", column=spec.factor)
    else:
        arms = (spec.control, spec.model, spec.treated)
        for row, arm in enumerate(samples[spec.factor], start=1):
            if arm not in arms:
                problems.add("samples.tsv", "of none of the simulated arms", f"the arms are {', '.join(arms)}", row=row)
    problems.raise_if_any()
    return types.assign(share=np.asarray(shares / shares.sum()))
