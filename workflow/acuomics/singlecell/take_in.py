"""All libraries of a study as one matrix of cells, every fault of the files found first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from acuomics.inputs.words import some
from acuomics.problems import Problems
from acuomics.singlecell.libraries import Libraries
from acuomics.singlecell.read import read_cells
from acuomics.singlecell.settings import CellsInput

if TYPE_CHECKING:
    import anndata

#: What Ensembl's gene ids begin with, by NCBI taxon; names say of whom.
ENSEMBL = {9606: ("ENSG", "human"), 10090: ("ENSMUSG", "mouse"), 10116: ("ENSRNOG", "rat")}
#: So many names, spread over all, are looked at.
SPECIES_NAMES = 2000
#: Three letters or more: fewer do not tell capitals from names.
_LETTERS = re.compile(r"(?:[^A-Za-z]*[A-Za-z]){3}")
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
    for part in parts:
        _check_part(part, taxon, fewest_cells, problems)
    _check_same_features(parts, problems)
    problems.raise_if_any()
    sources = [part.uns["source"] for part in parts]
    data = parts[0] if len(parts) == 1 else anndata.concat(parts)
    data.var, data.uns = parts[0].var, {}
    place = pd.Index(libraries.table["library"]).get_indexer(data.obs["library"])
    if (np.diff(place) < 0).any():
        data = data[np.argsort(place, kind="stable")].copy()
    sheet = libraries.table.set_index("library").drop(columns="path", errors="ignore")
    of_cells = sheet.loc[data.obs["library"]]
    for name in sheet.columns:
        data.obs[name] = of_cells[name].to_numpy()
    data.obs_names = data.obs["library"] + ":" + data.obs["barcode"]
    data.uns["not_genes"] = max(source["not_genes"] for source in sources)
    data.uns["matrix"] = sorted({source["matrix"] for source in sources})
    return data


def _read_parts(libraries: Libraries, spec: CellsInput, root: Path, problems: Problems) -> list[anndata.AnnData]:
    """Read every file once; give those that could be read, with ``barcode`` and ``library`` in ``obs``."""
    names = libraries.table["library"].tolist()
    if spec.path is None:
        parts = []
        for name, path in zip(names, libraries.table["path"], strict=True):
            part = read_cells(root / path, spec, problems)
            if part is not None:
                part.obs.insert(0, "barcode", part.obs_names.to_numpy(object))
                part.obs["library"] = name
                part.uns["source"]["library"] = name
                parts.append(part)
        return parts
    whole = read_cells(root / spec.path, spec, problems)
    if whole is None:
        return []
    whole.obs.insert(0, "barcode", whole.obs_names.to_numpy(object))
    whole.uns["source"]["library"] = names[0]
    if "library" not in whole.obs:
        if len(names) > 1:
            fix = "name the obs column that tells the libraries apart (cells.library_column)"
            problems.add(spec.path, f"one file for {len(names)} libraries", fix)
            return []
        whole.obs["library"] = names[0]
        return [whole]
    found = set(whole.obs["library"].unique())
    strangers, absent = sorted(found - set(names)), [name for name in names if name not in found]
    if strangers:
        fix = "add a row for each, or mend the names"
        problems.add(libraries.file, f"libraries of the file that the sheet does not have: {some(strangers)}", fix)
    if absent:
        fix = f"the file has: {some(sorted(found), 8)}"
        problems.add(libraries.file, f"the file has no cells of: {some(absent)}", fix, column="library")
    return [whole]


def _check_part(part: anndata.AnnData, taxon: int, fewest_cells: int, problems: Problems) -> None:
    """Complain about barcodes twice in a library, libraries of hardly any cells, and genes of another species."""
    file = part.uns["source"]["file"]
    for library, barcodes in part.obs.groupby("library", sort=False, observed=True)["barcode"]:
        twice = barcodes[barcodes.duplicated()].unique().tolist()
        if twice:
            fix = "a barcode is one cell of its library; name the libraries, or fetch the file again"
            problems.add(file, f"library {library!r} has barcodes twice: {some(twice)}", fix, value=twice[0])
        if len(barcodes) < fewest_cells:
            fix = "leave the library out of the sheet: no threshold can be taken from so few cells"
            problems.add(file, f"library {library!r} has {len(barcodes)} cells; {fewest_cells} are needed", fix)
    check_species(part.var_names, part.var["symbol"].tolist(), taxon, file, problems)


def _check_same_features(parts: list[anndata.AnnData], problems: Problems) -> None:
    """Complain about repeated features, and about libraries that were not counted against the same genes."""
    reference: tuple[str, Any] | None = None
    for part in parts:
        file, library = part.uns["source"]["file"], part.uns["source"]["library"]
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
    rat with one), told from symbols of three letters and more. Half of some two thousand names must agree.
    """
    if taxon not in ENSEMBL:
        return
    prefix, species = ENSEMBL[taxon]
    step = max(1, len(features) // SPECIES_NAMES)
    features, symbols = list(features[::step]), list(symbols[::step])
    ids = [match.group(1) for name in features if (match := _ENSEMBL_ID.match(name))]
    if ids:
        wrong = Counter(ids).most_common(1)[0][0]
        if sum(found == prefix for found in ids) < 0.5 * len(ids):
            fix = "mend species and taxon in study.yaml, or give the matrix counted against the right genome"
            problems.add(file, f"the gene ids begin with {wrong}; those of the {species} begin with {prefix}", fix)
            return
    words = np.array([name for name in symbols if _LETTERS.match(name) and not _ENSEMBL_ID.match(name)])
    if not len(words):
        return
    capitals = float(np.mean([word.upper() == word for word in words]))
    if (capitals > 0.5) != (taxon == 9606):
        looks = "human (all capitals)" if capitals > 0.5 else "mouse or rat (one capital)"
        example = next(word for word in words if (word.upper() == word) == (capitals > 0.5))
        fix = "mend species and taxon in study.yaml, or map the genes to the study's species"
        problems.add(file, f"the gene symbols look {looks}; the study is of the {species}", fix, value=example)
