"""The plan of a run: which jobs, for which studies, and what makes them run again."""

import re
from collections import Counter

import pytest

from tests.realdata import STUDIES, real_config
from tests.workflow import snakemake, write_config


def jobs(folder, **options):
    """Rule names and how often each would run."""
    result = snakemake(folder, "--dry-run", **options)
    assert result.returncode == 0, result.stdout
    table = re.search(r"^job\s+count\n[-\s]+\n(.*?)\n\n", result.stdout, re.M | re.S)
    assert table, result.stdout
    return Counter({line.split()[0]: int(line.split()[1]) for line in table[1].splitlines()})


EVERY_STUDY = (
    "take_in_counts",
    "fit_study",
    "annotate_hits",
    "judge_claims",
    "test_sets",
    "draw_figures",
)


def test_default_plan(tmp_path):
    planned = jobs(tmp_path)
    # Studies of counts; one of single cells takes its cell types through these stages in one job.
    assert {rule: planned[rule] for rule in EVERY_STUDY} == dict.fromkeys(EVERY_STUDY, 2)
    assert planned["record_study"] == planned["judge_published"] == 3
    cells = ("simulate_cells", "analyse_cells", "test_types_demo_phn_sc", "describe_cells")
    assert [planned[rule] for rule in cells] == [1, 1, 1, 1]
    assert planned["simulate_study"] == planned["score_recovery"] == planned["test_reversal"] == 2
    once = (
        "write_report",
        "conclude_claims",
        "export_set",
        "synthesise_studies",
        "summarise_run",
        "write_crate",
        "all",
    )
    assert [planned[rule] for rule in once] == [1] * 7
    assert planned["total"] == 39


def test_one_study_only(tmp_path):
    planned = jobs(tmp_path, config=write_config(tmp_path / "c.yaml", studies=["demo_phn_mirna"]))
    assert planned["fit_study"] == planned["simulate_study"] == 1


@pytest.mark.usefixtures("real_data")
def test_real_studies_are_neither_simulated_nor_scored_against_a_truth(tmp_path, real_data):
    config = real_config(real_data)
    changes = {key: config[key] for key in ("studies", "study_folders", "data_root", "gene_tables")}
    planned = jobs(tmp_path, config=write_config(tmp_path / "c.yaml", **changes))
    assert planned["fit_study"] == len(list(STUDIES.glob("*/study.yaml"))) == 6
    assert planned["simulate_study"] == planned["score_recovery"] == 0
    assert planned["test_reversal"] == 2  # the two three-arm studies


def test_faults_stop_everything_before_a_job_is_planned(tmp_path):
    config = write_config(tmp_path / "c.yaml", studies=["demo_phn_mirna", "../etc"], de={"q": 2}, sead=1)
    result = snakemake(tmp_path, config=config)
    assert result.returncode != 0
    for part in ("problems with the input; nothing was run", "../etc", "de.q", "sead", "seed"):
        assert part in result.stdout, part
    assert "Traceback" not in result.stdout
    assert not (tmp_path / "results").exists()
