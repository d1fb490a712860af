"""Answers as ENA and GEO give them, from a local server: what they become, and what is wrong with some."""

import gzip
import subprocess
import sys

import pytest

from acuomics.acquire.found import reads_name
from acuomics.acquire.geo import listed_files
from acuomics.acquire.resolve import Places, resolve, write_resolved
from acuomics.acquire.settings import Pace, Settings
from acuomics.acquire.soft import parse_family
from acuomics.acquire.table import read_files_table
from acuomics.problems import InputError, Problems
from tests import misbehaving as bad
from tests.realdata import REPO
from tests.unit.acquire.conftest import NOW

HEADER = (
    "run_accession\texperiment_accession\texperiment_alias\tsecondary_sample_accession\tsample_alias\tsample_title\t"
    "sample_accession\tlibrary_layout\tfastq_ftp\tfastq_md5\tfastq_bytes\n"
)
FTP = "ftp.sra.ebi.ac.uk/vol1/fastq/SRR103"


def ena_row(run, files, md5s, sizes, layout="PAIRED", number=1):
    names = [run, f"SRX{number}", f"GSM{number}", f"SRS{number}", f"GSM{number}", "airway", f"SAMN{number}", layout]
    return "\t".join([*names, ";".join(files), ";".join(md5s), ";".join(sizes)]) + "\n"


# A pair, and a paired run that also has the reads that lost their mate (listed first, as ENA does).
PAIR = ena_row("SRR11", [f"{FTP}/SRR11_1.fastq.gz", f"{FTP}/SRR11_2.fastq.gz"], ["a" * 32, "b" * 32], ["10", "20"])
TRIPLE = ena_row(
    "SRR12",
    [f"{FTP}/SRR12.fastq.gz", f"{FTP}/SRR12_1.fastq.gz", f"{FTP}/SRR12_2.fastq.gz"],
    ["c" * 32, "d" * 32, "e" * 32],
    ["1", "30", "40"],
    number=2,
)
SINGLE = ena_row("SRR13", [f"{FTP}/SRR13.fastq.gz"], ["f" * 32], ["50"], "SINGLE", 3)

LISTING = """<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">
<html><head><title>Index of /geo/series/GSE198nnn/GSE198274/suppl</title></head><body>
<h1>Index of /geo/series/GSE198nnn/GSE198274/suppl</h1>
<pre>Name         Last modified      Size  <hr><a href="/geo/series/GSE198nnn/GSE198274/">Parent Directory</a>
<a href="?C=N;O=D">Name</a> <a href="GSE198274_RAW.tar">GSE198274_RAW.tar</a>       2022-03-10 11:25  319M
<a href="GSE198274_All%20miRNA.xls.gz">GSE198274_All miRNA.xls.gz</a>  2022-03-10 11:25  120K
<a href="filelist.txt">filelist.txt</a>            2022-03-10 11:25  1.4K
<hr></pre><a href="https://www.hhs.gov/vulnerability-disclosure-policy/index.html">HHS Vulnerability Disclosure</a>
</body></html>
"""
FILELIST = (
    "#Archive/File\tName\tTime\tSize\tType\nArchive\tGSE198274_RAW.tar\t03/10/2022 11:25:30\t334848000\tTAR\n"
    "File\tGSM1_a.txt.gz\t03/10/2022 11:20:01\t12345\tTXT\n"
)
SOFT = """^DATABASE = GeoMiame
!Database_name = Gene Expression Omnibus (GEO)
^SERIES = GSE198274
!Series_title = Exosomal miRNA in migraine
!Series_relation = BioProject: https://www.ncbi.nlm.nih.gov/bioproject/PRJNA814000
!Series_relation = SRA: https://www.ncbi.nlm.nih.gov/sra?term=SRP363000
^PLATFORM = GPL20795
!platform_table_begin
ID	SPOT
!platform_table_end
^SAMPLE = GSM1
!Sample_title = HCS1
!Sample_characteristics_ch1 = tissue: serum exosomes
!Sample_characteristics_ch1 = treatment: none: healthy
!Sample_supplementary_file_1 = NONE
!Sample_relation = BioSample: https://www.ncbi.nlm.nih.gov/biosample/SAMN1
!Sample_relation = SRA: https://www.ncbi.nlm.nih.gov/sra?term=SRX1
^SAMPLE = GSM2
!Sample_title = A001 before
!Sample_relation = BioSample: https://www.ncbi.nlm.nih.gov/biosample/SAMN2
!Sample_relation = SRA: https://www.ncbi.nlm.nih.gov/sra?term=SRX2
!Sample_relation = Reanalyzed by: GSE9
"""
FOLDER = "/geo/series/GSE198nnn/GSE198274"


