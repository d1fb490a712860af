"""A short campaign over every reader that takes small text (`make bench NAME=fuzz` is the long one), and Hypothesis."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acuomics.inputs.strict_yaml import read_yaml
from acuomics.inputs.table import read_table
from acuomics.problems import Problems
from tests.fuzzing.campaign import Outcome, run_inputs
from tests.fuzzing.targets import Target, targets

#: The quick ones; the others (kernels to compile, HDF5 in a process of its own) are of the long campaign.
NAMES = (
    *("table", "yaml", "study", "claims", "files", "urls", "ena", "soft", "geo", "counts_csv", "counts_mtx", "mirbase"),
    *("names", "gene_info", "transcripts", "kits", "intermediates", "fastq_mrna"),
)


@pytest.mark.parametrize("name", NAMES)
def test_mutated_files_end_in_no_traceback(name):
    outcome = Outcome()
    run_inputs(targets()[name], name, range(40), outcome)
    assert (outcome.inputs, outcome.tracebacks, outcome.hangs) == (40, 0, 0), outcome.examples


def test_the_campaign_sees_a_traceback_and_a_hang(monkeypatch):
    def broken(folder):
        text = (folder / "a").read_bytes()
        if len(text) % 2:
            raise IndexError(len(text))
        while len(text) % 3 == 0:
            pass

    monkeypatch.setattr("tests.fuzzing.campaign.SECONDS", 0.05)
    outcome = Outcome()
    run_inputs(Target({"a": b"some text\n"}, broken), "broken", range(30), outcome)
    assert outcome.tracebacks > 3 and outcome.hangs > 1 and outcome.inputs == 30


@settings(
    derandomize=True, max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.one_of(st.binary(max_size=200), st.text(alphabet="a:-{}[]&*!? \n\t\"'|>#,0", max_size=120).map(str.encode)))
def test_any_bytes_are_yaml_and_a_table_or_a_problem(tmp_path, content):
    file = tmp_path / "file"
    file.write_bytes(content)
    for read in (lambda problems: read_yaml(file, problems), lambda problems: read_table(file, "\t", problems)):
        problems = Problems()
        assert (read(problems) is None) == bool(problems.found)
