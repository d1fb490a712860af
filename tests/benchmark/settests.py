"""Do the set tests hold their level, and find what is there? And do they give what limma gives, in less time?

Null data: 3 v 3 samples, 1,000 genes, nothing changed, a set of 20 genes that correlate along their signs (all +1, or
half of them -1). As log-expression with normal errors, and as counts with precision weights. Beside fry and camera
stands the test that takes genes for independent (ULM, preranked): the warning.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from acuomics.linear_model import contrast_effects, moderated_t
from acuomics.mechanisms.settests.camera import camera, camera_input
from acuomics.mechanisms.settests.fry import fry, standardise
from acuomics.mechanisms.settests.model import fit_contrasts, weighted_model
from acuomics.mechanisms.settests.table import set_tests
from acuomics.mechanisms.settests.voom import voom
from acuomics.moderation import t_two_sided
from tests.benchmark.output import finish, show
from tests.limma import CASES, LimmaCase, disagreement

ALPHA = 0.05
GENES, SIZE, ARM = 1_000, 20, 3
DESIGN = np.column_stack([np.ones(2 * ARM), np.repeat([0.0, 1.0], ARM)])
CONTRAST = np.array([0.0, 1.0])
MEMBERS = np.arange(SIZE)
POWER_RUNS = 500
#: Prior degrees of freedom of the variances of genes, and the standard deviation of log2 expression of a typical one.
PRIOR_DF, TYPICAL_SD = 4.0, 0.4
#: No gene's is more than this many times as large, lest counts overflow.
LARGEST_SD = 4.0


def log_expression(rng: np.random.Generator, rho: float, effect: float, signs: np.ndarray) -> np.ndarray:
    """Samples x genes; the set's genes correlate by `rho` along their signs and change by `effect` of their SD."""
    sd = TYPICAL_SD * np.minimum(np.sqrt(PRIOR_DF / rng.chisquare(PRIOR_DF, GENES)), LARGEST_SD)
    noise = rng.normal(size=(2 * ARM, GENES))
    shared = rng.normal(size=(2 * ARM, 1))
    noise[:, :SIZE] = np.sqrt(rho) * shared * signs + np.sqrt(1.0 - rho) * noise[:, :SIZE]
    noise[ARM:, :SIZE] += effect * signs
    return rng.normal(6.0, 2.0, GENES) + sd * noise


def p_values(
    rng: np.random.Generator, rho: float, effect: float, signs: np.ndarray, as_counts: bool
) -> tuple[float, float, float]:
    """One data set: p of fry, of camera, and of the test that permutes genes."""
    y, weights = log_expression(rng, rho, effect, signs), None
    if as_counts:
        depth = rng.uniform(0.7, 1.4, (2 * ARM, 1))
        counts = rng.poisson(np.exp2(y) * depth).astype(float)
        weighted = voom(counts, DESIGN, counts.sum(axis=1))
        y, weights = weighted.log_cpm, weighted.weights
    fit = contrast_effects(y, DESIGN, CONTRAST, weights)
    tests = moderated_t(fit)
    rotated = fry(standardise(fit, tests.prior), MEMBERS, signs)
    beside = camera(camera_input(fit, tests), MEMBERS, signs)
    return rotated.p, beside.p, gene_permutation_p(tests.t, signs)


def gene_permutation_p(t: np.ndarray, signs: np.ndarray) -> float:
    """ULM: the regression of all genes' statistics on the set's signs, with genes as independent observations."""
    x = np.zeros(t.size)
    x[MEMBERS] = signs
    r = np.corrcoef(x, t)[0, 1]
    df = t.size - 2.0
    return float(t_two_sided(np.array(r * np.sqrt(df / (1.0 - r**2))), df))


def rejections(runs: int, rho: float, effect: float, *, signed: bool, as_counts: bool, seed: int) -> np.ndarray:
    """Share of runs with p below `ALPHA`: fry, camera, gene permutation."""
    rng = np.random.default_rng([seed, round(100 * rho), round(100 * effect), signed, as_counts])
    signs = np.where(np.arange(SIZE) % 2 == 0, 1.0, -1.0) if signed else np.ones(SIZE)
    p = np.array([p_values(rng, rho, effect, signs, as_counts) for _ in range(runs)])
    return (p < ALPHA).mean(axis=0)


