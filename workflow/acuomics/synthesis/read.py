"""Reads what the studies of a run left behind, and the published claims of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from acuomics.catalogue.data import COUNTED
from acuomics.catalogue.overview import claim_rows
from acuomics.catalogue.published import Published, read_published
from acuomics.claims.judge import Pairs, own_claims
from acuomics.claims.run import read_pairs, read_statistics
from acuomics.files import read_json, read_tsv
from acuomics.inputs.table import read_table
from acuomics.mechanisms.annotate import read_features
from acuomics.problems import Problems
from acuomics.synthesis.elsewhere import OTHER_PAPERS, REVERSAL, Place, Source

#: Kinds of studies that leave a fit: also a cell type of a study of single cells, whose sums of counts are modelled.
MODELLED = (*COUNTED, "pseudobulk")


@dataclass(frozen=True)
class Results:
    """The results of one study that has data.

    Parameters
    ----------
    record : mapping
        ``catalogue/study.json``.
    tables : path
        ``de/tables``, or ``intake/statistics.tsv`` of deposited statistics.
    summary : path
        ``de/summary.tsv``, or ``intake/recount.tsv``.
    features : path or None
        ``intake/features.tsv``; None for deposited statistics.
    reversals : sequence of path
        Tables and summaries of the reversal pairs.
    """

    record: Mapping[str, Any]
    tables: Path
    summary: Path
    features: Path | None
    reversals: Sequence[str]

    @property
    def study(self) -> str:
        """The study's name."""
        return str(self.record["study"])

    def read_table(self, contrast: str) -> pd.DataFrame:
        """One table of the `de` stage."""
        text = {"feature": str, "symbol": str, "status": str}
        return read_tsv(self.tables / f"{contrast}.tsv", dtype=text)

    def read_features(self) -> pd.DataFrame:
        """The features; only of counted studies."""
        assert self.features is not None
        return read_features(self.features)

    def read_summary(self) -> pd.DataFrame:
        """Samples and counts of the contrasts."""
        return read_tsv(self.summary, dtype={"contrast": str})

    def evidence(self) -> tuple[pd.DataFrame | None, Mapping[str, pd.DataFrame], pd.DataFrame | None]:
        """Features, tables and summary as `acuomics.claims.judge.judge_published` takes them."""
        if self.features is None:
            deposited = read_statistics(self.tables)
            found = {str(name): part for name, part in deposited.groupby("contrast", sort=False)}
            return deposited.drop_duplicates("feature")[["feature", "mimat", "ncbi_gene"]], found, self.read_summary()
        names = [row["contrast"] for row in self.record["contrasts"]]
        return self.read_features(), {name: self.read_table(name) for name in names}, self.read_summary()

    def pairs(self) -> Pairs:
        """The reversal pairs."""
        return read_pairs(self.reversals)

    def place(self) -> Place:
        """Where claims of others are looked for."""
        return Place(self.record, self.evidence, self.pairs)


def read_results(records: Sequence[Mapping[str, Any]], results: str | Path, reversals: Sequence[str]) -> list[Results]:
    """The studies of the run that have data, in the order of `records`.

    Parameters
    ----------
    records : sequence of mapping
        Records of all studies of the run.
    results : path
        The folder that holds a folder a study.
    reversals : sequence of path
        ``reversal/<pair>.tsv`` and ``.json`` of all studies.
    """
    found = []
    for record in records:
        folder = Path(results) / str(record["study"])
        own = [path for path in reversals if Path(path).parent.parent.name == record["study"]]
        if record["kind"] == "statistics":
            intake = folder / "intake"
            found.append(Results(record, intake / "statistics.tsv", intake / "recount.tsv", None, own))
        elif record["kind"] in MODELLED and record["contrasts"]:
            de = folder / "de"
            found.append(Results(record, de / "tables", de / "summary.tsv", folder / "intake" / "features.tsv", own))
    return found


def read_sources(catalogue: str | Path, records: Sequence[Mapping[str, Any]]) -> tuple[list[Source], Published]:
    """Who published claims: the studies of the catalogue, other papers, and studies of the run that are in neither.

    Raises
    ------
    InputError
        With every fault of the catalogue.
    """
    problems = Problems()
    published = read_published(catalogue, problems)
    problems.raise_if_any()
    by_name = {str(record["study"]): record for record in records}
    running = dict(by_name)
    sources = []
    for study in published.studies:
        record = running.pop(study.study, None)
        sources.append(
            Source(
                study=study.study,
                collection="studies",
                species=str(study.content["species"]),
                level=str(study.content["tissue"]["level"]),
                has_data=record is not None and record["kind"] != "claims_only",
                roles=_roles(Path(catalogue) / study.study / "contrasts.tsv", problems)
                if record is None
                else _known(record),
                # Where the cells are analysed, the claims on a type are its own study's.
                claims=study.claims if record is None else own_claims({**record, "claims": study.claims}),
            )
        )
    problems.raise_if_any()
    papers: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for claim in claim_rows(published):
        if claim["study"] is None:
            papers.setdefault((str(claim["paper"]), str(claim["species"] or "")), []).append(claim)
    for (paper, species), claims in papers.items():
        sources.append(Source(paper, OTHER_PAPERS, species, "", False, {}, claims))
    for name, record in running.items():
        if claims := own_claims(record):
            sources.append(
                Source(
                    study=name,
                    collection="studies",
                    species=str(record["species"]),
                    level=str(record["tissue"]["level"]),
                    has_data=record["kind"] != "claims_only" and record.get("cell_type", {}).get("analysable", True),
                    # A type may have lost the contrast that the claim is about.
                    roles=_known(by_name.get(str(record.get("parent")), record)),
                    claims=claims,
                    parent=str(record.get("parent") or ""),
                )
            )
    return sources, published


def read_own_verdicts(paths: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """``(study, claim)`` to the verdict of the claim's own data, of all studies that have data."""
    found = {}
    for study, path in paths.items():
        table = read_tsv(path, dtype=str)
        found.update({(study, claim): word for claim, word in zip(table["claim"], table["verdict"], strict=True)})
    return found


def read_records(paths: Sequence[str]) -> list[dict[str, Any]]:
    """The records of the run, in its order."""
    return [read_json(path) for path in paths]


def _known(record: Mapping[str, Any]) -> dict[str, str]:
    roles = {row["contrast"]: row["role"] for row in record["contrasts"]}
    return roles | {row["pair"]: REVERSAL for row in record["reversal_pairs"]}


def _roles(path: Path, problems: Problems) -> dict[str, str]:
    """Contrast to role of a study that is not run; names of pairs are told by their ``__``."""
    if not path.is_file():
        return {}
    table = read_table(path, "\t", problems)
    if table is None:
        return {}
    roles = dict(zip(table.column("contrast"), table.column("role"), strict=True))
    models, treatments = ([name for name, role in roles.items() if role == kind] for kind in ("model", "treatment"))
    return roles | {f"{model}__{treatment}": REVERSAL for model in models for treatment in treatments}
