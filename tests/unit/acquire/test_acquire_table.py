"""`files.tsv` is checked cell by cell and row by row, and against the sample sheet."""

import pytest

from acuomics.acquire.accessions import check_accession, kind_of
from acuomics.acquire.plan import plan_acquisition
from acuomics.acquire.settings import Settings
from acuomics.acquire.table import COLUMNS, check_against_sheet, files_table, read_files_table
from acuomics.problems import InputError, Problems

GOOD = {
    "file": "a_1.fastq.gz",
    "sample": "s1",
    "run": "SRR1",
    "mate": "1",
    "url": "https://example.org/a_1.fastq.gz",
    "bytes": "100",
    "md5": "0" * 32,
    "sha256": "",
    "source": "ena",
    "resolved_on": "2027-01-15",
}
MATE = GOOD | {"file": "a_2.fastq.gz", "mate": "2", "url": "https://example.org/a_2.fastq.gz"}


def read(tmp_path, *rows):
    path, problems = tmp_path / "files.tsv", Problems()
    path.write_text("".join("\t".join(row) + "\n" for row in [COLUMNS, *[[r[c] for c in COLUMNS] for r in rows]]))
    return read_files_table(path, problems), [str(problem) for problem in problems.found]


def test_a_good_table_comes_back_as_it_was(tmp_path):
    deposits, faults = read(tmp_path, GOOD, MATE)
    assert faults == [] and deposits[0].bytes == 100 and not deposits[0].is_local
    assert files_table(deposits) == (tmp_path / "files.tsv").read_text()


@pytest.mark.parametrize(
    ("column", "value", "word"),
    [
        ("file", "../up", "plain file name"),
        ("file", ".hidden", "plain file name"),
        ("file", "a/b", "plain file name"),
        ("file", "", "plain file name"),
        ("file", "a.part", "the fetch's own"),
        ("mate", "3", "1, 2 or empty"),
        ("bytes", "-1", "whole number"),
        ("bytes", "1e6", "whole number"),
        ("md5", "xyz", "32 small hexadecimal"),
        ("sha256", "A" * 64, "64 small hexadecimal"),
        ("source", "sra", "not one of"),
        ("resolved_on", "yesterday", "not a date"),
        ("url", "ftp://example.org/x", "scheme ftp"),
        ("url", "https:///x", "no host"),
        ("url", "file://elsewhere/x", "no host"),
        ("url", "", "no URL"),
    ],
)
def test_a_cell_that_cannot_be(tmp_path, column, value, word):
    single = GOOD | {"mate": "", column: value}
    _, faults = read(tmp_path, single)
    assert any(word in fault and f"column {column}" in fault and "row 1" in fault for fault in faults), faults


def test_a_missing_column_is_named(tmp_path):
    (tmp_path / "files.tsv").write_text("file\tsample\nx\ty\n")
    problems = Problems()
    assert read_files_table(tmp_path / "files.tsv", problems) == []
    assert {problem.column for problem in problems.found} == set(COLUMNS) - {"file", "sample"}


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ([GOOD], "mate 1 only"),
        ([GOOD | {"mate": "2"}], "mate 2 only"),
        ([GOOD, MATE, GOOD | {"file": "b", "url": "https://x.org/b"}], "mate 1 of the run is given twice"),
        ([GOOD, MATE | {"file": GOOD["file"]}], "file name is given twice"),
        ([GOOD, MATE | {"url": GOOD["url"]}], "URL is given twice"),
        ([GOOD, MATE | {"sample": "s2"}], "belongs to two samples"),
    ],
)
def test_rows_that_disagree(tmp_path, rows, word):
    _, faults = read(tmp_path, *rows)
    assert len(faults) == 1 and word in faults[0]


def test_several_runs_a_sample_are_no_fault(tmp_path):
    second = [row | {"run": "SRR2", "file": f"b{row['mate']}", "url": row["url"] + "b"} for row in (GOOD, MATE)]
    deposits, faults = read(tmp_path, GOOD, MATE, *second)
    assert faults == [] and len(deposits) == 4


