"""Gene lengths of counts from mRNA reads: the model's offsets, in the order of the counts that were taken in."""

from __future__ import annotations

import pandas as pd

from acuomics.problems import InputError, Problem


def take_in_lengths(counts: pd.DataFrame, lengths: pd.DataFrame, file: str) -> pd.DataFrame:
    """Give the lengths of the genes and samples that were taken in.

    Parameters
    ----------
    counts : DataFrame
        ``feature`` and a column a sample (``intake/counts.parquet``).
    lengths : DataFrame
        ``gene`` and a column a sample: mean length of the gene's transcripts (nt), weighted by their abundance.
    file : str
        Where the lengths come from, for messages.

    Returns
    -------
    DataFrame
        ``feature`` and a float column a sample, features and samples in the order of `counts`.

    Raises
    ------
    InputError
        A gene or a sample without a length, or a length that is not positive.
    """
    samples = [name for name in counts.columns if name != "feature"]
    again = "count the reads again: lengths and counts are not of one run"
    absent = [name for name in samples if name not in lengths.columns]
    if absent:
        raise InputError([Problem(file, "the sample has no lengths", again, column=name) for name in absent])
    values = lengths.set_index("gene")[samples].reindex(counts["feature"])
    # A missing length is NaN, which is not above zero either.
    good = values.gt(0).all(axis=1)
    if not good.all():
        message = f"{int((~good).sum())} genes have no positive length in every sample"
        raise InputError([Problem(file, message, again, row=str(good.index[~good][0]))])
    return values.rename_axis("feature").reset_index().astype({"feature": counts["feature"].dtype})
