"""The catalogue: configuration and studies validated in three passes, every fault reported at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acuomics.catalogue.content import check_contents
from acuomics.catalogue.schema import check_schema, text_keys
from acuomics.catalogue.study import StudyRecord, read_study
from acuomics.inputs.words import did_you_mean, some
from acuomics.problems import Problems

__all__ = ["Catalogue", "StudyRecord", "load_catalogue"]

_STUDY = re.compile(r"[a-z][a-z0-9_]*")
# Folders of results/ that are no study's.
RESERVED = frozenset(
    {
        *("benchmarks", "catalogue", "literature", "logs", "mechanisms", "provenance", "report", "synthesis"),
        "transcriptomes",
    }
)


@dataclass(frozen=True)
class Catalogue:
    """The studies of a run, by name, in the order of the configuration."""

    studies: dict[str, StudyRecord]

    def pair(self, study: str, pair: str) -> dict[str, str]:
        """Give a reversal pair of a study (`KeyError` when there is none of that name)."""
        pairs: dict[str, dict[str, str]] = {row["pair"]: row for row in self.studies[study].record["reversal_pairs"]}
        return pairs[pair]


def load_catalogue(config: Mapping[str, Any], embedded: str | Path) -> Catalogue:
    """Validate the configuration and every study it names.

    Parameters
    ----------
    config : mapping
        The configuration (see ``config.yaml``).
    embedded : str or Path
        The folder of the embedded studies, looked in after ``study_folders``.

    Returns
    -------
    Catalogue
        The records of the studies.

    Raises
    ------
    InputError
        With every fault of the configuration and of all studies: JSON Schema, table rules, content of the
        count matrices.
    """
    problems = Problems()
    plain = text_keys(config)
    check_schema(plain, "config", "config", problems)
    names = _names(plain, problems)
    folders = [Path(name) for name in _texts(plain.get("study_folders"))] + [Path(embedded)]
    data_root = plain.get("data_root")
    intake = plain.get("intake")
    intake = intake if isinstance(intake, dict) else {}
    tables = plain.get("gene_tables")
    tables = {key: path for key, path in tables.items() if isinstance(path, str)} if isinstance(tables, dict) else {}
    own_data = _own_data(plain.get("own_data"), names, problems)
    studies: dict[str, StudyRecord] = {}
    for name in names:
        folder = _find(name, folders, problems)
        if folder is None:
            continue
        record = read_study(
            name,
            folder,
            Path(data_root if isinstance(data_root, str) else "."),
            _number(intake.get("min_replicates"), 2, int),
            problems,
            own_data.get(name),
        )
        if record is not None:
            studies[name] = record
            _check_references(record, plain, problems)
    _check_type_names(studies, names, problems)
    most_zeros = _number(intake.get("max_zero_share"), 0.999, int, float)
    references = plain.get("references")
    references = _readable(references) if isinstance(references, dict) else {}
    _check_targets(plain.get("mechanisms"), references, problems)
    _check_orthologues(plain.get("synthesis"), problems)
    checked = check_contents(list(studies.values()), tables, most_zeros, problems, references)
    problems.raise_if_any("nothing was run")
    return Catalogue({study.study: study for study in checked})


def _own_data(value: Any, studies: Sequence[str], problems: Problems) -> dict[str, dict[str, str]]:
    """Give the user's own files by study; the schema has reported what has not its form."""
    found: dict[str, dict[str, str]] = {}
    for name, files in value.items() if isinstance(value, dict) else ():
        if name not in studies:
            fix = f"{did_you_mean(name, studies)} name it among the studies, or remove the entry".strip()
            problems.add("config", "own files for a study that is not run", fix, column=f"own_data.{name}")
        elif isinstance(files, dict) and all(isinstance(path, str) for path in files.values()):
            found[name] = files
    return found


def _check_references(study: StudyRecord, config: Mapping[str, Any], problems: Problems) -> None:
    """Report references that counting the study's reads needs and the configuration does not name."""
    if study.kind != "reads":
        return
    references = config.get("references")
    given = references if isinstance(references, dict) else {}
    if study.record["assay"] == "mrna":
        _check_transcriptome(study, given.get("transcriptome"), problems)
        _check_engines(study, config, problems)
        return
    for key, what in (("mirbase_mature", "mature.fa"), ("mirbase_hairpins", "hairpin.fa")):
        names = given.get(key)
        paths = [names] if isinstance(names, str) and names else names if isinstance(names, list) else []
        place = f"references.{key}"
        if not paths:
            fix = f"name miRBase's {what} there; `make references` fetches it"
            problems.add("config", f"the reads of {study.study} are counted by miRBase", fix, column=place)
        for path in paths:
            if not Path(path).is_file():
                fix = "mend the path; `make references` fetches the references"
                problems.add("config", "there is no such file", fix, column=place, value=path)


