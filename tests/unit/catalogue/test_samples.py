"""The sample sheet: columns, values, keep, spelling."""

from __future__ import annotations

from pathlib import Path

import pytest

from acuomics.catalogue.samples import Samples, read_samples
from acuomics.problems import Problems

# A header one short, as R's write.table makes it, and one level spelt two ways.
SHEET = "id\tprotocol\tTime\nA\tA1\tcontrol\t2 months\nB\tB1\tL5 SNL\t2months\nC\tC1\tcontrol\t2 weeks\n"


def read(tmp_path: Path, text: str, factors=("condition",), name="sheet.tsv", **spec) -> tuple[Samples | None, str]:
    path = tmp_path / name
    path.write_text(text)
    problems = Problems()
    samples = read_samples(spec, str(path), factors, "study.yaml", problems)
    return samples, "\n".join(map(str, problems.found))


COLUMNS = {"condition": "protocol", "time": "Time"}


def test_row_names_columns_and_values(tmp_path):
    values = {"condition": {"L5 SNL": "SNL"}, "time": {"2months": "2 months"}, "sample": {"C": "c"}}
    samples, problems = read(tmp_path, SHEET, ("condition", "time"), columns=COLUMNS, values=values)
    assert problems == ""
    assert samples.rows == [
        {"sample": "A", "condition": "control", "time": "2 months"},
        {"sample": "B", "condition": "SNL", "time": "2 months"},
        {"sample": "c", "condition": "control", "time": "2 weeks"},
    ]
    assert samples.excluded == []


def test_sample_column(tmp_path):
    samples, problems = read(tmp_path, SHEET, sample_column="id", columns={"condition": "protocol"})
    assert problems == ""
    assert [row["sample"] for row in samples.rows] == ["A1", "B1", "C1"]


def test_keep_leaves_samples_out_and_says_which(tmp_path):
    values = {"time": {"2months": "2 months"}}
    samples, problems = read(
        tmp_path, SHEET, ("condition",), columns=COLUMNS, values=values, keep={"time": ["2 months"]}
    )
    assert problems == ""
    assert [row["sample"] for row in samples.rows] == ["A", "B"]
    assert samples.excluded == ["C"]


def test_two_spellings_name_both_and_the_mapping(tmp_path):
    _, problems = read(tmp_path, SHEET, ("time",), columns=COLUMNS)
    assert "'2 months' and '2months'" in problems
    assert 'samples: values: time: {"2months": "2 months"}' in problems


@pytest.mark.parametrize(
    ("levels", "same"),
    [
        ("SNL snl", True),
        ("2_weeks 2-weeks", True),
        ("sham.EA ShamEA", True),
        ("1.5 15", False),
        ("1-2 12", False),
        ("-1 1", False),
        ("EA EA2", False),
        ("1 1.0", True),
    ],
)
def test_what_counts_as_one_spelling(tmp_path, levels, same):
    text = "sample\tdose\n" + "".join(f"s{i}\t{level}\n" for i, level in enumerate(levels.split()))
    assert ("two spellings" in read(tmp_path, text, ("dose",))[1]) is same


def test_unknown_value_level_and_factor(tmp_path):
    spec = {"columns": COLUMNS, "values": {"condition": {"L5 SLN": "SNL"}, "Time": {"a": "b"}}}
    assert "'Time', which is no factor" in read(tmp_path, SHEET, **spec)[1]
    spec["values"].pop("Time")
    text = read(tmp_path, SHEET, **spec, keep={"time": ["3 weeks"]})[1]
    assert "maps 'L5 SLN', which the sheet" in text
    assert "did you mean 'L5 SNL'?" in text
    assert "samples.keep.time" in text
    assert "did you mean '2 weeks'" in text


def test_missing_column_names_what_is_there(tmp_path):
    text = read(tmp_path, SHEET, columns={"condition": "protocoll"})[1]
    assert "no column 'protocoll'" in text
    assert "did you mean 'protocol'?" in text
    assert "samples.columns.condition" in text


def test_empty_cell(tmp_path):
    text = read(tmp_path, "sample\tcondition\na\tx\nb\t\n")[1]
    assert "row 2, column condition: the cell is empty" in text


def test_comma_by_suffix_and_declared_semicolon(tmp_path):
    for name, sign, spec in (("s.csv", ",", {}), ("s.txt", ";", {"separator": "semicolon"})):
        text = f'"sample"{sign}"condition"\n"a"{sign}"x, y"\n'
        samples, problems = read(tmp_path, text, name=name, **spec)
        assert problems == ""
        assert samples.rows == [{"sample": "a", "condition": "x, y"}]


def test_wrong_separator_of_the_sheet(tmp_path):
    text = read(tmp_path, "sample,condition\na,x\n")[1]
    assert "comma seems right" in text
    assert "set samples.separator in study.yaml to comma" in text


def test_a_column_that_is_no_factor_name(tmp_path):
    assert "'number of lanes' cannot be the name of a factor" in read(tmp_path, "sample\tnumber of lanes\na\t1\n")[1]
