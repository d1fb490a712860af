"""Single cells: are types, effects and composition found, and what do 100,000 cells cost, beside scanpy itself?

Figures: labels of Kang et al. found with labels withheld, and the pseudobulk of its types beside R's tables; the demo
against its truth; peak memory of 100,000 cells x 20,000 genes from h5ad to pseudobulk; CPU time stage by stage against
the same steps written directly in scanpy, each in a process of its own, in turn (`RATIO_CELLS` cells, medians; and
100,000 cells once). Only CPU time counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from acuomics.problems import Problems
from acuomics.singlecell.markers import COLUMNS
from tests.benchmark.output import finish, need_real_data, show
from tests.cells import (
    CELLS,
    DEMO,
    KANG,
    KANG_TYPES,
    SEED,
    cluster_agreement,
    demo_record,
    effects_found,
    true_types,
)
from tests.realdata import REFERENCE_RATE, REPO

if TYPE_CHECKING:
    import anndata

LARGE, RATIO_CELLS, REPEATS = 100_000, 10_000, 3
GENES, LIBRARIES, COUNTS, TYPES = 20_000, 12, 1_000, 10
#: Slots of the table that genes are drawn from.
SLOTS = 2**17
KANG_CONTRAST = {
    "contrast": "stim_vs_ctrl", "factor": "condition", "numerator": "stim", "denominator": "ctrl", "role": "model",
}  # fmt: skip
STAGES = ("read", "qc", "variable genes", "components", "graph", "leiden", "map", "types", "pseudobulk")


def kang_figures(folder: Path) -> float:
    """Pseudobulk of Kang et al. against R; share of assigned cells with the study's own label, which was withheld."""
    from acuomics.singlecell.analyse import analyse
    from acuomics.singlecell.celltypes import UNASSIGNED
    from acuomics.singlecell.libraries import read_libraries
    from acuomics.singlecell.settings import CellSettings
    from acuomics.singlecell.take_in import take_in_cells

    with tempfile.TemporaryDirectory() as temporary:
        sheet = Path(temporary) / "samples.tsv"
        names = [f"{arm}{donor}" for arm in ("ctrl", "stim") for donor in (101, 107)]
        sheet.write_text("sample\tcondition\n" + "".join(f"{name}\t{name[:4]}\n" for name in names))
        libraries = read_libraries(sheet, Problems())
    assert libraries is not None
    labelled = replace(KANG, label_column="cluster_id")
    data = take_in_cells(libraries, labelled, 9606, 50, data_root=folder / "kang_pseudobulk")
    against_r(data, folder / "r_deseq2_reference")
    truth = data.obs["label"].map(KANG_TYPES).set_axis(data.obs["library"] + ":" + data.obs["barcode"])
    record = {"taxon": 9606, "design": "~ condition", "contrasts": []}
    result = analyse(data, libraries, record, KANG, CellSettings(), CELLS)
    types = result.map["cell_type"]
    expected = truth.loc[result.map["library"] + ":" + result.map["barcode"]].to_numpy(str)
    assigned = (types != UNASSIGNED).to_numpy()
    table = pd.crosstab(expected, types.to_numpy(str))
    show("Kang PBMC: own label by called type", ["label", *table.columns], [[k, *v] for k, v in table.iterrows()])
    right = expected == types.to_numpy(str)
    rows = [("right among assigned", right[assigned].mean()), ("assigned", assigned.mean())]
    show("Kang PBMC", ["what", "share"], rows)
    return float(right[assigned].mean())


def against_r(data: anndata.AnnData, reference: Path) -> None:
    """Fit the sums of every type of Kang et al. (all deposited cells, genes with ten counts) and print beside R."""
    from acuomics.de.study import analyse_study
    from acuomics.singlecell.pseudobulk import aggregate

    rows = []
    for name, table in aggregate(data, data.obs["label"].to_numpy(str)).items():
        file = reference / f"kang_pseudobulk_{name.replace(' ', '_').replace('+', '')}.tsv.gz"
        r = pd.read_csv(file, sep="\t", index_col=0)
        kept = table[table.sum(axis=1) >= 10]
        record = {
            "study": "kang",
            "design": "~ condition",
            "samples": [{"sample": sample, "condition": sample[:4]} for sample in table],
            "contrasts": [KANG_CONTRAST],
        }
        counts = kept.rename_axis("feature").reset_index()
        fit = analyse_study(record, counts, list(kept.index), engine="deseq2", rate=REFERENCE_RATE, power=0.8)
        ours = fit.tables["stim_vs_ctrl"].set_index("feature").loc[r.index]
        change = np.nanmax(np.abs(ours["log2fc"] / r["log2FoldChange"] - 1.0))
        error = np.nanquantile(np.abs(ours["log2fc_se"] / r["lfcSE"] - 1.0), 0.99)
        a, b = (ours["q"] < 0.05).to_numpy(), (r["padj"] < 0.05).to_numpy()
        rows.append((name, len(r), change, error, int(b.sum()), (a & b).sum() / max(1, (a | b).sum())))
    header = ["type", "genes", "log2fc, largest rel. diff.", "SE, 99 % rel. diff.", "q < 0.05 in R", "Jaccard"]
    show("Kang PBMC: pseudobulk against R DESeq2", header, rows)


