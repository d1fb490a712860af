"""The embedded bulk studies from counts to page: the planted is found, and the same bytes come out however it runs.

The embedded single cells have a run of their own (test_cells_run.py).
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
import zipfile

import pandas as pd
import pytest

from tests.crates import issues
from tests.outputs import faults
from tests.realdata import REPO
from tests.workflow import ABOUT_THE_RUN, command, digests, environment, snakemake, write_config

STUDIES = ("demo_phn_mirna", "demo_phn_mrna")


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    """The default configuration, for the two studies; beside the runs, whose files are compared."""
    return write_config(tmp_path_factory.mktemp("config") / "c.yaml", studies=list(STUDIES))


@pytest.fixture(scope="module")
def run(tmp_path_factory, config):
    """A finished run on two cores."""
    folder = tmp_path_factory.mktemp("demo")
    result = snakemake(folder, cores=2, config=config)
    assert result.returncode == 0, result.stdout
    return folder


def test_every_column_that_is_written_is_described(run):
    assert faults(run / "results") == []


def test_planted_truth_is_found(run):
    for study in STUDIES:
        table = pd.read_csv(run / "results" / study / "recovery" / "recovery.tsv", sep="\t")
        de, reversal = table[table["test"] == "de"], table[table["test"] == "reversal"]
        assert len(de) == 3 and len(reversal) == 1
        assert de["recall"].min() > 0.7
        assert reversal["recall"].min() > 0.65
        assert reversal["false_discovery"].max() < 0.06
        # One draw scatters about the rate; the benchmark `demo-truth` holds the mean of twenty to 0.075.
        assert de["false_discovery"].mean() < 0.12


def test_the_curated_features_are_in_and_keep_their_own_ids(run):
    features = pd.read_csv(run / "results/demo_phn_mrna/intake/features.tsv", sep="\t", dtype=str)
    by_symbol = features.set_index("symbol")["ncbi_gene"]
    assert by_symbol["Ccr2"] == "60463"
    assert len(features) == 12_000
    mirna = pd.read_csv(run / "results/demo_phn_mirna/intake/features.tsv", sep="\t", dtype=str)
    assert mirna.set_index("symbol").loc["rno-miR-223-3p", "mimat"] == "MIMAT0000892"


def test_reversal_stands_beside_its_null(run):
    summary = json.loads((run / "results/demo_phn_mrna/reversal/rtx_vs_control__ea_vs_rtx.json").read_text())
    assert summary["permutations"]["draws"] == 20 and summary["permutations"]["distinct"] == 924
    assert summary["reversed"] > 20 * summary["permutations"]["mean"]
    assert summary["permutations"]["p"] == summary["permutations"]["smallest_p"] == pytest.approx(1 / 21)
    assert summary["null_correlation"] == pytest.approx(-0.5, abs=0.05)


def test_the_page_says_simulated(run):
    page = (run / "results/report/index.html").read_text()
    assert page.count("SIMULATED") >= 4
    assert str(run) not in page  # no path of the machine


def test_no_result_names_a_path_of_the_machine(run):
    machine = (str(run).encode(), str(REPO).encode(), sys.prefix.encode())
    told = [
        path.relative_to(run)
        for path in (run / "results").rglob("*")
        if path.is_file() and not path.relative_to(run).as_posix().startswith(ABOUT_THE_RUN)
        if any(words in path.read_bytes() for words in machine)
    ]
    assert told == []


def test_the_crate_is_valid_and_tells_of_every_result(run, tmp_path):
    assert issues(run / "results", tmp_path / "cache") == []
    entities = json.loads((run / "results" / "ro-crate-metadata.json").read_text())["@graph"]
    hashes = {f"results/{entity['@id']}": entity["sha256"] for entity in entities if "contentSize" in entity}
    found = {name: value for name, value in digests(run).items() if ".snakemake_timestamp" not in name}
    del found["results/ro-crate-metadata.json"]
    assert {name: hashes.get(name) for name in found} == found


def test_the_end_of_a_run_is_a_summary(run):
    text = (run / "results" / "provenance" / "summary.txt").read_text()
    assert "  demo_phn_mirna: 3 reproduced\n" in text
    assert "Simulated, and so no evidence of anything: demo_phn_mirna, demo_phn_mrna." in text


def test_two_studies_that_are_not_alike_are_not_pooled(run):
    facts = json.loads((run / "results/synthesis/synthesis.json").read_text())
    assert [(pool["status"], len(pool["studies"])) for pool in facts["pools"]] == [("one_study", 1)] * 2
    pooled = pd.read_csv(run / "results/synthesis/pooled.tsv", sep="\t")
    assert set(pooled["conclusion"]) == {"one_study", "no_estimate"} and pooled["estimate"].isna().all()
    elsewhere = pd.read_csv(run / "results/synthesis/published_elsewhere.tsv", sep="\t", keep_default_na=False)
    assert set(elsewhere["family"]) <= {"simulated", "NA", ""} and (elsewhere["claim_study"] == "zou2019").any()


def test_snakemakes_own_report_is_built_without_a_network(run, tmp_path, config):
    result = snakemake(run, "--report", str(tmp_path / "report.zip"), config=config)
    assert result.returncode == 0, result.stdout
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        names = archive.namelist()
        page = archive.read("report/report.html").decode()
    for name in ("volcano_ea_vs_rtx.svg", "reversal_rtx_vs_control__ea_vs_rtx.svg", "ea_vs_rtx.tsv", "recovery.tsv"):
        assert sum(path.endswith(f"/{name}") for path in names) == len(STUDIES), name
    for text in ("Differential expression", "Published claims", "an intersection-union test", "Figures of simulated"):
        assert text in page.replace("\\n", " "), text
    assert "system-message" not in page


def test_a_second_run_does_nothing(run, config):
    before = digests(run)
    result = snakemake(run, cores=2, config=config)
    assert result.returncode == 0 and "Nothing to be done" in result.stdout
    assert digests(run) == before


def test_one_core_gives_the_same_bytes(run, tmp_path, config):
    assert snakemake(tmp_path, cores=1, config=config).returncode == 0
    assert digests(tmp_path) == digests(run)


def test_a_changed_rate_reruns_the_tests_and_not_the_intake(run):
    config = write_config(run / "other.yaml", studies=list(STUDIES), de={"q": 0.1})
    result = snakemake(run, "--dry-run", config=config)
    (run / "other.yaml").unlink()
    assert "fit_study" in result.stdout and "take_in_counts" not in result.stdout.split("Job stats:")[1]


def test_interrupted_runs_end_in_the_same_bytes(run, tmp_path, config):
    """Killed at random moments, twice by a signal that can be caught and twice by one that cannot."""
    chance = random.Random(5)
    runner = [sys.executable, str(REPO / "workflow" / "run.py"), *command(tmp_path, cores=2, config=config)[3:]]
    landed = 0
    for sign in (signal.SIGINT, signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
        process = subprocess.Popen(
            runner,
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            # Who starts the tests in the background has SIGINT ignored, and every child would inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        time.sleep(chance.uniform(2, 6))
        landed += process.poll() is None
        if process.poll() is None:
            os.killpg(process.pid, sign)
        process.wait(timeout=120)
    assert landed >= 2, "the runs were over before they could be interrupted"
    # A killed run leaves Snakemake's lock; the runner knows that it is stale.
    result = subprocess.run(runner, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert str(tmp_path / "results/report/index.html") in result.stdout
    assert digests(tmp_path) == digests(run)
    assert [str(path) for path in tmp_path.rglob(".part-*")] == []


def test_two_runs_in_one_directory_do_not_meet(tmp_path):
    runner = [sys.executable, str(REPO / "workflow" / "run.py"), *command(tmp_path, cores=1)[3:]]
    first = subprocess.Popen(
        runner,
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    lock = tmp_path / ".snakemake" / "acuomics.lock"
    while first.poll() is None and not lock.exists():
        time.sleep(0.05)
    while first.poll() is None and not lock.read_text():
        time.sleep(0.05)
    second = subprocess.run(runner, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait(timeout=60)
    assert second.returncode == 1 and "another run is under way" in second.stderr
