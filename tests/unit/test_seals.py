"""What jobs note of their results, and what comes of damage from outside: a message, and no job that reads it."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

from acuomics import seals
from acuomics.files import atomic_path, read_json, read_parquet, read_tsv, write_json, write_parquet, write_tsv
from acuomics.job import logged_job
from acuomics.problems import InputError, Problems

TABLE = pd.DataFrame({"feature": [f"g{i}" for i in range(50)], "n": range(50)})
OUT = "results/x/intake/features.tsv"


@pytest.fixture
def written(tmp_path, monkeypatch):
    """A working directory where a job has written a table, and a folder of two."""
    monkeypatch.chdir(tmp_path)
    folder = Path("results/x/de/tables")
    with logged_job("a.log", ["mine.tsv"], [OUT, folder]):
        write_tsv(TABLE, OUT)
        write_tsv(TABLE, folder / "a.tsv")
        write_tsv(TABLE, folder / "b.tsv")
    return folder


def sizes():
    problems = Problems()
    seals.check_sizes(problems)
    return problems.found


def test_whole_results_are_read(written):
    assert sizes() == []
    with logged_job("b.log", [OUT, written, "mine.tsv"], []):
        assert len(read_tsv(OUT)) == 50


@pytest.mark.parametrize("kept", [0, 1, 37, "lines"])
def test_a_table_that_lost_its_end_is_named_before_a_run(written, kept):
    text = Path(OUT).read_bytes()
    # Cut after a whole line it is still a table, with rows that nobody would miss.
    Path(OUT).write_bytes(b"".join(text.splitlines(keepends=True)[:20]) if kept == "lines" else text[:kept])
    (found,) = sizes()
    assert (
        found.file == OUT
        and f"where there were {len(text)}" in found.message
        and f"rm {OUT} && make run ARGS={OUT}" in found.fix
    )


def test_a_job_does_not_read_changed_bytes_of_the_same_size(written, capsys):
    Path(OUT).write_bytes(Path(OUT).read_bytes().replace(b"g17", b"g71"))
    with pytest.raises(SystemExit) as end, logged_job("b.log", [OUT], []):
        pytest.fail("the job began")
    assert end.value.code == 1
    told = capsys.readouterr().err
    assert OUT in told and "other contents" in told and "Traceback" not in told
    assert "other contents" in Path("b.log").read_text()


def test_folders_are_watched_by_their_files(written):
    (written / "b.tsv").unlink()
    (found,) = sizes()
    assert found.file.endswith("tables/b.tsv") and "gone" in found.message and f"rm -r {written}" in found.fix
    shutil.rmtree(written)
    assert sizes() == []  # gone altogether it damages nothing


def test_a_job_that_runs_again_may_write_something_else(written):
    with pytest.raises(SystemExit), logged_job("a.log", [], [OUT]):
        write_tsv(TABLE.head(3), OUT)
        raise InputError([])
    assert sizes() == []  # killed or failed half-way it is Snakemake's to remove
    with logged_job("a.log", [], [OUT]):
        write_tsv(TABLE.head(7), OUT)
    assert sizes() == []
    Path(OUT).write_bytes(b"")
    assert len(sizes()) == 1


def test_a_damaged_note_is_no_clean_bill(written):
    note = next(seals.FOLDER.glob("*.json"))
    note.write_bytes(b"")
    (found,) = sizes()
    assert "damaged itself" in found.message


def test_links_into_the_cache_and_files_of_users_are_passed_over(written, tmp_path):
    Path(OUT).unlink()
    (tmp_path / "cached").write_text("other")
    Path(OUT).symlink_to(tmp_path / "cached")
    assert sizes() == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "permission"),
        (errno.EDQUOT, "quota"),
    ],
)
def test_what_the_machine_refuses_is_no_fault_of_ours(tmp_path, monkeypatch, capsys, error, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end, logged_job("a.log", [], ["out.tsv"]), atomic_path("out.tsv"):
        raise OSError(error, os.strerror(error))
    told = capsys.readouterr().err
    assert end.value.code == 1 and words in told and "out.tsv" in told and "mend:" in told and "Traceback" not in told


def test_our_own_faults_keep_their_traceback(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError), logged_job("a.log"):
        Path("nowhere").read_text()
    assert "please report it" in Path("a.log").read_text()


@pytest.mark.parametrize("kept", [0.0, 0.4, 0.9])
def test_readers_refuse_what_is_cut_short_although_nothing_is_noted(tmp_path, kept):
    write_json({"a": list(range(50))}, tmp_path / "a.json")
    write_parquet(TABLE, tmp_path / "a.parquet")
    write_tsv(TABLE, tmp_path / "a.tsv.gz")
    for name, read in (("a.json", read_json), ("a.parquet", read_parquet), ("a.tsv.gz", read_tsv)):
        path = tmp_path / name
        path.write_bytes(path.read_bytes()[: int(kept * path.stat().st_size)])
        with pytest.raises(InputError, match=f"{name}: the file is empty, cut short or damaged") as caught:
            read(path)
        assert f"rm {path}" in str(caught.value)
