"""Faults of the machine on a whole run of one embedded study: the right bytes after a plain rerun, or a clear error.

The short form of `make bench NAME=faults`, with three kills.
"""

from __future__ import annotations

import pytest

from tests.benchmark.faults import INTERMEDIATES, Runs, again, kills, must_complain, two_at_once
from tests.workflow import digests, write_config

STUDY = "demo_phn_mirna"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A finished run."""
    root = tmp_path_factory.mktemp("faults")
    made = Runs(root / "run", write_config(root / "config.yaml", studies=[STUDY]), {})
    made.folder.mkdir()
    done = made.run()
    assert done.returncode == 0, done.stdout
    made.expected = digests(made.folder)
    return made


@pytest.mark.slow
def test_killed_runs_go_on_to_the_same_bytes(runs, tmp_path):
    killed = Runs(tmp_path / "run", runs.config, runs.expected)
    killed.folder.mkdir()
    assert kills(killed, 3, 15.0) == {"kills": 3, "lost": 0, "wrong": 0}


@pytest.mark.slow
def test_a_table_without_its_last_line_is_named_and_made_again(runs):
    path = runs.folder / INTERMEDIATES[2]
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rstrip(b"\n").rfind(b"\n") + 1])
    assert (
        must_complain(runs, INTERMEDIATES[2], lambda: again(runs, INTERMEDIATES[2])) == "clear error, then same bytes"
    )


@pytest.mark.slow
def test_two_runs_at_once(runs):
    assert two_at_once(runs) == "the second is told to wait, same bytes"