def demo_figures(folder: Path) -> float:
    """The demo against its truth: clusters, types, effects by type, composition. Gives the clusters' agreement."""
    from acuomics.simulate.cells import simulate_cell_record, write_cells
    from acuomics.singlecell.analyse import analyse_record

    begin = os.times()
    record, section = demo_record()
    simulated, planted = simulate_cell_record(record, DEMO, CELLS, SEED)
    write_cells(simulated, folder / "cells.h5ad")
    result = analyse_record(record, section, DEMO / "samples.tsv", CELLS, folder / "out", cells=folder / "cells.h5ad")
    seconds = sum(os.times()[:2]) - sum(begin[:2])
    agreement = cluster_agreement(simulated, result)
    types = result.map["cell_type"].to_numpy(str)
    truth = true_types(simulated, result).to_numpy(str)
    assigned = types != "unassigned"
    rows = [
        ("cells simulated", len(simulated.cells)),
        ("cells kept", len(result.map)),
        ("adjusted Rand index of clusters", agreement),
        ("types right among assigned", (types == truth)[assigned].mean()),
        ("assigned", assigned.mean()),
        ("CPU seconds, simulation and analysis", seconds),
    ]
    show("demo_phn_sc", ["what", "value"], rows)
    lost = pd.crosstab(simulated.cells["kind"].to_numpy(str), result.cells["lost"].replace("", "kept").to_numpy(str))
    show(
        "demo_phn_sc: kind of barcode by step that lost it",
        ["kind", *lost.columns],
        [[k, *v] for k, v in lost.iterrows()],
    )
    columns = ["cell_type", "n_cells", "contrast", "test", "n_true", "n_called", "recall", "false_discovery"]
    found = effects_found(simulated, result, record)
    show("demo_phn_sc: expression at q < 0.05 by type", columns, found[columns].to_numpy().tolist())
    truth_of = planted.set_index("cell_type")
    columns = ["contrast", "cell_type", "proportion_numerator", "proportion_denominator", "logit_difference", "p", "q"]
    show("demo_phn_sc: composition", columns, result.composition[columns].to_numpy().tolist())
    changed = set(truth_of.index[truth_of["log2_odds_model"] != 0])
    expected = {(c, t) for c in ("rtx_vs_control", "ea_vs_rtx") for t in changed}
    table = result.composition[result.composition["q"] < 0.05]
    called = set(zip(table["contrast"], table["cell_type"], strict=True))
    rows = [("planted", len(expected)), ("found", len(expected & called)), ("called elsewhere", len(called - expected))]
    show("demo_phn_sc: composition at q < 0.05", ["what", "n"], rows)
    return agreement


def write_large(path: Path, cells: int) -> None:
    """Write an h5ad of `cells` x `GENES`: ten types with genes of their own, about `COUNTS` counts a cell."""
    import anndata

    rng = np.random.default_rng(SEED)
    base = np.exp(rng.normal(0, 1.5, GENES))
    tables = []
    for k in range(TYPES):
        level = base.copy()
        level[k * 100 : k * 100 + 100] = np.quantile(base, 0.95)
        others = [g for j in range(TYPES) if j != k for g in range(j * 100, j * 100 + 100)]
        level[others] *= 0.1
        edges = np.round(np.cumsum(level / level.sum()) * SLOTS).astype(int)
        tables.append(np.repeat(np.arange(GENES, dtype=np.int32), np.diff(edges, prepend=0)))
    slots = np.stack(tables)
    blocks, libraries = [], np.sort(np.arange(cells) % LIBRARIES)
    for library in range(LIBRARIES):
        n = int((libraries == library).sum())
        types = rng.integers(0, TYPES, n)
        depth = np.maximum(200, rng.lognormal(np.log(COUNTS), 0.3, n)).astype(int)
        rows = np.repeat(np.arange(n, dtype=np.int32), depth)
        draws = rng.integers(0, SLOTS, depth.sum())
        genes = slots[types[rows], draws]
        block = sparse.coo_matrix((np.ones(len(rows), dtype=np.float32), (rows, genes)), shape=(n, GENES))
        blocks.append(block.tocsr())
    symbols = [f"Gene{i:05d}" for i in range(GENES)]
    obs = pd.DataFrame({"library": [f"l{k}" for k in libraries]}, index=[f"c{i}" for i in range(cells)])
    anndata.AnnData(sparse.vstack(blocks, format="csr"), obs, pd.DataFrame(index=symbols)).write_h5ad(path)


