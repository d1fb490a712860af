"""Set tests: what must hold whatever the data, and what bad input is told."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import polygamma

from acuomics.de.kernels.filtering import adjust_bh
from acuomics.de.kernels.lowess import lowess
from acuomics.linear_model import contrast_effects, moderated_t
from acuomics.mechanisms.settests.camera import camera, camera_input, z_scores
from acuomics.mechanisms.settests.expression import library_sizes
from acuomics.mechanisms.settests.fry import fry, standardise
from acuomics.mechanisms.settests.model import fit_contrasts, weighted_model
from acuomics.mechanisms.settests.table import COLUMNS, names_a_cell, set_tests
from acuomics.mechanisms.settests.ulm import ulm_sensitivity
from acuomics.moderation import estimate_prior, moderate, t_two_sided, trigamma_inverse
from acuomics.problems import InputError
from tests.limma import median_of_ratios

DESIGN = np.column_stack([np.ones(9), np.repeat([0, 1, 0], 3), np.repeat([0, 0, 1], 3)]).astype(float)
CONTRASTS = {"model": np.array([0.0, 1.0, 0.0]), "treatment": np.array([0.0, -1.0, 1.0])}


def make_counts(genes=300, seed=5):
    """Counts in which genes 0..19 rise fourfold in the second arm and fall back in the third; 290.. are silent."""
    rng = np.random.default_rng(seed)
    mean = np.exp2(rng.normal(7.0, 1.5, genes)) * np.ones((9, 1))
    mean[3:6, :20] *= 4.0
    counts = rng.poisson(rng.gamma(20.0, mean / 20.0)).astype(float)
    counts[:, 290:] = 0.0
    return counts


def factors_of(counts):
    return median_of_ratios(counts[:, :290])


def whole(first, last, sign=1.0):
    at = np.arange(first, last)
    return at, np.full(at.size, sign)


@pytest.fixture(scope="module")
def model():
    return weighted_model(make_counts(), DESIGN, factors_of(make_counts()))


@pytest.fixture(scope="module")
def fits(model):
    return fit_contrasts(model, CONTRASTS)


def row_of(table, contrast, name):
    return table.set_index(["contrast", "set"]).loc[(contrast, name)]


class TestTable:
    def test_a_planted_set_is_found_with_its_direction_and_others_are_not(self, model, fits):
        sets = {"up": whole(0, 20), "claimed down": whole(0, 20, -1.0), "still": whole(100, 130)}
        table = set_tests(model, fits, sets)
        assert list(table.columns) == list(COLUMNS)
        assert list(table["set"]) == [*sets, *sets]
        assert list(row_of(table, "model", "up")[["direction", "direction_camera"]]) == ["as_claimed"] * 2
        assert row_of(table, "treatment", "up")["direction"] == "against_claim"
        assert row_of(table, "model", "claimed down")["direction"] == "against_claim"
        assert row_of(table, "model", "up")["mean_log2fc"] == pytest.approx(2.0, abs=0.3)
        assert (table[table["set"] != "still"][["p_fry", "p_camera"]] < 1e-4).all(axis=None)
        assert (table[table["set"] == "still"][["p_fry", "p_camera"]] > 0.05).all(axis=None)
        np.testing.assert_allclose(table["q"], adjust_bh(table["p_fry"].to_numpy()))

    def test_small_and_silent_sets_are_said_and_kept(self, model, fits):
        sets = {
            "four": whole(0, 4),
            "five": whole(0, 5),
            "one": whole(7, 8),
            "silent": whole(295, 300),
            "none": whole(0, 0),
        }
        sets["half silent"] = whole(286, 294)
        table = set_tests(model, {"model": fits["model"]}, sets).set_index("set")
        assert dict(table["n_genes"]) == {"four": 4, "five": 5, "one": 1, "silent": 0, "none": 0, "half silent": 4}
        assert dict(table["n_not_expressed"]) == {
            "four": 0, "five": 0, "one": 0, "silent": 5, "none": 0, "half silent": 4
        }  # fmt: skip
        assert list(table.index[table["below_size"]]) == ["four", "one", "silent", "none", "half silent"]
        assert list(table.index[table["p_fry"].isna()]) == ["silent", "none"]
        assert list(table.index[table["q"].isna()]) == ["silent", "none"]
        assert table.loc["one", "p_fry_mixed"] == table.loc["one", "p_fry"]

    def test_cell_marker_sets_carry_a_caution_in_bulk_only(self, model, fits):
        sets = {
            "microglia": whole(0, 9),
            "Mast-cell": whole(0, 9),
            "astrocyte_markers": whole(0, 9),
            "cytokines": whole(0, 9),
        }
        table = set_tests(model, {"model": fits["model"]}, sets)
        assert list(table["caution"]) == ["cell-type signal"] * 3 + [""]
        assert set(set_tests(model, fits, sets, bulk=False)["caution"]) == {""}
        assert not names_a_cell("pro-inflammatory cytokines")

    def test_order_of_genes_and_of_set_members_does_not_matter(self, model, fits):
        order = np.random.default_rng(1).permutation(300)
        shuffled = weighted_model(make_counts()[:, order], DESIGN, factors_of(make_counts()))
        place = np.argsort(order)
        sets = {"a": (np.arange(10, 40), np.where(np.arange(30) % 2, 1.0, -1.0))}
        moved = {"a": (place[sets["a"][0]][::-1].copy(), sets["a"][1][::-1].copy())}
        one = set_tests(model, fits, sets)
        two = set_tests(shuffled, fit_contrasts(shuffled, CONTRASTS), moved)
        pd.testing.assert_frame_equal(one, two, rtol=1e-8)

    def test_size_factors_change_the_answer_only_by_what_they_say(self):
        counts = make_counts()
        same = library_sizes(counts, counts.sum(axis=1) * 7.0)
        np.testing.assert_allclose(same, counts.sum(axis=1), rtol=1e-12)
        factors = np.linspace(0.5, 2.0, 9)
        sizes = library_sizes(counts, factors)
        np.testing.assert_allclose(sizes / sizes[0], factors / factors[0], rtol=1e-12)
        fit = fit_contrasts(weighted_model(counts, DESIGN, size_factors=factors), CONTRASTS)["model"]
        plain = fit_contrasts(weighted_model(counts, DESIGN, None), CONTRASTS)["model"]
        assert fit.effects.log2fc.mean() < plain.effects.log2fc.mean() - 0.3

    def test_without_size_factors_genes_that_rise_make_others_fall(self, model, fits):
        """Why they are asked for: fry sees the composition of the libraries as a change of all genes."""
        sums = weighted_model(make_counts(), DESIGN, None)
        sets = {"still": whole(100, 130)}
        assert row_of(set_tests(sums, fit_contrasts(sums, CONTRASTS), sets), "model", "still")["p_fry"] < 0.01
        assert row_of(set_tests(model, fits, sets), "model", "still")["p_fry"] > 0.05


class TestKernels:
    def test_turning_all_signs_or_the_contrast_turns_the_direction_alone(self, model, fits):
        turned = fit_contrasts(model, {"model": -CONTRASTS["model"]})["model"]
        np.testing.assert_allclose(turned.effects.log2fc, -fits["model"].effects.log2fc, rtol=1e-9)
        at, signs = np.arange(10, 35), np.where(np.arange(25) % 3, 1.0, -1.0)
        results = []
        for fit, s in ((fits["model"], signs), (fits["model"], -signs), (turned, signs)):
            genes = camera_input(fit.effects, fit.tests)
            results.append((fry(standardise(fit.effects, fit.tests.prior), at, s), camera(genes, at, s)))
        for rotated, beside in results[1:]:
            assert rotated.t == pytest.approx(-results[0][0].t, rel=1e-6)
            assert beside.t == pytest.approx(-results[0][1].t, rel=1e-6)
            assert (rotated.p, rotated.p_mixed) == pytest.approx((results[0][0].p, results[0][0].p_mixed), rel=1e-6)
            assert (beside.p, beside.correlation) == pytest.approx(
                (results[0][1].p, results[0][1].correlation), rel=1e-6
            )

    def test_signed_camera_sees_a_set_that_moves_apart_as_claimed(self):
        rng = np.random.default_rng(4)
        y = rng.normal(size=(9, 400))
        signs = np.where(np.arange(20) % 2, 1.0, -1.0)
        y[3:6, :20] += 2.0 * signs
        fit = contrast_effects(y, DESIGN, CONTRASTS["model"])
        genes = camera_input(fit, moderated_t(fit))
        assert camera(genes, np.arange(20), signs).p < 1e-3
        assert camera(genes, np.arange(20), np.ones(20)).p > 0.05

    def test_weighted_effects_are_the_weighted_least_squares_fit(self):
        rng = np.random.default_rng(2)
        y, weights = rng.normal(size=(9, 6)), rng.uniform(0.2, 5.0, (9, 6))
        fit = contrast_effects(y, DESIGN, CONTRASTS["treatment"], weights)
        for gene in range(6):
            w = np.diag(weights[:, gene])
            inverse = np.linalg.inv(DESIGN.T @ w @ DESIGN)
            beta = inverse @ DESIGN.T @ w @ y[:, gene]
            residual = y[:, gene] - DESIGN @ beta
            c = CONTRASTS["treatment"]
            assert fit.log2fc[gene] == pytest.approx(c @ beta)
            assert fit.unscaled_sd[gene] == pytest.approx(np.sqrt(c @ inverse @ c))
            assert fit.variances[gene] == pytest.approx(residual @ w @ residual / 6)

    def test_mixed_p_of_small_sets_is_that_of_rotations(self):
        """Also of sets with fewer genes than effects; the beta distribution is an approximation, good to 0.1."""
        rng = np.random.default_rng(0)
        effects = rng.normal(size=(7, 40)) * rng.uniform(0.4, 2.0, 40)
        for m in (2, 3, 7, 30):
            p, rotated = [], []
            for _ in range(150):
                at = rng.choice(40, m, replace=False)
                rows = effects[rng.permutation(7)]
                p.append(fry(rows, at, np.ones(m)).p_mixed)
                u = rng.normal(size=(1000, 7))
                u /= np.sqrt((u**2).sum(axis=1))[:, None]
                null = ((u @ rows[:, at]) ** 2).sum(axis=1)
                rotated.append((null >= (rows[0, at] ** 2).sum()).mean())
            assert np.abs(np.array(p) - rotated).max() < 0.12
            assert abs(np.mean(p) - np.mean(rotated)) < 0.02

    def test_lowess_of_r(self):
        """R 4.2: lowess(cars), the example of its help page, with the default step and span 2/3."""
        speed = (
            "4 4 7 7 8 9 10 10 10 11 11 12 12 12 12 13 13 13 13 14 14 14 14 15 15 "
            "15 16 16 17 17 17 18 18 18 18 19 19 19 20 20 20 20 20 22 23 24 24 24 24 25"
        )
        dist = (
            "2 10 4 22 16 10 18 26 34 17 28 14 20 24 28 26 34 34 46 26 36 60 80 20 26 "
            "54 32 40 32 40 50 42 56 76 84 36 46 68 32 48 52 56 64 66 54 70 92 93 120 85"
        )
        fitted = lowess(np.array(speed.split(), dtype=float), np.array(dist.split(), dtype=float), 2 / 3)
        expected = {0: 4.9654592771868815, 25: 36.7577283416497167, 49: 84.3286980968341879}
        for at, value in expected.items():
            assert fitted[at] == pytest.approx(value, rel=1e-12)

    def test_moderation(self):
        for x in (1e-8, 1e-3, 0.5, 3.0, 1e9):
            assert float(polygamma(1, trigamma_inverse(x))) == pytest.approx(x, rel=1e-6)
        rng = np.random.default_rng(6)
        drawn = 2.0 * 8.0 / rng.chisquare(8.0, 50_000) * rng.chisquare(5.0, 50_000) / 5.0
        prior = estimate_prior(drawn, 5.0)
        assert (prior.df, prior.variance) == (pytest.approx(8.0, rel=0.05), pytest.approx(2.0, rel=0.02))
        assert np.isinf(estimate_prior(np.linspace(0.9, 1.1, 100), 5.0).df)
        posterior = moderate(np.array([0.0, 2.0, 9.0]), 5.0, prior)
        assert (np.diff(posterior) > 0).all() and posterior[0] > 1.0 and posterior[2] < 9.0
        # Genes without any residual variance neither stop the estimate nor make it infinite.
        assert np.isfinite(estimate_prior(np.append(drawn[:100], np.zeros(3)), 5.0).variance)

    def test_tails(self):
        t = np.array([-40.0, -3.0, 0.0, 1e-6, 2.0, 400.0])
        np.testing.assert_allclose(t_two_sided(t, 6.5), 2.0 * stats.t.sf(np.abs(t), 6.5), rtol=1e-10)
        exact = stats.norm.isf(stats.t.sf(np.abs(t[:-1]), 6.5)) * np.sign(t[:-1])
        np.testing.assert_allclose(z_scores(t, 6.5)[:-1], exact, rtol=1e-3, atol=1e-9)
        assert np.array_equal(z_scores(t, np.inf), t)


class TestBadInput:
    def told(self, call):
        with pytest.raises(InputError) as caught:
            call()
        return [str(problem) for problem in caught.value.problems]

    def test_sets_all_at_once(self, model, fits):
        sets = {
            "a": (np.array([1, 1, 400, -2]), np.array([1.0, 1.0, 1.0, 1.0])),
            "b": (np.array([1, 2]), np.array([1.0, 0.5])),
            "c": (np.array([1, 2]), np.array([1.0])),
            "fine": whole(3, 9),
        }
        told = self.told(lambda: set_tests(model, fits, sets))
        assert len(told) == 5
        assert "sets, row a, column gene, value '400': no such gene among 300" in told[0]
        assert "value '-2'" in told[1]
        assert "named twice" in told[2]
        assert "row b, column sign, value '0.5'" in told[3]
        assert "row c: 2 genes and 1 signs" in told[4]
        assert self.told(lambda: ulm_sensitivity(model, fits, sets)) == told

    def test_model(self):
        counts = make_counts()
        bad = counts.copy()
        bad[2, 7] = -1.0
        bad[3, 8] = np.nan
        deficient = np.column_stack([DESIGN, DESIGN[:, 1] + DESIGN[:, 2]])
        told = self.told(lambda: weighted_model(bad, deficient, size_factors=np.zeros(9)))
        assert len(told) == 4
        assert "counts, row 3, column 8, value '-1.0'" in told[0]
        assert "rank 3 of 4" in told[2]
        assert "size factors" in told[3]
        empty = counts.copy()
        empty[4] = 0.0
        assert "row 5: the library has no counts" in self.told(lambda: weighted_model(empty, DESIGN, None))[0]
        assert "no residual" in self.told(lambda: weighted_model(counts[:3], DESIGN[[0, 3, 6]], None))[0]
        assert "same samples" in self.told(lambda: weighted_model(counts[:8], DESIGN, None))[0]
        assert "0 genes are expressed" in self.told(lambda: weighted_model(counts * 0.0 + 1.0, DESIGN, None))[0]

    def test_contrasts(self, model):
        told = self.told(lambda: fit_contrasts(model, {"x": np.zeros(3), "y": np.ones(2)}))
        assert told[0].startswith("contrasts, row x: all weights are zero")
        assert told[1].startswith("contrasts, row y: not 3 finite weights")


ULM_SETS = {
    "one": whole(7, 8),
    "up": whole(0, 20),
    "silent": whole(292, 299),
    "signed": (np.arange(30), np.where(np.arange(30) < 15, 1.0, -1.0)),
}


class TestUlm:
    def expected(self, model, fit, name):
        at, signs = model.locate(ULM_SETS[name])
        x = np.zeros(fit.tests.t.size)
        x[at] = signs
        return stats.linregress(x, fit.tests.t)

    def test_without_decoupler_there_is_a_reason(self, model, fits, monkeypatch):
        monkeypatch.setitem(sys.modules, "decoupler", None)
        result = ulm_sensitivity(model, fits, ULM_SETS)
        assert result.table is None
        assert "decoupler" in result.reason

    def test_p_is_raw_and_small_sets_stay(self, model, fits, monkeypatch):
        """With a stand-in that does as decoupler 2.2: t statistics, and p already adjusted."""
        seen = {}

        def ulm(data, net, *, tmin, empty):
            seen.update(tmin=tmin, empty=empty)
            scores = {}
            for source, part in net.groupby("source"):
                x = pd.Series(0.0, index=data.columns)
                x[part["target"]] = part["weight"].to_numpy()
                fitted = [stats.linregress(x, data.loc[contrast]) for contrast in data.index]
                scores[source] = [f.slope / f.stderr for f in fitted]
            es = pd.DataFrame(scores, index=data.index)
            return es, es * 0.0 + 0.77

        stand_in = ModuleType("decoupler")
        stand_in.mt = SimpleNamespace(ulm=ulm)
        monkeypatch.setitem(sys.modules, "decoupler", stand_in)
        self.check(ulm_sensitivity(model, fits, ULM_SETS), model, fits)
        assert seen == {"tmin": 1, "empty": False}

    def test_with_decoupler_itself(self, model, fits):
        pytest.importorskip("decoupler", reason="decoupler is not installed")
        self.check(ulm_sensitivity(model, fits, ULM_SETS), model, fits)

    def check(self, result, model, fits):
        assert result.reason == ""
        assert list(result.table["set"]) == [*ULM_SETS, *ULM_SETS]
        for contrast, fit in fits.items():
            for name in ("one", "up", "signed"):
                expected = self.expected(model, fit, name)
                row = row_of(result.table, contrast, name)
                assert row["sensitivity_ulm_t"] == pytest.approx(expected.slope / expected.stderr, rel=1e-4)
                assert row["sensitivity_ulm_p"] == pytest.approx(expected.pvalue, rel=1e-3)
        assert result.table[result.table["set"] == "silent"]["sensitivity_ulm_p"].isna().all()
