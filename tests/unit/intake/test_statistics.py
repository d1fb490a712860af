"""Deposited tables of statistics: read, adjusted, recounted; every fault a clear message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from acuomics.files import read_tsv, write_tsv
from acuomics.intake.statistics import COLUMNS, names_of_claims, take_in_statistics
from acuomics.problems import InputError
from tests.claims import claim

CONTRASTS = [
    {"contrast": "before_vs_healthy", "numerator": "before", "denominator": "healthy", "role": "model"},
    {"contrast": "after_vs_before", "numerator": "after", "denominator": "before", "role": "treatment"},
]
SPEC = {
    "path": "table.csv",
    "format": "csv",
    "feature_column": "mirna",
    "contrast_column": "contrast",
    "log2fc_column": "lfc",
    "p_column": "p",
    "q_column": "padj",
    "contrasts": {"before_vs_healthy": "case vs control", "after_vs_before": "after vs case"},
}


def record(**changes: Any) -> dict[str, Any]:
    return {"assay": "mirna", "contrasts": CONTRASTS, "statistics": {**SPEC, **changes}}


def rows(n: int = 20) -> list[list[str]]:
    """Contrast, feature, fold change, p, adjusted p (deposited as 0.5 throughout)."""
    found = []
    for name in ("case vs control", "after vs case"):
        found += [[name, f"hsa-miR-{i}", f"{i / 10 - 1}", f"{(i + 1) / (n + 1)}", "0.5"] for i in range(n)]
    return found


def write(folder: Path, lines: list[list[str]], header: str = "contrast,mirna,lfc,p,padj") -> str:
    path = folder / "table.csv"
    path.write_text("\n".join([header, *(",".join(line) for line in lines)]) + "\n")
    return str(path)


def faults(
    folder: Path, lines: list[list[str]], header: str = "contrast,mirna,lfc,p,padj", **changes: Any
) -> list[str]:
    with pytest.raises(InputError) as caught:
        take_in_statistics(record(**changes), write(folder, lines, header))
    return [str(problem) for problem in caught.value.problems]


def test_every_row_is_kept_and_the_loss_counted(tmp_path):
    lines = rows()
    lines[3][3], lines[7][3] = "NA", ""
    taken = take_in_statistics(record(), write(tmp_path, lines))
    assert tuple(taken.table.columns) == COLUMNS
    assert len(taken.table) == taken.facts["n_out"] == 40
    assert taken.facts["n_without_p"] == 2
    assert taken.facts["inference"] == ["recount_of_statistics"]
    first = taken.recount.set_index("contrast").loc["before_vs_healthy"]
    assert (first["n_rows"], first["n_without_p"], first["n_tested"]) == (20, 2, 18)
    assert first["expected_p05"] == pytest.approx(0.9)
    assert "2 of 20 rows have no p value" in first["warning"]
    assert taken.table.loc[[3, 7], "q"].isna().all()


def test_q_is_benjamini_hochberg_within_the_contrast(tmp_path):
    p = [0.01, 0.04, 0.03, 0.005, 0.5]
    # By hand: the i-th smallest of five times 5/i, then the smallest from above.
    expected = [0.025, 0.05, 0.05, 0.025, 0.5]
    lines = [["case vs control", f"f{i}", "1", str(value), ""] for i, value in enumerate(p)]
    lines += [["after vs case", f"f{i}", "1", "0.9", ""] for i in range(5)]
    taken = take_in_statistics(record(), write(tmp_path, lines))
    np.testing.assert_allclose(taken.table["q"][:5], expected)
    np.testing.assert_allclose(taken.table["q"][5:], 0.9)
    assert taken.recount["n_q05"].tolist() == [2, 0]  # 0.05 is not below 0.05
    assert taken.recount["n_q05_deposited"].isna().all()


def test_null_p_values_are_no_excess_and_planted_ones_are(tmp_path):
    rng = np.random.default_rng(5)
    even = (np.arange(1000) + 0.5) / 1000
    lines = [["case vs control", f"f{i}", "1", f"{p:.6f}", ""] for i, p in enumerate(even)]
    planted = np.concatenate([rng.uniform(0, 1e-4, 60), rng.uniform(size=940)])
    lines += [["after vs case", f"f{i}", "-1", f"{p:.8f}", ""] for i, p in enumerate(planted)]
    null, found = take_in_statistics(record(), write(tmp_path, lines)).recount.to_dict("records")
    assert null["n_p05"] == 50
    assert null["p_excess_if_independent"] == pytest.approx(0.5, abs=0.05)
    assert null["n_q05"] == 0
    assert "where chance alone gives 50.0" in null["warning"]
    assert found["p_excess_if_independent"] < 1e-6
    assert found["n_q05_down"] == found["n_q05"]
    assert 60 <= found["n_q05"] <= 70  # the planted ones, and a few false


def test_binomial_tail_is_that_many_or_more(tmp_path):
    lines = [["case vs control", f"f{i}", "1", p, ""] for i, p in enumerate(["0.01", "0.9", "0.8"])]
    lines += [["after vs case", "f0", "1", "0.9", ""]]
    found = take_in_statistics(record(), write(tmp_path, lines)).recount["p_excess_if_independent"]
    assert found.tolist() == pytest.approx([1 - 0.95**3, 1.0])


def test_other_adjusted_p_values_are_told(tmp_path):
    warnings = take_in_statistics(record(), write(tmp_path, rows())).facts["warnings"]
    assert any("differ from Benjamini-Hochberg" in text for text in warnings)


def test_one_contrast_without_a_column(tmp_path):
    lines = [line[1:] for line in rows()[:20]]
    spec = {"contrast_column": None, "contrasts": {"before_vs_healthy": "case vs control"}}
    taken = take_in_statistics(record(**spec), write(tmp_path, lines, "mirna,lfc,p,padj"))
    assert set(taken.table["contrast"]) == {"before_vs_healthy"}
    assert any("nothing on after_vs_before" in text for text in taken.facts["warnings"])


def test_sizes_of_arms_where_the_table_has_them(tmp_path):
    lines = [[*line, "10", "9"] for line in rows()]
    lines[-1][-1] = "8"
    columns = {"n_numerator_column": "na", "n_denominator_column": "nb"}
    found = take_in_statistics(record(**columns), write(tmp_path, lines, "contrast,mirna,lfc,p,padj,na,nb")).recount
    assert found["n_numerator"].tolist() == [10, 10]
    assert found["n_denominator"].tolist()[0] == 9
    assert np.isnan(found["n_denominator"].tolist()[1])  # the rows of this contrast do not agree


def test_names_are_matched_letter_by_letter_and_only_where_one_accession_fits(tmp_path):
    path = write(tmp_path, rows())
    names = {"hsa-miR-1": "MIMAT0000416", "hsa-mir-2": "MIMAT0000002"}
    found = take_in_statistics(record(), path, names=names).table.drop_duplicates("feature").set_index("feature")
    assert found["mimat"].dropna().to_dict() == {"hsa-miR-1": "MIMAT0000416"}
    twice = [claim("a", 1, feature_name="x"), claim("b", 2, feature_name="x"), claim("c", 3, feature_name="y")]
    assert names_of_claims({"claims": twice}) == {"y": "MIMAT0000003"}
    assert take_in_statistics(record() | {"assay": "mrna"}, path, names=names).table["mimat"].isna().all()


def test_what_was_written_reads_back(tmp_path):
    taken = take_in_statistics(record(), write(tmp_path, rows()))
    write_tsv(taken.table, tmp_path / "statistics.tsv")
    back = read_tsv(tmp_path / "statistics.tsv")
    np.testing.assert_allclose(back["q"], taken.table["q"], rtol=1e-9)


@pytest.mark.parametrize(
    ("row", "cell", "value", "said"),
    [
        (4, 3, "1.2", "outside 0 to 1"),
        (4, 3, "-0.1", "outside 0 to 1"),
        (4, 4, "7", "outside 0 to 1"),
        (4, 2, "inf", "not a number"),
        (4, 3, "<0.001", "not a number"),
        (4, 1, "hsa-miR-3", "two rows"),
        (4, 1, "", "no name"),
    ],
)
def test_a_fault_names_its_row_and_column(tmp_path, row, cell, value, said):
    lines = rows()
    lines[row][cell] = value
    (found,) = faults(tmp_path, lines)
    assert said in found
    assert "row 5" in found
    assert "column " + ("contrast", "mirna", "lfc", "p", "padj")[cell] in found


def test_all_faults_come_at_once(tmp_path):
    lines = rows()
    lines[0][3], lines[1][2], lines[2][0] = "2", "x", "something else"
    assert len(faults(tmp_path, lines)) == 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"p_column": "pvalue"}, "column pvalue: the column is missing"),
        ({"q_column": "fdr"}, "column fdr: the column is missing"),
        (
            {"contrasts": {"before_vs_healthy": "case vs control"}},
            "20 rows of a contrast that study.yaml does not name",
        ),
        ({"contrasts": {**SPEC["contrasts"], "after_vs_before": "after vs cases"}}, "did you mean 'after vs case'?"),
        ({"contrasts": {**SPEC["contrasts"], "after_vs_befor": "x"}}, "did you mean 'after_vs_before'?"),
        ({"contrasts": dict.fromkeys(SPEC["contrasts"], "case vs control")}, "stands for two contrasts"),
        ({"contrast_column": None}, "no contrast_column"),
    ],
)
def test_faults_of_the_declaration(tmp_path, changes, said):
    assert said in "\n".join(faults(tmp_path, rows(), **changes))


def test_a_contrast_without_any_p_value(tmp_path):
    lines = rows()
    for line in lines[:20]:
        line[3] = "NA"
    assert "no p value in contrast before_vs_healthy" in faults(tmp_path, lines)[0]


def test_a_missing_file_and_a_web_page(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        take_in_statistics(record(), str(tmp_path / "absent.csv"))
    (tmp_path / "table.csv").write_text("<!DOCTYPE html><html></html>")
    with pytest.raises(InputError, match="web page"):
        take_in_statistics(record(), str(tmp_path / "table.csv"))
