"""What ends an attempt: a fault worth another attempt, or one that none would mend."""

from __future__ import annotations

from acuomics.problems import Problem


class Transient(Exception):
    """A fault that another attempt may not meet.

    Parameters
    ----------
    reason : str
        What happened, in one clause.
    wait : float, optional
        Seconds that the server asks to be left alone.
    """

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.wait = reason, wait


class Final(Exception):
    """A fault that no further attempt mends, as the problem the user is to read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class Hopeless(Exception):
    """An address that no attempt reaches, before it is known for which file; `message` and `fix` as in `Problem`."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.message, self.fix = message, fix


class Stopped(Exception):
    """The user interrupted the fetch."""
