"""How many features are "reversed" where nothing is: the field's Venn recipe against the honest test.

Two nulls. Simulated counts without any effect, three arms of three; and real data (GSE188236) with the labels of the
model and treated samples permuted.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from acuomics.catalogue.load import load_catalogue
from acuomics.reversal.permutation import count_calls, permutation_null, refit_pair
from acuomics.simulate.counts import simulate_counts, three_arms
from acuomics.simulate.features import no_features
from acuomics.simulate.spec import SimulationSpec
from tests.benchmark.output import finish, show
from tests.realdata import real_config, real_folder, real_study

RATE = 0.05
RECIPES = ("Venn, p < 0.05 twice", "Venn, and |log2FC| >= 1", "intersection-union, q < 0.05")


def size_factors(counts: np.ndarray) -> np.ndarray:
    """Median of ratios over the features without a zero; `counts` is samples x features."""
    logs = np.log(counts[:, (counts > 0).all(axis=0)])
    return np.exp(np.median(logs - logs.mean(axis=0), axis=1))


def null_draws(draws: int, n: int = 3, n_features: int = 15_000, seed: int = 1) -> list[tuple[int, int, int]]:
    """Calls of each null study: Venn (p < 0.05 twice, opposite signs), Venn with |log2FC| >= 1 too, honest."""
    spec = SimulationSpec(n_features=n_features).null()
    samples = three_arms(spec, n)
    record = {
        "design": f"~ {spec.factor}",
        "samples": samples.to_dict("records"),
        "contrasts": [
            {"contrast": role, "factor": spec.factor, "numerator": top, "denominator": bottom, "role": role}
            for role, top, bottom in (("model", spec.model, spec.control), ("treatment", spec.treated, spec.model))
        ],
    }
    results = []
    for draw in range(draws):
        counts, _ = simulate_counts(spec, no_features(), samples, [seed, draw])
        matrix = counts[list(samples["sample"])].to_numpy().T
        pair = {"model": "model", "treatment": "treatment"}
        model, treatment = refit_pair(record, pair, record["samples"], matrix, size_factors(matrix))
        calls = count_calls(model, treatment, RATE)
        results.append((calls.venn, calls.venn_lfc1, calls.reversed))
    return results


def permuted(study: str, folder: Path, draws: int) -> tuple[int, int, list[int], list[int]]:
    """Calls with the true labels (honest, Venn), and with permuted ones."""
    real = real_study(study, folder)
    pair = load_catalogue(real_config(folder) | {"studies": [study]}, "none").studies[study].record["reversal_pairs"][0]
    matrix = real.matrix.to_numpy()
    factors = size_factors(matrix)
    tests = refit_pair(real.record, pair, real.record["samples"], matrix, factors)
    observed = count_calls(tests[0], tests[1], RATE)
    seed = int(real_config(folder)["seed"])
    null = permutation_null(
        real.record, pair, matrix, factors, draws=draws, rate=RATE, seed=seed, observed=observed.reversed
    )
    return (
        observed.reversed,
        observed.venn,
        [draw.reversed for draw in null.draws],
        [draw.venn for draw in null.draws],
    )


def main(draws: int = 20) -> None:
    """Print both nulls; the one on real data is left out, with a word, where the data are not there."""
    results = np.array(null_draws(draws))
    show(
        f"No effect anywhere, n = 3, 15,000 genes, {draws} draws: genes called reversed",
        ["recipe", "mean", "smallest", "largest"],
        [
            [label, float(column.mean()), int(column.min()), int(column.max())]
            for label, column in zip(RECIPES, results.T, strict=True)
        ],
    )
    folder = real_folder()
    means: list[float] = []
    if folder is None:
        print("\nGSE188236 is left out: ACUOMICS_REAL_DATA does not name the folder of the real data")
    else:
        rows = []
        for study in ("gse188236_mirna", "gse188236_mrna"):
            honest, venn, honest_null, venn_null = permuted(study, folder, draws)
            means.append(float(np.mean(honest_null)))
            rows.append([study, honest, means[-1], max(honest_null), venn, float(np.mean(venn_null)), max(venn_null)])
        show(
            f"GSE188236, {draws} relabelings of the TGF-beta and inhibitor arms",
            ["study", "honest", "permuted mean", "max", "Venn", "permuted mean", "max"],
            rows,
        )
    permuted_mean = max(means) if means else None
    finish({"venn_mean": results[:, 0].mean(), "iut_mean": results[:, 2].mean(), "permuted_mean": permuted_mean})
