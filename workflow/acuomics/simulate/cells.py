"""Single cells of a three-arm study, drawn from a stated truth: types, effects in each, one change of composition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray
from scipy import sparse

from acuomics.files import atomic_path, read_tsv
from acuomics.simulate.cell_spec import CellSpec, check_cell_tables
from acuomics.simulate.classes import PLANTED, draw_effects
from acuomics.simulate.counts import study_seed

Floats = NDArray[np.float64]
#: A damaged cell has this share of the counts that it would have.
DAMAGED_DEPTH = 0.35
#: Markers have this quantile of all genes' levels in their type, and 2^-marker_log2fc of it elsewhere.
MARKER_QUANTILE = 0.9
BASES = np.array(list("ACGT"))
BARCODE = 16


class SimulatedCells(NamedTuple):
    """What `simulate_cells` gives.

    Attributes
    ----------
    counts : csr_matrix of shape (cells, genes)
    obs : pandas.DataFrame
        ``barcode, library``, a row a cell.
    genes : pandas.DataFrame
        ``feature, symbol``.
    truth : pandas.DataFrame
        ``cell_type, feature, symbol, class, log2fc_model, log2fc_treatment``, every gene in every type.
    cells : pandas.DataFrame
        ``library, barcode, cell_type, kind`` (``single``, ``doublet``, ``damaged``).
    """

    counts: Any
    obs: pd.DataFrame
    genes: pd.DataFrame
    truth: pd.DataFrame
    cells: pd.DataFrame


def simulate_cells(
    spec: CellSpec,
    types: pd.DataFrame,
    effects: pd.DataFrame,
    markers: pd.DataFrame,
    mito: pd.DataFrame,
    samples: pd.DataFrame,
    seed: int | Sequence[int],
) -> SimulatedCells:
    """Simulate the cells of a three-arm study.

    A gene's share of a cell's counts is its base share, changed by the type, by the arm's planted effect in that type
    and by the animal (log-normal); counts are Poisson about share times depth. Types' odds vary between animals.

    Parameters
    ----------
    spec : CellSpec
    types, effects, samples : pandas.DataFrame
        See `acuomics.simulate.cell_spec.check_cell_tables`.
    markers : pandas.DataFrame
        ``cell_type, symbol, ncbi_gene, weight``: named genes; those of positive weight are high in their type only.
    mito : pandas.DataFrame
        ``symbol, ncbi_gene``: the mitochondrion's genes.
    seed : int or sequence of int

    Raises
    ------
    InputError
        When the tables are faulty.
    """
    types = check_cell_tables(spec, types, effects, samples)
    streams = [np.random.Generator(np.random.PCG64(c)) for c in np.random.SeedSequence(seed).spawn(5)]
    for_genes, for_effects, for_animals, for_cells, for_counts = streams
    names = types["cell_type"].tolist()
    genes, levels, ordinary = _levels(spec, names, effects, markers, mito, for_genes)
    truth = _truth(spec, names, genes, effects, ordinary, for_effects)
    of_model, of_treatment = (
        truth[effect].to_numpy().reshape(len(names), len(genes)) for effect in ("log2fc_model", "log2fc_treatment")
    )
    blocks, obs, cells = [], [], []
    for library, arm in zip(samples["library"], samples[spec.factor], strict=True):
        change = np.zeros_like(levels)
        odds = np.log(types["share"].to_numpy(float))
        if arm != spec.control:
            change, odds = change + of_model, odds + np.log(2) * types["log2_odds_model"].to_numpy(float)
        if arm == spec.treated:
            change = change + of_treatment
            odds = odds + np.log(2) * types["log2_odds_treatment"].to_numpy(float)
        profile = levels * np.exp2(change) * np.exp(for_animals.normal(0, spec.animal_log_sd, levels.shape))
        share = np.exp(odds + for_animals.normal(0, spec.proportion_log_sd, len(names)))
        n = round(spec.cells_mean * float(_lognormal(for_animals, spec.cells_cv, 1)[0]))
        kinds, first, second = _draw_cells(spec, share / share.sum(), n, for_cells)
        depth = (
            spec.depth_mean * _lognormal(for_cells, spec.depth_cv, n) * np.where(kinds == "damaged", DAMAGED_DEPTH, 1)
        )
        counts = _draw_counts(spec, profile, kinds, first, second, depth, len(mito), for_counts)
        barcodes = _barcodes(n, for_cells)
        blocks.append(sparse.csr_matrix(counts.astype(np.float32)))
        obs.append(pd.DataFrame({"barcode": barcodes, "library": library}))
        of_type = np.array(names)[first]
        cells.append(pd.DataFrame({"library": library, "barcode": barcodes, "cell_type": of_type, "kind": kinds}))
    whole = sparse.vstack(blocks, format="csr")
    return SimulatedCells(whole, pd.concat(obs, ignore_index=True), genes, truth, pd.concat(cells, ignore_index=True))


def simulate_cell_record(
    record: Mapping[str, Any], folder: str | Path, cells: str | Path, seed: int
) -> tuple[SimulatedCells, pd.DataFrame]:
    """Simulate the single-cell study that a record describes.

    Parameters
    ----------
    record : mapping
        Study record; ``study, taxon`` are used.
    folder : path
        The study's folder: ``study.yaml, samples.tsv, features.tsv, cell_types.tsv``.
    cells : path
        ``resources/cells``: markers and mitochondrial genes.
    seed : int
        The seed of the run.

    Returns
    -------
    simulated : SimulatedCells
    composition : pandas.DataFrame
        The planted ``cell_type, share, log2_odds_model, log2_odds_treatment``.
    """
    folder, cells = Path(folder), Path(cells)
    section = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))["cells"]
    spec = CellSpec.from_study(section["simulation"])
    species = {9606: "human", 10090: "mouse", 10116: "rat"}[record["taxon"]]
    markers = read_tsv(cells / "markers.tsv", dtype=str)
    markers = markers[markers["panel"].isin(section["panels"])]
    markers = markers.assign(symbol=markers[f"{species}_symbol"], ncbi_gene=markers[f"{species}_ncbi"])
    markers = markers.assign(weight=markers["weight"].astype(float)).dropna(subset=["symbol", "ncbi_gene"])
    mito = read_tsv(cells / "mitochondrial.tsv", dtype=str)
    mito = mito[mito["taxon"] == str(record["taxon"])]
    samples = read_tsv(folder / "samples.tsv", dtype=str)
    samples = samples if "library" in samples else samples.assign(library=samples["sample"])
    effects = read_tsv(folder / "features.tsv", dtype={"feature": str})
    types = read_tsv(folder / "cell_types.tsv")
    simulated = simulate_cells(spec, types, effects, markers, mito, samples, study_seed(seed, record["study"]))
    return simulated, types[["cell_type", "share", "log2_odds_model", "log2_odds_treatment"]]


def write_cells(simulated: SimulatedCells, path: str | Path) -> None:
    """Write all libraries as one h5ad: counts in ``X``, ``obs["library"]``, ``var["symbol"]``."""
    import anndata

    obs = simulated.obs[["library"]].set_axis(pd.Index(simulated.obs["library"] + ":" + simulated.obs["barcode"]))
    var = simulated.genes[["symbol"]].set_axis(pd.Index(simulated.genes["feature"].astype(str)))
    with atomic_path(path) as temporary:
        anndata.AnnData(simulated.counts, obs, var).write_h5ad(temporary, compression="lzf")


def _lognormal(rng: np.random.Generator, cv: float, n: int) -> Floats:
    """Log-normal factors of mean one."""
    sigma = np.sqrt(np.log1p(cv**2))
    return np.exp(rng.normal(-(sigma**2) / 2, sigma, n))


def _levels(
    spec: CellSpec,
    names: list[str],
    effects: pd.DataFrame,
    markers: pd.DataFrame,
    mito: pd.DataFrame,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, Floats, NDArray[np.intp]]:
    """Genes (mitochondrial ones last), their levels (types x genes), and which invented ones mark no type."""
    named = pd.concat(
        [markers.rename(columns={"ncbi_gene": "feature"})[["feature", "symbol"]], effects[["feature", "symbol"]]]
    )
    named = named.drop_duplicates("feature")
    n_invented = spec.n_genes - len(named) - len(mito)
    invented = [f"{spec.invented_prefix}{i:0{spec.invented_digits}d}" for i in range(1, n_invented + 1)]
    nuclear = pd.concat([named, pd.DataFrame({"feature": invented, "symbol": invented})], ignore_index=True)
    own = pd.DataFrame({"feature": mito["ncbi_gene"], "symbol": mito["symbol"]})
    genes = pd.concat([nuclear, own], ignore_index=True)
    base = np.exp(rng.normal(0, spec.expression_log_sd, len(nuclear)))
    high = float(np.quantile(base, MARKER_QUANTILE))
    levels = base * np.exp(rng.normal(0, spec.type_log_sd, (len(names), len(nuclear))))
    positive = markers[markers["weight"] > 0]
    is_marker = nuclear["feature"].isin(positive["ncbi_gene"]).to_numpy()
    low = 2.0**-spec.marker_log2fc
    levels[:, is_marker] = high * low
    place = {feature: at for at, feature in enumerate(nuclear["feature"])}
    for name, feature in zip(positive["cell_type"], positive["ncbi_gene"], strict=True):
        if name in names:
            levels[names.index(name), place[feature]] = high
    shuffled = len(named) + rng.permutation(n_invented)
    marking = spec.invented_markers * len(names)
    for at, of_type in enumerate(np.array_split(shuffled[:marking], len(names))):
        levels[:, of_type] = high * low
        levels[at, of_type] = high
    of_mito = np.exp(rng.normal(0, 0.5, (1, len(mito)))).repeat(len(names), axis=0)
    return genes, np.hstack([levels, of_mito]), np.sort(shuffled[marking:])


def _truth(
    spec: CellSpec,
    names: list[str],
    genes: pd.DataFrame,
    effects: pd.DataFrame,
    ordinary: NDArray[np.intp],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Every gene in every type: class and effects; those of named genes as listed, of `ordinary` invented ones drawn.

    Invented markers have no effect, so that an arm does not look like a type.
    """
    place = {feature: at for at, feature in enumerate(genes["feature"])}
    parts = []
    for name in names:
        classes = np.full(len(genes), "null", dtype=object)
        model, treatment = np.zeros(len(genes)), np.zeros(len(genes))
        dealt, start = rng.permutation(ordinary), 0
        for planted in PLANTED:
            n = round(spec.shares.get(planted, 0.0) * len(ordinary))
            at, start = dealt[start : start + n], start + n
            classes[at] = planted
            model[at], treatment[at] = draw_effects(
                rng, planted, n, smallest=spec.min_log2fc, largest=spec.max_log2fc, up_share=spec.up_share
            )
        for row in effects[effects["cell_type"] == name].to_dict("records"):
            named = place[row["feature"]]
            classes[named], model[named], treatment[named] = row["class"], row["log2fc_model"], row["log2fc_treatment"]
        table = pd.DataFrame({"class": classes, "log2fc_model": model, "log2fc_treatment": treatment})
        parts.append(pd.concat([genes, table], axis=1).assign(cell_type=name))
    columns = ["cell_type", "feature", "symbol", "class", "log2fc_model", "log2fc_treatment"]
    return pd.concat(parts, ignore_index=True)[columns]


