"""The embedded studies through the Slurm profile: jobs are killed, and the bytes are those of a local run."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.realdata import REPO
from tests.slurm.cluster import Cluster, missing_programs, slurm_cluster
from tests.workflow import digests, snakemake

PROFILE = REPO / "workflow" / "profiles" / "slurm"
STUDY = "demo_phn_mrna"
PATIENCE = 1200.0


@pytest.fixture
def cluster():
    """A cluster of its own, or a skip that says why."""
    if not os.environ.get("ACUOMICS_TEST_SLURM"):
        pytest.skip("starts a Slurm and takes minutes: `make test-slurm` runs it")
    missing = missing_programs()
    if missing:
        pytest.skip(f"no {', '.join(missing)}: apt-get install slurmctld slurmd slurm-client munge")
    # Not below tmp_path: sockets have short names.
    root = Path(tempfile.mkdtemp(prefix="slurm-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, root, ignore_errors=True)
        try:
            running = stack.enter_context(slurm_cluster(root / "cluster"))
        except RuntimeError as error:  # a container that forbids what slurmd needs
            pytest.skip(f"Slurm is installed, and does not start here: {error}")
        yield running


def start(folder: Path, cluster: Cluster) -> subprocess.Popen[str]:
    """Begin a run on the cluster, as a user would, with checks of the jobs' state in quick succession."""
    words = [sys.executable, "-m", "snakemake", "--snakefile", str(REPO / "Snakefile"), "--directory", str(folder)]
    words += ["--workflow-profile", str(PROFILE), "--slurm-status-command", "squeue"]
    # The node has two cores; a group that asks for more would wait for ever.
    words += ["--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "10", "--cores", "2"]
    with (folder / "run.log").open("w") as log:
        return subprocess.Popen(
            words, env=cluster.environment, stdout=log, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )


def wait_until(happened, run: subprocess.Popen[str]):
    """Wait for something to happen during the run; give what it gave."""
    end = time.monotonic() + PATIENCE
    while run.poll() is None and time.monotonic() < end:
        found = happened()
        if found:
            return found
        time.sleep(0.1)
    return None


def script_at_work(folder: Path, rule: str) -> int | None:
    """The process that runs the script of a rule in `folder`."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().split(b"\0")
            where = (place / "cwd").readlink()
        except OSError:  # it ended meanwhile, or is not ours
            continue
        if where == folder.resolve() and any(word.endswith(f".{rule}.py".encode()) for word in words):
            return int(place.name)
    return None


def test_killed_jobs_are_tried_again_and_the_bytes_are_those_of_a_local_run(cluster, tmp_path):
    local, remote = tmp_path / "local", tmp_path / "remote"
    local.mkdir()
    remote.mkdir()
    run = start(remote, cluster)
    try:
        # The script of a job dies, as when the node runs out of memory.
        victim = wait_until(lambda: script_at_work(remote, "fit_study"), run)
        assert victim, (remote / "run.log").read_text()
        os.kill(victim, signal.SIGKILL)
        # A job is cancelled, as by the scheduler at the end of its time.
        assert wait_until(lambda: script_at_work(remote, "test_reversal"), run), (remote / "run.log").read_text()
        running = [job for job in cluster.jobs() if job["state"] == "RUNNING" and "test_reversal" in job["comment"]]
        assert running
        cluster.ask("scancel", running[0]["id"])
        run.wait(timeout=PATIENCE)
    finally:
        if run.poll() is None:
            run.terminate()
            run.wait(timeout=60)
    told = (remote / "run.log").read_text()
    assert run.returncode == 0, told
    states = {job["id"]: job["state"] for job in cluster.jobs()}
    assert states[running[0]["id"]] == "CANCELLED"
    assert sorted(states.values()).count("FAILED") == 1, cluster.jobs()
    assert told.count("Trying to restart job") == 2, told
    # Groups make fewer jobs of snakemake's, though two were repeated.
    steps = int(re.findall(r"of (\d+) steps", told)[-1])
    assert len(states) <= 0.7 * steps, cluster.jobs()
    (remote / "run.log").unlink()
    result = snakemake(local, cores=2)
    assert result.returncode == 0, result.stdout
    assert digests(remote) == digests(local)