def write_side_files(folder: Path) -> None:
    """Sheet and marker tables of the large study."""
    arms = ["control", "RTX", "RTX_EA"]
    rows = [f"a{k}\tl{k}\t{arms[k % 3]}\n" for k in range(LIBRARIES)]
    (folder / "samples.tsv").write_text("sample\tlibrary\tcondition\n" + "".join(rows))
    lines = ["\t".join(COLUMNS)]
    for k in range(TYPES):
        for gene in range(k * 100, k * 100 + 5):
            symbol = f"Gene{gene:05d}"
            lines.append("\t".join(["p", f"type{k}", "NA", *[symbol, str(gene + 1)] * 3, "1", "none"]))
    (folder / "markers.tsv").write_text("\n".join(lines) + "\n")
    (folder / "mitochondrial.tsv").write_text("taxon\tsymbol\tncbi_gene\tensembl_gene\n10116\tGene19999\t1\tNA\n")


OURS = """
import sys, time, json, resource
sys.path[:0] = ["workflow"]
import scanpy, umap
import acuomics.singlecell.analyse as analyse, acuomics.singlecell.cluster as cluster
folder = sys.argv[1]
spent = {}
def timed(module, name, stage):
    inner = getattr(module, name)
    def outer(*a, **k):
        begin = time.process_time()
        result = inner(*a, **k)
        spent[stage] = spent.get(stage, 0.0) + time.process_time() - begin
        return result
    setattr(module, name, outer)
timed(analyse, "take_in_cells", "read")
timed(analyse, "judge_cells", "qc")
timed(analyse, "log_normalise", "variable genes"); timed(analyse, "variable_genes", "variable genes")
timed(cluster, "components", "components")
timed(cluster, "build_graph", "graph")
timed(cluster, "resolve", "leiden")
timed(cluster, "draw_map", "map")
timed(analyse, "type_cells", "types")
timed(analyse, "aggregate", "pseudobulk")
record = {"taxon": 10116, "design": "~ condition", "contrasts": [
    {"contrast": "x", "factor": "condition", "numerator": "RTX", "denominator": "control", "role": "model"}]}
section = {"format": "h5ad", "library_column": "library", "panels": ["p"]}
sheet, out, cells = (f"{folder}/{name}" for name in ("samples.tsv", "out", "x.h5ad"))
done = analyse.analyse_record(record, section, sheet, folder, out, cells=cells)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(json.dumps({"spent": spent, "peak": peak, "kept": done.facts["n_kept"], "types": len(done.types)}))
"""

