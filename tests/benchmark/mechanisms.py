"""CPU of the mechanism stage on 30,000 genes x 12 samples, imports and reading apart."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pandas as pd

from acuomics.de.study import analyse_study
from acuomics.designs import contrast_vector, design_of
from acuomics.mechanisms.annotate import annotate
from acuomics.mechanisms.curated import claims_with_parts, load_set
from acuomics.mechanisms.settests.model import fit_contrasts, weighted_model
from acuomics.mechanisms.settests.table import set_tests
from acuomics.mechanisms.settests.ulm import ulm_sensitivity
from acuomics.mechanisms.superfamilies import read_superfamilies, superfamilies_of
from acuomics.mechanisms.verdicts.judge import judge_claims
from acuomics.problems import Problems
from acuomics.simulate.counts import simulate_counts, three_arms
from acuomics.simulate.features import no_features
from acuomics.simulate.spec import SimulationSpec
from tests.benchmark.output import finish, show
from tests.realdata import REPO

FOLDER = REPO / "resources" / "mechanisms"
RAT = 10116


def main(n_features: int = 30_000, n: int = 4) -> None:
    """Print the CPU of each part, and their sum."""
    curated = load_set(FOLDER)
    genes = curated.members[curated.members["species"] == str(RAT)].drop_duplicates("gene_ncbi")
    spec = SimulationSpec(n_features=n_features)
    samples = three_arms(spec, n)
    counts, _ = simulate_counts(spec, no_features(), samples, 1)
    ids = [*genes["gene_ncbi"], *[None] * (n_features - len(genes))]
    features = pd.DataFrame({"feature": counts["feature"], "ncbi_gene": ids, "ensembl_gene": None, "mimat": None})
    features = features.assign(symbol=[*genes["symbol"], *counts["symbol"][len(genes) :]], mapping="identity")
    arms = (("model", spec.model, spec.control), ("treatment", spec.treated, spec.model))
    record: dict[str, Any] = {
        "study": "bench",
        "taxon": RAT,
        "assay": "mrna",
        "source": "",
        "tissue": {"level": "spinal"},
        "design": f"~ {spec.factor}",
        "samples": samples.to_dict("records"),
        "contrasts": [
            {"contrast": r, "factor": spec.factor, "numerator": t, "denominator": d, "covariates": [], "role": r}
            for r, t, d in arms
        ],
    }
    long = counts.drop(columns="symbol")
    result = analyse_study(record, long, [None] * n_features, engine="deseq2", rate=0.05, power=0.8)
    matrix = counts[list(samples["sample"])].to_numpy(dtype=float).T
    size_factors = pd.Series(result.fit["size_factors"])[list(samples["sample"])].to_numpy()
    design = design_of(record)
    rows: list[list[Any]] = []

    def timed(name: str, function: Callable[[], Any]) -> Any:
        begin = time.process_time()
        value = function()
        rows.append([name, time.process_time() - begin])
        return value

    timed("read and check the curated set", lambda: load_set(FOLDER))
    timed("annotate", lambda: annotate(record, features, result.tables, curated, q=0.05))
    mirnas = curated.mirnas[curated.mirnas["use"] == "claim"]
    claims = claims_with_parts(curated)
    timed(
        "judge 180 claims",
        lambda: judge_claims(claims, curated.members, mirnas, curated.levels, record, features, result.tables),
    )
    families = read_superfamilies(str(FOLDER / "superfamilies.tsv"), curated, Problems())
    found = superfamilies_of(families, curated, RAT, "spinal", ids)
    sets = {name: family.gene_set for name, family in found.items()}
    model = timed("voom", lambda: weighted_model(matrix, design.matrix, size_factors))
    vectors = {c["contrast"]: contrast_vector(design, c) for c in record["contrasts"]}
    fits = timed("moderated t", lambda: fit_contrasts(model, vectors))
    timed("fry and camera of six sets", lambda: set_tests(model, fits, sets))
    total = sum(row[1] for row in rows)
    ulm_sensitivity(model, fits, sets)  # the first call imports and compiles
    timed("ULM, sensitivity", lambda: ulm_sensitivity(model, fits, sets))
    show(f"Mechanism stage, {n_features:,} genes x {3 * n} samples, two contrasts", ["part", "CPU s"], rows)
    finish({"cpu_s": total, "cpu_s_with_ulm": sum(row[1] for row in rows)})
