"""All libraries of a study as one matrix of cells, every fault of the files found first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from acuomics.inputs.words import some
from acuomics.problems import Problems
from acuomics.singlecell.libraries import Libraries
from acuomics.singlecell.read import read_cells
from acuomics.singlecell.settings import CellsInput

if TYPE_CHECKING:
    import anndata

#: What Ensembl's gene ids begin with, by NCBI taxon; names say of whom.
ENSEMBL = {9606: ("ENSG", "human"), 10090: ("ENSMUSG", "mouse"), 10116: ("ENSRNOG", "rat")}
_ENSEMBL_ID = re.compile(r"(ENS[A-Z]*G)\d{6,}")


def take_in_cells(
    libraries: Libraries, spec: CellsInput, taxon: int, fewest_cells: int, *, data_root: str | Path = "."
) -> anndata.AnnData:
    """Read the libraries of a study and check everything about them.

    Parameters
    ----------
    libraries : Libraries
        The checked sheet.
    spec : CellsInput
        Where the cells are.
    taxon : int
        NCBI taxon of the study; names of another species are a fault.
    fewest_cells : int
        A library with fewer cells is a fault.
    data_root : path
        What paths are relative to.

    Returns
    -------
    anndata.AnnData
        ``X`` raw counts (CSR, float32), libraries one after another in the order of the sheet; ``obs``: barcode,
        library, sample, the factors, batch and label where known; ``obs_names`` ``<library>:<barcode>``; ``var`` with
        ``symbol``.

    Raises
    ------
    InputError
        With every fault: of the files, values that are no raw counts, barcodes twice, features that differ between
        libraries or belong to another species, libraries with hardly any cells.
    """
    import anndata

    problems = Problems()
    parts = _read_parts(libraries, spec, Path(data_root), problems)
    checked_species = set()
    for library, part in parts.items():
        file = part.uns["source"]["file"]
        twice = [name for name, n in Counter(part.obs["barcode"]).items() if n > 1]
        if twice:
            fix = "a barcode is one cell of its library; name the libraries, or fetch the file again"
            problems.add(file, f"library {library!r} has barcodes twice: {some(twice)}", fix, value=twice[0])
        if part.n_obs < fewest_cells:
            fix = "leave the library out of the sheet, or give the unfiltered study its own thresholds (fewest_cells)"
            problems.add(file, f"library {library!r} has {part.n_obs} cells; {fewest_cells} are needed", fix)
        if file not in checked_species:
            checked_species.add(file)
            check_species(part.var_names, part.var["symbol"].tolist(), taxon, file, problems)
    _check_same_features(parts, problems)
    problems.raise_if_any()
    first = next(iter(parts.values()))
    data = first if len(parts) == 1 else anndata.concat(list(parts.values()), merge="first", uns_merge=None)
    data.var = first.var
    sheet = libraries.table.set_index("library").drop(columns="path", errors="ignore")
    of_cells = sheet.loc[data.obs["library"]]
    for name in sheet.columns:
        data.obs[name] = of_cells[name].to_numpy()
    data.obs_names = [f"{a}:{b}" for a, b in zip(data.obs["library"], data.obs["barcode"], strict=True)]
    data.uns["not_genes"] = max(part.uns["source"]["not_genes"] for part in parts.values())
    data.uns["matrix"] = sorted({part.uns["source"]["matrix"] for part in parts.values()})
    return data


def _read_parts(libraries: Libraries, spec: CellsInput, root: Path, problems: Problems) -> dict[str, anndata.AnnData]:
    """Read every library once; give those that could be read, in the order of the sheet."""
    names = libraries.table["library"].tolist()
    if spec.path is None:
        parts = {}
        for name, path in zip(names, libraries.table["path"], strict=True):
            part = read_cells(root / path, spec, problems)
            if part is not None:
                part.obs.insert(0, "barcode", part.obs_names.to_numpy(str))
                part.obs["library"] = name
                parts[name] = part
        return parts
    whole = read_cells(root / spec.path, spec, problems)
    if whole is None:
        return {}
    whole.obs.insert(0, "barcode", whole.obs_names.to_numpy(str))
    if "library" not in whole.obs:
        if len(names) > 1:
            fix = "name the obs column that tells the libraries apart (cells.library_column)"
            problems.add(spec.path, f"one file for {len(names)} libraries", fix)
            return {}
        whole.obs["library"] = names[0]
        return {names[0]: whole}
    found = whole.obs["library"].to_numpy(str)
    strangers, absent = sorted(set(found) - set(names)), [name for name in names if name not in set(found)]
    if strangers:
        fix = "add a row for each, or mend the names"
        problems.add(libraries.file, f"libraries of the file that the sheet does not have: {some(strangers)}", fix)
    if absent:
        fix = f"the file has: {some(sorted(set(found)), 8)}"
        problems.add(libraries.file, f"the file has no cells of: {some(absent)}", fix, column="library")
    return {name: whole[found == name].copy() for name in names if name not in absent}


def _check_same_features(parts: dict[str, anndata.AnnData], problems: Problems) -> None:
    """Complain about repeated features, and about libraries that were not counted against the same genes."""
    reference: tuple[str, Any] | None = None
    for library, part in parts.items():
        file = part.uns["source"]["file"]
        if reference is None:
            reference = library, part.var_names
            twice = part.var_names[part.var_names.duplicated()].unique().tolist()
            if twice:
                fix = "use the gene ids as names (10x: first column of the features)"
                problems.add(file, f"features named more than once: {some(twice)}", fix, value=twice[0])
        elif not part.var_names.equals(reference[1]):
            differ = sorted(set(part.var_names) ^ set(reference[1]))
            what = f"{len(differ)} differ: {some(differ)}" if differ else "the order differs"
            fix = "count all libraries against one reference"
            problems.add(file, f"library {library!r} has other features than {reference[0]!r} ({what})", fix)


def check_species(features: Sequence[str], symbols: Sequence[str], taxon: int, file: str, problems: Problems) -> None:
    """Complain when gene names are those of another species.

    Ensembl ids say it by their prefix; symbols by their case (human genes are written in capitals, those of mouse and
    rat with one), told from symbols of three letters and more. Half of the names must agree.
    """
    if taxon not in ENSEMBL:
        return
    prefix, species = ENSEMBL[taxon]
    ids = [match.group(1) for name in features if (match := _ENSEMBL_ID.match(name))]
    if ids:
        wrong = Counter(ids).most_common(1)[0][0]
        if sum(found == prefix for found in ids) < 0.5 * len(ids):
            fix = "mend species and taxon in study.yaml, or give the matrix counted against the right genome"
            problems.add(file, f"the gene ids begin with {wrong}; those of the {species} begin with {prefix}", fix)
            return
    words = np.array([name for name in symbols if sum(c.isalpha() for c in name) >= 3 and not _ENSEMBL_ID.match(name)])
    if not len(words):
        return
    capitals = float(np.mean([word.upper() == word for word in words]))
    if (capitals > 0.5) != (taxon == 9606):
        looks = "human (all capitals)" if capitals > 0.5 else "mouse or rat (one capital)"
        example = next(word for word in words if (word.upper() == word) == (capitals > 0.5))
        fix = "mend species and taxon in study.yaml, or map the genes to the study's species"
        problems.add(file, f"the gene symbols look {looks}; the study is of the {species}", fix, value=example)
