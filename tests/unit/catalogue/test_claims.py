"""claims.tsv: what the reader gives, and every fault it must find."""

from __future__ import annotations

from pathlib import Path

import pytest

from acuomics.catalogue.claims import COLUMNS, read_claims
from acuomics.problems import Problems

MIRNA = {
    "claim": "c01",
    "collected": "7",
    "contrast": "ea_vs_rtx",
    "contrast_as_printed": "EA vs RTX",
    "kind": "mirna",
    "feature_as_printed": "miR-7a-5p",
    "feature": "MIMAT0000606",
    "feature_name": "rno-miR-7a-5p",
    "name_status": "current",
    "direction": "up",
    "effect": "NA",
    "effect_log2fc": "NA",
    "count": "NA",
    "threshold": "NA",
    "evidence": "abstract",
    "source": "PMID:31124075",
    "note": "NA",
}
COUNT = MIRNA | {
    "claim": "c02",
    "kind": "count",
    "feature_as_printed": "miRNA up",
    "feature": "NA",
    "feature_name": "NA",
    "name_status": "not_a_feature",
    "count": "2",
}
GENE = MIRNA | {"claim": "c03", "kind": "transcript", "feature": "24185", "feature_name": "Akt1"}
CONTRASTS, PAIRS = ["rtx_vs_sham", "ea_vs_rtx"], ["rtx_vs_sham__ea_vs_rtx"]


def read(tmp_path: Path, *rows: dict[str, str], columns=COLUMNS, **options):
    path = tmp_path / "claims.tsv"
    path.write_text("".join("\t".join(row) + "\n" for row in [columns, *([r[c] for c in columns] for r in rows)]))
    problems = Problems()
    claims = read_claims(str(path), CONTRASTS, PAIRS, problems, **options)
    return claims, problems.found


def test_a_valid_table_with_na_as_none(tmp_path):
    pair = COUNT | {"claim": "c04", "contrast": PAIRS[0], "collected": "3;4", "count": "0"}
    claims, problems = read(tmp_path, MIRNA, COUNT, GENE, pair)
    assert problems == []
    assert [claim["claim"] for claim in claims] == ["c01", "c02", "c03", "c04"]
    assert claims[0] == {k: None if v == "NA" else v for k, v in MIRNA.items()}
    assert claims[3]["count"] == "0" and claims[3]["feature"] is None


def test_columns_before_the_others(tmp_path):
    row = MIRNA | {"paper": "PMID:1", "contrast": "NA", "species": "NA"}
    first = ("paper", "species")
    claims, problems = read(tmp_path, row, columns=(*first, *COLUMNS), first=first)
    assert problems == [] and claims[0]["paper"] == "PMID:1" and claims[0]["species"] is None


@pytest.mark.parametrize(
    ("row", "change", "column", "words"),
    [
        (MIRNA, {"claim": "1"}, "claim", "not a name"),
        (MIRNA, {"collected": "7,8"}, "collected", "not numbers"),
        (MIRNA, {"contrast": "ea_vs_sham"}, "contrast", "neither a contrast nor a reversal pair"),
        (MIRNA, {"kind": "miRNA"}, "kind", "did you mean 'mirna'"),
        (MIRNA, {"direction": "rise"}, "direction", "not a word"),
        (MIRNA, {"evidence": "paper"}, "evidence", "not a word"),
        (MIRNA, {"name_status": "fixed"}, "name_status", "not a word"),
        (MIRNA, {"source": "NA"}, "source", "must be known"),
        (MIRNA, {"note": ""}, "note", "empty"),
        (MIRNA, {"effect_log2fc": "1,2"}, "effect_log2fc", "not a number"),
        (MIRNA, {"effect_log2fc": "nan"}, "effect_log2fc", "not a number"),
        (MIRNA, {"effect_log2fc": "-2", "direction": "up"}, "effect_log2fc", "against the direction up"),
        (MIRNA, {"feature": "24185"}, "feature", "MIMAT"),
        (GENE, {"feature": "Akt1"}, "feature", "NCBI Gene"),
        (GENE, {"feature": "MIMAT0000606"}, "feature", "NCBI Gene"),
        (MIRNA, {"feature": "NA"}, "feature", "missing where the name is current"),
        (MIRNA, {"feature_name": "NA"}, "feature_name", "missing where the name is current"),
        (MIRNA, {"name_status": "not_a_feature"}, "name_status", "does not go with"),
        (MIRNA, {"name_status": "emended"}, "note", "needs a reason"),
        (MIRNA, {"count": "4"}, "count", "only such a claim"),
        (COUNT, {"count": "NA"}, "count", "has a number"),
        (COUNT, {"count": "7.5"}, "count", "not a whole number"),
        (COUNT, {"count": "-1"}, "count", "not a whole number"),
        (COUNT, {"name_status": "current"}, "name_status", "does not go with"),
        (COUNT, {"feature": "24185"}, "feature", "given where the name is not_a_feature"),
    ],
)
def test_a_fault_is_found_in_its_row_and_column(tmp_path, row, change, column, words):
    _, problems = read(tmp_path, row | {"claim": "c09"}, row | change)
    assert [(p.row, p.column) for p in problems] == [(2, column)], "\n".join(map(str, problems))
    assert words in str(problems[0]) and problems[0].fix


