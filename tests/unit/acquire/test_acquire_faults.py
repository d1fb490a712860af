"""Every fault of a server ends in the right bytes or in a clear error, never in a wrong file under the final name."""

import gzip
import hashlib
from dataclasses import replace
from email.utils import formatdate

import pytest

from acuomics.acquire.receipt import read_receipt, receipt_path, write_receipt
from acuomics.problems import InputError
from tests import misbehaving as bad
from tests.misbehaving import Resource, deposit_of
from tests.unit.acquire.conftest import NOW, some_bytes

SIZE = 3_000_000
DATA = some_bytes(SIZE)
OTHER = some_bytes(SIZE, seed=2)


def nothing_there(bring):
    """No file under the final name and no receipt."""
    return not {"reads.bin", "reads.bin.receipt.json", "reads.gz"} & bring.names()


def test_a_good_file_has_its_name_and_a_receipt(bring):
    receipt = bring(Resource(DATA))
    assert bring.read() == DATA and bring.names() == {"reads.bin", "reads.bin.receipt.json"}
    assert receipt == read_receipt(bring.folder / "reads.bin")
    assert (receipt.bytes, receipt.retrieved_on, receipt.hash_known) == (SIZE, "2027-01-15", "deposited")
    assert receipt.md5 == hashlib.md5(DATA).hexdigest() and receipt.sha256 == hashlib.sha256(DATA).hexdigest()
    assert bring.waits == [] and not bring.ledger.exists()


@pytest.mark.parametrize("known", ["bytes md5", "sha256", "bytes", ""])
def test_a_cut_is_continued_and_only_the_rest_moves(bring, known):
    resource = Resource(DATA, faults=[bad.cut(0.3)])
    bring(resource, known=known)
    assert bring.read() == DATA
    assert resource.bytes_sent == SIZE
    assert resource.requests[1]["range"] == f"bytes={int(SIZE * 0.3)}-" and resource.requests[1]["if-range"]


def test_without_ranges_it_begins_anew(bring):
    resource = Resource(DATA, ranges=False, faults=[bad.cut(0.3)])
    bring(resource)
    assert bring.read() == DATA and resource.bytes_sent == int(SIZE * 0.3) + SIZE


@pytest.mark.parametrize(("known", "sent"), [("md5", SIZE), ("", int(SIZE * 0.3) + SIZE)])
def test_without_validators_only_a_known_hash_allows_to_go_on(bring, known, sent):
    resource = Resource(DATA, validators=False, faults=[bad.cut(0.3)])
    bring(resource, known=known)
    assert bring.read() == DATA and resource.bytes_sent == sent


@pytest.mark.parametrize("fault", [bad.replaced(OTHER), bad.ignores_if_range(OTHER)])
def test_a_deposit_that_changes_between_the_halves_is_not_glued(bring, fault):
    resource = Resource(DATA, faults=[bad.cut(0.3), fault])
    bring(resource, known="")
    assert bring.read() == OTHER


def test_the_same_change_with_a_deposited_hash_is_an_error(bring):
    fault = bring.fault(Resource(DATA, faults=[bad.cut(0.3), bad.replaced(OTHER)]))
    assert hashlib.md5(OTHER).hexdigest() in fault and hashlib.md5(DATA).hexdigest() in fault
    assert nothing_there(bring)


def test_a_part_that_is_not_the_rest_is_thrown_away(bring):
    resource = Resource(DATA, faults=[bad.cut(0.3), bad.wrong_range])
    bring(resource)
    assert bring.read() == DATA


def test_one_wrong_transfer_is_repeated(bring):
    resource = Resource(DATA, faults=[bad.other_bytes])
    bring(resource)
    assert bring.read() == DATA and len(resource.requests) == 2


def test_a_wrong_md5_is_an_error_after_the_same_bytes_twice(bring):
    resource = Resource(OTHER)
    fault = bring.fault(resource, DATA, known="bytes md5")
    assert "MD5" in fault and "not the deposited bytes" in fault and len(resource.requests) == 2
    assert bring.names() == set()


