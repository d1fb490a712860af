"""From the names in a matrix to stable identifiers: NCBI Gene for genes, MIMAT for miRNAs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from acuomics.catalogue.names.resolution import Resolution
from acuomics.inputs.gene_table import GeneTable
from acuomics.inputs.identifiers import looks_like, without_version

COLUMNS = ["feature", "ncbi_gene", "ensembl_gene", "symbol", "mimat", "mapping"]


def _only(values: Sequence[str]) -> str | None:
    """Give the value when there is exactly one; several are ambiguous, and nobody picks."""
    return values[0] if len(values) == 1 else None


def map_features(
    features: Sequence[str],
    labels: Sequence[str] | None,
    feature_id: str,
    table: GeneTable | None,
    names: Sequence[Resolution] | None = None,
) -> pd.DataFrame:
    """Map features to identifiers; every feature stays, mapped or not.

    Parameters
    ----------
    features : sequence of str, length n
        Names as the matrix has them.
    labels : sequence of str, length n, optional
        Symbols that the matrix carries.
    feature_id : str
        What the names are: ncbi_gene, ensembl_gene, symbol, mirbase_name, mimat, other.
    table : GeneTable or None
        The gene table of the species.
    names : sequence of Resolution, length n, optional
        What the features mean, where they are symbols or miRBase names and their reference tables are given.

    Returns
    -------
    DataFrame, n rows in the order of `features`
        feature, ncbi_gene, ensembl_gene, symbol, mimat (text or None) and mapping: ``identity`` (the name is
        itself a join key: an NCBI Gene id or a MIMAT accession), ``mapped`` (through the gene table or
        the history of names), ``ambiguous`` (it fits several; none is chosen), ``unmapped``.

    Notes
    -----
    Without `names` a symbol or a miRBase name is a label and never maps; with them it maps when it means one entry
    (an emended slip does not), and ``symbol`` is then today's name. Version suffixes of Ensembl ids are taken off
    for the join only: ``feature`` keeps them.
    """
    ensembl_of: dict[str, list[str]] = {}
    if table is not None and feature_id == "ncbi_gene":
        for ensembl, genes in table.ncbi_genes.items():
            for gene in genes:
                ensembl_of.setdefault(gene, []).append(ensembl)
    rows: list[dict[str, str | None]] = []
    for position, feature in enumerate(features):
        row: dict[str, str | None] = dict.fromkeys(COLUMNS)
        row |= {"feature": feature, "mapping": "unmapped"}
        if feature_id == "ncbi_gene" and looks_like(feature, feature_id):
            row |= {"ncbi_gene": feature, "mapping": "identity"}
            row["ensembl_gene"] = _only(ensembl_of.get(feature, []))
            if table is not None and row["ensembl_gene"] is not None:
                row["symbol"] = _only(table.symbols[row["ensembl_gene"]])
        elif feature_id == "ensembl_gene":
            row |= _from_ensembl(feature, table)
        elif feature_id == "mimat" and looks_like(feature, feature_id):
            row |= {"mimat": feature, "mapping": "identity"}
        elif feature_id in ("symbol", "mirbase_name"):
            row["symbol"] = feature
            if names is not None:
                row |= _from_name(names[position], "ncbi_gene" if feature_id == "symbol" else "mimat")
        if labels is not None and labels[position] not in ("", "NA"):
            row["symbol"] = labels[position]
        rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object)


def _from_ensembl(feature: str, table: GeneTable | None) -> dict[str, str | None]:
    name = without_version(feature)
    row: dict[str, str | None] = {}
    # A spike-in or a gene of the authors' own stands among Ensembl ids, and is none.
    if looks_like(feature, "ensembl_gene") or (table is not None and name in table.ncbi_genes):
        row["ensembl_gene"] = name
    if table is None or name not in table.ncbi_genes:
        return row
    genes = table.ncbi_genes[name]
    row["symbol"] = _only(table.symbols[name])
    row["ncbi_gene"] = _only(genes)
    if genes:
        row["mapping"] = "mapped" if len(genes) == 1 else "ambiguous"
    return row


def _from_name(found: Resolution, key: str) -> dict[str, str | None]:
    if found.resolved:
        return {key: found.id, "symbol": found.current_name, "mapping": "mapped"}
    return {"mapping": "ambiguous"} if found.status == "ambiguous" else {}


def mapping_facts(mapped: pd.DataFrame) -> dict[str, int]:
    """Count the outcomes of `map_features`, and the features that share their identifier with another."""
    kinds = Counter(mapped["mapping"])
    genes, mirnas = mapped["ncbi_gene"].dropna(), mapped["mimat"].dropna()
    facts = {kind: int(kinds.get(kind, 0)) for kind in ("identity", "mapped", "ambiguous", "unmapped")}
    facts["sharing_a_gene"] = int(genes.duplicated(keep=False).sum())
    facts["sharing_a_mimat"] = int(mirnas.duplicated(keep=False).sum())
    return facts
