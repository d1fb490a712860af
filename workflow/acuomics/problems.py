"""What is wrong with an input, collected so that a person can mend everything at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Problem:
    """One fault of one input.

    Parameters
    ----------
    file : str
        The file, or the place in the configuration, that is at fault.
    message : str
        What is wrong, in one sentence.
    fix : str
        How to mend it, in one sentence.
    row, column, value : str or int, optional
        Where in the file, and what stands there. Rows of tables count from 1 without the header;
        anything that helps the reader to find the place will do.
    """

    file: str
    message: str
    fix: str = ""
    row: str | int | None = None
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        place = [self.file]
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column is not None:
            place.append(f"column {self.column}")
        if self.value is not None:
            value = self.value if len(self.value) <= 80 else self.value[:77] + "..."
            place.append(f"value {value!r}")
        fix = f"\n      mend: {self.fix}" if self.fix else ""
        return f"{', '.join(place)}: {self.message}{fix}"


class InputError(Exception):
    """One or more faults of the input. ``str()`` is the whole message for the user.

    Parameters
    ----------
    problems : iterable of Problem
        The faults.
    outcome : str
        What they led to, where the one who raises knows it (``nothing was run``: only before the run).
    """

    def __init__(self, problems: Iterable[Problem], outcome: str = "") -> None:
        self.problems = tuple(problems)
        self.outcome = outcome
        super().__init__(self.__str__())

    def __str__(self) -> str:
        n = len(self.problems)
        head = "1 problem with the input" if n == 1 else f"{n} problems with the input"
        lines = [f"  {i}. {problem}" for i, problem in enumerate(self.problems, start=1)]
        return "\n".join([f"{head}; {self.outcome}:" if self.outcome else f"{head}:", *lines])


@dataclass
class Problems:
    """A collector: every check adds what it finds, and the caller raises once."""

    found: list[Problem] = field(default_factory=list)

    def add(
        self,
        file: object,
        message: str,
        fix: str = "",
        *,
        row: str | int | None = None,
        column: str | None = None,
        value: object = None,
    ) -> None:
        """Record one fault (see `Problem`)."""
        text = None if value is None else str(value)
        self.found.append(Problem(str(file), message, fix, row, column, text))

    def extend(self, other: Problems) -> None:
        """Take over what another collector found."""
        self.found.extend(other.found)

    def raise_if_any(self, outcome: str = "") -> None:
        """Raise `InputError` with everything found so far, if anything was; `outcome` says what it led to."""
        if self.found:
            raise InputError(self.found, outcome)
