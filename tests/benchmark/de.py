"""CPU, memory and agreement of the fit against R DESeq2, limma-voom, edgeR and PyDESeq2, on simulated studies.

R and its packages are used where they are found; nothing is installed. Every figure is CPU time of a process of its
own, runs of the programs take turns, and medians are compared. ``SIZES=20k9`` (a list of the names below, ``scaling``,
``study``) runs a part; ``PEER_SHARE=1`` gives PyDESeq2 all features instead of every fifth.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from acuomics.files import read_tsv, write_json, write_parquet, write_tsv
from acuomics.simulate.counts import simulate_counts, three_arms
from acuomics.simulate.features import no_features
from acuomics.simulate.spec import SimulationSpec
from tests.benchmark.de_worker import study_files
from tests.benchmark.output import finish, show
from tests.realdata import REPO

#: Name of a study -> features, samples, runs.
STUDIES = {
    "500x9": (500, 9, 3),
    "20k9": (20_000, 9, 3),
    "20k6": (20_000, 6, 1),
    "30k24": (30_000, 24, 1),
    "20k100": (20_000, 99, 1),
}
R_PROGRAMS = {"deseq2": "DESeq2", "voom": "limma", "edger": "edgeR"}
#: PyDESeq2's own inference takes minutes; its cost a feature is measured on every fifth.
PEER_SHARE = int(os.environ.get("PEER_SHARE", "5"))
#: In the order of our design columns, so that R solves the same systems in the same order.
ARMS = ("control", "EA", "RTX")

Run = dict[str, Any]


def make_study(folder: Path, n_features: int, n_samples: int, every: int = 1) -> None:
    """Write the inputs of the fit, and the counts as R reads them; `every` keeps each so manieth feature."""
    folder.mkdir(parents=True, exist_ok=True)
    shares = {"full": 0.05, "partial": 0.05, "aggravated": 0.02, "treatment_only": 0.05}
    spec = SimulationSpec(n_features=n_features, treated="EA", shares=shares)
    samples = three_arms(spec, n_samples // 3)
    counts, _ = simulate_counts(spec, no_features(), samples, [n_features, n_samples])
    counts = counts.iloc[::every].reset_index(drop=True)
    roles = (("model", "RTX", "control"), ("treatment", "EA", "RTX"), ("residual", "EA", "control"))
    contrasts = [
        {"contrast": r, "factor": spec.factor, "numerator": t, "denominator": d, "covariates": [], "role": r}
        for r, t, d in roles
    ]
    pair = {"pair": "model__treatment", "model": "model", "treatment": "treatment", "factor": spec.factor}
    pair |= {"control_level": "control", "model_level": "RTX", "treated_level": "EA"}
    record = {"study": "bench", "design": f"~ {spec.factor}", "samples": samples.to_dict("records")}
    write_json(record | {"contrasts": contrasts, "reversal_pairs": [pair]}, folder / "study.json")
    write_parquet(counts.drop(columns="symbol"), folder / "counts.parquet")
    write_tsv(counts[["feature", "symbol"]], folder / "features.tsv")
    write_tsv(counts.drop(columns="symbol"), folder / "counts.tsv")


def measured(command: list[str]) -> Run:
    """Run a process alone; its CPU seconds, peak memory (MB), and what it printed last."""
    environment = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=REPO, env=environment
    )
    with process.stdout as out:  # type: ignore[union-attr]
        printed = out.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)}\n{process.stderr.read() if process.stderr else ''}")
    parts: Run = json.loads(printed.strip().splitlines()[-1])
    return parts | {"cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss / 1024.0}


def worker(what: str, folder: Path) -> Run:
    """One run of `tests.benchmark.de_worker`."""
    return measured([sys.executable, "-m", "tests.benchmark.de_worker", what, str(folder)])


def r_programs() -> list[str]:
    """Programs whose R package is here."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return []
    tests = [f"cat(requireNamespace('{package}', quietly = TRUE), '')" for package in R_PROGRAMS.values()]
    found = subprocess.run([rscript, "-e", ";".join(tests)], capture_output=True, text=True, check=False).stdout.split()
    return [name for name, here in zip(R_PROGRAMS, found, strict=False) if here == "TRUE"]


def run_r(program: str, folder: Path) -> Run:
    """One run of an R program of `de.R`."""
    script = str(REPO / "tests" / "benchmark" / "de.R")
    return measured(["Rscript", script, program, str(folder / "counts.tsv"), ",".join(ARMS), str(folder / program)])


