"""Bad input, one test a case: what the user reads, where, and how to mend it."""

from __future__ import annotations

import gzip
import math
from pathlib import Path

import pytest

from acuomics.catalogue import load as load_module
from acuomics.intake.take_in import take_in
from acuomics.problems import InputError


def has(text: str, *parts: object) -> None:
    for part in parts:
        assert str(part) in text, f"{part!r} not in:\n{text}"


def test_the_study_that_the_other_tests_break_is_valid(make_study, load):
    study = make_study().write()
    record = load(study).studies["small"].record
    assert [row["sample"] for row in record["samples"]][:2] == ["control_1", "control_2"]


def test_missing_file(make_study, the_fault):
    study = make_study().write(matrix=False)
    has(the_fault(study), study.counts_path, "the file does not exist", "mend: mend the path or put the file there")


@pytest.mark.parametrize("file", ["study.yaml", "contrasts.tsv", "samples.tsv"])
def test_missing_file_of_the_study_folder(make_study, the_fault, file):
    study = make_study().write()
    (study.folder / file).unlink()
    has(the_fault(study), study.folder / file, "the file does not exist")


def test_missing_study_folder(make_study, the_fault, tmp_path):
    make_study("hammer").write()
    text = the_fault("hamer")
    has(text, "config", "column studies", "'hamer'", tmp_path / "studies", tmp_path / "none_embedded")
    has(text, "did you mean 'hammer'?")


def test_empty_file(make_study, the_fault):
    study = make_study().write()
    study.counts_path.write_text("")
    has(the_fault(study), study.counts_path, "the file is empty", "fetch the file again")


def test_wrong_separator(make_study, the_fault):
    study = make_study()
    study.separator = ","
    study.write()
    text = the_fault(study)
    has(text, study.counts_path, "row header", "only one column with the separator tab")
    has(text, "comma seems right (9 in the header)", "set counts.separator in study.yaml to comma")


def test_duplicated_sample_in_the_matrix(make_study, the_fault):
    study = make_study().write()
    text = study.matrix_text().replace("control_2", "control_1", 1)
    study.counts_path.write_text(text)
    has(the_fault(study), study.counts_path, "row header", "column control_1", "used more than once: 'control_1'")


def test_duplicated_sample_in_the_sheet(make_study, faults):
    study = make_study().write()
    sheet = study.sheet_path.read_text().replace("control_2", "control_1")
    study.sheet_path.write_text(sheet)
    text = faults(study)[0]
    has(text, study.sheet_path, "row 2", "column sample", "'control_1'", "named twice (first in row 1)")


def test_duplicated_feature(make_study, the_fault):
    study = make_study()
    study.features[5] = "Gene02"
    text = the_fault(study.write())
    has(text, study.counts_path, "row 6", "'Gene02'", "named more than once: 'Gene02' in rows 2, 6", "keep one row")


def test_sample_in_sheet_but_not_in_matrix(make_study, the_fault):
    study = make_study().write()
    lines = [line.rsplit("\t", 1)[0] for line in study.matrix_text().splitlines()]
    study.counts_path.write_text("\n".join(lines) + "\n")
    text = the_fault(study)
    has(text, study.counts_path, "column EA_3", "sample 'EA_3' of the sheet is not in the matrix")


def test_sample_spelt_differently_suggests_the_mapping(make_study, faults):
    study = make_study().write()
    study.counts_path.write_text(study.matrix_text().replace("EA_3", "EA_3fb", 1))
    has(faults(study)[0], "samples: values: sample: {EA_3: EA_3fb}")


def test_sample_in_matrix_but_not_in_sheet(make_study, the_fault):
    study = make_study().write()
    matrix = study.matrix_text()
    study.samples.pop()
    study.write(matrix=False)
    study.counts_path.write_text(matrix)
    text = the_fault(study)
    has(text, study.counts_path, "not in the sample sheet: 'EA_3'", "counts: drop_columns")


def test_sample_in_matrix_but_not_in_sheet_may_be_declared(make_study, load):
    study = make_study().write()
    matrix = study.matrix_text()
    study.samples.pop()
    study.study["counts"]["drop_columns"] = ["EA_3"]
    study.write(matrix=False)
    study.counts_path.write_text(matrix)
    assert load(study).studies["small"].record["counts"]["drop_columns"] == ["EA_3"]


