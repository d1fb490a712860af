"""Figures of the samples and of the fit: principal components, distances, dispersions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from acuomics.report.read import StudyResults
from acuomics.report.style import ARM_COLOURS, BLUE, MARKERS, PALE, VERMILLION, log_scale, new_axes, points

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

TOP_VARIABLE = 500


def principal_components(values: NDArray[np.float64], top: int = TOP_VARIABLE) -> tuple[NDArray[Any], NDArray[Any]]:
    """Principal components of the samples over the most variable features, as DESeq2's plotPCA takes them.

    Parameters
    ----------
    values : array, shape (features, samples)
        Variance-stabilised counts.
    top : int
        How many features, by variance.

    Returns
    -------
    scores : array, shape (samples, k)
        The sign of each component is fixed: its largest score is positive.
    share : array, shape (k,)
        Share of the variance of these features that each component explains.
    """
    variance = values.var(axis=1)
    chosen = np.argsort(-variance, kind="stable")[:top]
    centred = values[chosen] - values[chosen].mean(axis=1, keepdims=True)
    left, singular, _ = np.linalg.svd(centred.T, full_matrices=False)
    scores = left * singular
    scores *= np.where(scores[np.abs(scores).argmax(axis=0), np.arange(scores.shape[1])] < 0, -1.0, 1.0)
    total = float(np.sum(singular**2))
    return scores, singular**2 / total if total > 0 else np.zeros_like(singular)


def draw_pca(results: StudyResults) -> tuple[Figure, str, str]:
    """Draw the first two principal components. Returns the figure, its caption and its alternative text."""
    names, values = sample_values(results)
    scores, share = principal_components(values)
    if scores.shape[1] < 2:
        scores = np.column_stack([scores, np.zeros(len(names))])
        share = np.append(share, 0.0)
    colour_by, marker_by = main_factors(results)
    arms, seconds = levels(results, colour_by), levels(results, marker_by) if marker_by else [""]
    sheet = results.samples.set_index("sample").loc[names]
    figure, axes = new_axes()
    for i, arm in enumerate(arms):
        for j, second in enumerate(seconds):
            here = (sheet[colour_by] == arm).to_numpy()
            if marker_by:
                here &= (sheet[marker_by] == second).to_numpy()
            if here.any():
                axes.plot(
                    scores[here, 0],
                    scores[here, 1],
                    linestyle="none",
                    marker=MARKERS[j % len(MARKERS)] if marker_by else MARKERS[i % len(MARKERS)],
                    color=ARM_COLOURS[i % len(ARM_COLOURS)],
                    markersize=6.5,
                    markeredgecolor="white",
                    markeredgewidth=0.6,
                    label=f"{arm} {second}".strip(),
                )
    axes.set_xlabel(f"PC1 ({share[0]:.0%} of variance)")
    axes.set_ylabel(f"PC2 ({share[1]:.0%} of variance)")
    axes.margins(0.12)
    axes.set_title("Principal components", parse_math=False)
    legend = axes.legend(loc="upper right", bbox_to_anchor=(1.02, 1.13), ncols=4, columnspacing=0.9)
    plain(legend.get_texts())
    used = min(TOP_VARIABLE, len(values))
    caption = (
        f"Samples by the first two principal components of the variance-stabilised counts ({used} most variable "
        f"{results.feature_word}). Distances here are for the eye; no test rests on them."
    )
    alt = (
        f"Scatter plot of {len(names)} samples on two principal components, which explain {share[0]:.0%} and "
        f"{share[1]:.0%} of the variance; arms: {', '.join(arms)}."
    )
    return figure, caption, alt


def draw_distances(results: StudyResults) -> tuple[Figure, str, str]:
    """Draw the distances between samples. Returns the figure, its caption and its alternative text."""
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import pdist, squareform

    names, values = sample_values(results)
    pairwise = pdist(values.T)
    order = leaves_list(linkage(pairwise, "average")) if len(names) > 2 else np.arange(len(names))
    matrix = squareform(pairwise)[np.ix_(order, order)]
    ordered = [names[i] for i in order]
    figure, axes = new_axes(4.6, 4.2)
    box = axes.get_position()
    axes.set_position((0.2, 0.2, 0.62, box.y1 - 0.2))
    shown = matrix.copy()
    np.fill_diagonal(shown, np.nan)
    picture = axes.imshow(shown, cmap="cividis", interpolation="nearest", aspect="auto")
    axes.set_facecolor("white")
    size = 7 if len(names) <= 24 else max(3, 170 / len(names))
    axes.set_xticks(range(len(names)), ordered, rotation=90, fontsize=size, parse_math=False)
    axes.set_yticks(range(len(names)), ordered, fontsize=size, parse_math=False)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    bar_axes = figure.add_axes((0.85, 0.2, 0.025, box.y1 - 0.2))
    bar = figure.colorbar(picture, cax=bar_axes)
    bar.outline.set_visible(False)
    bar_axes.set_ylabel("Euclidean distance", fontsize=8)
    axes.set_title("Distances between samples")
    caption = (
        "Euclidean distances between samples over all features of the variance-stabilised counts, in the order of "
        "an average-linkage clustering. A sample far from its own arm deserves a look before any result is believed."
    )
    first, second = np.unravel_index(int(np.nanargmax(shown)), shown.shape)
    alt = (
        f"Heat map of distances between {len(names)} samples; the two farthest apart are {ordered[first]} and "
        f"{ordered[second]}."
    )
    return figure, caption, alt


def draw_dispersions(results: StudyResults) -> tuple[Figure, str, str]:
    """Draw the dispersion estimates. Returns the figure, its caption and its alternative text."""
    table = results.dispersions
    table = table[(table["base_mean"] > 0) & table["final"].notna()]
    mean = table["base_mean"].to_numpy()
    # Estimates at the lower bound (1e-8) would stretch the axis over six empty decades.
    floor = max(1e-4, float(np.nanquantile(table["final"], 0.001)) / 10) if len(table) else 1e-4
    figure, axes = new_axes()
    points(axes, mean, np.maximum(table["genewise"], floor), PALE, 2.0, label="gene-wise estimate")
    points(axes, mean, np.maximum(table["final"], floor), BLUE, 1.8, alpha=0.45, label="final")
    outlier = table["outlier"].fillna(False).astype(bool).to_numpy()
    if outlier.any():
        points(
            axes, mean[outlier], np.maximum(table["genewise"], floor)[outlier], "none", 3.4, alpha=0.9,
            markeredgecolor=BLUE, markeredgewidth=0.5, label="outlier, not shrunken",
        )  # fmt: skip
    line = table[["base_mean", "fitted"]].sort_values("base_mean")
    line = line.iloc[np.unique(np.linspace(0, max(len(line) - 1, 0), 200).astype(int))] if len(line) else line
    axes.plot(line["base_mean"], line["fitted"], color=VERMILLION, linewidth=1.4, label="fitted trend")
    log_scale(axes, "x")
    log_scale(axes, "y")
    axes.set_xlabel("mean of normalised counts")
    axes.set_ylabel("dispersion")
    axes.set_title("Dispersions")
    axes.legend(loc="upper right", markerscale=2.2)
    trend = results.fit.get("dispersion_trend", {})
    how = f"{trend.get('type', 'fitted')} trend"
    if trend.get("a0") is not None and trend.get("a1") is not None:
        how += f": {trend['a0']:.3g} + {trend['a1']:.3g} / mean"
    caption = (
        f"Negative binomial dispersion of each feature against its mean ({how}). The final estimates are drawn "
        f"towards the trend; features far above it keep their own. Estimates under {floor:.1g} are drawn at that "
        "height."
    )
    alt = (
        f"Scatter plot of dispersion against mean for {len(table)} features with a fitted trend; "
        f"{int(outlier.sum())} features are outliers above the trend."
    )
    return figure, caption, alt


def sample_values(results: StudyResults) -> tuple[list[str], NDArray[np.float64]]:
    """Return sample names and transformed values, shape (features, samples), without features that have gaps."""
    names = [name for name in results.samples["sample"] if name in results.transformed.columns]
    values = results.transformed[names].to_numpy(dtype=np.float64)
    return names, values[np.isfinite(values).all(axis=1)]


def main_factors(results: StudyResults) -> tuple[str, str | None]:
    """Return the factor of the contrasts (colour) and another factor of the design, if there is one (marker)."""
    factors = [name for name in results.samples.columns if name != "sample"]
    named = [part for item in results.record["contrasts"] for part in str(item["factor"]).split(":")]
    colour = next((name for name in named if name in factors), factors[0])
    design = str(results.record.get("design", ""))
    others = [name for name in factors if name != colour and name in design]
    few = [name for name in others if results.samples[name].nunique() <= len(MARKERS)]
    return colour, few[0] if few else None


def levels(results: StudyResults, factor: str) -> list[str]:
    """Return the levels of `factor`, in the order in which the sample sheet brings them."""
    return list(pd.unique(results.samples[factor]))


def plain(texts: Any) -> None:
    """Keep names from the data out of matplotlib's mathematics."""
    for text in texts:
        text.set_parse_math(False)
