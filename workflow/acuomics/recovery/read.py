"""The results that are scored against the planted truth, read from a study's folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from acuomics.files import read_tsv
from acuomics.mechanisms.annotate import read_contrast_tables

TEXT = {"feature": str, "symbol": str, "class": str}


def read_results(
    truth: str | Path, tables: str | Path, contrasts: str | Path, pairs: Iterable[str | Path]
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame], dict[str, str], dict[str, pd.DataFrame]]:
    """Read what `acuomics.recovery.score.score` takes, in its order.

    Parameters
    ----------
    truth : path
        ``simulate/truth.tsv``.
    tables : path
        ``de/tables``, a folder with ``<contrast>.tsv``.
    contrasts : path
        ``de/summary.tsv``; it gives the order of the contrasts and their roles.
    pairs : iterable of path
        ``reversal/<pair>.tsv``.

    Returns
    -------
    tuple
        Truth, tables by contrast, roles by contrast, reversal tables by pair.
    """
    summary = read_tsv(contrasts, dtype={"contrast": str, "role": str})
    roles = dict(zip(summary["contrast"], summary["role"], strict=True))
    found = read_contrast_tables(tables)
    return (
        read_tsv(truth, dtype=TEXT),
        {contrast: found[contrast] for contrast in roles},
        roles,
        {Path(path).stem: read_tsv(path, dtype=TEXT) for path in pairs},
    )
