"""Which cells are cells: thresholds from each library's own spread, doublets, and how many are lost at each step."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acuomics.files import read_tsv
from acuomics.singlecell.normalise import log_normalise, variable_genes
from acuomics.singlecell.settings import CellSettings

if TYPE_CHECKING:
    import anndata

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
#: The median absolute deviation times this estimates the standard deviation of normal data.
MAD_SCALE = 1.4826
#: scrublet looks at 30 components: below this many cells its simulated doublets mean nothing.
FEWEST_FOR_DOUBLETS = 100
#: More doublets than so many times the expected share are doubted.
MANY_DOUBLETS = 2.5
STEPS = ("counts", "genes", "mitochondrial", "doublet")
#: In float32 a fraction carries about this much rounding; no threshold lies closer.
_ROUNDING = 1e-6


def mitochondrial(features: pd.Index[str], symbols: pd.Series[str], taxon: int, table: str | Path) -> Flags:
    """Which genes are the mitochondrion's own, by the species' ids and symbols, shape (genes,).

    Parameters
    ----------
    features, symbols
        Feature ids and labels.
    taxon : int
        NCBI taxon.
    table : path
        ``resources/cells/mitochondrial.tsv``.
    """
    genes = read_tsv(table, dtype=str)
    known = set(genes.loc[genes["taxon"] == str(taxon), ["symbol", "ncbi_gene", "ensembl_gene"]].to_numpy().ravel())
    plain = pd.Index(features).str.replace(r"(?<=\d)\.\d+$", "", regex=True)
    return np.asarray(plain.isin(known) | symbols.isin(known).to_numpy())


def measure_cells(data: anndata.AnnData, mito: Flags) -> pd.DataFrame:
    """Counts, detected genes and mitochondrial fraction of every cell.

    Returns
    -------
    pandas.DataFrame
        ``library, total_counts, n_genes, mito_fraction`` (NaN without mitochondrial genes), index as ``data.obs``.
    """
    counts = data.X
    totals = np.asarray(counts.sum(axis=1, dtype=np.float64)).ravel()
    fraction = np.full(data.n_obs, np.nan)
    if mito.any():
        own = np.asarray(counts @ mito.astype(np.float32)).ravel()
        fraction = np.divide(own, totals, out=np.zeros(data.n_obs), where=totals > 0)
    # Explicit zeros would count as detected.
    detected = np.diff(counts.indptr) if counts.data.all() else np.asarray((counts > 0).sum(axis=1)).ravel()
    metrics = {"total_counts": totals.astype(np.int64), "n_genes": detected.astype(np.int64), "mito_fraction": fraction}
    return pd.DataFrame({"library": data.obs["library"].to_numpy(str), **metrics}, index=data.obs_names)


def thresholds(metrics: pd.DataFrame, settings: CellSettings) -> pd.DataFrame:
    """Bounds of every library: its median and so many MADs, on the log scale for counts and genes.

    Returns
    -------
    pandas.DataFrame
        ``library, metric, median, mad, low, high`` on the metric's own scale (`mad` on the log scale of counts and
        genes); a bound that does not apply, or a spread of zero, leaves NaN.
    """
    rows = []
    for library, cells in metrics.groupby("library", sort=False):
        for metric, k in (
            ("total_counts", settings.mads),
            ("n_genes", settings.mads),
            ("mito_fraction", settings.mito_mads),
        ):
            logged = metric != "mito_fraction"
            if cells[metric].isna().all():  # no mitochondrial gene
                rows.append((library, metric, np.nan, np.nan, np.nan, np.nan))
                continue
            values = np.log1p(cells[metric]) if logged else cells[metric]
            median = float(values.median())
            mad = float((values - median).abs().median()) * MAD_SCALE
            low, high = (median - k * mad, median + k * mad) if mad > 0 else (np.nan, np.nan)
            if logged:
                rows.append((library, metric, np.expm1(median), mad, np.expm1(low), np.expm1(high)))
            else:
                rows.append((library, metric, median, mad, np.nan, high))
    return pd.DataFrame(rows, columns=["library", "metric", "median", "mad", "low", "high"])


def find_doublets(data: anndata.AnnData, settings: CellSettings) -> tuple[Floats, Flags, str]:
    """Score doublets of one library with scrublet, as scanpy has it.

    The variable genes are ours, taken from raw counts as scanpy's own preparation takes them, but not without limit.
    Exact neighbours are asked for: the approximate ones depend on the number of threads.

    Returns
    -------
    scores, called : arrays of shape (cells,)
        Scores are NaN, and nothing is called, where scrublet cannot say.
    note : str
        Why it cannot, or why to doubt it, else empty.
    """
    import anndata
    import scanpy as sc

    nothing = np.full(data.n_obs, np.nan), np.zeros(data.n_obs, dtype=bool)
    if data.n_obs < FEWEST_FOR_DOUBLETS:
        return *nothing, f"{data.n_obs} cells are too few to look for doublets"
    seed = settings.seed % 2**31
    scaled, _ = log_normalise(data.X)
    varied = np.flatnonzero(variable_genes(scaled, np.full(data.n_obs, ""), settings.n_hvg))
    library = anndata.AnnData(_per_million(data.X[:, varied]), data.obs[[]].copy())
    library.layers["raw"] = data.X[:, varied]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            doublets = sc.pp.scrublet_simulate_doublets(library, layer="raw", sim_doublet_ratio=2.0, random_seed=seed)
            doublets.X = _per_million(doublets.X)
            del library.layers["raw"]
            sc.pp.scrublet(
                library,
                adata_sim=doublets,
                expected_doublet_rate=settings.doublet_rate,
                random_state=seed,
                use_approx_neighbors=False,
                verbose=False,
            )
    except ValueError as error:  # too few variable genes for the components
        return *nothing, f"scrublet could not run ({str(error).splitlines()[0]})"
    scores = library.obs["doublet_score"].to_numpy(float)
    if "predicted_doublet" not in library.obs or library.obs["predicted_doublet"].isna().any():
        return scores, nothing[1], "scrublet found no threshold between doublets and single cells"
    called = library.obs["predicted_doublet"].to_numpy(bool)
    if called.mean() > MANY_DOUBLETS * settings.doublet_rate:
        share = f"{called.mean():.0%} of the cells where {settings.doublet_rate:.0%} were expected"
        return scores, called, f"scrublet called {share}: its threshold may be between cell types"
    return scores, called, ""


def _per_million(counts: Any) -> Any:
    """Scale the cells of a CSR matrix to a total of one million; cells without counts stay empty."""
    totals = np.asarray(counts.sum(axis=1, dtype=np.float64)).ravel()
    factors = np.divide(1e6, totals, out=np.zeros_like(totals), where=totals > 0).astype(np.float32)
    scaled = counts.tocsr().astype(np.float32)
    scaled.data *= np.repeat(factors, np.diff(scaled.indptr))
    return scaled


def judge_cells(
    data: anndata.AnnData, mito: Flags, settings: CellSettings
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, list[str]]:
    """Decide which cells stay.

    Returns
    -------
    cells : pandas.DataFrame
        `measure_cells` and ``doublet_score, lost`` (the step that lost the cell, empty for those that stay).
    bounds : pandas.DataFrame
        See `thresholds`.
    losses : pandas.DataFrame
        ``library, step, n_before, n_lost, n_after``, steps in the order in which they are applied.
    warnings : list of str
        Steps that could not be taken.
    """
    cells = measure_cells(data, mito)
    bounds = thresholds(cells, settings)
    notes = [] if mito.any() else ["no mitochondrial gene is in the matrix: the step is not taken"]
    lost = pd.Series("", index=cells.index, dtype=object)
    limit = bounds.set_index(["library", "metric"])
    for metric, step in (("total_counts", "counts"), ("n_genes", "genes"), ("mito_fraction", "mitochondrial")):
        of_cells = limit.xs(metric, level="metric").loc[cells["library"]]
        # Comparisons with a missing bound are false, so nothing is lost to it.
        outside = (cells[metric].to_numpy() < of_cells["low"].to_numpy() - _ROUNDING) | (
            cells[metric].to_numpy() > of_cells["high"].to_numpy() + _ROUNDING
        )
        outside |= (cells["total_counts"] == 0).to_numpy() if step == "counts" else False
        lost[outside & (lost == "").to_numpy()] = step
    doublet_score = np.full(len(cells), np.nan)
    names = cells["library"].unique()
    for name in names:
        at = np.flatnonzero(((cells["library"] == name) & (lost == "")).to_numpy())
        scores, called, note = find_doublets(data[at], settings)
        doublet_score[at] = scores
        lost.iloc[at[called]] = "doublet"
        notes += [f"library {name}: {note}"] if note else []
    cells["doublet_score"], cells["lost"] = doublet_score, lost
    rows = []
    for name in names:
        steps = lost[(cells["library"] == name).to_numpy()]
        n = len(steps)
        for step in STEPS:
            gone = int((steps == step).sum())
            rows.append((name, step, n, gone, n - gone))
            n -= gone
    return cells, bounds, pd.DataFrame(rows, columns=["library", "step", "n_before", "n_lost", "n_after"]), notes
