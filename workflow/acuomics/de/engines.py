"""The two engines of the `de` stage: DESeq2's model fitted by R's rules, and PyDESeq2's own fit."""

from __future__ import annotations

import pandas as pd

from acuomics.de.model import NegativeBinomialFit, fit_negative_binomial
from acuomics.de.offsets import Offsets
from acuomics.de.size_factors import median_of_ratios
from acuomics.designs import Design
from acuomics.problems import InputError, Problem

#: Engines that config may name.
ENGINES = ("deseq2", "pydeseq2")
#: Who solves the problems of the ``pydeseq2`` engine.
INFERENCES = ("batched", "default")


def fit_with_engine(
    counts: pd.DataFrame,
    design: Design,
    engine: str,
    n_cpus: int = 1,
    inference: str = "batched",
    offsets: Offsets | None = None,
) -> NegativeBinomialFit:
    """Fit one study.

    Parameters
    ----------
    counts : DataFrame of shape (samples, features)
        Integer counts; row names are samples, column names features.
    design : Design
    engine : {"deseq2", "pydeseq2"}
    n_cpus : int
        Processes of the ``pydeseq2`` engine with its default inference; nothing else needs more than one.
    inference : {"batched", "default"}
        Of the ``pydeseq2`` engine: all features at once, or the library's own feature by feature.
    offsets : Offsets, optional
        From gene lengths that differ between samples; then they take the place of size factors.

    Raises
    ------
    InputError
        Offsets for the ``pydeseq2`` engine: PyDESeq2 has none.
    ValueError
        When `engine` or `inference` is not one of `ENGINES`, `INFERENCES`.
    """
    if engine not in ENGINES:
        raise ValueError(f"engine {engine!r} is not one of {', '.join(ENGINES)}")
    if inference not in INFERENCES:
        raise ValueError(f"inference {inference!r} is not one of {', '.join(INFERENCES)}")
    if offsets is not None:
        if engine != "deseq2":
            raise InputError([lengths_refused("config.yaml")])
        return fit_negative_binomial(counts.to_numpy(), offsets.factors, design.matrix)
    if engine == "deseq2":
        matrix = counts.to_numpy()
        size_factors = median_of_ratios(matrix)
        if size_factors is not None:
            return fit_negative_binomial(matrix, size_factors, design.matrix)
    # PyDESeq2 costs more to import than the fit itself takes.
    from acuomics.de.library import fit_with_library, rules_data_set

    if engine == "pydeseq2":
        return fit_with_library(counts, design, inference, n_cpus)
    # No feature is counted in every sample: only PyDESeq2's iterative size factors are left.
    rules = rules_data_set(counts, design)
    rules.deseq2()
    return rules.fit


def lengths_refused(file: str) -> Problem:
    """Say that PyDESeq2's own fit knows no gene lengths."""
    return Problem(
        file,
        "PyDESeq2's own fit has one size factor a sample and takes no gene lengths, which counts from mRNA reads bring",
        "use the engine deseq2; or leave the lengths out knowingly (rnaseq.length_offsets: false)",
        row="de",
        column="engine",
        value="pydeseq2",
    )
