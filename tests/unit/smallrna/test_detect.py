import json
import random

import pytest
from fastq_text import fastq, write

from acuomics.problems import InputError, Problems
from acuomics.smallrna.collapse import collapse
from acuomics.smallrna.detect import Detection, find_adapter
from acuomics.smallrna.inserts import pack, unpack
from acuomics.smallrna.kits import read_kits
from tests.benchmark.smallrna_reads import Layout, simulate
from tests.conftest import REPO

KITS = read_kits(REPO / "resources" / "adapters" / "kits.tsv", Problems())
BY_NAME = {kit.kit: kit for kit in KITS}
N = 12_000


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """Invented hairpins in the columns of miRBase's table."""
    draw = random.Random(1)
    folder = tmp_path_factory.mktemp("mirbase")
    rows = ["precursor_seq\tmature1_acc\tmature1\tmature1_seq\tmature2_acc\tmature2\tmature2_seq"]
    for i in range(150):
        hairpin = "".join(draw.choices("ACGU", k=80))
        five, three = hairpin[8 : 8 + draw.randint(21, 23)], hairpin[50 : 50 + draw.randint(21, 23)]
        rows.append(f"{hairpin}\tMIMAT{i:07d}\tinv-miR-{i}-5p\t{five}\tMIMAT{i + 500:07d}\tinv-miR-{i}-3p\t{three}")
    (folder / "mirbase22_rno_precursor_mature.tsv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture
def reads(reference, tmp_path):
    def make(**options):
        file = tmp_path / "reads.fq"
        truth = simulate(file, options.pop("n", N), options.pop("error", 0.003), 1, reference, **options)
        return file, truth

    return make


def refused(*args, **options):
    with pytest.raises(InputError) as caught:
        find_adapter(*args, **options)
    return str(caught.value)


LAYOUTS = {
    "truseq": (Layout(), 50),
    "nextflex": (Layout(random5=4, random3=4), 50),
    "qiaseq": (Layout(BY_NAME["qiaseq"].adapter3, umi_length=12), 75),
    "smarter": (Layout("A" * 30, head5="GGG"), 50),
    "illumina_v1": (Layout(BY_NAME["illumina_v1"].adapter3), 36),
    "illumina_v1.5": (Layout(BY_NAME["illumina_v1.5"].adapter3), 36),
    "nebnext": (Layout(BY_NAME["nebnext"].adapter3), 50),
    "cloning_linker1": (Layout(BY_NAME["cloning_linker1"].adapter3), 50),
    "ion_p1b": (Layout(BY_NAME["ion_p1b"].adapter3), 50),
    "bgiseq": (Layout(BY_NAME["bgiseq"].adapter3), 50),
    "encode": (Layout(BY_NAME["encode"].adapter3, head5="ATCGAT"), 50),
}


def test_every_kit_of_the_table_has_a_case():
    assert set(LAYOUTS) == set(BY_NAME)


@pytest.mark.parametrize("name", LAYOUTS)
def test_kits_are_told_from_their_reads(reads, name):
    layout, length = LAYOUTS[name]
    file, truth = reads(layout=layout, read_length=length)
    call = find_adapter([file], KITS)
    assert (call.kit.kit, call.how) == (name, "known"), call
    assert call.kit == BY_NAME[name]
    assert call.share > 0.7 and call.insert_peak in (21, 22, 23)
    # What the kit makes of the reads is what was put in: the commonest miRNA, whole (but for A before a tail of A).
    inserts, totals = collapse([file], call.kit)
    assert totals.total.with_adapter > 0.7 * N
    mature = truth["mature"][0].rstrip(call.kit.tail or "-")
    assert inserts.keys[inserts.reads.argmax()] == pack(mature)
    assert find_adapter([file], KITS, declared=name).how == "declared"


def test_an_adapter_nobody_named_is_found(reads):
    adapter = "GATTACAGTTCCGATGCAAC"
    file, _ = reads(layout=Layout(adapter))
    call = find_adapter([file], KITS)
    assert call.how == "de_novo" and call.kit.adapter3.startswith(adapter) and call.kit.head5 == 0
    assert call.share > 0.95 and call.insert_peak in (21, 22, 23)


def test_a_barcode_before_the_inserts_is_found_with_it(reads):
    file, _ = reads(layout=Layout("GATTACAGTTCCGATGCAAC", head5="CAGTCG"))
    call = find_adapter([file], KITS)
    assert (call.kit.head5, call.insert_peak) == (6, 22) and "CAGTCG" in call.kit.source


def test_an_adapter_before_a_second_one_is_the_one(reads):
    kits = [kit for kit in KITS if kit.kit not in ("qiaseq", "cloning_linker1")]
    layout, length = LAYOUTS["qiaseq"]
    file, _ = reads(layout=layout, read_length=length)
    assert find_adapter([file], kits).kit.adapter3 == BY_NAME["qiaseq"].adapter3


def test_trimmed_reads_are_recognised(reads, tmp_path):
    file, _ = reads()
    inserts, _ = collapse([file], BY_NAME["truseq"])
    pairs = zip(inserts.keys, inserts.reads, inserts.lengths, strict=True)
    texts = [unpack(key) for key, n, length in pairs for _ in range(n) if length <= 31]
    random.Random(1).shuffle(texts)
    trimmed = write(tmp_path / "trimmed.fq", fastq(texts))
    call = find_adapter([trimmed], KITS)
    assert (call.how, call.kit.adapter3) == ("trimmed", "")
    assert find_adapter([trimmed], KITS, declared="trimmed").how == "declared"
    message = refused([trimmed], KITS, declared="truseq")
    assert "in only 0." in message and "trimmed" in message


def test_a_contradicted_declaration_names_both_shares(reads):
    file, _ = reads()
    message = refused([file], KITS, declared="qiaseq")
    assert "0.0%" in message and "truseq" in message and BY_NAME["truseq"].adapter3 in message
    assert "adapter of truseq" in refused([file], KITS, declared="trimmed")
    assert "neither a kit" in refused([file], KITS, declared="trueseq") and "'truseq'" in refused(
        [file], KITS, declared="trueseq"
    )


def test_a_declared_sequence_is_taken(reads):
    file, _ = reads()
    call = find_adapter([file], KITS, declared="UGGAAUUCUCGGGUGC")
    assert (call.how, call.kit.adapter3) == ("declared", "TGGAATTCTCGGGTGC") and call.share > 0.9


def test_truseq_and_nextflex_contradict_each_other(reads):
    file, _ = reads()
    assert "not random bases" in refused([file], KITS, declared="nextflex")
    file, _ = reads(layout=LAYOUTS["nextflex"][0])
    message = refused([file], KITS, declared="truseq")
    assert "are random bases" in message and "insert peak with them 30 nt" in message


def test_umis_that_are_not_there(reads):
    file, _ = reads(layout=Layout(BY_NAME["qiaseq"].adapter3), read_length=75)
    assert "these reads have none" in refused([file], KITS, declared="qiaseq")
    call = find_adapter([file], KITS)
    assert call.kit.umi_length == 0 and "no UMIs" in " ".join(call.notes)
    assert collapse([file], call.kit)[0].umis is None


def test_umis_that_the_reads_are_too_short_for(reads):
    file, _ = reads(layout=LAYOUTS["qiaseq"][0], read_length=50)
    assert "these reads have none: " in refused([file], KITS, declared="qiaseq")


def test_umi_counts_are_near_the_molecules(reads):
    file, truth = reads(layout=LAYOUTS["qiaseq"][0], read_length=75, duplicates=4.0, n=20_000)
    inserts, totals = collapse([file], BY_NAME["qiaseq"])
    assert (inserts.umis <= inserts.reads).all() and totals.raw_umis <= totals.total.kept
    # 20,000 reads of 5,000 molecules; a read with an error in its insert makes an insert of its own.
    assert 5_000 <= inserts.umis.sum() < totals.raw_umis
    top = inserts.reads.argmax()
    assert 3.5 < inserts.reads[top] / inserts.umis[top] < 4.5
    assert truth["molecules"].sum() < truth["reads"].sum()


def test_no_adapter_stops_with_the_figures(tmp_path):
    draw = random.Random(1)
    mrna = ["".join(draw.choices("ACGT", k=75)) for _ in range(3_000)]
    message = refused([write(tmp_path / "a.fq", fastq(mrna))], KITS)
    assert "no adapter in most reads" in message and "of 3000 reads" in message and "75 to 75 nt" in message


def test_short_reads_stop(tmp_path):
    draw = random.Random(1)
    short = ["".join(draw.choices("ACGT", k=15)) for _ in range(3_000)]
    assert "too short for inserts: 15 nt" in refused([write(tmp_path / "a.fq", fastq(short))], KITS)


def test_dimers_only_is_no_fault_of_the_adapter(tmp_path):
    file = write(tmp_path / "a.fq", fastq([(BY_NAME["truseq"].adapter3 * 3)[:50]] * 3_000))
    call = find_adapter([file], KITS)
    assert call.kit.kit == "truseq" and call.insert_peak == 0
    assert collapse([file], call.kit)[1].total.dimers == 3_000


def test_phred64_is_noted(tmp_path):
    read = "TGAGGTAGTAGGTTGTATAGTT" + BY_NAME["truseq"].adapter3
    call = find_adapter([write(tmp_path / "a.fq", fastq([read] * 50, quality="h"))], KITS)
    assert call.quality_encoding == "phred64" and any("64" in note for note in call.notes)


def test_the_record_holds_the_evidence(reads):
    file, _ = reads()
    record = find_adapter([file], KITS, detection=Detection(n_reads=2_000)).record()
    assert json.loads(json.dumps(record)) == record
    assert record["kit"]["kit"] == "truseq" and record["reads"] == 2_000 and 0.9 < record["share"] <= 1


def kits_of(tmp_path, *rows):
    head = "kit\tadapter3\tumi_position\tumi_length\trandom5\trandom3\thead5\ttail\tsource"
    problems = Problems()
    file = write(tmp_path / "kits.tsv", "\n".join([head, *rows]).encode() + b"\n")
    return read_kits(file, problems), [(p.row, p.column) for p in problems.found]


def test_kits_of_the_repository_have_no_fault_and_a_source():
    problems = Problems()
    assert all(kit.source for kit in read_kits(REPO / "resources" / "adapters" / "kits.tsv", problems))
    assert not problems.found


def test_faults_of_the_kit_table_are_all_named(tmp_path):
    good = "a\tTGGAATTCTCGG\tnone\t0\t0\t0\t0\t\tmaker"
    kits, faults = kits_of(
        tmp_path,
        good,
        "a\tTGGAATTCTCGG\tnone\t0\t0\t0\t0\t\tmaker",
        "b\tTGGAUU\tnone\t0\t0\tx\t0\t\tmaker",
        "c\tTGGAATTCTCGG\tbefore\t0\t0\t0\t0\tA\tmaker",
        "d\tTGGAATTCTCGG\tnone\t12\t0\t0\t0\t\tmaker",
    )
    assert [kit.kit for kit in kits] == ["a"]
    assert faults == [(2, "kit"), (3, "adapter3"), (3, "random3"), (4, "umi_position"), (4, "tail"), (5, "umi_length")]
