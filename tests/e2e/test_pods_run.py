"""The Kubernetes profile with a stand-in for kubectl: what it submits, and a run that ends in the same bytes."""

from __future__ import annotations

import getpass
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from acuomics.pods import manifest, state_of
from tests.realdata import REPO
from tests.workflow import command, digests, environment, snakemake, write_config

BIN = Path(sys.executable).parent
STUDY = "demo_phn_mrna"
TARGET = f"results/{STUDY}/de/summary.tsv"


@pytest.fixture
def cluster(tmp_path):
    folder = tmp_path / "cluster"
    folder.mkdir()
    return folder, environment() | {
        "PATH": os.pathsep.join([str(REPO / "tests" / "kubectl"), os.environ["PATH"]]),
        "FAKE_CLUSTER": str(folder),
        "ACUOMICS_POD_IMAGE": "python:3.12-slim",
        "ACUOMICS_POD_CLAIM": "shared",
        # The volume holds everything here.
        "ACUOMICS_POD_MOUNT": "/",
    }


def run(name: str, *words: object, env: dict[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    call = [str(BIN / name), *map(str, words)]
    return subprocess.run(call, env=env, cwd=cwd, capture_output=True, text=True, check=False)


def ended(name: str, env: dict[str, str], cwd: Path) -> str:
    """What is said of a Job when it does not run any more; it has ten seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        said = run("acuomics-pod-status", name, env=env, cwd=cwd).stdout
        if said != "running\n":
            return said
    return "running\n"


def test_a_job_is_what_the_api_takes():
    site = {"ACUOMICS_POD_IMAGE": "i", "ACUOMICS_POD_CLAIM": "c", "ACUOMICS_POD_MOUNT": "/m"}
    site |= {"ACUOMICS_POD_NAMESPACE": "n"}
    job = manifest("/m/run/script.sh", "acuomics-1", site, "/m/run", cpu=4, mem_mb=2000, minutes=10)
    assert (job["apiVersion"], job["kind"], job["metadata"]["namespace"]) == ("batch/v1", "Job", "n")
    pod = job["spec"]["template"]["spec"]
    # A deadline of the Job would count the time in which it waits for a node.
    assert job["spec"]["backoffLimit"] == 0 and "activeDeadlineSeconds" not in job["spec"]
    assert pod["activeDeadlineSeconds"] == 600
    container = pod["containers"][0]
    assert container["command"] == ["/bin/sh", "/m/run/script.sh"] and container["workingDir"] == "/m/run"
    assert container["resources"] == {"requests": {"cpu": "4", "memory": "2000M"}, "limits": {"memory": "2000M"}}
    assert pod["volumes"][0]["persistentVolumeClaim"] == {"claimName": "c"}
    assert container["volumeMounts"][0]["name"] == pod["volumes"][0]["name"]


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ({}, "running"),
        ({"active": 1}, "running"),
        ({"succeeded": 1}, "success"),
        ({"failed": 1}, "failed"),
        ({"conditions": [{"type": "Failed", "status": "True", "reason": "DeadlineExceeded"}]}, "failed"),
        ({"conditions": [{"type": "Complete", "status": "True"}]}, "success"),
        ({"conditions": [{"type": "Suspended", "status": "False"}]}, "running"),
    ],
)
def test_the_state_of_a_job(status, word):
    assert state_of({"status": status}) == word


def test_submit_status_and_cancel(cluster, tmp_path):
    folder, env = cluster
    script = tmp_path / "job.sh"
    script.write_text("#!/bin/sh\nexit 3\n")
    words = ["--cpu", 1, "--mem-mb", 100, "--minutes", 1, script]
    done = run("acuomics-pod-submit", *words, env=env, cwd=tmp_path)
    name = done.stdout.strip()
    assert done.returncode == 0 and (folder / f"{name}.json").exists(), done.stderr
    assert ended(name, env, tmp_path) == "failed\n"
    # A cluster that does not answer has not lost the job; one that does not know it has.
    assert run("acuomics-pod-status", name, env=env | {"FAKE_DOWN": "1"}, cwd=tmp_path).stdout == "running\n"
    script.write_text(f"#!/bin/sh\nsleep 60\ntouch {tmp_path}/went_on\n")
    name = run("acuomics-pod-submit", *words, env=env, cwd=tmp_path).stdout.strip()
    assert run("acuomics-pod-status", name, env=env, cwd=tmp_path).stdout == "running\n"
    assert run("acuomics-pod-cancel", name, env=env, cwd=tmp_path).returncode == 0
    assert ended(name, env, tmp_path) == "failed\n"
    process = int((folder / f"{name}.pid").read_text())
    assert not Path(f"/proc/{process}").exists() or "Z" in Path(f"/proc/{process}/stat").read_text()
    down = run("acuomics-pod-submit", *words, env=env | {"FAKE_DOWN": "1"}, cwd=tmp_path)
    assert down.returncode == 1 and "refused" in down.stderr and not down.stdout


def test_what_the_site_did_not_say_is_told_at_once(cluster, tmp_path):
    env = {name: value for name, value in cluster[1].items() if not name.startswith("ACUOMICS_POD")}
    words = ["--cpu", 1, "--mem-mb", 100, "--minutes", 1, "job.sh"]
    done = run("acuomics-pod-submit", *words, env=env, cwd=tmp_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert all(f"ACUOMICS_POD_{name}" in done.stderr for name in ("IMAGE", "CLAIM", "MOUNT"))
    away = env | {"ACUOMICS_POD_IMAGE": "i", "ACUOMICS_POD_CLAIM": "c", "ACUOMICS_POD_MOUNT": "/nowhere"}
    assert "is not on the shared volume" in run("acuomics-pod-submit", *words, env=away, cwd=tmp_path).stderr
    # Behind a link a pod would not find what the job names.
    (tmp_path / "link").symlink_to("/")
    linked = away | {"ACUOMICS_POD_MOUNT": str(tmp_path / "link")}
    assert "is not on the shared volume" in run("acuomics-pod-submit", *words, env=linked, cwd=tmp_path).stderr


def test_a_job_names_its_user_where_the_image_knows_none(monkeypatch):
    """Snakemake asks for the user's name, and python images have none for the number of the files' owner."""
    site = {"ACUOMICS_POD_IMAGE": "i", "ACUOMICS_POD_CLAIM": "c", "ACUOMICS_POD_MOUNT": "/m"}
    site |= {"ACUOMICS_POD_NAMESPACE": "n"}
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", lambda uid: {}[uid])
    job = manifest("/m/s.sh", "a", site, "/m", cpu=1, mem_mb=1, minutes=1)
    env = {pair["name"]: pair["value"] for pair in job["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert env["USER"] == env["LOGNAME"] == str(os.getuid())
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert getpass.getuser() == env["USER"]


def test_a_run_in_pods_ends_in_the_bytes_of_a_local_one(cluster, tmp_path):
    """A pod is killed for its memory on the way: it comes again with more."""
    folder, env = cluster
    config = write_config(tmp_path / "config.yaml", studies=[STUDY])
    local, pods = tmp_path / "local", tmp_path / "pods"
    local.mkdir()
    pods.mkdir()
    assert snakemake(local, TARGET, config=config).returncode == 0
    words = command(pods, TARGET, config=config)
    at = words.index("--workflow-profile")
    words[at + 1] = str(REPO / "workflow" / "profiles" / "kubernetes")
    words[at + 2 : at + 2] = ["--seconds-between-status-checks", "1", "--latency-wait", "5"]
    needs = {"FAKE_OOM": "fit_study", "FAKE_NEEDS": "1500"}
    done = subprocess.run(words, env=env | needs, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert digests(pods) == digests(local)
    jobs = [json.loads(path.read_text()) for path in folder.glob("*.json")]
    assert len(jobs) >= 3 and len(list(folder.glob("*.ended"))) == len(jobs)
    assert sum(path.read_text().strip() == "137" for path in folder.glob("*.ended")) == 1
