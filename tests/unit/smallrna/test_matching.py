"""The seed index against every window written out, and the rules of METHODS."""

from __future__ import annotations

import random

import numpy as np
import pytest

from acuomics.smallrna.inserts import MAX_PACKED, pack
from acuomics.smallrna.matching import NONE, UNRESOLVED, assign
from acuomics.smallrna.settings import MatchSettings
from acuomics.smallrna.templates import build_index
from tests.unit.smallrna.insert_simulator import make_inserts, with_errors
from tests.unit.smallrna.small_reference import HAIRPINS, NAMES, REFERENCE, hairpin_of, mature

INDEX = build_index(REFERENCE)


def windows() -> list[tuple[int, int, int, str]]:
    """(mature, 5' shift, 3' shift, window) of all loci, by plain slicing."""
    found = []
    for locus in REFERENCE.loci:
        own = REFERENCE.matures[locus.mature].sequence
        text = REFERENCE.hairpins[locus.hairpin].sequence if locus.hairpin >= 0 else own
        for a in range(-2, 3):
            for b in range(-3, 4):
                first, last = locus.start + a, locus.start + len(own) + b
                if first >= 0 and last <= len(text):
                    found.append((locus.mature, a, b, text[first:last]))
    return found


WINDOWS = windows()


def expected(insert: str) -> tuple[int, set[str]]:
    """Tier and names by trying every window, every tail and every substitution."""
    best: dict[int, tuple[int, int, int]] = {}

    def note(m: int, rank: tuple[int, int, int]) -> None:
        best[m] = min(rank, best.get(m, rank))

    for m, a, b, window in WINDOWS:
        added = len(insert) - len(window)
        ends = 2 * abs(a) + abs(b)
        if not 0 <= added <= 3 or len(window) < 16:
            continue
        wrong = [i for i in range(len(window)) if window[i] != insert[i]]
        if not wrong:
            note(m, (int(added > 0), added, ends))
        elif len(wrong) == 1 and len(window) >= 18:
            position, following = wrong[0] + a + 1, len(window) - wrong[0] - 1
            if not 2 <= position <= 8 and following >= 2:
                note(m, (2 + int(added > 0), added, ends))
    if not best:
        return NONE, set()
    rank = min(best.values())
    names = [m for m, r in best.items() if r == rank]
    if rank[0] >= 2 and len({REFERENCE.matures[m].sequence for m in names}) > 1:
        return UNRESOLVED, set()
    return rank[0], {NAMES[m] for m in names}


def run(*texts: str) -> list[tuple[int, set[str]]]:
    inserts = make_inserts(dict.fromkeys(texts, 1))
    got = assign(INDEX, inserts.keys, inserts.lengths)
    rows = {int(k): i for i, k in enumerate(inserts.keys)}
    return [(int(got.state[i := rows[pack(t)]]), {NAMES[m] for m in got.mature[got.insert == i]}) for t in texts]


def test_the_index_agrees_with_every_window_written_out():
    rng = random.Random(7)
    texts = set()
    for _ in range(1500):
        _, _, _, window = rng.choice(WINDOWS)
        tail = "".join(rng.choices("ACGT", k=rng.choice([0, 0, 0, 1, 2, 3, 4])))
        text = with_errors(window, rng.choice([0, 0.03, 0.06]), rng) + tail
        if 12 <= len(text) <= MAX_PACKED:
            texts.add(text)
    texts |= {HAIRPINS[i].sequence[j : j + 22] for i in range(3) for j in range(20)}
    texts.add(mature("7a")[:9] + "C" + mature("7a")[10:])
    listed = sorted(texts)
    got = run(*listed)
    want = [expected(t) for t in listed]
    wrong = [(t, g, w) for t, g, w in zip(listed, got, want, strict=True) if g != w]
    assert not wrong, wrong[:3]
    assert {state for state, _ in want} == {NONE, 0, 1, 2, 3, UNRESOLVED}, "the test must reach every rule"


def test_paralogues_that_differ_in_one_base_do_not_mix():
    a, b = mature("7a"), mature("7b")
    third = a[:9] + "C" + a[10:]
    assert run(a, b, third) == [(0, {"tst-miR-7a"}), (0, {"tst-miR-7b"}), (UNRESOLVED, set())]


def test_a_substitution_is_forgiven_outside_the_seed_only():
    text = mature("100")
    swap = {"A": "C", "C": "G", "G": "T", "T": "A"}
    for position in range(1, len(text) - 3):
        changed = text[: position - 1] + swap[text[position - 1]] + text[position:]
        state = run(changed)[0][0]
        assert state == (NONE if 2 <= position <= 8 else 2), position


def test_twins_share_and_one_mature_of_two_hairpins_is_one_feature():
    twin = mature("199a")
    changed = twin[:11] + {"A": "C", "C": "A", "G": "T", "T": "G"}[twin[11]] + twin[12:]
    both = {"tst-miR-199a", "tst-miR-199b"}
    assert run(twin, changed, mature("7a")) == [(0, both), (2, both), (0, {"tst-miR-7a"})]


def test_ends_and_tails_stop_where_the_settings_say():
    text, start = hairpin_of("101")
    size = len(mature("101"))
    # Four bases past the end are one base past the last templated end: an addition, and so for three bases more.
    assert run(text[start : start + size + 3])[0][0] == 0
    assert run(text[start : start + size + 4])[0][0] == 1
    assert run(text[start : start + size + 7])[0][0] == NONE
    assert run(text[start - 2 : start + size])[0][0] == 0
    assert run(text[start - 3 : start + size])[0][0] == NONE
    no_tail = build_index(REFERENCE, MatchSettings(additions=0))
    inserts = make_inserts({text[start : start + size + 4]: 1})
    assert assign(no_tail, inserts.keys, inserts.lengths).state.tolist() == [NONE]


def test_long_and_short_inserts_fit_nothing():
    text, start = hairpin_of("101")
    inserts = make_inserts({text[start : start + 33]: 1, text[start : start + 15]: 1})
    assert (assign(INDEX, inserts.keys, inserts.lengths).state == NONE).all()


def test_a_mature_without_a_hairpin_has_no_templated_extension():
    own = mature("300")
    assert run(own, own[:-3], own + "A") == [(0, {"tst-miR-300"}), (0, {"tst-miR-300"}), (1, {"tst-miR-300"})]
    assert "tst-miR-300" in REFERENCE.notes[0]


def test_settings_out_of_range_are_refused():
    with pytest.raises(ValueError, match="shift_5p must be from 0 to 3"):
        MatchSettings(shift_5p=4)


def test_no_inserts_no_rows():
    got = assign(INDEX, np.empty(0, np.uint64), np.empty(0, np.uint8))
    assert len(got.state) == len(got.insert) == 0
