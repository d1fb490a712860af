"""Offsets of the model from gene lengths: a normalisation factor for every sample and gene."""

from __future__ import annotations

import numpy as np
import pandas as pd


def normalization_factors(counts: pd.DataFrame, lengths: pd.DataFrame) -> pd.DataFrame:
    """Give DESeq2's normalisation factors of counts whose gene lengths differ between samples.

    A gene whose isoforms shift to longer ones has more reads at the same number of molecules; the factor of sample i
    and gene j is what its count is divided by to be comparable: the length relative to the gene's geometric mean,
    times the size factor of the sample, which is computed on the counts corrected so.

    Parameters
    ----------
    counts : DataFrame of shape (samples, features)
        Integers (tximport's counts, rounded), as `de.engines.fit_with_engine` has them.
    lengths : DataFrame of shape (samples, features)
        Mean transcript lengths (nt), same rows and columns in any order; positive.

    Returns
    -------
    DataFrame of shape (samples, features)
        Row and column names of `counts`. The geometric mean over samples is 1 for every feature.

    Raises
    ------
    ValueError
        Samples or features without a length, a length that is not positive, or no feature with a count in every
        sample (size factors are then not defined, as in R).

    Notes
    -----
    Source: DESeq2's ``estimateSizeFactors`` with the assay ``avgTxLength`` (``DESeqDataSetFromTximport``); Soneson,
    Love and Robinson 2015, doi:10.12688/f1000research.7563.2.
    """
    absent = [str(x) for x in (*counts.index.difference(lengths.index), *counts.columns.difference(lengths.columns))]
    if absent:
        raise ValueError(f"no length for {len(absent)} samples or features, {absent[0]} the first")
    y = counts.to_numpy(dtype=float)
    length = lengths.loc[counts.index, counts.columns].to_numpy(dtype=float)
    if not (np.isfinite(length).all() and (length > 0).all()):
        raise ValueError("a gene length is not positive")
    relative = length / _geometric_mean(length)
    corrected = y / relative
    everywhere = (corrected > 0).all(axis=0)
    if not everywhere.any():
        raise ValueError("every feature has a sample without a count: size factors are not defined")
    ratios = np.log(corrected[:, everywhere])
    size = np.exp(np.median(ratios - ratios.mean(axis=0), axis=1))
    factors = relative * size[:, None]
    return pd.DataFrame(factors / _geometric_mean(factors), index=counts.index, columns=counts.columns)


def _geometric_mean(values: np.ndarray) -> np.ndarray:
    """Give the geometric mean over samples of each feature."""
    mean: np.ndarray = np.exp(np.log(values).mean(axis=0))
    return mean
