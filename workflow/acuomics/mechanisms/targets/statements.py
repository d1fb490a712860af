"""One step from a miRNA to its target: what the two levels of expression allow to say, and no more."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from acuomics.problems import Problems

#: Closed vocabulary. Only ``opposite_direction`` is what a miRNA that lowers its target's mRNA predicts.
STATEMENTS = (
    "opposite_direction",
    "same_direction",
    "different_level",
    "target_not_measured",
    "target_not_tested",
    "target_not_significant",
    "mirna_not_tested",
    "mirna_not_significant",
)

STATEMENT_COLUMNS = (
    "mimat",
    "mirna",
    "target_ncbi",
    "symbol",
    "mechanism_id",
    "strength",
    "effect_level",
    "pmids",
    "mirna_log2fc",
    "mirna_q",
    "target_log2fc",
    "target_q",
    "mirna_level",
    "target_level",
    "statement",
    "note",
)

NOT_REFUTED = "absence of mRNA change does not refute a miRNA claim"
_NOTES: Mapping[str, str] = {
    "opposite_direction": "opposite directions at the same tissue level; no p value: the animals are not matched",
    "same_direction": f"both move the same way; the miRNA may still act on the protein: {NOT_REFUTED}",
    "different_level": "miRNA and mRNA were measured at different tissue levels, and are not set against each other",
    "target_not_measured": f"no mRNA data for the target: {NOT_REFUTED}",
    "target_not_tested": f"the target has no q value: {NOT_REFUTED}",
    "target_not_significant": f"no clear change of the target's mRNA: {NOT_REFUTED}",
    "mirna_not_tested": "the miRNA has no q value",
    "mirna_not_significant": "no clear change of the miRNA, which is no evidence that it is unchanged",
}
_PROTEIN = "its published effect was seen on the protein only"


def state_one_step(
    targets: pd.DataFrame,
    mirnas: pd.DataFrame,
    genes: pd.DataFrame | None,
    sets: Mapping[str, Collection[str]],
    *,
    mirna_level: str,
    gene_level: str | None,
    rate: float,
) -> pd.DataFrame:
    """List every measured miRNA with its validated targets among the genes of the mechanisms.

    Parameters
    ----------
    targets : DataFrame
        Targets of the study's species (`Targets.of_species`).
    mirnas : DataFrame
        ``mimat, log2fc, q`` of one contrast; a missing q is NaN. One row an accession.
    genes : DataFrame or None
        ``ncbi_gene, log2fc, q`` of the like contrast of an mRNA study; None where there is none.
    sets : mapping
        Mechanism to its NCBI Gene ids. A target of several mechanisms has a row for each.
    mirna_level, gene_level : str
        Tissue levels of the two data sets; `gene_level` is None without `genes`.
    rate : float
        False discovery rate below which a change is significant.

    Returns
    -------
    DataFrame
        `STATEMENT_COLUMNS`, sorted. No row leads from a miRNA to a mechanism: it leads to a gene that the mechanism
        names; only `enrich` may say more.

    Raises
    ------
    InputError
        When a miRNA or gene stands there twice.
    """
    problems = Problems()
    for what, table, key in (("miRNAs", mirnas, "mimat"), ("genes", genes, "ncbi_gene")):
        if table is not None:
            for value in sorted(set(table.loc[table.duplicated(key), key])):
                fix = "give one row for each"
                problems.add(f"table of {what}", "the identifier stands there twice", fix, column=key, value=value)
    problems.raise_if_any()
    members = pd.DataFrame(
        [(mechanism, gene) for mechanism in sorted(sets) for gene in sorted(set(sets[mechanism]))],
        columns=["mechanism_id", "target_ncbi"],
        dtype=object,
    )
    of_mirna = mirnas[["mimat", "log2fc", "q"]].rename(columns={"log2fc": "mirna_log2fc", "q": "mirna_q"})
    table = targets.merge(members, on="target_ncbi").merge(of_mirna, on="mimat")
    if genes is None:
        table["target_log2fc"], table["target_q"] = np.nan, np.nan
        measured = np.zeros(len(table), dtype=bool)
    else:
        renamed = {"ncbi_gene": "target_ncbi", "log2fc": "target_log2fc", "q": "target_q"}
        of_gene = genes[list(renamed)].rename(columns=renamed)
        table = table.merge(of_gene, on="target_ncbi", how="left")
        measured = table["target_ncbi"].isin(of_gene["target_ncbi"]).to_numpy()
    table["mirna_level"], table["target_level"] = mirna_level, gene_level if genes is not None else None
    opposite = (table["mirna_log2fc"] * table["target_log2fc"] < 0).to_numpy()
    rules = [
        (table["mirna_q"].isna().to_numpy(), "mirna_not_tested"),
        ((table["mirna_q"] >= rate).to_numpy(), "mirna_not_significant"),
        (~measured, "target_not_measured"),
        (np.full(len(table), mirna_level != gene_level), "different_level"),
        (table["target_q"].isna().to_numpy(), "target_not_tested"),
        ((table["target_q"] >= rate).to_numpy(), "target_not_significant"),
        (opposite, "opposite_direction"),
    ]
    chosen = np.select([rule for rule, _ in rules], [name for _, name in rules], default="same_direction")
    table["statement"] = chosen.astype(object)
    protein_only = (table["effect_level"] == "protein").to_numpy()
    table["note"] = [
        f"{_NOTES[name]}; {_PROTEIN}" if protein and name.startswith(("target_not_s", "same")) else _NOTES[name]
        for name, protein in zip(chosen, protein_only, strict=True)
    ]
    table = table[list(STATEMENT_COLUMNS)]
    return table.sort_values(["mechanism_id", "mimat", "target_ncbi"], kind="stable", ignore_index=True)
