"""Design matrices of factors, and the vectors that contrasts are in them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acuomics.catalogue.formula import parse_formula
from acuomics.problems import Problems

Term = tuple[str, ...]


def terms_of(formula: str) -> tuple[Term, ...]:
    """Terms of a formula, main effects first: ``(("a",), ("b",), ("a", "b"))`` for ``~ a * b``.

    Raises
    ------
    InputError
        When the text is no formula of main effects and two-way interactions.
    """
    problems = Problems()
    parsed = parse_formula(formula, "design", problems)
    problems.raise_if_any()
    return () if parsed is None else (*((name,) for name in parsed.factors), *parsed.interactions)


def factors_of(formula: str) -> list[str]:
    """Names of the factors of a formula, in its order."""
    return [term[0] for term in terms_of(formula) if len(term) == 1]


@dataclass(frozen=True)
class Design:
    """A treatment-coded design matrix.

    Attributes
    ----------
    terms : tuple of tuple of str
    levels : dict of str to tuple of str
        Levels of every factor, the reference first.
    columns : tuple of str
    matrix : array of shape (samples, columns)
    """

    terms: tuple[Term, ...]
    levels: Mapping[str, tuple[str, ...]]
    columns: tuple[str, ...]
    matrix: NDArray[np.float64]

    def row(self, cell: Mapping[str, str]) -> NDArray[np.float64]:
        """Design row of a cell; factors that `cell` does not name are at their reference."""
        row = [1.0]
        for term in self.terms:
            for combination in _combinations(term, self.levels):
                row.append(
                    float(
                        all(
                            cell.get(name, self.levels[name][0]) == level
                            for name, level in zip(term, combination, strict=True)
                        )
                    )
                )
        return np.array(row)


def build_design(
    formula: str, samples: Sequence[Mapping[str, str]], references: Mapping[str, str] | None = None
) -> Design:
    """Design matrix of the samples.

    Parameters
    ----------
    formula : str
    samples : sequence of mappings
        One a sample: factor to level.
    references : mapping, optional
        Reference level of a factor; the first level in sorted order where none is named.
    """
    terms = terms_of(formula)
    levels: dict[str, tuple[str, ...]] = {}
    for (name,) in (term for term in terms if len(term) == 1):
        found = sorted({str(sample[name]) for sample in samples})
        reference = (references or {}).get(name, found[0])
        levels[name] = (reference, *[level for level in found if level != reference])
    columns = ["intercept"]
    for term in terms:
        for combination in _combinations(term, levels):
            columns.append(":".join(f"{n}[{v}]" for n, v in zip(term, combination, strict=True)))
    design = Design(terms, levels, tuple(columns), np.empty((0, len(columns))))
    matrix = np.stack([design.row({n: str(sample[n]) for n in levels}) for sample in samples])
    return Design(terms, levels, tuple(columns), matrix)


def _combinations(term: Term, levels: Mapping[str, tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Level combinations of a term that have a column: none at its reference."""
    return list(itertools.product(*[levels[name][1:] for name in term]))


def reference_levels(contrasts: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Reference level of each factor: the denominator of its model contrast, else of its first contrast."""
    references: dict[str, str] = {}
    ordered = sorted(contrasts, key=lambda contrast: contrast["role"] != "model")
    for contrast in ordered:
        if ":" not in contrast["factor"]:
            references.setdefault(contrast["factor"], contrast["denominator"])
    return references


def design_of(record: Mapping[str, Any]) -> Design:
    """The design of a study record: its formula over its samples, controls as references."""
    return build_design(record["design"], record["samples"], reference_levels(record["contrasts"]))


Cell = tuple[float, dict[str, str]]


def sides_of(contrast: Mapping[str, Any]) -> tuple[list[Cell], list[Cell]]:
    """The design cells of a contrast's numerator and of its denominator, each with its sign in the contrast.

    A contrast of one factor has one cell a side; an interaction contrast names cells ``x:y`` of the factor ``a:b``, and
    a side may be a difference of two cells (``x1:y1 - x0:y1``).

    Raises
    ------
    ValueError
        When a cell does not have one level a factor.
    """
    names = contrast["factor"].split(":")
    sides: list[list[Cell]] = []
    for sign, side in ((1.0, contrast["numerator"]), (-1.0, contrast["denominator"])):
        parts = [side] if len(names) == 1 else side.split(" - ")
        cells: list[Cell] = []
        for k, part in enumerate(parts):
            levels = [part.strip()] if len(names) == 1 else [level.strip() for level in part.split(":")]
            if len(levels) != len(names) or k > 1:
                raise ValueError(
                    f"contrast {contrast['contrast']!r}: {side!r} is not a cell of {contrast['factor']!r}; "
                    f"write levels joined by `:`, or a difference of two such cells with ` - `"
                )
            cells.append((sign if k == 0 else -sign, dict(zip(names, levels, strict=True))))
        sides.append(cells)
    return sides[0], sides[1]


def cells_of(contrast: Mapping[str, Any]) -> list[Cell]:
    """All design cells of a contrast with their signs; see `sides_of`."""
    top, bottom = sides_of(contrast)
    return [*top, *bottom]


def contrast_vector(design: Design, contrast: Mapping[str, Any]) -> NDArray[np.float64]:
    """Weights of the coefficients whose sum is the contrast, shape (columns,)."""
    vector = np.zeros(len(design.columns))
    for sign, cell in cells_of(contrast):
        vector += sign * design.row(cell)
    return vector


def samples_of(contrast: Mapping[str, Any], samples: Sequence[Mapping[str, str]]) -> NDArray[np.bool_]:
    """Which samples lie in a cell of the contrast, shape (samples,)."""
    cells = cells_of(contrast)
    return np.array([any(all(s[n] == v for n, v in cell.items()) for _, cell in cells) for s in samples])
