"""Reading references: FASTA and tables with faults, species, hairpins; other RNA, clades, verdicts."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from acuomics.problems import InputError, Problems
from acuomics.smallrna.count import CLASSES, CountReference, SampleCounts, count_sample
from acuomics.smallrna.load import load_reference
from acuomics.smallrna.markers import read_markers
from acuomics.smallrna.mirbase import build_reference, read_hairpins, read_mature, stem
from acuomics.smallrna.other import read_other
from acuomics.smallrna.qc import LibraryTotals, judge, verdict_table
from acuomics.smallrna.species import SpeciesCheck
from acuomics.smallrna.templates import build_index
from tests.unit.smallrna.insert_simulator import make_inserts
from tests.unit.smallrna.small_reference import REFERENCE, mature

RESOURCES = Path(__file__).resolve().parents[3] / "resources" / "smallrna"
MATURE = ">rno-miR-7b MIMAT0000780 Rattus norvegicus miR-7b\nUGGAAGACUUGUGAUUUUGUUGU\n"


def problems_of(read, text, tmp_path, **options):
    path = tmp_path / "file.fa"
    path.write_text(text)
    problems = Problems()
    found = read(path, problems, **options)
    return found, [str(p) for p in problems.found]


def test_rna_dna_and_gzip_read_alike(tmp_path):
    (tmp_path / "rna.fa").write_text(MATURE)
    (tmp_path / "dna.fa.gz").write_bytes(
        gzip.compress(MATURE.replace("U", "T").lower().replace("mimat", "MIMAT").encode())
    )
    problems = Problems()
    a, b = (read_mature(tmp_path / name, problems) for name in ("rna.fa", "dna.fa.gz"))
    assert a[0].sequence == b[0].sequence == "TGGAAGACTTGTGATTTTGTTGT"
    assert (a[0].accession, a[0].prefix, a[0].species) == ("MIMAT0000780", "rno", "Rattus norvegicus")
    assert not problems.found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (MATURE + MATURE, "line 3, value 'MIMAT0000780': the accession occurs twice"),
        (MATURE.replace("UGGA", "UGGN"), "ambiguous base"),
        (MATURE.replace("UGGA", "UGG4"), "'4' is no nucleotide code"),
        (MATURE.replace("MIMAT0000780 ", ""), "no MIMAT accession"),
        (">rno-miR-7b MIMAT0000780 x\n", "an entry without a sequence"),
        ("@read1\nACGT\n+\nIIII\n", "this is no FASTA"),
        ("", "the file is empty"),
    ],
)
def test_faults_of_a_mature_file_are_said(text, said, tmp_path):
    _, found = problems_of(read_mature, text, tmp_path)
    assert len(found) == 1 and said in found[0]


def test_a_hairpin_accession_occurs_once(tmp_path):
    _, found = problems_of(read_hairpins, ">rno-mir-7b MI0000837\nACGU\n>rno-mir-7b MI0000837\nACGU\n", tmp_path)
    assert len(found) == 1 and "occurs twice" in found[0]


def test_mirgenedb_names_are_accessions(tmp_path):
    found, faults = problems_of(read_mature, ">Rno-Let-7-P1a_5p\nUGAGGUAGUAGGUUGUAUAGUU\n", tmp_path, accessions=False)
    assert not faults and found[0].accession == "Rno-Let-7-P1a_5p"
    problems = Problems()
    reference = build_reference(found, [], "rno", problems, "x")
    assert len(reference.matures) == 1 and not problems.found


def test_an_unknown_species_gets_a_hint(tmp_path):
    found, _ = problems_of(read_mature, MATURE, tmp_path)
    problems = Problems()
    build_reference(found, [], "rnno", problems, "mature.fa")
    assert "did you mean 'rno'?" in str(problems.found[0])


@pytest.mark.parametrize(
    ("name", "want"),
    [
        ("rno-miR-7a-5p", "rno-mir-7a"),
        ("rno-let-7a-1-3p", "rno-let-7a-1"),
        ("mmu-miR-3102-3p.2-3p", "mmu-mir-3102"),
        ("hsa-miR-451a", "hsa-mir-451a"),
        ("rno-miR-381*", "rno-mir-381"),
    ],
)
def test_the_hairpin_that_a_name_implies(name, want):
    assert stem(name) == want


def test_other_references_are_checked_together(tmp_path):
    (tmp_path / "rrna.fa").write_text(">a\nACGUACGUACGUACGU\n")
    (tmp_path / "trna.fa").write_text(">t\nACGTACGTACGTACGTTT\n>u\nACGTACGTACGTACGTCCA\n")
    table = tmp_path / "other.tsv"
    table.write_text("class\tpath\nrrna\trrna.fa\ntrna\ttrna.fa\nrna\trrna.fa\nmrna\tmissing.fa\n")
    problems = Problems()
    found = read_other(table, problems)
    assert found["rrna"] == ["ACGTACGTACGTACGT"]
    assert [s[-3:] for s in found["trna"]] == ["CCA", "CCA"] and len(found["trna"][1]) == 19
    said = [str(p) for p in problems.found]
    assert len(said) == 2 and "no class of RNA" in said[0] and "row 3" in said[0] and "does not exist" in said[1]


def test_all_faults_of_the_references_come_at_once(tmp_path):
    (tmp_path / "m.fa").write_text(MATURE + MATURE)
    with pytest.raises(InputError) as caught:
        load_reference(
            tmp_path / "m.fa", [tmp_path / "h.fa"], "rno", other=tmp_path / "o.tsv", clades=tmp_path / "c.tsv"
        )
    assert len(caught.value.problems) == 4


def test_the_tables_of_the_house_are_sound():
    problems = Problems()
    markers = read_markers(RESOURCES / "markers.tsv", problems)
    assert not problems.found
    assert {m.tissue for m in markers} == {"blood", "muscle"}
    assert {(m.marker, m.prefix) for m in markers} >= {("miR-451a", p) for p in ("rno", "mmu", "hsa")}
    assert all(m.source and m.name.startswith(m.prefix) for m in markers)


def sample(mirna: int, unknown: dict[str, int] | None = None, **changes: object) -> SampleCounts:
    counts = count_sample(
        make_inserts({mature("101"): mirna} | (unknown or {})), CountReference(build_index(REFERENCE))
    )
    for name, value in changes.items():
        object.__setattr__(counts, name, value)
    return counts


def test_a_good_sample_needs_no_reasons():
    verdict = judge(sample(200_000), LibraryTotals(220_000, 210_000, 1_000, 500))
    assert (verdict.verdict, verdict.reasons) == ("good", ())
    assert verdict.figures["length_peak"] == len(mature("101"))


LONG = "ACGTTGCA" * 6
MOUSE = SpeciesCheck("tst", "other", "mmu", {}, ({"other": "mmu", "votes_declared": 0, "votes_other": 9},))


@pytest.mark.parametrize(
    ("counts", "library", "verdict", "said"),
    [
        (lambda: sample(50_000), LibraryTotals(60_000, 60_000), "usable", "50,000 miRNA reads"),
        (lambda: sample(5_000), LibraryTotals(60_000, 60_000), "reject", "5,000 miRNA reads"),
        (lambda: sample(200_000), LibraryTotals(9_000_000, 300_000), "reject", "adapter in 3.3%"),
        (lambda: sample(200_000), LibraryTotals(400_000, 400_000, 180_000), "usable", "45.0% adapter dimers"),
        (lambda: sample(0), LibraryTotals(400_000, 400_000, 399_000), "reject", "99.8% adapter dimers"),
        (lambda: sample(20_000, {LONG: 800_000}), LibraryTotals(820_000), "reject", "as fragments of mRNA"),
        (lambda: sample(200_000, {LONG[:30]: 300_000}), LibraryTotals(500_000), "usable", "of 30 nt"),
        (
            lambda: sample(200_000, foreign={("flowering plants", "plants"): 20_000}),
            LibraryTotals(220_000),
            "usable",
            "9.1% of the miRNA reads are of another kingdom",
        ),
        (lambda: sample(200_000, species=MOUSE), LibraryTotals(220_000), "reject", "the reads are of mmu, not tst"),
    ],
)  # fmt: skip
def test_verdicts_say_the_figure(counts, library, verdict, said):
    got = judge(counts(), library)
    assert got.verdict == verdict and any(said in reason for reason in got.reasons), got


def test_relatives_are_no_contamination():
    foreign = {("rodents", "vertebrates"): 90_000, ("several kingdoms", "several"): 5_000}
    assert judge(sample(200_000, foreign=foreign), LibraryTotals(300_000)).verdict == "good"


def test_verdicts_make_a_table():
    table = verdict_table([judge(sample(50), LibraryTotals(60)), judge(sample(200_000), LibraryTotals(200_000))])
    assert table["verdict"].tolist() == ["reject", "good"]
    assert np.array_equal(table["mirna"], [50, 200_000])
    assert len(CLASSES) == len(set(CLASSES))


def _ncrna(number: int, biotype: str, symbol: str = "") -> str:
    words = f"ENSRNOT{number:011d}.1 ncrna chromosome:Rnor_6.0:1:{number}:{number + 30}:1 gene:ENSRNOG{number:011d}.1"
    words += f" gene_biotype:{biotype} transcript_biotype:{biotype}" + f" gene_symbol:{symbol}" * bool(symbol)
    sequence = "ACGT"[number % 4] * 3 + "GATTACAGATTACAGA"[number % 9 :] + "CT" * number
    return f">{words} description:made for a test\n{sequence}\n"


NCRNA = [
    ("rRNA", "5S_rRNA"), ("Mt_rRNA", "mt-Rnr1"), ("Mt_tRNA", "mt-Tf"), ("snoRNA", "Snord3a"), ("scaRNA", "Scarna2"),
    ("snRNA", "Rnu1"), ("misc_RNA", "Rny1"), ("misc_RNA", "RNY3P1"), ("misc_RNA", "Y_RNA"), ("misc_RNA", "7SK"),
    ("misc_RNA", ""), ("misc_RNA", "Rnyx"), ("miRNA", "Mir1"), ("lncRNA", "Xist"), ("lncRNA", "H19"),
]  # fmt: skip


def test_ensembls_file_is_divided_by_biotype_and_the_rest_is_counted(tmp_path):
    text = "".join(_ncrna(i, *row) for i, row in enumerate(NCRNA, start=1))
    (tmp_path / "rat.ncrna.fa.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "trna.fa").write_text(">t\nACGTACGTACGTACGTTT\n")
    table = tmp_path / "other.tsv"
    table.write_text("class\tpath\nensembl_ncrna\trat.ncrna.fa.gz\ntrna\ttrna.fa\n")
    problems, notes = Problems(), list[str]()
    found = read_other(table, problems, notes)
    assert not problems.found
    assert {name: len(part) for name, part in found.items()} == {
        "rrna": 2, "trna": 2, "snorna": 2, "snrna": 1, "yrna": 3,
    }  # fmt: skip
    assert all(sequence.endswith("CCA") for sequence in found["trna"])
    (note,) = notes
    assert note.startswith("rat.ncrna.fa.gz: of 15 transcripts rrna 2, snorna 2, snrna 1, trna 1, yrna 3; left out:")
    assert note.endswith("lncRNA 2, miRNA 1, misc_RNA 3")


def test_another_file_under_ensembls_name(tmp_path):
    (tmp_path / "x.fa").write_text(">a\nACGTACGTACGTACGT\n")
    (tmp_path / "other.tsv").write_text("class\tpath\nensembl_ncrna\tx.fa\n")
    problems = Problems()
    read_other(tmp_path / "other.tsv", problems)
    assert len(problems.found) == 1 and "no header of this file has a gene_biotype" in str(problems.found[0])


def test_what_ensembl_left_out_is_noted_in_the_reference(tmp_path):
    (tmp_path / "m.fa").write_text(MATURE)
    (tmp_path / "n.fa").write_text(_ncrna(1, "rRNA") + _ncrna(2, "lncRNA"))
    (tmp_path / "other.tsv").write_text("class\tpath\nensembl_ncrna\tn.fa\n")
    reference = load_reference(tmp_path / "m.fa", [], "rno", other=tmp_path / "other.tsv")
    assert reference.index.reference.notes[-1] == "n.fa: of 2 transcripts rrna 1; left out: lncRNA 1"
