"""Another workflow imports this one as a module, from another folder, with a part of a configuration."""

import re
import subprocess
import sys

import pytest

from tests.realdata import REPO
from tests.workflow import environment

SNAKEFILE = """\
module acuomics:
    snakefile: "{root}/Snakefile"
    config: {{"studies": ["demo_phn_mrna"], "de": {{"q": 0.1}}}}

use rule * from acuomics as acuomics_*

rule count_samples:
    input:
        "results/demo_phn_mrna/catalogue/study.json",
    output:
        "samples.txt",
    shell:
        "grep -c '\\"sample\\":' {{input}} > {{output}}"
"""


@pytest.fixture
def outer(tmp_path):
    """Run snakemake on a workflow that has this one as a module."""
    (tmp_path / "Snakefile").write_text(SNAKEFILE.format(root=REPO))

    def run(*arguments):
        words = [sys.executable, "-m", "snakemake", "--cores", "1", *arguments]
        done = subprocess.run(
            words,
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    return run


def test_its_rules_run_beside_those_of_the_other_workflow(outer, tmp_path):
    outer("count_samples")
    assert (tmp_path / "samples.txt").read_text().strip() == "18"


def test_all_of_it_is_planned_for_the_configured_study_alone(outer):
    told = outer("--dry-run", "acuomics_all")
    table = re.search(r"^job\s+count\n[-\s]+\n(.*?)\n\n", told, re.M | re.S)
    assert table, told
    planned = dict(line.split() for line in table[1].splitlines())
    assert planned["acuomics_fit_study"] == planned["acuomics_write_crate"] == planned["acuomics_all"] == "1"
    assert "acuomics_count_reads" not in planned
