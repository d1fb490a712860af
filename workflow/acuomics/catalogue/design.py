"""Design formulas: what a study's model may say, and whether its samples can answer it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acuomics.inputs.words import did_you_mean, some
from acuomics.problems import Problems

GRAMMAR = (
    "write '~ a + b' with factors of the sample sheet, 'a:b' for an interaction, 'a*b' for 'a + b + a:b'; "
    "the intercept is always there"
)
_NAME = r"[A-Za-z][A-Za-z0-9_]*"
_TERM = re.compile(rf"({_NAME})(?:([:*])({_NAME}))?")


@dataclass(frozen=True)
class Design:
    """A parsed formula.

    Parameters
    ----------
    factors : tuple of str
        The main effects, in the order of the formula.
    interactions : tuple of (str, str)
        Two-way interactions; both factors are main effects too.
    """

    factors: tuple[str, ...]
    interactions: tuple[tuple[str, str], ...]

    @property
    def formula(self) -> str:
        """The formula written out: every term, one way of spacing."""
        return "~ " + " + ".join([*self.factors, *(f"{a}:{b}" for a, b in self.interactions)])


def parse_design(formula: str, file: str, problems: Problems) -> Design | None:
    """Parse a formula of main effects and two-way interactions; None, and a problem, when it is none."""

    def fault(message: str, fix: str = GRAMMAR) -> None:
        problems.add(file, message, fix, column="design", value=formula)

    head, tilde, body = formula.strip().partition("~")
    if head or not tilde:
        fault("a design begins with '~'")
        return None
    factors: list[str] = []
    interactions: list[tuple[str, str]] = []
    for text in body.split("+"):
        match = _TERM.fullmatch(re.sub(r"\s*([:*])\s*", r"\1", text.strip()))
        if match is None:
            fault(f"{text.strip()!r} is no term of a design")
            return None
        first, sign, second = match.groups()
        added = [first] if not sign else ([first, second] if sign == "*" else [])
        factors.extend(name for name in added if sign != "*" or name not in factors)
        if sign:
            interactions.append((first, second))
    terms = [*factors, *(":".join(sorted(pair)) for pair in interactions)]
    twice = sorted({term for term in terms if terms.count(term) > 1})
    if twice:
        fault(f"the term {some([repr(t) for t in twice])} is there twice", "keep one")
        return None
    for a, b in interactions:
        if a == b:
            fault(f"a factor cannot interact with itself: {a}:{b}")
            return None
        if lacking := [name for name in (a, b) if name not in factors]:
            fault(f"the interaction {a}:{b} needs its main effect {some(lacking)}", f"write {a}*{b}")
            return None
    return Design(tuple(factors), tuple(interactions))


def _columns(samples: Sequence[Mapping[str, str]], factor: str) -> list[NDArray[np.float64]]:
    """Dummy columns of a factor, treatment-coded; the choice of the reference does not change the rank."""
    values = [row[factor] for row in samples]
    return [np.array([v == level for v in values], dtype=np.float64) for level in sorted(set(values))[1:]]


def _rank(columns: Sequence[NDArray[np.float64]], n: int) -> int:
    return int(np.linalg.matrix_rank(np.column_stack([np.ones(n), *columns])))


def check_design(design: Design, samples: Sequence[Mapping[str, str]], file: str, problems: Problems) -> None:
    """Check that the samples can estimate every term: known factors, two levels each, full rank, error df.

    Parameters
    ----------
    design : Design
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
                f"{did_you_mean(factor, known)} The factors are {some(known, 8)}".strip(),
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


def _report_collinear(
    name: str,
    columns: list[NDArray[np.float64]],
    earlier: list[str],
    terms: Mapping[str, list[NDArray[np.float64]]],
    samples: Sequence[Mapping[str, str]],
    file: str,
    design: Design,
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
