"""Files made to do harm: each is refused with a message, and does none."""

from __future__ import annotations

import gzip
import time
from types import SimpleNamespace

import numpy as np
import pytest

from acuomics.acquire.ena import resolve_ena
from acuomics.acquire.geo import listed_files
from acuomics.acquire.plain import resolve_list
from acuomics.acquire.soft import read_family
from acuomics.acquire.table import check_cells
from acuomics.inputs import hdf5, text
from acuomics.inputs.strict_yaml import read_yaml
from acuomics.inputs.table import read_table
from acuomics.inputs.text import read_text
from acuomics.problems import InputError, Problems
from acuomics.singlecell.read import read_cells
from acuomics.singlecell.settings import CellsInput

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(8)
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("study: !!python/object/apply:os.system ['touch harm']\n", "could not determine a constructor"),
        ("study: !!python/name:os.system\n", "could not determine a constructor"),
        (LAUGHS, "with its aliases"),
        ("study: &a [*a]\n", "within itself"),
        ("study: " + "[" * 5000, "nested too deeply"),
        ("study: !!int x\n", "not valid YAML"),
        ("study: !!timestamp x\n", "not valid YAML"),
        ("study: !!map x\n", "not valid YAML"),
        (f"taxon: {'9' * 5000}\n", "not valid YAML"),
    ],
)
def test_yaml_that_runs_code_or_never_ends(tmp_path, monkeypatch, content, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study.yaml").write_text(content)
    problems, begin = Problems(), time.monotonic()
    assert read_yaml("study.yaml", problems) is None
    assert words in str(problems.found[0]) and time.monotonic() - begin < 5
    assert not (tmp_path / "harm").exists()


def test_aliases_of_a_sane_size_stand(tmp_path):
    (tmp_path / "a.yaml").write_text("a: &x {n: 1}\nb: *x\n")
    assert read_yaml(tmp_path / "a.yaml", Problems()) == {"a": {"n": 1}, "b": {"n": 1}}


def test_a_gzip_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(text, "UNPACKED", 1 << 20)
    (tmp_path / "counts.tsv").write_bytes(gzip.compress(b"\n" * (8 << 20)))
    problems = Problems()
    assert read_text(tmp_path / "counts.tsv", problems) is None
    assert "unpacks to more than" in str(problems.found[0])
    (tmp_path / "good.tsv").write_bytes(gzip.compress(b"a\tb\n1\t2\n" * 1000))
    assert read_text(tmp_path / "good.tsv", Problems()) is not None


def test_a_bomb_in_place_of_a_soft_file(monkeypatch):
    monkeypatch.setattr("acuomics.acquire.soft.UNPACKED", 1 << 20)
    with pytest.raises(ValueError, match="unpack to more than"):
        read_family(gzip.compress(b"!" * (8 << 20)))


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/b", "..", "a\\b", ".bashrc", "-rf", "a b", "a\x00b"])
def test_names_that_lead_elsewhere_are_no_files_of_a_deposit(name):
    cells = dict.fromkeys(("sample", "run", "mate", "bytes", "md5", "sha256"), "")
    cells |= {"file": name, "url": "https://x.org/f", "source": "url", "resolved_on": "2026-01-01"}
    problems = Problems()
    check_cells(cells, "files.tsv", 1, problems)
    assert "not a plain file name" in str(problems.found[0])


def test_a_listing_names_no_file_outside_its_folder():
    assert listed_files('<a href="../../x"><a href="/etc/passwd"><a href="..%2Fx"><a href="good.gz">')[-1] == "good.gz"
    for name in listed_files('<a href="..%2F..%2Fx"><a href="a%2Fb">'):
        problems = Problems()
        cells = dict.fromkeys(("sample", "run", "mate", "bytes", "md5", "sha256"), "")
        check_cells(cells | {"file": name, "url": "u", "source": "geo", "resolved_on": "2026-01-01"}, "f", 1, problems)
        assert problems.found, name


@pytest.mark.parametrize("name", ["../evil", "/etc", "..", "a/b", "small;id", "$(id)"])
def test_a_study_is_a_plain_name(load, name):
    with pytest.raises(InputError):
        load(name)


def test_an_h5ad_that_unpacks_to_more_than_there_is(tmp_path, monkeypatch):
    import h5py

    monkeypatch.setattr(hdf5, "UNPACKED", 1 << 20)
    with h5py.File(tmp_path / "a.h5ad", "w") as file:
        file.create_dataset("X", shape=(1 << 20, 1 << 12), dtype="f8", chunks=(1 << 10, 1 << 10), compression="gzip")
    problems = Problems()
    assert read_cells(tmp_path / "a.h5ad", CellsInput(), problems) is None
    assert "no matrix packs so well" in str(problems.found[0])


def test_hdf5_that_never_answers_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(hdf5, "SECONDS", 0.3)
    monkeypatch.setattr(hdf5, "_LOOK", "while True: pass")
    (tmp_path / "a.h5ad").write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 100)
    problems = Problems()
    assert read_cells(tmp_path / "a.h5ad", CellsInput(), problems) is None
    assert "gives no answer" in str(problems.found[0])


def test_a_pickle_in_an_h5ad_is_not_opened(tmp_path, monkeypatch):
    """AnnData stores none; bytes that are a pickle stay bytes."""
    import pickle

    import anndata
    import pandas as pd

    class Harm:
        def __reduce__(self):
            return (open, (str(tmp_path / "harm"), "w"))

    data = anndata.AnnData(np.ones((3, 3), dtype=np.float32), pd.DataFrame(index=list("abc")))
    data.uns["loot"] = np.void(pickle.dumps(Harm())).tobytes().hex()
    data.write_h5ad(tmp_path / "a.h5ad")
    import h5py

    with h5py.File(tmp_path / "a.h5ad", "a") as file:
        file["uns"].create_dataset("raw", data=np.void(pickle.dumps(Harm())))
    read_cells(tmp_path / "a.h5ad", CellsInput(), Problems())
    assert not (tmp_path / "harm").exists()


def answer(body: str):
    return SimpleNamespace(ask=lambda *_: SimpleNamespace(status=200, text=body, body=body.encode()))


def test_answers_of_archives_that_are_odd():
    head = "run_accession\tfastq_ftp\tfastq_md5\tfastq_bytes\n"
    problems = Problems()
    (found,) = resolve_ena("P", answer(head + f"R1\tftp.x/R1.fastq.gz\t{'a' * 32}\t²\n"), problems)
    assert found.bytes is None
    assert resolve_ena("P", answer(head + "R1\ra\tb\tc\td\n"), problems) == []
    assert "not a report of runs" in str(problems.found[-1])


@pytest.mark.parametrize("line", ["https://x.or[g/a.fq.gz", "x[y://]/a", "http://[::1/a.gz", "http://h:99999/a.gz"])
def test_addresses_that_are_none(tmp_path, line):
    (tmp_path / "urls.txt").write_text(line + "\n")
    problems = Problems()
    assert resolve_list(tmp_path / "urls.txt", None, [], problems) == [] or not problems.found


@pytest.mark.parametrize("content", [b"\x1f", b"\x1c\n\x1d\n", "\u2003\n".encode()])
def test_a_table_of_blanks_that_bytes_do_not_know(tmp_path, content):
    (tmp_path / "t.tsv").write_bytes(content)
    problems = Problems()
    assert read_table(tmp_path / "t.tsv", "\t", problems) is None
    assert "no cell with text" in str(problems.found[0])