def test_negative(make_study, the_fault):
    study = make_study()
    study.counts[3][1] = -4
    text = the_fault(study.write())
    has(text, study.counts_path, "row 4", "column control_2", "'-4'", "feature 'Gene04'", "cannot be negative")
    has(text, "get the raw counts")


def test_fractional(make_study, the_fault):
    study = make_study()
    study.counts[3][1], study.counts[4][0] = 12.5, 3.25
    text = the_fault(study.write())
    has(text, study.counts_path, "row 4", "column control_2", "'12.5'", "must be a whole number")
    has(text, "0.6% of the cells", "2 such cells; also row 5 column control_1 ('3.25')")
    has(text, "rounding: nearest, with rounding_reason")


def test_fractional_is_accepted_when_declared(make_study, load):
    study = make_study()
    study.counts[3][1] = 12.5
    study.study["counts"] |= {"rounding": "nearest", "rounding_reason": "RSEM"}
    assert load(study.write()).studies["small"].record["counts"]["rounding"] == "nearest"


def test_rounding_needs_a_reason(make_study, the_fault):
    study = make_study()
    study.study["counts"]["rounding"] = "nearest"
    text = the_fault(study.write())
    has(text, study.study_path, "column counts.rounding_reason", "missing", "Why rounding is right")


@pytest.mark.parametrize("cell", ["NaN", "", "NA"])
def test_nan(make_study, the_fault, cell):
    study = make_study()
    study.counts[3][1] = cell
    text = the_fault(study.write())
    has(text, study.counts_path, "row 4", "column control_2", "feature 'Gene04'", "empty or NaN", "not zero")


def test_text_cell(make_study, the_fault):
    study = make_study()
    study.counts[3][1] = "1,204"
    text = the_fault(study.write())
    has(text, study.counts_path, "row 4", "column control_2", "'1,204'", "not a number")


def test_infinite_cell(make_study, the_fault):
    study = make_study()
    study.counts[3][1] = "inf"
    has(the_fault(study.write()), "row 4", "column control_2", "'inf'", "not a number")


def test_more_than_a_sample_can_hold(make_study, the_fault):
    study = make_study()
    study.counts[3][1] = 2**31
    has(the_fault(study.write()), "row 4", "column control_2", "'2147483648'", "over 2147483647")


def scaled(study, to: float) -> list[list[float]]:
    sums = [sum(row[j] for row in study.counts) for j in range(9)]
    return [[row[j] / sums[j] * to for j in range(9)] for row in study.counts]


@pytest.mark.parametrize("rounding", ["none", "nearest"])
def test_normalised_tpm(make_study, the_fault, rounding):
    study = make_study()
    study.counts = scaled(study, 1e6)
    study.study["counts"] |= {"rounding": rounding, "rounding_reason": "not a good one"}
    text = the_fault(study.write())
    has(text, study.counts_path, "normalised values, not counts", "sums to a million: TPM or CPM", "raw counts")


@pytest.mark.parametrize("rounding", ["none", "nearest"])
def test_normalised_fpkm(make_study, the_fault, rounding):
    study = make_study()
    # Longer genes get smaller values, so that the sums differ by sample.
    study.counts = [[x / (0.7 + i % 13) / 9.7 for x in row] for i, row in enumerate(study.counts)]
    study.study["counts"] |= {"rounding": rounding, "rounding_reason": "not a good one"}
    has(the_fault(study.write()), "normalised values, not counts", "below one read: FPKM or the like")


@pytest.mark.parametrize("rounding", ["none", "nearest"])
def test_normalised_log(make_study, the_fault, rounding):
    study = make_study()
    study.counts = [[math.log2(x + 1) for x in row] for row in study.counts]
    study.study["counts"] |= {"rounding": rounding, "rounding_reason": "not a good one"}
    has(the_fault(study.write()), "normalised values, not counts", "log-scale values")


def test_normalised_scaled_integers(make_study, the_fault):
    study = make_study()
    study.counts = [[round(x) for x in row] for row in scaled(study, 1e6)]
    has(the_fault(study.write()), "the library sizes are all 1,000,0", "within 0.1 %: integers that were scaled")


