"""metafor's frozen tables beside ours: for the numeric tests and the benchmark `synthesis`."""

from __future__ import annotations

import numpy as np
import pandas as pd

from acuomics.synthesis.random_effects import RandomEffects, random_effects
from acuomics.synthesis.stouffer import effective_n, stouffer, upper_tail
from tests.realdata import REPO

FIXTURES = REPO / "tests" / "fixtures" / "metafor"
#: Estimator of tau2, and whether the factor of Hartung and Knapp is bounded.
CASES = (("PM", "knha"), ("REML", "knha"), ("DL", "knha"), ("PM", "adhoc"))
#: metafor's fields by our names. The Q-profile interval is held with Paule and Mandel's estimator only: it does not
#: depend on the estimator.
FIELDS = ("estimate", "se", "df", "ci_low", "ci_high", "p", "prediction_low", "prediction_high", "tau2", "i2")
FIELDS += ("heterogeneity_q", "heterogeneity_p")
INTERVAL = ("tau2_low", "tau2_high")


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(FIXTURES / f"{name}.tsv.gz", sep="\t")


class Frozen:
    """The frozen effects as arrays, genes x studies."""

    def __init__(self) -> None:
        table = read("effects")
        self.genes = list(dict.fromkeys(table["gene"]))
        self.studies = list(dict.fromkeys(table["study"]))

        def wide(column: str) -> np.ndarray:
            found = table.pivot(index="gene", columns="study", values=column)
            return found.loc[self.genes, self.studies].to_numpy(float)

        self.effect, self.se = wide("effect"), wide("se")
        self.n = effective_n(wide("n_numerator"), wide("n_denominator"))

    def ours(self, method: str, test: str = "adhoc") -> RandomEffects:
        return random_effects(self.effect, self.se, tau2=method, bounded=test == "adhoc")


def relative(ours: np.ndarray, theirs: np.ndarray, scale: np.ndarray | float = 0.0) -> float:
    """Largest difference relative to R's value, or to `scale` where that is larger: R's zeros are 1e-16 or so."""
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    assert (np.isnan(ours) == np.isnan(theirs)).all(), "missing values differ"
    size = np.maximum(np.abs(theirs), scale)
    with np.errstate(invalid="ignore"):
        return float(np.nanmax(np.where(size > 0, np.abs(ours - theirs) / np.where(size > 0, size, 1.0), 0.0)))


def disagreement(frozen: Frozen) -> dict[str, float]:
    """Largest relative difference from metafor, a field and method; `stouffer` from R's own arithmetic."""
    pooled, worst = read("pooled"), {}
    mean_variance = np.nanmean(frozen.se**2, axis=1)
    for method, test in CASES:
        ours = frozen.ours(method, test).columns()
        theirs = pooled[(pooled["method"] == method) & (pooled["test"] == test)].set_index("gene").loc[frozen.genes]
        for name in FIELDS + (INTERVAL if method == "PM" else ()):
            # A tau2 of a millionth of the sampling variance is zero to both; an estimate is known to its error.
            scale = mean_variance * 1e-3 if name.startswith("tau2") else 0.0
            scale = 0.1 if name == "i2" else scale
            scale = theirs["se"].to_numpy() if name in ("estimate", "ci_low", "ci_high") else scale
            scale = theirs["se"].to_numpy() if name.startswith("prediction") else scale
            scale = 1e-6 if name.startswith("heterogeneity") else scale
            worst[f"{method}.{test}.{name}"] = relative(ours[name], theirs[name].to_numpy(), scale)
    combined = read("stouffer").set_index("gene")
    kept = np.isin(frozen.genes, combined.index)
    combined = combined.loc[np.array(frozen.genes)[kept]]
    z, n = (frozen.effect / frozen.se)[kept], frozen.n[kept]
    # The number of samples differs from gene to gene here: one gene at a time.
    ours_z = np.array([stouffer(z[[at]], np.nan_to_num(n[at]))[0] for at in range(len(z))])
    worst["stouffer.z"] = relative(ours_z, combined["z"].to_numpy())
    worst["stouffer.p"] = relative(upper_tail(ours_z), combined["p"].to_numpy())
    return worst
