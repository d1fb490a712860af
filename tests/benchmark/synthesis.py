"""Random effects against R's metafor (frozen tables), and how often intervals hold the planted truth."""

from __future__ import annotations

import time

import numpy as np
from statsmodels.stats.meta_analysis import combine_effects

from acuomics.synthesis.random_effects import RandomEffects, random_effects
from acuomics.synthesis.tau2 import ESTIMATORS
from tests.benchmark.output import finish, show
from tests.heterogeneity import simulated_effects
from tests.metafor import CASES, Frozen, disagreement

MEAN = 0.5


def covered(found: RandomEffects) -> float:
    return float(((found.ci_low <= MEAN) & (found.ci_high >= MEAN)).mean())


def main(runs: int = 1000, genes: int = 12_000) -> None:
    """Print both, and the cost of a pool beside a loop over statsmodels."""
    frozen = Frozen()
    worst = disagreement(frozen)
    names = [*[f"{method}.{test}" for method, test in CASES], "stouffer"]
    rows = [[name, max(v for field, v in worst.items() if field.startswith(name))] for name in names]
    show("largest relative difference from R (metafor 3.8)", ["estimator and test", "difference"], rows)
    ways = [(tau2, bounded) for tau2 in ESTIMATORS for bounded in (True, False)]
    table = []
    for k, tau in ((2, 0.3), (3, 0.3), (8, 0.0), (8, 0.3), (8, 1.0), (12, 0.3)):
        effect, se = simulated_effects(runs, k=k, tau=tau, mean=MEAN)
        found = [random_effects(effect, se, tau2=tau2, bounded=bounded) for tau2, bounded in ways]
        new = np.random.default_rng(2).normal(MEAN, tau, runs)
        ahead = float(((found[0].prediction_low <= new) & (found[0].prediction_high >= new)).mean())
        table.append([k, tau, *[covered(one) for one in found], ahead])
    heads = [f"{tau2}{'' if bounded else ' unbounded'}" for tau2, bounded in ways]
    show(f"share of {runs} intervals that hold the true mean", ["studies", "tau", *heads, "new study, PM"], table)
    effect, se = simulated_effects(genes, k=8)
    begin = time.process_time()
    random_effects(effect, se)
    ours = time.process_time() - begin
    begin = time.process_time()
    for row in range(200):
        combine_effects(effect[row], se[row] ** 2, method_re="iterated", use_t=True).conf_int(use_t=True)
    theirs = (time.process_time() - begin) * genes / 200
    rows = [["all genes at once", ours], ["statsmodels, gene by gene (from 200)", theirs]]
    show(f"CPU seconds for {genes} genes of 8 studies", ["way", "s"], rows)
    coverage = next(row for row in table if row[:2] == [8, 0.3])[2]
    finish({"coverage": coverage, "metafor_rel_max": max(worst.values()), "cpu_s_pool": ours})
