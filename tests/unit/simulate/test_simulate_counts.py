"""The simulator: reproducible, as stated, and clear about faults of its tables."""

import gzip
import hashlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from acuomics.problems import InputError
from acuomics.simulate.classes import CLASSES, PLANTED, class_of
from acuomics.simulate.counts import simulate_counts, study_seed, three_arms, write_counts
from acuomics.simulate.features import no_features
from acuomics.simulate.spec import SimulationSpec

SHARES = dict.fromkeys(PLANTED, 0.02)
SPEC = SimulationSpec(n_features=500, depth_mean=5e5, shares=SHARES)


def listed(**changes):
    row = {
        "feature": "24387",
        "symbol": "Gfap",
        "class": "partial",
        "log2fc_model": 1.2,
        "log2fc_treatment": -0.7,
        "base_mean": 900.0,
    }
    return pd.DataFrame([{**row, **changes}])


def test_same_seed_same_bytes(tmp_path):
    digests = set()
    for name in ("first.tsv.gz", "second.tsv.gz"):
        counts, _ = simulate_counts(SPEC, no_features(), three_arms(SPEC, 6), study_seed(1, "demo"))
        write_counts(counts, tmp_path / name)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1


def test_written_counts_are_the_counts(tmp_path):
    counts, _ = simulate_counts(SPEC, no_features(), three_arms(SPEC, 2), 1)
    write_counts(counts, tmp_path / "counts.tsv.gz")
    with gzip.open(tmp_path / "counts.tsv.gz", "rt") as file:
        back = pd.read_csv(file, sep="\t")
    pd.testing.assert_frame_equal(back, counts)


def test_other_seed_other_counts_and_other_study_other_counts():
    samples = three_arms(SPEC, 6)
    frames = [
        simulate_counts(SPEC, no_features(), samples, seed)[0].iloc[:, 2:]
        for seed in (study_seed(1, "a"), study_seed(2, "a"), study_seed(1, "b"))
    ]
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert (frames[i] != frames[j]).to_numpy().mean() > 0.5


def test_study_seed_does_not_depend_on_the_process():
    assert study_seed(7, "demo_phn_mrna") == [
        7,
        int(hashlib.sha256(b"demo_phn_mrna").hexdigest()[:16], 16),
    ]


def test_more_samples_keep_the_truth():
    _, few = simulate_counts(SPEC, no_features(), three_arms(SPEC, 3), 1)
    _, many = simulate_counts(SPEC, no_features(), three_arms(SPEC, 9), 1)
    pd.testing.assert_frame_equal(few, many)


def test_shape_names_and_types():
    counts, truth = simulate_counts(SPEC, listed(), three_arms(SPEC, 4), 1)
    assert list(counts.columns[:4]) == ["feature", "symbol", "control_1", "control_2"]
    assert counts.shape == (500, 14)
    assert counts["feature"].is_unique
    assert counts["feature"].iloc[0] == "24387"
    assert counts["feature"].iloc[1] == counts["symbol"].iloc[1] == "SimGene00001"
    assert (counts.dtypes.iloc[2:] == np.int64).all()
    assert list(truth["feature"]) == list(counts["feature"])


def test_every_class_is_planted_in_its_share_and_its_effects_make_the_class():
    _, truth = simulate_counts(replace(SPEC, n_features=2000), no_features(), three_arms(SPEC, 2), 1)
    sizes = truth["class"].value_counts()
    assert {name: sizes[name] for name in PLANTED} == dict.fromkeys(PLANTED, 40)
    remade = [class_of(m, t) for m, t in zip(truth["log2fc_model"], truth["log2fc_treatment"], strict=True)]
    assert remade == list(truth["class"])
    leading = truth["log2fc_model"].where(truth["class"] != "treatment_only", truth["log2fc_treatment"])
    leading = leading[truth["class"] != "null"].abs()
    assert leading.between(SPEC.min_log2fc, SPEC.max_log2fc).all()
    assert not np.signbit(truth.loc[truth["class"] == "untouched", "log2fc_treatment"]).any()


