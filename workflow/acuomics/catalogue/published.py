"""All published studies of a folder: study.yaml, contrasts and claims of each, read and checked together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acuomics.catalogue.claims import Claim, read_claims
from acuomics.catalogue.contrasts import read_contrasts
from acuomics.catalogue.pairs import find_pairs
from acuomics.catalogue.schema import check_schema
from acuomics.inputs.strict_yaml import read_yaml
from acuomics.problems import Problems

#: Claims of papers that are no study of the catalogue.
OTHER_PAPERS = "other_papers.tsv"
OTHER_COLUMNS = ("paper", "species", "tissue")


@dataclass(frozen=True)
class PublishedStudy:
    """A study with a block of facts.

    Parameters
    ----------
    study : str
        The name of its folder.
    content : dict
        study.yaml, valid by schema.
    claims : list of dict
        The rows of claims.tsv (see `read_claims`); empty when it has none.
    """

    study: str
    content: dict[str, Any]
    claims: list[Claim]

    @property
    def facts(self) -> dict[str, Any]:
        """The block of facts."""
        facts: dict[str, Any] = self.content["facts"]
        return facts


@dataclass(frozen=True)
class Published:
    """The published studies in the order of their rows (D before C), and the claims of other papers."""

    studies: list[PublishedStudy]
    others: list[Claim]
    without_facts: list[str] = field(default_factory=list)


def read_published(folder: str | Path, problems: Problems) -> Published:
    """Read every study of a folder; data files are not opened.

    Parameters
    ----------
    folder : path
        Holds a folder a study, and ``other_papers.tsv`` or none.
    problems : Problems
        Takes every fault of study.yaml (JSON Schema), contrasts.tsv and claims.tsv, and rows of the catalogue
        that two studies give.

    Returns
    -------
    Published
        Studies whose study.yaml cannot be used are left out (and reported).
    """
    studies: list[PublishedStudy] = []
    without_facts: list[str] = []
    files = sorted(Path(folder).glob("*/study.yaml"))
    if not files:
        fix = "name a folder that holds a folder a study"
        problems.add(folder, "there is no study here (no file */study.yaml)", fix)
    for file in files:
        content = read_yaml(file, problems)
        if content is None or not check_schema(content, "study", str(file), problems):
            continue
        name = file.parent.name
        if content["study"] != name:
            problems.add(
                file,
                f"the key study must repeat the name of the folder, {name!r}",
                "rename the folder or mend the key",
                column="study",
                value=content["study"],
            )
        if "facts" not in content:
            without_facts.append(name)
            continue
        studies.append(PublishedStudy(name, content, _claims(file.parent, content, problems)))
    _check_rows(studies, Path(folder), problems)
    others_file = Path(folder) / OTHER_PAPERS
    others = read_claims(str(others_file), (), (), problems, first=OTHER_COLUMNS) if others_file.is_file() else []
    studies.sort(key=lambda study: (study.facts["row"][0] != "D", study.facts["row"]))
    return Published(studies, others, without_facts)


def _claims(folder: Path, content: Mapping[str, Any], problems: Problems) -> list[Claim]:
    contrasts: list[dict[str, Any]] = []
    if (folder / "contrasts.tsv").is_file():
        # No design: what needs the samples is checked when the study runs.
        contrasts = read_contrasts(str(folder / "contrasts.tsv"), None, [], 2, problems, [])
    if not (folder / "claims.tsv").is_file():
        return []
    names, pairs = [row["contrast"] for row in contrasts], [row["pair"] for row in find_pairs(contrasts)]
    # Types that are called from panels are known when the study runs.
    of_cells = "cells" in content or content["assay"] == "single_cell"
    cell_types = content.get("cells", {}).get("types", ()) if of_cells else None
    return read_claims(str(folder / "claims.tsv"), names, pairs, problems, cell_types=cell_types)


def _check_rows(studies: list[PublishedStudy], folder: Path, problems: Problems) -> None:
    twice = [row for row, n in Counter(study.facts["row"] for study in studies).items() if n > 1]
    for row in twice:
        names = [study.study for study in studies if study.facts["row"] == row]
        problems.add(
            folder / names[1] / "study.yaml",
            f"the row of the catalogue is that of {names[0]} too",
            "give every study its own row",
            column="facts.row",
            value=row,
        )
