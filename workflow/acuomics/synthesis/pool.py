"""Pooled rows: every gene of a pool, and every curated claim about a gene, without the studies that it came from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acuomics.synthesis.claim_tests import CLAIM_KEY, join_text
from acuomics.synthesis.combine import adjust, combine, conclude, signs_of
from acuomics.synthesis.vocabulary import POOLED_COLUMNS, Settings

Floats = NDArray[np.float64]


class Wide:
    """The effects of one pool as arrays, genes x studies; studies and genes in sorted order."""

    def __init__(self, effects: pd.DataFrame) -> None:
        self.studies = sorted(set(effects["study"]))
        keys = (
            effects[["identifier_kind", "identifier"]].drop_duplicates().sort_values(["identifier_kind", "identifier"])
        )
        self.genes = pd.MultiIndex.from_frame(keys)
        rows = self.genes.get_indexer(pd.MultiIndex.from_frame(effects[["identifier_kind", "identifier"]]))
        columns = np.searchsorted(self.studies, effects["study"].to_numpy(dtype=str))
        shape = (len(self.genes), len(self.studies))
        self.effect, self.se = np.full(shape, np.nan), np.full(shape, np.nan)
        self.effect[rows, columns], self.se[rows, columns] = effects["log2fc"], effects["log2fc_se"]
        sizes = effects.drop_duplicates("study").set_index("study")["effective_n"]
        self.n = sizes.loc[self.studies].to_numpy(dtype=np.float64)
        # Symbols are labels: the first study's by name serves.
        named = effects.sort_values("study").drop_duplicates(["identifier_kind", "identifier"])
        named = named.set_index(["identifier_kind", "identifier"])
        self.symbols = named["symbol"].reindex(self.genes).to_numpy(dtype=object)
        self.first = effects.iloc[0]

    def studies_of(self, effect: Floats) -> list[str]:
        """The studies with an estimate, joined by ``|``, a row."""
        known = ~np.isnan(effect)
        # Few patterns, many rows.
        patterns, inverse = np.unique(known, axis=0, return_inverse=True)
        words = ["|".join(name for name, here in zip(self.studies, row, strict=True) if here) for row in patterns]
        return [words[at] for at in inverse.ravel()]


def pool_genes(effects: pd.DataFrame, settings: Settings, analysis: str = "main") -> pd.DataFrame:
    """Pool every gene of one pool, asked in both directions.

    Parameters
    ----------
    effects : DataFrame
        `EFFECT_COLUMNS` of the studies of one pool, one row a study and gene.
    settings : Settings
    analysis : str
        One of `ANALYSES`.

    Returns
    -------
    DataFrame
        `POOLED_COLUMNS`, genes in sorted order; empty for fewer than two studies, since there is nothing to pool.
    """
    if effects["study"].nunique() < 2:
        return _empty()
    wide = Wide(effects)
    several = (~np.isnan(wide.effect)).sum(axis=1) > 1
    effect, se = wide.effect[several], wide.se[several]
    sign, test = np.full(len(effect), np.nan), np.full(len(effect), "two_sided")
    table = combine(effect, se, wide.n, sign, test, settings)
    table["stouffer_q"], table["q"] = adjust(table["stouffer_p"].to_numpy()), adjust(table["p"].to_numpy())
    table["q_claim"] = table["stouffer_q"]
    table["q_opposite"] = np.nan
    table["q_equivalence"] = adjust(table["p_equivalence"].to_numpy())
    table["test"] = test
    table["conclusion"] = conclude(table, sign, settings)
    table["identifier_kind"] = wide.genes.get_level_values(0)[several]
    table["identifier"] = wide.genes.get_level_values(1)[several]
    table["symbol"], table["studies"] = wide.symbols[several], wide.studies_of(effect)
    table["analysis"], table["unit"], table["test_family"], table["status"] = analysis, "gene", "genes", "pooled"
    return _finish(table, wide.first)


def pool_claims(
    effects: pd.DataFrame, claims: pd.DataFrame, settings: Settings, analysis: str = "main"
) -> pd.DataFrame:
    """Pool every gene of every claim of one pool, asked as claimed; q values come from `adjust_claims`.

    Parameters
    ----------
    effects : DataFrame
        `EFFECT_COLUMNS` of the studies of one pool.
    claims : DataFrame
        `claim_tests` of the same studies.

    Returns
    -------
    DataFrame
        `POOLED_COLUMNS`; claims of one study too (status ``one_study``), so that the table says that nobody repeated
        it.
    """
    if effects.empty or claims.empty:
        return _empty()
    wide = Wide(effects)
    rows, effect, se = claim_arrays(wide, claims)
    if not len(rows):
        return _empty()
    sign = signs_of(rows["direction"])
    table = combine(effect, se, wide.n, sign, rows["test"].to_numpy(dtype=str), settings)
    for name in (*CLAIM_KEY, "identifier_kind", "symbol", "left_out"):
        table[name] = rows[name].to_numpy()
    table["studies"] = wide.studies_of(effect)
    table["status"] = np.select([table["k"] == 0, table["k"] == 1], ["no_estimate", "one_study"], "pooled")
    table["analysis"], table["unit"] = analysis, "claim"
    return _finish(table, wide.first)


def claim_arrays(wide: Wide, claims: pd.DataFrame) -> tuple[pd.DataFrame, Floats, Floats]:
    """The distinct claims of a pool and their effects; studies that a claim was made from are blank."""
    columns = [*CLAIM_KEY, "identifier_kind", "symbol", "left_out"]
    ids = wide.genes.get_level_values(1)
    usable = claims[claims["identifier"].isin(ids) & claims["study"].isin(wide.studies)]
    if usable.empty:
        blank = np.empty((0, len(wide.studies)))
        return pd.DataFrame(columns=columns), blank, blank
    rows = usable.sort_values([*CLAIM_KEY, "study"], kind="stable").drop_duplicates(list(CLAIM_KEY), ignore_index=True)
    at = np.array([int(np.flatnonzero(ids == name)[0]) for name in rows["identifier"]])
    effect, se = wide.effect[at].copy(), wide.se[at].copy()
    # A study takes part in a claim when its own verdict table tests it: elsewhere the claim is out of its scope.
    key = join_text([rows[name] for name in CLAIM_KEY])
    tested = pd.DataFrame(
        {"key": join_text([usable[n] for n in CLAIM_KEY]), "study": usable["study"], "no": usable["circular"]}
    )
    groups = dict(list(tested.groupby("key", sort=False)))
    left_out = []
    for row, name in enumerate(key):
        part = groups[name]
        circular = set(part.loc[part["no"], "study"])
        allowed = set(part["study"]) - circular
        off = np.array([study not in allowed for study in wide.studies])
        effect[row, off], se[row, off] = np.nan, np.nan
        left_out.append("|".join(sorted(circular)))
    rows["left_out"], rows["identifier_kind"] = left_out, wide.genes.get_level_values(0)[at]
    return rows[columns], effect, se


def _finish(table: pd.DataFrame, first: pd.Series[Any]) -> pd.DataFrame:
    """The columns of the contract, in its order; words for those that the unit has not."""
    table["pool"], table["family"] = first["pool"], first["family"]
    for name in ("claim_id", "mechanism_id", "direction", "left_out", "conclusion"):
        if name not in table.columns:
            table[name] = ""
    for name in ("stouffer_q", "q_claim", "q_opposite", "q", "q_equivalence"):
        if name not in table.columns:
            table[name] = np.nan
    table["one_to_many"] = False
    table["caution"] = _cautions(table)
    return table[list(POOLED_COLUMNS)]


def _cautions(table: pd.DataFrame) -> list[str]:
    """What a reader must know of a row, in words; of what is not shown, nothing that follows from that."""
    shown = (table["p_claim"] < 0.05) & (table["test"] != "equivalence")
    both = (table["prediction_low"] < 0) & (table["prediction_high"] > 0) & (table["k"] > 2)
    notes = [
        (table["k"] == 2, "two studies: the interval has one degree of freedom"),
        (table["heterogeneity_p"] < 0.05, "the studies differ by more than chance"),
        (shown & both, "a new study may show the contrary"),
        (shown & (table["loo_sign_changes"] > 0), "the sign of the mean hangs on one study"),
        (shown & (table["loo_largest_p"] >= 0.05), "without one study nothing is shown"),
    ]
    flags = np.column_stack([mask.to_numpy(dtype=bool) for mask, _ in notes])
    patterns, inverse = np.unique(flags, axis=0, return_inverse=True)
    words = ["; ".join(text for (_, text), on in zip(notes, row, strict=True) if on) for row in patterns]
    return [words[at] for at in inverse.ravel()]


def _empty() -> pd.DataFrame:
    return pd.DataFrame(columns=list(POOLED_COLUMNS))
