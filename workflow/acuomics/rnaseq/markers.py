"""Genes that tell what is in a library: haemoglobin, ribosomal RNA, and the sex of the animal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from acuomics.inputs.table import has_columns, read_table
from acuomics.problems import Problems

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("kind", "taxon", "ensembl_gene", "symbol", "source")
#: Biotypes of ribosomal RNA in Ensembl and GENCODE.
RRNA_BIOTYPES = ("rRNA", "Mt_rRNA", "rRNA_pseudogene")
#: How sheets write the sexes.
SEXES = {"m": "male", "male": "male", "f": "female", "female": "female"}
#: TPM of the Y genes together from which an animal is male, and below which it is not; between them nobody can say.
#: In tissue of males the six to eight genes together have tens of TPM, in females reads that strayed.
Y_MALE, Y_FEMALE = 2.0, 0.5
#: The same for Xist.
XIST_FEMALE, XIST_MALE = 1.0, 0.2
#: Fewer mapped fragments than this cannot show that a gene is silent: 1 TPM is then less than one read a gene.
DEEP = 1_000_000


@dataclass(frozen=True)
class Marker:
    """A gene of one species (NCBI taxon) and what it stands for: ``female``, ``male`` or ``haemoglobin``."""

    kind: str
    taxon: int
    ensembl_gene: str
    symbol: str


@dataclass(frozen=True)
class SexCheck:
    """What the sex genes say, beside the sheet.

    Parameters
    ----------
    seen : {"male", "female", "both", "unclear", "not_available"}
        ``both``: Y genes and Xist, as in a mixture of animals. ``not_available``: the transcripts have none of the
        genes (cDNA files of Ensembl lack Xist, which is no coding gene; rat Rnor_6.0 has no Xist at all).
    declared : str
        ``male``, ``female``, or empty.
    agrees : bool or None
        None when either is not known.
    y_tpm, xist_tpm : float or None
        None when the transcripts have none of the genes.
    """

    seen: str
    declared: str
    agrees: bool | None
    y_tpm: float | None
    xist_tpm: float | None


def read_markers(path: str | Path, problems: Problems) -> list[Marker]:
    """Read ``resources/rnaseq/markers.tsv``."""
    table = read_table(path, "\t", problems)
    if table is None or not has_columns(table, COLUMNS, problems):
        return []
    cells = zip(*(table.column(name) for name in COLUMNS[:-1]), strict=True)
    return [Marker(kind, int(taxon), gene, symbol) for kind, taxon, gene, symbol in cells]


def marked_genes(transcripts: pd.DataFrame, markers: list[Marker], taxon: int, kind: str) -> list[str]:
    """Give the genes of a kind that the transcripts have, by Ensembl id or, for a label of QC only, by symbol."""
    ids = {m.ensembl_gene for m in markers if (m.kind, m.taxon) == (kind, taxon)} - {""}
    symbols = {m.symbol for m in markers if (m.kind, m.taxon) == (kind, taxon)}
    chosen = transcripts["gene"].isin(ids) | transcripts["symbol"].isin(symbols) | transcripts["gene"].isin(symbols)
    return sorted(set(transcripts.loc[chosen, "gene"]))


def share_of(genes: list[str], counts: pd.Series[float]) -> float | None:
    """Give the share of a sample's counts that these genes have; None when the transcripts have none of them."""
    total = float(counts.sum())
    return float(counts.loc[genes].sum()) / total if genes and total else None


def rrna_genes(transcripts: pd.DataFrame) -> list[str]:
    """Give the genes of ribosomal RNA, by biotype; files of coding transcripts have none."""
    return sorted(set(transcripts.loc[transcripts["biotype"].isin(RRNA_BIOTYPES), "gene"]))


def check_sex(tpm: pd.Series[float], mapped: int, male: list[str], female: list[str], declared: str) -> SexCheck:
    """Tell the sex from Y genes and Xist.

    Parameters
    ----------
    tpm : Series
        TPM by gene.
    mapped : int
        Fragments of the sample found on a transcript.
    male, female : list of str
        Genes of the Y chromosome, and Xist, as far as the transcripts have them (`marked_genes`).
    declared : str
        What the sheet says; anything but a sex is taken for nothing.
    """
    told = SEXES.get(declared.strip().lower(), "")
    y = float(tpm.loc[male].sum()) if male else None
    x = float(tpm.loc[female].sum()) if female else None
    if y is None and x is None:
        return SexCheck("not_available", told, None, y, x)
    is_male, is_female = y is not None and y >= Y_MALE, x is not None and x >= XIST_FEMALE
    no_male = y is not None and y < Y_FEMALE and mapped >= DEEP
    no_female = x is not None and x < XIST_MALE and mapped >= DEEP
    if is_male or is_female:
        seen = "both" if is_male and is_female else "male" if is_male else "female"
    elif (x is None and no_male) or (y is None and no_female):
        # The other sex's gene is not among the transcripts: a deep library without this one's has to do.
        seen = "female" if no_male else "male"
    else:
        seen = "unclear"
    known = seen in ("male", "female", "both") and told
    return SexCheck(seen, told, (seen == told) if known else None, y, x)
