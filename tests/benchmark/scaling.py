"""What a study and a run cost as samples, features and studies grow, and where the first wall stands.

CPU is that of whole runs: every process of snakemake and of its jobs. Copies of the embedded mRNA study (three arms,
two contrasts, one reversal pair with 20 relabelings) at other sizes. Exponents are slopes in log-log; as every job
starts Python and imports its libraries, those of whole runs are below those of the rules that do the work, which stand
beside them. `SIZES=small` takes smaller steps (a trial of the benchmark itself).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from acuomics.catalogue.load import load_catalogue
from acuomics.mechanisms.run import conclude_run
from tests.benchmark.output import finish, show
from tests.benchmark.scaling_studies import benchmarks, own_cpu, own_memory, run, write_copies
from tests.realdata import REPO

FEATURES, PER_ARM, ARMS = 4000, 6, 3
#: The rules whose work grows with the matrix.
HEAVY = ("fit_study", "test_reversal", "test_sets", "draw_figures")
CURATED = REPO / "resources" / "mechanisms"


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The slope of log cost over log size."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


def one_study(root: Path, n_features: int, per_arm: int) -> dict[str, float]:
    """Run one study of this size; its cost, in all and by rule, and the size of its counts."""
    folder = root / f"{n_features}x{per_arm}"
    cost = run(folder, write_copies(folder, 1, n_features=n_features, per_arm=per_arm))
    jobs = benchmarks(folder).set_index("rule")
    counts = folder / "results" / "copy_00000" / "intake" / "counts.parquet"
    row = {"n_features": n_features, "samples": ARMS * per_arm, "cpu": cost.cpu, "wall": cost.wall}
    row |= {"counts_mb": counts.stat().st_size / 1e6} | {f"cpu {rule}": jobs.loc[rule, "cpu"] for rule in HEAVY}
    row |= {f"memory {rule}": value for rule, value in jobs["memory"].items()}
    shutil.rmtree(folder)
    return row


def sweep_of_one(root: Path, title: str, sizes: Sequence[tuple[int, int]], by: str) -> tuple[pd.DataFrame, float]:
    """Costs of one study at these sizes, and the exponent of the whole run in `by`."""
    table = pd.DataFrame([one_study(root, *size) for size in sizes])
    columns = ["n_features", "samples", "counts_mb", "cpu", *[f"cpu {rule}" for rule in HEAVY]]
    rows: list[list[object]] = table[columns].to_numpy().tolist()
    rows.append(["exponent", "", *[exponent(table[by], table[name]) for name in columns[2:]]])
    show(title, ["features", "samples", "counts MB", "run CPU s", *HEAVY], rows)
    return table, exponent(table[by], table["cpu"])


def show_memory(table: pd.DataFrame) -> None:
    """What a job of every rule needs: at the least counts, at the most, and what a further MB of counts adds."""
    least, most = table.loc[table["counts_mb"].idxmin()], table.loc[table["counts_mb"].idxmax()]
    rows = []
    for name in sorted(column for column in table if column.startswith("memory ")):
        known = table[[name, "counts_mb"]].dropna()
        slope = np.polyfit(known["counts_mb"], known[name], 1)[0]
        rows.append([name.removeprefix("memory "), least[name], most[name], float(slope)])
    header = ["rule", f"MB at {least['counts_mb']:.2g} MB", f"MB at {most['counts_mb']:.2g} MB", "MB a MB"]
    show("memory: resident, by the size of counts.parquet", header, rows)


def many_studies(root: Path, numbers: Sequence[int]) -> float:
    """Costs of runs of many small studies, and what they leave; gives the exponent."""
    rows, costs = [], []
    for number in numbers:
        folder = root / f"{number}_studies"
        cost = run(folder, write_copies(folder, number, n_features=2000, per_arm=3))
        jobs = benchmarks(folder)
        shared = jobs[~jobs["study"].str.startswith("copy_")].set_index("rule")
        files = [path for path in (folder / "results").rglob("*") if path.is_file()]
        memory = [path for path in (folder / ".snakemake").rglob("*") if path.is_file()]
        page = (folder / "results" / "report" / "index.html").stat().st_size / 1e6
        row = [number, cost.cpu, cost.cpu / number, len(jobs) / number, jobs["cpu"].sum() / number]
        row += [len(files) / number, len(memory) / number, sum(path.stat().st_size for path in files) / 1e6 / number]
        rows.append([*row, page, shared.loc["write_report", "memory"], shared.loc["conclude_claims", "memory"]])
        costs.append(cost.cpu)
        shutil.rmtree(folder)
    header = ["studies", "run CPU s", "CPU s a study", "jobs a study", "of the jobs", "files a study"]
    header += ["of .snakemake", "MB a study", "page MB", "write_report MB", "conclude_claims MB"]
    show("runs of studies of 2,000 features x 9 samples", header, rows)
    return exponent(numbers, costs)


def plans(root: Path, numbers: Sequence[int]) -> float:
    """Costs of reading and planning runs of many studies, with nothing run; gives the exponent of the last step."""
    rows, costs = [], []
    committed = yaml.safe_load((REPO / "config.yaml").read_text())
    for number in numbers:
        folder = root / f"plan_{number}"
        path = write_copies(folder, number, n_features=2000, per_arm=3)
        cost = run(folder, path, "--dry-run", "--quiet", "all")
        begin = own_cpu()
        load_catalogue(committed | yaml.safe_load(path.read_text()), REPO / "resources" / "studies")
        rows.append([number, cost.cpu, own_cpu() - begin, 1000 * cost.cpu / number, cost.memory])
        costs.append(cost.cpu)
        shutil.rmtree(folder)
    show("the plan alone (dry run)", ["studies", "CPU s", "reading the studies", "CPU ms a study", "MB"], rows)
    return exponent(numbers[-2:], costs[-2:])


def one_family(root: Path, numbers: Sequence[int]) -> float:
    """Costs of making one family of the claims of many studies; gives the exponent."""
    folder = root / "family"
    config = write_copies(folder, 1, n_features=2000, per_arm=3)
    run(folder, config, "results/copy_00000/mechanisms/verdicts.tsv")
    source = folder / "results" / "copy_00000" / "mechanisms" / "verdicts.tsv"
    text = source.read_text()
    committed = yaml.safe_load((REPO / "config.yaml").read_text())
    bounds = committed["mechanisms"]
    settings = {"rate": bounds["q"], "power": committed["de"]["power"], "detectable_bound": bounds["detectable_log2fc"]}
    settings |= {"equivalence_bound": bounds["equivalence_log2fc"]}
    rows, costs = [], []
    for number in numbers:
        tables = []
        for at in range(number):
            tables.append(folder / f"{at}.tsv")
            tables[-1].write_text(text.replace("copy_00000", f"copy_{at:05d}"))
        begin = own_cpu()
        conclude_run(
            [str(path) for path in tables],
            [True] * number,
            curated=[str(CURATED / "datapackage.json")],
            settings=settings,
            verdicts=str(folder / "all.tsv"),
            mechanisms=str(folder / "mechanisms.tsv"),
        )
        costs.append(own_cpu() - begin)
        size = (folder / "all.tsv").stat().st_size / 1e6
        rows.append([number, number * (text.count("\n") - 1), costs[-1], 1000 * costs[-1] / number, own_memory(), size])
    show("one family of all claims", ["studies", "rows", "CPU s", "CPU ms a study", "MB", "MB written"], rows)
    return exponent(numbers, costs)


def main() -> None:
    """Print the tables, and the exponents in JSON."""
    small = os.environ.get("SIZES") == "small"
    per_arms = (3, 6) if small else (3, 12, 36)
    features = (2000, 4000) if small else (2000, 8000, 24000)
    with tempfile.TemporaryDirectory(prefix="scaling-") as name:
        root = Path(name)
        # First, as the kernel counts the memory of a child from what its parent had: this process is still small.
        planned = plans(root, (10, 100) if small else (10, 100, 1000))
        family = one_family(root, (10, 100) if small else (10, 100, 1000))
        by_samples, samples = sweep_of_one(
            root, "one study, more samples", [(FEATURES, n) for n in per_arms], "samples"
        )
        by_features, widths = sweep_of_one(
            root, "one study, more features", [(n, PER_ARM) for n in features], "n_features"
        )
        show_memory(pd.concat([by_samples, by_features], ignore_index=True))
        studies = many_studies(root, (1, 2) if small else (1, 2, 4))
    figures = {"exponent_samples": samples, "exponent_features": widths, "exponent_studies": studies}
    finish(figures | {"exponent_plan": planned, "exponent_family": family})
