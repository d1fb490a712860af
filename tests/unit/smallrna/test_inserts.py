import numpy as np
import pytest

from acuomics.smallrna.inserts import Inserts, length_histogram, pack, unpack, unpack_all


@pytest.mark.parametrize("text", ["", "A", "AAAA", "TGGAAGACTAGTGATTTTGTTGT", "ACGT" * 7 + "ACG"])
def test_packing_loses_nothing_up_to_31_bases(text):
    assert unpack(pack(text)) == text
    assert pack(text) < 2**63


def test_leading_a_counts():
    assert pack("AC") != pack("C") and pack("AC") == 0b10001


def test_rna_and_lower_case_are_the_same_insert():
    assert pack("uggaa") == pack("TGGAA")


def test_a_longer_insert_has_the_key_of_its_first_31_bases():
    assert unpack(pack("ACGT" * 10)) == ("ACGT" * 10)[:31]


def test_ambiguous_bases_have_no_key():
    with pytest.raises(ValueError, match="'N'"):
        pack("ACNGT")
    with pytest.raises(ValueError, match="sentinel"):
        unpack(0)


def test_histogram_counts_reads_not_inserts():
    inserts = Inserts(
        np.array([pack("ACGT"), pack("ACGTA"), pack("CCGTA")], dtype=np.uint64),
        np.array([4, 5, 5], dtype=np.uint8),
        np.array([7, 2, 1]),
    )
    histogram = length_histogram(inserts)
    assert (histogram[4], histogram[5], histogram.sum(), len(histogram)) == (7, 3, 10, 256)


def test_many_keys_are_unpacked_as_one_is():
    texts = ["T" * 31, "A", "ACGT", "", "C" * 30, "G" * 31, "TTTT", "AAAA"]
    assert unpack_all(np.array([pack(text) for text in texts], dtype=np.uint64)) == texts
