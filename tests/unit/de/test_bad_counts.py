"""Features that strain a fit: each has a status, none brings an exception, a warning or a NaN without a reason."""

import warnings

import numpy as np
import pandas as pd
import pytest

from acuomics.de.kernels import glm
from acuomics.de.study import StudyResult, analyse_study
from acuomics.problems import InputError

ARMS = ("control", "RTX", "EA")
ENGINES = ["deseq2", "pydeseq2"]
#: Position of each odd feature.
ODD = {
    name: k
    for k, name in enumerate(
        [
            "all_zero",
            "one_count",
            "one_sample",
            "huge",
            "huge_once",
            "silent_arm",
            "one_arm",
            "constant",
            "wild",
            "steady",
        ]
    )
}


def record_of(samples: list[dict[str, str]], design: str = "~ condition") -> dict:
    arms = {sample["condition"] for sample in samples}
    pairs = [("model", "RTX", "control"), ("treatment", "EA", "RTX")]
    return {
        "study": "odd",
        "design": design,
        "samples": samples,
        "contrasts": [
            {"contrast": r, "factor": "condition", "numerator": t, "denominator": d, "covariates": [], "role": r}
            for r, t, d in pairs
            if {t, d} <= arms
        ],
    }


def counts_of(samples: list[dict[str, str]], seed: int = 5, n: int = 150) -> pd.DataFrame:
    """Ordinary counts, and the odd features first."""
    rng = np.random.default_rng(seed)
    condition = np.array([s["condition"] for s in samples])
    mean = np.exp(rng.normal(5, 1.2, n))
    size = 1.0 / (0.08 + 2.0 / mean)
    counts = rng.poisson(rng.gamma(size, mean / size, (len(samples), n))).astype(np.int64)
    counts[:, ODD["all_zero"]] = counts[:, ODD["one_count"]] = counts[:, ODD["one_sample"]] = 0
    counts[0, ODD["one_count"]], counts[0, ODD["one_sample"]] = 1, 5_000
    counts[:, ODD["huge"]] = 2**31 - 1 - rng.integers(0, 2**30, len(samples))
    counts[0, ODD["huge_once"]] = 2**31
    counts[condition == "control", ODD["silent_arm"]] = 0
    counts[condition != "control", ODD["one_arm"]] = 0
    counts[:, ODD["constant"]] = 40
    counts[:, ODD["wild"]] = rng.choice([0, 1, 100_000], len(samples))  # dispersion at its upper bound
    counts[:, ODD["steady"]] = 1_000 + np.arange(len(samples)) % 2  # and at its lower
    frame = pd.DataFrame(counts.T, columns=[s["sample"] for s in samples])
    frame.insert(0, "feature", [*ODD, *[f"g{k}" for k in range(n - len(ODD))]])
    return frame


def three_arms(n: int) -> list[dict[str, str]]:
    return [{"sample": f"{a}{k}", "condition": a} for a in ARMS for k in range(n)]


def analyse(samples: list[dict[str, str]], engine: str, design: str = "~ condition") -> StudyResult:
    """Analyse odd counts; a warning of ours is an error, PyDESeq2's own are few."""
    frame = counts_of(samples)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        result = analyse_study(
            record_of(samples, design), frame, [None] * len(frame), engine=engine, rate=0.05, power=0.8
        )
    seen = [w for w in seen if not issubclass(w.category, DeprecationWarning | FutureWarning)]
    assert len(seen) <= (0 if engine == "deseq2" else 3), [str(w.message) for w in seen]
    return result


def reasons_hold(result: StudyResult) -> None:
    """Every missing value has its reason in `status`."""
    for table in result.tables.values():
        status = table["status"]
        assert set(status) <= {"tested", "low_count", "outlier", "all_zero", "not_converged"}
        assert (table["p"].isna() == status.isin(["outlier", "all_zero", "not_converged"])).all()
        assert (table["q"].isna() == (status != "tested")).all()
        live = status != "all_zero"
        assert np.isfinite(table.loc[live, "log2fc"]).all()
        assert np.isfinite(table.loc[live & table["log2fc_se"].notna(), ["log2fc_shrunk", "log2fc_shrunk_se"]]).all(
            None
        )
        # Without a standard error nothing is known: the outlier was all there was, and p says so.
        assert (table.loc[live & table["log2fc_se"].isna(), "p"].fillna(1.0) == 1.0).all()
        assert table.loc[status == "tested", "p"].between(0.0, 1.0).all()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("n", [3, 8])
