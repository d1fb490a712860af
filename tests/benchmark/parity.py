"""Agreement with R DESeq2 1.38.3 on real data, of our default engine and of PyDESeq2's own fit beside it.

PyDESeq2's own fit is dear, so it runs on the sets of up to `PEER_FEATURES` features; the agreement of both and the
ratio of their CPU times stand side by side.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd

from acuomics.de.engines import fit_with_engine
from acuomics.de.model import NegativeBinomialFit
from acuomics.de.wald import adjust, wald_test
from acuomics.designs import Design, build_design, contrast_vector, factors_of, samples_of
from tests.benchmark.output import finish, need_real_data, show
from tests.realdata import REFERENCE_RATE, REFERENCES, RealStudy, real_study, reference

PEER_FEATURES = 15_000


def relative(ours: Any, theirs: Any) -> np.ndarray:
    """Relative difference where both are finite and R's is not zero."""
    a, b = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    usable = np.isfinite(a) & np.isfinite(b) & (b != 0.0)
    return np.abs(a[usable] / b[usable] - 1.0)


def r_design(record: dict[str, Any]) -> Design:
    """The design with R's reference levels, the first by alphabet.

    The reference matters in the sixth digit: the ridge of 1e-6 lies on the coefficients, and which they are depends on
    it. The workflow's own reference is the control, as users of R set it by ``relevel``.
    """
    samples = record["samples"]
    names = factors_of(record["design"])
    first = {name: min({sample[name] for sample in samples}, key=str.casefold) for name in names}
    return build_design(record["design"], samples, first)


def compare(fit: NegativeBinomialFit, study: RealStudy, contrast: dict[str, Any], r: pd.DataFrame) -> dict[str, Any]:
    """Agreement of one contrast with R's table, features called at q < 0.05."""
    design = r_design(study.record)
    test = wald_test(fit, contrast_vector(design, contrast), samples_of(contrast, study.record["samples"]))
    q = adjust(fit, test, REFERENCE_RATE).q
    r = r.loc[study.counts["feature"]]
    ours, theirs = q < 0.05, (r["padj"] < 0.05).to_numpy()
    log2fc, se = relative(test.log2fc, r["log2FoldChange"]), relative(test.log2fc_se, r["lfcSE"])
    return {
        "jaccard": float((ours & theirs).sum() / max((ours | theirs).sum(), 1)),
        "n_ours": int(ours.sum()),
        "n_r": int(theirs.sum()),
        "p_missing_differs": int((np.isnan(test.p) != r["pvalue"].isna().to_numpy()).sum()),
        "log2fc_median": float(np.median(log2fc)),
        "log2fc_p999": float(np.quantile(log2fc, 0.999)),
        "se_median": float(np.median(se)),
        "se_p999": float(np.quantile(se, 0.999)),
        "dispersion_p999": float(np.quantile(relative(fit.dispersions, r["dispersion"]), 0.999)),
        "differing": sorted(study.counts["feature"][ours != theirs])[:5],
    }


def measure(engines: tuple[str, ...] = ("deseq2", "pydeseq2")) -> tuple[list[list[Any]], dict[str, float]]:
    """Rows of the table, and the figures of the default engine."""
    folder = need_real_data()
    rows: list[list[Any]] = []
    worst = {"jaccard_min": 1.0, "log2fc_rel_p999": 0.0, "size_factor_rel_max": 0.0}
    for name in dict.fromkeys(study for study, _ in REFERENCES):
        study = real_study(name, folder)
        cpu: dict[str, float] = {}
        for engine in engines:
            if engine != "deseq2" and len(study.counts) > PEER_FEATURES:
                continue
            begin = time.process_time()
            fit = fit_with_engine(study.matrix, r_design(study.record), engine)
            cpu[engine] = time.process_time() - begin
            for contrast in study.record["contrasts"]:
                if (name, contrast["contrast"]) not in REFERENCES:
                    continue
                r, factors = reference(name, contrast["contrast"], folder)
                got = compare(fit, study, contrast, r)
                size = float(np.max(relative(fit.size_factors, factors[study.matrix.index])))
                rows.append(
                    [
                        name,
                        contrast["contrast"],
                        engine,
                        got["n_ours"],
                        got["n_r"],
                        got["jaccard"],
                        got["p_missing_differs"],
                        got["log2fc_median"],
                        got["log2fc_p999"],
                        got["se_median"],
                        got["se_p999"],
                        got["dispersion_p999"],
                        size,
                        cpu[engine] / cpu["deseq2"],
                        " ".join(got["differing"]) or "-",
                    ]
                )
                if engine == "deseq2":
                    worst["jaccard_min"] = min(worst["jaccard_min"], got["jaccard"])
                    worst["log2fc_rel_p999"] = max(worst["log2fc_rel_p999"], got["log2fc_p999"])
                    worst["size_factor_rel_max"] = max(worst["size_factor_rel_max"], size)
    return rows, worst


def main() -> None:
    """Print the agreement table."""
    rows, worst = measure()
    header = [
        "study", "contrast", "engine", "n q<.05", "n R", "jaccard", "p NaN differs", "lfc med", "lfc p99.9", "se med",
        "se p99.9", "disp p99.9", "size factor", "cpu / deseq2", "first that differ",
    ]  # fmt: skip
    show("Relative differences from R DESeq2 1.38.3", header, rows)
    finish(worst)