def test_totals_row_by_arithmetic(make_study, the_fault):
    study = make_study()
    study.features.insert(7, "everything")
    study.counts.insert(7, [sum(row[j] for row in study.counts) for j in range(9)])
    text = the_fault(study.write())
    has(text, study.counts_path, "row 8", "totals row is hidden among the features: 'everything'")
    has(text, "equals the sum of all other rows", "drop_features: [everything]")


@pytest.mark.parametrize("name", ["__no_feature", "N_unmapped", "Total reads", "sum"])
def test_totals_row_by_name(make_study, the_fault, load, name):
    study = make_study()
    study.features.append(name)
    study.counts.append([100 + j for j in range(9)])
    has(the_fault(study.write()), "row 41", f"hidden among the features: {name!r}", f"drop_features: [{name}]")
    study.study["counts"]["drop_features"] = [name]
    load(study.write())


@pytest.mark.parametrize("name", ["1-Mar", "2-Sep", "Sep-02", "2001-03-01", "43891", "3/1/2001"])
def test_excel_date(make_study, the_fault, name):
    study = make_study()
    study.features[2] = name
    text = the_fault(study.write())
    has(text, study.counts_path, "row 3", "spreadsheet turned gene names into dates", name, "MARCH1")


def test_day_numbers_are_ncbi_gene_ids_when_features_are(make_study, load):
    study = make_study()
    study.features = [str(43891 + i) for i in range(40)]
    study.study["feature_id"] = "ncbi_gene"
    load(study.write())


def test_one_replicate_in_an_arm(make_study, the_fault):
    study = make_study()
    del study.samples[7:]
    study.counts = [row[:7] for row in study.counts]
    text = the_fault(study.write())
    has(text, study.contrasts_path, "row 2", "column numerator", "'EA'", "too few biological replicates")
    has(text, "condition = EA: one sample has no variance", "at least 2")


def test_all_zero_sample(make_study, the_fault):
    study = make_study()
    for row in study.counts:
        row[4] = 0
    has(the_fault(study.write()), study.counts_path, "column model_2", "every count of the sample is zero")


def test_empty_samples_are_one_fault(make_study, the_fault):
    study = make_study()
    for row in study.counts:
        row[2] = row[4] = row[8] = 0
    text = the_fault(study.write())
    has(text, "column control_3", "every count of the sample is zero (3 such samples; also model_2, EA_3)")


def test_sample_of_nearly_all_zeros(make_study, the_fault, default_config):
    study = make_study()
    for row in study.counts[1:]:
        row[4] = 0
    text = the_fault(study.write(), intake=default_config["intake"] | {"max_zero_share": 0.9})
    has(text, "column model_2", "97.50% of the sample's counts are zero", "intake.max_zero_share (0.9)")


def test_collinear_design(make_study, the_fault):
    study = make_study()
    study.study["design"] = "~ batch + condition"
    for row in study.samples:
        row["batch"] = {"control": "one", "model": "two", "EA": "three"}[row["condition"]]
    for row in study.contrasts:
        row[4] = "batch"
    text = the_fault(study.write())
    has(text, study.study_path, "column design", "collinear: condition is determined by batch", "take one of them out")


def test_unknown_level_in_a_contrast(make_study, the_fault):
    study = make_study()
    study.contrasts[1][2] = "AE"
    text = the_fault(study.write())
    has(text, study.contrasts_path, "row 2", "column numerator", "unknown level 'AE'")
    has(text, "mend: write a level of condition: EA, control, model")


def test_unknown_key_in_config(make_study, the_fault):
    study = make_study().write()
    text = the_fault(study, intakes={"min_replicates": 2})
    has(text, "config, column intakes", "unknown key 'intakes'", "did you mean 'intake'")


def test_unknown_key_in_study_yaml(make_study, the_fault):
    study = make_study()
    study.study["counts"]["seperator"] = "comma"
    text = the_fault(study.write())
    has(text, study.study_path, "column counts.seperator", "unknown key", "did you mean 'separator'?")


def test_key_given_twice_in_study_yaml(make_study, the_fault):
    study = make_study().write()
    text = study.study_path.read_text()
    study.study_path.write_text(text + "species: Mus musculus\n")
    has(the_fault(study), study.study_path, f"line {text.count(chr(10)) + 1}", "the key 'species' is given twice")


