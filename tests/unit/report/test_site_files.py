"""What stands beside the pages: workbooks, data of charts, assets, the replication matrix."""

from __future__ import annotations

import base64
import json
import re
import zipfile
import zlib
from itertools import accumulate
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest

from acuomics.files import read_tsv, write_tsv
from acuomics.mechanisms.curated import load_set
from acuomics.report.site.assets import write_vega
from acuomics.report.site.charts import prepare_charts
from acuomics.report.site.levels import read_translations
from acuomics.report.site.replication import describe_replication
from acuomics.report.site.synthesis import describe_synthesis
from acuomics.report.site.xlsx import sheet_data, write_xlsx
from tests.sites import CURATED

SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read_sheet(path: Path) -> list[list[Any]]:
    """Cells of a sheet: text as str, numbers as float, nothing as None; by their addresses."""
    with zipfile.ZipFile(path) as parts:
        sheet = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
    rows = []
    for row in sheet.iter(f"{SPACE}row"):
        cells: dict[str, Any] = {}
        for cell in row:
            assert cell.tag == f"{SPACE}c" and cell.find(f"{SPACE}f") is None  # no formula
            text = cell.find(f"{SPACE}is/{SPACE}t")
            letter = re.sub(r"\d", "", cell.attrib["r"])
            cells[letter] = text.text if text is not None else float(cell.find(f"{SPACE}v").text)
        rows.append([cells.get(letter) for letter in "ABCDE"])
    return rows


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "genes.tsv"
    lines = [
        "feature\tsymbol\tlog2fc\tnote\tcount",
        "24664\tMARCH1\t-1.5\t=cmd|' /C calc'!A0\t3",
        "1\tSEPT2\t2e-05\t+1\tNA",
        "007\tDec1\tNA\t<b>&\x01 \t0",
        "x\tNA\t0.25\t@SUM(1)\t12",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_names_stay_text_and_formulas_are_text(tmp_path: Path, table: Path) -> None:
    write_xlsx(table, tmp_path / "genes.xlsx", "genes/of [all]: x")
    assert read_sheet(tmp_path / "genes.xlsx") == [
        ["feature", "symbol", "log2fc", "note", "count"],
        ["24664", "MARCH1", -1.5, "=cmd|' /C calc'!A0", 3.0],
        ["1", "SEPT2", 2e-05, "+1", None],
        ["007", "Dec1", None, "<b>&\ufffd ", 0.0],
        ["x", None, 0.25, "@SUM(1)", 12.0],
    ]


def test_workbooks_read_as_those_of_the_library(tmp_path: Path, table: Path) -> None:
    import xlsxwriter

    write_xlsx(table, tmp_path / "ours.xlsx")
    ours = read_sheet(tmp_path / "ours.xlsx")
    with xlsxwriter.Workbook(tmp_path / "theirs.xlsx", {"constant_memory": True}) as book:
        page = book.add_worksheet("table")
        for at, row in enumerate(ours):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    page.write_string(at, column, value)
                elif value is not None:
                    page.write_number(at, column, value)
    assert read_sheet(tmp_path / "theirs.xlsx") == ours
    with zipfile.ZipFile(tmp_path / "ours.xlsx") as a, zipfile.ZipFile(tmp_path / "theirs.xlsx") as b:
        assert sorted(a.namelist()) == sorted(b.namelist())


def test_a_workbook_is_the_same_each_time_and_an_empty_table_makes_one(tmp_path: Path, table: Path) -> None:
    write_xlsx(table, tmp_path / "a.xlsx")
    write_xlsx(table, tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    (tmp_path / "none.tsv").write_text("feature\tp\n")
    write_xlsx(tmp_path / "none.tsv", tmp_path / "none.xlsx")
    assert read_sheet(tmp_path / "none.xlsx") == [["feature", "p", None, None, None]]


def test_long_cells_and_many_columns_are_kept_apart() -> None:
    xml = sheet_data([f"c{at}" for at in range(30)], [["x" * 40_000]] + [["1"]] * 29)
    assert 'r="AD2"' in xml and 'r="AA1"' in xml
    assert len(max(re.findall("x+", xml), key=len)) == 32_767


def received(text: str) -> Any:
    """What a script hands to the page."""
    key, content = re.fullmatch(r'acuomicsReceive\(("[^"]*"), (.*)\);\n', text, re.DOTALL).groups()
    content = json.loads(content)
    return json.loads(key), json.loads(zlib.decompress(base64.b64decode(content))) if isinstance(
        content, str
    ) else content


def joined(made: dict[str, Any], files: dict[str, Any], name: str) -> dict[str, list[Any]]:
    """The columns of a dataset as the page puts them together."""
    content = files[made["mount"]["data"][name]["key"]]
    if "shared" not in content:
        return content["columns"]
    table = files[made["mount"]["shared"]["key"]]
    rows = list(accumulate(content["steps"], initial=-1))[1:]
    return {field: [table[field][row] for row in rows] for field in content["shared"]} | content["columns"]


def test_data_of_charts_come_back_and_what_is_alike_stands_once(tmp_path: Path) -> None:
    names = [f"Gene{i}</script>\u2028" for i in range(3000)]
    mean = [i % 17 / 7 for i in range(3000)]
    p = [None, *(i / 7 for i in range(2999))]
    data = {
        "de_a": {"columns": {"feature": names, "mean": mean, "p": p, "call": ["x"] * 3000}},
        # Other rows in another order, and a p of its own.
        "de_b": {"columns": {"feature": names[:5:-1], "mean": mean[:5:-1], "p": p[:5:-1][::-1]}},
        "one": {"columns": {"x": [1, None]}},
        "twice": {"columns": {"feature": ["a", "a"], "mean": [1, 2]}},
    }
    spec = {"layer": [{"data": {"name": "de_a"}, "mark": "point"}, {"data": {"name": "one"}, "mark": "rule"}]}
    chart = {"name": "c", "group": "a", "title": "T", "caption": "c", "alt": "a", "spec": spec, "search": "symbol"}
    made = prepare_charts({"charts": [chart], "data": data}, "s", tmp_path, "../")
    assert made["mount"]["charts"][0]["datasets"] == ["de_a", "one"]
    files = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "data" / "s").iterdir()}
    assert set(files) == {"de_a.js", "de_b.js", "one.js", "twice.js", "features.js"}
    assert not any("</script" in text or "\u2028" in text for text in files.values())
    whole = dict(map(received, files.values()))
    for name, dataset in data.items():
        assert joined(made, whole, name) == dataset["columns"]
    assert set(whole["s/features"]) == {"feature", "mean"}
    assert set(whole["s/data/de_a"]["columns"]) == {"p", "call"}


