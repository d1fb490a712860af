"""Two tiny simulated studies through the workflow: the synthesis is written, pools them, and finds what was planted."""

import json

import pandas as pd

from acuomics.synthesis.vocabulary import FILES
from tests.many_studies import write_many_studies
from tests.workflow import snakemake


def test_two_studies_are_pooled_by_the_workflow(tmp_path):
    settings = {"reversal": {"permutations": 1}}
    many = write_many_studies(tmp_path, 2, n_features=410, tau=0.1, samples=3, embedded=(), n_low=2, **settings)
    result = snakemake(tmp_path, "results/synthesis/synthesis.json", config=many.config)
    assert result.returncode == 0, result.stdout
    folder = tmp_path / "results" / "synthesis"
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES.values())
    facts = json.loads((folder / FILES["facts"]).read_text())
    (pool,) = facts["pools"]
    assert (pool["studies"], pool["status"], pool["key"]["family"]) == (many.copies, "pooled", "simulated")
    pooled = pd.read_csv(folder / FILES["pooled"], sep="\t", dtype={"identifier": str})
    genes = (
        pooled[pooled["unit"] == "gene"]
        .set_index("identifier")
        .join(many.truth.set_index("feature")[["mean", "tau"]], how="inner")
    )
    assert len(genes) > 300
    # Two studies: Stouffer finds the planted effects, in their direction; their mean is near the planted one.
    strong = genes[genes["mean"].abs() > 0.7]
    assert len(strong) > 30 and (strong["q_claim"] < 0.05).mean() > 0.8
    assert (strong["estimate"] * strong["mean"] > 0).mean() > 0.95
    assert (strong["estimate"] - strong["mean"]).abs().median() < 0.35
    null = genes[(genes["mean"] == 0) & (genes["tau"] == 0)]
    assert (null["q_claim"] < 0.05).mean() < 0.05
    # No path of the machine.
    assert not any(str(tmp_path) in path.read_text() for path in folder.iterdir() if path.suffix != ".parquet")