def _draw_cells(
    spec: CellSpec, share: Floats, n: int, rng: np.random.Generator
) -> tuple[NDArray[np.str_], NDArray[np.intp], NDArray[np.intp]]:
    """Kind of every barcode, its type, and the type of the second cell of a doublet."""
    u = rng.random(n)
    kinds = np.where(
        u < spec.doublet_share, "doublet", np.where(u < spec.doublet_share + spec.damaged_share, "damaged", "single")
    )
    return kinds, rng.choice(len(share), n, p=share), rng.choice(len(share), n, p=share)


def _draw_counts(
    spec: CellSpec,
    profile: Floats,
    kinds: NDArray[np.str_],
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    depth: Floats,
    n_mito: int,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Counts of one library, cells x genes."""
    nuclear, own = profile[:, :-n_mito], profile[:, -n_mito:]
    nuclear = nuclear / nuclear.sum(axis=1, keepdims=True)
    own = own / own.sum(axis=1, keepdims=True)
    share = np.where(kinds == "damaged", spec.damaged_mito_share, spec.mito_share) * _lognormal(rng, 0.25, len(kinds))
    share = np.minimum(share, 0.9)
    rates = np.hstack([nuclear[first] * (1 - share)[:, None], own[first] * share[:, None]])
    both = np.flatnonzero(kinds == "doublet")
    # Two cells in a droplet: the counts of both.
    rates[both, :-n_mito] += nuclear[second[both]] * (1 - share)[both, None]
    return rng.poisson(rates * depth[:, None])


def _barcodes(n: int, rng: np.random.Generator) -> list[str]:
    """Different random barcodes, as sequencing would give them."""
    found: dict[str, None] = {}
    while len(found) < n:
        for letters in BASES[rng.integers(0, 4, (n - len(found), BARCODE))]:
            found["".join(letters) + "-1"] = None
    return list(found)
