"""A small curated set and a study whose every fold change the test decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

from acuomics.mechanisms.verdicts.judge import judge_claims
from acuomics.mechanisms.verdicts.vocabulary import Settings

RAT = 10116
LEVELS = pd.DataFrame(
    {
        "level": ["spinal", "DRG", "brainstem", "blood_systemic"],
        "ontology_ids": ["UBERON:0002240", "UBERON:0000044", "UBERON:0003040", "UBERON:0000178"],
    }
)
# symbol, id, mechanism, entity, role, rule, sign, evidence, soma
GENES = [
    ("Il1b", "1", "M:il1b", "E:il1b", "cytokine_ligand", "strong", "+", "named_in_seed", ""),
    ("Il10", "2", "M:il10", "E:il10", "cytokine_ligand", "strong", "+", "named_in_seed", ""),
    ("Penk", "3", "M:enk", "E:enk", "ligand_precursor", "weak", "+", "sole_or_direct_gene_of_named_entity", ""),
    ("Oprd1", "4", "M:enk", "E:dor", "receptor", "none", "0", "curator_component", ""),
    ("Mapk14", "5", "M:p38", "E:p38", "kinase", "none", "0", "named_in_seed", ""),
    ("Scn9a", "6", "M:nav", "E:nav", "channel", "none", "0", "curator_component", ""),
    ("Tph2", "7", "M:5ht", "E:5ht", "synthesis_enzyme", "weak", "+", "curator_component", "brainstem"),
    ("Aif1", "8", "M:microglia", "E:aif1", "marker", "strong", "+", "curator_proxy", ""),
    ("Cd68", "9", "M:microglia", "E:cd68", "marker", "strong", "+", "curator_proxy", ""),
    ("P2ry12", "10", "M:microglia", "E:p2ry12", "marker", "weak", "-", "curator_proxy", ""),
    ("Cx3cr1", "11", "M:microglia", "E:cx3cr1", "marker", "weak", "+", "named_in_seed", ""),
    ("Cxcl1", "12", "M:cxcl1", "E:cxcl1", "chemokine_ligand", "strong", "+", "named_in_seed", ""),
    ("Cxcr2", "13", "M:cxcl1", "E:cxcr2", "chemokine_receptor", "strong", "+", "named_in_seed", ""),
    ("Gad1", "14", "M:gaba", "E:gad1", "synthesis_enzyme", "weak", "+", "curator_component", ""),
]
# Entities that a mechanism's own entity includes.
PARTS = {m: [g[3] for g in GENES if g[2] == m] for m in {g[2] for g in GENES}}
MIRNAS = pd.DataFrame(
    {
        "mimat": ["MIMAT0000606", "MIMAT0000677", "MIMAT0000780"],
        "species": ["rno", "mmu", "rno"],
        "entity_id": ["E:mir7a", "E:mir7a", "E:mir7b"],
        "mechanism_id": ["M:mir7", "M:mir7", "M:mir7"],
        "tier": ["seed", "seed", "context"],
        "name_v22": ["rno-miR-7a-5p", "mmu-miR-7a-5p", "rno-miR-7b"],
    }
)


def members() -> pd.DataFrame:
    columns = ["symbol", "gene_ncbi", "mechanism_id", "entity_id", "role", "direction_rule", "expected_sign"]
    table = pd.DataFrame(GENES, columns=[*columns, "member_evidence", "soma_levels"])
    return table.assign(species=str(RAT), tier="seed", shared_with="")


def claim(id_: str, mechanism: str, direction: str, **changes: Any) -> dict[str, Any]:
    return {
        "claim_id": id_,
        "mechanism_id": mechanism,
        "entity_id": "|".join(dict.fromkeys(["E:" + mechanism.partition(":")[2], *PARTS.get(mechanism, [])])),
        "aspect": "abundance",
        "direction": direction,
        "negated": "true" if direction == "0" else "false",
        "level": "spinal",
        "site_id": "",
        "species": "rat",
        "tier": "seed_named",
        "conflict_group": "",
        "testability": "direct",
        "claim_source_dataset": "",
        "assertion": "",
        "frequency_hz": "",
    } | changes


class World:
    """Claims, and what each gene does in the treatment contrast; every other gene lies still."""

    def __init__(self) -> None:
        self.members, self.mirnas, self.levels = members(), MIRNAS.copy(), LEVELS.copy()
        self.claims: list[dict[str, Any]] = []
        self.record: dict[str, Any] = {
            "study": "small",
            "taxon": RAT,
            "tissue": {"level": "spinal"},
            "assay": "mrna",
            "source": "PMID:123, doi 10.1000/abc.5",
            "samples": [{"sample": f"{c}{i}", "condition": c} for c in ("control", "model", "EA") for i in range(3)],
            "contrasts": [self.contrast("ea_vs_model", "EA", "model", "treatment")],
        }
        self.settings = Settings()
        # symbol -> (log2fc, se), and symbol -> changes of its row.
        self.seen: dict[str, tuple[float, float]] = {}
        self.changes: dict[str, dict[str, Any]] = {}
        self.absent: set[str] = set()

    @staticmethod
    def contrast(name: str, numerator: str, denominator: str, role: str) -> dict[str, Any]:
        return {
            "contrast": name,
            "factor": "condition",
            "numerator": numerator,
            "denominator": denominator,
            "covariates": [],
            "role": role,
        }

    def features(self) -> pd.DataFrame:
        rows = [(f"feature{g[1]}", g[1], None, g[0]) for g in GENES]
        rows += [("rno-miR-7a-5p", None, "MIMAT0000606", None), ("rno-miR-7b", None, "MIMAT0000780", None)]
        table = pd.DataFrame(rows, columns=["feature", "ncbi_gene", "mimat", "symbol"], dtype=object)
        label = table["symbol"].fillna(table["feature"])
        return table[~label.isin(self.absent)].assign(ensembl_gene=None, mapping="identity", label=label)

    def table(self, features: pd.DataFrame) -> pd.DataFrame:
        values = [self.seen.get(name, (0.01, 0.2)) for name in features["label"]]
        table = pd.DataFrame(values, columns=["log2fc", "log2fc_se"])
        table["stat"] = table["log2fc"] / table["log2fc_se"]
        table["p"] = 2 * ndtr(-np.abs(table["stat"]))
        table["q"] = np.minimum(1.0, 5 * table["p"])
        table = table.assign(feature=features["feature"].to_numpy(), symbol=None, base_mean=100.0, status="tested")
        for row, name in enumerate(features["label"]):
            for column, value in self.changes.get(name, {}).items():
                table.loc[row, column] = value
        return table

    def judge(self) -> pd.DataFrame:
        return self.both()[0]

    def both(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        features = self.features()
        table = self.table(features)
        tables = {contrast["contrast"]: table for contrast in self.record["contrasts"]}
        return judge_claims(
            pd.DataFrame(self.claims),
            self.members,
            self.mirnas,
            self.levels,
            self.record,
            features.drop(columns="label"),
            tables,
            self.settings,
        )

    def one(self, claim: dict[str, Any]) -> pd.Series:
        """Judge one claim that has one row."""
        self.claims = [claim]
        (row,) = [row for _, row in self.judge().iterrows()]
        return row


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def make_world() -> Callable[[], World]:
    return World
