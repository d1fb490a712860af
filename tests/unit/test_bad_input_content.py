"""Bad content of a count matrix: identifiers, names, low values, and too few features in common."""

from __future__ import annotations

import json

import numpy as np
import pytest

from acuomics.catalogue import content as content_module
from acuomics.inputs.identifiers import looks_like
from acuomics.intake.take_in import take_in
from tests.unit.test_bad_input import has


def taken(study, load):
    found = load(study.write()).studies["small"]
    return found.record, take_in(found.record, found.counts_files, gene_table=None, max_zero_share=0.999)


# Features above zero in every sample


def sparse(study, common: int, features: int = 40):
    """Give every feature but the first `common` a zero in some sample."""
    study.features = [f"Gene{i}" for i in range(features)]
    study.counts = [[40 + (7 * i + 3 * j) % 11 * (j + 1) for j in range(9)] for i in range(features)]
    for i in range(common, features):
        study.counts[i][i % 9] = 0
    return study


def test_no_feature_in_every_sample(make_study, the_fault):
    study = sparse(make_study(), 0)
    for i in range(30):
        study.counts[i][7] = 0
    text = the_fault(study.write())
    has(text, study.counts_path, "column EA_2", "no feature is above zero in all 9 samples", "size factors cannot")
    has(text, "R's DESeq2 refuses too", "fewest features", "of 40", "sum the runs of each library", "samples: keep")
    has(text, "counts: drop_columns")


@pytest.mark.parametrize(("common", "features", "warned"), [(9, 40, True), (10, 40, False), (11, 1200, True)])
def test_few_features_in_every_sample_are_a_warning(make_study, load, common, features, warned):
    record, intake = taken(sparse(make_study(), common, features), load)
    text = f"only {common} of {features:,} features with any count are above zero in every sample"
    assert any(text in line for line in intake.facts["warnings"]) is warned
    assert any(text in line for line in record["warnings"]) is warned


def test_the_warning_is_remembered_with_what_passed(make_study, load):
    study = sparse(make_study(), 3).write()
    first = load(study)
    assert json.loads(content_module.CACHE.read_text())["small"]["warnings"]
    assert load(study) == first


def test_counts_that_round_to_zero_are_zero(make_study, the_fault):
    study = sparse(make_study(), 1)
    study.counts[0][3] = 0.4
    study.study["counts"] |= {"rounding": "nearest", "rounding_reason": "RSEM"}
    has(the_fault(study.write()), "no feature is above zero in all 9 samples")


# What the identifiers are

GOOD = {
    "ncbi_gene": ["24664", "1", "100302465"],
    "ensembl_gene": [
        "ENSRNOG00000000001", "ENSG00000000003.15", "ENSMUSG00000000001", "ENSDARG00000000001.9", "ENSGR0000182378",
        "ENSG00000182378.14_PAR_Y", "MGP_C57BL6NJ_G0000001", "FBgn0000003", "WBGene00000001", "YAL001C", "YBR085C-A",
        "YDL133C-A", "Q0045", "tA(AGC)D", "snR10", "R0010W",
    ],
    "mimat": ["MIMAT0000606", "MIMAT0062978"],
}  # fmt: skip
BAD = {
    "ncbi_gene": ["ENSRNOG00000000001", "Gad1", "007", "0", "1.5", "MIMAT0000606"],
    "ensembl_gene": ["Gad1", "24664", "ENST00000000233", "ENSP00000000233", "MIMAT0000606", "ERCC-00002", "ENSA", "Y1"],
    "mimat": ["rno-miR-7a-5p", "MI0000606", "24664", "MIMAT606"],
}


def test_a_transposed_matrix_is_not_blamed_for_its_features(make_study, faults):
    study = make_study()
    study.study["feature_id"] = "ensembl_gene"
    study.write()
    rows = [line.split("\t") for line in study.matrix_text().splitlines()]
    study.counts_path.write_text("\n".join("\t".join(column) for column in zip(*rows, strict=True)) + "\n")
    assert "feature_id" not in "\n".join(faults(study))


def test_forms_of_identifiers():
    for kind, names in GOOD.items():
        assert [name for name in names if not looks_like(name, kind)] == []
    for kind, names in BAD.items():
        assert [name for name in names if looks_like(name, kind)] == []


@pytest.mark.parametrize(
    ("names", "feature_id", "mend"),
    [
        ("ENSRNOG{:011d}", "ncbi_gene", "write feature_id: ensembl_gene"),
        ("{:d}", "ensembl_gene", "write feature_id: ncbi_gene"),
        ("rno-miR-{:d}", "mimat", "write feature_id: mirbase_name"),
        ("MIMAT{:07d}", "ncbi_gene", "write feature_id: mimat"),
        ("Gene{:d}", "ensembl_gene", "feature_id: symbol, mirbase_name or other"),
    ],
)
def test_feature_id_that_hardly_any_feature_has(make_study, the_fault, names, feature_id, mend):
    study = make_study()
    study.study["feature_id"] = feature_id
    study.features = [names.format(i + 1) for i in range(40)]
    text = the_fault(study.write())
    has(text, study.counts_path, f"says feature_id: {feature_id}, but 40 of 40 features are no ", mend)


