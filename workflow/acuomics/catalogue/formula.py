"""Design formulas: what a study's model may say."""

from __future__ import annotations

import re
from dataclasses import dataclass

from acuomics.inputs.words import some
from acuomics.problems import Problems

GRAMMAR = (
    "write '~ a + b' with factors of the sample sheet, 'a:b' for an interaction, 'a*b' for 'a + b + a:b'; "
    "the intercept is always there"
)
_NAME = r"[A-Za-z][A-Za-z0-9_]*"
_TERM = re.compile(rf"({_NAME})(?:([:*])({_NAME}))?")


@dataclass(frozen=True)
class Formula:
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


def parse_formula(formula: str, file: str, problems: Problems) -> Formula | None:
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
    return Formula(tuple(factors), tuple(interactions))
