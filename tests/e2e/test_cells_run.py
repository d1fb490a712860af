"""Single cells through the workflow: the embedded study from cells to verdicts by type, and what bad input ends in."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import sparse

from acuomics.catalogue.claims import COLUMNS
from tests.conftest import REPO
from tests.outputs import faults
from tests.workflow import digests, snakemake, write_config

STUDY = "demo_phn_sc"
TESTED = ("astrocyte", "excitatory_neuron", "inhibitory_neuron", "microglia", "oligodendrocyte")
NOT_ANALYSABLE = ("mast_cell", "t_cell")
CLAIM_COLUMNS = ("claim", "contrast", "feature", "feature_name", "direction", "cell_type")
CLAIMS = (
    ("c01", "ea_vs_rtx", "24835", "Tnf", "down", "microglia"),
    ("c02", "rtx_vs_control", "24387", "Gfap", "up", "astrocyte"),
    ("c03", "rtx_vs_control", "24494", "Il1b", "down", "microglia"),
    ("c04", "ea_vs_rtx", "24835", "Tnf", "down", "T cell"),
    ("c05", "rtx_vs_control", "24387", "Gfap", "up", "NA"),
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cells")
    # The embedded study, with claims as a paper would print them.
    study = folder / "studies" / STUDY
    shutil.copytree(REPO / "resources" / "studies" / STUDY, study)
    rows = [dict(zip(CLAIM_COLUMNS, claim, strict=True)) for claim in CLAIMS]
    named = {"feature_as_printed": "feature_name", "contrast_as_printed": "contrast"}
    table = pd.DataFrame(rows).assign(**{new: [row[old] for row in rows] for new, old in named.items()})
    table = table.assign(kind="transcript", name_status="current", evidence="table", source="made for a test")
    table = table.reindex(columns=[*COLUMNS, "cell_type"]).fillna("NA")
    table.to_csv(study / "claims.tsv", sep="\t", index=False)
    config = write_config(folder / "c.yaml", studies=[STUDY], study_folders=[str(folder / "studies")])
    result = snakemake(folder, cores=2, config=config)
    assert result.returncode == 0, result.stdout
    return folder


def read(run: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(run / "results" / name, sep="\t")


def test_every_column_that_is_written_is_described(run):
    assert faults(run / "results") == []


def test_planted_truth_is_found_in_every_type(run):
    for slug in TESTED:
        table = read(run, f"{STUDY}_{slug}/recovery/recovery.tsv")
        found = table[table["test"] == "de"]
        assert found["recall"].min() > 0.5 and found["false_discovery"].max() < 0.15, slug
        assert table[table["test"] == "de_detectable"]["recall"].min() > 0.85, slug
        reversal = table[table["test"] == "reversal"]
        assert reversal["recall"].item() > 0.4 and reversal["false_discovery"].item() < 0.15, slug


def test_composition_changes_where_planted_and_not_elsewhere(run):
    table = read(run, f"{STUDY}/singlecell/composition.tsv")
    called = table[table["q"] < 0.05]
    assert set(zip(called["contrast"], called["cell_type"], strict=True)) == {
        ("rtx_vs_control", "microglia"),
        ("ea_vs_rtx", "microglia"),
    }
    # More astrocytes are not what raises Gfap: the gene changes, the share does not.
    gfap = read(run, f"{STUDY}_astrocyte/de/tables/rtx_vs_control.tsv").set_index("symbol").loc["Gfap"]
    assert gfap["q"] < 0.05 and gfap["log2fc"] > 0.5


def test_types_that_cannot_be_tested_have_no_p_value_and_a_reason(run):
    reasons = {"t_cell": "RTX has 0 (needs 2)", "mast_cell": "no cell of this type was found"}
    for slug in NOT_ANALYSABLE:
        folder = run / "results" / f"{STUDY}_{slug}"
        record = json.loads((folder / "catalogue" / "study.json").read_text())
        assert not record["cell_type"]["analysable"] and reasons[slug] in record["cell_type"]["reason"]
        # Snakemake's own time stamps of folders aside.
        assert [path for name in ("intake", "de", "reversal") for path in (folder / name).glob("[!.]*")] == []
        assert len(read(run, f"{STUDY}_{slug}/mechanisms/verdicts.tsv")) == 0
        described = json.loads((folder / "report" / "study.json").read_text())
        assert "Not analysable" in described["answer"][0] and described["parent"] == STUDY


def test_the_types_are_one_family_of_verdicts(run):
    """Tumour necrosis factor was planted in microglia: there, and in no other type, the claim is borne out."""
    table = read(run, "mechanisms/verdicts.tsv")
    assert set(table["study"]) == {f"{STUDY}_{slug}" for slug in TESTED}
    claims = table[(table["family"] == "claims") & (table["contrast"] == "ea_vs_rtx")]
    for symbol in ("Il1b", "Tnf"):
        words = claims[claims["symbol"] == symbol].set_index("study")["verdict"]
        assert words[f"{STUDY}_microglia"] == "concordant"
        assert not (words.drop(f"{STUDY}_microglia") == "concordant").any()
    # A q of the family is never below that of its study alone.
    alone = pd.concat([read(run, f"{STUDY}_{slug}/mechanisms/verdicts.tsv") for slug in TESTED], ignore_index=True)
    key = ["study", "claim_id", "contrast", "feature"]
    both = table[table["family"] == "claims"].merge(alone, on=key, suffixes=("", "_alone"))
    assert len(both) and not np.allclose(both["q_family"], both["q_family_alone"], equal_nan=True)


def test_claims_are_judged_by_the_type_that_they_are_about(run):
    found = {}
    for slug in ("", *TESTED, *NOT_ANALYSABLE):
        name = f"{STUDY}_{slug}" if slug else STUDY
        table = read(run, f"{name}/claims/verdicts.tsv")
        found |= {claim: (slug, word) for claim, word in zip(table["claim"], table["verdict"], strict=True)}
    assert found == {
        "c01": ("microglia", "reproduced"),
        "c02": ("astrocyte", "reproduced"),
        "c03": ("microglia", "contradicted"),
        "c04": ("t_cell", "not_tested:not_analysable"),
        "c05": ("", "not_tested:cell_type"),
    }
    why = read(run, f"{STUDY}_t_cell/claims/verdicts.tsv")["reason"].item()
    assert "RTX has 0 (needs 2)" in why
    elsewhere = read(run, "synthesis/published_elsewhere.tsv")
    own = elsewhere[elsewhere["claim_study"].str.startswith(STUDY)]
    assert set(own["claim_study"]) == {STUDY, *(f"{STUDY}_{slug}" for slug in ("astrocyte", "microglia", "t_cell"))}
    # The other types are of the same animals: nobody else's data.
    assert (own["found"] == "not_looked_for").all()
    # What was claimed is known of a type, too, that has no contrast left.
    assert not own["reason"].str.contains("roles.tsv").any() and (own["claim_role"].isin(["model", "treatment"])).all()
    told = own.set_index("claim")
    assert told["own_verdict"].fillna("").to_dict() == {
        "c01": "reproduced", "c02": "reproduced", "c03": "contradicted", "c04": "", "c05": "",
    }  # fmt: skip
    assert told["claim_has_data"].to_dict() == {"c01": True, "c02": True, "c03": True, "c04": False, "c05": True}
    types = {"c01": "microglia", "c02": "astrocyte", "c03": "microglia", "c04": "T cell", "c05": ""}
    assert told["cell_type"].fillna("").to_dict() == types
    facts = json.loads((run / f"results/{STUDY}/claims/claims.json").read_text())
    assert facts["n_by_type"] == 4 and "judged in the study of that type: 4." in facts["answer"]
    summary = (run / "results/provenance/summary.txt").read_text()
    assert f"{STUDY}_microglia: 1 contradicted, 1 reproduced" in summary
    assert "Claims about one cell type: 4" in (run / f"results/report/studies/{STUDY}.html").read_text()
    assert "Claims about one" not in (run / f"results/report/studies/{STUDY}_microglia.html").read_text()


def test_the_report_has_the_study_its_types_and_charts(run):
    page = (run / "results/report/index.html").read_text()
    assert "SIMULATED" in page and str(run) not in page
    described = json.loads((run / "results" / STUDY / "report" / "study.json").read_text())
    rows = described["cells"]["types"]
    assert [row["analysable"] for row in rows].count("yes") == 5 and len(rows) == 7
    assert described["cells"]["undeclared"] == ["endothelial cell", "oligodendrocyte precursor cell", "pericyte"]
    assert len(described["tables"]["recovery"]["rows"]) == 7 * len(TESTED)
    charts = json.loads((run / "results" / STUDY / "report" / "charts.json").read_text())
    assert {"umap_cell_type", "umap_sample", "umap_condition", "markers", "composition", "verdict_matrix"} <= {
        chart["name"] for chart in charts["charts"]
    }
    assert charts["left_out"] == []


def test_a_new_rate_tests_again_and_leaves_the_cells_as_they_are(run):
    before = digests(run)
    folders = [str(run / "studies")]
    config = write_config(run / "other.yaml", studies=[STUDY], study_folders=folders, de={"q": 0.1})
    other = snakemake(run, "--dry-run", config=config)
    config.unlink()
    planned = other.stdout.split("Job stats:")[1]
    assert f"test_types_{STUDY}" in planned and "analyse_cells" not in planned
    assert digests(run) == before


class Broken:
    """A small study of cells in one h5ad that tests spoil; its folder is `root`/studies."""

    def __init__(self, root: Path, name: str) -> None:
        rng = np.random.default_rng(1)
        self.root, self.name, n = root, name, 360
        self.counts = rng.poisson(1.0, (n, 40)).astype(np.float32)
        self.genes = [f"Gene{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(40)]
        self.libraries = [f"l{i // 60}" for i in range(n)]
        self.barcodes = [f"cell{i}" for i in range(n)]
        self.rows = [(f"l{i}", f"r{i}", ("control", "RTX", "EA")[i // 2]) for i in range(6)]

    def write(self) -> None:
        import anndata

        folder = self.root / "studies" / self.name
        folder.mkdir(parents=True)
        obs = pd.DataFrame({"library": self.libraries}, index=self.barcodes)
        data = anndata.AnnData(sparse.csr_matrix(self.counts), obs, pd.DataFrame(index=self.genes))
        data.write_h5ad(self.root / f"{self.name}.h5ad")
        study = {
            "study": self.name, "title": "Small", "summary": "Small.", "species": "Rattus norvegicus", "taxon": 10116,
            "tissue": {"name": "spinal cord", "uberon": "UBERON:0002240", "level": "spinal"}, "assay": "single_cell",
            "source": "made for a test", "model": "none", "intervention": "none", "design": "~ condition",
            "feature_id": "symbol",
            "cells": {
                "format": "h5ad", "path": f"{self.name}.h5ad", "library_column": "library", "panels": ["nervous"],
                "types": ["microglia"],
            },
        }  # fmt: skip
        (folder / "study.yaml").write_text(yaml.safe_dump(study))
        lines = ["library\tsample\tcondition", *("\t".join(row) for row in self.rows)]
        (folder / "samples.tsv").write_text("\n".join(lines) + "\n")
        head = "contrast\tfactor\tnumerator\tdenominator\tcovariates\trole"
        (folder / "contrasts.tsv").write_text(f"{head}\nrtx_vs_control\tcondition\tRTX\tcontrol\t\tmodel\n")


def spoil(study: Broken, how: str) -> None:
    if how == "normalised":
        study.counts = np.log1p(study.counts)
    elif how == "barcodes":
        study.barcodes[1] = study.barcodes[0]
    elif how == "human":
        study.genes = [name.upper() for name in study.genes]
    elif how == "ten_cells":
        study.libraries[10:60] = ["l1"] * 50


MESSAGES = {
    "normalised": "no matrix of raw counts: X holds fractional values",
    "barcodes": "library 'l0' has barcodes twice: cell0",
    "human": "the gene symbols look human (all capitals); the study is of the rat",
    "ten_cells": "library 'l0' has 10 cells; 50 are needed",
    "pickled": "cannot be read as h5ad",
    "length": "the matrix is 40 x 60; there are 39 features and 60 barcodes",
}


@pytest.mark.filterwarnings("ignore:Observation names are not unique")
def test_bad_input_ends_in_a_clear_error_and_leaves_nothing(tmp_path):
    """All bad studies in one run that keeps going: every one is told, none leaves a result."""
    for how in MESSAGES:
        study = Broken(tmp_path, how)
        spoil(study, how)
        study.write()
    # A pickle is code: what holds one in the place of an h5ad is not read.
    (tmp_path / "pickled.h5ad").write_bytes(b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00\x8c\x01a\x94.")
    write_triples(tmp_path)
    config = write_config(
        tmp_path / "c.yaml", studies=list(MESSAGES), study_folders=[str(tmp_path / "studies")], data_root=str(tmp_path)
    )
    targets = [f"results/{how}/singlecell" for how in MESSAGES]
    result = snakemake(tmp_path, *targets, cores=2, config=config)
    assert result.returncode != 0
    for how, message in MESSAGES.items():
        log = (tmp_path / "results" / "logs" / how / "analyse_cells.log").read_text()
        assert message in log and "mend: " in log and "Traceback" not in log, how
        assert not (tmp_path / "results" / how / "singlecell").exists()
    assert [str(path) for path in tmp_path.rglob(".part-*")] == []


def write_triples(root: Path) -> None:
    """Turn the study ``length`` into folders of Cell Ranger, the first of them short of a feature."""
    from scipy.io import mmwrite

    folder = root / "studies" / "length"
    study = yaml.safe_load((folder / "study.yaml").read_text())
    study["cells"] = {"format": "10x_mtx", "panels": ["nervous"], "types": ["microglia"]}
    (folder / "study.yaml").write_text(yaml.safe_dump(study))
    base = Broken(root, "length")
    lines = ["library\tsample\tcondition\tpath"]
    for k, (library, sample, arm) in enumerate(base.rows):
        at = root / "triples" / library
        at.mkdir(parents=True)
        mmwrite(at / "matrix.mtx", sparse.coo_matrix(base.counts[k * 60 : k * 60 + 60].T.astype(int)))
        genes = base.genes[: 39 if k == 0 else 40]
        (at / "genes.tsv").write_text("".join(f"{name}\t{name}\n" for name in genes))
        (at / "barcodes.tsv").write_text("".join(f"{name}\n" for name in base.barcodes[k * 60 : k * 60 + 60]))
        lines.append(f"{library}\t{sample}\t{arm}\ttriples/{library}")
    (folder / "samples.tsv").write_text("\n".join(lines) + "\n")


def test_an_animal_in_two_arms_stops_everything_before_the_run(tmp_path):
    study = Broken(tmp_path, "arms")
    study.rows.append(("l6", "r0", "EA"))
    study.write()
    config = write_config(
        tmp_path / "c.yaml", studies=["arms"], study_folders=[str(tmp_path / "studies")], data_root=str(tmp_path)
    )
    result = snakemake(tmp_path, "--dry-run", config=config)
    assert result.returncode != 0 and "Traceback" not in result.stdout
    assert "animal 'r0' is in more than one condition: control, EA" in result.stdout
    assert "nothing was run" in result.stdout and not (tmp_path / "results").exists()
