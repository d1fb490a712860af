"""Results of made-up studies, written as the stages above leave them, for tests of the synthesis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from acuomics.claims.vocabulary import VERDICT_COLUMNS as PUBLISHED_COLUMNS
from acuomics.files import read_json, read_tsv, write_json, write_tsv
from acuomics.mechanisms.run import conclude_run, judge_study
from acuomics.synthesis.run import run_synthesis
from acuomics.synthesis.vocabulary import FILES
from tests.claims import table as de_table
from tests.realdata import REPO

CURATED = [str(REPO / "resources" / "mechanisms" / "claims.tsv")]
RAT, MOUSE = (10116, "Rattus norvegicus"), (10090, "Mus musculus")
#: Il1b, Penk, Gfap, Il10: curated at spinal level, claimed to fall, rise, fall and rise.
GENES = {"24494": "Il1b", "29237": "Penk", "24387": "Gfap", "25325": "Il10"}
VERDICT_SETTINGS = {"rate": 0.05, "power": 0.8, "detectable_bound": 1.0, "equivalence_bound": 0.585}
TREATMENT = {"contrast": "ea_vs_model", "factor": "condition", "numerator": "EA", "denominator": "model"}


def facts(hertz: list[Any] | None = None, kind: str = "electroacupuncture", **identifiers: Any) -> dict[str, Any]:
    """Facts of a study; nothing is stated but what is given."""
    stated = dict.fromkeys(("acupoints", "intensity", "side", "sham", "schedule"))
    known = {"accession": [], "doi": None, "pmid": None, "pmcid": None} | identifiers
    return {"intervention": {"kind": kind, "frequency_hz": hertz, **stated}, "identifiers": known}


def record(study: str, n: int = 4, species: tuple[int, str] = RAT, **changes: Any) -> dict[str, Any]:
    """A study record: EA against the model in rat spinal cord, `n` samples an arm."""
    contrast = TREATMENT | {"covariates": [], "role": "treatment"}
    samples = [{"sample": f"{study}_{arm}_{i}", "condition": arm} for arm in ("EA", "model") for i in range(n)]
    content: dict[str, Any] = {
        "study": study,
        "title": study,
        "simulated": False,
        "kind": "counts",
        "facts": facts([2]),
    }
    content |= {"species": species[1], "taxon": species[0], "source": "made for a test", "model": "nerve injury"}
    content |= {"tissue": {"name": "cord", "level": "spinal", "uberon": None}, "assay": "mrna", "intervention": "EA"}
    content |= {"design": "~ condition", "feature_id": "ncbi_gene", "counts": {"path": f"{study}.tsv"}}
    content |= {"samples": samples, "contrasts": [contrast], "reversal_pairs": [], "claims": [], "warnings": []}
    return content | changes


def trait(study: str, n: float = 8.0, pool: str = "p", **changes: Any) -> dict[str, Any]:
    """A scored contrast, as far as the choice of contrasts and effects read it."""
    row: dict[str, Any] = {
        "study": study,
        "contrast": "ea_vs_model",
        "role": "treatment",
        "family": "real",
        "pool": pool,
    }
    row |= {
        "n_numerator": n / 2,
        "n_denominator": n / 2,
        "effective_n": n,
        "taken": True,
        "why_taken": "",
        "assay": "mrna",
    }
    return row | changes


def effects(effect: np.ndarray, se: np.ndarray, genes: list[str] | None = None, pool: str = "p") -> pd.DataFrame:
    """Effects of one pool from arrays, genes x studies; NaN where a study has none."""
    rows = []
    names = genes or [str(1000 + at) for at in range(len(effect))]
    for gene, name in enumerate(names):
        for study in range(effect.shape[1]):
            if np.isfinite(effect[gene, study]):
                row = {"pool": pool, "family": "real", "study": f"s{study}", "contrast": "ea_vs_model"}
                row |= {"identifier_kind": "ncbi_gene", "identifier": name, "feature": name, "symbol": f"G{name}"}
                row |= {"log2fc": effect[gene, study], "log2fc_se": se[gene, study], "effective_n": 6.0 + study}
                rows.append(row | {"base_mean": 100.0, "in_pool": True})
    return pd.DataFrame(rows)


class Run:
    """Made-up studies below ``root/results``; `synthesise` runs the stage on them."""

    def __init__(self, root: Path, n_genes: int = 60) -> None:
        self.root, self.names, self.records = root, [], []
        self.genes = [*GENES, *(str(900000 + at) for at in range(n_genes - len(GENES)))]

    def study(self, name: str, log2fc: np.ndarray | None, se: float = 0.2, **changes: Any) -> dict[str, Any]:
        """Write a study with these effects of EA; None: a study without data."""
        content = record(name, **changes)
        if log2fc is None:
            content |= {"kind": "claims_only", "samples": [], "counts": None}
        folder = self.root / "results" / name
        write_json(content, folder / "catalogue" / "study.json")
        write_tsv(pd.DataFrame(columns=list(PUBLISHED_COLUMNS)), folder / "claims" / "verdicts.tsv")
        self.names.append(name)
        self.records.append(content)
        if log2fc is None:
            return content
        symbols = [GENES.get(gene, f"Gene{gene}") for gene in self.genes]
        features = pd.DataFrame(
            {"feature": self.genes, "ncbi_gene": self.genes, "symbol": symbols, "mapping": "identity"}
        )
        write_tsv(features.assign(ensembl_gene=None, mimat=None), folder / "intake" / "features.tsv")
        table = de_table(log2fc, 0.2, feature=self.genes, symbol=symbols, base_mean=500.0).assign(log2fc_se=se)
        sizes = []
        (folder / "de" / "tables").mkdir(parents=True)
        for contrast in content["contrasts"]:
            write_tsv(table, folder / "de" / "tables" / f"{contrast['contrast']}.tsv")
            n = [
                sum(s["condition"] == contrast[side] for s in content["samples"])
                for side in ("numerator", "denominator")
            ]
            sizes.append({"contrast": contrast["contrast"], "n_numerator": n[0], "n_denominator": n[1]})
        columns = ["contrast", "n_numerator", "n_denominator"]
        write_tsv(pd.DataFrame(sizes, columns=columns), folder / "de" / "summary.tsv")
        judge_study(
            record=str(folder / "catalogue" / "study.json"),
            features=str(folder / "intake" / "features.tsv"),
            tables=str(folder / "de" / "tables"),
            curated=CURATED,
            settings=VERDICT_SETTINGS,
            verdicts=str(folder / "mechanisms" / "verdicts.tsv"),
        )
        return content

    def synthesise(
        self, orthologues: str | None = None, order: list[str] | None = None, **settings: Any
    ) -> dict[str, Any]:
        """Run the stage; gives its tables and, as ``facts``, its summary."""
        results = self.root / "results"
        names = order or self.names
        counted = [r for r in self.records if r["kind"] != "claims_only"]
        conclude_run(
            [str(results / r["study"] / "mechanisms" / "verdicts.tsv") for r in counted],
            [r["simulated"] for r in counted],
            curated=CURATED,
            settings=VERDICT_SETTINGS,
            verdicts=str(results / "mechanisms" / "verdicts.tsv"),
            mechanisms=str(results / "mechanisms" / "mechanism_verdicts.tsv"),
        )
        into = results / "synthesis"
        run_synthesis(
            records=[str(results / name / "catalogue" / "study.json") for name in names],
            results=str(results),
            reversals=[],
            verdicts=str(results / "mechanisms" / "verdicts.tsv"),
            published={name: str(results / name / "claims" / "verdicts.tsv") for name in names},
            curated=CURATED,
            catalogue=str(REPO / "resources" / "studies"),
            endpoints=str(REPO / "resources" / "synthesis" / "endpoints.tsv"),
            roles=str(REPO / "resources" / "synthesis" / "roles.tsv"),
            orthologues=orthologues,
            pins=str(REPO / "resources" / "references" / "references.tsv"),
            settings=settings,
            claim_settings=VERDICT_SETTINGS,
            into=str(into),
        )
        text = {"identifier": str, "feature": str}
        found: dict[str, Any] = {
            name: read_tsv(into / file, dtype=text) for name, file in FILES.items() if file.endswith(".tsv")
        }
        return found | {"facts": read_json(into / FILES["facts"])}
