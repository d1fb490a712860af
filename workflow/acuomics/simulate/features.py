"""The features of a simulated study and the truth about them: class, effects, mean and dispersion."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acuomics.problems import Problems
from acuomics.simulate.classes import CLASSES, PLANTED, class_of, draw_effects
from acuomics.simulate.spec import SimulationSpec

FEATURE_COLUMNS = ("feature", "symbol", "class", "log2fc_model", "log2fc_treatment", "base_mean")

# DESeq2 looks for dispersions up to about this; beyond, a count says nothing.
LARGEST_DISPERSION = 10.0


def no_features() -> pd.DataFrame:
    """Give an empty table of listed features, for studies with invented ones only."""
    return pd.DataFrame(
        {name: pd.Series(dtype=str if name in FEATURE_COLUMNS[:3] else float) for name in FEATURE_COLUMNS}
    )


def check_features(features: pd.DataFrame, n_features: int, *, file: str = "features.tsv") -> None:
    """Check a table of listed features.

    Parameters
    ----------
    features : pandas.DataFrame
        `FEATURE_COLUMNS`: identifier, label, planted class, true log2 fold changes, and the mean count in a
        control library of average size (missing: to be drawn). More columns are ignored.
    n_features : int
        How many features the study is to have.
    file : str
        How messages call the table.

    Raises
    ------
    InputError
        With every fault: missing columns, repeated features, more features than the study has, unknown
        classes, effects that are not numbers or do not make the stated class, means that are not positive.
    """
    problems = Problems()
    missing = [name for name in FEATURE_COLUMNS if name not in features.columns]
    for name in missing:
        problems.add(file, "the column is missing", f"the columns are {', '.join(FEATURE_COLUMNS)}", column=name)
    problems.raise_if_any()
    for row, name in enumerate(features["feature"], start=1):
        if pd.isna(name) or not str(name).strip():
            problems.add(file, "the feature has no identifier", "give one", row=row, column="feature")
    for name in sorted(set(features["feature"][features["feature"].duplicated()].dropna())):
        problems.add(file, "the feature stands there twice", "keep one row", column="feature", value=name)
    if len(features) > n_features:
        problems.add(
            file,
            f"{len(features)} features are listed, but the study has only {n_features}",
            "raise simulation.n_features in study.yaml",
        )
    effects = {name: pd.to_numeric(features[name], errors="coerce") for name in ("log2fc_model", "log2fc_treatment")}
    for row, (name, model, treatment) in enumerate(
        zip(features["class"], effects["log2fc_model"], effects["log2fc_treatment"], strict=True), start=1
    ):
        if not (np.isfinite(model) and np.isfinite(treatment)):
            problems.add(file, "a log2 fold change is missing or no number", "0 means no effect", row=row)
        elif name not in CLASSES:
            known = ", ".join(CLASSES)
            problems.add(file, "unknown class", f"use one of {known}", row=row, column="class", value=name)
        elif (real := class_of(model, treatment)) != name:
            fix = f"write {real}, or change the effects"
            problems.add(file, f"these effects make the class {real}", fix, row=row, column="class", value=name)
    means = pd.to_numeric(features["base_mean"], errors="coerce")
    bad = (means <= 0) | (means.isna() & features["base_mean"].notna())
    for place in np.flatnonzero(bad.to_numpy()).tolist():
        problems.add(
            file,
            "the mean count must be a positive number, or NA to have it drawn",
            row=place + 1,
            column="base_mean",
            value=features["base_mean"].iloc[place],
        )
    problems.raise_if_any()


def make_truth(
    spec: SimulationSpec,
    features: pd.DataFrame,
    streams: tuple[np.random.Generator, np.random.Generator, np.random.Generator],
) -> pd.DataFrame:
    """Decide on everything that is true of the features.

    Parameters
    ----------
    spec : SimulationSpec
        What to simulate.
    features : pandas.DataFrame
        The listed features (see `check_features`); they keep their class, effects and, where given, mean.
    streams : tuple of numpy.random.Generator
        Randomness for the means, the effects and the dispersions, in this order.

    Returns
    -------
    pandas.DataFrame
        ``feature, symbol, class, log2fc_model, log2fc_treatment, base_mean, dispersion``, a row a feature,
        the listed ones first. `base_mean` is the mean count in a control library of average size.
        Effects are planted only where a feature is expressed: elsewhere nobody could find them.
    """
    for_means, for_effects, for_dispersions = streams
    n_listed, n_invented = len(features), spec.n_features - len(features)
    given = pd.to_numeric(features["base_mean"], errors="coerce").to_numpy(float)
    base_mean, expressed = _draw_means(spec, np.concatenate([given, np.full(n_invented, np.nan)]), for_means)

    names = [f"{spec.invented_prefix}{i:0{spec.invented_digits}d}" for i in range(1, n_invented + 1)]
    classes = np.array([*features["class"].astype(str), *["null"] * n_invented], dtype=object)
    model = np.concatenate([features["log2fc_model"].to_numpy(float), np.zeros(n_invented)])
    treatment = np.concatenate([features["log2fc_treatment"].to_numpy(float), np.zeros(n_invented)])

    places = n_listed + np.flatnonzero(expressed[n_listed:])
    places = for_effects.permutation(places)
    start = 0
    for name in PLANTED:
        n = min(round(spec.shares.get(name, 0.0) * n_invented), len(places) - start)
        chosen = places[start : start + n]
        start += n
        classes[chosen] = name
        model[chosen], treatment[chosen] = draw_effects(
            for_effects, name, n, smallest=spec.min_log2fc, largest=spec.max_log2fc, up_share=spec.up_share
        )
    scatter = for_dispersions.normal(0.0, spec.dispersion_log_sd, spec.n_features)
    trend = spec.a0 + spec.a1 / base_mean
    return pd.DataFrame(
        {
            "feature": [*features["feature"].astype(str), *names],
            "symbol": [*features["symbol"].astype(str), *names],
            "class": classes,
            "log2fc_model": model,
            "log2fc_treatment": treatment,
            "base_mean": base_mean,
            "dispersion": np.minimum(trend * np.exp(scatter), LARGEST_DISPERSION),
        }
    )


def _draw_means(
    spec: SimulationSpec, given: NDArray[np.float64], rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Draw the means that are not given, so that all means add up to the mean library size."""
    n = len(given)
    expressed = rng.random(n) >= spec.low_share
    drawn = np.exp(rng.normal(0.0, spec.expression_log_sd, n))
    low = spec.low_median * np.exp(rng.normal(0.0, spec.low_log_sd, n))
    free = np.isnan(given)
    means = np.where(free, low, given)
    scaled = free & expressed
    rest = spec.depth_mean - means[~scaled].sum()
    if scaled.any() and rest <= 0:
        problems = Problems()
        problems.add(
            "study.yaml",
            "the means given for the listed features alone exceed the mean library size",
            "raise simulation.depth.mean, or lower base_mean in features.tsv",
            column="simulation.depth.mean",
            value=f"{spec.depth_mean:g}",
        )
        problems.raise_if_any()
    if scaled.any():
        means[scaled] = drawn[scaled] * rest / drawn[scaled].sum()
    else:
        means *= spec.depth_mean / means.sum()
    return means, expressed | ~free
