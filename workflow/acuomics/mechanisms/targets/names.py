"""miRNA names of any release to miRBase accessions, by the history of the names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from acuomics.inputs.table import has_columns, read_table
from acuomics.problems import Problems

COLUMNS = ("accession", "type", "version", "name")


@dataclass(frozen=True)
class NameTable:
    """What became of every mature miRNA name.

    Attributes
    ----------
    file : str
    mimat_of : mapping
        Name, current or old, to the accession that carries it.
    name_of : mapping
        Accession to its name in the newest release.
    unusable : mapping
        Names that lead nowhere, with the reason: withdrawn entries, and names of several accessions.
    """

    file: str
    mimat_of: Mapping[str, str]
    name_of: Mapping[str, str]
    unusable: Mapping[str, str]

    def why_not(self, name: str) -> str:
        """Say why `name` has no accession."""
        return self.unusable.get(name, "no release has this name")


def read_name_history(path: str | Path, problems: Problems) -> NameTable | None:
    """Read a name history (TSV, gzipped or not): ``accession, type, version, name``; only mature rows are used.

    A name belongs to the accession that carried it in the newest release that has the name. Names that the
    newest release has reused thus mean their new bearer.

    Returns
    -------
    NameTable or None
        None when a fault was found.
    """
    table = read_table(path, "\t", problems)
    if table is None or not has_columns(table, COLUMNS, problems):
        return None
    bearers: dict[str, dict[str, set[str]]] = {}
    known: dict[str, tuple[int, ...]] = {}
    before = len(problems.found)
    for row, (accession, kind, version, name) in enumerate(zip(*map(table.column, COLUMNS), strict=True), start=1):
        if version not in known:
            known[version] = _release(version)
            if not known[version]:
                fix = "write it as v22 or v9_1"
                problems.add(path, "a release that is not understood", fix, row=row, column="version", value=version)
        if kind == "mature":
            bearers.setdefault(version, {}).setdefault(name, set()).add(accession)
    if not bearers:
        problems.add(path, "no row is of the type mature", "give the history of mature names", column="type")
    if len(problems.found) > before:
        return None
    releases = sorted(bearers, key=lambda version: known[version], reverse=True)
    name_of = {accession: name for name, ids in sorted(bearers[releases[0]].items()) for accession in sorted(ids)}
    mimat_of: dict[str, str] = {}
    unusable: dict[str, str] = {}
    for release in releases:
        for name, accessions in bearers[release].items():
            if name in mimat_of or name in unusable:
                continue
            accession = min(accessions)
            if len(accessions) > 1:
                unusable[name] = f"{len(accessions)} accessions carried this name in {release}"
            elif accession not in name_of:
                unusable[name] = f"{accession} was withdrawn after {release}"
            else:
                mimat_of[name] = accession
    return NameTable(str(path), mimat_of, name_of, unusable)


def _release(version: str) -> tuple[int, ...]:
    """Order of a release: ``v9_1`` is (9, 1); empty when it is no release."""
    parts = version.removeprefix("v").replace(".", "_").split("_")
    return tuple(map(int, parts)) if all(part.isdigit() for part in parts) else ()
