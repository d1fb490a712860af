"""The rule fetch_file in a study folder: over HTTP, from the disk, offline, changed; no network while planning."""

from __future__ import annotations

import gzip
import json
import random

import pytest

from acuomics.acquire.table import COLUMNS
from tests.conftest import StudyFolder
from tests.misbehaving import running
from tests.workflow import snakemake, write_config

READS = [gzip.compress(random.Random(k).randbytes(40_000)) for k in range(9)]


@pytest.fixture(scope="module")
def server():
    with running() as made:
        for k, content in enumerate(READS):
            made.put(f"/f{k}.fastq.gz", content)
        yield made


@pytest.fixture
def run(server, tmp_path):
    """A study of nine samples whose first file lies on the disk and whose others are at the server."""
    study = StudyFolder(tmp_path, "small").write()
    (tmp_path / "data" / "local.fastq.gz").write_bytes(READS[0])
    rows = [list(COLUMNS)]
    for k, sample in enumerate(study.samples):
        url = f"{server.url}/f{k}.fastq.gz" if k else "local.fastq.gz"
        facts = [str(len(READS[k])), "", ""]
        rows.append([f"f{k}.fastq.gz", sample["sample"], f"R{k}", "", url, *facts, "url", "2027-01-15"])
    (study.folder / "files.tsv").write_text("".join("\t".join(row) + "\n" for row in rows))

    def start(*targets, **acquire):
        settings = {"ledger": "acquired.tsv", "connections": 2, "retries": 0, "timeout": 5, "offline": False}
        config = write_config(
            tmp_path / "c.yaml",
            studies=["small"],
            study_folders=[str(tmp_path / "studies")],
            data_root=str(tmp_path / "data"),
            acquire=settings | acquire,
        )
        return snakemake(tmp_path, *[f"results/small/acquire/{name}" for name in targets], config=config)

    return start


def test_files_are_fetched_one_a_job_and_held_to_their_first_hash(run, server, tmp_path):
    names = [f"f{k}.fastq.gz" for k in range(2)]
    result = run(*names)
    assert result.returncode == 0, result.stdout
    for k, name in enumerate(names):
        assert (tmp_path / "results/small/acquire" / name).read_bytes() == READS[k]
        receipt = json.loads((tmp_path / f"results/small/acquire/{name}.receipt.json").read_text())
        assert receipt["hash_known"] == "first retrieval"
    assert (tmp_path / "acquired.tsv").read_text().count("\n") == 3
    # Planning asks nobody: each file was asked for by its own job, once, and the others not at all.
    assert [len(server.resources[f"/f{k}.fastq.gz"].requests) for k in range(9)] == [0, 1, 0, 0, 0, 0, 0, 0, 0]

    # The deposit changes: the job fails with its own message, and there is no file.
    (tmp_path / "results/small/acquire/f1.fastq.gz").unlink()
    server.resources["/f1.fastq.gz"].content = READS[1][:-1] + b"x"
    changed = run("f1.fastq.gz")
    server.resources["/f1.fastq.gz"].content = READS[1]
    assert changed.returncode != 0 and "the deposit changed" in changed.stdout and "Traceback" not in changed.stdout
    assert not (tmp_path / "results/small/acquire/f1.fastq.gz").exists()


def test_offline_every_missing_file_is_named_before_anything_runs(run, server, tmp_path):
    before = sum(len(resource.requests) for resource in server.resources.values())
    result = run("f0.fastq.gz", offline=True)
    assert result.returncode != 0 and "nothing was run" in result.stdout
    assert all(f"'f{k}.fastq.gz'" in result.stdout for k in range(1, 9))
    assert not (tmp_path / "results").exists()
    assert sum(len(resource.requests) for resource in server.resources.values()) == before