@pytest.fixture
def ask(server, tmp_path):
    """Resolve at the local server; `sheet` is the text of the sample sheet."""
    waits = []

    def run(*accessions, report=None, sheet=None, urls=None, **options):
        if report is not None:
            server.put("/portal/filereport", report.encode(), content_type="text/tab-separated-values")
        if sheet is not None:
            (tmp_path / "samples.tsv").write_text(sheet)
        if urls is not None:
            (tmp_path / "urls.txt").write_text(urls)
        return resolve(
            accessions,
            tmp_path / "urls.txt" if urls is not None else None,
            tmp_path / "samples.tsv",
            settings=Settings(timeout=2, retries=2),
            places=Places(portal=f"{server.url}/portal", geo=f"{server.url}/geo"),
            pace=Pace(now=lambda: NOW, sleep=waits.append),
            **options,
        )

    run.waits = waits
    return run


def the_fault(ask, *accessions, **options):
    with pytest.raises(InputError) as caught:
        ask(*accessions, **options)
    assert len(caught.value.problems) == 1, str(caught.value)
    assert "nothing was written" in str(caught.value)
    return str(caught.value.problems[0])


def test_each_md5_goes_with_its_own_file(ask, server):
    rows = {row.file: row for row in ask("SRP1", report=HEADER + PAIR + TRIPLE + SINGLE)}
    assert {name: (row.mate, row.md5[0], row.bytes) for name, row in rows.items()} == {
        "SRR11_1.fastq.gz": ("1", "a", 10),
        "SRR11_2.fastq.gz": ("2", "b", 20),
        "SRR12.fastq.gz": ("", "c", 1),
        "SRR12_1.fastq.gz": ("1", "d", 30),
        "SRR12_2.fastq.gz": ("2", "e", 40),
        "SRR13.fastq.gz": ("", "f", 50),
    }
    first = rows["SRR11_1.fastq.gz"]
    assert first.url == f"https://{FTP}/SRR11_1.fastq.gz" and first.resolved_on == "2027-01-15"
    assert (first.run, first.sample, first.source) == ("SRR11", "SAMN1", "ena")


def test_samples_get_the_names_of_the_sheet(ask):
    """By any of the archive's names, in any column; a cell that several samples share names none."""
    sheet = "sample\tgeo\tcondition\nrat_a\tGSM1\tairway\nrat_b\tGSM2\tairway\nrat_c\tGSM3\tcontrol\n"
    rows = ask("PRJNA1", report=HEADER + PAIR + TRIPLE + SINGLE, sheet=sheet)
    assert {row.run: row.sample for row in rows} == {"SRR11": "rat_a", "SRR12": "rat_b", "SRR13": "rat_c"}


def test_a_sheet_that_disagrees(ask):
    with pytest.raises(InputError) as caught:
        ask("SRP1", report=HEADER + PAIR + SINGLE, sheet="sample\trun\nrat_a\tSRR11\nrat_b\tSRR99\n")
    text = str(caught.value)
    assert "1 of 2 samples are not in" in text and "SAMN3" in text
    assert "1 of 2 samples have no file" in text and "rat_b" in text


@pytest.mark.parametrize(
    ("report", "word"),
    [
        (HEADER, "resolves to no runs"),
        ("", "resolves to no runs"),
        ("<html><body>Maintenance</body></html>\nx\n", "not a report of runs"),
        (HEADER + ena_row("SRR1", [], [], []), "no FASTQ files"),
        (HEADER + ena_row("SRR1", [f"{FTP}/a_1.fastq.gz", f"{FTP}/a_2.fastq.gz"], ["a" * 32], ["1", "2"]), "fastq_md5"),
        (HEADER + ena_row("SRR1", [f"{FTP}/SRR1_1.fastq.gz"], ["a" * 32], ["1"]), "one mate"),
        (HEADER + ena_row("SRR1", [f"{FTP}/SRR1.fastq.gz"], ["a" * 32], ["1"]), "one mate"),
        (HEADER + SINGLE + SINGLE, "listed twice"),
        (HEADER + ena_row("SRR1", [f"{FTP}/x.fastq.gz"], [""], ["1"], "SINGLE"), "fastq_md5"),
    ],
)
def test_reports_with_faults(ask, report, word):
    assert word in the_fault(ask, "SRP1", report=report)


