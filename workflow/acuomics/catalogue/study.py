"""One study: its folder read, validated in two passes, and turned into the study record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acuomics.catalogue.cells import declared_types, locate_cells, read_sheet
from acuomics.catalogue.claims import read_claims
from acuomics.catalogue.contrasts import read_contrasts
from acuomics.catalogue.data import COUNTED, data_keys, is_simulated, kind_of, locate_data, place_of
from acuomics.catalogue.design import check_design
from acuomics.catalogue.formula import parse_formula
from acuomics.catalogue.own import explain_missing_sheet, sheet_of, with_own_data
from acuomics.catalogue.pairs import find_pairs, unpaired
from acuomics.catalogue.samples import Samples, read_samples
from acuomics.catalogue.schema import check_schema
from acuomics.inputs.strict_yaml import read_yaml
from acuomics.inputs.words import did_you_mean, some
from acuomics.problems import Problems

# Names of the three species that the curated mechanisms cover; others are taken as they are.
SPECIES = {9606: "Homo sapiens", 10090: "Mus musculus", 10116: "Rattus norvegicus"}


@dataclass(frozen=True)
class StudyRecord:
    """A validated study.

    Parameters
    ----------
    study : str
        Its name.
    folder : str
        The folder that holds study.yaml.
    record : dict
        The content of ``study.json`` (see the data contracts).
    record_files : list of str
        The files that the record was made of.
    counts_files : list of str
        The count matrix: one file; or matrix, features, barcodes; or one file a sample, in record order. Of a table of
        statistics: the table. Empty where there are no data.
    reads_files : dict
        Sample to its FASTQ files; empty where the study does not begin with reads.
    simulated : bool
        Whether the data are simulated at run time.
    cells_files : list of str
        Single cells: the file of all libraries, or one a library in the order of the sheet. Empty where there are none,
        or simulated ones.
    """

    study: str
    folder: str
    record: dict[str, Any]
    record_files: list[str]
    counts_files: list[str]
    reads_files: dict[str, list[str]]
    simulated: bool
    cells_files: list[str] = field(default_factory=list)
    contrasts: list[str] = field(init=False)
    pairs: list[str] = field(init=False)

    @property
    def kind(self) -> str:
        """What the study has: simulated, counts, reads, cells, statistics or claims_only."""
        return str(self.record["kind"])

    @property
    def types(self) -> list[dict[str, str]]:
        """Cell types that the study declares, with the name of the study that each becomes; empty without cells."""
        return list((self.record["cells"] or {}).get("types", []))

    @property
    def counted(self) -> bool:
        """Whether models of counts are fitted: now, or once reads are counted."""
        return self.kind in COUNTED

    def __post_init__(self) -> None:
        object.__setattr__(self, "contrasts", [row["contrast"] for row in self.record["contrasts"]])
        object.__setattr__(self, "pairs", [row["pair"] for row in self.record["reversal_pairs"]])


def read_study(
    study: str,
    folder: Path,
    data_root: Path,
    min_replicates: int,
    problems: Problems,
    own: Mapping[str, str] | None = None,
) -> StudyRecord | None:
    """Read and validate a study folder (schema, then table rules); its data are not opened.

    Parameters
    ----------
    study : str
        The name by which the configuration asks for it.
    folder : Path
        The folder with study.yaml; contrasts.tsv and, unless study.yaml points elsewhere, samples.tsv where the study
        has data; claims.tsv and files.tsv where they are known.
    data_root : Path
        What the data paths of study.yaml are relative to.
    min_replicates : int
        The least number of samples in an arm of a contrast.
    problems : Problems
        Takes every fault found.
    own : mapping, optional
        ``own_data`` of the configuration for this study: files of the user's own.

    Returns
    -------
    StudyRecord or None
        None when study.yaml or the sample sheet cannot be used. A record that comes with problems is good
        for looking at the count matrix, and for nothing else.
    """
    file = str(folder / "study.yaml")
    content = read_yaml(file, problems)
    if content is None:
        return None
    if len(data_keys(content)) > 1 and kind_of(content, file, problems) is None:
        # What is inside them is not worth a word before one is gone.
        check_schema({k: v for k, v in content.items() if k not in data_keys(content)}, "study", file, problems)
        return None
    if not check_schema(content, "study", file, problems):
        return None
    if own:
        content = with_own_data(study, content, own, file, problems)
    kind = kind_of(content, file, problems)
    if kind is None:
        return None
    warnings: list[str] = []
    simulated = is_simulated(content)
    _check_facts(study, content, simulated, file, problems)
    counted = kind in COUNTED
    modelled = counted or kind == "cells"
    if modelled and not check_assay(content, kind, file, problems):
        return None
    design = parse_formula(content["design"], file, problems) if modelled else None
    samples: Samples | None = Samples([], [])
    sheet = None
    libraries = None
    if modelled:
        spec = content.get("samples", {})
        sheet = sheet_of(spec, folder, data_root, own or {})
        if not Path(sheet).is_file() and content.get("facts"):
            explain_missing_sheet(study, sheet, folder, problems)
            return None
        if kind == "cells":
            libraries = read_sheet(content, sheet, design, file, problems)
            samples = None if libraries is None else Samples(libraries.samples, [])
        else:
            samples = read_samples(spec, sheet, design.factors if design else (), file, problems)
    contrasts_file = folder / "contrasts.tsv"
    rows = [] if samples is None else samples.rows
    if design is not None and rows:
        # Which cell types can be tested is seen later, of each: one animal an arm is no fault. Rows twice have the rank
        # of the animals, and degrees of freedom enough.
        check_design(design, rows * 2 if kind == "cells" else rows, file, problems)
    contrasts: list[dict[str, Any]] = []
    if kind != "claims_only" or contrasts_file.exists():
        known = design if rows else None
        least = 1 if kind == "cells" else min_replicates
        contrasts = read_contrasts(str(contrasts_file), known, rows, least, problems, warnings)
    if samples is None:
        return None
    if samples.excluded:
        warnings.append(
            f"{len(samples.excluded)} of {len(samples.excluded) + len(rows)} samples of the sheet are left out "
            f"by samples.keep: {', '.join(samples.excluded)}"
        )
    warnings += unpaired(contrasts)
    if counted and content["assay"] == "mirna" and content["feature_id"] in ("ensembl_gene", "ncbi_gene"):
        warnings.append(
            f"miRNAs are named by {content['feature_id']}: the two arms of a hairpin cannot be told apart, and no "
            "feature has a MIMAT accession"
        )
    pairs = find_pairs(contrasts)
    types = [] if libraries is None else declared_types(study, content, file, problems)
    claims_file = folder / "claims.tsv"
    claims: list[dict[str, str | None]] = []
    if claims_file.exists():
        names = [row["contrast"] for row in contrasts]
        of_cells = (
            [entry["cell_type"] for entry in types] if kind == "cells" or content["assay"] == "single_cell" else None
        )
        pair_names = [row["pair"] for row in pairs]
        claims = read_claims(str(claims_file), names, pair_names, problems, cell_types=of_cells)
    if kind == "statistics":
        _check_statistics(content["statistics"]["contrasts"], contrasts, file, problems)
    data = locate_data(study, kind, content, rows, samples.excluded, folder, data_root, own or {}, problems)
    cells, cells_files = None, []
    if libraries is not None:
        if not simulated:
            deposited = folder / "files.tsv"
            cells_files = locate_cells(
                content, libraries, lambda path: place_of(study, path, deposited, data_root), file, problems
            )
        section = {key: value for key, value in content["cells"].items() if key not in ("simulation", "types")}
        cells = {"section": section, "types": types, "libraries": libraries.rows}
    # Which files a sample has is said in `reads`; it is no factor.
    rows = [{name: value for name, value in row.items() if name != "fastq"} for row in rows] if data.reads else rows
    record = {
        **{key: content[key] for key in ("study", "title", "summary", "species", "taxon")},
        "kind": kind,
        "simulated": simulated,
        "facts": content.get("facts"),
        "tissue": {"uberon": None, **content["tissue"]},
        **{key: content[key] for key in ("assay", "source", "model", "intervention")},
        "caveats": content.get("caveats", []),
        "design": design.formula if design else content.get("design"),
        "feature_id": "mimat" if data.reads is not None and content["assay"] == "mirna" else content.get("feature_id"),
        "counts": data.counts,
        "reads": data.reads,
        "cells": cells,
        "statistics": content.get("statistics"),
        "samples": rows,
        "contrasts": contrasts,
        "reversal_pairs": pairs,
        "claims": claims,
        "warnings": warnings,
    }
    files = [file, *(str(path) for path in (contrasts_file, claims_file) if path.exists()), *([sheet] if sheet else [])]
    return StudyRecord(
        study=study,
        folder=str(folder),
        record=record,
        record_files=files,
        counts_files=data.counts_files,
        reads_files=data.reads_files,
        simulated=simulated,
        cells_files=cells_files,
    )


def check_assay(content: Mapping[str, Any], kind: str, file: str, problems: Problems) -> bool:
    """Check that counts of this assay can be analysed."""
    if content["assay"] in (("mrna", "single_cell") if kind == "cells" else ("mrna", "mirna")):
        return True
    if kind == "cells":
        fix = "write single_cell"
        problems.add(file, "not the assay of single cells", fix, column="assay", value=content["assay"])
        return False
    fix = "analyse mRNA and miRNA counts as studies of their own, each with assay mrna or mirna"
    problems.add(file, "counts of this assay cannot be analysed", fix, column="assay", value=content["assay"])
    return False


def _check_statistics(named: Mapping[str, str], contrasts: list[dict[str, Any]], file: str, problems: Problems) -> None:
    """Check that the contrasts of a table of statistics are those of the study."""
    known = [row["contrast"] for row in contrasts]
    for name in named:
        if name not in known:
            fix = f"{did_you_mean(name, known)} write a contrast of contrasts.tsv: {some(known, 8)}".strip()
            problems.add(file, "not a contrast of the study", fix, column="statistics.contrasts", value=name)


def _check_facts(study: str, content: Mapping[str, Any], simulated: bool, file: str, problems: Problems) -> None:
    """Check what one key says against another."""
    if content["study"] != study:
        problems.add(
            file,
            f"the key study must repeat the name of the folder, {study!r}",
            "rename the folder or mend the key",
            column="study",
            value=content["study"],
        )
    if content["title"].startswith("SIMULATED") != simulated:
        problems.add(
            file,
            "the title of a simulated study, and of no other, begins with SIMULATED",
            f"write SIMULATED: {content['title']}" if simulated else "choose another title",
            column="title",
            value=content["title"],
        )
    expected = SPECIES.get(content["taxon"])
    taxon = next((number for number, name in SPECIES.items() if name == content["species"]), content["taxon"])
    if (expected is not None and content["species"] != expected) or taxon != content["taxon"]:
        problems.add(
            file,
            f"species and taxon disagree: {content['species']} and {content['taxon']}",
            "make them agree: " + ", ".join(f"{name} is {number}" for number, name in SPECIES.items()),
            column="taxon",
            value=content["taxon"],
        )
