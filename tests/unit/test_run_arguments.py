"""What `make study` and `make run` make of their arguments, before snakemake starts."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("run", Path(__file__).resolve().parents[2] / "workflow" / "run.py")
assert _SPEC and _SPEC.loader
run = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(run)


def test_a_run_without_own_files_keeps_its_arguments():
    words = ["--cores", "2", "--config", "seed=1"]
    assert run.with_own_data(words) == words
    # make gives every option, empty where the user said nothing
    assert run.with_own_data([*words, "--own-counts", "", "--own-fastq", ""]) == words


def test_own_counts_become_configuration():
    words = [
        "--cores",
        "1",
        "--study",
        "zou2019",
        "--own-counts",
        "a b.tsv",
        "--own-samples",
        "s.tsv",
        "--own-fastq",
        "",
    ]
    *rest, studies, own = run.with_own_data(words)
    assert rest == ["--cores", "1", "--config"]
    assert studies == "studies=[zou2019]"
    assert json.loads(own.removeprefix("own_data=")) == {"zou2019": {"counts": "a b.tsv", "samples": "s.tsv"}}


@pytest.mark.parametrize(
    "words",
    [
        ["--own-counts", "x.tsv"],
        ["--study", "zou2019"],
        ["--study", "zou2019", "--own-samples", "s.tsv"],
        ["--study", "zou2019", "--own-counts", "x.tsv", "--own-fastq", "reads"],
    ],
)
def test_a_call_that_says_too_little_or_too_much_is_refused(words, capsys):
    with pytest.raises(SystemExit) as caught:
        run.with_own_data(words)
    assert caught.value.code not in (0, None)
    told = capsys.readouterr().err + str(caught.value)
    assert "STUDY" in told or "COUNTS" in told