def test_one_of_two_md5s_missing(ask):
    report = HEADER + "\t".join(
        ["SRR1", "X", "X", "X", "X", "X", "X", "PAIRED", "h/SRR1_1.fastq.gz;h/SRR1_2.fastq.gz", ";" + "a" * 32, "1;2"]
    )
    fault = the_fault(ask, "SRP1", report=report)
    assert "no MD5" in fault and "SRR1_1.fastq.gz" in fault


def test_an_accession_that_the_portal_does_not_know(ask, server):
    server.put("/portal/filereport", b"", always=lambda h, _: h.answer(204, b"", "text/plain"))
    assert "resolves to no runs" in the_fault(ask, "SRP999")
    message = b'{"message":"Invalid accession"}'
    server.put("/portal/filereport", b"", always=lambda h, _: h.answer(400, message, "application/json"))
    assert "resolves to no runs" in the_fault(ask, "SRP999")


def test_a_busy_portal_is_asked_again_and_then_given_up(ask, server):
    server.put("/portal/filereport", (HEADER + SINGLE).encode(), faults=[bad.status(503, Retry_After="9")])
    assert len(ask("SRP1")) == 1 and ask.waits == [9.0]
    server.put("/portal/filereport", b"", always=bad.status(503))
    assert "given up after 3 attempts" in the_fault(ask, "SRP1")


def test_accessions_that_cannot_be_resolved_are_told_before_anything_is_asked(ask):
    with pytest.raises(InputError) as caught:
        ask("E-MTAB-1", "CRA000001", "nonsense")
    assert len(caught.value.problems) == 3 and "--urls" in str(caught.value) and "ERP" in str(caught.value)


def test_supplementary_files_of_geo(ask, server):
    server.put(f"{FOLDER}/suppl/", LISTING.encode(), content_type="text/html;charset=UTF-8")
    server.put(f"{FOLDER}/suppl/filelist.txt", FILELIST.encode())
    server.put(f"{FOLDER}/suppl/GSE198274_All%20miRNA.xls.gz", b"x" * 123)
    rows = ask("GSE198274", sheet="sample\tcondition\nrat\tx\n")
    assert [(row.file.split("_", 1)[1], row.bytes, row.sample, row.md5) for row in rows] == [
        ("All_miRNA.xls.gz", 123, "", ""),
        ("RAW.tar", 334848000, "", ""),
    ]
    assert rows[0].url.endswith("/suppl/GSE198274_All%20miRNA.xls.gz")


def test_a_series_without_files(ask):
    assert "no supplementary files (answer 404)" in the_fault(ask, "GSE198274")


def test_listing_keeps_files_only():
    assert listed_files(LISTING) == ["GSE198274_RAW.tar", "GSE198274_All miRNA.xls.gz", "filelist.txt"]


def test_soft_family():
    family = parse_family(SOFT.splitlines(keepends=True))
    assert (family.accession, family.studies, family.bioprojects) == ("GSE198274", ["SRP363000"], ["PRJNA814000"])
    first, second = family.samples
    assert first.characteristics == {"tissue": "serum exosomes", "treatment": "none: healthy"} and first.files == []
    assert first.aliases == ("SRX1", "SAMN1", "HCS1", "GSM1") and second.experiments == ["SRX2"]


def test_reads_of_a_geo_series(ask, server):
    """Through the experiments of the SOFT file; other runs of the project are left out."""
    server.put(f"{FOLDER}/soft/GSE198274_family.soft.gz", gzip.compress(SOFT.encode()))
    rows = ask(
        "GSE198274", report=HEADER + PAIR + TRIPLE + SINGLE, reads=True, sheet="sample\tarm\nHCS1\tx\nA001 before\ty\n"
    )
    assert {(row.run, row.sample) for row in rows} == {("SRR11", "HCS1"), ("SRR12", "A001 before")}
    fault = the_fault(ask, "GSE198274", report=HEADER + PAIR, reads=True)
    assert "1 of 2 samples have no reads" in fault and "GSM2" in fault


def test_a_soft_file_that_is_cut(ask, server):
    server.put(f"{FOLDER}/soft/GSE198274_family.soft.gz", gzip.compress(SOFT.encode())[:-20])
    assert "cannot be read" in the_fault(ask, "GSE198274", reads=True)