def test_sheet_and_deposit_that_disagree(tmp_path):
    deposits, _ = read(tmp_path, GOOD, MATE)
    problems = Problems()
    check_against_sheet(deposits, ["S1", "s2"], "files.tsv", "samples.tsv", problems)
    first, second = (str(problem) for problem in problems.found)
    assert "1 of 1 samples are not in samples.tsv: s1" in first and "did you mean 'S1'?" in first
    assert "2 of 2 samples have no file" in second
    fine = Problems()
    check_against_sheet(deposits, ["s1"], "files.tsv", "samples.tsv", fine)
    series, _ = read(tmp_path, GOOD | {"sample": "", "run": "", "mate": ""})
    check_against_sheet(series, ["s1"], "files.tsv", "samples.tsv", fine)
    assert fine.found == []


@pytest.mark.parametrize(
    ("accession", "archive"),
    [
        ("PRJNA813000", "ena"),
        ("PRJEB40032", "ena"),
        ("PRJDB1", "ena"),
        ("SRP048215", "ena"),
        ("ERX12", "ena"),
        ("DRR000001", "ena"),
        ("SRS9", "ena"),
        ("SAMN01", "ena"),
        ("SAMEA2", "ena"),
        ("SAMD3", "ena"),
        ("GSE198274", "geo"),
        ("GSM21", "geo"),
        ("PRJCA001", "gsa"),
        ("CRA000001", "gsa"),
        ("CRR1", "gsa"),
        ("E-MTAB-13397", "none"),
    ],
)
def test_the_grammar_of_accessions(accession, archive):
    kind = kind_of(accession)
    assert kind is not None and kind.archive == archive
    problems = Problems()
    assert (check_accession(accession, problems) is not None) == (archive in ("ena", "geo"))
    assert (check_accession(accession, Problems(), by_list=True) is not None) == (archive != "none")
    assert all(problem.value == accession and problem.fix for problem in problems.found)


@pytest.mark.parametrize(
    "accession", ["GSE", "GDS123", "PRJXA1", "SRA 12", "10.1007/s12640", "SRP1;SRP2", "GSE1\n", ""]
)
def test_what_is_no_accession(accession):
    problems = Problems()
    assert check_accession(accession, problems) is None and len(problems.found) == 1


def test_a_near_miss_is_a_suggestion_only():
    problems = Problems()
    assert check_accession(" gse198274", problems) is None
    assert "did you mean GSE198274?" in str(problems.found[0])


def test_the_configuration_has_the_defaults_of_the_command(default_config):
    assert Settings.from_config(default_config["acquire"]) == Settings()


class TestPlan:
    """What the Snakefile learns before anything runs."""

    @pytest.fixture
    def plan(self, make_study, load, default_config):
        study = make_study().write()

        def run(*rows, **settings):
            path = study.folder / "files.tsv"
            cells = [COLUMNS, *[[row[c] for c in COLUMNS] for row in rows]]
            path.write_text("".join("\t".join(row) + "\n" for row in cells))
            return plan_acquisition(load(study), {"acquire": default_config["acquire"] | settings})

        run.study = study
        run.rows = [
            GOOD | {"sample": row["sample"], "run": f"R{k}", "mate": "", "file": f"f{k}", "url": f"https://x.org/f{k}"}
            for k, row in enumerate(study.samples)
        ]
        return run

    def test_a_study_without_a_table_has_no_part_in_it(self, make_study, load, default_config):
        assert plan_acquisition(load(make_study().write()), default_config) == {}

    def test_files_by_name(self, plan):
        assert list(plan(*plan.rows)["small"]) == [f"f{k}" for k in range(9)]

    def test_a_sample_without_a_file_stops_the_run(self, plan):
        with pytest.raises(InputError, match="1 of 9 samples have no file") as caught:
            plan(*plan.rows[1:])
        assert "nothing was run" in str(caught.value)

    def test_offline_names_all_that_is_missing(self, plan, tmp_path):
        (tmp_path / "results/small/acquire").mkdir(parents=True)
        (tmp_path / "results/small/acquire/f3").write_text("x")
        with pytest.raises(InputError) as caught:
            plan(*plan.rows, offline=True)
        assert [problem.value for problem in caught.value.problems] == [f"f{k}" for k in range(9) if k != 3]
