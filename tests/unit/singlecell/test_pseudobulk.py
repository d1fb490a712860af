"""Counts an animal and type are plain sums; types without replicates are not analysable, and it is said why."""

import anndata
import numpy as np
import pandas as pd
from scipy import sparse

from acuomics.files import read_tsv
from acuomics.singlecell.celltypes import UNASSIGNED
from acuomics.singlecell.pseudobulk import aggregate, count_cells, judge_types, slugs, write_pseudobulk

CONTRASTS = [
    {"contrast": "ea_vs_model", "factor": "condition", "numerator": "EA", "denominator": "model"},
    {"contrast": "model_vs_control", "factor": "condition", "numerator": "model", "denominator": "control"},
]


def study(n=300, seed=3):
    rng = np.random.default_rng(seed)
    counts = rng.poisson(2.0, (n, 5)).astype(np.float32)
    sample = np.array([f"r{i}" for i in range(6)])[rng.integers(0, 6, n)]
    types = np.array(["A", "B", UNASSIGNED])[rng.choice(3, n, p=[0.6, 0.3, 0.1])]
    obs = pd.DataFrame({"sample": sample}, index=[f"c{i}" for i in range(n)])
    data = anndata.AnnData(sparse.csr_matrix(counts), obs, pd.DataFrame(index=[f"g{i}" for i in range(5)]))
    arms = ["control", "control", "model", "model", "EA", "EA"]
    return data, types, pd.DataFrame({"sample": [f"r{i}" for i in range(6)], "condition": arms})


def test_sums_are_exact():
    data, types, _ = study()
    sums = aggregate(data, types)
    assert sorted(sums) == ["A", "B"]
    dense = data.X.toarray()
    for name, table in sums.items():
        assert table.dtypes.unique().tolist() == [np.int64]
        for sample in table:
            at = (types == name) & (data.obs["sample"] == sample).to_numpy()
            assert table[sample].tolist() == dense[at].sum(axis=0).astype(int).tolist()
    kept = types != UNASSIGNED
    assert sum(int(t.to_numpy().sum()) for t in sums.values()) == int(dense[kept].sum())


def test_large_sums_are_exact():
    """A sum above 2^24 has no place in single precision."""
    big = np.full((40, 2), 2**20 + 1, dtype=np.float32)
    data = anndata.AnnData(sparse.csr_matrix(big), pd.DataFrame({"sample": "r"}, index=map(str, range(40))))
    assert aggregate(data, np.full(40, "A"))["A"]["r"].tolist() == [40 * (2**20 + 1)] * 2


def test_numbers_follow_the_sheet():
    data, types, samples = study()
    cells = count_cells(data, types, samples)
    assert list(cells.index) == list(samples["sample"])
    assert list(cells.columns) == ["A", "B", UNASSIGNED]
    assert cells.to_numpy().sum() == 300


def judged(a, samples=None, min_cells=10):
    _, _, sheet = study()
    samples = sheet if samples is None else samples
    cells = pd.DataFrame({"A": a}, index=samples["sample"])
    return judge_types(cells, samples, CONTRASTS, min_cells).iloc[0]


def test_a_type_with_replicates_is_analysable():
    row = judged([20] * 6)
    assert row["analysable"]
    assert row["contrasts"] == "ea_vs_model|model_vs_control"
    assert (row["reason"], row["left_out"]) == ("none", "none")


def test_one_animal_an_arm_is_not_analysable():
    samples = pd.DataFrame({"sample": ["r0", "r1", "r2"], "condition": ["control", "model", "EA"]})
    row = judged([5000, 5000, 5000], samples)
    assert not row["analysable"]
    assert "EA has 1 (needs 2)" in row["reason"] and "control has 1 (needs 2)" in row["reason"]


def test_an_arm_that_lost_its_animals_loses_its_contrasts_only():
    row = judged([20, 20, 20, 20, 9, 20])
    assert row["analysable"]
    assert row["contrasts"] == "model_vs_control"
    assert row["left_out"] == "r4"
    assert row["animals"] == "control=2|model=2|EA=1"
    assert row["reason"] == "animals with 10 cells or more: ea_vs_model: EA has 1 (needs 2)"


def test_slugs_are_names_of_files_and_different():
    found = slugs(["CD14+ monocyte", "CD14 monocyte", "T-cell (CD4)", "小胶质"])
    assert found == {
        "CD14+ monocyte": "cd14_monocyte",
        "CD14 monocyte": "cd14_monocyte_2",
        "T-cell (CD4)": "t_cell_cd4",
        "小胶质": "type",
    }


def test_files_hold_the_animals_with_enough_cells(tmp_path):
    data, types, samples = study()
    types[np.flatnonzero((types == "A") & (data.obs["sample"] == "r4").to_numpy())[4:]] = UNASSIGNED
    cells, least = count_cells(data, types, samples), 10
    table = judge_types(cells, samples, CONTRASTS, least)
    symbols = pd.Series([f"S{i}" for i in range(5)], index=data.var_names)
    write_pseudobulk(aggregate(data, types), table, cells, samples, symbols, tmp_path, least)
    counts, sheet = read_tsv(tmp_path / "a" / "counts.tsv"), read_tsv(tmp_path / "a" / "samples.tsv")
    kept = ["r0", "r1", "r2", "r3", "r5"]
    assert list(counts.columns) == ["feature", "symbol", *kept]
    assert list(sheet["sample"]) == kept
    assert sheet["n_cells"].tolist() == cells.loc[kept, "A"].tolist()
    assert not (tmp_path / "b").exists() or table.set_index("cell_type").loc["B", "analysable"]


def test_sums_are_those_of_scanpy():
    import scanpy as sc

    data, types, _ = study()
    data.obs["type"] = types
    data.obs = data.obs.astype("category")
    theirs = sc.get.aggregate(data, by=["type", "sample"], func="sum")
    sums = aggregate(data, types)
    for row, values in zip(theirs.obs.itertuples(), theirs.layers["sum"], strict=True):
        if row.type != UNASSIGNED:
            assert sums[row.type][row.sample].tolist() == values.tolist()
