"""Thresholds, losses and mitochondrial genes."""

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from acuomics.singlecell.qc import judge_cells, measure_cells, mitochondrial, thresholds
from acuomics.singlecell.settings import CellSettings

REPO = Path(__file__).resolve().parents[3]
MITO = REPO / "resources" / "cells" / "mitochondrial.tsv"


def test_mitochondrial_genes_by_the_species_own_names():
    names = ["Mt-nd1", "mt-Nd1", "MT-ND1", "26193", "ENSRNOG00000030644.2", "Mt1", "Nd1"]
    found = {
        taxon: [
            n
            for n, own in zip(names, mitochondrial(pd.Index(names), pd.Series(names), taxon, MITO), strict=True)
            if own
        ]
        for taxon in (9606, 10090, 10116)
    }
    assert found == {9606: ["MT-ND1"], 10090: ["mt-Nd1"], 10116: ["Mt-nd1", "26193", "ENSRNOG00000030644.2"]}


def test_thirteen_mitochondrial_genes_a_species():
    table = pd.read_csv(MITO, sep="\t", dtype=str)
    assert table.groupby("taxon")["symbol"].nunique().to_dict() == {"9606": 13, "10090": 13, "10116": 13}


def library(n=200, seed=0, genes=40):
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.lognormal(0, 0.2, (n, 1)) * 4.0, (n, genes)).astype(np.float32)
    return counts


def as_data(counts, library="a"):
    n = len(counts)
    obs = pd.DataFrame({"library": library}, index=[f"{library}:{i}" for i in range(n)])
    return anndata.AnnData(
        sparse.csr_matrix(counts), obs, pd.DataFrame(index=[f"g{i}" for i in range(counts.shape[1])])
    )


MITO_FLAGS = np.arange(40) < 2


def test_bounds_are_the_median_and_so_many_deviations():
    data = as_data(library())
    metrics = measure_cells(data, MITO_FLAGS)
    bounds = thresholds(metrics, CellSettings()).set_index("metric")
    logs = np.log1p(metrics["total_counts"])
    mad = 1.4826 * np.median(np.abs(logs - np.median(logs)))
    assert bounds.loc["total_counts", "low"] == pytest.approx(np.expm1(np.median(logs) - 5 * mad))
    share = metrics["mito_fraction"]
    assert bounds.loc["mito_fraction", "high"] == pytest.approx(
        np.median(share) + 3 * 1.4826 * np.median(np.abs(share - np.median(share)))
    )
    assert np.isnan(bounds.loc["mito_fraction", "low"])


def test_bad_cells_are_lost_at_the_step_that_finds_them_and_counted():
    counts = library(80)
    counts[0] = 0
    counts[1] *= 60
    counts[2, :2] = counts[2].sum()
    data = as_data(counts)
    cells, _, losses, notes = judge_cells(data, MITO_FLAGS, CellSettings())
    assert cells["lost"].iloc[:3].tolist() == ["counts", "counts", "mitochondrial"]
    assert (cells["lost"].iloc[3:] == "").mean() > 0.9
    assert losses["step"].tolist() == ["counts", "genes", "mitochondrial", "doublet"]
    assert (losses["n_before"] - losses["n_lost"] == losses["n_after"]).all()
    assert (losses["n_before"].iloc[1:].to_numpy() == losses["n_after"].iloc[:-1].to_numpy()).all()
    assert losses["n_after"].iloc[-1] == (cells["lost"] == "").sum()
    assert any("80" not in note and "too few to look for doublets" in note for note in notes) or "too few" in notes[0]


def test_thresholds_are_each_librarys_own():
    deep, shallow = library(60) * 20, library(60, seed=1)
    data = anndata.concat([as_data(deep, "deep"), as_data(shallow, "shallow")])
    cells, *_ = judge_cells(data, MITO_FLAGS, CellSettings())
    assert (cells["lost"] == "").mean() > 0.9


def test_without_mitochondrial_genes_the_step_is_not_taken_and_said():
    cells, bounds, losses, notes = judge_cells(as_data(library(60)), np.zeros(40, dtype=bool), CellSettings())
    assert any("no mitochondrial gene" in note for note in notes)
    assert cells["mito_fraction"].isna().all()
    assert losses.set_index("step").loc["mitochondrial", "n_lost"] == 0
    assert bounds.set_index("metric").loc["mito_fraction", ["low", "high"]].isna().all()


def test_cells_alike_lose_nobody():
    """No spread, no threshold: a deviation of zero would throw out all but the median cell."""
    counts = np.full((60, 40), 3.0, dtype=np.float32)
    counts[0, 0] = 4.0
    cells, *_ = judge_cells(as_data(counts), MITO_FLAGS, CellSettings())
    assert (cells["lost"] == "").all()
