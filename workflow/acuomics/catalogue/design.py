"""Whether the samples of a study can answer its design: known factors, full rank, degrees of freedom."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from acuomics.catalogue.formula import Formula
from acuomics.inputs.words import did_you_mean, some
from acuomics.problems import Problems

# What contrasts read as the joint of a cell, or as minus.
_IN_CELLS = re.compile(r":|(?<!\S)-(?!\S)")


def _columns(samples: Sequence[Mapping[str, str]], factor: str) -> list[NDArray[np.float64]]:
    """Dummy columns of a factor, treatment-coded; the choice of the reference does not change the rank."""
    values = [row[factor] for row in samples]
    return [np.array([v == level for v in values], dtype=np.float64) for level in sorted(set(values))[1:]]


def _rank(columns: Sequence[NDArray[np.float64]], n: int) -> int:
    return int(np.linalg.matrix_rank(np.column_stack([np.ones(n), *columns])))


def check_design(design: Formula, samples: Sequence[Mapping[str, str]], file: str, problems: Problems) -> None:
    """Check that the samples can estimate every term: known factors, two levels each, full rank, error df.

    Levels of a factor in an interaction must not hold ``:`` or a lone hyphen: contrasts write cells ``x:y`` and
    differences ``x:y - x:z``.

    Parameters
    ----------
    design : Formula
        The parsed formula.
    samples : sequence of mapping
        ``sample`` and the factors, a mapping a sample.
    file : str
        Where the design stands.
    problems : Problems
        Takes the faults.
    """
    before = len(problems.found)
    known = sorted({name for row in samples for name in row if name != "sample"})
    for factor in design.factors:
        if factor not in known:
            problems.add(
                file,
                f"the design names {factor!r}, which is no factor of the sample sheet",
                f"{did_you_mean(factor, known)} name a factor of the sheet: {some(known, 8)}".strip(),
                column="design",
                value=factor,
            )
        elif len({row[factor] for row in samples}) < 2:
            problems.add(
                file,
                f"the factor {factor!r} has one level only, {samples[0][factor]!r}",
                "take it out of the design",
                column="design",
                value=factor,
            )
    for factor in sorted({name for pair in design.interactions for name in pair} & set(known)):
        _check_cell_levels(factor, samples, design, file, problems)
    if len(problems.found) > before:
        return
    n = len(samples)
    blocks = {factor: _columns(samples, factor) for factor in design.factors}
    terms = dict(blocks)
    for a, b in design.interactions:
        terms[f"{a}:{b}"] = [x * y for x in blocks[a] for y in blocks[b]]
    seen: list[NDArray[np.float64]] = []
    earlier: list[str] = []
    for name, columns in terms.items():
        if _rank([*seen, *columns], n) < _rank(seen, n) + len(columns):
            _report_collinear(name, columns, earlier, terms, samples, file, design, problems)
        seen += columns
        earlier.append(name)
    if len(problems.found) == before and n - 1 - len(seen) < 1:
        problems.add(
            file,
            f"{n} samples and {len(seen) + 1} coefficients leave no degrees of freedom for the error",
            "take terms out of the design, or add samples",
            column="design",
            value=design.formula,
        )


def _check_cell_levels(
    factor: str, samples: Sequence[Mapping[str, str]], design: Formula, file: str, problems: Problems
) -> None:
    for level in sorted({row[factor] for row in samples}):
        if not _IN_CELLS.search(level):
            continue
        better = " ".join(_IN_CELLS.sub(" ", level).split()) or "..."
        problems.add(
            file,
            f"the level {level!r} of {factor} holds ':' or ' - ', which join and subtract the cells of an interaction "
            f"({design.formula})",
            f'give it another name in study.yaml: samples: values: {factor}: {{"{level}": "{better}"}}, '
            "and in contrasts.tsv",
            column=f"samples.values.{factor}",
            value=level,
        )


def _report_collinear(
    name: str,
    columns: list[NDArray[np.float64]],
    earlier: list[str],
    terms: Mapping[str, list[NDArray[np.float64]]],
    samples: Sequence[Mapping[str, str]],
    file: str,
    design: Formula,
    problems: Problems,
) -> None:
    n = len(samples)
    fix = "take one of them out of the design; effects that always go together cannot be told apart"
    if ":" in name:
        a, b = name.split(":")
        present = {(row[a], row[b]) for row in samples}
        empty = [
            f"{x}:{y}"
            for x in sorted({s[a] for s in samples})
            for y in sorted({s[b] for s in samples})
            if (x, y) not in present
        ]
        if empty:
            message = f"the interaction {name} cannot be estimated: no sample in {some(empty)}"
            problems.add(file, message, "take the interaction out of the design", column="design", value=design.formula)
            return
    culprits = [
        other for other in earlier if _rank([*terms[other], *columns], n) < _rank(terms[other], n) + len(columns)
    ] or earlier
    problems.add(
        file,
        f"the design is collinear: {name} is determined by {' and '.join(culprits)}",
        fix,
        column="design",
        value=design.formula,
    )
