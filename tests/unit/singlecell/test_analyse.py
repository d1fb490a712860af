"""The whole path on a small simulated study: planted types, effects on composition, and what is written."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from acuomics.files import read_json, read_tsv
from acuomics.problems import InputError
from acuomics.simulate import cells as simulation
from acuomics.simulate.cell_spec import CellSpec
from acuomics.singlecell.analyse import analyse_record
from acuomics.singlecell.celltypes import UNASSIGNED
from acuomics.singlecell.settings import CellSettings
from tests.cells import CELLS, DEMO, cluster_agreement, demo_record, true_types

SETTINGS = CellSettings(subsamples=2, resolutions=(0.3, 1.0))


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The demo with a quarter of its cells: the record, its section, the simulated cells, the folder."""
    folder = tmp_path_factory.mktemp("cells")
    record, section = demo_record()
    spec = replace(CellSpec.from_study(section["simulation"]), cells_mean=250.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulation.CellSpec, "from_study", classmethod(lambda cls, section: spec))
        simulated, _ = simulation.simulate_cell_record(record, DEMO, CELLS, 7)
    simulation.write_cells(simulated, folder / "cells.h5ad")
    return record, section, simulated, folder


def run(small, name):
    record, section, _, folder = small
    at = folder / name
    return at, analyse_record(
        record, section, DEMO / "samples.tsv", CELLS, at, cells=folder / "cells.h5ad", settings=SETTINGS
    )


@pytest.fixture(scope="module")
def done(small):
    return run(small, "first")


def test_the_planted_types_are_found(small, done):
    _, analysis = done
    truth = true_types(small[2], analysis).to_numpy()
    types = analysis.map["cell_type"].to_numpy()
    assigned = types != UNASSIGNED
    assert assigned.mean() > 0.9
    assert (types == truth)[assigned].mean() > 0.98
    assert cluster_agreement(small[2], analysis) > 0.8


def test_bad_cells_are_found(small, done):
    _, analysis = done
    kind = small[2].cells["kind"].to_numpy()
    lost = analysis.cells["lost"].to_numpy(str)
    assert (lost[kind == "damaged"] != "").mean() > 0.8
    assert (lost[kind == "doublet"] != "").mean() > 0.6
    assert (lost[kind == "single"] != "").mean() < 0.08


def test_the_composition_change_is_found_where_planted_only(done):
    _, analysis = done
    table = analysis.composition.set_index(["contrast", "cell_type"])
    planted = {("rtx_vs_control", "microglia"), ("ea_vs_rtx", "microglia")}
    # Some 22 microglia an animal: one of the two may be missed here; the benchmark has the whole demo.
    found = set(table.index[table["q"] < 0.05])
    assert found and found <= planted
    for contrast, _ in planted:
        assert table.loc[contrast, "p"].idxmin() == "microglia"
    assert table.loc[("rtx_vs_control", "microglia"), "logit_difference"] > 0


def test_a_rare_type_is_not_analysable_and_has_no_counts(done):
    folder, analysis = done
    types = analysis.types.set_index("cell_type")
    if "T cell" in types.index:
        assert not types.loc["T cell", "analysable"]
        assert "needs 2" in types.loc["T cell", "reason"]
    written = {path.name for path in (folder / "pseudobulk").iterdir()}
    assert written == set(types.loc[types["analysable"], "slug"])
    assert "microglia" in written and "t_cell" not in written


def test_pseudobulk_files_are_the_sums_of_the_raw_counts(small, done):
    folder, analysis = done
    counts = read_tsv(folder / "pseudobulk" / "astrocyte" / "counts.tsv", dtype={"feature": str})
    simulated = small[2]
    place = dict(zip(simulated.cells["library"] + ":" + simulated.cells["barcode"], range(10**6), strict=False))
    cells = analysis.map[(analysis.map["cell_type"] == "astrocyte") & (analysis.map["sample"] == "RTX_2")]
    at = [place[name] for name in cells["barcode"]]
    assert counts["RTX_2"].tolist() == np.asarray(simulated.counts[at].sum(axis=0)).ravel().astype(int).tolist()
    assert counts["feature"].tolist() == simulated.genes["feature"].tolist()
    assert counts["symbol"].tolist() == simulated.genes["symbol"].tolist()


def test_all_losses_are_counted(small, done):
    _, analysis = done
    assert analysis.losses["n_lost"].sum() == analysis.facts["n_cells"] - analysis.facts["n_kept"]
    assert len(analysis.map) == analysis.facts["n_kept"] == int(analysis.numbers.to_numpy().sum())
    assert analysis.facts["n_cells"] == len(small[2].cells)


def test_everything_is_written_and_the_same_again(small, done):
    folder, _ = done
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert {
        "qc_cells.parquet",
        "qc_thresholds.tsv",
        "qc_losses.tsv",
        "resolutions.tsv",
        "clusters.tsv",
        "cluster_scores.tsv",
        "markers.tsv",
        "umap.parquet",
        "cell_numbers.tsv",
        "cell_types.tsv",
        "composition.tsv",
        "singlecell.json",
        "pseudobulk/astrocyte/counts.tsv",
        "pseudobulk/astrocyte/samples.tsv",
    } <= names
    again, _ = run(small, "second")
    for name in sorted(names):
        assert (again / name).read_bytes() == (folder / name).read_bytes(), name
    assert read_json(folder / "singlecell.json")["labels"] == "markers"
    dots = read_tsv(folder / "markers.tsv").set_index(["symbol", "cell_type"])
    assert dots.loc[("Gfap", "astrocyte"), "mean"].max() > 3 * dots.loc[("Gfap", "microglia"), "mean"].max()
    assert dots["share"].between(0, 1).all()


def test_the_file_can_be_written_again_over_an_older_result(small, done, tmp_path):
    folder, analysis = done
    from acuomics.singlecell.analyse import write_analysis

    (tmp_path / "out" / "pseudobulk" / "gone").mkdir(parents=True)
    write_analysis(analysis, tmp_path / "out", 10)
    assert not (tmp_path / "out" / "pseudobulk" / "gone").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert pd.read_parquet(tmp_path / "out" / "umap.parquet").shape[0] == analysis.facts["n_kept"]
    assert (folder / "umap.parquet").stat().st_mode & 0o444 == 0o444


def test_a_fault_leaves_nothing_behind(small, tmp_path):
    record, section, _, folder = small
    with pytest.raises(InputError) as caught:
        analyse_record(
            record | {"taxon": 9606},
            section,
            DEMO / "samples.tsv",
            CELLS,
            tmp_path / "out",
            cells=folder / "cells.h5ad",
        )
    assert "the gene symbols look mouse or rat" in str(caught.value)
    assert list(tmp_path.iterdir()) == []