def large_study(genes: int = 30_000, arms: int = 3, n: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Counts (samples x genes) and design of a study of full size."""
    rng = np.random.default_rng(1)
    mean = np.exp2(rng.normal(5.0, 3.0, genes))
    counts = rng.poisson(rng.gamma(5.0, mean / 5.0, (arms * n, genes))).astype(float)
    arm = np.repeat(np.arange(arms), n)
    return counts, np.column_stack([np.ones(arms * n), arm == 1, arm == 2]).astype(float)


R_SCRIPT = """
suppressPackageStartupMessages(library(limma))
counts <- as.matrix(read.delim("counts.tsv", header = FALSE))
design <- as.matrix(read.delim("design.tsv", header = FALSE))
sets <- lapply(split(seq_len(180), rep(1:6, each = 30)), identity)
begin <- proc.time()
v <- voom(counts, design)
f <- fry(v, sets, design, contrast = c(0, 1, 0))
a <- camera(v, sets, design, contrast = c(0, 1, 0), inter.gene.cor = NA)
cat(sum((proc.time() - begin)[1:2]))
"""


def cpu_seconds(repeats: int = 3) -> tuple[float, float | None]:
    """CPU time of voom, fry and camera for six sets in 30,000 genes x 12 samples: ours, and limma's in turn with it."""
    counts, design = large_study()
    sets = {str(k): (np.arange(30 * k, 30 * k + 30), np.ones(30)) for k in range(6)}
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        peer = has_limma()
        if peer:
            pd.DataFrame(counts.T.astype(int)).to_csv(Path(folder) / "counts.tsv", sep="\t", header=False, index=False)
            pd.DataFrame(design).to_csv(Path(folder) / "design.tsv", sep="\t", header=False, index=False)
        for _ in range(repeats):
            begin = time.process_time()
            model = weighted_model(counts, design, None, keep=np.ones(counts.shape[1], dtype=bool))
            set_tests(model, fit_contrasts(model, {"b": np.array([0.0, 1.0, 0.0])}), sets)
            ours.append(time.process_time() - begin)
            if peer:
                run = subprocess.run(
                    ["Rscript", "-e", R_SCRIPT], cwd=folder, capture_output=True, text=True, check=True
                )
                theirs.append(float(run.stdout))
    return median(ours), median(theirs) if theirs else None


def has_limma() -> bool:
    """Whether Rscript with limma is at hand."""
    if shutil.which("Rscript") is None:
        return False
    return subprocess.run(["Rscript", "-e", "library(limma)"], capture_output=True, check=False).returncode == 0


def main() -> None:
    """Print levels, power, agreement and time."""
    null, power = [], []
    for as_counts, runs in ((False, 2_000), (True, 1_000)):
        kind = "counts, voom weights" if as_counts else "normal errors"
        for signed in (False, True):
            claim = "half -1" if signed else "all +1"
            for rho in (0.0, 0.1, 0.2):
                options = {"signed": signed, "as_counts": as_counts, "seed": 1}
                null.append([kind, claim, rho, runs, *rejections(runs, rho, 0.0, **options).tolist()])
                power.append([kind, claim, rho, POWER_RUNS, *rejections(POWER_RUNS, rho, 1.0, **options).tolist()])
    header = ["data", "signs", "correlation", "data sets", "fry", "camera", "gene permutation (ULM)"]
    show(f"Nothing changed, 3 v 3, set of {SIZE}: share with p < {ALPHA}", header, null)
    show(
        f"Every gene of the set changed by one SD (before counting noise) along its sign: share with p < {ALPHA}",
        header,
        power,
    )
    worst = {name: disagreement(LimmaCase(name)) for name in CASES}
    show(
        "Largest relative difference from limma 3.54 (what is left out: tests.limma.disagreement)",
        ["case", *next(iter(worst.values()))],
        [[name, *differences.values()] for name, differences in worst.items()],
    )
    ours, theirs = cpu_seconds()
    ratio = "-" if theirs is None else ours / theirs
    show("CPU seconds, 30,000 genes x 12 samples, six sets", ["ours", "limma", "ratio"], [[ours, theirs or "-", ratio]])
    levels = np.array([row[4:] for row in null])
    finish(
        {
            "fry_type1_max": levels[:, 0].max(),
            "fry_type1_min": levels[:, 0].min(),
            "camera_type1_max": levels[:, 1].max(),
            "fry_power": min(row[4] for row in power if row[0] == "normal errors" and row[2] == 0.0),
            "limma_rel_max": max(max(differences.values()) for differences in worst.values()),
        }
    )
