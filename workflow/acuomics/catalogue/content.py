"""Pass 3: the content of the count matrix, remembered between starts while nothing has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import acuomics
from acuomics.catalogue.references import name_files, read_study_names
from acuomics.catalogue.study import StudyRecord
from acuomics.files import write_json
from acuomics.problems import Problems

CACHE = Path(".snakemake/acuomics/content.json")


def _library() -> str:
    """Hash the code of the checks: a matrix that older checks let pass is read again."""
    digest = hashlib.sha256(acuomics.__version__.encode())
    folders = (Path(__file__).parents[1] / "inputs", Path(__file__).parent / "names")
    for path in sorted(path for folder in folders for path in folder.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _key(study: StudyRecord, files: Sequence[str], max_zero_share: float, library: str) -> str | None:
    """Hash everything that the outcome of pass 3 depends on; None when a file is not there."""
    facts: list[object] = [library, max_zero_share, json.dumps(study.record, sort_keys=True)]
    try:
        for name in files:
            status = Path(name).stat()
            facts.append([name, status.st_size, status.st_mtime_ns])
    except OSError:
        return None
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _remembered() -> dict[str, dict[str, Any]]:
    try:
        content = json.loads(CACHE.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    entries = content.items() if isinstance(content, dict) else ()
    return {name: entry for name, entry in entries if isinstance(entry, dict) and {"key", "warnings"} <= set(entry)}


def check_contents(
    studies: Sequence[StudyRecord],
    gene_tables: dict[str, str],
    max_zero_share: float,
    problems: Problems,
    references: Mapping[str, Any] | None = None,
) -> list[StudyRecord]:
    """Check the count matrices of measured studies; what passed before and has not changed is not opened.

    Parameters
    ----------
    studies : sequence of StudyRecord
        Only those with a matrix are looked at: other counts are made at run time.
    gene_tables : dict
        Taxon (text) to gene table.
    max_zero_share : float
        ``intake.max_zero_share`` of the configuration.
    problems : Problems
        Takes every fault found.
    references : mapping, optional
        ``references`` of the configuration.

    Returns
    -------
    list of StudyRecord
        The studies; what the checks doubt stands among the warnings of their records.

    Notes
    -----
    What passed is kept in ``.snakemake/acuomics/content.json`` of the working directory: a hash of the
    record, of path, size and time of every file, and of the code of the checks; and the warnings. A cache
    that cannot be read or written is no fault.
    """
    measured = [study for study in studies if study.kind == "counts"]
    if not measured:
        return list(studies)
    library, before = _library(), _remembered()
    after = dict(before)
    warnings: dict[str, list[str]] = {}
    for study in measured:
        table = gene_tables.get(str(study.record["taxon"]))
        names = name_files(study.record, references or {})
        files = [*study.counts_files, *([table] if table else []), *names.values()]
        key = _key(study, files, max_zero_share, library)
        if key is not None and before.get(study.study, {}).get("key") == key:
            warnings[study.study] = before[study.study]["warnings"]
            continue
        # Reading a matrix needs pandas, which costs more than everything else here.
        from acuomics.inputs.content import check_content

        found = Problems()
        content = check_content(study.record, study.counts_files, table, max_zero_share, found)
        if names:
            read_study_names(study.record, names, table, found)
        problems.extend(found)
        after.pop(study.study, None)
        warnings[study.study] = [] if content is None else content.warnings
        if key is not None and not found.found:
            after[study.study] = {"key": key, "warnings": warnings[study.study]}
    if after != before:
        with suppress(OSError):
            write_json(after, CACHE)
    return [_with_warnings(study, warnings.get(study.study, [])) for study in studies]


def _with_warnings(study: StudyRecord, warnings: Sequence[str]) -> StudyRecord:
    record = {**study.record, "warnings": [*study.record["warnings"], *warnings]}
    return replace(study, record=record)
