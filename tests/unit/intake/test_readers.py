"""Readers: the same counts in every format give the same matrix; oddities of real files."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from acuomics.catalogue.data import COUNTS
from acuomics.inputs.content import read_counts
from acuomics.inputs.matrix import CountMatrix
from acuomics.problems import Problems

FEATURES = ["g1", "g2", "g3"]
SAMPLES = ["a", "b", "c"]
CELLS = np.array([[1, 0, 300], [0, 20, 7], [5, 6, 0]])


def read(files: list[Path] | Path, samples=SAMPLES, **spec: Any) -> tuple[CountMatrix | None, str]:
    counts = {**COUNTS, "format": "tsv", "layout": "matrix", "excluded_samples": [], **spec}
    record = {"counts": counts, "samples": [{"sample": name} for name in samples]}
    problems = Problems()
    paths = [str(path) for path in (files if isinstance(files, list) else [files])]
    return read_counts(record, paths, problems), "\n".join(map(str, problems.found))


def text(separator="\t", head="gene", order=SAMPLES, symbols=False) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerow([head, *(["symbol"] if symbols else []), *order])
    for name, row in zip(FEATURES, CELLS, strict=True):
        cells = dict(zip(SAMPLES, row, strict=True))
        writer.writerow([name, *([name.upper()] if symbols else []), *(cells[s] for s in order)])
    return out.getvalue()


def expect(found: tuple[CountMatrix | None, str], labels=None, samples=SAMPLES) -> None:
    matrix, problems = found
    assert problems == ""
    assert matrix is not None
    assert matrix.features == FEATURES
    assert matrix.samples == samples
    assert matrix.labels == labels
    np.testing.assert_array_equal(matrix.cells, CELLS[:, [SAMPLES.index(s) for s in samples]])


@pytest.mark.parametrize(
    ("content", "spec"),
    [
        (text(), {}),
        (text(head=""), {}),
        (text().replace("gene\t", "", 1), {}),  # R: the header is one cell short
        (text(","), {"format": "csv"}),
        (text(";"), {"format": "csv", "separator": "semicolon"}),
        (text().replace("\n", "\r\n"), {}),
        ("\ufeff" + text(), {"feature_column": "gene"}),
        (text() + "\n\n", {}),
        ("# Program:featureCounts v2.0.1\n" + text(), {}),
        (text().replace("g1", '"g1"').replace("gene", '"gene"'), {}),
        (text(order=["c", "a", "b"]), {}),
        (text().replace("300", "3e2"), {}),
        (text().replace("300", " 300 "), {}),
    ],
    ids=[
        "tab", "unnamed", "row_names", "comma", "semicolon", "crlf", "bom", "blank_end", "comment", "quoted", "order",
        "exponent", "spaces",
    ],
)  # fmt: skip
def test_delimited(tmp_path, content, spec):
    path = tmp_path / "counts.txt"
    path.write_text(content, newline="")
    expect(read(path, **spec))
    path.write_bytes(gzip.compress(content.encode()))
    expect(read(path, **spec))


def test_label_and_feature_columns(tmp_path):
    path = tmp_path / "counts.tsv"
    path.write_text(text(symbols=True))
    expect(read(path, label_column="symbol"), labels=["G1", "G2", "G3"])
    lines = [line.split("\t") for line in text(symbols=True).splitlines()]
    path.write_text("\n".join("\t".join([row[1], row[0], *row[2:]]) for row in lines) + "\n")
    expect(read(path, feature_column="gene", label_column="symbol"), labels=["G1", "G2", "G3"])
    assert "counts.label_column names 'symbl'" in read(path, feature_column="gene", label_column="symbl")[1]


def test_features_that_look_like_numbers_or_missing_stay_text(tmp_path):
    path = tmp_path / "counts.tsv"
    for names in (["00123", "7", "1e5"], ["00123", "NA", "nan"]):
        content = text()
        for old, new in zip(FEATURES, names, strict=True):
            content = content.replace(old, new)
        path.write_text(content)
        assert read(path)[0].features == names


def test_columns_left_out_by_declaration(tmp_path):
    path = tmp_path / "counts.tsv"
    path.write_text(text())
    expect(read(path, samples=["c", "a"], excluded_samples=["b"]), samples=["c", "a"])
    expect(read(path, samples=["c", "a"], drop_columns=["b"]), samples=["c", "a"])
    assert "not in the sample sheet: 'b'" in read(path, samples=["c", "a"])[1]
    assert "drop_columns names 'bb'" in read(path, samples=["c", "a"], drop_columns=["b", "bb"])[1]


def test_a_dropped_column_may_hold_text(tmp_path):
    path = tmp_path / "counts.tsv"
    lines = text().splitlines()
    path.write_text("\n".join(line + ("\tchr" if not i else "\tX;Y") for i, line in enumerate(lines)) + "\n")
    expect(read(path, drop_columns=["chr"]))


def test_large_counts_are_exact(tmp_path):
    path = tmp_path / "counts.tsv"
    path.write_text(text().replace("300", "2147483647"))
    assert read(path)[0].cells[0, 2] == 2147483647


def per_sample(folder: Path, header=True, orders=None) -> list[Path]:
    paths = []
    for at, sample in enumerate(SAMPLES):
        rows = [(name, CELLS[i, at]) for i, name in enumerate(FEATURES)]
        if orders:
            rows = [rows[i] for i in orders[at]]
        lines = (["gene\tlength\tcount"] if header else []) + [f"{name}\t99\t{value}" for name, value in rows]
        paths.append(folder / f"{sample}.txt")
        paths[-1].write_text("\n".join(lines) + "\n")
    return paths


SPEC = {"layout": "per_sample", "pattern": "{sample}.txt"}


def test_one_file_a_sample(tmp_path):
    expect(read(per_sample(tmp_path), **SPEC, value_column="count"))
    expect(read(per_sample(tmp_path, header=False), **SPEC, value_column=3))
    expect(read(per_sample(tmp_path, orders=[(0, 1, 2), (2, 0, 1), (1, 2, 0)]), **SPEC, value_column="count"))


def test_two_columns_need_no_value_column(tmp_path):
    for header in (True, False):
        for path in per_sample(tmp_path, header=header):
            rows = [line.split("\t") for line in path.read_text().splitlines()]
            path.write_text("".join(f"{row[0]}\t{row[2]}\n" for row in rows))
        expect(read([tmp_path / f"{sample}.txt" for sample in SAMPLES], **SPEC))


def test_more_columns_need_one(tmp_path):
    problems = read(per_sample(tmp_path), **SPEC)[1]
    assert "which of the 3 columns holds the counts?" in problems
    assert "counts: value_column" in problems
    assert "the columns are 'gene', 'length', 'count'" in problems


def test_faults_of_one_file_name_that_file(tmp_path):
    paths = per_sample(tmp_path)
    paths[1].write_text(paths[1].read_text().replace("20", "-20").replace("\t6", "\tsix"))
    _, problems = read(paths, **SPEC, value_column="count")
    assert f"{paths[1]}, row 3, column b, value 'six'" in problems
    paths[2].write_text(paths[2].read_text().replace("g2", "g9"))
    _, problems = read(paths, **SPEC, value_column="count")
    assert f"{paths[2]}: not the features of {paths[0]}: 1 missing (g2), 1 others (g9)" in problems
    paths[0].unlink()
    assert f"{paths[0]}: the file does not exist" in read(paths, **SPEC, value_column="count")[1]
    assert "counts.value_column names 'counts'" in read(paths, **SPEC, value_column="counts")[1]


def mtx(folder: Path, symmetry="general", kind="integer", extra="") -> list[Path]:
    entries = [(i + 1, j + 1, CELLS[i, j]) for j in range(3) for i in range(3) if CELLS[i, j]]
    body = "".join(f"{i} {j} {x}\n" for i, j, x in entries)
    matrix, features, barcodes = folder / "matrix.mtx", folder / "features.tsv", folder / "barcodes.tsv"
    head = f"%%MatrixMarket matrix coordinate {kind} {symmetry}\n% a comment\n3 3 {len(entries)}\n"
    matrix.write_bytes(gzip.compress((head + body + extra).encode()))
    features.write_text("".join(f"{name}\t{name.upper()}\tGene Expression\n" for name in FEATURES))
    barcodes.write_text("".join(f"{name}\n" for name in SAMPLES))
    return [matrix, features, barcodes]


MTX = {"format": "mtx", "features": "f", "barcodes": "b"}


def test_matrix_market(tmp_path):
    expect(read(mtx(tmp_path), **MTX))
    expect(read(mtx(tmp_path), **MTX, label_column=2), labels=["G1", "G2", "G3"])
    expect(read(mtx(tmp_path), **MTX, samples=["c", "a"], excluded_samples=["b"]), samples=["c", "a"])


def test_faults_of_matrix_market(tmp_path):
    assert "a symmetric matrix" in read(mtx(tmp_path, "symmetric"), **MTX)[1]
    assert "not a Matrix Market coordinate matrix" in read(mtx(tmp_path, kind="complex"), **MTX)[1]
    assert "7 entries where the head says 6" in read(mtx(tmp_path, extra="1 1 1\n"), **MTX)[1]
    assert "is not 'row column value'" in read(mtx(tmp_path, extra="one 1 1\n"), **MTX)[1]
    files = mtx(tmp_path)
    files[2].write_text("a\nb\n")
    assert "3 x 3; there are 3 features and 2 barcodes" in read(files, **MTX)[1]
    files = mtx(tmp_path)
    files[0].write_bytes(gzip.compress(gzip.decompress(files[0].read_bytes()).replace(b"1 3 300", b"9 3 300")))
    assert "1 entries lie outside the matrix" in read(files, **MTX)[1]


HEAD = "%%MatrixMarket matrix coordinate integer general\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (HEAD, "the size line 'rows columns entries' is not there"),
        (HEAD.rstrip(), "the size line 'rows columns entries' is not there"),
        (HEAD + "% only\n% comments\n\n", "the size line 'rows columns entries' is not there"),
        (HEAD + "% a\n3 3\n1 1 5\n", "row line 3, value '3 3': not a size line"),
        (HEAD + "3 3 1e1\n1 1 5\n", "row line 2, value '3 3 1e1': not a size line"),
        (HEAD + "3 3 -1\n", "not a size line"),
        (HEAD + "three 3 1\n1 1 5\n", "not a size line"),
        (HEAD + "3 3 2\n", "0 entries where the head says 2"),
        (HEAD + "3 3 2\n1 1 5\n2 2", "is not 'row column value'"),
        (HEAD + "3 3 2\n1 1 5\n2 2 7 9\n", "is not 'row column value'"),
        (HEAD + "3 3 1\n1 1 5 9\n", "is not 'row column value'"),
        (HEAD + "3 3 1\n1\n", "is not 'row column value'"),
        (HEAD + "3 3 1\n1.5 1 5\n", "the row or column of an entry is not a whole number"),
        (HEAD + "3 3 1\n1 1e300 5\n", "the row or column of an entry is not a whole number"),
        (HEAD + "3 3 1\n0 1 5\n", "1 entries lie outside the matrix"),
        (HEAD + "3 3 1\n1 1 inf\n", "the cell is empty or NaN"),
    ],
)
def test_a_damaged_matrix_market_file(tmp_path, content, message):
    files = mtx(tmp_path)
    files[0].write_text(content)
    problems = read(files, **MTX)[1]
    assert message in problems
    assert "mend: " in problems


def test_a_matrix_market_file_without_entries_is_all_zero(tmp_path):
    files = mtx(tmp_path)
    files[0].write_text(HEAD + "3 3 0\n")
    matrix, problems = read(files, **MTX)
    assert problems == ""
    assert not matrix.cells.any()


def test_damage_of_any_kind_is_a_message_and_never_a_crash(tmp_path):
    files = mtx(tmp_path)
    whole = gzip.decompress(files[0].read_bytes())
    rng = np.random.default_rng(20)
    refused = 0
    for draw in range(400):
        content = bytearray(whole)
        if draw % 2:
            content = content[: rng.integers(len(content))]
        for _ in range(rng.integers(1, 4)):
            at = int(rng.integers(len(content) + 1))
            content[at : at + int(rng.integers(3))] = rng.choice(list(b"0123456789 \t\n%-.eEna\"'#,+")).tobytes()[:1]
        files[0].write_bytes(bytes(content))
        matrix, problems = read(files, **MTX)
        assert (matrix is not None) or problems, bytes(content)
        refused += bool(problems)
    assert 200 < refused < 400


@pytest.mark.slow
def test_h5ad(tmp_path):
    anndata = pytest.importorskip("anndata")
    import pandas as pd
    from scipy import sparse

    var = pd.DataFrame({"symbol": [name.upper() for name in FEATURES]}, index=FEATURES)
    data = anndata.AnnData(np.log1p(CELLS.T), obs=pd.DataFrame(index=SAMPLES), var=var)
    data.layers["counts"] = sparse.csr_matrix(CELLS.T)
    path = tmp_path / "counts.h5ad"
    data.write_h5ad(path)
    spec = {"format": "h5ad", "label_column": "symbol"}
    expect(read(path, **spec, layer="counts"), labels=["G1", "G2", "G3"])
    matrix, problems = read(path, **spec)
    assert problems == ""
    assert matrix.cells[0, 0] == pytest.approx(np.log(2))
    assert "there is no layer 'raw', mend: name one of the layers: counts" in read(path, **spec, layer="raw")[
        1
    ].replace("\n      mend", ", mend")
    path.write_bytes(path.read_bytes()[:3000])
    assert "cannot be read as h5ad" in read(path, **spec)[1]