def agreement(folder: Path) -> Run:
    """Our tables against R DESeq2's: worst of the three contrasts."""
    rows = []
    for k, name in enumerate(("model", "treatment", "residual"), start=1):
        ours = read_tsv(study_files(folder)["tables"] / f"{name}.tsv", dtype={"feature": str}).set_index("feature")
        r = pd.read_csv(folder / f"deseq2.{k}.tsv", sep="\t", index_col=0).loc[ours.index]
        a, b = ours["q"] < 0.05, r["padj"] < 0.05
        relative = {
            column: (ours[column] / r[theirs] - 1.0).abs()[(r[theirs] != 0.0) & r[theirs].notna()]
            for column, theirs in (("log2fc", "log2FoldChange"), ("log2fc_se", "lfcSE"))
        }
        rows.append(
            [
                float((a & b).sum() / (a | b).sum()) if (a | b).any() else 1.0,
                *(float(values.quantile(0.999)) for values in relative.values()),
                int((ours["p"].isna() != r["pvalue"].isna()).sum()),
                int(b.sum()),
            ]
        )
    by = list(zip(*rows, strict=True))
    return {"jaccard": min(by[0]), "log2fc": max(by[1]), "se": max(by[2]), "missing": sum(by[3]), "called": sum(by[4])}


def median(runs: list[Run], *names: str) -> float:
    """Median over the runs of the sum of the parts `names`."""
    return statistics.median(sum(run[name] for name in names) for run in runs)


def compare(name: str, folder: Path, programs: list[str]) -> dict[str, float]:
    """Print one study's table; figures for the last line."""
    n_features, n_samples, repeats = STUDIES[name]
    make_study(folder, n_features, n_samples)
    runs: dict[str, list[Run]] = {}
    for _ in range(repeats):
        runs.setdefault("acuomics", []).append(worker("fit", folder))
        for program in programs:
            runs.setdefault(program, []).append(run_r(program, folder))
    figures: dict[str, float] = {}
    ours = runs["acuomics"]
    cpu, compute = median(ours, "cpu"), median(ours, "compute")
    if name == "20k9":
        part = folder / "part"
        make_study(part, n_features, n_samples, every=PEER_SHARE)
        runs["pydeseq2"], runs["batched"] = [worker("pydeseq2", part)], [worker("batched", folder)]
        theirs = runs["pydeseq2"][0]
        theirs["cpu"] += (PEER_SHARE - 1) * theirs["compute"]
        theirs["compute"] *= PEER_SHARE
        figures["memory_ratio_pydeseq2_20k9"] = median(ours, "memory") / theirs["memory"]
        figures["compute_ratio_pydeseq2_20k9"] = compute / theirs["compute"]
        figures["cpu_ratio_pydeseq2_20k9"] = cpu / theirs["cpu"]
        figures["compute_ratio_batched_pydeseq2_20k9"] = runs["batched"][0]["compute"] / theirs["compute"]
    header = ["program", "runs", "cpu", "ours / its", "imports", "compute", "with shrinkage", "ours / its", "MB"]
    rows = []
    for program, of in runs.items():
        both = median(of, "compute") + (median(of, "shrinkage") if "shrinkage" in of[0] else 0.0)
        rows.append(
            [
                program,
                len(of),
                median(of, "cpu"),
                cpu / median(of, "cpu"),
                median(of, "imports"),
                median(of, "compute"),
                both,
                compute / both,
                median(of, "memory"),
            ]
        )
        if program in R_PROGRAMS:
            figures[f"cpu_ratio_{'r' if program == 'deseq2' else program}_{name}"] = cpu / median(of, "cpu")
            figures[f"compute_ratio_{'r' if program == 'deseq2' else program}_{name}"] = compute / both
    show(f"{name}: {n_features} features x {n_samples} samples, three contrasts; CPU seconds, medians", header, rows)
    if "deseq2" in runs:
        print(f"shrinkage: ours apeGLM, R's {runs['deseq2'][0]['method']}")
        got = agreement(folder)
        print(
            f"against R: q < 0.05 Jaccard {got['jaccard']:.6g} ({got['called']} called), 99.9th percentile of relative "
            f"difference log2FC {got['log2fc']:.3g}, SE {got['se']:.3g}; p missing differs {got['missing']}"
        )
        figures |= {f"jaccard_{name}": got["jaccard"], f"log2fc_{name}": got["log2fc"]}
    sys.stdout.flush()
    return figures