def test_without_charts_nothing_is_written_and_reasons_stay(tmp_path: Path) -> None:
    left_out = [{"name": "x", "group": "g", "title": "t", "reason": "r"}]
    for content in (None, {}, {"charts": [], "data": {}, "left_out": left_out}):
        made = prepare_charts(content, "s", tmp_path, "")
        assert made["charts"] == [] and made["mount"] is None
    assert made["left_out"] == left_out
    assert not (tmp_path / "data").exists()


def test_the_library_of_charts_keeps_its_names_to_itself(tmp_path: Path) -> None:
    write_vega(tmp_path / "vega.js")
    text = (tmp_path / "vega.js").read_text(encoding="utf-8")
    assert text.startswith("(() => {") and text.endswith("})();\n")
    assert "window.vegaEmbed=" in text and "</script" not in text
    assert len(text) < 1_000_000


def test_the_matrix_shows_claims_of_which_a_study_says_something(tmp_path: Path) -> None:
    words = {
        ("A1", "s1"): "concordant", ("A1", "s2"): "inconclusive", ("A2", "s1"): "out_of_scope_level",
        ("A2", "s2"): "not_testable:circuit", ("A3", "s1"): "inconclusive", ("A4", "s1"): "concordant",
        ("A4", "s2"): "discordant",
    }  # fmt: skip
    rows = [
        {"claim_id": claim, "assertion": "x", "claim_level": "spinal|cortex", "study": study, "chosen": True,
         "verdict": word, "reason": "why", "genes": "Il1b", "mechanism": "m", "direction": "up", "family": "f"}
        for (claim, study), word in words.items()
    ]  # fmt: skip
    rows.append({**rows[0], "chosen": False, "verdict": "discordant"})
    write_tsv(pd.DataFrame(rows), tmp_path / "replication.tsv")
    matrix = describe_replication(tmp_path / "replication.tsv")
    assert matrix is not None and matrix["studies"] == ["s1", "s2"] and matrix["n_total"] == 4
    assert [row["claim"] for row in matrix["rows"]] == ["A4", "A1", "A3"]
    assert [cell and cell["word"] for cell in matrix["rows"][1]["cells"]] == ["concordant", "inconclusive"]
    assert matrix["rows"][2]["cells"][1] is None
    assert matrix["rows"][0]["href"] == "levels/spinal.html#A4"
    assert describe_replication(tmp_path / "none.tsv") is None


def test_every_chinese_text_of_the_set_has_our_translation() -> None:
    curated = load_set(CURATED)
    chinese = curated.evidence[curated.evidence["literal_text"].str.contains("[\u4e00-\u9fff]")]
    table = read_tsv(CURATED / "translations.tsv", dtype=str)
    assert dict(zip(table["evidence_id"], table["literal_text"], strict=True)) == dict(
        zip(chinese["evidence_id"], chinese["literal_text"], strict=True)
    )
    assert read_translations(CURATED / "translations.tsv").keys() == set(chinese["evidence_id"])
    # Greek letters and dashes stay; nothing Chinese does, and nothing is empty.
    assert table["translation"].str.contains("[A-Za-z]").all()
    assert not table["translation"].str.contains("[\u4e00-\u9fff]").any()


def test_a_synthesis_that_was_not_made_leaves_its_page_with_the_reason(tmp_path: Path) -> None:
    made = describe_synthesis(None, tmp_path, 0.05)
    assert made["given"] is False and made["tables"] == {} and made["charts"]["charts"] == []
