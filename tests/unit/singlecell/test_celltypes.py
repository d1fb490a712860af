"""Marker sets are data; a type is called where the best score leads, else nobody is called anything."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from acuomics.problems import InputError
from acuomics.singlecell.celltypes import UNASSIGNED, call_types, cluster_means, cluster_scores, type_cells
from acuomics.singlecell.markers import COLUMNS, locate_markers, read_markers
from acuomics.singlecell.settings import CellSettings

TABLE = Path(__file__).resolve().parents[3] / "resources" / "cells" / "markers.tsv"


def test_the_committed_table_is_whole():
    rows = pd.read_csv(TABLE, sep="\t", dtype=str, keep_default_na=False)
    assert tuple(rows.columns) == COLUMNS
    assert rows["source"].str.fullmatch(r"doi:10\.\d{4,}/\S+").all()
    assert rows["cell_ontology"].str.fullmatch(r"CL:\d{7}|NA").all()
    assert (rows.groupby("cell_type")["cell_ontology"].nunique() == 1).all()
    assert rows.groupby("cell_ontology")["cell_type"].nunique().max() == 1
    for species in ("human", "mouse", "rat"):
        assert ((rows[f"{species}_symbol"] == "NA") == (rows[f"{species}_ncbi"] == "NA")).all()
        known = rows[f"{species}_ncbi"] != "NA"
        assert rows.loc[known, f"{species}_ncbi"].str.fullmatch(r"[1-9]\d*").all()
        # One gene, one id.
        assert (rows[known].groupby(f"{species}_symbol")[f"{species}_ncbi"].nunique() == 1).all()
    types = rows.loc[rows["weight"].astype(float) > 0].groupby("cell_type").size()
    assert types.min() >= 4


def test_ids_are_those_of_the_gene_tables(real_data):
    """Against the gene tables of the real data, where they are."""
    rows = pd.read_csv(TABLE, sep="\t", dtype=str, keep_default_na=False)
    for species, build in (("human", "grch38"), ("mouse", "grcm38"), ("rat", "rnor6")):
        genes = pd.read_csv(real_data / "genes" / f"annotables_{build}.tsv.gz", sep="\t", dtype=str)
        pairs = set(zip(genes["symbol"], genes["entrez"], strict=True))
        found = [p for p in zip(rows[f"{species}_symbol"], rows[f"{species}_ncbi"], strict=True) if p[0] != "NA"]
        assert np.mean([pair in pairs for pair in found]) > 0.95


def test_panels_and_species_are_checked():
    with pytest.raises(InputError) as caught:
        read_markers(TABLE, ["nervos"], 7955)
    text = str(caught.value)
    assert "no such panel of markers" in text and "did you mean 'nervous'?" in text
    assert "there are no markers for the species" in text


def test_markers_are_found_by_id_or_symbol_and_never_by_an_ambiguous_one():
    markers = read_markers(TABLE, ["nervous"], 10116)
    astro = markers[markers["cell_type"] == "astrocyte"]
    ids = pd.Index(["24387", "25293", "64392", "1"])
    by_id = locate_markers(astro, ids, pd.Series(["x", "y", "z", "Gfap"], index=ids))
    assert by_id.set_index("symbol")["at"].to_dict() == {"Gfap": 0, "Aqp4": 1, "Aldh1l1": 2}
    names = pd.Index(["a", "b", "c", "d"])
    by_symbol = locate_markers(astro, names, pd.Series(["Gfap", "Aqp4", "Aldh1l1", "Gfap"], index=names))
    assert by_symbol.set_index("symbol")["at"].to_dict() == {"Aqp4": 1, "Aldh1l1": 2}
    alone = locate_markers(astro, names, pd.Series(["Gfap", "x", "y", "z"], index=names))
    assert alone.empty


MARKERS = pd.DataFrame(
    {
        "cell_type": ["A", "A", "B", "B", "B"],
        "symbol": list("abcda"),
        "weight": [1.0, 1.0, 1.0, 1.0, -1.0],
        "at": [0, 1, 2, 3, 0],
        "feature": list("abcda"),
    }
)


def test_scores_are_weighted_means_of_standard_deviations():
    means = np.array([[4.0, 2.0, 0.0, 0.0], [0.0, 0.0, 2.0, 6.0]])
    scores = cluster_scores(sparse.csr_matrix(means), np.array([0, 1]), MARKERS)
    # Two clusters: every marker is +1 in one and -1 in the other.
    assert scores["A"].tolist() == [1.0, -1.0]
    assert scores["B"].tolist() == pytest.approx([-1.0, 1.0])


def test_small_scores_and_small_margins_are_unassigned():
    scores = pd.DataFrame({"A": [1.0, 1.0, 0.1], "B": [0.2, 0.95, -1.0]})
    calls = call_types(scores, CellSettings())
    assert calls["cell_type"].tolist() == ["A", UNASSIGNED, UNASSIGNED]
    assert calls["best"].tolist() == ["A", "A", "A"]
    assert calls["margin"].tolist() == pytest.approx([0.8, 0.05, 1.1])


def test_a_cell_whose_neighbourhood_disagrees_is_unassigned():
    values = np.zeros((40, 4))
    values[:20, :2] = 3.0
    values[20:, 2:] = 3.0
    labels = np.repeat([0, 1], 20)
    # Cell 19 looks like B, in a cluster of A.
    values[19] = values[39]
    graph = sparse.csr_matrix((40, 40))
    types, clusters, _ = type_cells(sparse.csr_matrix(values), graph, labels, MARKERS, CellSettings())
    assert types[:19].tolist() == ["A"] * 19
    assert types[19] == UNASSIGNED
    assert types[20:].tolist() == ["B"] * 20
    assert clusters["n_cells"].tolist() == [20, 20]
    assert clusters["n_assigned"].tolist() == [19, 20]


def test_without_markers_nobody_has_a_type():
    types, clusters, scores = type_cells(
        sparse.csr_matrix(np.ones((4, 2))), None, np.array([0, 0, 1, 1]), MARKERS[:0], CellSettings()
    )
    assert set(types) == {UNASSIGNED}
    assert set(clusters["cell_type"]) == {UNASSIGNED}
    assert scores.shape == (2, 0)


def test_means_of_clusters():
    values = sparse.csr_matrix(np.array([[1.0, 0.0], [3.0, 0.0], [0.0, 5.0]]))
    assert cluster_means(values, np.array([0, 0, 1])).tolist() == [[2.0, 0.0], [0.0, 5.0]]