@pytest.mark.parametrize("size", [SIZE - 1, SIZE + 1])
def test_another_size_is_an_error_before_anything_moves(bring, size):
    resource = Resource(DATA)
    fault = bring.fault(resource, some_bytes(size))
    assert f"{SIZE} bytes where {size} are deposited" in fault
    assert len(resource.requests) == 1 and bring.names() == set()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), (formatdate(NOW + 33, usegmt=True), 33.0), (formatdate(NOW - 5, usegmt=True), 0.5), ("soon", 0.5)],
)
def test_retry_after_is_honoured(bring, value, seconds):
    bring(Resource(DATA, faults=[bad.status(429, Retry_After=value)]))
    assert bring.read() == DATA and bring.waits == [seconds]


def test_a_wait_that_is_too_long_is_told(bring):
    fault = bring.fault(Resource(DATA, always=bad.status(503, Retry_After="86400")))
    assert "come back in 86400 seconds" in fault and bring.waits == []


def test_three_times_503_then_the_file(bring):
    resource = Resource(DATA, faults=[bad.status(503)] * 3)
    bring(resource)
    # Doubled each time; the jitter of the test leaves the lower half.
    assert bring.read() == DATA and bring.waits == [0.5, 1.0, 2.0]


def test_attempts_end_and_waits_are_capped(bring):
    resource = Resource(DATA, always=bad.status(503))
    fault = bring.fault(resource, retries=6, longest_wait=5.0)
    assert "503" in fault and "given up after 7 attempts" in fault
    assert len(resource.requests) == 7 and bring.waits == [0.5, 1.0, 2.0, 2.5, 2.5, 2.5]


def test_what_gets_on_is_not_given_up(bring):
    """Four cuts, each after more than a mebibyte, with two attempts allowed in a row."""
    data = some_bytes(12 * 1024 * 1024)
    resource = Resource(data, faults=[bad.cut(0.25)] * 4)
    bring(resource, retries=1)
    assert bring.read() == data and resource.bytes_sent == len(data)


def test_what_came_in_chunks_before_a_stall_is_kept(bring):
    """Less than a block, of an answer that does not say its length."""
    content = DATA[:600_000]
    resource = Resource(content, faults=[bad.chunked_stall(0.9)])
    bring(resource, known="bytes sha256")
    assert bring.read() == content
    assert resource.requests[1]["range"] == "bytes=540000-" and resource.requests[1]["if-range"]


def test_a_receipt_that_is_there_outlives_a_full_disk(bring, monkeypatch):
    """It is written anew only where it says something else, and by way of another name."""
    receipt = bring(Resource(DATA))
    path = receipt_path(bring.folder / "reads.bin")
    before = path.stat().st_ino, path.read_bytes()
    write_receipt(receipt, bring.folder / "reads.bin")
    assert (path.stat().st_ino, path.read_bytes()) == before

    def full(self, content):
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        write_receipt(replace(receipt, url="elsewhere"), bring.folder / "reads.bin")
    assert path.read_bytes() == before[1] and bring.names() == {"reads.bin", "reads.bin.receipt.json"}


def test_a_stalled_connection_is_left_and_continued(bring):
    resource = Resource(DATA, faults=[bad.stall(0.5)])
    bring(resource)
    assert bring.read() == DATA and resource.bytes_sent == SIZE


def test_a_redirect_is_followed_and_told(bring, server):
    server.put("/there", DATA)
    receipt = bring(Resource(DATA, always=bad.redirect("/there")))
    assert bring.read() == DATA and receipt.final_url == f"{server.url}/there" and receipt.url == f"{server.url}/f"


def test_a_redirect_loop_ends(bring):
    resource = Resource(DATA, always=bad.redirect("/f"))
    assert "redirects do not end" in bring.fault(resource, redirects=5)
    assert len(resource.requests) == 6 and nothing_there(bring)


def test_a_redirect_to_a_file_of_this_machine_is_refused(bring, tmp_path):
    (tmp_path / "secret").write_text("x")
    fault = bring.fault(Resource(DATA, always=bad.redirect(f"file://{tmp_path}/secret")), known="")
    assert "no http or https address" in fault and nothing_there(bring)


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/octet-stream"])
@pytest.mark.parametrize("known", ["bytes md5", ""])
def test_a_page_with_status_200_is_no_file(bring, kind, known):
    resource = Resource(DATA, always=bad.page(kind))
    fault = bring.fault(resource, known=known, retries=2)
    assert "web page" in fault or "where 3000000 are deposited" in fault
    assert nothing_there(bring) and not bring.ledger.exists()