def test_a_comment_over_the_header_is_one_fault(make_study, the_fault):
    study = make_study().write()
    study.sheet_path.write_text("# my sheet\n" + study.sheet_path.read_text())
    text = the_fault(study)
    has(text, study.sheet_path, "row header", "first line is a comment", "remove the lines above the header")


def test_short_rows_of_a_sheet_are_one_fault(make_study, the_fault):
    study = make_study().write()
    study.sheet_path.write_text(study.sheet_path.read_text().replace("\tEA", ""))
    has(the_fault(study), "row 7", "1 cells where the header has 2 (3 such rows; also row 8 (1), row 9 (1))")


def test_empty_cells_of_a_column_are_one_fault(make_study, faults):
    study = make_study().write()
    study.sheet_path.write_text(study.sheet_path.read_text().replace("\tEA", "\t"))
    has(faults(study)[0], "row 7, column condition: the cell is empty (3 such rows; also 8, 9)")


def test_counts_and_simulation_are_one_fault(make_study, the_fault):
    study = make_study()
    study.study["simulation"] = {}
    has(
        the_fault(study.write()),
        "exactly one of counts, reads, cells, statistics and simulation",
        "keep counts for a matrix",
    )


def test_every_missing_key_is_told_once(make_study, faults):
    study = make_study()
    study.study["counts"] = {"format": "mtx", "layout": "matrix", "path": "m.mtx"}
    found = faults(study.write())
    assert len(found) == 2
    has(
        found[0],
        "counts.features: the key 'features' is missing",
        "mend: add the key features (The file of feature names",
    )


NOT_TEXT = [
    (b"PK\x03\x04" + bytes(range(200)), "a spreadsheet (xlsx)", "export the sheet as tab separated text"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "a spreadsheet (xls)", "export the sheet"),
    (b"\x89HDF\r\n\x1a\n" + bytes(99), "an HDF5 file", "format: h5ad"),
    (b"<html><body>404 not found</body></html>\n", "a web page (HTML)", "fetch the file again"),
    (b"\n <!DOCTYPE HTML>\n<html>", "a web page (HTML)", "fetch the file again"),
    ("gene\ta\n".encode("utf-16"), "UTF-16", "iconv -f utf-16"),
    (b"gene\ta\nx\x00y\t1\n", "a NUL byte at offset 8 (line 2)", "damaged"),
]


@pytest.mark.parametrize(("content", "message", "mend"), NOT_TEXT)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_files_that_are_no_text(make_study, the_fault, content, message, mend, pack):
    study = make_study().write()
    study.counts_path.write_bytes(pack(content))
    has(the_fault(study), study.counts_path, message, mend)


def test_braces_without_quotes(make_study, the_fault):
    study = make_study().write()
    lines = [line for line in study.study_path.read_text().splitlines() if not line.startswith((" ", "counts"))]
    flow = "counts: {format: tsv, layout: per_sample, pattern: data/{sample}.tsv}"
    study.study_path.write_text("\n".join([*lines, flow]) + "\n")
    text = the_fault(study)
    has(text, study.study_path, f"line {len(lines) + 1}", "not valid YAML", 'quote it: pattern: "data/{sample}.tsv"')


@pytest.mark.parametrize("name", ["mechanisms", "report", "logs", "benchmarks", "synthesis", "provenance"])
def test_names_of_folders_of_results(make_study, the_fault, name):
    text = the_fault(make_study(name).write())
    has(text, "config, column studies", repr(name), f"results/{name}/", "rename the study")


def test_nothing_was_run_is_said_before_the_run_only(make_study, load, default_config):
    study = make_study().write()
    found = load(study).studies["small"]
    study.counts[0][0] = -1
    study.write()
    with pytest.raises(InputError, match=r"^1 problem with the input; nothing was run:\n"):
        load(study)
    with pytest.raises(InputError, match=r"^1 problem with the input:\n"):
        take_in(found.record, found.counts_files, gene_table=None, max_zero_share=0.999)