@pytest.mark.parametrize(("right", "valid"), [(3, False), (4, True)])
def test_a_tenth_of_the_features_is_enough(make_study, load, faults, right, valid):
    study = make_study()
    study.study["feature_id"] = "ensembl_gene"
    study.features[:right] = [f"ENSRNOG{i:011d}" for i in range(right)]
    if not valid:
        has(faults(study.write())[0], f"but {40 - right} of 40 features are no Ensembl gene ids")
        return
    _, intake = taken(study, load)
    # What is no Ensembl id is not written down as one.
    assert intake.features["ensembl_gene"].notna().sum() == right
    assert intake.features["feature"].tolist() == study.features


@pytest.mark.parametrize(("feature_id", "form"), [("ensembl_gene", "ENSRNOG{:011d}"), ("ncbi_gene", "{:d}")])
def test_mirnas_named_by_gene_are_a_warning(make_study, load, feature_id, form):
    study = make_study()
    study.study |= {"assay": "mirna", "feature_id": feature_id}
    study.features = [form.format(i + 1) for i in range(40)]
    record, _ = taken(study, load)
    assert any("two arms of a hairpin cannot be told apart" in text for text in record["warnings"])
    study.study["assay"] = "mrna"
    assert not any("hairpin" in text for text in taken(study, load)[0]["warnings"])


# Whole numbers too low for counts


@pytest.fixture
def counts() -> np.ndarray:
    rng = np.random.default_rng(7)
    mean = rng.lognormal(4, 1.5, (250, 1)) * rng.uniform(0.6, 1.5, 9)
    return rng.negative_binomial(5, 5 / (5 + mean))


def of(study, values):
    study.counts = values.tolist()
    study.features = [f"Gene{i:03d}" for i in range(len(values))]
    return study


def test_logarithms_rounded_to_integers(make_study, the_fault, load, counts):
    low = np.rint(np.log2(counts + 1)).astype(int)
    study = of(make_study(), low)
    text = the_fault(study.write())
    has(
        text,
        study.counts_path,
        f"the largest of the values in 250 features is {low.max()}",
        "log-scale or scaled",
        "raw counts",
    )
    has(text, "counts: low_counts: true")
    study.study["counts"]["low_counts"] = True
    assert load(study.write()).studies["small"].record["counts"]["low_counts"] is True


@pytest.mark.parametrize(("largest", "valid"), [(29, False), (30, True)])
def test_sparse_counts_pass(make_study, load, faults, counts, largest, valid):
    low = np.minimum(counts // 10, 20)
    assert (low == 0).mean() > 0.15
    assert (low > 0).any(axis=1).sum() > 200
    low[0, 0] = largest
    study = of(make_study(), low).write()
    if valid:
        assert load(study).studies["small"].record["counts"]["low_counts"] is False
    else:
        has(faults(study)[0], "the largest of the values in 250 features is 29")


def test_small_panels_may_be_low(make_study, load, counts):
    load(of(make_study(), np.minimum(counts, 20)[:199]).write())


def test_logarithms_with_fractions_cannot_be_declared(make_study, the_fault, counts):
    study = of(make_study(), np.log2(counts + 1))
    study.study["counts"] |= {"low_counts": True, "rounding": "nearest", "rounding_reason": "no good one"}
    has(the_fault(study.write()), "normalised values, not counts", "log-scale values")


# Names that stand for nothing


def test_a_feature_called_na(make_study, the_fault, load):
    study = make_study()
    study.features[4] = "NA"
    has(the_fault(study.write()), study.counts_path, "row 5, value 'NA'", "a feature is called NA", "[NA]", "rename it")
    study.study["counts"]["drop_features"] = ["NA"]
    load(study.write())


@pytest.mark.parametrize("name", ["nan", "Na", "null", "NA1"])
def test_names_that_are_only_like_na(make_study, load, name):
    study = make_study()
    study.features[4] = study.samples[2]["sample"] = name
    _, intake = taken(study, load)
    assert name in intake.counts.columns
    assert name in intake.features["feature"].tolist()


def test_a_sample_called_na(make_study, the_fault):
    study = make_study()
    study.samples[2]["sample"] = "NA"
    has(
        the_fault(study.write()),
        study.sheet_path,
        "row 3, column sample, value 'NA'",
        "a sample is called NA",
        "rename",
    )
