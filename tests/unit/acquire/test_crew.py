"""Threads that share tasks: what comes of them, errors, and an interrupt at any time."""

from __future__ import annotations

import threading
import time

import pytest

from acuomics.acquire.crew import Crew


def test_outcomes_come_in_the_order_of_the_tasks():
    crew = Crew([lambda n=n: time.sleep(0.02 * (n % 3)) or n * n for n in range(20)], 4)
    crew.start()
    while not crew.wait(0.01):
        pass
    crew.dismiss()
    assert crew.outcomes() == {n: n * n for n in range(20)} and list(crew.outcomes()) == list(range(20))


def test_no_task_is_no_work():
    crew = Crew([], 4)
    crew.start()
    assert crew.wait(0.0) and crew.outcomes() == {}
    crew.dismiss()


def test_what_a_task_raises_is_raised_where_it_is_waited_for():
    crew = Crew([lambda: 1, lambda: 1 / 0], 2)
    crew.start()
    with pytest.raises(ZeroDivisionError):
        crew.wait(10)
        crew.wait(10)
    crew.dismiss()


def test_an_interrupt_at_the_start_leaves_nothing_running(monkeypatch):
    """The second thread cannot be had; those who began stop after the task they are at."""
    begun, start = [], threading.Thread.start

    def once(thread):
        if begun:
            raise KeyboardInterrupt
        begun.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", once)
    crew = Crew([lambda: time.sleep(0.05)] * 50, 4)
    with pytest.raises(KeyboardInterrupt):
        crew.start()
    crew.dismiss()
    assert not begun[0].is_alive() and len(crew.outcomes()) <= 2
