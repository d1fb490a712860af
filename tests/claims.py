"""Studies with a known truth for the tests of claims: estimates drawn around planted effects."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtr
from scipy.stats import false_discovery_control

CONTRASTS = [
    {"contrast": "rtx_vs_sham", "factor": "condition", "numerator": "RTX", "denominator": "sham", "role": "model"},
    {"contrast": "ea_vs_rtx", "factor": "condition", "numerator": "EA", "denominator": "RTX", "role": "treatment"},
]
PAIR = "rtx_vs_sham__ea_vs_rtx"
EMPTY = dict.fromkeys(
    ("collected", "contrast_as_printed", "effect", "effect_log2fc", "count", "threshold", "evidence", "source", "note")
)


def mimat(at: int) -> str:
    return f"MIMAT{at:07d}"


def claim(name: str, number: int | None = 0, way: str | None = "up", **changes) -> dict:
    """A claim that miRNA `number` moved `way` in the contrast of EA with the model."""
    known = number is not None
    return {
        **EMPTY,
        "claim": name,
        "contrast": "ea_vs_rtx",
        "kind": "mirna",
        "feature_as_printed": f"miR-{number}",
        "feature": mimat(number) if known else None,
        "feature_name": f"rno-miR-{number}" if known else None,
        "name_status": "current" if known else "unresolved",
        "direction": way,
        **changes,
    }


def count_claim(name: str, number: int, way: str | None = "up", **changes) -> dict:
    """A claim that `number` miRNAs moved `way`."""
    printed = {"feature_as_printed": "miRNAs", "name_status": "not_a_feature", "kind": "count", "count": str(number)}
    return claim(name, None, way, **{**printed, **changes})


def record(*claims: dict, **changes) -> dict:
    """A study record; its claims were made elsewhere unless ``simulated`` is false."""
    return {
        "study": "made_up",
        "simulated": True,
        "kind": "counts",
        "assay": "mirna",
        "source": "made for a test",
        "facts": None,
        "samples": [],
        "contrasts": CONTRASTS,
        "claims": list(claims),
        **changes,
    }


def features(n: int) -> pd.DataFrame:
    return pd.DataFrame(
        {"feature": [f"f{i}" for i in range(n)], "mimat": [mimat(i) for i in range(n)], "ncbi_gene": None}
    )


def table(log2fc, se, **columns) -> pd.DataFrame:
    """A table of the `de` stage with these estimates and standard errors."""
    log2fc, se = np.broadcast_arrays(np.asarray(log2fc, float), np.asarray(se, float))
    stat = log2fc / se
    p = 2.0 * ndtr(-np.abs(stat))
    n = len(p)
    frame = {
        "feature": [f"f{i}" for i in range(n)],
        "base_mean": 100.0,
        "log2fc": log2fc,
        "log2fc_se": se,
        "stat": stat,
    }
    frame |= {"p": p, "q": false_discovery_control(p), "status": "tested", **columns}
    return pd.DataFrame(frame)


def drawn(truth, se: float, seed: int) -> pd.DataFrame:
    """A table whose estimates scatter around `truth`."""
    truth = np.asarray(truth, float)
    return table(truth + np.random.default_rng(seed).normal(0.0, se, truth.size), se)


SUMMARY = pd.DataFrame({"contrast": ["rtx_vs_sham", "ea_vs_rtx"], "n_numerator": [3, 3], "n_denominator": [3, 3]})
