"""Jobs of snakemake as Kubernetes Jobs on a volume that all pods share: submit, status and cancel, by ``kubectl``.

The commands of `workflow/profiles/kubernetes`. The rules read the project's own files by their place on disk, so that
pods must see the clone, its environment and the working directory where snakemake sees them: on one volume, mounted at
one path. (Snakemake's own plugin for Kubernetes knows no shared volume: inputs would have to lie in an object store.)
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from acuomics.problems import InputError, Problem, Problems

#: What the site must say, by environment variable.
WANTED = {
    "ACUOMICS_POD_IMAGE": "the image that pods start from, with the python that made the environment",
    "ACUOMICS_POD_CLAIM": "the PersistentVolumeClaim (ReadWriteMany) of the shared volume",
    "ACUOMICS_POD_MOUNT": "where the volume is mounted, here and in the pods",
}
NAMESPACE = "ACUOMICS_POD_NAMESPACE"
#: Seconds after which Kubernetes removes a Job that ended; until then its log can be read.
KEPT_FOR = 86_400


def read_site(environment: Mapping[str, str], folder: str | Path) -> dict[str, str]:
    """Read what the site says; raises `InputError` with all that is missing, or a folder that pods would not see."""
    problems = Problems()
    for name, what in WANTED.items():
        if not environment.get(name):
            problems.add(name, f"the environment variable is not set: {what}", "see docs/how-to/cluster.md")
    mount = environment.get("ACUOMICS_POD_MOUNT")
    if mount:
        # As they stand in the job: behind a link here, a pod would look for what is not there.
        library = Path(__file__).resolve().parent
        places = {"the working directory": folder, "the environment of Python": sys.prefix, "the project": library}
        for what, place in places.items():
            if not all(path.is_relative_to(mount) for path in (Path(place), Path(place).resolve())):
                fix = f"have it below {mount}, or mend ACUOMICS_POD_MOUNT (no link, the path itself)"
                problems.add(str(place), f"{what} is not on the shared volume", fix)
    problems.raise_if_any("no job was submitted")
    return {name: environment[name] for name in WANTED} | {NAMESPACE: environment.get(NAMESPACE) or "default"}


def manifest(
    script: str | Path, name: str, site: Mapping[str, str], folder: str | Path, *, cpu: int, mem_mb: int, minutes: int
) -> dict[str, Any]:
    """Describe the Job of a job script, as the API ``batch/v1`` takes it.

    Parameters
    ----------
    script : path
        What snakemake wrote; a shell script.
    name : str
        Of the Job.
    site : mapping
        Of `read_site`.
    folder : path
        The working directory.
    cpu : int
        Cores, asked for.
    mem_mb : int
        MB of memory, asked for and the limit: a job that needs more is killed and tried again with more.
    minutes : int
        After which it is ended, from its start on a node.
    """
    home = Path(folder) / ".snakemake" / "acuomics" / "home"
    container = {
        "name": "job",
        "image": site["ACUOMICS_POD_IMAGE"],
        "command": ["/bin/sh", str(script)],
        "workingDir": str(folder),
        # The user of the files has no home and no name in the image.
        "env": [
            {"name": "HOME", "value": str(home)},
            *({"name": n, "value": user_name()} for n in ("USER", "LOGNAME")),
        ],
        "resources": {
            "requests": {"cpu": str(cpu), "memory": f"{mem_mb}M"},
            "limits": {"memory": f"{mem_mb}M"},
        },
        "volumeMounts": [{"name": "shared", "mountPath": site["ACUOMICS_POD_MOUNT"]}],
    }
    pod = {
        "restartPolicy": "Never",
        # The Job's own deadline would count the time in which it waits for a node.
        "activeDeadlineSeconds": 60 * minutes,
        # Results belong to whoever started the run.
        "securityContext": {"runAsUser": os.getuid(), "runAsGroup": os.getgid()},
        "containers": [container],
        "volumes": [{"name": "shared", "persistentVolumeClaim": {"claimName": site["ACUOMICS_POD_CLAIM"]}}],
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": site[NAMESPACE], "labels": {"app": "acuomics"}},
        "spec": {
            # Attempts are snakemake's business.
            "backoffLimit": 0,
            "ttlSecondsAfterFinished": KEPT_FOR,
            "template": {"metadata": {"labels": {"app": "acuomics"}}, "spec": pod},
        },
    }


def user_name() -> str:
    """The name of who runs this; the number where the machine knows no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def state_of(job: Mapping[str, Any]) -> str:
    """Say of a Job, as the API describes it, whether it is ``running``, a ``success`` or ``failed``."""
    status = job.get("status") or {}
    ended = {row["type"] for row in status.get("conditions") or [] if row.get("status") == "True"}
    if status.get("failed") or "Failed" in ended:
        return "failed"
    return "success" if status.get("succeeded") or "Complete" in ended else "running"


def _kubectl_words() -> list[str]:
    program = shutil.which("kubectl")
    if program is None:
        problem = Problem("kubectl", "there is no such program on the path", "install it, and let it reach the cluster")
        raise InputError([problem])
    return [program, "--namespace", os.environ.get(NAMESPACE) or "default"]


def _kubectl(*words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*_kubectl_words(), *words], input=given, capture_output=True, text=True, check=False)


def _told(work: Any, words: Sequence[str]) -> int:
    try:
        return int(work(words))
    except InputError as error:
        print(error, file=sys.stderr)
        return 1


def _submit(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="acuomics-pod-submit", description="Submit a job script as a Kubernetes Job.")
    for name in ("--cpu", "--mem-mb", "--minutes"):
        parser.add_argument(name, type=int, required=True)
    parser.add_argument("script")
    options = parser.parse_args(words)
    folder, name = Path.cwd(), f"acuomics-{uuid.uuid4()}"
    asked = {"cpu": options.cpu, "mem_mb": options.mem_mb, "minutes": options.minutes}
    job = manifest(options.script, name, read_site(os.environ, folder), folder, **asked)
    Path(job["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"]).mkdir(parents=True, exist_ok=True)
    done = _kubectl("create", "--filename", "-", given=json.dumps(job))
    if done.returncode:
        print(done.stderr.strip(), file=sys.stderr)
        return 1
    print(name)
    return 0


def _status(words: Sequence[str]) -> int:
    done = _kubectl("get", "job", words[-1], "--output", "json")
    if not done.returncode:
        print(state_of(json.loads(done.stdout)))
    elif "NotFound" in done.stderr:
        print("failed")
    else:
        # A cluster that does not answer has not lost the job.
        print(done.stderr.strip(), file=sys.stderr)
        print("running")
    return 0


def _cancel(words: Sequence[str]) -> int:
    """Ask for the end of Jobs without waiting for the answer: snakemake gives this two seconds."""
    asked = subprocess.DEVNULL
    subprocess.Popen(
        [*_kubectl_words(), "delete", "job", *words, "--ignore-not-found", "--wait=false"],
        stdin=asked, stdout=asked, stderr=asked, start_new_session=True,
    )  # fmt: skip
    return 0


def submit() -> int:
    """Run ``acuomics-pod-submit --cpu N --mem-mb N --minutes N script``; prints the name of the Job."""
    return _told(_submit, sys.argv[1:])


def status() -> int:
    """Run ``acuomics-pod-status job``; prints ``running``, ``success`` or ``failed``."""
    return _told(_status, sys.argv[1:])


def cancel() -> int:
    """Run ``acuomics-pod-cancel job ...``."""
    return _told(_cancel, sys.argv[1:])