# The same steps in scanpy's own words: exact neighbours on both sides, as many Leiden runs on as many cells.
THEIRS = """
import sys, time, json, resource, warnings
warnings.simplefilter("ignore")
sys.path[:0] = ["workflow"]
import anndata, numpy as np, pandas as pd, scanpy as sc, umap
from acuomics.singlecell.settings import CellSettings
folder, s = sys.argv[1], CellSettings()
spent, begin = {}, time.process_time()
def stage(name):
    global begin
    now = time.process_time()
    spent[name], begin = now - begin, time.process_time()
data = sc.read_h5ad(f"{folder}/x.h5ad")
# What anybody should make sure of: integers, cells named once.
assert np.isfinite(data.X.data).all() and (data.X.data >= 0).all() and (data.X.data == np.rint(data.X.data)).all()
assert data.obs_names.is_unique and data.var_names.is_unique
stage("read")
data.var["mt"] = data.var_names == "Gene19999"
sc.pp.calculate_qc_metrics(data, qc_vars=["mt"], percent_top=None, log1p=True, inplace=True)
def outlier(name, k):
    of = data.obs.groupby("library", observed=True)[name]
    centre = of.transform("median")
    spread = (data.obs[name] - centre).abs().groupby(data.obs["library"], observed=True).transform("median") * 1.4826
    return (data.obs[name] - centre).abs() > k * spread
bad = outlier("log1p_total_counts", 5) | outlier("log1p_n_genes_by_counts", 5) | outlier("pct_counts_mt", 3)
data = data[~bad].copy()
options = dict(use_approx_neighbors=False, expected_doublet_rate=s.doublet_rate, verbose=False)
sc.pp.scrublet(data, batch_key="library", **options)
data = data[~data.obs["predicted_doublet"].astype(bool)].copy(); stage("qc")
data.layers["counts"] = data.X.copy()
sc.pp.normalize_total(data); sc.pp.log1p(data)
sc.pp.highly_variable_genes(data, n_top_genes=s.n_hvg, batch_key="library"); stage("variable genes")
sc.pp.pca(data, n_comps=s.n_pcs, mask_var="highly_variable"); stage("components")
sc.pp.neighbors(data, n_neighbors=s.n_neighbors, transformer="sklearn"); stage("graph")
rng = np.random.default_rng(0)
size = round(s.subsample_share * data.n_obs)
whole = data.obsp["connectivities"]
parts = [whole[at][:, at] for at in (np.sort(rng.choice(data.n_obs, size, replace=False)) for _ in range(s.subsamples))]
for resolution in s.resolutions:
    options = dict(flavor="igraph", n_iterations=2, directed=False, resolution=resolution, random_state=0)
    sc.tl.leiden(data, **options)
    for part in parts:
        sc.tl.leiden(anndata.AnnData(obs=pd.DataFrame(index=map(str, range(size)))), adjacency=part, **options)
stage("leiden")
sc.tl.umap(data, maxiter=100, random_state=0); stage("map")
markers = pd.read_csv(f"{folder}/markers.tsv", sep="\\t")
for name, rows in markers.groupby("cell_type"):
    sc.tl.score_genes(data, rows["rat_symbol"].tolist(), score_name=name)
data.obs["type"] = data.obs[sorted(set(markers["cell_type"]))].idxmax(axis=1).astype("category"); stage("types")
sc.get.aggregate(data, by=["type", "library"], func="sum", layer="counts"); stage("pseudobulk")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(json.dumps({"spent": spent, "peak": peak, "kept": data.n_obs}))
"""


def run(script: str, folder: Path) -> dict:
    """One process: CPU seconds by stage, and its peak in GiB."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, str(folder)],
        cwd=REPO,
        capture_output=True,
        text=True,
        env=os.environ | threads,
        check=False,
    )
    if done.returncode:
        sys.exit(f"a benchmark process ended with status {done.returncode}\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def side_by_side(cells: int, repeats: int) -> tuple[float, float]:
    """Peak of ours in GiB, and the largest ratio of CPU time of a stage; every stage is printed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_large(folder / "x.h5ad", cells)
        write_side_files(folder)
        both: dict[str, list[dict]] = {"ours": [], "scanpy": []}
        for _ in range(repeats):
            for who, script in (("ours", OURS), ("scanpy", THEIRS)):
                both[who].append(run(script, folder))
                # Said at once: such a run is long, and what it has measured should outlive an interruption.
                print(f"{cells} cells, {who}: {json.dumps(both[who][-1])}", flush=True)
    middle = {who: {s: median(r["spent"][s] for r in runs) for s in STAGES} for who, runs in both.items()}
    rows = [(s, middle["ours"][s], middle["scanpy"][s], middle["ours"][s] / middle["scanpy"][s]) for s in STAGES]
    total = {who: sum(stages.values()) for who, stages in middle.items()}
    ratio = total["ours"] / total["scanpy"]
    rows.append(("all", total["ours"], total["scanpy"], ratio))
    title = f"{cells} cells x {GENES} genes: CPU seconds, median of {repeats} in turn"
    show(title, ["stage", "ours", "scanpy", "ratio"], rows)
    peaks = {who: max(r["peak"] for r in runs) for who, runs in both.items()}
    kept = {who: runs[0]["kept"] for who, runs in both.items()}
    show(f"{cells} cells", ["what", "ours", "scanpy"], [("peak GiB", *peaks.values()), ("cells kept", *kept.values())])
    return peaks["ours"], max(row[3] for row in rows)


def main() -> None:
    folder = need_real_data()
    accuracy = kang_figures(folder)
    with tempfile.TemporaryDirectory() as name:
        agreement = demo_figures(Path(name))
    _, ratio = side_by_side(RATIO_CELLS, REPEATS)
    peak, _ = side_by_side(LARGE, 1)
    figures = {
        "peak_gib_100k": peak,
        "ratio_to_scanpy": ratio,
        "ari_demo": agreement,
        "label_accuracy_kang": accuracy,
    }
    finish(figures)
