"""Do chosen miRNAs have more targets in a gene set than miRNAs like them? An empirical test."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acuomics.de.kernels.filtering import adjust_bh
from acuomics.mechanisms.targets.counting import count_distinct, pack_targets
from acuomics.mechanisms.targets.matching import Matching, draw_sets, match_bins
from acuomics.problems import Problems

STATUSES = (
    "tested",
    "target_count_unmatched",
    "no_gene_expressed",
    "no_target_in_set",
    "no_mirna_with_targets",
    "nothing_to_draw",
)

ENRICHMENT_COLUMNS = (
    "mechanism_id",
    "n_genes",
    "n_genes_expressed",
    "n_genes_targetable",
    "n_mirnas",
    "n_mirnas_with_targets",
    "observed",
    "expected",
    "null_sd",
    "p",
    "q",
    "n_greater",
    "n_equal",
    "draws",
    "status",
    "enriched",
    "statement",
)


@dataclass(frozen=True)
class Enrichment:
    """The test of every gene set, and how its null was made.

    Attributes
    ----------
    table : DataFrame
        `ENRICHMENT_COLUMNS`, a row a gene set in sorted order.
    facts : dict
        ``n_mirnas_expressed, n_mirnas_with_targets, n_universe, n_pairs, n_chosen, n_chosen_with_targets,
        distinct_sets, smallest_p, distinct_targets {observed, expected, low, high}, notes``. The distinct targets of
        the chosen miRNAs in the whole universe beside those of the random sets (mean and central 95 %) show how well
        the target counts are matched.
    """

    table: pd.DataFrame
    facts: dict[str, Any]


def target_matrix(targets: pd.DataFrame, mimats: Sequence[str], genes: Sequence[str]) -> NDArray[np.bool_]:
    """Which miRNA targets which gene, shape (mimats, genes); pairs outside of both lists are left out."""
    row = pd.Index(mimats).get_indexer(pd.Index(targets["mimat"]))
    column = pd.Index(genes).get_indexer(pd.Index(targets["target_ncbi"]))
    inside = (row >= 0) & (column >= 0)
    matrix = np.zeros((len(mimats), len(genes)), dtype=bool)
    matrix[row[inside], column[inside]] = True
    return matrix


def enrich(
    targets: pd.DataFrame,
    chosen: Collection[str],
    expression: Mapping[str, float],
    universe: Collection[str],
    sets: Mapping[str, Collection[str]],
    *,
    draws: int = 10_000,
    seed: int = 20240229,
    rate: float = 0.05,
    least_free: int = 8,
) -> Enrichment:
    """Test gene sets for targets of chosen miRNAs.

    The statistic is the number of different genes of the set, within the universe, that any chosen miRNA targets.
    Its null comes from random sets of as many miRNAs, matched for number of targets and expression (`match_bins`),
    not from random genes: well-studied miRNAs have many validated targets and well-studied genes are many a miRNA's
    target, and a hypergeometric test mistakes that for enrichment (Bleazard et al. 2015; Zagganas et al. 2017,
    BUFET). p = (1 + draws with as many or more) / (1 + draws) (Phipson and Smyth 2010). miRNAs without a target in
    the universe change no count, and stay out of the pool.

    Parameters
    ----------
    targets : DataFrame
        ``mimat, target_ncbi`` of one species (`Targets.of_species`).
    chosen : collection of str
        Accessions of the miRNAs in question, for instance those with q below a rate.
    expression : mapping
        Accession to mean expression, of every miRNA that the study expresses.
    universe : collection of str
        NCBI Gene ids of the genes that the tissue expresses.
    sets : mapping
        Name to NCBI Gene ids.
    draws : int
        Random sets, at least 10,000 for results that are shown.
    seed : int
    rate : float
        False discovery rate at which a set counts as enriched (Benjamini-Hochberg over the sets tested).
    least_free : int
        See `match_bins`.

    Raises
    ------
    InputError
        When a chosen miRNA has no expression, or an expression is no number.
    """
    problems = Problems()
    for mimat in sorted(set(chosen) - set(expression)):
        fix = "choose among the miRNAs that the study expresses"
        problems.add("chosen miRNAs", "the miRNA has no expression", fix, value=mimat)
    for mimat in sorted(m for m, value in expression.items() if not np.isfinite(value)):
        problems.add("expression of miRNAs", "not a number", "give the mean of normalised counts", value=mimat)
    problems.raise_if_any()

    genes, mimats, names = sorted(set(universe)), sorted(expression), sorted(sets)
    matrix = target_matrix(targets, mimats, genes)
    pool = matrix.any(axis=1)
    n_targets = matrix[pool].sum(axis=1)
    wanted = np.isin(mimats, list(chosen))
    chosen_in_pool = wanted[pool]
    columns = [np.flatnonzero(np.isin(genes, list(sets[name]))) for name in names]
    table = pd.DataFrame({"mechanism_id": names})
    table["n_genes"] = [len(set(sets[name])) for name in names]
    table["n_genes_expressed"] = [at.size for at in columns]
    table["n_genes_targetable"] = [int(matrix[:, at].any(axis=0).sum()) for at in columns]
    table["n_mirnas"] = int(wanted.sum())
    table["n_mirnas_with_targets"] = int(chosen_in_pool.sum())
    facts: dict[str, Any] = {
        "n_mirnas_expressed": len(mimats),
        "n_mirnas_with_targets": int(pool.sum()),
        "n_universe": len(genes),
        "n_pairs": int(matrix.sum()),
        "n_chosen": int(wanted.sum()),
        "n_chosen_with_targets": int(chosen_in_pool.sum()),
    }
    matching = Matching((), (), ())
    if chosen_in_pool.any():
        values = np.array([expression[mimat] for mimat in mimats])[pool]
        matching = match_bins(n_targets.astype(np.int64), values, chosen_in_pool, least_free)
    distinct = matching.distinct
    shown = min(distinct, 10**12)
    facts |= {"distinct_sets": shown, "smallest_p": max(1.0 / shown, 1.0 / (1 + draws)), "notes": [*matching.notes]}
    unmatched = False
    if distinct > 1:
        everything = np.arange(len(genes))
        packed = pack_targets(matrix[pool], [*columns, everything])
        observed = count_distinct(packed, np.flatnonzero(chosen_in_pool)[None, :])[0]
        null = count_distinct(packed, draw_sets(matching, draws, np.random.default_rng(seed)))
        low, high = np.quantile(null[:, -1], [0.025, 0.975])
        unmatched = bool(observed[-1] > high)
        facts["distinct_targets"] = {
            "observed": int(observed[-1]),
            "expected": float(null[:, -1].mean()),
            "low": float(low),
            "high": float(high),
        }
        table["observed"], table["expected"] = observed[:-1], null.mean(axis=0)[:-1]
        table["null_sd"] = null.std(axis=0)[:-1]
        table["n_greater"] = (null > observed).sum(axis=0)[:-1]
        table["n_equal"] = (null == observed).sum(axis=0)[:-1]
        table["p"] = (1.0 + table["n_greater"] + table["n_equal"]) / (1.0 + draws)
    else:
        at_once = [int(matrix[wanted][:, at].any(axis=0).sum()) for at in columns]
        table["observed"] = at_once
        for name in ("expected", "null_sd", "n_greater", "n_equal", "p"):
            table[name] = np.nan
    table["draws"] = draws if distinct > 1 else 0
    table["status"] = _statuses(table, bool(chosen_in_pool.any()), distinct > 1, unmatched)
    tested = table["status"].isin(["tested", "target_count_unmatched"]).to_numpy()
    table["p"] = table["p"].where(tested)
    table["q"] = adjust_bh(table["p"].to_numpy())
    table["enriched"] = (table["q"] < rate) & (table["status"] == "tested")
    table["statement"] = [_state(row) for row in table.to_dict("records")]
    if 1 < distinct <= 1.0 / rate:
        facts["notes"].append(f"only {distinct} matched sets are distinct: p cannot be under {1.0 / distinct:.3g}")
    if unmatched:
        facts["notes"].append(
            "the chosen miRNAs have more targets than nearly all random sets: matching failed, and nothing is enriched"
        )
    return Enrichment(table[list(ENRICHMENT_COLUMNS)], facts)


def _statuses(table: pd.DataFrame, any_chosen: bool, drawable: bool, unmatched: bool) -> NDArray[np.object_]:
    general = "target_count_unmatched" if unmatched else "tested"
    status = np.full(len(table), general, dtype=object)
    if not drawable:
        status[:] = "nothing_to_draw"
    if not any_chosen:
        status[:] = "no_mirna_with_targets"
    status[table["n_genes_targetable"].to_numpy() == 0] = "no_target_in_set"
    status[table["n_genes_expressed"].to_numpy() == 0] = "no_gene_expressed"
    return status


_WHY_NOT = {
    "target_count_unmatched": "random miRNAs with as many targets could not be found",
    "no_gene_expressed": "none of its genes is expressed",
    "no_target_in_set": "no expressed miRNA has a validated target among its genes",
    "no_mirna_with_targets": "none of the chosen miRNAs has a validated target among the expressed genes",
    "nothing_to_draw": "there are no other miRNAs to compare the chosen ones with",
}


def _state(row: Mapping[Any, Any]) -> str:
    """Say what may be said of the miRNAs and the set: a pathway only where the test passes."""
    if row["enriched"]:
        return (
            f"the miRNAs target {row['observed']} of its expressed genes where matched random miRNAs target "
            f"{row['expected']:.3g} on average (p {row['p']:.2g}, q {row['q']:.2g})"
        )
    if row["status"] != "tested":
        return f"no statement from miRNAs to this set: {_WHY_NOT[row['status']]}"
    return "no statement from miRNAs to this set: they target no more of its genes than matched random miRNAs may"
