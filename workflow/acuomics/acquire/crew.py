"""Threads that share a list of tasks; who waits for them is woken when all is done, not once a task.

The executor of the standard library wakes the waiting thread for every task: amid transfers, where all threads want the
interpreter, that is what small files take longest for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

Outcome = TypeVar("Outcome")


class Crew(Generic[Outcome]):
    """Threads that do tasks from `start` on.

    Parameters
    ----------
    tasks : sequence of callables
        Begun in this order.
    n_threads : int
        How many at once.
    """

    def __init__(self, tasks: Sequence[Callable[[], Outcome]], n_threads: int) -> None:
        self._tasks = tasks
        self._left: Iterator[int] = iter(range(len(tasks)))
        self._lock, self._done = threading.Lock(), threading.Event()
        self._outcomes: dict[int, Outcome] = {}
        self._error: BaseException | None = None
        self._threads: list[threading.Thread] = []
        self._wanted = min(n_threads, len(tasks))

    def start(self) -> None:
        """Let the threads begin; who calls this dismisses them, whatever happens."""
        for _ in range(self._wanted):
            thread = threading.Thread(target=self._work)
            thread.start()
            self._threads.append(thread)

    def wait(self, seconds: float) -> bool:
        """Wait until all is done, at most so long; say whether it is. Raises what a task raised."""
        done = not self._tasks or self._done.wait(seconds)
        if self._error is not None:
            raise self._error
        return done

    def outcomes(self) -> dict[int, Outcome]:
        """What came of the tasks that are done by now, by their number, in their order."""
        with self._lock:
            return dict(sorted(self._outcomes.items()))

    def dismiss(self) -> None:
        """Begin no further task, and wait for those under way."""
        with self._lock:
            self._left = iter(())
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        try:
            while (number := self._next()) is not None:
                outcome = self._tasks[number]()
                with self._lock:
                    self._outcomes[number] = outcome
        except BaseException as error:
            self._error = error
        if len(self._outcomes) == len(self._tasks) or self._error is not None:
            self._done.set()

    def _next(self) -> int | None:
        with self._lock:
            return next(self._left, None)