def test_a_null_study_has_no_effects():
    _, truth = simulate_counts(SPEC.null(), no_features(), three_arms(SPEC, 3), 1)
    assert set(truth["class"]) == {"null"}
    assert not truth[["log2fc_model", "log2fc_treatment"]].to_numpy().any()


def test_listed_features_keep_what_is_stated():
    _, truth = simulate_counts(SPEC, listed(), three_arms(SPEC, 3), 1)
    row = truth.iloc[0]
    assert row["class"] == "partial"
    assert (row["log2fc_model"], row["log2fc_treatment"], row["base_mean"]) == (1.2, -0.7, 900.0)
    assert truth["base_mean"].sum() == pytest.approx(SPEC.depth_mean)


def test_some_features_are_never_seen():
    spec = replace(SPEC, n_features=3000, low_share=0.2, low_median=0.05)
    counts, truth = simulate_counts(spec, no_features(), three_arms(spec, 3), 1)
    unseen = counts.iloc[:, 2:].sum(axis=1) == 0
    assert 0.05 < unseen.mean() < 0.2
    assert (truth.loc[unseen, "class"] == "null").all()


@pytest.mark.parametrize(
    ("model", "treatment", "expected"),
    [
        (0, 0, "null"),
        (1, 0, "untouched"),
        (1, -0.5, "partial"),
        (-1, 1, "full"),
        (1, -1.5, "overcorrected"),
        (-1, -0.5, "aggravated"),
        (0, -1, "treatment_only"),
    ],
)
def test_class_of(model, treatment, expected):
    assert class_of(model, treatment) == expected
    assert expected in CLASSES


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"class": "full"}, "these effects make the class partial"),
        ({"class": "reversed"}, "unknown class"),
        ({"log2fc_model": np.nan}, "log2 fold change is missing"),
        ({"base_mean": -1.0}, "must be a positive number"),
        ({"feature": ""}, "no identifier"),
    ],
)
def test_faulty_feature_is_named(change, message):
    with pytest.raises(InputError, match=message) as error:
        simulate_counts(SPEC, listed(**change), three_arms(SPEC, 2), 1)
    assert "features.tsv, row 1" in str(error.value)


def test_repeated_feature_and_too_many_features_are_reported_together():
    twice = pd.concat([listed(), listed()])
    with pytest.raises(InputError) as error:
        simulate_counts(replace(SPEC, n_features=1), twice, three_arms(SPEC, 2), 1)
    assert "stands there twice" in str(error.value)
    assert "2 features are listed, but the study has only 1" in str(error.value)


def test_missing_column_is_named():
    with pytest.raises(InputError, match="column base_mean: the column is missing"):
        simulate_counts(SPEC, listed().drop(columns="base_mean"), three_arms(SPEC, 2), 1)


def test_sample_of_no_arm_is_named():
    samples = three_arms(SPEC, 2).replace({"RTX_EA": "RTX-EA"})
    with pytest.raises(InputError, match="sample 'RTX_EA_1' is of none of the simulated arms"):
        simulate_counts(SPEC, no_features(), samples, 1)


def test_given_means_beyond_the_library_size_are_refused():
    with pytest.raises(InputError, match="exceed the mean library size"):
        simulate_counts(SPEC, listed(base_mean=1e6), three_arms(SPEC, 2), 1)


def test_contradicting_parameters_are_reported_together():
    spec = replace(SPEC, shares={"full": 0.9, "partial": 0.3}, min_log2fc=3.0, model="control")
    text = "\n".join(str(problem) for problem in spec.check("study.yaml").found)
    assert "the shares add up to more than one" in text
    assert "min_log2fc exceeds max_log2fc" in text
    assert "two arms have the same level" in text
