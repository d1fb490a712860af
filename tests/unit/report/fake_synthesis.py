"""Made-up effects of several studies and what they are together, by the columns of the synthesis."""

from __future__ import annotations

import numpy as np
import pandas as pd

POOL = "real|Rattus norvegicus|spinal|bulk|mrna|neuropathic|electroacupuncture|low|treatment"


def fake_synthesis(n_genes: int = 90, k: int = 4, seed: int = 3) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`k` studies with `n_genes` genes in one pool; the first ten genes change in all of them.

    Returns effects and pooled rows. The pooled numbers are plain means: the charts are to show what stands there.
    """
    rng = np.random.default_rng(seed)
    truth = np.where(np.arange(n_genes) < 10, 1.5, 0.0) * np.where(np.arange(n_genes) % 2, -1, 1)
    effects, pooled = [], []
    for gene in range(n_genes):
        seen = truth[gene] + rng.normal(0, 0.3, k)
        for study in range(k):
            effects.append(
                {
                    "pool": POOL, "family": "real", "study": f"study{study}", "contrast": "ea_vs_model",
                    "identifier": f"{24000 + gene}", "symbol": f"Gene{gene}", "log2fc": seen[study], "log2fc_se": 0.3,
                    "ci_low": seen[study] - 0.6, "ci_high": seen[study] + 0.6, "p": 0.01, "q": 0.05, "n_numerator": 4,
                    "n_denominator": 4, "claims": "EAA:A010" if gene == 20 else "", "in_pool": study != 9,
                }
            )  # fmt: skip
        mean, se = seen.mean(), 0.15
        p = float(np.exp(-abs(mean) / se))
        for analysis, unit in (("main", "gene"), ("across_species", "gene"), ("main", "claim")):
            pooled.append(
                {
                    "analysis": analysis, "pool": POOL, "unit": unit, "identifier": f"{24000 + gene}",
                    "symbol": f"Gene{gene}", "status": "pooled", "k": k, "estimate": mean, "se": se,
                    "ci_low": mean - 0.4, "ci_high": mean + 0.4, "p": p, "q": min(1.0, 5 * p), "stouffer_q": p,
                    "prediction_low": mean - 0.9, "prediction_high": mean + 0.9, "tau2": 0.02, "i2": 0.1,
                    "sign_consistency": f"{k} of {k}",
                }
            )  # fmt: skip
    return pd.DataFrame(effects), pd.DataFrame(pooled)
