"""Where reads lie: words found as a plain search finds them, planted fragments found where they were taken."""

from __future__ import annotations

import numpy as np
import pytest

from acuomics.rnaseq import words as words_module
from acuomics.rnaseq.place import COPIES, LONGEST, _hits, _pairs, place_fragments
from acuomics.rnaseq.positions import describe_positions
from acuomics.rnaseq.words import find_words, pack

OPPOSITE = str.maketrans("ACGT", "TGCA")
RNG = np.random.default_rng(17)


def sequence(n: int, letters: str = "ACGT") -> str:
    return "".join(RNG.choice(list(letters), n))


def turned(text: str) -> str:
    return text[::-1].translate(OPPOSITE)


def pair(text: str, start: int, size: int, length: int = 75) -> tuple[bytes, bytes]:
    piece = text[start : start + size]
    return piece[:length].encode(), turned(piece)[:length].encode()


@pytest.mark.parametrize("block", [200, 1 << 22])
def test_words_are_found_as_a_plain_search_finds_them(monkeypatch, block):
    monkeypatch.setattr(words_module, "_BLOCK", block)
    texts = [sequence(n, letters) for n, letters in ((300, "ACGT"), (31, "ACGT"), (30, "ACGT"), (400, "ACGTACGTN"))]
    texts += [texts[0][50:150], turned(texts[0])[10:90], ""]
    asked = [texts[0][i : i + 31] for i in range(0, 260, 7)] + [texts[1], sequence(31), turned(texts[3][:31])]
    asked = [word for word in asked if "N" not in word]
    codes, _, whole = pack([word.encode() for word in asked])
    assert whole.all()
    distinct = np.unique(codes)
    word, which, start, _ = find_words(distinct, texts, 100)
    found = {(int(distinct[w]), int(s), int(p)) for w, s, p in zip(word, which, start, strict=True)}
    expected = {
        (int(code), s, p)
        for text, code in zip(asked, codes, strict=True)
        for s, there in enumerate(texts)
        for p in range(len(there) - 30)
        if there[p : p + 31] in (text, turned(text))
    }
    assert found == expected and len(expected) > len(asked)


def test_a_word_and_its_reverse_complement_are_one_and_letters_that_are_no_base_are_told():
    word = sequence(31)
    codes, other, whole = pack([word.encode(), turned(word).encode(), (word[:30] + "N").encode()])
    assert codes[0] == codes[1] and other[0] != other[1] and whole.tolist() == [True, True, False]


def test_of_a_repeat_only_the_first_places_are_given():
    word = sequence(31)
    codes, _, _ = pack([word.encode()])
    _, which, _, _ = find_words(codes, [word] * 50, 32)
    assert which.tolist() == list(range(32))


def test_fragments_lie_where_they_were_taken():
    texts = [sequence(1500) for _ in range(6)]
    truth = [(int(RNG.integers(0, 6)), int(RNG.integers(0, 1250)), int(RNG.integers(100, 250))) for _ in range(200)]
    pairs = [pair(texts[t], start, size) for t, start, size in truth]
    # Every other fragment is read from its other end.
    pairs = [reads[::-1] if i % 2 else reads for i, reads in enumerate(pairs)]
    placed = place_fragments(pairs, texts)
    assert placed.found.all() and placed.whole.all()
    assert (placed.forward == (np.arange(200) % 2 == 0)).all() and (placed.reverse == ~placed.forward).all()
    columns = ["fragment", "transcript", "start", "size"]
    assert placed.fragments[columns].to_numpy().tolist() == [[i, *where] for i, where in enumerate(truth)]
    about = describe_positions(placed, pairs, texts)
    assert (about.mismatches, about.compared, about.whole, about.transcripts) == (0.0, 400, 1.0, 6)


def test_single_reads_and_reads_too_short_for_a_word():
    text = sequence(2000)
    reads = [(text[100:150].encode(),), (turned(text[300:360]).encode(),), (text[:30].encode(),), (b"N" * 60,)]
    placed = place_fragments(reads, [text])
    assert placed.found.tolist() == [True, True, False, False] and not placed.whole.any()
    assert placed.forward.tolist() == [True, False, False, False]
    assert placed.reverse.tolist() == [False, True, False, False]
    assert placed.fragments[["start", "size"]].to_numpy().tolist() == [[100, 50], [300, 60]]
    assert describe_positions(placed, reads, [text]).whole is None


def test_an_error_in_a_read_moves_it_nowhere():
    text = sequence(2000)
    reads = []
    for start in range(0, 1500, 10):
        letters = bytearray(text[start : start + 100].encode())
        letters[int(RNG.integers(0, 100))] = ord("N")
        reads.append((bytes(letters),))
    placed = place_fragments(reads, [text])
    assert placed.fragments["start"].tolist() == list(range(0, 1500, 10))
    assert describe_positions(placed, reads, [text]).mismatches == pytest.approx(0.01)


@pytest.mark.parametrize("how", ["apart", "same_strand", "elsewhere", "one_mate"])
def test_pairs_that_do_not_lie_whole(how):
    texts = [sequence(3000), sequence(1000)]
    first, second = pair(texts[0], 200, 200)
    if how == "apart":
        second = pair(texts[0], 200, LONGEST + 1)[1]
    elif how == "same_strand":
        second = turned(second.decode()).encode()
    elif how == "elsewhere":
        second = pair(texts[1], 100, 200)[1]
    else:
        second = sequence(75).encode()
    placed = place_fragments([(first, second)], texts)
    assert placed.found.all() and not placed.whole.any()
    assert placed.fragments[["transcript", "start", "size"]].to_numpy().tolist() == [[0, 200, 75]]
    assert describe_positions(placed, [(first, second)], texts).whole == 0