def test_a_list_for_the_genome_sequence_archive(ask):
    base = "https://download.example.org/gsa/CRA000001"
    urls = f"# two runs\n{base}/CRR1/CRR1_f1.fq.gz {'A' * 32}\n{base}/CRR1/CRR1_r2.fq.gz\n\n{base}/CRR2/CRR2.fq.gz\n"
    rows = ask("CRA000001", urls=urls, sheet="sample\trun\nx\tCRR1\ny\tCRR2\n")
    assert [(r.sample, r.run, r.mate, r.source) for r in rows] == [
        ("x", "CRR1", "1", "gsa"),
        ("x", "CRR1", "2", "gsa"),
        ("y", "CRR2", "", "gsa"),
    ]
    assert rows[0].md5 == "a" * 32
    assert "mate 1 only" in the_fault(ask, "CRA000001", urls=f"{base}/CRR1_f1.fq.gz\n", sheet="sample\tarm\nCRR1\tx\n")


def test_urls_and_paths(ask):
    urls = "data/liver_1.fastq.gz\ndata/liver_2.fastq.gz\nfile:///data/liver_3.fastq.gz\nhttps://x.org/counts.tsv?x=1\n"
    rows = ask(urls=urls)
    # Numbers that go on to 3 are samples.
    assert [(r.run, r.mate, r.source) for r in rows] == [
        ("liver_1", "", "local"),
        ("liver_2", "", "local"),
        ("liver_3", "", "local"),
        ("", "", "url"),
    ]
    assert rows[3].file == "counts.tsv"
    pair = ask(urls="a_1.fq.gz\na_2.fq.gz\n", sheet="sample\tarm\na_1\tx\na_2\ty\n")
    assert [(r.run, r.mate, r.sample) for r in pair] == [("a_1", "", "a_1"), ("a_2", "", "a_2")]


@pytest.mark.parametrize(
    ("urls", "word"),
    [("ftp://x.org/f\n", "scheme"), ("https://x.org/\n", "no file name"), ("a b\n", "not an MD5"), ("#\n", "no file")],
)
def test_lists_with_faults(ask, urls, word):
    assert word in the_fault(ask, urls=urls)


@pytest.mark.parametrize(
    ("file", "run", "mate"),
    [
        ("SRR1_1.fastq.gz", "SRR1", "1"),
        ("x_S1_L001_R2_001.fastq.gz", "x_S1_L001", "2"),
        ("CRR7_r2.fq.gz", "CRR7", "2"),
        ("x.fq", "x", ""),
        ("miR_12.fastq", "miR_12", ""),
    ],
)
def test_runs_and_mates_by_name(file, run, mate):
    assert reads_name(file) == (run, mate)


def test_another_answer_later_is_not_written_silently(ask, tmp_path):
    path = tmp_path / "files.tsv"
    rows = ask("SRP1", report=HEADER + PAIR)
    assert write_resolved(rows, path)
    before = path.read_bytes()
    later = [type(row)(**vars(row) | {"resolved_on": "2028-01-01"}) for row in rows]
    assert not write_resolved(later, path) and path.read_bytes() == before
    changed = ask("SRP1", report=HEADER + PAIR.replace("b" * 32, "9" * 32) + SINGLE)
    with pytest.raises(InputError) as caught:
        write_resolved(changed, path)
    assert f"md5 {'b' * 32} -> {'9' * 32}" in str(caught.value) and "SRR13.fastq.gz" in str(caught.value)
    assert path.read_bytes() == before
    assert write_resolved(changed, path, force=True)
    problems = Problems()
    assert len(read_files_table(path, problems)) == 3 and problems.found == []


def test_the_command_resolves(server, tmp_path):
    server.put("/portal/filereport", (HEADER + PAIR).encode())
    words = [sys.executable, "-m", "acuomics.acquire", "resolve", "--study-folder", str(tmp_path)]
    words += ["--accession", "SRP1", "--ena-url", f"{server.url}/portal/"]
    result = subprocess.run(words, cwd=REPO / "workflow", capture_output=True, text=True, check=False)
    assert result.returncode == 0 and "2 files, 30 bytes" in result.stdout, result.stderr
    assert (tmp_path / "files.tsv").read_text().count("\n") == 3
    asked = server.resources["/portal/filereport"].requests
    assert len(asked) == 1
