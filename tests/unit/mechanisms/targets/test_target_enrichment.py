"""The empirical test of miRNA targets: uniform without an effect, blind to well-studied miRNAs, and quick."""

import time

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from acuomics.mechanisms.targets.counting import count_distinct, pack_targets
from acuomics.mechanisms.targets.enrichment import STATUSES, enrich
from acuomics.mechanisms.targets.matching import draw_sets, match_bins
from acuomics.problems import InputError


def frame(matrix: np.ndarray) -> pd.DataFrame:
    i, j = np.nonzero(matrix)
    return pd.DataFrame({"mimat": [f"M{k:03d}" for k in i], "target_ncbi": [str(k + 1) for k in j]})


def ids(positions) -> list[str]:
    return [str(k + 1) for k in positions]


def heavy_tailed(rng: np.random.Generator, n_mirnas: int, n_genes: int) -> np.ndarray:
    """Targets whose numbers a few miRNAs and a few genes dominate, as in validated tables."""
    appeal = rng.lognormal(0.0, 1.0, n_genes)
    matrix = np.zeros((n_mirnas, n_genes), dtype=bool)
    for i, n in enumerate(np.minimum(np.ceil(rng.lognormal(1.8, 1.0, n_mirnas)).astype(int), n_genes // 4)):
        matrix[i, rng.choice(n_genes, n, replace=False, p=appeal / appeal.sum())] = True
    return matrix


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(5)
    matrix = heavy_tailed(rng, 150, 600)
    expression = {f"M{i:03d}": float(value) for i, value in enumerate(rng.lognormal(4, 2, 150))}
    return matrix, frame(matrix), expression, ids(range(600))


def test_counts_equal_the_plain_ones():
    rng = np.random.default_rng(0)
    matrix = rng.random((30, 700)) < 0.1
    sets = [np.arange(3), np.array([], dtype=int), np.arange(64), np.arange(5, 400), np.arange(700)]
    draws = np.stack([rng.choice(30, 6, replace=False) for _ in range(1200)])
    counted = count_distinct(pack_targets(matrix, sets), draws)
    plain = [[int(matrix[draw][:, columns].any(axis=0).sum()) for columns in sets] for draw in draws]
    assert (counted == plain).all()


def test_random_mirna_sets_have_uniform_p(world):
    """500 sets of miRNAs drawn without regard to anything; ties are spread evenly (randomised p)."""
    matrix, targets, expression, universe = world
    rng = np.random.default_rng(11)
    # A set of popular genes: a test against random genes would find it every time.
    sets = {"popular": ids(np.argsort(-matrix.sum(axis=0))[:60])}
    p = []
    for seed in range(500):
        chosen = rng.choice(sorted(expression), 12, replace=False)
        result = enrich(targets, chosen, expression, universe, sets, draws=499, seed=seed).table.iloc[0]
        p.append((result["n_greater"] + rng.random() * (1 + result["n_equal"])) / 500)
    assert kstest(p, "uniform").pvalue > 0.01


def test_p_is_never_too_small_under_the_null(world):
    matrix, targets, expression, universe = world
    rng = np.random.default_rng(12)
    sets = {"popular": ids(np.argsort(-matrix.sum(axis=0))[:60])}
    small = 0
    for seed in range(200):
        chosen = rng.choice(sorted(expression), 12, replace=False)
        small += enrich(targets, chosen, expression, universe, sets, draws=199, seed=seed).table["p"][0] <= 0.05
    # 99.9 % point of a binomial(200, 0.05).
    assert small <= 20


def test_planted_enrichment_is_found(world):
    matrix, _, expression, universe = world
    matrix = matrix.copy()
    members = np.arange(100, 130)
    # Twelve miRNAs with middling numbers of targets get one target each moved into the set.
    chosen = np.flatnonzero((matrix.sum(axis=1) >= 4) & (matrix.sum(axis=1) <= 12))[:12]
    for k, i in enumerate(chosen):
        matrix[i, np.flatnonzero(matrix[i])[0]] = False
        matrix[i, members[2 * k % 30]] = True
    sets = {"planted": ids(members), "other": ids(range(200, 260))}
    result = enrich(frame(matrix), [f"M{i:03d}" for i in chosen], expression, universe, sets)
    table = result.table.set_index("mechanism_id")
    assert table.loc["planted", "enriched"] and table.loc["planted", "p"] < 0.001
    assert table.loc["planted", "observed"] > 2 * table.loc["planted", "expected"]
    assert "where matched random miRNAs target" in table.loc["planted", "statement"]
    assert not table.loc["other", "enriched"]
    assert table.loc["other", "statement"].startswith("no statement from miRNAs to this set")


def test_many_targets_alone_are_no_enrichment(world):
    """Chosen for their many targets, miRNAs hit every set often; so do miRNAs with as many."""
    matrix, targets, expression, universe = world
    by_degree = np.argsort(-matrix.sum(axis=1), kind="stable")
    chosen = [f"M{i:03d}" for i in by_degree[:40:2]]
    sets = {f"S{k}": ids(range(40 * k, 40 * k + 40)) for k in range(15)}
    result = enrich(targets, chosen, expression, universe, sets)
    assert not result.table["enriched"].any()
    assert result.table["p"].min() > 0.01
    # The same miRNAs against unmatched ones would look enriched in nearly all sets.
    rng = np.random.default_rng(3)
    unmatched = np.array([matrix[rng.choice(150, 20, replace=False)].any(axis=0) for _ in range(500)])
    observed = matrix[by_degree[:40:2]].any(axis=0)
    p = [
        (1 + (unmatched[:, a : a + 40].sum(axis=1) >= observed[a : a + 40].sum()).sum()) / 501
        for a in range(0, 600, 40)
    ]
    assert np.median(p) < 0.01


def test_a_set_that_cannot_be_matched_says_so(world):
    matrix, _, expression, universe = world
    # Five miRNAs with ten times the targets of all others: no random set has as many.
    matrix = matrix & (np.cumsum(matrix, axis=1) <= 6)
    for i in range(5):
        matrix[i, 60 * i : 60 * i + 60] = True
    chosen = [f"M{i:03d}" for i in range(4)]
    result = enrich(frame(matrix), chosen, expression, universe, {"a": universe[:30], "b": universe[30:60]}, draws=2000)
    assert set(result.table["status"]) == {"target_count_unmatched"}
    assert not result.table["enriched"].any()
    assert "no statement" in result.table["statement"][0]
    notes = " ".join(result.facts["notes"])
    assert "classes of target counts were too small and are one" in notes and "matching failed" in notes
    assert result.facts["distinct_targets"]["observed"] > result.facts["distinct_targets"]["high"]


def test_bins_do_not_depend_on_which_mirnas_are_chosen(world):
    """Bins widened because of the chosen miRNAs make p too small; the size of the set is all they may know."""
    matrix, _, expression, _ = world
    degree, values = matrix.sum(axis=1), np.array(list(expression.values()))
    bins: dict[int, tuple[int, ...]] = {}
    for k in range(40):
        chosen = np.zeros(150, dtype=bool)
        chosen[np.random.default_rng(k).choice(150, 20, replace=False) if k else np.argsort(-degree)[:20]] = True
        for members in match_bins(degree, values, chosen).bins:
            for member in members:
                assert bins.setdefault(int(member), tuple(members)) == tuple(members)
    assert len(bins) == 150


def test_random_sets_match_in_size_targets_and_expression(world):
    matrix, _, expression, _ = world
    degree = matrix.sum(axis=1)
    values = np.array(list(expression.values()))
    chosen = np.zeros(150, dtype=bool)
    chosen[np.random.default_rng(8).choice(150, 10, replace=False)] = True
    matching = match_bins(degree, values, chosen)
    assert sum(matching.wanted) == 10
    sets = draw_sets(matching, 300, np.random.default_rng(0))
    assert sets.shape == (300, 10)
    assert all(len(set(draw)) == 10 for draw in sets)
    for members, k in zip(matching.bins, matching.wanted, strict=True):
        assert (np.isin(sets, members).sum(axis=1) == k).all()
        assert members.size >= 8 > k
    assert abs(degree[sets].sum(axis=1).mean() / degree[chosen].sum() - 1) < 0.15


def test_every_status_and_no_silence(world):
    _, _, expression, universe = world
    targets = pd.DataFrame({"mimat": ["M000"] * 3 + ["M001"] * 2, "target_ncbi": ["1", "2", "3", "1", "9"]})
    sets = {"absent": ["99999"], "untargeted": ["50", "51"], "some": ["1", "2"]}

    def status(chosen, **options):
        table = enrich(targets, chosen, expression, universe, sets, draws=50, **options).table
        assert table.loc[table["status"] != "tested", "p"].isna().all()
        return dict(zip(table["mechanism_id"], table["status"], strict=True))

    assert status(["M000"]) == {"absent": "no_gene_expressed", "untargeted": "no_target_in_set", "some": "tested"}
    assert status(["M002"])["some"] == "no_mirna_with_targets"
    assert status([])["some"] == "no_mirna_with_targets"
    assert status(["M000", "M001"])["some"] == "nothing_to_draw"
    assert set(STATUSES) - {"target_count_unmatched"} == {
        *status(["M000"]).values(),
        *status([]).values(),
        *status(["M000", "M001"]).values(),
    }


def test_few_distinct_sets_are_told(world):
    _, _, expression, universe = world
    targets = pd.DataFrame({"mimat": [f"M{i:03d}" for i in range(6)], "target_ncbi": ids(range(6))})
    result = enrich(targets, ["M000"], expression, universe, {"a": ["1"]}, draws=100)
    assert result.facts["distinct_sets"] == 6
    assert any("only 6 matched sets are distinct: p cannot be under 0.167" in note for note in result.facts["notes"])
    assert result.table["p"][0] > 0.05


def test_the_same_seed_gives_the_same_result_whatever_the_order(world):
    _, targets, expression, universe = world
    sets = {"a": universe[:50], "b": universe[20:90]}
    chosen = sorted(expression)[::11]
    first = enrich(targets, chosen, expression, universe, sets, draws=300)
    shuffled = enrich(
        targets.sample(frac=1, random_state=1),
        chosen[::-1],
        dict(reversed(expression.items())),
        universe[::-1],
        dict(reversed(sets.items())),
        draws=300,
    )
    pd.testing.assert_frame_equal(first.table, shuffled.table)


def test_bad_input_all_at_once(world):
    _, targets, _, universe = world
    with pytest.raises(InputError) as caught:
        enrich(targets, ["M000", "M777"], {"M000": 1.0, "M001": float("nan")}, universe, {})
    assert "value 'M777': the miRNA has no expression" in str(caught.value)
    assert "value 'M001': not a number" in str(caught.value)


def test_ten_thousand_draws_take_less_than_a_second():
    rng = np.random.default_rng(2)
    matrix = heavy_tailed(rng, 400, 12_000)
    expression = {f"M{i:03d}": float(i) for i in range(400)}
    sets = {f"S{k}": ids(rng.choice(12_000, 40, replace=False)) for k in range(61)}
    chosen = [f"M{i:03d}" for i in rng.choice(400, 40, replace=False)]
    start = time.process_time()
    result = enrich(frame(matrix), chosen, expression, ids(range(12_000)), sets, draws=10_000)
    assert time.process_time() - start < 1.0
    assert (result.table["draws"] == 10_000).any()
