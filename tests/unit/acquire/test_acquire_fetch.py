"""Many files, first retrievals, kills, full disks and files that are there already."""

import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from acuomics.acquire.faults import Final
from acuomics.acquire.ledger import Ledger
from acuomics.acquire.part import Part
from acuomics.acquire.plan import binding_sha256
from acuomics.acquire.table import write_files_table
from acuomics.problems import InputError
from tests import misbehaving as bad
from tests.misbehaving import Resource, deposit_of
from tests.unit.acquire.conftest import some_bytes

REPO = Path(__file__).resolve().parents[3]
SIZE = 3_000_000
DATA = some_bytes(SIZE)
OTHER = some_bytes(SIZE, seed=2)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def command(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "acuomics.acquire", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(REPO / "workflow")},
        capture_output=True,
        text=True,
        check=False,
    )


# first retrievals


def test_the_first_retrieval_binds(bring):
    resource = Resource(DATA)
    assert bring(resource, known="").hash_known == "first retrieval"
    header, row = bring.ledger.read_text().splitlines()
    assert header.split("\t") == ["study", "file", "url", "bytes", "md5", "sha256", "first_retrieved_on"]
    assert row.split("\t")[:2] == ["study", "reads.bin"] and row.split("\t")[3:] == [
        str(SIZE), "", sha256(DATA), "2027-01-15",
    ]  # fmt: skip
    (bring.folder / "reads.bin").unlink()
    assert bring(resource, known="").hash_known == "recorded before"


def test_a_deposit_that_changed_has_its_own_message_and_no_file(bring):
    resource = Resource(DATA)
    bring(resource, known="")
    (bring.folder / "reads.bin").unlink()
    resource.content = OTHER
    fault = bring.fault(resource, known="")
    assert "the deposit changed" in fault and sha256(DATA) in fault and sha256(OTHER) in fault
    assert str(bring.ledger) in fault and not (bring.folder / "reads.bin").exists()
    assert sha256(OTHER) not in bring.ledger.read_text()


@pytest.mark.parametrize("known", ["md5", "sha256", "bytes"])
def test_the_hash_that_snakemake_holds_a_file_to(bring, server, known):
    """Deposited, or verified by the deposited MD5, or recorded; before the retrieval there may be none."""
    deposit = deposit_of(f"{server.url}/f", DATA, known=known)
    ledger = Ledger(bring.ledger, "study")
    assert binding_sha256(deposit, bring.folder / "reads.bin", ledger) == (sha256(DATA) if known == "sha256" else "")
    bring(Resource(DATA), known=known)
    assert binding_sha256(deposit, bring.folder / "reads.bin", ledger) == sha256(DATA)
    assert bring.ledger.exists() == (known == "bytes")