def test_odd_features_have_a_status(engine, n):
    result = analyse(three_arms(n), engine)
    reasons_hold(result)
    model = result.tables["model"].set_index("feature")
    assert list(model.index[model["status"] == "all_zero"]) == ["all_zero"]
    assert model.loc["all_zero", ["log2fc", "p", "q"]].isna().all()
    # Separable: an estimate far out, uncertain, of the right sign.
    assert 5.0 < model.loc["silent_arm", "log2fc"] < 45.0 and -45.0 < model.loc["one_arm", "log2fc"] < -5.0
    assert model.loc["silent_arm", "p"] < 1.0
    assert model.loc["huge", "base_mean"] > 1e9 and abs(model.loc["huge", "log2fc"]) < 3.0
    # A count of 2^31 among hundreds is an outlier: flagged in small cells, replaced in large ones.
    assert model.loc["huge_once", "status"] == ("outlier" if n == 3 else "tested")
    assert model.loc["constant", "status"] in {"tested", "low_count"} and abs(model.loc["constant", "log2fc"]) < 1.5
    dispersions = result.dispersions.set_index("feature")
    assert dispersions.loc["steady", "genewise"] < 1e-6
    assert dispersions.loc["wild", "genewise"] >= 0.99 * max(10.0, 3 * n) or dispersions.loc["wild", "genewise"] > 5.0


@pytest.mark.parametrize("engine", ENGINES)
def test_one_residual_degree_of_freedom(engine):
    samples = [
        {"sample": f"{a}{b}", "condition": a, "batch": b} for a in ("control", "RTX") for b in ("b1", "b2")
    ]  # four samples, three coefficients
    result = analyse(samples, engine, "~ batch + condition")
    assert result.fit["residual_df"] == 1
    reasons_hold(result)
    assert result.tables["model"]["p"].notna().sum() > 130


def test_a_fit_that_does_not_converge_is_not_tested(monkeypatch):
    """The iteration of the first features fails, and so does the search for the maximum after it."""
    iterate, maximise, left = glm._reweighted_least_squares, glm._penalised_newton, []

    def give_up(y, *given):
        beta, failed = iterate(y, *given)
        failed[:3] = True
        return beta, failed

    def stop_early(*given):
        beta, settled = maximise(*given, max_iterations=1)
        left.append(np.count_nonzero(~settled))
        return beta, settled

    monkeypatch.setattr(glm, "_reweighted_least_squares", give_up)
    monkeypatch.setattr(glm, "_penalised_newton", stop_early)
    result = analyse(three_arms(3), "deseq2")
    reasons_hold(result)
    assert result.fit["n_not_converged"] == sum(left) >= 3
    for table in result.tables.values():
        assert (table["status"] == "not_converged").sum() >= 2


def silent_study() -> tuple[dict, pd.DataFrame]:
    """Zeros and single counts, one feature with three everywhere: there is no dispersion to estimate."""
    samples = three_arms(3)
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(np.where(rng.random((60, 9)) < 0.3, 1, 0), columns=[s["sample"] for s in samples])
    frame.iloc[0] = 3
    frame.insert(0, "feature", [f"g{k}" for k in range(60)])
    return record_of(samples), frame


def test_counts_that_say_nothing_have_an_answer():
    record, frame = silent_study()
    result = analyse_study(record, frame, [None] * 60, engine="deseq2", rate=0.05, power=0.8)
    reasons_hold(result)
    assert (result.summary["n_q"] == 0).all()


def test_where_pydeseq2_stops_the_user_reads_why():
    record, frame = silent_study()
    with warnings.catch_warnings(), pytest.raises(InputError, match="engine") as caught:
        warnings.simplefilter("ignore")
        analyse_study(record, frame, [None] * 60, engine="pydeseq2", rate=0.05, power=0.8)
    assert len(caught.value.problems) == 1


def test_many_samples_of_next_to_no_counts():
    """Their estimates hang on the floor of the means, and may point away from the likelihood's: no reason to stop."""
    samples = three_arms(33)
    rng = np.random.default_rng(12)
    mean = np.exp(rng.normal(-1.0, 1.0, 400))
    size = rng.uniform(0.05, 0.5, 400)
    mean[:40], size[:40] = 200.0, 20.0  # counted in every sample
    depth = np.exp(rng.normal(0.0, 0.4, 99))[:, None]
    frame = pd.DataFrame(rng.poisson(rng.gamma(size, mean * depth / size)).T, columns=[s["sample"] for s in samples])
    frame.insert(0, "feature", [f"g{k}" for k in range(400)])
    result = analyse_study(record_of(samples), frame, [None] * 400, engine="deseq2", rate=0.05, power=0.8)
    reasons_hold(result)
    pointless = 0
    for table in result.tables.values():
        assert not (table["log2fc"] * table["log2fc_shrunk"] < 0).any()
        pointless += int(((table["log2fc_shrunk"] == 0) & (table["log2fc"].abs() > 0.25 * table["log2fc_se"])).sum())
    assert pointless > 0  # else this test tests nothing
