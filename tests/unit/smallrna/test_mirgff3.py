"""mirGFF3: variants in the format's words, alignments that hold, and a file that mirtop accepts."""

from __future__ import annotations

import pytest

from acuomics.smallrna.count import CountReference, count_sample
from acuomics.smallrna.isomirs import variant
from acuomics.smallrna.mirgff3 import mirgff3
from acuomics.smallrna.templates import build_index
from tests.unit.smallrna.insert_simulator import make_inserts
from tests.unit.smallrna.small_reference import HAIRPINS, REFERENCE, hairpin_of, mature

REF = CountReference(build_index(REFERENCE))


@pytest.mark.parametrize(
    ("shape", "name"),
    [
        ((0, 0, 0, None), "NA"),
        ((1, 0, 0, None), "iso_5p:+1"),
        ((-2, 3, 0, None), "iso_5p:-2,iso_3p:+3"),
        ((0, -1, 2, None), "iso_3p:-1,iso_add3p:2"),
        ((0, 0, 0, 8), "iso_snv_central_offset"),
        ((0, 0, 0, 12), "iso_snv_central"),
        ((0, 0, 0, 17), "iso_snv_central_supp"),
        ((0, 0, 1, 18), "iso_add3p:1,iso_snv"),
        ((-1, 0, 0, 0), "iso_5p:-1,iso_snv"),
    ],
)
def test_variants(shape, name):
    assert variant(*shape) == name


def records(text: str) -> list[dict[str, str]]:
    found = []
    for line in text.splitlines():
        if not line.startswith("##"):
            cells = line.split("\t")
            attributes = dict(part.strip().split("=", 1) for part in cells[8].rstrip(";").split(";"))
            found.append({"seqid": cells[0], "type": cells[2], "start": cells[3], "end": cells[4], **attributes})
    return found


def test_lines_of_two_samples():
    text, start = hairpin_of("102")
    size = len(mature("102"))
    longer = text[start : start + size + 1]
    tail = "A" if text[start + size] != "A" else "C"
    added = mature("102") + tail
    swapped = mature("102")[:11] + {"A": "C", "C": "A", "G": "T", "T": "G"}[mature("102")[11]] + mature("102")[12:]
    one = count_sample(make_inserts({mature("102"): 9, longer: 4, swapped: 1}), REF, sample="a")
    two = count_sample(make_inserts({mature("102"): 3, added: 5, mature("199a"): 2}), REF, sample="b")
    out = mirgff3(REF.index, [one.inserts, two.inserts])
    assert "## COLDATA: a,b" in out.splitlines()
    rows = {(r["Read"], r["Name"]): r for r in records(out)}
    own = rows[mature("102"), "tst-miR-102"]
    assert (own["Expression"], own["Variant"], own["type"], own["Cigar"]) == ("9,3", "NA", "ref_miRNA", f"{size}M")
    assert text[int(own["start"]) - 1 : int(own["end"])] == mature("102")
    assert rows[longer, "tst-miR-102"]["Variant"] == "iso_3p:+1"
    assert rows[added, "tst-miR-102"]["Cigar"] == f"{size}MI" and rows[added, "tst-miR-102"]["Expression"] == "0,5"
    sub = rows[swapped, "tst-miR-102"]
    assert sub["Cigar"] == f"11M{mature('102')[11]}{size - 12}M" and sub["Variant"] == "iso_snv_central"
    twins = [r for r in rows.values() if r["Read"] == mature("199a")]
    assert sorted(r["Name"] for r in twins) == ["tst-miR-199a", "tst-miR-199b"]
    assert {r["Hits"] for r in twins} == {"2"}
    assert all(r["Parent"] in {h.name for h in HAIRPINS} for r in rows.values())


def test_rare_sequences_are_left_out_and_counted():
    sample = count_sample(make_inserts({mature("100"): 5, mature("101"): 1}), REF)
    out = mirgff3(REF.index, [sample.inserts], min_reads=2)
    assert [r["Name"] for r in records(out)] == ["tst-miR-100"]
    assert "fewer than 2 reads left out: 1" in out
