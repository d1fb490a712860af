"""Negative binomial counts of a three-arm study, drawn from a stated truth."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from acuomics.files import atomic_path, read_tsv
from acuomics.problems import Problems
from acuomics.simulate.features import check_features, make_truth
from acuomics.simulate.spec import SimulationSpec


def study_seed(seed: int, study: str) -> list[int]:
    """Give a study's own seed: the configured one, and the first 64 bits of the SHA-256 of its name.

    So two studies of one run do not share their random numbers, and a run with one study more gives
    the others the same counts as before.
    """
    digest = hashlib.sha256(study.encode()).digest()
    return [seed, int.from_bytes(digest[:8], "big")]


def three_arms(spec: SimulationSpec, n: int) -> pd.DataFrame:
    """Make the samples table of a study with `n` samples an arm: ``sample`` and the factor of `spec`."""
    arms = (spec.control, spec.model, spec.treated)
    rows = [(f"{arm}_{i}", arm) for arm in arms for i in range(1, n + 1)]
    return pd.DataFrame(rows, columns=["sample", spec.factor])


def simulate_counts(
    spec: SimulationSpec, features: pd.DataFrame, samples: pd.DataFrame, seed: int | Sequence[int]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulate the counts of a three-arm study with known truth.

    Counts are negative binomial (a Poisson of a gamma) with variance ``mean + dispersion * mean^2``. A
    sample's means are its arm's composition (control mean times 2 to the planted effects, scaled to add up
    to one) times its library size, so that library sizes and compositions differ as they do in real
    sequencing. A library size is its expectation; the counts scatter about it.

    Parameters
    ----------
    spec : SimulationSpec
        What to simulate.
    features : pandas.DataFrame
        Listed features with stated effects (see `acuomics.simulate.features.check_features`); may be empty
        (`acuomics.simulate.features.no_features`).
    samples : pandas.DataFrame
        ``sample`` and the factor of `spec`, a row a sample.
    seed : int or sequence of int
        Same seed and same arguments, same counts.

    Returns
    -------
    counts : pandas.DataFrame
        ``feature, symbol`` and one int64 column a sample, `spec.n_features` rows.
    truth : pandas.DataFrame
        ``feature, symbol, class, log2fc_model, log2fc_treatment, base_mean, dispersion``, the same rows.

    Raises
    ------
    InputError
        When the features table is faulty or a sample is of none of the three arms.
    """
    check_features(features, spec.n_features)
    arms = _arms_of(spec, samples)
    # A stream for every quantity: changing how one is drawn leaves the others as they were.
    children = np.random.SeedSequence(seed).spawn(5)
    means, effects, dispersions, depths, draws = (np.random.Generator(np.random.PCG64(c)) for c in children)
    truth = make_truth(spec, features, (means, effects, dispersions))

    model = truth["log2fc_model"].to_numpy()
    in_model = np.array([spec.model, spec.treated])[None, :] == arms[:, None]
    log2fc = np.outer(model, in_model.any(axis=1)) + np.outer(truth["log2fc_treatment"].to_numpy(), in_model[:, 1])
    composition = truth["base_mean"].to_numpy()[:, None] * np.exp2(log2fc)
    composition /= composition.sum(axis=0)
    sigma = np.sqrt(np.log1p(spec.depth_cv**2))
    depth = spec.depth_mean * np.exp(depths.normal(-(sigma**2) / 2, sigma, len(arms)))
    dispersion = truth["dispersion"].to_numpy()[:, None]
    rates = draws.gamma(1 / dispersion, dispersion * composition * depth)
    counts = pd.DataFrame(draws.poisson(rates).astype(np.int64), columns=list(samples["sample"]))
    return pd.concat([truth[["feature", "symbol"]], counts], axis=1), truth


def simulate_record(
    record: Mapping[str, Any], study_file: str | Path, features: str | Path, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulate the study that a record describes.

    Parameters
    ----------
    record : mapping
        A study record (``catalogue/study.json``); ``study`` and ``samples`` are used.
    study_file : path
        The ``study.yaml`` that it was made of: how to simulate is no part of the record, since it is no
        fact about a study that any later stage may use.
    features : path
        The study's table of listed features.
    seed : int
        The seed of the run.

    Returns
    -------
    counts, truth : pandas.DataFrame
        See `simulate_counts`.

    Raises
    ------
    InputError
        When the files contradict one another or themselves.
    """
    simulation = yaml.safe_load(Path(study_file).read_text(encoding="utf-8"))["simulation"]
    spec = SimulationSpec.from_study(simulation, file=f"{record['study']}/study.yaml")
    listed = read_tsv(features, dtype={"feature": str, "symbol": str, "class": str})
    samples = pd.DataFrame(record["samples"])
    return simulate_counts(spec, listed, samples, study_seed(seed, record["study"]))


def write_counts(counts: pd.DataFrame, path: str | Path) -> None:
    """Write counts as gzipped TSV; no time and no file name in it, so the same counts give the same bytes."""
    text = counts.to_csv(sep="\t", index=False, lineterminator="\n")
    with (
        atomic_path(path) as temporary,
        temporary.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0) as packed,
    ):
        packed.write(text.encode())


def _arms_of(spec: SimulationSpec, samples: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    """Give the arm of every sample, or say which samples are of none."""
    problems = Problems()
    file = "samples.tsv"
    if spec.factor not in samples.columns:
        problems.add(file, "the factor of the simulation is no column", column=spec.factor)
        problems.raise_if_any()
    arms = (spec.control, spec.model, spec.treated)
    for row, (sample, arm) in enumerate(zip(samples["sample"], samples[spec.factor], strict=True), start=1):
        if arm not in arms:
            problems.add(
                file,
                f"sample {sample!r} is of none of the simulated arms",
                f"the arms are {', '.join(arms)} (simulation.arms in study.yaml)",
                row=row,
                column=spec.factor,
                value=arm,
            )
    problems.raise_if_any()
    return samples[spec.factor].to_numpy(dtype=str)
