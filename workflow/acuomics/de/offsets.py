"""Offsets of the model from gene lengths: a normalisation factor for every sample and gene."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from acuomics.de.kernels.packed import Array
from acuomics.de.size_factors import median_of_ratios
from acuomics.problems import InputError, Problem


@dataclass(frozen=True)
class Offsets:
    """What counts are divided by where gene lengths differ between samples.

    Attributes
    ----------
    relative : array of shape (samples, features)
        Length of a gene in a sample, relative to the geometric mean over samples.
    size_factors : array of shape (samples,)
        Median of ratios of the counts divided by `relative`.
    factors : array of shape (samples, features)
        Product of both, with a geometric mean of 1 over the samples of every feature: DESeq2's normalisation factors.
    """

    relative: Array
    size_factors: Array
    factors: Array


def length_offsets(counts: Array, lengths: Array) -> Offsets:
    """Give size factors and DESeq2's normalisation factors of counts whose gene lengths differ between samples.

    A gene whose isoforms shift to longer ones has more reads at the same number of molecules; the factor of sample i
    and gene j is what its count is divided by to be comparable: the length relative to the gene's geometric mean,
    times the size factor of the sample, which is computed on the counts corrected so.

    Parameters
    ----------
    counts : array of shape (samples, features)
        Integers (tximport's counts, rounded).
    lengths : array of shape (samples, features)
        Mean transcript lengths (nt); positive.

    Raises
    ------
    ValueError
        A length that is not positive, or no feature with a count in every sample (size factors are then not defined,
        as in R).

    Notes
    -----
    Source: DESeq2's ``estimateSizeFactors`` with the assay ``avgTxLength`` (``DESeqDataSetFromTximport``); Soneson,
    Love and Robinson 2015, doi:10.12688/f1000research.7563.2.
    """
    if not (np.isfinite(lengths).all() and (lengths > 0).all()):
        raise ValueError("a gene length is not positive")
    relative = lengths / _geometric_mean(lengths)
    sizes = median_of_ratios(counts / relative)
    if sizes is None:
        raise ValueError("every feature has a sample without a count: size factors are not defined")
    factors = relative * sizes[:, None]
    return Offsets(relative, sizes, factors / _geometric_mean(factors))


def offsets_of(
    study: str, counts: pd.DataFrame, lengths: pd.DataFrame | None, samples: Sequence[str]
) -> Offsets | None:
    """Give the offsets of a study from the tables of `intake`; None where it has no lengths.

    Parameters
    ----------
    study : str
        Its name, for the message.
    counts, lengths : DataFrame
        ``feature`` and a column a sample, the same features in the same order.
    samples : sequence of str
        The samples of the fit, in its order.

    Raises
    ------
    InputError
        No gene has counts in every sample.
    ValueError
        The tables have other features.
    """
    if lengths is None:
        return None
    if lengths["feature"].tolist() != counts["feature"].tolist():
        raise ValueError("lengths and counts have other features")
    columns = list(samples)
    try:
        return length_offsets(
            counts[columns].to_numpy(dtype=float).T, np.ascontiguousarray(lengths[columns].to_numpy(dtype=float).T)
        )
    except ValueError as error:
        fix = "leave out the samples with hardly any reads, or set rnaseq.length_offsets to false"
        raise InputError([Problem(f"study {study}", f"the gene lengths cannot be used: {error}", fix)]) from error


def _geometric_mean(values: Array) -> Array:
    """Give the geometric mean over samples of each feature."""
    mean: Array = np.exp(np.log(values).mean(axis=0))
    return mean