def inference_agreement(folder: Path) -> dict[str, float]:
    """PyDESeq2 with our inference against its own, on the features that its own was given."""
    worker("batched", folder)
    worst = {"log2FoldChange": 0.0, "lfcSE": 0.0, "dispersions": 0.0, "genewise_dispersions": 0.0}
    differ, missing, n = 0, 0, 0
    for name in ("model", "treatment", "residual"):
        ours, theirs = (pd.read_parquet(folder / f"{which}.{name}.parquet") for which in ("batched", "pydeseq2"))
        for column in worst:
            relative = (ours[column] / theirs[column] - 1.0).abs()[theirs[column] != 0.0]
            worst[column] = max(worst[column], float(relative.quantile(0.999)))
        differ += int(((ours["padj"] < 0.05) != (theirs["padj"] < 0.05)).sum())
        missing += int((ours["padj"].isna() != theirs["padj"].isna()).sum())
        n += len(ours)
    tails = ", ".join(f"{name} {value:.3g}" for name, value in worst.items())
    print(f"batched against default inference, 99.9th percentile of relative difference: {tails}")
    print(f"q < 0.05 differs for {differ} of {n}, q missing for {missing}")
    return {"inference_log2fc_rel_p999": worst["log2FoldChange"], "inference_calls_differ": differ / n}


def exponents(folder: Path) -> dict[str, float]:
    """How compute grows: the slope of log seconds over log size."""
    figures = {}
    for what, sizes in (
        ("genes", [(g, 9) for g in (1_000, 3_000, 10_000, 30_000, 60_000)]),
        ("samples", [(5_000, n) for n in (6, 12, 24, 48, 99, 198)]),
    ):
        seconds = []
        for n_features, n_samples in sizes:
            make_study(folder, n_features, n_samples)
            seconds.append(median([worker("fit", folder) for _ in range(3)], "compute"))
        at = np.log([size[what == "samples"] for size in sizes])
        figures[f"exponent_{what}"] = float(np.polyfit(at, np.log(seconds), 1)[0])
        listed = ", ".join(f"{size[what == 'samples']}: {s:.3g} s" for size, s in zip(sizes, seconds, strict=True))
        print(f"compute by {what}: {listed}; exponent {figures[f'exponent_{what}']:.3f}")
    return figures


def whole_study(folder: Path) -> dict[str, float]:
    """Fit, three contrasts, shrinkage, tables, reversal with its permutations: two processes, as in the workflow."""
    make_study(folder, 20_000, 9)
    runs = []
    for _ in range(3):
        first, second = worker("fit", folder), worker("reversal", folder)
        imports = first["imports"] + second["imports"]
        runs.append(
            {"cpu": first["cpu"] + second["cpu"], "imports": imports, "fit": first["cpu"], "reversal": second["cpu"]}
        )
    print(
        f"whole study, 20,000 x 9: {median(runs, 'cpu'):.2f} s of CPU, of which imports {median(runs, 'imports'):.2f} s"
        f"; process of the fit {median(runs, 'fit'):.2f} s, of reversal {median(runs, 'reversal'):.2f} s"
    )
    return {"cpu_whole_study_20k9": median(runs, "cpu")}


def main() -> None:
    """Print the tables, and the figures of the last line."""
    wanted = os.environ.get("SIZES", ",".join([*STUDIES, "scaling", "study"])).split(",")
    unknown = sorted(set(wanted) - {*STUDIES, "scaling", "study"})
    if unknown:
        sys.exit(f"SIZES: {', '.join(unknown)} is none of {', '.join([*STUDIES, 'scaling', 'study'])}")
    programs = r_programs()
    absent = [package for name, package in R_PROGRAMS.items() if name not in programs]
    print(f"not found in R: {', '.join(absent)}" if absent else "R packages found: DESeq2, limma, edgeR")
    print(f"PyDESeq2's own inference on every feature in {PEER_SHARE}, its compute scaled up")
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for study in (study for study in STUDIES if study in wanted):
            figures |= compare(study, folder / study, programs)
            if study == "20k9":
                figures |= inference_agreement(folder / study / "part")
        if "study" in wanted:
            figures |= whole_study(folder / "study")
        if "scaling" in wanted:
            figures |= exponents(folder / "scaling")
    jaccards = [value for key, value in figures.items() if key.startswith("jaccard_")]
    tails = [value for key, value in figures.items() if key.startswith("log2fc_")]
    asked = ("cpu_ratio_r_20k9", "cpu_ratio_pydeseq2_20k9", "compute_ratio_voom_20k9", "cpu_ratio_r_20k100")
    finish(
        {key: figures.get(key) for key in asked}
        | {"jaccard_min": min(jaccards, default=None), "log2fc_rel_p999": max(tails, default=None)}
        | {key: value for key, value in figures.items() if key not in asked}
    )


if __name__ == "__main__":
    main()