@pytest.mark.parametrize("file", ["counts_path", "sheet_path", "contrasts_path", "study_path"])
def test_non_utf8(make_study, the_fault, file):
    study = make_study().write()
    path: Path = getattr(study, file)
    content = path.read_bytes()
    at = len(content) // 2
    path.write_bytes(content[:at] + "µ".encode("latin1") + content[at:])
    text = the_fault(study)
    has(text, path, "not UTF-8", f"byte 0xb5 at offset {at}", "save the file as UTF-8")


@pytest.mark.parametrize("name", ["../small", "/etc/passwd", "a/b", "..", "sub\\small"])
def test_path_in_a_study_id(make_study, the_fault, name, monkeypatch):
    make_study().write()
    monkeypatch.setattr(load_module, "_find", lambda *_: pytest.fail("a folder was looked for"))
    has(the_fault(name), "config, column studies.0", repr(name), "never by a path", "study_folders")


@pytest.mark.parametrize("path", ["../secret.tsv", "/data/counts.tsv", "a/../../b.tsv"])
def test_path_out_of_the_data_folder(make_study, the_fault, path):
    study = make_study()
    study.study["counts"]["path"] = path
    has(the_fault(study.write()), study.study_path, "column counts.path", "relative to data_root")


@pytest.mark.parametrize("keep", [0.5, 0.99])
def test_gzip_cut_short(make_study, the_fault, keep):
    study = make_study().write()
    packed = gzip.compress(study.matrix_text().encode())
    study.counts_path.write_bytes(packed[: int(len(packed) * keep)])
    text = the_fault(study)
    has(text, study.counts_path, "the gzip file is cut short or damaged", "compare its size and checksum")


def test_damaged_gzip(make_study, the_fault):
    study = make_study().write()
    packed = bytearray(gzip.compress(study.matrix_text().encode()))
    packed[len(packed) // 2] ^= 0xFF
    study.counts_path.write_bytes(bytes(packed))
    has(the_fault(study), study.counts_path, "the gzip file is cut short or damaged")


def test_rows_of_other_lengths(make_study, the_fault):
    study = make_study().write()
    lines = study.matrix_text().splitlines()
    lines[5] += "\t7"
    lines[9] = lines[9].rsplit("\t", 1)[0]
    study.counts_path.write_text("\n".join(lines) + "\n")
    has(the_fault(study), "row 5", "11 cells where the header has 10 (2 such rows; also row 9 (9))")


def test_a_quote_left_open(make_study, the_fault):
    study = make_study().write()
    study.counts_path.write_text(study.matrix_text().replace("Gene09", '"Gene09'))
    has(the_fault(study), study.counts_path, "quotes of a cell do not match", "close the quote")


def test_a_quoted_cell_over_two_lines(make_study, the_fault):
    study = make_study().write()
    study.counts_path.write_text(study.matrix_text().replace("Gene09", '"Gene\n09"'))
    has(the_fault(study), study.counts_path, "goes over several lines")


def test_two_spellings_of_a_level(make_study, the_fault):
    study = make_study().write()
    sheet = study.sheet_path.read_text().replace("model_3\tmodel", "model_3\tMo del")
    study.sheet_path.write_text(sheet)
    text = the_fault(study)
    has(text, study.sheet_path, "row 6", "column condition", "two spellings of one level: 'model' and 'Mo del'")
    has(text, 'samples: values: condition: {"Mo del": "model"}')


def test_many_faults_of_many_studies_are_reported_together(make_study, faults):
    one, two = make_study("one"), make_study("two")
    one.counts[0][0], one.counts[1][1], one.features[3] = -1, "x", "2-Sep"
    one.contrasts[0][2] = "modle"
    one.write()
    two.study["design"] = "~ nothing"
    two.write(matrix=False)
    found = faults(one, two, "three", seeds=1, seed=-1)
    text = "\n".join(found)
    has(text, "unknown key 'seeds'", "column seed", "must be >= 0")
    has(text, "unknown level 'modle'", "cannot be negative", "not a number", "into dates")
    has(text, "the design names 'nothing'", f"{two.counts_path}: the file does not exist", "'three'")
    # Each fault once: two of the config, four of one, its two contrasts of two and the design, a file, a folder.
    assert len(found) == len(set(found)) == 2 + 4 + 4 + 1, text