def _check_type_names(studies: Mapping[str, StudyRecord], names: Sequence[str], problems: Problems) -> None:
    """Report cell types that would become a study of a name that is taken."""
    taken = dict.fromkeys(names, "a study of the run")
    for study in studies.values():
        for entry in study.types:
            other = taken.setdefault(entry["study"], f"the type {entry['cell_type']!r} of {study.study}")
            if other != f"the type {entry['cell_type']!r} of {study.study}":
                fix = "rename the study: its folder, and the key study in its study.yaml"
                message = f"its cell type {entry['cell_type']!r} becomes the study {entry['study']!r}, as does {other}"
                problems.add("config", message, fix, column="studies", value=study.study)


def _check_transcriptome(study: StudyRecord, transcriptomes: Any, problems: Problems) -> None:
    """Report a species without transcripts, and files that are not there."""
    place = f"references.transcriptome.{study.record['taxon']}"
    named = transcriptomes.get(str(study.record["taxon"])) if isinstance(transcriptomes, dict) else None
    if not named:
        fix = (
            f"name its FASTA there ({study.record['species']}: Ensembl's cdna.all.fa.gz); `make references` fetches it"
        )
        problems.add("config", f"the mRNA reads of {study.study} are counted by transcripts", fix, column=place)
        return
    named = named if isinstance(named, dict) else {}
    paths = [(key, path) for key in ("fasta", "decoys") for path in _texts(named.get(key))]
    paths += [("genes", named["genes"])] if isinstance(named.get("genes"), str) and named["genes"] else []
    for key, path in paths:
        if not Path(path).is_file():
            fix = "mend the path; `make references` fetches the references"
            problems.add("config", "there is no such file", fix, column=f"{place}.{key}", value=path)


def _check_engines(study: StudyRecord, config: Mapping[str, Any], problems: Problems) -> None:
    """Report an engine of the model that takes no gene lengths."""
    rnaseq, de = config.get("rnaseq"), config.get("de")
    offsets = rnaseq.get("length_offsets") if isinstance(rnaseq, dict) else None
    if offsets is True and isinstance(de, dict) and de.get("engine") == "pydeseq2":
        problems.add(
            "config",
            f"PyDESeq2's own fit takes no gene lengths, which the mRNA reads of {study.study} bring",
            "use the engine deseq2; or leave the lengths out knowingly (rnaseq.length_offsets: false)",
            column="de.engine",
            value="pydeseq2",
        )


def _number(value: Any, default: Any, *types: type) -> Any:
    """Give the configured number, or the default where the configuration is at fault (already reported)."""
    return value if isinstance(value, types) and not isinstance(value, bool) else default


def _readable(references: Mapping[str, Any]) -> dict[str, Any]:
    """Give the reference tables without what is no path (already reported)."""
    found: dict[str, Any] = {key: path for key, path in references.items() if isinstance(path, str)}
    synonyms = references.get("gene_synonyms")
    synonyms = synonyms if isinstance(synonyms, dict) else {}
    return found | {"gene_synonyms": {key: path for key, path in synonyms.items() if isinstance(path, str)}}


def _check_targets(mechanisms: Any, references: Mapping[str, Any], problems: Problems) -> None:
    """Complain about a table of targets whose miRNA names nothing could resolve."""
    targets = mechanisms.get("mirna_targets") if isinstance(mechanisms, dict) else None
    if (
        isinstance(targets, dict)
        and targets.get("table")
        and targets.get("pairs")
        and not references.get("mirbase_names")
    ):
        problems.add(
            "config",
            "a table of validated targets is named, and no miRBase names to read its miRNAs by",
            "name the file in references: mirbase_names",
            column="references.mirbase_names",
        )


def _check_orthologues(synthesis: Any, problems: Problems) -> None:
    """Report a table of orthologues that is not there."""
    path = synthesis.get("orthologues") if isinstance(synthesis, dict) else None
    if isinstance(path, str) and path and not Path(path).is_file():
        fix = "mend the path, or leave it empty: the analysis across species is then said to be not available"
        problems.add("config", "there is no such file", fix, column="synthesis.orthologues", value=path)


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _names(config: Mapping[str, Any], problems: Problems) -> list[str]:
    """Give the names of studies that are safe to look for; the schema has reported the others, paths above all."""
    names = [name for name in dict.fromkeys(_texts(config.get("studies"))) if _STUDY.fullmatch(name)]
    for name in names:
        if name in RESERVED:
            problems.add(
                "config",
                f"results/{name}/ is a folder of the workflow's own, so no study can have this name",
                "rename the study: its folder, and the key study in its study.yaml",
                column="studies",
                value=name,
            )
    return [name for name in names if name not in RESERVED]


def _find(study: str, folders: Sequence[Path], problems: Problems) -> Path | None:
    for folder in folders:
        if (folder / study).is_dir():
            return folder / study
    known = sorted({path.parent.name for folder in folders for path in folder.glob("*/study.yaml")})
    problems.add(
        "config",
        f"there is no folder of this study in {some([str(folder) for folder in folders], 10)}",
        f"{did_you_mean(study, known)} mend the name or study_folders; the studies there are "
        f"{some(known, 10) or 'none'}".strip(),
        column="studies",
        value=study,
    )
    return None
