"""Transcripts to genes: counts summed, and the mean transcript length of each gene in each sample for the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@dataclass(frozen=True)
class GeneTables:
    """Counts, lengths and TPM: genes (rows, sorted by name) x samples (columns), all float64."""

    counts: pd.DataFrame
    lengths: pd.DataFrame
    tpm: pd.DataFrame


def summarise_genes(samples: Mapping[str, pd.DataFrame], genes: Mapping[str, str]) -> GeneTables:
    """Sum transcripts up to genes as R's tximport does (countsFromAbundance "no").

    Parameters
    ----------
    samples : mapping of str to DataFrame
        Of each sample ``transcript, effective_length, count, tpm`` (`quantify.Quantified.table`), all with the same
        transcripts.
    genes : mapping
        Transcript to gene, for every transcript.

    Returns
    -------
    GeneTables
        `lengths` holds the mean effective length (nt) of a gene's transcripts, weighted by their TPM in that sample.
        A gene with TPM 0 in a sample takes the geometric mean of its lengths in the other samples; one with TPM 0
        everywhere the mean over its transcripts of their mean length over samples.

    Raises
    ------
    ValueError
        Samples with different transcripts, or a transcript without a gene.

    Notes
    -----
    Source: Soneson, Love and Robinson 2015, doi:10.12688/f1000research.7563.2; the rule for TPM 0 is that of
    tximport 1.26 (``replaceMissingLength``).
    """
    names = next(iter(samples.values()))["transcript"].tolist()
    if lost := [name for name in names if name not in genes]:
        raise ValueError(f"{len(lost)} transcripts without a gene, {lost[0]} the first")
    for sample, table in samples.items():
        if table["transcript"].tolist() != names:
            raise ValueError(f"sample {sample} has other transcripts than the first one")
    index, at = np.unique([genes[name] for name in names], return_inverse=True)

    def stack(column: str) -> Array:
        return np.column_stack([table[column].to_numpy(dtype=np.float64) for table in samples.values()])

    def total(values: Array) -> Array:
        summed = np.zeros((len(index), *values.shape[1:]))
        np.add.at(summed, at, values)
        return summed

    tpm, lengths = stack("tpm"), stack("effective_length")
    gene_tpm, weighted = total(tpm), total(tpm * lengths)
    plain = total(lengths.mean(axis=1)) / np.bincount(at, minlength=len(index))
    known = gene_tpm > 0
    mean = np.divide(weighted, gene_tpm, out=np.zeros_like(weighted), where=known)
    logs = np.log(mean, out=np.zeros_like(mean), where=known)
    geometric = np.exp(logs.sum(axis=1) / np.maximum(known.sum(axis=1), 1))
    instead = np.where(known.any(axis=1), geometric, plain)
    mean = np.where(known, mean, instead[:, None])

    def frame(values: Array) -> pd.DataFrame:
        return pd.DataFrame(values, index=pd.Index(index, name="gene"), columns=list(samples))

    return GeneTables(frame(total(stack("count"))), frame(mean), frame(gene_tpm))
