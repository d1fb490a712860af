"""How many features would look reversed if model and treated samples were exchangeable."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from acuomics.de.kernels.packed import Array, of_genes
from acuomics.de.model import NegativeBinomialFit, fit_negative_binomial
from acuomics.de.wald import WaldTest, wald_test
from acuomics.designs import (
    Design,
    build_design,
    contrast_vector,
    factors_of,
    reference_levels,
    samples_of,
)
from acuomics.reversal.iut import reversal_test


@dataclass(frozen=True)
class Calls:
    """How many features one labeling calls reversed: by the honest test, and by the field's recipes.

    `venn`: p < 0.05 in both contrasts with opposite signs; `venn_lfc1`: and |log2 fold change| >= 1 in both.
    """

    reversed: int
    venn: int
    venn_lfc1: int


@dataclass(frozen=True)
class PermutationNull:
    """The null of the number of reversed features.

    Attributes
    ----------
    draws : tuple of Calls
        One a relabeling; the labels as they are, are not among them.
    distinct : int
        Number of distinct labelings of the samples, the true one included.
    exhaustive : bool
        Whether all of them were used.
    p : float
        Share of labelings, the true one included, with as many calls or more.
    smallest_p : float
        The smallest value `p` can take.
    observed : int
        Calls under the true labels that the draws are compared with.
    """

    draws: tuple[Calls, ...]
    distinct: int
    exhaustive: bool
    p: float
    smallest_p: float
    observed: int


Samples = Sequence[Mapping[str, str]]


def cell_of(factor: str, level: str) -> dict[str, str]:
    """Factors and levels of an arm: ``{"condition": "EA"}``; of the factor ``a:b`` and the level ``x:y``, both."""
    names = factor.split(":")
    return {factor: level} if len(names) == 1 else dict(zip(names, level.split(":"), strict=True))


def _lies_in(sample: Mapping[str, str], cell: Mapping[str, str]) -> bool:
    return all(sample[name] == level for name, level in cell.items())


def strata_of(samples: Samples, formula: str, factor: str, levels: tuple[str, str]) -> list[list[int]]:
    """Positions of the model and treated samples, grouped by the other factors of the design.

    Labels are exchangeable only among samples of one batch, sex or subject.
    """
    cells = [cell_of(factor, level) for level in levels]
    others = [name for name in factors_of(formula) if name not in cells[0]]
    strata: dict[tuple[str, ...], list[int]] = {}
    for i, sample in enumerate(samples):
        if any(_lies_in(sample, cell) for cell in cells):
            strata.setdefault(tuple(sample[name] for name in others), []).append(i)
    return [strata[key] for key in sorted(strata)]


def count_labelings(samples: Samples, strata: list[list[int]], factor: str, treated: str) -> int:
    """Number of distinct ways to deal out the labels within the strata."""
    cell = cell_of(factor, treated)
    return math.prod(math.comb(len(stratum), sum(_lies_in(samples[i], cell) for i in stratum)) for stratum in strata)


def relabelings(
    samples: Samples, strata: list[list[int]], factor: str, levels: tuple[str, str], draws: int, seed: int
) -> Iterator[list[dict[str, str]]]:
    """Relabeled samples: every distinct one where there are no more than `draws`, else `draws` random ones.

    The true labeling is left out, and no labeling comes twice.
    """
    model, treated = (cell_of(factor, level) for level in levels)
    chosen = tuple(tuple(i for i in stratum if _lies_in(samples[i], treated)) for stratum in strata)

    def relabeled(choice: Sequence[Sequence[int]]) -> list[dict[str, str]]:
        result = [dict(sample) for sample in samples]
        for stratum, top in zip(strata, choice, strict=True):
            for i in stratum:
                result[i].update(treated if i in top else model)
        return result

    if count_labelings(samples, strata, factor, levels[1]) - 1 <= draws:
        pools = [list(itertools.combinations(stratum, len(top))) for stratum, top in zip(strata, chosen, strict=True)]
        for choice in itertools.product(*pools):
            if choice != chosen:
                yield relabeled(choice)
        return
    generator = np.random.default_rng(seed)
    seen = {chosen}
    while len(seen) <= draws:
        choice = tuple(
            tuple(sorted(generator.choice(stratum, size=len(top), replace=False).tolist()))
            for stratum, top in zip(strata, chosen, strict=True)
        )
        if choice not in seen:
            seen.add(choice)
            yield relabeled(choice)


def count_calls(model: WaldTest, treatment: WaldTest, rate: float) -> Calls:
    """Calls of the reversal test at `rate`, and of the nominal Venn recipe (see `nominal_venn`)."""
    valid = np.isfinite(model.p) & np.isfinite(treatment.p)
    honest = reversal_test(model.stat, treatment.stat, valid).q
    venn = nominal_venn(model, treatment)
    return Calls(int(np.count_nonzero(honest < rate)), int(venn.opposite.sum()), int(venn.opposite_lfc1.sum()))


@dataclass(frozen=True)
class Venn:
    """The field's recipe, bool arrays of shape (features,).

    `both`: p < 0.05 in both contrasts; `opposite`: and opposite signs; `opposite_lfc1`: and |log2FC| >= 1 in both.
    """

    both: np.ndarray
    opposite: np.ndarray
    opposite_lfc1: np.ndarray


def nominal_venn(model: WaldTest, treatment: WaldTest) -> Venn:
    """Call features as the Venn diagrams of the field do: without an error rate."""
    with np.errstate(invalid="ignore"):
        both = (model.p < 0.05) & (treatment.p < 0.05)
        opposite = both & (model.log2fc * treatment.log2fc < 0.0)
        large = (np.abs(model.log2fc) >= 1.0) & (np.abs(treatment.log2fc) >= 1.0)
    return Venn(both, opposite, opposite & large)


def permutation_null(
    record: Mapping[str, Any],
    pair: Mapping[str, Any],
    counts: Array,
    size_factors: Array,
    *,
    draws: int,
    rate: float,
    seed: int,
    observed: int | None = None,
) -> PermutationNull:
    """Refit the study under relabelings of model and treated samples, and count the calls of each.

    Parameters
    ----------
    record, pair : mapping
        Study record and one of its reversal pairs.
    counts : array of shape (samples, features)
    size_factors : array of shape (samples,) or (samples, features)
        Kept under every relabeling; of the second shape where gene lengths differ (`acuomics.de.offsets`).
    draws : int
    rate : float
        False discovery rate of a call.
    seed : int
    observed : int, optional
        Calls under the true labels; counted with the same fit when not given.
    """
    samples = record["samples"]
    factor = pair["factor"]
    levels = (pair["model_level"], pair["treated_level"])
    strata = strata_of(samples, record["design"], factor, levels)
    live = counts.any(axis=0)
    counts, size_factors = counts[:, live], of_genes(size_factors, live)
    if observed is None:
        observed = all_calls(record, pair, [samples], counts, size_factors, rate)[0].reversed
    labelings = list(relabelings(samples, strata, factor, levels, draws, seed))
    results = tuple(all_calls(record, pair, labelings, counts, size_factors, rate))
    distinct = count_labelings(samples, strata, factor, levels[1])
    as_many = sum(result.reversed >= observed for result in results)
    return PermutationNull(
        results,
        distinct,
        len(results) == distinct - 1,
        (1 + as_many) / (1 + len(results)),
        1 / (1 + len(results)),
        observed,
    )


def all_calls(
    record: Mapping[str, Any],
    pair: Mapping[str, Any],
    labelings: Sequence[Samples],
    counts: Array,
    size_factors: Array,
    rate: float,
) -> list[Calls]:
    """Fit the study under each labeling and count the calls of the pair.

    A labeling and its mirror image (model and treated samples exchanged throughout) have the same design but for the
    order of its columns; one fit serves both.
    """
    designs = [build_design(record["design"], labels, reference_levels(record["contrasts"])) for labels in labelings]
    same: dict[tuple[bytes, ...], list[int]] = {}
    for i, design in enumerate(designs):
        same.setdefault(tuple(sorted(column.tobytes() for column in design.matrix.T)), []).append(i)
    calls: dict[int, Calls] = {}
    for members in same.values():
        fitted = designs[members[0]].matrix
        fit = fit_negative_binomial(counts, size_factors, fitted)
        for i in members:
            where = (fitted[:, :, None] == designs[i].matrix[:, None, :]).all(axis=0).argmax(axis=0)
            tests = _test_pair(record, pair, labelings[i], designs[i], fit, where)
            calls[i] = count_calls(*tests, rate)
    return [calls[i] for i in range(len(labelings))]


def refit_pair(
    record: Mapping[str, Any],
    pair: Mapping[str, Any],
    samples: Samples,
    counts: Array,
    size_factors: Array,
) -> tuple[WaldTest, WaldTest]:
    """Fit the study with these labels and test the pair's model and treatment contrasts."""
    design = build_design(record["design"], samples, reference_levels(record["contrasts"]))
    fit = fit_negative_binomial(counts, size_factors, design.matrix)
    return _test_pair(record, pair, samples, design, fit, np.arange(len(design.columns)))


def _test_pair(
    record: Mapping[str, Any],
    pair: Mapping[str, Any],
    samples: Samples,
    design: Design,
    fit: NegativeBinomialFit,
    where: np.ndarray,
) -> tuple[WaldTest, WaldTest]:
    """The pair's two tests; `where` says which column of the fit each column of `design` is."""
    contrasts = {contrast["contrast"]: contrast for contrast in record["contrasts"]}

    def test(name: str) -> WaldTest:
        vector = np.empty(where.size)
        vector[where] = contrast_vector(design, contrasts[name])
        return wald_test(fit, vector, samples_of(contrasts[name], samples))

    return test(pair["model"]), test(pair["treatment"])