def test_many_writers_of_one_ledger(tmp_path):
    """Forty entries from eight writers, each with its own view of the file; each file is recorded once."""
    ledgers = [Ledger(tmp_path / "l.tsv", "s") for _ in range(8)]
    digests = [[hashlib.sha256(bytes([i, j])).hexdigest() for j in range(8)] for i in range(40)]
    bound: list[list[str]] = [[] for _ in range(40)]

    def write(j):
        for i in range(40):
            bound[i].append(ledgers[j].record(f"f{i}", "u", 1, "", digests[i][j], "2027-01-15").sha256)

    threads = [threading.Thread(target=write, args=(j,)) for j in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(len(seen) == 8 and len(set(seen)) == 1 for seen in bound)
    assert len((tmp_path / "l.tsv").read_text().splitlines()) == 41


def test_half_a_line_of_a_killed_writer_is_nothing(tmp_path):
    path = tmp_path / "l.tsv"
    Ledger(path, "s").record("a", "u", 1, "", sha256(b"a"), "2027-01-15")
    with path.open("a") as handle:
        handle.write("s\tb\tu\t1\t\tabc")
    ledger = Ledger(path, "s")
    assert ledger.known("b") is None and ledger.known("a").sha256 == sha256(b"a")
    ledger.record("b", "u", 1, "", sha256(b"b"), "2027-01-15")
    assert Ledger(path, "s").known("b").sha256 == sha256(b"b") and Ledger(path, "other").known("b") is None


@pytest.mark.parametrize("text", ["what\tis\tthis\n", "{header}s\ta\tu\t1\t\tnohash\td\n"])
def test_a_broken_ledger_holds_everything_up(bring, text):
    header = "study\tfile\turl\tbytes\tmd5\tsha256\tfirst_retrieved_on\n"
    bring.ledger.write_text(text.format(header=header))
    assert str(bring.ledger) in bring.fault(Resource(DATA), known="") and bring.names() == set()


# many files


def test_one_bad_file_does_not_hold_up_the_others(bring, server):
    for k in range(6):
        server.put(f"/{k}", some_bytes(50_000, k))
    server.resources["/2"].always = bad.status(404)
    server.resources["/4"].always = bad.other_bytes
    rows = [deposit_of(f"{server.url}/{k}", some_bytes(50_000, k), f"f{k}") for k in range(6)]
    with pytest.raises(InputError) as caught:
        bring.rows(rows)
    assert [problem.file for problem in caught.value.problems] == ["f2", "f4"]
    assert "verified is kept" in str(caught.value)
    assert {name for name in bring.names() if "." not in name} == {"f0", "f1", "f3", "f5"}
    served = server.resources["/0"].bytes_sent
    server.resources["/2"].always = server.resources["/4"].always = None
    assert len(bring.rows(rows)) == 6 and server.resources["/0"].bytes_sent == served


@pytest.mark.parametrize("limit", [1, 3])
def test_no_more_connections_than_allowed(bring, server, limit):
    rows = []
    for k in range(9):
        server.put(f"/{k}", some_bytes(20_000, k), always=bad.trickle(10_000, 0.02))
        rows.append(deposit_of(f"{server.url}/{k}", some_bytes(20_000, k), f"f{k}"))
    bring.rows(rows, connections=limit)
    assert server.most_active == limit


def test_two_fetches_of_one_file(bring):
    bring.folder.mkdir()
    part = Part(bring.folder / "reads.bin", want_md5=False)
    assert "another process" in bring.fault(Resource(DATA))
    part.close()
    bring(Resource(DATA))


# local files


def test_local_files_are_copied_and_held_to_their_hash(bring, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a").write_bytes(DATA)
    rows = [
        deposit_of("a", DATA, "relative"),
        deposit_of(f"file://{tmp_path}/data/a", DATA, "url", known=""),
        deposit_of(str(tmp_path / "data" / "a"), DATA, "absolute", known="md5"),
    ]
    for receipt in bring.rows(rows, data_root=str(tmp_path / "data"), offline=True):
        assert bring.read(receipt.file) == DATA and receipt.final_url == ""
    with pytest.raises(InputError, match="where 3000001 are deposited"):
        bring.rows([deposit_of(str(tmp_path / "data" / "a"), DATA + b"x", "longer")])
    with pytest.raises(InputError, match="cannot be read"):
        bring.rows([deposit_of("nowhere", DATA, "missing")])


# what is there already


def test_a_right_file_in_place_is_not_fetched(bring):
    bring.folder.mkdir()
    (bring.folder / "reads.bin").write_bytes(DATA)
    resource = Resource(DATA)
    assert bring(resource).hash_known == "deposited" and resource.requests == []


def test_a_wrong_file_in_place_is_fetched_again(bring):
    bring.folder.mkdir()
    (bring.folder / "reads.bin").write_bytes(OTHER)
    bring(Resource(DATA))
    assert bring.read() == DATA


def test_offline_names_everything_that_is_missing(bring, server):
    rows = [deposit_of(f"{server.url}/{k}", DATA, f"f{k}") for k in range(3)]
    bring.folder.mkdir()
    (bring.folder / "f1").write_bytes(DATA)
    with pytest.raises(InputError) as caught:
        bring.rows(rows, offline=True)
    assert [problem.file for problem in caught.value.problems] == ["f0", "f2"]
    assert bring.rows([rows[1]], offline=True)[0].bytes == SIZE
    (bring.folder / "f1").write_bytes(OTHER)
    with pytest.raises(InputError, match="not the deposited bytes"):
        bring.rows([rows[1]], offline=True)


# kills and full disks


def test_a_killed_download_moves_only_the_rest(server, tmp_path):
    data = some_bytes(8 * 1024 * 1024)
    resource = server.put("/f", data, always=bad.trickle(64 * 1024, 0.01))
    write_files_table([deposit_of(f"{server.url}/f", data, known="")], tmp_path / "files.tsv")
    words = [sys.executable, "-m", "acuomics.acquire", "fetch", "--study-folder", ".", "--into", "into"]
    environment = {**os.environ, "PYTHONPATH": str(REPO / "workflow")}
    process = subprocess.Popen(words, cwd=tmp_path, env=environment)
    part = tmp_path / "into" / "reads.bin.part"
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not (part.exists() and part.stat().st_size > 3_000_000):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = part.stat().st_size
    assert 3_000_000 < kept < len(data) and not (tmp_path / "into" / "reads.bin").exists()
    time.sleep(0.1)  # the server notices that nobody listens
    resource.always, resource.bytes_sent = None, 0
    result = command("fetch", "--study-folder", ".", "--into", "into", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "into" / "reads.bin").read_bytes() == data
    assert resource.bytes_sent == len(data) - kept
    assert resource.requests[-1]["range"] == f"bytes={kept}-"


def test_ctrl_c_leaves_a_stalled_server_at_once(server, tmp_path):
    data = some_bytes(4 * 1024 * 1024)
    resource = server.put("/f", data, always=bad.stall(0.5))
    write_files_table([deposit_of(f"{server.url}/f", data)], tmp_path / "files.tsv")
    words = [sys.executable, "-m", "acuomics.acquire", "fetch", "--study-folder", ".", "--into", "into"]
    environment = {**os.environ, "PYTHONPATH": str(REPO / "workflow")}
    process = subprocess.Popen(
        words,
        cwd=tmp_path,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not resource.requests:
        time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=10)
    assert process.returncode == 130 and "goes on from where it stood" in errors and "Traceback" not in errors
    assert (tmp_path / "into" / "reads.bin.part").stat().st_size > 1_000_000


def test_no_room_on_the_disk(bring, server, monkeypatch):
    """The third write fails as on a full disk: a clear error, what came is kept and continued, others are there."""
    real = Part.write
    resource = server.put("/f", DATA)
    server.put("/small", DATA[:1000])

    def full(self, block):
        if self.final.name == "reads.bin" and self.size > 1_500_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(self, block)

    rows = [deposit_of(f"{server.url}/f", DATA), deposit_of(f"{server.url}/small", DATA[:1000], "small")]
    with monkeypatch.context() as patch:
        patch.setattr(Part, "write", full)
        with pytest.raises(InputError) as caught:
            bring.rows(rows)
    assert "no room for the file of 3000000 bytes" in str(caught.value) and len(caught.value.problems) == 1
    assert bring.read("small") == DATA[:1000] and not (bring.folder / "reads.bin").exists()
    kept = (bring.folder / "reads.bin.part").stat().st_size
    assert kept > 1_500_000
    resource.bytes_sent = 0
    bring.rows(rows)
    assert bring.read() == DATA and resource.bytes_sent == SIZE - kept


def test_a_full_tmpfs(bring, server, tmp_path):
    bring.folder = tmp_path / "small_disk"
    bring.folder.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(bring.folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mount.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mount.stderr.strip()}")
    try:
        # One that says its size is not begun; one that does not fills the disk.
        server.put("/f", DATA)
        server.put("/chunks", DATA, always=bad.chunked)
        server.put("/small", DATA[:500_000])
        rows = [
            deposit_of(f"{server.url}/small", DATA[:500_000], "small"),
            deposit_of(f"{server.url}/f", DATA),
            deposit_of(f"{server.url}/chunks", DATA, "chunks", known="md5"),
        ]
        with pytest.raises(InputError) as caught:
            bring.rows(rows, connections=1)
        # The small one is there and verified; the disk is too full for its receipt, which the next fetch writes.
        assert [problem.file for problem in caught.value.problems] == ["reads.bin", "chunks", "small"]
        assert "receipt" in caught.value.problems[2].message
        assert not list(bring.folder.glob("*.receipt.json*"))
        assert str(caught.value).count("no room for the file") == 2
        assert server.resources["/f"].bytes_sent == 0 and bring.read("small") == DATA[:500_000]
        assert not {"reads.bin", "chunks"} & bring.names()
    finally:
        subprocess.run(["umount", str(bring.folder)], check=True)


def test_a_folder_that_cannot_be_written(bring, server, monkeypatch):
    def refuse(self):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Part, "_open", refuse)
    assert "cannot be written (Permission denied)" in bring.fault(Resource(DATA))


def test_a_part_survives_only_with_its_origin(tmp_path):
    final = tmp_path / "f"
    (tmp_path / "f.part").write_bytes(b"x" * 2_000_000)
    part = Part(final, want_md5=False)
    assert not part.may_continue("http://h/f", hash_known=True)
    with pytest.raises(Final):
        Part(final, want_md5=False)
    part.close()


def test_the_command_says_what_it_did(server, tmp_path):
    server.put("/f", DATA)
    write_files_table([deposit_of(f"{server.url}/f", DATA, known="")], tmp_path / "files.tsv")
    arguments = ("fetch", "--study-folder", ".", "--into", "into")
    missing = command(*arguments, "--offline", cwd=tmp_path)
    assert missing.returncode == 1 and "reads.bin" in missing.stderr and "Traceback" not in missing.stderr
    good = command(*arguments, cwd=tmp_path)
    assert good.returncode == 0 and "1 files, 3000000 bytes, verified; 1 hashes" in good.stdout and good.stderr == ""
    assert json.loads((tmp_path / "into" / "reads.bin.receipt.json").read_text())["sha256"] == sha256(DATA)
    (tmp_path / "files.tsv").unlink()
    broken = command(*arguments, cwd=tmp_path)
    assert broken.returncode == 1 and "does not exist" in broken.stderr