def test_a_passing_page_is_waited_out(bring):
    bring(Resource(DATA, faults=[bad.page()]), known="")
    assert bring.read() == DATA


@pytest.mark.parametrize(("code", "word"), [(404, "no such file"), (403, "refuses"), (410, "withdrawn"), (418, "418")])
def test_final_answers_are_not_repeated(bring, code, word):
    resource = Resource(DATA, always=bad.status(code))
    assert word in bring.fault(resource)
    assert len(resource.requests) == 1 and nothing_there(bring)


def test_no_server_at_all(bring, server):
    deposit = deposit_of("http://127.0.0.1:9/f", DATA)
    with pytest.raises(Exception, match="no connection"):
        bring.rows([deposit], retries=1)


@pytest.mark.parametrize("known", ["bytes md5 sha256", "bytes", ""])
def test_a_length_that_promises_too_much(bring, known):
    fault = bring.fault(Resource(DATA, always=bad.promise(500)), known=known, retries=1)
    # Cut; or another size than deposited; or, continued from the end, no such part.
    assert "early" in fault or "where 3000000 are deposited" in fault or "416" in fault
    assert nothing_there(bring)


@pytest.mark.parametrize("known", ["md5", "bytes"])
def test_a_length_that_promises_too_little(bring, known):
    bring.fault(Resource(DATA, always=bad.promise(-500)), known=known, retries=1)
    assert nothing_there(bring)


@pytest.mark.parametrize("fault", [bad.promise(-500), bad.without_length(0.5)])
def test_a_gzip_file_cut_short_is_told_without_any_deposited_fact(bring, fault):
    resource = Resource(gzip.compress(DATA, 1), always=fault)
    assert "gzip file is cut short" in bring.fault(resource, known="", file="reads.gz", retries=1)
    assert nothing_there(bring)


def test_a_gzip_file_of_many_members_is_whole(bring):
    content = b"".join(gzip.compress(some_bytes(300_000, seed)) for seed in range(4)) + b"\0" * 512
    bring(Resource(content, always=bad.without_length()), known="", file="reads.gz")
    assert bring.read("reads.gz") == content


def test_a_gzip_name_with_other_content(bring):
    assert "not a gzip file" in bring.fault(Resource(b"plain text, " * 99), known="", file="reads.gz", retries=0)


def test_chunks_need_no_length(bring):
    bring(Resource(DATA, always=bad.chunked), known="")
    assert bring.read() == DATA


def test_an_answer_without_length_is_refused_when_nothing_could_tell_a_cut(bring):
    fault = bring.fault(Resource(DATA, always=bad.without_length(0.5)), known="")
    assert "a cut could not be told" in fault and nothing_there(bring)


def test_an_empty_answer(bring):
    assert "empty" in bring.fault(Resource(b""), known="", retries=1)
    assert bring.names() == set()


@pytest.fixture
def proxied(bring, server, monkeypatch):
    """The server stands in as the proxy, so that a host that does not exist can be asked."""
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)

    def run(resource):
        server.resources["/f"] = resource
        return bring.rows([deposit_of("http://archive.invalid/f", DATA, known="")], retries=3)[0]

    return run


def test_behind_a_proxy_a_cut_is_continued_too(proxied, bring):
    resource = Resource(DATA, faults=[bad.cut(0.5), bad.stall(0.7), bad.status(503)])
    assert proxied(resource).final_url == "http://archive.invalid/f"
    assert bring.read() == DATA and resource.requests[-1]["host"] == "archive.invalid"
    assert "range" in resource.requests[1] and resource.bytes_sent == SIZE


def test_behind_a_proxy_a_redirect_loop_ends(proxied):
    with pytest.raises(InputError, match="redirects do not end"):
        proxied(Resource(DATA, always=bad.redirect("/f")))
