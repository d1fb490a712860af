"""What the pages of studies need beside ``report/study.json``: figures, charts, verdicts, parents and children."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from acuomics.files import read_json
from acuomics.report.charts.chart import merge_charts
from acuomics.report.charts.claims import claim_charts
from acuomics.report.claims import with_claims
from acuomics.report.site.charts import prepare_charts
from acuomics.report.site.safe import anchor
from acuomics.report.verdicts import study_verdicts

#: Keys that older descriptions, and those of studies without counts, do not have.
ABSENT: Mapping[str, Any] = {
    "parent": None,
    "summary": "",
    "answer": [],
    "card": [],
    "caveats": [],
    "warnings": [],
    "contrasts": [],
    "reversals": [],
    "no_reversal": None,
    "recovery": None,
    "mechanisms": {"set_hash": None},
    "settests": None,
    "figures": [],
    "tables": {},
    "methods": [],
    "references": [],
    "versions": {},
    "feature_word": "features",
}
#: Tables of a study of single cells, in the order of its page.
CELL_TABLES = ("cell_types", "composition", "verdict_matrix", "losses", "clusters", "resolutions", "recovery")


def complete(study: Mapping[str, Any]) -> dict[str, Any]:
    """A description with every key that a page reads."""
    whole = {**ABSENT, **study}
    return {**whole, "title": str(whole.get("title") or whole["study"]), "simulated": bool(whole.get("simulated"))}


def with_figures(study: Mapping[str, Any], folder: Path, root: Path) -> dict[str, Any]:
    """Copy the SVG of every figure below `root`; a figure whose file is not there is marked ``missing``."""
    into = root / "figures" / anchor(str(study["study"]))
    figures = []
    for figure in study["figures"]:
        source = folder / f"{figure['name']}.svg"
        if not source.is_file():
            figures.append({**figure, "missing": True})
            continue
        into.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, into / f"{anchor(figure['name'])}.svg")
        figures.append(dict(figure))
    return {**study, "figures": figures}


def with_charts(
    study: Mapping[str, Any], charts: Path, root: Path, verdicts: pd.DataFrame | None = None
) -> dict[str, Any]:
    """Write the data of the study's charts below `root` and put what its page mounts into the description.

    With the verdicts of all studies, those on the study's curated claims are drawn as well.
    """
    content = read_json(charts) if charts.is_file() else None
    if verdicts is not None and study["counted"]:
        content = merge_charts(content, claim_charts(str(study["study"]), verdicts))
    return {**study, "charts": prepare_charts(content, str(study["study"]), root, "../")}


def with_verdicts(
    study: Mapping[str, Any], verdicts: pd.DataFrame | None, mechanisms: pd.DataFrame | None
) -> dict[str, Any]:
    """Put the verdicts of a study into its description (see `study_verdicts`)."""
    names = (study.get("mechanisms") or {}).get("names") or {}
    facts, tables = study_verdicts(str(study["study"]), verdicts, mechanisms, float(study["q"]), names)
    return {**study, "verdicts": facts, "tables": {**study["tables"], **tables}}


def with_published(study: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Put the verdicts on published claims into the description; without a file there are none."""
    return with_claims(study, path) if path.is_file() else {**study, "claims": None}


def with_family(studies: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Tell every study its children (studies derived from it), their claims, and which sections its page has."""
    return [
        {
            **study,
            "children": [other["study"] for other in studies if other.get("parent") == study["study"]],
            "typed_claims": sum(
                other["claims"]["n"] for other in studies if other.get("parent") == study["study"] and other["claims"]
            ),
            "has_reads": _has(study, "reads"),
            "cell_tables": [key for key in CELL_TABLES if key in study["tables"]],
        }
        for study in studies
    ]


def _has(study: Mapping[str, Any], group: str) -> bool:
    drawn = [*study["figures"], *study["charts"]["charts"], *study["charts"]["left_out"]]
    return any(name.startswith(group) for name in study["tables"]) or any(item["group"] == group for item in drawn)