def test_an_unresolved_name_has_no_id(tmp_path):
    _, problems = read(tmp_path, MIRNA | {"name_status": "ambiguous"})
    assert [p.column for p in problems] == ["feature", "feature_name"]


def test_all_faults_at_once(tmp_path):
    _, problems = read(tmp_path, MIRNA, MIRNA | {"kind": "rna", "direction": "rise"}, COUNT | {"count": "x"})
    assert [(p.row, p.column) for p in problems] == [(2, "kind"), (2, "direction"), (2, "claim"), (3, "count")]
    assert "first in row 1" in str(problems[2])


def test_columns_are_exactly_these(tmp_path):
    claims, problems = read(tmp_path, MIRNA, columns=COLUMNS[:-1])
    assert claims == [] and [p.column for p in problems] == ["note"]
    claims, problems = read(tmp_path, MIRNA | {"tier": "A"}, columns=(*COLUMNS, "tier"))
    assert claims == [] and "unknown column tier" in str(problems[0])


def test_a_study_without_contrasts_takes_na_only(tmp_path):
    path = tmp_path / "claims.tsv"
    path.write_text("".join("\t".join(row) + "\n" for row in [COLUMNS, [MIRNA[c] for c in COLUMNS]]))
    problems = Problems()
    read_claims(str(path), [], [], problems)
    assert "the study has no contrasts" in str(problems.found[0])


def test_claims_on_cells_may_name_their_type(tmp_path):
    columns = (*COLUMNS, "cell_type")
    typed = MIRNA | {"cell_type": "microglia"}, COUNT | {"cell_type": "NA"}
    claims, problems = read(tmp_path, *typed, columns=columns, cell_types=["microglia", "astrocyte"])
    assert problems == [] and [claim["cell_type"] for claim in claims] == ["microglia", None]
    claims, problems = read(tmp_path, MIRNA, cell_types=["microglia"])
    assert problems == [] and "cell_type" not in claims[0]
    # What types there are is not known before the study runs.
    assert read(tmp_path, typed[0] | {"cell_type": "x"}, columns=columns, cell_types=())[1] == []


@pytest.mark.parametrize(
    ("types", "value", "said"),
    [
        (["microglia", "astrocyte"], "microglial", "no type of the study that is tested"),
        (["microglia"], "", "the cell is empty"),
        (None, "microglia", "unknown column cell_type"),
    ],
)
def test_faults_of_the_type_of_a_claim(tmp_path, types, value, said):
    row = MIRNA | {"cell_type": value}
    _, problems = read(tmp_path, row, columns=(*COLUMNS, "cell_type"), cell_types=types)
    assert any(said in str(problem) for problem in problems)
    if value == "microglial":
        assert "microglia" in problems[0].fix and problems[0].column == "cell_type"
