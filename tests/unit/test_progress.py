"""What `make run` shows: a line a step in the field's words, no noise, and every error as it came."""

import io
import re

import progress
import pytest

from tests.realdata import REPO

RUN = """\
Using workflow specific profile /somewhere/workflow/profiles/default for setting default command line arguments.
Assuming unrestricted shared filesystem usage.
Building DAG of jobs...
Using shell: /usr/bin/bash
Provided cores: 2
Rules claiming more threads will be scaled down.
Provided resources: connections=Resource("connections", 4)
Conda environments: ignored
Job stats:
job                count
---------------  -------
record_study           2
write_report           1
all                    1
total                 12

Select jobs to execute...
Execute 2 jobs...

[Sun Nov  1 16:46:29 2026]
Job 14: rats: writing the checked study record
[Sun Nov 22 16:46:29 2026]
Finished jobid: 14 (Rule: record_study)
1 of 12 steps (8%) done
[Sun Nov 22 16:46:30 2026]
localJob 15: mice: writing the checked study record
[Sun Nov 22 16:46:30 2026]
Job 0: all results are there
Complete log(s): /somewhere/.snakemake/log/2026-11-22.snakemake.log
Elapsed time: 0:01:58.804388
"""
ERROR = """\
1 problem with the input:
  1. results/rats/intake/counts.parquet: the file is not whole
      mend: remove it and run again
Error in rule fit_study:
    message: None
    jobid: 8
Logfile results/logs/rats/fit_study.log:
================================
WARNING acuomics: 3 of 12 steps of the fit did not settle
Exiting because a job execution failed. Look above for error messages
"""


def shown(text):
    follower = progress.Progress()
    lines = [follower.shown(line) for line in text.splitlines(keepends=True)]
    return [line for line in lines if line is not None], follower


def test_a_run_is_a_line_a_step():
    lines, follower = shown(RUN)
    assert lines == [
        "[ 1/11] rats: writing the checked study record",
        "[ 2/11] mice: writing the checked study record",
    ]
    assert list(follower.at_work) == ["15"]


def test_of_an_error_nothing_is_lost():
    lines, _ = shown(RUN + ERROR)
    assert lines[2:] == ERROR.splitlines()


def test_noise_inside_other_words_is_no_noise():
    lines, _ = shown("sample 1 of 2 steps (50%) done wrong\nJob stats are missing\nUsing shellfish\n")
    assert len(lines) == 3


def test_silence_is_broken_by_what_is_at_work(capsys):
    class Slow(io.StringIO):
        def __next__(self):
            line = super().__next__()
            if "Finished jobid: 14" in line:
                progress.time.sleep(0.4)
            return line

    progress.show(Slow(RUN), patience=0.1)
    told = capsys.readouterr().err
    assert "still at work: rats: writing the checked study record (0 s)" in told.split("[ 2/11]")[0]
    assert "still at work: mice" not in told
    assert told.count("[ 1/11]") == told.count("[ 2/11]") == 1


@pytest.mark.parametrize("words", [["-n"], ["--cores", "1", "--dry-run"], ["--quiet=all"], ["--lint"]])
def test_who_asks_for_snakemakes_own_words_gets_them(words):
    assert progress.is_raw(words)
    assert not progress.is_raw(["--cores", "2", "--config", "seed=1"])


def test_every_rule_says_what_it_does_in_one_line():
    for rules in sorted((REPO / "workflow" / "rules").glob("*.smk")):
        for body in re.split(r"^rule ", rules.read_text(), flags=re.M)[1:]:
            name = body.split(":")[0]
            message = re.search(r'^    message:\n        "([^"\n]+)"', body, re.M)
            assert message, f"{name} has no message of one line"
            words = message[1].replace("{wildcards.study}: ", "")
            assert words[0].islower() and not words.endswith("."), name
