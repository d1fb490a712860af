"""The study that a cell type becomes: counts of animals, with as many animals, contrasts and pairs as have cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from acuomics.catalogue.claims import CELL_TYPE
from acuomics.catalogue.data import COUNTS
from acuomics.catalogue.design import check_design
from acuomics.catalogue.formula import parse_formula
from acuomics.catalogue.pairs import find_pairs
from acuomics.files import read_tsv
from acuomics.problems import Problems

#: What a type is that the data do not have.
NOT_FOUND = "no cell of this type was found"


def derive_records(parent: Mapping[str, Any], folder: str | Path) -> list[dict[str, Any]]:
    """Make the study record of every type that a study of single cells declares.

    Parameters
    ----------
    parent : mapping
        The record of the study, ``cells`` in it.
    folder : path
        What `acuomics.singlecell.write.write_analysis` wrote.

    Returns
    -------
    list of dict
        Records in the order in which the types are declared. Beside the keys of any study they have ``parent``, and
        ``cell_type``: ``name, cell_ontology, n_cells, n_animals, animals, left_out, analysable, reason``. A type that
        cannot be tested has no contrast and no sample, and its reason.
    """
    folder = Path(folder)
    table = read_tsv(folder / "cell_types.tsv", dtype={"cell_type": str, "left_out": str, "contrasts": str})
    found = {row["cell_type"]: row for row in table.to_dict("records")}
    records = []
    for entry in parent["cells"]["types"]:
        row = found.get(entry["cell_type"])
        samples: list[dict[str, str]] = []
        if row is not None and row["analysable"]:
            sheet = read_tsv(folder / "pseudobulk" / row["slug"] / "samples.tsv", dtype=str)
            names = set(sheet["sample"])
            samples = [dict(sample) for sample in parent["samples"] if sample["sample"] in names]
        records.append(derive_record(parent, entry, row, samples, folder))
    return records


def derive_record(
    parent: Mapping[str, Any],
    entry: Mapping[str, str],
    row: Mapping[Any, Any] | None,
    samples: Sequence[Mapping[str, str]],
    folder: Path,
) -> dict[str, Any]:
    """Make the record of one type (see `derive_records`): `row` is its row of ``cell_types.tsv``."""
    possible = [] if row is None or not row["analysable"] else str(row["contrasts"]).split("|")
    contrasts = [contrast for contrast in parent["contrasts"] if contrast["contrast"] in possible]
    reason = NOT_FOUND if row is None else str(row["reason"]) if not row["analysable"] else ""
    if contrasts:
        reason = _fault_of_design(str(parent["design"]), samples)
    if reason:
        contrasts, samples = [], []
    name = entry["cell_type"]
    warnings = _warnings(row) if contrasts and row is not None else []
    slug = row["slug"] if row is not None else "none"
    counts: dict[str, Any] = {
        "format": "tsv",
        "layout": "matrix",
        "path": str(folder / "pseudobulk" / slug / "counts.tsv"),
    }
    counts |= {"feature_column": "feature", "label_column": "symbol", "excluded_samples": []}
    return {
        **{key: value for key, value in parent.items() if key not in ("cells", "reads", "statistics")},
        "study": entry["study"],
        "parent": parent["study"],
        "kind": "pseudobulk",
        "assay": "mrna",
        "title": f"{parent['title']}: {name}",
        "summary": f"Counts of the cells of one type ({name}), added up by animal; a sample is an animal.",
        "facts": None,
        "claims": [claim for claim in parent["claims"] if claim.get(CELL_TYPE) == name],
        "cell_type": {
            "name": name,
            "cell_ontology": entry["cell_ontology"],
            **{key: 0 if row is None else int(row[key]) for key in ("n_cells", "n_animals")},
            **{key: "none" if row is None else str(row[key]) for key in ("animals", "left_out")},
            "analysable": bool(contrasts),
            "reason": reason or "none",
        },
        # Sums of raw counts, however low they are.
        "counts": {**COUNTS, **counts, "low_counts": True} if contrasts else None,
        "reads": None,
        "statistics": None,
        "samples": [dict(sample) for sample in samples],
        "contrasts": [dict(contrast) for contrast in contrasts],
        "reversal_pairs": find_pairs(contrasts),
        "warnings": warnings,
    }


def _fault_of_design(formula: str, samples: Sequence[Mapping[str, str]]) -> str:
    """Why the animals that are left cannot answer the design; empty where they can."""
    problems = Problems()
    design = parse_formula(formula, "design", problems)
    if design is not None:
        check_design(design, samples, "design", problems)
    return "; ".join(problem.message for problem in problems.found)


def _warnings(row: Mapping[Any, Any]) -> list[str]:
    found = []
    if row["left_out"] != "none":
        found.append(f"animals with too few cells of the type are left out: {str(row['left_out']).replace('|', ', ')}")
    if row["reason"] != "none":
        found.append(f"contrasts that cannot be tested: {row['reason']}")
    return found
