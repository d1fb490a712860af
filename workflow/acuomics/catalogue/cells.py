"""A study of single cells before its matrices are opened: libraries, files, and the cell types that it declares."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from acuomics.catalogue.formula import Formula
from acuomics.inputs.libraries import LibrarySheet, read_library_sheet
from acuomics.inputs.table import has_columns, read_table
from acuomics.inputs.words import did_you_mean, some
from acuomics.problems import Problems

#: Marker panels, by which types are called where the study has no labels.
MARKERS = Path(__file__).resolve().parents[3] / "resources" / "cells" / "markers.tsv"
#: The columns of the species in the table of markers, by NCBI taxon.
SPECIES = {9606: "human", 10090: "mouse", 10116: "rat"}
#: Forms of one sheet of samples that a sheet of libraries has not.
SHEET_KEYS = ("sample_column", "columns", "values", "keep")
#: The word for cells of no known type, which is no type.
UNASSIGNED = "unassigned"


def slugs(types: Sequence[str]) -> dict[str, str]:
    """A name of ``[a-z0-9_]`` for every type, each its own."""
    given: dict[str, str] = {}
    for name in types:
        slug = stem = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "type"
        n = 1
        while slug in given.values():
            n += 1
            slug = f"{stem}_{n}"
        given[name] = slug
    return given


def read_sheet(
    content: Mapping[str, Any], sheet: str, design: Formula | None, file: str, problems: Problems
) -> LibrarySheet | None:
    """Read the sheet of libraries of a study.

    Parameters
    ----------
    content : mapping
        study.yaml, valid by its schema.
    sheet : str
        Where the sheet lies.
    design : Formula or None
        Its factors are those of the sheet; None (already reported): every column that has no other meaning.
    file : str
        study.yaml, for messages.
    problems : Problems
        Takes the faults, those of `acuomics.inputs.libraries.read_library_sheet` among them.
    """
    spec = content.get("samples", {})
    for key in SHEET_KEYS:
        if key in spec:
            fix = "remove it, and call the columns library, sample, the factors, batch, path in the sheet itself"
            problems.add(file, "a sheet of libraries is read as it stands", fix, column=f"samples.{key}")
    cells = content["cells"]
    needed = "path" not in cells and "simulation" not in cells
    factors = design.factors if design else ()
    return read_library_sheet(
        sheet, problems, separator=spec.get("separator"), factors=factors, paths_needed=needed
    )  # fmt: skip


def declared_types(
    study: str, content: Mapping[str, Any], file: str, problems: Problems, markers: Path = MARKERS
) -> list[dict[str, str]]:
    """Give the cell types that the study declares, each of which becomes a study of its own.

    With the study's own labels (``label_column``) those of ``cells.types``; else the types of its marker panels, or
    those of them that ``cells.types`` names. What is declared is known before anything runs; a type that is not found
    then is reported as not analysable.

    Parameters
    ----------
    study : str
        Its name.
    content : mapping
        study.yaml, valid by its schema.
    file : str
        Its name, for messages.
    problems : Problems
        Takes unknown panels and types, labels without a list of types.
    markers : path
        The table of markers.

    Returns
    -------
    list of dict
        ``cell_type``; ``study``, the name ``<study>_<type>``; ``cell_ontology`` (NA where it is not known).
    """
    cells = content["cells"]
    named = list(cells.get("types", ()))
    if UNASSIGNED in named:
        fix = "leave it out: cells without a type are never tested"
        problems.add(file, "this is the word for cells of no type", fix, column="cells.types", value=UNASSIGNED)
    if "label_column" in cells:
        if not named:
            fix = "list the labels to be tested, such as types: [microglia, astrocyte]"
            problems.add(file, "the types of the study's own labels are not declared", fix, column="cells.types")
        return _entries(study, dict.fromkeys(named, "NA"))
    panels = list(cells.get("panels", ()))
    if not panels:
        fix = "name panels of resources/cells/markers.tsv, or the column of the study's own labels (label_column)"
        problems.add(file, "nothing says how cells get a type", fix, column="cells.panels")
        return []
    known = _panel_types(panels, int(content["taxon"]), file, markers, problems)
    for name in named:
        if name not in known and known:
            fix = f"{did_you_mean(name, known)} write types of the panels: {some(list(known), 12)}".strip()
            problems.add(file, "no type of the marker panels", fix, column="cells.types", value=name)
    return _entries(study, {name: term for name, term in known.items() if not named or name in named})


def _entries(study: str, types: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {"cell_type": name, "study": f"{study}_{slug}", "cell_ontology": types[name]}
        for name, slug in slugs(list(types)).items()
    ]


def _panel_types(
    panels: Sequence[str], taxon: int, file: str, markers: Path, problems: Problems
) -> dict[str, str]:  # fmt: skip
    """Types of the panels with their Cell Ontology terms, those with markers in the species, in the table's order."""
    table = read_table(markers, "\t", problems)
    columns = ("panel", "cell_type", "cell_ontology")
    if table is None or not has_columns(table, columns, problems):
        return {}
    present = sorted(set(table.column("panel")))
    for panel in panels:
        if panel not in present:
            fix = f"{did_you_mean(panel, present)} name one of {some(present, 8)}".strip()
            problems.add(file, "no such panel of markers", fix, column="cells.panels", value=panel)
    if taxon not in SPECIES:
        fix = f"there are markers for {', '.join(SPECIES.values())}; give the study's own labels (cells.label_column)"
        problems.add(file, "there are no markers for the species", fix, column="taxon", value=taxon)
        return {}
    symbols = table.column(f"{SPECIES[taxon]}_symbol")
    rows = zip(*(table.column(name) for name in columns), symbols, strict=True)
    return {cell_type: term for panel, cell_type, term, symbol in rows if panel in panels and symbol != "NA"}


def locate_cells(
    content: Mapping[str, Any], sheet: LibrarySheet, place: Callable[[str], str], file: str, problems: Problems
) -> list[str]:
    """Give the files of the cells: the one of all libraries, or one a library in the order of the sheet.

    Parameters
    ----------
    content : mapping
        study.yaml.
    sheet : LibrarySheet
    place : callable
        Where a data file lies, given its name.
    file : str
        study.yaml, for messages.
    problems : Problems
        Takes files that are not there (those that are still to be fetched are not looked for).
    """
    cells = content["cells"]
    named: list[tuple[str, str, int | None, str]]
    if "path" in cells:
        named = [(str(cells["path"]), file, None, "cells.path")]
    else:
        named = [(row["path"], sheet.file, at, "path") for at, row in enumerate(sheet.rows, start=1)]
    found = []
    for path, where, row, column in named:
        at = place(path)
        if not at.startswith("results/") and not Path(at).exists():
            fix = "mend the path (relative to data_root), or put the file there"
            problems.add(where, f"there is no file or folder {at}", fix, row=row, column=column, value=path)
        found.append(at)
    return found