def test_pairs_choose_the_transcript_that_holds_both_mates():
    """The first mate lies on an exon that both isoforms have, the second on one that only the later has."""
    shared, own, other = sequence(600), sequence(600), sequence(600)
    texts = [shared + other, shared + own]
    placed = place_fragments([pair(texts[1], 500, 200)], texts)
    assert placed.whole.all() and placed.fragments["transcript"].tolist() == [1]


def test_no_reads_and_no_finds():
    texts = [sequence(1000)]
    for reads in ([], [(sequence(75).encode(), sequence(75).encode())]):
        placed = place_fragments(reads, texts)
        about = describe_positions(placed, reads, texts)
        assert not placed.found.any() and about.whole is about.mismatches is about.place is None


def test_half_found_pairs_tell_the_strand_by_either_mate():
    """The mate that is found is the first or the second, along the transcript or against it."""
    text, alien = sequence(2000), sequence(75)
    along, against = text[300:375].encode(), turned(text[900:975]).encode()
    pairs = [(along, alien.encode()), (against, alien.encode()), (alien.encode(), along), (alien.encode(), against)]
    placed = place_fragments(pairs, [text])
    assert placed.found.all() and not placed.whole.any()
    assert placed.forward.tolist() == [True, False, False, True]
    assert placed.reverse.tolist() == [False, True, True, False]


def test_a_read_lies_where_most_of_its_words_do():
    """Half of the read stands at an earlier place, too; all of it at the later one."""
    read = sequence(124)
    texts = [sequence(300) + read[:62] + sequence(300), sequence(200) + read + sequence(200)]
    placed = place_fragments([(read.encode(),)], texts)
    assert placed.fragments[["transcript", "start"]].to_numpy().tolist() == [[1, 200]]


def test_mates_that_point_away_from_each_other_are_no_fragment():
    text = sequence(2000)
    first, second = text[900:975].encode(), turned(text[300:375]).encode()
    assert not place_fragments([(first, second)], [text]).whole.any()


def test_reads_of_repeats_are_told_and_compared_with_nothing():
    texts = [sequence(400) + "CAG" * 60 + sequence(400) for _ in range(50)]
    inside = ("CAG" * 40)[:75].encode()
    own = pair(texts[7], 10, 200)
    placed = place_fragments([(inside, turned(inside.decode()).encode()), own], texts)
    assert placed.found.all() and placed.repeats.tolist() == [True, False]
    about = describe_positions(placed, [(inside, inside), own], texts)
    assert (about.compared, about.mismatches, about.whole) == (2, 0.0, 1.0)


def test_repeats_within_transcripts_do_not_multiply():
    """Both mates have dozens of places on the transcript, of which only a few are joined with one another."""
    mate = "CAG" * 10 + "C"
    hits = _hits([(mate.encode(), turned(mate).encode())] * 200, ["CAG" * 200])
    assert len(hits) > 200 * 2 * 3 * COPIES and 0 < len(_pairs(hits)) <= 200 * COPIES**2


def test_reads_from_elsewhere_do_not_speak_for_the_species():
    """A quarter of the pairs share 40 bases with a transcript and nothing else: no sign of a related species."""
    text = sequence(3000)
    pairs = [pair(text, int(start), 200) for start in RNG.integers(0, 2800, 300)]
    foreign = []
    for start in RNG.integers(0, 2900, 100):
        foreign.append(((text[start : start + 40] + sequence(35)).encode(), sequence(75).encode()))
    placed = place_fragments(pairs + foreign, [text])
    about = describe_positions(placed, pairs + foreign, [text])
    assert placed.found.all() and about.whole == pytest.approx(0.75) and about.mismatches == 0
    # With too few whole pairs all reads are asked.
    few = pairs[:40] + foreign
    assert describe_positions(place_fragments(few, [text]), few, [text]).mismatches > 0.1


def test_the_worst_tenth_of_the_reads_is_left_out():
    text = sequence(3000)
    reads = [(text[i : i + 100].encode(),) for i in range(0, 1800, 100)]
    bad = (text[2000:2050] + sequence(50)).encode()
    placed = place_fragments([*reads, (bad,)], [text])
    about = describe_positions(placed, [*reads, (bad,)], [text])
    assert about.compared == 19 and about.mismatches == 0


def test_a_domain_that_stands_twice_in_a_transcript_leaves_pairs_whole():
    """The mate in the second copy fits the first, too, which lies too far from the other mate."""
    domain = sequence(300)
    text = sequence(200) + domain + sequence(1400) + domain + sequence(400)
    pairs = [pair(text, 2200 - 150 + at, 220) for at in range(0, 300, 10)]
    placed = place_fragments(pairs, [text])
    assert placed.whole.all() and not placed.repeats.any()


def test_a_pair_in_repeats_counts_neither_for_nor_against_whole():
    texts = [sequence(300) + "CAG" * 60 + sequence(300) for _ in range(50)]
    inside = ("CAG" * 25).encode()
    pairs = [(inside, sequence(75).encode()), pair(texts[0], 10, 200)]
    placed = place_fragments(pairs, texts)
    assert placed.found.all() and placed.repeats.tolist() == [True, False] and placed.whole.tolist() == [False, True]
    assert describe_positions(placed, pairs, texts).whole == 1.0


def test_words_of_its_own_place_a_read_whose_other_words_are_repeats():
    texts = [sequence(300) + "CAG" * 60 + sequence(300) for _ in range(50)]
    read = texts[40][250:350]
    placed = place_fragments([(read.encode(),)], texts)
    assert not placed.repeats.any() and set(placed.reads["transcript"]) == {40}
    assert placed.fragments[["transcript", "start"]].to_numpy().tolist() == [[40, 250]]
